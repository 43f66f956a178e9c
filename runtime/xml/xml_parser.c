/* xml_parser.c - expat as this server wants it: whole elements in, trees out, memory counted. */
#include "xml/xml_parser.h"

#include <expat.h>
#include <stdlib.h>

#include "xml/xml_ns.h"
#include "xml/xml_parser_impl.h"
#include "xml/xml_scan.h"

/* ---- memory: expat's allocator has no context, so the parser at work is the thread's ---- */

/* In front of every allocation, as large as the strictest alignment. */
struct block {
	_Alignas(max_align_t) size_t n;
};

static _Thread_local size_t *counted; /* where allocations of the parser at work are counted */

static void *count_malloc(size_t n)
{
	struct block *b = n <= SIZE_MAX - sizeof(*b) ? malloc(sizeof(*b) + n) : NULL;

	if (b == NULL)
		return NULL;
	b->n = n;
	*counted += n;
	return b + 1;
}

static void count_free(void *p)
{
	if (p != NULL) {
		struct block *b = (struct block *)p - 1;

		*counted -= b->n;
		free(b);
	}
}

static void *count_realloc(void *p, size_t n)
{
	struct block *b = p != NULL ? (struct block *)p - 1 : NULL;
	size_t before = b != NULL ? b->n : 0;

	if (n > SIZE_MAX - sizeof(*b))
		return NULL;
	b = realloc(b, sizeof(*b) + n);
	if (b == NULL)
		return NULL;
	b->n = n;
	*counted += n - before;
	return b + 1;
}

XML_Parser rt_xml_expat_new(unsigned long salt, size_t *memory)
{
	static const XML_Memory_Handling_Suite suite = {count_malloc, count_realloc, count_free};
	static const XML_Char separator[] = {RT_XML_SEPARATOR, '\0'};
	XML_Parser expat;

	counted = memory;
	expat = XML_ParserCreate_MM("UTF-8", &suite, separator);
	if (expat == NULL)
		return NULL;
	XML_SetHashSalt(expat, salt);
	XML_SetReturnNSTriplet(expat, XML_TRUE);
	if (XML_SetReparseDeferralEnabled != NULL)
		XML_SetReparseDeferralEnabled(expat, XML_FALSE);
	return expat;
}

void rt_xml_expat_free(XML_Parser expat, size_t *memory)
{
	counted = memory;
	XML_ParserFree(expat);
}

enum XML_Status rt_xml_expat_parse(XML_Parser expat, size_t *memory, const char *data, size_t n)
{
	counted = memory;
	return XML_Parse(expat, data, (int)n, 0);
}

enum rt_xml_error rt_xml_expat_error(XML_Parser expat)
{
	switch (XML_GetErrorCode(expat)) {
	case XML_ERROR_NO_MEMORY:
		return RT_XML_NOMEM;
	case XML_ERROR_UNDEFINED_ENTITY:
		return RT_XML_RESTRICTED;
	default:
		return RT_XML_NOT_WELL_FORMED;
	}
}

/* Expanded names: "uri SEP local SEP prefix", "uri SEP local" or "local". */
struct rt_xml_name rt_xml_name_split(const char *text)
{
	struct rt_xml_name name = {.whole = text};
	const char *sep = strchr(text, RT_XML_SEPARATOR), *end;

	if (sep == NULL) {
		name.local = rt_str_of(text);
		return name;
	}
	name.ns = (struct rt_str){text, (uint32_t)(sep - text)};
	name.local.p = sep + 1;
	end = strchr(name.local.p, RT_XML_SEPARATOR);
	if (end == NULL) {
		name.local.n = (uint32_t)strlen(name.local.p);
		return name;
	}
	name.local.n = (uint32_t)(end - name.local.p);
	name.prefix = rt_str_of(end + 1);
	return name;
}

/* ---- building trees ---- */

struct rt_xml_parser {
	XML_Parser expat;
	size_t memory; /* of expat */
	XML_Index fed; /* bytes since the parser exists */
	struct rt_str content;

	/* the element being built */
	struct rt_stanza *st;
	size_t tree_max;
	struct rt_elem *root;
	bool failed;
	enum rt_xml_error error;
	uint32_t depth;
	struct rt_elem *open[RT_XML_SCAN_DEPTH]; /* the first `depth` are set */
};

static void fail(struct rt_xml_parser *p, enum rt_xml_error error)
{
	if (!p->failed) {
		p->failed = true;
		p->error = error;
		XML_StopParser(p->expat, XML_FALSE);
	}
}

