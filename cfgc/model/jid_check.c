/* jid_check.c - rules and sets applied to one user. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "model/jid_check.h"

#include "model/prep.h"
#include "support/assert.h"

const char *jid_read(struct arena *a, struct str text, struct jid *out)
{
	const char *slash = text.n != 0 ? memchr(text.p, '/', text.n) : NULL, *at, *why = NULL;

	*out = (struct jid){{"", 0}, {"", 0}, {"", 0}};
	if (slash != NULL) {
		size_t n = (size_t)(slash - text.p);

		why = prep(a, PREP_RESOURCE, (struct str){slash + 1, text.n - n - 1},
			   &out->resource);
		text.n = n;
	}
	at = text.n != 0 ? memchr(text.p, '@', text.n) : NULL;
	if (at != NULL && why == NULL) {
		size_t n = (size_t)(at - text.p);

		why = prep(a, PREP_NODE, (struct str){text.p, n}, &out->node);
		text = (struct str){at + 1, text.n - n - 1};
	}
	if (why == NULL && text.n != 0 && memchr(text.p, '@', text.n) != NULL)
		return "its domain holds an @";
	return why != NULL ? why : prep(a, PREP_DOMAIN, text, &out->domain);
}

struct str jid_text(struct arena *a, const struct jid *who)
{
	return arena_printf(a, "%.*s%s%.*s%s%.*s", STR_ARG(who->node), who->node.n != 0 ? "@" : "",
			    STR_ARG(who->domain), who->resource.n != 0 ? "/" : "",
			    STR_ARG(who->resource));
}

const struct decisions *decisions_of(const struct rule *r, int host)
{
	for (size_t i = 0; i < r->others.n; i++)
		if (r->others.at[i].host == host)
			return &r->others.at[i].decisions;
	return &r->base;
}

static bool matches(struct str pattern, struct str text)
{
	PCRE2_SIZE offset;
	int error, rc = -1;
	pcre2_code *code =
		pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, 0, &error, &offset, NULL);
	pcre2_match_data *data = code != NULL ? pcre2_match_data_create(1, NULL) : NULL;

	if (data != NULL)
		rc = pcre2_match(code, (PCRE2_SPTR)text.p, text.n, 0, 0, data, NULL);
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	return rc >= 0;
}

bool part_passes(const struct part_test *t, struct str text)
{
	switch (t->kind) {
	case PART_ANY:
		return true;
	case PART_IS:
		return str_eq(t->text, text);
	case PART_STARTS:
		return text.n >= t->text.n && str_eq(t->text, (struct str){text.p, t->text.n});
	case PART_ENDS:
		return text.n >= t->text.n &&
		       str_eq(t->text, (struct str){text.p + text.n - t->text.n, t->text.n});
	case PART_MATCHES:
		return matches(t->text, text);
	}
	CFGC_ASSERT(!"a kind of test");
	return false;
}

static bool is_in(const struct model *m, const struct set_member *member, const struct jid *who,
		  int host)
{
	if (member->host != HOST_GLOBAL && member->host != host)
		return false;
	if (member->kind != MEMBER_TEST)
		return member->kind == MEMBER_ALL;
	if (member->server_is_host &&
	    (host != HOST_GLOBAL ? !str_eq(m->hosts.at[host]->name, who->domain)
				 : names_find(&m->host_names, who->domain) == NULL))
		return false;
	return part_passes(&member->node, who->node) && part_passes(&member->domain, who->domain) &&
	       part_passes(&member->resource, who->resource);
}

const struct set_member *member_for(const struct model *m, const struct set *s,
				    const struct jid *who, int host)
{
	const struct set_member *found = NULL, *named = set_members_named(s, who->node);

	for (; named != NULL && found == NULL; named = named->next_of_name)
		if (is_in(m, named, who, host))
			found = named;
	for (size_t i = 0; i < s->unnamed.n; i++) {
		const struct set_member *other = s->unnamed.at[i];

		if (found != NULL && found->nth < other->nth)
			break;
		if (is_in(m, other, who, host))
			return other;
	}
	return found;
}

const struct decision *decision_for(const struct model *m, const struct decisions *d,
				    const struct jid *who, int host)
{
	for (size_t i = 0; i < d->list.n; i++)
		if (d->list.at[i].set == NULL ||
		    member_for(m, d->list.at[i].set, who, host) != NULL)
			return &d->list.at[i];
	return NULL;
}

static bool same_place(struct span a, struct span b)
{
	return a.file == b.file && a.off == b.off && a.len == b.len;
}

const struct clause *clause_of(const struct rule *r, const struct decision *d)
{
	for (size_t i = 0; i <= r->per_host.n; i++) {
		const struct rule_def *def = i == 0 ? r->global : r->per_host.at[i - 1];

		for (size_t k = 0; def != NULL && k < def->clauses.n; k++)
			if (same_place(def->clauses.at[k]->at, d->at))
				return def->clauses.at[k];
	}
	CFGC_ASSERT(!"every decision is a clause");
	return NULL;
}
