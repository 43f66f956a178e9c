/* lexer.h - the tokens of the configuration language and the scanner that cuts them
 * (grammar/lexer.re). */
#ifndef CFGC_SYNTAX_LEXER_H
#define CFGC_SYNTAX_LEXER_H

#include "syntax/source.h"
#include "terms.h" /* TOK_ATOM and its like, numbered by the grammar */

/* Kinds that the driver deals with and the grammar never sees; all above the grammar's range. */
enum {
	TOK_EOF = 0,
	TOK_ODD_SPACE = 100, /* white space nobody sees: NUL, no-break space, ... */
	TOK_BAD_ATOM,        /* quoted, runs to the end of the file */
	TOK_BAD_STRING,      /* the same for a string */
	TOK_BAD_CHAR,        /* $ at the end of the file */
	TOK_BAD_INT,         /* a base without digits or outside 2..36 */
	TOK_BAD_FLOAT,       /* an exponent without digits */
	TOK_BAD_CODE,        /* a character that begins no token */
};

struct token {
	struct span at;
	uint8_t kind;
};

/*   base <= start of token <= cur <= end;  *end == 0   */
struct lexer {
	const unsigned char *base, *cur, *end;
	const unsigned char *mark; /* the scanner's own */
	uint32_t file;
};

/** Scan sources->files[file] from its start. Nothing is copied. */
void lexer_init(struct lexer *lx, const struct sources *ss, uint32_t file);

/**
 * The next token; TOK_EOF at the end, as often as one asks.
 *
 * White space and comments are skipped. Every other token has at least one byte.
 */
struct token lexer_next(struct lexer *lx);

/** Go on from a byte offset, which must lie between tokens or at a line's start. */
void lexer_seek(struct lexer *lx, uint32_t off);

/** The base in front of the '#' of a number, 0 if it is not in 2..36. */
unsigned lexer_base(struct str number);

/** For the scanner: the kind of a word (atom, operator, reserved) and of a number with a base, cut
 * to its digits. */
uint8_t lexer_word(const unsigned char *start, const unsigned char *end);
uint8_t lexer_based(struct lexer *lx, const unsigned char *start);

#endif
