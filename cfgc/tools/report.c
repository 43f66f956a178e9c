/* report.c - the page: its head, the facts at a glance, the sections, and what it was made from. */
#include "tools/report.h"

#include <inttypes.h>

#include "diag/report.h"
#include "support/sha256.h"
#include "tools/report_page.h"

/* ---- at a glance ---- */

static void put_fact(struct page *p, const char *href, size_t n, const char *one, const char *many)
{
	strbuf_printf(p->out, "<li><a href=\"#%s\"><b>%zu</b> %s</a></li>\n", href, n,
		      n == 1 ? one : many);
}

static size_t count_listeners(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->listeners.n; i++)
		n += !m->listeners.at[i]->is_left_out;
	return n;
}

static size_t count_rules(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->rules.n; i++)
		n += report_is_defined(m->rules.at[i]) && report_is_asked(m, m->rules.at[i]);
	return n;
}

static size_t count_modules(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->hosts.n; i++)
		if (m->hosts.at[i]->modules.list.n > n)
			n = m->hosts.at[i]->modules.list.n;
	return n;
}

static void put_facts(struct page *p)
{
	html_raw(p, "<nav aria-label=\"Parts of this page\"><ul class=\"facts\">\n");
	put_fact(p, "listeners", count_listeners(p->m), "listener", "listeners");
	put_fact(p, "hosts", p->m->hosts.n, "host", "hosts");
	put_fact(p, "access", count_rules(p->m), "access rule", "access rules");
	put_fact(p, "modules", count_modules(p->m), "module", "modules");
	put_fact(p, "findings", p->dl->list.n, "finding", "findings");
	if (p->m->left_out.n != 0)
		put_fact(p, "left-out", p->m->left_out.n, "thing left out", "things left out");
	html_raw(p, "</ul></nav>\n");
}

static const char *compat_words(enum compat compat)
{
	static const char *const words[] = {
		[COMPAT_DOCUMENTED] =
			"Where MongooseIM 3.2.0 is not as documented, the manual holds",
		[COMPAT_MONGOOSEIM] =
			"Where MongooseIM 3.2.0 is not as documented, what it does holds",
		[COMPAT_STRICT] =
			"Nothing in it depends on where MongooseIM 3.2.0 is not as documented",
	};
	return words[compat];
}

static const char *compat_name(enum compat compat)
{
	static const char *const names[] = {[COMPAT_DOCUMENTED] = "documented",
					    [COMPAT_MONGOOSEIM] = "mongooseim",
					    [COMPAT_STRICT] = "strict"};

	return names[compat];
}

static void put_head(struct page *p)
{
	const struct model *m = p->m;

	html_raw(p, "<header>\n<p class=\"eyebrow\">What this server does</p>\n<h1>");
	if (m->hosts.n != 0)
		html_text(p, m->hosts.at[0]->name);
	if (m->hosts.n > 1)
		html_textf(p, " and %zu more host%s", m->hosts.n - 1, m->hosts.n == 2 ? "" : "s");
	html_raw(p, "</h1>\n<p class=\"sub\">From ");
	html_code(p, str_of(p->settings->main_file));
	html_textf(p, ", checked for %s. %s (",
		   m->target == TARGET_XMPPD ? "xmppd" : "MongooseIM 3.2", compat_words(m->compat));
	html_raw(p, "<code>--compat=");
	html_textz(p, compat_name(m->compat));
	html_raw(p, "</code>).</p>\n");
	put_facts(p);
	html_raw(p, "</header>\n");
}

/* ---- the end of the page ---- */

static void put_left_out(struct page *p)
{
	if (p->m->left_out.n == 0)
		return;
	html_section(p, "left-out", "Left out");
	html_raw(p, "<p>The configuration asks for these, and this server does not have "
		    "them.</p>\n<ul class=\"columns\">\n");
	for (size_t i = 0; i < p->m->left_out.n; i++) {
		html_raw(p, "<li>");
		html_text(p, p->m->left_out.at[i].what);
		html_raw(p, " ");
		html_place(p, p->m->left_out.at[i].at);
		html_raw(p, "</li>\n");
	}
	html_raw(p, "</ul>\n");
	html_section_end(p);
}

static void put_inputs(struct page *p)
{
	static const char *const columns[] = {"File", "Bytes", "SHA-256", NULL};

	html_section(p, "inputs", "Inputs");
	html_table(p, "The files that this page was made from", columns);
	for (uint32_t i = 0; i < p->settings->ninputs; i++) {
		const struct source *s = p->m->sources->files.at[i];

		if (s->origin != NO_FILE) /* made of another one */
			continue;
		html_row(p);
		html_cell(p, columns[0], true);
		html_code(p, s->path);
		html_cell_end(p, true);
		html_cell(p, columns[1], false);
		html_textf(p, "%zu", s->text.n);
		html_cell_end(p, false);
		html_cell(p, columns[2], false);
		html_raw(p, "<code class=\"hash\">");
		html_text(p, sha256_hex(p->a, s->text));
		html_raw(p, "</code>");
		html_cell_end(p, false);
		html_row_end(p);
	}
	html_table_end(p);
	html_section_end(p);
}

void report_print(struct strbuf *out, const struct model *m, struct diags *dl,
		  const struct report_settings *settings)
{
	struct page p = {.out = out, .a = out->arena, .m = m, .dl = dl, .settings = settings};

	masked_init(&p.secrets);
	diag_sort(dl);
	html_raw(&p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		     "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	html_text(&p, m->hosts.n != 0 ? m->hosts.at[0]->name : str_of(settings->main_file));
	html_raw(&p, ": what this server does</title>\n<style>\n");
	html_raw(&p, report_style);
	html_raw(&p, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the "
		     "listeners</a>\n");
	put_head(&p);
	html_raw(&p, "<main id=\"main\">\n");
	report_listeners(&p);
	report_hosts(&p);
	report_rules(&p);
	report_modules(&p);
	report_findings(&p);
	put_left_out(&p);
	put_inputs(&p);
	html_raw(&p, "</main>\n<footer><p>Made by cfgc ");
	html_textz(&p, settings->version);
	html_raw(&p, ".</p></footer>\n</body>\n</html>\n");
}
