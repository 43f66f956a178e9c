/* stanza.c - building, changing and reading element trees; the attributes that every stanza has. */
#include "xml/stanza.h"

#include "xml/xml_ns.h"

/* ---- life ---- */

static struct rt_stanza *stanza_in_new_arena(void)
{
	struct rt_arena a = {0};
	struct rt_stanza *st = rt_arena_alloc(&a, sizeof(*st));

	if (st == NULL)
		return NULL;
	memset(st, 0, sizeof(*st));
	st->arena = a;
	return st;
}

struct rt_stanza *rt_stanza_new(const char *name, enum rt_stanza_kind kind)
{
	struct rt_stanza *st = stanza_in_new_arena();
	struct rt_elem *root = st != NULL ? rt_arena_alloc(&st->arena, sizeof(*root)) : NULL;

	if (root == NULL) {
		rt_stanza_free(&st);
		return NULL;
	}
	*root = (struct rt_elem){.name = rt_str_of(name), .ns = rt_ns_content};
	st->root = root;
	st->kind = kind;
	return st;
}

void rt_stanza_free(struct rt_stanza **st)
{
	if (*st != NULL) {
		struct rt_arena a = (*st)->arena; /* the stanza lies in it */

		*st = NULL;
		rt_arena_fini(&a);
	}
}

/* ---- building ---- */

static void *alloc(struct rt_stanza *st, size_t n)
{
	void *p = rt_arena_alloc(&st->arena, n);

	if (p == NULL)
		st->failed = true;
	return p;
}

/* p NULL stays NULL, empty text does not become it. */
static struct rt_str copy_str(struct rt_stanza *st, struct rt_str s)
{
	if (s.p == NULL)
		return s;
	s = rt_arena_str(&st->arena, s.p, s.n);
	if (s.p == NULL)
		st->failed = true;
	return s;
}

/* Whatever is serialised describes the tree as it was. */
static void touch(struct rt_stanza *st)
{
	st->children = (struct rt_str){NULL, 0};
}

static void append_node(struct rt_elem *parent, struct rt_node *node)
{
	node->next = NULL;
	if (parent->last != NULL)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
}

static void append_elem(struct rt_stanza *st, struct rt_elem *parent, struct rt_elem *child)
{
	struct rt_node *node = alloc(st, sizeof(*node));

	if (node == NULL)
		return;
	*node = (struct rt_node){.elem = child};
	child->link = node;
	append_node(parent, node);
}

struct rt_elem *rt_elem_add(struct rt_stanza *st, struct rt_elem *parent, const char *name,
			    const char *ns)
{
	struct {
		struct rt_node node;
		struct rt_elem elem;
	} * both;

	if (st == NULL || parent == NULL)
		return NULL;
	touch(st);
	both = alloc(st, sizeof(*both));
	if (both == NULL)
		return NULL;
	both->elem = (struct rt_elem){.name = rt_str_of(name), .ns = parent->ns};
	if (ns != NULL && !rt_str_eq(parent->ns, rt_str_of(ns)))
		both->elem.ns = strcmp(ns, RT_NS_CLIENT) == 0 ? rt_ns_content : rt_str_of(ns);
	both->node = (struct rt_node){.elem = &both->elem};
	both->elem.link = &both->node;
	append_node(parent, &both->node);
	return &both->elem;
}

static struct rt_attr *find_attr(const struct rt_elem *e, struct rt_str name)
{
	struct rt_attr *at = e->attrs;

	while (at != NULL && !rt_str_eq(at->name, name))
		at = at->next;
	return at;
}

static void remove_attr(struct rt_elem *e, struct rt_str name)
{
	for (struct rt_attr **at = &e->attrs; *at != NULL; at = &(*at)->next) {
		if (rt_str_eq((*at)->name, name)) {
			*at = (*at)->next;
			return;
		}
	}
}

/* name and value live as long as the stanza. */
static void put_attr(struct rt_stanza *st, struct rt_elem *e, struct rt_str name,
		     struct rt_str value)
{
	struct rt_attr *attr = find_attr(e, name), **end = &e->attrs;

	if (attr == NULL) {
		attr = alloc(st, sizeof(*attr));
		if (attr == NULL)
			return;
		*attr = (struct rt_attr){.name = name};
		if (name.n > 4 && memcmp(name.p, "xml:", 4) == 0)
			attr->ns = RT_STR(RT_NS_XML);
		while (*end != NULL)
			end = &(*end)->next;
		*end = attr;
	}
	attr->value = value;
}

