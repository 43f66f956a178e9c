/* test_store_commit.c - the store under way: order, group commit, failures of the database,
 * opening, kill -9, many shards.
 */
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "store/sqlite/engine.h"
#include "store/sqlite/schema.h"
#include "store_fixture.h"

/* ---- order -------------------------------------------------------------------------------------
 */

START_TEST(test_reads_see_exactly_the_writes_before_them)
{
	struct messages before[64] = {0}, after[64] = {0};
	struct answers puts = {.expected = 64};
	int i;

	create("alice");
	/* Nothing is waited for between the calls. */
	for (i = 0; i < 64; i++) {
		before[i].a.expected = after[i].a.expected = 1;
		rt_store_offline_get(shard, who("alice"), 0, on_messages, &before[i]);
		rt_store_offline_put(shard, who("alice"), RT_STR("m"), 0, 0, -1, on_done, &puts);
		rt_store_offline_get(shard, who("alice"), 0, on_messages, &after[i]);
	}
	for (i = 0; i < 64; i++) {
		wait_for(&before[i].a);
		wait_for(&after[i].a);
		ck_assert_uint_eq(before[i].n, (size_t)i);
		ck_assert_uint_eq(after[i].n, (size_t)i + 1);
	}
	wait_for(&puts);
}
END_TEST

/* An op of the test's own: run on the store's thread. */
struct probe {
	struct rt_store_op op;
	sem_t *entered, *go;
	int fails; /* times to fail */
	int failure;
	const char *sql;
	int runs;
};

static int run_probe(struct rt_store_op *op, struct rt_db *db)
{
	struct probe *p = RT_CONTAINER_OF(op, struct probe, op);

	p->runs++;
	if (p->entered != NULL)
		sem_post(p->entered);
	if (p->go != NULL)
		sem_wait(p->go);
	if (p->sql != NULL)
		ck_assert_int_eq(sqlite3_exec(db->handle, p->sql, NULL, NULL, NULL), SQLITE_OK);
	if (p->fails > 0) {
		p->fails--;
		return p->failure;
	}
	return RT_OK;
}

static struct probe *probe(enum rt_store_op_kind kind, const char *node, struct answers *a)
{
	struct probe *p = rt_store_op_new(shard, kind, who(node), sizeof(*p), 0);

	p->op.run = run_probe;
	p->op.done = on_done;
	p->op.ctx = a;
	return p;
}

/* Long enough for a write that does not wait. */
struct patience {
	struct rt_timer timer;
	struct answers *put;
	bool over;
};

static void on_patience_over(struct rt_timer *t)
{
	RT_CONTAINER_OF(t, struct patience, timer)->over = true;
}

static bool patience_is_over(void *ctx)
{
	struct patience *p = ctx;

	return p->over || p->put->n > 0;
}

START_TEST(test_writer_waits_for_earlier_reads_of_the_account_only)
{
	struct patience patience = {.over = false};
	struct answers slow = {.expected = 1}, put = {.expected = 1}, other = {.expected = 1};
	struct probe *p = probe(RT_STORE_READ, "alice", &slow);
	sem_t entered, go;

	create("alice");
	create("bob");
	sem_init(&entered, 0, 0);
	sem_init(&go, 0, 0);
	p->entered = &entered;
	p->go = &go;
	rt_store_submit(&p->op);
	sem_wait(&entered);
	rt_store_offline_put(shard, who("bob"), RT_STR("m"), 0, 0, -1, on_done, &other);
	wait_for(&other);
	rt_store_offline_put(shard, who("alice"), RT_STR("m"), 0, 0, -1, on_done, &put);
	patience.put = &put;
	rt_timer_init(&patience.timer, on_patience_over);
	rt_timer_start(shard->loop, &patience.timer, 100);
	rt_shard_run_until(shard, patience_is_over, &patience);
	ck_assert_int_eq(put.n, 0);
	sem_post(&go);
	wait_for(&put);
	ck_assert_int_eq(slow.n, 1); /* answered before the write took place */
	sem_destroy(&entered);
	sem_destroy(&go);
}
END_TEST

