/* mdoc.h - text for manual pages: whatever it holds, no formatter takes it for a request. */
#ifndef CFGC_TOOLS_MDOC_H
#define CFGC_TOOLS_MDOC_H

#include "support/strbuf.h"

/** Append text that may stand anywhere in a line, also between double quotes. */
void mdoc_text(struct strbuf *out, struct str text);

/** Append a line of text that ends with a full stop. */
void mdoc_sentence(struct strbuf *out, const char *text);

/** The same for a help text of ours: it begins with a small letter, which becomes a capital unless
 * the first word is a name with more in it than letters. */
void mdoc_help(struct strbuf *out, const char *help);

#endif
