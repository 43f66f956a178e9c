/* compile.c - the pipeline: one function per phase, each from its input to its output plus
 * diagnostics. */
#include "compile.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "compilation.h"
#include "diag/baseline.h"
#include "diag/report.h"
#include "emit/build.h"
#include "emit/emit.h"
#include "fragment.h"
#include "support/assert.h"
#include "syntax/waivers.h"
#include "tools/fix.h"
#include "world/world.h"

/* ---- output ---- */

static bool write_stream(FILE *stream, struct str text)
{
	return (text.n == 0 || fwrite(text.p, 1, text.n, stream) == text.n) && fflush(stream) == 0;
}

void compilation_answer(struct compilation *c, struct str text)
{
	if (!write_stream(stdout, text))
		diag_add(&c->diags, E0007, NO_SPAN, "cannot write: %s", strerror(errno));
}

bool compilation_wants_colour(const struct compilation *c, int descriptor)
{
	return c->options->colour == COLOUR_ALWAYS ||
	       (c->options->colour == COLOUR_AUTO && isatty(descriptor) == 1);
}

static void print_diagnostics(struct compilation *c, int status)
{
	struct strbuf out = {.arena = c->arena};
	struct diag_report report = {
		.diags = &c->diags,
		.exit_status = status,
		.colour = compilation_wants_colour(c, STDERR_FILENO),
		.wrote_anyway = c->wrote,
	};

	diag_report_print(&out, &report, c->options->diagnostics);
	(void)write_stream(stderr, strbuf_str(&out)); /* nobody is left to tell */
}

static int exit_status(const struct compilation *c)
{
	if (diag_has_other(&c->diags, DIAG_WORLD))
		return CFGC_WORLD;
	if (diag_has_other(&c->diags, DIAG_USAGE))
		return CFGC_USAGE;
	if (c->says_no || diag_has_errors(&c->diags) ||
	    (c->options->fail_on >= DIAG_WARNING && c->diags.nwarnings != 0) ||
	    (c->options->fail_on >= DIAG_NOTE && c->diags.nnotes != 0))
		return CFGC_ERRORS;
	return CFGC_OK;
}

/* ---- phases ---- */

/* Findings that a baseline names or that a fragment cannot tell do not count against the limit. */
static bool is_limited_later(const struct options *o)
{
	return o->baseline != NULL || o->write_baseline != NULL || o->as != NULL;
}

static bool has_baseline(const struct options *o)
{
	return o->baseline != NULL || o->write_baseline != NULL;
}

void compilation_start(struct compilation *c, const struct options *o, struct arena *a)
{
	*c = (struct compilation){.options = o, .arena = a, .file_arena = a};
	c->sources.arena = a;
	c->diags = (struct diags){
		.arena = a,
		.sources = &c->sources,
		.max_errors = is_limited_later(o) ? 0 : o->max_errors,
		.werror = o->werror,
		.settings = o->settings,
	};
}

void compilation_begin(struct compilation *c, const char *file, struct arena *a)
{
	c->file = file;
	c->file_arena = a;
	c->forms = (struct forms){0};
	c->model = NULL;
	diags_begin_unit(&c->diags, file);
}

static struct expand expander(struct compilation *c)
{
	struct expand x = {.arena = c->file_arena, .sources = &c->sources, .diags = &c->diags};

	for (size_t i = 0; i < c->options->vars.n; i++)
		vec_push(c->file_arena, &x.vars_files, c->options->vars.at[i]);
	return x;
}

void compilation_read(struct compilation *c, bool with_includes_and_macros)
{
	struct expand x = expander(c);

	cfgc_phase_enter("read");
	if (with_includes_and_macros)
		(void)expand_file(&x, c->file, &c->forms);
	else
		(void)expand_read(&x, c->file, &c->forms);
}

/* Whether what surrounds the configuration is part of the question. */
static bool is_about_machine(enum command command)
{
	return command == COMMAND_CHECK || command == COMMAND_BUILD || command == COMMAND_EMIT ||
	       command == COMMAND_REPORT || command == COMMAND_LSP;
}

static void build_model(struct compilation *c)
{
	struct world_settings world = {.root = c->options->root,
				       .skip_files = c->options->no_files};

	c->bind = (struct bind){
		.arena = c->file_arena,
		.sources = &c->sources,
		.diags = &c->diags,
		.target = c->options->target,
		.compat = c->options->compat,
		.now = c->options->at,
		.allow_unsupported = c->options->allow_unsupported,
	};
	cfgc_phase_enter("check");
	c->ninputs = (uint32_t)c->sources.files.n;
	c->model = model_build(&c->bind, &c->forms);
	world_skip(&c->diags, is_about_machine(c->options->command) ? &world : NULL);
	if (!is_about_machine(c->options->command))
		return;
	cfgc_phase_enter("look at files");
	world_check(&c->bind, c->model, &world);
}

void compilation_check(struct compilation *c)
{
	size_t nread = c->sources.files.n;

	compilation_read(c, true);
	if (c->sources.files.n == nread) /* reported */
		return;
	build_model(c);
	waivers_apply(c->file_arena, &c->sources, &c->diags, (uint32_t)nread, true);
}

