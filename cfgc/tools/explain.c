/* explain.c - look a name up among the codes, the sections and the options, and say what it is. */
#include "tools/explain.h"

#include <strings.h>

#include "diag/report.h"
#include "diag/suggest.h"
#include "pages/pages.h"
#include "schema/schema.h"
#include "support/array.h"
#include "tools/reference.h"

#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

/* ---- codes ---- */

/* DIAG_NCODES: none is called so. */
static enum diag_code find_code(const char *name)
{
	for (size_t i = 0; i < DIAG_NCODES; i++) {
		const struct diag_info *info = diag_info_of((enum diag_code)i);

		if (strcasecmp(info->id, name) == 0 || strcasecmp(info->slug, name) == 0)
			return (enum diag_code)i;
	}
	return DIAG_NCODES;
}

static bool is_heading(const char *line, size_t n, bool in_example)
{
	return !in_example && n != 0 && line[0] == '#';
}

static void print_page(struct strbuf *out, const char *text, bool bold)
{
	bool in_example = false;

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		bool emphasize = bold && is_heading(text, n, in_example);

		if (n >= 3 && memcmp(text, "```", 3) == 0)
			in_example = !in_example;
		strbuf_printf(out, "%s%.*s%s\n", emphasize ? BOLD : "", (int)n, text,
			      emphasize ? PLAIN : "");
		text += n + (text[n] == '\n');
	}
}

static void print_code(struct strbuf *out, enum diag_code code, bool bold)
{
	const struct diag_info *info = diag_info_of(code);

	if (page_texts[code] != NULL)
		print_page(out, page_texts[code], bold);
	else
		strbuf_printf(out, "# %s %s\n\n%s\n", info->id, info->slug, info->summary);
}

static void print_codes(struct strbuf *out)
{
	for (size_t i = 0; i < DIAG_NCODES; i++) {
		const struct diag_info *info = diag_info_of((enum diag_code)i);

		strbuf_printf(out, "%s  %-22s %s\n", info->id, info->slug, info->summary);
	}
}

/* ---- options ---- */

struct place {
	const char *group;
	const struct section *section;
	const struct option *option;
	bool told; /* together with an equal one before it */
};

/* What is looked for, and the options that were found. */
struct search {
	struct arena *arena;
	struct str section; /* n == 0: in every section */
	struct str option;
	bool found_section; /* the name is a section's own */
	const char *pool;   /* the section of a pool type, NULL: the name is none */
	VEC(struct place) places;
};

