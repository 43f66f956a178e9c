/* router.c - from a stanza's `to` to the shard and the kind of recipient; errors back to the
 * sender. */
#include "route/router.h"

#include "core/log.h"
#include "route/deliver.h"
#include "route/iq.h"
#include "route/presence.h"
#include "route/roster.h"
#include "route/routes.h"
#include "route/session.h"

static rt_component_deliver_fn *component_deliver;

void rt_router_set_component_deliver(rt_component_deliver_fn *fn)
{
	component_deliver = fn;
}

static void on_arrival(struct rt_shard *shard, struct rt_msg *msg)
{
	rt_route(shard, RT_CONTAINER_OF(msg, struct rt_stanza, msg));
}

static void hand_over(struct rt_shard *to, struct rt_stanza *st)
{
	st->origin = (struct rt_id){0, 0};
	st->msg.fn = on_arrival;
	st->msg.is_light = true;
	rt_shard_post(to, &st->msg);
}

void rt_route_later(struct rt_shard *shard, struct rt_stanza *st)
{
	st->msg.fn = on_arrival;
	st->msg.is_light = true;
	rt_shard_post(shard, &st->msg);
}

void rt_route_error(struct rt_shard *shard, struct rt_stanza *st, enum rt_stanza_error error,
		    struct rt_str text)
{
	if (!rt_stanza_wants_error(st)) {
		rt_stanza_free(&st);
		return;
	}
	rt_stanza_make_error(st, error, text, true);
	rt_route(shard, st);
}

static void refuse(struct rt_shard *shard, struct rt_stanza *st, enum rt_stanza_error error)
{
	rt_route_error(shard, st, error, (struct rt_str){NULL, 0});
}

/* iq requests, and those of no known type, which are to be told so; answers are not. */
static bool is_request(const struct rt_stanza *st)
{
	return st->type != RT_TYPE_RESULT && st->type != RT_TYPE_ERROR;
}

/* RFC 6121, 8.4 (RFC 6120, 10.5.1): the server itself takes requests; it has no resources. */
static void to_host(struct rt_shard *shard, int host, struct rt_stanza *st)
{
	if (st->to.resource.n > 0)
		refuse(shard, st, RT_SE_ITEM_NOT_FOUND);
	else if (st->kind != RT_STANZA_IQ)
		rt_stanza_free(&st);
	else if (is_request(st))
		rt_iq_dispatch(shard, st, RT_IQ_HOST, host);
	else
		rt_iq_answered(shard, st);
}

/* A domain that a module serves: bare, iq only. */
static void to_service(struct rt_shard *shard, const struct rt_domain_route *route,
		       struct rt_stanza *st)
{
	if (st->to.node.n > 0 || st->to.resource.n > 0)
		refuse(shard, st, RT_SE_SERVICE_UNAVAILABLE);
	else if (st->kind == RT_STANZA_IQ && is_request(st))
		rt_iq_dispatch(shard, st, RT_IQ_SUBDOMAIN, route->host);
	else
		rt_stanza_free(&st);
}

static void to_component(struct rt_shard *shard, const struct rt_domain_route *route,
			 struct rt_stanza *st)
{
	if (route->owner != shard)
		hand_over(route->owner, st);
	else
		component_deliver(shard, route->conn, st);
}

static void to_elsewhere(struct rt_shard *shard, struct rt_stanza *st)
{
	const struct rt_domain_route *route = rt_domain_find(shard->router, st->to.domain);

	if (route == NULL)
		/* A name below one of ours is ours to know; others would be reached from server to
		 * server. */
		refuse(shard, st,
		       rt_domain_parent(st->to.domain) != RT_HOST_NONE
			       ? RT_SE_SERVICE_UNAVAILABLE
			       : RT_SE_REMOTE_SERVER_NOT_FOUND);
	else if (route->service != NULL)
		to_service(shard, route, st);
	else
		to_component(shard, route, st);
}

void rt_route(struct rt_shard *shard, struct rt_stanza *st)
{
	struct rt_shard *home;
	int host;

	if (st->failed || st->to.domain.n == 0) {
		RT_LOG(DEBUG, NULL, "route", "dropped", KV_STR("to", st->to.domain),
		       KV_Z("why", st->failed ? "out of memory" : "no address"));
		rt_stanza_free(&st);
		return;
	}
	host = rt_gen.host_find(st->to.domain.p, st->to.domain.n);
	if (host == RT_HOST_NONE) {
		to_elsewhere(shard, st);
		return;
	}
	if (st->to.node.n == 0) {
		to_host(shard, host, st);
		return;
	}
	home = rt_shard_home(st->to.node, st->to.domain);
	if (home == shard)
		rt_deliver_to_account(shard, host, st);
	else
		hand_over(home, st);
}

/* Also without a turn (too many wait, or the store fails): late is better than never. */
static void on_turn_to_route(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	(void)u;
	(void)err;
	rt_route(shard, ctx);
}

void rt_route_from_client(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st)
{
	if (st->kind == RT_STANZA_PRESENCE) {
		rt_presence_from_client(shard, s, st);
		return;
	}
	if (st->to.domain.n == 0)
		st->to = rt_jid_bare(&st->from);
	/* RFC 6120, 10.1: presence sent before it may wait for the roster. */
	if (rt_roster_is_pending(s->user))
		rt_roster_with(shard, s->user->node, s->user->host, on_turn_to_route, st);
	else
		rt_route(shard, st);
}
