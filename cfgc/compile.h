/* compile.h - the whole way from a configuration file to a server: one phase after the other. */
#ifndef CFGC_COMPILE_H
#define CFGC_COMPILE_H

struct options;

/* Exit statuses of cfgc. */
enum {
	CFGC_OK = 0,
	CFGC_ERRORS = 1, /* the configuration has errors (or warnings, under --werror) */
	CFGC_USAGE = 2,  /* the command line, or a file that cannot be read or written */
};

/**
 * Run one command and print its diagnostics on standard error.
 *
 * All memory is taken here and given back here.
 *
 * @return the exit status, one of the above.
 */
int cfgc_compile(const struct options *o);

#endif
