/* report_graph.c - who asks which rule, and which sets the rule asks for, as a drawing in SVG.
 *
 *   listeners, modules ──▶ rules ──▶ sets of users
 *
 * Three columns of boxes; a box has a line for each thing an arrow begins at. Boxes of a column
 * stand in the order of what points at them, each as near to that as those above it allow.
 */
#include <stdlib.h>

#include "model/jid_check.h"
#include "schema/bind.h"
#include "support/utf8.h"
#include "tools/report_page.h"
#include "tools/words.h"

#define TITLE_HEIGHT 30
#define LINE_HEIGHT  22
#define PADDING      8
#define BOX_GAP      18
#define TOP          34
#define MOST_LINES   14 /* of one rule; the rest is counted */
#define MOST_MEMBERS 4  /* of one set */

enum column { ASKERS, RULES, SETS, NCOLUMNS };

static const struct {
	int x, width;
	const char *title;
} columns[NCOLUMNS] = {
	{1, 270, "Who asks"},
	{391, 290, "Rules"},
	{791, 288, "Sets of users"},
};

#define DRAWING_WIDTH 1080

struct box;

struct line {
	struct str text, value; /* value: in front, coloured */
	const char *class;      /* of the value and the arrow */
	struct box *to;         /* NULL: no arrow */
};

struct box {
	enum column column;
	struct str title, link; /* link: the name that the anchor is made of */
	const char *prefix;     /* of the anchor; NULL: none */
	const void *of;         /* a rule or set */
	VEC(struct line) lines;
	int pull, npull; /* sum and number of the heights that arrows come from */
	size_t arrival;
	int y, height;
};

struct graph {
	struct page *p;
	VEC(struct box *) boxes[NCOLUMNS];
	struct names_table rules, sets; /* struct box by the address of its rule or set */
};

/* ---- boxes ---- */

static struct box *add_box(struct graph *g, enum column column, struct str title)
{
	struct box *b = arena_new_of(g->p->a, struct box);

	b->column = column;
	b->title = title;
	b->arrival = g->boxes[column].n;
	vec_push(g->p->a, &g->boxes[column], b);
	return b;
}

static struct line *add_line(struct graph *g, struct box *b, struct str text)
{
	vec_push(g->p->a, &b->lines, ((struct line){.text = text, .class = "value"}));
	return &b->lines.at[b->lines.n - 1];
}

static struct str identity(struct arena *a, const void *object)
{
	return arena_str(a, (const char *)&object, sizeof(object));
}

static void add_part(struct strbuf *out, const struct part_test *t)
{
	static const char *const around[][2] = {[PART_ANY] = {"*", ""},
						[PART_IS] = {"", ""},
						[PART_STARTS] = {"", "*"},
						[PART_ENDS] = {"*", ""},
						[PART_MATCHES] = {"~ ", " "}};

	strbuf_addz(out, around[t->kind][0]);
	strbuf_add(out, t->kind != PART_ANY ? t->text : STR(""));
	strbuf_addz(out, around[t->kind][1]);
}

/* As a JID with * for what does not matter: "ada@example.org", "bot-*@host". */
static struct str member_text(struct arena *a, const struct set_member *m)
{
	struct strbuf out = {.arena = a};

	if (m->kind != MEMBER_TEST)
		return m->kind == MEMBER_ALL ? STR("everybody") : STR("nobody");
	if (m->node.kind != PART_ANY || m->domain.kind != PART_ANY || m->server_is_host) {
		add_part(&out, &m->node);
		strbuf_addc(&out, '@');
		if (m->server_is_host && m->domain.kind == PART_ANY)
			strbuf_addz(&out, "host");
		else
			add_part(&out, &m->domain);
	}
	if (m->resource.kind != PART_ANY) {
		strbuf_addz(&out, out.n != 0 ? "/" : "*/");
		add_part(&out, &m->resource);
	}
	return strbuf_str(&out);
}

