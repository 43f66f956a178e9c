/* xml_writer.c - stanzas to bytes. */
#include "xml/xml_writer.h"

#include "xml/xml_ns.h"

/* Writes straight into the buffer's free part and tells the buffer at the end:
 *
 *   at <= end == buf->data + buf->cap; at == end == NULL after running out of memory */
struct out {
	struct rt_buf *buf; /* NULL: memory of somebody else, which does not grow */
	char *at, *end;
	bool failed;
};

/* Asked for whenever room is short, so that a stanza needs it once or twice. Bytes */
#define ROOM 512u

static struct out begin(struct rt_buf *buf)
{
	struct out o = {.buf = buf};

	if (buf->data != NULL) {
		o.at = buf->data + buf->end;
		o.end = buf->data + buf->cap;
	}
	return o;
}

static void finish(const struct out *o)
{
	if (o->buf != NULL && o->at != NULL)
		o->buf->end = (uint32_t)(o->at - o->buf->data);
}

static bool make_room(struct out *o, size_t n)
{
	if (o->failed)
		return false;
	finish(o);
	if (o->buf == NULL || rt_buf_reserve(o->buf, n > ROOM ? n : ROOM) == NULL) {
		o->failed = true;
		o->at = o->end = NULL;
		return false;
	}
	*o = begin(o->buf);
	return true;
}

static inline void put(struct out *o, const char *p, size_t n)
{
	if ((size_t)(o->end - o->at) < n && !make_room(o, n))
		return;
	memcpy(o->at, p, n);
	o->at += n;
}

#define PUT(o, literal) put((o), (literal), sizeof(literal) - 1)

static inline void put_char(struct out *o, char c)
{
	if (o->at == o->end && !make_room(o, 1))
		return;
	*o->at++ = c;
}

static inline void put_str(struct out *o, struct rt_str s)
{
	if (s.n != 0)
		put(o, s.p, s.n);
}

/* ---- escaping ---- */

enum { IN_TEXT = 1, IN_VALUE = 2 };

#define B  (IN_TEXT | IN_VALUE)
#define V  IN_VALUE
#define B8 B, B, B, B, B, B, B, B

/* White space that a parser would turn into blanks or line ends is escaped, and what no document
 * may hold. */
static const uint8_t special[256] = {
	B,  B,  B, B, B, B, B, B, B, V, V, B, B, B, B, B, /* 00: tab and line feed stay in text */
	B8, B8,                                           /* 10 */
	0,  0,  V, 0, 0, 0, B, V, 0, 0, 0, 0, 0, 0, 0, 0, /* 20: " & ' */
	0,  0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, B, 0, B, 0, /* 30: < > */
};

#undef B
#undef V
#undef B8

static struct rt_str reference_of(char c)
{
	switch (c) {
	case '&':
		return RT_STR("&amp;");
	case '<':
		return RT_STR("&lt;");
	case '>':
		return RT_STR("&gt;");
	case '\'':
		return RT_STR("&apos;");
	case '"':
		return RT_STR("&quot;");
	case '\t':
		return RT_STR("&#9;");
	case '\n':
		return RT_STR("&#10;");
	case '\r':
		return RT_STR("&#13;");
	default:
		return RT_STR("\xef\xbf\xbd"); /* U+FFFD */
	}
}

static void put_escaped(struct out *o, struct rt_str s, unsigned where)
{
	const char *p = s.p, *run = s.p, *end = s.n != 0 ? s.p + s.n : s.p;

	for (; p != end; p++) {
		if ((special[(unsigned char)*p] & where) == 0)
			continue;
		if (p != run)
			put(o, run, (size_t)(p - run));
		put_str(o, reference_of(*p));
		run = p + 1;
	}
	if (p != run)
		put(o, run, (size_t)(p - run));
}

/* ---- elements ---- */

static void put_attr(struct out *o, struct rt_str name, struct rt_str value)
{
	put_char(o, ' ');
	put_str(o, name);
	PUT(o, "='");
	put_escaped(o, value, IN_VALUE);
	put_char(o, '\'');
}

/* Length of the prefix of an attribute's name that has to be declared; 0: none. */
static uint32_t prefix_of(const struct rt_attr *attr)
{
	const char *colon;

	if (attr->ns.n == 0 || attr->name.n == 0)
		return 0;
	colon = memchr(attr->name.p, ':', attr->name.n);
	if (colon == NULL || rt_str_is(attr->ns, RT_NS_XML))
		return 0;
	return (uint32_t)(colon - attr->name.p);
}

