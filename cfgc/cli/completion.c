/* completion.c - what the scripts of all shells have in common: which words fit where. */
#include "cli/completion.h"

#include <stdlib.h>
#include <string.h>

#include "support/array.h"

const char completion_levels[] = "error warning note off";

static const struct {
	const char *name;
	void (*print)(struct strbuf *out);
} shells[] = {
	{"bash", completion_bash},
	{"zsh", completion_zsh},
	{"fish", completion_fish},
};

bool completion_print(struct strbuf *out, const char *shell)
{
	for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
		if (strcmp(shells[i].name, shell) != 0)
			continue;
		shells[i].print(out);
		return true;
	}
	return false;
}

/* ---- kinds ---- */

enum completion completion_of_value(const struct option_row *row)
{
	if (row->kind == OPTION_CHOICE)
		return COMPLETE_WORDS;
	if (row->kind == OPTION_LEVEL)
		return COMPLETE_LEVEL;
	if (strcmp(row->argument, "FILE") == 0)
		return COMPLETE_FILE;
	if (strcmp(row->argument, "DIR") == 0)
		return COMPLETE_DIR;
	return COMPLETE_TEXT;
}

enum completion completion_of_subject(enum command command)
{
	switch (command) {
	case COMMAND_EXPLAIN:
	case COMMAND_OPTIONS:
	case COMMAND_SHELL:
		return COMPLETE_WORDS;
	default:
		return COMPLETE_TEXT;
	}
}

bool completion_takes_files(const struct command_row *row)
{
	return row->most > row->nsubjects;
}

/* ---- words ---- */

struct names_walk {
	struct arena *arena;
	struct words *out;
};

static void add_names_of(void *ctx, const char *group, const struct section *s)
{
	struct names_walk *w = ctx;

	(void)group;
	vec_push(w->arena, w->out, s->name);
	for (size_t i = 0; i < s->noptions; i++)
		/* Names such as {validity_period, access} are more than a word. */
		if (s->options[i].name[0] != '{')
			vec_push(w->arena, w->out, s->options[i].name);
}

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_and_drop_twins(struct words *w)
{
	size_t n = 0;

	qsort(w->at, w->n, sizeof(*w->at), compare_words);
	for (size_t i = 0; i < w->n; i++)
		if (n == 0 || strcmp(w->at[n - 1], w->at[i]) != 0)
			w->at[n++] = w->at[i];
	w->n = n;
}

struct words completion_subject_words(struct arena *a, enum command command)
{
	struct words out = {0};

	if (command == COMMAND_SHELL) {
		for (size_t i = 0; i < ARRAY_LEN(shells); i++)
			vec_push(a, &out, shells[i].name);
		return out;
	}
	for (size_t i = 0; command == COMMAND_EXPLAIN && i < DIAG_NCODES; i++)
		vec_push(a, &out, diag_infos[i].id);
	schema_each(add_names_of, &(struct names_walk){a, &out});
	sort_and_drop_twins(&out);
	return out;
}

struct words completion_value_words(struct arena *a, const struct option_row *row)
{
	struct words out = {0};

	for (const struct choice *c = row->choices; c->word != NULL; c++)
		vec_push(a, &out, c->word);
	return out;
}

struct words completion_warnings(struct arena *a)
{
	struct words out = {0};

	for (size_t i = 0; i < DIAG_NCODES; i++)
		if (diag_infos[i].level == DIAG_WARNING || diag_infos[i].level == DIAG_NOTE)
			vec_push(a, &out, diag_infos[i].id);
	sort_and_drop_twins(&out);
	return out;
}

struct words completion_commands(struct arena *a, unsigned commands)
{
	struct words out = {0};

	for (size_t i = 0; i < NCOMMANDS; i++)
		if ((commands & FOR(i)) != 0)
			vec_push(a, &out, command_rows[i].name);
	return out;
}

void completion_join(struct strbuf *out, struct words words, const char *separator)
{
	for (size_t i = 0; i < words.n; i++)
		strbuf_printf(out, "%s%s", i == 0 ? "" : separator, words.at[i]);
}
