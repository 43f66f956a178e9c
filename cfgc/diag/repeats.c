/* repeats.c - what several units say about one file that they all include. */
#include <stdlib.h>

#include "diag/diag.h"

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

struct found {
	const struct diags *dl;
	struct diag *diag;
};

static int compare_found(const void *left, const void *right)
{
	const struct found *a = left, *b = right;
	struct span pa = a->diag->labels.at[0].at, pb = b->diag->labels.at[0].at;
	int order = str_cmp(diag_path(a->dl, a->diag), diag_path(b->dl, b->diag));

	if (order == 0)
		order = COMPARE(pa.off, pb.off);
	if (order == 0)
		order = COMPARE(a->diag->code, b->diag->code);
	if (order == 0)
		order = str_cmp(a->diag->message, b->diag->message);
	return order;
}

static int compare_found_and_order(const void *left, const void *right)
{
	const struct found *a = left, *b = right;
	int order = compare_found(left, right);

	return order != 0 ? order : COMPARE(a->diag->order, b->diag->order);
}

static bool is_in_include(const struct diags *dl, const struct diag *d)
{
	return d->labels.n != 0 &&
	       dl->sources->files.at[d->labels.at[0].at.file]->included_at.file != NO_FILE;
}

static void drop_repeats(struct diags *dl, struct diag_list *list, bool is_counted)
{
	struct found *found = arena_array_of(dl->arena, struct found, list->n + 1), *first;
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < list->n; i++)
		if (is_in_include(dl, list->at[i]))
			found[n++] = (struct found){dl, list->at[i]};
	if (n > 1)
		qsort(found, n, sizeof(*found), compare_found_and_order);
	first = found;
	for (size_t i = 1; i < n; i++) {
		if (compare_found(first, &found[i]) != 0)
			first = &found[i];
		else if (first->diag->unit != found[i].diag->unit)
			found[i].diag->is_repeat = true;
	}
	for (size_t i = 0; i < list->n; i++) {
		if (!list->at[i]->is_repeat)
			list->at[kept++] = list->at[i];
		else if (is_counted)
			diag_uncount(dl, list->at[i]);
	}
	list->n = kept;
}

void diags_drop_repeats(struct diags *dl)
{
	drop_repeats(dl, &dl->list, true);
	drop_repeats(dl, &dl->waived, false);
}
