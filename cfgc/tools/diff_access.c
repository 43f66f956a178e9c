/* diff_access.c - who gets another answer where a rule is asked, whatever rule and sets are called.
 */
#include "tools/diff_list.h"

#include <inttypes.h>
#include <stdlib.h>

#include "support/sha256.h"
#include "support/strbuf.h"
#include "tools/diff_witness.h"
#include "model/jid_check.h"
#include "tools/words.h"

/* ---- what decisions mean, as text ---- */

static void add_part(struct strbuf *out, const struct part_test *t)
{
	strbuf_printf(out, " %d %zu:", (int)t->kind, t->text.n);
	strbuf_add(out, t->text);
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool counts(const struct set_member *m, int host)
{
	return m->host == HOST_GLOBAL || m->host == host;
}

/* Equal for sets that hold the same members in checks for a host. */
static struct str key_of_set(struct arena *a, const struct set *s, int host)
{
	struct strbuf all = {.arena = a};
	struct str *lines = arena_array_of(a, struct str, s->folded.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s->folded.n; i++) {
		const struct set_member *m = s->folded.at[i];
		struct strbuf line = {.arena = a};

		if (!counts(m, host))
			continue;
		strbuf_printf(&line, "%d %d", (int)m->kind, (int)m->server_is_host);
		add_part(&line, &m->node);
		add_part(&line, &m->domain);
		add_part(&line, &m->resource);
		lines[n++] = strbuf_str(&line);
	}
	qsort(lines, n, sizeof(*lines), by_text);
	for (size_t i = 0; i < n; i++) {
		strbuf_add(&all, lines[i]);
		strbuf_addc(&all, '\n');
	}
	return sha256_hex(a, strbuf_str(&all));
}

static bool is_for_hosts(const struct set *s)
{
	for (size_t i = 0; i < s->folded.n; i++)
		if (s->folded.at[i]->host != HOST_GLOBAL)
			return true;
	return false;
}

/* A set that is the same for all hosts is looked at once. */
static struct str cached_key_of_set(struct differ *d, const struct set *s, int host)
{
	struct str identity = {(const char *)&s, sizeof(s)};
	struct str *known = names_find(&d->set_keys, identity);

	if (known != NULL)
		return known->n != 0 ? *known : key_of_set(d->a, s, host);
	known = arena_new_of(d->a, struct str);
	if (!is_for_hosts(s))
		*known = key_of_set(d->a, s, host);
	names_put(d->a, &d->set_keys, arena_str(d->a, identity.p, identity.n), known);
	return known->n != 0 ? *known : key_of_set(d->a, s, host);
}

static void add_value(struct strbuf *out, const struct rule_value *v)
{
	uint32_t rate = v->shaper != NULL ? v->shaper->bytes_per_s : 0;

	strbuf_printf(out, "%d %" PRId64 " %" PRIu32 " ", (int)v->kind, v->number, rate);
}

static struct str key_of_decisions(struct differ *d, const struct decisions *list, int host)
{
	struct strbuf out = {.arena = d->a};

	for (size_t i = 0; i < list->list.n; i++) {
		add_value(&out, &list->list.at[i].value);
		if (list->list.at[i].set != NULL)
			strbuf_add(&out, cached_key_of_set(d, list->list.at[i].set, host));
	}
	return strbuf_str(&out);
}

/* ---- what is asked ---- */

struct diff_asked diff_asked_by(const struct model *m, const struct value *v, enum rule_type type)
{
	struct diff_asked out = {.at = v != NULL && v->given ? v->at : NO_SPAN};
	bool is_known;

	out.everybody = words_nothing(type);
	if (v == NULL || v->term == NULL || v->term->kind != TERM_ATOM)
		return out;
	if (term_is_atom(v->term, "all") && type == RULE_VERDICT)
		out.everybody.kind = VALUE_ALLOW;
	if (term_is_atom(v->term, "all") || term_is_atom(v->term, "none"))
		return out;
	out.rule = names_find(&m->rule_names, v->term->text);
	is_known = out.rule != NULL && (out.rule->global != NULL || out.rule->per_host.n != 0);
	if (!is_known) { /* a default that the file does without */
		out.rule = NULL;
		if (type == RULE_VERDICT)
			out.everybody.kind = VALUE_ALLOW;
	}
	return out;
}

/* The decisions in checks for a host, with one about everybody at the end. */
static const struct decisions *whole(struct differ *d, const struct ask *ask,
				     const struct diff_asked *asked, int host)
{
	const struct decisions *own = asked->rule != NULL ? decisions_of(asked->rule, host) : NULL;
	struct decisions *out = arena_new_of(d->a, struct decisions);
	struct decision last = {.value = asked->rule != NULL ? words_nothing(ask->type)
							     : asked->everybody,
				.at = NO_SPAN};

	for (size_t i = 0; own != NULL && i < own->list.n; i++)
		vec_push(d->a, &out->list, own->list.at[i]);
	if (out->list.n == 0 || out->list.at[out->list.n - 1].set != NULL)
		vec_push(d->a, &out->list, last);
	return out;
}

static bool is_same_for_all_hosts(const struct diff_asked *asked)
{
	if (asked->rule == NULL)
		return true;
	if (asked->rule->others.n != 0)
		return false;
	for (size_t i = 0; i < asked->rule->base.list.n; i++) {
		const struct set *s = asked->rule->base.list.at[i].set;

		if (s != NULL && is_for_hosts(s))
			return false;
	}
	return true;
}

/* ---- what a change lets happen ---- */

static const struct clause *clause_in(const struct diff_asked *asked,
				      const struct decision *decision)
{
	return asked->rule != NULL && decision->at.file != NO_FILE
		       ? clause_of(asked->rule, decision)
		       : NULL;
}

static double value_rank(const struct rule_value *v, const struct clause *c)
{
	switch (v->kind) {
	case VALUE_DENY: /* archives: the owner alone */
		return c != NULL && term_is_atom(c->value, "default") ? 0.5 : 0;
	case VALUE_ALLOW:
		return 1;
	case VALUE_NUMBER:
		return (double)v->number;
	case VALUE_SHAPER:
		return v->shaper != NULL ? (double)v->shaper->bytes_per_s : -1;
	case VALUE_INFINITY:
	case VALUE_NO_SHAPER:
		return 1e300;
	case VALUE_OTHER:
		break;
	}
	return -1;
}

static struct str source_of(struct differ *d, const struct model *m, const struct diff_asked *asked,
			    const struct decision *decision)
{
	const struct clause *c = clause_in(asked, decision);

	if (c != NULL) {
		struct strbuf out = {.arena = d->a};

		strbuf_addc(&out, '{');
		term_print(&out, c->value);
		strbuf_addz(&out, ", ");
		if (c->set != NULL)
			strbuf_add(&out, c->set->name);
		else
			strbuf_addz(&out, "all");
		strbuf_addc(&out, '}');
		return strbuf_str(&out);
	}
	(void)m;
	if (asked->rule != NULL)
		return arena_printf(d->a, "no clause of rule %.*s", STR_ARG(asked->rule->name));
	return STR("no rule");
}

static struct diff_side side_of(struct differ *d, const struct model *m,
				const struct diff_asked *asked, const struct decision *decision)
{
	const struct clause *c = clause_in(asked, decision);
	struct str value = words_value(d->a, &decision->value, c != NULL ? c->value : NULL);
	struct str source = source_of(d, m, asked, decision);

	return (struct diff_side){
		arena_printf(d->a, "%.*s by %.*s", STR_ARG(value), STR_ARG(source)),
		c != NULL ? c->at : asked->at};
}

/* Where a rule is defined. */
static struct span decisions_place(const struct diff_asked *asked)
{
	return asked->rule->global != NULL ? asked->rule->global->at : asked->at;
}

static void report(struct differ *d, const struct ask *ask, const struct host_group *hosts,
		   const struct diff_pair *pair)
{
	const struct clause *was = clause_in(&ask->old, pair->old);
	const struct clause *is = clause_in(&ask->new, pair->new);
	double before = value_rank(&pair->old->value, was);
	double after = value_rank(&pair->new->value, is);
	struct diff_change *c;

	if (before == after && before >= 0)
		return;
	c = diff_changed(d, DIFF_ACCESS, ask->subject, ask->what,
			 side_of(d, d->old, &ask->old, pair->old),
			 side_of(d, d->new, &ask->new, pair->new));
	if (pair->who.domain.n != 0)
		c->who = jid_text(d->a, &pair->who);
	c->group = hosts;
	if (before >= 0 && after >= 0)
		c->effect = after > before ? DIFF_OPENS : DIFF_CLOSES;
}

/* A gate must not let through what could not be decided. */
static void report_unsure(struct differ *d, const struct ask *ask, const struct host_group *hosts)
{
	struct diff_side before = {STR("one rule"), ask->old.at};
	struct diff_side after = {STR("another rule"), ask->new.at};
	struct diff_change *c =
		diff_changed(d, DIFF_ACCESS, ask->subject, ask->what, before, after);

	if (ask->old.rule != NULL)
		c->before.at = decisions_place(&ask->old);
	if (ask->new.rule != NULL)
		c->after.at = decisions_place(&ask->new);
	c->group = hosts;
	c->effect = DIFF_OPENS;
	c->why = STR("whether somebody else is let in could not be decided");
}

/* ---- one place ---- */

struct keys {
	struct differ *d;
	const struct ask *ask;
};

static struct str key_for_pair(void *ctx, const struct host_pair *pair)
{
	struct keys *k = ctx;
	const struct ask *ask = k->ask;
	struct str old = key_of_decisions(k->d, whole(k->d, ask, &ask->old, pair->old->index),
					  pair->old->index);
	struct str new = key_of_decisions(k->d, whole(k->d, ask, &ask->new, pair->new->index),
					  pair->new->index);

	return str_eq(old, new)
		       ? STR("")
		       : arena_printf(k->d->a, "%zu:%.*s%.*s", old.n, STR_ARG(old), STR_ARG(new));
}

static void report_pairs(struct differ *d, const struct ask *ask, const struct host_group *hosts,
			 const struct diff_pairs *pairs)
{
	for (size_t i = 0; i < pairs->list.n; i++)
		report(d, ask, hosts, &pairs->list.at[i]);
	if (pairs->is_unsure)
		report_unsure(d, ask, hosts);
}

static bool are_equal(struct differ *d, const struct diff_checks *k)
{
	return str_eq(key_of_decisions(d, k->old, k->old_host),
		      key_of_decisions(d, k->new, k->new_host));
}

/* The same sets one after the other, whatever comes of them. */
static bool have_same_sets(struct differ *d, const struct diff_checks *k)
{
	bool same = k->old->list.n == k->new->list.n;

	for (size_t i = 0; i < k->old->list.n && same; i++) {
		const struct set *a = k->old->list.at[i].set, *b = k->new->list.at[i].set;

		same = (a == NULL) == (b == NULL) &&
		       (a == NULL || str_eq(cached_key_of_set(d, a, k->old_host),
					    cached_key_of_set(d, b, k->new_host)));
	}
	return same;
}

/* In one check, that for the first host of a group. */
static void compare_in(struct differ *d, const struct ask *ask, const struct host_group *hosts)
{
	struct diff_checks checks = {
		.old_host = hosts != NULL ? hosts->list.at[0].old->index : HOST_GLOBAL,
		.new_host = hosts != NULL ? hosts->list.at[0].new->index : HOST_GLOBAL,
		.local = ask->local,
	};
	struct diff_pairs pairs;

	checks.old = whole(d, ask, &ask->old, checks.old_host);
	checks.new = whole(d, ask, &ask->new, checks.new_host);
	if (are_equal(d, &checks))
		return;
	checks.same_sets = have_same_sets(d, &checks);
	diff_find_pairs(d, &checks, &pairs);
	report_pairs(d, ask, hosts, &pairs);
}

/* A rule that is the same for some hosts and asked about the users of each: what it says may depend
 * on the host all the same, by a domain in a set. */
static void compare_each(struct differ *d, const struct ask *ask)
{
	struct diff_checks checks = {
		.old_host = HOST_GLOBAL, .new_host = HOST_GLOBAL, .local = true};
	struct diff_pairs pairs;

	checks.old = whole(d, ask, &ask->old, HOST_GLOBAL);
	checks.new = whole(d, ask, &ask->new, HOST_GLOBAL);
	if (are_equal(d, &checks))
		return;
	checks.same_sets = have_same_sets(d, &checks);
	for (size_t i = 0; i < ask->hosts->list.n; i++) {
		struct host_group *only = arena_new_of(d->a, struct host_group);

		vec_push(d->a, &only->list, ask->hosts->list.at[i]);
		checks.old_host = only->list.at[0].old->index;
		checks.new_host = only->list.at[0].new->index;
		diff_find_pairs(d, &checks, &pairs);
		report_pairs(d, ask, only, &pairs);
	}
}

void diff_ask(struct differ *d, const struct ask *ask)
{
	struct keys keys = {d, ask};
	struct host_groups groups;

	if (ask->hosts == NULL) {
		compare_in(d, ask, NULL);
		return;
	}
	if (ask->hosts->list.n == 0)
		return;
	if (is_same_for_all_hosts(&ask->old) && is_same_for_all_hosts(&ask->new)) {
		if (ask->local && ask->hosts->list.n != d->hosts.list.n)
			compare_each(d, ask);
		else /* the own host of a user is his domain: nothing is to be said about hosts */
			compare_in(d, ask, ask->local ? NULL : ask->hosts);
		return;
	}
	diff_group_hosts(d, ask->hosts, key_for_pair, &keys, &groups);
	for (size_t i = 0; i < groups.list.n; i++)
		compare_in(d, ask, groups.list.at[i]);
}

/* ---- rules that are asked by name ---- */

static const struct rule *asked_by_name(const struct model *m, struct str name,
					enum rule_type *type)
{
	const struct rule *r = names_find(&m->rule_names, name);

	for (size_t i = 0; r != NULL && i < r->uses.n; i++) {
		const struct rule_use *use = &r->uses.at[i];

		if (!str_eqz(use->what, "the server, by its name") ||
		    (m->target == TARGET_XMPPD && !use->emitted))
			continue;
		*type = use->type;
		return r;
	}
	return NULL;
}

static struct diff_asked named(const struct rule *r, enum rule_type type)
{
	struct diff_asked out = {.rule = r, .at = NO_SPAN};

	out.everybody = words_nothing(type);
	return out;
}

static void compare_by_name(struct differ *d, const struct rule *either)
{
	enum rule_type type = RULE_UNUSED;
	const struct rule *old = asked_by_name(d->old, either->name, &type);
	const struct rule *new = asked_by_name(d->new, either->name, &type);
	struct ask ask = {
		.subject = either->name,
		.what = "",
		.type = type,
		.local = str_eqz(either->name, "max_user_sessions"),
		.hosts = &d->hosts,
		.old = named(old, type),
		.new = named(new, type),
	};

	if (old != NULL || new != NULL)
		diff_ask(d, &ask);
}

void diff_rules_by_name(struct differ *d)
{
	for (size_t i = 0; i < d->new->rules.n; i++)
		compare_by_name(d, d->new->rules.at[i]);
	for (size_t i = 0; i < d->old->rules.n; i++)
		if (names_find(&d->new->rule_names, d->old->rules.at[i]->name) == NULL)
			compare_by_name(d, d->old->rules.at[i]);
}