static void *alloc(struct rt_xml_parser *p, size_t n)
{
	void *mem = rt_arena_alloc(&p->st->arena, n);

	if (mem == NULL) {
		fail(p, RT_XML_NOMEM);
	} else if (p->st->arena.total > p->tree_max) {
		fail(p, RT_XML_TOO_COMPLEX);
		return NULL;
	}
	return mem;
}

/* Copies s and a NUL to `to`. */
static struct rt_str put_copy(char *to, struct rt_str s)
{
	memcpy(to, s.p, s.n);
	to[s.n] = '\0';
	return (struct rt_str){to, s.n};
}

static struct rt_str find_ns(struct rt_xml_parser *p, struct rt_str ns)
{
	struct rt_str found;
	char *copy;

	if (ns.n == 0)
		return (struct rt_str){NULL, 0};
	if (p->depth != 0 && rt_str_eq(ns, p->open[p->depth - 1]->ns))
		return p->open[p->depth - 1]->ns;
	if (rt_str_eq(ns, rt_ns_content) || rt_str_eq(ns, p->content))
		return rt_ns_content;
	found = rt_xml_ns_find(ns.p, ns.n);
	if (found.p != NULL)
		return found;
	copy = alloc(p, ns.n + 1u);
	return copy != NULL ? put_copy(copy, ns) : (struct rt_str){NULL, 0};
}

/* Attribute, its name as written and its value, in one piece. */
static struct rt_attr *copy_attr(struct rt_xml_parser *p, const char *name_text, const char *value)
{
	struct rt_xml_name name = rt_xml_name_split(name_text);
	uint32_t n = (uint32_t)strlen(value);
	uint32_t prefix = name.prefix.n != 0 ? name.prefix.n + 1 : 0;
	struct rt_attr *attr = alloc(p, sizeof(*attr) + prefix + name.local.n + n + 2u);
	char *text;

	if (attr == NULL)
		return NULL;
	text = (char *)(attr + 1);
	*attr = (struct rt_attr){.name = {text, prefix + name.local.n}};
	if (prefix != 0) {
		memcpy(text, name.prefix.p, name.prefix.n);
		text[name.prefix.n] = ':';
	}
	put_copy(text + prefix, name.local);
	attr->value = put_copy(text + prefix + name.local.n + 1, (struct rt_str){value, n});
	attr->ns = find_ns(p, name.ns);
	return attr;
}

static void link_child(struct rt_elem *parent, struct rt_node *node)
{
	if (parent->last != NULL)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
}

static void on_start(void *user, const XML_Char *name_text, const XML_Char **atts)
{
	struct {
		struct rt_elem elem;
		struct rt_node node; /* not used by the root */
		char name[];
	} * block;
	struct rt_xml_parser *p = user;
	struct rt_xml_name name = rt_xml_name_split(name_text);
	struct rt_attr **end;

	if (p->failed)
		return;
	if (p->depth == RT_XML_SCAN_DEPTH || (p->depth == 0 && p->root != NULL)) {
		fail(p,
		     RT_XML_NOT_WELL_FORMED); /* the scan has seen to it that it does not happen */
		return;
	}
	block = alloc(p, sizeof(*block) + name.local.n + 1u);
	if (block == NULL)
		return;
	block->elem = (struct rt_elem){
		.name = put_copy(block->name, name.local),
		.ns = find_ns(p, name.ns),
	};
	end = &block->elem.attrs;
	for (; *atts != NULL && !p->failed; atts += 2) {
		*end = copy_attr(p, atts[0], atts[1]);
		if (*end != NULL)
			end = &(*end)->next;
	}
	if (p->depth == 0) {
		p->root = &block->elem;
	} else {
		block->node = (struct rt_node){.elem = &block->elem};
		block->elem.link = &block->node;
		link_child(p->open[p->depth - 1], &block->node);
	}
	p->open[p->depth++] = &block->elem;
}

static void on_end(void *user, const XML_Char *name)
{
	struct rt_xml_parser *p = user;

	(void)name;
	if (!p->failed && p->depth != 0)
		p->depth--;
}

/* Room behind the last allocation of the arena, when that is what ends at `end`: expat hands out
 * text line by line and reference by reference, and it should still be one piece. @return bytes
 * that may be written there now */
