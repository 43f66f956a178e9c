/* strbuf.c - text that grows in an arena. */
#include "support/strbuf.h"

#include <stdio.h>

#include "support/assert.h"
#include "support/utf8.h"

static void reserve(struct strbuf *b, size_t more)
{
	size_t cap = b->cap == 0 ? 128 : b->cap;

	if (b->cap - b->n >= more)
		return;
	while (cap - b->n < more)
		cap *= 2;
	b->p = arena_resize(b->arena, b->p, b->cap, cap);
	b->cap = cap;
}

void strbuf_add(struct strbuf *b, struct str s)
{
	if (s.n == 0)
		return;
	reserve(b, s.n);
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void strbuf_addz(struct strbuf *b, const char *z)
{
	strbuf_add(b, str_of(z));
}

void strbuf_addc(struct strbuf *b, char c)
{
	reserve(b, 1);
	b->p[b->n++] = c;
}

void strbuf_fill(struct strbuf *b, char c, size_t n)
{
	if (n == 0)
		return;
	reserve(b, n);
	memset(b->p + b->n, c, n);
	b->n += n;
}

void strbuf_vprintf(struct strbuf *b, const char *format, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	CFGC_ASSERT(n >= 0);
	reserve(b, (size_t)n + 1);
	vsnprintf(b->p + b->n, (size_t)n + 1, format, ap);
	b->n += (size_t)n;
}

void strbuf_printf(struct strbuf *b, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	strbuf_vprintf(b, format, ap);
	va_end(ap);
}

void strbuf_add_utf8(struct strbuf *b, uint32_t code_point)
{
	char bytes[4];

	strbuf_add(b, (struct str){bytes, utf8_encode(code_point, bytes)});
}

/* One code point inside a JSON string. Controls of both ranges are escaped: they would act on a
 * terminal. */
static void add_json_char(struct strbuf *b, uint32_t cp)
{
	switch (cp) {
	case '"':
		strbuf_addz(b, "\\\"");
		return;
	case '\\':
		strbuf_addz(b, "\\\\");
		return;
	case '\n':
		strbuf_addz(b, "\\n");
		return;
	case '\r':
		strbuf_addz(b, "\\r");
		return;
	case '\t':
		strbuf_addz(b, "\\t");
		return;
	default:
		if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
			strbuf_printf(b, "\\u%04x", (unsigned)cp);
		else
			strbuf_add_utf8(b, cp);
	}
}

/* Bytes from `at` that a JSON string takes as they are. */
static size_t plain_run(struct str s, size_t at)
{
	size_t i = at;

	while (i < s.n && s.p[i] >= 0x20 && s.p[i] < 0x7F && s.p[i] != '"' && s.p[i] != '\\')
		i++;
	return i - at;
}

void strbuf_add_json(struct strbuf *b, struct str s)
{
	strbuf_addc(b, '"');
	for (size_t at = 0; at < s.n;) {
		size_t run = plain_run(s, at);
		uint32_t cp;

		strbuf_add(b, (struct str){s.p + at, run});
		at += run;
		if (at == s.n)
			break;
		run = utf8_decode(s.p + at, s.n - at, &cp);
		add_json_char(b, run == 0 ? 0xFFFD : cp);
		at += run == 0 ? 1 : run;
	}
	strbuf_addc(b, '"');
}

const char *html_entity(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}
