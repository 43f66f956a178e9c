/* syntax_errors.c - what to say when a form does not parse.
 *
 * The primary place is where Erlang's parser would notice the mistake, so that line numbers agree
 * with its messages; the label says where to edit. The choice of words follows from three things:
 * the token that did not fit, the one before it, and the brackets that are open.
 */
#include <stdio.h>

#include "support/array.h"
#include "support/strbuf.h"
#include "support/utf8.h"
#include "syntax/parse.h"
#include "syntax/parser.h"

#define LOOKAHEAD_BYTES ((size_t)1 << 20) /* how far a missing quote is searched for */

bool token_opens(uint8_t kind)
{
	return kind == TOK_LBRACE || kind == TOK_LBRACK || kind == TOK_LPAREN || kind == TOK_LBIN;
}

bool token_closes(uint8_t kind)
{
	return kind == TOK_RBRACE || kind == TOK_RBRACK || kind == TOK_RPAREN || kind == TOK_RBIN;
}

static bool is_scalar(uint8_t kind)
{
	return kind == TOK_ATOM || kind == TOK_INT || kind == TOK_CHAR || kind == TOK_FLOAT ||
	       kind == TOK_STRING || kind == TOK_VARIABLE;
}

bool token_ends_value(uint8_t kind)
{
	return is_scalar(kind) || token_closes(kind);
}

bool token_begins_value(uint8_t kind)
{
	return is_scalar(kind) || token_opens(kind) || kind == TOK_HASH || kind == TOK_FUN;
}

bool token_is_reserved(uint8_t kind, struct str text)
{
	return kind != TOK_ATOM && text.n != 0 && text.p[0] >= 'a' && text.p[0] <= 'z';
}

/* ---- words ---- */

static struct str text_of(const struct parse *ps, struct token t)
{
	return source_text(ps->sources, t.at);
}

/* 'text', cut to what fits into a message. */
static struct str quoted(const struct parse *ps, struct token t)
{
	struct str text = text_of(ps, t);
	size_t n = 0;

	while (n < text.n && n < 24 && text.p[n] != '\n') {
		uint32_t cp;
		size_t used = utf8_decode(text.p + n, text.n - n, &cp);

		n += used == 0 ? 1 : used;
	}
	return arena_printf(ps->arena, "'%.*s%s'", (int)n, text.p, n < text.n ? "..." : "");
}

static const char *closer_of(uint8_t opener)
{
	return opener == TOK_LBRACE   ? "}"
	       : opener == TOK_LBRACK ? "]"
	       : opener == TOK_LBIN   ? ">>"
				      : ")";
}

static bool closes(uint8_t closer, uint8_t opener)
{
	return (closer == TOK_RBRACE && opener == TOK_LBRACE) ||
	       (closer == TOK_RBRACK && opener == TOK_LBRACK) ||
	       (closer == TOK_RBIN && opener == TOK_LBIN) ||
	       (closer == TOK_RPAREN && opener == TOK_LPAREN);
}

static const struct token *innermost(const struct parse *ps)
{
	return ps->open.n != 0 ? &ps->open.at[ps->open.n - 1] : NULL;
}

struct str expected_text(const struct parse *ps)
{
	static const struct {
		uint8_t kind;
		const char *text;
	} words[] = {
		{TOK_ATOM, "a term"}, {TOK_COMMA, "','"},      {TOK_BAR, "'|'"},
		{TOK_ARROW, "'=>'"},  {TOK_RBRACE, "'}'"},     {TOK_RBRACK, "']'"},
		{TOK_RBIN, "'>>'"},   {TOK_RPAREN, "')'"},     {TOK_DOT, "'.'"},
		{TOK_SLASH, "'/'"},   {TOK_INT, "an integer"},
	};
	struct strbuf out = {.arena = ps->arena};
	const char *found[ARRAY_LEN(words)];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		uint8_t kind = words[i].kind;
		/* Possible, but not what anybody means beside the others. */
		bool implied = n != 0 && (kind == TOK_BAR || kind == TOK_SLASH || kind == TOK_INT);

		if ((ps->expected & UINT64_C(1) << words[i].kind) != 0 && !implied)
			found[n++] = words[i].text;
	}
	for (size_t i = 0; i < n; i++)
		strbuf_printf(&out, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", found[i]);
	return n != 0 ? strbuf_str(&out) : STR("something else");
}

/* The place right behind a token. */
static struct span behind(struct token t)
{
	return (struct span){t.at.file, t.at.off + t.at.len, 0};
}

