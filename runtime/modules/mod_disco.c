/* mod_disco.c - XEP-0030, Service Discovery of hosts and accounts; XEP-0157,
 * contact addresses. */
#include "modules/mod_disco.h"

#include <stdlib.h>

#include "route/roster.h"
#include "route/router.h"

/* ---- pieces ---- */

void rt_mod_disco_identity(struct rt_stanza *st, struct rt_elem *query, const char *category,
			   const char *type, const char *name)
{
	struct rt_elem *e = rt_elem_add(st, query, "identity", NULL);

	rt_elem_set(st, e, "category", rt_str_of(category));
	rt_elem_set(st, e, "type", rt_str_of(type));
	if (name != NULL)
		rt_elem_set(st, e, "name", rt_str_of(name));
}

void rt_mod_disco_feature(struct rt_stanza *st, struct rt_elem *query, struct rt_str var)
{
	rt_elem_set(st, rt_elem_add(st, query, "feature", NULL), "var", var);
}

static bool is_for(const struct rt_serverinfo_field *f, const char *module)
{
	size_t i;

	for (i = 0; i < f->nmodules; i++)
		if (strcmp(f->modules[i], module) == 0)
			return true;
	return f->nmodules == 0;
}

static struct rt_elem *add_field(struct rt_stanza *st, struct rt_elem *form, const char *var)
{
	struct rt_elem *e = rt_elem_add(st, form, "field", NULL);

	rt_elem_set(st, e, "var", rt_str_of(var));
	return e;
}

static const struct rt_mod_disco_opts *opts_of(int host)
{
	const struct rt_host_spec *h = &rt_gen.hosts[host];
	size_t i;

	for (i = 0; i < h->nmodules; i++)
		if (strcmp(h->modules[i].name, "mod_disco") == 0)
			return h->modules[i].opts;
	return NULL;
}

void rt_mod_disco_serverinfo(struct rt_stanza *st, struct rt_elem *query, int host,
			     const char *module)
{
	const struct rt_mod_disco_opts *o = opts_of(host);
	struct rt_elem *form = rt_elem_add(st, query, "x", RT_NS_DATA_FORMS), *field;
	size_t i, j;

	rt_elem_set(st, form, "type", RT_STR("result"));
	field = add_field(st, form, "FORM_TYPE");
	rt_elem_set(st, field, "type", RT_STR("hidden"));
	rt_mod_add_text(st, field, "value", RT_STR("http://jabber.org/network/serverinfo"));
	for (i = 0; o != NULL && i < o->nserver_info; i++) {
		const struct rt_serverinfo_field *f = &o->server_info[i];

		if (!is_for(f, module))
			continue;
		field = add_field(st, form, f->name);
		for (j = 0; j < f->nvalues; j++)
			rt_mod_add_text(st, field, "value", rt_str_of(f->values[j]));
	}
}

/* ---- the host: info ---- */

/* The stanzas a host understands without any module; sorted. */
static const char *const own_features[] = {"iq", "presence", "presence-invisible"};

/* Both lists are sorted; what is in both comes once. */
static void add_features(struct rt_stanza *st, struct rt_elem *query, int host)
{
	const struct rt_host_spec *h = &rt_gen.hosts[host];
	size_t i = 0, j = 0;
	int order;

	while (i < RT_ARRAY_LEN(own_features) || j < h->nfeatures) {
		if (i == RT_ARRAY_LEN(own_features))
			order = 1;
		else if (j == h->nfeatures)
			order = -1;
		else
			order = strcmp(own_features[i], h->features[j]);
		rt_mod_disco_feature(st, query,
				     rt_str_of(order <= 0 ? own_features[i] : h->features[j]));
		i += order <= 0;
		j += order >= 0;
	}
}

static bool has_feature(int host, const char *ns)
{
	const struct rt_host_spec *h = &rt_gen.hosts[host];
	size_t i;

	for (i = 0; i < h->nfeatures; i++)
		if (strcmp(h->features[i], ns) == 0)
			return true;
	return false;
}

