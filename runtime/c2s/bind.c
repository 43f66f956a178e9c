/* bind.c - resource binding and the opening of the session (RFC 6120, 7). */
#include <stdlib.h>

#include "c2s/c2s.h"
#include "core/log.h"
#include "core/place.h"
#include "policy/access.h"
#include "route/router.h"
#include "stream/auth.h"
#include "xml/xml_writer.h"

void rt_c2s_reply_error(struct rt_c2s *c, struct rt_stanza *st, enum rt_stanza_error error,
			bool from_host, bool keep_children)
{
	struct rt_stream *s = &c->stream;
	struct rt_buf *out;

	if (rt_stanza_wants_error(st)) {
		rt_stanza_make_error(st, error, RT_STR(""), keep_children);
		if (!keep_children)
			rt_stanza_strip(st, RT_TYPE_ERROR);
		st->to = st->from = (struct rt_jid){0};
		if (from_host)
			st->from.domain = rt_str_of(rt_gen.hosts[s->host].name);
		out = st->failed ? NULL : rt_stream_begin(s);
		if (out != NULL) {
			rt_xml_write_stanza(out, st, NULL, NULL);
			rt_stream_sent(s);
		}
	}
	rt_stanza_free(&st);
}

/* The access rule of the listener (option access), in force from here on, whether or not the client
 * asks for a session. */
static bool is_allowed(struct rt_c2s *c, struct rt_str node, struct rt_str resource)
{
	const struct rt_conn *conn = &c->stream.conn;
	const struct rt_listener_spec *l = conn->listener;
	struct rt_access_ctx who = rt_access_of_user(c->stream.host, node, resource);
	char name[RT_CONN_NAME_MAX], place[RT_PLACE_MAX];

	if (l->access == NULL || l->access(&who) == RT_ALLOW)
		return true;
	RT_LOG(INFO, rt_conn_name(conn, name), "c2s", "denied", KV_STR("user", node),
	       KV_Z("host", who.domain),
	       KV_Z("access", l->access_name != NULL ? l->access_name : ""),
	       KV_STR("cfg", rt_place(&rt_gen, l->at, place)));
	return false;
}

static int open_session(struct rt_c2s *c, struct rt_str resource)
{
	struct rt_stream *s = &c->stream;
	int err;

	c->session = calloc(1, sizeof(*c->session));
	if (c->session == NULL)
		return RT_E_NOMEM;
	c->session->c2s = c;
	c->session->proved_ns = s->auth->proved_ns;
	c->session->base.ops = &rt_c2s_session_ops;
	c->session->base.conn = s->conn.id;
	err = rt_session_open(s->conn.shard, &c->session->base, s->auth->node, s->host, resource);
	if (err != RT_OK) {
		free(c->session);
		c->session = NULL;
	}
	return err;
}

static void send_bound(struct rt_c2s *c, struct rt_str id)
{
	struct rt_jid jid = rt_session_jid(&c->session->base);
	struct rt_buf *out = rt_stream_begin(&c->stream);

	if (out == NULL)
		return;
	rt_buf_addz(out, "<iq id='");
	rt_xml_write_attr_value(out, id);
	rt_buf_addz(out, "' type='result'><bind xmlns='" RT_NS_BIND "'><jid>");
	rt_xml_write_text(out, jid.node);
	rt_buf_addz(out, "@");
	rt_xml_write_text(out, jid.domain);
	rt_buf_addz(out, "/");
	rt_xml_write_text(out, jid.resource);
	rt_buf_addz(out, "</jid></bind></iq>");
	rt_stream_sent(&c->stream);
}

static void start_session(struct rt_c2s *c, struct rt_str id)
{
	struct rt_stream *s = &c->stream;
	struct rt_jid jid = rt_session_jid(&c->session->base);
	char name[RT_CONN_NAME_MAX];

	rt_stream_enter(s, RT_PHASE_SESSION);
	send_bound(c, id);
	rt_auth_drop(&s->auth);
	rt_conn_set_timeout(&s->conn, 0);
	rt_c2s_choose_shaper(c, jid.node, jid.resource);
	RT_LOG(INFO, rt_conn_name(&s->conn, name), "c2s", "session", KV_STR("user", jid.node),
	       KV_STR("host", jid.domain), KV_STR("resource", jid.resource));
}

/* The resource the client wants, or one of ours when it leaves the choice to us. */
static int pick_resource(struct rt_stanza *st, const struct rt_elem *request, struct rt_str *out)
{
	const struct rt_elem *e = rt_elem_child(request, "resource", NULL);
	struct rt_str text = e == NULL ? RT_STR("") : rt_elem_get_text(st, e);
	char id[RT_STREAM_ID];

	if (text.n != 0)
		return rt_jid_prep_resource(&st->arena, text, out);
	rt_stream_id_make(id);
	*out = rt_arena_str(&st->arena, id, sizeof(id));
	return out->p == NULL ? RT_E_NOMEM : RT_OK;
}

static void bind_resource(struct rt_c2s *c, struct rt_stanza *st, const struct rt_elem *request)
{
	struct rt_str resource;
	int err = pick_resource(st, request, &resource);

	if (err == RT_OK && resource.n == 0)
		err = RT_E_INVALID; /* everything in it was mapped to nothing */
	if (err == RT_OK && !is_allowed(c, c->stream.auth->node, resource))
		err = RT_E_DENIED;
	if (err == RT_OK)
		err = open_session(c, resource);
	switch (err) {
	case RT_OK:
		start_session(c, st->id);
		rt_stanza_free(&st);
		return;
	case RT_E_INVALID:
		rt_c2s_reply_error(c, st, RT_SE_BAD_REQUEST, false, true);
		return;
	case RT_E_DENIED:
		rt_c2s_reply_error(c, st, RT_SE_NOT_ALLOWED, false, true);
		return;
	default:
		rt_c2s_reply_error(c, st, RT_SE_RESOURCE_CONSTRAINT, false, true);
		return;
	}
}

/* RFC 6120, 7.1: until a resource is bound there is nothing to say to anybody but the server and
 * the own account. */
static bool is_for_server(const struct rt_c2s *c, const struct rt_stanza *st)
{
	const struct rt_jid *to = &st->to;

	return to->resource.n == 0 &&
	       (to->domain.n == 0 ||
		(rt_str_eq(to->domain, rt_str_of(rt_gen.hosts[c->stream.host].name)) &&
		 (to->node.n == 0 || rt_str_eq(to->node, c->stream.auth->node))));
}

void rt_c2s_bind(struct rt_c2s *c, struct rt_stanza *st)
{
	const struct rt_elem *request = NULL;

	if (st->kind == RT_STANZA_IQ && st->type == RT_TYPE_SET)
		request = rt_elem_child(st->root, "bind", RT_NS_BIND);
	if (request != NULL) {
		bind_resource(c, st, request);
	} else if (rt_c2s_nonza(c, st)) {
		rt_stanza_free(&st);
	} else if (st->kind == RT_STANZA_IQ && is_for_server(c, st)) {
		rt_c2s_reply_error(c, st, RT_SE_SERVICE_UNAVAILABLE, true, false);
	} else {
		rt_stream_error(&c->stream, st->kind == RT_STANZA_OTHER
						    ? RT_STREAM_UNSUPPORTED_STANZA_TYPE
						    : RT_STREAM_NOT_AUTHORIZED);
		rt_stanza_free(&st);
	}
}
