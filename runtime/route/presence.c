/* presence.c - presence that a client sends: the state of its session and who is told of it (RFC
 * 6121, 4). */
#include "route/presence.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"
#include "route/audience.h"
#include "route/roster.h"
#include "route/router.h"
#include "xml/xml_writer.h"

/* ---- the session's state ---- */

static void forget_presence(struct rt_session *s)
{
	rt_rcbuf_unref(&s->presence);
	free((void *)(uintptr_t)s->presence_lang.p);
	s->presence_lang = (struct rt_str){NULL, 0};
	s->available = false;
	s->invisible = false;
	s->subs_delivered = false;
	s->priority = 0;
}

/* @return false: out of memory, nothing has changed. */
static bool keep_presence(struct rt_session *s, struct rt_stanza *st)
{
	struct rt_rcbuf *children = NULL;
	char *lang = NULL;

	rt_xml_cache_children(st);
	if (st->children.n > 0)
		children = rt_rcbuf_new(st->children.p, st->children.n);
	if (st->lang.p != NULL)
		lang = malloc(st->lang.n + 1u);
	if (st->failed || (st->children.n > 0 && children == NULL) ||
	    (st->lang.p != NULL && lang == NULL)) {
		rt_rcbuf_unref(&children);
		free(lang);
		return false;
	}
	if (lang != NULL)
		memcpy(lang, st->lang.p, st->lang.n);
	rt_rcbuf_unref(&s->presence);
	free((void *)(uintptr_t)s->presence_lang.p);
	s->presence = children;
	s->presence_lang = (struct rt_str){lang, lang != NULL ? st->lang.n : 0};
	s->presence_us = rt_clock_wall_us();
	return true;
}

/* RFC 6121, 4.7.2.3: an integer from -128 to 127; absent or empty: 0. @return false: it is
 * something else. */
static bool parse_priority(struct rt_stanza *st, int8_t *out)
{
	struct rt_elem *child = rt_elem_child(st->root, "priority", RT_NS_CLIENT);
	struct rt_str text = child != NULL ? rt_elem_get_text(st, child) : (struct rt_str){NULL, 0};
	const char *p = text.p, *end;
	bool negative;
	int value = 0;

	*out = 0;
	if (text.n == 0)
		return true;
	for (end = p + text.n; p < end && strchr(" \t\r\n", *p) != NULL; p++)
		;
	while (end > p && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	negative = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end)
		return false;
	for (; p < end; p++) {
		if (*p < '0' || *p > '9')
			return false;
		value = value * 10 + (*p - '0');
		if (value > 128)
			return false;
	}
	value = negative ? -value : value;
	*out = (int8_t)value;
	return value <= INT8_MAX;
}

static void run_available_hooks(struct rt_session *s)
{
	RT_EACH_HOOK (row, s->user->host, USER_AVAILABLE)
		RT_CALL_HOOK(row, USER_AVAILABLE, s);
}

static void run_unavailable_hooks(struct rt_session *s, struct rt_str status)
{
	RT_EACH_HOOK (row, s->user->host, USER_UNAVAILABLE)
		RT_CALL_HOOK(row, USER_UNAVAILABLE, s, &status);
}

static bool is_visible(const struct rt_session *s)
{
	return s->available && !s->invisible;
}

static struct rt_stanza *new_unavailable(const struct rt_session *s)
{
	struct rt_stanza *st = rt_stanza_new("presence", RT_STANZA_PRESENCE);
	struct rt_jid from = rt_session_jid(s);

	if (st == NULL)
		return NULL;
	rt_stanza_set_type(st, RT_TYPE_UNAVAILABLE);
	rt_stanza_set_from(st, &from);
	return st;
}

/* ---- the first presence ---- */

/* Requests that wait for an answer, at each initial presence until there is one (RFC 6121, 3.1.3).
 */
static void deliver_requests(struct rt_session *s)
{
	struct rt_jid to = rt_session_jid(s);
	const struct rt_roster *r = s->user->roster;

	to = rt_jid_bare(&to);
	s->subs_delivered = true;
	for (const struct rt_roster_item *it = NULL; (it = rt_roster_next(r, it)) != NULL;) {
		struct rt_jid from = rt_roster_jid(it->jid);
		struct rt_stanza *st;

		if (!rt_roster_wants_in(it))
			continue;
		st = rt_stanza_new("presence", RT_STANZA_PRESENCE);
		if (st == NULL)
			return;
		rt_stanza_set_type(st, RT_TYPE_SUBSCRIBE);
		rt_stanza_set_from(st, &from);
		rt_stanza_set_to(st, &to);
		st->children = rt_arena_str(&st->arena, it->request.p, it->request.n);
		if (!st->failed && st->children.p != NULL)
			s->ops->deliver(s, st, NULL);
		rt_stanza_free(&st);
	}
}

