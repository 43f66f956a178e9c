/* automaton.c - Thompson's construction from the tree of a pattern, and the subset construction,
 * a state at a time. */
#include "model/automaton.h"

#include "support/assert.h"

/* Enough for patterns that people write: 256 places, and as many states as fit into a few hundred
 * kilobytes. */
#define MOST_PLACES 256
#define MOST_STATES 400

enum place_kind { PLACE_BYTE, PLACE_SPLIT, PLACE_START, PLACE_END, PLACE_MATCH };

struct place {
	enum place_kind kind;
	const struct byte_set *bytes;
	int next, other; /* other: SPLIT */
};

struct place_set {
	uint64_t bits[MOST_PLACES / 64];
};

struct state {
	struct place_set places; /* those of BYTE, END and MATCH */
	bool accepts;
	int16_t next[256]; /* 0: not known yet, otherwise the state plus 1 */
};

struct automaton {
	struct arena *a;
	struct place *places;
	int nplaces, most_places, entry;
	bool too_large;
	VEC(struct state *) states;
	struct names_table by_places; /* struct number */
};

struct number {
	int state;
};

static bool has(const struct place_set *s, int place)
{
	return (s->bits[place / 64] >> (place % 64) & 1) != 0;
}

static void add(struct place_set *s, int place)
{
	s->bits[place / 64] |= UINT64_C(1) << (place % 64);
}

/* ---- places ---- */

static int new_place(struct automaton *x, struct place p)
{
	if (x->nplaces == x->most_places) {
		x->too_large = true;
		return 0;
	}
	x->places[x->nplaces] = p;
	return x->nplaces++;
}

static int build(struct automaton *x, const struct regex *re, int next);

static int build_repeat(struct automaton *x, const struct regex *re, int next)
{
	const struct regex *body = re->parts.at[0];
	int entry = next, bounded = re->max != REGEX_UNBOUNDED ? re->max - re->min : 0;

	if (re->max == REGEX_UNBOUNDED) {
		entry = new_place(x, (struct place){.kind = PLACE_SPLIT, .other = next});
		if (!x->too_large)
			x->places[entry].next = build(x, body, entry);
	}
	for (int i = 0; i < bounded && !x->too_large; i++) {
		int inner = build(x, body, entry);

		entry = new_place(
			x, (struct place){.kind = PLACE_SPLIT, .next = inner, .other = next});
	}
	for (int i = 0; i < re->min && !x->too_large; i++) {
		int before = x->nplaces;

		entry = build(x, body, entry);
		if (x->nplaces == before) /* nothing, many times */
			break;
	}
	return entry;
}

/* @return the place where the text of re begins, when `next` comes behind it. */
static int build(struct automaton *x, const struct regex *re, int next)
{
	int entry = next;

	if (x->too_large)
		return 0;
	switch (re->kind) {
	case REGEX_BYTE:
		return new_place(x, (struct place){PLACE_BYTE, &re->bytes, next, 0});
	case REGEX_START:
		return new_place(x, (struct place){PLACE_START, NULL, next, 0});
	case REGEX_END:
		return new_place(x, (struct place){PLACE_END, NULL, next, 0});
	case REGEX_SEQ:
		for (size_t i = re->parts.n; i-- != 0;)
			entry = build(x, re->parts.at[i], entry);
		return entry;
	case REGEX_ALT:
		entry = build(x, re->parts.at[re->parts.n - 1], next);
		for (size_t i = re->parts.n - 1; i-- != 0;) {
			int first = build(x, re->parts.at[i], next);

			entry = new_place(
				x,
				(struct place){.kind = PLACE_SPLIT, .next = first, .other = entry});
		}
		return entry;
	case REGEX_REPEAT:
		return build_repeat(x, re, next);
	}
	CFGC_ASSERT(!"a kind of tree");
	return 0;
}

/* ---- states ---- */

struct closure {
	const struct automaton *x;
	bool at_start, at_end;
	struct place_set seen;
};

static void close_over(struct closure *c, int place)
{
	const struct place *p = &c->x->places[place];

	if (has(&c->seen, place))
		return;
	add(&c->seen, place);
	if (p->kind == PLACE_SPLIT) {
		close_over(c, p->next);
		close_over(c, p->other);
	} else if ((p->kind == PLACE_START && c->at_start) || (p->kind == PLACE_END && c->at_end)) {
		close_over(c, p->next);
	}
}

static bool matched(const struct automaton *x, const struct place_set *s)
{
	return has(s, 0) && x->places[0].kind == PLACE_MATCH;
}

static bool ends_well(const struct automaton *x, const struct place_set *s)
{
	struct closure c = {.x = x, .at_end = true};

	for (int i = 0; i < x->nplaces; i++)
		if (has(s, i) && x->places[i].kind == PLACE_END)
			close_over(&c, i);
	return matched(x, s) || matched(x, &c.seen);
}

