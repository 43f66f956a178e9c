/* xmpp_server.h - one shard with everything below the modules, an image of its own, and clients at
 * the other end of socket pairs: conversations in one process, on one thread, without a port.
 *
 *   struct peer p = connect_peer(&listener_c2s);
 *   say(&p, "<stream:stream ...>");       and the server has read it
 *   hear(&p, "...<stream:features>*");    `*` stands for anything; waits until the whole text is
 * there
 */
#ifndef TESTS_XMPP_SERVER_H
#define TESTS_XMPP_SERVER_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "c2s/c2s.h"
#include "component/component.h"
#include "core/log.h"
#include "core/worker.h"
#include "policy/secret.h"
#include "route/router.h"
#include "rt/hooks.h"
#include "rt/vpi.h"
#include "store/store.h"
#include "stream/password.h"
#include "stream/unauth.h"
#include "xml/xml_reader.h"

#define UNUSED     __attribute__((unused)) /* not every suite needs everything here */
#define ITERATIONS 5u

/* ---- the image ---- */

UNUSED static bool answer_later; /* the registration handler below replies in a later turn */
static struct rt_unauth_iq *asked;

static void feature(struct rt_buf *out, bool authenticated, const void *opts)
{
	(void)opts;
	rt_buf_addz(out, authenticated ? "<late/>" : "<early/>");
}

static const struct rt_iq_row *no_iq(const char *ns, size_t len)
{
	(void)ns;
	(void)len;
	return NULL;
}

static bool registration(struct rt_unauth_iq *u, const void *opts)
{
	(void)opts;
	if (!rt_str_is(u->child->ns, "jabber:iq:register"))
		return false;
	if (answer_later) {
		asked = u;
	} else if (u->is_set) {
		rt_unauth_error(u, RT_SE_CONFLICT, NULL);
	} else {
		rt_stanza_set_type(u->st, RT_TYPE_RESULT);
		rt_unauth_reply(u);
	}
	return true;
}

static const struct rt_hook_row feature_rows[] = {{(void (*)(void))feature, NULL}};
static const struct rt_hook_row unauth_rows[] = {{(void (*)(void))registration, NULL}};

#define HOST_ROW(name_)                                                                            \
	{                                                                                          \
		.name = name_,                                                                     \
		.auth = {.internal = true,                                                         \
			 .scram_iterations = ITERATIONS,                                           \
			 .mechanisms = RT_SASL_PLAIN | RT_SASL_SCRAM},                             \
		.iq_host = no_iq, .iq_account = no_iq,                                             \
		.hooks = {[RT_HOOK_STREAM_FEATURES] = {feature_rows, 1},                           \
			  [RT_HOOK_UNAUTH_IQ] = {unauth_rows, 1}},                                 \
		.at = RT_AT(0, 1, 1),                                                              \
	}

static const struct rt_host_spec hosts[] = {HOST_ROW("localhost"), HOST_ROW("other.example")};

static int find_host(const char *name, size_t len)
{
	for (size_t i = 0; i < RT_ARRAY_LEN(hosts); i++)
		if (strlen(hosts[i].name) == len && memcmp(hosts[i].name, name, len) == 0)
			return (int)i;
	return RT_HOST_NONE;
}

static const struct rt_shaper_spec slow = {.name = "slow", .bytes_per_s = 1000};
static unsigned shaper_calls;

static enum rt_verdict no_blocked(const struct rt_access_ctx *who)
{
	return RT_NODE_IS(who, "blocked") ? RT_DENY : RT_ALLOW;
}

static const struct rt_shaper_spec *shape(const struct rt_access_ctx *who)
{
	shaper_calls++;
	return RT_NODE_IS(who, "slow") ? &slow : NULL;
}

static const struct rt_secret secret = {.kind = RT_SECRET_ENV, .ref = "XMPP_SERVER_TEST_SECRET"};

static rt_feed_fn feed_c2s, feed_c2s_strict, feed_c2s_small, feed_service, feed_service_free;

static const struct rt_listener_spec listener_c2s = {
	.kind = RT_LISTENER_C2S,
	.name = "c2s",
	.feed = feed_c2s,
	.access = no_blocked,
	.access_name = "c2s",
	.shaper_rule = shape,
};
UNUSED static const struct rt_listener_spec listener_c2s_strict = {
	.kind = RT_LISTENER_C2S,
	.name = "c2s strict",
	.feed = feed_c2s_strict,
	.flags = RT_L_STARTTLS | RT_L_STARTTLS_REQUIRED,
};
UNUSED static const struct rt_listener_spec listener_c2s_small = {
	.kind = RT_LISTENER_C2S,
	.name = "c2s small",
	.feed = feed_c2s_small,
	.max_stanza = 300,
};
static const struct rt_listener_spec listener_service = {
	.kind = RT_LISTENER_SERVICE,
	.name = "service",
	.feed = feed_service,
	.access = no_blocked,
	.flags = RT_L_CHECK_FROM,
	.password = &secret,
};
UNUSED static const struct rt_listener_spec listener_service_free = {
	.kind = RT_LISTENER_SERVICE,
	.name = "service free",
	.feed = feed_service_free,
	.password = &secret,
};

