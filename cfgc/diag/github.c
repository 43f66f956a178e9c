/* github.c - findings as workflow commands, which GitHub shows beside the changed lines. */
#include "diag/report.h"

static void add_percent(struct strbuf *out, unsigned char c)
{
	strbuf_printf(out, "%%%02X", c);
}

/* Both end at a line end; properties end at a comma or colon as well. */
static void add_escaped(struct strbuf *out, struct str s, bool is_property)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%' || c == '\r' || c == '\n' || (is_property && (c == ':' || c == ',')))
			add_percent(out, (unsigned char)c);
		else
			strbuf_addc(out, c);
	}
}

static void print_place(struct strbuf *out, const struct diag_report *r, const struct diag *d)
{
	struct str path = diag_path(r->diags, d);
	struct diag_range range;

	if (path.n != 0) {
		strbuf_addz(out, "file=");
		add_escaped(out, path, true);
		strbuf_addc(out, ',');
	}
	if (d->labels.n == 0)
		return;
	range = diag_range_of(r->diags, d->labels.at[0].at);
	strbuf_printf(out, "line=%u,endLine=%u,col=%u,", range.first.line, range.last.line,
		      range.first.column);
	/* Columns of two lines cannot be compared, and GitHub refuses an end before the start. */
	if (range.first.line == range.last.line)
		strbuf_printf(out, "endColumn=%u,", range.last.column);
}

static void print_one(struct strbuf *out, const struct diag_report *r, const struct diag *d)
{
	const struct diag_info *info = diag_info_of(d->code);

	strbuf_printf(out, "::%s ", d->level == DIAG_NOTE ? "notice" : diag_level_word(d->level));
	print_place(out, r, d);
	strbuf_printf(out, "title=%s %s::", info->id, info->slug);
	add_escaped(out, d->message, false);
	for (size_t i = 0; i < d->notes.n; i++) {
		strbuf_addz(out, "%0Anote: ");
		add_escaped(out, d->notes.at[i], false);
	}
	if (d->help.n != 0) {
		strbuf_addz(out, "%0Ahelp: ");
		add_escaped(out, d->help, false);
	}
	strbuf_addc(out, '\n');
}

void diag_print_github(struct strbuf *out, const struct diag_report *r)
{
	for (size_t i = 0; i < r->diags->list.n; i++)
		print_one(out, r, r->diags->list.at[i]);
}
