/* diff.c - the comparison of two models, part by part. */
#include "tools/diff.h"

#include <stdlib.h>

#include "tools/diff_list.h"

struct diff_change *diff_add(struct differ *d, enum diff_part part, enum diff_kind kind,
			     struct str subject, const char *what)
{
	struct diff_change c = {
		.part = part,
		.kind = kind,
		.subject = subject,
		.what = str_of(what),
		.before = {.at = NO_SPAN},
		.after = {.at = NO_SPAN},
	};

	vec_push(d->a, &d->diff->list, c);
	return &d->diff->list.at[d->diff->list.n - 1];
}

struct diff_change *diff_changed(struct differ *d, enum diff_part part, struct str subject,
				 const char *what, struct diff_side before, struct diff_side after)
{
	struct diff_change *c = diff_add(d, part, DIFF_CHANGED, subject, what);

	c->before = before;
	c->after = after;
	return c;
}

/* ---- what is the same for several groups of hosts ---- */

static int by_index(const void *a, const void *b)
{
	const struct host_pair *x = a, *y = b;

	return (x->new->index > y->new->index) - (x->new->index < y->new->index);
}

static const struct host_group *joined(struct differ *d, const struct host_group *a,
				       const struct host_group *b)
{
	struct host_group *g = arena_new_of(d->a, struct host_group);

	for (size_t i = 0; i < a->list.n; i++)
		vec_push(d->a, &g->list, a->list.at[i]);
	for (size_t i = 0; i < b->list.n; i++)
		vec_push(d->a, &g->list, b->list.at[i]);
	qsort(g->list.at, g->list.n, sizeof(*g->list.at), by_index);
	return g;
}

/* All of a change but its hosts and the user who stands for others. */
static struct str key_of(struct arena *a, const struct diff_change *c)
{
	return arena_printf(a, "%d %d %d %.*s\n%.*s\n%.*s\n%.*s\n%.*s\n%u %u %u %u", (int)c->part,
			    (int)c->kind, (int)c->effect, STR_ARG(c->subject), STR_ARG(c->what),
			    STR_ARG(c->before.text), STR_ARG(c->after.text), STR_ARG(c->why),
			    c->before.at.file, c->before.at.off, c->after.at.file, c->after.at.off);
}

/* A change of several groups of hosts is one. */
static void merge(struct differ *d)
{
	struct diff *diff = d->diff;
	struct names_table seen = {0};
	size_t n = 0;

	for (size_t i = 0; i < diff->list.n; i++) {
		struct diff_change *c = &diff->list.at[i];
		struct str key = key_of(d->a, c);
		size_t *first = c->group != NULL ? names_find(&seen, key) : NULL;

		if (first != NULL) {
			diff->list.at[*first].group =
				joined(d, diff->list.at[*first].group, c->group);
			continue;
		}
		if (c->group != NULL) {
			first = arena_new_of(d->a, size_t);
			*first = n;
			names_put(d->a, &seen, key, first);
		}
		diff->list.at[n++] = *c;
	}
	diff->list.n = n;
	for (size_t i = 0; i < n; i++)
		if (diff->list.at[i].group != NULL)
			diff->list.at[i].hosts = diff_host_names(d, diff->list.at[i].group);
}

/* ---- the order of the list ---- */

struct placed {
	struct diff_change change;
	size_t arrival;
};

static int by_part_and_subject(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int c;

	if (x->change.part != y->change.part)
		return x->change.part < y->change.part ? -1 : 1;
	c = str_cmp(x->change.subject, y->change.subject);
	return c != 0 ? c : (x->arrival > y->arrival) - (x->arrival < y->arrival);
}

static void sort(struct diff *d)
{
	struct placed *all = arena_array_of(d->arena, struct placed, d->list.n + 1);

	for (size_t i = 0; i < d->list.n; i++)
		all[i] = (struct placed){d->list.at[i], i};
	qsort(all, d->list.n, sizeof(*all), by_part_and_subject);
	for (size_t i = 0; i < d->list.n; i++)
		d->list.at[i] = all[i].change;
}

void diff_models(struct arena *a, const struct diff_input *old, const struct diff_input *new,
		 struct diff *out)
{
	struct differ d = {.diff = out, .a = a, .old = old->model, .new = new->model};

	*out = (struct diff){.arena = a, .old = old->model, .new = new->model};
	masked_init(&d.secrets);
	diff_hosts(&d);
	diff_listeners(&d);
	diff_logins(&d);
	diff_modules(&d);
	diff_rules_by_name(&d);
	diff_settings(&d);
	if (d.new->target == TARGET_MONGOOSEIM_3_2) /* xmppd has none of these */
		diff_keyed(&d, old->forms, new->forms);
	merge(&d);
	sort(out);
	for (size_t i = 0; i < out->list.n; i++) {
		out->nopens += out->list.at[i].effect == DIFF_OPENS;
		out->ncloses += out->list.at[i].effect == DIFF_CLOSES;
	}
}
