/* report_findings.c - what the check found, where, and what it means. */
#include "diag/report.h"
#include "pages/pages.h"
#include "tools/report_page.h"
#include "tools/words.h"

/* ---- what a finding is about ---- */

static bool is_inside(struct span inner, struct span outer)
{
	return outer.file != NO_FILE && inner.file == outer.file && inner.off >= outer.off &&
	       inner.off + inner.len <= outer.off + outer.len;
}

static const struct rule *rule_of(const struct model *m, struct span at)
{
	for (size_t i = 0; i < m->rules.n; i++) {
		const struct rule *r = m->rules.at[i];

		if (r->global != NULL && is_inside(at, r->global->at))
			return r;
		for (size_t k = 0; k < r->per_host.n; k++)
			if (is_inside(at, r->per_host.at[k]->at))
				return r;
	}
	return NULL;
}

static bool is_about_left_out(const struct diag *d)
{
	return d->code >= E0701 && d->code <= E0703;
}

/* ---- what was found ---- */

static void put_label(struct page *p, const struct diag_label *label)
{
	html_raw(p, "<li>");
	html_place(p, label->at);
	html_raw(p, " ");
	html_text(p, label->text);
	html_raw(p, "</li>");
}

static void put_remark(struct page *p, const char *word, struct str text)
{
	strbuf_printf(p->out, "<p class=\"remark\"><b>%s</b> ", word);
	html_text(p, text);
	html_raw(p, "</p>\n");
}

/* What is said the same way about several places is said once. */
struct group {
	VEC(const struct diag *) list;
};

static struct str key_of(struct arena *a, const struct diag *d)
{
	struct strbuf out = {.arena = a};

	strbuf_printf(&out, "%d %d %.*s\n%.*s", (int)d->code, (int)d->level, STR_ARG(d->message),
		      STR_ARG(d->help));
	for (size_t i = 0; i < d->notes.n; i++)
		strbuf_printf(&out, "\n%.*s", STR_ARG(d->notes.at[i]));
	return strbuf_str(&out);
}

static void put_rules(struct page *p, const struct group *g)
{
	const struct rule *last = NULL;

	for (size_t i = 0; i < g->list.n; i++) {
		const struct diag *d = g->list.at[i];
		const struct rule *rule =
			d->labels.n != 0 ? rule_of(p->m, d->labels.at[0].at) : NULL;

		if (rule == NULL || rule == last)
			continue;
		html_raw(p, last == NULL ? "<p class=\"remark\">in rule " : ", ");
		html_link(p, "rule", rule->name);
		last = rule;
	}
	html_raw(p, last != NULL ? "</p>\n" : "");
}

static void put_group(struct page *p, const struct group *g)
{
	static const char *const classes[] = {
		[DIAG_ERROR] = "bad", [DIAG_WARNING] = "fair", [DIAG_NOTE] = "value"};
	const struct diag *d = g->list.at[0];
	const struct diag_info *info = diag_info_of(d->code);

	html_raw(p, "<li class=\"finding\"><p>");
	html_badge(p, classes[d->level], diag_level_word(d->level));
	strbuf_printf(p->out, " <a href=\"#code-%s\"><code>%s</code></a> <span class=\"strong\">",
		      info->id, info->id);
	html_text(p, d->message);
	html_raw(p, "</span></p>\n<ul class=\"labels\">");
	for (size_t i = 0; i < g->list.n; i++)
		for (size_t k = 0; k < g->list.at[i]->labels.n; k++)
			put_label(p, &g->list.at[i]->labels.at[k]);
	html_raw(p, "</ul>\n");
	for (size_t i = 0; i < d->notes.n; i++)
		put_remark(p, "note", d->notes.at[i]);
	if (d->help.n != 0)
		put_remark(p, "help", d->help);
	put_rules(p, g);
	html_raw(p, "</li>\n");
}

/* Those of one level. left_out: about what this server does not have, or all others. */
static void put_groups(struct page *p, enum diag_level level, bool left_out)
{
	VEC(struct group *) groups = {0};
	struct names_table seen = {0};

	for (size_t i = 0; i < p->dl->list.n; i++) {
		const struct diag *d = p->dl->list.at[i];
		struct str key = key_of(p->a, d);
		struct group *g = names_find(&seen, key);

		if (d->level != level || is_about_left_out(d) != left_out)
			continue;
		if (g == NULL) {
			g = arena_new_of(p->a, struct group);
			names_put(p->a, &seen, key, g);
			vec_push(p->a, &groups, g);
		}
		vec_push(p->a, &g->list, d);
	}
	if (groups.n == 0)
		return;
	html_raw(p, "<ul class=\"findings\">\n");
	for (size_t i = 0; i < groups.n; i++)
		put_group(p, groups.at[i]);
	html_raw(p, "</ul>\n");
}