static struct box *box_of_set(struct graph *g, const struct set *s)
{
	struct str key = {(const char *)&s, sizeof(s)};
	struct box *b = names_find(&g->sets, key);
	size_t shown = s->folded.n <= MOST_MEMBERS ? s->folded.n : MOST_MEMBERS - 1;

	if (b != NULL)
		return b;
	b = add_box(g, SETS, s->name);
	b->prefix = "acl";
	b->link = s->name;
	names_put(g->p->a, &g->sets, identity(g->p->a, s), b);
	for (size_t i = 0; i < shown; i++)
		(void)add_line(g, b, member_text(g->p->a, s->folded.at[i]));
	if (shown < s->folded.n)
		(void)add_line(g, b, arena_printf(g->p->a, "and %zu more", s->folded.n - shown));
	if (s->folded.n == 0)
		(void)add_line(g, b,
			       s->members.n == 0 ? STR("not defined: nobody") : STR("nobody"));
	return b;
}

static void add_clauses(struct graph *g, struct box *b, const struct rule_def *def)
{
	size_t shown = def->clauses.n <= MOST_LINES ? def->clauses.n : MOST_LINES - 1;

	for (size_t i = 0; i < shown; i++) {
		const struct clause *c = def->clauses.at[i];
		struct line *l = add_line(g, b,
					  c->set != NULL ? c->set->name
					  : c->is_all    ? STR("everybody")
							 : STR("nobody"));

		l->value = words_value(g->p->a, &c->typed, c->value);
		l->class = report_class_of(&c->typed, c->value);
		if (c->set != NULL)
			l->to = box_of_set(g, c->set);
	}
	if (shown < def->clauses.n)
		(void)add_line(
			g, b,
			arena_printf(g->p->a, "and %zu more clauses", def->clauses.n - shown));
}

/* Clauses of a host come before such a one (fold_rules.c). */
static bool ends_with_allow_all(const struct rule_def *def)
{
	const struct clause *last =
		def != NULL && def->clauses.n != 0 ? def->clauses.at[def->clauses.n - 1] : NULL;

	return last != NULL && last->set == NULL && last->is_all &&
	       term_is_atom(last->value, "allow");
}

static struct box *box_of_rule(struct graph *g, const struct rule *r)
{
	struct str key = {(const char *)&r, sizeof(r)};
	struct box *b = names_find(&g->rules, key);

	if (b != NULL)
		return b;
	b = add_box(g, RULES, r->name);
	b->prefix = "rule";
	b->link = r->name;
	names_put(g->p->a, &g->rules, identity(g->p->a, r), b);
	if (r->global != NULL)
		add_clauses(g, b, r->global);
	for (size_t i = 0; i < r->per_host.n && i < 2; i++) {
		const struct host *h = g->p->m->hosts.at[r->per_host.at[i]->host];

		(void)add_line(g, b,
			       arena_printf(g->p->a, "%s on %.*s:",
					    ends_with_allow_all(r->global) ? "before it," : "then,",
					    STR_ARG(h->name)));
		add_clauses(g, b, r->per_host.at[i]);
	}
	if (r->per_host.n > 2)
		(void)add_line(g, b,
			       arena_printf(g->p->a, "and clauses of %zu more host%s",
					    r->per_host.n - 2, r->per_host.n == 3 ? "" : "s"));
	return b;
}

/* ---- who asks ---- */

static void add_question(struct graph *g, struct box *b, const char *option, const struct rule *r,
			 const char *otherwise)
{
	struct line *l = add_line(g, b, str_of(option));

	if (r == NULL || !report_is_defined(r))
		l->text = arena_printf(g->p->a, "%s: %s", option, otherwise);
	else
		l->to = box_of_rule(g, r);
}

