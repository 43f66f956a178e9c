/* component.c - the kind of connection: header, end, callbacks. */
#include <stdlib.h>

#include "component/component.h"
#include "route/router.h"
#include "rt/vpi.h"
#include "xml/xml_writer.h"

static void write_header(struct rt_stream *s, struct rt_buf *out)
{
	struct rt_component *c = rt_component_of(s);

	rt_stream_id_make(c->id);
	rt_buf_addz(out, "<?xml version='1.0'?><stream:stream xmlns:stream='" RT_NS_STREAMS
			 "' xmlns='" RT_NS_COMPONENT "' id='");
	rt_buf_add(out, c->id, sizeof(c->id));
	rt_buf_addz(out, "' from='");
	rt_xml_write_attr_value(out, rt_str_of(c->name != NULL ? c->name : rt_gen.hosts[0].name));
	rt_buf_addz(out, "'>");
}

/* A domain, or with is_subdomain labels that make one under a host. */
static bool is_name(struct rt_str name)
{
	struct rt_arena a = {0};
	bool ok = name.n != 0 && name.n <= RT_JID_PART_MAX &&
		  rt_jid_prep_domain(&a, name, &name) == RT_OK;

	rt_arena_fini(&a);
	return ok;
}

static void on_header(struct rt_stream *s, const struct rt_xml_header *h)
{
	struct rt_component *c = rt_component_of(s);

	if (!is_name(h->to)) {
		rt_stream_error(s, RT_STREAM_HOST_UNKNOWN);
		return;
	}
	c->is_subdomain = rt_str_is(h->is_subdomain, "true");
	c->name = strndup(h->to.p, h->to.n);
	if (c->name == NULL) {
		rt_stream_error(s, RT_STREAM_OUT_OF_MEMORY);
		return;
	}
	rt_stream_enter(s, RT_PHASE_OPEN);
	if (rt_stream_begin(s) != NULL)
		rt_stream_sent(s);
}

static void on_element(struct rt_stream *s, struct rt_stanza *st)
{
	if (s->phase == RT_PHASE_SESSION)
		rt_component_stanza(rt_component_of(s), st);
	else
		rt_component_handshake(rt_component_of(s), st);
}

void rt_component_leave(struct rt_component *c)
{
	struct rt_conn *conn = &c->stream.conn;

	if (c->claimed)
		rt_routes_drop(conn->shard, conn->id);
	c->claimed = false;
}

static void on_end(struct rt_stream *s)
{
	rt_component_leave(rt_component_of(s));
}

static const struct rt_stream_kind kind = {
	.rules = {.content_ns = RT_NS_COMPONENT},
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

static void on_closed(struct rt_conn *conn)
{
	struct rt_component *c = rt_component_of(rt_stream_of(conn));

	rt_stream_fini(&c->stream);
	rt_unsent_bounce(&c->unsent, conn);
	free(c->name);
	free(c->domains);
}

const struct rt_conn_kind rt_component_kind = {
	.name = "component",
	.size = sizeof(struct rt_component),
	.on_open = on_open,
	.on_secure = on_secure,
	.on_timeout = rt_stream_on_timeout,
	.on_closed = on_closed,
	.on_overload = rt_stream_on_overload,
	.on_idle = rt_stream_on_idle,
	.on_shutdown = rt_stream_on_shutdown,
};

void rt_service_feed(struct rt_conn *conn, char *data, size_t len, uint32_t max_stanza)
{
	rt_stream_feed(rt_stream_of(conn), data, len, max_stanza);
}

void rt_component_setup(void)
{
	rt_router_set_component_deliver(rt_component_deliver);
}