static bool touches(struct token left, struct token right)
{
	return left.kind != TOK_EOF && left.at.off + left.at.len == right.at.off;
}

/* ---- brackets ---- */

static void label_open_brackets(struct parse *ps)
{
	const struct token *open = innermost(ps);

	diag_label(ps->diags, open->at, "this %.*s is never closed", STR_ARG(quoted(ps, *open)));
	if (ps->margin.file != NO_FILE && ps->margin.off > open->at.off)
		diag_label(ps->diags, ps->margin, "a new form seems to start here");
}

static void report_never_closed(struct parse *ps, struct span at, const char *what)
{
	const struct token *open = innermost(ps);

	diag_add(ps->diags, E0104, at, "%s, but a %.*s is still open", what,
		 STR_ARG(quoted(ps, *open)));
	diag_primary(ps->diags, "'%s' is missing before this", closer_of(open->kind));
	label_open_brackets(ps);
}

static void report_closer(struct parse *ps, struct token t)
{
	struct diags *dl = ps->diags;
	const struct token *open = innermost(ps);
	struct str shown = quoted(ps, t);

	if (ps->previous.kind == TOK_COMMA) {
		diag_add(dl, E0103, t.at, "',' before %.*s has no element behind it",
			 STR_ARG(shown));
		diag_label(dl, ps->previous.at, "Erlang allows no trailing comma");
		diag_help(dl, "remove the comma");
		diag_fix(dl, ps->previous.at, STR(""));
	} else if (open == NULL) {
		diag_add(dl, E0104, t.at, "%.*s closes nothing", STR_ARG(shown));
		if (ps->first.kind != TOK_EOF)
			diag_label(dl, ps->first.at,
				   "every bracket of this form is closed already");
	} else if (!closes(t.kind, open->kind)) {
		diag_add(dl, E0104, t.at, "%.*s does not close %.*s", STR_ARG(shown),
			 STR_ARG(quoted(ps, *open)));
		diag_primary(dl, "expected '%s'", closer_of(open->kind));
		diag_label(dl, open->at, "opened here");
	} else {
		diag_add(dl, E0101, t.at, "%.*s is not allowed here; expected %.*s", STR_ARG(shown),
			 STR_ARG(expected_text(ps)));
	}
}

/* ---- endings ---- */

/* The last token stands for the end: that is where something has to be added. */
static void report_end_of_file(struct parse *ps)
{
	struct diags *dl = ps->diags;
	struct span at = ps->previous.at;

	if (ps->open.n != 0) {
		const struct token *open = innermost(ps);

		diag_add(dl, E0104, at, "the file ends, but a %.*s is still open",
			 STR_ARG(quoted(ps, *open)));
		diag_primary(dl, "'%s' is missing after this", closer_of(open->kind));
		label_open_brackets(ps);
	} else if (token_ends_value(ps->previous.kind)) {
		diag_add(dl, E0105, at, "the last term of the file has no '.' at its end");
		diag_primary(dl, "'.' is missing after this");
		diag_fix(dl, behind(ps->previous), STR("."));
	} else {
		diag_add(dl, E0101, at, "the file ends in the middle of a term");
	}
}

void report_missing_dot(struct parse *ps, struct token next)
{
	struct diags *dl = ps->diags;
	struct span last = ps->previous.at;

	diag_add(dl, E0105, next.at, "the term before %.*s has no '.' at its end",
		 STR_ARG(quoted(ps, next)));
	diag_primary(dl, "a new term starts here");
	diag_label(dl, (struct span){last.file, last.off + last.len - 1, 1},
		   "'.' is missing after this");
	diag_fix(dl, behind(ps->previous), STR("."));
}

void report_stray_dot(struct parse *ps, struct token t, uint32_t dots)
{
	struct diags *dl = ps->diags;

	if (dots > 1) {
		struct span all = {t.at.file, t.at.off, dots};

		diag_add(dl, E0101, t.at, "one '.' ends a term, not %u", dots);
		diag_fix(dl, all, STR("."));
		return;
	}
	diag_add(dl, E0101, t.at, "the '.' at the end of a term must be followed by white space");
	diag_help(dl, "start the next term on a new line");
	diag_fix(dl, behind(t), STR("\n"));
}

