/* analysis.h - one check of a configuration for an editor: what `cfgc check` does, with the texts
 * of open documents in the place of their files.
 *
 * An analysis and all it holds lie in an arena of its own, which goes as soon as a text has
 * changed. Private to cfgc/lsp.
 */
#ifndef CFGC_LSP_ANALYSIS_H
#define CFGC_LSP_ANALYSIS_H

#include "compilation.h"
#include "lsp/text.h"

struct options;
struct occurrences;

struct analysis {
	struct arena *arena;
	struct source_overlay overlay;
	struct compilation run; /* its findings are sorted */
	size_t ninputs;         /* sources the forms come from; later ones are the schema's own */

	/* by source, of those that are inputs */
	const char **paths;              /* canonical; NULL: derived from another source */
	uint32_t *same;                  /* the first source with this path */
	struct text_lines *lines;        /* of those that were asked for; starts NULL: not yet */
	struct occurrences *occurrences; /* occurrences_of(); NULL: not yet */
};

/** Check a file. Never NULL. */
struct analysis *analysis_new(const struct options *o, const struct source_overlay *overlay,
			      const char *path);
void analysis_free(struct analysis **an);

/** The source of a path, or NO_FILE when the check did not read it. */
uint32_t analysis_file(const struct analysis *an, const char *path);

/** The place in the file as it was read; NO_SPAN for what stands in no file. One file that is read
 * twice is one file here. */
struct span analysis_place(const struct analysis *an, struct span at);
/** The same; NO_SPAN also for text that is not written there: it came out of a template's
 * placeholder or was transcoded. */
struct span analysis_written(const struct analysis *an, struct span at);

/** The lines of a file as it was read. */
struct text_lines *analysis_lines(struct analysis *an, uint32_t file);

#endif
