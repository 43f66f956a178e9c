/* order.c - the order of tables whose order means nothing: names bytewise, and places in the file.
 */
#include <stdlib.h>

#include "model/lower.h"

static int by_set_name(const void *a, const void *b)
{
	return str_cmp((*(struct set *const *)a)->name, (*(struct set *const *)b)->name);
}

static int by_rule_name(const void *a, const void *b)
{
	return str_cmp((*(struct rule *const *)a)->name, (*(struct rule *const *)b)->name);
}

static int by_shaper_name(const void *a, const void *b)
{
	return str_cmp((*(struct shaper *const *)a)->name, (*(struct shaper *const *)b)->name);
}

static int by_place(const void *a, const void *b)
{
	struct span s = ((const struct left_out *)a)->at, t = ((const struct left_out *)b)->at;

	if (s.file != t.file)
		return s.file < t.file ? -1 : 1;
	return (s.off > t.off) - (s.off < t.off);
}

/* qsort() wants an array even for no elements. */
static void sort(void *base, size_t n, size_t size, int (*order)(const void *, const void *))
{
	if (n > 1)
		qsort(base, n, size, order);
}

void model_sort(struct model *m)
{
	sort(m->left_out.at, m->left_out.n, sizeof(*m->left_out.at), by_place);
	sort(m->sets.at, m->sets.n, sizeof(*m->sets.at), by_set_name);
	sort(m->rules.at, m->rules.n, sizeof(*m->rules.at), by_rule_name);
	sort(m->shapers.at, m->shapers.n, sizeof(*m->shapers.at), by_shaper_name);
}
