/* actions.c - code actions: the edits that diagnostics carry, all of them at once, and a waiver
 * with a reason. */
#include "lsp/server.h"
#include "syntax/parse.h"
#include "tools/fix.h"

/* ---- the range that is asked about ---- */

static bool read_offset(const struct request *r, const json_t *position, uint32_t *out)
{
	struct text_position at;

	if (!json_u32(json_member(position, "line"), &at.line) ||
	    !json_u32(json_member(position, "character"), &at.character))
		return false;
	*out = text_offset(&r->doc->lines, r->server->encoding, at);
	return true;
}

/* Whether the client wants actions of a kind: all when it does not say. */
static bool wants(const struct request *r, const char *kind)
{
	const json_t *only = json_path(r->params, "context.only");
	size_t n;

	if (only == NULL)
		return true;
	for (size_t i = 0; i < json_count(only); i++) {
		struct str wanted = json_text(json_at(only, i));

		n = wanted.n;
		if (n <= strlen(kind) && (n == 0 || memcmp(wanted.p, kind, n) == 0) &&
		    (kind[n] == '\0' || kind[n] == '.' || n == 0))
			return true;
	}
	return false;
}

static bool touches(struct span at, uint32_t file, uint32_t from, uint32_t to)
{
	return at.file == file && at.off <= to && from <= at.off + at.len;
}

/* ---- writing ---- */

static void begin_action(struct request *r, const char *kind, struct str title)
{
	strbuf_addz(&r->out, r->out.n > 1 ? ",{\"title\":" : "{\"title\":");
	strbuf_add_json(&r->out, title);
	strbuf_printf(&r->out, ",\"kind\":\"%s\"", kind);
}

static void end_action(struct request *r, const struct diag *d, bool preferred,
		       struct text_edits *edits)
{
	if (d != NULL) {
		strbuf_addz(&r->out, ",\"diagnostics\":[");
		write_diagnostic(&r->out, r->server, r->analysis, d, r->file);
		strbuf_addc(&r->out, ']');
	}
	if (preferred)
		strbuf_addz(&r->out, ",\"isPreferred\":true");
	strbuf_addz(&r->out, ",\"edit\":");
	write_workspace_edit(&r->out, r->server, r->analysis, edits);
	strbuf_addc(&r->out, '}');
}

/* ---- fixes ---- */

/* What a fix does, in its own words: help says it, otherwise the edit does. */
static struct str title_of(struct request *r, const struct diag *d)
{
	const struct diag_edit *edit = &d->fix.at[0];

	if (d->help.n != 0)
		return d->help;
	if (d->fix.n > 1)
		return arena_printf(r->arena, "fix: %.*s", STR_ARG(d->message));
	if (edit->with.n == 0)
		return arena_printf(r->arena, "remove '%.*s'",
				    STR_ARG(source_text(&r->analysis->run.sources, edit->at)));
	if (edit->at.len == 0)
		return arena_printf(r->arena, "insert '%.*s'", STR_ARG(edit->with));
	return arena_printf(r->arena, "write '%.*s'", STR_ARG(edit->with));
}

/* A file in Latin-1 that is not open cannot be edited in these terms. */
static bool add_edits(struct request *r, const struct diag *d, struct text_edits *edits)
{
	for (size_t i = 0; i < d->fix.n; i++) {
		struct text_edit edit = {analysis_place(r->analysis, d->fix.at[i].at),
					 d->fix.at[i].with};

		if (edit.at.file == NO_FILE ||
		    r->analysis->run.sources.files.at[edit.at.file]->latin1)
			return false;
		vec_push(r->arena, &edits->list, edit);
	}
	return d->fix.n != 0;
}

static void offer_fix(struct request *r, const struct diag *d)
{
	struct text_edits edits = {0};

	if (!add_edits(r, d, &edits))
		return;
	begin_action(r, "quickfix", title_of(r, d));
	end_action(r, d, true, &edits);
}

