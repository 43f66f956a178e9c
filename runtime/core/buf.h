/* buf.h - bytes on their way out or not yet parsed: one growing allocation, released when empty.
 *
 *   data <= data + start <= data + end <= data + cap
 *          |---- to do ----|--- free ---|
 */
#ifndef RT_CORE_BUF_H
#define RT_CORE_BUF_H

#include "core/base.h"

struct rt_buf {
	char *data;
	uint32_t start, end, cap; /* bytes */
	bool failed;              /* an append ran out of memory: the content is not whole */
};

void rt_buf_fini(struct rt_buf *b);

/** Room for n more bytes at data + end. @return where to write, or NULL (and failed is set). */
char *rt_buf_reserve(struct rt_buf *b, size_t n);
void rt_buf_add_slow(struct rt_buf *b, const void *p, size_t n);

static inline size_t rt_buf_len(const struct rt_buf *b)
{
	return b->end - b->start;
}

static inline void rt_buf_add(struct rt_buf *b, const void *p, size_t n)
{
	if (n != 0 && b->cap - b->end >= n) {
		memcpy(b->data + b->end, p, n);
		b->end += (uint32_t)n;
	} else {
		rt_buf_add_slow(b, p, n);
	}
}

static inline void rt_buf_addz(struct rt_buf *b, const char *z)
{
	rt_buf_add(b, z, strlen(z));
}

static inline void rt_buf_adds(struct rt_buf *b, struct rt_str s)
{
	if (s.n != 0)
		rt_buf_add(b, s.p, s.n);
}

/** Drop n bytes from the front; gives the memory back when nothing is left and `keep` is false. */
void rt_buf_consume(struct rt_buf *b, size_t n, bool keep);

#endif
