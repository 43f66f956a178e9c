/* term_order.h - Erlang's order of terms. */
#ifndef CFGC_SYNTAX_TERM_ORDER_H
#define CFGC_SYNTAX_TERM_ORDER_H

#include "syntax/term.h"

/**
 * Erlang's standard order: number < atom < fun < tuple < map < nil < list < bitstring; 1
 * equals 1.0.
 *
 * @return < 0, 0, > 0. TERM_BAD comes last.
 */
int term_compare(const struct term *a, const struct term *b);

/** The order of keys in a map: the same, but an integer comes before the float that equals it. */
int term_compare_keys(const struct term *a, const struct term *b);

#endif
