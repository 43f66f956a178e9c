/* arena.c - blocks of zeroed memory, filled from the front, freed together.
 *
 *   block:  |--handed out--|--never touched, still zero, ASan-poisoned--|
 *                          ^ used
 *
 * A block is never refilled, so memory from calloc() is still zero when it is handed out. The
 * newest allocation can grow in place, which makes arrays and text that grow cheap.
 */
#include "support/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/assert.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define REDZONE 16u /* bytes left poisoned behind every allocation */
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define REDZONE                           0u
#endif

#define ALIGNMENT     alignof(max_align_t)
#define FIRST_BLOCK   ((size_t)64 << 10)
#define LARGEST_BLOCK ((size_t)4 << 20)

struct block {
	struct block *next;
	size_t size, used; /* bytes of data, bytes handed out */
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *blocks; /* the newest first; only that one is filled */
	size_t held;
	size_t next_size;
	char *last; /* the newest allocation, the only one that can grow in place */
};

static _Noreturn void out_of_memory(void)
{
	fputs("cfgc: out of memory\n", stderr);
	exit(70);
}

/* Rounded up to the alignment, red zone included. */
static size_t footprint(size_t size)
{
	if (size > SIZE_MAX / 2)
		out_of_memory();
	return (size + REDZONE + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void add_block(struct arena *a, size_t need)
{
	size_t size = need > a->next_size ? need : a->next_size;
	struct block *b = calloc(1, sizeof(*b) + size);

	if (b == NULL)
		out_of_memory();
	b->size = size;
	ASAN_POISON_MEMORY_REGION(b->data, size);
	b->next = a->blocks;
	a->blocks = b;
	a->held += sizeof(*b) + size;
	if (a->next_size < LARGEST_BLOCK)
		a->next_size *= 2;
}

struct arena *arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a == NULL)
		out_of_memory();
	a->next_size = FIRST_BLOCK;
	return a;
}

void arena_free(struct arena **a)
{
	if (a == NULL || *a == NULL)
		return;
	for (struct block *b = (*a)->blocks, *next; b != NULL; b = next) {
		next = b->next;
		ASAN_UNPOISON_MEMORY_REGION(b->data, b->size);
		free(b);
	}
	free(*a);
	*a = NULL;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t need = footprint(size);
	struct block *b = a->blocks;

	if (b == NULL || b->size - b->used < need) {
		add_block(a, need);
		b = a->blocks;
	}
	a->last = b->data + b->used;
	b->used += need;
	ASAN_UNPOISON_MEMORY_REGION(a->last, size);
	return a->last;
}

size_t arena_size(const struct arena *a)
{
	return a->held;
}

/* Grow the newest allocation without moving it, if it is that and there is room. */
static bool extend_in_place(struct arena *a, const void *old, size_t old_size, size_t size)
{
	struct block *b = a->blocks;
	size_t offset;

	if (old == NULL || old != a->last)
		return false;
	offset = (size_t)(a->last - b->data);
	CFGC_ASSERT(b->used == offset + footprint(old_size));
	if (b->size - offset < footprint(size))
		return false;
	b->used = offset + footprint(size);
	ASAN_UNPOISON_MEMORY_REGION(a->last, size);
	return true;
}

void *arena_resize(struct arena *a, void *old, size_t old_size, size_t size)
{
	void *p;

	CFGC_ASSERT(size >= old_size);
	if (extend_in_place(a, old, old_size, size))
		return old;
	p = arena_alloc(a, size);
	if (old_size != 0)
		memcpy(p, old, old_size);
	return p;
}

void *arena_grow(struct arena *a, void *old, size_t *cap, size_t element_size)
{
	size_t larger = *cap == 0 ? 4 : *cap * 2;
	void *p;

	if (larger > SIZE_MAX / 2 / element_size)
		out_of_memory();
	p = arena_resize(a, old, *cap * element_size, larger * element_size);
	*cap = larger;
	return p;
}

struct str arena_str(struct arena *a, const char *p, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	if (n != 0)
		memcpy(copy, p, n);
	return (struct str){copy, n};
}

struct str arena_vprintf(struct arena *a, const char *format, va_list ap)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	CFGC_ASSERT(n >= 0);
	text = arena_alloc(a, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, format, ap);
	return (struct str){text, (size_t)n};
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
	struct str s;
	va_list ap;

	va_start(ap, format);
	s = arena_vprintf(a, format, ap);
	va_end(ap);
	return s;
}
