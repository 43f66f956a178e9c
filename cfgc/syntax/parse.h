/* parse.h - private to the parser: what the driver, the grammar's actions and the error texts
 * share.
 *
 *   driver (parser.c) ── tokens ──► grammar (terms.y) ── actions ──► build.c, literal.c, binary.c
 * ──► terms └── surprises ──► syntax_errors.c ──► diagnostics
 */
#ifndef CFGC_SYNTAX_PARSE_H
#define CFGC_SYNTAX_PARSE_H

#include "diag/diag.h"
#include "syntax/lexer.h"
#include "syntax/template.h"
#include "syntax/term.h"

/* What an expression stands for, beside its term. */
enum {
	NODE_UNSIGNED = 1, /* a bare number: may take one sign, and only one */
	NODE_STRING = 2,   /* string literals: in a binary, one segment per character */
};

struct node {
	const struct term *term;
	unsigned flags;
};

struct nodes {
	VEC(struct node) list;
};

/* Adjacent string literals, which are one string. */
struct pieces {
	VEC(struct str) list;
	struct span at;
	bool good;
};

/* One <<Value:Size/Types>>; size.term is NULL when it is not given. */
struct segment {
	struct node value, size;
	VEC(struct token) types;
	VEC(struct token) units; /* per type: the integer after unit:, or a token of length 0 */
};

struct segments {
	VEC(struct segment *) list;
};

/* What makes a form that parses no term: reported when the whole form has parsed. */
struct flaw {
	struct span at;
	enum diag_code code; /* E0108 or E0115 */
	struct str message;
};

/* A {{{name}}} that was reported; its other places become labels. */
struct placeholder {
	struct str name;
	struct diag *reported;
	unsigned uses;
};

struct parse {
	struct arena *arena;
	struct sources *sources;
	struct diags *diags;
	struct lexer lexer;
	void *automaton;
	bool config; /* a configuration: template placeholders are mistakes */
	VEC(struct placeholder) placeholders;
	uint64_t odd_spaces[3]; /* bit n: the invisible character n was reported */
	uint32_t ntypographic;  /* literals in typographic quotes, up to the limit */

	/* the form that is being parsed */
	struct nodes *form; /* set by the grammar when the form is complete */
	struct token form_dot;
	struct token first;    /* its first token */
	struct token previous; /* the last one pushed; kind TOK_EOF: none yet */
	bool after_hash; /* `previous` follows a '#': a record's name, which no term ends with */
	VEC(struct token) open; /* brackets not yet closed */
	struct span margin;     /* the first '{' in column one inside brackets; NO_SPAN: none */
	struct span swallowed; /* the first literal that runs over a line that ends in '.'; NO_SPAN:
				  none */
	bool endless;          /* a literal without end was reported in it */
	bool tainted;          /* something in it was reported: no syntax error on top of that */
	VEC(struct span) variables;
	struct flaw flaw; /* the first expression that is no constant; at NO_SPAN: none */

	/* the grammar's answer to the last token */
	bool failed;
	struct token unexpected;
	uint64_t expected; /* bit n: token n would have done */
};

void parse_out_of_memory(void);

/* ---- actions of the grammar (build.c, binary.c) ---- */

void build_form(struct parse *ps, struct nodes *terms, struct token dot);
/** Append to a list, NULL for a new one. */
struct nodes *build_nodes(struct parse *ps, struct nodes *list, struct node element);
struct nodes *build_nodes_joined(struct parse *ps, struct nodes *list, const struct nodes *more);

struct node build_atom(struct parse *ps, struct token t);
struct node build_int(struct parse *ps, struct token t);
struct node build_char(struct parse *ps, struct token t);
struct node build_float(struct parse *ps, struct token t);
struct pieces *build_piece(struct parse *ps, struct pieces *before, struct token t);
struct node build_string(struct parse *ps, const struct pieces *pieces);
struct node build_tuple(struct parse *ps, struct token l, const struct nodes *elements,
			struct token r);
