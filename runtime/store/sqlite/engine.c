/* engine.c - the queues, the threads that empty them, opening and closing. */
#include "store/sqlite/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"

/* ---- queues ---- */

static void push(struct rt_store_queue *q, struct rt_store_op *op)
{
	op->next = NULL;
	*q->end = op;
	q->end = &op->next;
	q->n++;
	q->bytes += op->size;
}

/* The first n ops as a list of their own. */
static struct rt_store_op *take(struct rt_store_queue *q, uint32_t n)
{
	struct rt_store_op *first = q->first, *op, **end = &q->first;

	for (; n > 0 && *end != NULL; n--) {
		op = *end;
		q->n--;
		q->bytes -= op->size;
		end = &op->next;
	}
	q->first = *end;
	*end = NULL;
	if (q->first == NULL)
		q->end = &q->first;
	return first;
}

static uint32_t bucket_of(const struct rt_store_op *op)
{
	return op->bucket % RT_STORE_BUCKETS;
}

/* @return where it was put; NULL: full. */
static struct rt_store_queue *enqueue(struct rt_store *s, struct rt_store_op *op)
{
	uint32_t b = bucket_of(op);
	struct rt_store_queue *q = &s->writes;

	if (op->kind == RT_STORE_SCAN)
		q = &s->scans;
	else if (op->kind == RT_STORE_READ && s->writing[b] == 0)
		q = &s->reads;
	if (q->bytes + op->size > RT_STORE_QUEUE || (q == &s->scans && q->n >= RT_STORE_SCANS))
		return NULL;
	push(q, op);
	s->under_way++;
	if (op->kind == RT_STORE_WRITE)
		s->writing[b]++;
	else if (q == &s->reads)
		s->reading[b]++;
	return q;
}

void rt_store_submit(struct rt_store_op *op)
{
	struct rt_store *s = op->shard->store;
	struct rt_store_queue *q;

	RT_ASSERT(s != NULL);
	pthread_mutex_lock(&s->lock);
	q = enqueue(s, op);
	pthread_mutex_unlock(&s->lock);
	if (q == NULL) {
		op->err = RT_E_LIMIT;
		rt_shard_post(op->shard, &op->msg);
	} else if (q == &s->writes) {
		pthread_cond_signal(&s->to_write);
	} else {
		/* Only one of the readers does scans: wake it whichever sleeps. */
		if (q == &s->scans)
			pthread_cond_broadcast(&s->to_read);
		else
			pthread_cond_signal(&s->to_read);
	}
}

/* Post them back; b receives the buckets of those that count, for under_way and order. */
static uint32_t post_all(struct rt_store_op *ops, uint8_t kind, uint32_t *buckets, uint32_t *n)
{
	struct rt_store_op *next;
	uint32_t all = 0;

	for (*n = 0; ops != NULL; ops = next, all++) {
		next = ops->next;
		if (ops->kind == kind)
			buckets[(*n)++] = bucket_of(ops);
		if (ops->err < 0 && ops->deliver == NULL && ops->done == NULL)
			RT_LOG(DEBUG, NULL, "store", "lost-write", KV_STR("user", ops->who.node),
			       KV_Z("reason", rt_error_text(ops->err)));
		rt_shard_post(ops->shard, &ops->msg); /* ops is the shard's from here on */
	}
	return all;
}

/* Counts go down only after the answers have left: a later read then cannot overtake them. */
static void finish(struct rt_store *s, struct rt_store_op *ops, uint8_t kind, uint32_t *counts,
		   uint32_t *buckets)
{
	uint32_t i, n, all = post_all(ops, kind, buckets, &n);

	pthread_mutex_lock(&s->lock);
	for (i = 0; i < n; i++)
		counts[buckets[i]]--;
	s->under_way -= all;
	if (kind == RT_STORE_READ || s->under_way == 0)
		pthread_cond_broadcast(&s->quiet);
	pthread_mutex_unlock(&s->lock);
}

/* ---- threads ---- */

/* NULL: the store is closing and all is written. */
static struct rt_store_op *next_writes(struct rt_store *s)
{
	struct rt_store_op *ops, *op;

	pthread_mutex_lock(&s->lock);
	while (s->writes.n == 0 && !s->stopping)
		pthread_cond_wait(&s->to_write, &s->lock);
	ops = take(&s->writes, RT_STORE_BATCH);
	for (op = ops; op != NULL; op = op->next)
		while (op->kind == RT_STORE_WRITE && s->reading[bucket_of(op)] > 0)
			pthread_cond_wait(&s->quiet, &s->lock);
	pthread_mutex_unlock(&s->lock);
	return ops;
}

static void *run_writer(void *arg)
{
	struct rt_store_thread *t = arg;
	struct rt_store *s = t->store;
	uint32_t buckets[RT_STORE_BATCH];
	struct rt_store_op *ops;

	while ((ops = next_writes(s)) != NULL) {
		rt_store_write_batch(s, ops);
		finish(s, ops, RT_STORE_WRITE, s->writing, buckets);
	}
	rt_arena_pool_trim(0);
	return NULL;
}

/* Reads that one reader takes at once; half of what waits, so that the other has work too. */
#define READ_BATCH 32u

static struct rt_store_op *next_reads(struct rt_store_thread *t)
{
	struct rt_store *s = t->store;
	struct rt_store_op *ops;
	uint32_t n;

