/* compilation.h - what one run holds, and its phases. For compile.c, commands.c and the language
 * server, each of whose checks is such a run. */
#ifndef CFGC_COMPILATION_H
#define CFGC_COMPILATION_H

#include "diag/diag.h"
#include "model/model.h"
#include "options.h"
#include "support/strbuf.h"
#include "syntax/expand.h"

struct compilation {
	const struct options *options;
	struct arena *arena;
	struct sources sources;
	struct diags diags;

	/* the file that is being read; its terms and model lie in an arena of their own when there
	 * are several files */
	const char *file;
	struct arena *file_arena;
	struct forms forms; /* what it says, expanded */
	uint32_t ninputs;   /* sources that the forms come from */
	struct bind bind;
	struct model *model;

	bool says_no; /* the question of a tool has the answer no: exit status 1 */
	bool wrote;   /* --fix has changed files */
};

/** Begin a run: everything lies in the arena. */
void compilation_start(struct compilation *c, const struct options *o, struct arena *a);

/** Begin with a file of the command line. */
void compilation_begin(struct compilation *c, const char *file, struct arena *a);

/** Read the file into c->forms, with what it includes and its macros replaced, or as it stands. */
void compilation_read(struct compilation *c, bool with_includes_and_macros);

/** Read and check the file; c->model stays NULL if it cannot be read. */
void compilation_check(struct compilation *c);

/** Print the answer of a tool; E0007 if that fails. */
void compilation_answer(struct compilation *c, struct str text);

/** Is the answer or the diagnostics on this descriptor to be coloured? */
bool compilation_wants_colour(const struct compilation *c, int descriptor);

/** The function of a command, one row each in commands.c. */
extern void (*const command_runners[NCOMMANDS])(struct compilation *c);

/** check, emit and build (compile.c). */
void run_pipeline(struct compilation *c);

#endif
