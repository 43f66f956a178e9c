/* extras.c - private XML and last activity in the database. */
#include "store/sqlite/op.h"

struct private_get {
	struct rt_store_op op;
	rt_store_text_fn *done;
	struct rt_str ns, text;
};

static int run_private_get(struct rt_store_op *op, struct rt_db *db)
{
	struct private_get *g = RT_CONTAINER_OF(op, struct private_get, op);
	int err;

	rt_db_query(db, RT_Q_PRIVATE_GET);
	rt_store_bind_who(db, op);
	rt_db_bind_text(db, 3, g->ns);
	err = rt_db_step(db);
	if (err == RT_OK && !rt_db_text(db, 0, &op->results, &g->text))
		err = RT_E_NOMEM;
	return rt_db_end(db, err);
}

static void deliver_private_get(struct rt_store_op *op)
{
	struct private_get *g = RT_CONTAINER_OF(op, struct private_get, op);

	g->done(op->shard, op->ctx, op->err, op->err == RT_OK ? g->text : (struct rt_str){NULL, 0});
}

void rt_store_private_get(struct rt_shard *shard, struct rt_account who, struct rt_str ns,
			  rt_store_text_fn *done, void *ctx)
{
	struct private_get *g = rt_store_op_new(shard, RT_STORE_READ, who, sizeof(*g), ns.n);

	if (g == NULL) {
		done(shard, ctx, RT_E_NOMEM, (struct rt_str){NULL, 0});
		return;
	}
	g->ns = rt_store_op_text(&g->op, ns);
	g->op.run = run_private_get;
	g->op.deliver = deliver_private_get;
	g->op.ctx = ctx;
	g->done = done;
	rt_store_submit(&g->op);
}

struct private_put {
	struct rt_store_op op;
	size_t n;
	struct rt_private_row rows[];
};

static int run_private_put(struct rt_store_op *op, struct rt_db *db)
{
	struct private_put *p = RT_CONTAINER_OF(op, struct private_put, op);
	int err = RT_OK;
	size_t i;

	for (i = 0; i < p->n && err == RT_OK; i++) {
		rt_db_query(db, RT_Q_PRIVATE_PUT);
		rt_store_bind_who(db, op);
		rt_db_bind_text(db, 3, p->rows[i].ns);
		rt_db_bind_text(db, 4, p->rows[i].xml);
		err = rt_store_exec_one(db);
	}
	return err;
}

void rt_store_private_put(struct rt_shard *shard, struct rt_account who,
			  const struct rt_private_row *rows, size_t n, rt_store_done_fn *done,
			  void *ctx)
{
	struct private_put *p;
	size_t i, texts = 0;

	for (i = 0; i < n; i++)
		texts += (size_t)rows[i].ns.n + rows[i].xml.n;
	p = rt_store_op_new(shard, RT_STORE_WRITE, who, sizeof(*p) + n * sizeof(*rows), texts);
	if (p == NULL) {
		if (done != NULL)
			done(shard, ctx, RT_E_NOMEM);
		return;
	}
	for (i = 0; i < n; i++) {
		p->rows[i].ns = rt_store_op_text(&p->op, rows[i].ns);
		p->rows[i].xml = rt_store_op_text(&p->op, rows[i].xml);
	}
	p->n = n;
	p->op.run = run_private_put;
	p->op.done = done;
	p->op.ctx = ctx;
	rt_store_submit(&p->op);
}

struct last_op {
	struct rt_store_op op;
	rt_store_last_fn *done;
	int64_t wall_s;
	struct rt_str status;
};

static int run_last_get(struct rt_store_op *op, struct rt_db *db)
{
	struct last_op *l = RT_CONTAINER_OF(op, struct last_op, op);
	int err;

	rt_db_query(db, RT_Q_LAST_GET);
	rt_store_bind_who(db, op);
	err = rt_db_step(db);
	if (err == RT_OK) {
		l->wall_s = rt_db_int(db, 0);
		if (!rt_db_text(db, 1, &op->results, &l->status))
			err = RT_E_NOMEM;
	}
	return rt_db_end(db, err);
}

static void deliver_last_get(struct rt_store_op *op)
{
	struct last_op *l = RT_CONTAINER_OF(op, struct last_op, op);

	if (op->err == RT_OK)
		l->done(op->shard, op->ctx, RT_OK, l->wall_s, l->status);
	else
		l->done(op->shard, op->ctx, op->err, 0, (struct rt_str){NULL, 0});
}

void rt_store_last_get(struct rt_shard *shard, struct rt_account who, rt_store_last_fn *done,
		       void *ctx)
{
	struct last_op *l = rt_store_op_new(shard, RT_STORE_READ, who, sizeof(*l), 0);

	if (l == NULL) {
		done(shard, ctx, RT_E_NOMEM, 0, (struct rt_str){NULL, 0});
		return;
	}
	l->op.run = run_last_get;
	l->op.deliver = deliver_last_get;
	l->op.ctx = ctx;
	l->done = done;
	rt_store_submit(&l->op);
}

static int run_last_put(struct rt_store_op *op, struct rt_db *db)
{
	struct last_op *l = RT_CONTAINER_OF(op, struct last_op, op);

	rt_db_query(db, RT_Q_LAST_PUT);
	rt_store_bind_who(db, op);
	rt_db_bind_int(db, 3, l->wall_s);
	rt_db_bind_text(db, 4, l->status);
	return rt_store_exec_one(db);
}

void rt_store_last_put(struct rt_shard *shard, struct rt_account who, int64_t wall_s,
		       struct rt_str status)
{
	struct last_op *l = rt_store_op_new(shard, RT_STORE_WRITE, who, sizeof(*l), status.n);

	if (l == NULL)
		return;
	l->wall_s = wall_s;
	l->status = status.p != NULL ? rt_store_op_text(&l->op, status) : RT_STR("");
	l->op.run = run_last_put;
	rt_store_submit(&l->op);
}
