/* sarif.c - findings as SARIF 2.1.0: one run, a rule for every code, one result per finding. */
#include <ctype.h>
#include <inttypes.h>

#include "diag/report.h"
#include "pages/pages.h"

#define SCHEMA_URI                                                                                 \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"                      \
	"sarif-schema-2.1.0.json"

static void add_text(struct strbuf *out, const char *name, struct str text)
{
	strbuf_printf(out, "\"%s\":{\"text\":", name);
	strbuf_add_json(out, text);
	strbuf_addc(out, '}');
}

/* "unknown-option" -> "UnknownOption", the form that the standard wants for a rule's name. */
static void add_rule_name(struct strbuf *out, const char *slug)
{
	bool begins = true;

	for (; *slug != '\0'; slug++) {
		if (*slug == '-') {
			begins = true;
			continue;
		}
		strbuf_addc(out, begins ? (char)toupper((unsigned char)*slug) : *slug);
		begins = false;
	}
}

/* The paragraphs of a page between its title and the next heading. */
static struct str prose_of(const char *page)
{
	const char *from = strchr(page, '\n'), *to;

	if (from == NULL)
		return str_of(page);
	from += strspn(from, "\n");
	to = strstr(from, "\n\n## ");
	return to != NULL ? (struct str){from, (size_t)(to - from)} : str_of(from);
}

/* The first paragraph, in one line. */
static void add_first_paragraph(struct strbuf *out, struct str prose)
{
	for (size_t i = 0; i < prose.n; i++) {
		if (prose.p[i] != '\n')
			strbuf_addc(out, prose.p[i]);
		else if (i + 1 < prose.n && prose.p[i + 1] == '\n')
			break;
		else
			strbuf_addc(out, ' ');
	}
}

/* The standard wants plain text beside Markdown: the paragraphs of a page are both. */
static void add_page(struct strbuf *out, const char *page)
{
	struct strbuf full = {.arena = out->arena};
	struct str prose = prose_of(page);

	add_first_paragraph(&full, prose);
	add_text(out, "fullDescription", strbuf_str(&full));
	strbuf_addz(out, ",\"help\":{\"text\":");
	strbuf_add_json(out, prose);
	strbuf_addz(out, ",\"markdown\":");
	strbuf_add_json(out, str_of(page));
	strbuf_addc(out, '}');
}

static void print_rule(struct strbuf *out, enum diag_code code)
{
	const struct diag_info *info = diag_info_of(code);

	strbuf_printf(out, "{\"id\":\"%s\",\"name\":\"", info->id);
	add_rule_name(out, info->slug);
	strbuf_addz(out, "\",");
	add_text(out, "shortDescription", str_of(info->summary));
	if (page_texts[code] != NULL) {
		strbuf_addc(out, ',');
		add_page(out, page_texts[code]);
	}
	strbuf_printf(out, ",\"defaultConfiguration\":{\"level\":\"%s\"}}",
		      diag_level_word(info->level));
}

static bool is_uri_char(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("-._~/!$&'()*+,;=@", c) != NULL);
}

/* A reference as of RFC 3986; a colon in the first segment would look like a scheme. */
static void add_uri(struct strbuf *out, struct str path)
{
	strbuf_addz(out, path.n != 0 && path.p[0] == '/' ? "\"file://" : "\"");
	for (size_t i = 0; i < path.n; i++) {
		if (is_uri_char(path.p[i]))
			strbuf_addc(out, path.p[i]);
		else
			strbuf_printf(out, "%%%02X", (unsigned char)path.p[i]);
	}
	strbuf_addc(out, '"');
}

static void add_artifact(struct strbuf *out, struct str path)
{
	strbuf_addz(out, "\"artifactLocation\":{\"uri\":");
	add_uri(out, path);
	strbuf_addc(out, '}');
}

static void add_region(struct strbuf *out, const char *name, struct diag_range range)
{
	strbuf_printf(
		out, "\"%s\":{\"startLine\":%u,\"startColumn\":%u,\"endLine\":%u,\"endColumn\":%u}",
		name, range.first.line, range.first.column, range.last.line, range.last.column);
}

static void add_physical(struct strbuf *out, const struct diags *dl, struct span at)
{
	struct diag_range range = diag_range_of(dl, at);

	strbuf_addz(out, "\"physicalLocation\":{");
	add_artifact(out, range.path);
	strbuf_addc(out, ',');
	add_region(out, "region", range);
	strbuf_addc(out, '}');
}

