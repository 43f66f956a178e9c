/* conn_impl.h - what conn.c (life of a connection) and conn_io.c (its bytes) share. Private to
 * net/. */
#ifndef RT_NET_CONN_IMPL_H
#define RT_NET_CONN_IMPL_H

#include "net/conn.h"

/* Output buffers that have become empty, for the next connection that writes: an idle connection
 * has none of its own, and writing costs no malloc. */
#define RT_CONN_SPARES    64u
#define RT_CONN_SPARE_CAP 16384u /* larger ones go back to the system. Bytes */

struct rt_conn_slot {
	struct rt_conn *conn; /* NULL: free */
	uint32_t generation;  /* of the connection in it, or the next one */
	uint32_t next_free;
};

struct rt_conn_table {
	struct rt_conn_slot *slots; /* slot 0 is never used: the zero id is nobody */
	uint32_t nslots, free_slot; /* free_slot 0: none */
	uint32_t count;             /* written by the shard, read by anybody */
	struct rt_conn *dirty;
	bool stopping; /* rt_conn_shutdown_all: whoever still arrives is sent away too */
	struct rt_turn_end hook;
	struct rt_buf spares[RT_CONN_SPARES];
	uint32_t nspares;
};

/** Take a slot of the shard and an id. */
int rt_conn_enter(struct rt_shard *shard, struct rt_conn *c) RT_MUST_USE;
/** Give it up: the id is nobody's from now on. */
void rt_conn_leave(struct rt_conn *c);
/** Watchers for c->fd that belong to no loop yet. */
void rt_conn_init_watchers(struct rt_conn *c);
/** Close the socket: no TLS, timers and events any more. */
void rt_conn_release_socket(struct rt_conn *c);
/** The memory, after everything else. */
void rt_conn_free(struct rt_conn *c);
/** The callback for rt_conn_each() of rt_conn_shutdown_all(). */
void rt_conn_shut_down(struct rt_conn *c, void *ctx);
/** Carry out rt_conn_move(): c is not ours afterwards. */
void rt_conn_depart(struct rt_conn *c);
/** Look after c at the end of this turn. */
void rt_conn_mark_dirty(struct rt_conn *c);
void rt_conn_unmark_dirty(struct rt_conn *c);
/** The socket is of no more use: no flushing, on_closed at the end of this turn. */
void rt_conn_abort(struct rt_conn *c, enum rt_close_reason reason);
/** Set `timer` to the earliest of the three times. */
void rt_conn_arm(struct rt_conn *c);

/** rt_io callback. */
void rt_conn_on_io(struct rt_io *io, unsigned events);
/** Read and feed as much as is fair. */
void rt_conn_pump(struct rt_conn *c);
/** Write what the socket takes. */
void rt_conn_flush(struct rt_conn *c);
/** The flush of a closing connection is through: say so to the peer and linger. */
void rt_conn_finish(struct rt_conn *c);
/** Watch the socket for what c waits for. */
void rt_conn_watch(struct rt_conn *c);
/** hibernate_after is over. */
void rt_conn_rest(struct rt_conn *c);
/** Give the output buffer away, empty as it is. */
void rt_conn_give_out(struct rt_conn *c);

#endif
