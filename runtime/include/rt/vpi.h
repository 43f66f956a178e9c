/* vpi.h - what only generated code may call: small inline functions that a compiler specialises
 * over constant rows. */
#ifndef RT_VPI_H
#define RT_VPI_H

#include <string.h>

#include "rt/gen.h"

/* The slow halves, in the runtime. */
void rt_conn_charge_shaper(struct rt_conn *c, const struct rt_shaper_spec *fixed, size_t len);
void rt_c2s_feed(struct rt_conn *c, char *data, size_t len, uint32_t max_stanza);
void rt_service_feed(struct rt_conn *c, char *data, size_t len, uint32_t max_stanza);

/* Bytes of one read for a listener row that is constant where this is instantiated: a listener
 * without a shaper has no shaper code on its path, and the size limit is an immediate. */
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

/* Whether a part of the JID equals a literal. An absent part may be NULL: it equals "". */
#define RT_PART_IS(who, part, literal)                                                             \
	((who)->part##_len == sizeof(literal) - 1 &&                                               \
	 (sizeof(literal) == 1 || memcmp((who)->part, (literal), sizeof(literal) - 1) == 0))
#define RT_NODE_IS(who, literal)     RT_PART_IS(who, node, literal)
#define RT_DOMAIN_IS(who, literal)   RT_PART_IS(who, domain, literal)
#define RT_RESOURCE_IS(who, literal) RT_PART_IS(who, resource, literal)
#define RT_JID_IS(who, node, domain) (RT_NODE_IS(who, node) && RT_DOMAIN_IS(who, domain))

static inline bool rt_text_starts(const char *p, size_t len, const char *with, size_t n)
{
	return len >= n && memcmp(p, with, n) == 0;
}

static inline bool rt_text_ends(const char *p, size_t len, const char *with, size_t n)
{
	return len >= n && memcmp(p + len - n, with, n) == 0;
}

/* Whether a part (node, domain, resource) of the JID begins with, or ends with, a literal. */
#define RT_PART_STARTS(who, part, literal)                                                         \
	rt_text_starts((who)->part, (who)->part##_len, (literal), sizeof(literal) - 1)
#define RT_PART_ENDS(who, part, literal)                                                           \
	rt_text_ends((who)->part, (who)->part##_len, (literal), sizeof(literal) - 1)

/* `is_server_valid`: in a check for a host the JID's domain is that host; in a global one it is any
 * served host. */
static inline bool rt_server_is_valid(const struct rt_access_ctx *who)
{
	return who->host == RT_HOST_GLOBAL ? who->domain_host != RT_HOST_NONE
					   : who->domain_host == who->host;
}

/* Whether a text is in a bytewise sorted table. */
static inline bool rt_text_in(const char *p, size_t len, const char *const *sorted, size_t n)
{
	size_t low = 0;

	while (n != 0) {
		const char *middle = sorted[low + n / 2];
		int order = strncmp(p, middle, len);

		if (order == 0 && middle[len] == '\0')
			return true;
		if (order > 0) {
			low += n / 2 + 1;
			n -= n / 2 + 1;
		} else {
			n /= 2;
		}
	}
	return false;
}

/* Many exact users: a table sorted bytewise by (node, domain); domain is NULL where the spec names
 * none, which sorts first. */
struct rt_acl_user {
	const char *node, *domain;
};
bool rt_acl_has_user(const struct rt_access_ctx *who, const struct rt_acl_user *sorted, size_t n);

/* Regular expressions that remain after folding: PCRE, compiled once at start, matched with limits;
 * a match that hits a limit is no match and is logged. */
struct rt_regexp;
/** @return NULL and an error text when the pattern does not compile. */
struct rt_regexp *rt_regexp_new(const char *pattern, char *error, size_t size);
void rt_regexp_free(struct rt_regexp *r);
/** Unanchored search over bytes, as Erlang's re:run/3. Any thread. */
bool rt_regexp_matches(const struct rt_regexp *r, const char *subject, size_t len);
#define RT_PART_MATCHES(who, part, regexp)                                                         \
	rt_regexp_matches((regexp), (who)->part, (who)->part##_len)

#endif
