/* check_reach.c - clauses of access rules that can never decide anything, and why: nobody is in
 * their set, or everybody in it is decided by clauses before.
 *
 * Exact as far as witness.h is: a clause is reported when it is proved that nobody is left for it.
 */
#include "model/check.h"

#include "model/witness.h"

/* In checks for more hosts than these nothing is said about rules that ask for others than users.
 */
#define MOST_HOSTS 16

struct reach {
	const struct check *c;
	struct witnesses *witnesses;
	const struct rule *rule;
	int host;       /* whose clauses these are; HOST_GLOBAL */
	unsigned about; /* what all uses of the rule have in common */
	bool for_host, for_none;
	/* Of the clauses that are tried before the one in question: */
	VEC(const struct set *) sets; /* that decide about anybody */
	VEC(const struct clause *) deciding;
	const struct clause *everybody; /* the first for everybody; NULL: none */
	struct names_table decided;     /* by the name of the set, in front of that one */
	struct names_table empty;       /* sets reported as of nobody */
};

/* ---- who is left ---- */

static enum witness ask(struct reach *r, int host, const struct set *set,
			const struct set *const *before, size_t n, struct jid *out)
{
	struct asked asked = {.m = r->c->m, .host = host, .about = r->about};

	return witness_left(r->witnesses, &asked, set, before, n, out);
}

/* In any check in which the rule is asked. */
static enum witness left(struct reach *r, const struct set *set, const struct set *const *before,
			 size_t n, struct jid *out)
{
	size_t nhosts = r->c->m->hosts.n;
	enum witness all = WITNESS_NOBODY;

	if ((r->about & ABOUT_USERS) != 0 || r->host != HOST_GLOBAL)
		return ask(r, r->host, set, before, n, out);
	if (nhosts > MOST_HOSTS && r->for_host)
		all = WITNESS_UNKNOWN;
	for (size_t h = 0; r->for_host && h < nhosts && h < MOST_HOSTS; h++) {
		enum witness answer = ask(r, (int)h, set, before, n, out);

		if (answer == WITNESS_FOUND)
			return answer;
		if (answer == WITNESS_UNKNOWN)
			all = answer;
	}
	if (r->for_none || nhosts == 0) {
		enum witness answer = ask(r, HOST_GLOBAL, set, before, n, out);

		return answer == WITNESS_NOBODY ? all : answer;
	}
	return all;
}

/* ---- reports ---- */

static void report_everybody(const struct check *c, const struct clause *late,
			     const struct clause *early, const char *why)
{
	diag_add(c->dl, W0501, late->at, "this clause is never reached");
	diag_primary(c->dl, "so this is never tried");
	diag_label(c->dl, early->at, "%s", why);
	if (is_for_everybody(early) && !is_for_everybody(late))
		diag_help(c->dl, "put it in front");
}

/* One clause before takes all of them, or several do together. */
static void report_covered(struct reach *r, const struct clause *late)
{
	struct diags *dl = r->c->dl;
	struct jid who;
	bool one = false;

	diag_add(dl, W0501, late->at, "this clause is never reached");
	diag_primary(dl, "everybody in acl '%.*s' is decided before", STR_ARG(late->set->name));
	for (size_t i = 0; i < r->sets.n && !one; i++) {
		const struct set *early = r->sets.at[i];

		one = left(r, late->set, &early, 1, &who) == WITNESS_NOBODY;
		if (one && left(r, late->set, NULL, 0, &who) == WITNESS_FOUND)
			diag_label(dl, r->deciding.at[i]->at,
				   "decides about all of them, '%.*s' for example",
				   STR_ARG(jid_text(r->c->a, &who)));
	}
	for (size_t i = 0; i < r->sets.n && !one; i++) {
		int host = r->host != HOST_GLOBAL ? r->host : 0;

		if (left(r, late->set, r->sets.at, i, &who) == WITNESS_FOUND &&
		    member_for(r->c->m, r->sets.at[i], &who, host) != NULL)
			diag_label(dl, r->deciding.at[i]->at, "decides about '%.*s', for example",
				   STR_ARG(jid_text(r->c->a, &who)));
	}
	diag_help(dl, "put it in front, or take it out");
}

