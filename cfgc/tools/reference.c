/* reference.c - the schema as text, JSON and Markdown. */
#include "tools/reference.h"

#include "support/array.h"
#include "support/strbuf.h"

struct reference {
	struct strbuf *out;
	enum reference_form form;
	const char *name; /* NULL: everything */
	size_t nsections; /* printed so far */
};

static const struct {
	unsigned flag;
	const char *word;
} words[] = {
	{OPT_REQUIRED, "required"},       {OPT_MULTI, "several"},
	{OPT_PER_HOST, "per host"},       {OPT_DEAD, "no effect"},
	{OPT_DEPRECATED, "deprecated"},   {OPT_REFUSED, "refused"},
	{OPT_UNSUPPORTED, "unsupported"}, {OPT_SECRET, "secret"},
	{OPT_NOOP, "nothing to do"},
};

static bool is_wanted(const struct reference *r, const struct section *s, const struct option *o)
{
	return r->name == NULL || strcmp(s->name, r->name) == 0 || strcmp(o->name, r->name) == 0;
}

static size_t count_wanted(const struct reference *r, const struct section *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->noptions; i++)
		n += is_wanted(r, s, &s->options[i]);
	return n;
}

/* ---- JSON ---- */

static void add_field(struct reference *r, const char *name, const char *value)
{
	strbuf_printf(r->out, "\"%s\":", name);
	if (value == NULL)
		strbuf_addz(r->out, "null");
	else
		strbuf_add_json(r->out, str_of(value));
}

static void json_flags(struct reference *r, unsigned flags)
{
	const char *separator = "";

	strbuf_addz(r->out, ",\"flags\":[");
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if ((flags & words[i].flag) == 0)
			continue;
		strbuf_printf(r->out, "%s\"%s\"", separator, words[i].word);
		separator = ",";
	}
	strbuf_addc(r->out, ']');
}

static void json_option(struct reference *r, const struct option *o)
{
	strbuf_addz(r->out, "\n  {");
	add_field(r, "name", o->name);
	strbuf_addz(r->out, ",\"written\":");
	strbuf_add_json(r->out, option_describe(r->out->arena, o));
	strbuf_addz(r->out, ",\"type\":");
	strbuf_add_json(r->out, type_describe(r->out->arena, o->type));
	strbuf_addc(r->out, ',');
	add_field(r, "default", o->dflt);
	strbuf_addc(r->out, ',');
	add_field(r, "help", o->help);
	strbuf_addc(r->out, ',');
	add_field(r, "note", o->note);
	json_flags(r, o->flags);
	strbuf_addc(r->out, '}');
}

static void json_section(struct reference *r, const char *group, const struct section *s)
{
	const char *separator = "";

	strbuf_addz(r->out, r->nsections != 0 ? ",\n{" : "\n{");
	add_field(r, "group", group);
	strbuf_addc(r->out, ',');
	add_field(r, "name", s->name);
	strbuf_addc(r->out, ',');
	add_field(r, "title", s->title);
	strbuf_addc(r->out, ',');
	add_field(r, "help", s->help);
	strbuf_printf(r->out, ",\"supported\":%s,",
		      (s->flags & OPT_UNSUPPORTED) != 0 ? "false" : "true");
	add_field(r, "note", s->note);
	strbuf_addz(r->out, ",\"options\":[");
	for (size_t i = 0; i < s->noptions; i++) {
		if (!is_wanted(r, s, &s->options[i]))
			continue;
		strbuf_addz(r->out, separator);
		json_option(r, &s->options[i]);
		separator = ",";
	}
	strbuf_addz(r->out, "]}");
}

/* ---- Markdown ---- */

/* In a cell a bar would end it. */
static void add_cell(struct reference *r, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '|' || text.p[i] == '<' || text.p[i] == '*' || text.p[i] == '_')
			strbuf_addc(r->out, '\\');
		strbuf_addc(r->out, text.p[i] == '\n' ? ' ' : text.p[i]);
	}
}

