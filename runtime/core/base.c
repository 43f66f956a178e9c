/* base.c - texts of error codes, and the end of the line for broken invariants. */
#include "core/base.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/log_queue.h"

/* Time for the log to say what led here. ms */
#define LAST_WORDS_MS 200u

const char *rt_error_text(int err)
{
	switch (err) {
#define X(name, value, text)                                                                       \
	case RT_##name:                                                                            \
		return text;
		RT_ERRORS(X)
#undef X
	default:
		return "unknown error";
	}
}

void rt_assert_failed(const char *file, int line, const char *cond)
{
	fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, cond);
	rt_log_queue_flush(LAST_WORDS_MS);
	abort();
}