static void search_section(void *ctx, const char *group, const struct section *s)
{
	struct search *search = ctx;

	if (search->section.n == 0 && str_eqz(search->option, s->name))
		search->found_section = true;
	/* A pool type as it is written: "rdbms" for "outgoing_pools.rdbms". */
	if (search->section.n == 0 && strcmp(group, "pool type") == 0 &&
	    str_eqz(search->option, strchr(s->name, '.') + 1))
		search->pool = s->name;
	if (search->section.n != 0 && !str_eqz(search->section, s->name))
		return;
	for (size_t i = 0; i < s->noptions; i++) {
		struct place place = {group, s, &s->options[i], false};

		if (str_eqz(search->option, place.option->name))
			vec_push(search->arena, &search->places, place);
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Whether two rows say the same, so that one description with two places does for both. */
static bool is_same(struct arena *arena, const struct place *a, const struct place *b)
{
	return strcmp(a->group, b->group) == 0 && a->option->flags == b->option->flags &&
	       same_text(a->option->dflt, b->option->dflt) &&
	       same_text(a->option->help, b->option->help) &&
	       same_text(a->option->note, b->option->note) &&
	       str_eq(option_describe(arena, a->option), option_describe(arena, b->option));
}

static void print_fact(struct strbuf *out, const char *label, const char *text)
{
	if (text != NULL)
		strbuf_printf(out, "  %-10s %s\n", label, text);
}

static void print_where(struct strbuf *out, struct search *search, size_t first)
{
	const struct place *p = &search->places.at[first];

	if (p->section == &schema_top) {
		print_fact(out, "where", "top level");
		return;
	}
	strbuf_printf(out, "  %-10s %s", "where",
		      strcmp(p->group, "nested") == 0 || strcmp(p->group, "top") == 0 ? ""
										      : p->group);
	if (out->p[out->n - 1] != ' ')
		strbuf_addc(out, ' ');
	strbuf_addz(out, p->section->name);
	for (size_t i = first + 1; i < search->places.n; i++) {
		struct place *other = &search->places.at[i];

		if (other->told || !is_same(out->arena, p, other))
			continue;
		other->told = true;
		strbuf_printf(out, ", %s", other->section->name);
	}
	strbuf_addc(out, '\n');
}

static const char *unit_of(const struct type *type)
{
	const char *unit = type->unit;

	for (size_t i = 0; unit == NULL && type->kind == TYPE_ONEOF && type->alts[i] != NULL; i++)
		unit = unit_of(type->alts[i]);
	return unit;
}

static const char *per_host(const struct place *p)
{
	if (strcmp(p->group, "module") == 0)
		return "yes, where host_config sets modules";
	if (strcmp(p->group, "top") == 0 && p->section != &schema_pool_opts)
		return (p->option->flags & OPT_PER_HOST) != 0 ? "yes, in host_config" : "no";
	return strcmp(p->group, "listener") == 0 ? "no" : NULL;
}

static bool is_usable(const struct option *o)
{
	return (o->flags & (OPT_DEAD | OPT_REFUSED)) == 0;
}

static bool takes(const struct type *type, enum type_kind kind)
{
	if (type->kind == kind)
		return true;
	if (type->of != NULL && takes(type->of, kind))
		return true;
	for (size_t i = 0; type->alts != NULL && type->alts[i] != NULL; i++)
		if (takes(type->alts[i], kind))
			return true;
	return false;
}

/* The names of a choice that cannot be used yet, or NULL. */
static const char *const *unsupported_of(const struct type *type)
{
	const char *const *names = type->unsupported;

	if (names == NULL && type->of != NULL)
		names = unsupported_of(type->of);
	for (size_t i = 0; names == NULL && type->alts != NULL && type->alts[i] != NULL; i++)
		names = unsupported_of(type->alts[i]);
	return names;
}

/* What a state or a type of an option can be the reason of. */
static bool can_raise(const struct option *o, enum diag_code code)
{
	static const struct {
		unsigned flag;
		enum diag_code code;
	} of_flags[] = {
		{OPT_REQUIRED, E0208},    {OPT_DEAD, W0602}, {OPT_DEPRECATED, W0601},
		{OPT_REFUSED, E0209},     {OPT_NOOP, W0603}, {OPT_SECRET, W0502},
		{OPT_UNSUPPORTED, E0701},
	};
	static const struct {
		enum type_kind kind;
		enum diag_code code;
	} of_types[] = {
		{TYPE_BOOL, E0207},   {TYPE_CHOICE, E0207}, {TYPE_INT, E0206},
		{TYPE_NUMBER, E0206}, {TYPE_REGEXP, E0229}, {TYPE_RULE, E0302},
		{TYPE_SHAPER, E0311},
	};

	for (size_t i = 0; i < ARRAY_LEN(of_flags); i++)
		if (of_flags[i].code == code)
			return (o->flags & of_flags[i].flag) != 0;
	if (code == W0604)
		return o->same_as != NULL;
	if (!is_usable(o))
		return false;
	if (code == E0204)
		return o->form == FORM_FLAG;
	if (code == E0703)
		return unsupported_of(o->type) != NULL;
	for (size_t i = 0; i < ARRAY_LEN(of_types); i++)
		if (of_types[i].code == code && takes(o->type, of_types[i].kind))
			return o->form != FORM_FLAG;
	return false;
}

/* Pages name options in backquotes. */
static bool is_mentioned(struct arena *a, const struct option *o, enum diag_code code)
{
	struct strbuf quoted = {.arena = a};

	if (!is_usable(o) || page_texts[code] == NULL)
		return false;
	strbuf_printf(&quoted, "`%s`", o->name);
	strbuf_addc(&quoted, '\0');
	return strstr(page_texts[code], quoted.p) != NULL;
}

static void print_codes_of(struct strbuf *out, const struct option *o)
{
	const char *separator = "";

	for (size_t i = 0; i < DIAG_NCODES; i++) {
		enum diag_code code = (enum diag_code)i;

		if (!can_raise(o, code) && !is_mentioned(out->arena, o, code))
			continue;
		if (*separator == '\0')
			strbuf_printf(out, "  %-10s ", "codes");
		strbuf_printf(out, "%s%s", separator, diag_info_of(code)->id);
		separator = ", ";
	}
	if (*separator != '\0')
		strbuf_addc(out, '\n');
}

/* Values that are known and cannot be used yet. */
static void print_unsupported(struct strbuf *out, const struct option *o)
{
	const char *const *names = unsupported_of(o->type);

	if (names == NULL || (o->flags & OPT_UNSUPPORTED) != 0)
		return;
	strbuf_printf(out, "  %-10s not supported by xmppd yet: ", "");
	for (size_t i = 0; names[i] != NULL; i++)
		strbuf_printf(out, "%s%s", i != 0 ? ", " : "", names[i]);
	strbuf_addc(out, '\n');
}

static void print_flags(struct strbuf *out, const struct option *o)
{
	static const struct {
		unsigned flag;
		const char *text;
	} flags[] = {
		{OPT_REQUIRED, "must be given"},
		{OPT_MULTI, "may be given several times"},
		{OPT_SECRET, "a secret: never quoted in messages"},
		{OPT_UNSUPPORTED, "not supported by xmppd yet"},
		{OPT_DEPRECATED, "deprecated"},
		{OPT_NOOP, "accepted, and without effect in xmppd"},
	};

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if ((o->flags & flags[i].flag) != 0)
			print_fact(out, "", flags[i].text);
	print_unsupported(out, o);
	print_fact(out, "note", o->note);
}

static void print_option(struct strbuf *out, struct search *search, size_t at, bool bold)
{
	const struct place *p = &search->places.at[at];
	const struct option *o = p->option;

	struct str form = is_usable(o) ? option_describe(out->arena, o) : str_of(o->name);

	strbuf_printf(out, "%s%s%.*s%s\n\n  %s\n\n", out->n != 0 ? "\n" : "", bold ? BOLD : "",
		      STR_ARG(form), bold ? PLAIN : "", o->help);
	print_where(out, search, at);
	print_fact(out, "unit", unit_of(o->type));
	print_fact(out, "default", o->dflt);
	print_fact(out, "per host", is_usable(o) ? per_host(p) : NULL);
	print_flags(out, o);
	print_codes_of(out, o);
}

static bool print_options(struct strbuf *out, const char *name, bool bold)
{
	struct search search = {.arena = out->arena, .option = str_of(name)};
	const char *dot = strrchr(name, '.');

	schema_each(search_section, &search);
	if (search.found_section)
		return reference_print(out, REFERENCE_TEXT, name);
	if (search.places.n == 0 && dot != NULL) {
		search.section = (struct str){name, (size_t)(dot - name)};
		search.option = str_of(dot + 1);
		schema_each(search_section, &search);
	}
	if (search.places.n == 0 && search.pool != NULL)
		return reference_print(out, REFERENCE_TEXT, search.pool);
	for (size_t i = 0; i < search.places.n; i++)
		if (!search.places.at[i].told)
			print_option(out, &search, i, bold);
	return search.places.n != 0;
}

/* ---- interface ---- */

bool explain_print(struct strbuf *out, const char *name, bool bold)
{
	enum diag_code code;

	if (name == NULL) {
		print_codes(out);
		return true;
	}
	code = find_code(name);
	if (code == DIAG_NCODES)
		return print_options(out, name, bold);
	print_code(out, code, bold);
	return true;
}

struct candidates {
	struct names names;
	bool qualified; /* the options by SECTION.OPTION */
};

static void add_candidates(void *ctx, const char *group, const struct section *s)
{
	struct candidates *c = ctx;
	struct arena *a = c->names.arena;

	(void)group;
	vec_push(a, &c->names.list, str_of(s->name));
	for (size_t i = 0; i < s->noptions; i++) {
		struct strbuf name = {.arena = a};

		if (c->qualified)
			strbuf_printf(&name, "%s.", s->name);
		strbuf_addz(&name, s->options[i].name);
		vec_push(a, &c->names.list, strbuf_str(&name));
	}
}

struct str explain_nearest(struct arena *a, const char *name)
{
	struct candidates c = {.names.arena = a, .qualified = strchr(name, '.') != NULL};

	for (size_t i = 0; i < DIAG_NCODES; i++)
		vec_push(a, &c.names.list, str_of(diag_info_of((enum diag_code)i)->slug));
	schema_each(add_candidates, &c);
	return suggest_one(str_of(name), &c.names);
}
