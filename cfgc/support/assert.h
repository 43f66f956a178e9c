/* assert.h - CFGC_ASSERT: for our own mistakes only, always compiled in, never for input. */
#ifndef CFGC_SUPPORT_ASSERT_H
#define CFGC_SUPPORT_ASSERT_H

#include <stdnoreturn.h>

#define CFGC_ASSERT(expression)                                                                    \
	do {                                                                                       \
		if (!(expression))                                                                 \
			cfgc_assert_failed(__FILE__, __LINE__, #expression);                       \
	} while (0)

/** Name the phase that is running, for the message of a failed assertion. A string literal. */
void cfgc_phase_enter(const char *phase);

/** Print place, expression and phase on standard error and abort. */
noreturn void cfgc_assert_failed(const char *file, int line, const char *expression);

#endif
