/* module_fixture.h - a server without sockets for tests of modules: one shard run by the test, the
 * real store in a directory of its own, clients that write down what they get.
 *
 * Host "localhost" has every module of rt/modules.def with options the test may change before it
 * starts; "two.example" has none. Time stands still at STAMP. The image is defined here: include it
 * once per test.
 */
#ifndef TESTS_MODULE_FIXTURE_H
#define TESTS_MODULE_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/worker.h"
#include "modules/mod_register.h"
#include "route/roster.h"
#include "route/router.h"
#include "rt/modules.h"
#include "store/store.h"
#include "xml/xml_writer.h"

#define UNUSED __attribute__((unused)) /* not every suite needs everything here */
#define STAMP  "2026-01-31T12:00:00.000000Z"

/* ---- the image --------------------------------------------------------------------------------
 */

static enum rt_verdict verdict; /* of the access rule of mod_register */
static int64_t limit;           /* of access_max_user_messages */
static char asked[64];          /* the last one a rule was asked about: "node@domain" */

static void note_asked(const struct rt_access_ctx *who)
{
	snprintf(asked, sizeof(asked), "%.*s@%.*s", who->node_len, who->node, who->domain_len,
		 who->domain);
	ck_assert_int_eq(who->host, 0);
	ck_assert_int_eq(who->domain_host, 0);
}

static enum rt_verdict access_rule(const struct rt_access_ctx *who)
{
	note_asked(who);
	return verdict;
}

static int64_t limit_rule(const struct rt_access_ctx *who)
{
	note_asked(who);
	return limit;
}

/* Options, with the defaults of cfgc. */
static struct rt_mod_adhoc_opts opts_mod_adhoc;
static struct rt_mod_disco_opts opts_mod_disco;
static struct rt_mod_last_opts opts_mod_last;
static struct rt_mod_offline_opts opts_mod_offline;
static struct rt_mod_ping_opts opts_mod_ping;
static struct rt_mod_private_opts opts_mod_private;
static struct rt_mod_register_opts opts_mod_register;
static struct rt_mod_roster_opts opts_mod_roster;
static struct rt_mod_sic_opts opts_mod_sic;
static struct rt_mod_time_opts opts_mod_time;
static struct rt_mod_vcard_opts opts_mod_vcard;
static struct rt_mod_version_opts opts_mod_version;

enum { SCOPE_HOST, SCOPE_ACCOUNT };

static const struct {
	int scope;
	struct rt_iq_row row;
} iqs[] = {
#define RT_MODULE(module)
#define RT_IQ(module, scope, ns, fn) {SCOPE_##scope, {ns, fn, &opts_##module}},
#define RT_HOOK(module, hook, fn)
#define RT_FEATURE(module, ns)
#define RT_SUBDOMAIN_IQ(module, fn)
#include "rt/modules.def"
#undef RT_IQ
#undef RT_HOOK
};

static const struct {
	enum rt_hook hook;
	struct rt_hook_row row;
} hook_rows[] = {
#define RT_IQ(module, scope, ns, fn)
#define RT_HOOK(module, hook, fn) {RT_HOOK_##hook, {(void (*)(void))fn, &opts_##module}},
#include "rt/modules.def"
#undef RT_HOOK
#undef RT_MODULE
};

static const struct rt_module_row modules[] = {
#define RT_MODULE(module) {#module, &opts_##module, RT_AT(0, 1, 1)},
#define RT_HOOK(module, hook, fn)
#include "rt/modules.def"
#undef RT_IQ
#undef RT_HOOK
#undef RT_MODULE
#undef RT_FEATURE
#undef RT_SUBDOMAIN_IQ
};

static const struct rt_subdomain subdomains[] = {
	{"vjud.localhost", rt_mod_vcard_search, &opts_mod_vcard}};

static const char *features[64];
static struct rt_host_spec hosts[2];

static const struct rt_iq_row *find_iq(int scope, const char *ns, size_t len)
{
	for (size_t i = 0; i < RT_ARRAY_LEN(iqs); i++)
		if (iqs[i].scope == scope && strlen(iqs[i].row.ns) == len &&
		    memcmp(iqs[i].row.ns, ns, len) == 0)
			return &iqs[i].row;
	return NULL;
}

static const struct rt_iq_row *find_host_iq(const char *ns, size_t len)
{
	return find_iq(SCOPE_HOST, ns, len);
}

static const struct rt_iq_row *find_account_iq(const char *ns, size_t len)
{
	return find_iq(SCOPE_ACCOUNT, ns, len);
}

static const struct rt_iq_row *find_no_iq(const char *ns, size_t len)
{
	(void)ns;
	(void)len;
	return NULL;
}

static int find_host(const char *name, size_t len)
{
	for (int i = 0; i < 2; i++)
		if (strlen(hosts[i].name) == len && memcmp(hosts[i].name, name, len) == 0)
			return i;
	return RT_HOST_NONE;
}

