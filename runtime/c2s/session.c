/* session.c - how the router reaches a client: the operations of its session. */
#include "c2s/c2s.h"
#include "xml/xml_writer.h"

static struct rt_conn *conn_of(struct rt_session *s)
{
	return &((struct rt_c2s_session *)(void *)s)->c2s->stream.conn;
}

static void deliver(struct rt_session *s, struct rt_stanza *st, const struct rt_jid *to)
{
	struct rt_conn *conn = conn_of(s);
	struct rt_buf *out = rt_conn_begin_write(conn);

	if (out == NULL)
		return;
	rt_xml_write_stanza(out, st, to, NULL);
	conn->shard->counters.stanzas_out++;
	rt_conn_wrote(conn, true);
}

static void terminate(struct rt_session *s, const char *condition, const char *text)
{
	rt_stream_fail(rt_stream_of(conn_of(s)), condition, text, RT_CLOSE_LOCAL);
}

static void peer(struct rt_session *s, char *out, uint16_t *port)
{
	rt_conn_peer_text(conn_of(s), out, port);
}

const struct rt_session_ops rt_c2s_session_ops = {
	.deliver = deliver,
	.terminate = terminate,
	.peer = peer,
};