/* ---- group commit and failures ---- */

static int commits;

static int count_commit(void *ctx)
{
	(void)ctx;
	commits++;
	return 0;
}

/* Block the writer inside an op until sem_post(go). */
static void block_writer(struct answers *a, sem_t *entered, sem_t *go)
{
	struct probe *p = probe(RT_STORE_WRITE, "blocker", a);

	sem_init(entered, 0, 0);
	sem_init(go, 0, 0);
	p->entered = entered;
	p->go = go;
	rt_store_submit(&p->op);
	sem_wait(entered);
}

START_TEST(test_what_waits_shares_one_commit)
{
	struct answers block = {.expected = 1}, puts = {.expected = 500};
	sem_t entered, go;
	int i;

	create("alice");
	block_writer(&block, &entered, &go);
	sqlite3_commit_hook(store->writer.db.handle, count_commit, NULL); /* the writer waits */
	for (i = 0; i < 500; i++)
		rt_store_offline_put(shard, who("alice"), RT_STR("m"), 0, 0, -1, on_done, &puts);
	sem_post(&go);
	wait_for(&puts);
	ck_assert_int_eq(puts.ok, 500);
	ck_assert_int_le(commits, 2); /* the blocker's (which wrote nothing) and theirs */
	ck_assert_int_ge(commits, 1);
}
END_TEST

/* A plan that depends on bound values is made anew at each use: five times the cost of an insert.
 */
START_TEST(test_statements_are_compiled_once)
{
	int i;

	create("alice");
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(put_message("alice", "m", 0, i + 1), RT_OK);
		get_messages("alice", 0);
		DO(rt_store_offline_delete(shard, who("alice"), 0, on_done, &a));
	}
	rt_store_drain(store);
	for (i = 0; i < RT_NQUERIES; i++)
		ck_assert_int_eq(sqlite3_stmt_status(store->writer.db.stmts[i],
						     SQLITE_STMTSTATUS_REPREPARE, 0),
				 0);
}
END_TEST

START_TEST(test_a_failing_op_fails_alone)
{
	struct answers block = {.expected = 1}, good = {.expected = 2}, bad = {.expected = 3};
	struct rt_credentials c = keys(9);
	struct probe *p = probe(RT_STORE_WRITE, "alice", &bad);
	sem_t entered, go;

	create("alice");
	block_writer(&block, &entered, &go);
	rt_store_offline_put(shard, who("alice"), RT_STR("one"), 0, 0, -1, on_done, &good);
	rt_store_account_create(shard, who("alice"), &c, on_done, &bad);
	p->sql = "DELETE FROM offline";
	p->fails = 1;
	p->failure = RT_E_INVALID;
	rt_store_submit(&p->op);
	rt_store_offline_put(shard, who("nobody"), RT_STR("x"), 0, 0, -1, on_done, &bad);
	rt_store_offline_put(shard, who("alice"), RT_STR("two"), 0, 0, -1, on_done, &good);
	sem_post(&go);
	wait_for(&good);
	wait_for(&bad);
	ck_assert_int_eq(good.ok, 2);
	ck_assert_int_eq(bad.ok, 0);
	ck_assert_str_eq(get_messages("alice", 0).text, "one,two,");
}
END_TEST

START_TEST(test_a_batch_is_tried_again_and_takes_effect_once)
{
	struct answers block = {.expected = 1}, good = {.expected = 2};
	struct messages m = {.a = {.expected = 1}};
	struct probe *p = probe(RT_STORE_WRITE, "alice", &good);
	sem_t entered, go;

	create("alice");
	rt_log_setup(0, false, 2); /* the failure is logged as an error: not here */
	block_writer(&block, &entered, &go);
	rt_store_offline_put(shard, who("alice"), RT_STR("one"), 0, 0, -1, on_done, &good);
	rt_store_offline_get(shard, who("alice"), 0, on_messages, &m);
	p->fails = 3;
	p->failure = RT_E_IO;
	rt_store_submit(&p->op);
	sem_post(&go);
	wait_for(&good);
	wait_for(&m.a);
	ck_assert_int_eq(good.ok, 2);
	ck_assert_str_eq(m.text, "one,");
	ck_assert_str_eq(get_messages("alice", 0).text, "one,");
}
END_TEST

