/* op.h - one request to the store on its way from a shard to a thread of the store and back.
 *
 *   rt_store_op_new() ─▶ rt_store_submit() ─▶ run() on a store thread
 *                                          ─▶ deliver() on the shard ─▶ freed
 *
 * One allocation holds the subject's own struct (struct rt_store_op first) and copies of all texts;
 * what a read finds lies in the arena `results`.
 */
#ifndef RT_STORE_SQLITE_OP_H
#define RT_STORE_SQLITE_OP_H

#include "store/sqlite/db.h"
#include "store/store.h"

enum rt_store_op_kind {
	RT_STORE_READ,  /* about one account */
	RT_STORE_WRITE, /* about one account */
	RT_STORE_SCAN,  /* a read about a whole host, perhaps long */
};

struct rt_store_op {
	struct rt_msg msg;
	struct rt_store_op *next;
	struct rt_shard *shard;
	/* @return RT_OK or an error for the caller, after which nothing may have changed; RT_E_IO:
	 * the database failed, to be tried again. May run more than once. */
	int (*run)(struct rt_store_op *op, struct rt_db *db);
	/* Call the callback; NULL: `done`, if there is one. */
	void (*deliver)(struct rt_store_op *op);
	rt_store_done_fn *done;
	void *ctx;
	int err;
	uint32_t bucket; /* of the account, engine.c */
	uint32_t size;   /* bytes of the whole allocation */
	uint8_t kind;    /* enum rt_store_op_kind */
	bool secret;     /* wiped before it is freed */
	struct rt_arena results;
	void *rows; /* of what a read finds: an array with room for rows_cap */
	size_t nrows, rows_cap;
	char *text, *text_end; /* room left for copies */
	struct rt_account who;
};

/**
 * @param size   of the subject's struct; zeroed.
 * @param texts  bytes of all texts that rt_store_op_text will be asked to copy beyond those of who.
 * @return NULL: out of memory.
 */
void *rt_store_op_new(struct rt_shard *shard, enum rt_store_op_kind kind, struct rt_account who,
		      size_t size, size_t texts);
/** A copy inside the op; p NULL stays NULL. */
struct rt_str rt_store_op_text(struct rt_store_op *op, struct rt_str text);
/** deliver and free: the msg.fn of an op on its way back. */
void rt_store_op_deliver(struct rt_shard *shard, struct rt_msg *msg);

/** One more row of so many bytes, zeroed; NULL: out of memory. Rows move when more are added. */
void *rt_store_op_row(struct rt_store_op *op, size_t size);
/** Forget what an earlier run has found. */
void rt_store_op_forget(struct rt_store_op *op);

/** Queue it. Takes op; its callback will run even when it cannot be queued. */
void rt_store_submit(struct rt_store_op *op);

/** Bind parameters ?1 and ?2. */
void rt_store_bind_who(struct rt_db *db, const struct rt_store_op *op);
/** Step and end a statement that must change a row of an account: RT_E_NOTFOUND when it does not.
 */
int rt_store_exec_one(struct rt_db *db);

#endif
