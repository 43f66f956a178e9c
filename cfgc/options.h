/* options.h - the command line of cfgc: what to do, with which file, and how to report. */
#ifndef CFGC_OPTIONS_H
#define CFGC_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "diag/diag.h"
#include "schema/schema.h" /* enum target, enum compat */

/* A row of command_rows each, in this order. */
enum command {
	COMMAND_BUILD,   /* validate, write the C, link the server */
	COMMAND_CHECK,   /* validate only */
	COMMAND_EMIT,    /* validate and write the C */
	COMMAND_TERMS,   /* print the terms as JSON */
	COMMAND_FMT,     /* lay out the file */
	COMMAND_DUMP,    /* print the effective configuration */
	COMMAND_CAN,     /* what decides about one user */
	COMMAND_WHO,     /* whom a rule decides about */
	COMMAND_DIFF,    /* what changes between two configurations */
	COMMAND_REPORT,  /* a page about a configuration for a browser */
	COMMAND_OPTIONS, /* the reference of all options */
	COMMAND_EXPLAIN, /* what a code or an option means */
	COMMAND_SHELL,   /* the script that completes words in a shell */
	COMMAND_CIPHERS, /* the protocol versions and cipher suites of each listener */
	COMMAND_LSP,     /* serve an editor */
	NCOMMANDS,
};

/* In the order of diag_printers. */
enum diagnostics_form {
	DIAGNOSTICS_TEXT,
	DIAGNOSTICS_GCC,
	DIAGNOSTICS_JSON,
	DIAGNOSTICS_SARIF,
	DIAGNOSTICS_GITHUB,
	DIAGNOSTICS_GITLAB,
	DIAGNOSTICS_JUNIT,
};

enum colour_mode { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* Words in the order in which they were given; for vec_push. */
struct words {
	const char **at;
	size_t n, cap;
};

struct options {
	enum command command;
	const char *subject; /* can: the JID; options, explain: a name; NULL: not given */
	struct words files;  /* the operands that are files; "-" is standard input */
	const char *file;    /* the first of them, NULL: none */
	const char *rule;    /* can, who; NULL: not given */
	const char *host;    /* can, who; NULL: not given */
	uint32_t listener;   /* can: a port; 0: not given */
	const char *output;  /* -o: the server binary, the report */
	const char *dir;     /* -d: where the C goes; NULL when not given */
	const char *runtime; /* --runtime: folder of libcfgc_rt.a and its headers; NULL: found
				beside cfgc */
	struct words vars;
	enum target target;
	enum compat compat;
	int64_t at; /* the time of the check, s since 1970 UTC */
	enum diagnostics_form diagnostics;
	enum colour_mode colour;
	enum diag_level fail_on;     /* check: a finding of this level or worse is exit status 1 */
	enum diag_setting *settings; /* -W: DIAG_NCODES of them, in the arena */
	const char *baseline;        /* --baseline: findings to leave out; NULL: none */
	const char *write_baseline;  /* --write-baseline; NULL: none */
	const char *root;            /* --root: the folder that named files are looked up below;
					NULL: none */
	const char *as;              /* --as: where the files would stand; NULL: they are whole */
	uint32_t max_errors;         /* 0: all */
	bool allow_unsupported;
	bool werror;
	bool no_files;           /* --no-files: do not look at the files that options name */
	bool fix;                /* check: make the edits that diagnostics carry */
	bool fix_unsafe;         /* check: those as well that change what MongooseIM does */
	bool diff;               /* check, fmt: print the changes as a unified diff */
	bool json, markdown;     /* options, diff: instead of text */
	bool man;                /* options: as a manual page */
	bool no_new_access;      /* diff: the status says whether anybody may do more */
	bool check;              /* fmt: only say whether the file would change */
	bool expand;             /* terms: after includes and macros */
	struct str mistake;      /* OPTIONS_BAD: what is wrong with the command line, and ... */
	struct str mistake_help; /* ... what to do */
};

enum options_result {
	OPTIONS_RUN,  /* do what *o says */
	OPTIONS_DONE, /* --help or --version was answered on standard output */
	OPTIONS_BAD,  /* o->mistake says why; o->diagnostics and o->colour are as wished */
};

/**
 * Read argv. Strings in *o are borrowed from argv.
 *
 * Options and operands may come in any order; "--" ends the options. How to report is looked for
 * before anything else, so that a mistake is reported in that form.
 * The rows of commands and options are in cli/table.c.
 */
enum options_result options_parse(struct arena *a, struct options *o, int argc, char **argv);

#endif