static void add_listeners(struct graph *g)
{
	const struct model *m = g->p->m;

	for (size_t i = 0; i < m->listeners.n; i++) {
		const struct listener *l = m->listeners.at[i];
		struct str address = address_text(g->p->a, &l->address);
		struct box *b;

		if (l->is_left_out || (l->kind != LISTENER_C2S && l->kind != LISTENER_SERVICE))
			continue;
		b = add_box(g, ASKERS,
			    arena_printf(g->p->a, "%u %s, %.*s", (unsigned)l->port,
					 words_purpose(l), STR_ARG(address)));
		add_question(g, b, "access", l->access, l->access_none ? "nobody" : "everybody");
		if (l->kind == LISTENER_C2S)
			add_question(g, b, "shaper", l->shaper_rule, "no limit");
		else if (l->shaper == NULL)
			(void)add_line(g, b, STR("shaper: no limit"));
		else
			(void)add_line(g, b,
				       arena_printf(g->p->a, "shaper: %u bytes/s",
						    (unsigned)l->shaper->bytes_per_s));
	}
}

static void add_module(struct graph *g, const struct module *mod)
{
	const struct section *s = mod->options->section;
	struct box *b = NULL;

	for (size_t i = 0; s->type == NULL && i < s->noptions; i++) {
		const struct value *v = &mod->options->values[i];

		if (s->options[i].type == NULL || s->options[i].type->kind != TYPE_RULE ||
		    v->term == NULL || v->term->kind != TERM_ATOM)
			continue;
		if (b == NULL)
			b = add_box(g, ASKERS, mod->name);
		add_question(g, b, s->options[i].name,
			     names_find(&g->p->m->rule_names, v->term->text),
			     term_is_atom(v->term, "none") ? "nobody" : "everybody");
	}
}

/* The same module of several hosts is drawn once, unless it is written several times. */
static void add_modules(struct graph *g)
{
	for (size_t i = 0; i < g->p->m->modules.n; i++)
		if (!g->p->m->modules.at[i]->is_left_out)
			add_module(g, g->p->m->modules.at[i]);
}

/* "option 'shaper' of an ejabberd_s2s_in listener": the option, and whose it is. */
static bool take_apart(struct str what, struct str *option, struct str *owner)
{
	static const char before[] = "option '", between[] = "' of ";
	const char *end = memmem(what.p, what.n, between, sizeof(between) - 1);
	size_t n = sizeof(before) - 1;

	if (end == NULL || what.n < n || memcmp(what.p, before, n) != 0)
		return false;
	*option = (struct str){what.p + n, (size_t)(end - what.p) - n};
	*owner = (struct str){end + sizeof(between) - 1,
			      what.n - (size_t)(end - what.p) - (sizeof(between) - 1)};
	return true;
}

static bool has_own_box(struct str owner)
{
	return str_eqz(owner, "an ejabberd_c2s listener") ||
	       str_eqz(owner, "an ejabberd_service listener") ||
	       (owner.n > 7 && memcmp(owner.p, "module ", 7) == 0);
}

/* Routes of HTTP, connections of other servers. */
static void add_others(struct graph *g)
{
	const struct model *m = g->p->m;
	struct names_table owners = {0};

	for (size_t i = 0; i < m->rules.n && m->target == TARGET_MONGOOSEIM_3_2; i++) {
		const struct rule *r = m->rules.at[i];

		for (size_t k = 0; k < r->uses.n && report_is_defined(r); k++) {
			struct str option, owner;
			struct box *b;

			if (!take_apart(r->uses.at[k].what, &option, &owner) || has_own_box(owner))
				continue;
			b = names_find(&owners, owner);
			if (b == NULL) {
				b = add_box(g, ASKERS, owner);
				names_put(g->p->a, &owners, owner, b);
			}
			add_line(g, b, option)->to = box_of_rule(g, r);
		}
	}
}

