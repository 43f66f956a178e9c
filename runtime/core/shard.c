/* shard.c - the threads, their turns, and who is home where. */
#include "core/shard.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/loop.h"
#include "core/mailbox.h"

/* Messages handled in one turn before sockets and timers get their share again. */
#define BATCH 1024u
/* Most messages that a sleeping shard is spared of waking up for: waking it costs about as much as
 * handling as many. */
#define LENT 8u

/* A shard and what only this file sees of it. */
struct shard {
	struct rt_shard pub;
	struct rt_mailbox mailbox;
	struct rt_io wake;
	struct rt_msg stop;
	pthread_t thread;
	bool running;
	/* Held through a turn, by the thread that runs it. Free while the own thread polls. */
	pthread_mutex_t turn;
	/* Shards that slept when this thread posted to them: it owes them a turn. By index. */
	bool *owes;
	uint32_t nowed;
};

uint32_t rt_nshards;
struct rt_shard **rt_shards;

static _Thread_local struct rt_shard *self;
static _Thread_local struct shard *own; /* whose loop this thread runs */
static uint64_t hash_seed;

static struct shard *shard_of(struct rt_shard *pub)
{
	return RT_CONTAINER_OF(pub, struct shard, pub);
}

struct rt_shard *rt_shard_self(void)
{
	return self;
}

void rt_shard_enter(struct rt_shard *shard)
{
	self = shard;
}

