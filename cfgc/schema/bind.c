/* bind.c - option lists to bound values: each element's name, form, flags and value, then what is
 * missing. */
#include "schema/bind.h"

#include "diag/suggest.h"
#include "schema/element.h"
#include "schema/trap.h"
#include "support/assert.h"

/* Names beyond this many in one list are reported without a search for near ones. */
#define MOST_SUGGESTED 20

/* One list being bound. */
struct binding {
	struct bind *b;
	const struct section *section;
	struct bound *out;
	struct names legal; /* made when the first unknown name is met */
	unsigned nunknown;
	struct seen_keys seen;
};

void finish_unsupported(struct bind *b, const char *note)
{
	if (note != NULL)
		diag_note(b->diags, "%s", note);
	if (!b->allow_unsupported) {
		diag_help(b->diags, "take it out, or let --allow-unsupported leave it out");
		return;
	}
	diag_demote(b->diags);
	diag_note(b->diags, "it is left out");
}

const struct option *schema_option(const struct section *section, struct str name)
{
	for (size_t i = 0; i < section->noptions; i++)
		if (str_eqz(name, section->options[i].name))
			return &section->options[i];
	return NULL;
}

static const struct option *find_option(const struct section *s, const struct element *e)
{
	const struct option *o = schema_option(s, e->name);

	if (o == NULL && e->key != NULL) {
		o = schema_option(s, e->key_name);
		if (o != NULL && o->form != FORM_KEYED)
			o = NULL;
	}
	return o;
}

/* ---- unknown names ---- */

static void gather_legal(struct binding *g)
{
	const struct section *s = g->section;

	if (g->legal.arena != NULL)
		return;
	g->legal.arena = g->b->arena;
	for (size_t i = 0; i < s->noptions; i++)
		if ((s->options[i].flags & (OPT_DEAD | OPT_REFUSED)) == 0 &&
		    s->options[i].same_as == NULL)
			vec_push(g->b->arena, &g->legal.list, str_of(s->options[i].name));
}

static const char *right_spelling(const struct section *s, struct str wrong)
{
	for (const struct alias *a = s->aliases; a != NULL && a->wrong != NULL; a++)
		if (str_eqz(wrong, a->wrong))
			return a->right;
	return NULL;
}

/* Whether MongooseIM 3.2.0 starts with an unknown option here: it only looks for those that it
 * knows. Lists within an option are handed to libraries, which check them. */
static bool mongooseim_ignores(const struct section *s, const struct element *e)
{
	return s == &schema_top ? e->term->kind == TERM_TUPLE && e->term->seq.n == 2
				: strchr(s->name, '.') == NULL;
}

static void report_unknown(struct binding *g, const struct element *e)
{
	struct diags *dl = g->b->diags;
	const char *right = right_spelling(g->section, e->name);

	diag_add(dl, E0203, e->name_at, "unknown option '%.*s' for %s", STR_ARG(e->name),
		 g->section->title);
	if (mongooseim_ignores(g->section, e))
		trap_settle(g->b);
	if (g->section->noptions == 0) {
		diag_primary(dl, "%s has no options", g->section->title);
		return;
	}
	diag_primary(dl, "not an option of %s", g->section->title);
	if (right != NULL) {
		diag_help(dl, "did you mean '%s'?", right);
		diag_fix(dl, e->name_at, str_of(right));
	} else if (g->nunknown++ < MOST_SUGGESTED) {
		gather_legal(g);
		suggest_into(dl, e->name_at, e->name, &g->legal);
	}
}

/* ---- flags of rows ---- */

/* What the row says of its use without making it an error. @return whether the value counts. */
static bool warn_by_flags(struct binding *g, const struct option *written, const struct option *o,
			  const struct element *e)
{
	struct diags *dl = g->b->diags;
	unsigned flags = written->flags | o->flags;

	/* What is left out as a whole needs no advice about its details. */
	if (g->b->inside_unsupported != 0)
		return (flags & OPT_DEAD) == 0;
	if (written != o) {
		trap_report(g->b, W0604, e->name_at,
			    "'%s' means '%s': MongooseIM 3.2.0 ignores this name, although its "
			    "manual has it",
			    written->name, o->name);
		diag_help(dl, "write '%s'", o->name);
		diag_fix_unsafe(dl, e->name_at, str_of(o->name));
	}
	if ((flags & OPT_DEAD) && (flags & OPT_CHECKED))
		return false;
	if (flags & OPT_DEAD) {
		diag_add(dl, W0602, e->name_at, "'%s' has no effect in %s", written->name,
			 g->section->title);
		diag_note(dl, "%s", o->note);
		return false;
	}
	if (flags & OPT_DEPRECATED) {
		diag_add(dl, W0601, e->name_at, "'%s' is deprecated", written->name);
		diag_help(dl, "%s", o->note);
	}
	if ((flags & OPT_NOOP) && g->b->target == TARGET_XMPPD) {
		diag_add(dl, W0603, e->name_at, "'%s' has no effect in xmppd", written->name);
		diag_note(dl, "%s", o->note);
	}
	return true;
}

