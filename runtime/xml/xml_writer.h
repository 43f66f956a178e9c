/* xml_writer.h - stanzas to bytes. Attributes in single quotes; `&<>'"` escaped where needed;
 * namespaces declared where they change (as default namespaces; prefixed attributes get their
 * declaration on the element). What XML 1.0 has no way to say (control characters from a database)
 * becomes U+FFFD. Running out of memory sets failed of the buffer. */
#ifndef RT_XML_XML_WRITER_H
#define RT_XML_XML_WRITER_H

#include "core/buf.h"
#include "xml/stanza.h"

/**
 * Write a whole stanza: root with from and to, then its attributes in their order with type, id and
 * xml:lang as the fields have them (at the end when the root has no such attribute), children from
 * the cache when there is one. The root's namespace is declared when it is not the content
 * namespace. Addresses are the stanza's fields unless given; empty ones are left out.
 *
 * @param to    overrides st->to (fan-out) when not NULL.
 * @param from  overrides st->from when not NULL.
 */
void rt_xml_write_stanza(struct rt_buf *out, struct rt_stanza *st, const struct rt_jid *to,
			 const struct rt_jid *from);

/** Serialise the children once into st->children, for fan-out and for crossing to another shard.
 * Out of memory: there is no cache, and writing does without. */
void rt_xml_cache_children(struct rt_stanza *st);

/** Any element, as it stands inside a parent of namespace parent_ns (empty: none). */
void rt_xml_write_elem(struct rt_buf *out, const struct rt_elem *e, struct rt_str parent_ns);

void rt_xml_write_text(struct rt_buf *out, struct rt_str text);        /* character data */
void rt_xml_write_attr_value(struct rt_buf *out, struct rt_str value); /* between single quotes */

/**
 * Parse one complete element from stored bytes (offline messages, vCards, private data) into a new
 * stanza. Without a declaration of its own it is in the content namespace. Limits are those of our
 * own memory, not of a stream.
 *
 * @return NULL when the text is no single well-formed element, or out of memory.
 */
struct rt_stanza *rt_xml_parse_stanza(struct rt_str text);
/** The same for those who must tell the two apart. @return RT_OK, RT_E_INVALID or RT_E_NOMEM; *out
 * is NULL then. */
int rt_xml_read_stanza(struct rt_str text, struct rt_stanza **out) RT_MUST_USE;
/** The same as an element added to an existing stanza's arena, not linked anywhere. */
struct rt_elem *rt_xml_parse_elem(struct rt_stanza *st, struct rt_str text);

#endif
