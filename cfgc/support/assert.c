/* assert.c - the message of a failed CFGC_ASSERT. */
#include "support/assert.h"

#include <stdio.h>
#include <stdlib.h>

static const char *current_phase = "start";

void cfgc_phase_enter(const char *phase)
{
	current_phase = phase;
}

noreturn void cfgc_assert_failed(const char *file, int line, const char *expression)
{
	fprintf(stderr,
		"cfgc: internal error in phase '%s' at %s:%d: %s\n"
		"cfgc: this is a mistake in cfgc, not in your configuration; please report it\n",
		current_phase, file, line, expression);
	abort();
}
