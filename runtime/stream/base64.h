/* base64.h - RFC 4648 section 4 as SASL wants it: canonical, padded, no white space, nothing
 * ignored. */
#ifndef RT_STREAM_BASE64_H
#define RT_STREAM_BASE64_H

#include "core/base.h"

/* Bytes of text for n bytes of data, without a NUL. */
#define RT_BASE64_LEN(n) (((size_t)(n) + 2u) / 3u * 4u)

/** Write RT_BASE64_LEN(n) characters, no NUL. @return their number. */
size_t rt_base64_encode(char *out, const void *data, size_t n);

/**
 * Decode strictly: wrong length, alphabet, padding or non-zero trailing bits are errors (RFC
 * 6120, 6.5.5: incorrect-encoding).
 *
 * @param out  text.n / 4 * 3 bytes; may be text.p itself.
 * @return bytes written, or RT_E_INVALID.
 */
ptrdiff_t rt_base64_decode(unsigned char *out, struct rt_str text) RT_MUST_USE;

#endif
