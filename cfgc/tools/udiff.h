/* udiff.h - the lines in which two texts differ, as a unified diff that patch(1) and git read. */
#ifndef CFGC_TOOLS_UDIFF_H
#define CFGC_TOOLS_UDIFF_H

#include "support/strbuf.h"

/**
 * Append the difference of two versions of one file, three lines of context; nothing when they are
 * equal.
 *
 * Made for edits that are small and far apart: lines are matched greedily, so that the result is
 * always right but need not be the shortest.
 *
 * @param path  as it stands behind "a/" and "b/"; an absolute one stands there without them.
 */
void udiff(struct strbuf *out, struct str path, struct str before, struct str after);

#endif
