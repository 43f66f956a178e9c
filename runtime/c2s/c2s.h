/* c2s.h - a client's connection: negotiation, resource binding, and the session's way in and out.
 *
 *   feed ─▶ stream ─▶ c2s.c (by phase) ─▶ negotiate.c    before authentication
 *                                      ─▶ bind.c         before a resource is bound
 *                                      ─▶ stanza.c       in the session ─▶ rt_route_from_client()
 *   router ─▶ session ops (session.c) ─▶ conn
 *
 * An idle session keeps struct rt_c2s and struct rt_c2s_session, nothing more of its own.
 */
#ifndef RT_C2S_C2S_H
#define RT_C2S_C2S_H

#include "route/session.h"
#include "stream/stream.h"

struct rt_c2s;

struct rt_c2s_session {
	struct rt_session base; /* first */
	struct rt_c2s *c2s;
	uint64_t proved_ns; /* struct rt_auth */
};

struct rt_c2s {
	struct rt_stream stream;        /* first, and in it the connection */
	struct rt_c2s_session *session; /* from bind on */
};

static inline struct rt_c2s *rt_c2s_of(struct rt_stream *s)
{
	return (struct rt_c2s *)(void *)s;
}

/** For rt_listener_register(RT_LISTENER_C2S, ...). */
extern const struct rt_conn_kind rt_c2s_kind;
/** Before the shards start: let route/ reach clients that are not bound yet. */
void rt_c2s_setup(void);

/* ---- between the files of this folder ---- */

extern const struct rt_session_ops rt_c2s_session_ops;

/** An element before authentication (OPEN, CHALLENGE). Takes st. */
void rt_c2s_negotiate(struct rt_c2s *c, struct rt_stanza *st);
/** An element after authentication, before a session (BIND). Takes st. */
void rt_c2s_bind(struct rt_c2s *c, struct rt_stanza *st);
/** An element in the session. Takes st. */
void rt_c2s_stanza(struct rt_c2s *c, struct rt_stanza *st);

/**
 * An element that is no stanza and belongs to no phase: stream management and client state, which
 * are answered as not supported or ignored (XEP-0198, XEP-0352).
 *
 * @return whether it was one of them; st stays the caller's.
 */
bool rt_c2s_nonza(struct rt_c2s *c, const struct rt_stanza *st);

/** Write an error in answer to st on the connection itself, with `from` the host or without
 * addresses. Takes st; without effect for errors and results. */
void rt_c2s_reply_error(struct rt_c2s *c, struct rt_stanza *st, enum rt_stanza_error error,
			bool from_host, bool keep_children);

/** Evaluate the listener's shaper rule for whoever this is now. */
void rt_c2s_choose_shaper(struct rt_c2s *c, struct rt_str node, struct rt_str resource);

#endif
