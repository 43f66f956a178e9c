/* routes.c - which domain is whose: services from the image, components by claims.
 *
 * Shard 0 decides. A claim and its withdrawal are one and the same object that goes round:
 *
 *   claimer ─▶ shard 0 (decides, links) ─▶ shard 1 (links) ─▶ ... ─▶ claimer: done
 *
 * All take the same way, so every shard sees all decisions in the same order. A claim carries the
 * routes of all shards, so that neither linking nor withdrawing can fail.
 */
#include "route/routes.h"

#include <stdlib.h>

#include "core/log.h"

#define FIRST_BUCKETS 16u

struct rt_claim {
	struct rt_msg msg;
	struct rt_claim
		*next; /* in the claimer's list; as the next two, only for the claimer's eyes */
	void (*done)(struct rt_shard *shard, struct rt_id conn, int err);
	bool dropped; /* while it was on its way */
	bool settled; /* granted, and back with the claimer */
	struct rt_shard *owner;
	struct rt_id conn;
	int err;
	size_t n;                        /* domains */
	struct rt_domain_route routes[]; /* n per shard, shard by shard; then the texts */
};

/* ---- the table ---- */

static uint64_t hash_of(struct rt_str domain)
{
	return rt_jid_hash((struct rt_str){NULL, 0}, domain);
}

static struct rt_domain_route **link_of(const struct rt_router *router, struct rt_str domain)
{
	struct rt_domain_route **at = &router->buckets[hash_of(domain) & (router->nbuckets - 1)];

	while (*at != NULL && !rt_str_eq((*at)->domain, domain))
		at = &(*at)->next;
	return at;
}

const struct rt_domain_route *rt_domain_find(const struct rt_router *router, struct rt_str domain)
{
	return router->n == 0 ? NULL : *link_of(router, domain);
}

/* Failing to grow only makes chains longer. */
static void grow(struct rt_router *router)
{
	uint32_t n = router->nbuckets * 2;
	struct rt_domain_route **buckets = calloc(n, sizeof(struct rt_domain_route *));

	if (buckets == NULL)
		return;
	for (uint32_t i = 0; i < router->nbuckets; i++) {
		for (struct rt_domain_route *r = router->buckets[i], *next; r != NULL; r = next) {
			struct rt_domain_route **slot = &buckets[hash_of(r->domain) & (n - 1)];

			next = r->next;
			r->next = *slot;
			*slot = r;
		}
	}
	free(router->buckets);
	router->buckets = buckets;
	router->nbuckets = n;
}

/* A domain that is there already is left alone (a claim may name one twice). */
static void link_route(struct rt_router *router, struct rt_domain_route *route)
{
	struct rt_domain_route **at;

	if (router->n >= router->nbuckets)
		grow(router);
	at = link_of(router, route->domain);
	if (*at != NULL)
		return;
	route->next = NULL;
	*at = route;
	router->n++;
}

static void unlink_route(struct rt_router *router, const struct rt_domain_route *route)
{
	struct rt_domain_route **at = link_of(router, route->domain);

	if (*at != route)
		return;
	*at = route->next;
	router->n--;
}

int rt_domain_parent(struct rt_str domain)
{
	int best = RT_HOST_NONE;
	size_t best_len = 0;

	for (size_t i = 0; i < rt_gen.nhosts; i++) {
		size_t n = strlen(rt_gen.hosts[i].name);

		if (n > best_len && domain.n > n + 1 && domain.p[domain.n - n - 1] == '.' &&
		    memcmp(domain.p + domain.n - n, rt_gen.hosts[i].name, n) == 0) {
			best = (int)i;
			best_len = n;
		}
	}
	return best;
}

enum rt_domain_kind rt_domain_lookup(const struct rt_shard *shard, struct rt_str domain, int *host)
{
	const struct rt_domain_route *route;

	*host = rt_gen.host_find(domain.p, domain.n);
	if (*host != RT_HOST_NONE)
		return RT_DOMAIN_HOST;
	route = rt_domain_find(shard->router, domain);
	*host = route != NULL ? route->host : rt_domain_parent(domain);
	if (route == NULL)
		return RT_DOMAIN_OTHER;
	return route->service != NULL ? RT_DOMAIN_SERVICE : RT_DOMAIN_COMPONENT;
}

