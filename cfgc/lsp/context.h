/* context.h - where in the structure of a file a cursor stands, by brackets alone: the text around
 * it need not parse.
 *
 * Private to cfgc/lsp.
 */
#ifndef CFGC_LSP_CONTEXT_H
#define CFGC_LSP_CONTEXT_H

#include "lsp/expect.h"
#include "syntax/lexer.h"

struct context {
	struct expect expect; /* of the word at the cursor, or of one that would begin there */
	struct span word;     /* the token that covers the cursor or ends at it; len 0: none */
	uint8_t word_kind;    /* TOK_EOF: none */
	uint8_t next_kind;    /* of the token behind the word, or behind the cursor */
	bool in_comment;
	bool is_first;       /* of the elements of its tuple */
	struct str host;     /* inside host_config: of this host, as it is written */
	struct span comment; /* in_comment: from its first % to the end of its line */

	/* The options that the innermost list has already, without the one at the cursor. */
	VEC(struct str) given;
};

/** Find out. Never fails: where nothing is known EXPECT_ANY is expected. */
void context_find(struct arena *a, const struct sources *ss, uint32_t file, uint32_t cursor,
		  struct context *out);

/** The text of an atom or string token without its quotes; escapes stay as they are. */
struct str token_bare(struct str text);

#endif
