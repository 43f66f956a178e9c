/* term_print.c - terms as text: the tagged JSON of `cfgc terms`, and Erlang on one line. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/strbuf.h"
#include "support/utf8.h"
#include "syntax/lexer.h"
#include "syntax/term.h"
#include "syntax/term_order.h"

/* ---- floats ---- */

/* The fewest digits that read back as the same number, and where the point is: value = 0.DIGITS *
 * 10^point. */
static int shortest_digits(double magnitude, char digits[24], int *point)
{
	char text[40];
	int n = 0;

	for (int precision = 1; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision - 1, magnitude);
		if (strtod(text, NULL) == magnitude) /* cfgc runs in the C locale */
			break;
	}
	for (const char *p = text; *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	*point = atoi(strchr(text, 'e') + 1) + 1;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	return n;
}

static void add_scientific(struct strbuf *out, const char *digits, int n, int point)
{
	strbuf_addc(out, digits[0]);
	strbuf_addc(out, '.');
	strbuf_addz(out, n > 1 ? digits + 1 : "0");
	strbuf_printf(out, "e%d", point - 1);
}

static void add_zeros(struct strbuf *out, int n)
{
	strbuf_fill(out, '0', (size_t)n);
}

#define LARGEST_EXACT_INTEGER 9007199254740992.0 /* 2^53 */

/* As float_to_list(F, [short]): whichever of 123.0 and 1.23e2 is shorter, decimal at a tie; from
 * 2^53 on, where digits before the point would not be exact, always the latter. */
static void print_float(struct strbuf *out, double value)
{
	char digits[24];
	int point, n, cost;

	if (signbit(value))
		strbuf_addc(out, '-');
	value = fabs(value);
	if (value == 0) {
		strbuf_addz(out, "0.0");
		return;
	}
	n = shortest_digits(value, digits, &point);
	cost = snprintf(NULL, 0, "%d", point - 1) +
	       (n == 1 ? 3 : 2); /* of the scientific form's extras */
	if (value >= LARGEST_EXACT_INTEGER) {
		add_scientific(out, digits, n, point);
	} else if (point > 0 && point < n) {
		strbuf_add(out, (struct str){digits, (size_t)point});
		strbuf_addc(out, '.');
		strbuf_addz(out, digits + point);
	} else if (point <= 0) {
		if (point == 0 || 2 - point <= cost) {
			strbuf_addz(out, "0.");
			add_zeros(out, -point);
			strbuf_addz(out, digits);
		} else {
			add_scientific(out, digits, n, point);
		}
	} else if (point - n + 2 <= cost) {
		strbuf_addz(out, digits);
		add_zeros(out, point - n);
		strbuf_addz(out, ".0");
	} else {
		add_scientific(out, digits, n, point);
	}
}

/* ---- lists that are text ---- */

/* io_lib:printable_unicode_list/1 */
static bool is_printable(int64_t c)
{
	return (c >= 8 && c <= 13) || c == 27 || (c >= 32 && c <= 126) ||
	       (c >= 160 && c < 0xD800) || (c >= 0xE000 && c < 0xFFFE) ||
	       (c >= 0x10000 && c <= 0x10FFFF);
}

static bool is_printable_text(struct str s)
{
	for (size_t at = 0; at < s.n;) {
		uint32_t cp;

		at += utf8_decode(s.p + at, s.n - at, &cp);
		if (!is_printable(cp))
			return false;
	}
	return s.n != 0;
}

static bool is_printable_list(const struct term *t)
{
	if (t->seq.n == 0 || t->seq.tail != NULL)
		return false;
	for (uint32_t i = 0; i < t->seq.n; i++) {
		const struct term *e = t->seq.items[i];

		if (e->kind != TERM_INT || e->is_big || !is_printable(e->integer.value))
			return false;
	}
	return true;
}

static struct str text_of_list(struct arena *a, const struct term *t)
{
	struct strbuf text = {.arena = a};

	for (uint32_t i = 0; i < t->seq.n; i++)
		strbuf_add_utf8(&text, (uint32_t)t->seq.items[i]->integer.value);
	return strbuf_str(&text);
}

/* ---- JSON ---- */

static void json_text(struct strbuf *out, const char *tag, struct str text)
{
	strbuf_printf(out, "{\"t\":\"%s\",\"v\":", tag);
	strbuf_add_json(out, text);
	strbuf_addc(out, '}');
}

