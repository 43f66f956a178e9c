/* witness.c - members of sets as boxes of tests, and the search for a JID in one box that is in
 * none of others. */
#include "model/witness.h"

#include "model/texts.h"
#include "support/assert.h"

/* Work for one compilation, in steps of some ten nanoseconds. Questions beyond it are not answered.
 */
#define BUDGET 20000000
/* What is cheap enough to be done before everything is looked at. */
#define COST_OF_TRY     60
#define COST_OF_PROBLEM 2000
#define COST_OF_LOOKUP  4 /* of a name in one set */

struct witnesses {
	struct arena *a;
	struct automata automata;
	uint64_t budget;
};

struct witnesses *witnesses_new(struct arena *a)
{
	struct witnesses *w = arena_new_of(a, struct witnesses);

	w->a = a;
	w->automata.arena = a;
	w->budget = BUDGET;
	return w;
}

static bool spend(struct witnesses *w, uint64_t cost)
{
	bool enough = w->budget >= cost;

	w->budget = enough ? w->budget - cost : 0;
	return enough;
}

/* ---- boxes ---- */

enum { NODE, DOMAIN, RESOURCE, NPARTS };

/* A domain may have to pass several tests: its own, to be the host of a check, to be served. */
#define MOST_PER_PART 3

struct box {
	uint32_t decision; /* of the other side: which one it belongs to */
	uint8_t n[NPARTS];
	uint16_t tests[NPARTS][MOST_PER_PART]; /* into problem->parts */
};

struct problem {
	struct witnesses *w;
	struct arena *a; /* for the work */
	struct text_tests *parts[NPARTS];
	struct box wanted;
	VEC(struct box) blockers;
	VEC(struct box) others; /* in the order of the other side's decisions */
	bool incomplete;
};

static bool same_test(const struct text_test *a, const struct text_test *b)
{
	return a->hosts_of == b->hosts_of && a->test.kind == b->test.kind &&
	       str_eq(a->test.text, b->test.text);
}

static bool add_test(struct problem *p, struct box *box, int part, struct text_test test)
{
	struct text_tests *tests = p->parts[part];
	size_t i = 0;

	if (test.hosts_of == NULL && test.test.kind == PART_ANY)
		return true;
	while (i < tests->n && !same_test(&tests->list[i], &test))
		i++;
	if (i == MOST_TESTS)
		return false;
	if (i == tests->n)
		tests->list[tests->n++] = test;
	box->tests[part][box->n[part]++] = (uint16_t)i;
	return true;
}

static struct text_test is_text(struct str text)
{
	return (struct text_test){.test = {.kind = PART_IS, .text = text}};
}

static struct text_test is_host_of(const struct model *m)
{
	return (struct text_test){.hosts_of = m};
}

/* The users a check is about: everybody, of one host, or of all hosts. */
static bool add_users(struct problem *p, struct box *box, const struct asked *asked)
{
	if ((asked->about & ABOUT_USERS) == 0)
		return true;
	if (asked->host != HOST_GLOBAL)
		return add_test(p, box, DOMAIN, is_text(asked->m->hosts.at[asked->host]->name));
	return add_test(p, box, DOMAIN, is_host_of(asked->m));
}

/* Whether a member lets anybody pass in such a check. */
static bool counts(const struct set_member *member, const struct asked *asked)
{
	if (member == NULL)
		return true;
	if (member->kind == MEMBER_NONE)
		return false;
	return member->host == HOST_GLOBAL || member->host == asked->host ||
	       ((asked->about & ABOUT_USERS) != 0 && asked->host == HOST_GLOBAL);
}

/* member NULL: everybody. @return false: too many tests. */
static bool make_box(struct problem *p, const struct set_member *member, const struct asked *asked,
		     struct box *box)
{
	bool users = (asked->about & ABOUT_USERS) != 0;