/* A change of the root's attributes that the stanza's own fields repeat. */
static void follow_root(struct rt_stanza *st, struct rt_str name, struct rt_str value)
{
	if (rt_str_is(name, "id")) {
		st->id = value;
	} else if (rt_str_is(name, "xml:lang")) {
		st->lang = value;
	} else if (rt_str_is(name, "type")) {
		st->type = rt_stanza_type_parse(st->kind, value);
		st->type_text = value;
	}
}

static void set_attr(struct rt_stanza *st, struct rt_elem *e, struct rt_str name,
		     struct rt_str value)
{
	if (value.p == NULL)
		remove_attr(e, name);
	else
		put_attr(st, e, name, value);
	if (e == st->root)
		follow_root(st, name, value);
}

void rt_elem_set(struct rt_stanza *st, struct rt_elem *e, const char *name, struct rt_str value)
{
	bool wanted = value.p != NULL;

	if (st == NULL || e == NULL)
		return;
	if (e != st->root)
		touch(st);
	value = copy_str(st, value);
	if (value.p != NULL || !wanted)
		set_attr(st, e, rt_str_of(name), value);
}

void rt_elem_text(struct rt_stanza *st, struct rt_elem *e, struct rt_str text)
{
	struct rt_node *node;

	if (st == NULL || e == NULL || text.n == 0)
		return;
	touch(st);
	node = alloc(st, sizeof(*node));
	text = copy_str(st, text);
	if (node == NULL || text.p == NULL)
		return;
	*node = (struct rt_node){.text = text};
	append_node(e, node);
}

void rt_elem_adopt(struct rt_stanza *st, struct rt_elem *parent, struct rt_elem *child)
{
	if (st == NULL || parent == NULL || child == NULL)
		return;
	touch(st);
	append_elem(st, parent, child);
}

void rt_elem_remove_child(struct rt_elem *parent, const struct rt_elem *child)
{
	struct rt_node *before = NULL;

	if (parent == NULL || child == NULL)
		return;
	for (struct rt_node *node = parent->first; node != NULL; before = node, node = node->next) {
		if (node->elem != child)
			continue;
		if (before != NULL)
			before->next = node->next;
		else
			parent->first = node->next;
		if (parent->last == node)
			parent->last = before;
		return;
	}
}

void rt_elem_clear(struct rt_stanza *st, struct rt_elem *e)
{
	if (st == NULL || e == NULL)
		return;
	touch(st);
	e->first = e->last = NULL;
}

/* ---- fields of stanzas ---- */

static const struct {
	struct rt_str text;
	uint8_t kinds; /* bit per enum rt_stanza_kind */
} types[] = {
#define M (1u << RT_STANZA_MESSAGE)
#define P (1u << RT_STANZA_PRESENCE)
#define I (1u << RT_STANZA_IQ)
#define T(z)                                                                                       \
	{                                                                                          \
		z, sizeof(z) - 1                                                                   \
	}
#define ANY_KIND (M | P | I)
	[RT_TYPE_NONE] = {{NULL, 0}, 0},
	[RT_TYPE_UNKNOWN] = {{NULL, 0}, 0},
	[RT_TYPE_ERROR] = {T("error"), ANY_KIND},
	[RT_TYPE_GET] = {T("get"), I},
	[RT_TYPE_SET] = {T("set"), I},
	[RT_TYPE_RESULT] = {T("result"), I},
	[RT_TYPE_CHAT] = {T("chat"), M},
	[RT_TYPE_NORMAL] = {T("normal"), M},
	[RT_TYPE_GROUPCHAT] = {T("groupchat"), M},
	[RT_TYPE_HEADLINE] = {T("headline"), M},
	[RT_TYPE_UNAVAILABLE] = {T("unavailable"), P},
	[RT_TYPE_SUBSCRIBE] = {T("subscribe"), P},
	[RT_TYPE_SUBSCRIBED] = {T("subscribed"), P},
	[RT_TYPE_UNSUBSCRIBE] = {T("unsubscribe"), P},
	[RT_TYPE_UNSUBSCRIBED] = {T("unsubscribed"), P},
	[RT_TYPE_PROBE] = {T("probe"), P},
	[RT_TYPE_INVISIBLE] = {T("invisible"), P},
#undef M
#undef P
#undef I
#undef T
#undef ANY_KIND
};

struct rt_str rt_stanza_type_text(enum rt_stanza_type type)
{
	return types[type].text;
}

