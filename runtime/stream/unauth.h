/* unauth.h - an iq that arrives before a session exists (in-band registration), and the reply to it. */
#ifndef RT_STREAM_UNAUTH_H
#define RT_STREAM_UNAUTH_H

#include <sys/socket.h>

#include "core/shard.h"
#include "xml/stanza.h"

/* Lives in the stanza's arena; whoever took it may keep it across asynchronous work. The connection is held meanwhile. */
struct rt_unauth_iq {
	struct rt_shard *shard;
	struct rt_stanza *st;
	struct rt_elem *child;
	struct rt_id conn;
	int host;
	bool is_set;
	struct sockaddr_storage peer;
};

/** Send st (already turned into a reply, no addresses needed) on the connection, if it is still there, and let it go on. Consumes u and
 * u->st. */
void rt_unauth_reply(struct rt_unauth_iq *u);
/** Reply with an error, without the request's child. */
void rt_unauth_error(struct rt_unauth_iq *u, enum rt_stanza_error error, const char *text);

#endif