START_TEST(test_full_disk_fails_what_does_not_fit_and_loses_nothing)
{
	struct answers limit = {.expected = 1}, batch = {.expected = 3};
	struct probe *p = probe(RT_STORE_WRITE, "alice", &limit);
	char *big = calloc(1, 1 << 20);
	struct rt_str large = {big, 1 << 20};
	struct messages m;

	memset(big, 'x', large.n);
	create("alice");
	put_message("alice", "kept", 0, -1);
	rt_log_setup(0, false, 2);
	p->sql = "PRAGMA max_page_count = 40";
	rt_store_submit(&p->op);
	wait_for(&limit);
	store->patient_from_ms = UINT64_MAX; /* the writer sleeps: do not wait for seconds */
	rt_store_offline_put(shard, who("alice"), large, 0, 0, -1, on_done, &batch);
	rt_store_offline_put(shard, who("alice"), RT_STR("small"), 0, 0, -1, on_done, &batch);
	rt_store_offline_put(shard, who("alice"), large, 0, 0, -1, on_done, &batch);
	wait_for(&batch);
	ck_assert_int_eq(batch.full, 2);
	ck_assert_int_eq(batch.ok, 1);
	m = get_messages("alice", 0);
	ck_assert_str_eq(m.text, "kept,small,");
	ck_assert_int_eq(DO(rt_store_offline_delete(shard, who("alice"), m.first, on_done, &a)),
			 RT_OK);

	limit = (struct answers){.expected = 1};
	p = probe(RT_STORE_WRITE, "alice", &limit);
	p->sql = "PRAGMA max_page_count = 100000";
	rt_store_submit(&p->op);
	wait_for(&limit);
	ck_assert_int_eq(
		DO(rt_store_offline_put(shard, who("alice"), large, 0, 0, -1, on_done, &a)), RT_OK);
	free(big);
}
END_TEST

/* Another program, a backup say, holds the write lock for longer than SQLite waits by itself. */
struct release {
	struct rt_timer timer;
	sqlite3 *other;
};

