/* waiver_scan.c - read the comments of a source, and find out which terms they are for. */
#include "syntax/waiver_scan.h"

#include "diag/suggest.h"

struct span waiver_line_start(const struct waiver_scan *sc, struct span at)
{
	while (at.off != 0 && sc->source->text.p[at.off - 1] != '\n')
		at.off--;
	at.len = 0;
	return at;
}

/* ---- the words of a comment ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct str skip_blanks(struct str s)
{
	while (s.n != 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	return s;
}

static bool skip_word(struct str *s, const char *word)
{
	size_t n = strlen(word);

	*s = skip_blanks(*s);
	if (s->n < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

static struct str without_end(struct str s)
{
	while (s.n != 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static struct span span_of(const struct waiver_scan *sc, struct str text)
{
	return (struct span){sc->file, (uint32_t)(text.p - sc->source->text.p), (uint32_t)text.n};
}

static void malformed(struct waiver_scan *sc, struct str at, const char *what)
{
	diag_add(sc->diags, W0016, span_of(sc, at), "%s", what);
	diag_help(sc->diags,
		  "write '%%%% cfgc: allow(W0504) reason', with codes, groups such as W05 "
		  "or slugs");
}

static void unknown_code(struct waiver_scan *sc, struct str name)
{
	struct names legal = {.arena = sc->arena};
	size_t nerrors = 0;

	for (size_t i = 0; i < DIAG_NCODES; i++) {
		const struct diag_info *info = diag_info_of((enum diag_code)i);

		if (info->level == DIAG_ERROR) {
			nerrors += diag_is_named(info, name);
			continue;
		}
		vec_push(sc->arena, &legal.list, str_of(info->id));
		vec_push(sc->arena, &legal.list, str_of(info->slug));
	}
	if (nerrors != 0) {
		diag_add(sc->diags, W0016, span_of(sc, name), "'%.*s' is an error", STR_ARG(name));
		diag_primary(sc->diags, "not a warning or a note");
		diag_note(sc->diags, "what cannot work cannot be allowed");
		return;
	}
	diag_add(sc->diags, W0016, span_of(sc, name), "no warning is called '%.*s'", STR_ARG(name));
	suggest_into(sc->diags, span_of(sc, name), name, &legal);
}

static bool is_code(struct str name)
{
	for (size_t i = 0; i < DIAG_NCODES; i++)
		if (diag_infos[i].level != DIAG_ERROR && diag_is_named(&diag_infos[i], name))
			return true;
	return false;
}

static void read_name(struct waiver_scan *sc, struct waiver *w, struct str part)
{
	struct str name = without_end(skip_blanks(part));
	struct allowance allowance = {.at = span_of(sc, name), .is_known = is_code(name)};

	if (name.n == 0)
		malformed(sc, (struct str){part.p, part.n != 0 ? part.n : 1}, "a code is missing");
	else if (!allowance.is_known)
		unknown_code(sc, name);
	vec_push(sc->arena, &w->names, allowance);
}

static bool read_names(struct waiver_scan *sc, struct waiver *w, struct str *rest,
		       struct str comment)
{
	const char *close;

	if (!skip_word(rest, "allow") || !skip_word(rest, "(")) {
		malformed(sc, comment, "expected 'allow(CODE, ...)' and a reason behind 'cfgc:'");
		return false;
	}
	close = memchr(rest->p, ')', rest->n);
	if (close == NULL) {
		malformed(sc, comment, "expected ')' behind the codes");
		return false;
	}
	for (const char *at = rest->p, *end; at <= close; at = end + 1) {
		end = memchr(at, ',', (size_t)(close - at));
		end = end != NULL ? end : close;
		read_name(sc, w, (struct str){at, (size_t)(end - at)});
	}
	rest->n -= (size_t)(close + 1 - rest->p);
	rest->p = close + 1;
	return true;
}

/* A comment from its first '%' to the end of its line. */
static void read_comment(struct waiver_scan *sc, struct str comment, uint32_t behind)
{
	struct waiver w = {.comment = span_of(sc, without_end(comment))};
	struct str rest = without_end(comment);

	while (rest.n != 0 && rest.p[0] == '%') {
		rest.p++;
		rest.n--;
	}
	if (!skip_word(&rest, WAIVER_MARK) || !read_names(sc, &w, &rest, without_end(comment)))
		return;
	w.head = w.comment;
	w.head.len -= (uint32_t)rest.n;
	w.reason = skip_blanks(rest);
	if (w.reason.n == 0) {
		malformed(sc, without_end(comment), "a reason is missing behind 'allow(...)'");
		return;
	}
	w.alone = behind == UINT32_MAX;
	w.term = NO_SPAN;
	if (!w.alone) {
		w.term = span_join(waiver_line_start(sc, w.comment), w.comment);
		w.behind = (struct span){sc->file, behind, w.comment.off + w.comment.len - behind};
	}
	vec_push(sc->arena, &sc->list, w);
}