/* Report what the row says of its use. @return whether the value counts. */
static bool check_flags(struct binding *g, const struct option *written, const struct option *o,
			const struct element *e)
{
	struct bind *b = g->b;
	unsigned flags = written->flags | o->flags;

	if (flags & OPT_REFUSED) {
		diag_add(b->diags, E0209, e->name_at, "'%s' cannot be used in %s", written->name,
			 g->section->title);
		diag_help(b->diags, "%s", o->note);
		return false;
	}
	if ((flags & OPT_UNSUPPORTED) && reports_unsupported(b)) {
		diag_add(b->diags, E0701, e->name_at,
			 "'%s' is valid in MongooseIM 3.2, not supported by xmppd yet",
			 written->name);
		finish_unsupported(b, o->note);
		return false;
	}
	return warn_by_flags(g, written, o, e);
}

/* ---- values ---- */

static bool check_key(struct bind *b, const struct option *o, const struct element *e)
{
	const struct term *key = e->key;

	return o->form != FORM_KEYED || value_check(b, o->key, &key, NULL) == VALUE_FITS;
}

/* The tuple without its first element, so that a type can describe the rest. */
static const struct term *arguments_of(struct bind *b, const struct term *tuple)
{
	struct term *t = arena_new_of(b->arena, struct term);

	*t = *tuple;
	t->seq.items++;
	t->seq.n--;
	return t;
}

/* Check the value of an element whose form is right, and fill in *v. */
static void take_value(struct bind *b, const struct option *o, const struct element *e,
		       struct value *v)
{
	const struct term *t = e->value;
	const char *outer_option = b->option;
	bool outer_secret = b->secret;
	enum verdict verdict;

	b->option = o->name;
	b->secret = outer_secret || (o->flags & OPT_SECRET) != 0;
	if (o->form == FORM_FLAG) {
		verdict = VALUE_FITS;
	} else if (o->form == FORM_TUPLE) {
		t = arguments_of(b, e->term);
		verdict = value_check(b, o->type, &t, NULL);
		t = e->term;
	} else {
		verdict = check_key(b, o, e) ? value_check(b, o->type, &t, &v->sub) : VALUE_WRONG;
	}
	b->option = outer_option;
	b->secret = outer_secret;
	v->option = o;
	v->at = e->term->at;
	v->key_at = e->name_at;
	v->key = e->key;
	v->given = verdict == VALUE_FITS;
	v->failed = !v->given;
	v->term = v->given ? t : NULL;
}

/* Everything that can be said about an element by itself. @return false if it has no effect. */
static bool bind_element(struct binding *g, const struct term *term, struct value *v)
{
	struct bind *b = g->b;
	const struct option *written, *o;
	struct element e;

	if (!element_open(b, term, &e))
		return false;
	written = find_option(g->section, &e);
	if (written == NULL) {
		report_unknown(g, &e);
		return false;
	}
	o = written;
	if (written->same_as != NULL) {
		o = schema_option(g->section, str_of(written->same_as));
		CFGC_ASSERT(o != NULL);
	}
	*v = (struct value){.option = o, .at = term->at, .key_at = e.name_at, .failed = true};
	if (!check_flags(g, written, o, &e))
		return true;
	if (written != o && does_as_mongooseim(b))
		return false;
	if (element_check_form(b, o, &e))
		take_value(b, o, &e, v);
	return !e.is_absent;
}

/* ---- lists ---- */

static void report_duplicate(struct bind *b, const struct value *first, const struct value *again,
			     bool last_wins)
{
	diag_add(b->diags, W0510, again->key_at, "'%s' is given again; the %s one counts",
		 again->option->name, last_wins ? "last" : "first");
	diag_primary(b->diags, last_wins ? "this one counts" : "ignored");
	diag_label(b->diags, first->key_at, last_wins ? "overridden" : "first given here");
	trap_settle(b);
}

