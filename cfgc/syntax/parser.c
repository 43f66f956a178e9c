/* parser.c - the driver: pulls tokens, pushes them into the grammar form by form, and recovers.
 *
 *   form ok      ─► appended
 *   form broken  ─► one syntax error, then skip to the next full stop or to a '{' in column one
 *   literal that never ends ─► reported, go on behind the line where it probably should have ended
 *
 * A form is parsed on its own, with a fresh automaton, so a mistake in one never changes how the
 * next is read.
 */
#include "syntax/parser.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/assert.h"
#include "support/utf8.h"
#include "syntax/parse.h"

void *cfg_parserAlloc(void *(*allocate)(size_t), struct parse *ps);
void cfg_parserInit(void *automaton, struct parse *ps);
void cfg_parserFinalize(void *automaton);
void cfg_parser(void *automaton, int kind, struct token t);

void parse_out_of_memory(void)
{
	fputs("cfgc: out of memory\n", stderr);
	exit(70);
}

/* ---- tokens ---- */

static uint32_t next_line(const struct parse *ps, uint32_t off)
{
	const unsigned char *from = ps->lexer.base + off;
	const unsigned char *nl = memchr(from, '\n', (size_t)(ps->lexer.end - from));

	return (uint32_t)((nl != NULL ? nl + 1 : ps->lexer.end) - ps->lexer.base);
}

static bool is_in_column_one(const struct parse *ps, struct token t)
{
	return t.at.off == 0 || ps->lexer.base[t.at.off - 1] == '\n';
}

/* A literal that runs over the end of a line that ends in '.': its closing quote is probably
 * missing there. */
static bool swallows_a_form(struct str text)
{
	for (const char *nl = text.p; (nl = memchr(nl, '\n', (size_t)(text.p + text.n - nl)));
	     nl++) {
		const char *p = nl;

		while (p > text.p && (p[-1] == ' ' || p[-1] == '\t' || p[-1] == '\r'))
			p--;
		if (p > text.p + 1 && p[-1] == '.')
			return true;
	}
	return false;
}

static void watch_literal(struct parse *ps, struct token t)
{
	if (ps->swallowed.file == NO_FILE && swallows_a_form(source_text(ps->sources, t.at)))
		ps->swallowed = t.at;
}

static void warn_odd_space(struct parse *ps, struct token t)
{
	struct str text = source_text(ps->sources, t.at);
	unsigned code = (unsigned char)text.p[text.n - 1]; /* C2 80..A0 encodes its last byte */

	/* Once per character: where there is one there are many. */
	if ((ps->odd_spaces[code / 64] & UINT64_C(1) << code % 64) != 0)
		return;
	ps->odd_spaces[code / 64] |= UINT64_C(1) << code % 64;
	diag_add(ps->diags, W0132, t.at, "the invisible character U+%04X separates tokens here",
		 code);
	diag_help(ps->diags, "write a space");
	diag_fix(ps->diags, t.at, STR(" "));
}

/* Where to read on after a literal that has no end. */
static void leave_endless_literal(struct parse *ps, struct token t)
{
	struct span from = ps->swallowed.file != NO_FILE ? ps->swallowed : t.at;

	lexer_seek(&ps->lexer, next_line(ps, from.off));
	ps->swallowed = NO_SPAN;
}

static bool is_endless(uint8_t kind)
{
	return kind == TOK_BAD_STRING || kind == TOK_BAD_ATOM || kind == TOK_BAD_CHAR;
}

/* Placeholders in the text of a literal. The literal stays as it is: its value does not matter any
 * more. */
static void check_placeholders(struct parse *ps, struct token t)
{
	struct str text = source_text(ps->sources, t.at), name;

	for (size_t at = 0; at + 1 < text.n; at++) {
		uint32_t n;

		if (text.p[at] != '{' || text.p[at + 1] != '{')
			continue;
		n = placeholder_length((struct str){text.p + at, text.n - at}, &name);
		if (n == 0)
			continue;
		report_placeholder(ps, (struct span){t.at.file, t.at.off + (uint32_t)at, n}, name);
		at += n - 1;
	}
}