static void feed_c2s(struct rt_conn *c, char *data, size_t len)
{
	rt_feed_as(c, data, len, &listener_c2s);
}
static void feed_c2s_strict(struct rt_conn *c, char *data, size_t len)
{
	rt_feed_as(c, data, len, &listener_c2s_strict);
}
static void feed_c2s_small(struct rt_conn *c, char *data, size_t len)
{
	rt_feed_as(c, data, len, &listener_c2s_small);
}
static void feed_service(struct rt_conn *c, char *data, size_t len)
{
	rt_feed_as(c, data, len, &listener_service);
}
static void feed_service_free(struct rt_conn *c, char *data, size_t len)
{
	rt_feed_as(c, data, len, &listener_service_free);
}

const struct rt_gen rt_gen = {
	.abi_major = RT_GEN_ABI_MAJOR,
	.abi_minor = RT_GEN_ABI_MINOR,
	.abi_anchor = &rt_gen_abi_1,
	.gen_size = sizeof(struct rt_gen),
	.listener_size = sizeof(struct rt_listener_spec),
	.host_size = sizeof(struct rt_host_spec),
	.manifest = "{}",
	.hosts = hosts,
	.nhosts = RT_ARRAY_LEN(hosts),
	.host_find = find_host,
	.listeners = &listener_service,
	.nlisteners = 1,
	.language = "en",
};

/* ---- the server ---- */

static char data_dir[64];
static struct rt_msg tick; /* keeps the shard awake, see goes_on_unless() */
static bool ticking;
static struct rt_shard *shard;

struct until {
	bool done;
	int err;
};

static bool is_done(void *ctx)
{
	return ((struct until *)ctx)->done;
}

static void on_created(struct rt_shard *s, void *ctx, int err)
{
	(void)s;
	*(struct until *)ctx = (struct until){true, err};
}

static void create_account(const char *node, const char *host, const char *password)
{
	struct rt_account who = {rt_str_of(node), rt_str_of(host)};
	struct rt_credentials c;
	struct until u = {false, 0};

	ck_assert_int_eq(rt_password_derive(rt_str_of(password), ITERATIONS, &c), RT_OK);
	rt_store_account_create(shard, who, &c, on_created, &u);
	rt_shard_run_until(shard, is_done, &u);
	ck_assert_int_eq(u.err, RT_OK);
}

UNUSED static void start_server(void)
{
	ticking = false;
	rt_log_setup(RT_LOG_ERROR, false, 2);
	setenv("XMPP_SERVER_TEST_SECRET", "secret", 1);
	strcpy(data_dir, "/tmp/test-xmpp-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(data_dir));
	ck_assert_int_eq(rt_secrets_load(&rt_gen, ""), RT_OK);
	ck_assert_int_eq(rt_shards_init(1), RT_OK);
	shard = rt_shards[0];
	ck_assert_int_eq(rt_store_open(&shard->store, data_dir), RT_OK);
	ck_assert_int_eq(rt_xml_pool_new(&shard->xml_pool), RT_OK);
	ck_assert_int_eq(rt_directory_new(shard), RT_OK);
	ck_assert_int_eq(rt_router_new(shard), RT_OK);
	ck_assert_int_eq(rt_conn_table_new(shard), RT_OK);
	ck_assert_int_eq(rt_workers_start(1), RT_OK);
	rt_c2s_setup();
	rt_component_setup();
	create_account("alice", "localhost", "secret");
	create_account("bob", "localhost", "secret");
	create_account("blocked", "localhost", "secret");
	create_account("slow", "localhost", "secret");
}

UNUSED static void stop_server(void)
{
	char command[128];
	bool more;

	rt_shard_enter(shard);
	rt_conn_table_free(shard);
	rt_workers_stop();
	do
		more = rt_store_drain(shard->store);
	while (rt_shards_drain() || more);
	rt_shard_enter(shard);
	rt_router_free(shard);
	rt_directory_free(shard);
	rt_store_close(&shard->store);
	rt_xml_pool_free(&shard->xml_pool);
	rt_shard_enter(NULL);
	rt_shards_fini();
	rt_secrets_unload();
	rt_arena_pool_trim(0);
	snprintf(command, sizeof(command), "rm -rf '%s'", data_dir);
	ck_assert_int_eq(system(command), 0);
}

/* ---- a client ---- */

struct peer {
	int fd, server_fd;
	struct rt_id id;     /* of the server's connection */
	bool closed;         /* the server has ended it */
	size_t n, heard;     /* bytes in text; bytes that hear() has taken */
	char text[1u << 16]; /* NUL-terminated: all that came, stream ids replaced by ID */
	char last_id[17];
};

static struct rt_conn *newest;

static void note_newest(struct rt_conn *c, void *ctx)
{
	(void)ctx;
	if (newest == NULL || c->number > newest->number)
		newest = c;
}

UNUSED static struct peer *connect_peer(const struct rt_listener_spec *l)
{
	struct peer *p = calloc(1, sizeof(*p));
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			 0);
	p->fd = fds[0];
	p->server_fd = fds[1];
	ck_assert_int_eq(
		rt_conn_adopt(shard, l,
			      l->kind == RT_LISTENER_C2S ? &rt_c2s_kind : &rt_component_kind,
			      fds[1]),
		RT_OK);
	newest = NULL;
	rt_conn_each(shard, note_newest, NULL);
	ck_assert_ptr_nonnull(newest);
	p->id = newest->id;
	return p;
}