__extension__ typedef unsigned __int128 uint128;

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint128 product = (uint128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Fast and seeded; it only spreads users over shards, so a collision costs nothing but balance. */
static uint64_t hash_bytes(uint64_t h, struct rt_str s)
{
	uint64_t word;
	size_t i;

	for (i = 0; i < s.n; i += sizeof(word)) {
		size_t n = s.n - i < sizeof(word) ? s.n - i : sizeof(word);

		word = 0;
		memcpy(&word, s.p + i, n);
		h = mix(h ^ word, 0x9e3779b97f4a7c15u);
	}
	return mix(h ^ s.n, 0xd6e8feb86659fd93u);
}

struct rt_shard *rt_shard_home(struct rt_str node, struct rt_str domain)
{
	uint64_t h;

	if (rt_nshards == 1)
		return rt_shards[0];
	h = hash_bytes(hash_bytes(hash_seed, domain), node);
	/* The high bits times the count: no division, no bias worth naming. */
	return rt_shards[((h >> 32) * rt_nshards) >> 32];
}

/* What is there now: messages that these ones post to the own shard wait for the next turn. */
static void run_batch(struct rt_shard *shard)
{
	uint32_t n = rt_mailbox_count(shard->mailbox);
	struct rt_msg *msg;

	if (n > BATCH)
		n = BATCH;
	for (; n > 0 && (msg = rt_mailbox_next(shard->mailbox)) != NULL; n--)
		msg->fn(shard, msg);
}

static void run_hooks(struct rt_shard *shard)
{
	struct rt_turn_end *hook;

	shard->awake = false;
	for (hook = shard->turn_end; hook != NULL; hook = hook->next)
		hook->fn(shard, hook->ctx);
}

/* ---- turns that are lent ---- */

/* @return whether all there was is done, so that the shard may go on sleeping. */
static bool run_lent(struct rt_shard *shard)
{
	uint32_t n = rt_mailbox_count(shard->mailbox);
	const struct rt_msg *msg;

	rt_loop_borrow(shard->loop);
	for (; n > 0 && (msg = rt_mailbox_peek(shard->mailbox)) != NULL && msg->is_light; n--) {
		struct rt_msg *next = rt_mailbox_next(shard->mailbox);

		next->fn(shard, next);
	}
	run_hooks(shard);
	return !shard->awake && !rt_loop_has_changed(shard->loop) &&
	       rt_mailbox_sleep(shard->mailbox);
}

/* A turn of a sleeping shard, as that shard, on this thread. */
static bool lend(struct shard *to)
{
	struct rt_shard *was = self;
	bool done;

	/* Taken: its thread is on its way into or out of its poll, and may have looked already. */
	if (rt_mailbox_count(&to->mailbox) > LENT || pthread_mutex_trylock(&to->turn) != 0)
		return false;
	self = &to->pub;
	to->pub.is_lent = true;
	done = run_lent(&to->pub);
	to->pub.is_lent = false;
	self = was;
	pthread_mutex_unlock(&to->turn);
	return done;
}

static void pay(struct shard *s, uint32_t i, bool in_kind)
{
	struct shard *to = shard_of(rt_shards[i]);

	if (!s->owes[i])
		return;
	s->owes[i] = false;
	s->nowed--;
	if (!in_kind || !lend(to))
		rt_mailbox_wake(&to->mailbox);
}

/* What a lent turn owes to others is paid by waking them, so that this ends. That a shard has been
 * woken meanwhile does no harm. */
static void pay_all(struct shard *s)
{
	unsigned round;
	uint32_t i;

	for (round = 0; round < 2; round++)
		for (i = 0; s->nowed != 0 && i < rt_nshards; i++)
			pay(s, i, round == 0);
}

static void release_turn(void *ctx)
{
	pthread_mutex_unlock(&shard_of(ctx)->turn);
}

static void take_turn(void *ctx)
{
	pthread_mutex_lock(&shard_of(ctx)->turn);
}

/* ---- turns of the own thread ---- */

static void on_turn_begin(void *ctx)
{
	struct rt_shard *shard = ctx;

	rt_mailbox_awake(shard->mailbox);
	run_batch(shard);
}

static bool on_turn_end(void *ctx)
{
	struct rt_shard *shard = ctx;

	run_hooks(shard);
	pay_all(shard_of(shard));
	return !shard->awake && rt_mailbox_sleep(shard->mailbox);
}

static void on_wake(struct rt_io *io, unsigned events)
{
	(void)events;
	rt_mailbox_clear(&RT_CONTAINER_OF(io, struct shard, wake)->mailbox);
}

static void free_shard(struct shard *s)
{
	if (s == NULL)
		return;
	rt_loop_free(&s->pub.loop);
	rt_mailbox_fini(&s->mailbox);
	pthread_mutex_destroy(&s->turn);
	free(s->owes);
	free(s->pub.read_buffer);
	free(s);
}

static struct shard *new_shard(uint32_t index)
{
	struct shard *s = aligned_alloc(_Alignof(struct shard), sizeof(*s));

	if (s == NULL)
		return NULL;
	memset(s, 0, sizeof(*s));
	s->pub.index = index;
	s->pub.mailbox = &s->mailbox;
	s->pub.read_buffer = malloc(RT_READ_BUFFER);
	s->owes = calloc(rt_nshards, sizeof(*s->owes));
	pthread_mutex_init(&s->turn, NULL); /* the default kind does not fail */
	if (rt_mailbox_init(&s->mailbox) != RT_OK || s->pub.read_buffer == NULL ||
	    s->owes == NULL || rt_loop_new(&s->pub.loop) != RT_OK) {
		free_shard(s);
		return NULL;
	}
	rt_loop_set_turn(s->pub.loop, on_turn_end, on_turn_begin, &s->pub);
	rt_loop_set_lock(s->pub.loop, release_turn, take_turn);
	rt_io_init(&s->wake, s->mailbox.wake_fd, on_wake);
	rt_io_set(s->pub.loop, &s->wake, RT_IO_READ);
	return s;
}

int rt_shards_init(uint32_t n)
{
	uint32_t i;

	RT_ASSERT(n > 0 && rt_shards == NULL);
	if (getrandom(&hash_seed, sizeof(hash_seed), 0) != (ssize_t)sizeof(hash_seed))
		return RT_E_IO;
	rt_shards = calloc(n, sizeof(struct rt_shard *));
	if (rt_shards == NULL)
		return RT_E_NOMEM;
	rt_nshards = n;
	for (i = 0; i < n; i++) {
		struct shard *s = new_shard(i);

		if (s == NULL) {
			rt_shards_fini();
			return RT_E_NOMEM;
		}
		rt_shards[i] = &s->pub;
	}
	return RT_OK;
}

/* From here on this thread runs the shard's loop. */
static void begin(struct rt_shard *shard)
{
	self = shard;
	own = shard_of(shard);
	take_turn(shard);
}

static void end(struct rt_shard *was)
{
	pay_all(own);
	release_turn(&own->pub);
	own = NULL;
	self = was;
}

static void *run_thread(void *arg)
{
	struct rt_shard *shard = arg;

	begin(shard);
	rt_loop_run(shard->loop);
	end(NULL);
	rt_arena_pool_trim(0);
	return NULL;
}

int rt_shards_start(void)
{
	uint32_t i;

	for (i = 0; i < rt_nshards; i++) {
		struct shard *s = shard_of(rt_shards[i]);
		char name[32]; /* the kernel takes 15 bytes: plenty for real counts */

		if (pthread_create(&s->thread, NULL, run_thread, &s->pub) != 0) {
			rt_shards_stop();
			return RT_E_IO;
		}
		s->running = true;
		snprintf(name, sizeof(name), "shard-%u", i);
		pthread_setname_np(s->thread, name);
	}
	return RT_OK;
}

static void stop_loop(struct rt_shard *shard, struct rt_msg *msg)
{
	(void)msg;
	rt_loop_stop(shard->loop);
}

void rt_shards_stop(void)
{
	uint32_t i;

	for (i = 0; i < rt_nshards; i++) {
		struct shard *s = shard_of(rt_shards[i]);

		if (!s->running)
			continue;
		s->stop.fn = stop_loop;
		rt_shard_post(&s->pub, &s->stop);
	}
	for (i = 0; i < rt_nshards; i++) {
		struct shard *s = shard_of(rt_shards[i]);

		if (s->running)
			pthread_join(s->thread, NULL);
		s->running = false;
	}
}

bool rt_shards_drain(void)
{
	struct rt_shard *was = self;
	struct rt_msg *msg;
	bool any = false, more;
	uint32_t i;

	do {
		more = false;
		for (i = 0; i < rt_nshards; i++) {
			RT_ASSERT(!shard_of(rt_shards[i])->running);
			self = rt_shards[i];
			while ((msg = rt_mailbox_next(self->mailbox)) != NULL) {
				msg->fn(self, msg);
				more = any = true;
			}
		}
	} while (more);
	self = was;
	return any;
}

void rt_shards_fini(void)
{
	uint32_t i;

	for (i = 0; i < rt_nshards; i++)
		if (rt_shards[i] != NULL)
			free_shard(shard_of(rt_shards[i]));
	free(rt_shards);
	rt_shards = NULL;
	rt_nshards = 0;
}

void rt_shard_run_until(struct rt_shard *shard, bool (*done)(void *ctx), void *ctx)
{
	struct rt_shard *was = self;

	begin(shard);
	while (!done(ctx))
		rt_loop_run_once(shard->loop);
	end(was);
}

void rt_shard_post(struct rt_shard *to, struct rt_msg *msg)
{
	bool is_light = msg->is_light; /* posted, it is not ours any more */
	uint32_t before = rt_mailbox_post(to->mailbox, msg);

	if (before >= RT_SHARD_BACKLOG_HIGH && self != NULL)
		self->congested = to;
	if (own == NULL || !is_light || before >= LENT) {
		rt_mailbox_rouse(to->mailbox); /* it is worth it, and it can begin at once */
	} else if (rt_mailbox_promise(to->mailbox) && !own->owes[to->index]) {
		own->owes[to->index] = true;
		own->nowed++;
	}
}

uint32_t rt_shard_backlog(const struct rt_shard *shard)
{
	return rt_mailbox_count(shard->mailbox);
}

void rt_shard_on_turn_end(struct rt_shard *shard, struct rt_turn_end *hook)
{
	struct rt_turn_end **at = &shard->turn_end;

	while (*at != NULL)
		at = &(*at)->next;
	hook->next = NULL;
	*at = hook;
}

void rt_shard_off_turn_end(struct rt_shard *shard, struct rt_turn_end *hook)
{
	struct rt_turn_end **at = &shard->turn_end;

	while (*at != NULL && *at != hook)
		at = &(*at)->next;
	if (*at != NULL)
		*at = hook->next;
}

void rt_shard_stay_awake(struct rt_shard *shard)
{
	shard->awake = true;
}
