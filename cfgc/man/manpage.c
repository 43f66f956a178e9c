/* manpage.c - fills the holes of a manual page from the tables of cfgc: manpage < PAGE.in > PAGE */
#include <stdio.h>
#include <string.h>

#include "cli/table.h"
#include "tools/mdoc.h"

/* "JID FILE", "[NAME]", "FILE...": as arguments of a macro line. */
static void add_operands(struct strbuf *out, const char *operands)
{
	while (*operands != '\0') {
		size_t n = strspn(operands, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		if (n > 0) {
			strbuf_addz(out, " Ar ");
			strbuf_add(out, (struct str){operands, n});
		} else if (*operands == '[') {
			strbuf_addz(out, " Oo");
		} else if (*operands == ']') {
			strbuf_addz(out, " Oc");
		} else if (strncmp(operands, "...", 3) == 0) {
			strbuf_addz(out, " ...");
			n = 3;
		}
		operands += n > 0 ? n : 1;
	}
}

static void add_commands(struct strbuf *out)
{
	strbuf_addz(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < NCOMMANDS; i++) {
		strbuf_printf(out, ".It Cm %s", command_rows[i].name);
		add_operands(out, command_rows[i].operands);
		strbuf_addc(out, '\n');
		mdoc_help(out, command_rows[i].help);
	}
	strbuf_addz(out, ".El\n");
}

static void add_whose(struct strbuf *out, unsigned commands)
{
	unsigned left = commands;

	if (commands == FOR(NCOMMANDS) - 1)
		return;
	strbuf_addz(out, "For\n");
	for (size_t i = 0; i < NCOMMANDS; i++) {
		if ((commands & FOR(i)) == 0)
			continue;
		left &= ~FOR(i);
		strbuf_printf(out, ".Cm %s%s\n", command_rows[i].name, left != 0 ? " ," : " .");
	}
}

static void add_option(struct strbuf *out, const struct option_row *row)
{
	strbuf_addz(out, ".It");
	if (row->letter != 0)
		strbuf_printf(out, " Fl %c", row->letter);
	if (row->name != NULL)
		strbuf_printf(out, "%s Fl Fl %s", row->letter != 0 ? " ," : "", row->name);
	if (row->argument != NULL) {
		strbuf_addz(out, row->name != NULL ? " Ns = Ns Ar " : " Ar ");
		strbuf_addz(out, row->argument);
	}
	strbuf_addc(out, '\n');
	mdoc_help(out, row->help);
	add_whose(out, row->commands);
}

static void add_options(struct strbuf *out)
{
	strbuf_addz(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < noption_rows; i++)
		add_option(out, &option_rows[i]);
	strbuf_addz(out, ".El\n");
}

int main(void)
{
	struct arena *arena = arena_new();
	struct strbuf out = {.arena = arena};
	char line[512];
	bool ok;

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strcmp(line, "@commands@\n") == 0)
			add_commands(&out);
		else if (strcmp(line, "@options@\n") == 0)
			add_options(&out);
		else
			strbuf_addz(&out, line);
	}
	ok = ferror(stdin) == 0 && fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0;
	arena_free(&arena);
	return ok ? 0 : 1;
}
