/* mod_offline.c - XEP-0160, Offline Messages: which ones are kept, and what the
 * sender hears. Handing over is in mod_offline_deliver.c.
 */
#include "modules/mod_offline.h"
#include "core/clock.h"
#include "core/log.h"
#include "policy/access.h"
#include "route/router.h"
#include "xml/xml_writer.h"

#define NS_CHATSTATES "http://jabber.org/protocol/chatstates"
#define NS_EVENT      "jabber:x:event"
#define NS_EXPIRE     "jabber:x:expire"
#define NS_HINTS      "urn:xmpp:hints"

static const char full_text[] =
	"The recipient's offline message queue is full, the message was discarded.";

/* ---- what is kept ---- */

/* XEP-0085, 5.5 and XEP-0022: notifications that mean nothing later. A thread
 * says nothing by itself. */
static bool is_notification(const struct rt_elem *e)
{
	return rt_str_is(e->ns, NS_CHATSTATES) || rt_str_is(e->ns, NS_HINTS) ||
	       rt_elem_is(e, "thread", RT_NS_CLIENT) ||
	       (rt_elem_is(e, "x", NS_EVENT) && rt_elem_child(e, "id", NULL) != NULL);
}

/* A message without any child is kept. */
static bool is_worth_keeping(const struct rt_stanza *st)
{
	struct rt_elem *e = NULL;
	bool any = false, content = false;

	while ((e = rt_elem_next(st->root, e)) != NULL) {
		if (rt_elem_is(e, "no-store", NS_HINTS)) /* XEP-0334, 4.1 */
			return false;
		any = true;
		content = content || !is_notification(e);
	}
	return content || !any;
}

static bool parse_number(struct rt_str s, int64_t *out)
{
	uint32_t i;

	*out = 0;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || *out > INT32_MAX)
			return false;
		*out = *out * 10 + (s.p[i] - '0');
	}
	return s.n > 0;
}

/* XEP-0023: seconds to live, from when it was sent. @return wall time, us; 0:
 * for ever. */
static int64_t expiry_of(const struct rt_stanza *st, int64_t now_us)
{
	const struct rt_elem *x = rt_elem_child(st->root, "x", NS_EXPIRE);
	const struct rt_elem *delay = rt_elem_child(st->root, "delay", RT_NS_DELAY);
	int64_t seconds, sent_us;

	if (!parse_number(rt_elem_attr(x, "seconds"), &seconds) || seconds == 0)
		return 0;
	if (delay == NULL || !rt_clock_parse_stamp(rt_elem_attr(delay, "stamp"), &sent_us) ||
	    sent_us > now_us)
		sent_us = now_us;
	return sent_us + seconds * 1000000;
}

/* The stamp that the recipient gets is ours alone. */
static void remove_delays(struct rt_stanza *st)
{
	struct rt_elem *delay;

	st->children = (struct rt_str){NULL, 0};
	while ((delay = rt_elem_child(st->root, "delay", RT_NS_DELAY)) != NULL)
		rt_elem_remove_child(st->root, delay);
}

/* Option access_max_user_messages; < 0: no limit. */
static int64_t limit_of(const struct rt_mod_offline_opts *opts, struct rt_str node, int host)
{
	struct rt_access_ctx who = rt_access_of_user(host, node, RT_STR(""));
	int64_t limit = RT_LIMIT_NONE;

	if (opts->max_user_messages != NULL)
		limit = opts->max_user_messages(&who);
	if (limit == RT_LIMIT_NONE || limit == RT_LIMIT_INFINITY)
		return -1;
	return limit > 0 ? limit : 0;
}

/* ---- storing ---- */

/* XEP-0022, 3.2: the sender wants to know that it was stored. The event takes
 * the place of the content. */
static void confirm(struct rt_shard *shard, struct rt_stanza *st)
{
	struct rt_jid to = st->from, from = st->to;
	struct rt_elem *x;

	rt_elem_clear(st, st->root);
	st->to = to;
	st->from = from;
	x = rt_elem_add(st, st->root, "x", NS_EVENT);
	rt_mod_add_text(st, x, "id", st->id);
	rt_elem_add(st, x, "offline", NULL);
	rt_route(shard, st);
}

static bool wants_confirmation(const struct rt_stanza *st)
{
	const struct rt_elem *x = rt_elem_child(st->root, "x", NS_EVENT);

	return x != NULL && rt_elem_child(x, "offline", NULL) != NULL &&
	       rt_elem_child(x, "id", NULL) == NULL;
}

static void on_put(struct rt_shard *shard, void *ctx, int err)
{
	struct rt_stanza *st = ctx;

	switch (err) {
	case RT_OK:
		if (wants_confirmation(st))
			confirm(shard, st);
		else
			rt_stanza_free(&st);
		return;
	case RT_E_NOTFOUND: /* RFC 6121, 8.5.1: no such account */
		rt_route_error(shard, st, RT_SE_SERVICE_UNAVAILABLE, RT_STR(""));
		return;
	case RT_E_LIMIT:
		rt_route_error(shard, st, RT_SE_RESOURCE_CONSTRAINT, rt_str_of(full_text));
		return;
	default:
		RT_LOG(WARN, NULL, "offline", "not-stored", KV_STR("user", st->to.node),
		       KV_Z("reason", rt_error_text(err)));
		rt_route_error(shard, st, rt_mod_error_of(err), RT_STR(""));
	}
}

bool rt_mod_offline_message(struct rt_shard *shard, int host, struct rt_stanza *st,
			    const void *opts)
{
	struct rt_account who = {st->to.node, rt_str_of(rt_gen.hosts[host].name)};
	int64_t now_us = rt_clock_wall_us(), expire_us;
	struct rt_buf text = {0};

	if (!is_worth_keeping(st))
		return false;
	expire_us = expiry_of(st, now_us);
	remove_delays(st);
	rt_xml_write_stanza(&text, st, NULL, NULL);
	if (text.failed || st->failed)
		on_put(shard, st, RT_E_NOMEM);
	else
		rt_store_offline_put(shard, who,
				     (struct rt_str){text.data, (uint32_t)rt_buf_len(&text)},
				     now_us, expire_us, limit_of(opts, who.node, host), on_put, st);
	rt_buf_fini(&text);
	return true;
}
