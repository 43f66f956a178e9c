/* fold_rules.c - access rules as lists of decisions: global and per-host clauses joined as
 * MongooseIM 3.2 joins them (acl:merge_acls/2), without what can never decide anything. */
#include "model/lower.h"

size_t clauses_before_host(const struct rule_def *global)
{
	size_t n = global != NULL ? global->clauses.n : 0;
	const struct clause *last = n != 0 ? global->clauses.at[n - 1] : NULL;

	return last != NULL && last->is_all && term_is_atom(last->value, "allow") ? n - 1 : n;
}

/* The list at work. A set bears the number of the last list that asked for it. */
struct fold {
	struct arena *arena;
	struct decisions *d;
	uint32_t number;
};

/* @return whether everybody is decided about now. */
static bool add_clause(const struct fold *f, const struct clause *c)
{
	struct decision new = {.value = c->typed, .at = c->at};

	if (c->set == NULL ? !c->is_all : c->set->folded.n == 0 || c->set->asked_by == f->number)
		return false;
	if (c->set != NULL && !c->set->is_everybody) {
		c->set->asked_by = f->number;
		new.set = c->set;
	}
	vec_push(f->arena, &f->d->list, new);
	return new.set == NULL;
}

/* The first n clauses of a definition. */
static bool add_clauses(const struct fold *f, const struct rule_def *def, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (add_clause(f, def->clauses.at[i]))
			return true;
	return false;
}

/* What the global rule says of `all` moves behind the clauses of the host. */
static void decide(struct fold *f, struct decisions *d, const struct rule_def *global,
		   const struct rule_def *host)
{
	size_t n = global != NULL ? global->clauses.n : 0;
	size_t before = host != NULL ? clauses_before_host(global) : n;

	*d = (struct decisions){.is_defined = global != NULL || host != NULL, .at = NO_SPAN};
	if (global != NULL)
		d->at = global->at;
	else if (host != NULL)
		d->at = host->at;
	f->d = d;
	f->number++;
	if (global != NULL && add_clauses(f, global, before))
		return;
	if (host != NULL && add_clauses(f, host, host->clauses.n))
		return;
	if (before < n)
		(void)add_clause(f, global->clauses.at[before]);
}

/* The sets that the list at work asks for become C. */
static void mark_sets(const struct fold *f, const struct rule_def *def)
{
	for (size_t i = 0; def != NULL && i < def->clauses.n; i++) {
		struct set *s = def->clauses.at[i]->set;

		if (s != NULL && s->asked_by == f->number)
			s->is_asked = true;
	}
}

void fold_rules(struct model *m)
{
	struct fold f = {
		.arena = m->arena,
	};

	for (size_t i = 0; i < m->rules.n; i++) {
		struct rule *r = m->rules.at[i];

		if (!rule_is_defined(r) || r->is_broken)
			continue;
		decide(&f, &r->base, r->global, NULL);
		if (r->is_emitted)
			mark_sets(&f, r->global);
		for (size_t h = 0; h < r->per_host.n; h++) {
			struct host_decisions d = {.host = r->per_host.at[h]->host};

			decide(&f, &d.decisions, r->global, r->per_host.at[h]);
			vec_push(m->arena, &r->others, d);
			if (r->is_emitted)
				mark_sets(&f, r->per_host.at[h]);
		}
	}
}
