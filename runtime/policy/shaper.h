/* shaper.h - token bucket that turns bytes received into milliseconds to wait.
 *
 *   spec (const, generated)  ──►  rt_shaper (per connection)  ──►  delay
 *
 * The arithmetic is that of MongooseIM 3.2 (a full bucket of one second at the start; debts
 * accumulate exactly).
 */
#ifndef RT_POLICY_SHAPER_H
#define RT_POLICY_SHAPER_H

#include "core/base.h"
#include "rt/gen.h"

struct rt_shaper {
	const struct rt_shaper_spec *spec; /* NULL: unlimited */
	int64_t last_ns;                   /* monotonic; may lie in the future after a delay */
	int64_t tokens;                    /* bytes; negative: debt */
};

/** A fresh, full bucket. */
void rt_shaper_init(struct rt_shaper *s, const struct rt_shaper_spec *spec, uint64_t now_ns);
/** Charge size bytes at now. @return ms to wait before the next read, 0: none. */
uint64_t rt_shaper_charge(struct rt_shaper *s, size_t size, uint64_t now_ns);

#endif
