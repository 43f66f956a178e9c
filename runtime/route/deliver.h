/* deliver.h - the last step, for router.c: a stanza has reached the home shard of a local account
 * (RFC 6121, 8). */
#ifndef RT_ROUTE_DELIVER_H
#define RT_ROUTE_DELIVER_H

#include "route/router.h"

/** st->to has a node and lies on this host. Takes st. */
void rt_deliver_to_account(struct rt_shard *shard, int host, struct rt_stanza *st);

#endif
