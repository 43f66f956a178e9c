/* binary.c - <<Value:Size/Types, ...>> evaluated as Erlang builds a binary from constants.
 *
 * Source: Erlang reference manual, "Bit Syntax Expressions"; erl_bits and eval_bits of OTP 25.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/array.h"
#include "support/assert.h"
#include "support/strbuf.h"
#include "support/utf8.h"
#include "syntax/bigint.h"
#include "syntax/parse.h"

#define BINARY_MAX_BITS ((uint64_t)8 << 20) /* a literal of a megabyte is a mistake */

enum value_type {
	TYPE_NONE,
	TYPE_INTEGER,
	TYPE_FLOAT,
	TYPE_BINARY,
	TYPE_BITS,
	TYPE_UTF8,
	TYPE_UTF16,
	TYPE_UTF32
};
enum byte_order { ORDER_NONE, ORDER_BIG, ORDER_LITTLE, ORDER_NATIVE };
enum signedness { SIGN_NONE, SIGN_SIGNED, SIGN_UNSIGNED };

/* What a segment's type list says, before and after the defaults. */
struct encoding {
	enum value_type type;
	enum byte_order order;
	enum signedness sign;
	uint32_t unit; /* 0: not given */
	bool has_size;
	uint64_t bits; /* size times unit; for binaries without a size: all of it */
};

struct bits {
	struct strbuf bytes;
	unsigned used; /* bits of the last byte, 1..8; 0 when empty */
};

struct segment *build_type(struct parse *ps, struct segment *list, struct token name,
			   const struct token *unit)
{
	struct token none = {.at = NO_SPAN, .kind = TOK_EOF};

	if (list == NULL)
		list = arena_new_of(ps->arena, struct segment);
	vec_push(ps->arena, &list->types, name);
	vec_push(ps->arena, &list->units, unit != NULL ? *unit : none);
	return list;
}

struct segment *build_segment(struct parse *ps, struct node value, struct node size,
			      struct segment *types)
{
	struct segment *s = types != NULL ? types : arena_new_of(ps->arena, struct segment);

	s->value = value;
	s->size = size;
	return s;
}

struct segments *build_segments(struct parse *ps, struct segments *list, struct segment *segment)
{
	if (list == NULL)
		list = arena_new_of(ps->arena, struct segments);
	vec_push(ps->arena, &list->list, segment);
	return list;
}

/* ---- bits ---- */

static uint64_t bit_count(const struct bits *b)
{
	return b->bytes.n == 0 ? 0 : (uint64_t)(b->bytes.n - 1) * 8 + b->used;
}

/* The low `n` bits of a byte, n in 1..8. */
static void add_bits(struct bits *b, unsigned value, unsigned n)
{
	unsigned room = b->used == 8 || b->bytes.n == 0 ? 0 : 8 - b->used;
	unsigned now;

	if (room == 0) {
		strbuf_addc(&b->bytes, 0);
		b->used = 0;
		room = 8;
	}
	now = n < room ? n : room;
	value &= (1u << n) - 1;
	b->bytes.p[b->bytes.n - 1] = (char)((unsigned char)b->bytes.p[b->bytes.n - 1] |
					    (unsigned char)((value >> (n - now)) << (room - now)));
	b->used += now;
	if (n > now)
		add_bits(b, value, n - now);
}

static void add_bytes(struct bits *b, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_bits(b, p[i], 8);
}

/* n bits of an integer whose bytes come least significant first. */
static void add_integer_bits(struct bits *b, const unsigned char *low_first, uint64_t n,
			     bool little)
{
	size_t whole = (size_t)(n / 8);
	unsigned rest = (unsigned)(n % 8);

	if (little)
		add_bytes(b, low_first, whole);
	if (rest != 0)
		add_bits(b, low_first[whole], rest);
	for (size_t i = whole; !little && i-- > 0;)
		add_bits(b, low_first[i], 8);
}

/* ---- the type list ---- */

