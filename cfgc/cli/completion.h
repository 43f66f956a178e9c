/* completion.h - what a shell offers behind a beginning of a cfgc command line, from the tables.
 *
 *   tables ─▶ completion_bash | completion_zsh | completion_fish ─▶ a script for that shell
 */
#ifndef CFGC_CLI_COMPLETION_H
#define CFGC_CLI_COMPLETION_H

#include "cli/table.h"
#include "support/strbuf.h"

/** Append the script for a shell. @return false: no such shell, nothing is appended. */
bool completion_print(struct strbuf *out, const char *shell);

/* ---- private to completion*.c ---- */

/* What an operand or the value of an option is. */
enum completion {
	COMPLETE_TEXT,  /* nothing to offer */
	COMPLETE_FILE,  /* any file */
	COMPLETE_DIR,   /* folders */
	COMPLETE_LEVEL, /* CODE=LEVEL of -W */
	COMPLETE_WORDS, /* words of a fixed set */
};

enum completion completion_of_value(const struct option_row *row);
/** The operand that is no file: COMPLETE_TEXT or COMPLETE_WORDS. */
enum completion completion_of_subject(enum command command);
/** What COMPLETE_WORDS means there, and the codes that COMPLETE_LEVEL begins with. */
struct words completion_value_words(struct arena *a, const struct option_row *row);
struct words completion_subject_words(struct arena *a, enum command command);
struct words completion_warnings(struct arena *a);
/** Names of the commands in a set of FOR() bits. */
struct words completion_commands(struct arena *a, unsigned commands);
/** The levels behind a code. */
extern const char completion_levels[];

/** Append words with one separator between them. */
void completion_join(struct strbuf *out, struct words words, const char *separator);
/** Whether a command takes files beside its subject. */
bool completion_takes_files(const struct command_row *row);

void completion_bash(struct strbuf *out);
void completion_zsh(struct strbuf *out);
void completion_fish(struct strbuf *out);

#endif
