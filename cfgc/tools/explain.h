/* explain.h - what a code, an option or a section means, from the pages and the schema. */
#ifndef CFGC_TOOLS_EXPLAIN_H
#define CFGC_TOOLS_EXPLAIN_H

#include <stdbool.h>

#include "support/strbuf.h"

/**
 * Append the page of a code ("E0203", any case) or of its slug ("unknown-option"), or else every
 * section of that name and every option of that name, or the option of one section
 * ("ejabberd_c2s.access").
 *
 * @param name  NULL: the list of all codes.
 * @param bold  make headings bold, for a terminal.
 * @return false if nothing is called so; then nothing is appended.
 */
bool explain_print(struct strbuf *out, const char *name, bool bold);

/** The name that was probably meant, or a str with n == 0. */
struct str explain_nearest(struct arena *a, const char *name);

#endif
