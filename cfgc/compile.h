/* compile.h - the whole way from a configuration file to a server: one phase after the other. */
#ifndef CFGC_COMPILE_H
#define CFGC_COMPILE_H

struct options;

/* Exit statuses of cfgc; of several reasons the greatest number counts. */
enum {
	CFGC_OK = 0,
	CFGC_ERRORS = 1, /* findings of the level of --fail-on or worse; a tool's answer is no */
	CFGC_USAGE = 2,  /* the command line makes no sense */
	CFGC_WORLD = 3,  /* what cfgc needs is not there: a file, the runtime, the C compiler */
};

/**
 * Run one command and print its diagnostics on standard error.
 *
 * All memory is taken here and given back here.
 *
 * @return the exit status, one of the above.
 */
int cfgc_compile(const struct options *o);

/** Report o->mistake in the form of o->diagnostics. @return CFGC_USAGE. */
int cfgc_refuse(const struct options *o);

#endif
