/* mod_roster.c - RFC 6121, 2 (roster management) and XEP-0237 (versioning): requests, pushes,
 * removal. */
#include "modules/mod_roster.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/log.h"
#include "route/iq.h"
#include "route/presence.h"
#include "route/router.h"
#include "xml/xml_writer.h"

#define NS_ROSTER     "jabber:iq:roster"
#define NS_ROSTER_VER "urn:xmpp:features:rosterver"

/* Hex digits of a computed version: half of a SHA-256. */
#define DIGEST_HEX 32u

void rt_mod_roster_feature(struct rt_buf *out, bool authenticated, const void *opts)
{
	const struct rt_mod_roster_opts *o = opts;

	if (authenticated && o->versioning)
		rt_buf_addz(out, "<ver xmlns='" NS_ROSTER_VER "'/>");
}

struct rt_jid rt_mod_roster_self(const struct rt_user *u)
{
	return (struct rt_jid){u->node, rt_str_of(rt_gen.hosts[u->host].name), {NULL, 0}};
}

/* ---- writing ---- */

static void write_attr(struct rt_buf *out, const char *name, struct rt_str value)
{
	rt_buf_addz(out, name);
	rt_buf_addz(out, "='");
	rt_xml_write_attr_value(out, value);
	rt_buf_add(out, "'", 1);
}

static void write_item(struct rt_buf *out, const struct rt_roster_item *it)
{
	static const char *const names[] = {"none", "to", "from", "both"};

	rt_buf_addz(out, "<item ");
	if (rt_roster_wants_out(it))
		rt_buf_addz(out, "ask='subscribe' ");
	write_attr(out, "subscription", rt_str_of(names[it->subscription]));
	if (it->name.p != NULL)
		write_attr(out, " name", it->name);
	write_attr(out, " jid", it->jid);
	if (it->groups.n == 0) {
		rt_buf_addz(out, "/>");
		return;
	}
	rt_buf_add(out, ">", 1);
	rt_buf_adds(out, it->groups);
	rt_buf_addz(out, "</item>");
}

/* Somebody's request alone is not in the roster (RFC 6121, 3.1.3). */
static bool is_listed(const struct rt_roster_item *it)
{
	return it->groups.p != NULL || it->subscription != RT_SUB_NONE || rt_roster_wants_out(it);
}

static int by_jid(const void *a, const void *b)
{
	struct rt_str x = (*(const struct rt_roster_item *const *)a)->jid;
	struct rt_str y = (*(const struct rt_roster_item *const *)b)->jid;
	int diff = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);

	return diff != 0 ? diff : (x.n > y.n) - (x.n < y.n);
}

/* All listed items in order of their jid: the same roster always gives the same bytes. */
static void write_items(struct rt_buf *out, const struct rt_roster *r)
{
	const struct rt_roster_item **list = calloc(r->n + 1u, sizeof(*list));
	size_t n = 0;

	if (list == NULL) {
		out->failed = true;
		return;
	}
	for (const struct rt_roster_item *it = NULL; (it = rt_roster_next(r, it)) != NULL;)
		if (is_listed(it))
			list[n++] = it;
	qsort(list, n, sizeof(*list), by_jid);
	for (size_t i = 0; i < n; i++)
		write_item(out, list[i]);
	free(list);
}

static void digest(struct rt_str items, char out[DIGEST_HEX + 1])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (EVP_Digest(items.p, items.n, md, &len, EVP_sha256(), NULL) != 1)
		memset(md, 0, sizeof(md));
	for (unsigned i = 0; i < DIGEST_HEX / 2; i++)
		snprintf(out + 2 * (size_t)i, 3, "%02x", md[i]);
}

/* The roster's version: stored with each change (store_current_id), else computed from its items. A
 * roster that was never changed under store_current_id has the computed one. items may be empty (p
 * NULL): written if needed. */
static void version_of(const struct rt_roster *r, const struct rt_mod_roster_opts *opts,
		       struct rt_str items, char *out, size_t size)
{
	struct rt_buf all = {0};