void report_several_terms(struct parse *ps)
{
	const struct nodes *terms = ps->form;
	struct diags *dl = ps->diags;
	struct lexer again = ps->lexer;

	diag_add(dl, E0105, terms->list.at[1].term->at, "a term ends with '.', not with ','");
	diag_primary(dl, "this is a term of its own");
	for (size_t i = 0; i + 1 < terms->list.n; i++) {
		struct span at = terms->list.at[i].term->at;
		struct token comma;

		lexer_seek(&again, at.off + at.len);
		comma = lexer_next(&again);
		while (comma.kind == TOK_ODD_SPACE)
			comma = lexer_next(&again);
		if (i == 0)
			diag_label(dl, comma.at, "write '.' instead");
		diag_fix(dl, comma.at, STR("."));
	}
}

/* ---- elements ---- */

static bool begins_line(const struct parse *ps, struct token t)
{
	return t.at.off == 0 || ps->lexer.base[t.at.off - 1] == '\n';
}

static void report_value_after_value(struct parse *ps, struct token t)
{
	struct diags *dl = ps->diags;
	struct token before = ps->previous;

	if (ps->open.n == 0) {
		diag_add(dl, E0105, t.at, "expected '.' before %.*s", STR_ARG(quoted(ps, t)));
		diag_label(dl, behind(before), "a term ends here");
		return;
	}
	if (t.kind == TOK_LBRACE && begins_line(ps, t)) {
		report_never_closed(ps, t.at, "a new form seems to start here");
		return;
	}
	diag_add(dl, E0102, t.at, "expected %.*s before %.*s", STR_ARG(expected_text(ps)),
		 STR_ARG(quoted(ps, t)));
	if ((ps->expected & UINT64_C(1) << TOK_COMMA) != 0 && !touches(before, t)) {
		diag_label(dl, behind(before), "',' is missing here");
		diag_fix(dl, behind(before), STR(","));
	} else if (before.kind == TOK_INT && touches(before, t) && t.kind == TOK_ATOM) {
		diag_note(dl,
			  "a name starts with a letter, and a float has digits on both sides of a "
			  "'.', as in 1.0e3");
	}
}

static void report_comma(struct parse *ps, struct token t)
{
	struct diags *dl = ps->diags;

	if (ps->previous.kind == TOK_COMMA || token_opens(ps->previous.kind)) {
		diag_add(dl, E0103, t.at, "',' has no element before it");
		diag_primary(dl, "expected a term");
		diag_help(dl, "remove the comma");
		diag_fix(dl, t.at, STR(""));
		return;
	}
	diag_add(dl, E0101, t.at, "',' is not allowed here; expected %.*s",
		 STR_ARG(expected_text(ps)));
}

static void report_reserved(struct parse *ps, struct token t)
{
	struct str word = text_of(ps, t);

	diag_add(ps->diags, E0109, t.at, "'%.*s' is a reserved word of Erlang", STR_ARG(word));
	diag_help(ps->diags, "write it in single quotes if the atom is meant");
	diag_fix(ps->diags, t.at, arena_printf(ps->arena, "'%.*s'", STR_ARG(word)));
}

static void report_dot_in_term(struct parse *ps, struct token t)
{
	struct diags *dl = ps->diags;
	uint8_t before = ps->previous.kind;

	diag_add(dl, E0101, t.at, "'.' is not allowed inside a term");
	if ((before == TOK_INT || before == TOK_FLOAT) && touches(ps->previous, t))
		diag_help(dl, "a float has digits on both sides of its '.'; an address is a tuple, "
			      "{127,0,0,1}, or a string, \"127.0.0.1\"");
	else if (before == TOK_ATOM && touches(ps->previous, t))
		diag_help(dl, "write a name that has a '.' in it in quotes");
	else if (ps->previous.kind == TOK_EOF)
		diag_primary(dl, "expected a term");
}

static void report_other(struct parse *ps, struct token t)
{
	struct diags *dl = ps->diags;
	struct str text = text_of(ps, t);

	diag_add(dl, E0101, t.at, "%.*s is not allowed here; expected %.*s", STR_ARG(quoted(ps, t)),
		 STR_ARG(expected_text(ps)));
	if (str_eqz(text, "?"))
		diag_help(dl,
			  "macros are defined by {define_macro, 'NAME', Value} and used as 'NAME'");
	else if (str_eqz(text, "@"))
		diag_help(dl, "write a name that has '@' at its start in quotes");
	else if (str_eqz(text, ";") && ps->open.n == 0)
		diag_help(dl, "a term ends with '.'");
}

/* ---- literals that swallow what follows ---- */

static bool is_literal(uint8_t kind)
{
	return kind == TOK_STRING || kind == TOK_ATOM;
}

static bool spans_lines(const struct parse *ps, struct token t)
{
	struct str text = text_of(ps, t);

	return memchr(text.p, '\n', text.n) != NULL;
}

