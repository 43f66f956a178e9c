/* navigate.c - from a name to where it is defined and used, and to another name. */
#include "lsp/occur.h"
#include "lsp/server.h"
#include "model/prep.h"
#include "support/utf8.h"

/* ---- going somewhere ---- */

static void write_matching(struct request *r, const struct occurrence *here, bool definitions,
			   bool uses)
{
	const struct occurrences *all = occurrences_of(r->analysis);
	bool any = false;

	strbuf_addc(&r->out, '[');
	for (size_t i = 0; here != NULL && i < all->list.n; i++) {
		const struct occurrence *o = &all->list.at[i];

		if (!is_same_name(o, here) || !(o->is_definition ? definitions : uses))
			continue;
		if (any)
			strbuf_addc(&r->out, ',');
		any = true;
		write_location(&r->out, r->server, r->analysis, o->at);
	}
	strbuf_addc(&r->out, ']');
}

/* {include_config_file, "File"}: the file. @return false when the cursor is not in one. */
static bool go_to_include(struct request *r)
{
	const struct analysis *an = r->analysis;

	for (uint32_t i = 0; i < an->ninputs; i++) {
		struct span at = analysis_place(an, an->run.sources.files.at[i]->included_at);

		if (an->paths[i] == NULL || at.file != r->file || r->offset < at.off ||
		    r->offset >= at.off + at.len)
			continue;
		strbuf_addc(&r->out, '[');
		write_location(&r->out, r->server, r->analysis, (struct span){an->same[i], 0, 0});
		strbuf_addc(&r->out, ']');
		return true;
	}
	return false;
}

void handle_definition(struct request *r)
{
	if (!go_to_include(r))
		write_matching(r, occurrence_at(r->analysis, r->file, r->offset), true, false);
}

void handle_references(struct request *r)
{
	write_matching(r, occurrence_at(r->analysis, r->file, r->offset),
		       json_flag(json_path(r->params, "context.includeDeclaration")), true);
}

void handle_highlight(struct request *r)
{
	const struct occurrence *here = occurrence_at(r->analysis, r->file, r->offset);
	const struct occurrences *all = occurrences_of(r->analysis);
	bool any = false;

	strbuf_addc(&r->out, '[');
	for (size_t i = 0; here != NULL && i < all->list.n; i++) {
		const struct occurrence *o = &all->list.at[i];

		if (!is_same_name(o, here) || o->at.file != r->file)
			continue;
		strbuf_addz(&r->out, any ? ",{\"range\":" : "{\"range\":");
		any = true;
		write_range(&r->out, r->server, r->analysis, o->at);
		strbuf_printf(&r->out, ",\"kind\":%d}", o->is_definition ? 3 : 2); /* write, read */
	}
	strbuf_addc(&r->out, ']');
}

/* ---- renaming: all places or none ---- */

static const struct occurrence *find_name(struct analysis *an, enum name_kind kind, struct str name,
					  bool definition)
{
	const struct occurrences *all = occurrences_of(an);

	for (size_t i = 0; i < all->list.n; i++)
		if (all->list.at[i].kind == kind && str_eq(all->list.at[i].name, name) &&
		    (all->list.at[i].is_definition || !definition))
			return &all->list.at[i];
	return NULL;
}

/* A form that did not parse may hold the name as well. */
static bool is_broken(const struct analysis *an)
{
	for (size_t i = 0; i < an->run.diags.list.n; i++) {
		enum diag_code code = an->run.diags.list.at[i]->code;

		if (an->run.diags.list.at[i]->level == DIAG_ERROR && code < E0202)
			return true;
	}
	return false;
}

/* Options of which the file says nothing, whose default is this rule, or a rule that the server
 * itself asks for by its name. */
static const struct rule_use *silent_use(const struct analysis *an, const struct occurrence *o)
{
	const struct rule *rule = o->kind == NAME_RULE && an->run.model != NULL
					  ? names_find(&an->run.model->rule_names, o->name)
					  : NULL;

	for (size_t i = 0; rule != NULL && i < rule->uses.n; i++)
		if (rule->uses.at[i].at.file == NO_FILE)
			return &rule->uses.at[i];
	return NULL;
}

/* @return the name at the cursor, or NULL after an error. */
static const struct occurrence *renamed(struct request *r)
{
	const struct occurrence *here = occurrence_at(r->analysis, r->file, r->offset);
	const struct occurrences *all = occurrences_of(r->analysis);
	const struct rule_use *silent;

	if (here == NULL) {
		request_fail(r, LSP_REQUEST_FAILED, "no name of the configuration is here");
		return NULL;
	}
	if (is_broken(r->analysis)) {
		request_fail(r, LSP_REQUEST_FAILED,
			     "the syntax errors have to be mended first: what does not parse may "
			     "hold this name too");
		return NULL;
	}
	if (find_name(r->analysis, here->kind, here->name, true) == NULL) {
		request_fail(r, LSP_REQUEST_FAILED, "%s '%.*s' is not defined",
			     name_kind_text(here->kind), STR_ARG(here->name));
		return NULL;
	}
	silent = silent_use(r->analysis, here);
	if (silent != NULL) {
		request_fail(
			r, LSP_REQUEST_FAILED,
			"access rule '%.*s' is also asked for by %.*s, which does not stand in "
			"the file",
			STR_ARG(here->name), STR_ARG(silent->what));
		return NULL;
	}
	for (size_t i = 0; i < all->list.n; i++) {
		if (!is_same_name(&all->list.at[i], here) ||
		    all->list.at[i].written.file != NO_FILE)
			continue;
		request_fail(r, LSP_REQUEST_FAILED,
			     "one place of this name comes out of a template or another encoding");
		return NULL;
	}
	return here;
}

