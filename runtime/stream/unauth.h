/* unauth.h - an iq that arrives before a session exists (in-band registration), and the reply to
 * it. */
#ifndef RT_STREAM_UNAUTH_H
#define RT_STREAM_UNAUTH_H

#include <sys/socket.h>

#include "core/shard.h"
#include "xml/stanza.h"

struct rt_stream;

/* Lives in the stanza's arena; whoever took it may keep it across asynchronous work. The connection
 * is held meanwhile. */
struct rt_unauth_iq {
	struct rt_shard *shard;
	struct rt_stanza *st;
	struct rt_elem *child; /* the only one */
	struct rt_id conn;
	int host;
	bool is_set;
	struct sockaddr_storage peer;
};

/**
 * Offer an iq that arrived in phase OPEN to the modules of the stream's host (RT_HOOK_UNAUTH_IQ).
 *
 * @return whether one took it, and st with it. Else st stays the caller's.
 */
bool rt_unauth_offer(struct rt_stream *s, struct rt_stanza *st);

/** Send st, which the handler has turned into a reply (addresses are set here), on the connection,
 * if it is still there, and let it go on. Consumes u and u->st. */
void rt_unauth_reply(struct rt_unauth_iq *u);
/** Reply with an error, without the request's child. text may be empty or NULL. Consumes u. */
void rt_unauth_error(struct rt_unauth_iq *u, enum rt_stanza_error error, const char *text);

#endif