static void show_own_resources(struct rt_session *s)
{
	struct rt_jid to = rt_session_jid(s);

	for (const struct rt_session *o = s->user->sessions; o != NULL; o = o->next) {
		struct rt_stanza *st;

		if (o == s || !o->available || o->invisible)
			continue;
		st = rt_presence_of(o, &to, true);
		if (st != NULL && !st->failed)
			s->ops->deliver(s, st, NULL);
		rt_stanza_free(&st);
	}
}

static void probe_contacts(struct rt_shard *shard, const struct rt_session *s)
{
	struct rt_jid from = rt_session_jid(s);
	const struct rt_roster *r = s->user->roster;

	for (const struct rt_roster_item *it = NULL; (it = rt_roster_next(r, it)) != NULL;) {
		struct rt_jid to = rt_roster_jid(it->jid);
		struct rt_stanza *st;

		if (!rt_roster_is_seen(it))
			continue;
		st = rt_stanza_new("presence", RT_STANZA_PRESENCE);
		if (st == NULL)
			return;
		rt_stanza_set_type(st, RT_TYPE_PROBE);
		rt_stanza_set_from(st, &from);
		rt_stanza_set_to(st, &to);
		rt_route(shard, st);
	}
}

/* ---- presence to everybody ---- */

static void refuse(struct rt_shard *shard, struct rt_stanza *st, enum rt_stanza_error error)
{
	if (st->to.domain.n == 0)
		st->to = rt_jid_bare(&st->from);
	rt_route_error(shard, st, error, (struct rt_str){NULL, 0});
}

static void become_available(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st)
{
	bool first = !is_visible(s);
	bool was_able = !first && s->priority >= 0;
	int8_t priority;

	if (!parse_priority(st, &priority)) {
		refuse(shard, st, RT_SE_BAD_REQUEST);
		return;
	}
	if (!keep_presence(s, st)) {
		refuse(shard, st, RT_SE_RESOURCE_CONSTRAINT);
		return;
	}
	s->available = true;
	s->invisible = false;
	s->priority = priority;
	if (first && priority >= 0) {
		run_available_hooks(s);
		if (!s->subs_delivered)
			deliver_requests(s);
	}
	rt_audience_tell(shard, s, st);
	if (first) {
		show_own_resources(s);
		probe_contacts(shard, s);
	} else if (!was_able && priority >= 0) {
		run_available_hooks(s);
	}
	rt_stanza_free(&st);
}

static void become_unavailable(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st)
{
	struct rt_elem *status = rt_elem_child(st->root, "status", RT_NS_CLIENT);
	bool was_available = s->available;
	bool was_visible = is_visible(s);

	s->available = false; /* its own client hears nothing: it knows */
	rt_audience_tell_end(shard, s, st, was_visible);
	forget_presence(s);
	if (was_available)
		run_unavailable_hooks(s, status != NULL ? rt_elem_get_text(st, status)
							: (struct rt_str){"", 0});
	rt_stanza_free(&st);
}

/* The old, never standardised way: the server shows the session as gone, while it sees others and
 * gets messages. */
static void become_invisible(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st)
{
	struct rt_stanza *end;
	int8_t priority;

	if (!parse_priority(st, &priority)) {
		refuse(shard, st, RT_SE_BAD_REQUEST);
		return;
	}
	if (is_visible(s)) {
		end = new_unavailable(s);
		if (end != NULL)
			rt_audience_tell_end(shard, s, end, true);
		rt_stanza_free(&end);
	}
	forget_presence(s);
	s->available = true;
	s->invisible = true;
	s->priority = priority;
	show_own_resources(s);
	probe_contacts(shard, s);
	rt_stanza_free(&st);
}

void rt_presence_end(struct rt_shard *shard, struct rt_session *s, struct rt_str status)
{
	bool was_available = s->available;
	struct rt_stanza *st = NULL;

	if (was_available || s->directed != NULL) {
		st = new_unavailable(s);
		if (st == NULL)
			RT_LOG(WARN, NULL, "presence", "end-lost",
			       KV_Z("error", rt_error_text(RT_E_NOMEM)));
	}
	if (st != NULL) {
		if (status.n > 0)
			rt_elem_text(st, rt_elem_add(st, st->root, "status", NULL), status);
		rt_audience_tell_end(shard, s, st, is_visible(s));
		rt_stanza_free(&st);
	}
	forget_presence(s);
	rt_directed_free(s);
	if (was_available)
		run_unavailable_hooks(s, status);
}

/* ---- presence to one address ---- */

