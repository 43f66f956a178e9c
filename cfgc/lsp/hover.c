/* hover.c - what is known about the word at the cursor: an option's row of the schema and the value
 * that holds, a name's definition, a code's explanation. */
#include "lsp/context.h"
#include "lsp/occur.h"
#include "lsp/server.h"
#include "support/array.h"
#include "tools/explain.h"

/* A definition longer than this is cut. Bytes. */
#define LONGEST_QUOTE 2000u

/* ---- options ---- */

static void add_paragraph(struct strbuf *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void add_paragraph(struct strbuf *out, const char *format, ...)
{
	va_list ap;

	if (out->n != 0)
		strbuf_addz(out, "\n\n");
	va_start(ap, format);
	strbuf_vprintf(out, format, ap);
	va_end(ap);
}

static void add_code(struct strbuf *out, struct str text)
{
	add_paragraph(out, "```erlang\n%.*s\n```", STR_ARG(text));
}

/* What MongooseIM 3.2.0 and this server do with an option, by its flags. */
static void add_behaviour(struct strbuf *out, const struct option *o)
{
	static const struct {
		unsigned flag;
		const char *text;
	} rows[] = {
		{OPT_REQUIRED, "Required."},
		{OPT_MULTI, "May be given several times."},
		{OPT_DEAD, "MongooseIM 3.2.0 reads it nowhere"},
		{OPT_DEPRECATED, "Deprecated"},
		{OPT_REFUSED, "Cannot be used here"},
		{OPT_UNSUPPORTED, "MongooseIM 3.2.0 has it, xmppd does not yet"},
		{OPT_NOOP, "Accepted, without effect in xmppd"},
	};
	bool said = o->note == NULL;

	if (o->same_as != NULL)
		add_paragraph(out, "The manual has this name; MongooseIM 3.2.0 reads `%s`.",
			      o->same_as);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool takes_note = rows[i].text[strlen(rows[i].text) - 1] != '.';

		if ((o->flags & rows[i].flag) == 0)
			continue;
		if (takes_note && !said)
			add_paragraph(out, "%s: %s.", rows[i].text, o->note);
		else
			add_paragraph(out, "%s%s", rows[i].text, takes_note ? "." : "");
		said = said || takes_note;
	}
	if (!said)
		add_paragraph(out, "%s.", o->note);
}

/* ---- the value that holds ---- */

static bool covers(const struct analysis *an, struct span outer, uint32_t file, uint32_t off)
{
	struct span at = analysis_place(an, outer);

	return at.file == file && at.off <= off && off < at.off + at.len;
}

/* The innermost option list around a place. */
static const struct bound *innermost(const struct analysis *an, const struct bound *b,
				     uint32_t file, uint32_t off)
{
	for (size_t i = 0; b->values != NULL && i < b->section->noptions; i++) {
		const struct value *v = &b->values[i];

		if (v->given && v->sub != NULL && covers(an, v->at, file, off))
			return innermost(an, v->sub, file, off);
	}
	return b;
}

static const struct bound *bound_around(const struct analysis *an, uint32_t file, uint32_t off)
{
	const struct model *m = an->run.model;

	for (size_t i = 0; i < m->listeners.n; i++)
		if (covers(an, m->listeners.at[i]->at, file, off))
			return innermost(an, m->listeners.at[i]->options, file, off);
	for (size_t i = 0; i < m->modules.n; i++)
		if (covers(an, m->modules.at[i]->at, file, off))
			return innermost(an, m->modules.at[i]->options, file, off);
	return NULL;
}

static const struct value *top_value(const struct model *m, const struct option *o, struct str host)
{
	size_t row = (size_t)(o - schema_top.options);
	const struct host *h = host.n != 0 ? names_find(&m->host_names, host) : NULL;

	return h != NULL ? h->settings[row] : m->settings[row];
}