/* Those of this document that do not get into each other's way. */
static void offer_all_fixes(struct request *r)
{
	struct text_edits edits = {0};
	struct fix_plan plan;

	fix_plan(r->arena, &r->analysis->run.diags, &plan);
	for (size_t i = 0; i < plan.edits.n; i++) {
		const struct fix_edit *e = &plan.edits.at[i];
		struct text_edit edit = {{e->file, e->off, e->len}, e->with};

		if (analysis_place(r->analysis, edit.at).file != r->file)
			continue;
		edit.at.file = r->file;
		vec_push(r->arena, &edits.list, edit);
	}
	if (edits.list.n == 0)
		return;
	begin_action(r, "source.fixAll", STR("fix all that cfgc can fix in this file"));
	end_action(r, NULL, false, &edits);
}

/* ---- waivers ---- */

/* The start of the line that a place is on. */
static uint32_t line_start(struct str text, uint32_t off)
{
	while (off > 0 && text.p[off - 1] != '\n')
		off--;
	return off;
}

/* A waiver on a line of its own is for the term that begins behind it, so it goes above the line of
 * a finding in the first term there. One behind code is for the findings of its line.
 * @return false when neither place is free. */
static bool place_waiver(const struct request *r, uint32_t start, uint32_t off, bool *above)
{
	const struct sources *ss = &r->analysis->run.sources;
	struct lexer lexer;
	uint32_t depth = 0, end = start;
	bool in_first = true, complete = false;
	struct str text = r->doc->text;

	lexer_init(&lexer, ss, r->file);
	lexer_seek(&lexer, start);
	while (!complete) {
		struct token t = lexer_next(&lexer);

		if (t.at.off >= off || t.kind == TOK_EOF)
			break;
		if (token_opens(t.kind))
			depth++;
		else if (token_closes(t.kind) && depth-- == 0)
			in_first = false;
		complete = depth == 0;
		in_first = in_first && !complete;
		end = t.at.off + t.at.len;
	}
	*above = in_first || end == start;
	while (end < text.n && text.p[end] != '\n')
		end++;
	return *above || memchr(text.p + off, '%', end > off ? end - off : 0) == NULL;
}

static void offer_waiver(struct request *r, const struct diag *d, struct span at)
{
	struct str text = r->doc->text;
	struct text_edits edits = {0};
	uint32_t start = line_start(text, at.off), end = start;
	const char *code = diag_info_of(d->code)->id;
	struct text_edit edit = {.at = {r->file, start, 0}};
	bool above;

	if (diag_info_of(d->code)->level == DIAG_ERROR || d->code == W0015 || d->code == W0016 ||
	    !place_waiver(r, start, at.off, &above))
		return;
	if (above) {
		while (end < text.n && (text.p[end] == ' ' || text.p[end] == '\t'))
			end++;
		edit.with = arena_printf(r->arena, "%.*s%%%% cfgc: allow(%s) reason\n",
					 (int)(end - start), text.p + start, code);
	} else {
		for (end = at.off; end < text.n && text.p[end] != '\n' && text.p[end] != '\r';)
			end++;
		edit.at.off = end;
		edit.with = arena_printf(r->arena, " %%%% cfgc: allow(%s) reason", code);
	}
	vec_push(r->arena, &edits.list, edit);
	begin_action(r, "quickfix", arena_printf(r->arena, "waive %s here, with a reason", code));
	end_action(r, d, false, &edits);
}

void handle_code_action(struct request *r)
{
	const json_t *range = json_member(r->params, "range");
	uint32_t from, to;

	if (!read_offset(r, json_member(range, "start"), &from) ||
	    !read_offset(r, json_member(range, "end"), &to)) {
		request_fail(r, LSP_INVALID_PARAMS, "no range");
		return;
	}
	strbuf_addc(&r->out, '[');
	for (size_t i = 0;
	     r->server->knows_literals && wants(r, "quickfix") && i < r->analysis->run.diags.list.n;
	     i++) {
		const struct diag *d = r->analysis->run.diags.list.at[i];
		struct span at = d->labels.n != 0 ? analysis_place(r->analysis, d->labels.at[0].at)
						  : NO_SPAN;

		if (!touches(at, r->file, from, to))
			continue;
		offer_fix(r, d);
		offer_waiver(r, d, at);
	}
	if (r->server->knows_literals && wants(r, "source.fixAll"))
		offer_all_fixes(r);
	strbuf_addc(&r->out, ']');
}
