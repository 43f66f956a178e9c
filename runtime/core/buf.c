/* buf.c - growing byte buffer. */
#include "core/buf.h"

#include <stdlib.h>

#define FIRST_SIZE 512u
/* No limit of the server lets a buffer come near this; a length beyond it is refused like missing
 * memory. */
#define SIZE_CAP (1u << 30)

void rt_buf_fini(struct rt_buf *b)
{
	free(b->data);
	*b = (struct rt_buf){0};
}

char *rt_buf_reserve(struct rt_buf *b, size_t n)
{
	size_t len = rt_buf_len(b), cap;
	char *data;

	if (b->cap - b->end >= n && b->data != NULL)
		return b->data + b->end;
	if (n > SIZE_CAP || len + n > SIZE_CAP) {
		b->failed = true;
		return NULL;
	}
	/* Sliding pays only when it frees more than it copies. */
	if (b->data != NULL && b->start >= len && b->cap - len >= n) {
		memmove(b->data, b->data + b->start, len);
		b->start = 0;
		b->end = (uint32_t)len;
		return b->data + len;
	}
	for (cap = FIRST_SIZE; cap < len + n; cap *= 2)
		;
	if (cap <= b->cap)
		cap = (size_t)b->cap * 2; /* never copy the same bytes again for a few more */
	data = malloc(cap);
	if (data == NULL) {
		b->failed = true;
		return NULL;
	}
	if (len != 0)
		memcpy(data, b->data + b->start, len);
	free(b->data);
	b->data = data;
	b->start = 0;
	b->end = (uint32_t)len;
	b->cap = (uint32_t)cap;
	return data + len;
}

void rt_buf_add_slow(struct rt_buf *b, const void *p, size_t n)
{
	char *at;

	if (n == 0)
		return;
	at = rt_buf_reserve(b, n);
	if (at == NULL)
		return;
	memcpy(at, p, n);
	b->end += (uint32_t)n;
}

void rt_buf_consume(struct rt_buf *b, size_t n, bool keep)
{
	RT_ASSERT(n <= rt_buf_len(b));
	b->start += (uint32_t)n;
	if (b->start != b->end)
		return;
	if (keep)
		b->start = b->end = 0;
	else
		rt_buf_fini(b);
}