static void json_items(struct strbuf *out, const struct term *t)
{
	strbuf_addc(out, '[');
	for (uint32_t i = 0; i < t->seq.n; i++) {
		if (i != 0)
			strbuf_addc(out, ',');
		term_to_json(out, t->seq.items[i]);
	}
	strbuf_addc(out, ']');
}

/* A string that io_lib would not print as one. */
static void json_characters(struct strbuf *out, struct str text)
{
	strbuf_addz(out, "{\"t\":\"list\",\"v\":[");
	for (size_t at = 0; at < text.n;) {
		uint32_t cp;

		if (at != 0)
			strbuf_addc(out, ',');
		at += utf8_decode(text.p + at, text.n - at, &cp);
		strbuf_printf(out, "{\"t\":\"int\",\"v\":\"%u\"}", (unsigned)cp);
	}
	strbuf_addz(out, "]}");
}

static void json_list(struct strbuf *out, const struct term *t)
{
	if (is_printable_list(t)) {
		json_text(out, "str", text_of_list(out->arena, t));
		return;
	}
	strbuf_printf(out, "{\"t\":\"%s\",\"v\":", t->seq.tail != NULL ? "ilist" : "list");
	json_items(out, t);
	if (t->seq.tail != NULL) {
		strbuf_addz(out, ",\"tail\":");
		term_to_json(out, t->seq.tail);
	}
	strbuf_addc(out, '}');
}

static void json_bytes(struct strbuf *out, const struct term *t)
{
	strbuf_printf(out, "{\"t\":\"%s\",\"v\":\"", t->kind == TERM_BITS ? "bits" : "bin");
	for (size_t i = 0; i < t->text.n; i++)
		strbuf_printf(out, "%02x", (unsigned)(unsigned char)t->text.p[i]);
	strbuf_addc(out, '"');
	if (t->kind == TERM_BITS)
		strbuf_printf(out, ",\"n\":%zu", t->text.n * 8 - 8u + t->nbits);
	strbuf_addc(out, '}');
}

static int compare_pairs(const void *left, const void *right)
{
	const struct term *const *a = left, *const *b = right;
	int c = term_compare(a[0], b[0]);

	return c != 0 ? c : term_compare(a[1], b[1]);
}

/* Pairs in the order of lists:sort/1, which differs from the map's own only where 1 meets 1.0. */
static void json_map(struct strbuf *out, const struct term *t)
{
	const struct term **pairs = arena_array_of(out->arena, const struct term *, t->seq.n + 1);

	if (t->seq.n != 0) {
		memcpy(pairs, t->seq.items, sizeof(*pairs) * t->seq.n);
		qsort(pairs, t->seq.n / 2, sizeof(*pairs) * 2, compare_pairs);
	}
	strbuf_addz(out, "{\"t\":\"map\",\"v\":[");
	for (uint32_t i = 0; i < t->seq.n; i += 2) {
		strbuf_addz(out, i != 0 ? ",[" : "[");
		term_to_json(out, pairs[i]);
		strbuf_addc(out, ',');
		term_to_json(out, pairs[i + 1]);
		strbuf_addc(out, ']');
	}
	strbuf_addz(out, "]}");
}

static void json_float(struct strbuf *out, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	strbuf_addz(out, "{\"t\":\"float\",\"v\":\"");
	print_float(out, value);
	strbuf_printf(out, "\",\"bits\":\"%016llx\"}", (unsigned long long)bits);
}

void term_to_json(struct strbuf *out, const struct term *t)
{
	switch (t->kind) {
	case TERM_ATOM:
		json_text(out, "atom", t->text);
		break;
	case TERM_INT:
		json_text(out, "int", t->integer.digits);
		break;
	case TERM_FLOAT:
		json_float(out, t->real);
		break;
	case TERM_STRING:
		if (t->text.n == 0 || !is_printable_text(t->text))
			json_characters(out, t->text);
		else
			json_text(out, "str", t->text);
		break;
	case TERM_BINARY:
	case TERM_BITS:
		json_bytes(out, t);
		break;
	case TERM_TUPLE:
		strbuf_addz(out, "{\"t\":\"tuple\",\"v\":");
		json_items(out, t);
		strbuf_addc(out, '}');
		break;
	case TERM_LIST:
		json_list(out, t);
		break;
	case TERM_MAP:
		json_map(out, t);
		break;
	case TERM_FUN:
		json_text(out, "fun", t->text);
		break;
	case TERM_BAD:
		strbuf_addz(out, "{\"t\":\"bad\"}");
		break;
	}
}

/* ---- Erlang ---- */

