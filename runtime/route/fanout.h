/* fanout.h - one presence stanza to many addresses: children serialised once, one message per other
 * shard. */
#ifndef RT_ROUTE_FANOUT_H
#define RT_ROUTE_FANOUT_H

#include "route/router.h"

struct rt_fanout_part;

struct rt_fanout {
	struct rt_shard *shard;
	struct rt_stanza *st; /* borrowed until rt_fanout_end */
	struct rt_fanout_part *parts;
};

void rt_fanout_begin(struct rt_fanout *f, struct rt_shard *shard, struct rt_stanza *st);
/** A bare or full JID: recipients on this shard get it at once. */
void rt_fanout_add(struct rt_fanout *f, const struct rt_jid *to);
/** Send off what goes elsewhere. */
void rt_fanout_end(struct rt_fanout *f);

#endif
