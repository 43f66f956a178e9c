/* json.c - diagnostics as JSON, one object per line; every field is always present. */
#include "diag/report.h"

static struct str path_of(const struct diags *dl, uint32_t file)
{
	return dl->sources->files.at[file]->path;
}

static void print_label(struct strbuf *out, const struct diags *dl, const struct diag_label *label)
{
	struct span at = label->at;
	struct position start = source_position(dl->sources, at.file, at.off);
	struct position end = source_position(dl->sources, at.file, at.off + at.len);

	strbuf_addz(out, "{\"file\":");
	strbuf_add_json(out, path_of(dl, at.file));
	strbuf_printf(out,
		      ",\"start\":%u,\"end\":%u,\"line\":%u,\"column\":%u,\"endLine\":%u,"
		      "\"endColumn\":%u,\"primary\":%s,\"label\":",
		      at.off, at.off + at.len, start.line, start.column, end.line, end.column,
		      label->primary ? "true" : "false");
	strbuf_add_json(out, label->text);
	strbuf_addc(out, '}');
}

static void print_edit(struct strbuf *out, const struct diags *dl, const struct diag *d,
		       const struct diag_edit *edit)
{
	strbuf_addz(out, "{\"file\":");
	strbuf_add_json(out, path_of(dl, edit->at.file));
	strbuf_printf(out, ",\"start\":%u,\"end\":%u,\"with\":", edit->at.off,
		      edit->at.off + edit->at.len);
	strbuf_add_json(out, edit->with);
	strbuf_printf(out, ",\"safe\":%s}", d->fix_is_unsafe ? "false" : "true");
}

static void print_one(struct strbuf *out, const struct diags *dl, const struct diag *d)
{
	const struct diag_info *info = diag_info_of(d->code);

	strbuf_printf(out,
		      "{\"code\":\"%s\",\"slug\":\"%s\",\"level\":\"%s\",\"message\":", info->id,
		      info->slug, diag_level_word(d->level));
	strbuf_add_json(out, d->message);
	strbuf_addz(out, ",\"file\":");
	if (diag_path(dl, d).n != 0)
		strbuf_add_json(out, diag_path(dl, d));
	else
		strbuf_addz(out, "null");
	strbuf_addz(out, ",\"spans\":[");
	for (size_t i = 0; i < d->labels.n; i++) {
		strbuf_addz(out, i != 0 ? "," : "");
		print_label(out, dl, &d->labels.at[i]);
	}
	strbuf_addz(out, "],\"notes\":[");
	for (size_t i = 0; i < d->notes.n; i++) {
		strbuf_addz(out, i != 0 ? "," : "");
		strbuf_add_json(out, d->notes.at[i]);
	}
	strbuf_addz(out, "],\"help\":");
	strbuf_add_json(out, d->help);
	strbuf_addz(out, ",\"fix\":[");
	for (size_t i = 0; i < d->fix.n; i++) {
		strbuf_addz(out, i != 0 ? "," : "");
		print_edit(out, dl, d, &d->fix.at[i]);
	}
	strbuf_addz(out, "]}\n");
}

void diag_print_json(struct strbuf *out, const struct diag_report *r)
{
	for (size_t i = 0; i < r->diags->list.n; i++)
		print_one(out, r->diags, r->diags->list.at[i]);
}
