/* stream.c - the phases of a stream and their steps (RFC 6120, 4). */
#include <stdlib.h>

#include "core/log.h"
#include "stream/auth.h"
#include "stream/stream.h"

#define TO(phase) (1u << RT_PHASE_##phase)

static const struct {
	const char *name;
	uint16_t next; /* phases that may follow; CLOSED may always */
} phases[RT_NPHASES] = {
	[RT_PHASE_HEADER] = {"header", TO(OPEN)},
	[RT_PHASE_OPEN] = {"open", TO(WAIT) | TO(CHALLENGE) | TO(SECURING)},
	[RT_PHASE_WAIT] = {"wait", TO(OPEN) | TO(WAIT) | TO(CHALLENGE) | TO(MOVING) | TO(SESSION)},
	[RT_PHASE_CHALLENGE] = {"challenge",
				TO(OPEN) | TO(WAIT) | TO(CHALLENGE) | TO(SECURING) | TO(MOVING)},
	[RT_PHASE_SECURING] = {"securing", TO(HEADER)},
	[RT_PHASE_MOVING] = {"moving", TO(RESTART)},
	[RT_PHASE_RESTART] = {"restart", TO(BIND)},
	[RT_PHASE_BIND] = {"bind", TO(SESSION)},
	[RT_PHASE_SESSION] = {"session", 0},
	[RT_PHASE_CLOSED] = {"closed", 0},
};

const char *rt_phase_name(enum rt_phase phase)
{
	return phases[phase].name;
}

void rt_stream_enter(struct rt_stream *s, enum rt_phase phase)
{
	char id[RT_CONN_NAME_MAX];

	RT_ASSERT(phase == RT_PHASE_CLOSED || (phases[s->phase].next >> phase & 1u) != 0);
	RT_LOG(DEBUG, rt_conn_name(&s->conn, id), "stream", "phase",
	       KV_Z("from", rt_phase_name(s->phase)), KV_Z("to", rt_phase_name(phase)));
	s->phase = (uint8_t)phase;
}

/* ---- output ---- */

static void write_header(struct rt_stream *s, struct rt_buf *out)
{
	if (s->header_sent)
		return;
	s->kind->write_header(s, out);
	s->header_sent = true;
}

struct rt_buf *rt_stream_begin(struct rt_stream *s)
{
	struct rt_buf *out = s->phase == RT_PHASE_CLOSED ? NULL : rt_conn_begin_write(&s->conn);

	if (out != NULL)
		write_header(s, out);
	return out;
}

void rt_stream_sent(struct rt_stream *s)
{
	rt_conn_wrote(&s->conn, false);
}

void rt_stream_send(struct rt_stream *s, const char *element)
{
	struct rt_buf *out = rt_stream_begin(s);

	if (out == NULL)
		return;
	rt_buf_addz(out, element);
	rt_stream_sent(s);
}

/* ---- the end ---- */

static void stop_reading(struct rt_stream *s)
{
	if (s->feeding)
		rt_xml_reader_stop(&s->reader);
}

static void leave(struct rt_stream *s)
{
	rt_stream_enter(s, RT_PHASE_CLOSED);
	stop_reading(s);
	s->kind->on_end(s);
}

/* What labels the text of an error. */
static const char *text_lang(const struct rt_stream *s)
{
	if (!s->kind->minds_language)
		return NULL;
	return s->lang != NULL ? s->lang : "";
}

/* A handshake has begun: clear text would only disturb it. */
static bool can_speak(const struct rt_stream *s)
{
	return s->phase != RT_PHASE_SECURING && s->conn.state != RT_CONN_HANDSHAKE;
}

static void finish(struct rt_stream *s, const char *condition, const char *text,
		   enum rt_close_reason reason)
{
	struct rt_buf *out;

	if (s->phase == RT_PHASE_CLOSED)
		return;
	out = can_speak(s) ? rt_conn_begin_write(&s->conn) : NULL;
	if (out != NULL && condition != NULL)
		write_header(s, out);
	if (out != NULL && condition != NULL)
		rt_stream_error_write(out, condition, text, text_lang(s));
	if (out != NULL && s->header_sent)
		rt_buf_addz(out, "</stream:stream>");
	if (out != NULL)
		rt_conn_wrote(&s->conn, false);
	leave(s);
	rt_conn_close(&s->conn, reason);
}

void rt_stream_fail(struct rt_stream *s, const char *condition, const char *text,
		    enum rt_close_reason reason)
{
	char id[RT_CONN_NAME_MAX];

	if (s->phase == RT_PHASE_CLOSED)
		return;
	RT_LOG(INFO, rt_conn_name(&s->conn, id), "stream", "error", KV_Z("condition", condition),
	       KV_Z("text", text != NULL ? text : ""), KV_Z("phase", rt_phase_name(s->phase)));
	finish(s, condition, text, reason);
}