/* The state of a set of places: only those are kept that matter for what comes. */
static int state_of(struct automaton *x, const struct place_set *all)
{
	struct place_set kept = {{0}};
	struct number *number;
	struct state *s;

	for (int i = 0; i < x->nplaces; i++)
		if (has(all, i) &&
		    (x->places[i].kind == PLACE_BYTE || x->places[i].kind == PLACE_END))
			add(&kept, i);
	if (matched(x, all)) { /* found: whatever follows, it stays so */
		memset(&kept, 0, sizeof(kept));
		add(&kept, 0);
	}
	number = names_find(&x->by_places, (struct str){(const char *)&kept, sizeof(kept)});
	if (number != NULL)
		return number->state;
	if (x->states.n == MOST_STATES)
		return -1;
	s = arena_new_of(x->a, struct state);
	s->places = kept;
	s->accepts = ends_well(x, &kept);
	number = arena_new_of(x->a, struct number);
	number->state = (int)x->states.n;
	vec_push(x->a, &x->states, s);
	names_put(x->a, &x->by_places, (struct str){(const char *)&s->places, sizeof(kept)},
		  number);
	return number->state;
}

int automaton_step(struct automaton *x, int state, unsigned char byte)
{
	struct state *s = x->states.at[state];
	struct closure c = {.x = x};
	int next;

	if (s->next[byte] != 0)
		return s->next[byte] - 1;
	if (matched(x, &s->places))
		return state;
	for (int i = 0; i < x->nplaces; i++)
		if (has(&s->places, i) && x->places[i].kind == PLACE_BYTE &&
		    byte_set_has(x->places[i].bytes, byte))
			close_over(&c, x->places[i].next);
	close_over(&c, x->entry); /* a match may begin anywhere */
	next = state_of(x, &c.seen);
	if (next >= 0)
		s->next[byte] = (int16_t)(next + 1);
	return next;
}

bool automaton_accepts(const struct automaton *x, int state)
{
	return x->states.at[state]->accepts;
}

void automaton_each_set(const struct automaton *x, void (*fn)(void *, const struct byte_set *),
			void *ctx)
{
	for (int i = 0; i < x->nplaces; i++)
		if (x->places[i].kind == PLACE_BYTE)
			fn(ctx, x->places[i].bytes);
}

/* ---- tests ---- */

static struct regex *new_regex(struct arena *a, enum regex_kind kind)
{
	struct regex *re = arena_new_of(a, struct regex);

	re->kind = kind;
	return re;
}

static struct regex *regex_of_literal(struct arena *a, const struct part_test *t)
{
	struct regex *seq = new_regex(a, REGEX_SEQ);

	if (t->kind == PART_IS || t->kind == PART_STARTS)
		vec_push(a, &seq->parts, new_regex(a, REGEX_START));
	for (size_t i = 0; t->kind != PART_ANY && i < t->text.n; i++) {
		struct regex *byte = new_regex(a, REGEX_BYTE);

		byte_set_add(&byte->bytes, (unsigned char)t->text.p[i]);
		vec_push(a, &seq->parts, byte);
	}
	if (t->kind == PART_IS || t->kind == PART_ENDS)
		vec_push(a, &seq->parts, new_regex(a, REGEX_END));
	return seq;
}

static struct automaton *make(struct arena *a, const struct part_test *t)
{
	struct automaton *x;
	struct closure c = {.at_start = true};
	struct regex *re;

	if (t->text.n > MOST_PLACES - 3)
		return NULL;
	re = t->kind == PART_MATCHES ? regex_parse(a, t->text) : regex_of_literal(a, t);
	if (re == NULL)
		return NULL;
	x = arena_new_of(a, struct automaton);
	x->a = a;
	x->most_places = t->kind == PART_MATCHES ? MOST_PLACES : (int)t->text.n + 3;
	x->places = arena_array_of(a, struct place, x->most_places);
	(void)new_place(x, (struct place){.kind = PLACE_MATCH});
	x->entry = build(x, re, 0);
	if (x->too_large)
		return NULL;
	c.x = x;
	close_over(&c, x->entry);
	return state_of(x, &c.seen) == 0 ? x : NULL;
}

struct made {
	struct automaton *automaton; /* or NULL */
};

struct automaton *automaton_of(struct automata *known, const struct part_test *t)
{
	struct str key = arena_printf(known->arena, "%d%.*s", (int)t->kind, STR_ARG(t->text));
	struct made *made = names_find(&known->known, key);

	if (made == NULL) {
		made = arena_new_of(known->arena, struct made);
		made->automaton = make(known->arena, t);
		names_put(known->arena, &known->known, key, made);
	}
	return made->automaton;
}
