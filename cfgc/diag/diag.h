/* diag.h - what is wrong with a configuration: collected by every phase, printed once at the end.
 *
 *   diag_add(dl, E0203, span, "unknown option '%.*s' for ...", ...)
 *   diag_label(dl, span, "not an option of this listener")     labels, notes, help and fixes go to
 * the last one added
 *
 * Wording: lower case, the file's own words in single quotes, what was expected, no full stop.
 */
#ifndef CFGC_DIAG_DIAG_H
#define CFGC_DIAG_DIAG_H

#include "syntax/source.h"

enum diag_level { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

/* Errors that no change of the configuration mends. They stand in the place of a level in
 * codes.def. */
enum {
	DIAG_WORLD = DIAG_NOTE + 1, /* a file, a folder, the C compiler: unless a term names it */
	DIAG_USAGE,                 /* the command line */
};

/* What the command line says about a code. */
enum diag_setting { DIAG_AS_IS, DIAG_AS_ERROR, DIAG_AS_WARNING, DIAG_AS_NOTE, DIAG_OFF };

/* E0203 and its like, one row each in codes.def. */
enum diag_code {
#define CODE(id, slug, level, summary) id,
#include "diag/codes.def"
#undef CODE
	DIAG_NCODES
};

struct diag_info {
	const char *id;   /* "E0203" */
	const char *slug; /* "unknown-option" */
	enum diag_level level;
	int other_than_config; /* DIAG_WORLD, DIAG_USAGE; 0: it is about the configuration */
	const char *summary;   /* one line for `cfgc explain` and the SARIF rule */
};

extern const struct diag_info diag_infos[DIAG_NCODES];

struct diag_label {
	struct span at;
	struct str text;
	bool primary;
};

struct diag_edit {
	struct span at;
	struct str with;
};

struct diag {
	enum diag_code code;
	enum diag_level level; /* the code's own, unless the command line changed it */
	struct str message;
	VEC(struct diag_label) labels; /* the first is the primary one, if there is a place */
	VEC(struct str) notes;
	struct str help;           /* n == 0: none */
	VEC(struct diag_edit) fix; /* machine-applicable; empty when not sure */
	bool fix_is_unsafe;        /* it changes what a server does that takes the file as it is */
	uint32_t order;            /* order of arrival, the last key of the sort */
	uint32_t unit;             /* of diags->units: what was being checked */
	struct str waived_by;      /* the reason in the file; n == 0: not waived */
	bool is_repeat;            /* diags_drop_repeats is about to drop it */
};

/* For vec_push. */
struct diag_list {
	struct diag **at;
	size_t n, cap;
};

/* A file that gives more warnings than this has one mistake many times over. */
#define DIAG_MAX_WARNINGS 1000

/* One file of the command line with all that it includes. The limits are a unit's own: one bad
 * file does not hide the next. */
struct diag_unit {
	const char *subject; /* the operand; findings without a place are about it */
	uint32_t nerrors, nwarnings, nwrong; /* when it began */
	bool is_partial; /* part of it could not be read: what seems to be missing may
			    be there, and nothing is fixed */
};

struct diags {
	struct arena *arena;
	const struct sources *sources;
	struct diag_list list;
	struct diag_list waived; /* allowed by a comment of the file: not in the list or counts */
	struct diag *last; /* the one that labels, notes, help and fixes go to, kept in the list or
			      not */
	uint32_t nerrors, nwarnings, nnotes;
	uint32_t nwrong;                           /* errors by nature, whatever -W says */
	uint32_t nhidden_errors, nhidden_warnings; /* of these, beyond the limits */
	uint32_t narrived;           /* all of them, also those that are switched off */
	VEC(struct diag_unit) units; /* none: what is found is about no file */
	uint32_t max_errors; /* of one unit; 0: all. Beyond it errors with a place are counted but
				not kept, and so are warnings beyond DIAG_MAX_WARNINGS */
	bool werror;
	/* DIAG_NCODES settings, borrowed; NULL: none. Stronger than werror. Errors by nature have
	 * none: what comes behind them relies on their being errors. */
	const enum diag_setting *settings;
	/* Codes that this run does not look for: that none was found says nothing. */
	bool skipped[DIAG_NCODES];
};

/** From now on diagnostics are about this operand; a borrowed string. */
void diags_begin_unit(struct diags *dl, const char *subject);

/** Append one diagnostic with its primary span (NO_SPAN: about the run as a whole). */
struct diag *diag_add(struct diags *dl, enum diag_code code, struct span at, const char *format,
		      ...) __attribute__((format(printf, 4, 5)));
/** Make the last diagnostic added a warning, as --allow-unsupported asks; with werror it stays an
 * error. */
void diag_demote(struct diags *dl);
/** Make the last diagnostic added a note: a habit that its code warns of elsewhere. What the
 * command line says about the code stays. */
void diag_as_note(struct diags *dl);
/** Make the last diagnostic added an error, as --compat=strict asks, unless the command line gives
 * its code a level. */
void diag_raise(struct diags *dl);
/** Text under the primary span of the last diagnostic added. */
void diag_primary(struct diags *dl, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** A related span of the last diagnostic added. */
void diag_label(struct diags *dl, struct span at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void diag_note(struct diags *dl, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diag_help(struct diags *dl, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** A replacement that is certainly right; several on one diagnostic are applied together. */
void diag_fix(struct diags *dl, struct span at, struct str with);
/** The same where MongooseIM 3.2.0 takes what is written and would do something else afterwards. */
void diag_fix_unsafe(struct diags *dl, struct span at, struct str with);

/**
 * Set a code ("W0504"), a group of codes ("W05") or a slug ("unused").
 *
 * @param settings  DIAG_NCODES of them.
 * @return how many codes were meant; 0: no such code, or none but errors, which stay errors.
 */
size_t diag_set(enum diag_setting *settings, struct str name, enum diag_setting setting);

/** Does a name mean this code: the code itself, its group ("W05") or its slug? */
bool diag_is_named(const struct diag_info *info, struct str name);

/** The row of a code: id, slug, level, summary. */
const struct diag_info *diag_info_of(enum diag_code code);

bool diag_has_errors(const struct diags *dl);

/** Is the configuration that is being checked wrong? A warning that counts as an error is none
 * here: what else is found must not depend on the levels. */
bool diag_unit_is_wrong(const struct diags *dl);

/** Would a further error of this unit be beyond max_errors? */
bool diags_are_full(const struct diags *dl);

/** Is one of them of a kind, DIAG_WORLD or DIAG_USAGE? What a term names is the term's fault. */
bool diag_has_other(const struct diags *dl, int kind);

/** What a diagnostic is about: the file of its primary place, else the operand, else "". */
struct str diag_path(const struct diags *dl, const struct diag *d);

/** Take one out of the counts that is about to leave the list. */
void diag_uncount(struct diags *dl, const struct diag *d);

/**
 * Files that several units include are read by each of them: drop what was found again at the same
 * place of an included file in the same words.
 */
void diags_drop_repeats(struct diags *dl);

/** Both lists as one, in the order of diag_sort; in the arena. */
struct diag_list diags_with_waived(struct arena *a, const struct diags *dl);

/** Order the list by unit, file, offset, code, arrival; the printers do so themselves. */
void diag_sort(struct diags *dl);

#endif
