/* commands.c - what each command does, as a table; check, emit and build are in compile.c. */
#include <unistd.h>

#include "cli/completion.h"
#include "compilation.h"
#include "compile.h"
#include "lsp/lsp.h"
#include "support/file.h"
#include "tools/can.h"
#include "tools/diff.h"
#include "tools/dump.h"
#include "tools/explain.h"
#include "tools/fmt.h"
#include "tools/reference.h"
#include "tools/report.h"
#include "world/world.h"

static void begin_only_file(struct compilation *c)
{
	compilation_begin(c, c->options->file, c->arena);
}

static void run_terms(struct compilation *c)
{
	struct strbuf out = {.arena = c->arena};

	begin_only_file(c);
	compilation_read(c, c->options->expand);
	if (diag_has_errors(&c->diags))
		return;
	strbuf_addc(&out, '[');
	for (size_t i = 0; i < c->forms.list.n; i++) {
		strbuf_addz(&out, i != 0 ? ",\n" : "\n");
		term_to_json(&out, c->forms.list.at[i].term);
	}
	strbuf_addz(&out, "\n]\n");
	compilation_answer(c, strbuf_str(&out));
}

static void run_fmt(struct compilation *c)
{
	c->says_no = !fmt_run(c->arena, &c->diags, &c->sources, c->options);
}

static void run_options(struct compilation *c)
{
	const struct options *o = c->options;
	struct strbuf out = {.arena = c->arena};
	enum reference_form form = o->json       ? REFERENCE_JSON
				   : o->markdown ? REFERENCE_MARKDOWN
						 : REFERENCE_TEXT;

	if (o->man)
		reference_man(&out);
	else if (!reference_print(&out, form, o->subject))
		diag_add(&c->diags, E0018, NO_SPAN, "no option, listener or module is called '%s'",
			 o->subject);
	compilation_answer(c, strbuf_str(&out));
}

static void run_explain(struct compilation *c)
{
	const char *name = c->options->subject;
	struct strbuf out = {.arena = c->arena};

	if (!explain_print(&out, name, compilation_wants_colour(c, STDOUT_FILENO))) {
		struct str near = explain_nearest(c->arena, name);

		diag_add(&c->diags, E0018, NO_SPAN,
			 "no code, option, listener or module is called '%s'", name);
		if (near.n != 0)
			diag_help(&c->diags, "did you mean '%.*s'?", STR_ARG(near));
	}
	compilation_answer(c, strbuf_str(&out));
}

static void run_completion(struct compilation *c)
{
	struct strbuf out = {.arena = c->arena};

	if (!completion_print(&out, c->options->subject))
		diag_add(&c->diags, E0018, NO_SPAN,
			 "there is completion for bash, zsh and fish, not for '%s'",
			 c->options->subject);
	compilation_answer(c, strbuf_str(&out));
}

static int answer(struct compilation *c, struct strbuf *out)
{
	struct world_settings world = {.root = c->options->root,
				       .skip_files = c->options->no_files};

	switch (c->options->command) {
	case COMMAND_CAN:
		return can_answer(out, &c->diags, c->model, c->options);
	case COMMAND_WHO:
		return who_answer(out, &c->diags, c->model, c->options);
	case COMMAND_CIPHERS:
		world_print_suites(out, &c->bind, c->model, &world);
		return CFGC_OK;
	default:
		dump_print(out, c->model, &c->forms);
		return CFGC_OK;
	}
}

/* dump, can, who, ciphers: questions about a good configuration. */
static void run_question(struct compilation *c)
{
	struct strbuf out = {.arena = c->arena};

	begin_only_file(c);
	compilation_check(c);
	if (c->model == NULL || diag_has_errors(&c->diags))
		return;
	c->says_no = answer(c, &out) == CFGC_ERRORS;
	compilation_answer(c, strbuf_str(&out));
}

static void print_changes(struct compilation *c, const struct diff_input inputs[2])
{
	const struct options *o = c->options;
	struct strbuf out = {.arena = c->arena};
	struct diff diff;

	diff_models(c->arena, &inputs[0], &inputs[1], &diff);
	if (o->json)
		diff_print_json(&out, &diff);
	else if (o->markdown)
		diff_print_markdown(&out, &diff);
	else
		diff_print_text(&out, &diff, compilation_wants_colour(c, STDOUT_FILENO));
	c->says_no = o->no_new_access ? diff.nopens != 0 : diff.list.n != 0;
	compilation_answer(c, strbuf_str(&out));
}

/* Two good configurations. What is only suspicious in one of them is for `check` to say. */
static void run_diff(struct compilation *c)
{
	struct diff_input inputs[2];
	struct forms forms[2];

	for (size_t i = 0; i < 2; i++) {
		compilation_begin(c, c->options->files.at[i], c->arena);
		compilation_check(c);
		forms[i] = c->forms;
		inputs[i] = (struct diff_input){c->model, &forms[i]};
	}
	if (inputs[0].model == NULL || inputs[1].model == NULL || diag_has_errors(&c->diags)) {
		diags_drop_repeats(&c->diags);
		return;
	}
	c->diags.list.n = 0;
	c->diags.nwarnings = 0;
	c->diags.nnotes = 0;
	print_changes(c, inputs);
}

/* A page about a good configuration. */
static void run_report(struct compilation *c)
{
	struct report_settings settings = {.main_file = c->options->file, .version = CFGC_VERSION};
	struct strbuf out = {.arena = c->arena};
	int error;

	begin_only_file(c);
	compilation_check(c);
	if (c->model == NULL || diag_has_errors(&c->diags))
		return;
	settings.ninputs = c->ninputs;
	report_print(&out, c->model, &c->diags, &settings);
	if (strcmp(c->options->output, "-") == 0) {
		compilation_answer(c, strbuf_str(&out));
		return;
	}
	error = file_write_atomic(c->arena, c->options->output, strbuf_str(&out), false, NULL);
	if (error != 0)
		diag_add(&c->diags, E0007, NO_SPAN, "cannot write '%s': %s", c->options->output,
			 strerror(error));
}

static void run_lsp(struct compilation *c)
{
	c->says_no = lsp_run(c->options) != CFGC_OK;
}

void (*const command_runners[NCOMMANDS])(struct compilation *c) = {
	[COMMAND_BUILD] = run_pipeline,   [COMMAND_CHECK] = run_pipeline,
	[COMMAND_EMIT] = run_pipeline,    [COMMAND_TERMS] = run_terms,
	[COMMAND_FMT] = run_fmt,          [COMMAND_DUMP] = run_question,
	[COMMAND_CAN] = run_question,     [COMMAND_WHO] = run_question,
	[COMMAND_OPTIONS] = run_options,  [COMMAND_EXPLAIN] = run_explain,
	[COMMAND_SHELL] = run_completion, [COMMAND_DIFF] = run_diff,
	[COMMAND_CIPHERS] = run_question, [COMMAND_REPORT] = run_report,
	[COMMAND_LSP] = run_lsp,
};
