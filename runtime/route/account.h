/* account.h - what follows from the end of an account: sessions, contacts, data that modules keep
 * (RFC 6121, 2.5; XEP-0077). */
#ifndef RT_ROUTE_ACCOUNT_H
#define RT_ROUTE_ACCOUNT_H

#include "store/store.h"

/**
 * Remove an account: read its roster, remove it from the store (in one transaction), end its
 * sessions (stream error conflict, "User removed"), tell its contacts (unavailable, unsubscribe,
 * unsubscribed; also when nobody of the account is online) and run RT_HOOK_REMOVE_USER of the host.
 *
 * @param node  prepared; copied.
 * @param done  runs on the user's home shard after the commit, before the sessions are ended:
 * RT_OK, RT_E_NOTFOUND or an error of the store (nothing has happened then). May be NULL.
 *
 * @return RT_OK, or RT_E_NOMEM: done is not called.
 *
 * Thread: any.
 */
int rt_account_remove(int host, struct rt_str node, rt_store_done_fn *done, void *ctx) RT_MUST_USE;

/**
 * Ends what still speaks for an account that has ended: connections of c2s that had begun to prove
 * its password by then, bound or not. Runs on every shard; on the account's home shard last, when
 * all that were on their way there have arrived.
 *
 * @param node      borrowed for the call.
 * @param ended_ns  rt_clock_ns() after the commit. Whoever looked at the password later is of a new
 *                  account of the same name.
 */
typedef void rt_account_ended_fn(struct rt_shard *shard, int host, struct rt_str node,
				 uint64_t ended_ns);
/** Before the shards start. */
void rt_account_set_ended(rt_account_ended_fn *fn);

#endif