static const struct value *value_at(const struct analysis *an, const struct context *c,
				    const struct option *o, const struct section *section,
				    uint32_t file)
{
	const struct bound *b;

	if (an->run.model == NULL)
		return NULL;
	if (section == &schema_top)
		return top_value(an->run.model, o, c->host);
	b = bound_around(an, file, c->word.off);
	if (b == NULL || b->section != section || b->values == NULL)
		return NULL;
	return &b->values[o - section->options];
}

static void add_value(struct request *r, struct strbuf *out, const struct context *c,
		      const struct option *o, const struct section *section)
{
	const struct value *v = value_at(r->analysis, c, o, section, r->file);
	struct strbuf text = {.arena = r->arena};
	struct span at;
	uint32_t line;

	if (o->dflt != NULL)
		add_paragraph(out, "Default: `%s`", o->dflt);
	if (v == NULL || v->term == NULL || !v->given)
		return;
	if ((o->flags & OPT_SECRET) != 0)
		strbuf_addz(&text, "(secret)");
	else
		term_print(&text, v->term);
	if (text.n > 100)
		return; /* one look at the file shows it better */
	at = analysis_place(r->analysis, v->at);
	if (at.file == NO_FILE)
		return;
	line = source_position(&r->analysis->run.sources, at.file, at.off).line;
	if (at.file == r->file)
		add_paragraph(out, "In force: `%.*s`, from line %u", STR_ARG(strbuf_str(&text)),
			      line);
	else
		add_paragraph(out, "In force: `%.*s`, from %.*s, line %u",
			      STR_ARG(strbuf_str(&text)),
			      STR_ARG(r->analysis->run.sources.files.at[at.file]->path), line);
}

static void add_option(struct request *r, struct strbuf *out, const struct context *c,
		       const struct option *o, const struct section *section)
{
	add_code(out, option_describe(r->arena, o));
	add_paragraph(out, "`%s`, an option of %s: %s.", o->name, section->title, o->help);
	if ((o->flags & (OPT_DEAD | OPT_REFUSED)) == 0 && o->type != NULL && o->form != FORM_FLAG)
		add_paragraph(out, "Value: %.*s", STR_ARG(type_describe(r->arena, o->type)));
	add_value(r, out, c, o, section);
	add_behaviour(out, o);
	if (section == &schema_top && (o->flags & OPT_PER_HOST) != 0)
		add_paragraph(out, "May be set per host, in `host_config`.");
}

static void add_section(struct strbuf *out, const struct section *s)
{
	add_paragraph(out, "`%s`: %s.", section_written(s), s->help);
	if ((s->flags & OPT_UNSUPPORTED) != 0)
		add_paragraph(out, "MongooseIM 3.2.0 has it, xmppd does not yet.");
	if ((s->flags & OPT_DEPRECATED) != 0)
		add_paragraph(out, "Deprecated.");
	if (s->note != NULL)
		add_paragraph(out, "%s.", s->note);
	if (s->noptions != 0)
		add_paragraph(out, "It has %zu options: `cfgc options %s` lists them.", s->noptions,
			      s->name);
}

/* ---- names ---- */

static void add_definition(struct request *r, struct strbuf *out, const struct occurrence *o)
{
	struct span at = analysis_place(r->analysis, o->form->at);
	struct str text;

	if (at.file == NO_FILE)
		return;
	text = source_text(&r->analysis->run.sources, at);
	if (r->analysis->run.sources.files.at[at.file]->latin1)
		return; /* these bytes are no UTF-8 */
	if (text.n > LONGEST_QUOTE) {
		text.n = LONGEST_QUOTE;
		while (((unsigned char)text.p[text.n] & 0xC0) == 0x80)
			text.n--;
	}
	if (o->host.n != 0)
		add_paragraph(out, "For host %.*s:", STR_ARG(o->host));
	add_code(out, text);
}