/* An element's attributes with the same prefix have the same namespace: the first one declares it.
 */
static bool is_declared_before(const struct rt_elem *e, const struct rt_attr *attr, uint32_t prefix)
{
	for (const struct rt_attr *at = e->attrs; at != attr; at = at->next) {
		if (prefix_of(at) == prefix && memcmp(at->name.p, attr->name.p, prefix) == 0)
			return true;
	}
	return false;
}

static void put_own_attr(struct out *o, const struct rt_elem *e, const struct rt_attr *attr)
{
	uint32_t prefix = attr->ns.n != 0 ? prefix_of(attr) : 0;

	if (prefix != 0 && !is_declared_before(e, attr, prefix)) {
		PUT(o, " xmlns:");
		put(o, attr->name.p, prefix);
		PUT(o, "='");
		put_escaped(o, attr->ns, IN_VALUE);
		put_char(o, '\'');
	}
	put_attr(o, attr->name, attr->value);
}

static bool is_same_ns(struct rt_str a, struct rt_str b)
{
	return a.n == b.n && (a.p == b.p || rt_str_eq(a, b));
}

/* The namespace of XML itself cannot be declared, only be named by its prefix: <xml:a/> is
 * well-formed. */
static bool is_in_xml_ns(const struct rt_elem *e)
{
	return e->ns.n == sizeof(RT_NS_XML) - 1 && rt_str_is(e->ns, RT_NS_XML);
}

static void put_tag_name(struct out *o, const struct rt_elem *e)
{
	if (is_in_xml_ns(e))
		PUT(o, "xml:");
	put_str(o, e->name);
}

/* @return the default namespace inside the element */
static struct rt_str put_open(struct out *o, const struct rt_elem *e, struct rt_str outer_ns)
{
	put_char(o, '<');
	put_tag_name(o, e);
	if (is_in_xml_ns(e))
		return outer_ns;
	if (!is_same_ns(e->ns, outer_ns))
		put_attr(o, RT_STR("xmlns"), e->ns);
	return e->ns;
}

static void put_close(struct out *o, const struct rt_elem *e)
{
	PUT(o, "</");
	put_tag_name(o, e);
	put_char(o, '>');
}

static void put_elem(struct out *o, const struct rt_elem *e, struct rt_str outer_ns);

/* Recurses as deep as the tree is, which the reader has bounded. */
static void put_children(struct out *o, const struct rt_elem *e, struct rt_str inner_ns)
{
	for (const struct rt_node *node = e->first; node != NULL; node = node->next) {
		if (node->elem != NULL)
			put_elem(o, node->elem, inner_ns);
		else
			put_escaped(o, node->text, IN_TEXT);
	}
}

static void put_elem(struct out *o, const struct rt_elem *e, struct rt_str outer_ns)
{
	struct rt_str inner_ns = put_open(o, e, outer_ns);

	for (const struct rt_attr *at = e->attrs; at != NULL; at = at->next)
		put_own_attr(o, e, at);
	if (e->first == NULL) {
		PUT(o, "/>");
		return;
	}
	put_char(o, '>');
	put_children(o, e, inner_ns);
	put_close(o, e);
}

/* A root stands in the content namespace. */
static struct rt_str inner_ns_of_root(const struct rt_elem *root)
{
	return is_in_xml_ns(root) ? rt_ns_content : root->ns;
}

void rt_xml_write_elem(struct rt_buf *out, const struct rt_elem *e, struct rt_str parent_ns)
{
	struct out o = begin(out);

	put_elem(&o, e, parent_ns);
	finish(&o);
}

void rt_xml_write_text(struct rt_buf *out, struct rt_str text)
{
	struct out o = begin(out);

	put_escaped(&o, text, IN_TEXT);
	finish(&o);
}

void rt_xml_write_attr_value(struct rt_buf *out, struct rt_str value)
{
	struct out o = begin(out);

	put_escaped(&o, value, IN_VALUE);
	finish(&o);
}

/* ---- stanzas ---- */