/* {{{name}}} in a configuration is one token, of a kind that the grammar takes for a value. */
static bool take_placeholder(struct parse *ps, struct token *t)
{
	struct str name, rest = {(const char *)ps->lexer.base + t->at.off,
				 (size_t)(ps->lexer.end - ps->lexer.base) - t->at.off};
	uint32_t n = placeholder_length(rest, &name);

	if (n == 0)
		return false;
	t->at.len = n;
	t->kind = TOK_VARIABLE;
	lexer_seek(&ps->lexer, t->at.off + n);
	report_placeholder(ps, t->at, name);
	return true;
}

static bool is_double_quote(uint32_t cp)
{
	return (cp >= 0x201C && cp <= 0x201F) || cp == 0x2033;
}

static bool is_single_quote(uint32_t cp)
{
	return (cp >= 0x2018 && cp <= 0x201B) || cp == 0x2032;
}

/* A run of letters is scanned again behind each literal that is taken out of it. */
#define MOST_TYPOGRAPHIC 100

/* A string or quoted atom in the quotes of a word processor, up to the other quote in the same
 * line: a value, if a wrong one. */
static bool take_typographic(struct parse *ps, struct token *t)
{
	const char *text = (const char *)ps->lexer.base + t->at.off;
	size_t n = (size_t)((const char *)ps->lexer.end - text), at, length;
	uint32_t cp;
	bool is_string;

	at = utf8_decode(text, n, &cp);
	is_string = is_double_quote(cp);
	if ((!is_string && !is_single_quote(cp)) || ps->ntypographic == MOST_TYPOGRAPHIC)
		return false;
	for (; at < n && text[at] != '\n'; at += length) {
		length = utf8_decode(text + at, n - at, &cp);
		if (length == 0)
			return false;
		if (is_string ? !is_double_quote(cp) : !is_single_quote(cp))
			continue;
		ps->ntypographic++;
		t->at.len = (uint32_t)(at + length);
		t->kind = TOK_VARIABLE;
		lexer_seek(&ps->lexer, t->at.off + t->at.len);
		report_typographic(ps, t->at, is_string ? STR("\"") : STR("'"), (uint32_t)length);
		return true;
	}
	return false;
}

/* Sets *t to the next token that the grammar knows, or TOK_EOF, and reports what it meets on the
 * way.
 * @return false when the form cannot go on: a literal without end was met and left. */
static bool next_token(struct parse *ps, struct token *t)
{
	for (;;) {
		*t = lexer_next(&ps->lexer);
		switch (t->kind) {
		case TOK_ODD_SPACE:
			warn_odd_space(ps, *t);
			continue;
		case TOK_BAD_CODE:
			ps->tainted = true;
			if (take_typographic(ps, t))
				return true;
			report_bad_token(ps, *t);
			continue;
		case TOK_BAD_INT:
		case TOK_BAD_FLOAT:
			report_bad_token(ps, *t);
			ps->tainted = true;
			t->kind = TOK_VARIABLE; /* a value that is no constant */
			return true;
		case TOK_LBRACE:
			if (!ps->config || !take_placeholder(ps, t))
				return true;
			/* Its text may hold commas and full stops: no more syntax errors in a form
			 * it is part of. */
			if (ps->previous.kind != TOK_EOF)
				ps->tainted = true;
			if (ps->open.n == 0)
				continue;
			return true;
		case TOK_STRING:
		case TOK_ATOM:
			watch_literal(ps, *t);
			if (ps->config)
				check_placeholders(ps, *t);
			return true;
		default:
			if (!is_endless(t->kind))
				return true;
			if (!ps->endless)
				report_endless(ps, *t);
			ps->endless = true;
			leave_endless_literal(ps, *t);
			return false;
		}
	}
}

/* The next full stop, the end, or a '{' in column one. */
static struct token skip_from_here(struct parse *ps)
{
	struct token t;