/* At most one type has this length and first byte; the caller compares the rest. */
static enum rt_stanza_type guess_type(struct rt_str s)
{
	switch (s.n) {
	case 3:
		return s.p[0] == 'g' ? RT_TYPE_GET : RT_TYPE_SET;
	case 4:
		return RT_TYPE_CHAT;
	case 5:
		return s.p[0] == 'e' ? RT_TYPE_ERROR : RT_TYPE_PROBE;
	case 6:
		return s.p[0] == 'r' ? RT_TYPE_RESULT : RT_TYPE_NORMAL;
	case 8:
		return RT_TYPE_HEADLINE;
	case 9:
		return s.p[0] == 'g'   ? RT_TYPE_GROUPCHAT
		       : s.p[0] == 's' ? RT_TYPE_SUBSCRIBE
				       : RT_TYPE_INVISIBLE;
	case 10:
		return RT_TYPE_SUBSCRIBED;
	case 11:
		return s.p[2] == 'a' ? RT_TYPE_UNAVAILABLE : RT_TYPE_UNSUBSCRIBE;
	case 12:
		return RT_TYPE_UNSUBSCRIBED;
	default:
		return RT_TYPE_UNKNOWN;
	}
}

enum rt_stanza_type rt_stanza_type_parse(enum rt_stanza_kind kind, struct rt_str text)
{
	enum rt_stanza_type type;

	if (text.p == NULL)
		return RT_TYPE_NONE;
	type = guess_type(text);
	if (type == RT_TYPE_UNKNOWN || !rt_str_eq(types[type].text, text))
		return RT_TYPE_UNKNOWN;
	if (kind != RT_STANZA_OTHER && (types[type].kinds & 1u << kind) == 0)
		return RT_TYPE_UNKNOWN;
	return type;
}

static enum rt_stanza_kind kind_of(const struct rt_elem *root)
{
	if (!rt_elem_is_content(root))
		return RT_STANZA_OTHER;
	if (rt_str_is(root->name, "message"))
		return RT_STANZA_MESSAGE;
	if (rt_str_is(root->name, "presence"))
		return RT_STANZA_PRESENCE;
	return rt_str_is(root->name, "iq") ? RT_STANZA_IQ : RT_STANZA_OTHER;
}

static int read_jid(struct rt_stanza *st, struct rt_str text, struct rt_jid *out, bool *is_bad)
{
	int err = rt_jid_parse(&st->arena, text, out);

	*is_bad = err != RT_OK;
	return err == RT_E_NOMEM ? err : RT_OK;
}

int rt_stanza_read_root(struct rt_stanza *st)
{
	static const struct rt_str absent = {NULL, 0};
	int err = RT_OK;

	st->kind = kind_of(st->root);
	st->to = st->from = (struct rt_jid){absent, absent, absent};
	st->bad_to = st->bad_from = false;
	st->type_text = st->id = st->lang = absent;
	for (const struct rt_attr *at = st->root->attrs; at != NULL && err == RT_OK;
	     at = at->next) {
		if (rt_str_is(at->name, "to"))
			err = read_jid(st, at->value, &st->to, &st->bad_to);
		else if (rt_str_is(at->name, "from"))
			err = read_jid(st, at->value, &st->from, &st->bad_from);
		else if (rt_str_is(at->name, "type"))
			st->type_text = at->value;
		else if (rt_str_is(at->name, "id"))
			st->id = at->value;
		else if (rt_str_is(at->name, "xml:lang"))
			st->lang = at->value;
	}
	st->type = rt_stanza_type_parse(st->kind, st->type_text);
	return err;
}

void rt_stanza_set_type(struct rt_stanza *st, enum rt_stanza_type type)
{
	RT_ASSERT(type != RT_TYPE_UNKNOWN);
	if (st != NULL)
		set_attr(st, st->root, RT_STR("type"), types[type].text);
}

void rt_stanza_set_id(struct rt_stanza *st, struct rt_str id)
{
	rt_elem_set(st, st != NULL ? st->root : NULL, "id", id);
}

static void set_jid(struct rt_stanza *st, struct rt_jid *field, bool *is_bad,
		    const struct rt_jid *jid)
{
	struct rt_jid copy;

	if (rt_jid_copy(&st->arena, jid, &copy) != RT_OK) {
		st->failed = true;
		return;
	}
	*field = copy;
	*is_bad = false;
}

void rt_stanza_set_to(struct rt_stanza *st, const struct rt_jid *jid)
{
	if (st != NULL)
		set_jid(st, &st->to, &st->bad_to, jid);
}

void rt_stanza_set_from(struct rt_stanza *st, const struct rt_jid *jid)
{
	if (st != NULL)
		set_jid(st, &st->from, &st->bad_from, jid);
}

/* ---- copying ---- */

static struct rt_attr *copy_attrs(struct rt_stanza *st, const struct rt_attr *from)
{
	struct rt_attr *first = NULL, **end = &first;

