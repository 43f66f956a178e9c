/* texts.c - all automata of a part walked at once, breadth first, so that examples are short. */
#include "model/texts.h"

#include "model/jid_check.h"
#include "support/strbuf.h"

#define MOST_KINDS  1024
#define MOST_STATES 8192
/* More hosts than these are not tried one by one. */
#define MOST_HOSTS 2000
/* Names of hosts that take more bytes than this together are no automaton. */
#define MOST_HOST_BYTES 200

/* ---- one text ---- */

static bool passes_test(const struct text_test *t, struct str text)
{
	if (t->hosts_of != NULL)
		return names_find(&t->hosts_of->host_names, text) != NULL;
	return part_passes(&t->test, text);
}

static bool is_part(struct arena *a, const struct text_tests *t, struct str text)
{
	struct str prepared;

	if (text.n == 0)
		return t->may_be_empty;
	return prep(a, t->part, text, &prepared) == NULL && str_eq(prepared, text);
}

static bool has_required(const struct text_tests *t, const struct test_bits *b)
{
	for (size_t i = 0; i < MOST_TESTS / 64; i++)
		if ((b->bits[i] & t->required.bits[i]) != t->required.bits[i])
			return false;
	return true;
}

static bool is_known(const struct text_kinds *k, const struct test_bits *b)
{
	for (size_t i = 0; i < k->list.n; i++)
		if (memcmp(&k->list.at[i].passes, b, sizeof(*b)) == 0)
			return true;
	return false;
}

bool texts_fit(struct arena *a, const struct text_tests *t, struct str text)
{
	for (size_t i = 0; i < t->n; i++)
		if (test_bit(&t->required, i) && !passes_test(&t->list[i], text))
			return false;
	return is_part(a, t, text);
}

void texts_try(struct arena *a, const struct text_tests *t, struct str text, struct text_kinds *out)
{
	struct text_kind kind = {.example = text};

	for (size_t i = 0; i < t->n; i++)
		if (passes_test(&t->list[i], text))
			set_test_bit(&kind.passes, i);
	if (!has_required(t, &kind.passes) || is_known(out, &kind.passes) || !is_part(a, t, text))
		return;
	if (out->list.n == MOST_KINDS)
		out->incomplete = true;
	else
		vec_push(a, &out->list, kind);
}

/* ---- bytes that no test tells apart ---- */

struct bytes {
	unsigned char group[256];
	int ngroups;
	unsigned char example[256]; /* of each group */
	int nexamples;
};

static void split_groups(void *ctx, const struct byte_set *s)
{
	struct bytes *b = ctx;
	int all[256] = {0}, inside[256] = {0}, fresh[256] = {0};

	for (int c = 0; c < 256; c++) {
		all[b->group[c]]++;
		inside[b->group[c]] += byte_set_has(s, (unsigned char)c);
	}
	for (int c = 0; c < 256; c++) {
		int g = b->group[c];

		if (!byte_set_has(s, (unsigned char)c) || inside[g] == all[g])
			continue;
		if (fresh[g] == 0)
			fresh[g] = b->ngroups++;
		b->group[c] = (unsigned char)fresh[g];
	}
}

/* In the order in which they look best in an example. */
static bool is_in_part(enum prep_profile part, int c)
{
	if (c >= 0x80)
		return true;
	if (c < ' ' || c == 0x7f)
		return false;
	if (part == PREP_RESOURCE)
		return true;
	if (c == ' ' || (c >= 'A' && c <= 'Z') || c == '@' || c == '/')
		return false;
	return part == PREP_DOMAIN || strchr("\"&':<>", c) == NULL;
}

static void find_examples(struct bytes *b, enum prep_profile part)
{
	static const char best[] = "xyzabcdefghijklmnopqrstuvw0123456789-._";
	bool seen[256] = {false};

	for (int i = 0; i < (int)sizeof(best) - 1 + 256; i++) {
		int c = i < (int)sizeof(best) - 1 ? best[i] : i - (int)(sizeof(best) - 1);

		if (seen[b->group[c]] || !is_in_part(part, c))
			continue;
		seen[b->group[c]] = true;
		b->example[b->nexamples++] = (unsigned char)c;
	}
}

