/* base.h - what every file of the runtime needs: error codes, assertions, borrowed text, ids. */
#ifndef RT_CORE_BASE_H
#define RT_CORE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The world failed: what every fallible function returns. RT_OK is 0, failures are negative. */
#define RT_ERRORS(X)                                                                               \
	X(OK, 0, "success")                                                                        \
	X(E_NOMEM, -1, "out of memory")                                                            \
	X(E_AGAIN, -2, "would block")                                                              \
	X(E_CLOSED, -3, "peer or stream is closed")                                                \
	X(E_LIMIT, -4, "configured limit reached")                                                 \
	X(E_PROTO, -5, "protocol violation")                                                       \
	X(E_IO, -6, "input or output failed")                                                      \
	X(E_EXISTS, -7, "exists already")                                                          \
	X(E_NOTFOUND, -8, "does not exist")                                                        \
	X(E_FULL, -9, "storage is full or not available")                                          \
	X(E_INVALID, -10, "not acceptable in this form")                                           \
	X(E_DENIED, -11, "not allowed")

enum rt_error {
#define X(name, value, text) RT_##name = (value),
	RT_ERRORS(X)
#undef X
};

/** A short English text; never NULL. */
const char *rt_error_text(int err);

#define RT_MUST_USE __attribute__((warn_unused_result))

/* We are wrong: always compiled in, never for input. Prints file, line, expression, then aborts. */
#define RT_ASSERT(cond) ((cond) ? (void)0 : rt_assert_failed(__FILE__, __LINE__, #cond))
__attribute__((noreturn)) void rt_assert_failed(const char *file, int line, const char *cond);

#define RT_CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* A borrowed piece of text, not NUL-terminated by promise. p may be NULL when n is 0. */
struct rt_str {
	const char *p;
	uint32_t n; /* bytes */
};

#define RT_STR(literal) ((struct rt_str){(literal), sizeof(literal) - 1})
#define RT_STR_ARG(s)   (int)(s).n, (s).p != NULL ? (s).p : ""

static inline struct rt_str rt_str_of(const char *z)
{
	return (struct rt_str){z, (uint32_t)strlen(z)};
}

static inline bool rt_str_eq(struct rt_str a, struct rt_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

#define rt_str_is(s, literal) rt_str_eq((s), RT_STR(literal))

/* Refers to something that may be gone: slot of a table and the generation it must still have. Zero
 * is nobody. */
struct rt_id {
	uint32_t slot, generation;
};

static inline bool rt_id_eq(struct rt_id a, struct rt_id b)
{
	return a.slot == b.slot && a.generation == b.generation;
}

#endif
