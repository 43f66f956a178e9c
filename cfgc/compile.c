/* compile.c - the pipeline: one function per phase, each from its input to its output plus
 * diagnostics. */
#include "compile.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/completion.h"
#include "diag/baseline.h"
#include "diag/report.h"
#include "emit/build.h"
#include "emit/emit.h"
#include "model/model.h"
#include "options.h"
#include "support/assert.h"
#include "support/strbuf.h"
#include "syntax/expand.h"
#include "tools/can.h"
#include "tools/diff.h"
#include "tools/dump.h"
#include "tools/explain.h"
#include "tools/fix.h"
#include "tools/fmt.h"
#include "tools/reference.h"

/* Everything one run holds. All of it lies in the arena. */
struct compilation {
	const struct options *options;
	struct arena *arena;
	struct sources sources;
	struct diags diags;
	struct forms forms; /* what the file says, expanded */
	uint32_t ninputs;   /* sources that the forms come from */
	struct model *model;
	bool says_no;   /* the question of a tool has the answer no: exit status 1 */
	bool not_asked; /* and this one made no sense: exit status 2 */
};

/* ---- output ---- */

static bool write_stream(FILE *stream, struct str text)
{
	return (text.n == 0 || fwrite(text.p, 1, text.n, stream) == text.n) && fflush(stream) == 0;
}

static bool wants_colour(enum colour_mode mode, int descriptor)
{
	return mode == COLOUR_ALWAYS || (mode == COLOUR_AUTO && isatty(descriptor) == 1);
}

static void print_diagnostics(struct compilation *c, int status)
{
	struct strbuf out = {.arena = c->arena};
	struct diag_report report = {
		.diags = &c->diags,
		.file = c->options->file,
		.exit_status = status,
		.colour = wants_colour(c->options->colour, STDERR_FILENO),
	};

	diag_report_print(&out, &report, c->options->diagnostics);
	(void)write_stream(stderr, strbuf_str(&out)); /* nobody is left to tell */
}

static int exit_status(const struct compilation *c)
{
	if (diag_has_other(&c->diags, DIAG_WORLD))
		return CFGC_WORLD;
	if (c->not_asked)
		return CFGC_USAGE;
	if (c->says_no || diag_has_errors(&c->diags) ||
	    (c->options->fail_on >= DIAG_WARNING && c->diags.nwarnings != 0) ||
	    (c->options->fail_on >= DIAG_NOTE && c->diags.nnotes != 0))
		return CFGC_ERRORS;
	return CFGC_OK;
}

/* ---- phases ---- */

static struct expand expander(struct compilation *c)
{
	struct expand x = {.arena = c->arena, .sources = &c->sources, .diags = &c->diags};

	for (size_t i = 0; i < c->options->vars.n; i++)
		vec_push(c->arena, &x.vars_files, c->options->vars.at[i]);
	return x;
}

static void read_forms(struct compilation *c, bool with_includes_and_macros)
{
	struct expand x = expander(c);

	cfgc_phase_enter("read");
	if (with_includes_and_macros)
		(void)expand_file(&x, c->options->file, &c->forms);
	else
		(void)expand_read(&x, c->options->file, &c->forms);
}

/* ---- commands ---- */

static void print_terms(struct compilation *c)
{
	struct strbuf out = {.arena = c->arena};

	strbuf_addc(&out, '[');
	for (size_t i = 0; i < c->forms.list.n; i++) {
		strbuf_addz(&out, i != 0 ? ",\n" : "\n");
		term_to_json(&out, c->forms.list.at[i].term);
	}
	strbuf_addz(&out, "\n]\n");
	if (!write_stream(stdout, strbuf_str(&out)))
		diag_add(&c->diags, E0007, NO_SPAN, "cannot write the terms: %s", strerror(errno));
}

static void run_terms(struct compilation *c)
{
	read_forms(c, c->options->expand);
	if (!diag_has_errors(&c->diags))
		print_terms(c);
}

static void build_model(struct compilation *c)
{
	struct bind bind = {
		.arena = c->arena,
		.sources = &c->sources,
		.diags = &c->diags,
		.target = c->options->target,
		.compat = c->options->compat,
		.now = c->options->at,
		.allow_unsupported = c->options->allow_unsupported,
	};

	cfgc_phase_enter("check");
	c->ninputs = (uint32_t)c->sources.files.n;
	c->model = model_build(&bind, &c->forms);
}

static void write_output(struct compilation *c)
{
	const struct options *o = c->options;
	struct emit_settings settings = {
		.main_file = o->file, .version = CFGC_VERSION, .ninputs = c->ninputs};
	struct emission emission;

	cfgc_phase_enter("emit");
	emit_model(c->arena, c->model, &settings, &emission);
	cfgc_phase_enter("build");
	if (o->command == COMMAND_EMIT)
		(void)build_folder(c->arena, &c->diags, &emission, o->dir);
	else
		(void)build_server(c->arena, &c->diags, &emission, o->dir, o->runtime, o->output);
}

