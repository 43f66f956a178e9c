/* vcard_search.c - XEP-0055, Jabber Search over the vCards of a host, at a
 * domain of its own; results in pages (XEP-0059).
 */
#include <stdio.h>

#include "modules/mod_disco.h"
#include "modules/mod_vcard.h"

static const struct {
	const char *var, *label;
} fields[RT_NVCARD_FIELDS] = {
	[RT_VCARD_USER] = {"user", "User"},
	[RT_VCARD_FN] = {"fn", "Full Name"},
	[RT_VCARD_LAST] = {"last", "Family Name"},
	[RT_VCARD_FIRST] = {"first", "Given Name"},
	[RT_VCARD_MIDDLE] = {"middle", "Middle Name"},
	[RT_VCARD_NICK] = {"nick", "Nickname"},
	[RT_VCARD_BDAY] = {"bday", "Birthday"},
	[RT_VCARD_CTRY] = {"ctry", "Country"},
	[RT_VCARD_LOCALITY] = {"locality", "City"},
	[RT_VCARD_EMAIL] = {"email", "Email"},
	[RT_VCARD_ORGNAME] = {"orgname", "Organization Name"},
	[RT_VCARD_ORGUNIT] = {"orgunit", "Organization Unit"},
};

/* The order in which clients know the fields from other servers' forms. */
static const enum rt_vcard_field form_order[RT_NVCARD_FIELDS] = {
	RT_VCARD_USER,     RT_VCARD_FN,    RT_VCARD_FIRST,   RT_VCARD_MIDDLE,
	RT_VCARD_LAST,     RT_VCARD_NICK,  RT_VCARD_BDAY,    RT_VCARD_CTRY,
	RT_VCARD_LOCALITY, RT_VCARD_EMAIL, RT_VCARD_ORGNAME, RT_VCARD_ORGUNIT,
};

/* ---- the form ---- */

static void add_field(struct rt_stanza *st, struct rt_elem *parent, const char *type,
		      const char *label, const char *var)
{
	struct rt_elem *e = rt_elem_add(st, parent, "field", NULL);

	rt_elem_set(st, e, "type", rt_str_of(type));
	rt_elem_set(st, e, "label", rt_str_of(label));
	rt_elem_set(st, e, "var", rt_str_of(var));
}

static struct rt_elem *add_form(struct rt_stanza *st, struct rt_elem *query, const char *type,
				const char *title, struct rt_str domain)
{
	struct rt_elem *form = rt_elem_add(st, query, "x", RT_NS_DATA_FORMS), *e;

	rt_elem_set(st, form, "type", rt_str_of(type));
	e = rt_mod_add_text(st, form, "title", rt_str_of(title));
	rt_elem_text(st, e, domain);
	return form;
}

static void get_form(struct rt_iq *iq)
{
	struct rt_str domain = iq->st->to.domain;
	struct rt_elem *query = rt_iq_reply(iq, "query", RT_NS_SEARCH), *form;
	int i;

	rt_mod_add_text(iq->st, query, "instructions",
			RT_STR("Searching takes a client that knows data forms"));
	form = add_form(iq->st, query, "form", "Search for users in ", domain);
	rt_mod_add_text(iq->st, form, "instructions",
			RT_STR("Fill in what you know; end a word with * to find all that begin "
			       "with it"));
	for (i = 0; i < RT_NVCARD_FIELDS; i++)
		add_field(iq->st, form, "text-single", fields[form_order[i]].label,
			  fields[form_order[i]].var);
	rt_iq_send(iq);
}

/* ---- pages ---- */

struct page_wish {
	bool has_max, has_index, has_after, has_before;
	uint64_t max, index;
	struct rt_str after, before; /* full `jid` values; before may be empty: the last page */
};

static bool parse_count(struct rt_stanza *st, const struct rt_elem *e, uint64_t *out)
{
	struct rt_str text = rt_elem_get_text(st, e);
	uint32_t i;

	*out = 0;
	for (i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || *out > UINT32_MAX)
			return false;
		*out = *out * 10 + (uint64_t)(text.p[i] - '0');
	}
	return text.n > 0;
}

/* @return false: malformed. */
static bool parse_wish(struct rt_stanza *st, const struct rt_elem *query, struct page_wish *w)
{
	const struct rt_elem *set = rt_elem_child(query, "set", RT_NS_RSM);
	const struct rt_elem *max = rt_elem_child(set, "max", RT_NS_RSM);
	const struct rt_elem *index = rt_elem_child(set, "index", RT_NS_RSM);
	const struct rt_elem *after = rt_elem_child(set, "after", RT_NS_RSM);
	const struct rt_elem *before = rt_elem_child(set, "before", RT_NS_RSM);

	*w = (struct page_wish){.has_max = max != NULL,
				.has_index = index != NULL,
				.has_after = after != NULL,
				.has_before = before != NULL,
				.after = rt_elem_get_text(st, after),
				.before = rt_elem_get_text(st, before)};
	return (max == NULL || parse_count(st, max, &w->max)) &&
	       (index == NULL || parse_count(st, index, &w->index));
}

