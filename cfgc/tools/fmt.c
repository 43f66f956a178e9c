/* fmt.c - the layout of a configuration, token by token. */
#include "tools/fmt.h"

#include <errno.h>
#include <stdio.h>

#include "options.h"
#include "support/assert.h"
#include "support/file.h"
#include "support/strbuf.h"
#include "support/utf8.h"
#include "syntax/lexer.h"
#include "syntax/parser.h"
#include "tools/fix.h"
#include "tools/udiff.h"

#define INDENT         2
#define COMMENT_GAP    2
#define BLANKS_INSIDE  1
#define BLANKS_BETWEEN 2

struct line {
	struct str code; /* without its indentation; empty: a comment alone, or an empty line */
	struct str comment;
	uint32_t indent; /* columns */
};

/* A bracket that is open. */
struct open {
	uint32_t indent; /* of the line where it stands */
};

struct fmt {
	struct arena *arena;
	VEC(struct line) lines;
	VEC(struct open) open;
	struct strbuf code; /* of the current line, without its indentation */
	struct str comment;
	uint32_t indent;   /* of the current line, meaningful when it has code */
	uint32_t nblank;   /* empty lines waiting to be written */
	uint8_t previous;  /* kind of the last token; TOK_EOF: none yet */
	bool after_closer; /* the current line consists of closing brackets so far */
};

/* ---- lines ---- */

static uint32_t inner_indent(const struct fmt *f)
{
	return f->open.n == 0 ? 0 : f->open.at[f->open.n - 1].indent + INDENT;
}

static void end_line(struct fmt *f)
{
	struct line line = {.indent = f->indent};

	if (f->code.n == 0 && f->comment.n == 0) {
		f->nblank += f->nblank < BLANKS_BETWEEN;
		return;
	}
	if (f->code.n != 0)
		line.code = arena_str(f->arena, f->code.p, f->code.n);
	else
		line.indent = inner_indent(f);
	line.comment = f->comment;
	vec_push(f->arena, &f->lines, line);
	f->code.n = 0;
	f->comment = (struct str){"", 0};
	f->after_closer = false;
}

static void write_blanks(struct fmt *f)
{
	uint32_t most = f->open.n != 0 ? BLANKS_INSIDE : BLANKS_BETWEEN;

	for (uint32_t i = 0; i < f->nblank && i < most; i++)
		vec_push(f->arena, &f->lines, (struct line){.indent = 0});
	f->nblank = 0;
}

/* ---- between tokens ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\n';
}

static struct str trimmed(struct str s)
{
	while (s.n != 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool is_opener(uint8_t kind)
{
	return kind == TOK_LBRACE || kind == TOK_LBRACK || kind == TOK_LPAREN;
}

static bool is_closer(uint8_t kind)
{
	return kind == TOK_RBRACE || kind == TOK_RBRACK || kind == TOK_RPAREN;
}

/* Line ends and comments of the text between two tokens. @return whether there was any text. */
static bool take_gap(struct fmt *f, struct str gap)
{
	for (size_t at = 0; at < gap.n;) {
		const char *end = memchr(gap.p + at, '\n', gap.n - at);
		size_t n = end != NULL ? (size_t)(end - (gap.p + at)) : gap.n - at;
		const char *percent = memchr(gap.p + at, '%', n);

		if (percent != NULL) {
			if (f->code.n == 0)
				write_blanks(f);
			f->comment = trimmed(
				(struct str){percent, n - (size_t)(percent - (gap.p + at))});
		}
		if (end != NULL)
			end_line(f);
		at += n + (end != NULL);
	}
	return gap.n != 0;
}

static bool wants_space(const struct fmt *f, uint8_t kind, bool had_gap)
{
	if (is_closer(kind) || kind == TOK_COMMA || kind == TOK_DOT || is_opener(f->previous))
		return false;
	if (f->previous == TOK_COMMA || f->previous == TOK_ARROW || kind == TOK_ARROW)
		return true;
	return had_gap;
}

/* ---- tokens ---- */

/* Columns of the last line of a text. */
static uint32_t width_of(struct str s)
{
	const char *newline = s.n != 0 ? memrchr(s.p, '\n', s.n) : NULL;
	uint32_t columns = 0;

	if (newline != NULL)
		s = (struct str){newline + 1, (size_t)(s.p + s.n - (newline + 1))};
	for (size_t at = 0; at < s.n;) {
		uint32_t cp;
		int width;

		at += utf8_decode(s.p + at, s.n - at, &cp);
		width = utf8_width(cp);
		columns += width > 0 ? (uint32_t)width : 0;
	}
	return columns;
}

static void take_bracket(struct fmt *f, uint8_t kind)
{
	if (is_opener(kind)) {
		vec_push(f->arena, &f->open, ((struct open){.indent = f->indent}));
	} else if (is_closer(kind) && f->open.n != 0) {
		f->open.n--;
		/* A line of closing brackets goes back to where the outermost was opened. */
		if (f->after_closer)
			f->indent = f->open.at[f->open.n].indent;
	}
}

static void take_token(struct fmt *f, uint8_t kind, struct str text, bool had_gap)
{
	if (f->previous == TOK_DOT && f->code.n != 0)
		end_line(f);
	if (f->code.n == 0) {
		write_blanks(f);
		f->indent = inner_indent(f);
		f->after_closer = is_closer(kind);
	} else {
		f->after_closer = f->after_closer && is_closer(kind);
		if (wants_space(f, kind, had_gap))
			strbuf_addc(&f->code, ' ');
	}
	take_bracket(f, kind);
	strbuf_add(&f->code, text);
	f->previous = kind;
}

/* ---- comments in one column ---- */

