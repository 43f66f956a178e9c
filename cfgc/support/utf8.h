/* utf8.h - one code point at a time, strictly as RFC 3629 has it. */
#ifndef CFGC_SUPPORT_UTF8_H
#define CFGC_SUPPORT_UTF8_H

#include <stdint.h>

#include "support/str.h"

/**
 * Decode the code point at p[0..n).
 *
 * @return bytes used, 1..4; 0 when n is 0 or the bytes are no UTF-8 (overlong forms, surrogates and
 * values above 10FFFF included).
 */
size_t utf8_decode(const char *p, size_t n, uint32_t *code_point);

/** Encode a Unicode scalar value (asserted) into out[0..4). @return bytes written. */
size_t utf8_encode(uint32_t code_point, char out[4]);

/** Offset of the first byte that is no UTF-8, or s.n. */
size_t utf8_check(struct str s);

/** Code points in valid UTF-8; a byte that is none counts as one. */
size_t utf8_count(struct str s);

/** Columns a terminal needs: 0 for combining marks, 2 for East Asian wide and emoji, else 1. */
int utf8_width(uint32_t code_point);

/** A Unicode scalar value: up to 10FFFF, no surrogate. */
bool utf8_is_scalar(uint32_t code_point);

#endif
