/* test_mailbox.c - messages between threads: order, nothing lost, wake-up; shards, workers, loops
 * and timers. */
#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/loop.h"
#include "core/mailbox.h"
#include "core/worker.h"

#define POSTERS 4
#define EACH    20000

struct numbered {
	struct rt_msg msg;
	int poster, number;
};

static struct numbered messages[POSTERS][EACH];
static struct rt_mailbox box;

static void *post_all(void *arg)
{
	struct numbered *mine = arg;
	int i;

	for (i = 0; i < EACH; i++) {
		rt_mailbox_post(&box, &mine[i].msg);
		rt_mailbox_rouse(&box);
	}
	return NULL;
}

START_TEST(test_every_message_arrives_once_in_the_order_of_its_poster)
{
	int next[POSTERS] = {0}, got = 0, i, k;
	pthread_t threads[POSTERS];
	struct rt_msg *msg;

	ck_assert_int_eq(rt_mailbox_init(&box), RT_OK);
	for (i = 0; i < POSTERS; i++)
		for (k = 0; k < EACH; k++)
			messages[i][k] = (struct numbered){.poster = i, .number = k};
	for (i = 0; i < POSTERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, post_all, messages[i]), 0);
	while (got < POSTERS * EACH) {
		msg = rt_mailbox_next(&box);
		if (msg == NULL) {
			/* A lost wake-up would end here, in the time limit of the test. */
			if (rt_mailbox_sleep(&box)) {
				struct pollfd p = {.fd = box.wake_fd, .events = POLLIN};

				ck_assert_int_eq(poll(&p, 1, 60000), 1);
				rt_mailbox_clear(&box);
			}
			rt_mailbox_awake(&box);
			continue;
		}
		struct numbered *m = RT_CONTAINER_OF(msg, struct numbered, msg);

		ck_assert_int_eq(m->number, next[m->poster]);
		next[m->poster]++;
		got++;
	}
	for (i = 0; i < POSTERS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(rt_mailbox_count(&box), 0);
	ck_assert_ptr_null(rt_mailbox_next(&box));
	rt_mailbox_fini(&box);
}
END_TEST

START_TEST(test_busy_receiver_is_not_woken)
{
	struct rt_msg a = {0}, b = {0};
	struct pollfd p;

	ck_assert_int_eq(rt_mailbox_init(&box), RT_OK);
	p = (struct pollfd){.fd = box.wake_fd, .events = POLLIN};
	ck_assert_uint_eq(rt_mailbox_post(&box, &a), 0);
	ck_assert_uint_eq(rt_mailbox_post(&box, &b), 1);
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	ck_assert(!rt_mailbox_sleep(&box)); /* there is work */
	ck_assert_ptr_eq(rt_mailbox_next(&box), &a);
	ck_assert_ptr_eq(rt_mailbox_next(&box), &b);
	ck_assert(rt_mailbox_sleep(&box));
	rt_mailbox_post(&box, &a);
	ck_assert(rt_mailbox_promise(&box));
	rt_mailbox_post(&box, &b);
	ck_assert(!rt_mailbox_promise(&box)); /* that is the first one's affair */
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	rt_mailbox_rouse(&box); /* for what cannot wait for a promise */
	ck_assert_int_eq(poll(&p, 1, 0), 1);
	rt_mailbox_fini(&box);
}
END_TEST

/* Shards playing ball: each message is passed on until it has been touched often enough. */
struct ball {
	struct rt_msg msg;
	unsigned left;
};

static atomic_uint landed;

static void pass_on(struct rt_shard *shard, struct rt_msg *msg)
{
	struct ball *b = RT_CONTAINER_OF(msg, struct ball, msg);

	ck_assert_ptr_eq(rt_shard_self(), shard);
	if (b->left-- == 0)
		atomic_fetch_add(&landed, 1u);
	else
		rt_shard_post(rt_shards[(shard->index + 1) % rt_nshards], &b->msg);
}

static void wait_for(atomic_uint *counter, unsigned n)
{
	while (atomic_load(counter) < n)
		sched_yield();
}

START_TEST(test_shards_pass_messages_round)
{
	struct ball balls[50];
	unsigned i;

	atomic_store(&landed, 0u);
	ck_assert_int_eq(rt_shards_init(3), RT_OK);
	ck_assert_int_eq(rt_shards_start(), RT_OK);
	for (i = 0; i < 50; i++) {
		balls[i] = (struct ball){.msg.fn = pass_on, .left = 2000};
		rt_shard_post(rt_shards[i % 3], &balls[i].msg);
	}
	wait_for(&landed, 50);
	rt_shards_stop();
	ck_assert(!rt_shards_drain());
	rt_shards_fini();
}
END_TEST

