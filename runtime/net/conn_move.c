/* conn_move.c - from one shard to another: the struct itself travels, as a mailbox message. */
#include "net/conn_impl.h"

#include "core/clock.h"

/* On the new shard. */
static void arrive(struct rt_shard *shard, struct rt_msg *msg)
{
	struct rt_conn *c = RT_CONTAINER_OF(msg, struct rt_conn, msg);

	c->moving = false;
	c->shard = shard;
	rt_conn_init_watchers(c);
	if (rt_conn_enter(shard, c) != RT_OK) {
		/* Out of memory: the connection that asked is the one that goes. */
		rt_conn_release_socket(c);
		c->state = RT_CONN_CLOSED;
		c->close_reason = RT_CLOSE_ERROR;
		shard->counters.conns_closed++;
		c->kind->on_closed(c);
		rt_conn_free(c);
		return;
	}
	rt_conn_trust(c);
	if (c->timeout_left_ms != 0)
		rt_timer_start(shard->loop, &c->timeout, c->timeout_left_ms);
	/* Bytes may wait here or inside TLS, which no event announces. */
	if (c->read_at_ms == 0)
		c->read_at_ms = rt_clock_ms();
	rt_conn_mark_dirty(c);
	c->kind->on_moved(c);
	if (shard->conns->stopping && c->state < RT_CONN_FLUSHING)
		rt_conn_shut_down(c, NULL);
}

void rt_conn_depart(struct rt_conn *c)
{
	struct rt_shard *to = c->move_to;

	c->move_to = NULL;
	c->held = false;
	c->lags = NULL;
	c->armed_ms = 0;
	c->timeout_left_ms = (uint32_t)rt_timer_remaining(c->shard->loop, &c->timeout);
	rt_timer_stop(c->shard->loop, &c->timeout);
	rt_timer_stop(c->shard->loop, &c->timer);
	rt_io_detach(c->shard->loop, &c->io);
	rt_conn_unmark_dirty(c);
	rt_conn_leave(c);
	c->moving = true;
	c->msg.fn = arrive;
	rt_shard_post(to, &c->msg);
}

void rt_conn_move(struct rt_conn *c, struct rt_shard *to)
{
	if (c->state >= RT_CONN_FLUSHING)
		return;
	c->move_to = to;
	rt_conn_mark_dirty(c);
}
