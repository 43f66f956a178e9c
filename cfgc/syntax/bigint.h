/* bigint.h - just enough arithmetic on long integers for literals: read in a base, print in
 * decimal, take low bytes. */
#ifndef CFGC_SYNTAX_BIGINT_H
#define CFGC_SYNTAX_BIGINT_H

#include <stdint.h>

#include "support/arena.h"

/** Longest integer literal, in digits as written. The work is quadratic in it. */
#define BIGINT_MAX_DIGITS 20000u

/**
 * The decimal digits of a number written in another base, without leading zeros.
 *
 * @param digits  digits of `base` (2..36, either case); '_' is skipped. At most BIGINT_MAX_DIGITS.
 * Ownership: the result lies in the arena (or in `digits`, when that is decimal already).
 */
struct str bigint_to_decimal(struct arena *a, struct str digits, unsigned base);

/**
 * The low `n` bytes of an integer in two's complement, least significant first.
 *
 * @param decimal  as of struct term: an optional '-', then digits.
 */
void bigint_low_bytes(struct arena *a, struct str decimal, unsigned char *out, size_t n);

#endif
