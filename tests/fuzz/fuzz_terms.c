/* fuzz_terms.c - any bytes at all, as a configuration: the compiler's front end ends, reports or
 * builds, and what it builds can be printed and read back.
 *
 * Checked on every input: each label lies inside its file, an input without errors prints as Erlang
 * that reads back as the same terms, and both printers take every diagnostic.
 */
#include <stdint.h>
#include <stdlib.h>

#include "diag/report.h"
#include "options.h"
#include "support/assert.h"
#include "support/strbuf.h"
#include "syntax/macros.h"
#include "syntax/parser.h"
#include "syntax/template.h"

struct run {
	struct arena *arena;
	struct sources sources;
	struct diags diags;
};

static void check_labels(const struct run *r)
{
	for (size_t i = 0; i < r->diags.list.n; i++) {
		const struct diag *d = r->diags.list.at[i];

		for (size_t k = 0; k < d->labels.n; k++) {
			struct span at = d->labels.at[k].at;

			CFGC_ASSERT(at.off + at.len <= r->sources.files.at[at.file]->text.n);
		}
	}
}

/* A fun whose module has a ':' in it does not print as it was written: nothing takes funs, so
 * nobody cares. */
static bool has_fun(const struct term *t)
{
	if (t->kind == TERM_FUN)
		return true;
	if (t->kind != TERM_TUPLE && t->kind != TERM_LIST && t->kind != TERM_MAP)
		return false;
	for (uint32_t i = 0; i < t->seq.n; i++)
		if (has_fun(t->seq.items[i]))
			return true;
	return t->kind == TERM_LIST && t->seq.tail != NULL && has_fun(t->seq.tail);
}

static void check_round_trip(struct run *r, const struct forms *forms)
{
	for (size_t i = 0; i < forms->list.n; i++) {
		const struct term *t = forms->list.at[i].term, *again;
		struct strbuf text = {.arena = r->arena}, json = {.arena = r->arena};

		term_to_json(&json, t);
		if (has_fun(t))
			continue;
		term_print(&text, t);
		strbuf_addc(&text, '\0');
		again = parse_term_text(&r->sources, &r->diags, "again", text.p);
		CFGC_ASSERT(again != NULL && term_equal(t, again));
	}
}

static void print_all(struct run *r)
{
	struct strbuf text = {.arena = r->arena}, json = {.arena = r->arena};

	diag_report_print(&text, &(struct diag_report){.diags = &r->diags}, DIAGNOSTICS_TEXT);
	diag_report_print(&json, &(struct diag_report){.diags = &r->diags}, DIAGNOSTICS_JSON);
	CFGC_ASSERT((r->diags.list.n == 0) == (json.n == 0));
}

static const struct vars *some_vars(struct run *r)
{
	static struct vars vars;
	uint32_t file = source_add(&r->sources, &r->diags, "vars",
				   STR("{a, \"{x, 1},\"}. {b, \"\"}. {c, \"\\n].\"}."), NO_SPAN);
	struct forms forms = {0};

	parse_source(&r->sources, &r->diags, file, &forms);
	vars = (struct vars){0};
	for (size_t i = 0; i < forms.list.n; i++) {
		const struct term *t = forms.list.at[i].term;
		struct variable v = {t->seq.items[0]->text, t->seq.items[1]->text, t->at};

		vec_push(r->arena, &vars.list, v);
	}
	return &vars;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run r = {.arena = arena_new()};
	struct forms plain = {0}, configured = {0}, replaced = {0};
	uint32_t file;

	r.sources.arena = r.arena;
	r.diags = (struct diags){.arena = r.arena, .sources = &r.sources, .max_errors = 8};
	file = source_add(&r.sources, &r.diags, "input", (struct str){(const char *)data, size},
			  NO_SPAN);
	if (file != NO_FILE) {
		parse_source(&r.sources, &r.diags, file, &plain);
		check_labels(&r);
		if (!diag_has_errors(&r.diags))
			check_round_trip(&r, &plain);
		file = template_render(&r.sources, &r.diags, file, some_vars(&r));
		parse_config(&r.sources, &r.diags, file, &configured);
		macros_replace(r.arena, &r.diags, &configured, &replaced);
		check_labels(&r);
	}
	print_all(&r);
	arena_free(&r.arena);
	return 0;
}