/* ---- explanations ---- */

/* One line of a page: `code` is set apart. */
static void put_line(struct page *p, struct str line)
{
	bool is_code = false;

	while (line.n != 0) {
		const char *tick = memchr(line.p, '`', line.n);
		size_t n = tick != NULL ? (size_t)(tick - line.p) : line.n;

		html_text(p, (struct str){line.p, n});
		if (tick == NULL)
			break;
		html_raw(p, is_code ? "</code>" : "<code>");
		is_code = !is_code;
		line = (struct str){tick + 1, line.n - n - 1};
	}
	html_raw(p, is_code ? "</code>" : "");
}

enum block { NO_BLOCK, PARAGRAPH, LISTING };

static void close_block(struct page *p, enum block *block)
{
	html_raw(p, *block == PARAGRAPH ? "</p>\n" : *block == LISTING ? "</code></pre>\n" : "");
	*block = NO_BLOCK;
}

/* The little Markdown that pages are written in. Their first line, the title, is left out. */
static void put_page(struct page *p, const char *text)
{
	enum block block = NO_BLOCK;

	for (bool is_first = true; *text != '\0'; is_first = false) {
		size_t n = strcspn(text, "\n");
		struct str line = {text, n};

		text += n + (text[n] == '\n');
		if (n >= 3 && memcmp(line.p, "```", 3) == 0) {
			bool was_listing = block == LISTING;

			close_block(p, &block);
			if (!was_listing) {
				html_raw(p, "<pre tabindex=\"0\"><code>");
				block = LISTING;
			}
		} else if (block == LISTING) {
			html_text(p, line);
			html_raw(p, "\n");
		} else if (n == 0 || is_first) {
			close_block(p, &block);
		} else if (n > 3 && memcmp(line.p, "## ", 3) == 0) {
			close_block(p, &block);
			html_raw(p, "<h4>");
			put_line(p, (struct str){line.p + 3, n - 3});
			html_raw(p, "</h4>\n");
		} else {
			html_raw(p, block == NO_BLOCK ? "<p>" : "\n");
			block = PARAGRAPH;
			put_line(p, line);
		}
	}
	close_block(p, &block);
}

/* The anchor is inside, so that a browser opens what a link leads to. */
static void put_code(struct page *p, enum diag_code code)
{
	const struct diag_info *info = diag_info_of(code);

	strbuf_printf(p->out,
		      "<details class=\"code\"><summary><code>%s</code> %s</summary>\n"
		      "<p class=\"strong\" id=\"code-%s\">",
		      info->id, info->slug, info->id);
	html_textz(p, info->summary);
	html_raw(p, "</p>\n");
	if (page_texts[code] != NULL)
		put_page(p, page_texts[code]);
	html_raw(p, "</details>\n");
}

void report_findings(struct page *p)
{
	bool raised[DIAG_NCODES] = {false};
	size_t nleft_out = 0;

	html_section(p, "findings", "Findings");
	if (p->dl->list.n == 0) {
		html_raw(p, "<p>None.</p>\n");
		html_section_end(p);
		return;
	}
	for (size_t i = 0; i < p->dl->list.n; i++) {
		raised[p->dl->list.at[i]->code] = true;
		nleft_out += is_about_left_out(p->dl->list.at[i]);
	}
	put_groups(p, DIAG_ERROR, false);
	put_groups(p, DIAG_WARNING, false);
	put_groups(p, DIAG_NOTE, false);
	if (nleft_out != 0) {
		html_raw(p, "<details><summary>");
		html_textf(p, "%zu about what this server does not have", nleft_out);
		html_raw(p, "</summary>\n");
		put_groups(p, DIAG_ERROR, true);
		put_groups(p, DIAG_WARNING, true);
		put_groups(p, DIAG_NOTE, true);
		html_raw(p, "</details>\n");
	}
	html_raw(p, "<h3 class=\"between\">What the codes mean</h3>\n");
	for (int code = 0; code < DIAG_NCODES; code++)
		if (raised[code])
			put_code(p, (enum diag_code)code);
	html_section_end(p);
}
