/* build.c - the grammar's actions: terms out of tokens and terms. */
#include <stdlib.h>

#include "support/assert.h"
#include "support/strbuf.h"
#include "support/utf8.h"
#include "syntax/parse.h"
#include "syntax/term_order.h"

#define ATOM_MAX_CHARACTERS 255

static struct term *term_new(struct parse *ps, enum term_kind kind, struct span at)
{
	struct term *t = arena_new_of(ps->arena, struct term);

	t->kind = kind;
	t->at = at;
	t->used_at = NO_SPAN;
	return t;
}

static struct span between(struct token first, struct token last)
{
	return span_join(first.at, last.at);
}

struct node build_bad(struct parse *ps, struct span at)
{
	return (struct node){term_new(ps, TERM_BAD, at), 0};
}

struct node build_flaw(struct parse *ps, struct span at, enum diag_code code, const char *format,
		       ...)
{
	if (ps->flaw.at.file == NO_FILE) {
		va_list ap;

		va_start(ap, format);
		ps->flaw = (struct flaw){at, code, arena_vprintf(ps->arena, format, ap)};
		va_end(ap);
	}
	return build_bad(ps, at);
}

/* ---- lists of nodes ---- */

struct nodes *build_nodes(struct parse *ps, struct nodes *list, struct node element)
{
	if (list == NULL)
		list = arena_new_of(ps->arena, struct nodes);
	vec_push(ps->arena, &list->list, element);
	return list;
}

struct nodes *build_nodes_joined(struct parse *ps, struct nodes *list, const struct nodes *more)
{
	for (size_t i = 0; i < more->list.n; i++)
		vec_push(ps->arena, &list->list, more->list.at[i]);
	return list;
}

void build_form(struct parse *ps, struct nodes *terms, struct token dot)
{
	ps->form = terms;
	ps->form_dot = dot;
}

/* ---- scalars ---- */

struct node build_atom(struct parse *ps, struct token t)
{
	struct term *atom = term_new(ps, TERM_ATOM, t.at);

	atom->text = source_text(ps->sources, t.at);
	if (atom->text.p[0] == '\'' && !literal_text(ps, t, &atom->text)) {
		ps->tainted = true;
		return build_bad(ps, t.at);
	}
	if (atom->text.n > ATOM_MAX_CHARACTERS && utf8_count(atom->text) > ATOM_MAX_CHARACTERS) {
		diag_add(ps->diags, E0114, t.at,
			 "this atom has %zu characters; at most %d are allowed",
			 utf8_count(atom->text), ATOM_MAX_CHARACTERS);
		ps->tainted = true;
		return build_bad(ps, t.at);
	}
	return (struct node){atom, 0};
}

const struct term *build_small_int(struct arena *a, struct span at, int64_t value)
{
	struct term *t = arena_new_of(a, struct term);

	t->kind = TERM_INT;
	t->at = at;
	t->used_at = NO_SPAN;
	t->integer.value = value;
	t->integer.digits = arena_printf(a, "%lld", (long long)value);
	return t;
}

struct node build_int(struct parse *ps, struct token t)
{
	struct term *number = term_new(ps, TERM_INT, t.at);

	if (literal_int(ps, t, number))
		return (struct node){number, NODE_UNSIGNED};
	ps->tainted = true;
	return build_bad(ps, t.at);
}

struct node build_char(struct parse *ps, struct token t)
{
	uint32_t code_point;

	if (literal_char(ps, t, &code_point))
		return (struct node){build_small_int(ps->arena, t.at, code_point), NODE_UNSIGNED};
	ps->tainted = true;
	return build_bad(ps, t.at);
}

struct node build_float(struct parse *ps, struct token t)
{
	struct term *number = term_new(ps, TERM_FLOAT, t.at);

	if (literal_float(ps, t, &number->real))
		return (struct node){number, NODE_UNSIGNED};
	ps->tainted = true;
	return build_bad(ps, t.at);
}

struct pieces *build_piece(struct parse *ps, struct pieces *before, struct token t)
{
	struct str text;