static void on_release(struct rt_timer *t)
{
	struct release *r = RT_CONTAINER_OF(t, struct release, timer);

	ck_assert_int_eq(sqlite3_exec(r->other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
}

START_TEST(test_a_locked_database_is_waited_for)
{
	struct release r = {.other = NULL};
	char path[128];

	create("alice");
	rt_log_setup(0, false, 2);
	snprintf(path, sizeof(path), "%s/xmppd.sqlite", dir);
	ck_assert_int_eq(sqlite3_open(path, &r.other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(r.other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	rt_timer_init(&r.timer, on_release);
	rt_timer_start(shard->loop, &r.timer, 400);
	ck_assert_int_eq(put_message("alice", "late", 0, -1), RT_OK);
	ck_assert(!rt_timer_is_active(&r.timer));
	sqlite3_close(r.other);
}
END_TEST

START_TEST(test_full_queue_pushes_back)
{
	struct answers block = {.expected = 1}, puts = {.expected = 70}, reads = {.expected = 3};
	char *big = calloc(1, 1 << 20);
	sem_t entered, go;
	int i;

	memset(big, 'x', 1 << 20);
	create("alice");
	block_writer(&block, &entered, &go);
	for (i = 0; i < puts.expected; i++)
		rt_store_offline_put(shard, who("alice"), (struct rt_str){big, 1 << 20}, 0, 0, 2,
				     on_done, &puts);
	ck_assert_uint_le(store->writes.bytes, RT_STORE_QUEUE); /* the writer is blocked */
	ck_assert_uint_ge(store->writes.bytes, RT_STORE_QUEUE - (2 << 20));
	/* Reads of others are not held up by any of it. */
	rt_store_account_exists(shard, who("bob"), on_done, &reads);
	rt_store_account_exists(shard, who("carol"), on_done, &reads);
	rt_store_account_exists(shard, who("dave"), on_done, &reads);
	wait_for(&reads);
	ck_assert_int_eq(reads.other, 3);
	sem_post(&go);
	wait_for(&puts);
	ck_assert_int_eq(puts.ok, 2);
	ck_assert_int_eq(puts.limit, 68); /* by the queue and by the account's own limit */
	ck_assert_uint_eq(get_messages("alice", 0).n, 1); /* a page, all of 1 MiB */
	free(big);
}
END_TEST

/* ---- opening ---- */

static void tamper(const char *sql)
{
	char path[128];
	sqlite3 *h;

	snprintf(path, sizeof(path), "%s/xmppd.sqlite", dir);
	ck_assert_int_eq(sqlite3_open(path, &h), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(h, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(h);
}

/* Opening fails with this error, and the log says that. */
static void refuses(int expected, const char *word)
{
	struct rt_store *s = NULL;
	char text[4096] = "";
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	rt_log_setup(RT_LOG_ERROR, false, fds[1]);
	ck_assert_int_eq(rt_store_open(&s, dir), expected);
	ck_assert_ptr_null(s);
	close(fds[1]);
	ck_assert_int_gt(read(fds[0], text, sizeof(text) - 1), 0);
	ck_assert_msg(strstr(text, word) != NULL, "%s", text);
	close(fds[0]);
	rt_log_setup(RT_LOG_ERROR, false, 2);
}

START_TEST(test_data_survives_and_is_private)
{
	char command[256];

	create("alice");
	rt_store_close(&store);
	open_store();
	ck_assert_int_eq(get_account("alice").a.err, RT_OK);
	snprintf(command, sizeof(command), "! find '%s' -type f -perm /077 | grep -q .", dir);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

static void expect_setting(const char *sql, const char *value)
{
	sqlite3_stmt *stmt;

	ck_assert_int_eq(sqlite3_prepare_v2(store->writer.db.handle, sql, -1, &stmt, NULL),
			 SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	ck_assert_str_eq((const char *)sqlite3_column_text(stmt, 0), value);
	sqlite3_finalize(stmt);
}

START_TEST(test_commits_are_durable_by_setting)
{
	rt_store_drain(store); /* the writer sleeps */
	expect_setting("PRAGMA journal_mode", "wal");
	expect_setting("PRAGMA synchronous", "2");
	expect_setting("PRAGMA foreign_keys", "1");
}
END_TEST

START_TEST(test_a_newer_schema_is_refused_and_left_alone)
{
	char sql[64];

	create("alice");
	rt_store_close(&store);
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", rt_db_schema_version() + 1);
	tamper(sql);
	refuses(RT_E_INVALID, "newer xmppd");
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", rt_db_schema_version());
	tamper(sql);
	open_store();
	ck_assert_int_eq(get_account("alice").a.err, RT_OK);
}
END_TEST

START_TEST(test_another_programs_database_is_refused)
{
	char command[256];

	rt_store_close(&store);
	snprintf(command, sizeof(command), "rm '%s'/xmppd.sqlite*", dir);
	ck_assert_int_eq(system(command), 0);
	tamper("CREATE TABLE account (x); INSERT INTO account VALUES (1)");
	refuses(RT_E_INVALID, "another program");
}
END_TEST

START_TEST(test_garbage_is_refused)
{
	char command[256];

	rt_store_close(&store);
	snprintf(command, sizeof(command), "rm '%s'/xmppd.sqlite*; seq 1000 > '%s'/xmppd.sqlite",
		 dir, dir);
	ck_assert_int_eq(system(command), 0);
	refuses(RT_E_IO, "not a database");
}
END_TEST

START_TEST(test_a_directory_serves_one_store)
{
	refuses(RT_E_EXISTS, "another server");
}
END_TEST

/* ---- SIGKILL ------------------------------------------------------------------------------------
 */

/* The child keeps some hundred messages under way and tells the parent of each acknowledged one. */
static struct {
	int out, next, under_way;
} storm;

static void on_storm_put(struct rt_shard *s, void *ctx, int err)
{
	int64_t id = (intptr_t)ctx;

	(void)s;
	storm.under_way--;
	if (err != RT_OK || write(storm.out, &id, sizeof(id)) != (ssize_t)sizeof(id))
		_exit(1);
}

static bool storm_on(void *ctx)
{
	char text[32];

	(void)ctx;
	for (; storm.under_way < 300; storm.under_way++, storm.next++) {
		snprintf(text, sizeof(text), "m%d", storm.next);
		rt_store_offline_put(shard, who("alice"), rt_str_of(text), 0, 0, -1, on_storm_put,
				     (void *)(intptr_t)storm.next);
	}
	return false;
}

static void child_storm(int out, int first)
{
	storm.out = out;
	storm.next = first;
	if (rt_shards_init(1) != RT_OK)
		_exit(1);
	shard = rt_shards[0];
	if (rt_store_open(&store, dir) != RT_OK)
		_exit(1);
	shard->store = store;
	rt_shard_run_until(shard, storm_on, NULL);
	_exit(0);
}

static char seen[200000];

static void mark_seen(struct rt_shard *s, void *ctx, int err, const struct rt_offline_row *rows,
		      size_t n)
{
	struct messages *m = ctx;
	char text[32];
	size_t i;

	for (i = 0; i < n; i++) {
		long id;

		snprintf(text, sizeof(text), "%.*s", RT_STR_ARG(rows[i].stanza));
		id = strtol(text + 1, NULL, 10);
		ck_assert_int_lt(id, (long)sizeof(seen));
		seen[id]++;
		m->last = rows[i].id;
	}
	m->n = n;
	on_done(s, &m->a, err);
}

START_TEST(test_sigkill_loses_no_acknowledged_message)
{
	static char acked[sizeof(seen)];
	int round, first = 0;
	struct messages m;
	size_t i;

	create("alice");
	for (round = 0; round < 5; round++) {
		int64_t id, n = 0;
		int fds[2];
		pid_t pid;

		rt_store_close(&store);
		rt_shards_fini();
		ck_assert_int_eq(pipe(fds), 0);
		pid = fork();
		ck_assert_int_ge(pid, 0);
		if (pid == 0) {
			close(fds[0]);
			child_storm(fds[1], first);
		}
		close(fds[1]);
		while (read(fds[0], &id, sizeof(id)) == (ssize_t)sizeof(id)) {
			acked[id] = 1;
			if (++n == 200 + 371 * round)
				kill(pid, SIGKILL);
			if (id >= first)
				first = (int)id + 1;
		}
		close(fds[0]);
		ck_assert_int_ge(n, 200 + 371 * round);
		ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
		first += 1000; /* unacknowledged ones may be there or not */
		ck_assert_int_eq(rt_shards_init(1), RT_OK);
		shard = rt_shards[0];
		open_store();
	}
	m.last = 0;
	do {
		m.a = (struct answers){.expected = 1};
		rt_store_offline_get(shard, who("alice"), m.last, mark_seen, &m);
		wait_for(&m.a);
	} while (m.n > 0);
	for (i = 0; i < sizeof(seen); i++) {
		ck_assert_msg(seen[i] == 1 || !acked[i], "message %zu is lost", i);
		ck_assert_msg(seen[i] <= 1, "message %zu is there %d times", i, seen[i]);
	}
}
END_TEST

/* ---- many shards --------------------------------------------------------------------------------
 */

#define CHAINS 40
#define STEPS  25

/* Put, read it back at once, delete, ...: on whichever shard it runs. */
struct chain {
	struct rt_msg msg;
	char node[16];
	int step;
	int64_t last;
};

static atomic_int chains_done, wrong;

static struct rt_account chain_account(struct chain *c)
{
	return (struct rt_account){rt_str_of(c->node), RT_STR(HOST)};
}

static void chain_step(struct rt_shard *s, struct chain *c);

static void on_chain_get(struct rt_shard *s, void *ctx, int err, const struct rt_offline_row *rows,
			 size_t n)
{
	struct chain *c = ctx;

	if (err != RT_OK || n != 1)
		wrong++;
	else
		rt_store_offline_delete(s, chain_account(c), rows[0].id, NULL, NULL);
	chain_step(s, c);
}

static void chain_step(struct rt_shard *s, struct chain *c)
{
	if (c->step++ == STEPS) {
		chains_done++;
		return;
	}
	rt_store_offline_put(s, chain_account(c), RT_STR("m"), 0, 0, 1, NULL, NULL);
	rt_store_offline_get(s, chain_account(c), 0, on_chain_get, c);
}

static void on_chain_created(struct rt_shard *s, void *ctx, int err)
{
	if (err != RT_OK)
		wrong++;
	chain_step(s, ctx);
}

static void start_chain(struct rt_shard *s, struct rt_msg *msg)
{
	struct chain *c = RT_CONTAINER_OF(msg, struct chain, msg);
	struct rt_credentials k = keys(1);

	rt_store_account_create(s, chain_account(c), &k, on_chain_created, c);
}

START_TEST(test_shards_work_at_once)
{
	static struct chain chains[CHAINS];
	uint32_t i;
	bool more;

	rt_store_close(&store);
	rt_shards_fini();
	ck_assert_int_eq(rt_shards_init(3), RT_OK);
	shard = rt_shards[0];
	open_store();
	for (i = 0; i < 3; i++)
		rt_shards[i]->store = store;
	for (i = 0; i < CHAINS; i++) {
		snprintf(chains[i].node, sizeof(chains[i].node), "c%u", i);
		chains[i].msg.fn = start_chain;
		rt_shard_post(rt_shards[i % 3], &chains[i].msg);
	}
	ck_assert_int_eq(rt_shards_start(), RT_OK);
	rt_shards_stop(); /* in the middle of it: the rest is done while draining */
	do
		more = rt_store_drain(store);
	while (rt_shards_drain() || more);
	ck_assert_int_eq(chains_done, CHAINS);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

static Suite *suite(void)
{
	const struct {
		const char *name;
		const TTest *tests[8];
	} cases[] = {
		{"order",
		 {test_reads_see_exactly_the_writes_before_them,
		  test_writer_waits_for_earlier_reads_of_the_account_only}},
		{"commit",
		 {test_what_waits_shares_one_commit, test_a_failing_op_fails_alone,
		  test_statements_are_compiled_once,
		  test_a_batch_is_tried_again_and_takes_effect_once}},
		{"trouble",
		 {test_full_disk_fails_what_does_not_fit_and_loses_nothing,
		  test_a_locked_database_is_waited_for, test_full_queue_pushes_back}},
		{"opening",
		 {test_data_survives_and_is_private, test_commits_are_durable_by_setting,
		  test_a_newer_schema_is_refused_and_left_alone,
		  test_another_programs_database_is_refused, test_garbage_is_refused,
		  test_a_directory_serves_one_store}},
		{"kill", {test_sigkill_loses_no_acknowledged_message}},
		{"shards", {test_shards_work_at_once}},
	};
	Suite *s = suite_create("store_commit");
	size_t i, j;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		TCase *tc = tcase_create(cases[i].name);

		tcase_set_timeout(tc, 60);
		tcase_add_checked_fixture(tc, setup, teardown);
		for (j = 0; j < 8 && cases[i].tests[j] != NULL; j++)
			tcase_add_test(tc, cases[i].tests[j]);
		suite_add_tcase(s, tc);
	}
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite());
	int failed;

	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
