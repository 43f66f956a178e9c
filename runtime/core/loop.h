/* loop.h - readiness and timers of one shard. The only header that stands between the runtime and its event library. */
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
/** From the loop's own thread. */
void rt_loop_stop(struct rt_loop *loop);

void rt_io_init(struct rt_io *io, int fd, void (*fn)(struct rt_io *, unsigned));
/** Watch for exactly these events (0: none). Cheap when nothing changes. */
void rt_io_set(struct rt_loop *loop, struct rt_io *io, unsigned events);

void rt_timer_init(struct rt_timer *t, void (*fn)(struct rt_timer *));
/** One shot, in ms from now; replaces a pending one. */
void rt_timer_start(struct rt_loop *loop, struct rt_timer *t, uint64_t delay_ms);
void rt_timer_stop(struct rt_loop *loop, struct rt_timer *t);
bool rt_timer_is_active(const struct rt_timer *t);

#endif