	for (; from != NULL; from = from->next) {
		struct rt_attr *attr = alloc(st, sizeof(*attr));

		if (attr == NULL)
			break;
		*attr = (struct rt_attr){
			.name = copy_str(st, from->name),
			.ns = copy_str(st, from->ns),
			.value = copy_str(st, from->value),
		};
		*end = attr;
		end = &attr->next;
	}
	return first;
}

/* Sets what e has but for children; the content namespace stays the constant it is. */
static struct rt_elem *copy_head(struct rt_stanza *st, const struct rt_elem *e)
{
	struct rt_elem *copy = alloc(st, sizeof(*copy));
	struct rt_str ns = e->ns;

	if (copy == NULL)
		return NULL;
	if (ns.n != 0 && !rt_elem_is_content(e)) {
		ns = rt_xml_ns_find(e->ns.p, e->ns.n);
		if (ns.p == NULL)
			ns = copy_str(st, e->ns);
	}
	*copy = (struct rt_elem){
		.name = copy_str(st, e->name),
		.ns = ns,
		.attrs = copy_attrs(st, e->attrs),
	};
	return copy;
}

/* As deep as the tree, which the reader has bounded. */
static struct rt_elem *copy_elem(struct rt_stanza *st, const struct rt_elem *e)
{
	struct rt_elem *copy = copy_head(st, e);

	if (copy == NULL)
		return NULL;
	for (const struct rt_node *node = e->first; node != NULL && !st->failed;
	     node = node->next) {
		if (node->elem == NULL) {
			rt_elem_text(st, copy, node->text);
		} else {
			struct rt_elem *child = copy_elem(st, node->elem);

			if (child != NULL)
				append_elem(st, copy, child);
		}
	}
	return copy;
}

struct rt_stanza *rt_stanza_copy(const struct rt_stanza *st)
{
	struct rt_stanza *copy = stanza_in_new_arena();

	if (copy == NULL)
		return NULL;
	copy->kind = st->kind;
	copy->type = st->type;
	copy->type_text = copy_str(copy, st->type_text);
	copy->id = copy_str(copy, st->id);
	copy->lang = copy_str(copy, st->lang);
	copy->origin = st->origin;
	copy->size = st->size;
	copy->root = copy_elem(copy, st->root);
	rt_stanza_set_to(copy, &st->to);
	rt_stanza_set_from(copy, &st->from);
	copy->bad_to = st->bad_to;
	copy->bad_from = st->bad_from;
	if (copy->failed)
		rt_stanza_free(&copy);
	return copy;
}

/* ---- reading ---- */

static bool has_text(struct rt_str s, const char *z)
{
	return strncmp(s.p != NULL ? s.p : "", z, s.n) == 0 && z[s.n] == '\0';
}

bool rt_elem_is(const struct rt_elem *e, const char *name, const char *ns)
{
	return e != NULL && has_text(e->name, name) && (ns == NULL || has_text(e->ns, ns));
}

struct rt_elem *rt_elem_child(const struct rt_elem *e, const char *name, const char *ns)
{
	if (e == NULL)
		return NULL;
	for (const struct rt_node *node = e->first; node != NULL; node = node->next) {
		if (rt_elem_is(node->elem, name, ns))
			return node->elem;
	}
	return NULL;
}

struct rt_elem *rt_elem_next(const struct rt_elem *parent, const struct rt_elem *after)
{
	const struct rt_node *node = NULL;

	if (after != NULL)
		node = after->link != NULL ? after->link->next : NULL;
	else if (parent != NULL)
		node = parent->first;
	while (node != NULL && node->elem == NULL)
		node = node->next;
	return node != NULL ? node->elem : NULL;
}

struct rt_str rt_elem_attr(const struct rt_elem *e, const char *name)
{
	const struct rt_attr *at = e != NULL ? find_attr(e, rt_str_of(name)) : NULL;

	return at != NULL ? at->value : (struct rt_str){NULL, 0};
}

struct rt_str rt_elem_get_text(struct rt_stanza *st, const struct rt_elem *e)
{
	struct rt_str one = {"", 0};
	size_t total = 0, pieces = 0, at = 0;
	char *joined;

	for (const struct rt_node *node = e != NULL ? e->first : NULL; node != NULL;
	     node = node->next) {
		if (node->elem == NULL && node->text.n != 0) {
			one = node->text;
			total += node->text.n;
			pieces++;
		}
	}
	if (pieces < 2)
		return one;
	joined = alloc(st, total + 1);
	if (joined == NULL)
		return (struct rt_str){"", 0};
	for (const struct rt_node *node = e->first; node != NULL; node = node->next) {
		if (node->elem == NULL && node->text.n != 0) {
			memcpy(joined + at, node->text.p, node->text.n);
			at += node->text.n;
		}
	}
	joined[total] = '\0';
	return (struct rt_str){joined, (uint32_t)total};
}