static const struct type_word {
	const char *word;
	enum value_type type;
	enum byte_order order;
	enum signedness sign;
} type_words[] = {
	{"integer", TYPE_INTEGER, ORDER_NONE, SIGN_NONE},
	{"float", TYPE_FLOAT, ORDER_NONE, SIGN_NONE},
	{"binary", TYPE_BINARY, ORDER_NONE, SIGN_NONE},
	{"bytes", TYPE_BINARY, ORDER_NONE, SIGN_NONE},
	{"bitstring", TYPE_BITS, ORDER_NONE, SIGN_NONE},
	{"bits", TYPE_BITS, ORDER_NONE, SIGN_NONE},
	{"utf8", TYPE_UTF8, ORDER_NONE, SIGN_NONE},
	{"utf16", TYPE_UTF16, ORDER_NONE, SIGN_NONE},
	{"utf32", TYPE_UTF32, ORDER_NONE, SIGN_NONE},
	{"big", TYPE_NONE, ORDER_BIG, SIGN_NONE},
	{"little", TYPE_NONE, ORDER_LITTLE, SIGN_NONE},
	{"native", TYPE_NONE, ORDER_NATIVE, SIGN_NONE},
	{"signed", TYPE_NONE, ORDER_NONE, SIGN_SIGNED},
	{"unsigned", TYPE_NONE, ORDER_NONE, SIGN_UNSIGNED},
};

static bool flawed(struct parse *ps, struct span at, const char *text)
{
	build_flaw(ps, at, E0115, "%s", text);
	return false;
}

static bool read_unit(struct parse *ps, struct span at, struct token number, struct encoding *e)
{
	struct term value;

	if (number.at.len == 0 || !literal_int(ps, number, &value) || value.is_big ||
	    value.integer.value < 1 || value.integer.value > 256)
		return flawed(ps, at, "'unit' needs a number from 1 to 256, as in unit:8");
	if (e->unit != 0 && e->unit != (uint32_t)value.integer.value)
		return flawed(ps, at, "this segment has two units");
	e->unit = (uint32_t)value.integer.value;
	return true;
}

static bool read_type(struct parse *ps, struct token name, struct token unit, struct encoding *e)
{
	const struct term *atom = build_atom(ps, name).term;

	if (atom->kind == TERM_BAD)
		return false;
	if (str_eqz(atom->text, "unit"))
		return read_unit(ps, name.at, unit, e);
	for (size_t i = 0; i < ARRAY_LEN(type_words); i++) {
		const struct type_word *w = &type_words[i];

		if (!str_eqz(atom->text, w->word))
			continue;
		if (unit.at.len != 0)
			return flawed(ps, unit.at, "only 'unit' takes a number");
		if ((w->type != TYPE_NONE && e->type != TYPE_NONE && e->type != w->type) ||
		    (w->order != ORDER_NONE && e->order != ORDER_NONE && e->order != w->order) ||
		    (w->sign != SIGN_NONE && e->sign != SIGN_NONE && e->sign != w->sign))
			return flawed(ps, name.at, "this contradicts the type before it");
		e->type = w->type != TYPE_NONE ? w->type : e->type;
		e->order = w->order != ORDER_NONE ? w->order : e->order;
		e->sign = w->sign != SIGN_NONE ? w->sign : e->sign;
		return true;
	}
	build_flaw(ps, name.at, E0115, "'%.*s' is no type of a binary segment",
		   STR_ARG(atom->text));
	return false;
}

static bool read_size(struct parse *ps, const struct segment *s, uint64_t *out)
{
	const struct term *t = s->size.term;

	if (t->kind == TERM_BAD)
		return false;
	if (t->kind != TERM_INT || t->is_big || t->integer.value < 0)
		return flawed(ps, t->at, "the size of a segment must be a number, 0 or more");
	*out = (uint64_t)t->integer.value;
	return true;
}

