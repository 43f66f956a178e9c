/* mod_ping.c - XEP-0199, XMPP Ping: answers pings, and with send_pings asks
 * idle clients whether they are still there.
 *
 *   session opens ─▶ watched ──nothing read for ping_interval──▶ asked
 *                       ▲                                          │ │
 *                       └──────────────── answer, or bytes ────────┘ │
 *                 closed ◀── nothing for ping_req_timeout, and kill ─┘
 *
 * Activity is any byte read from the connection, white space keep-alives
 * included. Idle time is sampled four times per interval, so that reading costs
 * nothing.
 */
#include <stdlib.h>

#include "core/log.h"
#include "core/loop.h"
#include "modules/module.h"
#include "net/conn.h"

#define NS_PING "urn:xmpp:ping"
#define SAMPLES 4u

void rt_mod_ping_iq(struct rt_iq *iq)
{
	if (iq->is_set || !rt_elem_is(iq->child, "ping", NULL))
		rt_iq_error(iq, RT_SE_FEATURE_NOT_IMPLEMENTED, "");
	else
		rt_iq_result(iq);
}

/* One watched session. It outlives the session while an answer is awaited. */
struct rt_ping {
	struct rt_timer timer;
	struct rt_shard *shard;
	struct rt_session *session; /* NULL: closed */
	const struct rt_mod_ping_opts *opts;
	uint64_t bytes;   /* read from the connection at the last sample */
	unsigned samples; /* without a change */
	bool asked;
	bool asking; /* inside rt_iq_request */
};

static void free_if_done(struct rt_ping *p)
{
	if (p->session == NULL && !p->asked)
		free(p);
}

static void sample_later(struct rt_ping *p)
{
	uint64_t interval_ms = (uint64_t)p->opts->ping_interval * 1000;

	rt_timer_start(p->shard->loop, &p->timer, interval_ms / SAMPLES);
}

static uint64_t bytes_read(const struct rt_ping *p)
{
	const struct rt_conn *c = rt_conn_find(p->shard, p->session->conn);

	return c != NULL ? c->bytes_in : 0;
}

/* As if the peer had gone: no farewell to one that does not listen. */
static void kill_session(struct rt_ping *p)
{
	struct rt_session *s = p->session;
	struct rt_shard *shard = p->shard;
	struct rt_conn *c = rt_conn_find(shard, s->conn);

	RT_LOG(INFO, NULL, "ping", "timeout", KV_STR("user", s->user->node),
	       KV_STR("resource", s->resource), KV_Z("action", "kill"));
	/* Before the connection, which takes seconds to close: what comes meanwhile is for others,
	 * or for storage. Frees p. */
	rt_session_close(shard, s, (struct rt_str){NULL, 0});
	if (c != NULL)
		rt_conn_close(c, RT_CLOSE_TIMEOUT);
	else
		s->ops->terminate(s, "connection-timeout", "");
}

static void on_answer(struct rt_shard *shard, void *ctx, struct rt_stanza *reply)
{
	struct rt_ping *p = ctx;
	/* No reply at once: the question was never sent, for want of memory. */
	bool alive = reply != NULL || p->asking;

	(void)shard;
	p->asked = false;
	if (p->session == NULL) {
		free_if_done(p);
		return;
	}
	/* An answer to something else, typing or white space: it is there. */
	alive = alive || bytes_read(p) != p->bytes;
	if (!alive && p->opts->kill) {
		kill_session(p);
		return;
	}
	p->bytes = bytes_read(p);
	p->samples = 0;
	sample_later(p);
}

static void ask(struct rt_ping *p)
{
	struct rt_stanza *st = rt_stanza_new("iq", RT_STANZA_IQ);
	struct rt_jid to = rt_session_jid(p->session);
	struct rt_jid from = {.domain = to.domain};
	uint64_t timeout_ms;

	if (st == NULL) {
		sample_later(p);
		return;
	}
	rt_stanza_set_type(st, RT_TYPE_GET);
	rt_stanza_set_from(st, &from);
	rt_stanza_set_to(st, &to);
	rt_elem_add(st, st->root, "ping", NS_PING);
	timeout_ms = (uint64_t)p->opts->ping_req_timeout * 1000;
	p->asked = p->asking = true;
	rt_iq_request(p->shard, st, timeout_ms < UINT32_MAX ? (uint32_t)timeout_ms : UINT32_MAX,
		      on_answer, p);
	p->asking = false;
}

static void on_sample(struct rt_timer *t)
{
	struct rt_ping *p = RT_CONTAINER_OF(t, struct rt_ping, timer);
	uint64_t now = bytes_read(p);

	p->samples = now == p->bytes ? p->samples + 1 : 0;
	p->bytes = now;
	if (p->samples >= SAMPLES)
		ask(p);
	else
		sample_later(p);
}

void rt_mod_ping_session_open(struct rt_shard *shard, struct rt_session *s, const void *opts)
{
	const struct rt_mod_ping_opts *o = opts;
	struct rt_ping *p;

	if (!o->send_pings)
		return;
	p = calloc(1, sizeof(*p));
	if (p == NULL) {
		RT_LOG(WARN, NULL, "ping", "not-watched",
		       KV_Z("reason", rt_error_text(RT_E_NOMEM)));
		return;
	}
	p->shard = shard;
	p->session = s;
	p->opts = o;
	p->bytes = bytes_read(p);
	s->ping = p;
	rt_timer_init(&p->timer, on_sample);
	sample_later(p);
}

void rt_mod_ping_session_close(struct rt_shard *shard, struct rt_session *s, const void *opts)
{
	struct rt_ping *p = s->ping;

	(void)opts;
	if (p == NULL)
		return;
	rt_timer_stop(shard->loop, &p->timer);
	s->ping = NULL;
	p->session = NULL;
	free_if_done(p);
}
