/* arena.h - memory of one stanza or one request: bump allocation from pooled blocks, gone at once.
 *
 * Blocks come from the calling thread's pool (core/shard.h) and go back to the pool of the thread
 * that frees them, so a stanza may be built on one shard and freed on another. Nothing here locks.
 */
#ifndef RT_CORE_ARENA_H
#define RT_CORE_ARENA_H

#include "core/base.h"

/* Of a pooled block, header included; larger requests get a block of their own. Bytes */
#define RT_ARENA_BLOCK 2048u

struct rt_arena_block;

struct rt_arena {
	struct rt_arena_block *first; /* newest block */
	char *at, *end;               /* free part of the newest block */
	size_t total;                 /* bytes taken from pool and system */
};

/** An empty arena needs no memory: { 0 } is one. */
void rt_arena_fini(struct rt_arena *a);

/** Memory aligned for pointers, not zeroed. NULL when the system has none. */
void *rt_arena_grow(struct rt_arena *a, size_t size);

static inline void *rt_arena_alloc(struct rt_arena *a, size_t size)
{
	char *p = a->at;

	size = (size + 7u) & ~(size_t)7u;
	if (p == NULL || (size_t)(a->end - p) < size)
		return rt_arena_grow(a, size);
	a->at = p + size;
	return p;
}

/** A copy of n bytes followed by a NUL; .p is NULL when out of memory. */
struct rt_str rt_arena_str(struct rt_arena *a, const char *p, size_t n);

/** Pooled blocks kept by the calling thread; call with 0 at thread end to release all. Blocks. */
void rt_arena_pool_trim(size_t keep);

#endif
