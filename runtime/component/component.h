/* component.h - an external component (XEP-0114): handshake, its domains, and stanzas both ways.
 *
 *   header ─▶ handshake ─▶ rt_routes_claim() ─▶ session
 *   router ─▶ rt_component_deliver() ─▶ conn        conn ─▶ checks ─▶ rt_route()
 *
 * It stays on the shard that accepted it; the router knows which one that is.
 */
#ifndef RT_COMPONENT_COMPONENT_H
#define RT_COMPONENT_COMPONENT_H

#include "stream/stream.h"

/* Which pieces of the output are stanzas: those that had not left when the connection was lost go
 * back to their senders. A queue. */
struct rt_unsent {
	struct rt_unsent_piece {
		uint64_t at; /* counted over all bytes ever written, as conn.bytes_out is */
		uint32_t n;  /* bytes */
	} * pieces;
	uint32_t first, n, cap; /* elements */
};

struct rt_component {
	struct rt_stream stream; /* first, and in it the connection */
	char id[RT_STREAM_ID];   /* of the stream: what the handshake is made from */
	bool is_subdomain;       /* the name is a label under every host */
	bool claimed;            /* rt_routes_claim() was called */
	char *name; /* as the peer wrote it, NUL-terminated, owned; NULL before the header */
	struct rt_str *domains; /* prepared; one allocation with their text */
	size_t ndomains;
	struct rt_unsent unsent;
};

static inline struct rt_component *rt_component_of(struct rt_stream *s)
{
	return (struct rt_component *)(void *)s;
}

/** For rt_listener_register(RT_LISTENER_SERVICE, ...). */
extern const struct rt_conn_kind rt_component_kind;
/** Tell the router how to reach components. Main thread, before the shards start. */
void rt_component_setup(void);

/* ---- between the files of this folder ---- */

/** The element of a component that has not joined. Takes st. */
void rt_component_handshake(struct rt_component *c, struct rt_stanza *st);
/** A stanza from a component that has joined. Takes st. */
void rt_component_stanza(struct rt_component *c, struct rt_stanza *st);
/** It takes nothing any more: its domains are free for another. Idempotent. */
void rt_component_leave(struct rt_component *c);
/** A stanza from the router to the component, or back to its sender. Takes st. */
void rt_component_deliver(struct rt_shard *shard, struct rt_id conn, struct rt_stanza *st);

/** The last n bytes of the output are a stanza. */
void rt_unsent_note(struct rt_unsent *u, const struct rt_conn *c, size_t n);
/** The connection is lost: answer what never left with service-unavailable; frees the queue. */
void rt_unsent_bounce(struct rt_unsent *u, struct rt_conn *c);

#endif
