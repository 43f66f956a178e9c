/* completion_zsh.c - the script for zsh: a case of _arguments for each command. */
#include "cli/completion.h"

static const char head[] = "#compdef cfgc\n"
			   "# Completion of cfgc for zsh, printed by 'cfgc completion zsh'.\n";

static const char tail[] =
	"# As a file of $fpath it runs when it is needed; otherwise it was read on purpose.\n"
	"if [[ $funcstack[1] == _cfgc ]]; then\n"
	"	_cfgc \"$@\"\n"
	"else\n"
	"	compdef _cfgc cfgc\n"
	"fi\n";

/* Text of a specification: between apostrophes, where colons and brackets have a meaning. */
static void add_text(struct strbuf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			strbuf_addz(out, "'\\''");
		else if (strchr("[]:\\", *text) != NULL)
			strbuf_printf(out, "\\%c", *text);
		else
			strbuf_addc(out, *text);
	}
}

static void add_action(struct strbuf *out, const struct option_row *row)
{
	switch (completion_of_value(row)) {
	case COMPLETE_TEXT:
		strbuf_addc(out, ' ');
		break;
	case COMPLETE_FILE:
		strbuf_addz(out, "_files");
		break;
	case COMPLETE_DIR:
		strbuf_addz(out, "_files -/");
		break;
	case COMPLETE_LEVEL:
		strbuf_addz(out, "_cfgc_level");
		break;
	case COMPLETE_WORDS:
		strbuf_addc(out, '(');
		completion_join(out, completion_value_words(out->arena, row), " ");
		strbuf_addc(out, ')');
		break;
	}
}

static void add_option(struct strbuf *out, const struct option_row *row)
{
	bool repeats = row->kind == OPTION_WORDS || row->kind == OPTION_LEVEL;

	strbuf_addz(out, " \\\n\t\t\t'");
	if (repeats)
		strbuf_addc(out, '*');
	if (row->name != NULL)
		strbuf_printf(out, "--%s%s", row->name, row->argument != NULL ? "=" : "");
	else
		strbuf_printf(out, "-%c%s", row->letter, row->argument != NULL ? "+" : "");
	strbuf_addc(out, '[');
	add_text(out, row->help);
	strbuf_addc(out, ']');
	if (row->argument != NULL) {
		strbuf_addc(out, ':');
		add_text(out, row->argument);
		strbuf_addc(out, ':');
		add_action(out, row);
	}
	strbuf_addc(out, '\'');
}

static void add_operands(struct strbuf *out, enum command command)
{
	const struct command_row *row = &command_rows[command];

	if (row->nsubjects > 0) {
		strbuf_addz(out, " \\\n\t\t\t':SUBJECT:");
		if (completion_of_subject(command) == COMPLETE_WORDS) {
			strbuf_addc(out, '(');
			completion_join(out, completion_subject_words(out->arena, command), " ");
			strbuf_addc(out, ')');
		} else {
			strbuf_addc(out, ' ');
		}
		strbuf_addc(out, '\'');
	}
	if (!completion_takes_files(row))
		return;
	if (row->most == ANY_NUMBER) {
		strbuf_addz(out, " \\\n\t\t\t'*:FILE:_files -g \"*.cfg\"'");
		return;
	}
	for (uint32_t i = row->nsubjects; i < row->most; i++)
		strbuf_addz(out, " \\\n\t\t\t':FILE:_files -g \"*.cfg\"'");
}

static void add_commands(struct strbuf *out)
{
	strbuf_addz(out, "	local -a commands=(\n");
	for (size_t i = 0; i < NCOMMANDS; i++) {
		strbuf_printf(out, "\t\t'%s:", command_rows[i].name);
		add_text(out, command_rows[i].help);
		strbuf_addz(out, "'\n");
	}
	strbuf_addz(out, "	)\n"
			 "	local command=build\n\n"
			 "	if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n"
			 "		_describe -t commands command commands\n"
			 "		_files -g '*.cfg'\n"
			 "		return\n"
			 "	fi\n"
			 "	if ((${commands[(I)$words[2]:*]})); then\n"
			 "		command=$words[2]\n"
			 "		shift words\n"
			 "		((CURRENT--))\n"
			 "	fi\n"
			 "	case $command in\n");
	for (size_t i = 0; i < NCOMMANDS; i++) {
		strbuf_printf(out, "\t%s)\n\t\t_arguments -S", command_rows[i].name);
		for (size_t k = 0; k < noption_rows; k++)
			if ((option_rows[k].commands & FOR(i)) != 0)
				add_option(out, &option_rows[k]);
		add_operands(out, (enum command)i);
		strbuf_addz(out, "\n\t\t;;\n");
	}
	strbuf_addz(out, "	esac\n");
}

void completion_zsh(struct strbuf *out)
{
	strbuf_addz(out, head);
	strbuf_addz(out, "\n_cfgc_level()\n{\n	local -a warnings=(");
	completion_join(out, completion_warnings(out->arena), " ");
	strbuf_printf(out, ") levels=(%s)\n\n", completion_levels);
	strbuf_addz(out, "	if compset -P '*='; then\n"
			 "		compadd -a levels\n"
			 "	else\n"
			 "		compadd -S = -q -a warnings\n"
			 "	fi\n"
			 "}\n\n_cfgc()\n{\n");
	add_commands(out);
	strbuf_addz(out, "}\n\n");
	strbuf_addz(out, tail);
}