	if (before == NULL) {
		before = arena_new_of(ps->arena, struct pieces);
		before->at = t.at;
		before->good = true;
	}
	if (!literal_text(ps, t, &text))
		before->good = false;
	vec_push(ps->arena, &before->list, text);
	before->at = span_join(before->at, t.at);
	return before;
}

struct node build_string(struct parse *ps, const struct pieces *pieces)
{
	struct term *string = term_new(ps, TERM_STRING, pieces->at);
	struct strbuf text = {.arena = ps->arena};

	if (!pieces->good) {
		ps->tainted = true;
		return build_bad(ps, pieces->at);
	}
	string->text = pieces->list.at[0];
	if (pieces->list.n > 1) {
		for (size_t i = 0; i < pieces->list.n; i++)
			strbuf_add(&text, pieces->list.at[i]);
		string->text = strbuf_str(&text);
	}
	return (struct node){string, NODE_STRING};
}

static struct str negated_digits(struct parse *ps, struct str digits)
{
	if (str_eqz(digits, "0"))
		return digits;
	return arena_printf(ps->arena, "-%.*s", STR_ARG(digits));
}

struct node build_sign(struct parse *ps, struct token sign, struct node operand)
{
	struct term *number;

	if ((operand.flags & NODE_UNSIGNED) == 0)
		return build_operation(ps, operand, sign, operand);
	number = term_new(ps, operand.term->kind, span_join(sign.at, operand.term->at));
	if (number->kind == TERM_FLOAT) {
		number->real = sign.kind == TOK_MINUS ? -operand.term->real : operand.term->real;
	} else {
		number->integer = operand.term->integer;
		number->is_big = operand.term->is_big;
		if (sign.kind == TOK_MINUS) {
			number->integer.digits = negated_digits(ps, operand.term->integer.digits);
			number->integer.value = -operand.term->integer.value;
			/* The one number whose magnitude alone does not fit. */
			if (str_eqz(number->integer.digits, "-9223372036854775808")) {
				number->integer.value = INT64_MIN;
				number->is_big = false;
			}
		}
	}
	return (struct node){number, 0};
}

/* ---- compounds ---- */

static void fill_items(struct parse *ps, struct term *t, const struct nodes *elements, size_t more)
{
	size_t n = elements != NULL ? elements->list.n : 0;

	if (n + more == 0)
		return;
	t->seq.items = arena_array_of(ps->arena, const struct term *, n + more);
	for (size_t i = 0; i < n; i++)
		t->seq.items[i] = elements->list.at[i].term;
	t->seq.n = (uint32_t)n;
}

struct node build_tuple(struct parse *ps, struct token l, const struct nodes *elements,
			struct token r)
{
	struct term *t = term_new(ps, TERM_TUPLE, between(l, r));

	fill_items(ps, t, elements, 0);
	return (struct node){t, 0};
}

/* [a | "bc"] is [a, 98, 99]. */
static void append_string(struct parse *ps, struct term *list, const struct term *string)
{
	for (size_t at = 0; at < string->text.n;) {
		uint32_t cp;

		at += utf8_decode(string->text.p + at, string->text.n - at, &cp);
		list->seq.items[list->seq.n++] = build_small_int(ps->arena, string->at, cp);
	}
}

struct node build_list(struct parse *ps, struct token l, const struct nodes *elements,
		       const struct node *tail, struct token r)
{
	struct term *t = term_new(ps, TERM_LIST, between(l, r));
	const struct term *rest = tail != NULL ? tail->term : NULL;
	size_t more = 0;

	if (rest != NULL)
		more = rest->kind == TERM_LIST     ? rest->seq.n
		       : rest->kind == TERM_STRING ? utf8_count(rest->text)
						   : 0;
	fill_items(ps, t, elements, more);
	if (rest == NULL)
		return (struct node){t, 0};
	if (rest->kind == TERM_STRING) {
		append_string(ps, t, rest);
	} else if (rest->kind == TERM_LIST) {
		for (uint32_t i = 0; i < rest->seq.n; i++)
			t->seq.items[t->seq.n++] = rest->seq.items[i];
		t->seq.tail = rest->seq.tail;
	} else {
		t->seq.tail = rest;
	}
	return (struct node){t, 0};
}

