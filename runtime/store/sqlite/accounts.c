/* accounts.c - accounts and their SCRAM keys in the database. */
#include "store/sqlite/op.h"

#define SHA1_BYTES   20u
#define SHA256_BYTES 32u

struct account_op {
	struct rt_store_op op;
	struct rt_credentials credentials;
	rt_store_credentials_fn *done;
};

static void read_keys(struct rt_db *db, int column, struct rt_scram_keys *k, size_t bytes)
{
	k->iterations = (uint32_t)rt_db_int(db, column);
	rt_db_blob(db, column + 1, k->salt, sizeof(k->salt));
	rt_db_blob(db, column + 2, k->stored_key, bytes);
	rt_db_blob(db, column + 3, k->server_key, bytes);
}

static void bind_keys(struct rt_db *db, int i, const struct rt_scram_keys *k, size_t bytes)
{
	rt_db_bind_int(db, i, k->iterations);
	rt_db_bind_blob(db, i + 1, k->salt, sizeof(k->salt));
	rt_db_bind_blob(db, i + 2, k->stored_key, bytes);
	rt_db_bind_blob(db, i + 3, k->server_key, bytes);
}

static int run_get(struct rt_store_op *op, struct rt_db *db)
{
	struct account_op *a = RT_CONTAINER_OF(op, struct account_op, op);
	int err;

	rt_db_query(db, RT_Q_ACCOUNT_GET);
	rt_store_bind_who(db, op);
	err = rt_db_step(db);
	if (err == RT_OK) {
		read_keys(db, 0, &a->credentials.sha1, SHA1_BYTES);
		read_keys(db, 4, &a->credentials.sha256, SHA256_BYTES);
	}
	return rt_db_end(db, err);
}

static void deliver_get(struct rt_store_op *op)
{
	struct account_op *a = RT_CONTAINER_OF(op, struct account_op, op);

	a->done(op->shard, op->ctx, op->err, op->err == RT_OK ? &a->credentials : NULL);
}

void rt_store_account_get(struct rt_shard *shard, struct rt_account who,
			  rt_store_credentials_fn *done, void *ctx)
{
	struct account_op *a = rt_store_op_new(shard, RT_STORE_READ, who, sizeof(*a), 0);

	if (a == NULL) {
		done(shard, ctx, RT_E_NOMEM, NULL);
		return;
	}
	a->op.run = run_get;
	a->op.deliver = deliver_get;
	a->op.ctx = ctx;
	a->op.secret = true;
	a->done = done;
	rt_store_submit(&a->op);
}

static int put_credentials(struct rt_store_op *op, struct rt_db *db, enum rt_query q)
{
	struct account_op *a = RT_CONTAINER_OF(op, struct account_op, op);

	rt_db_query(db, q);
	rt_store_bind_who(db, op);
	bind_keys(db, 3, &a->credentials.sha1, SHA1_BYTES);
	bind_keys(db, 7, &a->credentials.sha256, SHA256_BYTES);
	return rt_store_exec_one(db);
}

static int run_create(struct rt_store_op *op, struct rt_db *db)
{
	int err = put_credentials(op, db, RT_Q_ACCOUNT_CREATE);

	return err == RT_E_NOTFOUND ? RT_E_EXISTS : err;
}

static int run_update(struct rt_store_op *op, struct rt_db *db)
{
	return put_credentials(op, db, RT_Q_ACCOUNT_UPDATE);
}

static int run_remove(struct rt_store_op *op, struct rt_db *db)
{
	rt_db_query(db, RT_Q_ACCOUNT_REMOVE);
	rt_store_bind_who(db, op);
	return rt_store_exec_one(db);
}

static void submit_write(struct rt_shard *shard, struct rt_account who,
			 const struct rt_credentials *c,
			 int (*run)(struct rt_store_op *, struct rt_db *), rt_store_done_fn *done,
			 void *ctx)
{
	struct account_op *a = rt_store_op_new(shard, RT_STORE_WRITE, who, sizeof(*a), 0);

	if (a == NULL) {
		if (done != NULL)
			done(shard, ctx, RT_E_NOMEM);
		return;
	}
	if (c != NULL)
		a->credentials = *c;
	a->op.secret = c != NULL;
	a->op.run = run;
	a->op.done = done;
	a->op.ctx = ctx;
	rt_store_submit(&a->op);
}

void rt_store_account_create(struct rt_shard *shard, struct rt_account who,
			     const struct rt_credentials *c, rt_store_done_fn *done, void *ctx)
{
	submit_write(shard, who, c, run_create, done, ctx);
}

void rt_store_account_update(struct rt_shard *shard, struct rt_account who,
			     const struct rt_credentials *c, rt_store_done_fn *done, void *ctx)
{
	submit_write(shard, who, c, run_update, done, ctx);
}

void rt_store_account_remove(struct rt_shard *shard, struct rt_account who, rt_store_done_fn *done,
			     void *ctx)
{
	submit_write(shard, who, NULL, run_remove, done, ctx);
}

static int run_exists(struct rt_store_op *op, struct rt_db *db)
{
	rt_db_query(db, RT_Q_ACCOUNT_EXISTS);
	rt_store_bind_who(db, op);
	return rt_db_end(db, rt_db_step(db));
}

void rt_store_account_exists(struct rt_shard *shard, struct rt_account who, rt_store_done_fn *done,
			     void *ctx)
{
	struct rt_store_op *op = rt_store_op_new(shard, RT_STORE_READ, who, sizeof(*op), 0);

	if (op == NULL) {
		done(shard, ctx, RT_E_NOMEM);
		return;
	}
	op->run = run_exists;
	op->done = done;
	op->ctx = ctx;
	rt_store_submit(op);
}

struct list_op {
	struct rt_store_op op;
	rt_store_names_fn *done;
};

static int run_list(struct rt_store_op *op, struct rt_db *db)
{
	struct rt_str *name;
	int err;

	rt_db_query(db, RT_Q_ACCOUNT_LIST);
	rt_db_bind_text(db, 1, op->who.host);
	while ((err = rt_db_step(db)) == RT_OK) {
		name = rt_store_op_row(op, sizeof(*name));
		if (name == NULL || !rt_db_text(db, 0, &op->results, name))
			return rt_db_end(db, RT_E_NOMEM);
	}
	return rt_db_end(db, err == RT_E_NOTFOUND ? RT_OK : err);
}

static void deliver_list(struct rt_store_op *op)
{
	struct list_op *l = RT_CONTAINER_OF(op, struct list_op, op);

	l->done(op->shard, op->ctx, op->err, op->rows, op->err == RT_OK ? op->nrows : 0);
}

void rt_store_account_list(struct rt_shard *shard, struct rt_str host, rt_store_names_fn *done,
			   void *ctx)
{
	struct rt_account who = {{NULL, 0}, host};
	struct list_op *l = rt_store_op_new(shard, RT_STORE_SCAN, who, sizeof(*l), 0);

	if (l == NULL) {
		done(shard, ctx, RT_E_NOMEM, NULL, 0);
		return;
	}
	l->op.run = run_list;
	l->op.deliver = deliver_list;
	l->op.ctx = ctx;
	l->done = done;
	rt_store_submit(&l->op);
}
