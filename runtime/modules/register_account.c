/* register_account.c - XEP-0077, In-Band Registration: making accounts and
 * changing passwords, and who is told (welcome_message, registration_watchers).
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"
#include "modules/mod_register.h"
#include "policy/access.h"
#include "route/router.h"
#include "stream/password.h"

static struct rt_account account_of(const struct rt_registration *r)
{
	return (struct rt_account){r->node, rt_str_of(rt_gen.hosts[r->host].name)};
}

/* ---- telling ---- */

/* Hooks about a user run where the user is at home. */
struct announcement {
	struct rt_msg msg;
	int host;
	struct rt_str node;
};

static void run_hooks(struct rt_shard *shard, struct rt_msg *msg)
{
	struct announcement *a = RT_CONTAINER_OF(msg, struct announcement, msg);

	RT_EACH_HOOK (row, a->host, REGISTER_USER)
		RT_CALL_HOOK(row, REGISTER_USER, shard, a->host, &a->node);
	free(a);
}

static void announce(const struct rt_registration *r)
{
	struct rt_account who = account_of(r);
	struct announcement *a;

	if (rt_gen.hosts[r->host].hooks[RT_HOOK_REGISTER_USER].n == 0)
		return;
	a = malloc(sizeof(*a) + r->node.n);
	if (a == NULL) {
		RT_LOG(ERROR, NULL, "register", "hooks-lost", KV_STR("user", r->node));
		return;
	}
	memcpy(a + 1, r->node.p, r->node.n);
	a->msg.fn = run_hooks;
	a->host = r->host;
	a->node = (struct rt_str){(const char *)(a + 1), r->node.n};
	rt_shard_post(rt_shard_home(who.node, who.host), &a->msg);
}

static void send_welcome(const struct rt_registration *r)
{
	const struct rt_mod_register_opts *o = r->opts;
	struct rt_jid to = {.node = r->node, .domain = account_of(r).host};
	struct rt_stanza *st;

	if (o->welcome_subject[0] == '\0' && o->welcome_body[0] == '\0')
		return;
	st = rt_mod_message(r->host, &to, RT_TYPE_NORMAL);
	if (st == NULL)
		return;
	rt_mod_add_text(st, st->root, "subject", rt_str_of(o->welcome_subject));
	rt_mod_add_text(st, st->root, "body", rt_str_of(o->welcome_body));
	rt_route(r->shard, st);
}

static void tell_watcher(const struct rt_registration *r, const char *watcher, struct rt_str body)
{
	struct rt_arena arena = {0};
	struct rt_jid to;
	struct rt_stanza *st = NULL;

	if (rt_jid_parse(&arena, rt_str_of(watcher), &to) == RT_OK)
		st = rt_mod_message(r->host, &to, RT_TYPE_CHAT);
	else
		RT_LOG(WARN, NULL, "register", "bad-watcher", KV_Z("jid", watcher));
	rt_arena_fini(&arena);
	if (st == NULL)
		return;
	rt_mod_add_text(st, st->root, "body", body);
	rt_route(r->shard, st);
}

static void tell_watchers(const struct rt_registration *r, const char *ip)
{
	struct rt_jid jid = {.node = r->node, .domain = account_of(r).host};
	char name[RT_JID_MAX + 1], stamp[32], body[sizeof(name) + sizeof(stamp) + 128];
	size_t i;

	if (r->opts->nregistration_watchers == 0)
		return;
	rt_jid_format(&jid, name);
	rt_clock_stamp(stamp, sizeof(stamp), rt_clock_wall_us(), 0);
	snprintf(body, sizeof(body), "%s: the account %s was registered from the address %s.",
		 stamp, name, ip);
	for (i = 0; i < r->opts->nregistration_watchers; i++)
		tell_watcher(r, r->opts->registration_watchers[i], rt_str_of(body));
}

/* ---- passwords ---- */

static bool is_too_weak(const struct rt_registration *r)
{
	return r->opts->password_strength > 0 &&
	       rt_register_entropy(r->password) < r->opts->password_strength;
}

static void derive(struct rt_registration *r, rt_password_derived_fn *done)
{
	rt_password_derive_async(r->shard, r->password, rt_gen.hosts[r->host].auth.scram_iterations,
				 done, r);
}

/* It came with the stanza, whose memory goes back to a pool. */
static void wipe_password(struct rt_registration *r)
{
	explicit_bzero((void *)(uintptr_t)r->password.p, r->password.n);
	r->password = (struct rt_str){NULL, 0};
}

