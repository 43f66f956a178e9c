/* offline.c - messages that wait for their recipient, in the database. */
#include "core/clock.h"
#include "store/sqlite/op.h"

struct offline_put {
	struct rt_store_op op;
	struct rt_str stanza;
	int64_t stamp_us, expire_us, limit;
};

/* No row was inserted: for want of an account, or of room. */
static int why_not(struct rt_store_op *op, struct rt_db *db)
{
	int err;

	rt_db_query(db, RT_Q_ACCOUNT_EXISTS);
	rt_store_bind_who(db, op);
	err = rt_db_end(db, rt_db_step(db));
	return err == RT_OK ? RT_E_LIMIT : err;
}

static int run_put(struct rt_store_op *op, struct rt_db *db)
{
	struct offline_put *o = RT_CONTAINER_OF(op, struct offline_put, op);
	int err;

	rt_db_query(db, RT_Q_OFFLINE_PUT);
	rt_store_bind_who(db, op);
	rt_db_bind_int(db, 3, o->stamp_us);
	rt_db_bind_int(db, 4, o->expire_us);
	rt_db_bind_text(db, 5, o->stanza);
	rt_db_bind_int(db, 6, o->limit);
	rt_db_bind_int(db, 7, rt_clock_wall_us());
	err = rt_store_exec_one(db);
	return err == RT_E_NOTFOUND ? why_not(op, db) : err;
}

void rt_store_offline_put(struct rt_shard *shard, struct rt_account who, struct rt_str stanza,
			  int64_t stamp_us, int64_t expire_us, int64_t limit,
			  rt_store_done_fn *done, void *ctx)
{
	struct offline_put *o = rt_store_op_new(shard, RT_STORE_WRITE, who, sizeof(*o), stanza.n);

	if (o == NULL) {
		if (done != NULL)
			done(shard, ctx, RT_E_NOMEM);
		return;
	}
	o->stanza = rt_store_op_text(&o->op, stanza);
	o->stamp_us = stamp_us;
	o->expire_us = expire_us;
	o->limit = limit;
	o->op.run = run_put;
	o->op.done = done;
	o->op.ctx = ctx;
	rt_store_submit(&o->op);
}

struct offline_get {
	struct rt_store_op op;
	rt_store_offline_fn *done;
	int64_t after;
};

static int read_message(struct rt_store_op *op, struct rt_db *db, size_t *bytes)
{
	struct rt_offline_row *r;

	*bytes += rt_db_size(db, 2);
	if (*bytes > RT_OFFLINE_PAGE_BYTES && op->nrows > 0)
		return RT_E_NOTFOUND;
	r = rt_store_op_row(op, sizeof(*r));
	if (r == NULL || !rt_db_text(db, 2, &op->results, &r->stanza))
		return RT_E_NOMEM;
	r->id = rt_db_int(db, 0);
	r->stamp_us = rt_db_int(db, 1);
	return RT_OK;
}

static int run_get(struct rt_store_op *op, struct rt_db *db)
{
	struct offline_get *g = RT_CONTAINER_OF(op, struct offline_get, op);
	size_t bytes = 0;
	int err;

	rt_db_query(db, RT_Q_OFFLINE_GET);
	rt_store_bind_who(db, op);
	rt_db_bind_int(db, 3, g->after);
	rt_db_bind_int(db, 4, rt_clock_wall_us());
	rt_db_bind_int(db, 5, RT_OFFLINE_PAGE_ROWS);
	while ((err = rt_db_step(db)) == RT_OK)
		if ((err = read_message(op, db, &bytes)) != RT_OK)
			break;
	return rt_db_end(db, err == RT_E_NOTFOUND ? RT_OK : err);
}

static void deliver_get(struct rt_store_op *op)
{
	struct offline_get *g = RT_CONTAINER_OF(op, struct offline_get, op);

	g->done(op->shard, op->ctx, op->err, op->rows, op->err == RT_OK ? op->nrows : 0);
}

void rt_store_offline_get(struct rt_shard *shard, struct rt_account who, int64_t after,
			  rt_store_offline_fn *done, void *ctx)
{
	struct offline_get *g = rt_store_op_new(shard, RT_STORE_READ, who, sizeof(*g), 0);

	if (g == NULL) {
		done(shard, ctx, RT_E_NOMEM, NULL, 0);
		return;
	}
	g->after = after;
	g->op.run = run_get;
	g->op.deliver = deliver_get;
	g->op.ctx = ctx;
	g->done = done;
	rt_store_submit(&g->op);
}

struct offline_delete {
	struct rt_store_op op;
	int64_t last_id;
};

static int run_delete(struct rt_store_op *op, struct rt_db *db)
{
	struct offline_delete *d = RT_CONTAINER_OF(op, struct offline_delete, op);
	int err;

	rt_db_query(db, RT_Q_OFFLINE_DELETE);
	rt_store_bind_who(db, op);
	rt_db_bind_int(db, 3, d->last_id);
	err = rt_db_exec(db);
	if (err != RT_OK)
		return err;
	rt_db_query(db, RT_Q_OFFLINE_EXPIRE);
	rt_db_bind_int(db, 1, rt_clock_wall_us());
	return rt_db_exec(db);
}

void rt_store_offline_delete(struct rt_shard *shard, struct rt_account who, int64_t last_id,
			     rt_store_done_fn *done, void *ctx)
{
	struct offline_delete *d = rt_store_op_new(shard, RT_STORE_WRITE, who, sizeof(*d), 0);

	if (d == NULL) {
		if (done != NULL)
			done(shard, ctx, RT_E_NOMEM);
		return;
	}
	d->last_id = last_id;
	d->op.run = run_delete;
	d->op.done = done;
	d->op.ctx = ctx;
	rt_store_submit(&d->op);
}
