/* context.c - count brackets and commas up to the cursor, then step inwards through the schema.
 *
 *   {listen, [{5222, ejabberd_c2s, [starttls, {acc|
 *   ^0        ^1                   ^2         ^3      frames, each with its element's number
 */
#include "lsp/context.h"
#include "support/array.h"

struct frame {
	uint8_t closer;   /* the token that ends it */
	uint32_t index;   /* of the element that is being read */
	uint32_t ntokens; /* of that element, so far */
	bool has_cursor;
	struct shape shape;
	struct str text;       /* a tuple's second element, when it is a string */
	VEC(struct str) heads; /* a list's: the names that its elements begin with */
};

/* Brackets deeper than this lead nowhere that the schema knows. */
#define DEEPEST 64

struct tracker {
	struct arena *a;
	uint32_t too_deep; /* brackets open beyond DEEPEST */
	const struct sources *ss;
	struct lexer lexer;
	VEC(struct frame) frames;
	size_t watched; /* behind the cursor: the frame whose end is waited for, counted from 1 */
	struct context *out;
};

struct str token_bare(struct str text)
{
	if (text.n != 0 && (text.p[0] == '"' || text.p[0] == '\'')) {
		bool closed = text.n > 1 && text.p[text.n - 1] == text.p[0];

		return (struct str){text.p + 1, text.n - 1 - closed};
	}
	return text;
}

/* ---- frames ---- */

static struct frame *innermost(struct tracker *t)
{
	return t->frames.n != 0 ? &t->frames.at[t->frames.n - 1] : NULL;
}

static void open_frame(struct tracker *t, uint8_t kind)
{
	static const uint8_t closers[][2] = {
		{TOK_LBRACE, TOK_RBRACE}, {TOK_LBRACK, TOK_RBRACK}, {TOK_LBIN, TOK_RBIN}};
	struct frame f = {.closer = TOK_RPAREN};

	if (t->frames.n == DEEPEST) {
		t->too_deep++;
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(closers); i++)
		if (closers[i][0] == kind)
			f.closer = closers[i][1];
	f.shape.is_list = kind == TOK_LBRACK;
	if (innermost(t) != NULL)
		innermost(t)->ntokens++;
	vec_push(t->a, &t->frames, f);
}

/* What an element of a list is known by. */
static struct str head_of(const struct frame *f)
{
	return f->shape.atoms[0].n != 0 ? f->shape.atoms[0] : f->shape.key_atoms[0];
}

static void leave(struct tracker *t)
{
	struct frame done = *innermost(t);
	struct frame *outer;

	if (t->frames.n == t->watched) {
		t->out->given.at = done.heads.at;
		t->out->given.n = done.heads.n;
		t->watched = 0;
	}
	t->frames.n--;
	outer = innermost(t);
	if (outer == NULL || done.closer != TOK_RBRACE)
		return;
	if (outer->closer == TOK_RBRACE && outer->index == 0 && outer->ntokens == 1)
		memcpy(outer->shape.key_atoms, done.shape.atoms, sizeof(outer->shape.key_atoms));
	if (outer->shape.is_list && head_of(&done).n != 0 && !done.has_cursor)
		vec_push(t->a, &outer->heads, head_of(&done));
}

/* A closer without its opener is passed over; openers without closers end with what is around them.
 */
static void close_frame(struct tracker *t, uint8_t closer)
{
	size_t depth = t->frames.n;

	if (t->too_deep > 0) {
		t->too_deep--;
		return;
	}
	while (depth > 0 && t->frames.at[depth - 1].closer != closer)
		depth--;
	while (depth > 0 && t->frames.n >= depth)
		leave(t);
}

