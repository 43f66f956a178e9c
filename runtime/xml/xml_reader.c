/* xml_reader.c - from bytes as they arrive to whole elements, and from these to events. */
#include "xml/xml_reader.h"

#include <stdlib.h>

#include "core/shard.h"
#include "xml/xml_parser.h"
#include "xml/xml_scan.h"

enum { BEFORE_HEADER, IN_STREAM, DEAD };

/* A tree may grow to so many bytes, before trust, and afterwards for an element of n bytes. Small
 * elements cost up to thirty times their bytes, honest stanzas about five times. */
#define TREE_PREAUTH  (6u * RT_ARENA_BLOCK)
#define TREE_FLOOR    65536u
#define TREE_PER_BYTE 8u

/* A parser of its own that has grown beyond this is replaced. Bytes */
#define OWN_MAX 98304u

/* First allocation for an unfinished element. Bytes */
#define PARTIAL_FIRST 512u

/* An element (or header) that is not complete yet. */
struct rt_xml_partial {
	struct rt_xml_scan scan;
	uint32_t n, cap; /* bytes */
	char data[];
};

/* A header with unusual namespaces, kept to put parsers behind it. */
struct rt_xml_own {
	struct rt_xml_parser *parser;  /* NULL: made when needed */
	struct rt_xml_opening opening; /* bytes are below */
	struct rt_str root;            /* its name as written, in data */
	char data[];
};

static struct rt_xml_own *own_new(const char *data, size_t n, struct rt_str root,
				  struct rt_str content_ns)
{
	struct rt_xml_own *own = malloc(sizeof(*own) + n);

	if (own == NULL)
		return NULL;
	*own = (struct rt_xml_own){
		.opening.bytes = {own->data, (uint32_t)n},
		.root = {own->data + (root.p - data), root.n},
	};
	if (rt_str_is(content_ns, RT_NS_COMPONENT))
		own->opening.content = RT_STR(RT_NS_COMPONENT);
	memcpy(own->data, data, n);
	return own;
}

static void own_free(struct rt_xml_own **own)
{
	if (*own != NULL) {
		rt_xml_parser_free(&(*own)->parser);
		free(*own);
		*own = NULL;
	}
}

static void drop_partial(struct rt_xml_reader *r)
{
	free(r->partial);
	r->partial = NULL;
}

/* Nothing more will be read. */
static void retire(struct rt_xml_reader *r)
{
	drop_partial(r);
	own_free(&r->own);
	r->state = DEAD;
}

static void die(struct rt_xml_reader *r, enum rt_xml_error error)
{
	retire(r);
	r->events->on_error(r, error);
}

static bool is_trusted(const struct rt_xml_reader *r)
{
	return r->max_depth > RT_XML_PREAUTH_DEPTH;
}

static uint32_t max_bytes(const struct rt_xml_reader *r)
{
	uint32_t left;

	if (r->state == BEFORE_HEADER)
		return RT_XML_MAX_HEADER;
	if (r->own == NULL || is_trusted(r))
		return r->max_stanza;
	/* A header that is kept is memory, too, and counts until there is trust. */
	left = RT_XML_PREAUTH_MAX - r->own->opening.bytes.n;
	return r->max_stanza < left ? r->max_stanza : left;
}

/* ---- whole elements ---- */

static void heading_complete(struct rt_xml_reader *r, const char *data,
			     const struct rt_xml_scan *scan)
{
	struct rt_xml_heading heading;
	struct rt_arena a = {0};
	enum rt_xml_error error;
	struct rt_str root = {data + scan->names[0], scan->mark_end - scan->names[0]};

	if (!rt_xml_parser_heading(r->shard->xml_pool, data, scan->at, root, &a, &heading,
				   &error)) {
		rt_arena_fini(&a);
		die(r, error);
		return;
	}
	r->state = heading.is_dead || scan->is_self_closed ? DEAD : IN_STREAM;
	r->context = (uint8_t)heading.context;
	if (!heading.is_usual && r->state == IN_STREAM) {
		r->own = own_new(data, scan->at, root, heading.header.content_ns);
		if (r->own == NULL) {
			rt_arena_fini(&a);
			die(r, RT_XML_NOMEM);
			return;
		}
	}
	drop_partial(r); /* the events must find the reader at rest */
	r->events->on_header(r, &heading.header);
	rt_arena_fini(&a);
	if (scan->is_self_closed && !heading.is_dead && r->state == DEAD && !r->stopped)
		r->events->on_end(r);
}

/* The parser of a connection with namespaces of its own. */
static struct rt_elem *parse_own(struct rt_xml_reader *r, const char *data, size_t n,
				 struct rt_stanza *st, size_t tree_max, enum rt_xml_error *error)
{
	struct rt_xml_own *own = r->own;
	struct rt_elem *e;