/* Does some literal behind the current place never end? Then a quote is missing further up. */
static bool find_endless(const struct parse *ps, struct token *found)
{
	struct lexer ahead = ps->lexer;
	const unsigned char *limit = ahead.cur + LOOKAHEAD_BYTES;

	do
		*found = lexer_next(&ahead);
	while (found->kind != TOK_EOF && found->kind != TOK_BAD_STRING &&
	       found->kind != TOK_BAD_ATOM && ahead.cur < limit);
	return found->kind == TOK_BAD_STRING || found->kind == TOK_BAD_ATOM;
}

void report_endless(struct parse *ps, struct token t)
{
	const char *what = t.kind == TOK_BAD_STRING ? "string"
			   : t.kind == TOK_BAD_ATOM ? "quoted atom"
						    : "character";

	diag_add(ps->diags, E0110, (struct span){t.at.file, t.at.off, 1}, "this %s is never closed",
		 what);
	if (t.kind != TOK_BAD_CHAR)
		diag_primary(ps->diags, "no closing %c in the rest of the file",
			     t.kind == TOK_BAD_STRING ? '"' : '\'');
	if (ps->swallowed.file != NO_FILE)
		diag_label(ps->diags, (struct span){ps->swallowed.file, ps->swallowed.off, 1},
			   "the quote that is missing may be this one's");
}

/* "abc}.\n{b, "def"}. : the literal of several lines, or the token behind it, does not fit. */
static const struct token *suspect(const struct parse *ps)
{
	if (is_literal(ps->unexpected.kind) && spans_lines(ps, ps->unexpected))
		return &ps->unexpected;
	if (is_literal(ps->previous.kind) && spans_lines(ps, ps->previous))
		return &ps->previous;
	return NULL;
}

static bool report_swallowing_literal(struct parse *ps)
{
	const struct token *literal = suspect(ps);
	struct token endless;

	if (literal == NULL || !find_endless(ps, &endless))
		return false;
	if (ps->swallowed.file == NO_FILE)
		ps->swallowed = literal->at;
	report_endless(ps, endless);
	ps->endless = true;
	return true;
}

static void label_swallowing_literal(struct parse *ps)
{
	const struct token *literal = suspect(ps);

	if (literal != NULL && literal == &ps->previous)
		diag_label(ps->diags, (struct span){literal->at.file, literal->at.off, 1},
			   "is the closing quote of this line missing?");
}

/* ---- dispatch ---- */

static void report_by_token(struct parse *ps, struct token t)
{
	if (t.kind == TOK_EOF)
		report_end_of_file(ps);
	else if (token_is_reserved(t.kind, text_of(ps, t)))
		report_reserved(ps, t);
	else if (ps->previous.kind != TOK_EOF &&
		 token_is_reserved(ps->previous.kind, text_of(ps, ps->previous)))
		report_reserved(ps, ps->previous);
	else if (token_closes(t.kind))
		report_closer(ps, t);
	else if (t.kind == TOK_COMMA)
		report_comma(ps, t);
	else if (t.kind == TOK_DOT && ps->open.n != 0)
		report_never_closed(ps, t.at, "the term ends here");
	else if (t.kind == TOK_DOT || t.kind == TOK_STRAYDOT)
		report_dot_in_term(ps, t);
	else if (token_begins_value(t.kind) && token_ends_value(ps->previous.kind))
		report_value_after_value(ps, t);
	else
		report_other(ps, t);
}

void report_syntax(struct parse *ps)
{
	if (report_swallowing_literal(ps))
		return;
	report_by_token(ps, ps->unexpected);
	label_swallowing_literal(ps);
}

void report_too_deep(struct parse *ps, struct token t)
{
	diag_add(ps->diags, E0107, t.at, "terms are nested more than %d levels deep",
		 PARSE_MAX_DEPTH);
	diag_label(ps->diags, ps->first.at, "in the form that starts here");
}

/* ---- broken tokens ---- */

static bool is_fancy_quote(uint32_t cp)
{
	return (cp >= 0x2018 && cp <= 0x201F) || cp == 0x2032 || cp == 0x2033;
}

