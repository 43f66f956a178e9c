/* roster.h - the roster of one account, loaded while somebody of it is online or a subscription stanza is being handled.
 *
 * The state table is that of spec RFC 6121, appendix A. mod_roster drives it; presence reads it.
 */
#ifndef RT_ROUTE_ROSTER_H
#define RT_ROUTE_ROSTER_H

#include "route/session.h"

enum rt_subscription { RT_SUB_NONE, RT_SUB_TO, RT_SUB_FROM, RT_SUB_BOTH };
enum rt_ask { RT_ASK_NONE, RT_ASK_OUT, RT_ASK_IN, RT_ASK_BOTH };

struct rt_roster_item {
	struct rt_roster_item *next;
	struct rt_str jid;      /* prepared bare JID (or domain, or full JID as the client gave it) */
	struct rt_str name;     /* p NULL: none */
	struct rt_str groups;   /* serialised <group/> elements and foreign children, as they are sent */
	struct rt_str request;  /* pending in: the whole subscribe stanza's children, as stored; p NULL: none */
	uint8_t subscription;   /* enum rt_subscription */
	uint8_t ask;            /* enum rt_ask */
};

struct rt_roster {
	struct rt_arena arena;  /* items' text */
	struct rt_roster_item **buckets; /* by jid */
	uint32_t nbuckets, n;
	struct rt_str version;  /* as stored, or computed; for `ver` */
};

struct rt_roster_item *rt_roster_find(const struct rt_roster *r, struct rt_str jid);

/**
 * Call fn on this shard once the account's roster is in memory (at once if it is). The user is held while waiting. err: RT_OK, or the store
 * failed. Calls for one user run in the order they were made.
 */
void rt_roster_with(struct rt_shard *shard, struct rt_str node, int host,
                    void (*fn)(struct rt_shard *shard, struct rt_user *u, void *ctx, int err), void *ctx);

enum rt_roster_event { /* rows of the state table */
	RT_OUT_SUBSCRIBE, RT_OUT_SUBSCRIBED, RT_OUT_UNSUBSCRIBE, RT_OUT_UNSUBSCRIBED,
	RT_IN_SUBSCRIBE, RT_IN_SUBSCRIBED, RT_IN_UNSUBSCRIBE, RT_IN_UNSUBSCRIBED,
};

struct rt_roster_change {
	uint8_t subscription, ask; /* new state */
	bool changed;
	bool push;                 /* push the item to interested resources */
	bool deliver;              /* IN: hand the stanza to the user; OUT: route it */
	uint8_t auto_reply;        /* 0 none, else RT_TYPE_SUBSCRIBED or RT_TYPE_UNSUBSCRIBED */
};

/** The state table as a pure function. */
struct rt_roster_change rt_roster_step(enum rt_subscription subscription, enum rt_ask ask, enum rt_roster_event event);

#endif