	*error = RT_XML_NOMEM;
	if (own->parser == NULL)
		own->parser = rt_xml_parser_new(r->shard->xml_pool, &own->opening);
	if (own->parser == NULL)
		return NULL;
	e = rt_xml_parser_run(own->parser, data, n, st, tree_max, error);
	if (e == NULL || !is_trusted(r) || rt_xml_parser_memory(own->parser) > OWN_MAX)
		rt_xml_parser_free(&own->parser);
	return e;
}

static struct rt_elem *parse(struct rt_xml_reader *r, const char *data, size_t n,
			     struct rt_stanza *st, enum rt_xml_error *error)
{
	size_t tree_max = is_trusted(r) ? TREE_FLOOR + TREE_PER_BYTE * n : TREE_PREAUTH;
	struct rt_xml_pool *pool = r->shard->xml_pool;
	struct rt_xml_parser *p;
	struct rt_elem *e;

	if (r->own != NULL)
		return parse_own(r, data, n, st, tree_max, error);
	*error = RT_XML_NOMEM;
	p = rt_xml_pool_get(pool, (enum rt_xml_context)r->context);
	if (p == NULL)
		return NULL;
	e = rt_xml_parser_run(p, data, n, st, tree_max, error);
	rt_xml_pool_used(pool, (enum rt_xml_context)r->context, e == NULL);
	return e;
}

static void element_complete(struct rt_xml_reader *r, const char *data, size_t n)
{
	struct rt_stanza *st = rt_stanza_new("", RT_STANZA_OTHER);
	enum rt_xml_error error = RT_XML_NOMEM;

	if (st != NULL) {
		st->root = parse(r, data, n, st, &error);
		st->size = (uint32_t)n;
		if (st->root != NULL && rt_stanza_read_root(st) != RT_OK) {
			error = RT_XML_NOMEM;
			st->root = NULL;
		}
	}
	if (st == NULL || st->root == NULL) {
		rt_stanza_free(&st);
		die(r, error);
		return;
	}
	drop_partial(r);
	r->events->on_stanza(r, st);
}

static void end_complete(struct rt_xml_reader *r, struct rt_str name)
{
	if (!rt_str_eq(name, r->own != NULL ? r->own->root : RT_STR("stream:stream"))) {
		die(r, RT_XML_NOT_WELL_FORMED);
		return;
	}
	retire(r);
	r->events->on_end(r);
}

/* ---- bytes ---- */

/* Scan on over bytes from the start of the element, as many as may be.
 *
 * @return whether the element is complete or refused, and an event has been sent. */
static bool advance(struct rt_xml_reader *r, struct rt_xml_scan *scan, const char *data, size_t n)
{
	const struct rt_xml_scan_limits limits = {r->max_depth, RT_XML_MAX_ATTRS};
	size_t max = max_bytes(r);

	if (n > max && scan->at >= max) {
		die(r, RT_XML_TOO_BIG);
		return true;
	}
	switch (rt_xml_scan(scan, &limits, data, n < max ? n : max)) {
	case RT_XML_SCAN_MORE:
		if (n <= max)
			return false;
		die(r, RT_XML_TOO_BIG);
		return true;
	case RT_XML_SCAN_DONE:
		if (scan->is_header)
			heading_complete(r, data, scan);
		else
			element_complete(r, data, scan->at);
		return true;
	case RT_XML_SCAN_END:
		end_complete(r, (struct rt_str){data + scan->mark, scan->mark_end - scan->mark});
		return true;
	case RT_XML_SCAN_NOT_WELL_FORMED:
		die(r, RT_XML_NOT_WELL_FORMED);
		return true;
	case RT_XML_SCAN_RESTRICTED:
		die(r, RT_XML_RESTRICTED);
		return true;
	case RT_XML_SCAN_TOO_COMPLEX:
		die(r, RT_XML_TOO_COMPLEX);
		return true;
	}
	return true;
}

/* Room for n bytes in all; never more than one above the limit is asked for. */
static bool grow_partial(struct rt_xml_reader *r, size_t n)
{
	struct rt_xml_partial *partial = r->partial;
	size_t cap = partial != NULL ? partial->cap : 0;
	size_t most = (size_t)max_bytes(r) + 1;

	if (n <= cap)
		return true;
	cap = cap == 0 ? PARTIAL_FIRST : 2 * cap;
	if (cap < n)
		cap = n;
	if (cap > most && n <= most)
		cap = most;
	partial = realloc(partial, sizeof(*partial) + cap);
	if (partial == NULL)
		return false;
	if (r->partial == NULL)
		partial->n = 0;
	partial->cap = (uint32_t)cap;
	r->partial = partial;
	return true;
}

