/* strbuf.h - text that grows in an arena. */
#ifndef CFGC_SUPPORT_STRBUF_H
#define CFGC_SUPPORT_STRBUF_H

#include <stdint.h>

#include "support/arena.h"

struct strbuf {
	struct arena *arena;
	char *p;
	size_t n, cap;
};

void strbuf_add(struct strbuf *b, struct str s);
void strbuf_addz(struct strbuf *b, const char *z);
void strbuf_addc(struct strbuf *b, char c);
void strbuf_printf(struct strbuf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vprintf(struct strbuf *b, const char *format, va_list ap);
/** n times the same byte. */
void strbuf_fill(struct strbuf *b, char c, size_t n);
/** Encode one Unicode scalar value as UTF-8. */
void strbuf_add_utf8(struct strbuf *b, uint32_t code_point);
/** Quote for JSON, quotes included; bytes that are no UTF-8 become U+FFFD. */
void strbuf_add_json(struct strbuf *b, struct str s);

/** What stands for a character in HTML and XML, "&lt;" and its like; NULL: the character itself. */
const char *html_entity(uint32_t c);

static inline struct str strbuf_str(const struct strbuf *b)
{
	return (struct str){b->p, b->n};
}

#endif
