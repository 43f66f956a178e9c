/* hooks.h - the types of the points where modules join in. One function type per enum rt_hook row
 * of gen.h.
 *
 * All run on a shard's own thread; those about a user run on the user's home shard. Strings are
 * borrowed for the call. `host` indexes rt_gen.hosts.
 */
#ifndef RT_HOOKS_H
#define RT_HOOKS_H

#include "rt/gen.h"

struct rt_buf;
struct rt_elem;
struct rt_iq;
struct rt_session;
struct rt_shard;
struct rt_stanza;
struct rt_str;
struct rt_unauth_iq;

/*
 * The handlers of one hook of a host, in the order of its modules:
 *
 *   RT_EACH_HOOK(row, host, SESSION_OPEN)
 *           RT_CALL_HOOK(row, SESSION_OPEN, shard, s);
 */
#define RT_EACH_HOOK(row, host, NAME)                                                              \
	for (const struct rt_hook_row *                                                            \
		     row = rt_gen.hosts[host].hooks[RT_HOOK_##NAME].rows,                          \
		    *row##_end = row + rt_gen.hosts[host].hooks[RT_HOOK_##NAME].n;                 \
	     row < row##_end; row++)
#define RT_CALL_HOOK(row, NAME, ...) (((rt_hook_##NAME *)(row)->fn)(__VA_ARGS__, (row)->opts))

/* Append children of <stream:features/>. @param authenticated  false before SASL, true between SASL
 * and bind. */
typedef void rt_hook_STREAM_FEATURES(struct rt_buf *out, bool authenticated, const void *opts);

/* An iq get/set before a session exists. @return whether the handler took it (and will reply,
 * stream/unauth.h). */
typedef bool rt_hook_UNAUTH_IQ(struct rt_unauth_iq *u, const void *opts);

/* The session has become able to receive messages: first presence with priority >= 0, or a rise to
 * it. */
typedef void rt_hook_USER_AVAILABLE(struct rt_session *s, const void *opts);

/* The session's presence has ended (unavailable, or the connection is gone). status may be empty.
 */
typedef void rt_hook_USER_UNAVAILABLE(struct rt_session *s, const struct rt_str *status,
				      const void *opts);

/* A message to a local account that no resource can take. @return true: the handler owns st and
 * answers for it (stored, or an error to the sender, also when the account does not exist). */
typedef bool rt_hook_OFFLINE_MESSAGE(struct rt_shard *shard, int host, struct rt_stanza *st,
				     const void *opts);

/* A presence of type subscribe, subscribed, unsubscribe or unsubscribed: to a local user (IN, bare
 * `to`), or from one (OUT, bare `from` and `to`). @return true: the handler owns st and delivers or
 * routes it itself. */
typedef bool rt_hook_SUBSCRIPTION_IN(struct rt_shard *shard, int host, struct rt_stanza *st,
				     const void *opts);
typedef bool rt_hook_SUBSCRIPTION_OUT(struct rt_shard *shard, int host, struct rt_stanza *st,
				      const void *opts);

/* An account was created in-band; node is prepared. */
typedef void rt_hook_REGISTER_USER(struct rt_shard *shard, int host, const struct rt_str *node,
				   const void *opts);
/* An account was removed, and with it all that the store keeps about it: undo what the module has
 * done elsewhere. */
typedef void rt_hook_REMOVE_USER(struct rt_shard *shard, int host, const struct rt_str *node,
				 const void *opts);

/* Add to a disco#info answer of the host. node is empty for the host itself. @return whether the
 * node is the module's own. */
typedef bool rt_hook_DISCO_INFO(struct rt_iq *iq, struct rt_elem *query, const struct rt_str *node,
				const void *opts);
/* Add to a disco#items answer of the host. node is empty for the root. @return whether the node is
 * the module's own. */
typedef bool rt_hook_DISCO_ITEMS(struct rt_iq *iq, struct rt_elem *query, const struct rt_str *node,
				 const void *opts);

/* The session is in the directory. */
typedef void rt_hook_SESSION_OPEN(struct rt_shard *shard, struct rt_session *s, const void *opts);
/* The session has left the directory; s->user is still there. */
typedef void rt_hook_SESSION_CLOSE(struct rt_shard *shard, struct rt_session *s, const void *opts);

#endif
