/* jid.h - addresses: parsed and prepared (nodeprep, nameprep, resourceprep; RFC 6122), compared as
 * bytes.
 *
 * ASCII input takes a fast path without libidn. Each part is shorter than 1024 bytes before and
 * after preparation.
 */
#ifndef RT_XML_JID_H
#define RT_XML_JID_H

#include "core/arena.h"

struct rt_jid {
	struct rt_str node, domain, resource; /* prepared; node and resource may be empty */
};

#define RT_JID_PART_MAX 1023u /* bytes */
#define RT_JID_MAX      (3u * RT_JID_PART_MAX + 2u)

/**
 * Parse and prepare. Parts are copied into the arena only when preparation changes them, else they
 * point into `text`. The resource is what follows the first slash; before it there may be one `@`;
 * a part that is there is not empty.
 *
 * @param out  all parts empty unless RT_OK.
 *
 * @return RT_OK, RT_E_INVALID (no JID), RT_E_NOMEM.
 */
int rt_jid_parse(struct rt_arena *a, struct rt_str text, struct rt_jid *out) RT_MUST_USE;

/* One part. The result points into the input when nothing changes, else into the arena. Empty input
 * is RT_E_INVALID. Errors: RT_E_INVALID, RT_E_NOMEM. Unassigned code points are let through (RFC
 * 3454, 7: queries). */
int rt_jid_prep_node(struct rt_arena *a, struct rt_str in, struct rt_str *out) RT_MUST_USE;
int rt_jid_prep_domain(struct rt_arena *a, struct rt_str in, struct rt_str *out) RT_MUST_USE;
int rt_jid_prep_resource(struct rt_arena *a, struct rt_str in, struct rt_str *out) RT_MUST_USE;

/** Deep copy into an arena; every part that is not empty is followed by a NUL. RT_OK or RT_E_NOMEM.
 */
int rt_jid_copy(struct rt_arena *a, const struct rt_jid *in, struct rt_jid *out) RT_MUST_USE;

bool rt_jid_eq(const struct rt_jid *a, const struct rt_jid *b);
bool rt_jid_bare_eq(const struct rt_jid *a, const struct rt_jid *b);
static inline struct rt_jid rt_jid_bare(const struct rt_jid *j)
{
	return (struct rt_jid){j->node, j->domain, {NULL, 0}};
}

/** Hash of node and domain, seeded at start; the same for equal bare JIDs within one process. */
uint64_t rt_jid_hash(struct rt_str node, struct rt_str domain);

/** Write "node@domain/resource"; out holds RT_JID_MAX + 1 bytes. @return bytes without the NUL. */
size_t rt_jid_format(const struct rt_jid *j, char *out);
/** The same as a string in an arena; p NULL when out of memory. */
struct rt_str rt_jid_text(struct rt_arena *a, const struct rt_jid *j);

#endif