static size_t extend_last(struct rt_arena *a, const char *end, size_t n)
{
	const char *allocated = (const char *)(((uintptr_t)end + 7u) & ~(uintptr_t)7u);
	size_t room;

	if (allocated != a->at)
		return 0;
	room = (size_t)(a->end - end);
	if (n > room)
		n = room;
	if (n > (size_t)(allocated - end))
		a->at += (n - (size_t)(allocated - end) + 7u) & ~(size_t)7u;
	return n;
}

static void on_text(void *user, const XML_Char *text, int len)
{
	struct rt_xml_parser *p = user;
	struct rt_elem *parent;
	struct rt_node *node;
	size_t n = (size_t)len;

	if (p->failed)
		return;
	if (p->depth == 0) {
		fail(p, RT_XML_NOT_WELL_FORMED);
		return;
	}
	parent = p->open[p->depth - 1];
	node = parent->last;
	if (node != NULL && node->elem == NULL) {
		char *end = (char *)(node + 1) + node->text.n;
		size_t fits = extend_last(&p->st->arena, end, n);

		memcpy(end, text, fits);
		node->text.n += (uint32_t)fits;
		text += fits;
		n -= fits;
		if (n == 0)
			return;
	}
	node = alloc(p, sizeof(*node) + n);
	if (node == NULL)
		return;
	*node = (struct rt_node){.text = {(char *)(node + 1), (uint32_t)n}};
	memcpy(node + 1, text, n);
	link_child(parent, node);
}

/* What the scan refuses already; the parser must never be the one to let it through. */
static void on_comment(void *user, const XML_Char *text)
{
	(void)text;
	fail(user, RT_XML_RESTRICTED);
}

static void on_instruction(void *user, const XML_Char *target, const XML_Char *text)
{
	(void)target;
	(void)text;
	fail(user, RT_XML_RESTRICTED);
}

static void on_doctype(void *user, const XML_Char *name, const XML_Char *sysid,
		       const XML_Char *pubid, int has_internal_subset)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_internal_subset;
	fail(user, RT_XML_RESTRICTED);
}

struct rt_xml_parser *rt_xml_parser_new(struct rt_xml_pool *pool, const struct rt_xml_opening *o)
{
	struct rt_xml_parser *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->expat = rt_xml_expat_new(rt_xml_pool_salt(pool), &p->memory);
	if (p->expat == NULL) {
		free(p);
		return NULL;
	}
	p->content = o->content;
	p->fed = (XML_Index)o->bytes.n;
	if (rt_xml_expat_parse(p->expat, &p->memory, o->bytes.p, o->bytes.n) != XML_STATUS_OK ||
	    XML_GetCurrentByteIndex(p->expat) != p->fed) {
		rt_xml_parser_free(&p);
		return NULL;
	}
	XML_SetUserData(p->expat, p);
	XML_SetElementHandler(p->expat, on_start, on_end);
	XML_SetCharacterDataHandler(p->expat, on_text);
	XML_SetCommentHandler(p->expat, on_comment);
	XML_SetProcessingInstructionHandler(p->expat, on_instruction);
	XML_SetStartDoctypeDeclHandler(p->expat, on_doctype);
	return p;
}

void rt_xml_parser_free(struct rt_xml_parser **p)
{
	if (*p != NULL) {
		rt_xml_expat_free((*p)->expat, &(*p)->memory);
		free(*p);
		*p = NULL;
	}
}

size_t rt_xml_parser_memory(const struct rt_xml_parser *p)
{
	return sizeof(*p) + p->memory;
}

struct rt_elem *rt_xml_parser_run(struct rt_xml_parser *p, const char *data, size_t n,
				  struct rt_stanza *st, size_t tree_max, enum rt_xml_error *error)
{
	RT_ASSERT(n <= RT_XML_PARSER_MAX);
	p->st = st;
	p->tree_max = tree_max;
	p->root = NULL;
	p->failed = false;
	p->depth = 0;
	p->fed += (XML_Index)n;
	if (rt_xml_expat_parse(p->expat, &p->memory, data, n) != XML_STATUS_OK || p->failed) {
		*error = p->failed ? p->error : rt_xml_expat_error(p->expat);
		return NULL;
	}
	/* Scan and parser must agree on where the element ends, or someone is smuggling. */
	if (p->root == NULL || p->depth != 0 || XML_GetCurrentByteIndex(p->expat) != p->fed) {
		*error = RT_XML_NOT_WELL_FORMED;
		return NULL;
	}
	return p->root;
}
