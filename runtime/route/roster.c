/* roster.c - rosters in memory: loading, turns, changes and their commit. */
#include "route/roster_items.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "rt/gen.h"

#define VERSION_MAX 48u

/* A turn that waits for its time. Holds the user. */
struct rt_roster_wait {
	struct rt_roster_wait *next;
	rt_roster_fn *fn;
	void *ctx;
};

/* A change on its way through the store. Everything its success needs is allocated before. */
struct change {
	struct rt_user *user;
	rt_roster_fn *done;
	void *ctx;
	struct rt_roster_item *item; /* put: takes the place of the one with its jid */
	char *version;               /* becomes the roster's */
	uint32_t version_len;
	struct rt_str jid; /* delete */
};

static struct rt_account account_of(const struct rt_user *u)
{
	return (struct rt_account){u->node, rt_str_of(rt_gen.hosts[u->host].name)};
}

/* Without mod_roster nobody ever writes one: there is nothing to read. */
static bool is_kept(int host)
{
	return rt_gen.hosts[host].hooks[RT_HOOK_SUBSCRIPTION_OUT].n > 0;
}

/* ---- turns ---- */

static struct rt_roster_wait *take_waiting(struct rt_user *u)
{
	struct rt_roster_wait *w = u->waiting;

	if (w != NULL) {
		u->waiting = w->next;
		u->nwaiting--;
	}
	return w;
}

void rt_roster_drop_turns(struct rt_user *u)
{
	struct rt_roster_wait *w;

	while ((w = take_waiting(u)) != NULL)
		free(w);
}

static void load(struct rt_shard *shard, struct rt_user *u);

/* Run what waits, until a turn lasts beyond its function or nothing is left. The caller holds the
 * user. */
static void run_waiting(struct rt_shard *shard, struct rt_user *u)
{
	while (u->turn_refs == 0 && u->waiting != NULL) {
		struct rt_roster_wait w;

		if (u->roster == NULL) {
			load(shard, u);
			return;
		}
		w = *u->waiting;
		free(take_waiting(u));
		u->turn_refs = 1;
		w.fn(shard, u, w.ctx, RT_OK);
		if (--u->turn_refs == 0)
			rt_user_release(shard, u);
	}
}

static void leave(struct rt_shard *shard, struct rt_user *u)
{
	RT_ASSERT(u->turn_refs > 0);
	if (--u->turn_refs > 0)
		return;
	run_waiting(shard, u);
	rt_user_release(shard, u);
}

void rt_roster_suspend(struct rt_user *u)
{
	RT_ASSERT(u->turn_refs > 0);
	u->turn_refs++;
	u->turn_pending++;
}

void rt_roster_resume(struct rt_shard *shard, struct rt_user *u)
{
	u->turn_pending--;
	leave(shard, u);
}

static void fail_waiting(struct rt_shard *shard, struct rt_user *u, int err)
{
	struct rt_roster_wait *all = u->waiting, *next;

	/* A function may ask again: that starts a new attempt. */
	u->waiting = NULL;
	u->nwaiting = 0;
	for (; all != NULL; all = next) {
		next = all->next;
		all->fn(shard, u, all->ctx, err);
		free(all);
		rt_user_release(shard, u);
	}
}

static void on_loaded(struct rt_shard *shard, void *ctx, int err, struct rt_str version,
		      const struct rt_roster_row *rows, size_t n)
{
	struct rt_user *u = ctx;

	u->turn_pending--;
	if (err == RT_OK) {
		u->roster = rt_roster_new(version, rows, n);
		if (u->roster == NULL)
			err = RT_E_NOMEM;
	}
	if (err == RT_OK) {
		leave(shard, u);
		return;
	}
	u->turn_refs--;
	fail_waiting(shard, u, err);
	rt_user_release(shard, u);
}

/* Reading is a turn of its own. */
static void load(struct rt_shard *shard, struct rt_user *u)
{
	u->turn_refs = 1;
	u->turn_pending = 1;
	u->holds++;
	rt_store_roster_get(shard, account_of(u), on_loaded, u);
}

static int enqueue(struct rt_user *u, rt_roster_fn *fn, void *ctx)
{
	struct rt_roster_wait *w;

	if (u->nwaiting >= RT_ROSTER_WAITING_MAX)
		return RT_E_LIMIT;
	w = malloc(sizeof(*w));
	if (w == NULL)
		return RT_E_NOMEM;
	*w = (struct rt_roster_wait){.fn = fn, .ctx = ctx};
	if (u->waiting == NULL)
		u->waiting = w;
	else
		u->waiting_last->next = w;
	u->waiting_last = w;
	u->nwaiting++;
	return RT_OK;
}

