/* main.c - cfgc: arguments in, exit status out. */
#include "compile.h"
#include "options.h"

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct options options;
	int status = CFGC_USAGE;

	switch (options_parse(arena, &options, argc, argv)) {
	case OPTIONS_RUN:
		status = cfgc_compile(&options);
		break;
	case OPTIONS_DONE:
		status = CFGC_OK;
		break;
	case OPTIONS_BAD:
		break;
	}
	arena_free(&arena);
	return status;
}
