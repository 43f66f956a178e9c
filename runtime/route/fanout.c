/* fanout.c - available and unavailable presence of one resource to its audience. */
#include "route/fanout.h"

#include "core/log.h"
#include "route/presence.h"
#include "route/roster.h"
#include "route/session.h"
#include "xml/xml_writer.h"

struct target {
	struct target *next;
	struct rt_jid jid;
	int host;
};

/* What goes to one other shard: lives in the arena of its own copy of the stanza. */
struct rt_fanout_part {
	struct rt_msg msg;
	struct rt_fanout_part *next;
	struct rt_shard *home;
	struct rt_stanza *st;
	struct target *first, **end;
};

void rt_fanout_begin(struct rt_fanout *f, struct rt_shard *shard, struct rt_stanza *st)
{
	*f = (struct rt_fanout){.shard = shard, .st = st};
	rt_xml_cache_children(st);
}

/* The recipient's roster is busy: a copy of its own waits. */
static void deliver_in_turn(struct rt_shard *shard, int host, const struct rt_jid *to,
			    const struct rt_stanza *st)
{
	struct rt_stanza *copy = rt_stanza_copy(st);

	if (copy == NULL)
		return;
	rt_stanza_set_to(copy, to);
	rt_presence_to_account(shard, host, copy);
}

static void deliver_here(struct rt_shard *shard, int host, const struct rt_jid *to,
			 struct rt_stanza *st)
{
	struct rt_user *u = rt_user_find(shard, to->node, host);
	struct rt_session *s;

	if (u == NULL)
		return;
	if (rt_roster_is_pending(u)) {
		deliver_in_turn(shard, host, to, st);
	} else if (to->resource.n == 0) {
		rt_presence_deliver(u, st);
	} else {
		s = rt_user_session(u, to->resource);
		if (s != NULL)
			s->ops->deliver(s, st, to);
	}
}

static void on_part(struct rt_shard *shard, struct rt_msg *msg)
{
	struct rt_fanout_part *part = RT_CONTAINER_OF(msg, struct rt_fanout_part, msg);
	struct rt_stanza *st = part->st;

	rt_xml_cache_children(st);
	for (const struct target *t = part->first; t != NULL; t = t->next)
		deliver_here(shard, t->host, &t->jid, st);
	rt_stanza_free(&st);
}

static struct rt_fanout_part *part_for(struct rt_fanout *f, struct rt_shard *home)
{
	struct rt_fanout_part *part = f->parts;
	struct rt_stanza *st;

	while (part != NULL && part->home != home)
		part = part->next;
	if (part != NULL)
		return part;
	st = rt_stanza_copy(f->st);
	part = st != NULL ? rt_arena_alloc(&st->arena, sizeof(*part)) : NULL;
	if (part == NULL) {
		rt_stanza_free(&st);
		return NULL;
	}
	st->origin = (struct rt_id){0, 0};
	*part = (struct rt_fanout_part){.next = f->parts, .home = home, .st = st};
	part->end = &part->first;
	f->parts = part;
	return part;
}

static void add_target(struct rt_fanout *f, struct rt_shard *home, int host,
		       const struct rt_jid *to)
{
	struct rt_fanout_part *part = part_for(f, home);
	struct target *t = part != NULL ? rt_arena_alloc(&part->st->arena, sizeof(*t)) : NULL;

	if (t == NULL || rt_jid_copy(&part->st->arena, to, &t->jid) != RT_OK) {
		RT_LOG(WARN, NULL, "presence", "lost", KV_STR("to", to->domain),
		       KV_Z("error", rt_error_text(RT_E_NOMEM)));
		return;
	}
	t->next = NULL;
	t->host = host;
	*part->end = t;
	part->end = &t->next;
}

/* Components, and domains that are not there: the router answers for those. */
static void send_copy(struct rt_fanout *f, const struct rt_jid *to)
{
	struct rt_stanza *st = rt_stanza_copy(f->st);

	if (st == NULL)
		return;
	rt_stanza_set_to(st, to);
	rt_route(f->shard, st);
}

void rt_fanout_add(struct rt_fanout *f, const struct rt_jid *to)
{
	int host = rt_gen.host_find(to->domain.p, to->domain.n);
	struct rt_shard *home;

	if (host == RT_HOST_NONE) {
		send_copy(f, to);
		return;
	}
	if (to->node.n == 0)
		return; /* the server itself takes no presence */
	home = rt_shard_home(to->node, to->domain);
	if (home == f->shard)
		deliver_here(f->shard, host, to, f->st);
	else
		add_target(f, home, host, to);
}

void rt_fanout_end(struct rt_fanout *f)
{
	struct rt_fanout_part *part = f->parts, *next;

	f->parts = NULL;
	for (; part != NULL; part = next) {
		next = part->next;
		part->msg.fn = on_part;
		part->msg.is_light = true;
		rt_shard_post(part->home, &part->msg);
	}
}
