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

/* Called when it has been counted. */
static bool is_kept(const struct diags *dl, enum diag_level level)
{
	if (dl->max_errors == 0)
		return true;
	if (level == DIAG_ERROR)
		return dl->nerrors <= dl->max_errors;
	return level != DIAG_WARNING || dl->nwarnings <= DIAG_MAX_WARNINGS;
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

size_t diag_set(enum diag_setting *settings, struct str name, enum diag_setting setting)
{
	size_t n = 0;

	for (size_t i = 0; i < DIAG_NCODES; i++) {
		const struct diag_info *info = &diag_infos[i];
		bool is_group = name.n == 3 && memcmp(name.p, info->id, 3) == 0;

		if (info->level == DIAG_ERROR ||
		    !(is_group || str_eqz(name, info->id) || str_eqz(name, info->slug)))
			continue;
		settings[i] = setting;
		n++;
	}
	return n;
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
	if (d->level == DIAG_ERROR)
		dl->nerrors++;
	else if (d->level == DIAG_WARNING)
		dl->nwarnings++;
	else
		dl->nnotes++;
	/* One without a place may be the reason of the exit status. */
	if (d->labels.n == 0 || is_kept(dl, d->level))
		vec_push(dl->arena, &dl->list, d);
	return d;
}

void diag_demote(struct diags *dl)
{
	struct diag *d = dl->last;

	CFGC_ASSERT(d != NULL);
	if (d->level != DIAG_ERROR || dl->werror)
		return;
	d->level = DIAG_WARNING;
	dl->nerrors--;
	dl->nwarnings++;
	/* Beyond max_errors it was not kept. */
	if (dl->list.n == 0 || dl->list.at[dl->list.n - 1] != d)
		vec_push(dl->arena, &dl->list, d);
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

bool diag_has_errors(const struct diags *dl)
{
	return dl->nerrors != 0;
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

/* Without a place: behind everything else. */
static struct span place_of(const struct diag *d)
{
	return d->labels.n != 0 ? d->labels.at[0].at : (struct span){NO_FILE, UINT32_MAX, 0};
}

static int compare_diags(const void *left, const void *right)
{
	const struct diag *a = *(struct diag *const *)left, *b = *(struct diag *const *)right;
	struct span pa = place_of(a), pb = place_of(b);

	if (pa.file != pb.file)
		return COMPARE(pa.file, pb.file);
	if (pa.off != pb.off)
		return COMPARE(pa.off, pb.off);
	if (a->code != b->code)
		return COMPARE(a->code, b->code);
	return COMPARE(a->order, b->order);
}

void diag_sort(struct diags *dl)
{
	if (dl->list.n > 1)
		qsort(dl->list.at, dl->list.n, sizeof(dl->list.at[0]), compare_diags);
}