/* Defaults of erl_bits:apply_defaults. */
static bool read_encoding(struct parse *ps, const struct segment *s, struct encoding *e)
{
	uint64_t size = 0;

	for (size_t i = 0; i < s->types.n; i++)
		if (!read_type(ps, s->types.at[i], s->units.at[i], e))
			return false;
	e->has_size = s->size.term != NULL;
	if (e->has_size && !read_size(ps, s, &size))
		return false;
	if (e->type == TYPE_NONE)
		e->type = TYPE_INTEGER;
	switch (e->type) {
	case TYPE_UTF8:
	case TYPE_UTF16:
	case TYPE_UTF32:
		if (e->has_size || e->unit != 0)
			return flawed(ps, s->value.term->at,
				      "a utf segment has no size and no unit");
		return true;
	case TYPE_INTEGER:
	case TYPE_FLOAT:
		if (!e->has_size && e->unit != 0)
			return flawed(ps, s->value.term->at, "a segment with a unit needs a size");
		size = e->has_size ? size : e->type == TYPE_FLOAT ? 64 : 8;
		e->unit = e->unit == 0 ? 1 : e->unit;
		break;
	case TYPE_BINARY:
		e->unit = e->unit == 0 ? 8 : e->unit;
		break;
	case TYPE_BITS:
		e->unit = e->unit == 0 ? 1 : e->unit;
		break;
	case TYPE_NONE:
		break;
	}
	if (size > BINARY_MAX_BITS)
		return flawed(ps, s->size.term->at, "this segment is larger than a megabyte");
	e->bits = size * e->unit;
	return true;
}

/* ---- values ---- */

static bool is_little(const struct encoding *e)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return e->order == ORDER_LITTLE || e->order == ORDER_NATIVE;
#else
	return e->order == ORDER_LITTLE;
#endif
}

static bool fits_limit(struct parse *ps, struct bits *b, struct span at, uint64_t more)
{
	if (more <= BINARY_MAX_BITS && bit_count(b) + more <= BINARY_MAX_BITS)
		return true;
	return flawed(ps, at, "this binary is larger than a megabyte");
}

static bool add_integer(struct parse *ps, struct bits *b, const struct term *t,
			const struct encoding *e)
{
	size_t bytes = (size_t)((e->bits + 7) / 8);
	unsigned char word[8], *low_first = word;

	if (t->kind != TERM_INT) {
		build_flaw(ps, t->at, E0115,
			   "a binary is built from integers, strings and binaries, not from %s",
			   term_kind_name(t->kind));
		return false;
	}
	if (!fits_limit(ps, b, t->at, e->bits))
		return false;
	if (bytes > sizeof(word))
		low_first = arena_alloc(ps->arena, bytes);
	if (t->is_big) {
		bigint_low_bytes(ps->arena, t->integer.digits, low_first, bytes);
		add_integer_bits(b, low_first, e->bits, is_little(e));
		return true;
	}
	/* Sign extension fills what is beyond the word. */
	for (size_t i = 0; i < bytes; i++) {
		uint64_t shifted = i < 8                  ? (uint64_t)t->integer.value >> (8 * i)
				   : t->integer.value < 0 ? UINT64_MAX
							  : 0;

		low_first[i] = (unsigned char)shifted;
	}
	add_integer_bits(b, low_first, e->bits, is_little(e));
	return true;
}

/* IEEE 754 binary16, rounded to nearest even; what is too large becomes infinity. */
static uint16_t half_bits(double value)
{
	double magnitude = fabs(value), scaled;
	unsigned sign = signbit(value) ? 0x8000u : 0;
	int exponent;

	if (magnitude == 0)
		return (uint16_t)sign;
	frexp(magnitude, &exponent); /* magnitude = m * 2^exponent, 0.5 <= m < 1 */
	if (exponent < -13)
		exponent = -13;                              /* subnormal */
	scaled = nearbyint(ldexp(magnitude, 11 - exponent)); /* 1024..2048 for normal numbers */
	if (scaled >= 2048) {
		scaled /= 2;
		exponent++;
	}
	if (exponent > 16)
		return (uint16_t)(sign | 0x7C00u);
	if (scaled < 1024)
		return (uint16_t)(sign | (unsigned)scaled);
	return (uint16_t)(sign | (unsigned)(exponent + 14) << 10 | ((unsigned)scaled - 1024));
}

