/* xml_reader.h - bytes to stream events: header, stanzas, end. Restricted XML as RFC 6120, 11 asks.
 *
 *   bytes ─▶ scan (xml_scan.h: where does the element end, is it too big, too deep) ─▶ whole
 * element ─▶ parser ─▶ stanza │ not all of it there yet └▶ kept as bytes until the rest comes
 *
 * Parsers belong to the shard: one per usual namespace context stands at depth 1 behind a header of
 * its own and parses the elements of all connections, one after the other. What a connection holds
 * is the bytes of the element it is in the middle of, or nothing. A connection whose header
 * declared other namespaces keeps that header, and once authenticated a parser behind it. An error
 * is reported at the byte that causes it when the scan finds it, else when the element is complete.
 */
#ifndef RT_XML_XML_READER_H
#define RT_XML_XML_READER_H

#include "xml/stanza.h"

struct rt_shard;
struct rt_xml_own;
struct rt_xml_partial;
struct rt_xml_pool;
struct rt_xml_reader;

/* Of one top-level element: nesting (it counts as 1), and attributes in one tag, declarations
 * included. Before authentication limits are smaller; see rt_xml_reader_set_limits. */
#define RT_XML_MAX_DEPTH 64u
#define RT_XML_MAX_ATTRS 64u

enum rt_xml_error {
	RT_XML_NOT_WELL_FORMED, /* also a forbidden character, invalid UTF-8, an undeclared prefix
				 */
	RT_XML_RESTRICTED, /* comment, processing instruction, DTD, entity reference beyond the five
			    */
	RT_XML_TOO_BIG,    /* element larger than max_stanza, or header than RT_XML_MAX_HEADER */
	RT_XML_TOO_COMPLEX,  /* depth, attribute count, or so much markup that its tree outgrows the
				bytes */
	RT_XML_BAD_ENCODING, /* the XML declaration names another encoding than UTF-8 (RFC
				6120, 4.9.3.22) */
	RT_XML_NOMEM,
};

/* The stream's start tag. Borrowed for the call. */
struct rt_xml_header {
	struct rt_str name, ns;   /* root element: local name, namespace (empty: none, or its prefix
				     is not declared; the attributes are missing in the latter case,
				     and the stream is dead) */
	struct rt_str content_ns; /* default namespace declared; empty: none */
	struct rt_str to, from, version, lang, id; /* p NULL when absent */
	struct rt_str is_subdomain;                /* component extension attribute */
};

struct rt_xml_events {
	void (*on_header)(struct rt_xml_reader *r, const struct rt_xml_header *h);
	/* st is the handler's. */
	void (*on_stanza)(struct rt_xml_reader *r, struct rt_stanza *st);
	void (*on_end)(struct rt_xml_reader *r); /* </stream:stream> */
	/* The last event until a reset. */
	void (*on_error)(struct rt_xml_reader *r, enum rt_xml_error error);
};

/* Embedded in the stream; small, since every idle session has one. */
struct rt_xml_reader {
	const struct rt_xml_events *events;
	struct rt_shard *shard;
	struct rt_xml_partial *partial; /* inside an element; NULL: at depth 1 with nothing
					   buffered, or not started */
	struct rt_xml_own *own;         /* the header declared unusual namespaces; else NULL */
	uint32_t max_stanza;            /* bytes of one top-level element; 0: only the hard cap */
	uint8_t max_depth;
	uint8_t state;   /* 0 before the header, 1 inside the stream, 2 ended or failed */
	uint8_t context; /* which of the pool's parsers, when own is NULL */
	bool stopped;    /* by rt_xml_reader_stop() inside a callback */
	bool has_begun;  /* white space has been skipped before the header */
};

/** Cap for streams without max_stanza_size: 16 MiB. */
#define RT_XML_HARD_CAP (16u << 20)
/** Before authentication no element may be larger (bytes; a header with unusual namespaces, which
 * is kept, counts in), nor deeper. */
#define RT_XML_PREAUTH_MAX   8192u
#define RT_XML_PREAUTH_DEPTH 8u
/** A header with its XML declaration, at any time. Bytes */
#define RT_XML_MAX_HEADER 4096u

/** Starts with the limits of a peer that is not authenticated. */
void rt_xml_reader_init(struct rt_xml_reader *r, struct rt_shard *shard,
			const struct rt_xml_events *events);
void rt_xml_reader_fini(struct rt_xml_reader *r);

/** A new stream begins on the same connection (after STARTTLS and SASL): everything is forgotten
 * but the limits. Also from inside a callback: the next byte is then the new stream's. */
void rt_xml_reader_reset(struct rt_xml_reader *r);
/**
 * @param max_stanza  bytes from the `<` of an element to its last `>`; 0: RT_XML_HARD_CAP.
 * @param max_depth   at most RT_XML_MAX_DEPTH; up to RT_XML_PREAUTH_DEPTH it means that the peer is
 * not trusted yet: trees are kept small too, and no parser is kept for it.
 */
void rt_xml_reader_set_limits(struct rt_xml_reader *r, uint32_t max_stanza, uint8_t max_depth);

/**
 * Feed bytes. Events fire from inside. A callback may stop or reset the reader; to fini it or its
 * owner it must stop it and wait until this returns: feeding then ends, and the rest of the bytes
 * is reported as not consumed.
 *
 * @return bytes consumed: len, or fewer after rt_xml_reader_stop() (data + return is what follows
 * the element in whose callback it was called). After an error or the end: len, the rest is
 * ignored.
 */
size_t rt_xml_reader_feed(struct rt_xml_reader *r, const char *data, size_t len);
/** From a callback: consume nothing after the present element. Feeding again (after a reset or not)
 * goes on. */
void rt_xml_reader_stop(struct rt_xml_reader *r);
/** Let go of what an idle reader can do without (hibernate_after). */
void rt_xml_reader_rest(struct rt_xml_reader *r);

/** Bytes of memory held for this reader (unfinished element, header and parser of its own), itself
 * not counted. */
size_t rt_xml_reader_memory(const struct rt_xml_reader *r);

int rt_xml_pool_new(struct rt_xml_pool **out) RT_MUST_USE;
void rt_xml_pool_free(struct rt_xml_pool **pool);

#endif
