/* loop.c - one libev loop with the epoll backend; the only file that knows libev. */
#include "core/loop.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ev.h>

struct rt_loop {
	struct ev_loop *ev;
	int epoll_fd; /* of ev, or -1 when it could not be found */
	ev_prepare turn_end;
	ev_check turn_begin;
	ev_idle busy; /* active: the next poll does not wait */
	bool (*end)(void *ctx);
	void (*begin)(void *ctx);
	void (*unlock)(void *ctx);
	void (*lock)(void *ctx);
	void *ctx;
	bool changed; /* something was set that the kernel is told of before the next poll only */
};

static_assert(sizeof(ev_io) <= sizeof(((struct rt_io *)NULL)->priv), "rt_io.priv is too small");
static_assert(sizeof(ev_timer) <= sizeof(((struct rt_timer *)NULL)->priv),
	      "rt_timer.priv is too small");
static_assert((int)RT_IO_READ == (int)EV_READ && (int)RT_IO_WRITE == (int)EV_WRITE,
	      "event masks differ");

static ev_io *io_of(const struct rt_io *io)
{
	return (ev_io *)(uintptr_t)io->priv;
}

static ev_timer *timer_of(const struct rt_timer *t)
{
	return (ev_timer *)(uintptr_t)t->priv;
}

/*
 * libev never takes an fd out of its epoll set: it assumes that a watcher is stopped only before
 * its fd is closed. Connections that move between loops break that, so their fd has to be removed
 * by hand (rt_io_detach). libev does not tell which fd its epoll set is; it is the lowest one free
 * when the loop is made. This is checked, and where it turns out wrong (another thread opened a
 * file meanwhile) libev sorts it out itself at the price of a spurious wake-up.
 */
static int find_epoll_fd(int candidate)
{
	static const char want[] = "anon_inode:[eventpoll]";
	char path[64], target[sizeof(want) + 1];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", candidate);
	n = readlink(path, target, sizeof(target));
	return n == (ssize_t)sizeof(want) - 1 && memcmp(target, want, sizeof(want) - 1) == 0
		       ? candidate
		       : -1;
}

static void on_idle(struct ev_loop *ev, ev_idle *w, int events)
{
	(void)ev;
	(void)w;
	(void)events; /* being active is all it does */
}

static void on_turn_end(struct ev_loop *ev, ev_prepare *w, int events)
{
	struct rt_loop *loop = ev_userdata(ev);

	(void)w;
	(void)events;
	if (loop->end == NULL || loop->end(loop->ctx))
		ev_idle_stop(ev, &loop->busy);
	else
		ev_idle_start(ev, &loop->busy);
}

static void on_turn_begin(struct ev_loop *ev, ev_check *w, int events)
{
	struct rt_loop *loop = ev_userdata(ev);

	(void)w;
	(void)events;
	if (loop->begin != NULL)
		loop->begin(loop->ctx);
}

int rt_loop_new(struct rt_loop **out)
{
	struct rt_loop *loop = calloc(1, sizeof(*loop));
	int candidate;

	if (loop == NULL)
		return RT_E_NOMEM;
	candidate = eventfd(0, EFD_CLOEXEC);
	if (candidate >= 0)
		close(candidate);
	loop->ev = ev_loop_new(EVFLAG_NOENV | EVBACKEND_EPOLL);
	if (loop->ev == NULL) {
		free(loop);
		return RT_E_IO;
	}
	loop->epoll_fd = candidate >= 0 ? find_epoll_fd(candidate) : -1;
	ev_set_userdata(loop->ev, loop);
	ev_prepare_init(&loop->turn_end, on_turn_end);
	ev_prepare_start(loop->ev, &loop->turn_end);
	ev_check_init(&loop->turn_begin, on_turn_begin);
	ev_check_start(loop->ev, &loop->turn_begin);
	ev_idle_init(&loop->busy, on_idle);
	*out = loop;
	return RT_OK;
}

void rt_loop_free(struct rt_loop **loop)
{
	if (*loop == NULL)
		return;
	ev_loop_destroy((*loop)->ev);
	free(*loop);
	*loop = NULL;
}

void rt_loop_run(struct rt_loop *loop)
{
	ev_run(loop->ev, 0);
}

