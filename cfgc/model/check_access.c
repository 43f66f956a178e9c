/* check_access.c - names of sets, rules and shapers: used and not defined, defined and not used. */
#include "model/check.h"

#include "diag/suggest.h"
#include "schema/trap.h"
#include "support/array.h"

/* Legal at that place and in this file; a few hundred are enough to find a near one. */
#define MOST_NAMES 500

/* MongooseIM's own file names them and leaves it to the operator to define them. */
static bool is_stock_set(struct str name)
{
	return str_eqz(name, "admin") || str_eqz(name, "blocked");
}

void check_undefined_sets(const struct check *c)
{
	struct names legal = {.arena = c->a};

	if (c->m->is_partial)
		return;
	for (size_t i = 0; i < c->m->sets.n && legal.list.n < MOST_NAMES; i++)
		if (c->m->sets.at[i]->members.n != 0)
			vec_push(c->a, &legal.list, c->m->sets.at[i]->name);
	for (size_t i = 0; i < c->m->sets.n; i++) {
		const struct set *s = c->m->sets.at[i];
		struct str near;

		if (s->members.n != 0)
			continue;
		diag_add(c->dl, W0503, s->first_used,
			 "acl '%.*s' is not defined, so nobody is in it", STR_ARG(s->name));
		if (s->nuses > 1)
			diag_note(c->dl, "and %u more use%s", s->nuses - 1,
				  s->nuses > 2 ? "s" : "");
		near = suggest_one(s->name, &legal);
		if (near.n == 0 && is_stock_set(s->name))
			diag_as_note(c->dl);
		if (near.n != 0)
			diag_help(c->dl, "did you mean '%.*s'?", STR_ARG(near));
		else
			diag_help(c->dl, "define it: {acl, %.*s, {user, \"NAME\", \"DOMAIN\"}}",
				  STR_ARG(s->name));
	}
}

void check_undefined_rules(const struct check *c)
{
	struct names legal = {.arena = c->a};

	if (c->m->is_partial)
		return;
	for (size_t i = 0; i < c->m->rules.n && legal.list.n < MOST_NAMES; i++)
		if (rule_is_defined(c->m->rules.at[i]) && !c->m->rules.at[i]->is_assumed)
			vec_push(c->a, &legal.list, c->m->rules.at[i]->name);
	for (size_t i = 0; i < c->m->rules.n; i++) {
		const struct rule *r = c->m->rules.at[i];
		const struct rule_use *use = r->uses.n != 0 ? &r->uses.at[0] : NULL;

		if ((rule_is_defined(r) && !r->is_assumed) || use == NULL || r->is_reported)
			continue;
		diag_add(c->dl, E0302, use->at, "access rule '%.*s' is not defined",
			 STR_ARG(r->name));
		diag_primary(c->dl, "no {access, %.*s, ...} in this file", STR_ARG(r->name));
		if (r->uses.n > 1)
			diag_note(c->dl, "and %zu more use%s", r->uses.n - 1,
				  r->uses.n > 2 ? "s" : "");
		trap_settle(c->b);
		suggest_into(c->dl, use->at, r->name, &legal);
	}
}

/* ---- unused ---- */

/* Names from MongooseIM's own configuration: their features may simply not be switched on. */
static bool is_stock_rule(struct str name)
{
	static const char *const stock[] = {"announce",  "c2s",       "c2s_shaper",
					    "configure", "local",     "max_user_offline_messages",
					    "muc",       "muc_admin", "muc_create",
					    "register",  "s2s_shaper"};

	for (size_t i = 0; i < ARRAY_LEN(stock); i++)
		if (str_eqz(name, stock[i]))
			return true;
	return false;
}

static void report_unused(const struct check *c, struct span at, const char *what, struct str name,
			  const char *why)
{
	diag_add(c->dl, W0504, at, "%s '%.*s' is never used", what, STR_ARG(name));
	diag_primary(c->dl, "%s", why);
}

void check_unused(const struct check *c)
{
	if (c->m->is_partial)
		return;
	for (size_t i = 0; i < c->m->rules.n; i++) {
		const struct rule *r = c->m->rules.at[i];

		if (!rule_is_defined(r) || r->is_broken || r->uses.n != 0 || is_stock_rule(r->name))
			continue;
		report_unused(c, r->global != NULL ? r->global->at : r->per_host.at[0]->at,
			      "access rule", r->name, "no option names it");
	}
	for (size_t i = 0; i < c->m->shapers.n; i++) {
		const struct shaper *s = c->m->shapers.at[i];

		if (!s->is_used)
			report_unused(c, s->at, "shaper", s->name, "no rule or option names it");
	}
	for (size_t i = 0; i < c->m->sets.n; i++) {
		const struct set *s = c->m->sets.at[i];

		if (s->nuses == 0)
			report_unused(c, s->members.at[0]->at, "acl", s->name, "no rule names it");
	}
}