/* ---- what they are for ---- */

/* Between two tokens there are white space and comments. */
static void read_gap(struct waiver_scan *sc, uint32_t from, uint32_t to)
{
	const char *text = sc->source->text.p;
	bool behind_code = sc->previous.kind != TOK_EOF;

	for (uint32_t at = from; at < to; at++) {
		const char *end;

		if (text[at] == '\n')
			behind_code = false;
		if (text[at] != '%')
			continue;
		end = memchr(text + at, '\n', to - at);
		end = end != NULL ? end : text + to;
		read_comment(sc, (struct str){text + at, (size_t)(end - (text + at))},
			     behind_code ? from : UINT32_MAX);
		at = (uint32_t)(end - text) - 1;
	}
}

static void begin_terms(struct waiver_scan *sc, struct token t)
{
	if (t.kind == TOK_COMMA || t.kind == TOK_BAR) /* at the start of a line */
		return;
	for (; sc->nplaced < sc->list.n; sc->nplaced++) {
		struct waiver *w = &sc->list.at[sc->nplaced];

		if (!w->alone)
			continue;
		if (t.kind == TOK_EOF || token_closes(t.kind)) {
			diag_add(sc->diags, W0016, w->head,
				 "nothing follows that could be allowed");
			diag_help(sc->diags, "write it in front of what it is about, or behind it "
					     "on its line");
			w->names.n = 0;
			continue;
		}
		w->term = t.at;
		vec_push(sc->arena, &sc->open, sc->nplaced);
		vec_push(sc->arena, &sc->open_depths, sc->depth);
	}
}

/* A term ends in front of a comma or bracket of its own depth, a form with its full stop. */
static void end_terms(struct waiver_scan *sc, struct token t, bool with_token)
{
	while (sc->open.n != 0 && sc->open_depths.at[sc->open.n - 1] >= sc->depth) {
		struct waiver *w = &sc->list.at[sc->open.at[--sc->open.n]];

		sc->open_depths.n--;
		w->term = span_join(w->term, with_token ? t.at : sc->previous.at);
	}
}

static void take_token(struct waiver_scan *sc, struct token t)
{
	begin_terms(sc, t);
	if (t.kind == TOK_DOT || t.kind == TOK_EOF) {
		sc->depth = 0;
		end_terms(sc, t, t.kind == TOK_DOT);
	} else if (t.kind == TOK_COMMA || t.kind == TOK_BAR) {
		/* Between forms a comma is a mistake, and ends nothing. */
		if (sc->depth != 0)
			end_terms(sc, t, false);
	} else if (token_closes(t.kind)) {
		if (sc->depth != 0)
			end_terms(sc, t, false);
		sc->depth -= sc->depth != 0;
	} else if (token_opens(t.kind)) {
		sc->depth++;
	}
	sc->previous = t;
}

void waiver_scan(struct waiver_scan *sc, uint32_t file)
{
	struct lexer lx;
	struct token t;
	uint32_t end = 0;

	sc->file = file;
	sc->source = sc->sources->files.at[file];
	sc->depth = 0;
	sc->previous = (struct token){0};
	sc->list.n = sc->nplaced = 0;
	lexer_init(&lx, sc->sources, file);
	do {
		t = lexer_next(&lx);
		read_gap(sc, end, t.at.off);
		end = t.at.off + t.at.len;
		take_token(sc, t);
	} while (t.kind != TOK_EOF);
}