static void add_by_name(struct graph *g)
{
	const struct model *m = g->p->m;
	struct box *b = NULL;

	for (size_t i = 0; i < m->rules.n; i++) {
		const struct rule *r = m->rules.at[i];

		if (!report_is_defined(r) || !report_is_asked(m, r))
			continue;
		for (size_t k = 0; k < r->uses.n; k++) {
			if (!str_eqz(r->uses.at[k].what, "the server, by its name"))
				continue;
			if (b == NULL)
				b = add_box(g, ASKERS, STR("the server, by name"));
			add_line(g, b, r->name)->to = box_of_rule(g, r);
			break;
		}
	}
}

/* ---- where boxes stand ---- */

static int anchor_of(const struct box *b, size_t line)
{
	return b->y + TITLE_HEIGHT + (int)line * LINE_HEIGHT + LINE_HEIGHT / 2;
}

static int by_pull(const void *x, const void *y)
{
	const struct box *a = *(struct box *const *)x, *b = *(struct box *const *)y;
	int64_t left = (int64_t)a->pull * b->npull, right = (int64_t)b->pull * a->npull;

	if ((a->npull == 0) != (b->npull == 0))
		return a->npull == 0 ? 1 : -1;
	if (left != right && a->npull != 0)
		return left < right ? -1 : 1;
	return (a->arrival > b->arrival) - (a->arrival < b->arrival);
}

static void place(struct graph *g, enum column column)
{
	int bottom = TOP;

	for (size_t i = 0; i < g->boxes[column].n; i++) {
		struct box *b = g->boxes[column].at[i];
		int wanted = b->npull != 0 ? b->pull / b->npull - TITLE_HEIGHT / 2 : bottom;

		b->height = TITLE_HEIGHT + (int)b->lines.n * LINE_HEIGHT + PADDING;
		b->y = wanted > bottom ? wanted : bottom;
		bottom = b->y + b->height + BOX_GAP;
	}
}

static void pull(struct graph *g, enum column from)
{
	for (size_t i = 0; i < g->boxes[from].n; i++) {
		const struct box *b = g->boxes[from].at[i];

		for (size_t k = 0; k < b->lines.n; k++) {
			struct box *to = b->lines.at[k].to;

			if (to == NULL)
				continue;
			to->pull += anchor_of(b, k);
			to->npull++;
		}
	}
	if (g->boxes[from + 1].n > 1)
		qsort(g->boxes[from + 1].at, g->boxes[from + 1].n, sizeof(struct box *), by_pull);
}

static int lay_out(struct graph *g)
{
	int height = TOP;

	place(g, ASKERS);
	pull(g, ASKERS);
	place(g, RULES);
	pull(g, RULES);
	place(g, SETS);
	for (int c = 0; c < NCOLUMNS; c++)
		for (size_t i = 0; i < g->boxes[c].n; i++) {
			const struct box *b = g->boxes[c].at[i];

			height = b->y + b->height > height ? b->y + b->height : height;
		}
	return height + 2;
}

/* ---- SVG ---- */

/* What fits into a box, by the width that most letters have. */
static struct str fitting(struct arena *a, struct str text, size_t most)
{
	size_t off = 0, n = 0;

	if (utf8_count(text) <= most)
		return text;
	while (off < text.n && n + 1 < most) {
		uint32_t cp;
		size_t used = utf8_decode(text.p + off, text.n - off, &cp);

		off += used != 0 ? used : 1;
		n++;
	}
	return arena_printf(a, "%.*s…", (int)off, text.p);
}

