/* routes.h - the domain table of one shard, for router.c and iq.c: services of modules and
 * components. */
#ifndef RT_ROUTE_ROUTES_H
#define RT_ROUTE_ROUTES_H

#include "route/router.h"

/* One domain. A component's route exists once per shard. */
struct rt_domain_route {
	struct rt_domain_route *next;
	struct rt_str domain; /* prepared; borrowed from generated tables or the claim */
	int host;             /* the served host it lies under, or RT_HOST_NONE */
	const struct rt_subdomain *service; /* NULL: a component */
	struct rt_shard *owner;             /* of the component's connection */
	struct rt_id conn;
	bool hidden;
};

struct rt_claim;
struct rt_iq_pending;

#define RT_IQ_PENDING_BUCKETS 64u

struct rt_router {
	struct rt_domain_route **buckets;
	uint32_t nbuckets, n;
	struct rt_claim *claims; /* of this shard's connections */
	struct rt_iq_pending
		*pending[RT_IQ_PENDING_BUCKETS]; /* iq.c: requests of the server's own */
	uint64_t iq_count;
};

/** NULL: neither a service nor a component. */
const struct rt_domain_route *rt_domain_find(const struct rt_router *router, struct rt_str domain);
/** The served host with the longest name that the domain ends in, after a dot; or RT_HOST_NONE. */
int rt_domain_parent(struct rt_str domain);

/* iq.c: end all pending requests. */
void rt_iq_drop_pending(struct rt_shard *shard);

#endif
