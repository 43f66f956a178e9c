/* regex.h - regular expressions as trees, for those who reason about them instead of matching.
 *
 *   pattern of PCRE  ──regex_parse──▶  struct regex  ──▶ automaton.h (which texts?), backtrack.c
 *
 * Only what is regular in the mathematical sense has a tree: back references, assertions other than
 * ^ and $, atomic groups, possessive quantifiers and inline options have none. Bytes, not
 * characters, as MongooseIM 3.2 matches.
 */
#ifndef CFGC_MODEL_REGEX_H
#define CFGC_MODEL_REGEX_H

#include <stdint.h>

#include "support/arena.h"

enum regex_kind {
	REGEX_BYTE,   /* one of the bytes in the set */
	REGEX_SEQ,    /* parts, one behind the other; none: the empty text */
	REGEX_ALT,    /* any one of the parts */
	REGEX_REPEAT, /* parts[0], min to max times */
	REGEX_START,  /* ^ */
	REGEX_END     /* $ */
};

struct byte_set {
	uint64_t bits[4];
};

static inline bool byte_set_has(const struct byte_set *s, unsigned char c)
{
	return (s->bits[c / 64] >> (c % 64) & 1) != 0;
}

static inline void byte_set_add(struct byte_set *s, unsigned char c)
{
	s->bits[c / 64] |= UINT64_C(1) << (c % 64);
}

#define REGEX_UNBOUNDED (-1)

struct regex {
	enum regex_kind kind;
	uint32_t at, len; /* the part of the pattern that it was read from */
	struct byte_set bytes;
	VEC(struct regex *) parts;
	int min, max; /* max: or REGEX_UNBOUNDED */
};

/**
 * The tree of a pattern that PCRE compiles.
 *
 * @return NULL when the pattern is not regular, uses something rare, or is nested deeper than 64.
 */
struct regex *regex_parse(struct arena *a, struct str pattern);

#endif
