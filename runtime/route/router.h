/* router.h - from any stanza to its recipient: local user or host, component, (later) other server.
 *
 *   c2s / component / module ──rt_route()──▶ local domain? ─▶ home shard ─▶ deliver (RFC 6121, 8)
 *                                            component?    ─▶ its shard  ─▶ write
 *                                            else          ─▶ error to the sender
 */
#ifndef RT_ROUTE_ROUTER_H
#define RT_ROUTE_ROUTER_H

#include "core/shard.h"
#include "rt/gen.h"
#include "rt/hooks.h"
#include "xml/stanza.h"

struct rt_user;

/**
 * Send a stanza on its way by st->to; st->from must be set. Takes st. Runs here when the
 * recipient's home is this shard, else on that shard in a later turn; order between one sender and
 * one recipient is kept. When that shard lags behind, the core pauses the
 * connections that feed it (core/shard.h, net/conn.h).
 */
void rt_route(struct rt_shard *shard, struct rt_stanza *st);
/** Answer with an error, unless st is itself an error or result. Takes st. text may be empty. */
void rt_route_error(struct rt_shard *shard, struct rt_stanza *st, enum rt_stanza_error error,
		    struct rt_str text);

/**
 * A stanza from a client's own session (checked and stamped: from is its full JID, to is set or
 * empty). Takes st. Presence goes to route/presence.c, the rest is routed; no `to` means the own
 * account.
 */
void rt_route_from_client(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st);
/** Like rt_route, but always in a later turn: for answers made while the sender's own state is
 * being walked. */
void rt_route_later(struct rt_shard *shard, struct rt_stanza *st);

/** The stored messages of an account are handed over (u->delivery is NULL again): now come those
 * that waited for them. The caller holds u. */
void rt_user_deliver_late(struct rt_shard *shard, struct rt_user *u);

/* ---- component routes: the same table on every shard, changed by messages ---- */

enum rt_domain_kind { RT_DOMAIN_HOST, RT_DOMAIN_SERVICE, RT_DOMAIN_COMPONENT, RT_DOMAIN_OTHER };
/** What a prepared domain is on this node; *host is the served host it is or lies under
 * (RT_HOST_NONE: none). */
enum rt_domain_kind rt_domain_lookup(const struct rt_shard *shard, struct rt_str domain, int *host);

/**
 * Claim domains for a component connection of this shard, all or none, node-wide (one arbiter:
 * shard 0). done runs on this shard with RT_OK or RT_E_EXISTS. domains are copied.
 */
void rt_routes_claim(struct rt_shard *shard, struct rt_id conn, const struct rt_str *domains,
		     size_t n, bool hidden,
		     void (*done)(struct rt_shard *shard, struct rt_id conn, int err));
/** Give up all domains of a connection. */
void rt_routes_drop(struct rt_shard *shard, struct rt_id conn);
/** Component domains under a host, sorted, for disco. hidden: include hidden ones. */
void rt_routes_each(struct rt_shard *shard, int host, bool hidden,
		    void (*fn)(void *ctx, struct rt_str domain), void *ctx);

int rt_router_new(struct rt_shard *shard) RT_MUST_USE;
void rt_router_free(struct rt_shard *shard);

/* How the router hands a stanza to a component connection of this shard; registered by component/.
 * Takes st. */
typedef void rt_component_deliver_fn(struct rt_shard *shard, struct rt_id conn,
				     struct rt_stanza *st);
void rt_router_set_component_deliver(rt_component_deliver_fn *fn);

#endif
