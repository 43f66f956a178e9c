/* report_rules.c - access rules and sets of users in words. */
#include "model/jid_check.h"
#include "schema/bind.h"
#include "tools/report_page.h"
#include "tools/words.h"

/* Members of a set that the page shows; the rest is counted. */
#define MOST_MEMBERS 12

/* ---- one clause ---- */

const char *report_class_of(const struct rule_value *v, const struct term *written)
{
	if (v->kind == VALUE_DENY)
		return term_is_atom(written, "default") ? "value" : "bad";
	return v->kind == VALUE_ALLOW ? "good" : "value";
}

static struct str value_of(struct page *p, const struct rule *r, const struct decision *d)
{
	return words_value(p->a, &d->value, clause_of(r, d)->value);
}

static const char *nothing_word(const struct rule *r)
{
	switch (r->type) {
	case RULE_SHAPER:
		return "no shaper";
	case RULE_LIMIT:
		return "the server's own limit";
	default:
		return "denied";
	}
}

static bool decides_about_all(const struct decisions *d)
{
	return d->list.n != 0 && d->list.at[d->list.n - 1].set == NULL;
}

void report_rule_short(struct page *p, const struct rule *r)
{
	size_t shown = r->base.list.n < 4 ? r->base.list.n : 3;

	for (size_t i = 0; i < shown; i++) {
		const struct decision *d = &r->base.list.at[i];

		html_raw(p, i != 0 ? "; " : "");
		html_text(p, value_of(p, r, d));
		html_raw(p, ": ");
		html_text(p, d->set != NULL ? d->set->name
			     : i != 0       ? STR("everybody else")
					    : STR("everybody"));
	}
	if (shown < r->base.list.n)
		html_textf(p, "; and %zu more clauses", r->base.list.n - shown);
	else if (!decides_about_all(&r->base))
		html_textf(p, "%s%s: everybody%s", shown != 0 ? "; " : "", nothing_word(r),
			   shown != 0 ? " else" : "");
	if (r->others.n != 0)
		html_textf(p, " (other clauses for %zu host%s)", r->others.n,
			   r->others.n == 1 ? "" : "s");
}

static void put_clause(struct page *p, const struct rule *r, const struct decision *d, size_t i)
{
	struct str value = value_of(p, r, d);

	html_raw(p, "<li>");
	html_badge(p, report_class_of(&d->value, clause_of(r, d)->value),
		   arena_str(p->a, value.p, value.n).p);
	html_raw(p, " ");
	if (d->set == NULL) {
		html_raw(p, i != 0 ? "everybody else" : "everybody");
	} else {
		html_raw(p, "who is in ");
		html_link(p, "acl", d->set->name);
	}
	html_raw(p, " ");
	html_place(p, d->at);
	html_raw(p, "</li>\n");
}

static void put_decisions(struct page *p, const struct rule *r, const struct decisions *d)
{
	html_raw(p, "<ol class=\"clauses\">\n");
	for (size_t i = 0; i < d->list.n; i++)
		put_clause(p, r, &d->list.at[i], i);
	if (!decides_about_all(d)) {
		html_raw(p, "<li>");
		html_badge(p, r->type == RULE_VERDICT ? "bad" : "value", nothing_word(r));
		html_textf(p, " everybody%s: no clause is about them",
			   d->list.n != 0 ? " else" : "");
		html_raw(p, "</li>\n");
	}
	html_raw(p, "</ol>\n");
}

/* ---- one rule ---- */

/* Clauses as they stand, for a rule that nobody asks: what its values mean is not known. */
static void put_written(struct page *p, const struct rule_def *def)
{
	html_raw(p, "<ol class=\"clauses\">\n");
	for (size_t i = 0; i < def->clauses.n; i++) {
		const struct clause *c = def->clauses.at[i];
		struct strbuf value = {.arena = p->a};

		term_print(&value, c->value);
		strbuf_addc(&value, '\0');
		html_raw(p, "<li>");
		html_badge(p, "value", value.p);
		html_raw(p, " ");
		if (c->set != NULL)
			html_link(p, "acl", c->set->name);
		else
			html_raw(p, c->is_all ? "everybody" : "nobody");
		html_raw(p, "</li>\n");
	}
	html_raw(p, "</ol>\n");
}

static void put_uses(struct page *p, const struct rule *r)
{
	html_raw(p, "<p class=\"sub\">Asked by ");
	for (size_t i = 0, n = 0; i < r->uses.n; i++) {
		const struct rule_use *use = &r->uses.at[i];

		if (p->m->target == TARGET_XMPPD && !use->emitted)
			continue;
		html_raw(p, n++ != 0 ? ", " : "");
		html_text(p, use->what);
		if (use->at.file != NO_FILE) {
			html_raw(p, " ");
			html_place(p, use->at);
		}
	}
	html_raw(p, ".</p>\n");
}

