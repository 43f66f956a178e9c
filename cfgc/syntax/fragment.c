/* fragment.c - derive a whole term from a fragment and the frame that it would stand in. */
#include "syntax/fragment.h"

#include "support/strbuf.h"
#include "syntax/parse.h"

struct extent {
	uint32_t end; /* bytes of the source without a closing full stop and what is behind it */
	bool is_bracketed; /* one list and nothing else */
};

static struct extent measure(const struct sources *ss, uint32_t file)
{
	struct extent e = {.end = (uint32_t)ss->files.at[file]->text.n};
	struct token first = {0}, last = {0};
	uint32_t depth = 0, nclosed = 0; /* how often all brackets were closed */
	struct lexer lx;

	lexer_init(&lx, ss, file);
	for (struct token t = lexer_next(&lx); t.kind != TOK_EOF; t = lexer_next(&lx)) {
		if (last.kind == TOK_DOT)
			last.kind = TOK_OTHER; /* several terms: for the parser to report */
		if (first.kind == TOK_EOF)
			first = t;
		if (token_opens(t.kind))
			depth++;
		else if (token_closes(t.kind) && depth != 0 && --depth == 0)
			nclosed++;
		else if (depth == 0 && t.kind != TOK_DOT)
			nclosed = 2; /* something beside brackets */
		last = t;
	}
	if (last.kind == TOK_DOT)
		e.end = last.at.off;
	e.is_bracketed = first.kind == TOK_LBRACK && depth == 0 && nclosed == 1;
	return e;
}

static void add_piece(struct strbuf *text, struct source_piece *piece, struct str part,
		      struct span from, bool replaced)
{
	*piece = (struct source_piece){
		.off = (uint32_t)text->n, .from = from, .replaced = replaced, .value_at = NO_SPAN};
	strbuf_add(text, part);
}

uint32_t fragment_wrap(struct arena *a, struct sources *ss, uint32_t file,
		       const struct fragment_frame *frame)
{
	struct extent e = measure(ss, file);
	bool adds_brackets = frame->is_list && !e.is_bracketed;
	struct source_piece pieces[3];
	struct strbuf text = {.arena = ss->arena};

	/* Lines of their own: a comment of the fragment must not reach the frame. */
	add_piece(&text, &pieces[0],
		  arena_printf(a, "%.*s%s\n", STR_ARG(frame->before), adds_brackets ? "[" : ""),
		  (struct span){file, 0, 0}, true);
	add_piece(&text, &pieces[1], (struct str){ss->files.at[file]->text.p, e.end},
		  (struct span){file, 0, e.end}, false);
	add_piece(&text, &pieces[2],
		  arena_printf(a, "\n%s%.*s", adds_brackets ? "]" : "", STR_ARG(frame->after)),
		  (struct span){file, e.end, 0}, true);
	strbuf_addc(&text, '\0'); /* behind the text, as in every source */
	text.n--;
	return source_add_derived(ss, file, strbuf_str(&text), pieces, 3);
}
