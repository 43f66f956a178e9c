/* xml_parser_impl.h - what xml_parser.c, xml_heading.c and xml_pool.c share: expat with counted
 * memory, and its names. */
#ifndef RT_XML_XML_PARSER_IMPL_H
#define RT_XML_XML_PARSER_IMPL_H

#include <expat.h>

#include "xml/xml_parser.h"

/* Between namespace, name and prefix in expanded names: a byte that UTF-8 never has, so no
 * namespace name can forge one (CVE-2022-25236). */
#define RT_XML_SEPARATOR ((char)0xff)

/* One call's bytes fit expat's int with room for its own arithmetic. */
#define RT_XML_PARSER_MAX (64u << 20)

/* In expat since 2.6 and in Debian's 2.5; where it is missing nothing is lost, since elements are
 * parsed whole. */
XMLPARSEAPI(XML_Bool) XML_SetReparseDeferralEnabled(XML_Parser parser, XML_Bool enabled);
#pragma weak XML_SetReparseDeferralEnabled

/** A bare parser; its memory is counted in *memory. NULL when out of memory. */
XML_Parser rt_xml_expat_new(unsigned long salt, size_t *memory);
void rt_xml_expat_free(XML_Parser expat, size_t *memory);
/** XML_Parse with memory counted. n <= RT_XML_PARSER_MAX */
enum XML_Status rt_xml_expat_parse(XML_Parser expat, size_t *memory, const char *data, size_t n);
/** What an error of expat's own is to us. */
enum rt_xml_error rt_xml_expat_error(XML_Parser expat);

struct rt_xml_name {
	const char *whole;
	struct rt_str ns, local, prefix; /* empty when there is none; pieces of `whole` */
};
struct rt_xml_name rt_xml_name_split(const char *text);

unsigned long rt_xml_pool_salt(const struct rt_xml_pool *pool);

#endif
