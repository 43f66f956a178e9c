/* parser.h - bytes of one source to forms; reports every broken form and returns all good ones. */
#ifndef CFGC_SYNTAX_PARSER_H
#define CFGC_SYNTAX_PARSER_H

#include "diag/diag.h"
#include "syntax/term.h"

/** Nesting beyond this is E0107. Levels. */
#define PARSE_MAX_DEPTH 64

/**
 * Parse sources->files[file], exactly the language of Erlang's file:consult/1.
 *
 * Forms that failed are reported and left out; the others are appended in file order.
 */
void parse_source(struct sources *ss, struct diags *dl, uint32_t file, struct forms *out);

/** Parse one term without its full stop (schema defaults, option arguments); NULL if it is none. */
const struct term *parse_term_text(struct sources *ss, struct diags *dl, const char *name,
                                   const char *text);

#endif
