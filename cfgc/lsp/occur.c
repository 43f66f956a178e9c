/* occur.c - walk all terms with what the schema expects of them, and note every name on the way. */
#include "lsp/occur.h"

#include <stdlib.h>

#include "model/prep.h"
#include "syntax/parser.h"

const char *name_kind_text(enum name_kind kind)
{
	static const char *const texts[] = {
		[NAME_RULE] = "access rule", [NAME_SET] = "acl",   [NAME_SHAPER] = "shaper",
		[NAME_MACRO] = "macro",      [NAME_HOST] = "host",
	};

	return texts[kind];
}

bool is_macro_name(struct str name)
{
	bool has_capital = false;

	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] >= 'a' && name.p[i] <= 'z')
			return false;
		has_capital = has_capital || (name.p[i] >= 'A' && name.p[i] <= 'Z');
	}
	return has_capital;
}

bool is_verdict(struct str name)
{
	return str_eqz(name, "allow") || str_eqz(name, "deny") || str_eqz(name, "default") ||
	       str_eqz(name, "none") || str_eqz(name, "infinity");
}

/* ---- the walk ---- */

struct walk {
	struct analysis *an;
	struct arena *a;
	struct occurrences *out;
	const struct term *form; /* the innermost term that may be a definition */
	struct str host;         /* whose host_config is walked */
};

static void add(struct walk *w, enum name_kind kind, const struct term *t, bool is_definition)
{
	struct occurrence o = {
		.kind = kind,
		.name = t->text,
		.at = analysis_place(w->an, t->at),
		.written = analysis_written(w->an, t->at),
		.is_definition = is_definition,
		.term = t,
		.form = is_definition ? w->form : NULL,
		.host = w->host,
	};
	struct str prepared;

	if (kind == NAME_HOST && prep(w->a, PREP_NODE, t->text, &prepared) == NULL)
		o.name = prepared;
	if (o.at.file != NO_FILE)
		vec_push(w->a, &w->out->list, o);
}

static bool names_rule(struct str name)
{
	return !str_eqz(name, "all") && !str_eqz(name, "none");
}

static void note_atom(struct walk *w, const struct expect *e, const struct term *t)
{
	switch (e->kind) {
	case EXPECT_RULE_NAME:
		add(w, NAME_RULE, t, true);
		break;
	case EXPECT_SET_NAME:
		add(w, NAME_SET, t, true);
		break;
	case EXPECT_SHAPER_NAME:
		add(w, NAME_SHAPER, t, true);
		break;
	case EXPECT_SET:
		if (names_rule(t->text))
			add(w, NAME_SET, t, false);
		break;
	case EXPECT_CLAUSE_VALUE:
		if (!is_verdict(t->text))
			add(w, NAME_SHAPER, t, false);
		break;
	case EXPECT_VALUE:
		if (e->type->kind == TYPE_RULE && names_rule(t->text))
			add(w, NAME_RULE, t, false);
		else if (e->type->kind == TYPE_SHAPER && !str_eqz(t->text, "none"))
			add(w, NAME_SHAPER, t, false);
		break;
	default:
		break;
	}
}

static void note(struct walk *w, const struct expect *e, const struct term *t)
{
	if (e->is_list)
		return;
	if (t->kind == TERM_ATOM)
		note_atom(w, e, t);
	else if ((t->kind == TERM_STRING || t->kind == TERM_BINARY) && t->text.n != 0 &&
		 (e->kind == EXPECT_HOST || e->kind == EXPECT_HOST_NAME))
		add(w, NAME_HOST, t, e->kind == EXPECT_HOST_NAME);
}

static void walk(struct walk *w, const struct expect *e, const struct term *t)
{
	const struct term *outer_form = w->form;
	struct str outer_host = w->host;
	struct shape shape;

	note(w, e, t);
	if ((t->kind != TERM_TUPLE && t->kind != TERM_LIST) ||
	    (e->kind == EXPECT_ANY && !e->is_list))
		return;
	shape = shape_of(t);
	if (e->kind == EXPECT_ELEMENT && !e->is_list && e->section == &schema_top) {
		w->form = t;
		if (str_eqz(shape.atoms[0], "host_config") && t->seq.n == 3 &&
		    t->seq.items[1]->kind == TERM_STRING)
			w->host = t->seq.items[1]->text;
	}
	for (uint32_t i = 0; i < t->seq.n; i++) {
		struct expect inner = expect_inside(e, &shape, i);

		walk(w, &inner, t->seq.items[i]);
	}
	w->form = outer_form;
	w->host = outer_host;
}

