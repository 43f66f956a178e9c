/* trap.c - the table of traps: what --compat makes of each. */
#include "schema/trap.h"

#include <stdarg.h>

#include "support/array.h"
#include "support/assert.h"

enum trap_kind {
	/* MongooseIM 3.2.0 and its manual disagree: a server is built by either of them, with a
	 * warning, and by neither under strict. */
	TRAP_DIFFERS,
	/* They agree, or only the reader expects something else: one server, and a warning that
	 * strict makes an error. */
	TRAP_READER,
	/* It cannot be what its author wants, so it is an error; MongooseIM 3.2.0 goes on all the
	 * same, and so does a server that is built to do as it does. */
	TRAP_TOLERATED,
	/* MongooseIM 3.2.0 does not start with it, and to do as it does is an error, too. */
	TRAP_STOPS,
};

static const char by_manual[] = "the server built does what the manual says (--compat=documented)";
static const char as_server[] = "so does the server built (--compat=mongooseim)";
static const char refused[] = "--compat=strict: what can be understood in two ways is an error";

/* Each code has one row; cfgc/README.md has them in words.
 */
static const struct trap {
	enum diag_code code;
	enum trap_kind kind;
	/* Notes under documented and mongooseim; NULL: the common one of the kind, if it has one.
	 */
	const char *documented, *mongooseim;
} traps[] = {
	{W0604, TRAP_DIFFERS, NULL, NULL},
	{W0523, TRAP_DIFFERS, NULL, NULL},
	{W0541, TRAP_DIFFERS,
	 "the server built takes the shaper that is meant (--compat=documented)", NULL},
	{W0544, TRAP_DIFFERS,
	 "the server built takes the pair as the bare name (--compat=documented)", NULL},
	{W0531, TRAP_READER, NULL, NULL},
	{W0542, TRAP_READER, NULL, NULL},
	{W0543, TRAP_READER, NULL, NULL},
	{W0545, TRAP_READER, NULL, NULL},
	{W0546, TRAP_STOPS, "the server built takes both (--compat=documented)", NULL},
	{W0548, TRAP_READER, NULL, NULL},
	{W0550, TRAP_READER, NULL, NULL},
	{W0551, TRAP_DIFFERS, NULL, NULL},
	{W0552, TRAP_DIFFERS, "the server built keeps to the limit (--compat=documented)", NULL},
	{W0555, TRAP_READER, NULL, NULL},
	{W0557, TRAP_READER, NULL, NULL},
	{W0558, TRAP_READER, NULL, NULL},
	{W0802, TRAP_READER, NULL, NULL},
	{W0805, TRAP_READER, NULL, NULL},
	{W0506, TRAP_DIFFERS, "in the server built host_config counts (--compat=documented)", NULL},
	{W0509, TRAP_READER, NULL, NULL},
	{W0510, TRAP_READER, NULL, NULL},
	{W0521, TRAP_DIFFERS, "the server built does what is written (--compat=documented)", NULL},
	{E0203, TRAP_TOLERATED, NULL,
	 "MongooseIM 3.2.0 never looks at it, nor does the server built (--compat=mongooseim)"},
	{E0224, TRAP_TOLERATED, NULL,
	 "MongooseIM 3.2.0 serves it once, and so does the server built (--compat=mongooseim)"},
	{E0226, TRAP_TOLERATED, NULL,
	 "it matches nobody, as in MongooseIM 3.2.0 (--compat=mongooseim)"},
	{E0227, TRAP_TOLERATED, NULL,
	 "it matches nobody, as in MongooseIM 3.2.0 (--compat=mongooseim)"},
	{E0229, TRAP_TOLERATED, NULL,
	 "it matches nobody, as in MongooseIM 3.2.0 (--compat=mongooseim)"},
	{E0232, TRAP_TOLERATED, NULL,
	 "MongooseIM 3.2.0 takes tcp, and so does the server built (--compat=mongooseim)"},
	{E0302, TRAP_TOLERATED, NULL,
	 "MongooseIM 3.2.0 takes it for one without clauses, as does the server built "
	 "(--compat=mongooseim)"},
	{E0305, TRAP_TOLERATED, NULL, "so does the server built (--compat=mongooseim)"},
	{E0311, TRAP_TOLERATED, NULL,
	 "MongooseIM 3.2.0 sets no limit then, nor does the server built (--compat=mongooseim)"},
};

static const struct trap *trap_of(enum diag_code code)
{
	for (size_t i = 0; i < ARRAY_LEN(traps); i++)
		if (traps[i].code == code)
			return &traps[i];
	CFGC_ASSERT(!"a trap that has a row");
	return NULL;
}

static const char *or_common(const char *note, const char *common)
{
	return note != NULL ? note : common;
}

void trap_settle(struct bind *b)
{
	const struct trap *t = trap_of(b->diags->last->code);
	const char *note = NULL;

	switch (b->compat) {
	case COMPAT_DOCUMENTED:
		note = or_common(t->documented, t->kind == TRAP_DIFFERS ? by_manual : NULL);
		break;
	case COMPAT_MONGOOSEIM:
		note = or_common(t->mongooseim, t->kind == TRAP_DIFFERS ? as_server : NULL);
		if (t->kind == TRAP_TOLERATED)
			diag_demote(b->diags);
		else if (t->kind == TRAP_STOPS)
			diag_raise(b->diags);
		break;
	case COMPAT_STRICT:
		note = t->kind == TRAP_TOLERATED ? NULL : refused;
		diag_raise(b->diags);
		break;
	}
	if (note != NULL)
		diag_note(b->diags, "%s", note);
}

void trap_report(struct bind *b, enum diag_code code, struct span at, const char *format, ...)
{
	struct str message;
	va_list ap;

	va_start(ap, format);
	message = arena_vprintf(b->arena, format, ap);
	va_end(ap);
	diag_add(b->diags, code, at, "%.*s", STR_ARG(message));
	trap_settle(b);
}

const char *compat_word(enum compat compat)
{
	static const char *const words[] = {[COMPAT_DOCUMENTED] = "documented",
					    [COMPAT_MONGOOSEIM] = "mongooseim",
					    [COMPAT_STRICT] = "strict"};

	return words[compat];
}
