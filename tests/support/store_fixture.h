/* store_fixture.h - a store on a real database in a directory of its own, one shard, and callbacks
 * to wait for.
 */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/loop.h"
#include "store/store.h"

#define HOST   "example.org"
#define UNUSED __attribute__((unused)) /* not every suite needs everything here */

static char dir[64];
static struct rt_shard *shard;
static struct rt_store *store;

UNUSED static void make_dir(void)
{
	strcpy(dir, "/tmp/test-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

UNUSED static void remove_dir(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

UNUSED static void open_store(void)
{
	ck_assert_int_eq(rt_store_open(&store, dir), RT_OK);
	shard->store = store;
}

UNUSED static void setup(void)
{
	rt_log_setup(RT_LOG_ERROR, false, 2);
	ck_assert_int_eq(rt_shards_init(1), RT_OK);
	shard = rt_shards[0];
	make_dir();
	open_store();
}

UNUSED static void teardown(void)
{
	if (store != NULL)
		rt_store_close(&store);
	rt_shards_drain();
	rt_shards_fini();
	rt_arena_pool_trim(0);
	remove_dir();
}

UNUSED static struct rt_account who(const char *node)
{
	return (struct rt_account){rt_str_of(node), RT_STR(HOST)};
}

/* ---- waiting for callbacks ---------------------------------------------------------------------
 */

struct answers {
	int expected, n; /* calls */
	int err;         /* of the last one */
	int ok, full, limit, other;
};

UNUSED static bool all_there(void *ctx)
{
	struct answers *a = ctx;

	return a->n >= a->expected;
}

UNUSED static void wait_for(struct answers *a)
{
	rt_shard_run_until(shard, all_there, a);
	ck_assert_int_eq(a->n, a->expected);
}

UNUSED static void on_done(struct rt_shard *s, void *ctx, int err)
{
	struct answers *a = ctx;

	ck_assert_ptr_eq(s, shard);
	a->n++;
	a->err = err;
	a->ok += err == RT_OK;
	a->full += err == RT_E_FULL;
	a->limit += err == RT_E_LIMIT;
	a->other += err != RT_OK && err != RT_E_FULL && err != RT_E_LIMIT;
}

#define DO(call)                                                                                   \
	({                                                                                         \
		struct answers a = {.expected = 1};                                                \
		call;                                                                              \
		wait_for(&a);                                                                      \
		a.err;                                                                             \
	})

UNUSED static struct rt_credentials keys(unsigned char seed)
{
	struct rt_credentials c;

	memset(&c, seed, sizeof(c));
	memset(c.sha1.stored_key + 20, 0, 12);
	memset(c.sha1.server_key + 20, 0, 12);
	c.sha1.iterations = 4096u + seed;
	c.sha256.iterations = 8192u + seed;
	return c;
}

UNUSED static void create(const char *node)
{
	struct rt_credentials c = keys(1);

	ck_assert_int_eq(DO(rt_store_account_create(shard, who(node), &c, on_done, &a)), RT_OK);
}

struct credentials_answer {
	struct answers a;
	struct rt_credentials c;
};

UNUSED static void on_credentials(struct rt_shard *s, void *ctx, int err,
				  const struct rt_credentials *c)
{
	struct credentials_answer *r = ctx;

	ck_assert(err == RT_OK ? c != NULL : c == NULL);
	if (c != NULL)
		r->c = *c;
	on_done(s, &r->a, err);
}

UNUSED static struct credentials_answer get_account(const char *node)
{
	struct credentials_answer r = {.a = {.expected = 1}};

	rt_store_account_get(shard, who(node), on_credentials, &r);
	wait_for(&r.a);
	return r;
}

struct messages {
	struct answers a;
	size_t n;
	int64_t first, last, stamp;
	char text[4096];
};

UNUSED static void on_messages(struct rt_shard *s, void *ctx, int err,
			       const struct rt_offline_row *rows, size_t n)
{
	struct messages *m = ctx;
	size_t i, at = 0;

	m->n = n;
	for (i = 0; i < n; i++) {
		if (at + rows[i].stanza.n + 2 < sizeof(m->text))
			at += (size_t)sprintf(m->text + at, "%.*s,", RT_STR_ARG(rows[i].stanza));
		ck_assert(i == 0 || rows[i].id > rows[i - 1].id);
	}
	if (n > 0) {
		m->first = rows[0].id;
		m->last = rows[n - 1].id;
		m->stamp = rows[0].stamp_us;
	}
	on_done(s, &m->a, err);
}

UNUSED static struct messages get_messages(const char *node, int64_t after)
{
	struct messages m = {.a = {.expected = 1}};

	rt_store_offline_get(shard, who(node), after, on_messages, &m);
	wait_for(&m.a);
	return m;
}

UNUSED static int put_message(const char *node, const char *text, int64_t expire_us, int64_t limit)
{
	return DO(rt_store_offline_put(shard, who(node), rt_str_of(text), 77, expire_us, limit,
				       on_done, &a));
}

#endif
