/* presence.h - presence of sessions: broadcast, probes, directed presence (RFC 6121, 4). */
#ifndef RT_ROUTE_PRESENCE_H
#define RT_ROUTE_PRESENCE_H

#include "route/session.h"

/** A presence stanza from a client. Takes st. */
void rt_presence_from_client(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st);
/** A presence stanza that has arrived for a local account (bare) or one of its resources. Takes st. */
void rt_presence_to_account(struct rt_shard *shard, int host, struct rt_stanza *st);
/** The session ends: unavailable to whoever has its presence, with status. */
void rt_presence_end(struct rt_shard *shard, struct rt_session *s, struct rt_str status);

/** After a subscription state changed to from/both (up) or away from it: send current presence of all resources to the contact, or
 * unavailable. */
void rt_presence_subscription_changed(struct rt_shard *shard, struct rt_user *u, const struct rt_jid *contact, bool up);

#endif
