/* can.c - the answers of `cfgc can` and `cfgc who`. */
#include "tools/can.h"

#include "compile.h"
#include "diag/suggest.h"
#include "model/prep.h"
#include "model/witness.h"
#include "options.h"
#include "support/strbuf.h"
#include "tools/words.h"

struct query {
	struct strbuf *out;
	struct diags *dl;
	const struct model *m;
	const struct options *o;
	int host;
	struct witnesses *witnesses; /* who */
};

static bool is_defined(const struct rule *r)
{
	return r->global != NULL || r->per_host.n != 0;
}

static int refuse_rule(struct query *q)
{
	struct names legal = {.arena = q->m->arena};

	for (size_t i = 0; i < q->m->rules.n; i++)
		if (is_defined(q->m->rules.at[i]))
			vec_push(legal.arena, &legal.list, q->m->rules.at[i]->name);
	diag_add(q->dl, E0018, NO_SPAN, "'%s' is no access rule of this file", q->o->rule);
	suggest_into(q->dl, NO_SPAN, str_of(q->o->rule), &legal);
	return CFGC_USAGE;
}

static int refuse_host(struct query *q)
{
	struct names legal = {.arena = q->m->arena};

	for (size_t i = 0; i < q->m->hosts.n; i++)
		vec_push(legal.arena, &legal.list, q->m->hosts.at[i]->name);
	diag_add(q->dl, E0018, NO_SPAN, "'%s' is none of the hosts", q->o->host);
	suggest_into(q->dl, NO_SPAN, str_of(q->o->host), &legal);
	return CFGC_USAGE;
}

static bool find_host(struct query *q, const char *name)
{
	const struct host *h = NULL;
	struct str prepared;

	if (prep(q->m->arena, PREP_NODE, str_of(name), &prepared) == NULL)
		h = names_find(&q->m->host_names, prepared);
	if (h == NULL)
		return false;
	q->host = h->index;
	return true;
}

static const struct rule *find_rule(const struct query *q)
{
	const struct rule *r = names_find(&q->m->rule_names, str_of(q->o->rule));

	return r != NULL && is_defined(r) ? r : NULL;
}

static void print_place(struct query *q, struct span at)
{
	struct span real = source_resolve(q->m->sources, at, NULL);
	struct position p = source_position(q->m->sources, at.file, at.off);

	strbuf_printf(q->out, "%.*s:%u:%u", STR_ARG(q->m->sources->files.at[real.file]->path),
		      (unsigned)p.line, (unsigned)p.column);
}

static void print_check(struct query *q)
{
	if (q->host == HOST_GLOBAL)
		strbuf_addz(q->out, "checked for no host in particular");
	else
		strbuf_printf(q->out, "checked for host %.*s",
			      STR_ARG(q->m->hosts.at[q->host]->name));
}

/* What follows when no clause is about a user. */
static const char *nothing_of(const struct rule *r)
{
	switch (r->type) {
	case RULE_SHAPER:
		return "no shaper";
	case RULE_LIMIT:
		return "no limit of its own";
	default:
		return "denied";
	}
}

/* ---- can ---- */

/* @return whether the user is let in. */
static bool explain(struct query *q, const struct rule *r, const struct jid *who)
{
	const struct decisions *d = decisions_of(r, q->host);
	const struct decision *decision = decision_for(q->m, d, who, q->host);
	const struct set_member *member;
	const struct clause *clause;

	if (decision == NULL) {
		strbuf_printf(q->out, "%s: no clause of rule %.*s is about this user (",
			      nothing_of(r), STR_ARG(r->name));
		print_check(q);
		strbuf_addz(q->out, ")\n");
		return false;
	}
	clause = clause_of(r, decision);
	if (term_is_atom(clause->value, "allow"))
		strbuf_addz(q->out, "allowed");
	else if (term_is_atom(clause->value, "deny"))
		strbuf_addz(q->out, "denied");
	else
		term_print(q->out, clause->value);
	strbuf_printf(q->out, ": rule %.*s, ", STR_ARG(r->name));
	print_check(q);
	strbuf_addz(q->out, "\n  decided at ");
	print_place(q, clause->at);
	strbuf_printf(q->out, ": %.*s\n", STR_ARG(source_text(q->m->sources, clause->at)));
	member = decision->set != NULL ? member_for(q->m, decision->set, who, q->host) : NULL;
	if (member != NULL) {
		strbuf_printf(q->out, "  in acl %.*s by ", STR_ARG(decision->set->name));
		print_place(q, member->at);
		strbuf_printf(q->out, ": %.*s\n", STR_ARG(source_text(q->m->sources, member->at)));
	}
	return !term_is_atom(clause->value, "deny");
}

static bool ask_listener(struct query *q, const struct listener *l, const struct jid *who)
{
	strbuf_printf(q->out, "%.*s: ", STR_ARG(l->name));
	if (l->is_left_out) {
		strbuf_addz(q->out, "denied: this server does not have the listener\n");
		return false;
	}
	if (l->kind == LISTENER_C2S && names_find(&q->m->host_names, who->domain) == NULL) {
		strbuf_printf(q->out, "denied: %.*s is none of the hosts\n", STR_ARG(who->domain));
		return false;
	}
	if (l->access_none) {
		strbuf_addz(q->out, "denied: the built-in rule none\n");
		return false;
	}
	if (l->access == NULL) {
		strbuf_addz(q->out, "allowed: no access rule\n");
		return true;
	}
	return explain(q, l->access, who);
}

