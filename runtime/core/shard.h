/* shard.h - one thread, one event loop, everything that lives on it. Nothing is shared but
 * mailboxes.
 *
 *   other shard / worker / store ──rt_shard_post()──▶ mailbox (eventfd)
 *                                     ──loop turn──▶ msg->fn(shard, msg)
 *
 * Code that handles a user always runs on the user's home shard (rt_shard_home), so it reads as
 * single-threaded code.
 *
 * A turn belongs to the shard and not to its thread: while that one sleeps in its poll, a shard
 * that has posted it a few light messages takes the turn itself, which saves waking a processor.
 * Turns of one shard never overlap.
 */
#ifndef RT_CORE_SHARD_H
#define RT_CORE_SHARD_H

#include "core/base.h"

struct rt_loop;
struct rt_conn_table;
struct rt_directory;
struct rt_xml_pool;
struct rt_store;
struct rt_router;
struct rt_mailbox;
struct rt_shard;

/* What travels between threads: embedded in whatever it carries. The receiver's fn owns it. */
struct rt_msg {
	struct rt_msg *next;
	void (*fn)(struct rt_shard *shard, struct rt_msg *msg);
	/* Its fn, and all that follows from it in the turn, may run on the thread of another shard:
	 * it is short, and closes no descriptor that the loop watches. */
	bool is_light;
};

/* Plain counters, written by their shard only, read by anybody (tearing is impossible on 64-bit
 * loads). */
struct rt_counters {
	uint64_t conns_accepted, conns_closed, stanzas_in, stanzas_out, bytes_in, bytes_out;
	uint64_t logins, login_failures, messages_routed, sessions;
};

/* Called at the end of a loop turn, before it sleeps: flush work collected during the turn. */
struct rt_turn_end {
	void (*fn)(struct rt_shard *shard, void *ctx);
	void *ctx;
	struct rt_turn_end *next;
};

struct rt_shard {
	uint32_t index;
	struct rt_loop *loop;           /* core/loop.h */
	struct rt_conn_table *conns;    /* net/conn.h */
	struct rt_xml_pool *xml_pool;   /* xml/xml_reader.h */
	struct rt_directory *directory; /* route/session.h: users homed here and their sessions */
	struct rt_router *router;       /* route/router.h: routes of components */
	struct rt_store *store;         /* store/store.h: shared by all shards, thread safe */
	struct rt_counters counters;
	uint64_t serial; /* for names that must differ on this shard: take and add one */
	struct rt_turn_end *turn_end; /* run in the order they were added */
	char *read_buffer;            /* RT_READ_BUFFER bytes, for one read at a time */
	struct rt_mailbox *mailbox;   /* core/mailbox.h */
	bool awake;                   /* rt_shard_stay_awake() was called in this turn */
	bool is_lent;                 /* this turn runs on the thread of another shard */
	struct rt_shard *congested;   /* a full shard that this one has posted to lately; net/conn.c
					 reads and clears it */
};

#define RT_READ_BUFFER 65536u

/** How many shards there are; set before any starts, constant afterwards. */
extern uint32_t rt_nshards;
/** All of them, rt_nshards long. */
extern struct rt_shard **rt_shards;
/** The shard of the calling thread; NULL on workers and the main thread. */
struct rt_shard *rt_shard_self(void);

/** The shard on which everything about this prepared bare JID (or domain, node empty) lives. */
struct rt_shard *rt_shard_home(struct rt_str node, struct rt_str domain);

/** Create n shards with their loops and mailboxes; threads are started by rt_shards_start. */
int rt_shards_init(uint32_t n) RT_MUST_USE;
int rt_shards_start(void) RT_MUST_USE;
/** Ask every loop to end and join the threads. */
void rt_shards_stop(void);
/** After rt_shards_stop: run what is left in the mailboxes on the calling thread, as each shard in
 * turn, until all are empty, so that every message meets its owner. @return whether there was any.
 */
bool rt_shards_drain(void);
/** Free loops, mailboxes, buffers. What other layers hang on shards must be gone before. */
void rt_shards_fini(void);
/** Main thread or tests, while the shard's own thread does not run: be this shard (NULL: none
 * again). */
void rt_shard_enter(struct rt_shard *shard);
/** For tests: run the calling thread as shard 0 until `done` returns true. */
void rt_shard_run_until(struct rt_shard *shard, bool (*done)(void *ctx), void *ctx);

/**
 * Hand a message to another shard (or to the own one: it runs in a later turn). Never fails and
 * never blocks: memory is the message's own. Order from one thread to one shard is kept. Any thread
 * may call it.
 */
void rt_shard_post(struct rt_shard *to, struct rt_msg *msg);
/** Messages waiting there, for back-pressure: connections stop reading while their target's count
 * is above the limit. */
uint32_t rt_shard_backlog(const struct rt_shard *shard);
#define RT_SHARD_BACKLOG_HIGH 4096u

void rt_shard_on_turn_end(struct rt_shard *shard, struct rt_turn_end *hook);
/** Not from inside a hook. */
void rt_shard_off_turn_end(struct rt_shard *shard, struct rt_turn_end *hook);
/** The present turn is not to be followed by sleep: there is work that no event will announce. */
void rt_shard_stay_awake(struct rt_shard *shard);

#endif