	if (opts->store_current_id && r->version.n > 0) {
		snprintf(out, size, "%.*s", RT_STR_ARG(r->version));
		return;
	}
	if (items.p == NULL) {
		write_items(&all, r);
		items = (struct rt_str){all.data, (uint32_t)rt_buf_len(&all)};
	}
	digest(items, out);
	rt_buf_fini(&all);
}

/* ---- get ---- */

static enum rt_stanza_error error_of(int err)
{
	return err == RT_E_LIMIT || err == RT_E_NOMEM ? RT_SE_RESOURCE_CONSTRAINT
						      : RT_SE_INTERNAL_SERVER_ERROR;
}

static void open_query(struct rt_buf *out, const char *version)
{
	rt_buf_addz(out, "<query xmlns='" NS_ROSTER "'");
	if (version != NULL)
		write_attr(out, " ver", rt_str_of(version));
}

static void on_get(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct rt_iq *iq = ctx;
	const struct rt_mod_roster_opts *opts = iq->opts;
	struct rt_buf items = {0}, reply = {0};
	struct rt_str known = rt_elem_attr(iq->child, "ver");
	char version[64];
	bool versioned = opts->versioning && known.p != NULL;
	struct rt_session *s;

	(void)shard;
	if (err != RT_OK) {
		rt_iq_error(iq, error_of(err), "");
		return;
	}
	s = rt_user_session(u, iq->st->from.resource);
	if (s != NULL)
		s->interested = true;
	write_items(&items, u->roster);
	if (versioned) {
		struct rt_str text = {items.data != NULL ? items.data : "",
				      (uint32_t)rt_buf_len(&items)};

		version_of(u->roster, opts, text, version, sizeof(version));
	}
	if (items.failed) {
		rt_iq_error(iq, RT_SE_RESOURCE_CONSTRAINT, "");
	} else if (versioned && rt_str_eq(known, rt_str_of(version))) {
		rt_iq_result(iq);
	} else {
		open_query(&reply, versioned ? version : NULL);
		if (rt_buf_len(&items) == 0) {
			rt_buf_addz(&reply, "/>");
		} else {
			rt_buf_add(&reply, ">", 1);
			rt_buf_add(&reply, items.data, rt_buf_len(&items));
			rt_buf_addz(&reply, "</query>");
		}
		if (reply.failed)
			rt_iq_error(iq, RT_SE_RESOURCE_CONSTRAINT, "");
		else
			rt_iq_result_xml(iq,
					 (struct rt_str){reply.data, (uint32_t)rt_buf_len(&reply)});
	}
	rt_buf_fini(&items);
	rt_buf_fini(&reply);
}

/* ---- pushes ---- */

static bool anybody_interested(const struct rt_user *u)
{
	const struct rt_session *s = u->sessions;

	while (s != NULL && !s->interested)
		s = s->next;
	return s != NULL;
}

/* Unique within the process; the client only sends it back. */
static void set_push_id(struct rt_shard *shard, struct rt_stanza *st)
{
	char id[32];

	snprintf(id, sizeof(id), "push%04" PRIX32 "%012" PRIX64, shard->index & 0xffff,
		 ++shard->serial & UINT64_C(0xffffffffffff));
	rt_stanza_set_id(st, rt_str_of(id));
}

void rt_mod_roster_push(struct rt_shard *shard, struct rt_user *u, struct rt_str jid,
			const struct rt_roster_item *it, const struct rt_mod_roster_opts *opts)
{
	struct rt_jid self = rt_mod_roster_self(u);
	struct rt_buf query = {0};
	struct rt_stanza *st;
	char version[64];

	if (!anybody_interested(u))
		return;
	st = rt_stanza_new("iq", RT_STANZA_IQ);
	if (st == NULL)
		return;
	rt_stanza_set_from(st, &self);
	set_push_id(shard, st);
	rt_stanza_set_type(st, RT_TYPE_SET);
	if (opts->versioning)
		version_of(u->roster, opts, (struct rt_str){NULL, 0}, version, sizeof(version));
	open_query(&query, opts->versioning ? version : NULL);
	rt_buf_add(&query, ">", 1);
	if (it != NULL) {
		write_item(&query, it);
	} else {
		write_attr(&query, "<item subscription='remove' jid", jid);
		rt_buf_addz(&query, "/>");
	}
	rt_buf_addz(&query, "</query>");
	st->children = rt_arena_str(&st->arena, query.data, rt_buf_len(&query));
	if (!query.failed && !st->failed && st->children.p != NULL) {
		for (struct rt_session *s = u->sessions; s != NULL; s = s->next) {
			struct rt_jid to = rt_session_jid(s);

			if (s->interested)
				s->ops->deliver(s, st, &to);
		}
	}
	rt_buf_fini(&query);
	rt_stanza_free(&st);
}

