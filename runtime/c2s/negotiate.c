/* negotiate.c - what a client may send before it is authenticated: STARTTLS, SASL, registration;
 * nothing else. */
#include "c2s/c2s.h"
#include "stream/auth.h"
#include "stream/features.h"
#include "stream/unauth.h"

#define NS_SM  "urn:xmpp:sm:3"
#define NS_CSI "urn:xmpp:csi:0"

static void send_failed(struct rt_stream *s, bool too_early)
{
	rt_stream_send(s, too_early ? "<failed xmlns='" NS_SM
				      "'><unexpected-request xmlns='" RT_NS_STANZAS "'/></failed>"
				    : "<failed xmlns='" NS_SM
				      "'><feature-not-implemented xmlns='" RT_NS_STANZAS
				      "'/></failed>");
}

bool rt_c2s_nonza(struct rt_c2s *c, const struct rt_stanza *st)
{
	const struct rt_elem *e = st->root;

	if (rt_str_is(e->ns, NS_SM)) {
		if (rt_str_is(e->name, "enable"))
			send_failed(&c->stream, c->stream.phase != RT_PHASE_SESSION);
		else if (rt_str_is(e->name, "resume"))
			send_failed(&c->stream, c->stream.phase < RT_PHASE_BIND);
		return true; /* <r/> and <a/> mean nothing while it is not enabled */
	}
	/* A client may tell its state to a server that makes no use of it. */
	return rt_str_is(e->ns, NS_CSI);
}

static void start_tls(struct rt_stream *s)
{
	/* Not offered, or done: 3.2 and its clients live with silence here. */
	if (rt_stream_offers_tls(s))
		rt_stream_secure(s);
}

/* @return whether st has been taken */
static bool take(struct rt_c2s *c, struct rt_stanza *st)
{
	struct rt_stream *s = &c->stream;

	if (rt_elem_is(st->root, "starttls", RT_NS_TLS)) {
		start_tls(s);
	} else if (rt_c2s_nonza(c, st)) {
		;
	} else if (rt_stream_needs_tls(s)) {
		rt_stream_error(s, RT_STREAM_TLS_REQUIRED);
	} else if (rt_str_is(st->root->ns, RT_NS_SASL)) {
		rt_auth_element(s, st);
		return true;
	} else if (st->kind == RT_STANZA_OTHER) {
		rt_stream_error(s, RT_STREAM_UNSUPPORTED_STANZA_TYPE);
	} else if (rt_unauth_offer(s, st)) {
		return true;
	} else {
		rt_stream_error(s, RT_STREAM_NOT_AUTHORIZED); /* RFC 6120, 4.9.3.12 */
	}
	return false;
}

void rt_c2s_negotiate(struct rt_c2s *c, struct rt_stanza *st)
{
	if (!take(c, st))
		rt_stanza_free(&st);
}