static void add_name(struct request *r, struct strbuf *out, const struct occurrence *here)
{
	const struct occurrences *all = occurrences_of(r->analysis);
	size_t nuses = 0, ndefinitions = 0;

	for (size_t i = 0; i < all->list.n; i++)
		if (is_same_name(&all->list.at[i], here))
			*(all->list.at[i].is_definition ? &ndefinitions : &nuses) += 1;
	add_paragraph(out, "%s `%.*s`, used %zu time%s%s", name_kind_text(here->kind),
		      STR_ARG(here->name), nuses, nuses == 1 ? "" : "s",
		      ndefinitions == 0 ? ", not defined" : "");
	for (size_t i = 0; here->kind != NAME_HOST && i < all->list.n; i++)
		if (is_same_name(&all->list.at[i], here) && all->list.at[i].is_definition)
			add_definition(r, out, &all->list.at[i]);
}

/* ---- codes ---- */

static const struct diag_info *code_at(struct str text, size_t at, size_t *start)
{
	size_t from = at, to = at;

	while (from > 0 && text.p[from - 1] >= '0' && text.p[from - 1] <= '9')
		from--;
	if (from > 0 && (text.p[from - 1] == 'E' || text.p[from - 1] == 'W'))
		from--;
	while (to < text.n && ((text.p[to] >= '0' && text.p[to] <= '9') || to == from))
		to++;
	*start = from;
	for (size_t i = 0; i < DIAG_NCODES; i++)
		if (str_eqz((struct str){text.p + from, to - from}, diag_infos[i].id))
			return &diag_infos[i];
	return NULL;
}

static void add_explanation(struct strbuf *out, const struct diag_info *info)
{
	struct strbuf page = {.arena = out->arena};

	if (explain_print(&page, info->id, false))
		add_paragraph(out, "%.*s", STR_ARG(strbuf_str(&page)));
	else
		add_paragraph(out, "**%s %s**: %s", info->id, info->slug, info->summary);
}

/* A code in a comment: a waiver, or a note of the author. */
static void hover_comment(struct request *r, struct strbuf *out, struct context *c)
{
	struct str text = source_text(&r->analysis->run.sources, c->comment);
	size_t start;
	const struct diag_info *info = code_at(text, r->offset - c->comment.off, &start);

	if (info == NULL)
		return;
	add_explanation(out, info);
	c->word = (struct span){c->comment.file, c->comment.off + (uint32_t)start, 5};
}

/* ---- the request ---- */

static void hover_word(struct request *r, struct strbuf *out, const struct context *c)
{
	const struct occurrence *o = occurrence_at(r->analysis, r->file, r->offset);
	struct str word = token_bare(source_text(&r->analysis->run.sources, c->word));
	const struct expect *e = &c->expect;
	const struct option *option = NULL;
	const struct section *section;

	if (e->is_list)
		return;
	if (e->kind == EXPECT_OPTION || e->kind == EXPECT_ELEMENT || e->kind == EXPECT_ADDED) {
		section = e->kind == EXPECT_ADDED ? &schema_top : e->section;
		option = c->word_kind == TOK_ATOM ? schema_option(section, word) : NULL;
		if (option != NULL)
			add_option(r, out, c, option, section);
		return;
	}
	if (e->kind == EXPECT_NAME && section_named(e->group, word) != NULL) {
		add_section(out, section_named(e->group, word));
		return;
	}
	if (o != NULL)
		add_name(r, out, o);
	if (e->option != NULL && e->kind == EXPECT_VALUE && e->section != NULL)
		add_option(r, out, c, e->option, e->section);
}

void handle_hover(struct request *r)
{
	struct strbuf text = {.arena = r->arena};
	struct context c;

	context_find(r->arena, &r->analysis->run.sources, r->file, r->offset, &c);
	if (c.in_comment)
		hover_comment(r, &text, &c);
	else if (c.word_kind != TOK_EOF)
		hover_word(r, &text, &c);
	if (text.n == 0)
		return;
	strbuf_addz(&r->out, "{\"contents\":{\"kind\":\"markdown\",\"value\":");
	strbuf_add_json(&r->out, strbuf_str(&text));
	strbuf_addz(&r->out, "},\"range\":");
	write_range(&r->out, r->server, r->analysis, c.word);
	strbuf_addc(&r->out, '}');
}