/* ---- set ---- */

/* A set on its way through turn and store; lives in the request's arena. */
struct set {
	struct rt_iq *iq;
	struct rt_str jid; /* prepared */
	struct rt_elem *item;
	uint8_t subscription, ask; /* of what is removed */
};

struct rt_roster_row rt_mod_roster_row(const struct rt_roster_item *it, struct rt_str jid)
{
	if (it == NULL)
		return (struct rt_roster_row){.jid = jid};
	return (struct rt_roster_row){
		.jid = it->jid,
		.name = it->name,
		.groups = it->groups,
		.request = it->request,
		.subscription = it->subscription,
		.ask = it->ask,
	};
}

void rt_mod_roster_send(struct rt_shard *shard, const struct rt_jid *from, const struct rt_jid *to,
			enum rt_stanza_type type)
{
	struct rt_stanza *st = rt_stanza_new("presence", RT_STANZA_PRESENCE);

	if (st == NULL) {
		RT_LOG(WARN, NULL, "roster", "stanza-lost",
		       KV_Z("error", rt_error_text(RT_E_NOMEM)));
		return;
	}
	rt_stanza_set_type(st, type);
	rt_stanza_set_from(st, from);
	rt_stanza_set_to(st, to);
	rt_route(shard, st);
}

void rt_mod_roster_cancel(struct rt_shard *shard, struct rt_user *u, struct rt_str jid,
			  uint8_t subscription, uint8_t ask)
{
	struct rt_roster_item it = {.subscription = subscription, .ask = ask};
	struct rt_jid self = rt_mod_roster_self(u), contact = rt_roster_jid(jid);

	contact = rt_jid_bare(&contact);
	if (rt_roster_is_seen(&it) || rt_roster_wants_out(&it))
		rt_mod_roster_send(shard, &self, &contact, RT_TYPE_UNSUBSCRIBE);
	if (rt_roster_sees_us(&it) || rt_roster_wants_in(&it))
		rt_mod_roster_send(shard, &self, &contact, RT_TYPE_UNSUBSCRIBED);
	if (rt_roster_sees_us(&it))
		rt_presence_subscription_changed(shard, u, &contact, false);
}

static void on_item_stored(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct set *set = ctx;
	struct rt_iq *iq = set->iq;

	if (err != RT_OK) {
		rt_iq_error(iq, error_of(err), "");
		return;
	}
	rt_mod_roster_push(shard, u, set->jid, rt_roster_find(u->roster, set->jid), iq->opts);
	rt_iq_result(iq);
}

static void on_item_removed(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct set *set = ctx;
	struct rt_iq *iq = set->iq;

	if (err != RT_OK) {
		rt_iq_error(iq, error_of(err), "");
		return;
	}
	rt_mod_roster_push(shard, u, set->jid, NULL, iq->opts);
	rt_mod_roster_cancel(shard, u, set->jid, set->subscription, set->ask);
	rt_iq_result(iq);
}

/* Groups, and what other namespaces keep in an item (RFC 6121, 2.1.2.4 and 11), as they are sent
 * again. */
static struct rt_str item_content(struct rt_stanza *st, const struct rt_elem *item)
{
	struct rt_buf out = {0};
	struct rt_str text;