void rt_roster_with(struct rt_shard *shard, struct rt_str node, int host, rt_roster_fn *fn,
		    void *ctx)
{
	struct rt_user *u = rt_user_hold(shard, node, host);
	int err = RT_OK;

	if (u == NULL) {
		fn(shard, NULL, ctx, RT_E_NOMEM);
		return;
	}
	if (u->roster == NULL && u->turn_refs == 0 && !is_kept(host)) {
		u->roster = rt_roster_new((struct rt_str){NULL, 0}, NULL, 0);
		if (u->roster == NULL)
			err = RT_E_NOMEM;
	}
	if (err == RT_OK && u->roster != NULL && u->turn_refs == 0 && u->waiting == NULL) {
		u->turn_refs = 1;
		fn(shard, u, ctx, RT_OK);
		leave(shard, u);
		return;
	}
	if (err == RT_OK)
		err = enqueue(u, fn, ctx);
	if (err != RT_OK) {
		fn(shard, u, ctx, err);
		rt_user_release(shard, u);
	} else if (u->turn_refs == 0) {
		RT_ASSERT(u->roster == NULL); /* else the last turn would have run it */
		load(shard, u);
	}
}

/* ---- changes ---- */

/* Different from every version before it, also after a restart. */
static uint32_t new_version(struct rt_shard *shard, char *out)
{
	return (uint32_t)snprintf(out, VERSION_MAX, "%016" PRIx64 "%08" PRIx32 "%08" PRIx32,
				  (uint64_t)rt_clock_wall_us(), shard->index,
				  (uint32_t)shard->serial++ ^ (uint32_t)rt_clock_ns());
}

static struct change *new_change(struct rt_shard *shard, struct rt_user *u, rt_roster_fn *done,
				 void *ctx)
{
	struct change *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->version = malloc(VERSION_MAX);
	if (c->version == NULL) {
		free(c);
		return NULL;
	}
	c->version_len = new_version(shard, c->version);
	c->user = u;
	c->done = done;
	c->ctx = ctx;
	return c;
}

static void free_change(struct change *c)
{
	free(c->item);
	free(c->version);
	free((void *)(uintptr_t)c->jid.p);
	free(c);
}

static void on_stored(struct rt_shard *shard, void *ctx, int err)
{
	struct change *c = ctx;
	struct rt_user *u = c->user;

	if (err == RT_OK) {
		if (c->item != NULL)
			rt_roster_set_item(u->roster, c->item);
		else
			rt_roster_drop_item(u->roster, c->jid);
		c->item = NULL;
		rt_roster_set_version(u->roster, c->version, c->version_len);
		c->version = NULL;
	}
	u->turn_pending--; /* what done hands on comes before what waits */
	c->done(shard, u, c->ctx, err);
	free_change(c);
	leave(shard, u);
}

void rt_roster_put(struct rt_shard *shard, struct rt_user *u, const struct rt_roster_row *row,
		   rt_roster_fn *done, void *ctx)
{
	struct change *c = new_change(shard, u, done, ctx);

	RT_ASSERT(u->turn_refs > 0 && u->roster != NULL);
	if (c != NULL && rt_roster_make_room(u->roster))
		c->item = rt_roster_new_item(row);
	if (c == NULL || c->item == NULL) {
		if (c != NULL)
			free_change(c);
		done(shard, u, ctx, RT_E_NOMEM);
		return;
	}
	rt_roster_suspend(u);
	rt_store_roster_put(shard, account_of(u), row, (struct rt_str){c->version, c->version_len},
			    on_stored, c);
}

void rt_roster_delete(struct rt_shard *shard, struct rt_user *u, struct rt_str jid,
		      rt_roster_fn *done, void *ctx)
{
	struct change *c = new_change(shard, u, done, ctx);
	char *text = c != NULL ? malloc(jid.n + 1u) : NULL;

	RT_ASSERT(u->turn_refs > 0 && u->roster != NULL);
	if (text == NULL) {
		if (c != NULL)
			free_change(c);
		done(shard, u, ctx, RT_E_NOMEM);
		return;
	}
	memcpy(text, jid.p, jid.n);
	c->jid = (struct rt_str){text, jid.n};
	rt_roster_suspend(u);
	rt_store_roster_delete(shard, account_of(u), c->jid,
			       (struct rt_str){c->version, c->version_len}, on_stored, c);
}