UNUSED static struct rt_stream *stream_of(const struct peer *p)
{
	struct rt_conn *c = rt_conn_find(shard, p->id);

	return c == NULL ? NULL : rt_stream_of(c);
}

/* Stream ids are random: text to compare has ID instead. */
static void take_text(struct peer *p)
{
	static const char mark[] = " id='";
	char *at = p->text, *end;

	while ((at = strstr(at, mark)) != NULL) {
		at += sizeof(mark) - 1;
		end = strchr(at, '\'');
		if (end == NULL)
			return;
		if (end - at != RT_STREAM_ID || strspn(at, "0123456789ABCDEF") != RT_STREAM_ID)
			continue;
		memcpy(p->last_id, at, RT_STREAM_ID);
		memmove(at + 2, end, p->n - (size_t)(end - p->text) + 1);
		memcpy(at, "ID", 2);
		p->n -= RT_STREAM_ID - 2;
	}
}

UNUSED static void listen_once(struct peer *p)
{
	ssize_t n;

	while (!p->closed) {
		ck_assert_uint_lt(p->n, sizeof(p->text) - 1);
		n = read(p->fd, p->text + p->n, sizeof(p->text) - 1 - p->n);
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			p->closed = true;
			break;
		}
		p->n += (size_t)n;
		p->text[p->n] = '\0';
		take_text(p);
	}
}

/* What does not come within this time does not come at all: the test then says what came instead.
 * ms */
#define PATIENCE_MS 5000u

static struct rt_timer patience;
static bool is_out_of_patience;

static void lose_patience(struct rt_timer *t)
{
	(void)t;
	is_out_of_patience = true;
}

static void run_patiently(bool (*done)(void *ctx), void *ctx)
{
	is_out_of_patience = false;
	rt_timer_init(&patience, lose_patience);
	rt_timer_start(shard->loop, &patience, PATIENCE_MS);
	rt_shard_run_until(shard, done, ctx);
	rt_timer_stop(shard->loop, &patience);
}

/* Output leaves at the end of a turn, after which nothing may ever wake the shard: it must not fall
 * asleep while we listen. */
static void on_tick(struct rt_shard *s, struct rt_msg *msg)
{
	(void)s;
	(void)msg;
	ticking = false;
}

static bool goes_on_unless(bool done)
{
	if (!done && !ticking) {
		ticking = true;
		tick.fn = on_tick;
		rt_shard_post(shard, &tick);
	}
	return done;
}

/* Whether the server has read all there is to read, or does not care any more. */
static bool has_read(void *ctx)
{
	struct peer *p = ctx;
	int waiting = 0;

	listen_once(p);
	return goes_on_unless(is_out_of_patience || p->closed ||
			      ioctl(p->server_fd, FIONREAD, &waiting) != 0 || waiting == 0);
}

UNUSED static void say_bytes(struct peer *p, const char *data, size_t n)
{
	while (n != 0 && !p->closed) {
		ssize_t sent = send(p->fd, data, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN)
			sent = 0;
		if (sent < 0) {
			listen_once(p);
			break;
		}
		data += sent;
		n -= (size_t)sent;
		run_patiently(has_read, p);
	}
}

UNUSED static void say(struct peer *p, const char *text)
{
	say_bytes(p, text, strlen(text));
}

static bool are_turns_over(void *ctx)
{
	return goes_on_unless(--*(int *)ctx < 0);
}

/* That many turns of the loop, whatever happens in them. */
UNUSED static void run_turns(int n)
{
	run_patiently(are_turns_over, &n);
}

struct hearing {
	struct peer *p;
	const char *pattern;
};

