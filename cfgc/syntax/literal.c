/* literal.c - the values of tokens: escapes, characters, numbers. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "support/assert.h"
#include "support/strbuf.h"
#include "support/utf8.h"
#include "syntax/bigint.h"
#include "syntax/parse.h"

/* erl_scan takes no noncharacters FFFE and FFFF, in any literal. */
static bool is_character(uint32_t cp)
{
	return utf8_is_scalar(cp) && cp != 0xFFFE && cp != 0xFFFF;
}

/* ---- escapes ---- */

struct reading {
	struct parse *ps;
	struct span at; /* of the text */
	struct str text;
	size_t pos;
	bool good;
};

static struct span piece(const struct reading *r, size_t from, size_t to)
{
	return (struct span){r->at.file, r->at.off + (uint32_t)from, (uint32_t)(to - from)};
}

static void report_escape(struct reading *r, size_t from, const char *expected)
{
	struct str shown = {r->text.p + from, r->pos - from};

	if (r->good) {
		diag_add(r->ps->diags, E0113, piece(r, from, r->pos), "'%.*s' %s", STR_ARG(shown),
			 expected);
		diag_note(r->ps->diags,
			  "write \\xHH with two digits, or \\x{H...} with the number of "
			  "a Unicode character");
	}
	r->good = false;
}

/* Behind \x. */
static uint32_t read_hex(struct reading *r, size_t from)
{
	uint32_t value = 0;
	size_t digits = 0;

	if (r->pos < r->text.n && r->text.p[r->pos] == '{') {
		r->pos++;
		for (; r->pos < r->text.n && hex_value(r->text.p[r->pos]) >= 0; r->pos++, digits++)
			if (value <= 0x10FFFF)
				value = value * 16 + (uint32_t)hex_value(r->text.p[r->pos]);
		if (r->pos == r->text.n || r->text.p[r->pos] != '}' || digits == 0) {
			report_escape(r, from, "is not closed, or has no hexadecimal digits");
			return 0xFFFD;
		}
		r->pos++;
		if (!is_character(value)) {
			report_escape(r, from, "is no Unicode character");
			return 0xFFFD;
		}
		return value;
	}
	for (; digits < 2 && r->pos < r->text.n && hex_value(r->text.p[r->pos]) >= 0; digits++)
		value = value * 16 + (uint32_t)hex_value(r->text.p[r->pos++]);
	if (digits == 2)
		return value;
	report_escape(r, from, "needs two hexadecimal digits");
	return 0xFFFD;
}

static uint32_t read_octal(struct reading *r)
{
	uint32_t value = 0;

	for (int i = 0;
	     i < 3 && r->pos < r->text.n && r->text.p[r->pos] >= '0' && r->text.p[r->pos] <= '7';
	     i++)
		value = value * 8 + (uint32_t)(r->text.p[r->pos++] - '0');
	return value;
}

/* A letter that stands for a control character, or 0. */
static uint32_t named_control(uint32_t c)
{
	switch (c) {
	case 'b':
		return 8;
	case 'd':
		return 127;
	case 'e':
		return 27;
	case 'f':
		return 12;
	case 'n':
		return 10;
	case 'r':
		return 13;
	case 's':
		return 32;
	case 't':
		return 9;
	case 'v':
		return 11;
	default:
		return 0;
	}
}

/* The usual cause is a regular expression whose backslashes were not doubled. */
static void warn_useless(struct reading *r, size_t from, uint32_t c)
{
	struct diags *dl = r->ps->diags;
	struct str shown = {r->text.p + from, r->pos - from};

	if (c == 'd')
		diag_add(dl, W0131, piece(r, from, r->pos), "'\\d' is the control character DEL");
	else
		diag_add(dl, W0131, piece(r, from, r->pos), "'%.*s' means just '%.*s'",
			 STR_ARG(shown), (int)shown.n - 1, shown.p + 1);
	diag_help(dl, "in a regular expression or a Windows path, double the backslash: '\\\\%.*s'",
		  (int)shown.n - 1, shown.p + 1);
}

static uint32_t next_character(struct reading *r)
{
	uint32_t cp;
	size_t n = utf8_decode(r->text.p + r->pos, r->text.n - r->pos, &cp);

	CFGC_ASSERT(n != 0); /* source.c checked the file, the scanner cut between characters */
	r->pos += n;
	return cp;
}

