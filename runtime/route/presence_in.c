/* presence_in.c - presence that arrives for a local account: delivery, probes, subscription stanzas
 * (RFC 6121, 8.5). */
#include "core/clock.h"
#include "core/log.h"
#include "route/audience.h"
#include "route/presence.h"
#include "route/roster.h"
#include "route/router.h"
#include "xml/xml_writer.h"

void rt_presence_deliver(struct rt_user *u, struct rt_stanza *st)
{
	rt_xml_cache_children(st);
	for (struct rt_session *s = u->sessions; s != NULL; s = s->next) {
		struct rt_jid to;

		if (!s->available)
			continue;
		to = rt_session_jid(s);
		s->ops->deliver(s, st, &to);
	}
}

static void write_delay(struct rt_buf *out, const struct rt_session *s)
{
	struct rt_jid jid = rt_session_jid(s);
	char stamp[32], from[RT_JID_MAX + 1];
	size_t n = rt_jid_format(&jid, from);

	rt_clock_stamp(stamp, sizeof(stamp), s->presence_us, 0);
	rt_buf_addz(out, "<delay xmlns='" RT_NS_DELAY "' stamp='");
	rt_buf_addz(out, stamp);
	rt_buf_addz(out, "' from='");
	rt_xml_write_attr_value(out, (struct rt_str){from, (uint32_t)n});
	rt_buf_addz(out, "'/>");
}

struct rt_stanza *rt_presence_of(const struct rt_session *s, const struct rt_jid *to, bool stamped)
{
	struct rt_stanza *st = rt_stanza_new("presence", RT_STANZA_PRESENCE);
	struct rt_jid from = rt_session_jid(s);
	struct rt_buf children = {0};

	if (st == NULL)
		return NULL;
	rt_stanza_set_from(st, &from);
	rt_stanza_set_to(st, to);
	if (s->presence != NULL)
		rt_buf_add(&children, s->presence->data, s->presence->n);
	if (stamped)
		write_delay(&children, s);
	st->children = rt_arena_str(&st->arena, children.data, rt_buf_len(&children));
	if (s->presence_lang.p != NULL)
		st->lang = rt_arena_str(&st->arena, s->presence_lang.p, s->presence_lang.n);
	if (children.failed || st->children.p == NULL)
		st->failed = true;
	rt_buf_fini(&children);
	return st;
}

/* ---- probes (RFC 6121, 4.3.2) ---- */

static bool answers_probe(const struct rt_session *s, const struct rt_stanza *probe)
{
	bool own = rt_jid_bare_eq(&probe->from, &probe->to);

	return s->available && !s->invisible &&
	       (probe->to.resource.n == 0 || rt_str_eq(s->resource, probe->to.resource)) &&
	       !(own && rt_str_eq(s->resource, probe->from.resource));
}

/* The prober believes in a subscription that does not exist. */
static void correct_prober(struct rt_shard *shard, const struct rt_stanza *probe)
{
	struct rt_stanza *st = rt_stanza_new("presence", RT_STANZA_PRESENCE);
	struct rt_jid from = rt_jid_bare(&probe->to), to = rt_jid_bare(&probe->from);

	if (st == NULL)
		return;
	rt_stanza_set_type(st, RT_TYPE_UNSUBSCRIBED);
	rt_stanza_set_from(st, &from);
	rt_stanza_set_to(st, &to);
	rt_route_later(shard, st);
}

static void on_probe(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct rt_stanza *probe = ctx;
	bool may_see = false;

	if (err == RT_OK) {
		const struct rt_roster_item *it = rt_roster_find_bare(u->roster, &probe->from);

		may_see = rt_jid_bare_eq(&probe->from, &probe->to) ||
			  (it != NULL && rt_roster_sees_us(it));
		if (!may_see)
			correct_prober(shard, probe);
	}
	for (const struct rt_session *s = may_see ? u->sessions : NULL; s != NULL; s = s->next) {
		struct rt_stanza *answer;

		if (!answers_probe(s, probe))
			continue;
		answer = rt_presence_of(s, &probe->from, true);
		if (answer != NULL)
			rt_route(shard, answer);
	}
	rt_stanza_free(&probe);
}

/* Of an account with nobody visible there is nothing to tell, and its roster is not read for that.
 */
