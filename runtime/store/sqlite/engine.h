/* engine.h - queues and threads of the store: who runs an op, when, and in which order.
 *
 *   write ───────────────────────────────▶ writes ─▶ writer: one transaction per batch, then
 * answers read, account has writes under way ──▶   " read, account has none ──────────────▶ reads
 * ──▶ readers 0 and 1 scan ────────────────────────────────▶ scans ──▶ reader 1, after the reads
 *
 * Order. `writing[b]` counts the writes of accounts with bucket b that are not answered yet,
 * `reading[b]` the reads that readers have still to do. A read goes to the readers only while
 * writing[b] is 0, so it sees all that was asked for before it; the writer begins a batch only when
 * reading[b] is 0 for its writes, so an earlier read does not see them. Two accounts in one bucket
 * only cost a detour.
 */
#ifndef RT_STORE_SQLITE_ENGINE_H
#define RT_STORE_SQLITE_ENGINE_H

#include <pthread.h>

#include "store/sqlite/op.h"

#define RT_STORE_READERS 2u
#define RT_STORE_BUCKETS 16384u
/* Ops in one transaction: what waits longer than that would have to wait for its commit. */
#define RT_STORE_BATCH 1024u
/* Scans that may wait. */
#define RT_STORE_SCANS 256u

struct rt_store_queue {
	struct rt_store_op *first, **end;
	uint32_t n;
	size_t bytes;
};

struct rt_store_thread {
	struct rt_store *store;
	struct rt_db db;
	pthread_t thread;
	bool running;
	bool takes_scans;
};

struct rt_store {
	pthread_mutex_t lock; /* of everything here but the threads' own connections */
	pthread_cond_t to_write, to_read;
	pthread_cond_t quiet; /* reads the writer waits for are done, or nothing is under way */
	struct rt_store_queue writes, reads, scans;
	uint32_t under_way; /* ops not yet posted back */
	bool stopping;
	uint32_t writing[RT_STORE_BUCKETS], reading[RT_STORE_BUCKETS];
	struct rt_store_thread writer, readers[RT_STORE_READERS];
	uint64_t patient_from_ms; /* writer: no waiting for a failing database before that */
	bool failing;             /* writer: the last batch could not be written whole */
	int lock_fd;
};

/* The threads' work, commit.c. ops are a list; afterwards each has its err. */
void rt_store_write_batch(struct rt_store *store, struct rt_store_op *ops);
void rt_store_read_batch(struct rt_store_thread *t, struct rt_store_op *ops);

#endif
