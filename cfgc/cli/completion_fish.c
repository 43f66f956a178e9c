/* completion_fish.c - the script for fish: a line for each command and option. */
#include "cli/completion.h"

static const char head[] =
	"# Completion of cfgc for fish, printed by 'cfgc completion fish'.\n"
	"complete -c cfgc -f\n"
	"\n"
	"# The operands so far.\n"
	"function __cfgc_operands\n"
	"	set -l words (commandline -opc)\n"
	"	string match -v -- '-*' $words[2..]\n"
	"end\n"
	"\n"
	"function __cfgc_is_first\n"
	"	test (count (__cfgc_operands)) -eq 0\n"
	"end\n"
	"\n"
	"# Whether the command, which is build without another word, is one of the arguments.\n"
	"function __cfgc_is\n"
	"	set -l word (__cfgc_operands)[1]\n"
	"	contains -- \"$word\" $__cfgc_commands; or set word build\n"
	"	contains -- $word $argv\n"
	"end\n"
	"\n"
	"# Whether the command is one of the arguments and has no operand yet.\n"
	"function __cfgc_begins\n"
	"	test (count (__cfgc_operands)) -eq 1; and __cfgc_is $argv\n"
	"end\n"
	"\n";

static void add_quoted(struct strbuf *out, const char *text)
{
	strbuf_addc(out, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			strbuf_addc(out, '\\');
		strbuf_addc(out, *text);
	}
	strbuf_addc(out, '\'');
}

static void add_list(struct strbuf *out, const char *name, struct words words)
{
	strbuf_printf(out, "set -g __cfgc_%s ", name);
	completion_join(out, words, " ");
	strbuf_addc(out, '\n');
}

static void add_help(struct strbuf *out, const char *help)
{
	strbuf_addz(out, " -d ");
	add_quoted(out, help);
	strbuf_addc(out, '\n');
}

static void add_commands(struct strbuf *out)
{
	for (size_t i = 0; i < NCOMMANDS; i++) {
		strbuf_printf(out, "complete -c cfgc -n __cfgc_is_first -a %s",
			      command_rows[i].name);
		add_help(out, command_rows[i].help);
	}
	strbuf_addz(out, "complete -c cfgc -n __cfgc_is_first -k -a "
			 "'(__fish_complete_suffix .cfg)'\n\n");
}

static void add_value(struct strbuf *out, const struct option_row *row)
{
	switch (completion_of_value(row)) {
	case COMPLETE_TEXT:
		strbuf_addz(out, " -x");
		break;
	case COMPLETE_FILE:
		strbuf_addz(out, " -r -F");
		break;
	case COMPLETE_DIR:
		strbuf_addz(out, " -x -a '(__fish_complete_directories)'");
		break;
	case COMPLETE_LEVEL:
		strbuf_addz(out, " -x -a '$__cfgc_warnings=$__cfgc_levels'");
		break;
	case COMPLETE_WORDS:
		strbuf_addz(out, " -x -a '");
		completion_join(out, completion_value_words(out->arena, row), " ");
		strbuf_addc(out, '\'');
		break;
	}
}

static void add_options(struct strbuf *out)
{
	for (size_t k = 0; k < noption_rows; k++) {
		const struct option_row *row = &option_rows[k];

		strbuf_addz(out, "complete -c cfgc -n '__cfgc_is ");
		completion_join(out, completion_commands(out->arena, row->commands), " ");
		strbuf_addc(out, '\'');
		if (row->letter != 0)
			strbuf_printf(out, " -s %c", row->letter);
		if (row->name != NULL)
			strbuf_printf(out, " -l %s", row->name);
		if (row->argument != NULL)
			add_value(out, row);
		add_help(out, row->help);
	}
	strbuf_addc(out, '\n');
}

static void add_operands(struct strbuf *out)
{
	unsigned with_files = 0;

	for (size_t i = 0; i < NCOMMANDS; i++) {
		if (completion_takes_files(&command_rows[i]))
			with_files |= FOR(i);
		if (completion_of_subject((enum command)i) != COMPLETE_WORDS)
			continue;
		strbuf_printf(out, "complete -c cfgc -n '__cfgc_begins %s' -a '",
			      command_rows[i].name);
		completion_join(out, completion_subject_words(out->arena, (enum command)i), " ");
		strbuf_addz(out, "'\n");
	}
	strbuf_addz(out, "complete -c cfgc -n '__cfgc_is ");
	completion_join(out, completion_commands(out->arena, with_files), " ");
	strbuf_addz(out, "' -k -a '(__fish_complete_suffix .cfg)'\n");
}

void completion_fish(struct strbuf *out)
{
	strbuf_addz(out, head);
	add_list(out, "commands", completion_commands(out->arena, FOR(NCOMMANDS) - 1));
	add_list(out, "warnings", completion_warnings(out->arena));
	strbuf_printf(out, "set -g __cfgc_levels %s\n\n", completion_levels);
	add_commands(out);
	add_options(out);
	add_operands(out);
}
