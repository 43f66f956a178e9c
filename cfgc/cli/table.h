/* table.h - the words of the command line: commands with their operands, and options. */
#ifndef CFGC_CLI_TABLE_H
#define CFGC_CLI_TABLE_H

#include "options.h"

#define FOR(command) (1u << (command))
#define ANY_NUMBER   UINT32_MAX

struct command_row {
	const char *name;
	const char *operands; /* as the help shows them: "JID FILE" */
	uint32_t nsubjects;   /* how many of the first operands are no file: 0 or 1 */
	uint32_t least, most; /* operands, the subject included */
	const char *help;
};

/* By enum command. */
extern const struct command_row command_rows[NCOMMANDS];

/* One word of a fixed set, for options such as --color. The list ends with a word that is NULL. */
struct choice {
	const char *word;
	int value;
};

/* How the value of an option is read, and what its field of struct options is. */
enum option_kind {
	OPTION_FLAG,    /* no value; bool */
	OPTION_TEXT,    /* const char *, the last one counts */
	OPTION_WORDS,   /* struct words, all of them */
	OPTION_COUNT,   /* uint32_t */
	OPTION_CHOICE,  /* an enum; the row has the choices */
	OPTION_DATE,    /* int64_t, the first second of that day */
	OPTION_LEVEL,   /* -W; a pointer to DIAG_NCODES settings */
	OPTION_VERSION, /* answered at once; no field */
	OPTION_HELP,    /* the same */
};

struct option_row {
	enum option_kind kind;
	char letter;                  /* 0: none */
	const char *name;             /* without dashes; NULL: letter only */
	const char *argument;         /* NULL: takes none */
	const struct choice *choices; /* OPTION_CHOICE; NULL otherwise */
	unsigned commands;            /* the commands that take it: FOR(...) | ... */
	size_t field;                 /* offset in struct options */
	const char *help;
};

extern const struct option_row option_rows[];
extern const size_t noption_rows;

/* Options that contradict each other, by name. */
struct contradiction {
	const char *one, *other;
};

extern const struct contradiction contradictions[];
extern const size_t ncontradictions;

/** What --help prints. */
struct strbuf;
void cli_print_help(struct strbuf *out);

#endif