	for (;;) {
		if (!next_token(ps, &t))
			continue;
		if (t.kind == TOK_STRAYDOT && *ps->lexer.cur == '{')
			t.kind = TOK_DOT; /* ".{" is nowhere right but between two forms */
		if (t.kind == TOK_DOT || t.kind == TOK_EOF ||
		    (t.kind == TOK_LBRACE && is_in_column_one(ps, t)))
			return t;
	}
}

static bool is_runaway(const struct parse *ps, struct token t)
{
	return (t.kind == TOK_STRING || t.kind == TOK_ATOM) &&
	       (ps->endless || swallows_a_form(source_text(ps->sources, t.at)));
}

/* The same, from the token that failed. */
static struct token skip_from(struct parse *ps, struct token t)
{
	struct span runaway = NO_SPAN;

	if (is_runaway(ps, t))
		runaway = t.at;
	if (is_runaway(ps, ps->previous))
		runaway = ps->previous.at;
	if (runaway.file != NO_FILE && t.kind != TOK_EOF) {
		/* What follows is the text the literal was meant to hold: read on behind its first
		 * line. */
		lexer_seek(&ps->lexer, next_line(ps, runaway.off));
		ps->swallowed = NO_SPAN;
		return skip_from_here(ps);
	}
	if (t.kind == TOK_EOF || t.kind == TOK_DOT ||
	    (t.kind == TOK_LBRACE && is_in_column_one(ps, t)))
		return t;
	return skip_from_here(ps);
}

/* ---- forms ---- */

static void form_begin(struct parse *ps)
{
	ps->form = NULL;
	ps->first = ps->previous = (struct token){.at = NO_SPAN, .kind = TOK_EOF};
	ps->open.n = 0;
	ps->margin = ps->swallowed = NO_SPAN;
	ps->endless = ps->tainted = ps->after_hash = false;
	ps->variables.n = 0;
	ps->flaw = (struct flaw){.at = NO_SPAN};
	ps->failed = false;
	cfg_parserInit(ps->automaton, ps);
}

/* Forms with a TERM_BAD inside are kept: what is good in them can still be checked. */
static void form_end(struct parse *ps, struct forms *out)
{
	cfg_parserFinalize(ps->automaton);
	if (ps->form == NULL)
		return;
	if (ps->form->list.n > 1 && !ps->tainted)
		report_several_terms(ps);
	if (!ps->tainted)
		report_not_constant(ps);
	for (size_t i = 0; i < ps->form->list.n; i++) {
		const struct term *t = ps->form->list.at[i].term;
		bool is_last = i + 1 == ps->form->list.n;
		struct form f = {t, is_last ? span_join(t->at, ps->form_dot.at) : t->at};

		vec_push(ps->arena, &out->list, f);
	}
}

static bool push(struct parse *ps, struct token t)
{
	cfg_parser(ps->automaton, t.kind, t);
	if (!ps->failed && t.kind == TOK_DOT)
		cfg_parser(ps->automaton, TOK_EOF, t); /* the last reduction waits for the end */
	return !ps->failed;
}

static void track(struct parse *ps, struct token t)
{
	if (token_opens(t.kind)) {
		if (t.kind == TOK_LBRACE && ps->open.n > 0 && ps->margin.file == NO_FILE &&
		    is_in_column_one(ps, t))
			ps->margin = t.at;
		vec_push(ps->arena, &ps->open, t);
	} else if (token_closes(t.kind)) {
		CFGC_ASSERT(ps->open.n > 0); /* the grammar took it */
		ps->open.n--;
	}
	if (ps->previous.kind == TOK_EOF)
		ps->first = t;
	ps->after_hash = ps->previous.kind == TOK_HASH;
	ps->previous = t;
}

/* A '{' behind a complete term, or a word at the start of a line: the full stop is missing. */
static bool lacks_dot(const struct parse *ps, struct token t)
{
	if (ps->open.n != 0 || !token_ends_value(ps->previous.kind) || ps->after_hash)
		return false;
	return t.kind == TOK_LBRACE || (t.kind == TOK_ATOM && is_in_column_one(ps, t));
}

