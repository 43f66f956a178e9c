/* conn.h - one TCP connection of one shard: bytes in and out, TLS, back-pressure, closing.
 *
 *   socket ─ [TLS] ─ read ──▶ listener->feed(conn, data, len)
 *   rt_conn_write() ─▶ out ─ one write per loop turn ─ [TLS] ─ socket
 *
 * Knows nothing of XML. A kind of connection (c2s, component) embeds struct rt_conn as its first
 * member and describes itself with struct rt_conn_kind. Everything here is for the connection's
 * own shard only.
 *
 *   OPEN ──rt_conn_start_tls──▶ HANDSHAKE ──▶ OPEN
 *   any  ──rt_conn_close──▶ FLUSHING ──▶ LINGERING ──▶ CLOSED ──▶ kind->on_closed, memory gone
 *
 * Closing is two-phase: rt_conn_close() flushes, tells the peer (close_notify, FIN), waits a moment
 * for the peer's own end, so that unread input does not turn our last words into a reset, and
 * closes the socket; all bounded in time. kind->on_closed runs later from the loop, exactly once,
 * and the memory goes after it returns. No callback is ever called from inside a function of this
 * header, but for rt_conn_adopt() and rt_conn_table_free().
 */
#ifndef RT_NET_CONN_H
#define RT_NET_CONN_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "core/buf.h"
#include "core/loop.h"
#include "core/shard.h"
#include "policy/shaper.h"
#include "rt/gen.h"

struct ssl_st;

struct rt_conn;

/* Callbacks may call anything of this header on any connection of the shard. */
struct rt_conn_kind {
	const char *name; /* "c2s": log ids are "c2s-42" */
	size_t size;      /* of the embedding struct; zeroed before on_open */
	/* Accepted; for direct TLS before the handshake. An error closes the connection at once,
	 * without further calls. */
	int (*on_open)(struct rt_conn *c);
	/* A TLS handshake (direct or STARTTLS) has finished. */
	void (*on_secure)(struct rt_conn *c);
	/* Now on the shard it was moved to. */
	void (*on_moved)(struct rt_conn *c);
	/* The timer set by rt_conn_set_timeout has run out. */
	void (*on_timeout)(struct rt_conn *c);
	/* The peer is gone, or rt_conn_close() is through. Last call; release what the embedding
	 * struct owns. `out` still holds what did not leave, bytes_out counts what did. */
	void (*on_closed)(struct rt_conn *c);
	/* The queue for it has passed max_fsm_queue or RT_CONN_OUT_CAP and the socket takes no
	 * more: say so if the protocol can; it is closed when this returns. May be NULL. */
	void (*on_overload)(struct rt_conn *c);
	/* hibernate_after has passed without traffic (0: after every read): let go of what an idle
	 * connection can do without. May be NULL. */
	void (*on_idle)(struct rt_conn *c);
	/* The server stops: say goodbye if the protocol can; it is closed when this returns. May be
	 * NULL. */
	void (*on_shutdown)(struct rt_conn *c);
};

enum rt_conn_state {
	RT_CONN_OPEN,
	RT_CONN_HANDSHAKE, /* what was written in clear still leaves, then TLS begins */
	RT_CONN_FLUSHING,
	RT_CONN_LINGERING,
	RT_CONN_CLOSED,
};

enum rt_close_reason {
	RT_CLOSE_NONE,
	RT_CLOSE_LOCAL,
	RT_CLOSE_PEER,
	RT_CLOSE_ERROR,
	RT_CLOSE_TLS,
	RT_CLOSE_TIMEOUT,
	RT_CLOSE_OVERLOAD,
};
/** "peer" and so on, for the log. */
const char *rt_close_reason_name(enum rt_close_reason reason);

/* Only net/ writes these fields; kinds may read those of the first group, and give `shaper` another
 * spec with rt_shaper_init(). */
