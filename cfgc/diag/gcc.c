/* gcc.c - one line per finding in the form of compilers, which editors and CI jobs know how to
 * read.
 */
#include "diag/report.h"

/* A line end inside a message would end the finding. */
static void add_line(struct strbuf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		strbuf_addc(out, (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F ? ' ' : s.p[i]);
}

static void print_place(struct strbuf *out, const struct diags *dl, struct span at)
{
	struct diag_range range = diag_range_of(dl, at);

	add_line(out, range.path);
	strbuf_printf(out, ":%u:%u: ", range.first.line, range.first.column);
}

static void print_one(struct strbuf *out, const struct diag_report *r, const struct diag *d)
{
	if (d->labels.n != 0) {
		print_place(out, r->diags, d->labels.at[0].at);
	} else {
		struct str path = diag_path(r->diags, d);

		add_line(out, path.n != 0 ? path : str_of("cfgc"));
		strbuf_addz(out, ": ");
	}
	strbuf_printf(out, "%s: ", diag_level_word(d->level));
	add_line(out, d->message);
	strbuf_printf(out, " [%s]\n", diag_info_of(d->code)->id);
	for (size_t i = 1; i < d->labels.n; i++) {
		print_place(out, r->diags, d->labels.at[i].at);
		strbuf_addz(out, "note: ");
		add_line(out, d->labels.at[i].text);
		strbuf_addc(out, '\n');
	}
}

void diag_print_gcc(struct strbuf *out, const struct diag_report *r)
{
	for (size_t i = 0; i < r->diags->list.n; i++)
		print_one(out, r, r->diags->list.at[i]);
}
