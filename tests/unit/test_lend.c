/* test_lend.c - turns of a sleeping shard that run on the thread of another one: who runs what,
 * never two at once, and nothing that is set in them is forgotten. */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/loop.h"
#include "core/mailbox.h"

/* What the first shard sends to the second one, and what became of it. */
struct parcel {
	struct rt_msg first, second;
	struct rt_timer timer;
	pthread_t sender, receiver, timed;
	uint64_t set_at, fired_at;
	atomic_uint done;
	bool was_lent;
	void (*on_arrival)(struct rt_shard *shard, struct parcel *p);
};

static void wait_for(atomic_uint *counter, unsigned n)
{
	while (atomic_load(counter) < n)
		sched_yield();
}

static void wait_for_sleep(const struct rt_shard *shard)
{
	while (atomic_load(&shard->mailbox->state) != RT_MAILBOX_ASLEEP)
		sched_yield();
}

static void arrive(struct rt_shard *shard, struct rt_msg *msg)
{
	struct parcel *p = RT_CONTAINER_OF(msg, struct parcel, second);

	ck_assert_ptr_eq(rt_shard_self(), shard);
	ck_assert_uint_eq(shard->index, 1);
	p->receiver = pthread_self();
	p->was_lent = shard->is_lent;
	if (p->on_arrival != NULL)
		p->on_arrival(shard, p);
	atomic_fetch_add(&p->done, 1u);
}

static void send_on(struct rt_shard *shard, struct rt_msg *msg)
{
	struct parcel *p = RT_CONTAINER_OF(msg, struct parcel, first);

	p->sender = pthread_self();
	wait_for_sleep(rt_shards[1]);
	rt_shard_post(rt_shards[1], &p->second);
	ck_assert_ptr_eq(rt_shard_self(), shard);
}

static void start(void)
{
	ck_assert_int_eq(rt_shards_init(2), RT_OK);
	ck_assert_int_eq(rt_shards_start(), RT_OK);
}

static void stop(void)
{
	rt_shards_stop();
	ck_assert(!rt_shards_drain());
	rt_shards_fini();
}

/* Whether its own thread is already in the poll when the lender comes is a matter of luck: try
 * again. */
static void send_until_lent(struct parcel *p, bool want)
{
	do {
		atomic_store(&p->done, 0u);
		rt_shard_post(rt_shards[0], &p->first);
		wait_for(&p->done, 1);
	} while (p->was_lent != want);
}

START_TEST(test_light_message_is_handled_by_the_thread_that_sent_it)
{
	struct parcel p = {.first.fn = send_on, .second = {.fn = arrive, .is_light = true}};

	start();
	send_until_lent(&p, true);
	ck_assert(pthread_equal(p.sender, p.receiver));
	stop();
}
END_TEST

START_TEST(test_other_messages_wake_their_shard)
{
	struct parcel p = {.first.fn = send_on, .second.fn = arrive};

	start();
	send_until_lent(&p, false);
	ck_assert(!pthread_equal(p.sender, p.receiver));
	stop();
}
END_TEST

static void on_timer(struct rt_timer *t)
{
	struct parcel *p = RT_CONTAINER_OF(t, struct parcel, timer);

	p->timed = pthread_self();
	p->fired_at = rt_clock_ms();
	atomic_fetch_add(&p->done, 1u);
}

static void set_timer(struct rt_shard *shard, struct parcel *p)
{
	rt_timer_init(&p->timer, on_timer);
	p->set_at = rt_clock_ms();
	rt_timer_start(shard->loop, &p->timer, 30);
}

START_TEST(test_timer_of_a_lent_turn_fires_in_time_on_the_own_thread)
{
	struct parcel p = {.first.fn = send_on,
			   .second = {.fn = arrive, .is_light = true},
			   .on_arrival = set_timer};

	start();
	do {
		atomic_store(&p.done, 0u);
		/* So that the loop's own idea of the time is an old one. */
		for (uint64_t since = rt_clock_ms(); rt_clock_ms() < since + 50;)
			sched_yield();
		rt_shard_post(rt_shards[0], &p.first);
		wait_for(&p.done, 2);
	} while (!p.was_lent);
	ck_assert(!pthread_equal(p.sender, p.timed));
	ck_assert_uint_ge(p.fired_at + 1, p.set_at + 30);
	stop();
}
END_TEST

