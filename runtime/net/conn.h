/* conn.h - one TCP connection of one shard: bytes in and out, TLS, back-pressure, closing. Knows nothing of XML.
 *
 *   socket ─ [TLS] ─ read ──▶ listener->feed(conn, data, len)          (rt/vpi.h, generated per listener)
 *   rt_conn_write() ─▶ out ─ one write per loop turn ─ [TLS] ─ socket
 *
 * A kind of connection (c2s, component) embeds struct rt_conn as its first member and describes itself with struct
 * rt_conn_kind. Everything here is for the connection's own shard only.
 *
 * Closing is two-phase: rt_conn_close() flushes (bounded in time) and closes the socket; kind->on_closed runs later from the loop,
 * exactly once, and the memory goes after it returns.
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

struct rt_conn_kind {
	const char *name; /* "c2s": log ids are "c2s-42" */
	size_t size;      /* of the embedding struct; zeroed before on_open */
	/* Accepted; TLS not started yet for direct TLS. RT_OK or the connection is closed at once. */
	int (*on_open)(struct rt_conn *c);
	/* A TLS handshake (direct or STARTTLS) has finished. */
	void (*on_secure)(struct rt_conn *c);
	/* Now on the shard it was moved to. */
	void (*on_moved)(struct rt_conn *c);
	/* The timer set by rt_conn_set_timeout has run out. */
	void (*on_timeout)(struct rt_conn *c);
	/* The peer is gone, or rt_conn_close() is through. Last call; release what the embedding struct owns. */
	void (*on_closed)(struct rt_conn *c);
	/* Output has been stuck, or its queue has passed the limit: say so if the protocol can, then rt_conn_close(). */
	void (*on_overload)(struct rt_conn *c);
};

enum rt_conn_state { RT_CONN_OPEN, RT_CONN_HANDSHAKE, RT_CONN_FLUSHING, RT_CONN_CLOSED };

struct rt_conn {
	struct rt_id id;             /* in the table of its shard */
	struct rt_shard *shard;
	const struct rt_conn_kind *kind;
	const struct rt_listener_spec *listener;
	int fd;
	uint8_t state;               /* enum rt_conn_state */
	bool held;                   /* rt_conn_hold */
	bool dirty;                  /* in the shard's list of connections to flush this turn */
	bool reading;                /* inside feed: guards against re-entry */
	bool moving;
	uint8_t close_reason;        /* enum rt_close_reason */
	uint32_t queued;             /* stanzas in `out`, for max_fsm_queue */
	struct ssl_st *ssl;          /* NULL: plain */
	struct rt_buf out;
	struct rt_buf in;            /* bytes read but held back: unread after a stop, or waiting for release */
	struct rt_io io;
	struct rt_timer timeout;     /* kind->on_timeout */
	struct rt_timer pause;       /* shaper delay, or a write that is stuck */
	struct rt_shaper shaper;
	struct rt_conn *next_dirty;
	uint64_t bytes_in, bytes_out;
	struct rt_msg msg;           /* carries it to another shard */
};

enum rt_close_reason {
	RT_CLOSE_NONE, RT_CLOSE_LOCAL, RT_CLOSE_PEER, RT_CLOSE_ERROR, RT_CLOSE_TLS, RT_CLOSE_TIMEOUT, RT_CLOSE_OVERLOAD,
};
const char *rt_close_reason_name(enum rt_close_reason reason);

/* A write that makes no progress for so long ends the connection (send_timeout of 3.2). ms */
#define RT_CONN_SEND_TIMEOUT_MS 15000u
/* Time for the last bytes to leave after rt_conn_close(). ms */
#define RT_CONN_FLUSH_TIMEOUT_MS 5000u
/* Output waiting for one connection beyond which it is overloaded even without max_fsm_queue. Bytes */
#define RT_CONN_OUT_CAP (4u << 20)
/* Held-back input beyond which the socket is no longer read. Bytes */
#define RT_CONN_IN_CAP RT_READ_BUFFER

