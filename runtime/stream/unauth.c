/* unauth.c - requests of nobody: offered to modules, answered on the connection itself, since no
 * router knows it. */
#include "rt/hooks.h"
#include "stream/stream.h"
#include "stream/unauth.h"
#include "xml/xml_writer.h"

bool rt_unauth_offer(struct rt_stream *s, struct rt_stanza *st)
{
	struct rt_unauth_iq *u;

	if (st->kind != RT_STANZA_IQ || (st->type != RT_TYPE_GET && st->type != RT_TYPE_SET) ||
	    rt_gen.hosts[s->host].hooks[RT_HOOK_UNAUTH_IQ].n == 0)
		return false;
	u = rt_arena_alloc(&st->arena, sizeof(*u));
	if (u == NULL)
		return false;
	*u = (struct rt_unauth_iq){.shard = s->conn.shard,
				   .st = st,
				   .child = rt_elem_next(st->root, NULL),
				   .conn = s->conn.id,
				   .host = s->host,
				   .is_set = st->type == RT_TYPE_SET};
	if (u->child == NULL || rt_elem_next(st->root, u->child) != NULL ||
	    rt_conn_peer(&s->conn, &u->peer) != RT_OK)
		return false;
	/* The handler may answer before it returns, so the stream waits already. */
	rt_stream_wait(s);
	RT_EACH_HOOK (row, s->host, UNAUTH_IQ)
		if (RT_CALL_HOOK(row, UNAUTH_IQ, u))
			return true;
	rt_stream_resume(s, RT_PHASE_OPEN);
	return false;
}

static struct rt_stream *find_waiting(const struct rt_unauth_iq *u)
{
	struct rt_conn *c = rt_conn_find(u->shard, u->conn);
	struct rt_stream *s = c == NULL ? NULL : rt_stream_of(c);

	return s != NULL && s->phase == RT_PHASE_WAIT ? s : NULL;
}

void rt_unauth_reply(struct rt_unauth_iq *u)
{
	struct rt_stream *s = find_waiting(u);
	struct rt_stanza *st = u->st;
	struct rt_jid from = {.domain = rt_str_of(rt_gen.hosts[u->host].name)}, to = {0};
	struct rt_buf *out;

	if (s == NULL) {
		rt_stanza_free(&st);
		return;
	}
	rt_stanza_set_from(st, &from);
	rt_stanza_set_to(st, &to);
	out = st->failed ? NULL : rt_stream_begin(s);
	if (out != NULL) {
		rt_xml_write_stanza(out, st, NULL, NULL);
		rt_stream_sent(s);
	}
	if (st->failed)
		rt_stream_error(s, RT_STREAM_OUT_OF_MEMORY);
	else
		rt_stream_resume(s, RT_PHASE_OPEN);
	rt_stanza_free(&st);
}

void rt_unauth_error(struct rt_unauth_iq *u, enum rt_stanza_error error, const char *text)
{
	rt_stanza_make_error(u->st, error, text == NULL ? RT_STR("") : rt_str_of(text), false);
	rt_stanza_strip(u->st, RT_TYPE_ERROR);
	rt_unauth_reply(u);
}
