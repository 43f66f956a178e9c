/* arena.c - bump allocation from blocks that a thread keeps for the next stanza. */
#include "core/arena.h"

#include <stdlib.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

/* Blocks beyond this many go back to the system: a thread that only frees what others built must
 * not hoard. */
#define POOL_MAX 512u

/* Larger than any element or database row: a request beyond it is a broken length. */
#define REQUEST_MAX ((size_t)1 << 30)

struct rt_arena_block {
	struct rt_arena_block *next;
	size_t size; /* of the whole block; RT_ARENA_BLOCK: belongs into a pool */
	char data[];
};

static _Thread_local struct {
	struct rt_arena_block *first;
	size_t n;
} pool;

static struct rt_arena_block *take_block(void)
{
	struct rt_arena_block *b = pool.first;

	if (b == NULL) {
		b = malloc(RT_ARENA_BLOCK);
		if (b != NULL)
			b->size = RT_ARENA_BLOCK;
		return b;
	}
	pool.first = b->next;
	pool.n--;
	UNPOISON(b->data, RT_ARENA_BLOCK - sizeof(*b));
	return b;
}

static void give_block(struct rt_arena_block *b)
{
	if (b->size != RT_ARENA_BLOCK || pool.n >= POOL_MAX) {
		free(b);
		return;
	}
	b->next = pool.first;
	pool.first = b;
	pool.n++;
	POISON(b->data, RT_ARENA_BLOCK - sizeof(*b));
}

void rt_arena_fini(struct rt_arena *a)
{
	struct rt_arena_block *b = a->first, *next;

	/* The arena may live in one of its own blocks: let go of it before they go. */
	*a = (struct rt_arena){0};
	for (; b != NULL; b = next) {
		next = b->next;
		give_block(b);
	}
}

/* A request that fits no pooled block gets its own, put behind the newest one, whose tail stays in
 * use. */
static void *take_large(struct rt_arena *a, size_t size)
{
	struct rt_arena_block *b = malloc(sizeof(*b) + size);

	if (b == NULL)
		return NULL;
	b->size = sizeof(*b) + size;
	if (b->size == RT_ARENA_BLOCK) /* must not be mistaken for a pooled one */
		b->size++;
	if (a->first == NULL) {
		b->next = NULL;
		a->first = b;
		a->at = a->end = b->data + size;
	} else {
		b->next = a->first->next;
		a->first->next = b;
	}
	a->total += sizeof(*b) + size;
	return b->data;
}

void *rt_arena_grow(struct rt_arena *a, size_t size)
{
	struct rt_arena_block *b;

	if (size > REQUEST_MAX)
		return NULL;
	size = (size + 7u) & ~(size_t)7u;
	if (size > RT_ARENA_BLOCK - sizeof(*b))
		return take_large(a, size);
	b = take_block();
	if (b == NULL)
		return NULL;
	b->next = a->first;
	a->first = b;
	a->at = b->data + size;
	a->end = (char *)b + RT_ARENA_BLOCK;
	a->total += RT_ARENA_BLOCK;
	return b->data;
}

struct rt_str rt_arena_str(struct rt_arena *a, const char *p, size_t n)
{
	char *copy = n <= REQUEST_MAX ? rt_arena_alloc(a, n + 1) : NULL;

	if (copy == NULL)
		return (struct rt_str){NULL, 0};
	if (n != 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return (struct rt_str){copy, (uint32_t)n};
}

void rt_arena_pool_trim(size_t keep)
{
	while (pool.n > keep) {
		struct rt_arena_block *b = pool.first;

		pool.first = b->next;
		pool.n--;
		UNPOISON(b->data, RT_ARENA_BLOCK - sizeof(*b));
		free(b);
	}
}
