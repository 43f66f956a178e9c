/* diag.c - collect diagnostics and put them in order. */
#include "diag/diag.h"

#include <stdlib.h>
#include <string.h>

#include "support/assert.h"

const struct diag_info diag_infos[DIAG_NCODES] = {
#define IS_LEVEL(column) ((int)(column) < (int)DIAG_WORLD)
#define CODE(id, slug, column, summary)                                                            \
	{#id, slug, IS_LEVEL(column) ? (enum diag_level)(column) : DIAG_ERROR,                     \
	 IS_LEVEL(column) ? 0 : (int)(column), summary},
#include "diag/codes.def"
#undef CODE
};

const struct diag_info *diag_info_of(enum diag_code code)
{
	CFGC_ASSERT(code < DIAG_NCODES);
	return &diag_infos[code];
}

/* Spans are kept as places in the files the user can open, so printers need not know of templates.
 */
static struct span resolved(const struct diags *dl, struct span at, struct span *value_at)
{
	*value_at = NO_SPAN;
	if (dl->sources == NULL || at.file == NO_FILE)
		return NO_SPAN;
	return source_resolve(dl->sources, at, value_at);
}

static struct diag_unit unit_start(const struct diags *dl)
{
	return dl->units.n != 0 ? dl->units.at[dl->units.n - 1] : (struct diag_unit){0};
}

bool diags_are_full(const struct diags *dl)
{
	return dl->max_errors != 0 && dl->nerrors - unit_start(dl).nerrors > dl->max_errors;
}

/* Called when it has been counted. */
static bool is_kept(const struct diags *dl, const struct diag *d)
{
	/* One without a place may be the reason of the exit status. */
	if (dl->max_errors == 0 || d->labels.n == 0)
		return true;
	if (d->level == DIAG_ERROR)
		return !diags_are_full(dl);
	return d->level != DIAG_WARNING ||
	       dl->nwarnings - unit_start(dl).nwarnings <= DIAG_MAX_WARNINGS;
}

void diags_begin_unit(struct diags *dl, const char *subject)
{
	struct diag_unit unit = {.subject = subject,
				 .nerrors = dl->nerrors,
				 .nwarnings = dl->nwarnings,
				 .nwrong = dl->nwrong};

	vec_push(dl->arena, &dl->units, unit);
}

static enum diag_setting setting_of(const struct diags *dl, enum diag_code code)
{
	return dl->settings != NULL ? dl->settings[code] : DIAG_AS_IS;
}

static enum diag_level level_of(const struct diags *dl, enum diag_code code)
{
	enum diag_level level = diag_info_of(code)->level;

	switch (setting_of(dl, code)) {
	case DIAG_AS_ERROR:
		return DIAG_ERROR;
	case DIAG_AS_WARNING:
		return DIAG_WARNING;
	case DIAG_AS_NOTE:
		return DIAG_NOTE;
	case DIAG_AS_IS:
	case DIAG_OFF:
		break;
	}
	return level == DIAG_WARNING && dl->werror ? DIAG_ERROR : level;
}

bool diag_is_named(const struct diag_info *info, struct str name)
{
	return (name.n == 3 && memcmp(name.p, info->id, 3) == 0) || str_eqz(name, info->id) ||
	       str_eqz(name, info->slug);
}

size_t diag_set(enum diag_setting *settings, struct str name, enum diag_setting setting)
{
	size_t n = 0;

	for (size_t i = 0; i < DIAG_NCODES; i++) {
		const struct diag_info *info = &diag_infos[i];

		if (info->level == DIAG_ERROR || !diag_is_named(info, name))
			continue;
		settings[i] = setting;
		n++;
	}
	return n;
}

static uint32_t *count_of(struct diags *dl, enum diag_level level)
{
	return level == DIAG_ERROR     ? &dl->nerrors
	       : level == DIAG_WARNING ? &dl->nwarnings
				       : &dl->nnotes;
}

