/* waivers.h - findings that the configuration itself allows, in its comments:
 *
 *   %% cfgc: allow(W0504) the operators' tool asks this rule      the term behind it
 *   {loglevel, 5}.   %% cfgc: allow(W0602, W06) until March       this line
 */
#ifndef CFGC_SYNTAX_WAIVERS_H
#define CFGC_SYNTAX_WAIVERS_H

#include "diag/diag.h"

/**
 * Move the findings of the current unit that a comment allows from dl->list to dl->waived.
 *
 * A comment behind code is for findings whose primary place begins on its line. One on a line of
 * its own is for the next term: inside brackets the next element, otherwise the next whole form.
 * Comments that are no waivers although they look like it are reported (W0016), and, unless the
 * unit has errors that hide others, those that allow nothing (W0015).
 *
 * @param first       the first source of the unit.
 * @param tell_unused false where not everything was looked for.
 */
void waivers_apply(struct arena *a, struct sources *ss, struct diags *dl, uint32_t first,
		   bool tell_unused);

#endif
