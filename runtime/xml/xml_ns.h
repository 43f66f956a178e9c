/* xml_ns.h - the namespace names that occur all the time, as constants: elements share them instead
 * of copying. */
#ifndef RT_XML_XML_NS_H
#define RT_XML_XML_NS_H

#include "core/base.h"

#define RT_NS_XML "http://www.w3.org/XML/1998/namespace"

/** The constant for this namespace name; p NULL when it is not a known one. Lives for ever. Any
 * thread. */
struct rt_str rt_xml_ns_find(const char *ns, size_t n);

#endif