static void take_word(struct tracker *t, struct token token)
{
	struct frame *f = innermost(t);
	struct str text = source_text(t->ss, token.at);

	if (f == NULL || t->too_deep > 0)
		return;
	if (token.kind == TOK_ATOM && f->ntokens == 0 && f->index < SHAPE_ITEMS)
		f->shape.atoms[f->index] = token_bare(text);
	if (token.kind == TOK_ATOM && f->ntokens == 0 && f->shape.is_list)
		vec_push(t->a, &f->heads, token_bare(text));
	if (token.kind == TOK_STRING && f->ntokens == 0 && f->index == 1)
		f->text = token_bare(text);
	f->ntokens++;
}

/* ---- tokens ---- */

static uint32_t next_line(const struct tracker *t, uint32_t off)
{
	const unsigned char *from = t->lexer.base + off;
	const unsigned char *nl = memchr(from, '\n', (size_t)(t->lexer.end - from));

	return (uint32_t)((nl != NULL ? nl + 1 : t->lexer.end) - t->lexer.base);
}

/* A literal whose closing quote is missing: it has no end, or the end of a form is in it, or it
 * began on a line above the cursor's. */
static bool is_runaway(const struct tracker *t, struct token token, uint32_t cursor)
{
	struct str text = source_text(t->ss, token.at);
	const char *nl;

	if (token.kind == TOK_BAD_STRING || token.kind == TOK_BAD_ATOM ||
	    token.kind == TOK_BAD_CHAR)
		return true;
	if (token.kind != TOK_STRING && token.kind != TOK_ATOM)
		return false;
	nl = memchr(text.p, '\n', text.n);
	if (nl == NULL)
		return false;
	if (token.at.off < cursor && cursor < token.at.off + token.at.len)
		return true;
	return memmem(nl - 1, (size_t)(text.p + text.n - nl) + 1, ".\n", 2) != NULL;
}

static bool is_in_column_one(const struct tracker *t, struct token token)
{
	return token.at.off == 0 || t->lexer.base[token.at.off - 1] == '\n';
}

/* A '{' in column one with an option of the top level behind it, where brackets are still open:
 * they were never closed. */
static bool begins_a_form(struct tracker *t, struct token brace)
{
	struct lexer look = t->lexer;
	struct token next;

	if (t->frames.n == 0 || !is_in_column_one(t, brace))
		return false;
	next = lexer_next(&look);
	return next.kind == TOK_ATOM &&
	       schema_option(&schema_top, token_bare(source_text(t->ss, next.at))) != NULL;
}

static void take(struct tracker *t, struct token token)
{
	switch (token.kind) {
	case TOK_LBRACE:
		if (begins_a_form(t, token))
			t->frames.n = t->too_deep = 0;
		open_frame(t, token.kind);
		break;
	case TOK_LBRACK:
	case TOK_LBIN:
	case TOK_LPAREN:
		open_frame(t, token.kind);
		break;
	case TOK_RBRACE:
	case TOK_RBRACK:
	case TOK_RBIN:
	case TOK_RPAREN:
		close_frame(t, token.kind);
		break;
	case TOK_COMMA:
		if (innermost(t) != NULL && t->too_deep == 0) {
			innermost(t)->index++;
			innermost(t)->ntokens = 0;
		}
		break;
	case TOK_DOT:
		t->frames.n = t->too_deep = 0;
		break;
	default:
		take_word(t, token);
		break;
	}
}

static bool is_word(uint8_t kind)
{
	switch (kind) {
	case TOK_ATOM:
	case TOK_STRING:
	case TOK_INT:
	case TOK_FLOAT:
	case TOK_VARIABLE:
	case TOK_RESERVED:
	case TOK_FUN:
	case TOK_BAD_STRING:
	case TOK_BAD_ATOM:
		return true;
	default:
		return false;
	}
}

/* ---- the cursor ---- */

static void find_comment(struct tracker *t, uint32_t gap, uint32_t cursor)
{
	const char *text = (const char *)t->lexer.base;
	uint32_t start = cursor, end = cursor;

	while (start > gap && text[start - 1] != '\n')
		start--;
	while (start < cursor && text[start] != '%')
		start++;
	if (start >= cursor)
		return;
	while (t->lexer.base + end < t->lexer.end && text[end] != '\n' && text[end] != '\r')
		end++;
	t->out->in_comment = true;
	t->out->comment = (struct span){t->lexer.file, start, end - start};
}