static struct token dot_behind(struct token previous)
{
	return (struct token){
		.at = {previous.at.file, previous.at.off + previous.at.len, 0},
		.kind = TOK_DOT,
	};
}

/* "{a, 1}.{b, 2}." : each '.' is meant as a full stop. */
static struct token repair_stray_dot(struct parse *ps, struct token t)
{
	uint32_t end = t.at.off + t.at.len;

	while (ps->lexer.base[end] == '.')
		end++;
	lexer_seek(&ps->lexer, end);
	if (!ps->tainted)
		report_stray_dot(ps, t, end - t.at.off);
	t.kind = TOK_DOT;
	return t;
}

/* One form, which begins with t. @return the token that ended it, a full stop or the start of the
 * next form. */
static struct token parse_form(struct parse *ps, struct token t)
{
	for (;;) {
		if (lacks_dot(ps, t)) {
			if (!ps->tainted)
				report_missing_dot(ps, t);
			ps->tainted = true;
			push(ps, dot_behind(ps->previous));
			return t;
		}
		if (t.kind == TOK_STRAYDOT && ps->open.n == 0 &&
		    token_ends_value(ps->previous.kind))
			t = repair_stray_dot(ps, t);
		if (token_opens(t.kind) && ps->open.n == PARSE_MAX_DEPTH) {
			report_too_deep(ps, t);
			return skip_from(ps, t);
		}
		if (!push(ps, t)) {
			if (!ps->tainted)
				report_syntax(ps);
			if (t.kind == TOK_STRAYDOT && ps->previous.kind == TOK_EOF)
				t.kind = TOK_DOT; /* a lone '.' ends its empty form */
			return skip_from(ps, t);
		}
		track(ps, t);
		if (t.kind == TOK_DOT)
			return t;
		if (!next_token(ps, &t))
			return skip_from_here(ps);
	}
}

static bool has_enough_errors(const struct parse *ps)
{
	return diags_are_full(ps->diags);
}

static void parse_forms(struct parse *ps, struct forms *out)
{
	struct token t = {.kind = TOK_DOT};

	while (!has_enough_errors(ps)) {
		form_begin(ps);
		if (t.kind == TOK_DOT && !next_token(ps, &t))
			t = skip_from_here(ps);
		else if (t.kind != TOK_EOF)
			t = parse_form(ps, t);
		form_end(ps, out);
		if (t.kind == TOK_EOF)
			break;
	}
}

static void parse_file(struct sources *ss, struct diags *dl, uint32_t file, bool config,
		       struct forms *out)
{
	struct parse ps = {
		.arena = ss->arena,
		.sources = ss,
		.diags = dl,
		.config = config,
		.automaton = cfg_parserAlloc(malloc, &ps),
	};

	if (ps.automaton == NULL)
		parse_out_of_memory();
	cfg_parserFinalize(ps.automaton); /* every form initialises it anew */
	lexer_init(&ps.lexer, ss, file);
	parse_forms(&ps, out);
	free(ps.automaton);
}

void parse_source(struct sources *ss, struct diags *dl, uint32_t file, struct forms *out)
{
	parse_file(ss, dl, file, false, out);
}

void parse_config(struct sources *ss, struct diags *dl, uint32_t file, struct forms *out)
{
	parse_file(ss, dl, file, true, out);
}

const struct term *parse_term_text(struct sources *ss, struct diags *dl, const char *name,
				   const char *text)
{
	struct str with_dot = arena_printf(ss->arena, "%s .", text);
	uint32_t file = source_add(ss, dl, name, with_dot, NO_SPAN);
	uint32_t errors = dl->nerrors;
	struct forms forms = {0};

	if (file == NO_FILE)
		return NULL;
	parse_source(ss, dl, file, &forms);
	return dl->nerrors == errors && forms.list.n == 1 ? forms.list.at[0].term : NULL;
}
