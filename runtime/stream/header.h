/* header.h - stream headers: what is asked of the peer's (RFC 6120, 4.7 and 4.8), and identifiers
 * for ours. */
#ifndef RT_STREAM_HEADER_H
#define RT_STREAM_HEADER_H

#include "stream/errors.h"
#include "xml/xml_reader.h"

#define RT_STREAM_ID       16u /* characters of a stream id: upper-case hexadecimal digits */
#define RT_STREAM_LANG_MAX 35u /* bytes; a longer xml:lang is ignored (RFC 5646, 4.4.1) */

/* What a kind of stream asks of a header. */
struct rt_header_rules {
	const char *content_ns; /* the default namespace that must be declared */
	bool names_host; /* `to` must be a served host, and `version` 1.x (else: a name of the
			    peer's own, no version) */
};

/**
 * Check a header; of several faults the first in the table decides.
 *
 * @param authenticated  index of the host that SASL was done for, which `to` must name again;
 * RT_HOST_NONE: none yet.
 * @param host  out: index of the host that `to` names; RT_HOST_NONE when there is none.
 * @return RT_OK, or RT_E_PROTO with *error set.
 */
int rt_header_check(const struct rt_header_rules *rules, const struct rt_xml_header *h,
		    int authenticated, int *host, enum rt_stream_error *error) RT_MUST_USE;

/** Fresh and unpredictable; not NUL-terminated. */
void rt_stream_id_make(char out[RT_STREAM_ID]);

#endif
