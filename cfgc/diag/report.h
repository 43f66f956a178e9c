/* report.h - what one run found, and the printers that can write it down. */
#ifndef CFGC_DIAG_REPORT_H
#define CFGC_DIAG_REPORT_H

#include "diag/diag.h"
#include "support/strbuf.h"

/* Everything a printer may know. Findings are sorted before a printer is called. */
struct diag_report {
	struct diags *diags;
	int exit_status;   /* what cfgc is about to exit with */
	bool colour;       /* text only */
	bool wrote_anyway; /* files were changed although there are errors (--fix) */
};

/* One form of --diagnostics. A printer appends the whole document, also when nothing was found. */
struct diag_printer {
	const char *name;
	void (*print)(struct strbuf *out, const struct diag_report *r);
};

/** All forms, in the order of enum diagnostics_form. */
extern const struct diag_printer diag_printers[];
extern const size_t diag_nprinters;

/** Sort, print. `form` is an index into diag_printers. */
void diag_report_print(struct strbuf *out, const struct diag_report *r, size_t form);

/** Message, quoted lines with markers, notes, help, and a closing line with the counts. */
void diag_print_text(struct strbuf *out, const struct diag_report *r);
/** One JSON object per line. */
void diag_print_json(struct strbuf *out, const struct diag_report *r);
void diag_print_gcc(struct strbuf *out, const struct diag_report *r);
void diag_print_github(struct strbuf *out, const struct diag_report *r);
void diag_print_gitlab(struct strbuf *out, const struct diag_report *r);
void diag_print_junit(struct strbuf *out, const struct diag_report *r);
/** SARIF 2.1.0, one run (OASIS, March 2020). */
void diag_print_sarif(struct strbuf *out, const struct diag_report *r);

/** "error", "warning" or "note". */
const char *diag_level_word(enum diag_level level);

/** First and last place of a span, for printers that speak of lines; last is exclusive. */
struct diag_range {
	struct str path;
	struct position first, last;
};

struct diag_range diag_range_of(const struct diags *dl, struct span at);

/**
 * Name each finding by its words and not by its line: code, path, message and label, so that it
 * keeps its name when lines move. Findings that agree in all of them are numbered in their order.
 *
 * @return one number for each of a sorted list of findings of dl, in the arena.
 */
const uint64_t *diag_fingerprints(struct arena *a, const struct diags *dl,
				  const struct diag_list *list);

#endif
