/* report_modules.c - what hosts can do: their modules, and the options that are not as they come.
 */
#include "schema/bind.h"
#include "tools/report_page.h"
#include "tools/words.h"

/* ---- options ---- */

static bool is_as_it_comes(struct page *p, const struct value *v)
{
	struct bind bind = {.arena = p->a,
			    .sources = p->m->sources,
			    .diags = &(struct diags){.arena = p->a, .sources = p->m->sources},
			    .target = p->m->target};
	const struct term *usual;

	if (!v->given || v->failed)
		return true;
	usual = default_term(&bind, v->option);
	return v->more.n == 0 && usual != NULL && term_equal(usual, v->term);
}

static void put_option(struct page *p, const struct value *v)
{
	struct strbuf value = {.arena = p->a};

	html_raw(p, "<li><code>");
	html_textz(p, v->option->name);
	if (v->option->form != FORM_FLAG) {
		masked_print_value(&value, &p->secrets, v);
		html_raw(p, "</code> <code class=\"value\">");
		html_text(p, strbuf_str(&value));
	}
	html_raw(p, "</code>");
	if (v->option->type->kind == TYPE_RULE && v->term->kind == TERM_ATOM &&
	    names_find(&p->m->rule_names, v->term->text) != NULL) {
		html_raw(p, " <a href=\"#");
		html_id(p, "rule", v->term->text);
		html_raw(p, "\">who that is</a>");
	}
	html_raw(p, "</li>");
}

static void put_options(struct page *p, const struct bound *b)
{
	size_t n = 0;

	for (size_t i = 0; b->section->type == NULL && i < b->section->noptions; i++) {
		const struct value *v = &b->values[i];

		if (is_as_it_comes(p, v) || v->option->same_as != NULL)
			continue;
		html_raw(p, n++ == 0 ? "<ul class=\"options\">" : "");
		put_option(p, v);
		for (size_t k = 0; k < v->more.n; k++)
			put_option(p, v->more.at[k]);
	}
	html_raw(p, n != 0 ? "</ul>" : "<span class=\"sub\">as they come</span>");
}

/* ---- hosts that have the same modules ---- */

struct like {
	const struct modules *modules;
	VEC(const struct host *) hosts;
};

static struct str key_of(const struct modules *modules)
{
	return (struct str){(const char *)modules->list.at,
			    modules->list.n * sizeof(*modules->list.at)};
}

static void put_host_names(struct page *p, const struct like *like)
{
	size_t n = like->hosts.n, shown = n <= 12 ? n : 10;

	for (size_t i = 0; i < shown; i++) {
		html_raw(p, i != 0 ? ", " : "");
		html_text(p, like->hosts.at[i]->name);
	}
	if (shown < n)
		html_textf(p, " and %zu more hosts", n - shown);
}

static void put_modules(struct page *p, const struct like *like)
{
	static const char *const columns[] = {"Module", "What it does", "Options", NULL};

	html_raw(p, "<h3>");
	put_host_names(p, like);
	html_raw(p, "</h3>\n");
	if (like->modules->list.n == 0) {
		html_raw(p, "<p>No module.</p>\n");
		return;
	}
	html_table(p, "Modules", columns);
	for (size_t i = 0; i < like->modules->list.n; i++) {
		const struct module *mod = like->modules->list.at[i];

		html_row(p);
		html_cell(p, columns[0], true);
		html_code(p, mod->name);
		html_raw(p, " ");
		html_place(p, mod->at);
		html_cell_end(p, true);
		html_cell(p, columns[1], false);
		html_textz(p, mod->options->section->help);
		html_cell_end(p, false);
		html_cell(p, columns[2], false);
		put_options(p, mod->options);
		html_cell_end(p, false);
		html_row_end(p);
	}
	html_table_end(p);
}

void report_modules(struct page *p)
{
	VEC(struct like *) all = {0};
	struct names_table seen = {0};

	for (size_t i = 0; i < p->m->hosts.n; i++) {
		const struct host *h = p->m->hosts.at[i];
		struct like *like = names_find(&seen, key_of(&h->modules));

		if (like == NULL) {
			like = arena_new_of(p->a, struct like);
			like->modules = &h->modules;
			vec_push(p->a, &all, like);
			names_put(p->a, &seen, key_of(&h->modules), like);
		}
		vec_push(p->a, &like->hosts, h);
	}
	html_section(p, "modules", "Modules");
	for (size_t i = 0; i < all.n; i++)
		put_modules(p, all.at[i]);
	html_section_end(p);
}