static void draw_text(struct page *p, int x, int y, const char *class, struct str text, size_t most)
{
	struct str shown = fitting(p->a, text, most);

	strbuf_printf(p->out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	html_text(p, shown);
	if (shown.n != text.n) {
		html_raw(p, "<title>");
		html_text(p, text);
		html_raw(p, "</title>");
	}
	html_raw(p, "</text>");
}

static void draw_box(struct page *p, const struct box *b)
{
	int x = columns[b->column].x, width = columns[b->column].width;
	size_t most = (size_t)(width - 24) / 8;

	strbuf_printf(p->out,
		      "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" class=\"box\"/>",
		      x, b->y, width, b->height);
	if (b->prefix != NULL) {
		html_raw(p, "<a href=\"#");
		html_id(p, b->prefix, b->link);
		html_raw(p, "\">");
	}
	draw_text(p, x + 12, b->y + 20, "title", b->title, (size_t)(width - 24) / 9);
	html_raw(p, b->prefix != NULL ? "</a>" : "");
	for (size_t i = 0; i < b->lines.n; i++) {
		const struct line *l = &b->lines.at[i];
		int y = anchor_of(b, i) + 4;
		size_t used = l->value.n != 0 ? utf8_count(l->value) + 1 : 0;

		if (used != 0) {
			strbuf_printf(p->out, "<text x=\"%d\" y=\"%d\"><tspan class=\"%s\">",
				      x + 12, y, l->class);
			html_text(p, fitting(p->a, l->value, most / 2));
			html_raw(p, "</tspan> ");
			html_text(p, fitting(p->a, l->text,
					     most - (used < most / 2 ? used : most / 2)));
			html_raw(p, "</text>");
		} else {
			draw_text(p, x + 12, y, "line", l->text, most);
		}
	}
	html_raw(p, "\n");
}

static void draw_arrows(struct page *p, const struct box *b)
{
	int from = columns[b->column].x + columns[b->column].width;

	for (size_t i = 0; i < b->lines.n; i++) {
		const struct line *l = &b->lines.at[i];
		int y = anchor_of(b, i), to, middle, end;

		if (l->to == NULL)
			continue;
		to = columns[l->to->column].x - 7;
		end = l->to->y + TITLE_HEIGHT / 2;
		middle = (from + to) / 2;
		strbuf_printf(p->out,
			      "<path d=\"M%d %dC%d %d %d %d %d %d\" class=\"arrow %s\"/>"
			      "<path d=\"M%d %dl-7 -4v8z\" class=\"head %s\"/>\n",
			      from, y, middle, y, middle, end, to, end, l->class, to + 7, end,
			      l->class);
	}
}

void report_graph(struct page *p)
{
	struct graph g = {.p = p};
	int height;

	add_listeners(&g);
	add_modules(&g);
	add_others(&g);
	add_by_name(&g);
	if (g.boxes[ASKERS].n == 0)
		return;
	height = lay_out(&g);
	html_raw(p, "<figure><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		    "aria-label=\"Drawing of the access rules\">\n");
	strbuf_printf(p->out,
		      "<svg class=\"graph\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		      "role=\"group\" aria-label=\"Listeners and modules, the rules they ask, and "
		      "the sets of users that the rules ask for\">\n",
		      DRAWING_WIDTH, height, DRAWING_WIDTH, height);
	for (int c = 0; c < NCOLUMNS; c++)
		if (g.boxes[c].n != 0)
			strbuf_printf(p->out, "<text x=\"%d\" y=\"18\" class=\"column\">%s</text>",
				      columns[c].x, columns[c].title);
	html_raw(p, "\n");
	for (int c = 0; c < NCOLUMNS; c++)
		for (size_t i = 0; i < g.boxes[c].n; i++)
			draw_arrows(p, g.boxes[c].at[i]);
	for (int c = 0; c < NCOLUMNS; c++)
		for (size_t i = 0; i < g.boxes[c].n; i++)
			draw_box(p, g.boxes[c].at[i]);
	html_raw(p,
		 "</svg></div>\n<figcaption><span class=\"key good\">allows</span> "
		 "<span class=\"key bad\">denies</span> <span class=\"key value\">gives a value "
		 "or asks</span>: the first clause that is about a user decides. The same in words "
		 "stands below. In a set, <code>*</code> is anything, <code>host</code> the host "
		 "that is asked for, and <code>~</code> begins a regular "
		 "expression.</figcaption></figure>\n");
}