/* A run of characters of which none begins a token. */
static void report_bad_code(struct parse *ps, struct token t)
{
	struct str text = text_of(ps, t);
	size_t n, at = 0;
	uint32_t cp = 0xFFFD;

	/* Those that stand for bytes that are no UTF-8 are reported already. */
	for (; at < text.n; at += n) {
		n = utf8_decode(text.p + at, text.n - at, &cp);
		if (n == 0 || cp != 0xFFFD || !ps->sources->files.at[t.at.file]->repaired)
			break;
	}
	if (at == text.n)
		return;
	t.at = (struct span){t.at.file, t.at.off + (uint32_t)at, t.at.len - (uint32_t)at};
	if (utf8_count(text_of(ps, t)) == 1)
		diag_add(ps->diags, E0113, t.at, "character U+%04X is not allowed outside quotes",
			 (unsigned)cp);
	else
		diag_add(ps->diags, E0113, t.at, "%.*s is not allowed outside quotes",
			 STR_ARG(quoted(ps, t)));
	if (is_fancy_quote(cp))
		diag_help(ps->diags, "replace typographic quotes with plain ones");
	else
		diag_help(ps->diags, "remove it, or write the name in quotes");
}

void report_typographic(struct parse *ps, struct span at, struct str plain, uint32_t closing)
{
	struct str text = source_text(ps->sources, at);
	struct span opening = {at.file, at.off, 3}; /* U+2018 to U+2033 */

	diag_add(ps->diags, E0113, at, "typographic quotes are not allowed");
	diag_help(ps->diags, "replace them with plain ones: %.*s", STR_ARG(plain));
	if (memchr(text.p, *plain.p, text.n) != NULL)
		return;
	diag_fix(ps->diags, opening, plain);
	diag_fix(ps->diags, (struct span){at.file, at.off + at.len - closing, closing}, plain);
}

void report_bad_token(struct parse *ps, struct token t)
{
	struct str text = text_of(ps, t);
	const char *hash = memchr(text.p, '#', text.n);

	if (t.kind == TOK_BAD_CODE) {
		report_bad_code(ps, t);
	} else if (t.kind == TOK_BAD_FLOAT) {
		diag_add(ps->diags, E0111, t.at, "the exponent of this float has no digits");
	} else if (hash != NULL && lexer_base(text) == 0) {
		diag_add(ps->diags, E0111, t.at, "base %.*s is not between 2 and 36",
			 hash - text.p > 20 ? 20 : (int)(hash - text.p), text.p);
	} else {
		diag_add(ps->diags, E0111, t.at, "this integer has no digits of its base");
	}
}

/* ---- what parses and is no constant ---- */

/* Erlang blames the line where the form starts. */
static void label_form(struct parse *ps, struct span at)
{
	uint32_t line = source_position(ps->sources, at.file, at.off).line;
	struct span first = ps->first.at;

	if (source_position(ps->sources, first.file, first.off).line != line)
		diag_label(ps->diags, first, "in the form that starts here");
}

static bool lies_in(struct span inner, struct span outer)
{
	return outer.file == inner.file && inner.off >= outer.off &&
	       inner.off + inner.len <= outer.off + outer.len;
}

void report_not_constant(struct parse *ps)
{
	struct diags *dl = ps->diags;

	if (ps->flaw.at.file != NO_FILE) {
		diag_add(dl, ps->flaw.code, ps->flaw.at, "%.*s", STR_ARG(ps->flaw.message));
		label_form(ps, ps->flaw.at);
	}
	for (size_t i = 0; i < ps->variables.n; i++) {
		struct span at = ps->variables.at[i];
		struct str name = source_text(ps->sources, at);

		if (lies_in(at, ps->flaw.at))
			continue;
		diag_add(dl, E0106, at,
			 "'%.*s' is a variable; a name starts with a lower-case letter",
			 STR_ARG(name));
		label_form(ps, at);
		diag_help(dl, "write '%.*s' with its single quotes if the atom is meant",
			  STR_ARG(name));
	}
}

/* ---- placeholders ---- */

void report_placeholder(struct parse *ps, struct span at, struct str name)
{
	struct placeholder p = {.name = name, .uses = 1};

	if (ps->sources->files.at[at.file]->rendered)
		return;
	for (size_t i = 0; i < ps->placeholders.n; i++) {
		struct placeholder *known = &ps->placeholders.at[i];

		if (!str_eq(known->name, name))
			continue;
		ps->diags->last = known->reported;
		if (known->uses++ < 3)
			diag_label(ps->diags, at, "and here");
		return;
	}
	p.reported = diag_add(ps->diags, E0112, at,
			      "the template placeholder '%.*s' was not filled in", STR_ARG(name));
	diag_help(ps->diags, "run cfgc with --vars FILE, where FILE defines {%.*s, Value}",
		  STR_ARG(name));
	vec_push(ps->arena, &ps->placeholders, p);
}
