/* report_page.h - what the sections of the report share: the page, and HTML that cannot be broken
 * by a name. Private to cfgc/tools/report*.c.
 */
#ifndef CFGC_TOOLS_REPORT_PAGE_H
#define CFGC_TOOLS_REPORT_PAGE_H

#include "model/model.h"
#include "support/strbuf.h"
#include "tools/masked.h"
#include "tools/report.h"

struct page {
	struct strbuf *out;
	struct arena *a;
	const struct model *m;
	struct diags *dl;
	const struct report_settings *settings;
	struct masked secrets;
};

/* ---- HTML (report_html.c) ---- */

/** Text as it is; in an attribute, too. */
void html_text(struct page *p, struct str text);
void html_textz(struct page *p, const char *text);
/** Formatted, then escaped. */
void html_textf(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Markup, as it is. */
void html_raw(struct page *p, const char *markup);
/** <code>text</code> */
void html_code(struct page *p, struct str text);
/** <span class="badge CLASS">text</span>; class is ours. */
void html_badge(struct page *p, const char *class, const char *text);
/** PREFIX-name, the same for the same name on every page. */
void html_id(struct page *p, const char *prefix, struct str name);
/** <a href="#PREFIX-name"><code>name</code></a> */
void html_link(struct page *p, const char *prefix, struct str name);
/** <span class="place">file:line:column</span>; nothing for NO_SPAN. */
void html_place(struct page *p, struct span at);
/** <section id="ID"><h2>title</h2>, and its end. */
void html_section(struct page *p, const char *id, const char *title);
void html_section_end(struct page *p);
/** A table whose rows become cards where the page is narrow. Names of columns end with NULL. */
void html_table(struct page *p, const char *caption, const char *const *columns);
void html_table_end(struct page *p);
/** A cell; the name of its column is repeated on a card. The first is the row's heading. */
void html_row(struct page *p);
void html_cell(struct page *p, const char *column, bool is_heading);
void html_cell_end(struct page *p, bool is_heading);
void html_row_end(struct page *p);

/* ---- sections ---- */

void report_listeners(struct page *p);
void report_hosts(struct page *p);
void report_rules(struct page *p);
void report_modules(struct page *p);
void report_findings(struct page *p);
/** A rule in a few words: "denied blocked, allowed everybody else". */
void report_rule_short(struct page *p, const struct rule *r);
/** The class of a value: "good" allows, "bad" denies. */
const char *report_class_of(const struct rule_value *v, const struct term *written);
/** The drawing of who asks which rule, and which sets the rule asks for. */
void report_graph(struct page *p);

/** Whether something that this server has asks the rule. */
static inline bool report_is_asked(const struct model *m, const struct rule *r)
{
	for (size_t i = 0; i < r->uses.n; i++)
		if (m->target == TARGET_MONGOOSEIM_3_2 || r->uses.at[i].emitted)
			return true;
	return false;
}

static inline bool report_is_defined(const struct rule *r)
{
	return r->global != NULL || r->per_host.n != 0;
}

extern const char report_style[];

#endif