/* Join the value of one more element to what its row has. */
static void store(struct binding *g, const struct value *v)
{
	struct bind *b = g->b;
	struct value *row = &g->out->values[v->option - g->section->options];
	bool last_wins = (g->section->flags & OPT_LAST_WINS) != 0;
	struct value *more;

	if (v->option->form == FORM_KEYED && v->given) {
		const struct value *first = seen_before(b->arena, &g->seen, v);

		if (first != NULL)
			report_duplicate(b, first, v, last_wins);
	}
	if (!row->given && !row->failed) {
		*row = *v;
		return;
	}
	if (v->option->flags & OPT_MULTI) {
		if (!v->given)
			return;
		if (!row->given) {
			*row = *v;
			return;
		}
		more = arena_new_of(b->arena, struct value);
		*more = *v;
		vec_push(b->arena, &row->more, more);
		return;
	}
	if ((v->option->flags & (OPT_DEAD | OPT_REFUSED)) == 0)
		report_duplicate(b, row, v, last_wins);
	if (last_wins)
		*row = *v;
}

static void report_missing(struct binding *g, struct span owner_at)
{
	const struct section *s = g->section;

	for (size_t i = 0; i < s->noptions; i++) {
		const struct value *v = &g->out->values[i];

		if ((s->options[i].flags & OPT_REQUIRED) == 0 || v->given || v->failed)
			continue;
		diag_add(g->b->diags, E0208, owner_at, "%s needs '%s'", s->title,
			 s->options[i].name);
		diag_primary(g->b->diags, "no '%s' here", s->options[i].name);
		diag_help(g->b->diags, "add {%s, ...}: %s", s->options[i].name, s->options[i].help);
	}
}

/* What the section says about itself as a whole. */
static void check_section_flags(struct bind *b, struct bound *out, struct span owner_at)
{
	const struct section *s = out->section;

	if ((s->flags & OPT_UNSUPPORTED) && reports_unsupported(b)) {
		out->unsupported = true;
		diag_add(b->diags, E0702, owner_at,
			 "%s is valid in MongooseIM 3.2, not supported by xmppd yet", s->title);
		finish_unsupported(b, s->note);
	} else if ((s->flags & OPT_DEPRECATED) && b->inside_unsupported == 0) {
		diag_add(b->diags, W0601, owner_at, "%s is deprecated", s->title);
		diag_help(b->diags, "%s", s->note);
	}
}

static struct bound *new_bound(struct bind *b, const struct section *section)
{
	struct bound *out = arena_new_of(b->arena, struct bound);

	out->section = section;
	out->at = NO_SPAN;
	out->values = arena_array_of(b->arena, struct value, section->noptions);
	for (size_t i = 0; i < section->noptions; i++)
		out->values[i] = (struct value){
			.option = &section->options[i], .at = NO_SPAN, .key_at = NO_SPAN};
	return out;
}

static void bind_options(struct binding *g, const struct term *list, struct span owner_at)
{
	if (list != NULL && list->kind != TERM_BAD && !is_list(list)) {
		struct str found = found_text(g->b, list);

		diag_add(g->b->diags, E0205, list->at,
			 "expected a list of options for %s, found %.*s", g->section->title,
			 STR_ARG(found));
		return;
	}
	for (uint32_t i = 0; list != NULL && i < list_len(list); i++) {
		struct value v;

		if (bind_element(g, list->seq.items[i], &v))
			store(g, &v);
	}
	if (list == NULL || list->kind != TERM_BAD)
		report_missing(g, owner_at);
}

static void bind_whole(struct bind *b, struct bound *out, const struct term *term)
{
	if (term != NULL && value_check(b, out->section->type, &term, NULL) == VALUE_FITS)
		out->term = term;
}

struct bound *bind_nested(struct bind *b, const struct section *section, const struct term *list,
			  struct span owner_at)
{
	struct binding g = {.b = b, .section = section, .out = new_bound(b, section)};
	const char *outer_option = b->option;
	bool outer_secret = b->secret;

	b->option = NULL;
	b->secret = false;
	if (list != NULL)
		g.out->at = list->at;
	check_section_flags(b, g.out, owner_at);
	b->inside_unsupported += g.out->unsupported;
	if (section->type != NULL)
		bind_whole(b, g.out, list);
	else
		bind_options(&g, list, owner_at);
	b->inside_unsupported -= g.out->unsupported;
	fill_defaults(b, g.out);
	b->option = outer_option;
	b->secret = outer_secret;
	return g.out;
}

struct bound *schema_bind(struct bind *b, const struct section *section, const struct term *list,
			  struct span owner_at)
{
	return bind_nested(b, section, list, owner_at);
}

struct value *schema_bind_one(struct bind *b, const struct section *section,
			      const struct term *element)
{
	struct binding g = {.b = b, .section = section};
	struct value *v = arena_new_of(b->arena, struct value);

	return bind_element(&g, element, v) && v->given ? v : NULL;
}

struct bound *schema_defaults(struct bind *b, const struct section *section)
{
	struct bound *out = new_bound(b, section);

	fill_defaults(b, out);
	return out;
}
