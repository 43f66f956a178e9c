/* route_fixture.c - see route_fixture.h. */
#include "route_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/clock.h"
#include "xml/xml_writer.h"

#define NHOSTS   2
#define MAX_OPEN 256u

struct fx_seen fx_seen;
struct rt_mod_roster_opts fx_roster_opts;
int64_t fx_session_limit;

static struct fx_client *clients[MAX_OPEN];
static unsigned nclients;

/* ---- the image ---- */

static int find_host(const char *name, size_t len)
{
	if (len == 9 && memcmp(name, "localhost", 9) == 0)
		return 0;
	if (len == 11 && memcmp(name, "two.example", 11) == 0)
		return 1;
	return RT_HOST_NONE;
}

static void answer_echo(struct rt_iq *iq)
{
	struct rt_elem *e = rt_iq_reply(iq, "echo", "test:echo");

	rt_elem_set(iq->st, e, "own", iq->own_account ? RT_STR("true") : RT_STR("false"));
	rt_elem_set(iq->st, e, "asked", rt_elem_attr(iq->child, "x"));
	rt_iq_send(iq);
}

static void answer_empty(struct rt_iq *iq)
{
	rt_iq_result(iq);
}

static void answer_error(struct rt_iq *iq)
{
	rt_iq_error(iq, RT_SE_NOT_ALLOWED, "because");
}

static void answer_error_late(struct rt_iq *iq)
{
	rt_iq_reply(iq, "half", "test:late");
	rt_iq_error(iq, RT_SE_CONFLICT, "");
}

static void answer_broken(struct rt_iq *iq)
{
	rt_iq_reply(iq, "x", "test:broken");
	iq->st->failed = true;
	rt_iq_send(iq);
}

static void hold(struct rt_iq *iq)
{
	fx_seen.held = iq;
}

static const struct rt_iq_row iq_rows[] = {
	{"test:echo", answer_echo, NULL},
	{"test:empty", answer_empty, NULL},
	{"test:error", answer_error, NULL},
	{"test:late", answer_error_late, NULL},
	{"test:broken", answer_broken, NULL},
	{"test:hold", hold, NULL},
	{"jabber:iq:roster", rt_mod_roster_iq, &fx_roster_opts},
};

static const struct rt_iq_row *find_iq(const char *ns, size_t len, size_t nrows)
{
	for (size_t i = 0; i < nrows; i++)
		if (strlen(iq_rows[i].ns) == len && memcmp(iq_rows[i].ns, ns, len) == 0)
			return &iq_rows[i];
	return NULL;
}

static const struct rt_iq_row *find_iq_account(const char *ns, size_t len)
{
	return find_iq(ns, len, RT_ARRAY_LEN(iq_rows));
}

static const struct rt_iq_row *find_iq_host(const char *ns, size_t len)
{
	return find_iq(ns, len, RT_ARRAY_LEN(iq_rows) - 1);
}

static const struct rt_iq_row *find_no_iq(const char *ns, size_t len)
{
	(void)ns;
	(void)len;
	return NULL;
}

static int64_t max_user_sessions(const struct rt_access_ctx *who)
{
	RT_ASSERT(who->host == 0 && who->domain_host == 0 && who->domain_len == 9);
	return fx_session_limit;
}

static void on_available(struct rt_session *s, const void *opts)
{
	(void)s;
	(void)opts;
	fx_seen.available++;
}

static void on_unavailable(struct rt_session *s, const struct rt_str *status, const void *opts)
{
	(void)s;
	(void)opts;
	fx_seen.unavailable++;
	snprintf(fx_seen.status, sizeof(fx_seen.status), "%.*s", RT_STR_ARG(*status));
}

static void write_text(struct rt_stanza *st, const struct rt_jid *to, char *out, size_t size)
{
	struct rt_buf buf = {0};

	rt_xml_write_stanza(&buf, st, to, NULL);
	RT_ASSERT(!buf.failed);
	snprintf(out, size, "%.*s", (int)rt_buf_len(&buf), buf.data);
	rt_buf_fini(&buf);
}

static bool on_offline(struct rt_shard *shard, int host, struct rt_stanza *st, const void *opts)
{
	(void)shard;
	(void)host;
	(void)opts;
	if (!fx_seen.takes_offline)
		return false;
	write_text(st, NULL, fx_seen.offline, sizeof(fx_seen.offline));
	rt_stanza_free(&st);
	return true;
}

