/* audience.h - who hears of a session's presence, for presence*.c: contacts, own resources,
 * directed presence. */
#ifndef RT_ROUTE_AUDIENCE_H
#define RT_ROUTE_AUDIENCE_H

#include "route/session.h"

/* The JIDs a session treats apart from its roster (struct rt_directed). */

/** Add or change an entry. @return RT_OK, RT_E_LIMIT (RT_DIRECTED_MAX), RT_E_NOMEM. */
int rt_directed_set(struct rt_session *s, const struct rt_jid *jid, bool muted) RT_MUST_USE;
/** Remove the entry with exactly this JID, if there is one. */
void rt_directed_remove(struct rt_session *s, const struct rt_jid *jid);
void rt_directed_free(struct rt_session *s);

/** Available presence: to contacts that may see us, and to all own resources that have sent
 * presence, this one included (RFC 6121, 4.2.2 and 4.4.2). st stays the caller's. */
void rt_audience_tell(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st);
/** Unavailable presence: to whoever has been told available, directed presence included (RFC
 * 6121, 4.5.2 and 4.6.3). The list is empty afterwards. to_contacts: also to contacts and own
 * resources, which had seen the session. */
void rt_audience_tell_end(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st,
			  bool to_contacts);

#endif
