/* automaton.h - a test of a part of a JID as a deterministic automaton over bytes, built as far as
 * it is walked.
 *
 *   struct part_test ──automaton_of──▶ state 0 ──automaton_step──▶ ... ──automaton_accepts──▶
 * passes?
 *
 * Walking several of them side by side tells which texts pass which tests (texts.h).
 */
#ifndef CFGC_MODEL_AUTOMATON_H
#define CFGC_MODEL_AUTOMATON_H

#include "model/model.h"
#include "model/regex.h"

struct automaton;

/* Automata that were made already. Zero, but for the arena, holds none. */
struct automata {
	struct arena *arena;
	struct names_table known;
};

/**
 * The automaton of a test; its start is state 0.
 *
 * @return NULL when the test is no regular one, or too large for such a thing.
 */
struct automaton *automaton_of(struct automata *known, const struct part_test *t);

/** The state behind a byte, or -1: the automaton gets too large. */
int automaton_step(struct automaton *x, int state, unsigned char byte);
bool automaton_accepts(const struct automaton *x, int state);

/** Call fn for every set of bytes that the automaton tells from the others. */
void automaton_each_set(const struct automaton *x, void (*fn)(void *, const struct byte_set *),
			void *ctx);

#endif
