/* report_html.c - text, links and tables of the report. */
#include <stdarg.h>

#include "support/utf8.h"
#include "tools/report_page.h"
#include "tools/words.h"

/* Characters that a page cannot hold, or that would turn its text around. */
static bool is_harmful(uint32_t cp)
{
	return (cp < 0x20 && cp != '\n' && cp != '\t') || (cp >= 0x7f && cp < 0xa0) ||
	       (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) ||
	       (cp & 0xfffe) == 0xfffe;
}

static void add_character(struct strbuf *out, uint32_t cp)
{
	const char *entity = html_entity(cp);

	if (entity != NULL)
		strbuf_addz(out, entity);
	else
		strbuf_add_utf8(out, is_harmful(cp) ? 0xfffd : cp);
}

void html_text(struct page *p, struct str text)
{
	for (size_t i = 0; i < text.n;) {
		uint32_t cp;
		size_t used = utf8_decode(text.p + i, text.n - i, &cp);

		add_character(p->out, used != 0 ? cp : 0xfffd);
		i += used != 0 ? used : 1;
	}
}

void html_textz(struct page *p, const char *text)
{
	html_text(p, str_of(text));
}

void html_textf(struct page *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	html_text(p, arena_vprintf(p->a, format, ap));
	va_end(ap);
}

void html_raw(struct page *p, const char *markup)
{
	strbuf_addz(p->out, markup);
}

void html_code(struct page *p, struct str text)
{
	html_raw(p, "<code>");
	html_text(p, text);
	html_raw(p, "</code>");
}

void html_badge(struct page *p, const char *class, const char *text)
{
	strbuf_printf(p->out, "<span class=\"badge %s\">", class);
	html_textz(p, text);
	html_raw(p, "</span>");
}

void html_id(struct page *p, const char *prefix, struct str name)
{
	strbuf_printf(p->out, "%s-", prefix);
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '_')
			strbuf_addc(p->out, (char)c);
		else
			strbuf_printf(p->out, "-%02x", c);
	}
}

void html_link(struct page *p, const char *prefix, struct str name)
{
	html_raw(p, "<a href=\"#");
	html_id(p, prefix, name);
	html_raw(p, "\">");
	html_code(p, name);
	html_raw(p, "</a>");
}

void html_place(struct page *p, struct span at)
{
	struct str place = words_place(p->a, p->m->sources, at);

	if (place.n == 0)
		return;
	html_raw(p, "<span class=\"place\">");
	html_text(p, place);
	html_raw(p, "</span>");
}

void html_section(struct page *p, const char *id, const char *title)
{
	strbuf_printf(p->out, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n", id, id);
	strbuf_printf(p->out, "<h2 id=\"%s-title\">%s</h2>\n", id, title);
}

void html_section_end(struct page *p)
{
	html_raw(p, "</section>\n");
}

/* Roles are named because a browser that lays rows out as cards no longer sees a table. */
void html_table(struct page *p, const char *caption, const char *const *columns)
{
	strbuf_printf(p->out,
		      "<table role=\"table\">\n<caption class=\"hidden\">%s</caption>\n"
		      "<thead role=\"rowgroup\"><tr role=\"row\">",
		      caption);
	for (; *columns != NULL; columns++)
		strbuf_printf(p->out, "<th scope=\"col\" role=\"columnheader\">%s</th>", *columns);
	html_raw(p, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

void html_table_end(struct page *p)
{
	html_raw(p, "</tbody></table>\n");
}

void html_row(struct page *p)
{
	html_raw(p, "<tr role=\"row\">");
}

void html_cell(struct page *p, const char *column, bool is_heading)
{
	strbuf_printf(p->out,
		      is_heading ? "<th scope=\"row\" role=\"rowheader\" data-label=\"%s\">"
				 : "<td role=\"cell\" data-label=\"%s\">",
		      column);
}

void html_cell_end(struct page *p, bool is_heading)
{
	html_raw(p, is_heading ? "</th>" : "</td>");
}

void html_row_end(struct page *p)
{
	html_raw(p, "</tr>\n");
}
