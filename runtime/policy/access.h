/* access.h - whom an access rule is asked about. */
#ifndef RT_POLICY_ACCESS_H
#define RT_POLICY_ACCESS_H

#include "core/base.h"
#include "rt/gen.h"

/** A user of a host, for a check that is made for that host. node and resource are prepared and
 * borrowed; a resource of RT_STR("") is that of a bare JID. */
static inline struct rt_access_ctx rt_access_of_user(int host, struct rt_str node,
						     struct rt_str resource)
{
	struct rt_str domain = rt_str_of(rt_gen.hosts[host].name);

	return (struct rt_access_ctx){
		.node = node.p,
		.node_len = (uint16_t)node.n,
		.domain = domain.p,
		.domain_len = (uint16_t)domain.n,
		.resource = resource.p,
		.resource_len = (uint16_t)resource.n,
		.host = (int16_t)host,
		.domain_host = (int16_t)host,
	};
}

#endif
