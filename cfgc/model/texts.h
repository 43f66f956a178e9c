/* texts.h - which combinations of tests can a part of a JID pass? Each with an example.
 *
 *   {starts with "a", is "ab"}  ──▶  passes both: "ab"   the first: "a"   none: "x"
 *
 * Exact for tests that have an automaton (automaton.h). What was given up is said in `incomplete`:
 * then there may be further combinations, but those listed are right all the same.
 */
#ifndef CFGC_MODEL_TEXTS_H
#define CFGC_MODEL_TEXTS_H

#include "model/automaton.h"
#include "model/prep.h"

#define MOST_TESTS 256

struct test_bits {
	uint64_t bits[MOST_TESTS / 64];
};

static inline bool test_bit(const struct test_bits *b, size_t i)
{
	return (b->bits[i / 64] >> (i % 64) & 1) != 0;
}

static inline void set_test_bit(struct test_bits *b, size_t i)
{
	b->bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* Either hosts_of, or test. */
struct text_test {
	struct part_test test;
	const struct model *hosts_of; /* not NULL: is it one of the hosts of this model? */
};

struct text_tests {
	struct automata *automata;
	enum prep_profile part;
	bool may_be_empty;
	size_t n;
	struct text_test list[MOST_TESTS];
	struct test_bits required; /* only texts that pass all of these count */
};

/* Texts that pass the same tests. */
struct text_kind {
	struct str example;
	struct test_bits passes;
};

struct text_kinds {
	VEC(struct text_kind) list;
	bool incomplete;
};

/** Whether a text is such a part and passes the required tests. */
bool texts_fit(struct arena *a, const struct text_tests *t, struct str text);

/** Add the kind of one text, unless it is there, or the text is no such part. */
void texts_try(struct arena *a, const struct text_tests *t, struct str text,
	       struct text_kinds *out);

/**
 * Add all kinds.
 *
 * @param a       for the work and for the result; much is used.
 * @param budget  steps that may be taken; reduced by those that were.
 */
void texts_enumerate(struct arena *a, const struct text_tests *t, uint64_t *budget,
		     struct text_kinds *out);

#endif
