/* shaper.c - the arithmetic of MongooseIM 3.2's shapers, in nanoseconds and without floating point.
 *
 *   growth = round(M * (now - last) / 1 s)     negative when `last` lies ahead
 *   tokens = min(M, tokens + growth)
 *   wait   = round(max(0, size - tokens) / M * 1 s)
 *   tokens = max(0, tokens - size),  last = now + wait
 */
#include "policy/shaper.h"

#define SECOND_NS 1000000000

__extension__ typedef __int128 int128;

/* a * b / c to the nearest, halves away from zero; b and c are positive. Saturates at a size no sum
 * of two overflows. */
static int64_t scale(int64_t a, int64_t b, int64_t c)
{
	const int64_t most = INT64_MAX / 4;
	int128 product = (int128)a * b;
	int128 result = (product >= 0 ? product + c / 2 : product - c / 2) / c;

	if (result > most)
		return most;
	return result < -most ? -most : (int64_t)result;
}

void rt_shaper_init(struct rt_shaper *s, const struct rt_shaper_spec *spec, uint64_t now_ns)
{
	s->spec = spec;
	s->last_ns = (int64_t)now_ns;
	s->tokens = spec != NULL ? spec->bytes_per_s : 0;
}

uint64_t rt_shaper_charge(struct rt_shaper *s, size_t size, uint64_t now_ns)
{
	int64_t now = (int64_t)now_ns, rate, tokens, charge, need, wait;

	if (s->spec == NULL)
		return 0;
	rate = s->spec->bytes_per_s;
	charge = size < INT64_MAX / 4 ? (int64_t)size : INT64_MAX / 4;
	tokens = s->tokens + scale(now - s->last_ns, rate, SECOND_NS);
	if (tokens > rate)
		tokens = rate;
	need = charge > tokens ? charge - tokens : 0;
	wait = scale(need, SECOND_NS, rate);
	s->tokens = tokens > charge ? tokens - charge : 0;
	s->last_ns = now + wait;
	return (uint64_t)wait / 1000000u;
}