struct rt_conn {
	struct rt_id id; /* in the table of its shard; changes when it moves */
	struct rt_shard *shard;
	const struct rt_conn_kind *kind;
	const struct rt_listener_spec *listener;
	struct ssl_st *ssl; /* NULL: plain, or no byte of the handshake yet */
	struct rt_shaper shaper;
	uint64_t bytes_in, bytes_out; /* decrypted */
	uint32_t number;              /* in rt_conn_name(); stays the same for life */
	uint8_t state;                /* enum rt_conn_state */
	uint8_t close_reason;         /* enum rt_close_reason */

	uint16_t read_max; /* bytes of one read; 0: the shard's whole buffer */
	uint32_t queued;   /* stanzas written since `out` was last empty */
	uint32_t largest;  /* bytes of the largest write among them */
	uint32_t noted;    /* bytes of `out` when it was last written to or flushed */
	int fd;
	bool held : 1;       /* rt_conn_hold */
	bool dirty : 1;      /* in the list of those to look after at the end of this turn */
	bool reading : 1;    /* inside feed */
	bool fed : 1;        /* something was fed since rt_conn_pump() began */
	bool refeed : 1;     /* what is being fed was charged to the shaper before */
	bool moving : 1;     /* between two shards */
	bool blocked : 1;    /* the socket took no more */
	bool overloaded : 1; /* kind->on_overload is due */
	bool peer_gone : 1;  /* end of input seen, or the socket failed */
	bool broken : 1;     /* the socket takes no output any more */
	bool secure : 1;     /* the TLS handshake is done: `out` goes through ssl */
	bool wants_room : 1; /* the handshake, or a read under TLS, waits for room to write */
	struct rt_buf out;
	struct rt_buf in; /* bytes read but held back */
	struct rt_io io;
	struct rt_timer timeout; /* kind->on_timeout */
	struct rt_timer timer;   /* for the earliest of the next three */
	uint64_t read_at_ms;     /* reading pauses until then; 0: it does not */
	uint64_t give_up_ms;   /* output, handshake or closing take too long; 0: nothing pending */
	uint64_t idle_at_ms;   /* hibernate_after is over; 0: nothing to let go of */
	uint64_t armed_ms;     /* what `timer` is set to; 0: not set */
	struct rt_shard *lags; /* back-pressure: reading pauses until this shard has caught up */
	struct rt_shard *move_to; /* rt_conn_move() from inside feed */
	struct rt_conn *next_dirty, **prev_dirty;
	struct rt_msg msg;        /* carries it to another shard */
	uint32_t timeout_left_ms; /* of `timeout`, while moving */
};

/* A write that makes no progress for so long ends the connection (send_timeout of 3.2). ms */
#define RT_CONN_SEND_TIMEOUT_MS 15000u
/* Time for the last bytes to leave after rt_conn_close(), then for the peer to end its side. ms */
#define RT_CONN_FLUSH_TIMEOUT_MS  5000u
#define RT_CONN_LINGER_TIMEOUT_MS 2000u
/* Time for a TLS handshake. ms */
#define RT_CONN_HANDSHAKE_TIMEOUT_MS 30000u
/* Waiting output, the largest stanza not counted, beyond which a connection is overloaded even
 * without max_fsm_queue: a single stanza may be larger. Bytes */
#define RT_CONN_OUT_CAP (4u << 20)
/* The same before rt_conn_trust(): of answers that the socket does not take. Bytes */
#define RT_CONN_OUT_UNTRUSTED 2048u
/* One read of a peer that has not authenticated; bounds what may be held back for it. Bytes */
#define RT_CONN_READ_UNTRUSTED 4096u

#define RT_CONN_NAME_MAX 32u
/** "c2s-42", for the log; out holds RT_CONN_NAME_MAX bytes. @return out */
const char *rt_conn_name(const struct rt_conn *c, char *out);

/** The connection, or NULL when it is gone (or has moved). Own shard only. */
struct rt_conn *rt_conn_find(struct rt_shard *shard, struct rt_id id);

/** Take over an accepted, non-blocking socket: allocates kind->size bytes, registers, calls
 * on_open, awaits direct TLS when the listener has it. The fd is closed on failure. */
int rt_conn_adopt(struct rt_shard *shard, const struct rt_listener_spec *listener,
		  const struct rt_conn_kind *kind, int fd) RT_MUST_USE;