	*box = (struct box){0};
	if (member == NULL)
		return true;
	if (member->host != HOST_GLOBAL && users &&
	    !add_test(p, box, DOMAIN, is_text(asked->m->hosts.at[member->host]->name)))
		return false;
	if (member->kind != MEMBER_TEST)
		return true;
	if (member->server_is_host && !users &&
	    !add_test(p, box, DOMAIN,
		      asked->host != HOST_GLOBAL ? is_text(asked->m->hosts.at[asked->host]->name)
						 : is_host_of(asked->m)))
		return false;
	return add_test(p, box, NODE, (struct text_test){.test = member->node}) &&
	       add_test(p, box, DOMAIN, (struct text_test){.test = member->domain}) &&
	       add_test(p, box, RESOURCE, (struct text_test){.test = member->resource});
}

/* ---- who might come before ---- */

/* What is added to a problem when one more member has to do with it. */
struct adding {
	const struct asked *asked;
	bool is_other; /* of the other side, not a blocker */
	uint32_t decision;
};

static void add_member(struct problem *p, const struct adding *how, const struct set_member *member)
{
	struct box box;

	if (!counts(member, how->asked))
		return;
	if (!make_box(p, member, how->asked, &box) ||
	    (how->is_other && !add_users(p, &box, how->asked))) {
		p->incomplete = true;
		return;
	}
	box.decision = how->decision;
	if (how->is_other)
		vec_push(p->a, &p->others, box);
	else
		vec_push(p->a, &p->blockers, box);
}

/* The members of a set that have to do with the wanted one: of a set of many names, few. */
static void add_near(struct problem *p, const struct adding *how, const struct set *s,
		     const struct set_member *wanted)
{
	bool named = wanted != NULL && wanted->kind == MEMBER_TEST && wanted->node.kind == PART_IS;
	const struct set_member *near = named ? set_members_named(s, wanted->node.text) : NULL;

	for (; near != NULL; near = near->next_of_name)
		add_member(p, how, near);
	for (size_t i = 0; named && i < s->unnamed.n && !p->incomplete; i++)
		add_member(p, how, s->unnamed.at[i]);
	for (size_t i = 0; !named && i < s->folded.n && !p->incomplete; i++)
		add_member(p, how, s->folded.at[i]);
}

/* ---- the question ---- */

struct question {
	struct witnesses *w;
	struct asked asked;
	const struct set *set;
	const struct set *const *before;
	size_t nbefore;
	/* witness_pair() */
	const struct witness_side *other;
	const struct decision *own; /* what the first side decides about those in question */
	witness_pair_fn fn;
	void *ctx;
};

static const struct decision allowing = {.value = {.kind = VALUE_ALLOW}};

/* In which check a side is asked about a user; with ABOUT_USERS in that for the own host. */
static int host_of(const struct model *m, int host, unsigned about, const struct jid *who)
{
	const struct host *own;

	if ((about & ABOUT_USERS) == 0 || host != HOST_GLOBAL)
		return host;
	own = names_find(&m->host_names, who->domain);
	return own != NULL ? own->index : HOST_GLOBAL;
}

/* What the other side says, asked in earnest. */
static const struct decision *other_decides(const struct witness_side *s, const struct jid *who)
{
	int host = host_of(s->m, s->host, s->about, who);

	if ((s->about & ABOUT_USERS) != 0 &&
	    (host == HOST_GLOBAL || !str_eq(s->m->hosts.at[host]->name, who->domain)))
		return NULL;
	if (s->decisions == NULL)
		return s->everybody ? &allowing : NULL;
	return decision_for(s->m, s->decisions, who, host);
}

static bool is_true(const struct question *q, const struct jid *who)
{
	const struct asked *k = &q->asked;
	int host = host_of(k->m, k->host, k->about, who);

	if ((k->about & ABOUT_USERS) != 0 &&
	    (host == HOST_GLOBAL || !str_eq(k->m->hosts.at[host]->name, who->domain)))
		return false;
	if (q->set != NULL && member_for(k->m, q->set, who, host) == NULL)
		return false;
	for (size_t i = 0; i < q->nbefore; i++)
		if (member_for(k->m, q->before[i], who, host) != NULL)
			return false;
	return q->fn == NULL || q->fn(q->own, other_decides(q->other, who), q->ctx);
}

