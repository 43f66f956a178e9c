/* roster.h - the roster of one account, loaded while somebody of it is online or a subscription
 * stanza is being handled.
 *
 *   rt_roster_with() ─▶ [loaded?] ─▶ fn runs: the account's roster turn
 *                                     ─▶ rt_roster_put() ─▶ commit ─▶ done, turn over
 *
 * All work on one account's roster is done in turns, one after the other and in the order it was
 * asked for; a turn lasts until its changes are committed. So nobody sees a change that may still
 * fail, pushes leave in the order of changes, and a roster never changes while it is walked.
 * mod_roster drives it; presence reads it.
 */
#ifndef RT_ROUTE_ROSTER_H
#define RT_ROUTE_ROSTER_H

#include "route/session.h"
#include "store/store.h"

enum rt_subscription { RT_SUB_NONE, RT_SUB_TO, RT_SUB_FROM, RT_SUB_BOTH };
enum rt_ask { RT_ASK_NONE, RT_ASK_OUT, RT_ASK_IN, RT_ASK_BOTH };

/* One allocation with its texts. */
struct rt_roster_item {
	struct rt_roster_item *next;
	struct rt_str jid;    /* prepared bare JID (or domain, or full JID as the client gave it) */
	struct rt_str name;   /* p NULL: none */
	struct rt_str groups; /* serialised <group/> elements and foreign children, as they are
				 sent; p NULL: the user has never had this item, it only holds
				 somebody's request */
	struct rt_str
		request; /* pending in: the subscribe stanza's children, serialised; p NULL: none */
	uint8_t subscription; /* enum rt_subscription */
	uint8_t ask;          /* enum rt_ask */
};

struct rt_roster {
	struct rt_roster_item **buckets; /* by jid; NULL while empty */
	uint32_t nbuckets, n;
	struct rt_str version; /* as stored; p NULL: none; owned */
};

/** NULL when the contact has no item. r may be NULL (not loaded). */
struct rt_roster_item *rt_roster_find(const struct rt_roster *r, struct rt_str jid);
/** The same by address; its resource does not count. */
struct rt_roster_item *rt_roster_find_bare(const struct rt_roster *r, const struct rt_jid *jid);
/** Any order: next after it, or the first when it is NULL; NULL at the end. r may be NULL. */
struct rt_roster_item *rt_roster_next(const struct rt_roster *r, const struct rt_roster_item *it);
/** Take apart an address that is kept as prepared text; the parts borrow from it. */
struct rt_jid rt_roster_jid(struct rt_str text);

static inline bool rt_roster_sees_us(const struct rt_roster_item *it)
{
	return it->subscription == RT_SUB_FROM || it->subscription == RT_SUB_BOTH;
}

static inline bool rt_roster_is_seen(const struct rt_roster_item *it)
{
	return it->subscription == RT_SUB_TO || it->subscription == RT_SUB_BOTH;
}

static inline bool rt_roster_wants_in(const struct rt_roster_item *it)
{
	return it->ask == RT_ASK_IN || it->ask == RT_ASK_BOTH;
}

static inline bool rt_roster_wants_out(const struct rt_roster_item *it)
{
	return it->ask == RT_ASK_OUT || it->ask == RT_ASK_BOTH;
}

typedef void rt_roster_fn(struct rt_shard *shard, struct rt_user *u, void *ctx, int err);

/* Turns waiting for one account at most; beyond it fn gets RT_E_LIMIT. */
#define RT_ROSTER_WAITING_MAX 1024u

/**
 * Call fn on this shard in a turn of its own: at once when the roster is in memory and no other
 * turn is going on. The user is held until the turn is over. u is valid for the call and while the
 * turn lasts.
 *
 * @param node  prepared; borrowed for this call. The account need not exist: its roster is then
 * empty.
 * @param fn    exactly once. err: RT_OK; RT_E_NOMEM, RT_E_LIMIT or an error of the store: u may
 * then be NULL, and there is no turn.
 *
 * Hosts without mod_roster have empty rosters. Thread: home shard of the account.
 */
void rt_roster_with(struct rt_shard *shard, struct rt_str node, int host, rt_roster_fn *fn,
		    void *ctx);

/** Whether what arrives for the user now must wait its turn to keep its order. */
static inline bool rt_roster_is_pending(const struct rt_user *u)
{
	return u->turn_pending > 0 || u->waiting != NULL;
}

/* Inside a turn: let it last beyond the return of fn, and end it. */
void rt_roster_suspend(struct rt_user *u);
void rt_roster_resume(struct rt_shard *shard, struct rt_user *u);

/**
 * Inside a turn: insert or replace the item, or delete it, with a new roster version. The turn
 * lasts until done has run; the roster in memory changes just before done gets RT_OK. done may make
 * the next change; it runs inside the call when memory is short. Texts are copied.
 */
void rt_roster_put(struct rt_shard *shard, struct rt_user *u, const struct rt_roster_row *row,
		   rt_roster_fn *done, void *ctx);
void rt_roster_delete(struct rt_shard *shard, struct rt_user *u, struct rt_str jid,
		      rt_roster_fn *done, void *ctx);
/** Inside a turn: forget all items, in memory only. */
void rt_roster_clear(struct rt_user *u);

/* For session.c: the memory goes with the user; turns that wait are dropped only when the shard
 * goes. */
void rt_roster_free(struct rt_roster **r);
void rt_roster_drop_turns(struct rt_user *u);

/* ---- the state table (RFC 6121, appendix A) ---- */

enum rt_roster_event { /* rows of the state table */
		       RT_OUT_SUBSCRIBE,
		       RT_OUT_SUBSCRIBED,
		       RT_OUT_UNSUBSCRIBE,
		       RT_OUT_UNSUBSCRIBED,
		       RT_IN_SUBSCRIBE,
		       RT_IN_SUBSCRIBED,
		       RT_IN_UNSUBSCRIBE,
		       RT_IN_UNSUBSCRIBED,
		       RT_NROSTER_EVENTS
};

struct rt_roster_change {
	uint8_t subscription, ask; /* new state */
	bool changed;
	bool push;          /* push the item to interested resources */
	bool deliver;       /* IN: hand the stanza to the user; OUT: route it */
	uint8_t auto_reply; /* 0 none, else RT_TYPE_SUBSCRIBED or RT_TYPE_UNSUBSCRIBED */
};

/** The state table as a pure function. A pair of states that cannot be stored counts as none, none.
 */
struct rt_roster_change rt_roster_step(enum rt_subscription subscription, enum rt_ask ask,
				       enum rt_roster_event event);

#endif