/* Bytes of an element that begins with them. @return bytes consumed */
static size_t begin(struct rt_xml_reader *r, const char *data, size_t len)
{
	struct rt_xml_scan scan;

	if (r->state == BEFORE_HEADER)
		rt_xml_scan_header(&scan, r->has_begun);
	else
		rt_xml_scan_element(&scan);
	if (advance(r, &scan, data, len))
		return scan.at;
	if (!grow_partial(r, len)) {
		die(r, RT_XML_NOMEM);
		return len;
	}
	memcpy(r->partial->data, data, len);
	r->partial->n = (uint32_t)len;
	rt_xml_scan_copy(&r->partial->scan, &scan);
	return len;
}

/* More bytes of an unfinished element. @return bytes consumed */
static size_t go_on(struct rt_xml_reader *r, const char *data, size_t len)
{
	size_t had = r->partial->n, take = (size_t)max_bytes(r) + 1;
	struct rt_xml_scan scan;

	take = take > had ? take - had : 1;
	if (take > len)
		take = len;
	/* Most of a large chunk may belong to others: no more than doubles what is there. */
	if (take > had && take > PARTIAL_FIRST)
		take = had > PARTIAL_FIRST ? had : PARTIAL_FIRST;
	if (!grow_partial(r, had + take)) {
		die(r, RT_XML_NOMEM);
		return len;
	}
	memcpy(r->partial->data + had, data, take);
	r->partial->n += (uint32_t)take;
	rt_xml_scan_copy(&scan, &r->partial->scan);
	if (advance(r, &scan, r->partial->data, r->partial->n))
		return scan.at > had ? scan.at - had : take;
	rt_xml_scan_copy(&r->partial->scan, &scan);
	return take;
}

size_t rt_xml_reader_feed(struct rt_xml_reader *r, const char *data, size_t len)
{
	size_t at = 0;

	r->stopped = false;
	while (at != len && !r->stopped) {
		if (r->state == DEAD)
			return len;
		if (r->partial != NULL) {
			at += go_on(r, data + at, len - at);
		} else if (rt_xml_is_space(data[at])) {
			at++;
			r->has_begun = true;
		} else if (data[at] != '<') {
			die(r, RT_XML_NOT_WELL_FORMED);
		} else {
			at += begin(r, data + at, len - at);
		}
	}
	return at;
}

void rt_xml_reader_stop(struct rt_xml_reader *r)
{
	r->stopped = true;
}

/* ---- life ---- */

void rt_xml_reader_init(struct rt_xml_reader *r, struct rt_shard *shard,
			const struct rt_xml_events *events)
{
	*r = (struct rt_xml_reader){.shard = shard, .events = events};
	rt_xml_reader_set_limits(r, RT_XML_PREAUTH_MAX, RT_XML_PREAUTH_DEPTH);
}

void rt_xml_reader_fini(struct rt_xml_reader *r)
{
	rt_xml_reader_reset(r);
	*r = (struct rt_xml_reader){.state = DEAD};
}

void rt_xml_reader_reset(struct rt_xml_reader *r)
{
	drop_partial(r);
	own_free(&r->own);
	r->state = BEFORE_HEADER;
	r->context = RT_XML_CONTEXT_CLIENT;
	r->has_begun = false;
}

void rt_xml_reader_set_limits(struct rt_xml_reader *r, uint32_t max_stanza, uint8_t max_depth)
{
	RT_ASSERT(max_depth <= RT_XML_MAX_DEPTH);
	r->max_stanza =
		max_stanza == 0 || max_stanza > RT_XML_HARD_CAP ? RT_XML_HARD_CAP : max_stanza;
	r->max_depth = max_depth;
}

void rt_xml_reader_rest(struct rt_xml_reader *r)
{
	struct rt_xml_partial *fitted;

	if (r->own != NULL)
		rt_xml_parser_free(&r->own->parser);
	if (r->partial == NULL || r->partial->cap == r->partial->n)
		return;
	fitted = realloc(r->partial, sizeof(*fitted) + r->partial->n);
	if (fitted != NULL) {
		fitted->cap = fitted->n;
		r->partial = fitted;
	}
}

size_t rt_xml_reader_memory(const struct rt_xml_reader *r)
{
	size_t n = 0;

	if (r->partial != NULL)
		n += sizeof(*r->partial) + r->partial->cap;
	if (r->own != NULL) {
		n += sizeof(*r->own) + r->own->opening.bytes.n;
		if (r->own->parser != NULL)
			n += rt_xml_parser_memory(r->own->parser);
	}
	return n;
}