	pthread_mutex_lock(&s->lock);
	while (s->reads.n == 0 && (!t->takes_scans || s->scans.n == 0) && !s->stopping)
		pthread_cond_wait(&s->to_read, &s->lock);
	n = (s->reads.n + 1) / 2;
	if (n > 0)
		ops = take(&s->reads, n < READ_BATCH ? n : READ_BATCH);
	else
		ops = t->takes_scans ? take(&s->scans, 1) : NULL;
	pthread_mutex_unlock(&s->lock);
	return ops;
}

static void *run_reader(void *arg)
{
	struct rt_store_thread *t = arg;
	uint32_t buckets[READ_BATCH];
	struct rt_store_op *ops;

	while ((ops = next_reads(t)) != NULL) {
		rt_store_read_batch(t, ops);
		finish(t->store, ops, RT_STORE_READ, t->store->reading, buckets);
	}
	rt_arena_pool_trim(0);
	return NULL;
}

static int start(struct rt_store_thread *t, void *(*run)(void *), const char *name)
{
	if (pthread_create(&t->thread, NULL, run, t) != 0) {
		RT_LOG(ERROR, NULL, "store", "no-thread");
		return RT_E_NOMEM;
	}
	t->running = true;
	pthread_setname_np(t->thread, name);
	return RT_OK;
}

static void stop(struct rt_store_thread *t)
{
	if (t->running)
		pthread_join(t->thread, NULL);
	t->running = false;
	rt_db_close(&t->db);
}

/* ---- opening and closing ---- */

/* A lock file of its own: closing any descriptor of the database file would drop SQLite's locks on
 * it. */
static int lock_directory(struct rt_store *s, const char *dir)
{
	char path[PATH_MAX];

	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		RT_LOG(ERROR, NULL, "store", "mkdir-failed", KV_Z("path", dir), KV_ERRNO(errno));
		return RT_E_IO;
	}
	if ((size_t)snprintf(path, sizeof(path), "%s/xmppd.sqlite-lock", dir) >= sizeof(path))
		return RT_E_INVALID;
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd < 0) {
		RT_LOG(ERROR, NULL, "store", "open-failed", KV_Z("path", path), KV_ERRNO(errno));
		return RT_E_IO;
	}
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		RT_LOG(ERROR, NULL, "store", "locked", KV_Z("path", path),
		       KV_Z("help", "another server uses this data directory"));
		return RT_E_EXISTS;
	}
	return RT_OK;
}

/* The names of new files are as durable as what is in them. */
static int sync_directory(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = RT_OK;

	if (fd < 0 || fsync(fd) != 0) {
		RT_LOG(ERROR, NULL, "store", "sync-failed", KV_Z("path", dir), KV_ERRNO(errno));
		err = RT_E_IO;
	}
	if (fd >= 0)
		close(fd);
	return err;
}

static struct rt_store *new_store(void)
{
	struct rt_store *s = calloc(1, sizeof(*s));
	uint32_t i;

	if (s == NULL)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->to_write, NULL);
	pthread_cond_init(&s->to_read, NULL);
	pthread_cond_init(&s->quiet, NULL);
	s->writes.end = &s->writes.first;
	s->reads.end = &s->reads.first;
	s->scans.end = &s->scans.first;
	s->lock_fd = -1;
	s->writer.store = s;
	for (i = 0; i < RT_STORE_READERS; i++)
		s->readers[i].store = s;
	s->readers[RT_STORE_READERS - 1].takes_scans = true;
	return s;
}

static int open_all(struct rt_store *s, const char *dir)
{
	char path[PATH_MAX];
	uint32_t i;
	int err;

	err = lock_directory(s, dir);
	if (err != RT_OK)
		return err;
	if ((size_t)snprintf(path, sizeof(path), "%s/xmppd.sqlite", dir) >= sizeof(path))
		return RT_E_INVALID;
	err = rt_db_open(&s->writer.db, path, true);
	if (err == RT_OK)
		err = sync_directory(dir);
	for (i = 0; i < RT_STORE_READERS && err == RT_OK; i++)
		err = rt_db_open(&s->readers[i].db, path, false);
	if (err == RT_OK)
		err = start(&s->writer, run_writer, "store-write");
	for (i = 0; i < RT_STORE_READERS && err == RT_OK; i++)
		err = start(&s->readers[i], run_reader, "store-read");
	return err;
}

int rt_store_open(struct rt_store **out, const char *data_dir)
{
	struct rt_store *s;
	int err;

	/* Counting memory costs a lock around each of SQLite's allocations. Refused, harmlessly,
	 * when SQLite is in use already. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	s = new_store();
	if (s == NULL)
		return RT_E_NOMEM;
	err = open_all(s, data_dir);
	if (err != RT_OK) {
		rt_store_close(&s);
		return err;
	}
	*out = s;
	return RT_OK;
}

bool rt_store_drain(struct rt_store *store)
{
	bool any;

	pthread_mutex_lock(&store->lock);
	any = store->under_way > 0;
	while (store->under_way > 0)
		pthread_cond_wait(&store->quiet, &store->lock);
	pthread_mutex_unlock(&store->lock);
	return any;
}

void rt_store_close(struct rt_store **store)
{
	struct rt_store *s = *store;
	uint32_t i;

	*store = NULL;
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->to_write);
	pthread_cond_broadcast(&s->to_read);
	pthread_mutex_unlock(&s->lock);
	for (i = 0; i < RT_STORE_READERS; i++)
		stop(&s->readers[i]);
	stop(&s->writer);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	pthread_cond_destroy(&s->quiet);
	pthread_cond_destroy(&s->to_read);
	pthread_cond_destroy(&s->to_write);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
