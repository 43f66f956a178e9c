/* expand.c - read a file, splice in what it includes, replace macros. */
#include "syntax/expand.h"

#include <stdlib.h>

#include "support/strbuf.h"
#include "syntax/macros.h"
#include "syntax/parser.h"

/* ---- one file ---- */

static bool read_vars(struct expand *x)
{
	if (x->vars_are_read)
		return true;
	for (size_t i = 0; i < x->vars_files.n; i++)
		if (!vars_read(&x->vars, x->sources, x->diags, x->vars_files.at[i]))
			return false;
	x->vars_are_read = true;
	return true;
}

/* The source to parse, with its placeholders filled in; NO_FILE after a report. */
static uint32_t open_file(struct expand *x, const char *path, struct span directive)
{
	uint32_t file;

	if (!read_vars(x))
		return NO_FILE;
	file = source_open(x->sources, x->diags, path, directive);
	if (file == NO_FILE || x->vars_files.n == 0)
		return file;
	return template_render(x->sources, x->diags, file, &x->vars);
}

bool expand_read(struct expand *x, const char *path, struct forms *out)
{
	uint32_t file = open_file(x, path, NO_SPAN);

	if (file == NO_FILE)
		return false;
	parse_source(x->sources, x->diags, file, out);
	return true;
}

/* ---- include options ---- */

/* What an include lets through. A term's key is its first element, or the atom it is. */
struct filter {
	const struct term *disallow;   /* list, NULL: nothing is disallowed */
	const struct term *allow_only; /* list, NULL: all */
};

static const struct term *key_of(const struct term *t)
{
	return t->kind == TERM_TUPLE && t->seq.n > 0 ? t->seq.items[0] : t;
}

static bool is_listed(const struct term *list, const struct term *key)
{
	for (uint32_t i = 0; i < list->seq.n; i++)
		if (term_equal(list->seq.items[i], key))
			return true;
	return false;
}

static void drop(struct expand *x, const struct term *t, const struct term *option)
{
	struct strbuf key = {.arena = x->arena};

	term_print(&key, key_of(t));
	diag_add(x->diags, W0008, t->at, "'%.*s' is not included", STR_ARG(strbuf_str(&key)));
	diag_label(x->diags, option->at, "dropped by this option of the include");
}

static bool passes(struct expand *x, const struct filter *f, const struct term *t)
{
	if (f->disallow != NULL && is_listed(f->disallow, key_of(t))) {
		drop(x, t, f->disallow);
		return false;
	}
	if (f->allow_only != NULL && !is_listed(f->allow_only, key_of(t))) {
		drop(x, t, f->allow_only);
		return false;
	}
	return true;
}

static const struct term *empty_list(struct expand *x, struct span at)
{
	struct term *t = arena_new_of(x->arena, struct term);

	t->kind = TERM_LIST;
	t->at = at;
	t->used_at = NO_SPAN;
	return t;
}

static void read_option(struct expand *x, const struct term *option, struct filter *f)
{
	const struct term *value;
	bool disallow = term_is_tuple(option, 2, "disallow");

	if (!disallow && !term_is_tuple(option, 2, "allow_only")) {
		if (option->kind == TERM_BAD)
			return;
		diag_add(x->diags, W0009, option->at, "this is no option of include_config_file");
		diag_help(x->diags, "expected {disallow, [Key, ...]} or {allow_only, [Key, ...]}");
		return;
	}
	value = option->seq.items[1];
	if (value->kind == TERM_BAD || (!disallow && term_is_atom(value, "all")))
		return;
	if (value->kind != TERM_LIST && !term_is_nil(value)) {
		diag_add(x->diags, E0006, value->at, "expected a list of keys, found %s",
			 term_kind_name(value->kind));
		return;
	}
	if (value->kind == TERM_STRING) /* "" is an empty list */
		value = empty_list(x, value->at);
	if (disallow)
		f->disallow = value;
	else
		f->allow_only = value;
}

static struct filter read_filter(struct expand *x, const struct term *directive)
{
	const struct term *options = directive->seq.n == 3 ? directive->seq.items[2] : NULL;
	struct filter f = {NULL, NULL};

	if (options == NULL || options->kind == TERM_BAD || term_is_nil(options))
		return f;
	if (options->kind != TERM_LIST) {
		diag_add(x->diags, E0006, options->at, "expected a list of options, found %s",
			 term_kind_name(options->kind));
		return f;
	}
	for (uint32_t i = 0; i < options->seq.n; i++)
		read_option(x, options->seq.items[i], &f);
	return f;
}

/* ---- includes ---- */

static void read_forms(struct expand *x, uint32_t file, struct forms *out);

static bool is_directive(const struct term *t)
{
	return t->kind == TERM_TUPLE && t->seq.n > 0 &&
	       term_is_atom(t->seq.items[0], "include_config_file");
}