/* ---- guesses ---- */

static struct str home(const struct asked *asked)
{
	int host = asked->host != HOST_GLOBAL ? asked->host : 0;

	return asked->m->hosts.n != 0 ? asked->m->hosts.at[host]->name : STR("example.org");
}

static void guess_text(struct problem *p, int part, struct text_kinds *guesses, struct str text)
{
	for (size_t i = 0; i < guesses->list.n; i++)
		if (str_eq(guesses->list.at[i].example, text))
			return;
	if (texts_fit(p->a, p->parts[part], text))
		vec_push(p->a, &guesses->list, ((struct text_kind){.example = text}));
}

static void guess_literal(struct problem *p, int part, struct text_kinds *guesses,
			  const struct part_test *t)
{
	if (t->kind != PART_ANY && t->kind != PART_MATCHES)
		guess_text(p, part, &guesses[part], t->text);
}

/* What a member asks for literally, and what nobody is likely to ask for. */
static void guess(struct problem *p, const struct asked *asked, const struct set_member *wanted,
		  struct text_kinds guesses[NPARTS])
{
	if (wanted != NULL && wanted->kind == MEMBER_TEST) {
		guess_literal(p, NODE, guesses, &wanted->node);
		guess_literal(p, DOMAIN, guesses, &wanted->domain);
		guess_literal(p, RESOURCE, guesses, &wanted->resource);
	}
	guess_text(p, NODE, &guesses[NODE], STR("someone"));
	guess_text(p, DOMAIN, &guesses[DOMAIN], home(asked));
	guess_text(p, DOMAIN, &guesses[DOMAIN], STR("example.org"));
	guess_text(p, RESOURCE, &guesses[RESOURCE], STR(""));
}

/* ---- combinations ---- */

static bool is_in_box(const struct box *box, const struct text_kind *const part[NPARTS])
{
	for (int k = 0; k < NPARTS; k++)
		for (uint8_t i = 0; i < box->n[k]; i++)
			if (!test_bit(&part[k]->passes, box->tests[k][i]))
				return false;
	return true;
}

/* Whether the tests allow that such a JID is what is looked for. */
static bool may_be(const struct problem *p, const struct question *q,
		   const struct text_kind *const part[NPARTS])
{
	const struct decision *found = NULL;

	for (size_t i = 0; i < p->blockers.n; i++)
		if (is_in_box(&p->blockers.at[i], part))
			return false;
	if (q->fn == NULL)
		return true;
	for (size_t i = 0; i < p->others.n && found == NULL; i++)
		if (is_in_box(&p->others.at[i], part))
			found = q->other->decisions != NULL
					? &q->other->decisions->list.at[p->others.at[i].decision]
					: &allowing;
	return q->fn(q->own, found, q->ctx);
}

static struct str kept(struct arena *a, struct str s)
{
	return s.n != 0 ? arena_str(a, s.p, s.n) : STR("");
}

