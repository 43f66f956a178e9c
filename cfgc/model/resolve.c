/* resolve.c - what kind of value each access rule yields, as seen by those who consult it; and do
 * its values fit? */
#include "model/lower.h"

#include "diag/suggest.h"
#include "schema/trap.h"
#include "support/array.h"

/* Rules that MongooseIM 3.2 consults by their own names. */
static const struct {
	const char *name;
	enum rule_type type;
	bool emitted;   /* by this server, too */
	unsigned about; /* enum asked_about */
} by_name[] = {
	{"max_user_sessions", RULE_LIMIT, true, ABOUT_USERS | ABOUT_NAMED | ABOUT_BARE},
	{"max_s2s_connections", RULE_LIMIT, false, 0},
	{"max_s2s_connections_per_node", RULE_LIMIT, false, 0},
	{"mam_set_prefs", RULE_POLICY, false, 0},
	{"mam_get_prefs", RULE_POLICY, false, 0},
	{"mam_lookup_messages", RULE_POLICY, false, 0},
	{"mam_purge_single_message", RULE_POLICY, false, 0},
	{"mam_purge_multiple_messages", RULE_POLICY, false, 0},
	{"mam_set_prefs_shaper", RULE_SHAPER, false, 0},
	{"mam_get_prefs_shaper", RULE_SHAPER, false, 0},
	{"mam_lookup_messages_shaper", RULE_SHAPER, false, 0},
	{"mam_purge_single_message_shaper", RULE_SHAPER, false, 0},
	{"mam_purge_multiple_messages_shaper", RULE_SHAPER, false, 0},
	{"mam_set_prefs_global_shaper", RULE_SHAPER, false, 0},
	{"mam_get_prefs_global_shaper", RULE_SHAPER, false, 0},
	{"mam_lookup_messages_global_shaper", RULE_SHAPER, false, 0},
	{"mam_purge_single_message_global_shaper", RULE_SHAPER, false, 0},
	{"mam_purge_multiple_messages_global_shaper", RULE_SHAPER, false, 0},
};

static void use_by_name(struct lower *l)
{
	for (size_t i = 0; i < ARRAY_LEN(by_name); i++) {
		struct rule *r = names_find(&l->m->rule_names, str_of(by_name[i].name));
		struct rule_use use = {.type = by_name[i].type,
				       .at = NO_SPAN,
				       .what = STR("the server, by its name"),
				       .emitted = by_name[i].emitted,
				       .about = by_name[i].about};

		if (!rule_is_defined(r))
			continue;
		vec_push(l->a, &r->uses, use);
		if (strcmp(by_name[i].name, "max_user_sessions") == 0)
			l->m->max_user_sessions = r;
	}
}

static const char *const expected[] = {
	[RULE_VERDICT] = "allow or deny",
	[RULE_SHAPER] = "the name of a shaper, or none",
	[RULE_LIMIT] = "a number from 0 on, or infinity",
	[RULE_POLICY] = "allow, deny or default",
};

/* ---- types ---- */

static void report_two_types(struct lower *l, const struct rule *r, const struct rule_use *first,
			     const struct rule_use *other)
{
	struct span at = r->global != NULL    ? r->global->at
			 : r->per_host.n != 0 ? r->per_host.at[0]->at
					      : NO_SPAN;

	if (other->at.file != NO_FILE)
		at = other->at;
	else if (first->at.file != NO_FILE)
		at = first->at;
	diag_add(l->dl, E0312, at, "access rule '%.*s' is used for two different purposes",
		 STR_ARG(r->name));
	diag_note(l->dl, "%.*s takes from it %s", STR_ARG(first->what), expected[first->type]);
	diag_note(l->dl, "%.*s takes from it %s", STR_ARG(other->what), expected[other->type]);
	diag_help(l->dl, "make two rules of it");
}

static void find_type(struct lower *l, struct rule *r)
{
	for (size_t i = 0; i < r->uses.n; i++) {
		const struct rule_use *use = &r->uses.at[i];

		r->is_emitted |= use->emitted;
		if (r->type == RULE_UNUSED) {
			r->type = use->type;
		} else if (r->type != use->type) {
			report_two_types(l, r, &r->uses.at[0], use);
			return;
		}
	}
}

/* ---- values ---- */

