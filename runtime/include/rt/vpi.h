/* vpi.h - what only generated code may call: small inline functions that a compiler specialises over constant rows. */
#ifndef RT_VPI_H
#define RT_VPI_H

#include <string.h>

#include "rt/gen.h"

/* The slow halves, in the runtime. */
void rt_conn_charge_shaper(struct rt_conn *c, const struct rt_shaper_spec *fixed, size_t len);
void rt_c2s_feed(struct rt_conn *c, char *data, size_t len, uint32_t max_stanza);
void rt_service_feed(struct rt_conn *c, char *data, size_t len, uint32_t max_stanza);

/* Bytes of one read for a listener row that is constant where this is instantiated: a listener without a shaper has no
 * shaper code on its path, and the size limit is an immediate. */
static inline __attribute__((always_inline)) void
rt_feed_as(struct rt_conn *c, char *data, size_t len, const struct rt_listener_spec *l)
{
	if (l->shaper_rule != NULL || l->shaper != NULL)
		rt_conn_charge_shaper(c, l->shaper, len);
	if (l->kind == RT_LISTENER_C2S)
		rt_c2s_feed(c, data, len, l->max_stanza);
	else
		rt_service_feed(c, data, len, l->max_stanza);
}

/* Whether a part of the JID equals a literal. */
#define RT_NODE_IS(who, literal)                                                                   \
	((who)->node_len == sizeof(literal) - 1 &&                                                 \
	 memcmp((who)->node, (literal), sizeof(literal) - 1) == 0)
#define RT_DOMAIN_IS(who, literal)                                                                 \
	((who)->domain_len == sizeof(literal) - 1 &&                                               \
	 memcmp((who)->domain, (literal), sizeof(literal) - 1) == 0)
#define RT_RESOURCE_IS(who, literal)                                                               \
	((who)->resource_len == sizeof(literal) - 1 &&                                             \
	 memcmp((who)->resource, (literal), sizeof(literal) - 1) == 0)

/* `is_server_valid`: in a check for a host the JID's domain is that host; in a global one it is any served host. */
static inline bool rt_server_is_valid(const struct rt_access_ctx *who)
{
	return who->host == RT_HOST_GLOBAL ? who->domain_host != RT_HOST_NONE
	                                   : who->domain_host == who->host;
}

/* Many exact users: a table sorted by (node, domain), domain NULL where the spec names none. */
struct rt_acl_user {
	const char *node, *domain;
};
bool rt_acl_has_user(const struct rt_access_ctx *who, const struct rt_acl_user *sorted, size_t n);

/* Regular expressions that remain after folding: PCRE, compiled once at start, matched with limits; a match that hits a
 * limit is no match and is logged. */
struct rt_regexp;
/** @return NULL and an error text when the pattern does not compile. */
struct rt_regexp *rt_regexp_new(const char *pattern, char *error, size_t size);
void rt_regexp_free(struct rt_regexp *r);
/** Unanchored search over bytes, as Erlang's re:run/3. Any thread. */
bool rt_regexp_matches(const struct rt_regexp *r, const char *subject, size_t len);

#endif