	for (struct rt_elem *e = NULL; (e = rt_elem_next(item, e)) != NULL;)
		if (rt_elem_is(e, "group", NS_ROSTER) || !rt_str_is(e->ns, NS_ROSTER))
			rt_xml_write_elem(&out, e, RT_STR(NS_ROSTER));
	text = rt_arena_str(&st->arena, out.data != NULL ? out.data : "", rt_buf_len(&out));
	if (out.failed || text.p == NULL)
		st->failed = true;
	rt_buf_fini(&out);
	return text;
}

static void on_set(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct set *set = ctx;
	struct rt_stanza *st = set->iq->st;
	struct rt_str wanted = rt_elem_attr(set->item, "subscription");
	const struct rt_roster_item *it;
	struct rt_roster_row row;

	if (err != RT_OK) {
		rt_iq_error(set->iq, error_of(err), "");
		return;
	}
	it = rt_roster_find(u->roster, set->jid);
	if (rt_str_is(wanted, "remove")) {
		set->subscription = it != NULL ? it->subscription : RT_SUB_NONE;
		set->ask = it != NULL ? it->ask : RT_ASK_NONE;
		rt_roster_delete(shard, u, set->jid, on_item_removed, set);
		return;
	}
	/* Other values of subscription, and ask, are not the client's to set (RFC 6121, 2.1.2). */
	row = rt_mod_roster_row(it, set->jid);
	row.name = rt_elem_attr(set->item, "name");
	row.groups = item_content(st, set->item);
	if (st->failed) {
		st->failed = false;
		rt_iq_error(set->iq, RT_SE_RESOURCE_CONSTRAINT, "");
		return;
	}
	rt_roster_put(shard, u, &row, on_item_stored, set);
}

/* RFC 6121, 2.3.3. @return NULL after an error has been sent. */
static struct set *check_set(struct rt_iq *iq)
{
	struct rt_stanza *st = iq->st;
	struct rt_elem *item = rt_elem_next(iq->child, NULL);
	struct rt_jid jid;
	struct set *set;
	struct rt_str text;

	if (item == NULL || !rt_elem_is(item, "item", NS_ROSTER) ||
	    rt_elem_next(iq->child, item) != NULL) {
		rt_iq_error(iq, RT_SE_BAD_REQUEST, "");
		return NULL;
	}
	text = rt_elem_attr(item, "jid");
	if (text.p == NULL) {
		rt_iq_error(iq, RT_SE_BAD_REQUEST, "");
		return NULL;
	}
	if (rt_jid_parse(&st->arena, text, &jid) != RT_OK) {
		rt_iq_error(iq, RT_SE_JID_MALFORMED, "");
		return NULL;
	}
	set = rt_arena_alloc(&st->arena, sizeof(*set));
	text = rt_jid_text(&st->arena, &jid);
	if (set == NULL || text.p == NULL) {
		rt_iq_error(iq, RT_SE_RESOURCE_CONSTRAINT, "");
		return NULL;
	}
	*set = (struct set){.iq = iq, .jid = text, .item = item};
	return set;
}

void rt_mod_roster_iq(struct rt_iq *iq)
{
	struct rt_str node = iq->st->to.node;
	struct set *set;

	if (!iq->own_account) {
		rt_iq_error(iq, RT_SE_FORBIDDEN, "");
		return;
	}
	if (!iq->is_set) {
		rt_roster_with(iq->shard, node, iq->host, on_get, iq);
		return;
	}
	set = check_set(iq);
	if (set != NULL)
		rt_roster_with(iq->shard, node, iq->host, on_set, set);
}

/* ---- the account is gone ---- */

static void on_account_removed(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	(void)ctx;
	if (err != RT_OK)
		return;
	/* Answers of contacts wait until this turn is over. */
	for (const struct rt_roster_item *it = NULL; (it = rt_roster_next(u->roster, it)) != NULL;)
		rt_mod_roster_cancel(shard, u, it->jid, it->subscription, it->ask);
	rt_roster_clear(u);
}

void rt_mod_roster_remove_user(struct rt_shard *shard, int host, const struct rt_str *node,
			       const void *opts)
{
	(void)opts;
	rt_roster_with(shard, *node, host, on_account_removed, NULL);
}
