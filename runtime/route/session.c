/* session.c - the directory of one shard: users by bare JID, sessions by resource; opening,
 * replacing, closing. */
#include "route/session.h"

#include <stdlib.h>

#include "policy/access.h"
#include "route/presence.h"
#include "route/roster.h"
#include "rt/hooks.h"

#define FIRST_BUCKETS             64u
#define DEFAULT_MAX_USER_SESSIONS 100

struct rt_directory {
	struct rt_user **buckets;
	uint32_t nbuckets; /* a power of two */
	uint32_t nusers;
	uint64_t next_seq;
};

static struct rt_str host_name(int host)
{
	return rt_str_of(rt_gen.hosts[host].name);
}

int rt_directory_new(struct rt_shard *shard)
{
	struct rt_directory *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return RT_E_NOMEM;
	d->buckets = calloc(FIRST_BUCKETS, sizeof(struct rt_user *));
	if (d->buckets == NULL) {
		free(d);
		return RT_E_NOMEM;
	}
	d->nbuckets = FIRST_BUCKETS;
	d->next_seq = 1;
	shard->directory = d;
	return RT_OK;
}

static void free_user(struct rt_user *u)
{
	rt_roster_free(&u->roster);
	free(u);
}

void rt_directory_free(struct rt_shard *shard)
{
	struct rt_directory *d = shard->directory;

	if (d == NULL)
		return;
	/* Connections have closed their sessions; what is left was held by work that will not come
	 * back. */
	for (uint32_t i = 0; i < d->nbuckets; i++) {
		for (struct rt_user *u = d->buckets[i], *next; u != NULL; u = next) {
			next = u->hash_next;
			rt_roster_drop_turns(u);
			free_user(u);
		}
	}
	free(d->buckets);
	free(d);
	shard->directory = NULL;
}

/* ---- users ---- */

static struct rt_user *find_hashed(const struct rt_directory *d, uint64_t hash, struct rt_str node,
				   int host)
{
	struct rt_user *u = d->buckets[hash & (d->nbuckets - 1)];

	while (u != NULL && (u->hash != hash || u->host != host || !rt_str_eq(u->node, node)))
		u = u->hash_next;
	return u;
}

struct rt_user *rt_user_find(struct rt_shard *shard, struct rt_str node, int host)
{
	return find_hashed(shard->directory, rt_jid_hash(node, host_name(host)), node, host);
}

/* Failing to grow only makes chains longer. */
static void grow(struct rt_directory *d)
{
	uint32_t n = d->nbuckets * 2;
	struct rt_user **buckets = calloc(n, sizeof(struct rt_user *));

	if (buckets == NULL)
		return;
	for (uint32_t i = 0; i < d->nbuckets; i++) {
		for (struct rt_user *u = d->buckets[i], *next; u != NULL; u = next) {
			struct rt_user **slot = &buckets[u->hash & (n - 1)];

			next = u->hash_next;
			u->hash_next = *slot;
			*slot = u;
		}
	}
	free(d->buckets);
	d->buckets = buckets;
	d->nbuckets = n;
}

/* One allocation: the node lies behind the struct. */
static struct rt_user *add_user(struct rt_directory *d, uint64_t hash, struct rt_str node, int host)
{
	struct rt_user *u = calloc(1, sizeof(*u) + node.n);
	char *text;

	if (u == NULL)
		return NULL;
	text = (char *)(u + 1);
	memcpy(text, node.p, node.n);
	u->node = (struct rt_str){text, node.n};
	u->host = host;
	u->hash = hash;
	if (d->nusers >= d->nbuckets)
		grow(d);
	u->hash_next = d->buckets[hash & (d->nbuckets - 1)];
	d->buckets[hash & (d->nbuckets - 1)] = u;
	d->nusers++;
	return u;
}

struct rt_user *rt_user_hold(struct rt_shard *shard, struct rt_str node, int host)
{
	uint64_t hash = rt_jid_hash(node, host_name(host));
	struct rt_user *u = find_hashed(shard->directory, hash, node, host);

	if (u == NULL)
		u = add_user(shard->directory, hash, node, host);
	if (u != NULL)
		u->holds++;
	return u;
}

static void remove_user(struct rt_directory *d, struct rt_user *u)
{
	struct rt_user **at = &d->buckets[u->hash & (d->nbuckets - 1)];

	while (*at != u)
		at = &(*at)->hash_next;
	*at = u->hash_next;
	d->nusers--;
	free_user(u);
}

static bool needs_roster(const struct rt_user *u)
{
	for (const struct rt_session *s = u->sessions; s != NULL; s = s->next)
		if (s->available || s->interested || s->directed != NULL)
			return true;
	return false;
}