START_TEST(test_messages_left_after_the_stop_are_run_by_drain)
{
	struct ball b = {.msg.fn = pass_on, .left = 7};

	atomic_store(&landed, 0u);
	ck_assert_int_eq(rt_shards_init(2), RT_OK);
	ck_assert_int_eq(rt_shards_start(), RT_OK);
	rt_shards_stop();
	rt_shard_post(rt_shards[1], &b.msg);
	ck_assert(rt_shards_drain());
	ck_assert_uint_eq(atomic_load(&landed), 1);
	ck_assert_ptr_null(rt_shard_self());
	rt_shards_fini();
}
END_TEST

START_TEST(test_home_is_stable_and_spread)
{
	unsigned hits[4] = {0};
	char node[16];
	int i;

	ck_assert_int_eq(rt_shards_init(4), RT_OK);
	for (i = 0; i < 4000; i++) {
		struct rt_str n = {node, (uint32_t)snprintf(node, sizeof(node), "user%d", i)};
		struct rt_shard *home = rt_shard_home(n, RT_STR("example.org"));

		ck_assert_ptr_eq(home, rt_shard_home(n, RT_STR("example.org")));
		hits[home->index]++;
	}
	for (i = 0; i < 4; i++)
		ck_assert_msg(hits[i] > 800 && hits[i] < 1200, "shard %d: %u", i, hits[i]);
	rt_shards_fini();
}
END_TEST

struct turns {
	struct rt_turn_end hook;
	char order[8];
	int n;
};

static void note_a(struct rt_shard *shard, void *ctx)
{
	struct turns *t = ctx;

	(void)shard;
	if (t->n < 7)
		t->order[t->n++] = 'a';
}

static void note_b(struct rt_shard *shard, void *ctx)
{
	struct turns *t = ctx;

	if (t->n < 7) {
		t->order[t->n++] = 'b';
		rt_shard_stay_awake(shard); /* nothing else would end the wait */
	}
}

static bool six_noted(void *ctx)
{
	return ((struct turns *)ctx)->n >= 6;
}

START_TEST(test_turn_end_hooks_run_in_order_and_can_keep_the_loop_awake)
{
	struct turns t = {0};
	struct rt_turn_end a = {.fn = note_a, .ctx = &t}, b = {.fn = note_b, .ctx = &t};

	ck_assert_int_eq(rt_shards_init(1), RT_OK);
	rt_shard_on_turn_end(rt_shards[0], &a);
	rt_shard_on_turn_end(rt_shards[0], &b);
	rt_shard_run_until(rt_shards[0], six_noted, &t);
	ck_assert_int_eq(memcmp(t.order, "ababab", 6), 0);
	rt_shard_off_turn_end(rt_shards[0], &a);
	ck_assert_ptr_eq(rt_shards[0]->turn_end, &b);
	rt_shards_fini();
}
END_TEST

static void land(struct rt_shard *shard, struct rt_msg *msg)
{
	(void)shard;
	(void)msg;
	atomic_fetch_add(&landed, 1u);
}

START_TEST(test_backlog_marks_the_sender_congested)
{
	static struct rt_msg many[RT_SHARD_BACKLOG_HIGH + 2];
	size_t i;

	ck_assert_int_eq(rt_shards_init(2), RT_OK);
	rt_shard_enter(rt_shards[0]);
	for (i = 0; i < RT_SHARD_BACKLOG_HIGH; i++) {
		many[i].fn = land;
		rt_shard_post(rt_shards[1], &many[i]);
	}
	ck_assert_ptr_null(rt_shards[0]->congested);
	many[i].fn = land;
	rt_shard_post(rt_shards[1], &many[i]);
	ck_assert_ptr_eq(rt_shards[0]->congested, rt_shards[1]);
	ck_assert_uint_eq(rt_shard_backlog(rt_shards[1]), RT_SHARD_BACKLOG_HIGH + 1);
	rt_shard_enter(NULL);
	ck_assert(rt_shards_drain());
	ck_assert_uint_eq(rt_shard_backlog(rt_shards[1]), 0);
	rt_shards_fini();
}
END_TEST

struct work {
	struct rt_job job;
	pthread_t worker;
};

static void do_work(struct rt_job *job)
{
	struct work *w = RT_CONTAINER_OF(job, struct work, job);

	ck_assert_ptr_null(rt_shard_self());
	w->worker = pthread_self();
}

static void work_done(struct rt_shard *shard, struct rt_msg *msg)
{
	struct work *w = RT_CONTAINER_OF(msg, struct work, job.msg);

	ck_assert_ptr_eq(shard, w->job.home);
	ck_assert(!pthread_equal(w->worker, pthread_self()));
	atomic_fetch_add(&landed, 1u);
}

