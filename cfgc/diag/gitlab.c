/* gitlab.c - findings as a code quality report of GitLab: one JSON array. */
#include <inttypes.h>

#include "diag/report.h"

static const char *severity(enum diag_level level)
{
	switch (level) {
	case DIAG_ERROR:
		return "major";
	case DIAG_WARNING:
		return "minor";
	case DIAG_NOTE:
		break;
	}
	return "info";
}

/* Path and line are required: what has no place stands at the first line of the file it is about,
 * and the command line is a file of that name. */
static void print_place(struct strbuf *out, const struct diag_report *r, const struct diag *d)
{
	struct diag_range range = {diag_path(r->diags, d), {1, 1}, {1, 1}};

	if (d->labels.n != 0)
		range = diag_range_of(r->diags, d->labels.at[0].at);
	if (range.path.n == 0)
		range.path = str_of("cfgc");
	strbuf_addz(out, "\"location\":{\"path\":");
	strbuf_add_json(out, range.path);
	strbuf_printf(out, ",\"lines\":{\"begin\":%u,\"end\":%u}}", range.first.line,
		      range.last.line);
}

static void print_one(struct strbuf *out, const struct diag_report *r, size_t i,
		      uint64_t fingerprint)
{
	const struct diag *d = r->diags->list.at[i];

	strbuf_addz(out, "{\"description\":");
	strbuf_add_json(out, d->message);
	strbuf_printf(out,
		      ",\"check_name\":\"%s\",\"fingerprint\":\"%016" PRIx64
		      "\",\"severity\":\"%s\",",
		      diag_info_of(d->code)->id, fingerprint, severity(d->level));
	print_place(out, r, d);
	strbuf_addc(out, '}');
}

void diag_print_gitlab(struct strbuf *out, const struct diag_report *r)
{
	const uint64_t *fingerprints = diag_fingerprints(out->arena, r->diags, &r->diags->list);

	strbuf_addc(out, '[');
	for (size_t i = 0; i < r->diags->list.n; i++) {
		strbuf_addz(out, i != 0 ? ",\n" : "\n");
		print_one(out, r, i, fingerprints[i]);
	}
	strbuf_addz(out, "\n]\n");
}
