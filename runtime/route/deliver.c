/* deliver.c - what happens to a stanza for a local account: RFC 6121, 8.5, row by row. */
#include "route/deliver.h"

#include "route/iq.h"
#include "route/presence.h"
#include "route/roster.h"
#include "route/session.h"
#include "xml/xml_writer.h"

static void refuse(struct rt_shard *shard, struct rt_stanza *st, enum rt_stanza_error error)
{
	rt_route_error(shard, st, error, (struct rt_str){NULL, 0});
}

static void hand_to(struct rt_session *s, struct rt_stanza *st)
{
	s->ops->deliver(s, st, NULL);
	rt_stanza_free(&st);
}

/* ---- messages ---- */

/* Nobody is there to take it: storage, or the sender hears of it. */
static void message_to_nobody(struct rt_shard *shard, int host, struct rt_stanza *st)
{
	RT_EACH_HOOK (row, host, OFFLINE_MESSAGE)
		if (RT_CALL_HOOK(row, OFFLINE_MESSAGE, shard, host, st))
			return;
	refuse(shard, st, RT_SE_SERVICE_UNAVAILABLE);
}

/* The lowest priority that gets a message to the bare JID: headlines go to all that are not
 * negative, others to the highest. -1: nobody gets it. */
static int least_priority(const struct rt_user *u, enum rt_stanza_type type, unsigned *takers)
{
	int best = -1;

	*takers = 0;
	for (const struct rt_session *s = u->sessions; s != NULL; s = s->next) {
		if (!s->available || s->priority < 0)
			continue;
		if (type == RT_TYPE_HEADLINE) {
			best = 0;
			++*takers;
		} else if (s->priority > best) {
			best = s->priority;
			*takers = 1;
		} else if (s->priority == best) {
			++*takers;
		}
	}
	return best;
}

/* While mod_offline hands over what was stored, what comes meanwhile waits: it was sent later.
 * @return whether it was taken. */
static bool wait_for_stored(struct rt_user *u, struct rt_stanza *st)
{
	unsigned takers;

	if (u->delivery == NULL || u->nlate >= RT_USER_LATE_MAX ||
	    least_priority(u, st->type, &takers) < 0)
		return false;
	st->next = NULL;
	if (u->late == NULL)
		u->late = st;
	else
		u->late_last->next = st;
	u->late_last = st;
	u->nlate++;
	return true;
}

/* @return whether anybody got it. */
static bool message_to_best(struct rt_user *u, struct rt_stanza *st)
{
	unsigned takers;
	int least = least_priority(u, st->type, &takers);

	if (takers == 0)
		return false;
	if (takers > 1)
		rt_xml_cache_children(st);
	for (struct rt_session *s = u->sessions; s != NULL; s = s->next)
		if (s->available && s->priority >= least)
			s->ops->deliver(s, st, NULL);
	return true;
}

/* RFC 6121, 8.5.2.1.1 and 8.5.2.2.1; a message to a resource that is not there (8.5.3.2.1) is
 * treated alike, except that a headline is not for others than the one it was meant for. */
static void message_to_bare(struct rt_shard *shard, int host, struct rt_user *u,
			    struct rt_stanza *st)
{
	switch (st->type) {
	case RT_TYPE_ERROR:
		rt_stanza_free(&st);
		return;
	case RT_TYPE_GROUPCHAT:
		refuse(shard, st, RT_SE_SERVICE_UNAVAILABLE);
		return;
	case RT_TYPE_HEADLINE:
		if (u != NULL && st->to.resource.n == 0)
			message_to_best(u, st);
		rt_stanza_free(&st);
		return;
	default:
		if (u != NULL && wait_for_stored(u, st))
			return;
		if (u != NULL && message_to_best(u, st))
			rt_stanza_free(&st);
		else
			message_to_nobody(shard, host, st);
	}
}

void rt_user_deliver_late(struct rt_shard *shard, struct rt_user *u)
{
	struct rt_stanza *st = u->late, *next;

	RT_ASSERT(u->delivery == NULL);
	u->late = u->late_last = NULL;
	u->nlate = 0;
	for (; st != NULL; st = next) {
		next = st->next;
		st->next = NULL;
		message_to_bare(shard, u->host, u, st);
	}
}

static void deliver_message(struct rt_shard *shard, int host, struct rt_stanza *st)
{
	struct rt_user *u = rt_user_find(shard, st->to.node, host);
	struct rt_session *s = NULL;

	shard->counters.messages_routed++;
	if (u != NULL && st->to.resource.n > 0)
		s = rt_user_session(u, st->to.resource);
	if (s != NULL)
		hand_to(s, st);
	else
		message_to_bare(shard, host, u, st);
}

/* ---- iq ---- */

/* The last activity of a resource is told only to those who may see its presence (XEP-0012, 4). */
static bool asks_last_activity(const struct rt_stanza *st)
{
	const struct rt_elem *child = rt_elem_next(st->root, NULL);

	return st->type == RT_TYPE_GET && child != NULL &&
	       rt_elem_is(child, "query", "jabber:iq:last");
}

static void on_roster_for_last(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct rt_stanza *st = ctx;
	const struct rt_roster_item *it = NULL;
	struct rt_session *s;

	if (err != RT_OK) {
		refuse(shard, st, RT_SE_INTERNAL_SERVER_ERROR);
		return;
	}
	it = rt_roster_find_bare(u->roster, &st->from);
	s = rt_user_session(u, st->to.resource);
	if (it == NULL || !rt_roster_sees_us(it))
		refuse(shard, st, RT_SE_FORBIDDEN);
	else if (s == NULL)
		refuse(shard, st, RT_SE_SERVICE_UNAVAILABLE);
	else
		hand_to(s, st);
}

static void iq_to_resource(struct rt_shard *shard, int host, struct rt_stanza *st)
{
	struct rt_session *s = rt_session_find(shard, &st->to, host);

	if (s == NULL)
		refuse(shard, st, RT_SE_SERVICE_UNAVAILABLE);
	else if (asks_last_activity(st) && !rt_jid_bare_eq(&st->from, &st->to))
		rt_roster_with(shard, st->to.node, host, on_roster_for_last, st);
	else
		hand_to(s, st);
}

/* RFC 6120, 8.2.3: a request of no known type is no request. Answers to an account that did not ask
 * end here. */
static void deliver_iq(struct rt_shard *shard, int host, struct rt_stanza *st)
{
	bool known = st->type == RT_TYPE_GET || st->type == RT_TYPE_SET ||
		     st->type == RT_TYPE_RESULT || st->type == RT_TYPE_ERROR;

	if (!known)
		refuse(shard, st, RT_SE_BAD_REQUEST);
	else if (st->to.resource.n > 0)
		iq_to_resource(shard, host, st);
	else if (st->type == RT_TYPE_GET || st->type == RT_TYPE_SET)
		rt_iq_dispatch(shard, st, RT_IQ_ACCOUNT, host);
	else
		rt_stanza_free(&st);
}

void rt_deliver_to_account(struct rt_shard *shard, int host, struct rt_stanza *st)
{
	switch (st->kind) {
	case RT_STANZA_MESSAGE:
		deliver_message(shard, host, st);
		break;
	case RT_STANZA_PRESENCE:
		rt_presence_to_account(shard, host, st);
		break;
	case RT_STANZA_IQ:
		deliver_iq(shard, host, st);
		break;
	default:
		rt_stanza_free(&st);
	}
}
