/* mod_roster_sub.c - RFC 6121, 3: subscription stanzas drive the state table, out and in. */
#include "core/log.h"
#include "modules/mod_roster.h"
#include "route/presence.h"
#include "route/router.h"
#include "xml/xml_writer.h"

/* One subscription stanza on its way through turn and store; lives in the stanza's arena. */
struct step {
	struct rt_stanza *st;
	const struct rt_mod_roster_opts *opts;
	struct rt_str contact; /* bare, as text */
	struct rt_roster_change change;
	uint8_t old_subscription;
	bool in;
};

static enum rt_roster_event event_of(const struct step *step)
{
	switch (step->st->type) {
	case RT_TYPE_SUBSCRIBE:
		return step->in ? RT_IN_SUBSCRIBE : RT_OUT_SUBSCRIBE;
	case RT_TYPE_SUBSCRIBED:
		return step->in ? RT_IN_SUBSCRIBED : RT_OUT_SUBSCRIBED;
	case RT_TYPE_UNSUBSCRIBE:
		return step->in ? RT_IN_UNSUBSCRIBE : RT_OUT_UNSUBSCRIBE;
	default:
		return step->in ? RT_IN_UNSUBSCRIBED : RT_OUT_UNSUBSCRIBED;
	}
}

/* ---- after the commit, or without one ---- */

/* Hand the stanza on, answer it, and let presence follow the subscription. Consumes the step's
 * stanza. */
static void act(struct rt_shard *shard, struct rt_user *u, struct step *step)
{
	const struct rt_roster_item before = {.subscription = step->old_subscription};
	const struct rt_roster_item after = {.subscription = step->change.subscription};
	struct rt_roster_change change = step->change;
	struct rt_jid self = rt_mod_roster_self(u), contact;
	bool up = !rt_roster_sees_us(&before) && rt_roster_sees_us(&after);
	bool down = rt_roster_sees_us(&before) && !rt_roster_sees_us(&after);
	char text[RT_JID_MAX + 1];

	/* The contact's address outlives the stanza. */
	memcpy(text, step->contact.p, step->contact.n);
	contact = rt_roster_jid((struct rt_str){text, step->contact.n});
	if (change.deliver && step->in)
		rt_presence_deliver(u, step->st);
	if (change.deliver && !step->in)
		rt_route(shard, step->st);
	else
		rt_stanza_free(&step->st);
	if (change.auto_reply != 0)
		rt_mod_roster_send(shard, &self, &contact, change.auto_reply);
	if (up || down)
		rt_presence_subscription_changed(shard, u, &contact, up);
}

static void on_changed(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct step *step = ctx;

	if (err == RT_E_NOTFOUND && step->in) {
		rt_stanza_free(&step->st); /* no such account: silently (RFC 6121, 8.5.1) */
		return;
	}
	if (err != RT_OK) {
		RT_LOG(WARN, NULL, "roster", "change-failed", KV_STR("node", u->node),
		       KV_Z("error", rt_error_text(err)));
		rt_route_error(shard, step->st, RT_SE_INTERNAL_SERVER_ERROR,
			       (struct rt_str){NULL, 0});
		return;
	}
	if (step->change.push)
		rt_mod_roster_push(shard, u, step->contact,
				   rt_roster_find(u->roster, step->contact), step->opts);
	act(shard, u, step);
}

/* ---- the change ---- */

/* The whole request is kept, to be shown again at each initial presence (RFC 6121, 3.1.3). */
static struct rt_str request_of(struct rt_stanza *st)
{
	rt_xml_cache_children(st);
	return (struct rt_str){st->children.p != NULL ? st->children.p : "", st->children.n};
}

static void change_item(struct rt_shard *shard, struct rt_user *u, struct step *step,
			const struct rt_roster_item *it)
{
	struct rt_roster_row row = rt_mod_roster_row(it, step->contact);

	row.subscription = step->change.subscription;
	row.ask = step->change.ask;
	if (row.ask != RT_ASK_IN && row.ask != RT_ASK_BOTH)
		row.request = (struct rt_str){NULL, 0};
	else if (event_of(step) == RT_IN_SUBSCRIBE)
		row.request = request_of(step->st);
	/* What was shown to the user is in the roster, until the user removes it. */
	if (step->change.push && row.groups.p == NULL)
		row.groups = (struct rt_str){"", 0};
	if (row.groups.p == NULL && row.subscription == RT_SUB_NONE && row.ask == RT_ASK_NONE)
		rt_roster_delete(shard, u, step->contact, on_changed, step);
	else
		rt_roster_put(shard, u, &row, on_changed, step);
}

static void on_turn(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct step *step = ctx;
	const struct rt_roster_item *it;

	if (err != RT_OK) {
		rt_route_error(shard, step->st,
			       err == RT_E_LIMIT || err == RT_E_NOMEM ? RT_SE_RESOURCE_CONSTRAINT
								      : RT_SE_INTERNAL_SERVER_ERROR,
			       (struct rt_str){NULL, 0});
		return;
	}
	it = rt_roster_find(u->roster, step->contact);
	step->old_subscription = it != NULL ? it->subscription : RT_SUB_NONE;
	step->change = rt_roster_step(step->old_subscription, it != NULL ? it->ask : RT_ASK_NONE,
				      event_of(step));
	if (!step->change.changed)
		act(shard, u, step);
	else
		change_item(shard, u, step, it);
}

/* ---- hooks ---- */

static bool start(struct rt_shard *shard, int host, struct rt_stanza *st, const void *opts, bool in)
{
	const struct rt_jid *contact = in ? &st->from : &st->to;
	struct step *step = rt_arena_alloc(&st->arena, sizeof(*step));
	struct rt_str text = rt_jid_text(&st->arena, contact);

	if (step == NULL || text.p == NULL) {
		rt_route_error(shard, st, RT_SE_RESOURCE_CONSTRAINT, (struct rt_str){NULL, 0});
		return true;
	}
	*step = (struct step){.st = st, .opts = opts, .contact = text, .in = in};
	rt_roster_with(shard, in ? st->to.node : st->from.node, host, on_turn, step);
	return true;
}

bool rt_mod_roster_subscription_in(struct rt_shard *shard, int host, struct rt_stanza *st,
				   const void *opts)
{
	return start(shard, host, st, opts, true);
}

bool rt_mod_roster_subscription_out(struct rt_shard *shard, int host, struct rt_stanza *st,
				    const void *opts)
{
	return start(shard, host, st, opts, false);
}