static bool has_both(const struct line *line)
{
	return line->code.n != 0 && line->comment.n != 0;
}

static uint32_t code_width(const struct line *line)
{
	bool one = memchr(line->code.p, '\n', line->code.n) == NULL;

	return width_of(line->code) + (one ? line->indent : 0);
}

/* Lines [from, to) have code and comment. */
static void print_aligned(struct strbuf *out, const struct fmt *f, size_t from, size_t to)
{
	uint32_t column = 0;

	for (size_t i = from; i < to; i++) {
		uint32_t width = code_width(&f->lines.at[i]);

		column = width > column ? width : column;
	}
	for (size_t i = from; i < to; i++) {
		const struct line *line = &f->lines.at[i];

		strbuf_fill(out, ' ', line->indent);
		strbuf_add(out, line->code);
		strbuf_fill(out, ' ', column - code_width(line) + COMMENT_GAP);
		strbuf_add(out, line->comment);
		strbuf_addc(out, '\n');
	}
}

static void print_line(struct strbuf *out, const struct line *line)
{
	if (line->code.n != 0 || line->comment.n != 0)
		strbuf_fill(out, ' ', line->indent);
	strbuf_add(out, line->code);
	strbuf_add(out, line->comment);
	strbuf_addc(out, '\n');
}

static void print_lines(struct strbuf *out, const struct fmt *f)
{
	for (size_t i = 0, to; i < f->lines.n; i = to) {
		for (to = i; to < f->lines.n && has_both(&f->lines.at[to]);)
			to++;
		if (to != i)
			print_aligned(out, f, i, to);
		else
			print_line(out, &f->lines.at[to++]);
	}
}

void fmt_source(struct strbuf *out, const struct sources *sources, uint32_t file)
{
	struct fmt f = {.arena = out->arena, .code = {.arena = out->arena}, .previous = TOK_EOF};
	struct lexer lexer;
	struct token t;
	uint32_t end = 0;

	lexer_init(&lexer, sources, file);
	do {
		bool had_gap;

		t = lexer_next(&lexer);
		if (t.kind == TOK_ODD_SPACE) /* white space like any other */
			continue;
		/* An odd space lies in the gap too: it is neither a comment nor a line end. */
		had_gap = take_gap(&f,
				   source_text(sources, (struct span){file, end, t.at.off - end}));
		end = t.at.off + t.at.len;
		if (t.kind != TOK_EOF)
			take_token(&f, t.kind, source_text(sources, t.at), had_gap);
	} while (t.kind != TOK_EOF);
	end_line(&f);
	print_lines(out, &f);
}

/* ---- the command ---- */

/* Layout must not change meaning: the result is parsed and compared. */
static void check_same_terms(struct arena *a, struct str text, const struct forms *forms)
{
	struct sources sources = {.arena = a};
	struct diags diags = {.arena = a, .sources = &sources};
	struct forms again = {0};
	uint32_t file = source_add(&sources, &diags, "layout", text, NO_SPAN);

	CFGC_ASSERT(file != NO_FILE);
	parse_source(&sources, &diags, file, &again);
	CFGC_ASSERT(!diag_has_errors(&diags) && again.list.n == forms->list.n);
	for (size_t i = 0; i < forms->list.n; i++)
		CFGC_ASSERT(term_equal(forms->list.at[i].term, again.list.at[i].term));
}

/* What the layout has no opinion on. */
static void drop_warnings(struct diags *dl)
{
	size_t kept = 0;

	for (size_t i = 0; i < dl->list.n; i++)
		if (dl->list.at[i]->level == DIAG_ERROR)
			dl->list.at[kept++] = dl->list.at[i];
	dl->list.n = kept;
	dl->nwarnings = dl->nnotes = 0;
}

static bool run_file(struct arena *a, struct diags *dl, struct sources *sources,
		     const struct options *o, const char *path)
{
	struct strbuf out = {.arena = a}, diff = {.arena = a};
	const struct source *original;
	struct forms forms = {0};
	struct str text;
	uint32_t nerrors = dl->nerrors, file = source_open(sources, dl, path, NO_SPAN);
	bool to_stdout = strcmp(path, "-") == 0, differs;
	int err = 0;

	if (file == NO_FILE)
		return true;
	parse_source(sources, dl, file, &forms);
	drop_warnings(dl);
	if (dl->nerrors != nerrors)
		return true;
	fmt_source(&out, sources, file);
	text = strbuf_str(&out);
	original = sources->files.at[source_resolve(sources, (struct span){file, 0, 0}, NULL).file];
	if (original->latin1)
		CFGC_ASSERT(latin1_of_utf8(a, text, &text)); /* it came from there */
	check_same_terms(a, text, &forms);
	differs = !str_eq(text, original->text);
	if (o->diff)
		udiff(&diff, original->path, original->text, text);
	else if (o->check && differs)
		strbuf_printf(&diff, "%.*s\n", STR_ARG(original->path));
	else if (to_stdout && !o->check)
		strbuf_add(&diff, text);
	if (diff.n != 0 && (fwrite(diff.p, 1, diff.n, stdout) != diff.n || fflush(stdout) != 0))
		err = errno;
	else if (!o->diff && !o->check && !to_stdout && differs)
		err = file_replace(a, path, text);
	if (err != 0)
		diag_add(dl, E0007, NO_SPAN, "cannot write '%s': %s", path, strerror(err));
	return !differs || !(o->check || o->diff);
}

bool fmt_run(struct arena *a, struct diags *dl, struct sources *sources, const struct options *o)
{
	bool good = true;

	for (size_t i = 0; i < o->files.n; i++) {
		diags_begin_unit(dl, o->files.at[i]);
		good = run_file(a, dl, sources, o, o->files.at[i]) && good;
	}
	return good;
}
