/* vcard.c - vCards and the searchable directory of their fields, in the database. */
#include <stdlib.h>

#include <stringprep.h>

#include "store/sqlite/op.h"

/* A folded field, NUL-terminated for libidn; folding may lengthen it. */
#define FOLDED_MAX (4u * RT_VCARD_FIELD_MAX)

/* At most RT_VCARD_FIELD_MAX bytes, ending with a whole character. */
static struct rt_str cut(struct rt_str in)
{
	if (in.p == NULL)
		return RT_STR("");
	if (in.n <= RT_VCARD_FIELD_MAX)
		return in;
	in.n = RT_VCARD_FIELD_MAX;
	while (in.n > 0 && ((unsigned char)in.p[in.n] & 0xc0u) == 0x80u)
		in.n--;
	return in;
}

/* Case-folded and normalised (NFKC) as nameprep does, so that "STRASSE" finds "Straße". What
 * nameprep refuses is folded in its ASCII letters only. */
static struct rt_str fold(struct rt_store_op *op, struct rt_str in)
{
	char buf[FOLDED_MAX];
	bool ascii = true;
	uint32_t i;

	in = cut(in);
	for (i = 0; i < in.n; i++) {
		unsigned char c = (unsigned char)in.p[i];

		ascii = ascii && c < 0x80;
		buf[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
	}
	buf[in.n] = '\0';
	if (!ascii && stringprep(buf, sizeof(buf), 0, stringprep_nameprep) == STRINGPREP_OK)
		return rt_arena_str(&op->results, buf, strlen(buf));
	return rt_arena_str(&op->results, buf, in.n);
}

struct text_get {
	struct rt_store_op op;
	rt_store_text_fn *done;
	struct rt_str text;
};

static int run_get(struct rt_store_op *op, struct rt_db *db)
{
	struct text_get *g = RT_CONTAINER_OF(op, struct text_get, op);
	int err;

	rt_db_query(db, RT_Q_VCARD_GET);
	rt_store_bind_who(db, op);
	err = rt_db_step(db);
	if (err == RT_OK && !rt_db_text(db, 0, &op->results, &g->text))
		err = RT_E_NOMEM;
	return rt_db_end(db, err);
}

static void deliver_get(struct rt_store_op *op)
{
	struct text_get *g = RT_CONTAINER_OF(op, struct text_get, op);

	g->done(op->shard, op->ctx, op->err, op->err == RT_OK ? g->text : (struct rt_str){NULL, 0});
}

void rt_store_vcard_get(struct rt_shard *shard, struct rt_account who, rt_store_text_fn *done,
			void *ctx)
{
	struct text_get *g = rt_store_op_new(shard, RT_STORE_READ, who, sizeof(*g), 0);

	if (g == NULL) {
		done(shard, ctx, RT_E_NOMEM, (struct rt_str){NULL, 0});
		return;
	}
	g->op.run = run_get;
	g->op.deliver = deliver_get;
	g->op.ctx = ctx;
	g->done = done;
	rt_store_submit(&g->op);
}

struct vcard_put {
	struct rt_store_op op;
	struct rt_str xml;
	struct rt_str fields[RT_NVCARD_FIELDS]; /* as entered, cut */
};

static int index_fields(struct rt_store_op *op, struct rt_db *db)
{
	struct vcard_put *v = RT_CONTAINER_OF(op, struct vcard_put, op);
	struct rt_str folded;
	int i;

	rt_db_query(db, RT_Q_VCARD_INDEX);
	rt_store_bind_who(db, op);
	for (i = 0; i < RT_NVCARD_FIELDS; i++) {
		folded = fold(op, v->fields[i]);
		if (folded.p == NULL)
			return rt_db_end(db, RT_E_NOMEM);
		rt_db_bind_text(db, 3 + i, v->fields[i]);
		rt_db_bind_text(db, 3 + RT_NVCARD_FIELDS + i, folded);
	}
	return rt_store_exec_one(db);
}

static int run_put(struct rt_store_op *op, struct rt_db *db)
{
	struct vcard_put *v = RT_CONTAINER_OF(op, struct vcard_put, op);
	int err;

	rt_db_query(db, RT_Q_VCARD_PUT);
	rt_store_bind_who(db, op);
	rt_db_bind_text(db, 3, v->xml);
	err = rt_store_exec_one(db);
	return err == RT_OK ? index_fields(op, db) : err;
}

void rt_store_vcard_put(struct rt_shard *shard, struct rt_account who, struct rt_str xml,
			const struct rt_str fields[RT_NVCARD_FIELDS], rt_store_done_fn *done,
			void *ctx)
{
	struct vcard_put *v;
	size_t texts = xml.n;
	int i;

	for (i = 0; i < RT_NVCARD_FIELDS; i++)
		texts += cut(fields[i]).n;
	v = rt_store_op_new(shard, RT_STORE_WRITE, who, sizeof(*v), texts);
	if (v == NULL) {
		if (done != NULL)
			done(shard, ctx, RT_E_NOMEM);
		return;
	}
	v->xml = rt_store_op_text(&v->op, xml);
	for (i = 0; i < RT_NVCARD_FIELDS; i++)
		v->fields[i] = rt_store_op_text(&v->op, cut(fields[i]));
	v->op.run = run_put;
	v->op.done = done;
	v->op.ctx = ctx;
	rt_store_submit(&v->op);
}

struct vcard_search {
	struct rt_store_op op;
	rt_store_search_fn *done;
	struct rt_str patterns[RT_NVCARD_FIELDS]; /* cut */
	int64_t limit;
};

/* Texts that match lie between low and high, both included: for a prefix, high is the prefix
 * followed by a byte that no text has. */
static int bind_pattern(struct rt_store_op *op, struct rt_db *db, int i, struct rt_str pattern)
{
	bool prefix = pattern.n > 0 && pattern.p[pattern.n - 1] == '*';
	struct rt_str low, high;
	char *end;

	if (pattern.n == 0) {
		rt_db_bind_null(db, i);
		rt_db_bind_null(db, i + 1);
		return RT_OK;
	}
	if (prefix)
		pattern.n--;
	low = fold(op, pattern);
	if (low.p == NULL)
		return RT_E_NOMEM;
	high = low;
	if (prefix) {
		end = rt_arena_alloc(&op->results, low.n + 1u);
		if (end == NULL)
			return RT_E_NOMEM;
		memcpy(end, low.p, low.n);
		end[low.n] = '\xff';
		high = (struct rt_str){end, low.n + 1u};
	}
	rt_db_bind_text(db, i, low);
	rt_db_bind_text(db, i + 1, high);
	return RT_OK;
}

static bool read_match(struct rt_store_op *op, struct rt_db *db)
{
	struct rt_vcard_row *r = rt_store_op_row(op, sizeof(*r));
	int i;

	if (r == NULL || !rt_db_text(db, 0, &op->results, &r->node))
		return false;
	for (i = 0; i < RT_NVCARD_FIELDS; i++)
		if (!rt_db_text(db, 1 + i, &op->results, &r->fields[i]))
			return false;
	return true;
}

static int run_search(struct rt_store_op *op, struct rt_db *db)
{
	struct vcard_search *s = RT_CONTAINER_OF(op, struct vcard_search, op);
	int i, err = RT_OK;

	rt_db_query(db, RT_Q_VCARD_SEARCH);
	rt_db_bind_text(db, 1, op->who.host);
	rt_db_bind_int(db, 2, s->limit);
	for (i = 0; i < RT_NVCARD_FIELDS && err == RT_OK; i++)
		err = bind_pattern(op, db, 3 + 2 * i, s->patterns[i]);
	if (err != RT_OK)
		return rt_db_end(db, err);
	while ((err = rt_db_step(db)) == RT_OK)
		if (!read_match(op, db))
			return rt_db_end(db, RT_E_NOMEM);
	return rt_db_end(db, err == RT_E_NOTFOUND ? RT_OK : err);
}

static void deliver_search(struct rt_store_op *op)
{
	struct vcard_search *s = RT_CONTAINER_OF(op, struct vcard_search, op);

	s->done(op->shard, op->ctx, op->err, op->rows, op->err == RT_OK ? op->nrows : 0);
}

void rt_store_vcard_search(struct rt_shard *shard, struct rt_str host,
			   const struct rt_str patterns[RT_NVCARD_FIELDS], int64_t limit,
			   rt_store_search_fn *done, void *ctx)
{
	struct rt_account who = {{NULL, 0}, host};
	struct vcard_search *s;
	size_t texts = 0;
	int i;

	for (i = 0; i < RT_NVCARD_FIELDS; i++)
		texts += cut(patterns[i]).n;
	s = rt_store_op_new(shard, RT_STORE_SCAN, who, sizeof(*s), texts);
	if (s == NULL) {
		done(shard, ctx, RT_E_NOMEM, NULL, 0);
		return;
	}
	for (i = 0; i < RT_NVCARD_FIELDS; i++)
		s->patterns[i] = rt_store_op_text(&s->op, cut(patterns[i]));
	s->limit = limit;
	s->op.run = run_search;
	s->op.deliver = deliver_search;
	s->op.ctx = ctx;
	s->done = done;
	rt_store_submit(&s->op);
}
