/* failing.h - allocations that fail when they are told to. The linker sends malloc and its kin here
 * (--wrap, see CMakeLists.txt), and OpenSSL and SQLite are asked to come here too.
 *
 *   failing_at(n, m);   the n-th allocation from now fails, and so do the ones behind it, m in all
 *   failing_at(0, 0);   none does
 *   failing_count       allocations since then
 */
#ifndef TESTS_FAILING_H
#define TESTS_FAILING_H

#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static _Atomic unsigned long failing_count, failing_first, failing_last;
/* Whether what is allocated now belongs to the test itself. */
static bool failing_is_outside(void);

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void *__real_aligned_alloc(size_t alignment, size_t n);
char *__real_strndup(const char *s, size_t n);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_aligned_alloc(size_t alignment, size_t n);
char *__wrap_strndup(const char *s, size_t n);
char *__wrap_strdup(const char *s);

#define FAILING_UNUSED __attribute__((unused))

FAILING_UNUSED static void failing_at(unsigned long n, unsigned long m)
{
	failing_count = 0;
	failing_first = n;
	failing_last = n + m - 1;
}

static bool fails_now(void)
{
	unsigned long now;

	if (failing_is_outside())
		return false;
	now = ++failing_count;
	return failing_first != 0 && now >= failing_first && now <= failing_last;
}

void *__wrap_malloc(size_t n)
{
	return fails_now() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
	return fails_now() ? NULL : __real_calloc(count, n);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fails_now() ? NULL : __real_realloc(p, n);
}

void *__wrap_aligned_alloc(size_t alignment, size_t n)
{
	return fails_now() ? NULL : __real_aligned_alloc(alignment, n);
}

char *__wrap_strndup(const char *s, size_t n)
{
	return fails_now() ? NULL : __real_strndup(s, n);
}

char *__wrap_strdup(const char *s)
{
	return fails_now() ? NULL : __real_strdup(s);
}

static void *failing_ssl_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return n == 0 ? NULL : __wrap_malloc(n);
}

static void *failing_ssl_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	if (n != 0)
		return __wrap_realloc(p, n);
	free(p);
	return NULL;
}

static void failing_ssl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/** Before OpenSSL is used for the first time. */
FAILING_UNUSED static bool failing_setup_openssl(void)
{
	return CRYPTO_set_mem_functions(failing_ssl_malloc, failing_ssl_realloc,
					failing_ssl_free) == 1;
}

/* SQLite wants to know how large a piece is. */
struct failing_piece {
	_Alignas(max_align_t) int n;
};

static void *failing_db_malloc(int n)
{
	struct failing_piece *p = __wrap_malloc(sizeof(*p) + (size_t)n);

	if (p == NULL)
		return NULL;
	p->n = n;
	return p + 1;
}

static void *failing_db_realloc(void *old, int n)
{
	struct failing_piece *p = (struct failing_piece *)old - 1;

	p = __wrap_realloc(p, sizeof(*p) + (size_t)n);
	if (p == NULL)
		return NULL;
	p->n = n;
	return p + 1;
}

static void failing_db_free(void *p)
{
	free((struct failing_piece *)p - 1);
}

static int failing_db_size(void *p)
{
	return p == NULL ? 0 : ((struct failing_piece *)p - 1)->n;
}

static int failing_db_roundup(int n)
{
	return (n + 7) & ~7;
}

static int failing_db_init(void *ctx)
{
	(void)ctx;
	return SQLITE_OK;
}

static void failing_db_shutdown(void *ctx)
{
	(void)ctx;
}

/** Before a database is opened for the first time. */
FAILING_UNUSED static bool failing_setup_sqlite(void)
{
	static const sqlite3_mem_methods methods = {
		failing_db_malloc,  failing_db_free, failing_db_realloc,  failing_db_size,
		failing_db_roundup, failing_db_init, failing_db_shutdown, NULL};

	return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK;
}

#endif