static void put_rule(struct page *p, const struct rule *r)
{
	html_raw(p, "<article class=\"card\" id=\"");
	html_id(p, "rule", r->name);
	html_raw(p, "\"><h3>rule ");
	html_code(p, r->name);
	html_raw(p, " ");
	html_place(p, r->global != NULL ? r->global->at : r->per_host.at[0]->at);
	html_raw(p, "</h3>\n");
	put_uses(p, r);
	put_decisions(p, r, &r->base);
	for (size_t i = 0; i < r->others.n; i++) {
		html_raw(p, "<h4>for ");
		html_text(p, p->m->hosts.at[r->others.at[i].host]->name);
		html_raw(p, "</h4>\n");
		put_decisions(p, r, &r->others.at[i].decisions);
	}
	html_raw(p, "</article>\n");
}

static void put_unused(struct page *p, const struct rule *r)
{
	html_raw(p, "<li id=\"");
	html_id(p, "rule", r->name);
	html_raw(p, "\">");
	html_code(p, r->name);
	html_raw(p, " ");
	html_place(p, r->global != NULL ? r->global->at : r->per_host.at[0]->at);
	put_written(p, r->global != NULL ? r->global : r->per_host.at[0]);
	html_raw(p, "</li>\n");
}

static void put_unused_rules(struct page *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->m->rules.n; i++)
		n += report_is_defined(p->m->rules.at[i]) &&
		     !report_is_asked(p->m, p->m->rules.at[i]);
	if (n == 0)
		return;
	html_raw(p, "<details><summary>");
	html_textf(p, "%zu rule%s that nothing in this server asks", n, n == 1 ? "" : "s");
	html_raw(p, "</summary>\n<ul class=\"columns\">\n");
	for (size_t i = 0; i < p->m->rules.n; i++)
		if (report_is_defined(p->m->rules.at[i]) &&
		    !report_is_asked(p->m, p->m->rules.at[i]))
			put_unused(p, p->m->rules.at[i]);
	html_raw(p, "</ul></details>\n");
}

/* ---- sets ---- */

static void put_member(struct page *p, const struct set_member *m)
{
	struct strbuf words = {.arena = p->a};

	words_add_member(&words, m, true);
	html_raw(p, "<li>");
	html_text(p, strbuf_str(&words));
	if (m->host != HOST_GLOBAL) {
		html_raw(p, ", for ");
		html_text(p, p->m->hosts.at[m->host]->name);
	}
	html_raw(p, " ");
	html_place(p, m->at);
	html_raw(p, "</li>\n");
}

static void put_set(struct page *p, const struct set *s)
{
	size_t shown = s->folded.n <= MOST_MEMBERS ? s->folded.n : MOST_MEMBERS - 1;

	html_raw(p, "<article class=\"card\" id=\"");
	html_id(p, "acl", s->name);
	html_raw(p, "\"><h3>acl ");
	html_code(p, s->name);
	html_raw(p, "</h3>\n");
	if (s->members.n == 0)
		html_raw(p, "<p>Not defined: nobody is in it.</p>\n");
	else if (s->folded.n == 0)
		html_raw(p, "<p>Nobody is in it.</p>\n");
	html_raw(p, "<ul>\n");
	for (size_t i = 0; i < shown; i++)
		put_member(p, s->folded.at[i]);
	if (shown < s->folded.n) {
		html_raw(p, "<li>");
		html_textf(p, "and %zu more", s->folded.n - shown);
		html_raw(p, "</li>\n");
	}
	html_raw(p, "</ul></article>\n");
}

void report_rules(struct page *p)
{
	bool any = false;

	html_section(p, "access", "Access");
	report_graph(p);
	html_raw(p, "<h3 class=\"between\">Rules in words</h3>\n<div class=\"cards\">\n");
	for (size_t i = 0; i < p->m->rules.n; i++) {
		if (!report_is_defined(p->m->rules.at[i]) ||
		    !report_is_asked(p->m, p->m->rules.at[i]))
			continue;
		put_rule(p, p->m->rules.at[i]);
		any = true;
	}
	html_raw(p, "</div>\n");
	if (!any)
		html_raw(p, "<p>Nothing in this server asks an access rule.</p>\n");
	put_unused_rules(p);
	if (p->m->sets.n != 0) {
		html_raw(p, "<h3 class=\"between\">Sets of users</h3>\n<div class=\"cards\">\n");
		for (size_t i = 0; i < p->m->sets.n; i++)
			put_set(p, p->m->sets.at[i]);
		html_raw(p, "</div>\n");
	}
	html_section_end(p);
}