/* check --as: the file is a part of an unknown whole. */
static void check_fragment(struct compilation *c, const struct fragment_frame *frame)
{
	struct expand x = expander(c);
	uint32_t file, first = (uint32_t)c->sources.files.n;

	cfgc_phase_enter("read");
	file = expand_fragment(&x, c->file, frame, fragment_beside, &c->forms);
	if (file == NO_FILE)
		return;
	build_model(c);
	fragment_filter(&c->diags, file);
	waivers_apply(c->file_arena, &c->sources, &c->diags, first, false);
}

static void write_output(struct compilation *c)
{
	const struct options *o = c->options;
	struct emit_settings settings = {
		.main_file = c->file, .version = CFGC_VERSION, .ninputs = c->ninputs};
	struct emission emission;

	cfgc_phase_enter("emit");
	emit_model(c->arena, c->model, &settings, &emission);
	cfgc_phase_enter("build");
	if (o->command == COMMAND_EMIT)
		(void)build_folder(c->arena, &c->diags, &emission, o->dir);
	else
		(void)build_server(c->arena, &c->diags, &emission, o->dir, o->runtime,
				   o->output != NULL ? o->output : "./xmppd");
}

/* Each file for itself. Their findings outlive their models. */
static void check_files(struct compilation *c)
{
	const struct words *files = &c->options->files;
	struct fragment_frame frame = {0};

	if (c->options->as != NULL &&
	    !fragment_frame_of(c->arena, &c->diags, c->options->as, &frame))
		return;

	for (size_t i = 0; i < files->n; i++) {
		struct arena *own = files->n > 1 ? arena_new() : c->arena;

		compilation_begin(c, files->at[i], own);
		if (c->options->as != NULL)
			check_fragment(c, &frame);
		else
			compilation_check(c);
		if (files->n > 1)
			arena_free(&own);
	}
	if (files->n > 1) {
		c->model = NULL;
		diags_drop_repeats(&c->diags);
	}
}

static void mark_partial_units(struct diags *dl)
{
	for (size_t i = 0; i < dl->list.n; i++) {
		const struct diag *d = dl->list.at[i];

		if (d->code >= E0001 && d->code <= E0006 && d->unit < dl->units.n)
			dl->units.at[d->unit].is_partial = true;
	}
}

/* check --fix, --fix-unsafe and --diff: behind a check. What is reported is what is left. */
static void run_fixes(struct compilation *c)
{
	struct fix_plan plan;

	cfgc_phase_enter("fix");
	mark_partial_units(&c->diags);
	if (c->options->fix_unsafe)
		fix_plan(c->arena, &c->diags, &plan);
	else
		fix_plan_safe(c->arena, &c->diags, &plan);
	if (c->options->diff) {
		struct strbuf out = {.arena = c->arena};

		fix_diff(&out, &plan);
		compilation_answer(c, strbuf_str(&out));
	} else if (plan.nfixed != 0) {
		uint32_t nerrors = c->diags.nerrors;
		size_t nwritten = fix_write(&plan, &c->diags);

		if (c->options->diagnostics == DIAGNOSTICS_TEXT)
			fprintf(stderr, "cfgc: %zu file%s changed\n", nwritten,
				nwritten == 1 ? "" : "s");
		if (c->diags.nerrors == nerrors) {
			compilation_start(c, c->options, c->arena);
			check_files(c);
		}
		c->wrote = nwritten != 0;
	}
	fix_note_left_out(&plan, &c->diags);
}

/* On any error nothing is written. */
void run_pipeline(struct compilation *c)
{
	check_files(c);
	if (c->options->fix || c->options->fix_unsafe || c->options->diff)
		run_fixes(c);
	else if (c->model != NULL && c->options->command != COMMAND_CHECK &&
		 !diag_has_errors(&c->diags))
		write_output(c);
}

/* Where the world failed, findings are missing: nothing may be concluded from those there are. */
static void use_baselines(struct compilation *c)
{
	const struct options *o = c->options;
	struct diag_report report = {.diags = &c->diags};

	if (!is_limited_later(o))
		return;
	if (has_baseline(o) && exit_status(c) != CFGC_WORLD &&
	    (o->write_baseline == NULL || baseline_write(c->arena, &report, o->write_baseline)))
		(void)baseline_apply(c->arena, &report,
				     o->write_baseline != NULL ? o->write_baseline : o->baseline);
	baseline_limit(&c->diags, o->max_errors);
}

/* ---- the whole ---- */

static int finish(struct compilation *c)
{
	int status;

	use_baselines(c);
	status = exit_status(c);
	print_diagnostics(c, status);
	arena_free(&c->arena);
	return status;
}

int cfgc_compile(const struct options *o)
{
	struct compilation c;

	compilation_start(&c, o, arena_new());
	CFGC_ASSERT(o->command < NCOMMANDS && command_runners[o->command] != NULL);
	command_runners[o->command](&c);
	return finish(&c);
}

int cfgc_refuse(const struct options *o)
{
	struct options reporting = {
		.settings = o->settings, .diagnostics = o->diagnostics, .colour = o->colour};
	struct compilation c;

	compilation_start(&c, &reporting, arena_new());
	diag_add(&c.diags, E0017, NO_SPAN, "%.*s", STR_ARG(o->mistake));
	diag_help(&c.diags, "%.*s", STR_ARG(o->mistake_help));
	return finish(&c);
}
