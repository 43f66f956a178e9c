/* trap.h - where MongooseIM 3.2.0 does something else than its manual, or the reader of a file,
 * expects.
 *
 * Each such place is a diagnostic of its own code and a row of one table (trap.c). The row says
 * what
 * --compat makes of it: which level the diagnostic has, and the note about what the server that is
 * built does. What the server does is up to the caller.
 */
#ifndef CFGC_SCHEMA_TRAP_H
#define CFGC_SCHEMA_TRAP_H

#include "schema/schema.h"

/**
 * Report a trap: the message says what MongooseIM 3.2.0 does, a note what the server built does.
 *
 * @param code  one with a row in the table.
 */
void trap_report(struct bind *b, enum diag_code code, struct span at, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/** Level and note, by mode, of the last diagnostic added, which is about a trap. */
void trap_settle(struct bind *b);

/** As --compat has it: "documented", "mongooseim", "strict". */
const char *compat_word(enum compat compat);

/** Whether the server built is to do what MongooseIM 3.2.0 does rather than what its manual says.
 */
static inline bool does_as_mongooseim(const struct bind *b)
{
	return b->compat == COMPAT_MONGOOSEIM;
}

#endif
