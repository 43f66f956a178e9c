/* account.h - what follows from the end of an account: sessions, contacts, data that modules keep
 * (RFC 6121, 2.5; XEP-0077). */
#ifndef RT_ROUTE_ACCOUNT_H
#define RT_ROUTE_ACCOUNT_H

#include "store/store.h"

/**
 * Remove an account: read its roster, remove it from the store (in one transaction), and then what
 * rt_account_removed does. Contacts hear of it even when nobody of the account is online.
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
 * The account is gone from the store: end its sessions (stream error conflict, "User removed"),
 * tell its contacts as far as its roster is in memory (unavailable, unsubscribe, unsubscribed) and
 * run RT_HOOK_REMOVE_USER of the host. Happens later, on the user's home shard.
 *
 * @param shard  the calling shard, or NULL.
 * @param node   prepared; copied.
 *
 * Thread: any.
 */
void rt_account_removed(struct rt_shard *shard, int host, struct rt_str node);

#endif
