/* stanza_error.c - a stanza turned into the error reply to itself (RFC 6120, 8.3). */
#include "xml/stanza.h"

static const struct {
	const char *condition, *type, *code;
} errors[] = {
#define TEXT(number)                   #number
#define X(name, condition, type, code) [RT_SE_##name] = {condition, type, TEXT(code)},
	RT_STANZA_ERRORS(X)
#undef X
#undef TEXT
};

static void swap_addresses(struct rt_stanza *st)
{
	struct rt_jid to = st->to;
	bool bad_to = st->bad_to;

	st->to = st->from;
	st->bad_to = st->bad_from;
	st->from = to;
	st->bad_from = bad_to;
}

/* MongooseIM puts the type of an error before the attributes of the original. */
static void move_type_first(struct rt_elem *root)
{
	for (struct rt_attr **at = &root->attrs; *at != NULL; at = &(*at)->next) {
		struct rt_attr *attr = *at;

		if (rt_str_is(attr->name, "type")) {
			*at = attr->next;
			attr->next = root->attrs;
			root->attrs = attr;
			return;
		}
	}
}

void rt_stanza_make_error(struct rt_stanza *st, enum rt_stanza_error error, struct rt_str text,
			  bool keep_children)
{
	struct rt_elem *e;

	swap_addresses(st);
	rt_stanza_set_type(st, RT_TYPE_ERROR);
	move_type_first(st->root);
	if (!keep_children)
		rt_elem_clear(st, st->root);
	e = rt_elem_add(st, st->root, "error", NULL);
	rt_elem_set(st, e, "code", rt_str_of(errors[error].code));
	rt_elem_set(st, e, "type", rt_str_of(errors[error].type));
	rt_elem_add(st, e, errors[error].condition, RT_NS_STANZAS);
	if (text.n != 0)
		rt_elem_text(st, rt_elem_add(st, e, "text", RT_NS_STANZAS), text);
}

void rt_stanza_strip(struct rt_stanza *st, enum rt_stanza_type type)
{
	st->root->attrs = NULL;
	st->lang = (struct rt_str){NULL, 0};
	rt_stanza_set_id(st, st->id.p != NULL ? st->id : RT_STR(""));
	rt_stanza_set_type(st, type);
}

bool rt_stanza_wants_error(const struct rt_stanza *st)
{
	if (st->type == RT_TYPE_ERROR)
		return false;
	return st->kind != RT_STANZA_IQ || st->type != RT_TYPE_RESULT;
}