static void add_code(struct reference *r, struct str text)
{
	strbuf_addc(r->out, '`');
	for (size_t i = 0; i < text.n; i++)
		strbuf_printf(r->out, "%s%c", text.p[i] == '|' ? "\\" : "", text.p[i]);
	strbuf_addc(r->out, '`');
}

/* The help of what has no effect or is refused says so already. */
static void add_remarks(struct reference *r, const struct option *o)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if ((o->flags & words[i].flag & ~(unsigned)(OPT_DEAD | OPT_REFUSED)) != 0)
			strbuf_printf(r->out, "; %s", words[i].word);
	if (o->note == NULL)
		return;
	strbuf_addz(r->out, ": ");
	if (r->form == REFERENCE_MARKDOWN)
		add_cell(r, str_of(o->note));
	else
		strbuf_addz(r->out, o->note);
}

static void markdown_section(struct reference *r, const char *group, const struct section *s)
{
	strbuf_printf(r->out, "%s## %s `%s`\n\n", r->nsections != 0 ? "\n" : "", group, s->name);
	add_cell(r, str_of(s->help != NULL ? s->help : s->title));
	strbuf_addz(r->out, ".\n");
	if ((s->flags & OPT_UNSUPPORTED) != 0)
		strbuf_printf(r->out, "\nNot supported by xmppd%s%s.\n",
			      s->note != NULL ? ": " : "", s->note != NULL ? s->note : "");
	if (count_wanted(r, s) == 0)
		return;
	strbuf_addz(r->out, "\n| Option | Default | Meaning |\n|---|---|---|\n");
	for (size_t i = 0; i < s->noptions; i++) {
		const struct option *o = &s->options[i];

		if (!is_wanted(r, s, o))
			continue;
		strbuf_addz(r->out, "| ");
		add_code(r, option_describe(r->out->arena, o));
		strbuf_addz(r->out, " | ");
		if (o->dflt != NULL)
			add_code(r, str_of(o->dflt));
		strbuf_addz(r->out, " | ");
		add_cell(r, str_of(o->help));
		add_remarks(r, o);
		strbuf_addz(r->out, " |\n");
	}
}

/* ---- text ---- */

static void text_section(struct reference *r, const char *group, const struct section *s)
{
	strbuf_printf(r->out, "%s%s %s: %s%s\n", r->nsections != 0 ? "\n" : "", group, s->name,
		      s->help != NULL ? s->help : s->title,
		      (s->flags & OPT_UNSUPPORTED) != 0 ? " (not supported by xmppd)" : "");
	for (size_t i = 0; i < s->noptions; i++) {
		const struct option *o = &s->options[i];

		if (!is_wanted(r, s, o))
			continue;
		strbuf_printf(r->out, "  %.*s\n      %s",
			      STR_ARG(option_describe(r->out->arena, o)), o->help);
		if (o->dflt != NULL)
			strbuf_printf(r->out, " (default %s)", o->dflt);
		add_remarks(r, o);
		strbuf_addc(r->out, '\n');
	}
}

static void print_section(void *ctx, const char *group, const struct section *s)
{
	struct reference *r = ctx;

	if (r->name != NULL && strcmp(s->name, r->name) != 0 && count_wanted(r, s) == 0)
		return;
	switch (r->form) {
	case REFERENCE_TEXT:
		text_section(r, group, s);
		break;
	case REFERENCE_JSON:
		json_section(r, group, s);
		break;
	case REFERENCE_MARKDOWN:
		markdown_section(r, group, s);
		break;
	}
	r->nsections++;
}

bool reference_print(struct strbuf *out, enum reference_form form, const char *name)
{
	struct reference r = {.out = out, .form = form, .name = name};

	if (form == REFERENCE_JSON)
		strbuf_addc(out, '[');
	schema_each(print_section, &r);
	if (form == REFERENCE_JSON)
		strbuf_addz(out, "\n]\n");
	return r.nsections != 0;
}