static void print_locations(struct strbuf *out, const struct diag_report *r, const struct diag *d)
{
	struct str path = diag_path(r->diags, d);

	if (path.n == 0) /* the command line has no place */
		return;
	strbuf_addz(out, ",\"locations\":[{");
	if (d->labels.n != 0) {
		add_physical(out, r->diags, d->labels.at[0].at);
	} else {
		strbuf_addz(out, "\"physicalLocation\":{");
		add_artifact(out, path);
		strbuf_addc(out, '}');
	}
	if (d->labels.n != 0 && d->labels.at[0].text.n != 0) {
		strbuf_addc(out, ',');
		add_text(out, "message", d->labels.at[0].text);
	}
	strbuf_addz(out, "}]");
	if (d->labels.n < 2)
		return;
	strbuf_addz(out, ",\"relatedLocations\":[");
	for (size_t i = 1; i < d->labels.n; i++) {
		strbuf_printf(out, "%s{\"id\":%zu,", i != 1 ? "," : "", i);
		add_physical(out, r->diags, d->labels.at[i].at);
		strbuf_addc(out, ',');
		add_text(out, "message", d->labels.at[i].text);
		strbuf_addc(out, '}');
	}
	strbuf_addc(out, ']');
}

/* Edits of one file are one change of that file. */
static bool is_first_of_file(const struct diag *d, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (d->fix.at[j].at.file == d->fix.at[i].at.file)
			return false;
	return true;
}

static void print_change(struct strbuf *out, const struct diags *dl, const struct diag *d,
			 size_t first)
{
	uint32_t file = d->fix.at[first].at.file;

	strbuf_addz(out, first != 0 ? ",{" : "{");
	add_artifact(out, dl->sources->files.at[file]->path);
	strbuf_addz(out, ",\"replacements\":[");
	for (size_t i = first; i < d->fix.n; i++) {
		const struct diag_edit *edit = &d->fix.at[i];

		if (edit->at.file != file)
			continue;
		strbuf_addz(out, i != first ? ",{" : "{");
		add_region(out, "deletedRegion", diag_range_of(dl, edit->at));
		strbuf_addc(out, ',');
		add_text(out, "insertedContent", edit->with);
		strbuf_addc(out, '}');
	}
	strbuf_addz(out, "]}");
}

static void print_fix(struct strbuf *out, const struct diags *dl, const struct diag *d)
{
	strbuf_addz(out, ",\"fixes\":[{");
	if (d->help.n != 0) {
		add_text(out, "description", d->help);
		strbuf_addc(out, ',');
	}
	strbuf_addz(out, "\"artifactChanges\":[");
	for (size_t i = 0; i < d->fix.n; i++)
		if (is_first_of_file(d, i))
			print_change(out, dl, d, i);
	strbuf_printf(out, "],\"properties\":{\"safe\":%s}}]", d->fix_is_unsafe ? "false" : "true");
}

static void print_result(struct strbuf *out, const struct diag_report *r, const struct diag *d,
			 uint64_t fingerprint)
{
	struct strbuf text = {.arena = out->arena};

	strbuf_add(&text, d->message);
	for (size_t n = 0; n < d->notes.n; n++)
		strbuf_printf(&text, "\nnote: %.*s", STR_ARG(d->notes.at[n]));
	if (d->help.n != 0)
		strbuf_printf(&text, "\nhelp: %.*s", STR_ARG(d->help));
	strbuf_printf(out, "{\"ruleId\":\"%s\",\"ruleIndex\":%u,\"level\":\"%s\",",
		      diag_info_of(d->code)->id, (unsigned)d->code, diag_level_word(d->level));
	add_text(out, "message", strbuf_str(&text));
	print_locations(out, r, d);
	strbuf_printf(out, ",\"partialFingerprints\":{\"cfgcWords/v1\":\"%016" PRIx64 "\"}",
		      fingerprint);
	if (d->fix.n != 0)
		print_fix(out, r->diags, d);
	if (d->waived_by.n != 0) {
		strbuf_addz(out, ",\"suppressions\":[{\"kind\":\"inSource\",\"justification\":");
		strbuf_add_json(out, d->waived_by);
		strbuf_addz(out, "}]");
	}
	strbuf_addc(out, '}');
}

void diag_print_sarif(struct strbuf *out, const struct diag_report *r)
{
	struct diag_list all = diags_with_waived(out->arena, r->diags);
	const uint64_t *fingerprints = diag_fingerprints(out->arena, r->diags, &all);

	strbuf_addz(out, "{\"$schema\":\"" SCHEMA_URI "\",\"version\":\"2.1.0\",\"runs\":[{\n"
			 "\"tool\":{\"driver\":{\"name\":\"cfgc\",\"version\":\"" CFGC_VERSION
			 "\",\"rules\":[");
	for (size_t i = 0; i < DIAG_NCODES; i++) {
		strbuf_addz(out, i != 0 ? ",\n" : "\n");
		print_rule(out, (enum diag_code)i);
	}
	/* The tool failed only when the world did: findings are what it is for. */
	strbuf_printf(out,
		      "\n]}},\n\"columnKind\":\"unicodeCodePoints\",\n"
		      "\"invocations\":[{\"executionSuccessful\":%s,\"exitCode\":%d}],\n"
		      "\"results\":[",
		      r->exit_status <= 1 ? "true" : "false", r->exit_status);
	for (size_t i = 0; i < all.n; i++) {
		strbuf_addz(out, i != 0 ? ",\n" : "\n");
		print_result(out, r, all.at[i], fingerprints[i]);
	}
	strbuf_addz(out, "\n]}]}\n");
}
