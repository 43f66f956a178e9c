/* backtrack.c - ambiguity of the position automaton (Glushkov): is there a place that leads back to
 * itself over the same text in two ways?
 *
 * Two walks start at one place and read the same bytes. When they part, and meet in the place that
 * they came from, every round doubles the ways that a matcher has to try.
 */
#include "model/backtrack.h"

#define MOST_PLACES 48
/* {0,9} is still counted out by a matcher, {0,30} is as bad as *. */
#define MOST_TIMES 9

struct graph {
	int n;
	const struct byte_set *bytes[MOST_PLACES];
	const struct regex
		*loop[MOST_PLACES]; /* the outermost repetition around a place, or NULL */
	uint8_t ways[MOST_PLACES][MOST_PLACES]; /* from a place to the next one; 2: several */
	bool has_end;                           /* a $ must be passed */
	bool too_large;
};

/* Where a text of a tree may begin and end. */
struct span_of {
	uint64_t first, last;
	bool may_be_empty;
};

static void connect(struct graph *g, uint64_t from, uint64_t to)
{
	for (int p = 0; p < g->n; p++)
		for (int q = 0; q < g->n && (from >> p & 1) != 0; q++)
			if ((to >> q & 1) != 0 && g->ways[p][q] < 2)
				g->ways[p][q]++;
}

static struct span_of visit(struct graph *g, const struct regex *re, const struct regex *loop);

static struct span_of visit_place(struct graph *g, const struct regex *re, const struct regex *loop)
{
	struct span_of s = {.may_be_empty = false};

	if (g->n == MOST_PLACES) {
		g->too_large = true;
		return s;
	}
	g->bytes[g->n] = &re->bytes;
	g->loop[g->n] = loop;
	s.first = s.last = UINT64_C(1) << g->n++;
	return s;
}

static struct span_of visit_seq(struct graph *g, const struct regex *re, const struct regex *loop)
{
	struct span_of s = {.may_be_empty = true};

	for (size_t i = 0; i < re->parts.n && !g->too_large; i++) {
		struct span_of next = visit(g, re->parts.at[i], loop);

		connect(g, s.last, next.first);
		s.first |= s.may_be_empty ? next.first : 0;
		s.last = next.last | (next.may_be_empty ? s.last : 0);
		s.may_be_empty &= next.may_be_empty;
	}
	return s;
}

static struct span_of visit_repeat(struct graph *g, const struct regex *re,
				   const struct regex *loop)
{
	bool many = re->max == REGEX_UNBOUNDED || re->max > MOST_TIMES;
	struct span_of s = visit(g, re->parts.at[0], loop == NULL && many ? re : loop);

	if (many)
		connect(g, s.last, s.first);
	s.may_be_empty |= re->min == 0;
	return s;
}

static struct span_of visit(struct graph *g, const struct regex *re, const struct regex *loop)
{
	struct span_of s = {.may_be_empty = false};

	switch (re->kind) {
	case REGEX_BYTE:
		return visit_place(g, re, loop);
	case REGEX_SEQ:
		return visit_seq(g, re, loop);
	case REGEX_REPEAT:
		return visit_repeat(g, re, loop);
	case REGEX_ALT:
		for (size_t i = 0; i < re->parts.n && !g->too_large; i++) {
			struct span_of one = visit(g, re->parts.at[i], loop);

			s.first |= one.first;
			s.last |= one.last;
			s.may_be_empty |= one.may_be_empty;
		}
		return s;
	case REGEX_START:
	case REGEX_END:
		g->has_end |= re->kind == REGEX_END;
		s.may_be_empty = true;
		return s;
	}
	return s;
}

/* ---- pairs of walks ---- */

struct pairs {
	bool in[MOST_PLACES][MOST_PLACES];
};

static bool share_a_byte(const struct graph *g, int p, int q)
{
	for (int i = 0; i < 4; i++)
		if ((g->bytes[p]->bits[i] & g->bytes[q]->bits[i]) != 0)
			return true;
	return false;
}

/* All pairs that two walks from (p, p) get to, or from which they get there. */
static void walk(const struct graph *g, int p, bool backwards, const bool (*same)[MOST_PLACES],
		 struct pairs *out)
{
	int todo[MOST_PLACES * MOST_PLACES], n = 0;

	memset(out, 0, sizeof(*out));
	out->in[p][p] = true;
	todo[n++] = p * MOST_PLACES + p;
	while (n != 0) {
		int r = todo[--n] / MOST_PLACES, s = todo[n] % MOST_PLACES;

		for (int i = 0; i < g->n; i++) {
			if ((backwards ? g->ways[i][r] : g->ways[r][i]) == 0)
				continue;
			for (int k = 0; k < g->n; k++) {
				bool way = backwards ? g->ways[k][s] != 0 && same[r][s]
						     : g->ways[s][k] != 0 && same[i][k];

				if (!way || out->in[i][k])
					continue;
				out->in[i][k] = true;
				todo[n++] = i * MOST_PLACES + k;
			}
		}
	}
}

/* Whether two different walks over one text lead from p back to p. */
static bool is_ambiguous(const struct graph *g, int p, const bool (*same)[MOST_PLACES])
{
	struct pairs to, from;

	walk(g, p, false, same, &to);
	walk(g, p, true, same, &from);
	for (int r = 0; r < g->n; r++)
		for (int s = 0; s < g->n; s++) {
			if (!to.in[r][s] || !from.in[r][s])
				continue;
			if (r != s)
				return true;
			for (int q = 0; q < g->n; q++)
				if (g->ways[r][q] > 1 && from.in[q][q])
					return true;
		}
	return false;
}

/* Whether the whole may end in the loop of a place: then nothing behind it can fail. */
static bool may_end_in_loop(const struct graph *g, int p, uint64_t last)
{
	for (int q = 0; q < g->n && !g->has_end; q++)
		if ((last >> q & 1) != 0 && g->loop[q] == g->loop[p])
			return true;
	return false;
}

bool backtracks(struct arena *a, struct str pattern, const struct regex **out)
{
	struct regex *re;
	struct graph *g;
	struct span_of all;
	bool same[MOST_PLACES][MOST_PLACES];

	/* Without two repetitions, or one with alternatives inside, there is nothing to look at. */
	if (pattern.n < 4 || memchr(pattern.p, '(', pattern.n) == NULL)
		return false;
	re = regex_parse(a, pattern);
	if (re == NULL)
		return false;
	g = arena_new_of(a, struct graph);
	all = visit(g, re, NULL);
	if (g->too_large)
		return false;
	for (int p = 0; p < g->n; p++)
		for (int q = 0; q < g->n; q++)
			same[p][q] = share_a_byte(g, p, q);
	for (int p = 0; p < g->n; p++) {
		if (g->loop[p] == NULL || may_end_in_loop(g, p, all.last) ||
		    !is_ambiguous(g, p, (const bool(*)[MOST_PLACES])same))
			continue;
		*out = g->loop[p];
		return true;
	}
	return false;
}
