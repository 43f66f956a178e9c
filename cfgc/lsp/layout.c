/* layout.c - formatting: what `cfgc fmt` does, as one edit of the lines that differ. */
#include "lsp/server.h"
#include "syntax/parser.h"
#include "tools/fmt.h"

/* Bytes at the start that are the same, whole lines only. */
static size_t same_start(struct str a, struct str b)
{
	size_t n = 0, lines = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		if (a.p[n++] == '\n')
			lines = n;
	return n == a.n && n == b.n ? n : lines;
}

static size_t same_end(struct str a, struct str b, size_t start)
{
	size_t n = 0, lines = 0;

	while (n < a.n - start && n < b.n - start && a.p[a.n - 1 - n] == b.p[b.n - 1 - n]) {
		if (n > 0 && a.p[a.n - 1 - n] == '\n')
			lines = n;
		n++;
	}
	return lines;
}

void handle_formatting(struct request *r)
{
	struct sources sources = {.arena = r->arena};
	struct diags diags = {.arena = r->arena, .sources = &sources, .max_errors = 1};
	struct strbuf out = {.arena = r->arena};
	struct forms forms = {0};
	struct text_edit edit;
	struct str old = r->doc->text, new;
	uint32_t file;
	size_t start, end;

	/* The document's own text: includes and templates are not laid out. */
	file = source_add(&sources, &diags, "document", old, NO_SPAN);
	if (file != NO_FILE)
		parse_source(&sources, &diags, file, &forms);
	if (diag_has_errors(&diags)) {
		request_fail(r, LSP_REQUEST_FAILED,
			     "a file with syntax errors is not laid out: %.*s",
			     STR_ARG(diags.list.n != 0 ? diags.list.at[0]->message : STR("")));
		return;
	}
	fmt_source(&out, &sources, file);
	new = strbuf_str(&out);
	start = same_start(old, new);
	if (start == old.n && start == new.n) {
		strbuf_addz(&r->out, "[]");
		return;
	}
	end = same_end(old, new, start);
	edit.at = (struct span){r->file, (uint32_t)start, (uint32_t)(old.n - start - end)};
	edit.with = (struct str){new.p + start, new.n - start - end};
	strbuf_addc(&r->out, '[');
	write_text_edit(&r->out, r->server, r->analysis, &edit);
	strbuf_addc(&r->out, ']');
}