/**
 * Where to append output now; it leaves at the end of the loop turn. NULL once the connection is
 * closing, in a handshake or overloaded: the caller drops what it had. Append, then call
 * rt_conn_wrote().
 */
struct rt_buf *rt_conn_begin_write(struct rt_conn *c);
/**
 * Ends an append: schedules the flush, enforces the limits (kind->on_overload, later).
 *
 * @param stanza  counts against max_fsm_queue.
 */
void rt_conn_wrote(struct rt_conn *c, bool stanza);
/** Both at once, for fixed bytes. */
void rt_conn_write(struct rt_conn *c, const void *p, size_t n);

/** Flush what is written, then close the socket. Idempotent: the first reason stays. */
void rt_conn_close(struct rt_conn *c, enum rt_close_reason reason);

/** Stop feeding (an answer from store or worker is awaited); bytes wait in the kernel or here. */
void rt_conn_hold(struct rt_conn *c);
/** Go on: held-back bytes are fed from the loop, not from inside this call. */
void rt_conn_release(struct rt_conn *c);
/** From inside feed: these trailing bytes of the chunk were not consumed; they are fed first. */
void rt_conn_unread(struct rt_conn *c, const char *data, size_t n);
/** Forget unread bytes (plaintext after <starttls/>). */
void rt_conn_discard_input(struct rt_conn *c);
/** The peer has authenticated: from now on read as much at once as there is. */
void rt_conn_trust(struct rt_conn *c);

/** (Re)start the timer of kind->on_timeout; 0 stops it. ms */
void rt_conn_set_timeout(struct rt_conn *c, uint32_t ms);

/**
 * Begin a server handshake now, after flushing what is written in clear. Input not yet consumed is
 * discarded. The listener has a TLS spec.
 *
 * @param domain  chooses the certificate when the client sends no SNI; may be empty.
 */
void rt_conn_start_tls(struct rt_conn *c, struct rt_str domain);

/**
 * Move to another shard; kind->on_moved runs there. The caller must not touch c afterwards, other
 * than return from feed. Unread bytes, output and timers travel with it; it is released and
 * trusted, since only authenticated peers have a home. Only from the connection's own callbacks, or
 * with nothing of it in flight. Moving to the own shard calls on_moved from the loop too.
 */
void rt_conn_move(struct rt_conn *c, struct rt_shard *to);

/** The peer's address. Asks the socket each time: connections do not store it. @return RT_OK or
 * RT_E_CLOSED */
int rt_conn_peer(const struct rt_conn *c, struct sockaddr_storage *out) RT_MUST_USE;
/** "198.51.100.7" without port, IPv4-mapped addresses as IPv4, "" when unknown; out holds
 * INET6_ADDRSTRLEN. port may be NULL. */
void rt_conn_peer_text(const struct rt_conn *c, char *out, uint16_t *port);

/* Channel bindings of the TLS connection for SCRAM-...-PLUS (RFC 5929, RFC 9266). */
enum rt_tls_binding { RT_TLS_UNIQUE, RT_TLS_EXPORTER, RT_TLS_SERVER_END_POINT };
/** @return bytes written to out (64 is enough), 0 when this binding does not exist here. */
size_t rt_conn_tls_binding(const struct rt_conn *c, enum rt_tls_binding which, unsigned char *out,
			   size_t size);

/** Calls fn for every connection of the shard that is not closing yet; fn may close them. */
void rt_conn_each(struct rt_shard *shard, void (*fn)(struct rt_conn *c, void *ctx), void *ctx);
/** Connections of the shard, closing ones included. Any thread. */
uint32_t rt_conn_count(const struct rt_shard *shard);
/** Every connection says goodbye (kind->on_shutdown) and closes. */
void rt_conn_shutdown_all(struct rt_shard *shard);
/** Every socket is closed at once; on_closed follows at the end of the turn. */
void rt_conn_abort_all(struct rt_shard *shard);

int rt_conn_table_new(struct rt_shard *shard) RT_MUST_USE;
/** Connections that are left are closed first, on_closed included. */
void rt_conn_table_free(struct rt_shard *shard);

#endif