static void on_remove(struct rt_shard *shard, int host, const struct rt_str *node, const void *opts)
{
	(void)shard;
	(void)host;
	(void)node;
	(void)opts;
	fx_seen.removed++;
}

#define ROW(fn_, opts_)                                                                            \
	{                                                                                          \
		(void (*)(void))(fn_), (opts_)                                                     \
	}
static const struct rt_hook_row available_rows[] = {ROW(on_available, NULL)};
static const struct rt_hook_row unavailable_rows[] = {ROW(on_unavailable, NULL)};
static const struct rt_hook_row offline_rows[] = {ROW(on_offline, NULL)};
static const struct rt_hook_row in_rows[] = {ROW(rt_mod_roster_subscription_in, &fx_roster_opts)};
static const struct rt_hook_row out_rows[] = {ROW(rt_mod_roster_subscription_out, &fx_roster_opts)};
static const struct rt_hook_row remove_rows[] = {ROW(rt_mod_roster_remove_user, &fx_roster_opts),
						 ROW(on_remove, NULL)};
#define LIST(rows_)                                                                                \
	{                                                                                          \
		(rows_), RT_ARRAY_LEN(rows_)                                                       \
	}

static const struct rt_subdomain subdomains[] = {{"vjud.localhost", answer_echo, NULL}};

static const struct rt_host_spec hosts[NHOSTS] = {
	{
		.name = "localhost",
		.max_user_sessions = max_user_sessions,
		.iq_host = find_iq_host,
		.iq_account = find_iq_account,
		.hooks = {[RT_HOOK_USER_AVAILABLE] = LIST(available_rows),
			  [RT_HOOK_USER_UNAVAILABLE] = LIST(unavailable_rows),
			  [RT_HOOK_OFFLINE_MESSAGE] = LIST(offline_rows),
			  [RT_HOOK_SUBSCRIPTION_IN] = LIST(in_rows),
			  [RT_HOOK_SUBSCRIPTION_OUT] = LIST(out_rows),
			  [RT_HOOK_REMOVE_USER] = LIST(remove_rows)},
		.subdomains = subdomains,
		.nsubdomains = RT_ARRAY_LEN(subdomains),
	},
	{.name = "two.example", .iq_host = find_no_iq, .iq_account = find_no_iq},
};

const struct rt_gen rt_gen = {
	.abi_major = RT_GEN_ABI_MAJOR,
	.abi_minor = RT_GEN_ABI_MINOR,
	.abi_anchor = &rt_gen_abi_1,
	.hosts = hosts,
	.nhosts = NHOSTS,
	.host_find = find_host,
	.language = "en",
};

/* ---- clients ---- */

/* Ids of pushes are counted by process: they read the same everywhere here. */
static char *normalise(char *text)
{
	char *id = strstr(text, "id='push");

	if (id != NULL && strlen(id) > 24)
		memmove(id + 8, id + 24, strlen(id + 24) + 1);
	return text;
}

static void deliver(struct rt_session *s, struct rt_stanza *st, const struct rt_jid *to)
{
	struct fx_client *c = RT_CONTAINER_OF(s, struct fx_client, s);
	struct rt_buf buf = {0};

	RT_ASSERT(c->nout < FX_MAX_OUT && rt_shard_self() == c->shard);
	rt_xml_write_stanza(&buf, st, to, NULL);
	RT_ASSERT(!buf.failed);
	c->out[c->nout++] = normalise(strndup(buf.data, rt_buf_len(&buf)));
	rt_buf_fini(&buf);
}

static void terminate(struct rt_session *s, const char *condition, const char *text)
{
	struct fx_client *c = RT_CONTAINER_OF(s, struct fx_client, s);

	RT_ASSERT(s->user == NULL);
	snprintf(c->ended, sizeof(c->ended), "%s: %s", condition, text);
}

static void peer(struct rt_session *s, char *out, uint16_t *port)
{
	(void)s;
	strcpy(out, "127.0.0.1");
	*port = 5222;
}

static const struct rt_session_ops ops = {deliver, terminate, peer};

static void on_component(struct rt_shard *shard, struct rt_id conn, struct rt_stanza *st)
{
	write_text(st, NULL, fx_seen.component, sizeof(fx_seen.component));
	fx_seen.component_conn = conn;
	fx_seen.to_component++;
	if (fx_seen.component_refuses)
		rt_route_error(shard, st, RT_SE_NOT_ALLOWED, (struct rt_str){NULL, 0});
	else
		rt_stanza_free(&st);
}

