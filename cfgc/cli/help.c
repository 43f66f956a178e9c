/* help.c - cfgc --help, from the tables. */
#include <stdio.h>

#include "cli/table.h"
#include "support/strbuf.h"

static void print_row(struct strbuf *out, const char *left, const char *help)
{
	strbuf_printf(out, "  %-24s %s\n", left, help);
}

static void print_command(struct strbuf *out, const struct command_row *row)
{
	char left[64];

	snprintf(left, sizeof(left), "%s %s", row->name, row->operands);
	print_row(out, left, row->help);
}

static void print_option(struct strbuf *out, const struct option_row *row)
{
	char left[64], letter[3] = {'-', row->letter, '\0'};

	snprintf(left, sizeof(left), "%s%s%s%s%s%s", row->letter != 0 ? letter : "",
		 row->letter != 0 && row->name != NULL ? ", " : "", row->name != NULL ? "--" : "",
		 row->name != NULL ? row->name : "",
		 row->argument == NULL ? ""
		 : row->name != NULL   ? "="
				       : " ",
		 row->argument != NULL ? row->argument : "");
	print_row(out, left, row->help);
}

void cli_print_help(struct strbuf *out)
{
	strbuf_addz(out, "usage: cfgc [COMMAND] [OPTION...] FILE\n\n"
			 "Compiles an Erlang-term mongooseim.cfg into an XMPP server. FILE '-' is "
			 "standard input.\n\n"
			 "commands:\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		print_command(out, &command_rows[i]);
	strbuf_addz(out, "\noptions:\n");
	for (size_t i = 0; i < noption_rows; i++)
		print_option(out, &option_rows[i]);
	strbuf_addz(out, "\nexit status: 0 clean, 1 findings of the level of --fail-on or worse, "
			 "2 the command line is wrong,\n3 a file cannot be read or written, or the "
			 "runtime or the C compiler is missing or fails\n");
}