struct result {
	struct rt_str domain; /* of the users */
	const struct rt_vcard_row *rows;
	size_t n;
	size_t from, to; /* the page */
};

/* Index of a row by its `jid`; n: none. */
static size_t find_row(const struct result *r, struct rt_str jid)
{
	size_t i = 0;

	for (; i < r->n; i++) {
		struct rt_str node = r->rows[i].node;

		if (jid.n == node.n + 1 + r->domain.n && memcmp(jid.p, node.p, node.n) == 0 &&
		    jid.p[node.n] == '@' &&
		    memcmp(jid.p + node.n + 1, r->domain.p, r->domain.n) == 0)
			break;
	}
	return i;
}

/* @return false: `after` or `before` is not in the result (XEP-0059, 2.2). */
static bool cut_page(struct result *r, const struct page_wish *w)
{
	size_t max = w->has_max && w->max < r->n ? (size_t)w->max : r->n;

	r->from = 0;
	r->to = r->n;
	if (w->has_after) {
		r->from = find_row(r, w->after) + 1;
		if (r->from > r->n)
			return false;
	} else if (w->has_before) {
		if (w->before.n > 0)
			r->to = find_row(r, w->before);
		if (w->before.n > 0 && r->to == r->n)
			return false;
		r->from = r->to > max ? r->to - max : 0;
	} else if (w->has_index) {
		r->from = w->index < r->n ? (size_t)w->index : r->n;
	}
	if (r->to - r->from > max)
		r->to = r->from + max;
	return true;
}

/* ---- the result ---- */

static void add_value(struct rt_stanza *st, struct rt_elem *item, const char *var,
		      struct rt_str value)
{
	struct rt_elem *e = rt_elem_add(st, item, "field", NULL);

	rt_elem_set(st, e, "var", rt_str_of(var));
	rt_mod_add_text(st, e, "value", value);
}

static struct rt_str jid_of(const struct result *r, size_t i, char out[RT_JID_MAX + 1])
{
	struct rt_jid jid = {.node = r->rows[i].node, .domain = r->domain};

	return (struct rt_str){out, (uint32_t)rt_jid_format(&jid, out)};
}

static void add_item(struct rt_stanza *st, struct rt_elem *form, const struct result *r, size_t i)
{
	struct rt_elem *item = rt_elem_add(st, form, "item", NULL);
	char jid[RT_JID_MAX + 1];
	int f;

	add_value(st, item, "jid", jid_of(r, i, jid));
	for (f = 0; f < RT_NVCARD_FIELDS; f++)
		if (f != RT_VCARD_USER)
			add_value(st, item, fields[f].var, r->rows[i].fields[f]);
}

static void add_set(struct rt_stanza *st, struct rt_elem *query, const struct result *r)
{
	struct rt_elem *set = rt_elem_add(st, query, "set", RT_NS_RSM), *first;
	char text[RT_JID_MAX + 1];

	if (r->to > r->from) {
		first = rt_mod_add_text(st, set, "first", jid_of(r, r->from, text));
		rt_mod_add_text(st, set, "last", jid_of(r, r->to - 1, text));
		snprintf(text, sizeof(text), "%zu", r->from);
		rt_elem_set(st, first, "index", rt_str_of(text));
	}
	snprintf(text, sizeof(text), "%zu", r->n);
	rt_mod_add_text(st, set, "count", rt_str_of(text));
}

static void answer(struct rt_iq *iq, const struct result *r)
{
	struct rt_str domain = iq->st->to.domain;
	struct rt_stanza *st = iq->st;
	struct rt_elem *query = rt_iq_reply(iq, "query", RT_NS_SEARCH), *form, *reported;
	size_t i;
	int f;

	form = add_form(st, query, "result", "Users found in ", domain);
	reported = rt_elem_add(st, form, "reported", NULL);
	add_field(st, reported, "jid-single", "Jabber ID", "jid");
	for (f = 0; f < RT_NVCARD_FIELDS; f++)
		if (form_order[f] != RT_VCARD_USER)
			add_field(st, reported, "text-single", fields[form_order[f]].label,
				  fields[form_order[f]].var);
	for (i = r->from; i < r->to; i++)
		add_item(st, form, r, i);
	add_set(st, query, r);
	rt_iq_send(iq);
}