/* ---- the walk ---- */

struct step {
	int from; /* index of a state of the walk, -1: the start */
	unsigned char byte;
	uint32_t len;
};

struct index {
	int i;
};

struct walk {
	struct arena *a;
	const struct text_tests *t;
	size_t width; /* automata, and with them numbers in a state of the walk */
	struct automaton *automata[MOST_TESTS];
	size_t test_of[MOST_TESTS]; /* the test that an automaton is of */
	size_t nhosts;              /* tests for hosts that have no automaton */
	size_t hosts[MOST_TESTS];
	VEC(int16_t *) states;
	VEC(struct step) steps;
	struct names_table known;
	bool incomplete;
};

/* The last number tells the empty text from others. */
static struct str key_of(const struct walk *w, const int16_t *state)
{
	return (struct str){(const char *)state, (w->width + 1) * sizeof(*state)};
}

static void add_state(struct walk *w, const int16_t *state, struct step step)
{
	struct index *index;
	int16_t *copy;

	if (names_find(&w->known, key_of(w, state)) != NULL)
		return;
	if (w->states.n == MOST_STATES) {
		w->incomplete = true;
		return;
	}
	copy = arena_array_of(w->a, int16_t, w->width + 1);
	memcpy(copy, state, (w->width + 1) * sizeof(*state));
	index = arena_new_of(w->a, struct index);
	names_put(w->a, &w->known, key_of(w, copy), index);
	vec_push(w->a, &w->states, copy);
	vec_push(w->a, &w->steps, step);
}

static struct str text_of(const struct walk *w, size_t i)
{
	uint32_t n = w->steps.at[i].len;
	char *p = arena_alloc(w->a, n + 1);

	for (int k = (int)i; n != 0; k = w->steps.at[k].from)
		p[--n] = (char)w->steps.at[k].byte;
	return (struct str){p, w->steps.at[i].len};
}

/* What the automata say about the texts that lead to a state. @return whether the required tests
 * among them are passed. */
static bool passed_at(const struct walk *w, size_t i, struct test_bits *passes, bool *is_exact)
{
	for (size_t k = 0; k < w->width; k++) {
		size_t test = w->test_of[k];

		if (automaton_accepts(w->automata[k], w->states.at[i][k])) {
			set_test_bit(passes, test);
			*is_exact |= w->t->list[test].test.kind == PART_IS;
		} else if (test_bit(&w->t->required, test)) {
			return false;
		}
	}
	return true;
}

/* Whether it is one of hosts that are too many for an automaton. */
static bool is_a_host(const struct walk *w, struct str text)
{
	for (size_t i = 0; i < w->nhosts; i++)
		if (passes_test(&w->t->list[w->hosts[i]], text))
			return true;
	return false;
}

static void add_kind(struct walk *w, size_t i, struct text_kinds *out)
{
	const struct text_tests *t = w->t;
	struct test_bits passes = {{0}};
	bool is_exact = false;
	struct str text;

	if (w->steps.at[i].len == 0 && !t->may_be_empty)
		return;
	if (!passed_at(w, i, &passes, &is_exact) || is_known(out, &passes))
		return;
	text = text_of(w, i);
	texts_try(w->a, t, text, out);
	/* An example that is no part of a JID, or is a host's name by chance, is none: there may be
	 * a better one. */
	if (!is_part(w->a, t, text) || (!is_exact && is_a_host(w, text)))
		w->incomplete = true;
}

