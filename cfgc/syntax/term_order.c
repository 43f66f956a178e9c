/* term_order.c - Erlang's order of terms, which is also their equality. */
#include "syntax/term_order.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/utf8.h"

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int compare(const struct term *a, const struct term *b, bool exact);

/* number < atom < fun < tuple < map < nil < list < bitstring */
static int rank(const struct term *t)
{
	switch (t->kind) {
	case TERM_INT:
	case TERM_FLOAT:
		return 0;
	case TERM_ATOM:
		return 1;
	case TERM_FUN:
		return 2;
	case TERM_TUPLE:
		return 3;
	case TERM_MAP:
		return 4;
	case TERM_LIST:
	case TERM_STRING:
		return term_is_nil(t) ? 5 : 6;
	case TERM_BINARY:
	case TERM_BITS:
		return 7;
	case TERM_BAD:
		break;
	}
	return 8;
}

/* ---- numbers ---- */

static int compare_integers(const struct term *a, const struct term *b)
{
	struct str x = a->integer.digits, y = b->integer.digits;
	bool minus_x = x.p[0] == '-', minus_y = y.p[0] == '-';
	int c;

	if (minus_x != minus_y)
		return minus_x ? -1 : 1;
	c = x.n != y.n ? COMPARE(x.n, y.n) : memcmp(x.p, y.p, x.n);
	return minus_x ? -c : c;
}

static double as_double(const struct term *t)
{
	char digits[400]; /* more digits than the largest float has */

	if (t->kind == TERM_FLOAT)
		return t->real;
	if (!t->is_big)
		return (double)t->integer.value;
	if (t->integer.digits.n >= sizeof(digits))
		return t->integer.digits.p[0] == '-' ? -HUGE_VAL : HUGE_VAL;
	memcpy(digits, t->integer.digits.p, t->integer.digits.n);
	digits[t->integer.digits.n] = '\0';
	return strtod(digits, NULL);
}

static int compare_numbers(const struct term *a, const struct term *b, bool exact)
{
	double x, y;
	int c;

	if (a->kind == TERM_INT && b->kind == TERM_INT)
		return compare_integers(a, b);
	if (exact && a->kind != b->kind)
		return a->kind == TERM_INT ? -1 : 1;
	x = as_double(a);
	y = as_double(b);
	c = COMPARE(x, y);
	/* As values 0.0 and -0.0 are one number, and one key, up to OTP 26. */
	return c;
}

/* ---- lists, however written ---- */

struct cursor {
	const struct term *list;
	size_t at;          /* item, or byte of a string */
	struct term number; /* a string's character as a term */
	char digits[12];
};

/* The next element, NULL behind the last one. */
static const struct term *next_element(struct cursor *c)
{
	const struct term *l = c->list;
	uint32_t cp;

	if (l->kind == TERM_LIST)
		return c->at < l->seq.n ? l->seq.items[c->at++] : NULL;
	if (c->at == l->text.n)
		return NULL;
	c->at += utf8_decode(l->text.p + c->at, l->text.n - c->at, &cp);
	snprintf(c->digits, sizeof(c->digits), "%u", (unsigned)cp);
	c->number = (struct term){.kind = TERM_INT, .used_at = NO_SPAN};
	c->number.integer.value = cp;
	c->number.integer.digits = str_of(c->digits);
	return &c->number;
}

static const struct term *tail_of(const struct term *t)
{
	return t->kind == TERM_LIST ? t->seq.tail : NULL;
}

/* Where one list ends, its tail (nil or not) meets what is left of the other, which is a list. */
static int compare_rest(const struct term *tail, bool exact, int when_nil)
{
	static const struct term some_list = {.kind = TERM_STRING, .text = {"x", 1}};

	if (tail == NULL)
		return when_nil;
	return when_nil < 0 ? compare(tail, &some_list, exact) : -compare(tail, &some_list, exact);
}

static int compare_lists(const struct term *a, const struct term *b, bool exact)
{
	struct cursor x = {.list = a}, y = {.list = b};

	for (;;) {
		const struct term *p = next_element(&x), *q = next_element(&y);
		int c;

		if (p == NULL && q == NULL)
			break;
		if (p == NULL)
			return compare_rest(tail_of(a), exact, -1);
		if (q == NULL)
			return compare_rest(tail_of(b), exact, 1);
		c = compare(p, q, exact);
		if (c != 0)
			return c;
	}
	if (tail_of(a) != NULL && tail_of(b) != NULL)
		return compare(tail_of(a), tail_of(b), exact);
	if (tail_of(a) != NULL)
		return rank(tail_of(a)) < 5 ? -1 : 1; /* against nil */
	if (tail_of(b) != NULL)
		return rank(tail_of(b)) < 5 ? 1 : -1;
	return 0;
}

/* ---- the rest ---- */

/* Code points sort as their UTF-8 bytes do. */
static int compare_text(struct str a, struct str b)
{
	return str_cmp(a, b);
}

static size_t bit_length(const struct term *t)
{
	return t->text.n * 8 - (t->kind == TERM_BITS ? 8u - t->nbits : 0u);
}

static int compare_bits(const struct term *a, const struct term *b)
{
	int c = str_cmp(a->text, b->text);

	/* Unused bits are zero: equal bytes of different lengths are told apart by the length. */
	return c != 0 ? c : COMPARE(bit_length(a), bit_length(b));
}

static int compare_items(const struct term *a, const struct term *b, bool exact, uint32_t first,
			 uint32_t step)
{
	for (uint32_t i = first; i < a->seq.n; i += step) {
		int c = compare(a->seq.items[i], b->seq.items[i], exact);

		if (c != 0)
			return c;
	}
	return 0;
}

static int compare_maps(const struct term *a, const struct term *b, bool exact)
{
	int c = compare_items(a, b, true, 0, 2);

	return c != 0 ? c : compare_items(a, b, exact, 1, 2);
}

static int compare(const struct term *a, const struct term *b, bool exact)
{
	int ra = rank(a), rb = rank(b);

	if (ra != rb)
		return COMPARE(ra, rb);
	switch (a->kind) {
	case TERM_INT:
	case TERM_FLOAT:
		return compare_numbers(a, b, exact);
	case TERM_ATOM:
	case TERM_FUN:
		return compare_text(a->text, b->text);
	case TERM_TUPLE:
		if (a->seq.n != b->seq.n)
			return COMPARE(a->seq.n, b->seq.n);
		return compare_items(a, b, exact, 0, 1);
	case TERM_MAP:
		if (a->seq.n != b->seq.n)
			return COMPARE(a->seq.n, b->seq.n);
		return compare_maps(a, b, exact);
	case TERM_LIST:
	case TERM_STRING:
		return compare_lists(a, b, exact);
	case TERM_BINARY:
	case TERM_BITS:
		return compare_bits(a, b);
	case TERM_BAD:
		break;
	}
	return 0;
}

int term_compare(const struct term *a, const struct term *b)
{
	return compare(a, b, false);
}

int term_compare_keys(const struct term *a, const struct term *b)
{
	return compare(a, b, true);
}
