/* suggest.h - "did you mean": the nearest legal name, or none. */
#ifndef CFGC_DIAG_SUGGEST_H
#define CFGC_DIAG_SUGGEST_H

#include "diag/diag.h"

struct names {
	struct arena *arena;
	VEC(struct str) list;
};

/**
 * Add the right help to the last diagnostic: one near name (with a fix over `at`), up to three tied
 * ones, or the whole list when it has at most eight names.
 *
 * Distance: optimal string alignment over case-folded text, accepted up to max(1, length / 3).
 */
void suggest_into(struct diags *dl, struct span at, struct str wrong, const struct names *legal);

/** The nearest acceptable name, or a str with n == 0. */
struct str suggest_one(struct str wrong, const struct names *legal);

#endif
