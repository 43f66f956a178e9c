/* account.c - an account ends: the order of things on its home shard. */
#include "route/account.h"

#include <stdlib.h>

#include "core/clock.h"
#include "route/roster.h"
#include "route/session.h"
#include "rt/gen.h"
#include "rt/hooks.h"

struct removal;

/* To one shard and back. */
struct visit {
	struct rt_msg msg;
	struct removal *removal;
};

/* On its way through the home shard; the visits and the node lie behind it. */
struct removal {
	struct rt_msg msg;
	int host;
	struct rt_str node;
	struct rt_user *user; /* in its roster turn while the store works */
	rt_store_done_fn *done;
	void *ctx;
	uint64_t ended_ns; /* rt_clock_ns() */
	uint32_t nvisits;  /* still on their way */
	struct visit visits[];
};

static rt_account_ended_fn *account_ended;

void rt_account_set_ended(rt_account_ended_fn *fn)
{
	account_ended = fn;
}

static struct removal *new_removal(int host, struct rt_str node)
{
	struct removal *r = calloc(1, sizeof(*r) + rt_nshards * sizeof(r->visits[0]) + node.n + 1);
	char *text;

	if (r == NULL)
		return NULL;
	text = (char *)&r->visits[rt_nshards];
	memcpy(text, node.p, node.n);
	r->host = host;
	r->node = (struct rt_str){text, node.n};
	return r;
}

/* Sessions first: contacts hear of them by the roster that the hooks then take apart. */
static void finish(struct rt_shard *shard, int host, struct rt_str node)
{
	struct rt_user *u = rt_user_find(shard, node, host);

	if (u != NULL) {
		u->holds++;
		while (u->sessions != NULL) {
			struct rt_session *s = u->sessions;

			rt_session_close(shard, s, (struct rt_str){NULL, 0});
			s->ops->terminate(s, "conflict", "User removed");
		}
		/* The roster in memory lasts until the hooks have asked for it. */
	}
	RT_EACH_HOOK (row, host, REMOVE_USER)
		RT_CALL_HOOK(row, REMOVE_USER, shard, host, &node);
	if (u != NULL)
		rt_user_release(shard, u);
}

/* ---- connections that are about to speak for it ---- */

/* Connections that were on their way here have arrived before the visits to where they came from.
 */
static void on_return(struct rt_shard *shard, struct rt_msg *msg)
{
	struct removal *r = RT_CONTAINER_OF(msg, struct visit, msg)->removal;

	if (--r->nvisits != 0)
		return;
	account_ended(shard, r->host, r->node, r->ended_ns);
	free(r);
}

static void on_visit(struct rt_shard *shard, struct rt_msg *msg)
{
	struct removal *r = RT_CONTAINER_OF(msg, struct visit, msg)->removal;
	struct rt_shard *home = rt_shard_home(r->node, rt_str_of(rt_gen.hosts[r->host].name));

	if (shard != home)
		account_ended(shard, r->host, r->node, r->ended_ns);
	msg->fn = on_return;
	rt_shard_post(home, msg);
}

/* Passwords are checked wherever the connection happens to be. */
static void visit_all(struct removal *r)
{
	r->ended_ns = rt_clock_ns();
	r->nvisits = rt_nshards;
	for (uint32_t i = 0; i < rt_nshards; i++) {
		r->visits[i] = (struct visit){.msg.fn = on_visit, .removal = r};
		rt_shard_post(rt_shards[i], &r->visits[i].msg);
	}
}

static void on_store_removed(struct rt_shard *shard, void *ctx, int err)
{
	struct removal *r = ctx;

	if (r->done != NULL)
		r->done(shard, r->ctx, err);
	if (err == RT_OK)
		finish(shard, r->host, r->node);
	rt_roster_resume(shard, r->user);
	if (err == RT_OK && account_ended != NULL)
		visit_all(r);
	else
		free(r);
}

/* Our turn: nothing of the account's roster changes until it is gone. */
static void on_roster(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct removal *r = ctx;
	struct rt_account who = {r->node, rt_str_of(rt_gen.hosts[r->host].name)};

	if (err != RT_OK) {
		if (r->done != NULL)
			r->done(shard, r->ctx, err);
		free(r);
		return;
	}
	r->user = u;
	rt_roster_suspend(u);
	rt_store_account_remove(shard, who, on_store_removed, r);
}

static void on_remove(struct rt_shard *shard, struct rt_msg *msg)
{
	struct removal *r = RT_CONTAINER_OF(msg, struct removal, msg);

	rt_roster_with(shard, r->node, r->host, on_roster, r);
}

int rt_account_remove(int host, struct rt_str node, rt_store_done_fn *done, void *ctx)
{
	struct removal *r = new_removal(host, node);

	if (r == NULL)
		return RT_E_NOMEM;
	r->done = done;
	r->ctx = ctx;
	r->msg.fn = on_remove;
	rt_shard_post(rt_shard_home(r->node, rt_str_of(rt_gen.hosts[host].name)), &r->msg);
	return RT_OK;
}