START_TEST(test_workers_bring_results_home)
{
	static struct work works[200];
	struct rt_job late = {0};
	unsigned i;

	atomic_store(&landed, 0u);
	ck_assert_int_eq(rt_shards_init(2), RT_OK);
	ck_assert_int_eq(rt_shards_start(), RT_OK);
	ck_assert_int_eq(rt_workers_start(2), RT_OK);
	for (i = 0; i < 200; i++) {
		works[i].job = (struct rt_job){
			.msg.fn = work_done, .work = do_work, .home = rt_shards[i % 2]};
		ck_assert_int_eq(rt_worker_submit(&works[i].job), RT_OK);
	}
	rt_workers_stop(); /* queued ones are still done */
	ck_assert_int_eq(rt_worker_submit(&late), RT_E_LIMIT);
	wait_for(&landed, 200);
	rt_shards_stop();
	rt_shards_fini();
}
END_TEST

struct timed {
	struct rt_timer timer;
	struct rt_loop *loop;
	int fired;
};

static void on_fire(struct rt_timer *t)
{
	struct timed *timed = RT_CONTAINER_OF(t, struct timed, timer);

	timed->fired++;
	rt_loop_stop(timed->loop);
}

START_TEST(test_timers_fire_once_and_can_be_replaced)
{
	struct timed a = {0}, b = {0};
	struct rt_loop *loop;
	uint64_t start = rt_clock_ms();

	ck_assert_int_eq(rt_loop_new(&loop), RT_OK);
	a.loop = b.loop = loop;
	rt_timer_init(&a.timer, on_fire);
	rt_timer_init(&b.timer, on_fire);
	rt_timer_start(loop, &a.timer, 3600000);
	ck_assert_uint_gt(rt_timer_remaining(loop, &a.timer), 3590000);
	rt_timer_start(loop, &a.timer, 20);
	rt_timer_start(loop, &b.timer, 5);
	rt_timer_stop(loop, &b.timer);
	ck_assert(!rt_timer_is_active(&b.timer));
	ck_assert_uint_eq(rt_timer_remaining(loop, &b.timer), 0);
	rt_loop_run(loop);
	ck_assert_int_eq(a.fired, 1);
	ck_assert_int_eq(b.fired, 0);
	ck_assert_uint_ge(rt_clock_ms() - start, 19);
	ck_assert(!rt_timer_is_active(&a.timer));
	rt_loop_free(&loop);
}
END_TEST

struct watched {
	struct rt_io io;
	struct rt_loop *loop;
	unsigned seen;
};

static void on_ready(struct rt_io *io, unsigned events)
{
	struct watched *w = RT_CONTAINER_OF(io, struct watched, io);

	w->seen |= events;
	rt_loop_stop(w->loop);
}

START_TEST(test_watcher_can_go_from_one_loop_to_another)
{
	struct watched w = {0};
	struct rt_loop *first, *second;
	struct timed t = {0};
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(rt_loop_new(&first), RT_OK);
	ck_assert_int_eq(rt_loop_new(&second), RT_OK);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	w.loop = first;
	rt_io_init(&w.io, fds[0], on_ready);
	rt_io_set(first, &w.io, RT_IO_READ);
	rt_loop_run(first);
	ck_assert_uint_eq(w.seen, RT_IO_READ);
	rt_io_detach(first, &w.io);
	w.seen = 0;
	w.loop = second;
	rt_io_init(&w.io, fds[0], on_ready);
	rt_io_set(second, &w.io, RT_IO_READ);
	/* The first loop no longer hears of it: only its timer ends it. */
	t.loop = first;
	rt_timer_init(&t.timer, on_fire);
	rt_timer_start(first, &t.timer, 10);
	rt_loop_run(first);
	ck_assert_uint_eq(w.seen, 0);
	rt_loop_run(second);
	ck_assert_uint_eq(w.seen, RT_IO_READ);
	rt_io_set(second, &w.io, 0);
	close(fds[0]);
	close(fds[1]);
	rt_loop_free(&first);
	rt_loop_free(&second);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mailbox");
	TCase *tc = tcase_create("mailbox"), *shards = tcase_create("shards"),
	      *loop = tcase_create("loop");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_set_timeout(shards, 60);
	tcase_add_test(tc, test_every_message_arrives_once_in_the_order_of_its_poster);
	tcase_add_test(tc, test_busy_receiver_is_not_woken);
	suite_add_tcase(s, tc);
	tcase_add_test(shards, test_shards_pass_messages_round);
	tcase_add_test(shards, test_messages_left_after_the_stop_are_run_by_drain);
	tcase_add_test(shards, test_home_is_stable_and_spread);
	tcase_add_test(shards, test_turn_end_hooks_run_in_order_and_can_keep_the_loop_awake);
	tcase_add_test(shards, test_backlog_marks_the_sender_congested);
	tcase_add_test(shards, test_workers_bring_results_home);
	suite_add_tcase(s, shards);
	tcase_add_test(loop, test_timers_fire_once_and_can_be_replaced);
	tcase_add_test(loop, test_watcher_can_go_from_one_loop_to_another);
	suite_add_tcase(s, loop);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
