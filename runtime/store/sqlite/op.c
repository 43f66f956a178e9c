/* op.c - requests as memory: one block in, an arena of results out. */
#include "store/sqlite/op.h"

#include <stdlib.h>

/* FNV-1a: it only has to tell accounts apart most of the time. */
static uint32_t hash(uint32_t h, struct rt_str s)
{
	uint32_t i;

	for (i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 16777619u;
	return (h ^ 0xffu) * 16777619u;
}

void *rt_store_op_new(struct rt_shard *shard, enum rt_store_op_kind kind, struct rt_account who,
		      size_t size, size_t texts)
{
	size_t whole = size + texts + who.node.n + who.host.n;
	struct rt_store_op *op = whole <= UINT32_MAX ? malloc(whole) : NULL;

	if (op == NULL)
		return NULL;
	memset(op, 0, size);
	op->msg.fn = rt_store_op_deliver;
	op->shard = shard;
	op->kind = (uint8_t)kind;
	op->size = (uint32_t)whole;
	op->text = (char *)op + size;
	op->text_end = (char *)op + whole;
	op->who.node = rt_store_op_text(op, who.node);
	op->who.host = rt_store_op_text(op, who.host);
	op->bucket = hash(hash(2166136261u, who.host), who.node);
	return op;
}

struct rt_str rt_store_op_text(struct rt_store_op *op, struct rt_str text)
{
	struct rt_str copy = {op->text, text.n};

	if (text.p == NULL)
		return (struct rt_str){NULL, 0};
	RT_ASSERT((size_t)(op->text_end - op->text) >= text.n);
	memcpy(op->text, text.p, text.n);
	op->text += text.n;
	return copy;
}

void *rt_store_op_row(struct rt_store_op *op, size_t size)
{
	char *row;

	if (op->nrows == op->rows_cap) {
		size_t cap = op->rows_cap == 0 ? 32 : op->rows_cap * 2;
		void *rows = realloc(op->rows, cap * size);

		if (rows == NULL)
			return NULL;
		op->rows = rows;
		op->rows_cap = cap;
	}
	row = (char *)op->rows + op->nrows++ * size;
	memset(row, 0, size);
	return row;
}

void rt_store_op_forget(struct rt_store_op *op)
{
	rt_arena_fini(&op->results);
	op->nrows = 0;
}

void rt_store_op_deliver(struct rt_shard *shard, struct rt_msg *msg)
{
	struct rt_store_op *op = RT_CONTAINER_OF(msg, struct rt_store_op, msg);

	RT_ASSERT(shard == op->shard);
	if (op->deliver != NULL)
		op->deliver(op);
	else if (op->done != NULL)
		op->done(op->shard, op->ctx, op->err);
	rt_arena_fini(&op->results);
	free(op->rows);
	if (op->secret)
		explicit_bzero(op, op->size);
	free(op);
}

void rt_store_bind_who(struct rt_db *db, const struct rt_store_op *op)
{
	rt_db_bind_text(db, 1, op->who.host);
	rt_db_bind_text(db, 2, op->who.node);
}

int rt_store_exec_one(struct rt_db *db)
{
	int err = rt_db_exec(db);

	return err == RT_OK && rt_db_changes(db) == 0 ? RT_E_NOTFOUND : err;
}