void handle_prepare_rename(struct request *r)
{
	const struct occurrence *here = renamed(r);

	if (here == NULL)
		return;
	strbuf_addz(&r->out, "{\"range\":");
	write_range(&r->out, r->server, r->analysis, here->at);
	strbuf_addz(&r->out, ",\"placeholder\":");
	strbuf_add_json(&r->out, here->name);
	strbuf_addc(&r->out, '}');
}

/* The name that the client means: with or without the quotes it will get. */
static struct str wanted_name(struct str text)
{
	bool quoted = text.n > 2 && text.p[0] == text.p[text.n - 1] &&
		      (text.p[0] == '\'' || text.p[0] == '"');

	return quoted ? (struct str){text.p + 1, text.n - 2} : text;
}

static const char *why_no_atom(struct str name)
{
	if (name.n == 0)
		return "a name is not empty";
	if (utf8_count(name) > 255)
		return "an atom has at most 255 characters";
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7F)
			return "an atom with control characters is not written here";
	return NULL;
}

static bool is_one_of(struct str name, const char *const *words)
{
	for (; *words != NULL; words++)
		if (str_eqz(name, *words))
			return true;
	return false;
}

/* @return NULL, or why this cannot be the new name. */
static const char *why_not(struct request *r, enum name_kind kind, struct str name)
{
	static const char *const reserved[] = {"all", "none", NULL};
	static const char *const verdicts[] = {"none",    "allow",    "deny",
					       "default", "infinity", NULL};
	struct str prepared;
	const char *why;

	if (kind == NAME_HOST) {
		why = prep(r->arena, PREP_NODE, name, &prepared);
		if (why == NULL && !str_eq(name, prepared))
			return "it is compared in another spelling";
		if (why == NULL && memchr(name.p, '@', name.n) != NULL)
			return "a domain holds no '@'";
		return why;
	}
	why = why_no_atom(name);
	if (why != NULL)
		return why;
	if ((kind == NAME_MACRO) != is_macro_name(name))
		return kind == NAME_MACRO ? "a macro's name has capitals and no small letters"
					  : "a name in capitals is that of a macro";
	if (kind == NAME_SHAPER && is_one_of(name, verdicts))
		return "as the value of a rule it has a meaning already";
	if ((kind == NAME_RULE || kind == NAME_SET) && is_one_of(name, reserved))
		return "it has a built-in meaning";
	return NULL;
}

static struct str written_as(struct request *r, const struct term *like, struct str name)
{
	struct strbuf out = {.arena = r->arena};
	struct term t = {.kind = like->kind, .at = NO_SPAN, .used_at = NO_SPAN, .text = name};

	term_print(&out, &t);
	return strbuf_str(&out);
}

static void write_renamed(struct request *r, const struct occurrence *here, struct str name)
{
	const struct occurrences *all = occurrences_of(r->analysis);
	struct text_edits edits = {0};

	for (size_t i = 0; i < all->list.n; i++) {
		const struct occurrence *o = &all->list.at[i];
		struct text_edit edit = {o->at, {NULL, 0}};

		if (!is_same_name(o, here))
			continue;
		edit.with = written_as(r, o->term, name);
		vec_push(r->arena, &edits.list, edit);
	}
	write_workspace_edit(&r->out, r->server, r->analysis, &edits);
}

void handle_rename(struct request *r)
{
	struct str name = wanted_name(json_text(json_member(r->params, "newName")));
	const struct occurrence *here;
	const char *why;

	if (name.p == NULL) {
		request_fail(r, LSP_INVALID_PARAMS, "no new name");
		return;
	}
	here = renamed(r);
	if (here == NULL)
		return;
	why = why_not(r, here->kind, name);
	if (why != NULL)
		request_fail(r, LSP_REQUEST_FAILED, "'%.*s' cannot be the name of %s %s: %s",
			     STR_ARG(name),
			     here->kind == NAME_SET || here->kind == NAME_RULE ? "an" : "a",
			     name_kind_text(here->kind), why);
	else if (!str_eq(name, here->name) &&
		 find_name(r->analysis, here->kind, name, false) != NULL)
		request_fail(r, LSP_REQUEST_FAILED, "there is %s %s '%.*s' already",
			     here->kind == NAME_SET || here->kind == NAME_RULE ? "an" : "a",
			     name_kind_text(here->kind), STR_ARG(name));
	else
		write_renamed(r, here, name);
}