/* Bits of a float of 16, 32 or 64 bits. A number too large for its size is infinity, as eval_bits
 * builds it. */
static uint64_t float_bits(double value, uint64_t size)
{
	float narrow = (float)value;
	uint64_t wide;
	uint32_t word;

	if (size == 16)
		return half_bits(value);
	if (size == 32) {
		memcpy(&word, &narrow, sizeof(word));
		return word;
	}
	memcpy(&wide, &value, sizeof(wide));
	return wide;
}

static bool float_value(struct parse *ps, const struct term *t, double *out)
{
	if (t->kind == TERM_FLOAT) {
		*out = t->real;
		return true;
	}
	if (t->kind != TERM_INT) {
		build_flaw(ps, t->at, E0115, "a float segment takes a number, not %s",
			   term_kind_name(t->kind));
		return false;
	}
	*out = strtod(arena_str(ps->arena, t->integer.digits.p, t->integer.digits.n).p, NULL);
	if (isfinite(*out))
		return true;
	return flawed(ps, t->at, "this integer is too large for a float");
}

static bool add_float(struct parse *ps, struct bits *b, const struct term *t,
		      const struct encoding *e)
{
	unsigned char low_first[8];
	uint64_t raw;
	double value;

	if (!float_value(ps, t, &value))
		return false;
	if (e->bits != 16 && e->bits != 32 && e->bits != 64)
		return flawed(ps, t->at, "a float segment has 16, 32 or 64 bits");
	raw = float_bits(value, e->bits);
	for (size_t i = 0; i < sizeof(low_first); i++)
		low_first[i] = (unsigned char)(raw >> (8 * i));
	add_integer_bits(b, low_first, e->bits, is_little(e));
	return true;
}

static bool add_binary(struct parse *ps, struct bits *b, const struct term *t,
		       const struct encoding *e)
{
	uint64_t have, want;

	if (t->kind != TERM_BINARY && t->kind != TERM_BITS) {
		build_flaw(ps, t->at, E0115, "a binary segment takes a binary, not %s",
			   term_kind_name(t->kind));
		return false;
	}
	have = (uint64_t)t->text.n * 8 - (t->kind == TERM_BITS ? 8u - t->nbits : 0);
	want = e->has_size ? e->bits : have;
	if (want > have)
		return flawed(ps, t->at, "this binary is shorter than its segment");
	if (!e->has_size && have % e->unit != 0)
		return flawed(ps, t->at, "this bitstring is no whole number of units");
	if (!fits_limit(ps, b, t->at, want))
		return false;
	for (uint64_t i = 0; i < want; i += 8) {
		unsigned byte = (unsigned char)t->text.p[i / 8];
		unsigned n = want - i < 8 ? (unsigned)(want - i) : 8;

		add_bits(b, byte >> (8 - n), n);
	}
	return true;
}

static void add_utf16(struct bits *b, uint32_t cp, bool little)
{
	uint32_t units[2] = {cp, 0};
	size_t n = 1;

	if (cp >= 0x10000) {
		units[0] = 0xD800 + ((cp - 0x10000) >> 10);
		units[1] = 0xDC00 + ((cp - 0x10000) & 0x3FF);
		n = 2;
	}
	for (size_t i = 0; i < n; i++) {
		unsigned char low_first[2] = {(unsigned char)units[i],
					      (unsigned char)(units[i] >> 8)};

		add_integer_bits(b, low_first, 16, little);
	}
}

static bool add_utf(struct parse *ps, struct bits *b, const struct term *t,
		    const struct encoding *e)
{
	char utf8[4];
	uint32_t cp;

	if (t->kind != TERM_INT || t->is_big || t->integer.value < 0 ||
	    t->integer.value > 0x10FFFF || !utf8_is_scalar((uint32_t)t->integer.value))
		return flawed(ps, t->at, "a utf segment takes the number of a Unicode character");
	if (!fits_limit(ps, b, t->at, 32))
		return false;
	cp = (uint32_t)t->integer.value;
	if (e->type == TYPE_UTF8) {
		size_t n = utf8_encode(cp, utf8);

		for (size_t i = 0; i < n; i++)
			add_bits(b, (unsigned char)utf8[i], 8);
	} else if (e->type == TYPE_UTF16) {
		add_utf16(b, cp, is_little(e));
	} else {
		unsigned char low_first[4] = {(unsigned char)cp, (unsigned char)(cp >> 8),
					      (unsigned char)(cp >> 16), 0};

		add_integer_bits(b, low_first, 32, is_little(e));
	}
	return true;
}