static bool run_info_hooks(struct rt_iq *iq, struct rt_elem *query, struct rt_str node)
{
	bool known = false;

	RT_EACH_HOOK (row, iq->host, DISCO_INFO)
		known = RT_CALL_HOOK(row, DISCO_INFO, iq, query, &node) || known;
	return known;
}

/* A reply's query with the node that was asked for; *node is empty without one.
 */
static struct rt_elem *begin(struct rt_iq *iq, const char *ns, struct rt_str *node)
{
	struct rt_elem *query = rt_iq_reply(iq, "query", ns);

	*node = rt_elem_attr(iq->child, "node");
	if (node->n > 0)
		rt_elem_set(iq->st, query, "node", *node);
	return query;
}

void rt_mod_disco_info_host(struct rt_iq *iq)
{
	struct rt_elem *query;
	struct rt_str node;

	if (iq->is_set) {
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
		return;
	}
	query = begin(iq, RT_NS_DISCO_INFO, &node);
	if (node.n == 0) {
		rt_mod_disco_identity(iq->st, query, "server", "im", RT_PRODUCT);
		run_info_hooks(iq, query, node);
		rt_mod_disco_serverinfo(iq->st, query, iq->host, "mod_disco");
		add_features(iq->st, query, iq->host);
	} else if (!run_info_hooks(iq, query, node)) {
		rt_iq_error(iq, RT_SE_ITEM_NOT_FOUND, "");
		return;
	}
	rt_iq_send(iq);
}

/* ---- the host: items ---- */

struct items {
	struct rt_stanza *st;
	struct rt_elem *query;
};

static void add_item(void *ctx, struct rt_str jid)
{
	struct items *items = ctx;

	rt_elem_set(items->st, rt_elem_add(items->st, items->query, "item", NULL), "jid", jid);
}

static bool run_items_hooks(struct rt_iq *iq, struct rt_elem *query, struct rt_str node)
{
	bool known = false;

	RT_EACH_HOOK (row, iq->host, DISCO_ITEMS)
		known = RT_CALL_HOOK(row, DISCO_ITEMS, iq, query, &node) || known;
	return known;
}

static int compare(struct rt_str a, struct rt_str b)
{
	uint32_t n = a.n < b.n ? a.n : b.n;
	int diff = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return diff != 0 ? diff : (a.n > b.n) - (a.n < b.n);
}

/* Domains by name, then items that have a node. */
static int by_name(const void *a, const void *b)
{
	const struct rt_elem *x = *(const struct rt_elem *const *)a;
	const struct rt_elem *y = *(const struct rt_elem *const *)b;
	int diff = compare(rt_elem_attr(x, "node"), rt_elem_attr(y, "node"));

	return diff != 0 ? diff : compare(rt_elem_attr(x, "jid"), rt_elem_attr(y, "jid"));
}

/* Who is listed by two, an extra domain that is a component say, is one item.
 */
static void sort_items(struct rt_stanza *st, struct rt_elem *query)
{
	struct rt_elem **list, *e = NULL;
	size_t i, n = 0;

	while ((e = rt_elem_next(query, e)) != NULL)
		n++;
	list = rt_arena_alloc(&st->arena, (n + 1) * sizeof(struct rt_elem *));
	if (list == NULL) {
		st->failed = true;
		return;
	}
	for (n = 0; (e = rt_elem_next(query, e)) != NULL; n++)
		list[n] = e;
	qsort(list, n, sizeof(struct rt_elem *), by_name);
	rt_elem_clear(st, query);
	for (i = 0; i < n; i++)
		if (i == 0 || by_name(&list[i - 1], &list[i]) != 0)
			rt_elem_adopt(st, query, list[i]);
}

