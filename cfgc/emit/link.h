/* link.h - generated C and the runtime to one binary, by the system's C compiler. */
#ifndef CFGC_EMIT_LINK_H
#define CFGC_EMIT_LINK_H

#include "diag/diag.h"

struct link_job {
	const char *dir;     /* of server.c and its parts */
	const char *runtime; /* folder of libcfgc_rt.a, include/rt and link.flags; NULL: ../lib/cfgc
				beside cfgc itself */
	const char *output;  /* the binary */
};

/**
 * Compile and link into a file beside the output, and give its name to *linked.
 *
 * The compiler is $CC, or cc. It is run without a shell. The same C, runtime and compiler give the
 * same bytes wherever the files lie.
 *
 * @param linked  the caller renames it to job->output, or removes it.
 * @return false after a diagnostic (no runtime, no compiler, compiler failed); nothing is left
 * behind then.
 */
bool link_server(struct arena *a, struct diags *dl, const struct link_job *job,
		 const char **linked);

#endif