/* is_guess: nothing is known about the texts but that they fit. */
static enum witness combine(struct problem *p, const struct question *q, bool is_guess,
			    const struct text_kinds kinds[NPARTS], struct jid *out)
{
	size_t n[NPARTS] = {kinds[NODE].list.n, kinds[DOMAIN].list.n, kinds[RESOURCE].list.n};
	uint64_t cost = 1 + (p->blockers.n + p->others.n) / 2;
	bool unsure = p->incomplete;

	for (int k = 0; k < NPARTS; k++) {
		unsure |= kinds[k].incomplete;
		if (n[k] == 0)
			return kinds[k].incomplete || is_guess ? WITNESS_UNKNOWN : WITNESS_NOBODY;
	}
	for (size_t i = 0; i < n[NODE] * n[DOMAIN] * n[RESOURCE]; i++) {
		const struct text_kind *part[NPARTS] = {
			&kinds[NODE].list.at[i % n[NODE]],
			&kinds[DOMAIN].list.at[i / n[NODE] % n[DOMAIN]],
			&kinds[RESOURCE].list.at[i / n[NODE] / n[DOMAIN]]};
		struct jid who = {part[NODE]->example, part[DOMAIN]->example,
				  part[RESOURCE]->example};

		if (!spend(p->w, cost))
			return WITNESS_UNKNOWN;
		if (!is_guess && !may_be(p, q, part))
			continue;
		if (!spend(p->w, q->nbefore * COST_OF_LOOKUP))
			return WITNESS_UNKNOWN;
		if (is_true(q, &who)) {
			*out = (struct jid){kept(p->w->a, who.node), kept(p->w->a, who.domain),
					    kept(p->w->a, who.resource)};
			return WITNESS_FOUND;
		}
		unsure = true;
	}
	return unsure ? WITNESS_UNKNOWN : WITNESS_NOBODY;
}

/* ---- one member ---- */

static void start(struct problem *p, const struct question *q, const struct set_member *wanted)
{
	static const enum prep_profile profiles[] = {PREP_NODE, PREP_DOMAIN, PREP_RESOURCE};

	for (int k = 0; k < NPARTS; k++) {
		p->parts[k] = arena_new_of(p->a, struct text_tests);
		p->parts[k]->automata = &p->w->automata;
		p->parts[k]->part = profiles[k];
	}
	p->parts[NODE]->may_be_empty = (q->asked.about & ABOUT_NAMED) == 0;
	p->parts[RESOURCE]->may_be_empty = true;
	(void)make_box(p, wanted, &q->asked, &p->wanted);
	(void)add_users(p, &p->wanted, &q->asked);
	if ((q->asked.about & ABOUT_BARE) != 0 && p->wanted.n[RESOURCE] < MOST_PER_PART)
		(void)add_test(p, &p->wanted, RESOURCE, is_text(STR("")));
	for (int k = 0; k < NPARTS; k++)
		for (uint8_t i = 0; i < p->wanted.n[k]; i++)
			set_test_bit(&p->parts[k]->required, p->wanted.tests[k][i]);
}

static void add_other_side(struct problem *p, const struct question *q,
			   const struct set_member *wanted)
{
	const struct witness_side *s = q->other;
	struct asked asked = {.m = s->m, .host = s->host, .about = s->about};
	struct adding how = {.asked = &asked, .is_other = true};

	if (s->decisions == NULL && s->everybody)
		add_member(p, &how, NULL);
	for (uint32_t i = 0; s->decisions != NULL && i < s->decisions->list.n; i++) {
		const struct set *set = s->decisions->list.at[i].set;

		how.decision = i;
		if (set == NULL)
			add_member(p, &how, NULL);
		else
			add_near(p, &how, set, wanted);
	}
}

/* Everything that has a say, and all combinations. */
static enum witness look_at_all(struct problem *p, const struct question *q,
				const struct set_member *wanted, struct jid *out)
{
	struct text_kinds kinds[NPARTS] = {0};
	struct adding how = {.asked = &q->asked};

	if (!spend(p->w, q->nbefore * COST_OF_LOOKUP))
		return WITNESS_UNKNOWN;
	for (size_t i = 0; i < q->nbefore && !p->incomplete; i++)
		add_near(p, &how, q->before[i], wanted);
	if (q->fn != NULL)
		add_other_side(p, q, wanted);
	for (int k = 0; k < NPARTS; k++)
		texts_enumerate(p->a, p->parts[k], &p->w->budget, &kinds[k]);
	return combine(p, q, false, kinds, out);
}

