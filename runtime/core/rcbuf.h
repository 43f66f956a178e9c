/* rcbuf.h - immutable bytes shared by many readers, on any shard: reference counted, counter
 * atomic. */
#ifndef RT_CORE_RCBUF_H
#define RT_CORE_RCBUF_H

#include <stdatomic.h>

#include "core/base.h"

struct rt_rcbuf {
	atomic_uint refs;
	uint32_t n;
	char data[];
};

/** A copy of n bytes with one reference; NULL when out of memory. p may be NULL: bytes are then the
 * caller's to fill. */
struct rt_rcbuf *rt_rcbuf_new(const void *p, size_t n);
struct rt_rcbuf *rt_rcbuf_ref(struct rt_rcbuf *b);
/** Drops one reference and nulls *b. */
void rt_rcbuf_unref(struct rt_rcbuf **b);

#endif