static void take_probe(struct rt_shard *shard, int host, struct rt_stanza *st)
{
	const struct rt_user *u = rt_user_find(shard, st->to.node, host);
	const struct rt_session *s = u != NULL ? u->sessions : NULL;

	while (s != NULL && !answers_probe(s, st))
		s = s->next;
	if (s != NULL)
		rt_roster_with(shard, st->to.node, host, on_probe, st);
	else
		rt_stanza_free(&st);
}

/* ---- arrivals ---- */

static void deliver_now(struct rt_user *u, struct rt_stanza *st)
{
	struct rt_session *s;

	if (st->to.resource.n == 0) {
		rt_presence_deliver(u, st);
	} else {
		s = rt_user_session(u, st->to.resource);
		if (s != NULL)
			s->ops->deliver(s, st, NULL);
	}
	rt_stanza_free(&st);
}

static void on_turn_to_deliver(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct rt_stanza *st = ctx;

	(void)shard;
	(void)err; /* without a turn it is late enough */
	if (u != NULL)
		deliver_now(u, st);
	else
		rt_stanza_free(&st);
}

/* A contact's presence stays behind the subscription it follows, which may wait for its commit. */
static void deliver(struct rt_shard *shard, int host, struct rt_stanza *st)
{
	struct rt_user *u = rt_user_find(shard, st->to.node, host);

	if (u == NULL)
		rt_stanza_free(&st);
	else if (rt_roster_is_pending(u))
		rt_roster_with(shard, u->node, host, on_turn_to_deliver, st);
	else
		deliver_now(u, st);
}

static void take_subscription(struct rt_shard *shard, int host, struct rt_stanza *st)
{
	/* It is between accounts, whatever a component writes (RFC 6121, 3.1.2). */
	st->to = rt_jid_bare(&st->to);
	st->from = rt_jid_bare(&st->from);
	RT_EACH_HOOK (row, host, SUBSCRIPTION_IN)
		if (RT_CALL_HOOK(row, SUBSCRIPTION_IN, shard, host, st))
			return;
	deliver(shard, host, st);
}

/* Whoever cannot be reached is not written to again by broadcasts of this presence session (RFC
 * 6121, 4.4.2). */
static void take_error(struct rt_shard *shard, int host, struct rt_stanza *st)
{
	struct rt_session *s = rt_session_find(shard, &st->to, host);
	struct rt_jid bare = rt_jid_bare(&st->from);

	if (s != NULL) {
		const struct rt_roster_item *it = rt_roster_find_bare(s->user->roster, &bare);

		rt_directed_remove(s, &st->from);
		if (it != NULL && rt_roster_sees_us(it) && rt_directed_set(s, &bare, true) != RT_OK)
			RT_LOG(DEBUG, NULL, "presence", "not-muted", KV_STR("domain", bare.domain));
	}
	deliver(shard, host, st);
}

void rt_presence_to_account(struct rt_shard *shard, int host, struct rt_stanza *st)
{
	switch (st->type) {
	case RT_TYPE_SUBSCRIBE:
	case RT_TYPE_SUBSCRIBED:
	case RT_TYPE_UNSUBSCRIBE:
	case RT_TYPE_UNSUBSCRIBED:
		take_subscription(shard, host, st);
		break;
	case RT_TYPE_PROBE:
		take_probe(shard, host, st);
		break;
	case RT_TYPE_ERROR:
		take_error(shard, host, st);
		break;
	case RT_TYPE_INVISIBLE: /* between a client and its server only */
		rt_stanza_free(&st);
		break;
	default:
		deliver(shard, host, st);
	}
}

void rt_presence_subscription_changed(struct rt_shard *shard, struct rt_user *u,
				      const struct rt_jid *contact, bool up)
{
	for (struct rt_session *s = u->sessions; s != NULL; s = s->next) {
		struct rt_jid from;
		struct rt_stanza *st;

		if (!s->available || s->invisible)
			continue;
		if (up) {
			rt_directed_remove(s, contact);
			st = rt_presence_of(s, contact, false);
		} else {
			st = rt_stanza_new("presence", RT_STANZA_PRESENCE);
		}
		if (st == NULL)
			continue;
		if (!up) {
			from = rt_session_jid(s);
			rt_stanza_set_type(st, RT_TYPE_UNAVAILABLE);
			rt_stanza_set_from(st, &from);
			rt_stanza_set_to(st, contact);
		}
		rt_route(shard, st);
	}
}