/* Quoted text of an atom or string; whatever is not printable is written as a number. */
static void print_quoted(struct strbuf *out, struct str text, char quote)
{
	strbuf_addc(out, quote);
	for (size_t at = 0; at < text.n;) {
		uint32_t cp;

		at += utf8_decode(text.p + at, text.n - at, &cp);
		if (cp == '\n')
			strbuf_addz(out, "\\n");
		else if (cp == '\t')
			strbuf_addz(out, "\\t");
		else if (cp == '\r')
			strbuf_addz(out, "\\r");
		else if (cp == (unsigned char)quote || cp == '\\')
			strbuf_printf(out, "\\%c", (int)cp);
		else if (cp < 32 || (cp >= 127 && cp < 160))
			strbuf_printf(out, "\\x{%X}", (unsigned)cp);
		else
			strbuf_add_utf8(out, cp);
	}
	strbuf_addc(out, quote);
}

static bool is_bare_atom(struct str text)
{
	if (text.n == 0 || text.p[0] < 'a' || text.p[0] > 'z')
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '@'))
			return false;
	}
	return lexer_word((const unsigned char *)text.p, (const unsigned char *)text.p + text.n) ==
	       TOK_ATOM;
}

static void print_items(struct strbuf *out, const struct term *t, const char *open,
			const char *close)
{
	strbuf_addz(out, open);
	for (uint32_t i = 0; i < t->seq.n; i++) {
		if (i != 0)
			strbuf_addc(out, ',');
		term_print(out, t->seq.items[i]);
	}
	if (t->kind == TERM_LIST && t->seq.tail != NULL) {
		strbuf_addc(out, '|');
		term_print(out, t->seq.tail);
	}
	strbuf_addz(out, close);
}

static bool is_plain_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < 32 || text.p[i] > 126)
			return false;
	return text.n != 0;
}

static void print_bytes(struct strbuf *out, const struct term *t)
{
	strbuf_addz(out, "<<");
	if (t->kind == TERM_BINARY && is_plain_ascii(t->text)) {
		print_quoted(out, t->text, '"');
	} else {
		for (size_t i = 0; i < t->text.n; i++) {
			unsigned byte = (unsigned char)t->text.p[i];
			bool partial = t->kind == TERM_BITS && i + 1 == t->text.n;

			strbuf_addz(out, i != 0 ? "," : "");
			if (partial)
				strbuf_printf(out, "%u:%u", byte >> (8 - t->nbits),
					      (unsigned)t->nbits);
			else
				strbuf_printf(out, "%u", byte);
		}
	}
	strbuf_addz(out, ">>");
}

static void print_map(struct strbuf *out, const struct term *t)
{
	strbuf_addz(out, "#{");
	for (uint32_t i = 0; i < t->seq.n; i += 2) {
		strbuf_addz(out, i != 0 ? "," : "");
		term_print(out, t->seq.items[i]);
		strbuf_addz(out, "=>");
		term_print(out, t->seq.items[i + 1]);
	}
	strbuf_addc(out, '}');
}

/* text is "module:name/arity" with unquoted names: the name may hold any of these characters, the
 * last '/' may not. */
static void print_fun(struct strbuf *out, struct str text)
{
	const char *colon = memchr(text.p, ':', text.n), *slash = memrchr(text.p, '/', text.n);

	strbuf_addz(out, "fun ");
	print_quoted(out, (struct str){text.p, (size_t)(colon - text.p)}, '\'');
	strbuf_addc(out, ':');
	print_quoted(out, (struct str){colon + 1, (size_t)(slash - colon - 1)}, '\'');
	strbuf_add(out, (struct str){slash, (size_t)(text.p + text.n - slash)});
}

void term_print(struct strbuf *out, const struct term *t)
{
	switch (t->kind) {
	case TERM_ATOM:
		if (is_bare_atom(t->text))
			strbuf_add(out, t->text);
		else
			print_quoted(out, t->text, '\'');
		break;
	case TERM_INT:
		strbuf_add(out, t->integer.digits);
		break;
	case TERM_FLOAT:
		print_float(out, t->real);
		break;
	case TERM_STRING:
		print_quoted(out, t->text, '"');
		break;
	case TERM_BINARY:
	case TERM_BITS:
		print_bytes(out, t);
		break;
	case TERM_TUPLE:
		print_items(out, t, "{", "}");
		break;
	case TERM_LIST:
		print_items(out, t, "[", "]");
		break;
	case TERM_MAP:
		print_map(out, t);
		break;
	case TERM_FUN:
		print_fun(out, t->text);
		break;
	case TERM_BAD:
		strbuf_addz(out, "...");
		break;
	}
}
