/* backtrack.h - regular expressions that take exponential time to find out that a text does not
 * match. */
#ifndef CFGC_MODEL_BACKTRACK_H
#define CFGC_MODEL_BACKTRACK_H

#include "model/regex.h"

/**
 * Whether a matcher that tries one way after the other, as PCRE does, may try exponentially many: a
 * repetition takes the same text in more than one way, and what comes behind it may fail.
 *
 * @param out  the repetition: its `at` and `len` in the pattern. Only when true.
 * @return false also for patterns that are not regular or too long to be judged.
 */
bool backtracks(struct arena *a, struct str pattern, const struct regex **out);

#endif