static void on_found(struct rt_shard *shard, void *ctx, int err, const struct rt_vcard_row *rows,
		     size_t n)
{
	struct rt_iq *iq = ctx;
	struct result r = {.domain = rt_str_of(rt_gen.hosts[iq->host].name), .rows = rows, .n = n};
	struct page_wish w;

	(void)shard;
	if (err != RT_OK)
		rt_iq_error(iq, rt_mod_error_of(err), "");
	else if (!parse_wish(iq->st, iq->child, &w))
		rt_iq_error(iq, RT_SE_BAD_REQUEST, "");
	else if (!cut_page(&r, &w))
		rt_iq_error(iq, RT_SE_ITEM_NOT_FOUND, "");
	else
		answer(iq, &r);
}

/* ---- searching ---- */

static int field_of(struct rt_str var)
{
	int f = 0;

	while (f < RT_NVCARD_FIELDS && !rt_str_eq(var, rt_str_of(fields[f].var)))
		f++;
	return f;
}

/* @return whether anything is asked for. */
static bool read_patterns(struct rt_stanza *st, const struct rt_elem *form,
			  struct rt_str patterns[RT_NVCARD_FIELDS])
{
	struct rt_elem *e = NULL;
	bool any = false;
	int f;

	for (f = 0; f < RT_NVCARD_FIELDS; f++)
		patterns[f] = (struct rt_str){NULL, 0};
	while ((e = rt_elem_next(form, e)) != NULL) {
		f = field_of(rt_elem_attr(e, "var"));
		if (!rt_elem_is(e, "field", RT_NS_DATA_FORMS) || f == RT_NVCARD_FIELDS)
			continue;
		patterns[f] = rt_elem_get_text(st, rt_elem_child(e, "value", RT_NS_DATA_FORMS));
		any = any || patterns[f].n > 0;
	}
	return any;
}

static void search(struct rt_iq *iq)
{
	const struct rt_mod_vcard_opts *opts = iq->opts;
	const struct rt_elem *form = rt_elem_child(iq->child, "x", RT_NS_DATA_FORMS);
	struct rt_str patterns[RT_NVCARD_FIELDS];

	if (form == NULL || !rt_str_is(rt_elem_attr(form, "type"), "submit"))
		rt_iq_error(iq, RT_SE_BAD_REQUEST, "");
	else if (!read_patterns(iq->st, form, patterns))
		on_found(iq->shard, iq, RT_OK, NULL, 0);
	else
		rt_store_vcard_search(iq->shard, rt_str_of(rt_gen.hosts[iq->host].name), patterns,
				      opts->matches == RT_LIMIT_INFINITY ? -1 : opts->matches,
				      on_found, iq);
}

/* ---- the service ---- */

static void info(struct rt_iq *iq)
{
	struct rt_elem *query;

	if (iq->is_set) {
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
		return;
	}
	if (rt_elem_attr(iq->child, "node").n > 0) {
		rt_iq_error(iq, RT_SE_ITEM_NOT_FOUND, "");
		return;
	}
	query = rt_iq_reply(iq, "query", RT_NS_DISCO_INFO);
	rt_mod_disco_identity(iq->st, query, "directory", "user", "vCard User Search");
	rt_mod_disco_feature(iq->st, query, RT_STR(RT_NS_DISCO_INFO));
	rt_mod_disco_feature(iq->st, query, RT_STR(RT_NS_SEARCH));
	rt_mod_disco_feature(iq->st, query, RT_STR(RT_NS_VCARD));
	rt_mod_disco_serverinfo(iq->st, query, iq->host, "mod_vcard");
	rt_iq_send(iq);
}

static void items(struct rt_iq *iq)
{
	if (iq->is_set) {
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
		return;
	}
	rt_iq_reply(iq, "query", RT_NS_DISCO_ITEMS);
	rt_iq_send(iq);
}

void rt_mod_vcard_search(struct rt_iq *iq)
{
	struct rt_str ns = iq->child->ns;

	if (rt_str_is(ns, RT_NS_SEARCH) && rt_elem_is(iq->child, "query", NULL)) {
		if (iq->is_set)
			search(iq);
		else
			get_form(iq);
	} else if (rt_str_is(ns, RT_NS_DISCO_INFO)) {
		info(iq);
	} else if (rt_str_is(ns, RT_NS_DISCO_ITEMS)) {
		items(iq);
	} else if (rt_str_is(ns, RT_NS_VCARD)) {
		rt_vcard_of_server(iq, RT_PRODUCT "/vcard",
				   "Directory of the users of this server");
	} else {
		rt_iq_error(iq, RT_SE_SERVICE_UNAVAILABLE, "");
	}
}
