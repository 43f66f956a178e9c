/* stream.h - one XML stream over one connection: its phases, its header and end, and what the input
 * may do when.
 *
 *   conn ── bytes ──▶ rt_stream_feed ─▶ reader ─▶ kind->on_header, kind->on_element
 *                         ▲                              │
 *                         └── phase says how to go on ◀──┘  rt_stream_wait / _secure / _move /
 * _error / _end
 *
 *   HEADER ─▶ OPEN ─▶ WAIT ─▶ CHALLENGE ─▶ MOVING ─▶ RESTART ─▶ BIND ─▶ SESSION          c2s
 *     ▲        │ ▲     │▲          │▲ │                 (authenticated from MOVING on)
 *     └SECURING┘ └─────┘└──────────┘└─┘    also CHALLENGE ─▶ SECURING
 *   HEADER ─▶ OPEN ─▶ WAIT ─▶ SESSION                                                    component
 *   any ─▶ CLOSED
 *
 * A kind of stream (c2s, component) embeds struct rt_stream as its first member, and with it the
 * connection. Own shard only; after rt_stream_move() or a callback that ends the stream nothing of
 * it may be touched by the caller.
 */
#ifndef RT_STREAM_STREAM_H
#define RT_STREAM_STREAM_H

#include "net/conn.h"
#include "stream/header.h"
#include "xml/xml_reader.h"

/* A peer that says nothing for so long before it has a session is sent away (C2S_OPEN_TIMEOUT
 * of 3.2). ms */
#define RT_STREAM_OPEN_TIMEOUT_MS 60000u

enum rt_phase {
	RT_PHASE_HEADER,    /* a header is due; nobody is authenticated */
	RT_PHASE_OPEN,      /* features (component: our header) are out */
	RT_PHASE_WAIT,      /* the input is held until store, worker or module have answered */
	RT_PHASE_CHALLENGE, /* a SASL challenge is out */
	RT_PHASE_SECURING,  /* <proceed/> is out, TLS handshake */
	RT_PHASE_MOVING,    /* authenticated, on the way to the home shard */
	RT_PHASE_RESTART,   /* authenticated, the header of the new stream is due */
	RT_PHASE_BIND,      /* authenticated, no resource yet */
	RT_PHASE_SESSION,   /* bound; component: joined */
	RT_PHASE_CLOSED,    /* the end has been written; nothing is read any more */
	RT_NPHASES
};

struct rt_auth;
struct rt_stream;

struct rt_stream_kind {
	struct rt_header_rules rules;
	bool renews_timeout; /* every element before the session starts the time-out anew */
	bool minds_language; /* texts of errors carry the xml:lang of the peer's header */
	/* Append our header with its XML declaration. s->host is what the peer's `to` named, or
	 * RT_HOST_NONE. */
	void (*write_header)(struct rt_stream *s, struct rt_buf *out);
	/* The peer's header has passed the checks; ours is not written yet. */
	void (*on_header)(struct rt_stream *s, const struct rt_xml_header *h);
	/* A top-level element in any phase after the header. Takes st. */
	void (*on_element)(struct rt_stream *s, struct rt_stanza *st);
	/* The stream has just ended, whoever ended it: leave every directory. Called once. */
	void (*on_end)(struct rt_stream *s);
};

struct rt_stream {
	struct rt_conn conn; /* first */
	struct rt_xml_reader reader;
	const struct rt_stream_kind *kind;
	struct rt_auth *auth; /* stream/auth.h: from the first <auth/> until the session begins */
	char *lang;           /* the peer's xml:lang, NUL-terminated, owned; NULL: none */
	int16_t host;         /* rt_gen.hosts index, or RT_HOST_NONE */
	uint8_t bindings;     /* channel bindings of TLS, rt_auth_bindings(); 0 without TLS */
	uint8_t phase;        /* enum rt_phase; set by rt_stream_enter() alone */
	bool header_sent;     /* of the present stream */
	bool feeding;         /* inside the reader's callbacks */
};

static inline struct rt_stream *rt_stream_of(struct rt_conn *c)
{
	return (struct rt_stream *)(void *)c;
}

/** From kind->on_open of the connection; starts the time-out. */
void rt_stream_init(struct rt_stream *s, const struct rt_stream_kind *kind);
/** From kind->on_closed: ends the stream if nobody has, and frees everything. */
void rt_stream_fini(struct rt_stream *s);

/** The only function that changes the phase; a step the state machine does not have is our fault
 * (assertion). */
void rt_stream_enter(struct rt_stream *s, enum rt_phase phase);
const char *rt_phase_name(enum rt_phase phase);
static inline bool rt_stream_is_authenticated(const struct rt_stream *s)
{
	return s->phase >= RT_PHASE_MOVING && s->phase <= RT_PHASE_SESSION;
}

/** Bytes from the connection. @param max_stanza  bytes of one element, option max_stanza_size; 0:
 * the hard cap only. */
void rt_stream_feed(struct rt_stream *s, const char *data, size_t len, uint32_t max_stanza);

/** Where to append an element now, or NULL when the stream has ended; writes the header first if
 * none was sent. End with rt_stream_sent(). */
struct rt_buf *rt_stream_begin(struct rt_stream *s);
void rt_stream_sent(struct rt_stream *s);
/** One literal element. */
void rt_stream_send(struct rt_stream *s, const char *element);

/** End with a stream error, a closing tag and a flush. Nothing happens when it has ended before. */
void rt_stream_error(struct rt_stream *s, enum rt_stream_error e);
/** The same with any condition; text may be NULL. */
void rt_stream_fail(struct rt_stream *s, const char *condition, const char *text,
		    enum rt_close_reason reason);
/** End without an error: closing tag, flush. */
void rt_stream_end(struct rt_stream *s, enum rt_close_reason reason);

/** Hold the input: an answer is awaited, and rt_stream_resume() will be called, now or later. */
void rt_stream_wait(struct rt_stream *s);
/** The answer is here: enter a phase and go on with the input. */
void rt_stream_resume(struct rt_stream *s, enum rt_phase phase);

/** Answer <starttls/>: <proceed/>, handshake, a new stream. Whatever the client sent behind it in
 * clear is discarded. */
void rt_stream_secure(struct rt_stream *s);
/** The handshake is through (kind->on_secure of the connection). */
void rt_stream_secured(struct rt_stream *s);

/** Authentication is done: go to s->auth->home and expect a new header there. */
void rt_stream_move(struct rt_stream *s);
/** kind->on_moved of the connection. */
void rt_stream_moved(struct rt_stream *s);

/** Callbacks of the connection that are the same for every kind of stream. */
void rt_stream_on_idle(struct rt_conn *c);
void rt_stream_on_timeout(struct rt_conn *c);
void rt_stream_on_overload(struct rt_conn *c);
void rt_stream_on_shutdown(struct rt_conn *c);

#endif