const struct rt_gen rt_gen = {
	.abi_major = RT_GEN_ABI_MAJOR,
	.abi_minor = RT_GEN_ABI_MINOR,
	.abi_anchor = &rt_gen_abi_1,
	.cfgc_version = "9.9",
	.hosts = hosts,
	.nhosts = 2,
	.host_find = find_host,
	.language = "en",
	.registration_timeout = 600,
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_hook(enum rt_hook hook, const struct rt_hook_row *row)
{
	static struct rt_hook_row lists[RT_NHOOKS][8];
	struct rt_hook_list *l = &hosts[0].hooks[hook];

	lists[hook][l->n++] = *row;
	l->rows = lists[hook];
}

static void make_image(void)
{
	size_t n = 0;

	hosts[0] = (struct rt_host_spec){
		.name = "localhost",
		.auth = {.internal = true, .scram_iterations = 4096},
		.iq_host = find_host_iq,
		.iq_account = find_account_iq,
		.modules = modules,
		.nmodules = RT_ARRAY_LEN(modules),
		.subdomains = subdomains,
		.nsubdomains = 1,
		.features = features,
	};
	hosts[1] = (struct rt_host_spec){
		.name = "two.example", .iq_host = find_no_iq, .iq_account = find_no_iq};
	for (size_t i = 0; i < RT_ARRAY_LEN(hook_rows); i++)
		add_hook(hook_rows[i].hook, &hook_rows[i].row);
	for (size_t i = 0; i < RT_ARRAY_LEN(iqs); i++)
		if (iqs[i].scope == SCOPE_HOST)
			features[n++] = iqs[i].row.ns;
	features[n++] = "msgoffline";
	qsort(features, n, sizeof(features[0]), by_text);
	hosts[0].nfeatures = n;
	opts_mod_vcard = (struct rt_mod_vcard_opts){true, "vjud.localhost", 30};
	opts_mod_register = (struct rt_mod_register_opts){
		.access = access_rule,
		.access_given = true,
		.welcome_subject = "",
		.welcome_body = "",
	};
	opts_mod_offline.max_user_messages = limit_rule;
	verdict = RT_ALLOW;
	limit = RT_LIMIT_NONE;
}

/* ---- start and stop ---------------------------------------------------------------------------
 */

static char dir[64];
static struct rt_shard *shard;
static struct rt_store *store;

/* Mailboxes and store until nothing moves; not timers and workers. */
static void settle(void)
{
	bool more;

	do
		more = rt_store_drain(store);
	while (rt_shards_drain() || more);
}

static void setup(void)
{
	int64_t noon;

	rt_log_setup(0, false, 2);
	make_image();
	ck_assert(rt_clock_parse_stamp(RT_STR(STAMP), &noon));
	rt_clock_fake(true, 5000000000u, noon);
	rt_register_forget();
	ck_assert_int_eq(rt_shards_init(1), RT_OK);
	shard = rt_shards[0];
	rt_shard_enter(shard);
	strcpy(dir, "/tmp/test-module-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(rt_store_open(&store, dir), RT_OK);
	shard->store = store;
	ck_assert_int_eq(rt_directory_new(shard), RT_OK);
	ck_assert_int_eq(rt_router_new(shard), RT_OK);
	ck_assert_int_eq(rt_workers_start(1), RT_OK);
}

/* ---- clients ----------------------------------------------------------------------------------
 */

#define MAX_OUT 1024u

struct client {
	struct rt_session s;
	struct client *next;
	char *out[MAX_OUT]; /* received and not yet looked at */
	unsigned nout;
	char ended[96]; /* "condition: text" of terminate */
};

static struct client *clients;

static char *text_of(struct rt_stanza *st, const struct rt_jid *to)
{
	struct rt_buf buf = {0};
	char *text;

	rt_xml_write_stanza(&buf, st, to, NULL);
	ck_assert(!buf.failed && !st->failed);
	text = strndup(buf.data, rt_buf_len(&buf));
	rt_buf_fini(&buf);
	return text;
}

static void deliver(struct rt_session *s, struct rt_stanza *st, const struct rt_jid *to)
{
	struct client *c = RT_CONTAINER_OF(s, struct client, s);

	ck_assert_uint_lt(c->nout, MAX_OUT);
	c->out[c->nout++] = text_of(st, to);
}

static void terminate(struct rt_session *s, const char *condition, const char *text)
{
	struct client *c = RT_CONTAINER_OF(s, struct client, s);

	ck_assert_ptr_null(s->user);
	snprintf(c->ended, sizeof(c->ended), "%s: %s", condition, text);
}

static void peer(struct rt_session *s, char *out, uint16_t *port)
{
	(void)s;
	strcpy(out, "198.51.100.7");
	*port = 4711;
}

static const struct rt_session_ops client_ops = {deliver, terminate, peer};

static void on_nothing(struct rt_shard *s, void *ctx, int err)
{
	(void)s;
	if (ctx != NULL)
		*(int *)ctx = err;
}

static void add_account(const char *node, const char *host)
{
	struct rt_account who = {rt_str_of(node), rt_str_of(host)};
	struct rt_credentials c = {.sha1 = {.iterations = 1}};

	rt_store_account_create(shard, who, &c, on_nothing, NULL);
	settle();
}

UNUSED static bool has_account(const char *node)
{
	struct rt_account who = {rt_str_of(node), RT_STR("localhost")};
	int err = 1;

	rt_store_account_exists(shard, who, on_nothing, &err);
	settle();
	return err == RT_OK;
}

/* An item in the roster of node@localhost. */
UNUSED static void add_contact(const char *node, const char *jid, enum rt_subscription subscription)
{
	struct rt_account who = {rt_str_of(node), RT_STR("localhost")};
	struct rt_roster_row row = {
		.jid = rt_str_of(jid), .groups = RT_STR(""), .subscription = (uint8_t)subscription};

	rt_store_roster_put(shard, who, &row, (struct rt_str){NULL, 0}, on_nothing, NULL);
	settle();
}

/* A session; the account is made if need be. */
UNUSED static struct client *bound_to(const char *node, const char *host, const char *resource)
{
	struct client *c = calloc(1, sizeof(*c));

	add_account(node, host);
	c->s.ops = &client_ops;
	c->next = clients;
	clients = c;
	ck_assert_int_eq(rt_session_open(shard, &c->s, rt_str_of(node),
					 find_host(host, strlen(host)), rt_str_of(resource)),
			 RT_OK);
	return c;
}

UNUSED static struct client *bound(const char *node)
{
	return bound_to(node, "localhost", "r");
}

static void leave(struct client *c, const char *status)
{
	rt_session_close(shard, &c->s, rt_str_of(status));
	settle();
}

/* A stanza as the client writes it. */
static void send_only(struct client *c, const char *xml)
{
	struct rt_stanza *st = rt_xml_parse_stanza(rt_str_of(xml));
	struct rt_jid from = rt_session_jid(&c->s);

	ck_assert_msg(st != NULL, "%s", xml);
	rt_stanza_set_from(st, &from);
	rt_route_from_client(shard, &c->s, st);
}

UNUSED static void client_send(struct client *c, const char *xml)
{
	send_only(c, xml);
	settle();
}

/* From elsewhere, with `from` and `to`. */
UNUSED static void route(const char *xml)
{
	struct rt_stanza *st = rt_xml_parse_stanza(rt_str_of(xml));

	ck_assert_msg(st != NULL, "%s", xml);
	rt_route(shard, st);
	settle();
}

/* The next thing it received, "" for none; valid until the next call. */
UNUSED static const char *next(struct client *c)
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

UNUSED static void forget(struct client *c)
{
	while (c->nout > 0)
		free(c->out[--c->nout]);
}

static bool has_output(void *ctx)
{
	return ((struct client *)ctx)->nout > 0;
}

/* The same once timers or workers have brought it about. */
UNUSED static const char *wait_next(struct client *c)
{
	rt_shard_run_until(shard, has_output, c);
	rt_shard_enter(shard);
	settle();
	return next(c);
}

UNUSED static void become_available(struct client *c)
{
	client_send(c, "<presence/>");
	forget(c);
}

#define expect(c, xml)    ck_assert_str_eq(next(c), (xml))
#define expect_nothing(c) ck_assert_str_eq(next(c), "")
#define expect_has(c, part)                                                                        \
	do {                                                                                       \
		const char *got_ = next(c);                                                        \
		ck_assert_msg(strstr(got_, (part)) != NULL, "%s\nnot in %s", (part), got_);        \
	} while (0)

static void teardown(void)
{
	struct client *c, *after;
	char command[128];

	for (c = clients; c != NULL; c = c->next)
		leave(c, "");
	rt_workers_stop();
	settle();
	rt_router_free(shard);
	rt_directory_free(shard);
	settle();
	for (c = clients; c != NULL; c = after) {
		after = c->next;
		forget(c);
		free(c);
	}
	clients = NULL;
	rt_store_close(&store);
	rt_shard_enter(NULL);
	rt_shards_fini();
	rt_arena_pool_trim(0);
	rt_clock_fake(false, 0, 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

/* ---- running ----------------------------------------------------------------------------------
 */

#define RUN_SUITE(name, ...)                                                                       \
	int main(void)                                                                             \
	{                                                                                          \
		const TTest *const tests[] = {__VA_ARGS__};                                        \
		Suite *s = suite_create(name);                                                     \
		TCase *tc = tcase_create(name);                                                    \
		SRunner *r = srunner_create(s);                                                    \
		int failed;                                                                        \
                                                                                                   \
		tcase_set_timeout(tc, 60);                                                         \
		tcase_add_checked_fixture(tc, setup, teardown);                                    \
		for (size_t i = 0; i < RT_ARRAY_LEN(tests); i++)                                   \
			tcase_add_test(tc, tests[i]);                                              \
		suite_add_tcase(s, tc);                                                            \
		srunner_run_all(r, CK_ENV);                                                        \
		failed = srunner_ntests_failed(r);                                                 \
		srunner_free(r);                                                                   \
		return failed == 0 ? 0 : 1;                                                        \
	}

#endif
