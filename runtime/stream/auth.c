/* auth.c - from <auth/> to <success/> or <failure/>: the exchange of sasl.c tied to stream, store
 * and workers. */
#include <openssl/crypto.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"
#include "stream/auth.h"
#include "stream/base64.h"
#include "stream/password.h"

static const struct {
	const char *name;
	enum rt_tls_binding which;
} bindings[] = {
	{"tls-exporter", RT_TLS_EXPORTER},
	{"tls-unique", RT_TLS_UNIQUE},
	{"tls-server-end-point", RT_TLS_SERVER_END_POINT},
};

static size_t binding_at(const struct rt_stream *s, size_t i, unsigned char *out)
{
	return rt_conn_tls_binding(&s->conn, bindings[i].which, out, RT_SCRAM_BINDING_MAX);
}

uint8_t rt_auth_bindings(const struct rt_stream *s)
{
	unsigned char data[RT_SCRAM_BINDING_MAX];
	unsigned mask = 0;

	for (size_t i = 0; i < RT_ARRAY_LEN(bindings); i++)
		if (binding_at(s, i, data) != 0)
			mask |= 1u << i;
	return (uint8_t)mask;
}

static bool has_binding(const struct rt_stream *s, size_t i)
{
	return (s->bindings & 1u << i) != 0;
}

uint32_t rt_auth_offer(const struct rt_stream *s)
{
	return rt_sasl_offer(rt_gen.hosts[s->host].auth.mechanisms, s->bindings != 0);
}

static void write_bindings(const struct rt_stream *s, struct rt_buf *out)
{
	rt_buf_addz(out, "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>");
	for (size_t i = 0; i < RT_ARRAY_LEN(bindings); i++) {
		if (!has_binding(s, i))
			continue;
		rt_buf_addz(out, "<channel-binding type='");
		rt_buf_addz(out, bindings[i].name);
		rt_buf_addz(out, "'/>");
	}
	rt_buf_addz(out, "</sasl-channel-binding>");
}

void rt_auth_write_features(const struct rt_stream *s, struct rt_buf *out)
{
	uint32_t offer = rt_auth_offer(s);

	if (offer == 0)
		return;
	rt_buf_addz(out, "<mechanisms xmlns='" RT_NS_SASL "'>");
	for (unsigned m = 0; m < RT_NMECHS; m++) {
		if ((offer >> m & 1u) == 0)
			continue;
		rt_buf_addz(out, "<mechanism>");
		rt_buf_addz(out, rt_sasl_mechanism_name((enum rt_sasl_mechanism)m));
		rt_buf_addz(out, "</mechanism>");
	}
	rt_buf_addz(out, "</mechanisms>");
	if ((offer & 1u << RT_MECH_SCRAM_SHA_256_PLUS) != 0)
		write_bindings(s, out);
}

static void free_auth(struct rt_auth *a)
{
	rt_sasl_fini(&a->sasl);
	free((void *)(uintptr_t)a->node.p);
	free(a);
}

void rt_auth_drop(struct rt_auth **a)
{
	struct rt_auth *gone = *a;

	*a = NULL;
	if (gone == NULL)
		return;
	gone->stream = NULL;
	if (!gone->in_flight)
		free_auth(gone);
}

/* NULL: out of memory; the stream has ended. */
static struct rt_auth *get_auth(struct rt_stream *s)
{
	if (s->auth != NULL)
		return s->auth;
	s->auth = calloc(1, sizeof(*s->auth));
	if (s->auth == NULL)
		rt_stream_error(s, RT_STREAM_OUT_OF_MEMORY);
	else
		s->auth->stream = s;
	return s->auth;
}

static void go_to(struct rt_stream *s, enum rt_phase phase)
{
	if (s->phase == RT_PHASE_WAIT)
		rt_stream_resume(s, phase);
	else if (s->phase != phase)
		rt_stream_enter(s, phase);
}