/* ---- claims ---- */

static struct rt_domain_route *routes_of(struct rt_claim *c, const struct rt_shard *shard)
{
	return c->routes + c->n * shard->index;
}

static void link_claim(struct rt_shard *shard, struct rt_claim *c)
{
	for (size_t i = 0; i < c->n; i++)
		link_route(shard->router, &routes_of(c, shard)[i]);
}

static void unlink_claim(struct rt_shard *shard, struct rt_claim *c)
{
	for (size_t i = 0; i < c->n; i++)
		unlink_route(shard->router, &routes_of(c, shard)[i]);
}

static void pass_on(struct rt_shard *shard, struct rt_claim *c,
		    void (*at_end)(struct rt_shard *, struct rt_msg *))
{
	if (shard->index + 1 < rt_nshards) {
		rt_shard_post(rt_shards[shard->index + 1], &c->msg);
		return;
	}
	c->msg.fn = at_end;
	rt_shard_post(c->owner, &c->msg);
}

static void forget(struct rt_shard *shard, struct rt_claim *c)
{
	struct rt_claim **at = &shard->router->claims;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
}

static void on_withdrawn(struct rt_shard *shard, struct rt_msg *msg)
{
	(void)shard;
	free(RT_CONTAINER_OF(msg, struct rt_claim, msg));
}

static void on_withdrawal(struct rt_shard *shard, struct rt_msg *msg)
{
	struct rt_claim *c = RT_CONTAINER_OF(msg, struct rt_claim, msg);

	unlink_claim(shard, c);
	pass_on(shard, c, on_withdrawn);
}

/* At once here, later elsewhere. Where claims are decided the round must begin at once, too: a
 * claim granted between the two would reach the other shards before the withdrawal, and find its
 * domain taken. */
static void withdraw(struct rt_shard *shard, struct rt_claim *c)
{
	forget(shard, c);
	c->msg.fn = on_withdrawal;
	if (shard->index == 0) {
		on_withdrawal(shard, &c->msg);
		return;
	}
	unlink_claim(shard, c);
	rt_shard_post(rt_shards[0], &c->msg);
}

static void on_answer(struct rt_shard *shard, struct rt_msg *msg)
{
	struct rt_claim *c = RT_CONTAINER_OF(msg, struct rt_claim, msg);

	if (c->err != RT_OK) {
		forget(shard, c);
		if (!c->dropped)
			c->done(shard, c->conn, c->err);
		free(c);
	} else if (c->dropped) {
		withdraw(shard, c);
	} else {
		c->settled = true;
		c->done(shard, c->conn, RT_OK);
	}
}

static bool is_taken(const struct rt_shard *shard, struct rt_str domain)
{
	int host;

	return rt_domain_lookup(shard, domain, &host) != RT_DOMAIN_OTHER;
}

static void on_claim(struct rt_shard *shard, struct rt_msg *msg)
{
	struct rt_claim *c = RT_CONTAINER_OF(msg, struct rt_claim, msg);

	for (size_t i = 0; shard->index == 0 && i < c->n; i++)
		if (is_taken(shard, c->routes[i].domain))
			c->err = RT_E_EXISTS;
	if (c->err != RT_OK) {
		c->msg.fn = on_answer;
		rt_shard_post(c->owner, &c->msg);
		return;
	}
	link_claim(shard, c);
	pass_on(shard, c, on_answer);
}

static struct rt_claim *new_claim(const struct rt_str *domains, size_t n)
{
	size_t texts = 0;
	struct rt_claim *c;
	char *at;

	for (size_t i = 0; i < n; i++)
		texts += domains[i].n;
	c = calloc(1, sizeof(*c) + n * rt_nshards * sizeof(c->routes[0]) + texts);
	if (c == NULL)
		return NULL;
	c->n = n;
	at = (char *)&c->routes[n * rt_nshards];
	for (size_t i = 0; i < n; i++) {
		memcpy(at, domains[i].p, domains[i].n);
		for (size_t shard = 0; shard < rt_nshards; shard++)
			c->routes[n * shard + i].domain = (struct rt_str){at, domains[i].n};
		at += domains[i].n;
	}
	return c;
}

