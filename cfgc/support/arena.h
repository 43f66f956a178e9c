/* arena.h - all memory of one compilation: grows, is never freed piecemeal, goes at once.
 *
 * Nothing in cfgc calls free(). Running out of memory prints one line and exits 70 here, so callers
 * need no checks.
 */
#ifndef CFGC_SUPPORT_ARENA_H
#define CFGC_SUPPORT_ARENA_H

#include <stdarg.h>

#include "support/str.h"

struct arena;

struct arena *arena_new(void);
/** Frees every byte handed out; nulls *a. NULL inside is fine. */
void arena_free(struct arena **a);

/** Zeroed memory, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);
/** Bytes held from the system, for limits and statistics. */
size_t arena_size(const struct arena *a);

#define arena_new_of(a, T)      ((T *)arena_alloc((a), sizeof(T)))
#define arena_array_of(a, T, n) ((T *)arena_alloc((a), sizeof(T) * (size_t)(n)))

/** Copies; the result is NUL-terminated behind its n bytes. */
struct str arena_str(struct arena *a, const char *p, size_t n);
struct str arena_printf(struct arena *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
struct str arena_vprintf(struct arena *a, const char *format, va_list ap);

/* A growing array in an arena:  VEC(struct term *) items = {0};  vec_push(arena, &items, t); */
#define VEC(T)                                                                                     \
	struct {                                                                                   \
		T *at;                                                                             \
		size_t n, cap;                                                                     \
	}
#define vec_push(arena, v, value)                                                                  \
	do {                                                                                       \
		if ((v)->n == (v)->cap)                                                            \
			(v)->at = arena_grow((arena), (v)->at, &(v)->cap, sizeof(*(v)->at));       \
		(v)->at[(v)->n++] = (value);                                                       \
	} while (0)

/**
 * Make room: `size` bytes that begin with the old_size bytes at `old`; the rest is zero. The old
 * place must not be used afterwards. Cheap when `old` is the newest allocation. size >= old_size;
 * old may be NULL when old_size is 0.
 */
void *arena_resize(struct arena *a, void *old, size_t old_size, size_t size);
/** The grown copy of an array of *cap elements; for vec_push only. */
void *arena_grow(struct arena *a, void *old, size_t *cap, size_t element_size);

#endif