void rt_user_release(struct rt_shard *shard, struct rt_user *u)
{
	RT_ASSERT(u->holds > 0);
	if (--u->holds > 0)
		return;
	if (u->sessions == NULL)
		remove_user(shard->directory, u);
	else if (u->roster != NULL && !needs_roster(u))
		rt_roster_free(&u->roster);
}

void rt_directory_each(struct rt_shard *shard, void (*fn)(struct rt_user *u, void *ctx), void *ctx)
{
	struct rt_directory *d = shard->directory;

	for (uint32_t i = 0; i < d->nbuckets; i++)
		for (struct rt_user *u = d->buckets[i]; u != NULL; u = u->hash_next)
			fn(u, ctx);
}

/* ---- sessions ---- */

struct rt_session *rt_user_session(const struct rt_user *u, struct rt_str resource)
{
	struct rt_session *s = u->sessions;

	while (s != NULL && !rt_str_eq(s->resource, resource))
		s = s->next;
	return s;
}

struct rt_session *rt_session_find(struct rt_shard *shard, const struct rt_jid *full, int host)
{
	struct rt_user *u = rt_user_find(shard, full->node, host);

	return u == NULL ? NULL : rt_user_session(u, full->resource);
}

struct rt_jid rt_session_jid(const struct rt_session *s)
{
	return (struct rt_jid){s->user->node, host_name(s->user->host), s->resource};
}

/* Sessions the rule max_user_sessions grants; INT64_MAX: any number. */
static int64_t session_limit(int host, struct rt_str node)
{
	const struct rt_host_spec *h = &rt_gen.hosts[host];
	struct rt_access_ctx who = rt_access_of_user(host, node, RT_STR(""));
	int64_t limit = h->max_user_sessions != NULL ? h->max_user_sessions(&who) : RT_LIMIT_NONE;

	return limit == RT_LIMIT_NONE ? DEFAULT_MAX_USER_SESSIONS : limit;
}

static void replace(struct rt_shard *shard, struct rt_session *s)
{
	static const char text[] = "Replaced by new connection";

	rt_session_close(shard, s, RT_STR(text));
	s->ops->terminate(s, "conflict", text);
}

/* @return the number of sessions, and the oldest one but s. */
static int64_t count_sessions(const struct rt_user *u, const struct rt_session *s,
			      struct rt_session **oldest)
{
	int64_t n = 0;

	*oldest = NULL;
	for (struct rt_session *o = u->sessions; o != NULL; o = o->next) {
		n++;
		if (o != s && (*oldest == NULL || o->seq < (*oldest)->seq))
			*oldest = o;
	}
	return n;
}

static void run_open_hooks(struct rt_shard *shard, struct rt_session *s)
{
	RT_EACH_HOOK (row, s->user->host, SESSION_OPEN)
		RT_CALL_HOOK(row, SESSION_OPEN, shard, s);
}

static void run_close_hooks(struct rt_shard *shard, struct rt_session *s)
{
	RT_EACH_HOOK (row, s->user->host, SESSION_CLOSE)
		RT_CALL_HOOK(row, SESSION_CLOSE, shard, s);
}

int rt_session_open(struct rt_shard *shard, struct rt_session *s, struct rt_str node, int host,
		    struct rt_str resource)
{
	int64_t limit = session_limit(host, node);
	struct rt_session *old;
	struct rt_user *u;
	char *text;

	RT_ASSERT(s->user == NULL);
	if (limit <= 0)
		return RT_E_LIMIT;
	text = malloc(resource.n + 1u);
	u = text != NULL ? rt_user_hold(shard, node, host) : NULL;
	if (u == NULL) {
		free(text);
		return RT_E_NOMEM;
	}
	old = rt_user_session(u, resource);

	memcpy(text, resource.p, resource.n);
	text[resource.n] = '\0';
	s->resource = (struct rt_str){text, resource.n};
	s->seq = shard->directory->next_seq++;
	s->user = u;
	s->next = u->sessions;
	u->sessions = s;
	shard->counters.sessions++;

	/* The new one is there before the old ones go: stanzas in between find it. */
	if (old != NULL)
		replace(shard, old);
	while (count_sessions(u, s, &old) > limit)
		replace(shard, old);
	run_open_hooks(shard, s);
	rt_user_release(shard, u);
	return RT_OK;
}

void rt_session_close(struct rt_shard *shard, struct rt_session *s, struct rt_str status)
{
	struct rt_user *u = s->user;
	struct rt_session **at;

	if (u == NULL)
		return;
	for (at = &u->sessions; *at != s; at = &(*at)->next)
		;
	*at = s->next;
	s->next = NULL;
	shard->counters.sessions--;

	u->holds++; /* its last session may just have gone */
	rt_presence_end(shard, s, status);
	run_close_hooks(shard, s);
	free((void *)(uintptr_t)s->resource.p);
	s->resource = (struct rt_str){NULL, 0};
	s->interested = false;
	s->user = NULL;
	rt_user_release(shard, u);
}