/* ---- creating ---- */

static void on_created(struct rt_shard *shard, void *ctx, int err)
{
	struct rt_registration *r = ctx;
	char ip[INET6_ADDRSTRLEN];

	(void)shard;
	if (err == RT_E_EXISTS) { /* somebody was faster */
		rt_register_refuse(r, RT_SE_CONFLICT, "");
		return;
	}
	if (err != RT_OK) {
		rt_register_refuse(r, rt_mod_error_of(err), "");
		return;
	}
	rt_register_source_text(&r->source, ip);
	RT_LOG(INFO, NULL, "register", "created", KV_STR("user", r->node),
	       KV_Z("host", rt_gen.hosts[r->host].name), KV_Z("ip", ip));
	announce(r);
	send_welcome(r);
	tell_watchers(r, ip);
	rt_register_accept(r);
}

static void on_derived_new(struct rt_shard *shard, void *ctx, int err,
			   const struct rt_credentials *c)
{
	struct rt_registration *r = ctx;

	wipe_password(r);
	if (err != RT_OK)
		rt_register_refuse(r, rt_mod_error_of(err), "");
	else
		rt_store_account_create(shard, account_of(r), c, on_created, r);
}

/* Asked first, since deriving keys takes the processor for some milliseconds.
 */
static void on_exists(struct rt_shard *shard, void *ctx, int err)
{
	struct rt_registration *r = ctx;

	(void)shard;
	if (err == RT_OK)
		rt_register_refuse(r, RT_SE_CONFLICT, "");
	else if (err != RT_E_NOTFOUND)
		rt_register_refuse(r, rt_mod_error_of(err), "");
	else
		derive(r, on_derived_new);
}

static bool is_allowed(const struct rt_registration *r)
{
	struct rt_access_ctx who = rt_access_of_user(r->host, r->node, RT_STR(""));
	const struct rt_mod_register_opts *o = r->opts;

	return (o->access == NULL || o->access(&who) == RT_ALLOW) &&
	       rt_register_ip_allowed(o->ip_access, o->nip_access, &r->source);
}

void rt_register_create(struct rt_registration *r)
{
	if (!is_allowed(r))
		rt_register_refuse(r, RT_SE_FORBIDDEN, "");
	else if (!rt_gen.hosts[r->host].auth.internal)
		rt_register_refuse(r, RT_SE_NOT_ALLOWED, "");
	else if (!rt_register_pace(&r->source, rt_gen.registration_timeout, rt_clock_ms()))
		rt_register_refuse(r, RT_SE_RESOURCE_CONSTRAINT,
				   "Users are not allowed to register accounts so quickly");
	else if (r->password.n == 0)
		rt_register_refuse(r, RT_SE_NOT_ACCEPTABLE, "");
	else if (is_too_weak(r))
		rt_register_refuse(r, RT_SE_NOT_ACCEPTABLE, "The password is too weak");
	else
		rt_store_account_exists(r->shard, account_of(r), on_exists, r);
}

/* ---- changing ---- */

static void on_changed(struct rt_shard *shard, void *ctx, int err)
{
	struct rt_registration *r = ctx;

	(void)shard;
	if (err != RT_OK) {
		rt_register_refuse(r, rt_mod_error_of(err), "");
		return;
	}
	RT_LOG(INFO, NULL, "register", "password-changed", KV_STR("user", r->node),
	       KV_Z("host", rt_gen.hosts[r->host].name));
	rt_register_accept(r);
}

static void on_derived_change(struct rt_shard *shard, void *ctx, int err,
			      const struct rt_credentials *c)
{
	struct rt_registration *r = ctx;

	wipe_password(r);
	if (err != RT_OK)
		rt_register_refuse(r, rt_mod_error_of(err), "");
	else
		rt_store_account_update(shard, account_of(r), c, on_changed, r);
}

void rt_register_change(struct rt_registration *r)
{
	if (!rt_gen.hosts[r->host].auth.internal)
		rt_register_refuse(r, RT_SE_NOT_ALLOWED, "");
	else if (r->password.n == 0)
		rt_register_refuse(r, RT_SE_BAD_REQUEST, "");
	else if (is_too_weak(r))
		rt_register_refuse(r, RT_SE_NOT_ACCEPTABLE, "The password is too weak");
	else
		derive(r, on_derived_change);
}