/** The connection, or NULL when it is gone (or has moved). Own shard only. */
struct rt_conn *rt_conn_find(struct rt_shard *shard, struct rt_id id);

/** Take over an accepted socket: allocates kind->size bytes, registers, calls on_open, starts direct TLS when the listener has it.
 * The fd is closed on failure. */
int rt_conn_adopt(struct rt_shard *shard, const struct rt_listener_spec *listener,
                  const struct rt_conn_kind *kind, int fd) RT_MUST_USE;

/**
 * Where to append output now; it leaves at the end of the loop turn. NULL once the connection is closing: the caller drops what it
 * had. Append, then call rt_conn_wrote().
 *
 * @param stanza  counts against max_fsm_queue.
 */
struct rt_buf *rt_conn_begin_write(struct rt_conn *c);
/** Ends an append: schedules the flush, enforces the limits (kind->on_overload, later from the loop). */
void rt_conn_wrote(struct rt_conn *c, bool stanza);
/** Both at once, for fixed bytes. */
void rt_conn_write(struct rt_conn *c, const void *p, size_t n);

/** Flush what is written, then close the socket. Idempotent. */
void rt_conn_close(struct rt_conn *c, enum rt_close_reason reason);

/** Stop feeding (an answer from store or worker is awaited); bytes wait in the kernel or in c->in. */
void rt_conn_hold(struct rt_conn *c);
/** Go on: held-back bytes are fed from the loop, not from inside this call. */
void rt_conn_release(struct rt_conn *c);
/** From inside feed: these trailing bytes of the chunk were not consumed; they are fed again first. */
void rt_conn_unread(struct rt_conn *c, const char *data, size_t n);
/** Forget unread bytes (plaintext after <starttls/>). */
void rt_conn_discard_input(struct rt_conn *c);

/** (Re)start the timer of kind->on_timeout; 0 stops it. ms */
void rt_conn_set_timeout(struct rt_conn *c, uint32_t ms);

/** Begin a server handshake now, after flushing what is written in clear. domain (may be empty) chooses the certificate when
 * the client sends no SNI. Input not yet consumed is discarded. */
void rt_conn_start_tls(struct rt_conn *c, struct rt_str domain);

/** Move to another shard; kind->on_moved runs there. The caller must not touch c afterwards. Unread bytes travel with it. Only from the
 * connection's own callbacks, with nothing of it in flight. Moving to the own shard calls on_moved from the loop too. */
void rt_conn_move(struct rt_conn *c, struct rt_shard *to);

/** The peer's address. Asks the socket each time: connections do not store it. @return RT_OK or RT_E_CLOSED */
int rt_conn_peer(const struct rt_conn *c, struct sockaddr_storage *out) RT_MUST_USE;
/** "198.51.100.7" without port, IPv4-mapped addresses as IPv4; out holds INET6_ADDRSTRLEN. port may be NULL. */
void rt_conn_peer_text(const struct rt_conn *c, char *out, uint16_t *port);

/* Channel bindings of the TLS connection for SCRAM-...-PLUS (RFC 5929, RFC 9266). */
enum rt_tls_binding { RT_TLS_UNIQUE, RT_TLS_EXPORTER, RT_TLS_SERVER_END_POINT };
/** @return bytes written to out (64 is enough), 0 when this binding does not exist here. */
size_t rt_conn_tls_binding(const struct rt_conn *c, enum rt_tls_binding which, unsigned char *out, size_t size);

/** Calls fn for every open connection of the shard; fn may close them. */
void rt_conn_each(struct rt_shard *shard, void (*fn)(struct rt_conn *c, void *ctx), void *ctx);
uint32_t rt_conn_count(const struct rt_shard *shard);

int rt_conn_table_new(struct rt_shard *shard) RT_MUST_USE;
void rt_conn_table_free(struct rt_shard *shard);

#endif