static uint32_t *hidden_of(struct diags *dl, enum diag_level level)
{
	return level == DIAG_ERROR ? &dl->nhidden_errors : &dl->nhidden_warnings;
}

struct diag *diag_add(struct diags *dl, enum diag_code code, struct span at, const char *format,
		      ...)
{
	struct diag *d = arena_new_of(dl->arena, struct diag);
	struct span value_at;
	va_list ap;

	d->code = code;
	d->level = level_of(dl, code);
	d->order = dl->narrived++;
	d->unit = dl->units.n != 0 ? (uint32_t)dl->units.n - 1 : 0;
	va_start(ap, format);
	d->message = arena_vprintf(dl->arena, format, ap);
	va_end(ap);
	dl->last = d;

	at = resolved(dl, at, &value_at);
	if (at.file != NO_FILE) {
		struct diag_label primary = {.at = at, .primary = true};

		vec_push(dl->arena, &d->labels, primary);
	}
	if (value_at.file != NO_FILE)
		diag_label(dl, value_at, "the placeholder's value comes from here");

	if (setting_of(dl, code) == DIAG_OFF)
		return d;
	(*count_of(dl, d->level))++;
	dl->nwrong += diag_info_of(code)->level == DIAG_ERROR;
	if (is_kept(dl, d))
		vec_push(dl->arena, &dl->list, d);
	else
		(*hidden_of(dl, d->level))++;
	return d;
}

void diag_uncount(struct diags *dl, const struct diag *d)
{
	(*count_of(dl, d->level))--;
}

void diag_demote(struct diags *dl)
{
	struct diag *d = dl->last;

	CFGC_ASSERT(d != NULL);
	if (d->level != DIAG_ERROR)
		return;
	dl->nwrong -= diag_info_of(d->code)->level == DIAG_ERROR;
	if (dl->werror)
		return;
	d->level = DIAG_WARNING;
	dl->nerrors--;
	dl->nwarnings++;
	/* Beyond max_errors it was not kept. */
	if (dl->list.n == 0 || dl->list.at[dl->list.n - 1] != d) {
		dl->nhidden_errors--;
		vec_push(dl->arena, &dl->list, d);
	}
}

void diag_as_note(struct diags *dl)
{
	struct diag *d = dl->last;

	CFGC_ASSERT(d != NULL);
	if (setting_of(dl, d->code) != DIAG_AS_IS || d->level == DIAG_NOTE ||
	    diag_infos[d->code].level != DIAG_WARNING)
		return;
	if (d->level == DIAG_ERROR)
		dl->nerrors--;
	else
		dl->nwarnings--;
	d->level = DIAG_NOTE;
	dl->nnotes++;
	/* Beyond the most warnings it was not kept. */
	if (dl->list.n == 0 || dl->list.at[dl->list.n - 1] != d)
		vec_push(dl->arena, &dl->list, d);
}

void diag_raise(struct diags *dl)
{
	struct diag *d = dl->last;

	CFGC_ASSERT(d != NULL);
	if (d->level == DIAG_ERROR || setting_of(dl, d->code) != DIAG_AS_IS)
		return;
	if (d->level == DIAG_WARNING)
		dl->nwarnings--;
	else
		dl->nnotes--;
	d->level = DIAG_ERROR;
	dl->nerrors++;
}

void diag_primary(struct diags *dl, const char *format, ...)
{
	va_list ap;

	CFGC_ASSERT(dl->last != NULL);
	if (dl->last->labels.n == 0)
		return;
	va_start(ap, format);
	dl->last->labels.at[0].text = arena_vprintf(dl->arena, format, ap);
	va_end(ap);
}

