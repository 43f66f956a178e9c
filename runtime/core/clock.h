/* clock.h - time: monotonic milliseconds for timers and limits, wall time for stamps. Tests may set
 * it. */
#ifndef RT_CORE_CLOCK_H
#define RT_CORE_CLOCK_H

#include <time.h>

#include "core/base.h"

/** Monotonic, ms and ns. Never goes back. */
uint64_t rt_clock_ms(void);
uint64_t rt_clock_ns(void);
/** Wall clock, microseconds since 1970 UTC. */
int64_t rt_clock_wall_us(void);

/** XEP-0082 date-time in UTC, "2026-01-31T12:00:00.123456Z"; digits of the fraction: 0, 3 or 6.
 * @return bytes written without the NUL; size must be >= 32. */
size_t rt_clock_stamp(char *out, size_t size, int64_t wall_us, int digits);
/** Parse such a stamp. @return false if it is none. */
bool rt_clock_parse_stamp(struct rt_str text, int64_t *wall_us);

/** For tests: freeze all three clocks at the given values; false thaws. */
void rt_clock_fake(bool on, uint64_t mono_ns, int64_t wall_us);

#endif