static void walk_from(struct walk *w, size_t i, const struct bytes *b)
{
	int16_t next[MOST_TESTS + 1];

	next[w->width] = 1;
	for (int e = 0; e < b->nexamples; e++) {
		bool known = true;

		for (size_t k = 0; k < w->width && known; k++) {
			int state =
				automaton_step(w->automata[k], w->states.at[i][k], b->example[e]);

			known = state >= 0;
			next[k] = (int16_t)state;
		}
		if (known)
			add_state(w, next,
				  (struct step){(int)i, b->example[e], w->steps.at[i].len + 1});
		w->incomplete |= !known;
	}
}

/* Few texts come into question: exactly one, or the hosts. @return whether these were all. */
static bool try_finite(struct arena *a, const struct text_tests *t, struct text_kinds *out)
{
	bool required_hosts = false;

	for (size_t i = 0; i < t->n; i++) {
		const struct text_test *test = &t->list[i];

		if (test->hosts_of == NULL && test->test.kind == PART_IS) {
			texts_try(a, t, test->test.text, out);
			if (test_bit(&t->required, i))
				return true;
		}
	}
	for (size_t i = 0; i < t->n; i++) {
		const struct model *m = t->list[i].hosts_of;

		if (m == NULL)
			continue;
		for (size_t h = 0; h < m->hosts.n && h < MOST_HOSTS; h++)
			texts_try(a, t, m->hosts.at[h]->name, out);
		out->incomplete |= m->hosts.n > MOST_HOSTS;
		required_hosts |= test_bit(&t->required, i);
	}
	return required_hosts;
}

/* ^(one\.example|other\.example)$ */
static struct automaton *automaton_of_hosts(struct arena *a, struct automata *known,
					    const struct model *m)
{
	struct strbuf pattern = {.arena = a};
	struct part_test test = {.kind = PART_MATCHES};

	strbuf_addz(&pattern, "^(");
	for (size_t h = 0; h < m->hosts.n; h++) {
		struct str name = m->hosts.at[h]->name;

		strbuf_addz(&pattern, h != 0 ? "|" : "");
		for (size_t i = 0; i < name.n; i++) {
			unsigned char c = (unsigned char)name.p[i];

			if (c < 0x80 && strchr("\\^$.[|()?*+{", c) != NULL)
				strbuf_addc(&pattern, '\\');
			strbuf_addc(&pattern, (char)c);
		}
		if (pattern.n > MOST_HOST_BYTES)
			return NULL;
	}
	strbuf_addz(&pattern, ")$");
	test.text = strbuf_str(&pattern);
	return m->hosts.n != 0 ? automaton_of(known, &test) : NULL;
}

static struct automaton *automaton_of_test(struct arena *a, struct automata *known,
					   const struct text_test *t)
{
	return t->hosts_of != NULL ? automaton_of_hosts(a, known, t->hosts_of)
				   : automaton_of(known, &t->test);
}

void texts_enumerate(struct arena *a, const struct text_tests *t, uint64_t *budget,
		     struct text_kinds *out)
{
	struct walk w = {.a = a, .t = t};
	struct bytes b = {.ngroups = 1};
	int16_t start[MOST_TESTS + 1] = {0};

	if (try_finite(a, t, out))
		return;
	for (size_t i = 0; i < t->n; i++) {
		struct automaton *x = automaton_of_test(a, t->automata, &t->list[i]);

		if (x != NULL) {
			automaton_each_set(x, split_groups, &b);
			w.test_of[w.width] = i;
			w.automata[w.width++] = x;
		} else if (t->list[i].hosts_of != NULL) {
			w.hosts[w.nhosts++] = i;
		} else {
			w.incomplete = true;
		}
	}
	find_examples(&b, t->part);
	add_state(&w, start, (struct step){.from = -1});
	for (size_t i = 0; i < w.states.n; i++) {
		uint64_t cost = (w.width + 1) * (uint64_t)(b.nexamples + 1);

		if (*budget < cost) {
			w.incomplete = true;
			break;
		}
		*budget -= cost;
		add_kind(&w, i, out);
		walk_from(&w, i, &b);
	}
	out->incomplete |= w.incomplete;
}
