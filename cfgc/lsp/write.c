/* write.c - the small structures that all answers are made of. */
#include <stdlib.h>

#include "lsp/server.h"

static void write_position(struct strbuf *out, struct text_position at)
{
	strbuf_printf(out, "{\"line\":%u,\"character\":%u}", at.line, at.character);
}

void write_range(struct strbuf *out, const struct server *s, struct analysis *an, struct span at)
{
	struct text_position start = {0, 0}, end = {0, 0};

	if (at.file != NO_FILE) {
		struct text_lines *lines = analysis_lines(an, at.file);

		start = text_position(lines, s->encoding, at.off);
		end = text_position(lines, s->encoding, at.off + at.len);
	}
	strbuf_addz(out, "{\"start\":");
	write_position(out, start);
	strbuf_addz(out, ",\"end\":");
	write_position(out, end);
	strbuf_addc(out, '}');
}

void write_uri(struct strbuf *out, const struct server *s, struct analysis *an, uint32_t file)
{
	strbuf_add_json(out, str_of(document_uri_of(s, out->arena, an->paths[file])));
}

void write_location(struct strbuf *out, const struct server *s, struct analysis *an, struct span at)
{
	strbuf_addz(out, "{\"uri\":");
	write_uri(out, s, an, at.file);
	strbuf_addz(out, ",\"range\":");
	write_range(out, s, an, at);
	strbuf_addc(out, '}');
}

void write_name(struct strbuf *out, const char *name)
{
	if (out->n != 0 && out->p[out->n - 1] != '{')
		strbuf_addc(out, ',');
	strbuf_printf(out, "\"%s\":", name);
}

/* ---- edits ---- */

void write_text_edit(struct strbuf *out, const struct server *s, struct analysis *an,
		     const struct text_edit *edit)
{
	strbuf_addz(out, "{\"range\":");
	write_range(out, s, an, edit->at);
	strbuf_addz(out, ",\"newText\":");
	strbuf_add_json(out, edit->with);
	strbuf_addc(out, '}');
}

static int by_place(const void *left, const void *right)
{
	const struct text_edit *a = left, *b = right;

	if (a->at.file != b->at.file)
		return a->at.file < b->at.file ? -1 : 1;
	if (a->at.off != b->at.off)
		return a->at.off < b->at.off ? -1 : 1;
	return (a->at.len > b->at.len) - (a->at.len < b->at.len);
}

void write_workspace_edit(struct strbuf *out, const struct server *s, struct analysis *an,
			  struct text_edits *edits)
{
	if (edits->list.n > 1)
		qsort(edits->list.at, edits->list.n, sizeof(*edits->list.at), by_place);
	strbuf_addz(out, "{\"changes\":{");
	for (size_t i = 0; i < edits->list.n; i++) {
		const struct text_edit *edit = &edits->list.at[i];

		if (i == 0 || edit[-1].at.file != edit->at.file) {
			strbuf_addz(out, i == 0 ? "" : "],");
			write_uri(out, s, an, edit->at.file);
			strbuf_addz(out, ":[");
		} else {
			strbuf_addc(out, ',');
		}
		write_text_edit(out, s, an, edit);
	}
	strbuf_addz(out, edits->list.n != 0 ? "]}}" : "}}");
}
