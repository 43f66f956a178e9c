/* auth.h - authentication on a stream: SASL elements (RFC 6120, 6), look-ups, attempts, and what is
 * known until bind. */
#ifndef RT_STREAM_AUTH_H
#define RT_STREAM_AUTH_H

#include "stream/sasl.h"
#include "stream/stream.h"

/* RFC 6120, 6.4.5 wants 2 to 5 attempts. */
#define RT_AUTH_MAX_FAILURES 5u

/* From the first SASL element until the session begins. Look-ups carry it as their context: when
 * the stream goes before they come back, `stream` is NULL and the last one frees it. */
struct rt_auth {
	struct rt_stream *stream;
	struct rt_shard *home; /* of the authenticated account */
	struct rt_str node;    /* authenticated, prepared, owned; p NULL before */
	struct rt_sasl sasl;
	uint64_t proved_ns; /* rt_clock_ns() when the keys were looked up last */
	uint8_t failures;
	bool in_flight; /* a look-up or check is under way */
};

/** Which channel bindings the TLS connection has: asked once, after the handshake, since each takes
 * some hashing. */
uint8_t rt_auth_bindings(const struct rt_stream *s);
/** What the stream offers now, as a mask over enum rt_sasl_mechanism. */
uint32_t rt_auth_offer(const struct rt_stream *s);
/** Append <mechanisms/> and, with -PLUS, the types of channel binding (XEP-0440); nothing when
 * nothing is offered. */
void rt_auth_write_features(const struct rt_stream *s, struct rt_buf *out);

/** An element of the SASL namespace in phase OPEN or CHALLENGE. Takes st. Unknown ones are an
 * unsupported-stanza-type. */
void rt_auth_element(struct rt_stream *s, struct rt_stanza *st);

/** Let go; *a becomes NULL. */
void rt_auth_drop(struct rt_auth **a);

#endif
