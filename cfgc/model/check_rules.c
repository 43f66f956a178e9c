/* check_rules.c - rules of hosts that are never reached, and rules asked in a way that fails. */
#include "model/check.h"

#include "schema/trap.h"

/* ---- a host's rule behind the global one ---- */

const struct clause *rule_catch_all(const struct rule_def *def)
{
	size_t n = clauses_before_host(def);

	for (size_t i = 0; i < n; i++)
		if (is_for_everybody(def->clauses.at[i]))
			return def->clauses.at[i];
	return NULL;
}

void check_unreachable_host_rules(const struct check *c)
{
	for (size_t i = 0; i < c->m->rules.n; i++) {
		const struct rule *r = c->m->rules.at[i];
		const struct clause *end = r->global != NULL ? rule_catch_all(r->global) : NULL;

		for (size_t h = 0; end != NULL && h < r->per_host.n; h++) {
			const struct rule_def *def = r->per_host.at[h];

			diag_add(c->dl, W0509, def->at,
				 "rule '%.*s' of host '%.*s' is never reached", STR_ARG(r->name),
				 STR_ARG(c->m->hosts.at[def->host]->name));
			if (end->is_all) /* not a set that happens to hold everybody */
				trap_settle(c->b);
			diag_label(c->dl, end->at, "matches everybody");
			diag_note(c->dl,
				  "clauses of a host are tried after the global ones; only a "
				  "global {allow, all} at the end is moved behind them");
		}
	}
}

/* ---- rules asked for no host ---- */

void check_rules_for_no_host(const struct check *c)
{
	for (size_t i = 0; i < c->m->rules.n; i++) {
		const struct rule *r = c->m->rules.at[i];

		for (size_t u = 0; u < r->uses.n && r->per_host.n != 0; u++) {
			const struct rule_use *use = &r->uses.at[u];

			if (!use->is_global)
				continue;
			diag_add(c->dl, W0525, use->at,
				 "rule '%.*s' is asked for no particular host here",
				 STR_ARG(r->name));
			diag_label(c->dl, r->per_host.at[0]->at, "so this does not count");
			if (r->global == NULL)
				diag_note(c->dl,
					  "there is no global rule of this name: everybody is "
					  "denied");
		}
	}
}

/* The archive's global shapers are asked about nobody: MongooseIM 3.2.0 crashes at any set but
 * `all`. */
void check_global_shapers(const struct check *c)
{
	for (size_t i = 0; i < c->m->rules.n; i++) {
		const struct rule *r = c->m->rules.at[i];
		static const char end[] = "_global_shaper";
		size_t n = sizeof(end) - 1;

		if (r->type != RULE_SHAPER || r->global == NULL || r->name.n < n ||
		    memcmp(r->name.p, "mam_", 4) != 0 ||
		    memcmp(r->name.p + r->name.n - n, end, n) != 0)
			continue;
		for (size_t k = 0; k < r->global->clauses.n; k++) {
			const struct clause *clause = r->global->clauses.at[k];

			if (clause->set == NULL)
				continue;
			diag_add(c->dl, E0314, clause->set_at,
				 "rule '%.*s' is asked for all users at once", STR_ARG(r->name));
			diag_help(c->dl, "write all instead of '%.*s'", STR_ARG(clause->set->name));
		}
	}
}
