/* report.c - the table of printers, and what several of them need. */
#include "diag/report.h"

#include <stdlib.h>

#include "support/array.h"
#include "support/assert.h"

const struct diag_printer diag_printers[] = {
	{"text", diag_print_text},   {"gcc", diag_print_gcc},       {"json", diag_print_json},
	{"sarif", diag_print_sarif}, {"github", diag_print_github}, {"gitlab", diag_print_gitlab},
	{"junit", diag_print_junit},
};

const size_t diag_nprinters = ARRAY_LEN(diag_printers);

void diag_report_print(struct strbuf *out, const struct diag_report *r, size_t form)
{
	CFGC_ASSERT(form < diag_nprinters);
	diag_sort(r->diags);
	diag_printers[form].print(out, r);
}

const char *diag_level_word(enum diag_level level)
{
	switch (level) {
	case DIAG_ERROR:
		return "error";
	case DIAG_WARNING:
		return "warning";
	case DIAG_NOTE:
		break;
	}
	return "note";
}

struct diag_range diag_range_of(const struct diags *dl, struct span at)
{
	return (struct diag_range){
		.path = dl->sources->files.at[at.file]->path,
		.first = source_position(dl->sources, at.file, at.off),
		.last = source_position(dl->sources, at.file, at.off + at.len),
	};
}

/* ---- fingerprints ---- */

/* FNV-1a, 64 bits; a zero byte ends each part, so that parts cannot run into each other. */
#define FNV_OFFSET 0xCBF29CE484222325u
#define FNV_PRIME  0x00000100000001B3u

static uint64_t mix_byte(uint64_t hash, unsigned char byte)
{
	return (hash ^ byte) * FNV_PRIME;
}

static uint64_t mix(uint64_t hash, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		hash = mix_byte(hash, (unsigned char)s.p[i]);
	return mix_byte(hash, 0);
}

/* The quoted line is left out: it may hold a password, and a short password can be found again from
 * a hash that is kept in a repository. */
static uint64_t words_of(const struct diags *dl, const struct diag *d)
{
	uint64_t hash = FNV_OFFSET;

	hash = mix(hash, str_of(diag_info_of(d->code)->id));
	hash = mix(hash, diag_path(dl, d));
	hash = mix(hash, d->message);
	return mix(hash, d->labels.n != 0 ? d->labels.at[0].text : (struct str){NULL, 0});
}

struct words {
	uint64_t hash;
	size_t i;
};

static int compare_words(const void *left, const void *right)
{
	const struct words *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return (a->i > b->i) - (a->i < b->i);
}

const uint64_t *diag_fingerprints(struct arena *a, const struct diags *dl,
				  const struct diag_list *list)
{
	size_t n = list->n;
	uint64_t *prints = arena_alloc(a, (n + 1) * sizeof(*prints));
	struct words *words = arena_alloc(a, (n + 1) * sizeof(*words)), *group = words;

	for (size_t i = 0; i < n; i++)
		words[i] = (struct words){words_of(dl, list->at[i]), i};
	qsort(words, n, sizeof(*words), compare_words);
	for (size_t i = 0; i < n; i++) {
		struct str nth;

		if (words[i].hash != group->hash)
			group = &words[i];
		nth = arena_printf(a, "%zu", (size_t)(&words[i] - group));
		prints[words[i].i] = mix(words[i].hash, nth);
	}
	return prints;
}
