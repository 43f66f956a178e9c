/* loop.h - readiness and timers of one shard. The only header that stands between the runtime and
 * its event library. */
#ifndef RT_CORE_LOOP_H
#define RT_CORE_LOOP_H

#include "core/base.h"

struct rt_loop;
struct ev_loop;

enum rt_io_events { RT_IO_READ = 1, RT_IO_WRITE = 2 };

/* Embedded in its owner; storage opaque but for its size. */
struct rt_io {
	void (*fn)(struct rt_io *io, unsigned events);
	uint64_t priv[7];
};

struct rt_timer {
	void (*fn)(struct rt_timer *t);
	uint64_t priv[6];
};

int rt_loop_new(struct rt_loop **out) RT_MUST_USE;
void rt_loop_free(struct rt_loop **loop);
void rt_loop_run(struct rt_loop *loop);
/** One turn: waits for something to happen unless the turn hooks say that there is work. */
void rt_loop_run_once(struct rt_loop *loop);
/**
 * Frame every turn: `end` runs last, before the loop sleeps, and returns whether it may sleep
 * (false: poll and come back at once); `begin` runs after the poll, before or among the callbacks
 * of what is ready.
 */
void rt_loop_set_turn(struct rt_loop *loop, bool (*end)(void *ctx), void (*begin)(void *ctx),
		      void *ctx);
/**
 * Let other threads use the loop while its own one polls: `unlock` runs right before the poll,
 * `lock` right after. ctx is that of rt_loop_set_turn().
 */
void rt_loop_set_lock(struct rt_loop *loop, void (*unlock)(void *ctx), void (*lock)(void *ctx));
/** By another thread that holds the lock, before anything else: the loop's idea of the time is as
 * old as its poll. */
void rt_loop_borrow(struct rt_loop *loop);
/** @return whether something was set since rt_loop_borrow() that the poll under way does not know
 * of. */
bool rt_loop_has_changed(const struct rt_loop *loop);
/** From the loop's own thread. */
void rt_loop_stop(struct rt_loop *loop);

void rt_io_init(struct rt_io *io, int fd, void (*fn)(struct rt_io *, unsigned));
/** Watch for exactly these events (0: none). Cheap when nothing changes. */
void rt_io_set(struct rt_loop *loop, struct rt_io *io, unsigned events);
/** Stop watching and make the kernel forget the fd here, so that it can be watched by another loop
 * or be closed later. */
void rt_io_detach(struct rt_loop *loop, struct rt_io *io);

void rt_timer_init(struct rt_timer *t, void (*fn)(struct rt_timer *));
/** One shot, in ms from now; replaces a pending one. */
void rt_timer_start(struct rt_loop *loop, struct rt_timer *t, uint64_t delay_ms);
void rt_timer_stop(struct rt_loop *loop, struct rt_timer *t);
bool rt_timer_is_active(const struct rt_timer *t);
/** ms until it fires, at least 1; 0 when it is not active. */
uint64_t rt_timer_remaining(struct rt_loop *loop, const struct rt_timer *t);

#endif
