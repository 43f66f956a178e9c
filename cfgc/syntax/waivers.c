/* waivers.c - take out the findings that comments allow, and say which comments allow none. */
#include "syntax/waivers.h"

#include "support/strbuf.h"
#include "syntax/waiver_scan.h"

static struct span place_of(const struct diag *d)
{
	return d->labels.n != 0 ? d->labels.at[0].at : NO_SPAN;
}

/* The first finding, in order, at or behind a place. */
static size_t find_place(const struct diags *dl, struct span at)
{
	size_t low = 0, high = dl->list.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct diag *d = dl->list.at[middle];
		struct span place = place_of(d);

		if (d->unit + 1 < dl->units.n || place.file < at.file ||
		    (place.file == at.file && place.off < at.off))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool allows(struct waiver_scan *sc, struct waiver *w, const struct diag *d)
{
	const struct diag_info *info = diag_info_of(d->code);
	bool found = false;

	for (size_t i = 0; i < w->names.n; i++) {
		struct allowance *name = &w->names.at[i];

		if (!name->is_known || info->level == DIAG_ERROR ||
		    !diag_is_named(info, source_text(sc->sources, name->at)))
			continue;
		name->is_used = found = true;
	}
	return found;
}

static void apply_one(struct waiver_scan *sc, struct waiver *w)
{
	struct diags *dl = sc->diags;
	struct span at = source_resolve(sc->sources, w->term, NULL);

	for (size_t i = find_place(dl, at); at.file != NO_FILE && i < dl->list.n; i++) {
		struct diag *d = dl->list.at[i];
		struct span place = place_of(d);

		if (place.file != at.file || place.off >= at.off + at.len)
			break;
		if (allows(sc, w, d))
			d->waived_by = w->reason;
	}
}

/* Whether this run would not show a finding of the name, or does not look for all of them. */
static bool is_switched_off(const struct diags *dl, struct str name)
{
	for (size_t i = 0; i < DIAG_NCODES; i++)
		if (diag_is_named(&diag_infos[i], name) &&
		    (dl->skipped[i] || (dl->settings != NULL && dl->settings[i] == DIAG_OFF)))
			return true;
	return false;
}

static bool is_unused(const struct waiver_scan *sc, const struct allowance *name)
{
	return name->is_known && !name->is_used &&
	       !is_switched_off(sc->diags, source_text(sc->sources, name->at));
}

/* The whole comment, with its line if nothing else stands there. */
static void fix_comment(struct waiver_scan *sc, const struct waiver *w)
{
	struct span at = w->behind;
	const char *text = sc->source->text.p;

	if (w->alone) {
		at = span_join(waiver_line_start(sc, w->comment), w->comment);
		while (at.off + at.len < sc->source->text.n && text[at.off + at.len - 1] != '\n')
			at.len++;
	}
	diag_fix(sc->diags, at, (struct str){NULL, 0});
}

/* The list without what is not needed. */
static void fix_names(struct waiver_scan *sc, const struct waiver *w)
{
	struct span all = span_join(w->names.at[0].at, w->names.at[w->names.n - 1].at);
	struct strbuf kept = {.arena = sc->arena};

	for (size_t i = 0; i < w->names.n; i++) {
		if (is_unused(sc, &w->names.at[i]))
			continue;
		strbuf_addz(&kept, kept.n != 0 ? ", " : "");
		strbuf_add(&kept, source_text(sc->sources, w->names.at[i].at));
	}
	diag_fix(sc->diags, all, strbuf_str(&kept));
}

static void tell_unused_names(struct waiver_scan *sc, const struct waiver *w)
{
	size_t nunused = 0;

	for (size_t i = 0; i < w->names.n; i++)
		nunused += is_unused(sc, &w->names.at[i]);
	if (nunused == 0)
		return;
	if (nunused == w->names.n) {
		diag_add(sc->diags, W0015, w->head, "nothing here needs to be allowed");
		diag_help(sc->diags, "remove the comment");
		fix_comment(sc, w);
		return;
	}
	nunused = 0;
	for (size_t i = 0; i < w->names.n; i++) {
		struct span at = w->names.at[i].at;

		if (!is_unused(sc, &w->names.at[i]))
			continue;
		if (nunused++ != 0)
			diag_label(sc->diags, at, "nor does this");
		else
			diag_add(sc->diags, W0015, at, "'%.*s' does not occur here",
				 STR_ARG(source_text(sc->sources, at)));
	}
	diag_help(sc->diags, "remove it from the list");
	fix_names(sc, w);
}

static bool has_mark(const struct source *src)
{
	return src->text.n != 0 &&
	       memmem(src->text.p, src->text.n, WAIVER_MARK, strlen(WAIVER_MARK)) != NULL;
}

/* Then what was parsed is the other text. */
static bool is_origin_of_another(const struct sources *ss, uint32_t file)
{
	for (size_t i = file + 1; i < ss->files.n; i++)
		if (ss->files.at[i]->origin == file)
			return true;
	return false;
}

static void move_waived(struct diags *dl)
{
	size_t kept = 0;

	for (size_t i = 0; i < dl->list.n; i++) {
		struct diag *d = dl->list.at[i];

		if (d->waived_by.n == 0) {
			dl->list.at[kept++] = d;
			continue;
		}
		diag_uncount(dl, d);
		vec_push(dl->arena, &dl->waived, d);
	}
	dl->list.n = kept;
}

void waivers_apply(struct arena *a, struct sources *ss, struct diags *dl, uint32_t first,
		   bool tell_unused)
{
	struct waiver_scan sc = {.arena = a, .sources = ss, .diags = dl};
	size_t nfiles = ss->files.n;

	for (uint32_t file = first; file < nfiles; file++) {
		if (!has_mark(ss->files.at[file]) || is_origin_of_another(ss, file))
			continue;
		waiver_scan(&sc, file);
		if (sc.list.n == 0)
			continue;
		diag_sort(dl);
		for (size_t i = 0; i < sc.list.n; i++)
			apply_one(&sc, &sc.list.at[i]);
		move_waived(dl);
		for (size_t i = 0; tell_unused && !diag_unit_is_wrong(dl) && i < sc.list.n; i++)
			tell_unused_names(&sc, &sc.list.at[i]);
	}
}