int fx_try_open(const char *text, struct fx_client **out)
{
	struct fx_client *c = calloc(1, sizeof(*c));
	struct rt_jid jid;
	struct rt_arena arena = {0};
	int err;

	RT_ASSERT(c != NULL && nclients < MAX_OPEN);
	RT_ASSERT(rt_jid_parse(&arena, rt_str_of(text), &jid) == RT_OK);
	clients[nclients++] = c;
	c->host = find_host(jid.domain.p, jid.domain.n);
	c->shard = rt_shard_home(jid.node, jid.domain);
	c->s.ops = &ops;
	rt_shard_enter(c->shard);
	err = rt_session_open(c->shard, &c->s, jid.node, c->host, jid.resource);
	rt_arena_fini(&arena);
	*out = c;
	return err;
}

struct fx_client *fx_open(const char *text)
{
	char node[64];
	struct fx_client *c;

	snprintf(node, sizeof(node), "%.*s", (int)strcspn(text, "@"), text);
	fake_store_add_account(node, strstr(text, "two.example") ? "two.example" : "localhost");
	RT_ASSERT(fx_try_open(text, &c) == RT_OK);
	return c;
}

struct fx_client *fx_online(const char *jid)
{
	struct fx_client *c = fx_open(jid);

	fx_send(c, "<presence/>");
	fx_forget(c);
	return c;
}

void fx_close(struct fx_client *c, const char *status)
{
	rt_shard_enter(c->shard);
	rt_session_close(c->shard, &c->s, rt_str_of(status));
	fx_settle();
}

static struct rt_stanza *parse(const char *xml)
{
	struct rt_stanza *st = rt_xml_parse_stanza(rt_str_of(xml));

	RT_ASSERT(st != NULL);
	return st;
}

void fx_send_only(struct fx_client *c, const char *xml)
{
	struct rt_stanza *st;
	struct rt_jid from;

	rt_shard_enter(c->shard);
	st = parse(xml);
	from = rt_session_jid(&c->s);
	rt_stanza_set_from(st, &from);
	st->origin = c->s.conn;
	rt_route_from_client(c->shard, &c->s, st);
}

void fx_send(struct fx_client *c, const char *xml)
{
	fx_send_only(c, xml);
	fx_settle();
}

void fx_route(const char *xml)
{
	rt_shard_enter(rt_shards[0]);
	rt_route(rt_shards[0], parse(xml));
	fx_settle();
}

void fx_settle(void)
{
	while (rt_shards_drain() || fake_store_run())
		;
}

const char *fx_next(struct fx_client *c)
{
	static char *last;

	free(last);
	last = NULL;
	if (c->nout == 0)
		return "";
	last = c->out[0];
	memmove(c->out, c->out + 1, --c->nout * sizeof(c->out[0]));
	return last;
}

void fx_forget(struct fx_client *c)
{
	while (c->nout > 0)
		free(c->out[--c->nout]);
}

/* ---- start and stop ---- */

void fx_start(unsigned nshards, enum fake_store_mode mode)
{
	int64_t noon;

	RT_ASSERT(rt_clock_parse_stamp(RT_STR(FX_STAMP), &noon));
	rt_clock_fake(true, 1000000000u, noon);
	fake_store_reset(mode);
	memset(&fx_seen, 0, sizeof(fx_seen));
	memset(&fx_roster_opts, 0, sizeof(fx_roster_opts));
	fx_session_limit = RT_LIMIT_NONE;
	RT_ASSERT(rt_shards_init(nshards) == RT_OK);
	for (unsigned i = 0; i < nshards; i++) {
		RT_ASSERT(rt_directory_new(rt_shards[i]) == RT_OK);
		RT_ASSERT(rt_router_new(rt_shards[i]) == RT_OK);
	}
	rt_router_set_component_deliver(on_component);
}

void fx_stop(void)
{
	for (unsigned i = 0; i < nclients; i++) {
		struct fx_client *c = clients[i];

		fx_close(c, "");
	}
	for (unsigned i = 0; i < nclients; i++) {
		fx_forget(clients[i]);
		free(clients[i]);
	}
	nclients = 0;
	for (unsigned i = 0; i < rt_nshards; i++) {
		rt_shard_enter(rt_shards[i]);
		rt_router_free(rt_shards[i]);
		rt_directory_free(rt_shards[i]);
	}
	rt_shard_enter(NULL);
	fake_store_reset(FAKE_STORE_AT_ONCE);
	rt_shards_fini();
	rt_arena_pool_trim(0);
	rt_clock_fake(false, 0, 0);
}
