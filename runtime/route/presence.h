/* presence.h - presence of sessions: broadcast, probes, directed presence (RFC 6121, 4). */
#ifndef RT_ROUTE_PRESENCE_H
#define RT_ROUTE_PRESENCE_H

#include "route/session.h"

/** A presence stanza from a client: from is its full JID, `to` is set or empty. Takes st. */
void rt_presence_from_client(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st);

/** A presence stanza that has arrived for a local account (bare) or one of its resources. Takes st.
 */
void rt_presence_to_account(struct rt_shard *shard, int host, struct rt_stanza *st);

/** The session has left the directory: unavailable to whoever has its presence, with status (may be
 * empty), and the hooks. Frees what the session keeps about its presence. */
void rt_presence_end(struct rt_shard *shard, struct rt_session *s, struct rt_str status);

/**
 * After a subscription state changed to from or both (up), or away from it: send the contact the
 * current presence of all resources, or unavailable.
 *
 * @param contact  bare JID; borrowed.
 */
void rt_presence_subscription_changed(struct rt_shard *shard, struct rt_user *u,
				      const struct rt_jid *contact, bool up);

/** Write a presence stanza to every resource of the user that has sent presence, each under its own
 * full JID (RFC 6121, 8.5.2.2). st stays the caller's. */
void rt_presence_deliver(struct rt_user *u, struct rt_stanza *st);

/** A copy of the session's last presence, to be sent to one address; stamped: with <delay/>, as the
 * answer to a probe. NULL: out of memory (also ->failed). */
struct rt_stanza *rt_presence_of(const struct rt_session *s, const struct rt_jid *to, bool stamped);

#endif
