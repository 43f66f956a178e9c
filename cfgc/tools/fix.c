/* fix.c - from the edits of diagnostics to changed files. */
#include "tools/fix.h"

#include <stdlib.h>

#include "support/file.h"
#include "support/strbuf.h"
#include "support/utf8.h"
#include "tools/udiff.h"

/* ---- which edits ---- */

bool latin1_of_utf8(struct arena *a, struct str text, struct str *out)
{
	struct strbuf bytes = {.arena = a};

	for (size_t at = 0; at < text.n;) {
		uint32_t cp;

		at += utf8_decode(text.p + at, text.n - at, &cp);
		if (cp > 0xFF)
			return false;
		strbuf_addc(&bytes, (char)cp);
	}
	*out = strbuf_str(&bytes);
	return true;
}

/* From an edit to bytes of the file. @return NULL or why it cannot be done. */
static const char *locate(const struct fix_plan *plan, const struct diag_edit *edit,
			  struct fix_edit *out)
{
	uint32_t file = plan->same[edit->at.file];
	const struct source *src = plan->sources->files.at[edit->at.file];
	struct str with = edit->with;

	if (!str_eq(src->text, plan->sources->files.at[file]->text))
		return "the file changed while it was read";
	if (src->latin1 && !latin1_of_utf8(plan->arena, edit->with, &with))
		return "the encoding of the file has no such character";
	*out = (struct fix_edit){
		.file = file, .off = edit->at.off, .len = edit->at.len, .with = with};
	return NULL;
}

static int by_place(const void *left, const void *right)
{
	const struct fix_edit *a = left, *b = right;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->off != b->off)
		return a->off < b->off ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return (a->finding > b->finding) - (a->finding < b->finding);
}

static bool is_same_edit(const struct fix_edit *a, const struct fix_edit *b)
{
	return a->file == b->file && a->off == b->off && a->len == b->len &&
	       str_eq(a->with, b->with);
}

/* Text inserted where another edit begins or ends is in doubt as well: its order would be. */
static bool overlaps(const struct fix_edit *a, const struct fix_edit *b)
{
	if (a->file != b->file)
		return false;
	return b->off < a->off + a->len || a->off == b->off ||
	       (b->off == a->off + a->len && (a->len == 0 || b->len == 0));
}

static void add_finding(struct fix_plan *plan, struct diag *d, bool with_unsafe)
{
	struct fix_finding finding = {.diag = d};
	size_t before = plan->edits.n;

	if (d->fix_is_unsafe && !with_unsafe)
		finding.why_not =
			"it would change what MongooseIM 3.2.0 does (--fix-unsafe does it)";

	for (size_t i = 0; i < d->fix.n && finding.why_not == NULL; i++) {
		struct fix_edit edit;

		finding.why_not = locate(plan, &d->fix.at[i], &edit);
		edit.finding = plan->findings.n;
		if (finding.why_not == NULL)
			vec_push(plan->arena, &plan->edits, edit);
	}
	if (finding.why_not != NULL)
		plan->edits.n = before;
	vec_push(plan->arena, &plan->findings, finding);
}

/* Sorted edits: mark the findings whose edits meet another's. */
static void mark_overlapping(struct fix_plan *plan)
{
	const struct fix_edit *kept = NULL;

	for (size_t i = 0; i < plan->edits.n; i++) {
		const struct fix_edit *edit = &plan->edits.at[i];
		struct fix_finding *finding = &plan->findings.at[edit->finding];

		if (finding->why_not != NULL || (kept != NULL && is_same_edit(kept, edit)))
			continue;
		if (kept != NULL && kept->finding != edit->finding && overlaps(kept, edit))
			finding->why_not = "another fix changes the same place; run it again";
		else
			kept = edit;
	}
}

static void keep_good_edits(struct fix_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->edits.n; i++) {
		const struct fix_edit edit = plan->edits.at[i];

		if (plan->findings.at[edit.finding].why_not != NULL ||
		    (n != 0 && is_same_edit(&plan->edits.at[n - 1], &edit)))
			continue;
		plan->edits.at[n++] = edit;
	}
	plan->edits.n = n;
}

static const char *real_path(struct arena *a, const struct source *src)
{
	char *path = src->origin == NO_FILE ? realpath(src->path.p, NULL) : NULL;
	const char *copy = path != NULL ? arena_str(a, path, strlen(path)).p : NULL;

	free(path);
	return copy;
}

struct named_file {
	const char *path;
	uint32_t file;
};

static int by_path(const void *left, const void *right)
{
	const struct named_file *a = left, *b = right;
	int order = strcmp(a->path, b->path);

	return order != 0 ? order : (a->file > b->file) - (a->file < b->file);
}

