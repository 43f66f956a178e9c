/* stanza.c - stanzas from and to a component: addresses, access, answers. */
#include "component/component.h"
#include "route/router.h"
#include "xml/xml_writer.h"

/* An error on the connection itself; none for errors and results. Takes st. */
static void refuse(struct rt_component *c, struct rt_stanza *st, enum rt_stanza_error error)
{
	struct rt_buf *out;

	if (rt_stanza_wants_error(st)) {
		rt_stanza_make_error(st, error, RT_STR(""), true);
		out = st->failed ? NULL : rt_stream_begin(&c->stream);
		if (out != NULL) {
			rt_xml_write_stanza(out, st, NULL, NULL);
			rt_stream_sent(&c->stream);
		}
	}
	rt_stanza_free(&st);
}

static bool is_own_domain(const struct rt_component *c, struct rt_str domain)
{
	for (size_t i = 0; i < c->ndomains; i++)
		if (rt_str_eq(c->domains[i], domain))
			return true;
	return false;
}

void rt_component_stanza(struct rt_component *c, struct rt_stanza *st)
{
	struct rt_stream *s = &c->stream;
	bool checks_from = (s->conn.listener->flags & RT_L_CHECK_FROM) != 0;

	s->conn.shard->counters.stanzas_in++;
	if (st->kind == RT_STANZA_OTHER) {
		rt_stream_error(s, RT_STREAM_UNSUPPORTED_STANZA_TYPE);
		rt_stanza_free(&st);
		return;
	}
	if (st->from.domain.n == 0 && rt_elem_attr(st->root, "from").p == NULL) {
		refuse(c, st, RT_SE_BAD_REQUEST);
		return;
	}
	/* option service_check_from; an address that cannot be parsed is nobody's */
	if (checks_from && !is_own_domain(c, st->from.domain)) {
		rt_stream_error(s, RT_STREAM_INVALID_FROM);
		rt_stanza_free(&st);
		return;
	}
	if (st->from.domain.n == 0 || st->to.domain.n == 0) {
		refuse(c, st, RT_SE_BAD_REQUEST);
		return;
	}
	st->origin = s->conn.id;
	rt_route(s->conn.shard, st);
}

/* option access: who may send to this component. A rule without a host of its own. */
static bool may_send(const struct rt_listener_spec *l, const struct rt_jid *from)
{
	const struct rt_access_ctx who = {
		.node = from->node.p,
		.node_len = (uint16_t)from->node.n,
		.domain = from->domain.p,
		.domain_len = (uint16_t)from->domain.n,
		.resource = from->resource.p,
		.resource_len = (uint16_t)from->resource.n,
		.host = RT_HOST_GLOBAL,
		.domain_host = (int16_t)rt_gen.host_find(from->domain.p, from->domain.n),
	};

	return l->access == NULL || l->access(&who) == RT_ALLOW;
}

void rt_component_deliver(struct rt_shard *shard, struct rt_id id, struct rt_stanza *st)
{
	struct rt_conn *conn = rt_conn_find(shard, id);
	struct rt_component *c;
	struct rt_buf *out;
	size_t before;

	if (conn == NULL || rt_stream_of(conn)->phase != RT_PHASE_SESSION) {
		rt_route_error(shard, st, RT_SE_SERVICE_UNAVAILABLE, RT_STR(""));
		return;
	}
	if (!may_send(conn->listener, &st->from)) {
		rt_route_error(shard, st, RT_SE_NOT_ALLOWED, RT_STR(""));
		return;
	}
	c = rt_component_of(rt_stream_of(conn));
	out = rt_conn_begin_write(conn);
	if (out == NULL) {
		/* Who hears that it is gone may expect its name to be free. */
		rt_component_leave(c);
		rt_route_error(shard, st, RT_SE_SERVICE_UNAVAILABLE, RT_STR(""));
		return;
	}
	before = rt_buf_len(out);
	rt_xml_write_stanza(out, st, NULL, NULL);
	rt_unsent_note(&c->unsent, conn, rt_buf_len(out) - before);
	shard->counters.stanzas_out++;
	rt_conn_wrote(conn, true);
	rt_stanza_free(&st);
}
