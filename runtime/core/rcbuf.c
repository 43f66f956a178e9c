/* rcbuf.c - immutable shared bytes. */
#include "core/rcbuf.h"

#include <stdlib.h>

struct rt_rcbuf *rt_rcbuf_new(const void *p, size_t n)
{
	struct rt_rcbuf *b;

	if (n > UINT32_MAX - sizeof(*b))
		return NULL;
	b = malloc(sizeof(*b) + n);
	if (b == NULL)
		return NULL;
	atomic_init(&b->refs, 1u);
	b->n = (uint32_t)n;
	if (p != NULL && n != 0)
		memcpy(b->data, p, n);
	return b;
}

struct rt_rcbuf *rt_rcbuf_ref(struct rt_rcbuf *b)
{
	/* Whoever takes a reference has one already: nothing to order against. */
	atomic_fetch_add_explicit(&b->refs, 1u, memory_order_relaxed);
	return b;
}

void rt_rcbuf_unref(struct rt_rcbuf **b)
{
	struct rt_rcbuf *gone = *b;

	*b = NULL;
	if (gone == NULL)
		return;
	/* Release: our reads are over. Acquire for the last one: so are everybody's. */
	if (atomic_fetch_sub_explicit(&gone->refs, 1u, memory_order_acq_rel) == 1u)
		free(gone);
}