/* The word that the cursor is in or behind. A literal without end is a word up to the cursor, on
 * the line where it begins. */
static bool take_cursor_word(struct tracker *t, struct token token, uint32_t cursor)
{
	bool runaway = is_runaway(t, token, cursor);
	uint32_t behind = next_line(t, token.at.off);

	if (!is_word(token.kind) ||
	    (runaway && cursor >= behind && t->lexer.base[behind - 1] == '\n'))
		return false;
	t->out->word = token.at;
	t->out->word_kind = token.kind;
	if (runaway)
		t->out->word.len = cursor - token.at.off;
	return true;
}

/* Read up to the cursor. *token becomes the first one behind it. */
static void read_to(struct tracker *t, uint32_t cursor, struct token *token)
{
	uint32_t end = 0;

	for (;;) {
		*token = lexer_next(&t->lexer);
		if (token->kind == TOK_EOF || token->at.off > cursor ||
		    (token->at.off == cursor && !is_word(token->kind)))
			break;
		if (token->at.off + token->at.len >= cursor &&
		    take_cursor_word(t, *token, cursor)) {
			if (t->out->word.len != token->at.len) /* cut off */
				lexer_seek(&t->lexer, next_line(t, token->at.off));
			*token = lexer_next(&t->lexer);
			return;
		}
		if (is_runaway(t, *token, cursor)) {
			end = next_line(t, token->at.off);
			lexer_seek(&t->lexer, end);
			continue;
		}
		end = token->at.off + token->at.len;
		take(t, *token);
	}
	find_comment(t, end, cursor);
}

static void step_inwards(struct tracker *t)
{
	struct expect e = expect_form();

	for (size_t i = 0; i < t->frames.n; i++) {
		const struct frame *f = &t->frames.at[i];

		if (i == 0 && str_eqz(f->shape.atoms[0], "host_config"))
			t->out->host = f->text;
		e = expect_inside(&e, &f->shape, f->index);
	}
	if (t->too_deep > 0)
		e = (struct expect){.kind = EXPECT_ANY};
	t->out->expect = e;
}

/* Read on until the innermost list ends, for what it has behind the cursor. */
static void read_given(struct tracker *t, struct token token)
{
	t->watched = t->frames.n;
	while (t->watched > 0 && !t->frames.at[t->watched - 1].shape.is_list)
		t->watched--;
	for (size_t i = 0; i < t->frames.n; i++)
		t->frames.at[i].has_cursor = true;
	while (t->watched != 0) {
		size_t watched = t->watched;
		struct frame copy = t->frames.at[watched - 1];

		if (token.kind != TOK_EOF && !is_runaway(t, token, 0))
			take(t, token);
		if (t->watched != 0 && (token.kind == TOK_EOF || t->frames.n < watched)) {
			t->out->given.at = copy.heads.at;
			t->out->given.n = copy.heads.n;
			return;
		}
		if (is_runaway(t, token, 0))
			lexer_seek(&t->lexer, next_line(t, token.at.off));
		token = lexer_next(&t->lexer);
	}
}

void context_find(struct arena *a, const struct sources *ss, uint32_t file, uint32_t cursor,
		  struct context *out)
{
	struct tracker t = {.a = a, .ss = ss, .out = out};
	struct token next;

	*out = (struct context){.word = NO_SPAN, .comment = NO_SPAN};
	lexer_init(&t.lexer, ss, file);
	read_to(&t, cursor, &next);
	out->next_kind = next.kind;
	out->is_first =
		innermost(&t) != NULL && !innermost(&t)->shape.is_list && innermost(&t)->index == 0;
	step_inwards(&t);
	read_given(&t, next);
}