/* Patterns have `*` alone; what else fnmatch knows is quoted. */
static bool matches(const char *pattern, const char *text)
{
	static char quoted[1u << 16];
	char *o = quoted;

	for (; *pattern != '\0'; pattern++) {
		if (strchr("?[]\\", *pattern) != NULL)
			*o++ = '\\';
		*o++ = *pattern;
	}
	*o = '\0';
	return fnmatch(quoted, text, 0) == 0;
}

static bool is_heard(void *ctx)
{
	struct hearing *h = ctx;

	listen_once(h->p);
	return goes_on_unless(is_out_of_patience || h->p->closed ||
			      matches(h->pattern, h->p->text + h->p->heard));
}

/* The next text is all of this, and nothing else has come. */
UNUSED static void hear(struct peer *p, const char *pattern)
{
	struct hearing h = {p, pattern};

	run_patiently(is_heard, &h);
	ck_assert_msg(matches(pattern, p->text + p->heard), "\nexpected %s\ngot      %s", pattern,
		      p->text + p->heard);
	p->heard = p->n;
}

static bool is_closed(void *ctx)
{
	listen_once(ctx);
	return goes_on_unless(is_out_of_patience || ((struct peer *)ctx)->closed);
}

UNUSED static void hear_end(struct peer *p, const char *pattern)
{
	run_patiently(is_closed, p);
	hear(p, pattern);
	ck_assert(p->closed);
}

static bool is_gone(void *ctx)
{
	return goes_on_unless(rt_conn_find(shard, ((struct peer *)ctx)->id) == NULL);
}

UNUSED static void hang_up(struct peer **p)
{
	close((*p)->fd);
	rt_shard_run_until(shard, is_gone, *p);
	free(*p);
	*p = NULL;
}

#define HEADER                                                                                     \
	"<?xml version='1.0'?><stream:stream to='localhost' version='1.0' "                        \
	"xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
#define S_HEADER                                                                                   \
	"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "                               \
	"xmlns:stream='http://etherx.jabber.org/streams' id='ID' from='localhost' version='1.0' "  \
	"xml:lang='en'>"
#define S_FEATURES                                                                                 \
	"<stream:features><mechanisms xmlns='" RT_NS_SASL "'>"                                     \
	"<mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism>"                   \
	"<mechanism>PLAIN</mechanism></mechanisms><early/></stream:features>"
#define AUTH(token) "<auth xmlns='" RT_NS_SASL "' mechanism='PLAIN'>" token "</auth>"
#define ALICE       "AGFsaWNlAHNlY3JldA=="
#define S_SUCCESS   "<success xmlns='" RT_NS_SASL "'/>"
#define S_BIND                                                                                     \
	"<stream:features><bind xmlns='" RT_NS_BIND "'/><session xmlns='" RT_NS_SESSION            \
	"'><optional/></session><late/></stream:features>"
#define BIND(resource)                                                                             \
	"<iq type='set' id='b'><bind xmlns='" RT_NS_BIND "'><resource>" resource                   \
	"</resource></bind></iq>"
#define S_BOUND(jid)                                                                               \
	"<iq id='b' type='result'><bind xmlns='" RT_NS_BIND "'><jid>" jid "</jid></bind></iq>"
#define S_ERROR(condition)                                                                         \
	"<stream:error><" condition " xmlns='" RT_NS_STREAM_ERRORS                                 \
	"'/></stream:error></stream:stream>"
#define S_ERROR_TEXT(condition, text)                                                              \
	"<stream:error><" condition " xmlns='" RT_NS_STREAM_ERRORS                                 \
	"'/><text xml:lang='' xmlns='" RT_NS_STREAM_ERRORS "'>" text                               \
	"</text></stream:error></stream:stream>"
#define S_FAILURE(condition) "<failure xmlns='" RT_NS_SASL "'><" condition "/></failure>"

/* Without letting the server read it yet. */
UNUSED static void say_soon(struct peer *p, const char *text)
{
	ck_assert_int_eq(send(p->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

UNUSED static void authenticate(struct peer *p, const char *token)
{
	char auth[256];

	say(p, HEADER);
	hear(p, S_HEADER S_FEATURES);
	sprintf(auth, AUTH("%s"), token);
	say(p, auth);
	hear(p, S_SUCCESS);
	say(p, HEADER);
	hear(p, S_HEADER S_BIND);
}

UNUSED static struct peer *log_in(const char *token, const char *resource)
{
	struct peer *p = connect_peer(&listener_c2s);
	char bind[512];

	authenticate(p, token);
	sprintf(bind, BIND("%s"), resource);
	say(p, bind);
	hear(p, "<iq id='b' type='result'>*</iq>");
	return p;
}

#endif
