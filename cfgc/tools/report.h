/* report.h - what a configuration makes the server do, on one page for a browser. */
#ifndef CFGC_TOOLS_REPORT_H
#define CFGC_TOOLS_REPORT_H

#include "model/model.h"

struct strbuf;

struct report_settings {
	const char *main_file; /* as given; "-" is standard input */
	const char *version;   /* of cfgc */
	uint32_t ninputs;      /* the first of m->sources that forms come from */
};

/**
 * Append a page of HTML that needs nothing else: no script, no other file.
 *
 * Secrets are masked, and everything from the configuration is escaped. But for findings that are
 * about a date or about files, nothing in it depends on when and where it was made.
 *
 * @param m   built without errors.
 * @param dl  what was found; is sorted.
 */
void report_print(struct strbuf *out, const struct model *m, struct diags *dl,
		  const struct report_settings *settings);

#endif
