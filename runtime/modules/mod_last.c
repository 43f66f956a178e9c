/* mod_last.c - XEP-0012, Last Activity: uptime of the host, absence of
 * accounts. */
#include <inttypes.h>
#include <stdio.h>

#include "core/clock.h"
#include "modules/module.h"
#include "route/roster.h"

#define NS_LAST "jabber:iq:last"

static uint64_t start_ms;

/* The host's uptime is that of the process. */
__attribute__((constructor)) static void note_start(void)
{
	start_ms = rt_clock_ms();
}

static void reply(struct rt_iq *iq, uint64_t seconds, struct rt_str status)
{
	struct rt_elem *e = rt_iq_reply(iq, "query", NS_LAST);
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, seconds);
	rt_elem_set(iq->st, e, "seconds", rt_str_of(text));
	rt_elem_text(iq->st, e, status);
	rt_iq_send(iq);
}

void rt_mod_last_iq_host(struct rt_iq *iq)
{
	uint64_t now = rt_clock_ms();

	if (iq->is_set)
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
	else
		reply(iq, now > start_ms ? (now - start_ms) / 1000 : 0, RT_STR(""));
}

static bool is_here(const struct rt_user *u)
{
	const struct rt_session *s = u->sessions;

	while (s != NULL && (!s->available || s->invisible))
		s = s->next;
	return s != NULL;
}

static void on_last(struct rt_shard *shard, void *ctx, int err, int64_t wall_s,
		    struct rt_str status)
{
	struct rt_iq *iq = ctx;
	int64_t now_s = rt_clock_wall_us() / 1000000;

	(void)shard;
	if (err == RT_OK)
		reply(iq, now_s > wall_s ? (uint64_t)(now_s - wall_s) : 0, status);
	else
		rt_iq_error(iq,
			    err == RT_E_NOTFOUND ? RT_SE_SERVICE_UNAVAILABLE : rt_mod_error_of(err),
			    "");
}

/* XEP-0012, 4: only those who may see the account's presence learn of it. */
static void on_roster(struct rt_shard *shard, struct rt_user *u, void *ctx, int err)
{
	struct rt_iq *iq = ctx;

	if (err != RT_OK)
		rt_iq_error(iq, rt_mod_error_of(err), "");
	else if (!rt_mod_may_see(u, iq))
		rt_iq_error(iq, RT_SE_FORBIDDEN, "");
	else if (is_here(u))
		reply(iq, 0, RT_STR(""));
	else
		rt_store_last_get(shard, rt_mod_account(iq), on_last, iq);
}

void rt_mod_last_iq_account(struct rt_iq *iq)
{
	if (iq->is_set)
		rt_iq_error(iq, RT_SE_NOT_ALLOWED, "");
	else
		rt_roster_with(iq->shard, iq->st->to.node, iq->host, on_roster, iq);
}

void rt_mod_last_unavailable(struct rt_session *s, const struct rt_str *status, const void *opts)
{
	struct rt_jid jid = rt_session_jid(s);
	struct rt_account who = {jid.node, jid.domain};

	(void)opts;
	rt_store_last_put(rt_shard_self(), who, rt_clock_wall_us() / 1000000, *status);
}
