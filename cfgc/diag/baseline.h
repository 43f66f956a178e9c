/* baseline.h - findings that are known and accepted: written to a file once, left out from then on.
 */
#ifndef CFGC_DIAG_BASELINE_H
#define CFGC_DIAG_BASELINE_H

#include "diag/report.h"

/**
 * Write the fingerprints of all findings to `path`, whole or not at all. They are sorted by place,
 * so that two versions of the file can be compared.
 *
 * @return false after a diagnostic (E0007; E0014 where another kind of file is in the way).
 */
bool baseline_write(struct arena *a, const struct diag_report *r, const char *path);

/**
 * Take the findings that the file at `path` names out of the list and out of the counts.
 *
 * @return false after a diagnostic (E0001, E0003, E0014); the list is then whole.
 */
bool baseline_apply(struct arena *a, const struct diag_report *r, const char *path);

/**
 * Drop what is beyond the limits of what is shown. With a baseline they can only be applied behind
 * it; the counts stay as they are.
 */
void baseline_limit(struct diags *dl, uint32_t max_errors);

#endif
