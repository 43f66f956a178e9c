/* parser.h - bytes of one source to forms; reports every broken form and returns all good ones. */
#ifndef CFGC_SYNTAX_PARSER_H
#define CFGC_SYNTAX_PARSER_H

#include "diag/diag.h"
#include "syntax/term.h"

/** Nesting beyond this is E0107. Levels. Far beyond any configuration, and what the recursive walks
 * over terms can take on the smallest usual stack. */
#define PARSE_MAX_DEPTH 6000

/**
 * Parse sources->files[file], exactly the language of Erlang's file:consult/1.
 *
 * Forms that failed are reported and left out; the others are appended in file order. A form that
 * is well-formed but holds something that is no constant is reported and kept, with a TERM_BAD in
 * that place.
 */
void parse_source(struct sources *ss, struct diags *dl, uint32_t file, struct forms *out);

/** The same for a configuration that is to be compiled: placeholders of a release template, which
 * are terms for Erlang, are errors (E0112). */
void parse_config(struct sources *ss, struct diags *dl, uint32_t file, struct forms *out);

/** Parse one term without its full stop (schema defaults, option arguments); NULL if it is none. */
const struct term *parse_term_text(struct sources *ss, struct diags *dl, const char *name,
				   const char *text);

#endif