static bool has_baseline(const struct options *o)
{
	return o->baseline != NULL || o->write_baseline != NULL;
}

static void start(struct compilation *c)
{
	const struct options *o = c->options;

	*c = (struct compilation){.options = o, .arena = c->arena};
	c->sources.arena = c->arena;
	c->diags = (struct diags){
		.arena = c->arena,
		.sources = &c->sources,
		/* Findings that a baseline names do not count against the limit. */
		.max_errors = has_baseline(o) ? 0 : o->max_errors,
		.werror = o->werror,
		.settings = o->settings,
	};
}

static void check_file(struct compilation *c)
{
	read_forms(c, true);
	if (c->sources.files.n != 0) /* else reported */
		build_model(c);
}

/* Part of the configuration could not be read: what the rest seems to lack may be in there. */
static bool reading_failed(const struct compilation *c)
{
	for (size_t i = 0; i < c->diags.list.n; i++)
		if (c->diags.list.at[i]->code >= E0001 && c->diags.list.at[i]->code <= E0006)
			return true;
	return false;
}

static void print_diff(struct compilation *c, const struct fix_plan *plan)
{
	struct strbuf out = {.arena = c->arena};

	fix_diff(&out, plan);
	if (!write_stream(stdout, strbuf_str(&out)))
		diag_add(&c->diags, E0007, NO_SPAN, "cannot write the diff: %s", strerror(errno));
}

/* check --fix and --diff: behind a check. What is reported is what is left. */
static void run_fixes(struct compilation *c)
{
	struct fix_plan plan;

	if (c->sources.files.n == 0 || reading_failed(c))
		return;
	cfgc_phase_enter("fix");
	fix_plan(c->arena, &c->diags, &plan);
	if (c->options->diff) {
		print_diff(c, &plan);
	} else if (plan.nfixed != 0) {
		uint32_t nerrors = c->diags.nerrors;
		size_t nwritten = fix_write(&plan, &c->diags);

		if (c->options->diagnostics == DIAGNOSTICS_TEXT)
			fprintf(stderr, "cfgc: %zu file%s changed\n", nwritten,
				nwritten == 1 ? "" : "s");
		if (c->diags.nerrors == nerrors) {
			start(c);
			check_file(c);
		}
	}
	fix_note_left_out(&plan, &c->diags);
}

/* check, emit and build: on any error nothing is written. */
static void run_pipeline(struct compilation *c)
{
	check_file(c);
	if (c->options->fix || c->options->diff)
		run_fixes(c);
	else if (c->model != NULL && c->options->command != COMMAND_CHECK &&
		 !diag_has_errors(&c->diags))
		write_output(c);
}

/* What a tool has to say goes to standard output, all of it or with a diagnostic. */
static void print_answer(struct compilation *c, const struct strbuf *out)
{
	if (!write_stream(stdout, strbuf_str(out)))
		diag_add(&c->diags, E0007, NO_SPAN, "cannot write: %s", strerror(errno));
}

static void run_options(struct compilation *c)
{
	const struct options *o = c->options;
	struct strbuf out = {.arena = c->arena};
	enum reference_form form = o->json       ? REFERENCE_JSON
				   : o->markdown ? REFERENCE_MARKDOWN
						 : REFERENCE_TEXT;

	if (o->man && o->subject != NULL) {
		fputs("cfgc: --man writes the whole page, not that of one name\n", stderr);
		c->not_asked = true;
	} else if (o->man) {
		reference_man(&out);
		print_answer(c, &out);
	} else if (!reference_print(&out, form, o->subject)) {
		fprintf(stderr, "cfgc: no option, listener or module is called '%s'\n", o->subject);
		c->not_asked = true;
	} else {
		print_answer(c, &out);
	}
}

static void say_unknown(struct compilation *c)
{
	const char *name = c->options->subject;
	struct str near = explain_nearest(c->arena, name);

	fprintf(stderr, "cfgc: no code, option, listener or module is called '%s'", name);
	if (near.n != 0)
		fprintf(stderr, "; did you mean '%.*s'?", STR_ARG(near));
	fputc('\n', stderr);
	c->not_asked = true;
}

static void run_explain(struct compilation *c)
{
	const struct options *o = c->options;
	struct strbuf out = {.arena = c->arena};

	if (explain_print(&out, o->subject, wants_colour(o->colour, STDOUT_FILENO)))
		print_answer(c, &out);
	else
		say_unknown(c);
}

