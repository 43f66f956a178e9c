/* junit.c - findings as test cases, for CI servers that only know tests. Errors are failures;
 * warnings and notes are passed cases with their text, because they let cfgc pass too. */
#include "diag/report.h"
#include "support/utf8.h"

/* XML 1.0 has no way to write most control characters, nor U+FFFE and U+FFFF. */
static bool is_xml_char(uint32_t cp)
{
	return cp == '\t' || cp == '\n' || cp == '\r' ||
	       (cp >= 0x20 && cp != 0xFFFE && cp != 0xFFFF);
}

static void add_xml(struct strbuf *out, struct str s)
{
	while (s.n != 0) {
		uint32_t cp;
		size_t used = utf8_decode(s.p, s.n, &cp);

		if (used == 0 || !is_xml_char(cp)) {
			used = used == 0 ? 1 : used;
			cp = 0xFFFD;
		}
		if (cp == '<' || cp == '>' || cp == '&' || cp == '"' || cp < 0x20)
			strbuf_printf(out, "&#%u;", (unsigned)cp);
		else
			strbuf_add_utf8(out, cp);
		s.p += used;
		s.n -= used;
	}
}

static void print_details(struct strbuf *out, const struct diag *d)
{
	add_xml(out, d->message);
	for (size_t i = 0; i < d->notes.n; i++) {
		strbuf_addz(out, "\nnote: ");
		add_xml(out, d->notes.at[i]);
	}
	if (d->help.n != 0) {
		strbuf_addz(out, "\nhelp: ");
		add_xml(out, d->help);
	}
}

static void print_case(struct strbuf *out, const struct diag_report *r, const struct diag *d)
{
	const struct diag_info *info = diag_info_of(d->code);
	struct diag_range range = {.path = diag_path(r->diags, d)};

	if (d->labels.n != 0)
		range = diag_range_of(r->diags, d->labels.at[0].at);
	strbuf_printf(out, "    <testcase classname=\"%s.%s\" name=\"", info->id, info->slug);
	add_xml(out, range.path.n != 0 ? range.path : str_of("cfgc"));
	if (d->labels.n != 0)
		strbuf_printf(out, ":%u:%u", range.first.line, range.first.column);
	strbuf_addz(out, "\">\n");
	if (d->level == DIAG_ERROR) {
		strbuf_printf(out, "      <failure type=\"%s\" message=\"", info->id);
		add_xml(out, d->message);
		strbuf_addz(out, "\">");
		print_details(out, d);
		strbuf_addz(out, "</failure>\n");
	} else {
		strbuf_printf(out, "      <system-out>%s: ", diag_level_word(d->level));
		print_details(out, d);
		strbuf_addz(out, "</system-out>\n");
	}
	strbuf_addz(out, "    </testcase>\n");
}

void diag_print_junit(struct strbuf *out, const struct diag_report *r)
{
	size_t n = r->diags->list.n, failures = 0, nclean = 0;
	bool *has_findings = arena_array_of(out->arena, bool, r->diags->units.n + 1);

	for (size_t i = 0; i < n; i++) {
		failures += r->diags->list.at[i]->level == DIAG_ERROR;
		has_findings[r->diags->list.at[i]->unit] = true;
	}
	for (size_t i = 0; i < r->diags->units.n; i++)
		nclean += !has_findings[i];
	strbuf_printf(out,
		      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<testsuites tests=\"%zu\" failures=\"%zu\">\n"
		      "  <testsuite name=\"cfgc\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
		      "skipped=\"0\">\n",
		      n + nclean, failures, n + nclean, failures);
	/* Many servers take a suite without cases for a broken run. */
	for (size_t i = 0; i < r->diags->units.n; i++) {
		if (has_findings[i])
			continue;
		strbuf_addz(out, "    <testcase classname=\"clean\" name=\"");
		add_xml(out, str_of(r->diags->units.at[i].subject));
		strbuf_addz(out, "\"/>\n");
	}
	for (size_t i = 0; i < n; i++)
		print_case(out, r, r->diags->list.at[i]);
	strbuf_addz(out, "  </testsuite>\n</testsuites>\n");
}