/* ---- macros: in the terms as they were written ---- */

static void walk_macros(struct walk *w, const struct term *t)
{
	bool is_definition = term_is_tuple(t, 3, "define_macro");

	if (t->kind == TERM_ATOM && is_macro_name(t->text)) {
		add(w, NAME_MACRO, t, false);
		return;
	}
	if (t->kind != TERM_TUPLE && t->kind != TERM_LIST)
		return;
	for (uint32_t i = 0; i < t->seq.n; i++) {
		const struct term *item = t->seq.items[i];

		if (is_definition && i == 1 && item->kind == TERM_ATOM &&
		    is_macro_name(item->text)) {
			w->form = t;
			add(w, NAME_MACRO, item, true);
		} else if (!is_definition) { /* values are taken literally */
			walk_macros(w, item);
		}
	}
}

static bool is_derived_from(const struct analysis *an, uint32_t file)
{
	for (size_t i = 0; i < an->ninputs; i++)
		if (an->run.sources.files.at[i]->origin == file)
			return true;
	return false;
}

static void find_macros(struct walk *w)
{
	for (uint32_t file = 0; file < w->an->ninputs; file++) {
		struct diags silent = {.arena = w->a,
				       .sources = &w->an->run.sources,
				       .max_errors = w->an->run.diags.max_errors};
		struct forms forms = {0};

		if (is_derived_from(w->an, file))
			continue;
		parse_config(&w->an->run.sources, &silent, file, &forms);
		for (size_t i = 0; i < forms.list.n; i++)
			walk_macros(w, forms.list.at[i].term);
	}
}

/* ---- all of them ---- */

static int by_place(const void *left, const void *right)
{
	const struct occurrence *a = left, *b = right;

	if (a->at.file != b->at.file)
		return a->at.file < b->at.file ? -1 : 1;
	if (a->at.off != b->at.off)
		return a->at.off < b->at.off ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return (int)b->is_definition - (int)a->is_definition;
}

/* A value that a macro brings to several places, and a file that is read twice, are found more than
 * once. */
static void drop_doubles(struct occurrences *o)
{
	size_t n = 0;

	if (o->list.n > 1)
		qsort(o->list.at, o->list.n, sizeof(*o->list.at), by_place);
	for (size_t i = 0; i < o->list.n; i++) {
		const struct occurrence *last = n != 0 ? &o->list.at[n - 1] : NULL;

		if (last == NULL || last->at.file != o->list.at[i].at.file ||
		    last->at.off != o->list.at[i].at.off || last->kind != o->list.at[i].kind)
			o->list.at[n++] = o->list.at[i];
	}
	o->list.n = n;
}

const struct occurrences *occurrences_of(struct analysis *an)
{
	struct walk w = {.an = an, .a = an->arena};
	struct expect form = expect_form();

	if (an->occurrences != NULL)
		return an->occurrences;
	an->occurrences = w.out = arena_new_of(an->arena, struct occurrences);
	for (size_t i = 0; i < an->run.forms.list.n; i++)
		walk(&w, &form, an->run.forms.list.at[i].term);
	w.form = NULL;
	find_macros(&w);
	drop_doubles(w.out);
	return w.out;
}

const struct occurrence *occurrence_at(struct analysis *an, uint32_t file, uint32_t off)
{
	const struct occurrences *all = occurrences_of(an);
	const struct occurrence *touching = NULL;

	for (size_t i = 0; i < all->list.n; i++) {
		const struct occurrence *o = &all->list.at[i];

		if (o->at.file != file || o->at.off > off || off > o->at.off + o->at.len)
			continue;
		if (off < o->at.off + o->at.len)
			return o;
		touching = o;
	}
	return touching;
}
