/* stanza.c - checks of what a client sends in its session (RFC 6120, 8), in the order of
 * MongooseIM 3.2. */
#include "c2s/c2s.h"
#include "route/router.h"
#include "xml/xml_writer.h"

#define NS_OLD_DELAY "jabber:x:delay"

/* The attribute is there, but no address came out of it. */
static bool is_broken(const struct rt_stanza *st, const char *name, const struct rt_jid *jid)
{
	return jid->domain.n == 0 && rt_elem_attr(st->root, name).p != NULL;
}

/* RFC 6120, 8.1.2.1: none, or the own bare or full JID. */
static bool has_own_from(const struct rt_stanza *st, const struct rt_jid *own)
{
	if (st->from.domain.n == 0)
		return !is_broken(st, "from", &st->from);
	return rt_jid_bare_eq(&st->from, own) &&
	       (st->from.resource.n == 0 || rt_str_eq(st->from.resource, own->resource));
}

/* Only the server says when something was delayed (XEP-0203, 5). */
static void remove_delays(struct rt_stanza *st)
{
	struct rt_elem *e = rt_elem_next(st->root, NULL);

	while (e != NULL) {
		struct rt_elem *next = rt_elem_next(st->root, e);

		if (rt_elem_is(e, "delay", RT_NS_DELAY) || rt_elem_is(e, "x", NS_OLD_DELAY)) {
			rt_elem_remove_child(st->root, e);
			st->children = (struct rt_str){NULL, 0};
		}
		e = next;
	}
}

static void stamp(struct rt_c2s *c, struct rt_stanza *st, const struct rt_jid *own)
{
	const char *lang = c->stream.lang;

	rt_stanza_set_from(st, own);
	remove_delays(st);
	if (st->lang.p == NULL && lang != NULL) /* RFC 6120, 4.7.4 */
		st->lang = rt_arena_str(&st->arena, lang, strlen(lang));
	st->origin = c->stream.conn.id;
}

static void reply_session(struct rt_c2s *c, const struct rt_stanza *st)
{
	struct rt_buf *out = rt_stream_begin(&c->stream);
	char from[RT_JID_MAX + 1];

	if (out == NULL)
		return;
	rt_buf_addz(out, "<iq type='result'");
	if (st->to.domain.n != 0) {
		size_t n = rt_jid_format(&st->to, from);

		rt_buf_addz(out, " from='");
		rt_xml_write_attr_value(out, (struct rt_str){from, (uint32_t)n});
		rt_buf_addz(out, "'");
	}
	rt_buf_addz(out, " id='");
	rt_xml_write_attr_value(out, st->id);
	rt_buf_addz(out, "'/>");
	rt_stream_sent(&c->stream);
}

/* The two requests that are about the stream, not for anybody on it. @return whether st has been
 * taken */
static bool take_stream_request(struct rt_c2s *c, struct rt_stanza *st, const struct rt_jid *own)
{
	const struct rt_elem *e;

	if (st->kind != RT_STANZA_IQ || st->type != RT_TYPE_SET || st->to.resource.n != 0 ||
	    (st->to.node.n != 0 && !rt_jid_bare_eq(&st->to, own)) ||
	    (st->to.domain.n != 0 && !rt_str_eq(st->to.domain, own->domain)))
		return false;
	e = rt_elem_next(st->root, NULL);
	if (e == NULL)
		return false;
	if (rt_elem_is(e, "session", RT_NS_SESSION)) {
		reply_session(c, st);
		rt_stanza_free(&st);
		return true;
	}
	if (rt_elem_is(e, "bind", RT_NS_BIND)) {
		/* RFC 6120, 7.6.2.1 knows this for several resources, which we do not offer. */
		rt_c2s_reply_error(c, st, RT_SE_NOT_ALLOWED, false, true);
		return true;
	}
	return false;
}

void rt_c2s_stanza(struct rt_c2s *c, struct rt_stanza *st)
{
	struct rt_stream *s = &c->stream;
	struct rt_jid own = rt_session_jid(&c->session->base);

	s->conn.shard->counters.stanzas_in++;
	if (st->kind == RT_STANZA_OTHER) {
		if (!rt_c2s_nonza(c, st))
			rt_stream_error(s, RT_STREAM_UNSUPPORTED_STANZA_TYPE);
		rt_stanza_free(&st);
		return;
	}
	if (!has_own_from(st, &own)) {
		rt_stream_error(s, RT_STREAM_INVALID_FROM);
		rt_stanza_free(&st);
		return;
	}
	if (is_broken(st, "to", &st->to)) {
		rt_c2s_reply_error(c, st, RT_SE_JID_MALFORMED, true, true);
		return;
	}
	if (take_stream_request(c, st, &own))
		return;
	stamp(c, st, &own);
	if (st->failed) {
		rt_stream_error(s, RT_STREAM_OUT_OF_MEMORY);
		rt_stanza_free(&st);
		return;
	}
	rt_route_from_client(s->conn.shard, &c->session->base, st);
}
