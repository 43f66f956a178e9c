/* fragment.h - cfgc check --as: which places a fragment can be checked for, and what is then said.
 */
#ifndef CFGC_FRAGMENT_H
#define CFGC_FRAGMENT_H

#include "diag/diag.h"
#include "syntax/fragment.h"

/* The terms without which nothing can be checked; they stand beside the fragment. */
extern const char fragment_beside[];

/**
 * The frame of a place: listen, modules, access, acl, shaper, services, outgoing_pools, or a
 * listener or module, whose options the fragment then holds.
 *
 * @return false after E0018.
 */
bool fragment_frame_of(struct arena *a, struct diags *dl, const char *place,
		       struct fragment_frame *out);

/** Drop the findings of the current unit that only the whole file can tell, and those elsewhere
 * than in the fragment, which is that source. */
void fragment_filter(struct diags *dl, uint32_t file);

#endif