/* <name xmlns=...>base64</name>, empty when there is no data. */
static void send_data(struct rt_stream *s, const char *name, const struct rt_buf *data)
{
	struct rt_buf *out = rt_stream_begin(s);
	size_t n = rt_buf_len(data);
	char *to;

	if (out == NULL)
		return;
	rt_buf_addz(out, "<");
	rt_buf_addz(out, name);
	rt_buf_addz(out, " xmlns='" RT_NS_SASL "'");
	if (n == 0) {
		rt_buf_addz(out, "/>");
		rt_stream_sent(s);
		return;
	}
	rt_buf_addz(out, ">");
	to = rt_buf_reserve(out, RT_BASE64_LEN(n));
	if (to != NULL)
		out->end += (uint32_t)rt_base64_encode(to, data->data + data->start, n);
	rt_buf_addz(out, "</");
	rt_buf_addz(out, name);
	rt_buf_addz(out, ">");
	rt_stream_sent(s);
}

static void log_outcome(struct rt_stream *s, const char *event, const char *reason)
{
	const struct rt_sasl *x = &s->auth->sasl;
	char id[RT_CONN_NAME_MAX], peer[INET6_ADDRSTRLEN];

	rt_conn_peer_text(&s->conn, peer, NULL);
	RT_LOG(INFO, rt_conn_name(&s->conn, id), "sasl", event,
	       KV_Z("mech",
		    x->started ? rt_sasl_mechanism_name((enum rt_sasl_mechanism)x->mechanism) : ""),
	       KV_Z("reason", reason), KV_STR("user", x->node), KV_STR("host", x->host),
	       KV_Z("peer", peer));
}

static void refuse(struct rt_stream *s, enum rt_sasl_failure why)
{
	struct rt_auth *a = s->auth;
	const char *name = rt_sasl_failure_name(why);
	struct rt_buf *out = rt_stream_begin(s);

	log_outcome(s, "failed", name);
	rt_sasl_fini(&a->sasl);
	a->failures++;
	s->conn.shard->counters.login_failures++;
	if (out != NULL) {
		rt_buf_addz(out, "<failure xmlns='" RT_NS_SASL "'><");
		rt_buf_addz(out, name);
		rt_buf_addz(out, "/></failure>");
		rt_stream_sent(s);
	}
	if (a->failures >= RT_AUTH_MAX_FAILURES)
		rt_stream_error(s, RT_STREAM_TOO_MANY_ATTEMPTS);
	else
		go_to(s, RT_PHASE_OPEN);
}

static void admit(struct rt_stream *s, const struct rt_buf *data)
{
	struct rt_auth *a = s->auth;

	log_outcome(s, "ok", "");
	send_data(s, "success", data);
	s->conn.shard->counters.logins++;
	a->home = rt_shard_home(a->sasl.node, a->sasl.host);
	a->node = a->sasl.node;
	a->sasl.node = (struct rt_str){NULL, 0};
	rt_sasl_fini(&a->sasl);
	rt_stream_move(s);
}

static void take_step(struct rt_stream *s, enum rt_sasl_step step, struct rt_buf *data);

/* A look-up has come back. @return the stream, or NULL when it has ended meanwhile */
static struct rt_stream *back_from_flight(struct rt_auth *a)
{
	a->in_flight = false;
	if (a->stream == NULL)
		free_auth(a);
	else if (a->stream->phase == RT_PHASE_WAIT)
		return a->stream;
	return NULL;
}

static void on_checked(struct rt_shard *shard, void *ctx, int err, bool matches)
{
	struct rt_auth *a = ctx;
	struct rt_stream *s = back_from_flight(a);
	struct rt_buf none = {0};

	(void)shard;
	if (s != NULL)
		take_step(s, rt_sasl_checked(&a->sasl, err, matches), &none);
}

static void on_found(struct rt_shard *shard, void *ctx, int err, const struct rt_credentials *c)
{
	struct rt_auth *a = ctx;
	struct rt_stream *s = back_from_flight(a);
	struct rt_buf data = {0};

	(void)shard;
	if (s != NULL)
		take_step(s, rt_sasl_found(&a->sasl, err, c, &data), &data);
	rt_buf_fini(&data);
}

static void fill_binding(struct rt_stream *s, struct rt_scram *x)
{
	for (size_t i = 0; i < RT_ARRAY_LEN(bindings); i++)
		if (has_binding(s, i) && rt_str_eq(x->binding_name, rt_str_of(bindings[i].name)))
			x->binding_len = (uint8_t)binding_at(s, i, x->binding);
}

static void look_up(struct rt_stream *s)
{
	struct rt_auth *a = s->auth;
	struct rt_account who = {a->sasl.node, a->sasl.host};

	fill_binding(s, &a->sasl.scram);
	a->proved_ns = rt_clock_ns();
	rt_stream_wait(s);
	a->in_flight = true;
	if (rt_gen.hosts[s->host].auth.internal)
		rt_store_account_get(s->conn.shard, who, on_found, a);
	else
		on_found(s->conn.shard, a, RT_E_NOTFOUND, NULL);
}

