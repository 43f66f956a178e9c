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

/* Places as bits. */
struct ways {
	uint64_t next[MOST_PLACES], before[MOST_PLACES];
	uint64_t same[MOST_PLACES]; /* places that read a byte that this one reads */
};

static bool share_a_byte(const struct graph *g, int p, int q)
{
	for (int i = 0; i < 4; i++)
		if ((g->bytes[p]->bits[i] & g->bytes[q]->bits[i]) != 0)
			return true;
	return false;
}

static void find_ways(const struct graph *g, struct ways *w)
{
	memset(w, 0, sizeof(*w));
	for (int p = 0; p < g->n; p++) {
		for (int q = 0; q < g->n; q++) {
			if (g->ways[p][q] != 0) {
				w->next[p] |= UINT64_C(1) << q;
				w->before[q] |= UINT64_C(1) << p;
			}
			if (share_a_byte(g, p, q))
				w->same[p] |= UINT64_C(1) << q;
		}
	}
}

/* in[r]: the places s of all pairs (r, s) that two walks from (p, p) get to, or from which they get
 * there. */
static void walk(const struct graph *g, const struct ways *w, int p, bool backwards,
		 uint64_t in[MOST_PLACES])
{
	const uint64_t *steps = backwards ? w->before : w->next;
	int todo[MOST_PLACES * MOST_PLACES], n = 0;

	memset(in, 0, MOST_PLACES * sizeof(*in));
	in[p] = UINT64_C(1) << p;
	todo[n++] = p * MOST_PLACES + p;
	while (n != 0) {
		int r = todo[--n] / MOST_PLACES, s = todo[n] % MOST_PLACES;

		if (backwards && (w->same[r] >> s & 1) == 0)
			continue;
		for (int i = 0; i < g->n; i++) {
			uint64_t new = (steps[r] >> i & 1) == 0
					       ? 0
					       : steps[s] & ~in[i] &
							 (backwards ? ~UINT64_C(0) : w->same[i]);

			in[i] |= new;
			for (; new != 0; new &= new - 1)
				todo[n++] = i * MOST_PLACES + __builtin_ctzll(new);
		}
	}
}

/* Whether two different walks over one text lead from p back to p. */
static bool is_ambiguous(const struct graph *g, const struct ways *w, int p)
{
	uint64_t to[MOST_PLACES], from[MOST_PLACES];

	walk(g, w, p, false, to);
	walk(g, w, p, true, from);
	for (int r = 0; r < g->n; r++) {
		uint64_t both = to[r] & from[r], self = UINT64_C(1) << r;

		if ((both & ~self) != 0)
			return true;
		for (int q = 0; q < g->n && (both & self) != 0; q++)
			if (g->ways[r][q] > 1 && (from[q] >> q & 1) != 0)
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
	struct ways ways;

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
	find_ways(g, &ways);
	for (int p = 0; p < g->n; p++) {
		/* From one place of a loop all others can be reached, and back: one is enough. */
		if (g->loop[p] == NULL || (p != 0 && g->loop[p] == g->loop[p - 1]) ||
		    may_end_in_loop(g, p, all.last) || !is_ambiguous(g, &ways, p))
			continue;
		*out = g->loop[p];
		return true;
	}
	return false;
}
