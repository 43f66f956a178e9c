/* manpage.c - manual pages that come from tables: manpage PAGE writes one to standard output. */
#include <stdio.h>
#include <string.h>

#include "support/strbuf.h"
#include "tools/reference.h"

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct strbuf out = {.arena = arena};
	int status = 0;

	if (argc == 2 && strcmp(argv[1], "mongooseim.cfg.5") == 0)
		reference_man(&out);
	else
		status = 2;
	if (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0)
		status = 1;
	arena_free(&arena);
	return status;
}