void diag_label(struct diags *dl, struct span at, const char *format, ...)
{
	struct diag_label label = {0};
	struct span ignored;
	va_list ap;

	CFGC_ASSERT(dl->last != NULL);
	label.at = resolved(dl, at, &ignored);
	if (label.at.file == NO_FILE)
		return;
	va_start(ap, format);
	label.text = arena_vprintf(dl->arena, format, ap);
	va_end(ap);
	vec_push(dl->arena, &dl->last->labels, label);
}

void diag_note(struct diags *dl, const char *format, ...)
{
	struct str note;
	va_list ap;

	CFGC_ASSERT(dl->last != NULL);
	va_start(ap, format);
	note = arena_vprintf(dl->arena, format, ap);
	va_end(ap);
	vec_push(dl->arena, &dl->last->notes, note);
}

void diag_help(struct diags *dl, const char *format, ...)
{
	va_list ap;

	CFGC_ASSERT(dl->last != NULL);
	va_start(ap, format);
	dl->last->help = arena_vprintf(dl->arena, format, ap);
	va_end(ap);
}

void diag_fix(struct diags *dl, struct span at, struct str with)
{
	struct diag_edit edit;
	struct span value_at;

	CFGC_ASSERT(dl->last != NULL);
	edit.at = resolved(dl, at, &value_at);
	/* Text that came out of a placeholder cannot be edited in place. */
	if (edit.at.file == NO_FILE || edit.at.len != at.len || value_at.file != NO_FILE)
		return;
	edit.with = arena_str(dl->arena, with.p, with.n);
	vec_push(dl->arena, &dl->last->fix, edit);
}

void diag_fix_unsafe(struct diags *dl, struct span at, struct str with)
{
	diag_fix(dl, at, with);
	dl->last->fix_is_unsafe = true;
}

bool diag_has_errors(const struct diags *dl)
{
	return dl->nerrors != 0;
}

bool diag_unit_is_wrong(const struct diags *dl)
{
	return dl->nwrong != unit_start(dl).nwrong;
}

bool diag_has_other(const struct diags *dl, int kind)
{
	for (size_t i = 0; i < dl->list.n; i++) {
		const struct diag *d = dl->list.at[i];

		if (d->labels.n == 0 && diag_info_of(d->code)->other_than_config == kind)
			return true;
	}
	return false;
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

/* Without a place: behind everything else of the unit. */
static struct span place_of(const struct diag *d)
{
	return d->labels.n != 0 ? d->labels.at[0].at : (struct span){NO_FILE, UINT32_MAX, 0};
}

static int compare_diags(const void *left, const void *right)
{
	const struct diag *a = *(struct diag *const *)left, *b = *(struct diag *const *)right;
	struct span pa = place_of(a), pb = place_of(b);

	if (a->unit != b->unit)
		return COMPARE(a->unit, b->unit);
	if (pa.file != pb.file)
		return COMPARE(pa.file, pb.file);
	if (pa.off != pb.off)
		return COMPARE(pa.off, pb.off);
	if (a->code != b->code)
		return COMPARE(a->code, b->code);
	return COMPARE(a->order, b->order);
}

static void sort_list(struct diag_list *list)
{
	if (list->n > 1)
		qsort(list->at, list->n, sizeof(list->at[0]), compare_diags);
}

void diag_sort(struct diags *dl)
{
	sort_list(&dl->list);
}

struct diag_list diags_with_waived(struct arena *a, const struct diags *dl)
{
	struct diag_list all = {0};

	for (size_t i = 0; i < dl->list.n; i++)
		vec_push(a, &all, dl->list.at[i]);
	for (size_t i = 0; i < dl->waived.n; i++)
		vec_push(a, &all, dl->waived.at[i]);
	sort_list(&all);
	return all;
}

struct str diag_path(const struct diags *dl, const struct diag *d)
{
	const char *subject = d->unit < dl->units.n ? dl->units.at[d->unit].subject : NULL;

	if (d->labels.n != 0)
		return dl->sources->files.at[d->labels.at[0].at.file]->path;
	return subject != NULL ? str_of(subject) : (struct str){NULL, 0};
}
