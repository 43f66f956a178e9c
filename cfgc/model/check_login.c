/* check_login.c - listeners for clients through which nobody gets in, with the reasons. */
#include "model/check.h"

#include "model/witness.h"

static bool has_login(const struct model *m)
{
	for (size_t i = 0; i < m->hosts.n; i++)
		if (setting_of(m->hosts.at[i], "auth_method") != NULL &&
		    m->hosts.at[i]->auth.mechanisms != 0)
			return true;
	return false;
}

/* Whether it is proved that decisions let in no user. */
static bool lets_nobody(const struct check *c, struct witnesses *w, const struct decisions *d,
			int host)
{
	struct witness_side one = {
		.m = c->m, .decisions = d, .host = host, .about = ABOUT_USERS | ABOUT_NAMED};
	struct witness_side nobody = {.m = c->m, .host = host, .about = one.about};
	struct jid who;

	return witness_between(w, &one, &nobody, &who) == WITNESS_NOBODY;
}

/* A clause was reported already: nobody knows what it was meant to say. */
static bool has_broken_clause(const struct rule_def *def)
{
	for (size_t i = 0; i < def->clauses.n; i++) {
		const struct clause *clause = def->clauses.at[i];

		if (clause->typed.kind == VALUE_OTHER ||
		    (clause->set != NULL && clause->set->is_broken))
			return true;
	}
	return false;
}

static bool rule_lets_nobody(const struct check *c, struct witnesses *w, const struct rule *r)
{
	if (!rule_is_defined(r) || r->is_broken || r->global == NULL || r->type != RULE_VERDICT ||
	    has_broken_clause(r->global) || !lets_nobody(c, w, &r->base, HOST_GLOBAL))
		return false;
	for (size_t h = 0; h < r->others.n; h++)
		if (!lets_nobody(c, w, &r->others.at[h].decisions, r->others.at[h].host))
			return false;
	return true;
}

static void report(const struct check *c, const struct listener *l)
{
	diag_add(c->dl, W0533, l->access_at.file != NO_FILE ? l->access_at : l->module_at,
		 "nobody can log in on port %u", l->port);
	if (l->access_none) {
		diag_primary(c->dl, "the built-in rule 'none' denies everybody");
	} else {
		diag_primary(c->dl, "this rule lets in no user of the hosts");
		diag_label(c->dl, l->access->global->at, "no clause allows any of them");
	}
	diag_note(c->dl, "the password is checked first: users see a login that works, and are "
			 "refused behind it");
	diag_help(c->dl, "take the listener out, or name a rule that allows somebody");
}

void check_listener_logins(const struct check *c)
{
	struct witnesses *w = witnesses_new(c->a);
	struct names_table known = {
		0}; /* by rule: a listener through which somebody, or nobody, gets */
	static struct rule somebody, nobody;

	if (c->m->is_partial || !has_login(c->m))
		return;
	for (size_t i = 0; i < c->m->listeners.n; i++) {
		const struct listener *l = c->m->listeners.at[i];
		const struct rule *found;

		if (l->kind != LISTENER_C2S || (l->access == NULL && !l->access_none))
			continue;
		if (l->access_none) {
			report(c, l);
			continue;
		}
		found = names_find(&known, l->access->name);
		if (found == NULL) {
			found = rule_lets_nobody(c, w, l->access) ? &nobody : &somebody;
			names_put(c->a, &known, l->access->name,
				  found == &nobody ? &nobody : &somebody);
		}
		if (found == &nobody && !l->access->is_assumed)
			report(c, l);
	}
}
