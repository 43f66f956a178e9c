/* commit.c - batches of ops as transactions, and what happens when the database fails.
 *
 *   BEGIN ─▶ { SAVEPOINT ─▶ run ─▶ RELEASE or undo } for each ─▶ COMMIT
 *                             │ the database fails
 *                             └─▶ ROLLBACK, wait, again ... patience is over
 *                                          ─▶ each op in a transaction of its own
 *
 * Nobody is answered before the commit.
 */
#include <time.h>

#include "core/clock.h"
#include "core/log.h"
#include "store/sqlite/engine.h"

/* Waits between attempts, ms: a disk that was full, or a lock, gets about three seconds. */
static const unsigned patience_ms[] = {5, 10, 25, 50, 100, 200, 400, 800, 1400};
/* Once it was in vain, ops are answered at once for so long. ms */
#define IMPATIENT_MS 30000u

#define NPATIENCE (sizeof(patience_ms) / sizeof(patience_ms[0]))

static void wait_ms(unsigned ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	nanosleep(&t, NULL);
}

/* Whatever state a failure has left the connection in: no transaction afterwards. */
static void roll_back(struct rt_db *db)
{
	if (rt_db_in_transaction(db) && rt_db_run(db, RT_Q_ROLLBACK) != RT_OK)
		RT_LOG(ERROR, NULL, "store", "rollback-failed",
		       KV_Z("reason", rt_db_failure_text(db)));
}

/* One op inside the open transaction; a failed one leaves no trace in it. @return RT_E_IO: the
 * database failed. */
static int run_saved(struct rt_db *db, struct rt_store_op *op)
{
	rt_store_op_forget(op);
	op->err = RT_E_IO;
	if (op->kind != RT_STORE_WRITE) {
		op->err = op->run(op, db);
		return op->err == RT_E_IO ? RT_E_IO : RT_OK;
	}
	if (rt_db_run(db, RT_Q_SAVEPOINT) != RT_OK)
		return RT_E_IO;
	op->err = op->run(op, db);
	if (op->err == RT_E_IO)
		return RT_E_IO;
	if (op->err == RT_E_INVALID)
		RT_LOG(WARN, NULL, "store", "refused", KV_STR("user", op->who.node),
		       KV_STR("host", op->who.host), KV_Z("reason", rt_db_failure_text(db)));
	if (op->err != RT_OK && rt_db_run(db, RT_Q_UNDO) != RT_OK)
		return RT_E_IO;
	return rt_db_run(db, RT_Q_RELEASE) == RT_OK ? RT_OK : RT_E_IO;
}

/* Ops up to (not including) end as one transaction. */
static int try_transaction(struct rt_db *db, struct rt_store_op *first, struct rt_store_op *end)
{
	struct rt_store_op *op;
	int err = rt_db_run(db, RT_Q_BEGIN_WRITE);

	for (op = first; err == RT_OK && op != end; op = op->next)
		err = run_saved(db, op);
	if (err == RT_OK)
		err = rt_db_run(db, RT_Q_COMMIT);
	if (err != RT_OK)
		roll_back(db);
	return err;
}

static void note_failing(struct rt_store *store)
{
	if (!store->failing)
		RT_LOG(ERROR, NULL, "store", "write-failed",
		       KV_Z("reason", rt_db_failure_text(&store->writer.db)),
		       KV_Z("help", "is the disk full? writes are tried again for some seconds"));
	store->failing = true;
}

static void note_working(struct rt_store *store)
{
	/* On a full disk what only deletes goes through: not yet a reason to say that all is well.
	 */
	if (!store->failing || rt_clock_ms() < store->patient_from_ms)
		return;
	RT_LOG(INFO, NULL, "store", "writing-again");
	store->failing = false;
}

/* @return whether the batch was committed. */
static bool write_patiently(struct rt_store *store, struct rt_store_op *ops)
{
	size_t i;

	for (i = 0;; i++) {
		if (try_transaction(&store->writer.db, ops, NULL) == RT_OK)
			return true;
		note_failing(store);
		if (i == NPATIENCE)
			store->patient_from_ms = rt_clock_ms() + IMPATIENT_MS;
		if (i == NPATIENCE || rt_clock_ms() < store->patient_from_ms)
			return false;
		wait_ms(patience_ms[i]);
	}
}

void rt_store_write_batch(struct rt_store *store, struct rt_store_op *ops)
{
	struct rt_store_op *op;

	if (write_patiently(store, ops)) {
		note_working(store);
		return;
	}
	/* Deletions may still succeed on a full disk, and small rows where a large one does not. */
	for (op = ops; op != NULL; op = op->next)
		if (try_transaction(&store->writer.db, op, op->next) != RT_OK)
			op->err = RT_E_FULL;
}

/* The same snapshot for all of them: they were all asked for before it is taken. */
static int try_reads(struct rt_db *db, struct rt_store_op *ops)
{
	struct rt_store_op *op;
	int err = rt_db_run(db, RT_Q_BEGIN_READ);

	for (op = ops; err == RT_OK && op != NULL; op = op->next) {
		rt_store_op_forget(op);
		op->err = op->run(op, db);
		if (op->err == RT_E_IO)
			err = RT_E_IO;
	}
	if (err == RT_OK)
		err = rt_db_run(db, RT_Q_COMMIT);
	if (err != RT_OK)
		roll_back(db);
	return err;
}

void rt_store_read_batch(struct rt_store_thread *t, struct rt_store_op *ops)
{
	struct rt_store_op *op;
	size_t i;

	for (i = 0; try_reads(&t->db, ops) != RT_OK; i++) {
		if (i < NPATIENCE) {
			wait_ms(patience_ms[i]);
			continue;
		}
		RT_LOG(ERROR, NULL, "store", "read-failed",
		       KV_Z("reason", rt_db_failure_text(&t->db)));
		for (op = ops; op != NULL; op = op->next)
			op->err = RT_E_FULL;
		return;
	}
}