/* The file's name as a C string, NULL after a report. */
static const char *include_path(struct expand *x, const struct term *t)
{
	const struct term *file;

	if (t->seq.n != 2 && t->seq.n != 3) {
		diag_add(x->diags, E0006, t->at,
			 "expected {include_config_file, File} or "
			 "{include_config_file, File, Options}");
		return NULL;
	}
	file = t->seq.items[1];
	if (file->kind == TERM_BAD)
		return NULL;
	if ((file->kind != TERM_STRING && file->kind != TERM_BINARY) || file->text.n == 0 ||
	    memchr(file->text.p, '\0', file->text.n) != NULL) {
		diag_add(x->diags, E0006, file->at, "expected a file name in quotes, found %s",
			 term_kind_name(file->kind));
		diag_note(x->diags, "includes are read before macros are replaced");
		return NULL;
	}
	return arena_str(x->arena, file->text.p, file->text.n).p;
}

/* The directives that led here, innermost last. */
static void label_chain(struct expand *x, size_t from)
{
	for (size_t i = from; i < x->includes.n; i++)
		if (x->includes.at[i].directive.file != NO_FILE)
			diag_label(x->diags, x->includes.at[i].directive, "included from here");
}

static bool is_being_read(struct expand *x, const char *real_path, const struct term *t)
{
	for (size_t i = 0; real_path != NULL && i < x->includes.n; i++) {
		const char *known = x->includes.at[i].real_path;

		if (known == NULL || strcmp(known, real_path) != 0)
			continue;
		diag_add(x->diags, E0004, t->at,
			 "this file is being read already: it includes itself");
		label_chain(x, i + 1);
		return true;
	}
	return false;
}

static bool is_too_much(struct expand *x, const struct term *t)
{
	if (x->includes.n > EXPAND_MAX_INCLUDES) {
		diag_add(x->diags, E0005, t->at, "includes are nested more than %d files deep",
			 EXPAND_MAX_INCLUDES);
		label_chain(x, x->includes.n - 1);
		return true;
	}
	if (x->nincluded >= EXPAND_MAX_FILES) {
		diag_add(x->diags, E0005, t->at, "more than %d files are included",
			 EXPAND_MAX_FILES);
		return true;
	}
	return false;
}

/* NULL when the file does not exist: then it is no cycle either. */
static const char *real_path_of(struct expand *x, const char *path)
{
	char *real = realpath(path, NULL);
	const char *copy = real != NULL ? arena_str(x->arena, real, strlen(real)).p : NULL;

	free(real);
	return copy;
}

static void include(struct expand *x, const struct term *t, struct forms *out)
{
	const char *path = include_path(x, t);
	struct filter filter = read_filter(x, t);
	struct include entry = {.directive = t->at};
	struct forms included = {0};
	uint32_t file;

	if (path == NULL || is_too_much(x, t))
		return;
	entry.real_path = real_path_of(x, path);
	if (is_being_read(x, entry.real_path, t))
		return;
	x->nincluded++;
	file = open_file(x, path, t->at);
	if (file == NO_FILE) {
		label_chain(x, 0);
		return;
	}
	vec_push(x->arena, &x->includes, entry);
	read_forms(x, file, &included);
	x->includes.n--;
	for (size_t i = 0; i < included.list.n; i++)
		if (passes(x, &filter, included.list.at[i].term))
			vec_push(x->arena, &out->list, included.list.at[i]);
}

/* The forms of a source, with the forms of included files in the place of their directives. */
static void read_forms(struct expand *x, uint32_t file, struct forms *out)
{
	struct forms own = {0};

	parse_config(x->sources, x->diags, file, &own);
	for (size_t i = 0; i < own.list.n; i++) {
		if (is_directive(own.list.at[i].term))
			include(x, own.list.at[i].term, out);
		else
			vec_push(x->arena, &out->list, own.list.at[i]);
	}
}

bool expand_file(struct expand *x, const char *path, struct forms *out)
{
	struct include main_file = {.directive = NO_SPAN};
	struct forms all = {0};
	uint32_t file = open_file(x, path, NO_SPAN);

	if (file == NO_FILE)
		return false;
	main_file.real_path = real_path_of(x, path);
	vec_push(x->arena, &x->includes, main_file);
	read_forms(x, file, &all);
	x->includes.n--;
	macros_replace(x->arena, x->diags, &all, out);
	return true;
}

uint32_t expand_fragment(struct expand *x, const char *path, const struct fragment_frame *frame,
			 const char *beside, struct forms *out)
{
	struct forms all = {0};
	uint32_t file = open_file(x, path, NO_SPAN), whole;

	if (file == NO_FILE)
		return NO_FILE;
	whole = fragment_wrap(x->arena, x->sources, file, frame);
	parse_source(x->sources, x->diags,
		     source_add(x->sources, x->diags, "beside", str_of(beside), NO_SPAN), &all);
	parse_config(x->sources, x->diags, whole, &all);
	macros_replace(x->arena, x->diags, &all, out);
	return source_resolve(x->sources, (struct span){file, 0, 0}, NULL).file;
}
