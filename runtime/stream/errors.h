/* errors.h - why a stream ends: every reason with its condition (RFC 6120, 4.9.3) and text. */
#ifndef RT_STREAM_ERRORS_H
#define RT_STREAM_ERRORS_H

#include "core/buf.h"

/*        reason               condition                     text */
#define RT_STREAM_ERRORS(X)                                                                        \
	X(BAD_FORMAT, "bad-format", NULL)                                                          \
	X(CONFLICT, "conflict", NULL)                                                              \
	X(CONNECTION_TIMEOUT, "connection-timeout", NULL)                                          \
	X(HOST_UNKNOWN, "host-unknown", NULL)                                                      \
	X(INVALID_FROM, "invalid-from", NULL)                                                      \
	X(INVALID_NAMESPACE, "invalid-namespace", NULL)                                            \
	X(NOT_AUTHORIZED, "not-authorized", NULL)                                                  \
	X(BAD_HANDSHAKE, "not-authorized", "Invalid Handshake")                                    \
	X(NOT_WELL_FORMED, "xml-not-well-formed", NULL) /* RFC 3920's name, as 3.2 has it */       \
	X(TLS_REQUIRED, "policy-violation", "Use of STARTTLS required")                            \
	X(TOO_BIG, "policy-violation", "child element too big")                                    \
	X(TOO_COMPLEX, "policy-violation", "child element too complex")                            \
	X(TOO_MANY_ATTEMPTS, "policy-violation", "too many failed attempts")                       \
	X(OVERLOAD, "resource-constraint", NULL)                                                   \
	X(OUT_OF_MEMORY, "resource-constraint", NULL)                                              \
	X(RESTRICTED_XML, "restricted-xml", NULL)                                                  \
	X(SYSTEM_SHUTDOWN, "system-shutdown", NULL)                                                \
	X(UNSUPPORTED_ENCODING, "unsupported-encoding", NULL)                                      \
	X(UNSUPPORTED_STANZA_TYPE, "unsupported-stanza-type", NULL)                                \
	X(UNSUPPORTED_VERSION, "unsupported-version", NULL)

enum rt_stream_error {
#define X(name, condition, text) RT_STREAM_##name,
	RT_STREAM_ERRORS(X)
#undef X
};

/** NUL-terminated. */
const char *rt_stream_error_condition(enum rt_stream_error e);
/** NUL-terminated, or NULL: no text. */
const char *rt_stream_error_text(enum rt_stream_error e);

/** Append <stream:error/>. text may be NULL. lang is what the peer's header said, "" for nothing,
 * and labels the text; NULL: this kind of peer is spoken to in the language of the texts. */
void rt_stream_error_write(struct rt_buf *out, const char *condition, const char *text,
			   const char *lang);

#endif