void rt_loop_run_once(struct rt_loop *loop)
{
	ev_run(loop->ev, EVRUN_ONCE);
}

void rt_loop_stop(struct rt_loop *loop)
{
	ev_break(loop->ev, EVBREAK_ALL);
}

void rt_loop_set_turn(struct rt_loop *loop, bool (*end)(void *ctx), void (*begin)(void *ctx),
		      void *ctx)
{
	loop->end = end;
	loop->begin = begin;
	loop->ctx = ctx;
}

static void on_release(struct ev_loop *ev) EV_NOEXCEPT
{
	struct rt_loop *loop = ev_userdata(ev);

	loop->unlock(loop->ctx);
}

static void on_acquire(struct ev_loop *ev) EV_NOEXCEPT
{
	struct rt_loop *loop = ev_userdata(ev);

	loop->lock(loop->ctx);
}

void rt_loop_set_lock(struct rt_loop *loop, void (*unlock)(void *ctx), void (*lock)(void *ctx))
{
	loop->unlock = unlock;
	loop->lock = lock;
	ev_set_loop_release_cb(loop->ev, on_release, on_acquire);
}

void rt_loop_borrow(struct rt_loop *loop)
{
	ev_now_update(loop->ev);
	loop->changed = false;
}

bool rt_loop_has_changed(const struct rt_loop *loop)
{
	return loop->changed;
}

static void on_io(struct ev_loop *ev, ev_io *w, int events)
{
	struct rt_io *io = RT_CONTAINER_OF(w, struct rt_io, priv);

	(void)ev;
	io->fn(io, (unsigned)events & (RT_IO_READ | RT_IO_WRITE));
}

void rt_io_init(struct rt_io *io, int fd, void (*fn)(struct rt_io *, unsigned))
{
	ev_io *w = io_of(io);

	memset(io, 0, sizeof(*io));
	io->fn = fn;
	ev_io_init(w, on_io, fd, 0);
}

void rt_io_set(struct rt_loop *loop, struct rt_io *io, unsigned events)
{
	ev_io *w = io_of(io);
	bool active = ev_is_active(w);

	if (events == 0) {
		if (active) /* the kernel need not know at once: nobody is called any more */
			ev_io_stop(loop->ev, w);
		return;
	}
	if (active) {
		if (((unsigned)w->events & (RT_IO_READ | RT_IO_WRITE)) == events)
			return;
		ev_io_stop(loop->ev, w);
		ev_io_modify(w, (int)events);
	} else {
		ev_io_set(w, w->fd, (int)events);
	}
	ev_io_start(loop->ev, w);
	loop->changed = true;
}

void rt_io_detach(struct rt_loop *loop, struct rt_io *io)
{
	ev_io *w = io_of(io);

	ev_io_stop(loop->ev, w);
	if (loop->epoll_fd >= 0)
		(void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, w->fd,
				NULL); /* ENOENT: it never got there */
}

static void on_timer(struct ev_loop *ev, ev_timer *w, int events)
{
	struct rt_timer *t = RT_CONTAINER_OF(w, struct rt_timer, priv);

	(void)ev;
	(void)events;
	t->fn(t);
}

void rt_timer_init(struct rt_timer *t, void (*fn)(struct rt_timer *))
{
	memset(t, 0, sizeof(*t));
	t->fn = fn;
	ev_timer_init(timer_of(t), on_timer, 0., 0.);
}

void rt_timer_start(struct rt_loop *loop, struct rt_timer *t, uint64_t delay_ms)
{
	ev_timer *w = timer_of(t);

	ev_timer_stop(loop->ev, w);
	ev_timer_set(w, (double)delay_ms / 1000., 0.);
	ev_timer_start(loop->ev, w);
	loop->changed = true;
}

void rt_timer_stop(struct rt_loop *loop, struct rt_timer *t)
{
	ev_timer_stop(loop->ev, timer_of(t));
}

bool rt_timer_is_active(const struct rt_timer *t)
{
	return ev_is_active(timer_of(t));
}

uint64_t rt_timer_remaining(struct rt_loop *loop, const struct rt_timer *t)
{
	ev_tstamp left;

	if (!rt_timer_is_active(t))
		return 0;
	left = ev_timer_remaining(loop->ev, timer_of(t));
	return left <= 0.001 ? 1 : (uint64_t)(left * 1000.);
}
