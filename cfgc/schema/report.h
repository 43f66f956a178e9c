/* report.h - diagnostics about values: E0205, E0206, E0207, E0703, W0605. Private to cfgc/schema.
 *
 * Each is about the term given, which may be part of a value; the message names the option in
 * b->option.
 */
#ifndef CFGC_SCHEMA_REPORT_H
#define CFGC_SCHEMA_REPORT_H

#include "schema/bind.h"

/** The term is of another kind than the type, with a fix where the meaning is certain. */
void report_type(struct bind *b, const struct type *type, const struct term *t);
/** The same, with what is expected in words. */
void report_expected(struct bind *b, const struct term *t, const char *expected);
/** The number is "below the minimum" or "above the maximum" of limit. */
void report_range(struct bind *b, const struct term *t, const char *where, int64_t limit,
		  const char *unit);
/** "the list is empty", "the text is empty". */
void report_empty(struct bind *b, const struct term *t, const char *what);
/** The word is none of those that the type knows. @return false, silently, if the type knows no
 * words. */
bool report_choice(struct bind *b, const struct type *type, const struct term *t);
void report_unsupported_value(struct bind *b, const struct term *t, struct str name);
void report_string_for_binary(struct bind *b, const struct term *t);

#endif