/* A file that is included twice is two sources and one file. Only those with edits matter. */
static void find_files(struct fix_plan *plan, const struct diags *dl)
{
	size_t n = plan->sources->files.n, nnamed = 0;
	struct named_file *named = arena_array_of(plan->arena, struct named_file, n + 1);
	bool *wanted = arena_array_of(plan->arena, bool, n + 1);

	plan->real_paths = arena_array_of(plan->arena, const char *, n + 1);
	plan->same = arena_array_of(plan->arena, uint32_t, n + 1);
	for (size_t i = 0; i < dl->list.n; i++)
		for (size_t k = 0; k < dl->list.at[i]->fix.n; k++)
			wanted[dl->list.at[i]->fix.at[k].at.file] = true;
	for (uint32_t i = 0; i < n; i++) {
		plan->same[i] = i;
		if (wanted[i])
			plan->real_paths[i] = real_path(plan->arena, plan->sources->files.at[i]);
		if (plan->real_paths[i] != NULL)
			named[nnamed++] = (struct named_file){plan->real_paths[i], i};
	}
	if (nnamed > 1)
		qsort(named, nnamed, sizeof(*named), by_path);
	for (size_t i = 1; i < nnamed; i++)
		if (strcmp(named[i].path, named[i - 1].path) == 0)
			plan->same[named[i].file] = plan->same[named[i - 1].file];
}

static void make_plan(struct arena *a, struct diags *dl, bool with_unsafe, struct fix_plan *plan)
{
	*plan = (struct fix_plan){.arena = a, .sources = dl->sources};
	find_files(plan, dl);
	diag_sort(dl);
	for (size_t i = 0; i < dl->list.n; i++) {
		struct diag *d = dl->list.at[i];

		if (d->fix.n != 0 && !(d->unit < dl->units.n && dl->units.at[d->unit].is_partial))
			add_finding(plan, d, with_unsafe);
	}
	if (plan->edits.n != 0)
		qsort(plan->edits.at, plan->edits.n, sizeof(*plan->edits.at), by_place);
	mark_overlapping(plan);
	keep_good_edits(plan);
	for (size_t i = 0; i < plan->findings.n; i++)
		plan->nfixed += plan->findings.at[i].why_not == NULL;
}

void fix_plan(struct arena *a, struct diags *dl, struct fix_plan *plan)
{
	make_plan(a, dl, true, plan);
}

void fix_plan_safe(struct arena *a, struct diags *dl, struct fix_plan *plan)
{
	make_plan(a, dl, false, plan);
}

void fix_note_left_out(const struct fix_plan *plan, struct diags *dl)
{
	for (size_t i = 0; i < plan->findings.n; i++) {
		const struct fix_finding *finding = &plan->findings.at[i];

		for (size_t k = 0; finding->why_not != NULL && k < dl->list.n; k++) {
			struct diag *d = dl->list.at[k];

			if (d->fix.n == 0 || d->code != finding->diag->code ||
			    !str_eq(d->message, finding->diag->message))
				continue;
			dl->last = d;
			diag_note(dl, "not fixed: %s", finding->why_not);
			break;
		}
	}
}

/* ---- changed files ---- */

/* The edits of one file are next to each other: [from, the result). */
static size_t end_of_file(const struct fix_plan *plan, size_t from)
{
	size_t to = from;

	while (to < plan->edits.n && plan->edits.at[to].file == plan->edits.at[from].file)
		to++;
	return to;
}

static struct str changed_text(const struct fix_plan *plan, size_t from, size_t to)
{
	struct str old = plan->sources->files.at[plan->edits.at[from].file]->text;
	struct strbuf out = {.arena = plan->arena};
	size_t copied = 0;

	for (size_t i = from; i < to; i++) {
		const struct fix_edit *edit = &plan->edits.at[i];

		strbuf_add(&out, (struct str){old.p + copied, edit->off - copied});
		strbuf_add(&out, edit->with);
		copied = (size_t)edit->off + edit->len;
	}
	strbuf_add(&out, (struct str){old.p + copied, old.n - copied});
	return strbuf_str(&out);
}

void fix_diff(struct strbuf *out, const struct fix_plan *plan)
{
	for (size_t from = 0, to; from < plan->edits.n; from = to) {
		const struct source *src = plan->sources->files.at[plan->edits.at[from].file];

		to = end_of_file(plan, from);
		udiff(out, src->path, src->text, changed_text(plan, from, to));
	}
}

static bool write_file(const struct fix_plan *plan, struct diags *dl, size_t from, size_t to)
{
	uint32_t file = plan->edits.at[from].file;
	const struct source *src = plan->sources->files.at[file];
	const char *path = plan->real_paths[file];
	struct str now;
	int err = 0;

	if (path == NULL || file_read(plan->arena, path, SOURCE_MAX_BYTES, &now) != 0 ||
	    !str_eq(now, src->text)) {
		diag_add(dl, E0007, NO_SPAN, "'%.*s' is no longer what was read; it is not changed",
			 STR_ARG(src->path));
		return false;
	}
	err = file_replace(plan->arena, path, changed_text(plan, from, to));
	if (err != 0)
		diag_add(dl, E0007, NO_SPAN, "cannot write '%.*s': %s", STR_ARG(src->path),
			 strerror(err));
	return err == 0;
}

size_t fix_write(const struct fix_plan *plan, struct diags *dl)
{
	size_t nwritten = 0;

	for (size_t from = 0, to; from < plan->edits.n; from = to) {
		to = end_of_file(plan, from);
		nwritten += write_file(plan, dl, from, to);
	}
	return nwritten;
}
