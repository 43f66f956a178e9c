/* roster_items.c - the items of one roster: a hash table of single allocations. */
#include "route/roster_items.h"

#include <stdlib.h>

#define FIRST_BUCKETS 8u

static uint64_t hash_of(struct rt_str jid)
{
	return rt_jid_hash(jid, (struct rt_str){NULL, 0});
}

/* The link that points at the item with this jid, or at the NULL where it would go. */
static struct rt_roster_item **link_of(const struct rt_roster *r, struct rt_str jid)
{
	struct rt_roster_item **at = &r->buckets[hash_of(jid) & (r->nbuckets - 1)];

	while (*at != NULL && !rt_str_eq((*at)->jid, jid))
		at = &(*at)->next;
	return at;
}

struct rt_roster_item *rt_roster_find(const struct rt_roster *r, struct rt_str jid)
{
	return r == NULL || r->n == 0 ? NULL : *link_of(r, jid);
}

struct rt_roster_item *rt_roster_find_bare(const struct rt_roster *r, const struct rt_jid *jid)
{
	struct rt_jid bare = rt_jid_bare(jid);
	char text[RT_JID_MAX + 1];
	size_t n;

	if (r == NULL || r->n == 0)
		return NULL;
	n = rt_jid_format(&bare, text);
	return *link_of(r, (struct rt_str){text, (uint32_t)n});
}

struct rt_roster_item *rt_roster_next(const struct rt_roster *r, const struct rt_roster_item *it)
{
	uint32_t b = 0;

	if (r == NULL || r->n == 0)
		return NULL;
	if (it != NULL) {
		if (it->next != NULL)
			return it->next;
		b = (uint32_t)(hash_of(it->jid) & (r->nbuckets - 1)) + 1;
	}
	while (b < r->nbuckets && r->buckets[b] == NULL)
		b++;
	return b < r->nbuckets ? r->buckets[b] : NULL;
}

struct rt_jid rt_roster_jid(struct rt_str text)
{
	struct rt_jid jid = {{NULL, 0}, text, {NULL, 0}};
	const char *slash = text.n > 0 ? memchr(text.p, '/', text.n) : NULL;
	const char *at;

	if (slash != NULL) {
		jid.domain.n = (uint32_t)(slash - text.p);
		jid.resource = (struct rt_str){slash + 1, text.n - jid.domain.n - 1};
	}
	at = jid.domain.n > 0 ? memchr(text.p, '@', jid.domain.n) : NULL;
	if (at != NULL) {
		jid.node = (struct rt_str){text.p, (uint32_t)(at - text.p)};
		jid.domain = (struct rt_str){at + 1, jid.domain.n - jid.node.n - 1};
	}
	return jid;
}

/* Twice the buckets; when there is no memory for them chains grow longer. False only without any
 * bucket. */
bool rt_roster_make_room(struct rt_roster *r)
{
	uint32_t n = r->nbuckets == 0 ? FIRST_BUCKETS : r->nbuckets * 2;
	struct rt_roster_item **buckets;

	if (r->n < r->nbuckets)
		return true;
	buckets = calloc(n, sizeof(struct rt_roster_item *));
	if (buckets == NULL)
		return r->nbuckets > 0;
	for (uint32_t i = 0; i < r->nbuckets; i++) {
		for (struct rt_roster_item *it = r->buckets[i], *next; it != NULL; it = next) {
			struct rt_roster_item **slot = &buckets[hash_of(it->jid) & (n - 1)];

			next = it->next;
			it->next = *slot;
			*slot = it;
		}
	}
	free(r->buckets);
	r->buckets = buckets;
	r->nbuckets = n;
	return true;
}

void rt_roster_set_item(struct rt_roster *r, struct rt_roster_item *it)
{
	struct rt_roster_item **at = link_of(r, it->jid);
	struct rt_roster_item *old = *at;

	it->next = old == NULL ? NULL : old->next;
	*at = it;
	if (old == NULL)
		r->n++;
	free(old);
}

void rt_roster_drop_item(struct rt_roster *r, struct rt_str jid)
{
	struct rt_roster_item **at, *it;

	if (r->n == 0)
		return;
	at = link_of(r, jid);
	it = *at;
	if (it == NULL)
		return;
	*at = it->next;
	r->n--;
	free(it);
}

static char *copy_text(char *at, struct rt_str from, struct rt_str *to)
{
	*to = (struct rt_str){from.p == NULL ? NULL : at, from.n};
	if (from.n > 0)
		memcpy(at, from.p, from.n);
	return at + from.n;
}

struct rt_roster_item *rt_roster_new_item(const struct rt_roster_row *row)
{
	size_t texts = (size_t)row->jid.n + row->name.n + row->groups.n + row->request.n;
	struct rt_roster_item *it = malloc(sizeof(*it) + texts + 1);
	char *at;

	if (it == NULL)
		return NULL;
	at = (char *)(it + 1);
	at = copy_text(at, row->jid, &it->jid);
	at = copy_text(at, row->name, &it->name);
	at = copy_text(at, row->groups, &it->groups);
	copy_text(at, row->request, &it->request);
	it->next = NULL;
	it->subscription = row->subscription;
	it->ask = row->ask;
	return it;
}

static void free_items(struct rt_roster *r)
{
	for (uint32_t i = 0; i < r->nbuckets; i++) {
		for (struct rt_roster_item *it = r->buckets[i], *next; it != NULL; it = next) {
			next = it->next;
			free(it);
		}
	}
	free(r->buckets);
	r->buckets = NULL;
	r->nbuckets = r->n = 0;
}

void rt_roster_set_version(struct rt_roster *r, char *text, uint32_t n)
{
	free((void *)(uintptr_t)r->version.p);
	r->version = (struct rt_str){text, n};
}

void rt_roster_free(struct rt_roster **roster)
{
	struct rt_roster *r = *roster;

	*roster = NULL;
	if (r == NULL)
		return;
	free_items(r);
	rt_roster_set_version(r, NULL, 0);
	free(r);
}

void rt_roster_clear(struct rt_user *u)
{
	if (u->roster != NULL)
		free_items(u->roster);
}

struct rt_roster *rt_roster_new(struct rt_str version, const struct rt_roster_row *rows, size_t n)
{
	struct rt_roster *r = calloc(1, sizeof(*r));
	bool ok = r != NULL;

	for (size_t i = 0; ok && i < n; i++) {
		struct rt_roster_item *it =
			rt_roster_make_room(r) ? rt_roster_new_item(&rows[i]) : NULL;

		ok = it != NULL;
		if (ok)
			rt_roster_set_item(r, it);
	}
	if (ok && version.p != NULL) {
		char *text = malloc(version.n + 1u);

		ok = text != NULL;
		if (ok) {
			memcpy(text, version.p, version.n);
			rt_roster_set_version(r, text, version.n);
		}
	}
	if (!ok)
		rt_roster_free(&r);
	return r;
}