static void report_nobody(struct reach *r, const struct clause *c)
{
	const struct rule_use *use = &r->rule->uses.at[0];
	const struct set_member *member = c->set->folded.at[0];

	if (names_find(&r->empty, c->set->name) != NULL)
		return;
	names_put(r->c->a, &r->empty, c->set->name, c->set);
	diag_add(r->c->dl, W0530, c->at, "this clause decides about nobody");
	diag_primary(r->c->dl, "nobody whom the rule is asked about is in acl '%.*s'",
		     STR_ARG(c->set->name));
	diag_label(r->c->dl, member->at, "nobody of these%s",
		   c->set->folded.n > 1 ? ", and so on" : "");
	if (use->at.file != NO_FILE)
		diag_label(r->c->dl, use->at, "here the rule is asked");
	if ((r->about & ABOUT_USERS) != 0)
		diag_note(r->c->dl, "%.*s asks it about users of the hosts%s", STR_ARG(use->what),
			  (r->about & ABOUT_BARE) != 0 ? ", without their resources" : "");
}

/* ---- clauses ---- */

static bool is_worth_asking(const struct reach *r, const struct clause *c)
{
	return !r->c->m->is_partial && c->set != NULL && !c->set->is_broken &&
	       c->set->folded.n != 0 && r->rule->uses.n != 0;
}

static void check_clause(struct reach *r, const struct clause *c)
{
	const struct clause *early;
	struct jid who;

	if (c->set == NULL && !c->is_all)
		return;
	early = c->set != NULL ? names_find(&r->decided, c->set->name) : NULL;
	if (early != NULL) {
		report_everybody(r->c, c, early, "decides about the same users");
		return;
	}
	if (r->everybody != NULL) {
		report_everybody(r->c, c, r->everybody, "matches everybody");
		return;
	}
	if (!is_worth_asking(r, c) ||
	    left(r, c->set, r->sets.at, r->sets.n, &who) != WITNESS_NOBODY)
		return;
	if (left(r, c->set, NULL, 0, &who) == WITNESS_NOBODY)
		report_nobody(r, c);
	else if (!is_for_everybody(c)) /* that one may be there to be sure */
		report_covered(r, c);
}

static void begin(struct reach *r, int host)
{
	r->host = host;
	r->sets.n = r->deciding.n = 0;
	r->everybody = NULL;
	r->decided = (struct names_table){0};
}

static void pass_clause(struct reach *r, struct clause *c)
{
	if (r->everybody == NULL && is_for_everybody(c))
		r->everybody = c;
	if (r->everybody == NULL && c->set != NULL && names_find(&r->decided, c->set->name) == NULL)
		names_put(r->c->a, &r->decided, c->set->name, c);
	if (c->set == NULL || c->set->folded.n == 0)
		return;
	vec_push(r->c->a, &r->sets, c->set);
	vec_push(r->c->a, &r->deciding, c);
}

static void check_def(struct reach *r, const struct rule_def *def)
{
	for (size_t i = 0; i < def->clauses.n; i++) {
		check_clause(r, def->clauses.at[i]);
		pass_clause(r, def->clauses.at[i]);
	}
}

/* The clauses of a host come behind the global ones; where those decide about everybody, the host's
 * are reported as a whole by check_unreachable_host_rules(). */
static void check_host_def(struct reach *r, const struct rule_def *global,
			   const struct rule_def *def)
{
	size_t n = clauses_before_host(global);

	for (size_t i = 0; i < n; i++)
		if (is_for_everybody(global->clauses.at[i]))
			n = 0;

	begin(r, def->host);
	for (size_t i = 0; i < n; i++)
		pass_clause(r, global->clauses.at[i]);
	check_def(r, def);
}

void check_unreachable_clauses(const struct check *c)
{
	struct reach r = {.c = c, .witnesses = witnesses_new(c->a)};

	for (size_t i = 0; i < c->m->rules.n; i++) {
		const struct rule *rule = c->m->rules.at[i];

		r.rule = rule;
		r.about = rule->uses.n != 0 ? ~0u : 0;
		r.for_host = r.for_none = false;
		for (size_t u = 0; u < rule->uses.n; u++) {
			r.about &= rule->uses.at[u].about;
			r.for_none |= rule->uses.at[u].is_global;
			r.for_host |= !rule->uses.at[u].is_global;
		}
		begin(&r, HOST_GLOBAL);
		if (rule->global != NULL)
			check_def(&r, rule->global);
		for (size_t h = 0; h < rule->per_host.n; h++)
			check_host_def(&r, rule->global, rule->per_host.at[h]);
	}
}
