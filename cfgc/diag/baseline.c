/* baseline.c - a text file with one fingerprint per line; code and path behind it are for readers.
 */
#include "diag/baseline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "support/file.h"

#define FIRST_LINE "cfgc baseline 1\n"
#define DIGITS     16

static bool is_baseline(struct str text)
{
	return text.n >= strlen(FIRST_LINE) && memcmp(text.p, FIRST_LINE, strlen(FIRST_LINE)) == 0;
}

/* ---- writing ---- */

/* One slip on the command line must not cost the configuration. */
static bool would_lose(struct arena *a, struct diags *dl, const char *path)
{
	struct str text;

	if (file_read(a, path, SOURCE_MAX_BYTES, &text) != 0 || text.n == 0 || is_baseline(text))
		return false;
	diag_add(dl, E0014, NO_SPAN, "'%s' is not a baseline and stays as it is", path);
	diag_help(dl, "choose another name, or remove it first");
	return true;
}

bool baseline_write(struct arena *a, const struct diag_report *r, const char *path)
{
	struct strbuf out = {.arena = a};
	const uint64_t *prints;
	int error;

	if (would_lose(a, r->diags, path))
		return false;
	diag_sort(r->diags);
	prints = diag_fingerprints(a, r->diags, &r->diags->list);
	strbuf_addz(&out, FIRST_LINE);
	for (size_t i = 0; i < r->diags->list.n; i++) {
		const struct diag *d = r->diags->list.at[i];

		strbuf_printf(&out, "%0*" PRIx64 " %s ", DIGITS, prints[i],
			      diag_info_of(d->code)->id);
		strbuf_add_json(&out, diag_path(r->diags, d));
		strbuf_addc(&out, '\n');
	}
	error = file_write_atomic(a, path, strbuf_str(&out), false, NULL);
	if (error != 0)
		diag_add(r->diags, E0007, NO_SPAN, "cannot write the baseline '%s': %s", path,
			 strerror(error));
	return error == 0;
}

/* ---- reading ---- */

struct known {
	VEC(uint64_t) list;
};

static int compare_prints(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Sixteen small hexadecimal digits and a space. */
static bool read_print(const char *line, size_t n, uint64_t *out)
{
	*out = 0;
	if (n <= DIGITS || line[DIGITS] != ' ')
		return false;
	for (size_t i = 0; i < DIGITS; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = line[i] != '\0' ? strchr(digits, line[i]) : NULL;

		if (at == NULL)
			return false;
		*out = *out << 4 | (uint64_t)(at - digits);
	}
	return true;
}

static bool read_lines(struct arena *a, struct diags *dl, const char *path, struct str text,
		       struct known *known)
{
	size_t at = strlen(FIRST_LINE), line = 2;

	if (!is_baseline(text)) {
		diag_add(dl, E0014, NO_SPAN, "'%s' is not a baseline", path);
		diag_help(dl, "write one with --write-baseline=FILE");
		return false;
	}
	for (; at < text.n; line++) {
		const char *start = text.p + at, *end = memchr(start, '\n', text.n - at);
		size_t n = end != NULL ? (size_t)(end - start) : text.n - at;
		uint64_t print;

		if (!read_print(start, n, &print)) {
			diag_add(dl, E0014, NO_SPAN, "line %zu of '%s' is no finding of a baseline",
				 line, path);
			return false;
		}
		vec_push(a, &known->list, print);
		at += n + 1;
	}
	if (known->list.n > 1)
		qsort(known->list.at, known->list.n, sizeof(uint64_t), compare_prints);
	return true;
}

static bool is_known(const struct known *known, uint64_t print)
{
	return known->list.n != 0 && bsearch(&print, known->list.at, known->list.n,
					     sizeof(uint64_t), compare_prints) != NULL;
}

static bool read_known(struct arena *a, struct diags *dl, const char *path, struct known *known)
{
	struct str text;
	int error = file_read(a, path, SOURCE_MAX_BYTES, &text);

	if (error != 0) {
		diag_add(dl, error == EFBIG ? E0003 : E0001, NO_SPAN,
			 "cannot read the baseline '%s': %s", path, strerror(error));
		return false;
	}
	return read_lines(a, dl, path, text, known);
}

bool baseline_apply(struct arena *a, const struct diag_report *r, const char *path)
{
	struct diags *dl = r->diags;
	struct known known = {0};
	const uint64_t *prints;
	size_t kept = 0;

	if (!read_known(a, dl, path, &known))
		return false;
	diag_sort(dl);
	prints = diag_fingerprints(a, r->diags, &r->diags->list);
	for (size_t i = 0; i < dl->list.n; i++) {
		if (is_known(&known, prints[i]))
			diag_uncount(dl, dl->list.at[i]);
		else
			dl->list.at[kept++] = dl->list.at[i];
	}
	dl->list.n = kept;
	return true;
}

void baseline_limit(struct diags *dl, uint32_t max_errors)
{
	uint32_t nerrors = 0, nwarnings = 0, unit = 0;
	size_t kept = 0;

	if (max_errors == 0)
		return;
	diag_sort(dl);
	for (size_t i = 0; i < dl->list.n; i++) {
		struct diag *d = dl->list.at[i];

		if (d->unit != unit)
			nerrors = nwarnings = 0;
		unit = d->unit;
		if (d->level == DIAG_ERROR && d->labels.n != 0 && ++nerrors > max_errors)
			dl->nhidden_errors++;
		else if (d->level == DIAG_WARNING && ++nwarnings > DIAG_MAX_WARNINGS)
			dl->nhidden_warnings++;
		else
			dl->list.at[kept++] = d;
	}
	dl->list.n = kept;
	dl->max_errors = max_errors;
}
