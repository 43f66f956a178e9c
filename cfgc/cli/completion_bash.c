/* completion_bash.c - the script for bash, which needs no bash-completion. */
#include "cli/completion.h"

static const char head[] = "# Completion of cfgc for bash, printed by 'cfgc completion bash'.\n";

static const char tail[] =
	"# '=' and '@' are words of their own to bash: --target=x and a@b are three words, and\n"
	"# -W W0504=note are four.\n"
	"_cfgc()\n"
	"{\n"
	"	local cur=${COMP_WORDS[COMP_CWORD]} command='' option='' level='' words i word\n"
	"	local -i operands=0\n"
	"\n"
	"	for ((i = 1; i < COMP_CWORD; i++)); do\n"
	"		word=${COMP_WORDS[i]}\n"
	"		if [[ -n $option ]]; then\n"
	"			if [[ $word == '=' ]]; then\n"
	"				continue\n"
	"			elif [[ $option == -W && -z $level && ${COMP_WORDS[i + 1]} == '=' "
	"]]; then\n"
	"				level=1\n"
	"			else\n"
	"				option='' level=''\n"
	"			fi\n"
	"		elif [[ $word == @ ]]; then\n"
	"			operands+=-1\n"
	"		elif [[ $word == -* ]]; then\n"
	"			_cfgc_value \"$word\" >/dev/null && option=$word\n"
	"		elif [[ -z $command ]]; then\n"
	"			command=build operands=1\n"
	"			[[ \" $_cfgc_commands \" == *\" $word \"* ]] && command=$word "
	"operands=0\n"
	"		else\n"
	"			operands+=1\n"
	"		fi\n"
	"	done\n"
	"	[[ $cur == '=' ]] && cur=''\n"
	"	COMPREPLY=()\n"
	"	if [[ -n $option ]]; then\n"
	"		words=$(_cfgc_value \"$option\")\n"
	"		[[ -n $level ]] && words=$_cfgc_levels\n"
	"	elif [[ $cur == -* ]]; then\n"
	"		words=$(_cfgc_options \"${command:-build}\")\n"
	"	elif [[ -z $command ]]; then\n"
	"		words=\"$_cfgc_commands @cfg\"\n"
	"	else\n"
	"		words=$(_cfgc_operand \"$command\" \"$operands\")\n"
	"	fi\n"
	"	case $words in\n"
	"	@file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	"	@dir) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
	"	@level) mapfile -t COMPREPLY < <(compgen -S = -W \"$_cfgc_warnings\" -- \"$cur\") "
	";;\n"
	"	*@cfg)\n"
	"		compopt -o filenames\n"
	"		mapfile -t COMPREPLY < <(\n"
	"			compgen -W \"${words%@cfg}\" -- \"$cur\"\n"
	"			compgen -f -X '!*.cfg' -- \"$cur\"\n"
	"			compgen -d -- \"$cur\")\n"
	"		;;\n"
	"	*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
	"	esac\n"
	"	[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
	"	return 0\n"
	"}\n"
	"\n"
	"complete -F _cfgc cfgc\n";

static void add_list(struct strbuf *out, const char *name, struct words words)
{
	strbuf_printf(out, "_cfgc_%s='", name);
	completion_join(out, words, " ");
	strbuf_addz(out, "'\n");
}

/* The options of each command; those that take a value end with '='. */
static void add_options(struct strbuf *out)
{
	strbuf_addz(out, "\n_cfgc_options()\n{\n\tcase $1 in\n");
	for (size_t i = 0; i < NCOMMANDS; i++) {
		const char *separator = "";

		strbuf_printf(out, "\t%s) echo '", command_rows[i].name);
		for (size_t k = 0; k < noption_rows; k++) {
			const struct option_row *row = &option_rows[k];

			if ((row->commands & FOR(i)) == 0)
				continue;
			strbuf_addz(out, separator);
			if (row->name != NULL)
				strbuf_printf(out, "--%s%s", row->name, row->argument ? "=" : "");
			else
				strbuf_printf(out, "-%c", row->letter);
			separator = " ";
		}
		strbuf_addz(out, "' ;;\n");
	}
	strbuf_addz(out, "\tesac\n}\n");
}

/* What the value of an option is: words, or '@' and what is to be looked for. An option without a
 * value makes the function fail. */
static void add_values(struct strbuf *out)
{
	static const char *const special[] = {[COMPLETE_TEXT] = "",
					      [COMPLETE_FILE] = "@file",
					      [COMPLETE_DIR] = "@dir",
					      [COMPLETE_LEVEL] = "@level"};

	strbuf_addz(out, "\n_cfgc_value()\n{\n\tcase $1 in\n");
	for (size_t k = 0; k < noption_rows; k++) {
		const struct option_row *row = &option_rows[k];
		enum completion kind;

		if (row->argument == NULL)
			continue;
		kind = completion_of_value(row);
		strbuf_addc(out, '\t');
		if (row->letter != 0)
			strbuf_printf(out, "-%c%s", row->letter, row->name != NULL ? " | " : "");
		if (row->name != NULL)
			strbuf_printf(out, "--%s", row->name);
		strbuf_addz(out, ") echo '");
		if (kind == COMPLETE_WORDS)
			completion_join(out, completion_value_words(out->arena, row), " ");
		else
			strbuf_addz(out, special[kind]);
		strbuf_addz(out, "' ;;\n");
	}
	strbuf_addz(out, "\t*) return 1 ;;\n\tesac\n}\n");
}

/* $1: a command, $2: how many operands it has already. */
static void add_operands(struct strbuf *out)
{
	strbuf_addz(out, "\n_cfgc_operand()\n{\n\tcase $1:$2 in\n");
	for (size_t i = 0; i < NCOMMANDS; i++) {
		const struct command_row *row = &command_rows[i];

		if (row->nsubjects > 0) {
			strbuf_printf(out, "\t%s:0) echo '", row->name);
			if (completion_of_subject((enum command)i) == COMPLETE_WORDS)
				completion_join(
					out, completion_subject_words(out->arena, (enum command)i),
					" ");
			strbuf_addz(out, "' ;;\n");
		}
		if (completion_takes_files(row))
			strbuf_printf(
				out, "\t%s:*) %secho '@cfg' ;;\n", row->name,
				row->most == ANY_NUMBER
					? ""
					: arena_printf(out->arena, "(($2 < %u)) && ", row->most).p);
	}
	strbuf_addz(out, "\tesac\n}\n\n");
}

void completion_bash(struct strbuf *out)
{
	strbuf_addz(out, head);
	add_list(out, "commands", completion_commands(out->arena, FOR(NCOMMANDS) - 1));
	add_list(out, "warnings", completion_warnings(out->arena));
	strbuf_printf(out, "_cfgc_levels='%s'\n", completion_levels);
	add_options(out);
	add_values(out);
	add_operands(out);
	strbuf_addz(out, tail);
}
