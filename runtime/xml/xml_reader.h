/* xml_reader.h - bytes to stream events: header, stanzas, end. Restricted XML as RFC 6120, 11 asks.
 *
 * The parser belongs to the shard: a connection holds one only while it is inside a stanza (or its header declared other
 * prefixes than the usual ones), else it goes back to the shard's pool at depth 1. Memory of parsers is counted; one that has
 * grown past a limit is replaced.
 */
#ifndef RT_XML_XML_READER_H
#define RT_XML_XML_READER_H

#include "xml/stanza.h"

struct rt_shard;
struct rt_xml_reader;
struct rt_xml_parser;
struct rt_xml_pool;

/* Before authentication limits are smaller; see rt_xml_reader_set_limits. */
#define RT_XML_MAX_DEPTH 64u
#define RT_XML_MAX_ATTRS 64u

enum rt_xml_error {
	RT_XML_NOT_WELL_FORMED, /* also a forbidden character, invalid UTF-8, an undeclared prefix */
	RT_XML_RESTRICTED,      /* comment, processing instruction, DTD, entity reference beyond the five */
	RT_XML_TOO_BIG,         /* element larger than max_stanza */
	RT_XML_TOO_COMPLEX,     /* depth or attribute count */
	RT_XML_NOMEM,
};

/* The stream's start tag. Borrowed for the call. */
struct rt_xml_header {
	struct rt_str name, ns;    /* root element: local name, namespace */
	struct rt_str content_ns;  /* default namespace declared; empty: none */
	struct rt_str to, from, version, lang, id; /* p NULL when absent */
	struct rt_str is_subdomain; /* component extension attribute */
};

struct rt_xml_events {
	void (*on_header)(struct rt_xml_reader *r, const struct rt_xml_header *h);
	/* st is the handler's. */
	void (*on_stanza)(struct rt_xml_reader *r, struct rt_stanza *st);
	void (*on_end)(struct rt_xml_reader *r); /* </stream:stream> */
	void (*on_error)(struct rt_xml_reader *r, enum rt_xml_error error);
};

/* Embedded in the stream; small, since every idle session has one. */
struct rt_xml_reader {
	const struct rt_xml_events *events;
	struct rt_shard *shard;
	struct rt_xml_parser *parser; /* NULL: at depth 1 with nothing buffered, or not started */
	uint32_t max_stanza;          /* bytes of one top-level element; 0: only the hard cap */
	uint8_t max_depth;
	uint8_t state;                /* 0 before the header, 1 inside the stream, 2 ended or failed */
	bool usual_context;           /* the header's namespaces are what pooled parsers have */
	bool stopped;                 /* by rt_xml_reader_stop() inside a callback */
};

/** Cap for streams without max_stanza_size: 16 MiB. */
#define RT_XML_HARD_CAP (16u << 20)
/** Before authentication no element may be larger (bytes), nor deeper. */
#define RT_XML_PREAUTH_MAX 8192u
#define RT_XML_PREAUTH_DEPTH 8u

void rt_xml_reader_init(struct rt_xml_reader *r, struct rt_shard *shard, const struct rt_xml_events *events);
void rt_xml_reader_fini(struct rt_xml_reader *r);

/** A new stream begins on the same connection (after STARTTLS and SASL): everything is forgotten. */
void rt_xml_reader_reset(struct rt_xml_reader *r);
void rt_xml_reader_set_limits(struct rt_xml_reader *r, uint32_t max_stanza, uint8_t max_depth);

/**
 * Feed bytes. Events fire from inside. A callback may reset, stop or fini the reader's owner only through
 * rt_xml_reader_stop(): feeding then ends, and the rest of the bytes is reported as not consumed.
 *
 * @return bytes consumed: len, or fewer after rt_xml_reader_stop() (data + return is what follows the element in whose
 *         callback it was called).
 */
size_t rt_xml_reader_feed(struct rt_xml_reader *r, const char *data, size_t len);
/** From a callback: consume nothing after the present element. Feeding again (after a reset or not) goes on. */
void rt_xml_reader_stop(struct rt_xml_reader *r);
/** Let go of what an idle reader can do without (hibernate_after). */
void rt_xml_reader_rest(struct rt_xml_reader *r);

/** Bytes of memory held for this reader (parser, half-built stanza). */
size_t rt_xml_reader_memory(const struct rt_xml_reader *r);

int rt_xml_pool_new(struct rt_xml_pool **out) RT_MUST_USE;
void rt_xml_pool_free(struct rt_xml_pool **pool);

#endif
