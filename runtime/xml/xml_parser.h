/* xml_parser.h - expat, counted and restricted: a parser behind an open header that turns whole
 * elements into trees, and the shard's pool of them. For the layer itself; streams use
 * xml_reader.h.
 */
#ifndef RT_XML_XML_PARSER_H
#define RT_XML_XML_PARSER_H

#include "xml/xml_reader.h"

struct rt_xml_parser;

/* Namespace contexts that all the world uses: the default namespace, and the prefix `stream` for
 * that of streams. */
enum rt_xml_context { RT_XML_CONTEXT_CLIENT, RT_XML_CONTEXT_COMPONENT, RT_XML_NCONTEXTS };

/* What an open header is to the elements that follow. */
struct rt_xml_opening {
	struct rt_str bytes; /* XML declaration and start tag */
	struct rt_str
		content; /* namespace that is handed out as rt_ns_content, besides its own name */
};

/** A parser that has read an opening. NULL when out of memory or when the opening is none. */
struct rt_xml_parser *rt_xml_parser_new(struct rt_xml_pool *pool, const struct rt_xml_opening *o);
void rt_xml_parser_free(struct rt_xml_parser **p);
/** Bytes held, expat's included. */
size_t rt_xml_parser_memory(const struct rt_xml_parser *p);

/**
 * Parse exactly one element into a tree.
 *
 * @param data      from `<` to `>`; borrowed, everything in the tree is a copy.
 * @param st        its arena takes the tree; st->root is not touched.
 * @param tree_max  bytes that the arena may have grown to.
 * @param error     set on failure; the parser is of no use then.
 * @return the element, not linked anywhere; NULL: failed.
 */
struct rt_elem *rt_xml_parser_run(struct rt_xml_parser *p, const char *data, size_t n,
				  struct rt_stanza *st, size_t tree_max, enum rt_xml_error *error);

/* A header that has been read, in an arena. */
struct rt_xml_heading {
	struct rt_xml_header header;
	bool is_usual;               /* no other namespaces than those of `context` */
	enum rt_xml_context context; /* when it is usual */
	bool is_dead;                /* the root's prefix is not declared: nothing can follow */
};

/**
 * Parse the start of a document.
 *
 * @param data  declaration and start tag; borrowed.
 * @param root  the root's name as written, in data.
 * @return whether it is a header; *error is set if not.
 */
bool rt_xml_parser_heading(struct rt_xml_pool *pool, const char *data, size_t n, struct rt_str root,
			   struct rt_arena *a, struct rt_xml_heading *out,
			   enum rt_xml_error *error);

/** The pool's parser for a context, made when there is none; NULL when out of memory. It stays the
 * pool's. */
struct rt_xml_parser *rt_xml_pool_get(struct rt_xml_pool *pool, enum rt_xml_context context);
/** To be called after each use: replaces the parser when it failed or has grown too large. */
void rt_xml_pool_used(struct rt_xml_pool *pool, enum rt_xml_context context, bool failed);

struct rt_xml_pool_stats {
	uint64_t created; /* parsers, since the pool exists */
	size_t memory;    /* bytes held by the pool's parsers */
};
struct rt_xml_pool_stats rt_xml_pool_stats(const struct rt_xml_pool *pool);

#endif
