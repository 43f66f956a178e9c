/* roster.c - contacts of an account in the database, and the version of the whole. */
#include "store/sqlite/op.h"

struct roster_get {
	struct rt_store_op op;
	rt_store_roster_fn *done;
	struct rt_str version;
};

static int read_version(struct rt_store_op *op, struct rt_db *db)
{
	struct roster_get *g = RT_CONTAINER_OF(op, struct roster_get, op);
	int err;

	g->version = (struct rt_str){NULL, 0};
	rt_db_query(db, RT_Q_ROSTER_VERSION_GET);
	rt_store_bind_who(db, op);
	err = rt_db_step(db);
	if (err == RT_OK && !rt_db_text(db, 0, &op->results, &g->version))
		err = RT_E_NOMEM;
	return rt_db_end(db, err == RT_E_NOTFOUND ? RT_OK : err);
}

static bool read_item(struct rt_store_op *op, struct rt_db *db)
{
	struct rt_roster_row *r = rt_store_op_row(op, sizeof(*r));

	if (r == NULL || !rt_db_text(db, 0, &op->results, &r->jid) ||
	    !rt_db_text(db, 1, &op->results, &r->name) ||
	    !rt_db_text(db, 2, &op->results, &r->groups) ||
	    !rt_db_text(db, 3, &op->results, &r->request))
		return false;
	r->subscription = (uint8_t)rt_db_int(db, 4);
	r->ask = (uint8_t)rt_db_int(db, 5);
	return true;
}

static int run_get(struct rt_store_op *op, struct rt_db *db)
{
	int err = read_version(op, db);

	if (err != RT_OK)
		return err;
	rt_db_query(db, RT_Q_ROSTER_GET);
	rt_store_bind_who(db, op);
	while ((err = rt_db_step(db)) == RT_OK)
		if (!read_item(op, db))
			return rt_db_end(db, RT_E_NOMEM);
	return rt_db_end(db, err == RT_E_NOTFOUND ? RT_OK : err);
}

static void deliver_get(struct rt_store_op *op)
{
	struct roster_get *g = RT_CONTAINER_OF(op, struct roster_get, op);

	g->done(op->shard, op->ctx, op->err, g->version, op->rows,
		op->err == RT_OK ? op->nrows : 0);
}

void rt_store_roster_get(struct rt_shard *shard, struct rt_account who, rt_store_roster_fn *done,
			 void *ctx)
{
	struct roster_get *g = rt_store_op_new(shard, RT_STORE_READ, who, sizeof(*g), 0);

	if (g == NULL) {
		done(shard, ctx, RT_E_NOMEM, (struct rt_str){NULL, 0}, NULL, 0);
		return;
	}
	g->op.run = run_get;
	g->op.deliver = deliver_get;
	g->op.ctx = ctx;
	g->done = done;
	rt_store_submit(&g->op);
}

struct roster_change {
	struct rt_store_op op;
	struct rt_roster_row row;
	struct rt_str version;
};

static int put_version(struct rt_store_op *op, struct rt_db *db)
{
	struct roster_change *c = RT_CONTAINER_OF(op, struct roster_change, op);

	if (c->version.p == NULL)
		return RT_OK;
	rt_db_query(db, RT_Q_ROSTER_VERSION_PUT);
	rt_store_bind_who(db, op);
	rt_db_bind_text(db, 3, c->version);
	return rt_store_exec_one(db);
}

static int run_put(struct rt_store_op *op, struct rt_db *db)
{
	struct roster_change *c = RT_CONTAINER_OF(op, struct roster_change, op);
	int err;

	rt_db_query(db, RT_Q_ROSTER_PUT);
	rt_store_bind_who(db, op);
	rt_db_bind_text(db, 3, c->row.jid);
	rt_db_bind_text(db, 4, c->row.name);
	rt_db_bind_text(db, 5, c->row.groups);
	rt_db_bind_text(db, 6, c->row.request);
	rt_db_bind_int(db, 7, c->row.subscription);
	rt_db_bind_int(db, 8, c->row.ask);
	err = rt_store_exec_one(db);
	return err == RT_OK ? put_version(op, db) : err;
}

static int run_delete(struct rt_store_op *op, struct rt_db *db)
{
	struct roster_change *c = RT_CONTAINER_OF(op, struct roster_change, op);
	int err;

	rt_db_query(db, RT_Q_ROSTER_DELETE);
	rt_store_bind_who(db, op);
	rt_db_bind_text(db, 3, c->row.jid);
	err = rt_db_exec(db);
	return err == RT_OK ? put_version(op, db) : err;
}

static void submit_change(struct rt_shard *shard, struct rt_account who,
			  const struct rt_roster_row *row, struct rt_str version,
			  int (*run)(struct rt_store_op *, struct rt_db *), rt_store_done_fn *done,
			  void *ctx)
{
	size_t texts =
		(size_t)row->jid.n + row->name.n + row->groups.n + row->request.n + version.n;
	struct roster_change *c = rt_store_op_new(shard, RT_STORE_WRITE, who, sizeof(*c), texts);

	if (c == NULL) {
		if (done != NULL)
			done(shard, ctx, RT_E_NOMEM);
		return;
	}
	c->row = *row;
	c->row.jid = rt_store_op_text(&c->op, row->jid);
	c->row.name = rt_store_op_text(&c->op, row->name);
	c->row.groups = rt_store_op_text(&c->op, row->groups);
	c->row.request = rt_store_op_text(&c->op, row->request);
	c->version = rt_store_op_text(&c->op, version);
	c->op.run = run;
	c->op.done = done;
	c->op.ctx = ctx;
	rt_store_submit(&c->op);
}

void rt_store_roster_put(struct rt_shard *shard, struct rt_account who,
			 const struct rt_roster_row *row, struct rt_str version,
			 rt_store_done_fn *done, void *ctx)
{
	submit_change(shard, who, row, version, run_put, done, ctx);
}

void rt_store_roster_delete(struct rt_shard *shard, struct rt_account who, struct rt_str jid,
			    struct rt_str version, rt_store_done_fn *done, void *ctx)
{
	struct rt_roster_row row = {.jid = jid};

	submit_change(shard, who, &row, version, run_delete, done, ctx);
}