static enum witness ask_member(struct question *q, const struct set_member *wanted, struct jid *out)
{
	struct arena *scratch;
	struct problem p = {.w = q->w};
	struct text_kinds guesses[NPARTS] = {0};
	enum witness answer;

	if (!counts(wanted, &q->asked))
		return WITNESS_NOBODY;
	if (!spend(q->w, COST_OF_TRY))
		return WITNESS_UNKNOWN;
	scratch = arena_new();
	p.a = scratch;
	start(&p, q, wanted);
	guess(&p, &q->asked, wanted, guesses);
	answer = combine(&p, q, true, guesses, out);
	if (answer != WITNESS_FOUND)
		answer = spend(q->w, COST_OF_PROBLEM) ? look_at_all(&p, q, wanted, out)
						      : WITNESS_UNKNOWN;
	arena_free(&scratch);
	return answer;
}

static enum witness ask(struct question *q, struct jid *out)
{
	enum witness all = WITNESS_NOBODY;

	if (q->set == NULL)
		return ask_member(q, NULL, out);
	for (size_t i = 0; i < q->set->folded.n; i++) {
		enum witness answer = ask_member(q, q->set->folded.at[i], out);

		if (answer == WITNESS_FOUND)
			return answer;
		if (answer == WITNESS_UNKNOWN)
			all = answer;
		if (q->w->budget == 0)
			return WITNESS_UNKNOWN;
	}
	return all;
}

enum witness witness_left(struct witnesses *w, const struct asked *asked, const struct set *set,
			  const struct set *const *before, size_t nbefore, struct jid *out)
{
	struct question q = {
		.w = w, .asked = *asked, .set = set, .before = before, .nbefore = nbefore};

	return ask(&q, out);
}

/* ---- two sides ---- */

/* Whether anything that the other side may say makes a pair with what this one says. */
static bool may_pair(const struct question *q)
{
	const struct decisions *d = q->other->decisions;

	if (q->fn(q->own, NULL, q->ctx))
		return true;
	if (d == NULL)
		return q->other->everybody && q->fn(q->own, &allowing, q->ctx);
	for (size_t i = 0; i < d->list.n; i++)
		if (q->fn(q->own, &d->list.at[i], q->ctx))
			return true;
	return false;
}

enum witness witness_pair(struct witnesses *w, const struct witness_side *one,
			  const struct witness_side *other, witness_pair_fn fn, void *ctx,
			  struct jid *out)
{
	struct question q = {.w = w,
			     .asked = {.m = one->m, .host = one->host, .about = one->about},
			     .other = other,
			     .fn = fn,
			     .ctx = ctx};
	size_t n = one->decisions != NULL ? one->decisions->list.n : 0;
	const struct set **before = arena_array_of(w->a, const struct set *, n);
	enum witness all = WITNESS_NOBODY;
	bool decided = false;

	q.before = before;
	for (size_t i = 0; i < n + !one->only_decided && !decided; i++) {
		const struct decision *own = i < n ? &one->decisions->list.at[i] : NULL;
		enum witness answer;

		if (one->decisions == NULL && one->everybody)
			own = &allowing;
		q.own = own;
		q.set = own != NULL ? own->set : NULL;
		q.nbefore = i;
		answer = may_pair(&q) ? ask(&q, out) : WITNESS_NOBODY;
		if (answer == WITNESS_FOUND)
			return answer;
		if (answer == WITNESS_UNKNOWN)
			all = answer;
		decided = q.set == NULL;
		if (i < n)
			before[i] = q.set;
	}
	return all;
}

static bool gets_in(const struct decision *d)
{
	return d != NULL && d->value.kind == VALUE_ALLOW;
}

static bool only_first(const struct decision *one, const struct decision *other, void *ctx)
{
	(void)ctx;
	return gets_in(one) && !gets_in(other);
}

enum witness witness_between(struct witnesses *w, const struct witness_side *allows,
			     const struct witness_side *denies, struct jid *out)
{
	return witness_pair(w, allows, denies, only_first, NULL, out);
}