/* Nodeprep and nameprep leave nothing in node and domain that would need escaping. */
static void put_jid(struct out *o, const char *before, size_t n, const struct rt_jid *jid)
{
	if (jid->domain.n == 0)
		return;
	put(o, before, n);
	if (jid->node.n != 0) {
		put_str(o, jid->node);
		put_char(o, '@');
	}
	put_str(o, jid->domain);
	if (jid->resource.n != 0) {
		put_char(o, '/');
		put_escaped(o, jid->resource, IN_VALUE);
	}
	put_char(o, '\'');
}

#define PUT_JID(o, literal, jid) put_jid((o), (literal), sizeof(literal) - 1, (jid))

/* Attributes of a root that are written from the stanza's fields. */
enum field { FIELD_ADDRESS, FIELD_TYPE, FIELD_ID, FIELD_LANG, NO_FIELD };

static enum field field_of(struct rt_str name)
{
	switch (name.n) {
	case 2:
		if (memcmp(name.p, "id", 2) == 0)
			return FIELD_ID;
		return memcmp(name.p, "to", 2) == 0 ? FIELD_ADDRESS : NO_FIELD;
	case 4:
		if (memcmp(name.p, "type", 4) == 0)
			return FIELD_TYPE;
		return memcmp(name.p, "from", 4) == 0 ? FIELD_ADDRESS : NO_FIELD;
	case 8:
		return memcmp(name.p, "xml:lang", 8) == 0 ? FIELD_LANG : NO_FIELD;
	default:
		return NO_FIELD;
	}
}

static void put_root_attrs(struct out *o, const struct rt_stanza *st)
{
	const struct {
		struct rt_str name, value;
	} fields[] = {
		[FIELD_TYPE] = {RT_STR("type"), st->type == RT_TYPE_UNKNOWN
							? st->type_text
							: rt_stanza_type_text(st->type)},
		[FIELD_ID] = {RT_STR("id"), st->id},
		[FIELD_LANG] = {RT_STR("xml:lang"), st->lang},
	};
	unsigned written = 0;

	for (const struct rt_attr *at = st->root->attrs; at != NULL; at = at->next) {
		enum field f = field_of(at->name);

		if (f == NO_FIELD) {
			put_own_attr(o, st->root, at);
		} else if (f != FIELD_ADDRESS && fields[f].value.p != NULL) {
			put_attr(o, fields[f].name, fields[f].value);
			written |= 1u << f;
		}
	}
	for (unsigned f = FIELD_TYPE; f <= FIELD_LANG; f++) {
		if (fields[f].value.p != NULL && (written & 1u << f) == 0)
			put_attr(o, fields[f].name, fields[f].value);
	}
}

void rt_xml_write_stanza(struct rt_buf *out, struct rt_stanza *st, const struct rt_jid *to,
			 const struct rt_jid *from)
{
	struct out o = begin(out);
	struct rt_str inner_ns = put_open(&o, st->root, rt_ns_content);

	PUT_JID(&o, " from='", from != NULL ? from : &st->from);
	PUT_JID(&o, " to='", to != NULL ? to : &st->to);
	put_root_attrs(&o, st);
	if (st->children.p != NULL ? st->children.n == 0 : st->root->first == NULL) {
		PUT(&o, "/>");
	} else {
		put_char(&o, '>');
		if (st->children.p != NULL)
			put_str(&o, st->children);
		else
			put_children(&o, st->root, inner_ns);
		put_close(&o, st->root);
	}
	finish(&o);
}

/* Written into what is left of the arena's block and claimed afterwards. @return whether it fitted
 */
static bool cache_in_place(struct rt_stanza *st)
{
	struct out o = {.at = st->arena.at, .end = st->arena.end};
	size_t n;

	put_children(&o, st->root, inner_ns_of_root(st->root));
	if (o.failed)
		return false;
	n = (size_t)(o.at - st->arena.at);
	st->children = (struct rt_str){n != 0 ? rt_arena_alloc(&st->arena, n) : "", (uint32_t)n};
	return true;
}

void rt_xml_cache_children(struct rt_stanza *st)
{
	struct rt_buf buf = {0};
	struct out o;

	if (st->children.p != NULL || cache_in_place(st))
		return;
	o = begin(&buf);
	put_children(&o, st->root, inner_ns_of_root(st->root));
	finish(&o);
	if (!buf.failed)
		st->children = rt_arena_str(&st->arena, buf.data, rt_buf_len(&buf));
	rt_buf_fini(&buf);
}
