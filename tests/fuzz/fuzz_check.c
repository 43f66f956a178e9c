/* fuzz_check.c - any bytes at all, through every check of cfgc and on to the C of a server.
 *
 * Checked on every input: each label and each edit lies inside its file, text and one other form of
 * output take every finding, a model without errors becomes C, and the same input gives the same
 * bytes again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "diag/report.h"
#include "emit/emit.h"
#include "model/model.h"
#include "options.h"
#include "support/assert.h"
#include "support/strbuf.h"
#include "syntax/macros.h"
#include "syntax/parser.h"

static void check_spans(const struct sources *sources, const struct diags *dl)
{
	for (size_t i = 0; i < dl->list.n; i++) {
		const struct diag *d = dl->list.at[i];

		for (size_t k = 0; k < d->labels.n; k++) {
			struct span at = d->labels.at[k].at;

			CFGC_ASSERT(at.off + at.len <= sources->files.at[at.file]->text.n);
		}
		for (size_t k = 0; k < d->fix.n; k++) {
			struct span at = d->fix.at[k].at;

			CFGC_ASSERT(at.off + at.len <= sources->files.at[at.file]->text.n);
		}
	}
}

/* Everything that is said and written about one input, as one text. */
static struct str run(struct arena *a, struct str input, struct bind settings, size_t form)
{
	struct sources sources = {.arena = a};
	struct diags diags = {.arena = a, .sources = &sources, .max_errors = 50};
	struct forms forms = {0}, replaced = {0};
	struct strbuf out = {.arena = a};
	uint32_t file;

	diags_begin_unit(&diags, "input");
	file = source_add(&sources, &diags, "input", input, NO_SPAN);
	settings.arena = a;
	settings.sources = &sources;
	settings.diags = &diags;
	if (file != NO_FILE) {
		struct emission emission;
		struct model *m;

		parse_config(&sources, &diags, file, &forms);
		macros_replace(a, &diags, &forms, &replaced);
		m = model_build(&settings, &replaced);
		if (!diag_has_errors(&diags) && settings.target == TARGET_XMPPD) {
			emit_model(a, m,
				   &(struct emit_settings){
					   .main_file = "input", .version = "0", .ninputs = 1},
				   &emission);
			for (size_t i = 0; i < emission.files.n; i++)
				strbuf_add(&out, emission.files.at[i].text);
		}
	}
	check_spans(&sources, &diags);
	diag_report_print(&out, &(struct diag_report){.diags = &diags}, DIAGNOSTICS_TEXT);
	diag_report_print(&out, &(struct diag_report){.diags = &diags}, form);
	return strbuf_str(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = {(const char *)data, size};
	/* Which of the ways the checks can go: from the input, so that it can be replayed. */
	unsigned last = size != 0 ? data[size - 1] : 0, way = last % 6u;
	size_t form = last / 6u % diag_nprinters;
	struct bind settings = {
		.compat = (enum compat)(way % 3),
		.target = way < 5 ? TARGET_XMPPD : TARGET_MONGOOSEIM_3_2,
		.now = 1800000000,
		.allow_unsupported = true,
	};
	struct arena *one = arena_new(), *two = arena_new();

	CFGC_ASSERT(str_eq(run(one, input, settings, form), run(two, input, settings, form)));
	arena_free(&one);
	arena_free(&two);
	return 0;
}