static void report_shaper(struct lower *l, const struct rule *r, const struct term *t)
{
	struct names legal = {.arena = l->a};
	const struct shaper *near;
	struct str best;

	diag_add(l->dl, E0311, t->at,
		 "access rule '%.*s' yields shaper '%.*s', which is not defined", STR_ARG(r->name),
		 STR_ARG(t->text));
	diag_primary(l->dl, "no {shaper, %.*s, ...} in this file", STR_ARG(t->text));
	trap_settle(l->b);
	for (size_t i = 0; i < l->m->shapers.n; i++)
		vec_push(l->a, &legal.list, l->m->shapers.at[i]->name);
	best = suggest_one(t->text, &legal);
	near = best.n != 0 ? names_find(&l->m->shaper_names, best) : NULL;
	if (near != NULL)
		diag_label(l->dl, near->at, "the nearest name");
	suggest_into(l->dl, t->at, t->text, &legal);
}

static void type_shaper(struct lower *l, const struct rule *r, const struct term *t,
			struct rule_value *out)
{
	struct shaper *s;

	if (t->kind != TERM_ATOM || term_is_atom(t, "allow") || term_is_atom(t, "deny"))
		return;
	if (term_is_atom(t, "none")) {
		out->kind = VALUE_NO_SHAPER;
		return;
	}
	s = names_find(&l->m->shaper_names, t->text);
	out->kind = VALUE_SHAPER;
	out->shaper = s;
	if (s == NULL) {
		report_shaper(l, r, t);
		if (does_as_mongooseim(l->b))
			*out = (struct rule_value){.kind = VALUE_NO_SHAPER};
		return;
	}
	s->is_used = true;
	s->is_emitted |= r->is_emitted && s->bytes_per_s != 0;
	if (s->bytes_per_s == 0)
		*out = (struct rule_value){.kind = VALUE_NO_SHAPER};
}

static struct rule_value typed(struct lower *l, const struct rule *r, const struct term *t)
{
	struct rule_value v = {.kind = VALUE_OTHER};

	switch (r->type) {
	case RULE_POLICY:
		if (term_is_atom(t, "default"))
			v.kind = VALUE_DENY; /* never emitted */
					     /* fall through */
	case RULE_VERDICT:
		if (term_is_atom(t, "allow"))
			v.kind = VALUE_ALLOW;
		else if (term_is_atom(t, "deny"))
			v.kind = VALUE_DENY;
		break;
	case RULE_LIMIT:
		if (term_is_atom(t, "infinity"))
			v.kind = VALUE_INFINITY;
		else if (t->kind == TERM_INT && !t->is_big && t->integer.value >= 0)
			v = (struct rule_value){.kind = VALUE_NUMBER, .number = t->integer.value};
		break;
	case RULE_SHAPER:
		type_shaper(l, r, t, &v);
		break;
	case RULE_UNUSED:
		break;
	}
	return v;
}

static void report_value(struct lower *l, const struct rule *r, const struct clause *c)
{
	const struct rule_use *use = &r->uses.at[0];

	diag_add(l->dl, E0313, c->value_at, "access rule '%.*s' must yield %s", STR_ARG(r->name),
		 expected[r->type]);
	if (use->at.file != NO_FILE)
		diag_label(l->dl, use->at, "used here, by %.*s", STR_ARG(use->what));
	else
		diag_note(l->dl, "it is used by %.*s", STR_ARG(use->what));
	if (r->type == RULE_VERDICT && c->value->kind == TERM_ATOM)
		diag_note(l->dl, "any other value breaks the connection in MongooseIM 3.2.0");
}

static void type_values(struct lower *l, struct rule *r, struct rule_def *def)
{
	for (size_t i = 0; i < def->clauses.n; i++) {
		struct clause *c = def->clauses.at[i];

		if (c->value->kind == TERM_BAD)
			continue;
		c->typed = typed(l, r, c->value);
		if (c->typed.kind == VALUE_OTHER && r->type != RULE_UNUSED)
			report_value(l, r, c);
	}
}

/* Values of a rule nobody uses name shapers perhaps: these are not unused then. */
static void note_possible_shapers(struct lower *l, const struct rule_def *def)
{
	for (size_t i = 0; i < def->clauses.n; i++) {
		const struct term *t = def->clauses.at[i]->value;
		struct shaper *s =
			t->kind == TERM_ATOM ? names_find(&l->m->shaper_names, t->text) : NULL;

		if (s != NULL)
			s->is_used = true;
	}
}

void resolve_rules(struct lower *l)
{
	use_by_name(l);
	for (size_t i = 0; i < l->m->rules.n; i++) {
		struct rule *r = l->m->rules.at[i];

		if (!rule_is_defined(r))
			continue;
		find_type(l, r);
		for (size_t d = 0; d <= r->per_host.n; d++) {
			struct rule_def *def = d == 0 ? r->global : r->per_host.at[d - 1];

			if (def == NULL)
				continue;
			type_values(l, r, def);
			if (r->type == RULE_UNUSED)
				note_possible_shapers(l, def);
		}
	}
}
