/* features.h - <stream:features/>: what the client may do next (RFC 6120, 4.3.2). */
#ifndef RT_STREAM_FEATURES_H
#define RT_STREAM_FEATURES_H

#include "stream/stream.h"

/** STARTTLS can be done now: configured, and not done yet. */
bool rt_stream_offers_tls(const struct rt_stream *s);
/** Nothing but STARTTLS may be done now (option starttls_required). */
bool rt_stream_needs_tls(const struct rt_stream *s);

/** Append the features of the present phase: OPEN before authentication, BIND after it. */
void rt_features_write(const struct rt_stream *s, struct rt_buf *out);

#endif
