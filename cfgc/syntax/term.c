/* term.c - what a term is: kind, shape, value. */
#include "syntax/term.h"

#include "support/utf8.h"
#include "syntax/term_order.h"

const char *term_kind_name(enum term_kind kind)
{
	switch (kind) {
	case TERM_ATOM:
		return "an atom";
	case TERM_INT:
		return "an integer";
	case TERM_FLOAT:
		return "a float";
	case TERM_STRING:
		return "a string";
	case TERM_BINARY:
		return "a binary";
	case TERM_BITS:
		return "a bitstring";
	case TERM_TUPLE:
		return "a tuple";
	case TERM_LIST:
		return "a list";
	case TERM_MAP:
		return "a map";
	case TERM_FUN:
		return "a fun";
	case TERM_BAD:
		break;
	}
	return "a broken term";
}

bool term_is_atom(const struct term *t, const char *name)
{
	return t->kind == TERM_ATOM && str_eqz(t->text, name);
}

bool term_is_nil(const struct term *t)
{
	return (t->kind == TERM_LIST && t->seq.n == 0 && t->seq.tail == NULL) ||
	       (t->kind == TERM_STRING && t->text.n == 0);
}

bool term_is_tuple(const struct term *t, uint32_t n, const char *name)
{
	return t->kind == TERM_TUPLE && t->seq.n == n &&
	       (name == NULL || (n > 0 && term_is_atom(t->seq.items[0], name)));
}

bool term_equal(const struct term *a, const struct term *b)
{
	return a == b || term_compare_keys(a, b) == 0;
}