/* At the backslash. */
static uint32_t read_escape(struct reading *r)
{
	size_t from = r->pos++;
	uint32_t c = next_character(r), control;

	if (c >= '0' && c <= '7') {
		r->pos--;
		return read_octal(r);
	}
	if (c == 'x')
		return read_hex(r, from);
	if (c == '^')
		return next_character(r) & 31;
	control = named_control(c);
	if (c == 'd' || (control == 0 && c != '\\' && c != '"' && c != '\'' && c != '\n'))
		warn_useless(r, from, c);
	return control != 0 ? control : c;
}

static uint32_t read_character(struct reading *r)
{
	size_t from = r->pos;
	uint32_t cp;

	if (r->text.p[r->pos] == '\\')
		return read_escape(r);
	cp = next_character(r);
	if (is_character(cp))
		return cp;
	if (r->good)
		diag_add(r->ps->diags, E0113, piece(r, from, r->pos),
			 "U+%04X is not a character, and Erlang takes it nowhere", (unsigned)cp);
	r->good = false;
	return 0xFFFD;
}

static struct reading reading_of(struct parse *ps, struct span at)
{
	return (struct reading){
		.ps = ps, .at = at, .text = source_text(ps->sources, at), .good = true};
}

static bool needs_decoding(struct str s)
{
	return memchr(s.p, '\\', s.n) != NULL || memmem(s.p, s.n, "\xEF\xBF", 2) != NULL;
}

bool literal_text(struct parse *ps, struct token t, struct str *out)
{
	struct span inner = {t.at.file, t.at.off + 1, t.at.len - 2};
	struct reading r = reading_of(ps, inner);
	struct strbuf text = {.arena = ps->arena};

	if (!needs_decoding(r.text)) {
		*out = r.text;
		return true;
	}
	while (r.pos < r.text.n)
		strbuf_add_utf8(&text, read_character(&r));
	*out = strbuf_str(&text);
	return r.good;
}

bool literal_char(struct parse *ps, struct token t, uint32_t *out)
{
	struct span inner = {t.at.file, t.at.off + 1, t.at.len - 1};
	struct reading r = reading_of(ps, inner);

	*out = read_character(&r);
	return r.good;
}

/* ---- numbers ---- */

static bool fits_word(struct str digits, int64_t *out)
{
	uint64_t value = 0;

	for (size_t i = 0; i < digits.n; i++) {
		uint64_t d = (uint64_t)(digits.p[i] - '0');

		if (value > ((uint64_t)INT64_MAX - d) / 10)
			return false;
		value = value * 10 + d;
	}
	*out = (int64_t)value;
	return true;
}

static void warn_separator(struct parse *ps, struct token t, struct str text)
{
	if (memchr(text.p, '_', text.n) == NULL)
		return;
	diag_add(ps->diags, W0133, t.at, "'_' between digits is not understood by MongooseIM 3.2");
	diag_note(ps->diags,
		  "Erlang/OTP takes it from release 23 on; MongooseIM 3.2 runs on 19 to 21");
}

bool literal_int(struct parse *ps, struct token t, struct term *out)
{
	struct str text = source_text(ps->sources, t.at);
	const char *hash = memchr(text.p, '#', text.n);
	unsigned base = 10;

	out->kind = TERM_INT;
	out->at = t.at;
	out->used_at = NO_SPAN;
	out->integer.digits = STR("0");
	warn_separator(ps, t, text);
	if (text.n > BIGINT_MAX_DIGITS) {
		diag_add(ps->diags, E0111, t.at, "this integer has more than %u digits",
			 BIGINT_MAX_DIGITS);
		return false;
	}
	if (hash != NULL) {
		base = lexer_base(text);
		text.n -= (size_t)(hash + 1 - text.p);
		text.p = hash + 1;
	}
	out->integer.digits = bigint_to_decimal(ps->arena, text, base);
	out->is_big = !fits_word(out->integer.digits, &out->integer.value);
	return true;
}

bool literal_float(struct parse *ps, struct token t, double *out)
{
	struct str text = source_text(ps->sources, t.at);
	char *copy = arena_alloc(ps->arena, text.n + 1);
	size_t n = 0;

	warn_separator(ps, t, text);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '_')
			copy[n++] = text.p[i];
	copy[n] = '\0';
	*out = strtod(copy, NULL); /* the program never leaves the C locale */
	if (isfinite(*out))
		return true;
	diag_add(ps->diags, E0111, t.at, "this number is too large for a float (about 1.8e308)");
	*out = 0;
	return false;
}
