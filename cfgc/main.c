/* main.c - cfgc: arguments in, exit status out. */
#include "compile.h"
#include "options.h"

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct options options;
	int status = CFGC_OK;

	switch (options_parse(arena, &options, argc, argv)) {
	case OPTIONS_RUN:
		status = cfgc_compile(&options);
		break;
	case OPTIONS_DONE:
		break;
	case OPTIONS_BAD:
		status = cfgc_refuse(&options);
		break;
	}
	arena_free(&arena);
	return status;
}
