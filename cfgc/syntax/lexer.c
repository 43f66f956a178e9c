/* lexer.c - what the scanner leaves to C: positions, reserved words, digits of a base. */
#include "syntax/lexer.h"

#include "support/array.h"
#include "support/assert.h"

void lexer_init(struct lexer *lx, const struct sources *ss, uint32_t file)
{
	struct str text = ss->files.at[file]->text;

	lx->base = (const unsigned char *)text.p;
	lx->cur = lx->base;
	lx->end = lx->base + text.n;
	lx->mark = NULL;
	lx->file = file;
	/* source.c has reported a byte order mark. */
	if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)
		lx->cur += 3;
}

void lexer_seek(struct lexer *lx, uint32_t off)
{
	CFGC_ASSERT(off <= (size_t)(lx->end - lx->base));
	lx->cur = lx->base + off;
}

uint8_t lexer_word(const unsigned char *start, const unsigned char *end)
{
	/* erl_scan:reserved_word/1; `maybe` and `else` became words later. */
	static const struct {
		const char *word;
		uint8_t kind;
	} words[] = {
		{"after", TOK_RESERVED}, {"and", TOK_MULOP},        {"andalso", TOK_ANDALSO},
		{"band", TOK_MULOP},     {"begin", TOK_RESERVED},   {"bnot", TOK_PREFIX},
		{"bor", TOK_ADDOP},      {"bsl", TOK_ADDOP},        {"bsr", TOK_ADDOP},
		{"bxor", TOK_ADDOP},     {"case", TOK_RESERVED},    {"catch", TOK_CATCH},
		{"cond", TOK_RESERVED},  {"div", TOK_MULOP},        {"end", TOK_RESERVED},
		{"fun", TOK_FUN},        {"if", TOK_RESERVED},      {"let", TOK_RESERVED},
		{"not", TOK_PREFIX},     {"of", TOK_RESERVED},      {"or", TOK_ADDOP},
		{"orelse", TOK_ORELSE},  {"receive", TOK_RESERVED}, {"rem", TOK_MULOP},
		{"try", TOK_RESERVED},   {"when", TOK_RESERVED},    {"xor", TOK_ADDOP},
	};
	struct str text = {(const char *)start, (size_t)(end - start)};

	if (text.n > sizeof("andalso") - 1 || text.n < 2)
		return TOK_ATOM;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text.p[0] == words[i].word[0] && str_eqz(text, words[i].word))
			return words[i].kind;
	return TOK_ATOM;
}

/* 0..35, or 36 for what is no digit in any base. */
static unsigned digit_value(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10u;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10u;
	return 36;
}

unsigned lexer_base(struct str number)
{
	unsigned base = 0;

	for (size_t i = 0; i < number.n && number.p[i] != '#'; i++)
		if (number.p[i] != '_' && base <= 36)
			base = base * 10 + (unsigned)(number.p[i] - '0');
	return base >= 2 && base <= 36 ? base : 0;
}

uint8_t lexer_based(struct lexer *lx, const unsigned char *start)
{
	unsigned base = lexer_base((struct str){(const char *)start, (size_t)(lx->cur - start)});
	const unsigned char *p = memchr(start, '#', (size_t)(lx->cur - start)), *digits = ++p;

	if (base == 0)
		return TOK_BAD_INT;
	/* A digit beyond the base ends the number: 2#12 is 1, then 2. */
	while (p < lx->cur && (digit_value(*p) < base ||
			       (*p == '_' && p + 1 < lx->cur && digit_value(p[1]) < base)))
		p++;
	lx->cur = p;
	return p == digits ? TOK_BAD_INT : TOK_INT;
}