void rt_stream_error(struct rt_stream *s, enum rt_stream_error e)
{
	rt_stream_fail(s, rt_stream_error_condition(e), rt_stream_error_text(e), RT_CLOSE_ERROR);
}

void rt_stream_end(struct rt_stream *s, enum rt_close_reason reason)
{
	finish(s, NULL, NULL, reason);
}

/* ---- events of the reader ---- */

static struct rt_stream *stream_of_reader(struct rt_xml_reader *r)
{
	return RT_CONTAINER_OF(r, struct rt_stream, reader);
}

/* The language is kept for stanzas that do not say theirs. */
static void keep_lang(struct rt_stream *s, struct rt_str lang)
{
	free(s->lang);
	s->lang = lang.n == 0 || lang.n > RT_STREAM_LANG_MAX ? NULL : strndup(lang.p, lang.n);
}

static void on_header(struct rt_xml_reader *r, const struct rt_xml_header *h)
{
	struct rt_stream *s = stream_of_reader(r);
	enum rt_stream_error error;
	int host, authenticated = s->phase == RT_PHASE_RESTART ? s->host : RT_HOST_NONE;

	if (rt_header_check(&s->kind->rules, h, authenticated, &host, &error) != RT_OK) {
		rt_stream_error(s, error);
		return;
	}
	s->host = (int16_t)host;
	keep_lang(s, h->lang);
	rt_conn_set_timeout(&s->conn, RT_STREAM_OPEN_TIMEOUT_MS);
	s->kind->on_header(s, h);
}

static void on_stanza(struct rt_xml_reader *r, struct rt_stanza *st)
{
	struct rt_stream *s = stream_of_reader(r);

	if (s->phase != RT_PHASE_SESSION && s->kind->renews_timeout)
		rt_conn_set_timeout(&s->conn, RT_STREAM_OPEN_TIMEOUT_MS);
	s->kind->on_element(s, st);
}

static void on_end(struct rt_xml_reader *r)
{
	rt_stream_end(stream_of_reader(r), RT_CLOSE_PEER);
}

static void on_error(struct rt_xml_reader *r, enum rt_xml_error error)
{
	static const enum rt_stream_error of[] = {
		[RT_XML_NOT_WELL_FORMED] = RT_STREAM_NOT_WELL_FORMED,
		[RT_XML_RESTRICTED] = RT_STREAM_RESTRICTED_XML,
		[RT_XML_TOO_BIG] = RT_STREAM_TOO_BIG,
		[RT_XML_TOO_COMPLEX] = RT_STREAM_TOO_COMPLEX,
		[RT_XML_NOMEM] = RT_STREAM_OUT_OF_MEMORY,
		[RT_XML_BAD_ENCODING] = RT_STREAM_UNSUPPORTED_ENCODING,
	};

	rt_stream_error(stream_of_reader(r), of[error]);
}

static const struct rt_xml_events events = {on_header, on_stanza, on_end, on_error};

/* ---- input ---- */

/* Before trust everything is small, whatever the listener allows later. */
static void set_limits(struct rt_stream *s, uint32_t max_stanza)
{
	uint32_t max = max_stanza;

	if (!rt_stream_is_authenticated(s) && (max == 0 || max > RT_XML_PREAUTH_MAX))
		max = RT_XML_PREAUTH_MAX;
	rt_xml_reader_set_limits(&s->reader, max,
				 rt_stream_is_authenticated(s) ? RT_XML_MAX_DEPTH
							       : RT_XML_PREAUTH_DEPTH);
}

static void restart(struct rt_stream *s, enum rt_phase phase)
{
	rt_xml_reader_reset(&s->reader);
	s->header_sent = false;
	rt_stream_enter(s, phase);
}

/* The rest of the chunk waits in the connection; reads are small while nobody is authenticated. */
static void unread(struct rt_stream *s, const char *rest, size_t len)
{
	if (len != 0)
		rt_conn_unread(&s->conn, rest, len);
}

static void depart(struct rt_stream *s, const char *rest, size_t len)
{
	unread(s, rest, len);
	rt_xml_reader_fini(&s->reader);
	rt_conn_move(&s->conn, s->auth->home);
}

/* After the reader has stopped: what the phase entered meanwhile asks for. @return whether to go on
 * with the rest here */
static bool goes_on(struct rt_stream *s, const char *rest, size_t len)
{
	switch ((enum rt_phase)s->phase) {
	case RT_PHASE_WAIT:
		unread(s, rest, len);
		rt_conn_hold(&s->conn);
		return false;
	case RT_PHASE_SECURING: {
		const struct rt_host_spec *h = &rt_gen.hosts[s->host];

		rt_conn_discard_input(&s->conn);
		rt_conn_start_tls(&s->conn, rt_str_of(h->name));
		return false;
	}
	case RT_PHASE_MOVING:
		if (s->auth->home == s->conn.shard) {
			restart(s, RT_PHASE_RESTART);
			return true;
		}
		depart(s, rest, len);
		return false;
	case RT_PHASE_CLOSED:
		return false;
	default:
		return true;
	}
}

