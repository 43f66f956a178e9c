/* c2s.c - the kind of connection: its callbacks, and which file handles what in which phase. */
#include <stdlib.h>

#include "c2s/c2s.h"
#include "core/clock.h"
#include "policy/access.h"
#include "route/account.h"
#include "rt/vpi.h"
#include "stream/auth.h"
#include "stream/features.h"
#include "xml/xml_writer.h"

void rt_c2s_choose_shaper(struct rt_c2s *c, struct rt_str node, struct rt_str resource)
{
	struct rt_conn *conn = &c->stream.conn;
	struct rt_access_ctx who;
	const struct rt_shaper_spec *spec;

	if (conn->listener->shaper_rule == NULL)
		return;
	who = rt_access_of_user(c->stream.host, node, resource);
	spec = conn->listener->shaper_rule(&who);
	/* The same one goes on with its debts. */
	if (spec != conn->shaper.spec)
		rt_shaper_init(&conn->shaper, spec, rt_clock_ns());
}

static void write_header(struct rt_stream *s, struct rt_buf *out)
{
	char id[RT_STREAM_ID];

	rt_stream_id_make(id);
	rt_buf_addz(out, "<?xml version='1.0'?><stream:stream xmlns='" RT_NS_CLIENT
			 "' xmlns:stream='" RT_NS_STREAMS "' id='");
	rt_buf_add(out, id, sizeof(id));
	rt_buf_addz(out, "' from='");
	/* A peer that named no host of ours hears from the main one. */
	rt_xml_write_attr_value(
		out, rt_str_of(rt_gen.hosts[s->host == RT_HOST_NONE ? 0 : s->host].name));
	rt_buf_addz(out, "' version='1.0' xml:lang='");
	rt_xml_write_attr_value(out, rt_str_of(rt_gen.language));
	rt_buf_addz(out, "'>");
}

static void on_header(struct rt_stream *s, const struct rt_xml_header *h)
{
	struct rt_buf *out;

	(void)h;
	if (s->phase == RT_PHASE_HEADER)
		rt_c2s_choose_shaper(rt_c2s_of(s), RT_STR(""), RT_STR(""));
	rt_stream_enter(s, s->phase == RT_PHASE_RESTART ? RT_PHASE_BIND : RT_PHASE_OPEN);
	out = rt_stream_begin(s);
	if (out == NULL)
		return;
	rt_features_write(s, out);
	rt_stream_sent(s);
}

static void on_element(struct rt_stream *s, struct rt_stanza *st)
{
	struct rt_c2s *c = rt_c2s_of(s);

	switch ((enum rt_phase)s->phase) {
	case RT_PHASE_SESSION:
		rt_c2s_stanza(c, st);
		return;
	case RT_PHASE_BIND:
		rt_c2s_bind(c, st);
		return;
	case RT_PHASE_OPEN:
	case RT_PHASE_CHALLENGE:
		rt_c2s_negotiate(c, st);
		return;
	default:
		/* The reader stops whenever another phase is entered. */
		RT_ASSERT(!"an element in a phase that reads none");
	}
}

static void on_end(struct rt_stream *s)
{
	struct rt_c2s *c = rt_c2s_of(s);

	if (c->session != NULL)
		rt_session_close(s->conn.shard, &c->session->base, RT_STR(""));
}

static const struct rt_stream_kind kind = {
	.rules = {.content_ns = RT_NS_CLIENT, .names_host = true},
	.renews_timeout = true,
	.minds_language = true,
	.write_header = write_header,
	.on_header = on_header,
	.on_element = on_element,
	.on_end = on_end,
};

static int on_open(struct rt_conn *conn)
{
	rt_stream_init(rt_stream_of(conn), &kind);
	return RT_OK;
}

static void on_secure(struct rt_conn *conn)
{
	rt_stream_secured(rt_stream_of(conn));
}

static void on_moved(struct rt_conn *conn)
{
	rt_stream_moved(rt_stream_of(conn));
}

static void on_closed(struct rt_conn *conn)
{
	struct rt_c2s *c = rt_c2s_of(rt_stream_of(conn));

	rt_stream_fini(&c->stream);
	free(c->session);
	c->session = NULL;
}

const struct rt_conn_kind rt_c2s_kind = {
	.name = "c2s",
	.size = sizeof(struct rt_c2s),
	.on_open = on_open,
	.on_secure = on_secure,
	.on_moved = on_moved,
	.on_timeout = rt_stream_on_timeout,
	.on_closed = on_closed,
	.on_overload = rt_stream_on_overload,
	.on_idle = rt_stream_on_idle,
	.on_shutdown = rt_stream_on_shutdown,
};

void rt_c2s_feed(struct rt_conn *conn, char *data, size_t len, uint32_t max_stanza)
{
	rt_stream_feed(rt_stream_of(conn), data, len, max_stanza);
}

/* ---- the account ends ---- */

struct ended {
	int host;
	struct rt_str node;
	uint64_t ended_ns;
};

/* Bound meanwhile: a session of nobody, or of the next owner of the name. */
static void end_session(struct rt_c2s *c, const struct ended *who)
{
	struct rt_session *s = &c->session->base;

	if (c->session->proved_ns > who->ended_ns || s->user == NULL ||
	    s->user->host != who->host || !rt_str_eq(s->user->node, who->node))
		return;
	rt_session_close(c->stream.conn.shard, s, (struct rt_str){NULL, 0});
	s->ops->terminate(s, "conflict", "User removed");
}

static void end_unbound(struct rt_stream *s, const struct ended *who)
{
	const struct rt_auth *a = s->auth;

	if (a == NULL || a->proved_ns > who->ended_ns || s->phase < RT_PHASE_WAIT ||
	    s->host != who->host ||
	    !rt_str_eq(a->node.p != NULL ? a->node : a->sasl.node, who->node))
		return;
	rt_stream_fail(s, "conflict", "User removed", RT_CLOSE_LOCAL);
}

static void end_connection(struct rt_conn *conn, void *ctx)
{
	struct rt_stream *s;

	if (conn->kind != &rt_c2s_kind)
		return;
	s = rt_stream_of(conn);
	if (s->phase != RT_PHASE_SESSION)
		end_unbound(s, ctx);
	else if (rt_c2s_of(s)->session != NULL)
		end_session(rt_c2s_of(s), ctx);
}

static void on_account_ended(struct rt_shard *shard, int host, struct rt_str node,
			     uint64_t ended_ns)
{
	rt_conn_each(shard, end_connection, &(struct ended){host, node, ended_ns});
}

void rt_c2s_setup(void)
{
	rt_account_set_ended(on_account_ended);
}
