/* conn.c - the life of a connection: opening, timers, the end of each turn, closing. */
#include "net/conn_impl.h"

#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "core/clock.h"
#include "core/log.h"

static atomic_uint last_number; /* over all shards: names in the log are unique */

static void put_in(struct rt_conn **list, struct rt_conn *c)
{
	c->dirty = true;
	c->next_dirty = *list;
	c->prev_dirty = list;
	if (*list != NULL)
		(*list)->prev_dirty = &c->next_dirty;
	*list = c;
}

void rt_conn_mark_dirty(struct rt_conn *c)
{
	if (!c->dirty && !c->moving)
		put_in(&c->shard->conns->dirty, c);
}

void rt_conn_unmark_dirty(struct rt_conn *c)
{
	if (!c->dirty)
		return;
	c->dirty = false;
	*c->prev_dirty = c->next_dirty;
	if (c->next_dirty != NULL)
		c->next_dirty->prev_dirty = c->prev_dirty;
	c->next_dirty = NULL;
	c->prev_dirty = NULL;
}

void rt_conn_release_socket(struct rt_conn *c)
{
	rt_timer_stop(c->shard->loop, &c->timeout);
	rt_timer_stop(c->shard->loop, &c->timer);
	rt_io_set(c->shard->loop, &c->io, 0);
	SSL_free(c->ssl);
	c->ssl = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

void rt_conn_free(struct rt_conn *c)
{
	rt_buf_fini(&c->in);
	rt_buf_fini(&c->out);
	free(c);
}

/* The last step: nothing refers to c any more but its slot. */
static void reap(struct rt_conn *c)
{
	char name[RT_CONN_NAME_MAX];

	rt_conn_release_socket(c);
	RT_LOG(INFO, rt_conn_name(c, name), "conn", "closed",
	       KV_Z("reason", rt_close_reason_name(c->close_reason)), KV_INT("in", c->bytes_in),
	       KV_INT("out", c->bytes_out));
	c->shard->counters.conns_closed++;
	c->kind->on_closed(c);
	rt_conn_unmark_dirty(c);
	rt_conn_leave(c);
	rt_conn_free(c);
}

/* @return false: c is to leave the loop, which it does only in a turn of the own thread: an event
 * for it may have arrived with the poll under way. */
static bool look_after(struct rt_conn *c)
{
	if (c->overloaded && c->state == RT_CONN_OPEN) {
		c->overloaded = false; /* lets on_overload write */
		if (c->kind->on_overload != NULL)
			c->kind->on_overload(c);
		rt_conn_close(c, RT_CLOSE_OVERLOAD);
	}
	if (c->state != RT_CONN_LINGERING && c->state != RT_CONN_CLOSED)
		rt_conn_flush(c);
	if (c->state == RT_CONN_FLUSHING && (c->broken || rt_buf_len(&c->out) == 0))
		rt_conn_finish(c);
	if (c->state == RT_CONN_CLOSED) {
		if (c->shard->is_lent)
			return false;
		reap(c);
		return true;
	}
	if (c->move_to != NULL && c->state == RT_CONN_OPEN) {
		if (c->shard->is_lent)
			return false;
		rt_conn_depart(c);
		return true;
	}
	rt_conn_watch(c);
	rt_conn_arm(c);
	return true;
}

/* Callbacks from here may make others dirty, or the same one again; each such step brings somebody
 * closer to the end. */
static void on_turn_end(struct rt_shard *shard, void *ctx)
{
	struct rt_conn_table *t = shard->conns;
	struct rt_conn *c, *leaving = NULL;

	(void)ctx;
	while ((c = t->dirty) != NULL) {
		rt_conn_unmark_dirty(c);
		if (!look_after(c))
			put_in(&leaving, c);
	}
	if (leaving == NULL)
		return;
	t->dirty = leaving;
	leaving->prev_dirty = &t->dirty;
	rt_shard_stay_awake(shard);
}

int rt_conn_table_new(struct rt_shard *shard)
{
	struct rt_conn_table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return RT_E_NOMEM;
	shard->conns = t;
	t->hook.fn = on_turn_end;
	rt_shard_on_turn_end(shard, &t->hook);
	return RT_OK;
}

void rt_conn_table_free(struct rt_shard *shard)
{
	struct rt_conn_table *t = shard->conns;

	if (t == NULL)
		return;
	rt_conn_abort_all(shard);
	on_turn_end(shard, NULL);
	RT_ASSERT(t->count == 0);
	while (t->nspares > 0)
		rt_buf_fini(&t->spares[--t->nspares]);
	free(t->slots);
	t->slots = NULL;
	t->nslots = t->free_slot = 0;
	rt_shard_off_turn_end(shard, &t->hook);
	free(t);
	shard->conns = NULL;
}

void rt_conn_arm(struct rt_conn *c)
{
	uint64_t earliest = c->read_at_ms, now;

	if (c->give_up_ms != 0 && (earliest == 0 || c->give_up_ms < earliest))
		earliest = c->give_up_ms;
	if (c->idle_at_ms != 0 && (earliest == 0 || c->idle_at_ms < earliest))
		earliest = c->idle_at_ms;
	/* One that fires too early only looks again, so moving a time into the future is free. */
	if (earliest == 0 || (c->armed_ms != 0 && c->armed_ms <= earliest))
		return;
	now = rt_clock_ms();
	c->armed_ms = earliest;
	rt_timer_start(c->shard->loop, &c->timer, earliest > now ? earliest - now : 0);
}

/* Back-pressure ends when the other shard has worked off half of what is too much. */
static bool still_lags(struct rt_conn *c, uint64_t now)
{
	if (c->lags == NULL || rt_shard_backlog(c->lags) < RT_SHARD_BACKLOG_HIGH / 2) {
		c->lags = NULL;
		return false;
	}
	c->read_at_ms = now + 5;
	return true;
}

static void on_timer(struct rt_timer *t)
{
	struct rt_conn *c = RT_CONTAINER_OF(t, struct rt_conn, timer);
	uint64_t now = rt_clock_ms();

	c->armed_ms = 0;
	if (c->give_up_ms != 0 && c->give_up_ms <= now) {
		rt_conn_abort(c, RT_CLOSE_TIMEOUT);
		return;
	}
	if (c->idle_at_ms != 0 && c->idle_at_ms <= now) {
		c->idle_at_ms = 0;
		rt_conn_rest(c);
	}
	rt_conn_mark_dirty(c); /* to be armed again */
	if (c->read_at_ms != 0 && c->read_at_ms <= now && !still_lags(c, now)) {
		c->read_at_ms = 0;
		rt_conn_pump(c);
	}
}

static void on_timeout(struct rt_timer *t)
{
	struct rt_conn *c = RT_CONTAINER_OF(t, struct rt_conn, timeout);

	if (c->state < RT_CONN_FLUSHING)
		c->kind->on_timeout(c);
}

void rt_conn_set_timeout(struct rt_conn *c, uint32_t ms)
{
	if (ms == 0 || c->state >= RT_CONN_FLUSHING)
		rt_timer_stop(c->shard->loop, &c->timeout);
	else
		rt_timer_start(c->shard->loop, &c->timeout, ms);
}

void rt_conn_init_watchers(struct rt_conn *c)
{
	rt_io_init(&c->io, c->fd, rt_conn_on_io);
	rt_timer_init(&c->timeout, on_timeout);
	rt_timer_init(&c->timer, on_timer);
}

static void log_open(const struct rt_conn *c)
{
	char name[RT_CONN_NAME_MAX], peer[INET6_ADDRSTRLEN];
	uint16_t port;

	if (!rt_log_wants(RT_LOG_INFO))
		return;
	rt_conn_peer_text(c, peer, &port);
	RT_LOG(INFO, rt_conn_name(c, name), "conn", "open", KV_Z("peer", peer),
	       KV_INT("port", port),
	       KV_Z("listener", c->listener->name != NULL ? c->listener->name : ""));
}

int rt_conn_adopt(struct rt_shard *shard, const struct rt_listener_spec *listener,
		  const struct rt_conn_kind *kind, int fd)
{
	struct rt_conn *c = calloc(1, kind->size);
	int err = RT_E_NOMEM, one = 1;

	RT_ASSERT(kind->size >= sizeof(*c));
	if (c != NULL)
		err = rt_conn_enter(shard, c);
	if (err != RT_OK) {
		free(c);
		close(fd);
		return err;
	}
	/* Best effort: a UNIX socket has no such options. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	c->kind = kind;
	c->listener = listener;
	c->fd = fd;
	c->number = atomic_fetch_add_explicit(&last_number, 1u, memory_order_relaxed) + 1;
	c->read_max = RT_CONN_READ_UNTRUSTED;
	rt_conn_init_watchers(c);
	if (listener->shaper != NULL)
		rt_shaper_init(&c->shaper, listener->shaper, rt_clock_ns());
	shard->counters.conns_accepted++;
	log_open(c);
	err = kind->on_open(c);
	if (err != RT_OK) {
		shard->counters.conns_closed++;
		rt_conn_release_socket(c);
		rt_conn_unmark_dirty(c);
		rt_conn_leave(c);
		rt_conn_free(c);
		return err;
	}
	if (c->state == RT_CONN_OPEN && (listener->flags & RT_L_TLS) != 0)
		rt_conn_start_tls(c, (struct rt_str){NULL, 0});
	rt_conn_mark_dirty(c);
	return RT_OK;
}

void rt_conn_abort(struct rt_conn *c, enum rt_close_reason reason)
{
	if (c->close_reason == RT_CLOSE_NONE)
		c->close_reason = (uint8_t)reason;
	c->state = RT_CONN_CLOSED;
	rt_buf_fini(&c->in);
	rt_conn_mark_dirty(c);
}

void rt_conn_close(struct rt_conn *c, enum rt_close_reason reason)
{
	if (c->state >= RT_CONN_FLUSHING)
		return;
	c->close_reason = (uint8_t)reason;
	/* Nothing can be said in the middle of a handshake, except what was to go out in clear
	 * before it. */
	c->state = RT_CONN_FLUSHING;
	c->held = false;
	c->overloaded = false;
	c->move_to = NULL;
	c->lags = NULL;
	c->read_at_ms = c->idle_at_ms = 0;
	c->give_up_ms = rt_clock_ms() + RT_CONN_FLUSH_TIMEOUT_MS;
	rt_buf_fini(&c->in);
	rt_timer_stop(c->shard->loop, &c->timeout);
	rt_conn_mark_dirty(c);
}

void rt_conn_shut_down(struct rt_conn *c, void *ctx)
{
	(void)ctx;
	if (c->kind->on_shutdown != NULL)
		c->kind->on_shutdown(c);
	rt_conn_close(c, RT_CLOSE_LOCAL);
}

void rt_conn_shutdown_all(struct rt_shard *shard)
{
	if (shard->conns != NULL)
		shard->conns->stopping = true;
	rt_conn_each(shard, rt_conn_shut_down, NULL);
}

void rt_conn_abort_all(struct rt_shard *shard)
{
	struct rt_conn_table *t = shard->conns;
	uint32_t i;

	for (i = 1; t != NULL && i < t->nslots; i++)
		if (t->slots[i].conn != NULL)
			rt_conn_abort(t->slots[i].conn, RT_CLOSE_LOCAL);
}

void rt_conn_trust(struct rt_conn *c)
{
	c->read_max = 0;
}

void rt_conn_hold(struct rt_conn *c)
{
	c->held = c->state < RT_CONN_FLUSHING;
}

void rt_conn_release(struct rt_conn *c)
{
	if (!c->held)
		return;
	c->held = false;
	if (c->reading)
		return; /* the loop around feed goes on by itself */
	if (c->read_at_ms == 0)
		c->read_at_ms = rt_clock_ms();
	rt_conn_mark_dirty(c);
}