void rt_stream_feed(struct rt_stream *s, const char *data, size_t len, uint32_t max_stanza)
{
	bool on = s->phase != RT_PHASE_CLOSED;

	while (on && len != 0) {
		size_t n;

		set_limits(s, max_stanza);
		s->feeding = true;
		n = rt_xml_reader_feed(&s->reader, data, len);
		s->feeding = false;
		data += n;
		len -= n;
		on = goes_on(s, data, len);
	}
}

void rt_stream_wait(struct rt_stream *s)
{
	rt_stream_enter(s, RT_PHASE_WAIT);
	stop_reading(s);
}

void rt_stream_resume(struct rt_stream *s, enum rt_phase phase)
{
	rt_stream_enter(s, phase);
	if (s->conn.held)
		rt_conn_release(&s->conn);
}

/* ---- TLS ---- */

void rt_stream_secure(struct rt_stream *s)
{
	/* RFC 6120, 5.4.3.3: nothing learnt in clear is kept, least of all half an exchange. Failed
	 * attempts still count. */
	if (s->auth != NULL)
		rt_sasl_fini(&s->auth->sasl);
	rt_stream_send(s, "<proceed xmlns='" RT_NS_TLS "'/>");
	rt_stream_enter(s, RT_PHASE_SECURING);
	stop_reading(s);
}

void rt_stream_secured(struct rt_stream *s)
{
	/* Direct TLS starts in HEADER already, and stays there. */
	if (s->phase == RT_PHASE_SECURING)
		restart(s, RT_PHASE_HEADER);
	s->bindings = rt_auth_bindings(s);
	rt_conn_set_timeout(&s->conn, RT_STREAM_OPEN_TIMEOUT_MS);
}

/* ---- to the home shard ---- */

void rt_stream_move(struct rt_stream *s)
{
	rt_stream_enter(s, RT_PHASE_MOVING);
	stop_reading(s);
	rt_conn_trust(&s->conn);
	if (s->feeding)
		return; /* goes_on() does the rest */
	if (s->auth->home != s->conn.shard) {
		depart(s, NULL, 0);
		return;
	}
	restart(s, RT_PHASE_RESTART);
	if (s->conn.held)
		rt_conn_release(&s->conn);
}

void rt_stream_moved(struct rt_stream *s)
{
	rt_xml_reader_init(&s->reader, s->conn.shard, &events);
	s->header_sent = false;
	rt_stream_enter(s, RT_PHASE_RESTART);
	rt_conn_set_timeout(&s->conn, RT_STREAM_OPEN_TIMEOUT_MS);
	if (s->conn.held)
		rt_conn_release(&s->conn);
}

/* ---- life ---- */

void rt_stream_init(struct rt_stream *s, const struct rt_stream_kind *kind)
{
	s->kind = kind;
	s->host = RT_HOST_NONE;
	rt_xml_reader_init(&s->reader, s->conn.shard, &events);
	rt_conn_set_timeout(&s->conn, RT_STREAM_OPEN_TIMEOUT_MS);
}

void rt_stream_fini(struct rt_stream *s)
{
	if (s->phase != RT_PHASE_CLOSED)
		leave(s);
	rt_auth_drop(&s->auth);
	rt_xml_reader_fini(&s->reader);
	free(s->lang);
	s->lang = NULL;
}

void rt_stream_on_idle(struct rt_conn *c)
{
	rt_xml_reader_rest(&rt_stream_of(c)->reader);
}

void rt_stream_on_timeout(struct rt_conn *c)
{
	struct rt_stream *s = rt_stream_of(c);
	enum rt_stream_error e = RT_STREAM_CONNECTION_TIMEOUT;

	rt_stream_fail(s, rt_stream_error_condition(e), NULL, RT_CLOSE_TIMEOUT);
}

void rt_stream_on_overload(struct rt_conn *c)
{
	struct rt_stream *s = rt_stream_of(c);
	enum rt_stream_error e = RT_STREAM_OVERLOAD;

	rt_stream_fail(s, rt_stream_error_condition(e), NULL, RT_CLOSE_OVERLOAD);
}

void rt_stream_on_shutdown(struct rt_conn *c)
{
	struct rt_stream *s = rt_stream_of(c);
	enum rt_stream_error e = RT_STREAM_SYSTEM_SHUTDOWN;

	rt_stream_fail(s, rt_stream_error_condition(e), NULL, RT_CLOSE_LOCAL);
}