static void check(struct rt_stream *s)
{
	struct rt_auth *a = s->auth;

	a->in_flight = true;
	rt_password_check_async(s->conn.shard, a->sasl.password, &a->sasl.credentials, on_checked,
				a);
}

static void take_step(struct rt_stream *s, enum rt_sasl_step step, struct rt_buf *data)
{
	switch (step) {
	case RT_SASL_FAILED:
		refuse(s, (enum rt_sasl_failure)s->auth->sasl.failure);
		return;
	case RT_SASL_CHALLENGE:
		send_data(s, "challenge", data);
		go_to(s, RT_PHASE_CHALLENGE);
		return;
	case RT_SASL_SUCCESS:
		admit(s, data);
		return;
	case RT_SASL_LOOKUP:
		look_up(s);
		return;
	case RT_SASL_CHECK:
		check(s);
		return;
	}
}

/* The element's payload. `=` is data of no length (RFC 6120, 6.4.2); *data has p NULL when there is
 * none at all. */
static bool decode(struct rt_stanza *st, struct rt_str *data)
{
	struct rt_str text = rt_elem_get_text(st, st->root);
	unsigned char *bytes;
	ptrdiff_t n;

	*data = (struct rt_str){NULL, 0};
	if (text.n == 0)
		return true;
	*data = RT_STR("");
	if (rt_str_is(text, "="))
		return true;
	bytes = rt_arena_alloc(&st->arena, text.n);
	if (bytes == NULL)
		return false;
	n = rt_base64_decode(bytes, text);
	*data = (struct rt_str){(const char *)bytes, (uint32_t)(n > 0 ? n : 0)};
	return n >= 0;
}

static void wipe(struct rt_str data)
{
	if (data.n != 0)
		OPENSSL_cleanse((void *)(uintptr_t)data.p, data.n);
}

static void on_auth(struct rt_stream *s, struct rt_stanza *st)
{
	const struct rt_host_spec *host = &rt_gen.hosts[s->host];
	struct rt_sasl *x = &s->auth->sasl;
	struct rt_buf out = {0};
	uint32_t offer = rt_auth_offer(s);
	int m = rt_sasl_mechanism_find(offer, rt_elem_attr(st->root, "mechanism"));
	struct rt_str data;

	rt_sasl_fini(x); /* an exchange that was going on is given up */
	x->host = rt_str_of(host->name);
	x->iterations = host->auth.scram_iterations;
	if (m < 0)
		refuse(s, RT_SASL_INVALID_MECHANISM);
	else if (!decode(st, &data))
		refuse(s, RT_SASL_INCORRECT_ENCODING);
	else
		take_step(s, rt_sasl_start(x, (enum rt_sasl_mechanism)m, offer, data, &out), &out);
	if (m >= 0)
		wipe(data);
	rt_buf_fini(&out);
}

static void on_response(struct rt_stream *s, struct rt_stanza *st)
{
	struct rt_buf out = {0};
	struct rt_str data = {NULL, 0};

	if (s->phase != RT_PHASE_CHALLENGE)
		refuse(s, RT_SASL_MALFORMED_REQUEST);
	else if (!decode(st, &data))
		refuse(s, RT_SASL_INCORRECT_ENCODING);
	else
		take_step(s, rt_sasl_respond(&s->auth->sasl, data, &out), &out);
	wipe(data);
	rt_buf_fini(&out);
}

void rt_auth_element(struct rt_stream *s, struct rt_stanza *st)
{
	if (get_auth(s) == NULL)
		; /* the stream has ended */
	else if (rt_elem_is(st->root, "auth", RT_NS_SASL))
		on_auth(s, st);
	else if (rt_elem_is(st->root, "response", RT_NS_SASL))
		on_response(s, st);
	else if (rt_elem_is(st->root, "abort", RT_NS_SASL))
		refuse(s, RT_SASL_ABORTED);
	else
		rt_stream_error(s, RT_STREAM_UNSUPPORTED_STANZA_TYPE);
	wipe(rt_elem_get_text(st, st->root)); /* base64 is no protection */
	rt_stanza_free(&st);
}
