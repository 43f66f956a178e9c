/* xml_scan.h - finds where one top-level element ends, one byte or many at a time, without building
 * anything.
 *
 * The reader asks it before a parser sees the bytes: size, depth and attribute count are known
 * exactly and early, a token is never handed over in pieces (which would make the parser start it
 * again and again), and whoever is in the middle of an element holds the bytes of it and no parser.
 * It knows enough of the grammar to tell markup from quoted text and to refuse at once what RFC
 * 6120, 11.1 forbids; whether the element is well-formed is for the parser to say.
 *
 *   base                      at              n
 *   |------- scanned ---------|--- to scan ---|        the same bytes again from base on, whenever
 * there are more
 */
#ifndef RT_XML_XML_SCAN_H
#define RT_XML_XML_SCAN_H

#include "core/base.h"

/* Open elements that can be followed; limits above it make no sense. */
#define RT_XML_SCAN_DEPTH 72u

enum rt_xml_scan_result {
	RT_XML_SCAN_MORE, /* all n bytes are scanned, the element goes on */
	RT_XML_SCAN_DONE, /* it ends before byte `at` */
	RT_XML_SCAN_END,  /* an end tag with nothing open: mark and mark_end give its name */
	RT_XML_SCAN_NOT_WELL_FORMED, /* byte `at` cannot be there */
	RT_XML_SCAN_RESTRICTED,      /* comment, processing instruction or DTD */
	RT_XML_SCAN_TOO_COMPLEX, /* deeper than max_depth, or more than max_attrs attributes in one
				    tag */
};

struct rt_xml_scan {
	uint32_t at;             /* bytes from base that are scanned */
	uint32_t mark, mark_end; /* offsets of the name in the last end tag; mark_end also of the
				    end of a start tag's name */
	uint16_t attrs;          /* in the present tag */
	uint8_t state;
	uint8_t depth;       /* open elements */
	uint8_t match;       /* characters of a keyword that have been seen */
	bool is_header;      /* done at the end of the root's start tag */
	bool is_late;        /* white space came before base: no XML declaration can follow */
	bool is_self_closed; /* the element that is done was <name/> */
	uint32_t names[RT_XML_SCAN_DEPTH]; /* offsets of the names of open elements; only the first
					      `depth` are set */
};

/* max_depth <= RT_XML_SCAN_DEPTH. */
struct rt_xml_scan_limits {
	uint32_t max_depth, max_attrs;
};

/** Ready for an element: base[0] must be its `<`. */
void rt_xml_scan_element(struct rt_xml_scan *s);
/** Ready for the start of a document: an XML declaration may come first, unless the document
 * is_late. When it is done, the root's name is from names[0] to mark_end. */
void rt_xml_scan_header(struct rt_xml_scan *s, bool is_late);
/** A copy to keep, without the part of names that is not set. */
void rt_xml_scan_copy(struct rt_xml_scan *to, const struct rt_xml_scan *from);

/**
 * Go on.
 *
 * @param base  first byte of the element; may have moved since the last call, with the same
 * content.
 * @param n     bytes at base; s->at <= n.
 */
enum rt_xml_scan_result rt_xml_scan(struct rt_xml_scan *s, const struct rt_xml_scan_limits *limits,
				    const char *base, size_t n);

/** White space as XML has it. */
static inline bool rt_xml_is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

#endif