static int ask_port(struct query *q, const struct jid *who)
{
	bool found = false, all = true;

	for (size_t i = 0; i < q->m->listeners.n; i++) {
		const struct listener *l = q->m->listeners.at[i];

		if (l->port != q->o->listener ||
		    (l->kind != LISTENER_C2S && l->kind != LISTENER_SERVICE))
			continue;
		found = true;
		all &= ask_listener(q, l, who);
	}
	if (!found) {
		diag_add(q->dl, E0018, NO_SPAN, "no listener on port %u asks an access rule",
			 (unsigned)q->o->listener);
		return CFGC_USAGE;
	}
	return all ? CFGC_OK : CFGC_ERRORS;
}

int can_answer(struct strbuf *out, struct diags *dl, const struct model *m, const struct options *o)
{
	struct query q = {.out = out, .dl = dl, .m = m, .o = o, .host = HOST_GLOBAL};
	const struct rule *r;
	const struct host *own;
	struct jid who;
	const char *why = jid_read(m->arena, str_of(o->subject), &who);

	if (why != NULL) {
		diag_add(dl, E0018, NO_SPAN, "'%s' is no JID: %s", o->subject, why);
		return CFGC_USAGE;
	}
	own = names_find(&m->host_names, who.domain);
	if (own != NULL)
		q.host = own->index;
	if (o->host != NULL && !find_host(&q, o->host))
		return refuse_host(&q);
	if (o->rule == NULL)
		return ask_port(&q, &who);
	r = find_rule(&q);
	if (r == NULL)
		return refuse_rule(&q);
	return explain(&q, r, &who) ? CFGC_OK : CFGC_ERRORS;
}

/* ---- who ---- */

static void describe_member(struct query *q, const struct set_member *m)
{
	strbuf_addz(q->out, "     - ");
	words_add_member(q->out, m, q->host != HOST_GLOBAL);
	strbuf_addz(q->out, " (");
	print_place(q, m->at);
	strbuf_addz(q->out, ")\n");
}

/* Somebody the i-th decision is about, if there is anybody. */
static bool find_witness(struct query *q, const struct decisions *d, size_t i, struct jid *out)
{
	struct asked asked = {.m = q->m, .host = q->host};
	const struct set **before = arena_array_of(q->m->arena, const struct set *, i);

	for (size_t k = 0; k < i; k++)
		before[k] = d->list.at[k].set;
	return witness_left(q->witnesses, &asked, d->list.at[i].set, before, i, out) ==
	       WITNESS_FOUND;
}

static void describe_decision(struct query *q, const struct rule *r, const struct decisions *d,
			      size_t i)
{
	const struct decision *decision = &d->list.at[i];
	const struct clause *clause = clause_of(r, decision);
	struct jid witness;

	strbuf_printf(q->out, "  %zu. ", i + 1);
	term_print(q->out, clause->value);
	if (decision->set == NULL)
		strbuf_printf(q->out, ": everybody%s (", i != 0 ? " else" : "");
	else
		strbuf_printf(q->out, ": who is in acl %.*s%s (", STR_ARG(decision->set->name),
			      i != 0 ? " and in none of the above" : "");
	print_place(q, clause->at);
	strbuf_addz(q->out, ")\n");
	for (size_t k = 0; decision->set != NULL && k < decision->set->folded.n; k++) {
		const struct set_member *m = decision->set->folded.at[k];

		if (m->host == HOST_GLOBAL || m->host == q->host)
			describe_member(q, m);
	}
	if (find_witness(q, d, i, &witness))
		strbuf_printf(q->out, "     for example %.*s\n",
			      STR_ARG(jid_text(q->m->arena, &witness)));
}

static void describe_rule(struct query *q, const struct rule *r)
{
	const struct decisions *d = decisions_of(r, q->host);

	strbuf_printf(q->out, "rule %.*s, ", STR_ARG(r->name));
	print_check(q);
	strbuf_addz(q->out, ":\n");
	for (size_t i = 0; i < d->list.n; i++)
		describe_decision(q, r, d, i);
	if (d->list.n == 0 || d->list.at[d->list.n - 1].set != NULL)
		strbuf_printf(q->out, "  %zu. %s: everybody else, as no clause is about them\n",
			      d->list.n + 1, nothing_of(r));
}

int who_answer(struct strbuf *out, struct diags *dl, const struct model *m, const struct options *o)
{
	struct query q = {.out = out,
			  .dl = dl,
			  .m = m,
			  .o = o,
			  .host = HOST_GLOBAL,
			  .witnesses = witnesses_new(m->arena)};
	const struct rule *r = find_rule(&q);

	if (r == NULL)
		return refuse_rule(&q);
	if (o->host != NULL && !find_host(&q, o->host))
		return refuse_host(&q);
	describe_rule(&q, r);
	for (size_t i = 0; o->host == NULL && i < r->others.n; i++) {
		q.host = r->others.at[i].host;
		strbuf_addc(out, '\n');
		describe_rule(&q, r);
	}
	return CFGC_OK;
}
