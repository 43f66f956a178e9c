/* iq.c - requests to their handlers, replies back, and the few requests the server makes itself. */
#include "route/iq.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/log.h"
#include "core/loop.h"
#include "route/router.h"
#include "route/routes.h"

/* ---- dispatch ---- */

static void refuse(struct rt_shard *shard, struct rt_stanza *st, enum rt_stanza_error error)
{
	rt_route_error(shard, st, error, (struct rt_str){NULL, 0});
}

/* The one child with a namespace of its own (RFC 6120, 8.2.3), or NULL. */
static struct rt_elem *only_child(const struct rt_stanza *st)
{
	struct rt_elem *child = rt_elem_next(st->root, NULL);

	if (child == NULL || rt_elem_next(st->root, child) != NULL)
		return NULL;
	return child->ns.n == 0 || rt_str_eq(child->ns, rt_ns_content) ? NULL : child;
}

static bool find_service(int host, struct rt_str domain, struct rt_iq_row *out)
{
	const struct rt_host_spec *h = &rt_gen.hosts[host];

	for (size_t i = 0; i < h->nsubdomains; i++) {
		const struct rt_subdomain *sub = &h->subdomains[i];

		if (rt_str_eq(rt_str_of(sub->domain), domain)) {
			*out = (struct rt_iq_row){.fn = sub->iq, .opts = sub->opts};
			return sub->iq != NULL;
		}
	}
	return false;
}

static bool find_handler(const struct rt_iq *iq, struct rt_iq_row *out)
{
	const struct rt_host_spec *h = &rt_gen.hosts[iq->host];
	const struct rt_iq_row *row;

	if (iq->scope == RT_IQ_SUBDOMAIN)
		return find_service(iq->host, iq->st->to.domain, out);
	row = (iq->scope == RT_IQ_HOST ? h->iq_host : h->iq_account)(iq->child->ns.p,
								     iq->child->ns.n);
	if (row != NULL)
		*out = *row;
	return row != NULL;
}

void rt_iq_dispatch(struct rt_shard *shard, struct rt_stanza *st, enum rt_iq_scope scope, int host)
{
	struct rt_elem *child = only_child(st);
	struct rt_iq_row row = {NULL, NULL, NULL};
	struct rt_iq *iq;

	if (child == NULL || (st->type != RT_TYPE_GET && st->type != RT_TYPE_SET)) {
		refuse(shard, st, RT_SE_BAD_REQUEST);
		return;
	}
	iq = rt_arena_alloc(&st->arena, sizeof(*iq));
	if (iq == NULL) {
		refuse(shard, st, RT_SE_RESOURCE_CONSTRAINT);
		return;
	}
	*iq = (struct rt_iq){
		.shard = shard,
		.st = st,
		.child = child,
		.host = host,
		.scope = (uint8_t)scope,
		.is_set = st->type == RT_TYPE_SET,
		.own_account = scope == RT_IQ_ACCOUNT && rt_jid_bare_eq(&st->from, &st->to),
	};
	if (!find_handler(iq, &row)) {
		refuse(shard, st, RT_SE_SERVICE_UNAVAILABLE);
		return;
	}
	iq->opts = row.opts;
	row.fn(iq);
}

/* ---- replies ---- */

static void swap_addresses(struct rt_stanza *st)
{
	struct rt_jid to = st->to;

	st->to = st->from;
	st->from = to;
}

/* The request becomes its result: addresses swapped, id kept, everything else gone. */
static void turn_round(struct rt_iq *iq)
{
	struct rt_stanza *st = iq->st;

	RT_ASSERT(!iq->started);
	iq->started = true;
	swap_addresses(st);
	rt_stanza_strip(st, RT_TYPE_RESULT);
	rt_elem_clear(st, st->root);
}

struct rt_elem *rt_iq_reply(struct rt_iq *iq, const char *name, const char *ns)
{
	turn_round(iq);
	return rt_elem_add(iq->st, iq->st->root, name, ns);
}

/* A reply that could not be built still owes its asker an answer (RFC 6120, 8.2.3): a small one, in
 * fresh memory. */
static void send_failure(struct rt_shard *shard, const struct rt_stanza *reply)
{
	struct rt_stanza *st = rt_stanza_new("iq", RT_STANZA_IQ);

	if (st == NULL) {
		RT_LOG(ERROR, NULL, "iq", "reply-lost", KV_Z("error", rt_error_text(RT_E_NOMEM)));
		return;
	}
	rt_stanza_set_type(st, RT_TYPE_GET);
	rt_stanza_set_from(st, &reply->to);
	rt_stanza_set_to(st, &reply->from);
	rt_stanza_set_id(st, reply->id);
	rt_stanza_make_error(st, RT_SE_RESOURCE_CONSTRAINT, (struct rt_str){NULL, 0}, false);
	rt_route(shard, st);
}

void rt_iq_send(struct rt_iq *iq)
{
	struct rt_shard *shard = iq->shard;
	struct rt_stanza *st = iq->st;

	RT_ASSERT(iq->started);
	if (!st->failed) {
		rt_route(shard, st);
		return;
	}
	send_failure(shard, st);
	rt_stanza_free(&st);
}

