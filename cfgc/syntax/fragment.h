/* fragment.h - a piece of a configuration, put where it would stand. */
#ifndef CFGC_SYNTAX_FRAGMENT_H
#define CFGC_SYNTAX_FRAGMENT_H

#include "syntax/source.h"

/* What stands around a fragment, each part with the brackets of its own. */
struct fragment_frame {
	struct str before, after;
	bool is_list; /* the place is for a list: elements without brackets get them */
};

/**
 * Derive the text of a whole term from a source: frame, fragment, frame. A full stop at the end of
 * the fragment is left out. Places in the fragment stay what they are.
 *
 * @return the new source.
 */
uint32_t fragment_wrap(struct arena *a, struct sources *ss, uint32_t file,
		       const struct fragment_frame *frame);

#endif