static bool add_value(struct parse *ps, struct bits *b, const struct term *t,
		      const struct encoding *e)
{
	switch (e->type) {
	case TYPE_FLOAT:
		return add_float(ps, b, t, e);
	case TYPE_BINARY:
	case TYPE_BITS:
		return add_binary(ps, b, t, e);
	case TYPE_UTF8:
	case TYPE_UTF16:
	case TYPE_UTF32:
		return add_utf(ps, b, t, e);
	case TYPE_INTEGER:
	case TYPE_NONE:
		break;
	}
	return add_integer(ps, b, t, e);
}

/* ---- segments ---- */

static void warn_truncated(struct parse *ps, const struct term *string, uint32_t cp)
{
	struct str shown = source_text(ps->sources, string->at);

	diag_add(ps->diags, W0134, string->at, "character U+%04X is cut to the byte %02X here",
		 (unsigned)cp, (unsigned)(cp & 0xFF));
	if (shown.n <= 40)
		diag_help(ps->diags, "write %.*s/utf8 for its UTF-8 bytes", STR_ARG(shown));
	else
		diag_help(ps->diags, "write /utf8 behind the string for its UTF-8 bytes");
}

/* A string is one segment per character, each with the size and type of the whole. */
static bool add_string(struct parse *ps, struct bits *b, const struct segment *s,
		       const struct encoding *e)
{
	const struct term *string = s->value.term;
	bool warned = false;

	if (string->text.n == 0) { /* nothing to add, but its type must fit a character */
		struct bits scratch = {.bytes = {.arena = ps->arena}};
		const struct term *zero = build_small_int(ps->arena, string->at, 0);

		return add_value(ps, &scratch, zero, e);
	}
	for (size_t at = 0; at < string->text.n;) {
		struct term value = {.kind = TERM_INT, .at = string->at, .used_at = NO_SPAN};
		char digits[12];
		uint32_t cp;

		at += utf8_decode(string->text.p + at, string->text.n - at, &cp);
		value.integer.value = cp;
		snprintf(digits, sizeof(digits), "%u", (unsigned)cp);
		value.integer.digits = str_of(digits);
		if (cp > 0xFF && e->type == TYPE_INTEGER && e->bits == 8 && !warned) {
			warn_truncated(ps, string, cp);
			warned = true;
		}
		if (!add_value(ps, b, &value, e))
			return false;
	}
	return true;
}

static bool add_segment(struct parse *ps, struct bits *b, const struct segment *s)
{
	struct encoding e = {0};

	if (s->value.term->kind == TERM_BAD || !read_encoding(ps, s, &e))
		return false;
	if ((s->value.flags & NODE_STRING) != 0)
		return add_string(ps, b, s, &e);
	return add_value(ps, b, s->value.term, &e);
}

struct node build_binary(struct parse *ps, struct token l, const struct segments *segments,
			 struct token r)
{
	struct span at = span_join(l.at, r.at);
	struct bits b = {.bytes = {.arena = ps->arena}};
	struct term *t;

	for (size_t i = 0; segments != NULL && i < segments->list.n; i++)
		if (!add_segment(ps, &b, segments->list.at[i]))
			return build_bad(ps, at);
	t = arena_new_of(ps->arena, struct term);
	t->kind = b.bytes.n != 0 && b.used != 8 ? TERM_BITS : TERM_BINARY;
	t->at = at;
	t->used_at = NO_SPAN;
	t->text = strbuf_str(&b.bytes);
	t->nbits = t->kind == TERM_BITS ? (uint8_t)b.used : 0;
	return (struct node){t, 0};
}