/* Subscription stanzas are between accounts (RFC 6121, 3.1.2). */
static void send_subscription(struct rt_shard *shard, int host, struct rt_stanza *st)
{
	st->from = rt_jid_bare(&st->from);
	st->to = rt_jid_bare(&st->to);
	if (rt_jid_eq(&st->from, &st->to)) {
		rt_stanza_free(&st);
		return;
	}
	RT_EACH_HOOK (row, host, SUBSCRIPTION_OUT)
		if (RT_CALL_HOOK(row, SUBSCRIPTION_OUT, shard, host, st))
			return;
	rt_route(shard, st);
}

/* A contact that is told by broadcasts needs no entry. */
static int note_available(struct rt_session *s, const struct rt_jid *to)
{
	struct rt_jid bare = rt_jid_bare(to);
	const struct rt_roster_item *it = rt_roster_find_bare(s->user->roster, &bare);

	if (to->resource.n == 0 && it != NULL && rt_roster_sees_us(it) && is_visible(s)) {
		rt_directed_remove(s, to);
		return RT_OK;
	}
	return rt_directed_set(s, to, false);
}

/* A contact that was told so by name is left out of broadcasts from then on. */
static int note_unavailable(struct rt_session *s, const struct rt_jid *to)
{
	const struct rt_roster_item *it = rt_roster_find_bare(s->user->roster, to);

	rt_directed_remove(s, to);
	if (to->resource.n == 0 && it != NULL && rt_roster_sees_us(it) && is_visible(s))
		return rt_directed_set(s, to, true);
	return RT_OK;
}

static void send_directed(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st)
{
	int err = RT_OK;

	switch (st->type) {
	case RT_TYPE_SUBSCRIBE:
	case RT_TYPE_SUBSCRIBED:
	case RT_TYPE_UNSUBSCRIBE:
	case RT_TYPE_UNSUBSCRIBED:
		send_subscription(shard, s->user->host, st);
		return;
	case RT_TYPE_ERROR:
	case RT_TYPE_PROBE:
		break;
	case RT_TYPE_INVISIBLE:
		rt_stanza_set_type(st, RT_TYPE_UNAVAILABLE);
		/* fall through */
	case RT_TYPE_UNAVAILABLE:
		err = note_unavailable(s, &st->to);
		break;
	default:
		err = note_available(s, &st->to);
	}
	if (err != RT_OK)
		refuse(shard, st, RT_SE_RESOURCE_CONSTRAINT);
	else
		rt_route(shard, st);
}

/* ---- from the client ---- */

/* A presence waiting for its turn; lives in the stanza's arena. The session may be gone by then. */
struct client_presence {
	struct rt_stanza *st;
	uint64_t seq;
};

static struct rt_session *find_seq(const struct rt_user *u, uint64_t seq)
{
	struct rt_session *s = u != NULL ? u->sessions : NULL;

	while (s != NULL && s->seq != seq)
		s = s->next;
	return s;
}

static void send_undirected(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st)
{
	switch (st->type) {
	case RT_TYPE_UNAVAILABLE:
		become_unavailable(shard, s, st);
		break;
	case RT_TYPE_INVISIBLE:
		become_invisible(shard, s, st);
		break;
	case RT_TYPE_ERROR:
	case RT_TYPE_PROBE:
	case RT_TYPE_SUBSCRIBE:
	case RT_TYPE_SUBSCRIBED:
	case RT_TYPE_UNSUBSCRIBE:
	case RT_TYPE_UNSUBSCRIBED:
		rt_stanza_free(&st); /* means nothing to oneself */
		break;
	default:
		become_available(shard, s, st);
	}
}

static void on_turn(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct client_presence *p = ctx;
	struct rt_stanza *st = p->st;
	struct rt_session *s = find_seq(u, p->seq);

	if (s == NULL)
		rt_stanza_free(&st);
	else if (err != RT_OK)
		refuse(shard, st,
		       err == RT_E_LIMIT || err == RT_E_NOMEM ? RT_SE_RESOURCE_CONSTRAINT
							      : RT_SE_INTERNAL_SERVER_ERROR);
	else if (st->to.domain.n == 0 ||
		 (st->to.resource.n == 0 && rt_jid_bare_eq(&st->to, &st->from)))
		send_undirected(shard, s, st);
	else
		send_directed(shard, s, st);
}

void rt_presence_from_client(struct rt_shard *shard, struct rt_session *s, struct rt_stanza *st)
{
	struct client_presence *p = rt_arena_alloc(&st->arena, sizeof(*p));

	if (p == NULL) {
		refuse(shard, st, RT_SE_RESOURCE_CONSTRAINT);
		return;
	}
	*p = (struct client_presence){st, s->seq};
	/* Also what needs no roster waits its turn: presence keeps its order. */
	rt_roster_with(shard, s->user->node, s->user->host, on_turn, p);
}