struct node build_parens(struct parse *ps, struct token l, struct node inner, struct token r)
{
	struct term *t = term_new(ps, inner.term->kind, NO_SPAN);

	*t = *inner.term;
	t->at = between(l, r);
	return (struct node){t, inner.flags};
}

struct node build_fun(struct parse *ps, struct token fun, struct token module, struct token name,
		      struct token arity)
{
	struct node m = build_atom(ps, module), n = build_atom(ps, name);
	struct term number, *t = term_new(ps, TERM_FUN, between(fun, arity));

	if (!literal_int(ps, arity, &number)) {
		ps->tainted = true;
		return build_bad(ps, t->at);
	}
	if (m.term->kind == TERM_BAD || n.term->kind == TERM_BAD)
		return build_bad(ps, t->at);
	if (number.is_big || number.integer.value > 255)
		return build_flaw(ps, arity.at, E0108, "a function has at most 255 arguments");
	t->text = arena_printf(ps->arena, "%.*s:%.*s/%lld", STR_ARG(m.term->text),
			       STR_ARG(n.term->text), (long long)number.integer.value);
	return (struct node){t, 0};
}

/* ---- maps ---- */

struct pair {
	const struct term *key, *value;
	size_t arrival;
};

static int compare_pairs(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;
	int c = term_compare_keys(a->key, b->key);

	return c != 0 ? c : (a->arrival > b->arrival) - (a->arrival < b->arrival);
}

/* Keys in Erlang's order; of two equal keys the later one's value counts. */
struct node build_map(struct parse *ps, struct token l, const struct nodes *pairs, struct token r)
{
	struct term *t = term_new(ps, TERM_MAP, between(l, r));
	size_t n = pairs != NULL ? pairs->list.n / 2 : 0;
	struct pair *sorted;

	if (n == 0)
		return (struct node){t, 0};
	sorted = arena_array_of(ps->arena, struct pair, n);
	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct pair){pairs->list.at[2 * i].term,
					  pairs->list.at[2 * i + 1].term, i};
	qsort(sorted, n, sizeof(*sorted), compare_pairs);
	t->seq.items = arena_array_of(ps->arena, const struct term *, 2 * n);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && term_compare_keys(sorted[i].key, sorted[i + 1].key) == 0) {
			diag_add(ps->diags, W0135, sorted[i].key->at,
				 "this key occurs again in the same map; this value is lost");
			diag_label(ps->diags, sorted[i + 1].key->at, "the later one counts");
			continue;
		}
		t->seq.items[t->seq.n++] = sorted[i].key;
		t->seq.items[t->seq.n++] = sorted[i].value;
	}
	return (struct node){t, 0};
}

/* ---- Erlang that is no constant ---- */

struct node build_variable(struct parse *ps, struct token t)
{
	char first = source_text(ps->sources, t.at).p[0];

	/* A placeholder and a number without value come as variables too; they are reported
	 * already. */
	if (first != '{' && !(first >= '0' && first <= '9'))
		vec_push(ps->arena, &ps->variables, t.at);
	return build_bad(ps, t.at);
}

/* A short expression is quoted in the message, a long one is only pointed at. */
static struct node expression(struct parse *ps, struct span at)
{
	struct str text = source_text(ps->sources, at);

	if (text.n <= 30 && memchr(text.p, '\n', text.n) == NULL)
		return build_flaw(ps, at, E0108,
				  "'%.*s' is an expression; only constants are allowed",
				  STR_ARG(text));
	return build_flaw(ps, at, E0108, "this is an expression; only constants are allowed");
}

struct node build_not_constant(struct parse *ps, struct token first, struct token last)
{
	return expression(ps, between(first, last));
}

struct node build_operation(struct parse *ps, struct node left, struct token op, struct node right)
{
	struct span start = left.term->at.off < op.at.off ? left.term->at : op.at;

	return expression(ps, span_join(start, right.term->at));
}

struct node build_call(struct parse *ps, struct node callee, struct token r)
{
	return expression(ps, span_join(callee.term->at, r.at));
}