static void run_completion(struct compilation *c)
{
	const struct options *o = c->options;
	struct strbuf out = {.arena = c->arena};

	if (completion_print(&out, o->subject)) {
		print_answer(c, &out);
		return;
	}
	fprintf(stderr, "cfgc: there is completion for bash, zsh and fish, not for '%s'\n",
		o->subject);
	c->not_asked = true;
}

static int answer(struct compilation *c, struct strbuf *out)
{
	switch (c->options->command) {
	case COMMAND_CAN:
		return can_answer(out, c->model, c->options);
	case COMMAND_WHO:
		return who_answer(out, c->model, c->options);
	default:
		dump_print(out, c->model, &c->forms);
		return CFGC_OK;
	}
}

/* dump, can, who: questions about a good configuration. */
static void run_question(struct compilation *c)
{
	struct strbuf out = {.arena = c->arena};
	int status;

	check_file(c);
	if (c->model == NULL || diag_has_errors(&c->diags))
		return;
	status = answer(c, &out);
	c->says_no = status == CFGC_ERRORS;
	c->not_asked = status == CFGC_USAGE;
	if (!write_stream(stdout, strbuf_str(&out)))
		diag_add(&c->diags, E0007, NO_SPAN, "cannot write: %s", strerror(errno));
}

static bool is_good(const struct compilation *c)
{
	return c->model != NULL && !diag_has_errors(&c->diags);
}

static void print_changes(struct compilation *c, const struct model *old)
{
	const struct options *o = c->options;
	struct strbuf out = {.arena = c->arena};
	struct diff diff;

	diff_models(c->arena, old, c->model, &diff);
	if (o->json)
		diff_print_json(&out, &diff);
	else if (o->markdown)
		diff_print_markdown(&out, &diff);
	else
		diff_print_text(&out, &diff, wants_colour(o->colour, STDOUT_FILENO));
	c->says_no = o->no_new_access ? diff.nopens != 0 : diff.list.n != 0;
	if (!write_stream(stdout, strbuf_str(&out)))
		diag_add(&c->diags, E0007, NO_SPAN, "cannot write: %s", strerror(errno));
}

/* diff: two good configurations. What is only suspicious in one of them is for `check` to say. */
static void run_diff(struct compilation *c)
{
	struct compilation *old = arena_new_of(c->arena, struct compilation);
	struct options *other = arena_new_of(c->arena, struct options);

	old->options = c->options;
	old->arena = c->arena;
	start(old);
	check_file(old);
	if (!is_good(old)) {
		*c = *old;
		return;
	}
	*other = *c->options;
	other->file = c->options->files.at[1];
	c->options = other;
	check_file(c);
	if (!is_good(c))
		return;
	c->diags.list.n = 0;
	c->diags.nwarnings = 0;
	c->diags.nnotes = 0;
	print_changes(c, old->model);
}

/* Where the world failed, findings are missing: nothing may be concluded from those there are. */
static void use_baselines(struct compilation *c)
{
	const struct options *o = c->options;
	struct diag_report report = {.diags = &c->diags, .file = o->file};

	if (!has_baseline(o))
		return;
	if (exit_status(c) != CFGC_WORLD &&
	    (o->write_baseline == NULL || baseline_write(c->arena, &report, o->write_baseline)))
		(void)baseline_apply(c->arena, &report,
				     o->write_baseline != NULL ? o->write_baseline : o->baseline);
	baseline_limit(&c->diags, o->max_errors);
}

static void run_fmt(struct compilation *c)
{
	c->says_no = !fmt_run(c->arena, &c->diags, &c->sources, c->options);
}

static void (*const runners[NCOMMANDS])(struct compilation *c) = {
	[COMMAND_BUILD] = run_pipeline,   [COMMAND_CHECK] = run_pipeline,
	[COMMAND_EMIT] = run_pipeline,    [COMMAND_TERMS] = run_terms,
	[COMMAND_FMT] = run_fmt,          [COMMAND_DUMP] = run_question,
	[COMMAND_CAN] = run_question,     [COMMAND_WHO] = run_question,
	[COMMAND_OPTIONS] = run_options,  [COMMAND_EXPLAIN] = run_explain,
	[COMMAND_SHELL] = run_completion, [COMMAND_DIFF] = run_diff,
};

int cfgc_compile(const struct options *o)
{
	struct compilation c = {.options = o, .arena = arena_new()};
	int status;

	start(&c);
	CFGC_ASSERT(o->command < NCOMMANDS && runners[o->command] != NULL);
	runners[o->command](&c);
	use_baselines(&c);
	status = exit_status(&c);
	print_diagnostics(&c, status);
	arena_free(&c.arena);
	return status;
}