struct node build_list(struct parse *ps, struct token l, const struct nodes *elements,
		       const struct node *tail, struct token r);
struct node build_parens(struct parse *ps, struct token l, struct node inner, struct token r);
struct node build_sign(struct parse *ps, struct token sign, struct node operand);
struct node build_fun(struct parse *ps, struct token fun, struct token module, struct token name,
		      struct token arity);
struct node build_map(struct parse *ps, struct token l, const struct nodes *pairs, struct token r);

struct node build_binary(struct parse *ps, struct token l, const struct segments *segments,
			 struct token r);
struct segments *build_segments(struct parse *ps, struct segments *list, struct segment *segment);
struct segment *build_segment(struct parse *ps, struct node value, struct node size,
			      struct segment *types);
struct segment *build_type(struct parse *ps, struct segment *list, struct token name,
			   const struct token *unit);

/* Erlang that is no constant: a TERM_BAD over the place, remembered for E0108. */
struct node build_variable(struct parse *ps, struct token t);
struct node build_not_constant(struct parse *ps, struct token first, struct token last);
struct node build_operation(struct parse *ps, struct node left, struct token op, struct node right);
struct node build_call(struct parse *ps, struct node callee, struct token r);

/** A TERM_BAD; nothing is reported. */
struct node build_bad(struct parse *ps, struct span at);
/** A TERM_BAD, remembered as the form's flaw unless there is one. */
struct node build_flaw(struct parse *ps, struct span at, enum diag_code code, const char *format,
		       ...) __attribute__((format(printf, 4, 5)));
/** An integer term of a machine word. */
const struct term *build_small_int(struct arena *a, struct span at, int64_t value);

/* ---- literals (literal.c) ---- */

/**
 * The text between the quotes of a string or quoted atom, escapes decoded; E0113 and W0131 for what
 * is wrong with them.
 *
 * @return false after an error; *out is usable either way. Without escapes it is borrowed from the
 * source.
 */
bool literal_text(struct parse *ps, struct token t, struct str *out);
/** The code point of a $ literal. @return false after an error. */
bool literal_char(struct parse *ps, struct token t, uint32_t *out);
/** The value of a TOK_INT into an integer term. @return false after an error. */
bool literal_int(struct parse *ps, struct token t, struct term *out);
bool literal_float(struct parse *ps, struct token t, double *out);

/* ---- reports (syntax_errors.c) ---- */

/** The grammar refused ps->unexpected: say why. */
void report_syntax(struct parse *ps);
/** Two terms without a full stop between them. next: the first token of the second one. */
void report_missing_dot(struct parse *ps, struct token next);
void report_too_deep(struct parse *ps, struct token t);
/** A token that the scanner marked as broken: a character, a number. */
void report_bad_token(struct parse *ps, struct token t);
/** A literal in typographic quotes, the last of `closing` bytes; `plain` is the quote meant. */
void report_typographic(struct parse *ps, struct span at, struct str plain, uint32_t closing);
/** A literal that runs to the end of the file. */
void report_endless(struct parse *ps, struct token t);
/** A '.' that ends a term but has no white space behind it; `dots` of them. */
void report_stray_dot(struct parse *ps, struct token t, uint32_t dots);
/** Terms with commas between them before one full stop. */
void report_several_terms(struct parse *ps);
/** The variables and other expressions of a form that is otherwise well-formed. */
void report_not_constant(struct parse *ps);
/** Report the placeholder at a place, once per name. */
void report_placeholder(struct parse *ps, struct span at, struct str name);

/** The tokens that would have done, in words, from ps->expected. */
struct str expected_text(const struct parse *ps);

/** Does a value end, or begin, with this token? */
bool token_ends_value(uint8_t kind);
bool token_begins_value(uint8_t kind);
bool token_is_reserved(uint8_t kind, struct str text);
bool token_opens(uint8_t kind);
bool token_closes(uint8_t kind);

#endif