void rt_iq_result(struct rt_iq *iq)
{
	turn_round(iq);
	rt_iq_send(iq);
}

void rt_iq_result_xml(struct rt_iq *iq, struct rt_str children)
{
	turn_round(iq);
	iq->st->children = rt_arena_str(&iq->st->arena, children.p, children.n);
	if (iq->st->children.p == NULL)
		iq->st->failed = true;
	rt_iq_send(iq);
}

static void end_with_error(struct rt_iq *iq, enum rt_stanza_error error, const char *text,
			   bool keep_child)
{
	struct rt_stanza *st = iq->st;

	if (iq->started) {
		/* The handler has changed its mind: back to the request. */
		swap_addresses(st);
		rt_elem_clear(st, st->root);
		if (keep_child)
			rt_elem_adopt(st, st->root, iq->child);
		rt_stanza_set_type(st, iq->is_set ? RT_TYPE_SET : RT_TYPE_GET);
	}
	iq->started = true;
	rt_stanza_make_error(st, error, text != NULL ? rt_str_of(text) : (struct rt_str){NULL, 0},
			     keep_child);
	/* Services send the request itself back, handlers an answer of their own. */
	if (iq->scope != RT_IQ_SUBDOMAIN)
		rt_stanza_strip(st, RT_TYPE_ERROR);
	rt_iq_send(iq);
}

void rt_iq_error(struct rt_iq *iq, enum rt_stanza_error error, const char *text)
{
	end_with_error(iq, error, text, true);
}

void rt_iq_error_bare(struct rt_iq *iq, enum rt_stanza_error error, const char *text)
{
	end_with_error(iq, error, text, false);
}

/* ---- requests of the server's own ---- */

struct rt_iq_pending {
	struct rt_iq_pending *next;
	struct rt_timer timer;
	struct rt_shard *shard;
	rt_iq_answer_fn *done;
	void *ctx;
	uint64_t number; /* in its id */
	size_t n;
	char asked[]; /* full JID, n bytes */
};

static struct rt_iq_pending **bucket_of(struct rt_shard *shard, uint64_t number)
{
	return &shard->router->pending[number % RT_IQ_PENDING_BUCKETS];
}

static void end_pending(struct rt_iq_pending *p, struct rt_stanza *reply)
{
	struct rt_iq_pending **at = bucket_of(p->shard, p->number);

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	rt_timer_stop(p->shard->loop, &p->timer);
	p->done(p->shard, p->ctx, reply);
	free(p);
}

static void on_timeout(struct rt_timer *t)
{
	end_pending(RT_CONTAINER_OF(t, struct rt_iq_pending, timer), NULL);
}

void rt_iq_drop_pending(struct rt_shard *shard)
{
	for (uint64_t i = 0; i < RT_IQ_PENDING_BUCKETS; i++)
		while (*bucket_of(shard, i) != NULL)
			end_pending(*bucket_of(shard, i), NULL);
}

void rt_iq_request(struct rt_shard *shard, struct rt_stanza *st, uint32_t timeout_ms,
		   rt_iq_answer_fn *done, void *ctx)
{
	char asked[RT_JID_MAX + 1], id[32];
	size_t n = rt_jid_format(&st->to, asked);
	struct rt_iq_pending *p = malloc(sizeof(*p) + n);

	if (p == NULL) {
		rt_stanza_free(&st);
		done(shard, ctx, NULL);
		return;
	}
	*p = (struct rt_iq_pending){
		.shard = shard,
		.done = done,
		.ctx = ctx,
		.number = shard->router->iq_count++,
		.n = n,
	};
	memcpy(p->asked, asked, n);
	p->next = *bucket_of(shard, p->number);
	*bucket_of(shard, p->number) = p;
	rt_timer_init(&p->timer, on_timeout);
	rt_timer_start(shard->loop, &p->timer, timeout_ms);
	snprintf(id, sizeof(id), "srv%016" PRIx64, p->number);
	rt_stanza_set_id(st, rt_str_of(id));
	rt_route(shard, st);
}

/* The number in one of our ids. */
static bool parse_id(struct rt_str id, uint64_t *number)
{
	char text[17] = {0};

	if (id.n != 19 || memcmp(id.p, "srv", 3) != 0)
		return false;
	memcpy(text, id.p + 3, 16);
	*number = strtoull(text, NULL, 16);
	return true;
}

void rt_iq_answered(struct rt_shard *shard, struct rt_stanza *st)
{
	char from[RT_JID_MAX + 1];
	size_t n = rt_jid_format(&st->from, from);
	struct rt_iq_pending *p = NULL;
	uint64_t number;

	if (parse_id(st->id, &number))
		for (p = *bucket_of(shard, number); p != NULL && p->number != number; p = p->next)
			;
	if (p != NULL && p->n == n && memcmp(p->asked, from, n) == 0)
		end_pending(p, st);
	rt_stanza_free(&st);
}