static void keep_awake(struct rt_shard *shard, void *ctx)
{
	atomic_uint *turns = ctx;

	/* Once in a lent turn: the next one must follow, and be the own thread's. */
	if (shard->is_lent)
		rt_shard_stay_awake(shard);
	else if (atomic_load(turns) != 0)
		atomic_fetch_add(turns, 1u);
}

static void note_turn(struct rt_shard *shard, struct parcel *p)
{
	(void)p;
	if (shard->is_lent)
		atomic_store((atomic_uint *)shard->turn_end->ctx, 1u);
}

START_TEST(test_lent_turn_that_is_to_go_on_goes_on_at_home)
{
	struct parcel p = {.first.fn = send_on,
			   .second = {.fn = arrive, .is_light = true},
			   .on_arrival = note_turn};
	atomic_uint turns = 0;
	struct rt_turn_end hook = {.fn = keep_awake, .ctx = &turns};

	ck_assert_int_eq(rt_shards_init(2), RT_OK);
	rt_shard_on_turn_end(rt_shards[1], &hook);
	ck_assert_int_eq(rt_shards_start(), RT_OK);
	send_until_lent(&p, true);
	wait_for(&turns, 2);
	stop();
}
END_TEST

/* Counts without atomics what only one thread at a time may touch. */
#define NSHARDS 4
#define BALLS   64u
#define TOUCHES 3000u

static unsigned touched[NSHARDS];
static atomic_uint landed, lent_turns;

struct ball {
	struct rt_msg msg;
	unsigned left, seed;
};

static void pass_on(struct rt_shard *shard, struct rt_msg *msg)
{
	struct ball *b = RT_CONTAINER_OF(msg, struct ball, msg);

	ck_assert_ptr_eq(rt_shard_self(), shard);
	touched[shard->index]++;
	if (shard->is_lent)
		atomic_fetch_add_explicit(&lent_turns, 1u, memory_order_relaxed);
	if (b->left-- == 0) {
		atomic_fetch_add(&landed, 1u);
		return;
	}
	b->seed = b->seed * 1103515245u + 12345u;
	b->msg.is_light = (b->seed >> 20) % 8 != 0;
	rt_shard_post(rt_shards[(b->seed >> 16) % NSHARDS], &b->msg);
}

START_TEST(test_turns_of_a_shard_never_overlap)
{
	static struct ball balls[BALLS];
	unsigned i, sum = 0;

	atomic_store(&landed, 0u);
	ck_assert_int_eq(rt_shards_init(NSHARDS), RT_OK);
	ck_assert_int_eq(rt_shards_start(), RT_OK);
	/* Few at first, so that shards sleep, then many. */
	for (i = 0; i < BALLS; i++) {
		balls[i] = (struct ball){.msg.fn = pass_on, .left = TOUCHES, .seed = i};
		rt_shard_post(rt_shards[i % NSHARDS], &balls[i].msg);
		if (i < 8)
			wait_for(&landed, i + 1);
	}
	wait_for(&landed, BALLS);
	stop();
	for (i = 0; i < NSHARDS; i++)
		sum += touched[i];
	ck_assert_uint_eq(sum, BALLS * (TOUCHES + 1));
	ck_assert_uint_gt(atomic_load(&lent_turns), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lend");
	TCase *tc = tcase_create("turns");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_light_message_is_handled_by_the_thread_that_sent_it);
	tcase_add_test(tc, test_other_messages_wake_their_shard);
	tcase_add_test(tc, test_timer_of_a_lent_turn_fires_in_time_on_the_own_thread);
	tcase_add_test(tc, test_lent_turn_that_is_to_go_on_goes_on_at_home);
	tcase_add_test(tc, test_turns_of_a_shard_never_overlap);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
