/* diff_hosts.c - hosts that come, go and stay, and those of the latter that are alike. */
#include "tools/diff_list.h"

#include "support/strbuf.h"

static struct str subject_of(struct differ *d, const struct host *h)
{
	return arena_printf(d->a, "host %.*s", STR_ARG(h->name));
}

static void add_host(struct differ *d, const struct host *h)
{
	struct diff_change *c = diff_add(d, DIFF_HOSTS, DIFF_ADDED, subject_of(d, h), "");

	c->after = (struct diff_side){h->name, h->at};
	c->effect = DIFF_OPENS;
	c->why = STR("its users are let in");
}

static void remove_host(struct differ *d, const struct host *h)
{
	struct diff_change *c = diff_add(d, DIFF_HOSTS, DIFF_REMOVED, subject_of(d, h), "");

	c->before = (struct diff_side){h->name, h->at};
	c->effect = DIFF_CLOSES;
	c->why = STR("its users are not let in any more");
}

static void compare_main_host(struct differ *d)
{
	const struct host *old = d->old->hosts.n != 0 ? d->old->hosts.at[0] : NULL;
	const struct host *new = d->new->hosts.n != 0 ? d->new->hosts.at[0] : NULL;

	if (old == NULL || new == NULL || str_eq(old->name, new->name))
		return;
	(void)diff_changed(d, DIFF_HOSTS, STR("main host"), "",
			   (struct diff_side){old->name, old->at},
			   (struct diff_side){new->name, new->at});
}

void diff_hosts(struct differ *d)
{
	compare_main_host(d);
	for (size_t i = 0; i < d->old->hosts.n; i++)
		if (names_find(&d->new->host_names, d->old->hosts.at[i]->name) == NULL)
			remove_host(d, d->old->hosts.at[i]);
	for (size_t i = 0; i < d->new->hosts.n; i++) {
		struct host_pair pair = {.new = d->new->hosts.at[i]};

		pair.old = names_find(&d->old->host_names, pair.new->name);
		if (pair.old == NULL)
			add_host(d, pair.new);
		else
			vec_push(d->a, &d->hosts.list, pair);
	}
}

void diff_group_hosts(struct differ *d, const struct host_group *hosts, host_key_fn key, void *ctx,
		      struct host_groups *out)
{
	struct names_table seen = {0};

	*out = (struct host_groups){0};
	for (size_t i = 0; i < hosts->list.n; i++) {
		struct str k = key(ctx, &hosts->list.at[i]);
		struct host_group *g = names_find(&seen, k);

		if (g == NULL) {
			g = arena_new_of(d->a, struct host_group);
			names_put(d->a, &seen, k, g);
			vec_push(d->a, &out->list, g);
		}
		vec_push(d->a, &g->list, hosts->list.at[i]);
	}
}

struct str diff_host_names(struct differ *d, const struct host_group *g)
{
	struct strbuf out = {.arena = d->a};
	size_t n = g->list.n, shown = n <= 3 ? n : 2;

	if (n > 1 && n == d->new->hosts.n && n == d->old->hosts.n)
		return STR("all hosts");
	for (size_t i = 0; i < shown; i++)
		strbuf_printf(&out, "%s%.*s", i != 0 ? ", " : "", STR_ARG(g->list.at[i].new->name));
	if (n > shown)
		strbuf_printf(&out, " and %zu more hosts", n - shown);
	return strbuf_str(&out);
}
