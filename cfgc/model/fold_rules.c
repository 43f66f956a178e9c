/* fold_rules.c - access rules as lists of decisions: global and per-host clauses joined as
 * MongooseIM 3.2 joins them (acl:merge_acls/2), without what can never decide anything. */
#include "model/lower.h"

static bool allows_everybody(const struct clause *c)
{
	return c->set == NULL && c->is_all && term_is_atom(c->value, "allow");
}

static bool was_asked(const struct decisions *d, const struct set *set)
{
	for (size_t i = 0; i < d->list.n; i++)
		if (d->list.at[i].set == set)
			return true;
	return false;
}

/* @return whether everybody is decided about now. */
static bool add_clause(struct arena *a, struct decisions *d, const struct clause *c)
{
	struct decision new = {.value = c->typed, .at = c->at};

	if (c->set == NULL ? !c->is_all : c->set->folded.n == 0 || was_asked(d, c->set))
		return false;
	new.set = c->set == NULL || c->set->is_everybody ? NULL : c->set;
	vec_push(a, &d->list, new);
	return new.set == NULL;
}

/* The first n clauses of a definition. */
static bool add_clauses(struct arena *a, struct decisions *d, const struct rule_def *def, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (add_clause(a, d, def->clauses.at[i]))
			return true;
	return false;
}

/* A trailing {allow, all} of the global rule moves behind the clauses of the host. */
static struct decisions decide(struct arena *a, const struct rule_def *global,
			       const struct rule_def *host)
{
	struct decisions d = {.is_defined = global != NULL || host != NULL, .at = NO_SPAN};
	size_t n = global != NULL ? global->clauses.n : 0;
	bool moves = host != NULL && n != 0 && allows_everybody(global->clauses.at[n - 1]);

	if (global != NULL)
		d.at = global->at;
	else if (host != NULL)
		d.at = host->at;
	if (global != NULL && add_clauses(a, &d, global, n - moves))
		return d;
	if (host != NULL && add_clauses(a, &d, host, host->clauses.n))
		return d;
	if (moves)
		(void)add_clause(a, &d, global->clauses.at[n - 1]);
	return d;
}

/* The sets that the decisions ask for become C. */
static void mark_sets(const struct rule_def *def, const struct decisions *d)
{
	for (size_t i = 0; def != NULL && i < def->clauses.n; i++) {
		struct set *s = def->clauses.at[i]->set;

		if (s != NULL && was_asked(d, s))
			s->is_asked = true;
	}
}

void fold_rules(struct model *m)
{
	for (size_t i = 0; i < m->rules.n; i++) {
		struct rule *r = m->rules.at[i];

		if (!rule_is_defined(r) || r->is_broken)
			continue;
		r->base = decide(m->arena, r->global, NULL);
		if (r->is_emitted)
			mark_sets(r->global, &r->base);
		for (size_t h = 0; h < r->per_host.n; h++) {
			struct host_decisions d = {.host = r->per_host.at[h]->host};

			d.decisions = decide(m->arena, r->global, r->per_host.at[h]);
			vec_push(m->arena, &r->others, d);
			if (r->is_emitted)
				mark_sets(r->per_host.at[h], &d.decisions);
		}
	}
}
