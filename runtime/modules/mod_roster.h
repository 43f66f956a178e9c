/* mod_roster.h - shared by the two halves of mod_roster: requests (mod_roster.c) and subscriptions
 * (mod_roster_sub.c). */
#ifndef RT_MODULES_MOD_ROSTER_H
#define RT_MODULES_MOD_ROSTER_H

#include "route/roster.h"
#include "rt/modules.h"

/**
 * Push one item to the resources that have asked for the roster (RFC 6121, 2.1.6). Inside a turn of
 * the user's.
 *
 * @param it  NULL: it has been removed.
 */
void rt_mod_roster_push(struct rt_shard *shard, struct rt_user *u, struct rt_str jid,
			const struct rt_roster_item *it, const struct rt_mod_roster_opts *opts);

/** The stored form of an item, for changing it; borrowed. it may be NULL: a new one, without
 * subscription. */
struct rt_roster_row rt_mod_roster_row(const struct rt_roster_item *it, struct rt_str jid);

/** After an item was removed: take back what it gave and asked for (RFC 6121, 2.5.2). Takes
 * nothing. */
void rt_mod_roster_cancel(struct rt_shard *shard, struct rt_user *u, struct rt_str jid,
			  uint8_t subscription, uint8_t ask);

/** A presence stanza between two bare addresses. */
void rt_mod_roster_send(struct rt_shard *shard, const struct rt_jid *from, const struct rt_jid *to,
			enum rt_stanza_type type);

/** The user's bare address, borrowed. */
struct rt_jid rt_mod_roster_self(const struct rt_user *u);

#endif
