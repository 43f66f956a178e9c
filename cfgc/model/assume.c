/* assume.c - rules that options name and no term defines: what a server goes by that is built all
 * the same.
 *
 * The manual calls the shapers of clients and of servers by their own names, so such a name stands
 * for everybody's shaper. MongooseIM 3.2.0 asks a rule that is not there: it denies, or limits
 * nothing.
 */
#include "model/lower.h"

#include "schema/trap.h"

static const struct term *word(struct lower *l, struct str name, struct span at)
{
	struct term *t = arena_new_of(l->a, struct term);

	t->kind = TERM_ATOM;
	t->text = name;
	t->at = at;
	t->used_at = NO_SPAN;
	return t;
}

static const struct term *tuple_or_list(struct lower *l, enum term_kind kind, uint32_t n,
					const struct term *const *items, struct span at)
{
	struct term *t = arena_new_of(l->a, struct term);
	const struct term **copy = arena_array_of(l->a, const struct term *, n + 1);

	for (uint32_t i = 0; i < n; i++)
		copy[i] = items[i];
	t->kind = kind;
	t->seq.items = copy;
	t->seq.n = n;
	t->at = at;
	t->used_at = NO_SPAN;
	return t;
}

/* {access, Name, []}, or {access, Name, [{Value, all}]}. */
static void assume(struct lower *l, struct rule *r, const struct term *value, struct span at)
{
	struct rule_def *def = arena_new_of(l->a, struct rule_def);
	const struct term *pair, *list;

	def->host = HOST_GLOBAL;
	def->at = at;
	if (value != NULL) {
		struct clause *c = arena_new_of(l->a, struct clause);
		const struct term *both[] = {value, word(l, STR("all"), at)};

		c->value = value;
		c->is_all = true;
		c->at = c->value_at = c->set_at = at;
		vec_push(l->a, &def->clauses, c);
		pair = tuple_or_list(l, TERM_TUPLE, 2, both, at);
		list = tuple_or_list(l, TERM_LIST, 1, &pair, at);
	} else {
		list = tuple_or_list(l, TERM_LIST, 0, NULL, at);
	}
	const struct term *whole[] = {word(l, STR("access"), at), word(l, r->name, at), list};

	def->term = tuple_or_list(l, TERM_TUPLE, 3, whole, at);
	r->global = def;
	r->is_assumed = true;
}

static bool asks_for_shapers(const struct rule *r)
{
	for (size_t i = 0; i < r->uses.n; i++)
		if (r->uses.at[i].type != RULE_SHAPER)
			return false;
	return true;
}

/* A shaper where MongooseIM 3.2.0 takes a rule. */
static void assume_shaper(struct lower *l, struct rule *r, const struct shaper *s)
{
	struct span at = r->uses.at[0].at;

	trap_report(
		l->b, W0541, at,
		"MongooseIM 3.2.0 sets no limit here: '%.*s' is a shaper, and it takes an access "
		"rule",
		STR_ARG(r->name));
	diag_label(l->dl, s->at, "the shaper");
	if (r->uses.n > 1)
		diag_note(l->dl, "and %zu more use%s", r->uses.n - 1, r->uses.n > 2 ? "s" : "");
	diag_help(l->dl, "add {access, %.*s_rule, [{%.*s, all}]}. and name that", STR_ARG(r->name),
		  STR_ARG(r->name));
	assume(l, r, does_as_mongooseim(l->b) ? NULL : word(l, r->name, at), at);
	r->is_reported = true;
}

void assume_rules(struct lower *l)
{
	for (size_t i = 0; i < l->m->rules.n && !l->m->is_partial; i++) {
		struct rule *r = l->m->rules.at[i];
		const struct shaper *s = names_find(&l->m->shaper_names, r->name);

		if (rule_is_defined(r) || r->uses.n == 0)
			continue;
		if (s != NULL && asks_for_shapers(r))
			assume_shaper(l, r, s);
		else if (does_as_mongooseim(l->b))
			assume(l, r, NULL, r->uses.at[0].at);
	}
}