/* Components, extra_domains, and what modules add. Hidden components are hidden
 * from users (users_can_see_hidden_services), not from other servers and
 * components. */
static void add_services(struct rt_iq *iq, struct rt_elem *query, bool hidden)
{
	const struct rt_mod_disco_opts *opts = iq->opts;
	struct items items = {iq->st, query};
	size_t i;

	rt_routes_each(iq->shard, iq->host, hidden, add_item, &items);
	for (i = 0; i < opts->nextra_domains; i++)
		add_item(&items, rt_str_of(opts->extra_domains[i]));
	run_items_hooks(iq, query, RT_STR(""));
	if (!iq->st->failed)
		sort_items(iq->st, query);
}

void rt_mod_disco_items_host(struct rt_iq *iq)
{
	const struct rt_mod_disco_opts *opts = iq->opts;
	bool hidden = opts->users_can_see_hidden_services || iq->st->from.node.n == 0;
	struct rt_elem *query;
	struct rt_str node;

	if (iq->is_set) {
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
		return;
	}
	query = begin(iq, RT_NS_DISCO_ITEMS, &node);
	if (node.n == 0) {
		add_services(iq, query, hidden);
	} else if (!run_items_hooks(iq, query, node)) {
		rt_iq_error(iq, RT_SE_ITEM_NOT_FOUND, "");
		return;
	}
	rt_iq_send(iq);
}

/* ---- accounts ---- */

static void answer_info(struct rt_iq *iq)
{
	static const char *const features[] = {RT_NS_COMMANDS, "msgoffline"};
	struct rt_elem *query = rt_iq_reply(iq, "query", RT_NS_DISCO_INFO);
	size_t i;

	rt_mod_disco_identity(iq->st, query, "account", "registered", NULL);
	for (i = 0; i < RT_ARRAY_LEN(features); i++)
		if (has_feature(iq->host, features[i]))
			rt_mod_disco_feature(iq->st, query, rt_str_of(features[i]));
	rt_iq_send(iq);
}

/* The available resources (XEP-0030, 4.1). */
static void answer_items(struct rt_iq *iq, const struct rt_user *u)
{
	struct rt_elem *query = rt_iq_reply(iq, "query", RT_NS_DISCO_ITEMS), *e;
	const struct rt_session *s;
	char jid[RT_JID_MAX + 1];

	for (s = u->sessions; s != NULL; s = s->next) {
		struct rt_jid full = rt_session_jid(s);

		if (!s->available || s->invisible)
			continue;
		e = rt_elem_add(iq->st, query, "item", NULL);
		rt_elem_set(iq->st, e, "jid",
			    (struct rt_str){jid, (uint32_t)rt_jid_format(&full, jid)});
	}
	rt_iq_send(iq);
}

/* XEP-0030, 8: only for whom the account shares its presence with; others
 * cannot tell it from one that does not exist. */
static void on_roster(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct rt_iq *iq = ctx;

	(void)shard;
	if (err != RT_OK)
		rt_iq_error(iq, rt_mod_error_of(err), "");
	else if (!rt_mod_may_see(u, iq))
		rt_iq_error(iq, RT_SE_SERVICE_UNAVAILABLE, "");
	else if (rt_elem_attr(iq->child, "node").n > 0)
		rt_iq_error(iq, iq->own_account ? RT_SE_ITEM_NOT_FOUND : RT_SE_NOT_ALLOWED, "");
	else if (rt_str_is(iq->child->ns, RT_NS_DISCO_INFO))
		answer_info(iq);
	else
		answer_items(iq, u);
}

static void ask_account(struct rt_iq *iq)
{
	if (iq->is_set)
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
	else
		rt_roster_with(iq->shard, iq->st->to.node, iq->host, on_roster, iq);
}

void rt_mod_disco_info_account(struct rt_iq *iq)
{
	ask_account(iq);
}

void rt_mod_disco_items_account(struct rt_iq *iq)
{
	ask_account(iq);
}