void rt_routes_claim(struct rt_shard *shard, struct rt_id conn, const struct rt_str *domains,
		     size_t n, bool hidden,
		     void (*done)(struct rt_shard *shard, struct rt_id conn, int err))
{
	struct rt_claim *c = new_claim(domains, n);

	if (c == NULL) {
		done(shard, conn, RT_E_NOMEM);
		return;
	}
	for (size_t i = 0; i < n * rt_nshards; i++) {
		struct rt_domain_route *route = &c->routes[i];

		route->host = rt_domain_parent(route->domain);
		route->owner = shard;
		route->conn = conn;
		route->hidden = hidden;
	}
	c->owner = shard;
	c->conn = conn;
	c->done = done;
	c->next = shard->router->claims;
	shard->router->claims = c;
	c->msg.fn = on_claim;
	rt_shard_post(rt_shards[0], &c->msg);
}

void rt_routes_drop(struct rt_shard *shard, struct rt_id conn)
{
	for (struct rt_claim *c = shard->router->claims, *next; c != NULL; c = next) {
		next = c->next;
		if (!rt_id_eq(c->conn, conn))
			continue;
		if (c->settled)
			withdraw(shard, c);
		else
			c->dropped = true;
	}
}

static int by_domain(const void *a, const void *b)
{
	struct rt_str x = *(const struct rt_str *)a, y = *(const struct rt_str *)b;
	int diff = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);

	return diff != 0 ? diff : (x.n > y.n) - (x.n < y.n);
}

void rt_routes_each(struct rt_shard *shard, int host, bool hidden,
		    void (*fn)(void *ctx, struct rt_str domain), void *ctx)
{
	const struct rt_router *router = shard->router;
	struct rt_str *list = calloc(router->n + 1u, sizeof(*list));
	size_t n = 0;

	if (list == NULL) {
		RT_LOG(WARN, NULL, "route", "list-failed",
		       KV_Z("error", rt_error_text(RT_E_NOMEM)));
		return;
	}
	for (uint32_t b = 0; b < router->nbuckets; b++)
		for (const struct rt_domain_route *r = router->buckets[b]; r != NULL; r = r->next)
			if (r->service == NULL && r->host == host && (hidden || !r->hidden))
				list[n++] = r->domain;
	qsort(list, n, sizeof(*list), by_domain);
	for (size_t i = 0; i < n; i++)
		fn(ctx, list[i]);
	free(list);
}

/* ---- life ---- */

static int add_services(struct rt_router *router, int host)
{
	const struct rt_host_spec *h = &rt_gen.hosts[host];

	for (size_t i = 0; i < h->nsubdomains; i++) {
		struct rt_domain_route *route = calloc(1, sizeof(*route));

		if (route == NULL)
			return RT_E_NOMEM;
		route->domain = rt_str_of(h->subdomains[i].domain);
		route->host = host;
		route->service = &h->subdomains[i];
		link_route(router, route);
		if (rt_domain_find(router, route->domain) != route)
			free(route); /* two hosts with one service domain: the first in the file has
					it */
	}
	return RT_OK;
}

int rt_router_new(struct rt_shard *shard)
{
	struct rt_router *router = calloc(1, sizeof(*router));
	int err = RT_E_NOMEM;

	if (router == NULL)
		return err;
	shard->router = router;
	router->buckets = calloc(FIRST_BUCKETS, sizeof(struct rt_domain_route *));
	if (router->buckets != NULL) {
		router->nbuckets = FIRST_BUCKETS;
		err = RT_OK;
	}
	for (size_t i = 0; err == RT_OK && i < rt_gen.nhosts; i++)
		err = add_services(router, (int)i);
	if (err != RT_OK)
		rt_router_free(shard);
	return err;
}

void rt_router_free(struct rt_shard *shard)
{
	struct rt_router *router = shard->router;

	if (router == NULL)
		return;
	rt_iq_drop_pending(shard);
	/* Component connections have dropped their claims, and the withdrawals have gone round
	 * (rt_shards_drain). */
	for (uint32_t b = 0; b < router->nbuckets; b++) {
		for (struct rt_domain_route *r = router->buckets[b], *next; r != NULL; r = next) {
			next = r->next;
			if (r->service != NULL)
				free(r);
		}
	}
	free(router->buckets);
	free(router);
	shard->router = NULL;
}
