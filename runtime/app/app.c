/* app.c - the order in which a server starts and stops. */
#include "app/app.h"

#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "app/abi.h"
#include "app/ctl.h"
#include "app/options.h"
#include "app/process.h"
#include "c2s/c2s.h"
#include "component/component.h"
#include "core/arena.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/log_queue.h"
#include "core/shard.h"
#include "core/worker.h"
#include "net/conn.h"
#include "net/listener.h"
#include "net/tls.h"
#include "policy/secret.h"
#include "route/router.h"
#include "route/session.h"
#include "store/store.h"
#include "xml/xml_reader.h"

/* How long connections have for their goodbyes, and then to be gone. ms */
#define GOODBYE_MS  7000u
#define ABORT_MS    2000u
#define POLL_MS     10
#define WORKERS_MIN 2u
#define WORKERS_MAX 8u

uint64_t rt_app_started_ms;

struct app {
	const struct rt_gen *gen;
	struct rt_app_options options;
	struct rt_store *store;
	struct rt_ctl *ctl;
	int signals;
	bool initialised; /* gen->init has run */
};

/* Said at every log level: the milestones of a life. */
static void announce(const char *area, const char *event, const struct rt_kv *kv, size_t n)
{
	rt_log_write(RT_LOG_INFO, NULL, area, event, kv, n);
}

int rt_app_reload(const struct rt_gen *gen)
{
	int err = rt_tls_load(gen);

	announce("tls", err == RT_OK ? "reloaded" : "reload-failed", NULL, 0);
	return err;
}

/* A message to every shard that nobody waits for. */
struct order {
	struct rt_msg msg;
	void (*fn)(struct rt_shard *shard);
};

static void carry_out(struct rt_shard *shard, struct rt_msg *msg)
{
	struct order *o = RT_CONTAINER_OF(msg, struct order, msg);

	o->fn(shard);
	free(o);
}

static void order_all(void (*fn)(struct rt_shard *shard))
{
	uint32_t i;

	for (i = 0; i < rt_nshards; i++) {
		struct order *o = calloc(1, sizeof(*o));

		if (o == NULL)
			continue;
		o->msg.fn = carry_out;
		o->fn = fn;
		rt_shard_post(rt_shards[i], &o->msg);
	}
}

/* ---- start ---- */

/* What a start needs that leaves no trace: also what --check does. */
static int prepare(struct app *app)
{
	char error[256] = "", path[PATH_MAX];
	const char *secrets = app->options.secrets;

	if (rt_abi_check(app->gen, error, sizeof(error)) != RT_OK) {
		RT_LOG(ERROR, NULL, "app", "wrong-image", KV_Z("problem", error));
		return RT_E_INVALID;
	}
	if (app->gen->init != NULL && !app->gen->init(error, sizeof(error))) {
		RT_LOG(ERROR, NULL, "app", "bad-pattern", KV_Z("problem", error));
		return RT_E_INVALID;
	}
	app->initialised = true;
	if (secrets == NULL)
		secrets = rt_process_secrets_path(path);
	if (secrets == NULL || rt_secrets_load(app->gen, secrets) != RT_OK)
		return RT_E_INVALID;
	return rt_tls_load(app->gen);
}

static int furnish(struct rt_shard *shard, struct rt_store *store)
{
	int err = rt_conn_table_new(shard);

	shard->store = store;
	if (err == RT_OK)
		err = rt_xml_pool_new(&shard->xml_pool);
	if (err == RT_OK)
		err = rt_directory_new(shard);
	if (err == RT_OK)
		err = rt_router_new(shard);
	return err;
}

/*
 * A kind of connection is in the binary when the image has a listener of that kind: server.c names
 * its feed function, and the linker brings the rest. These references bring nothing by themselves.
 */
#pragma weak rt_c2s_kind
#pragma weak rt_c2s_setup
#pragma weak rt_component_kind
#pragma weak rt_component_setup

static void register_kinds(void)
{
	if (rt_c2s_setup != NULL) {
		rt_listener_register(RT_LISTENER_C2S, &rt_c2s_kind);
		rt_c2s_setup();
	}
	if (rt_component_setup != NULL) {
		rt_listener_register(RT_LISTENER_SERVICE, &rt_component_kind);
		rt_component_setup();
	}
}

static int start_shards(struct app *app)
{
	unsigned n = app->options.shards != 0 ? app->options.shards : rt_process_cpus();
	uint32_t i;
	int err = rt_shards_init(n);

	for (i = 0; err == RT_OK && i < rt_nshards; i++)
		err = furnish(rt_shards[i], app->store);
	if (err != RT_OK) {
		RT_LOG(ERROR, NULL, "app", "start-failed", KV_Z("problem", rt_error_text(err)));
		return err;
	}
	register_kinds();
	err = rt_listeners_open(app->gen);
	if (err != RT_OK)
		return err;
	n = n < WORKERS_MIN ? WORKERS_MIN : n > WORKERS_MAX ? WORKERS_MAX : n;
	err = rt_workers_start(n);
	if (err == RT_OK)
		err = rt_shards_start();
	if (err != RT_OK) {
		RT_LOG(ERROR, NULL, "app", "start-failed", KV_Z("problem", "cannot start threads"));
		return err;
	}
	order_all(rt_listeners_start);
	return RT_OK;
}

static int start(struct app *app)
{
	int err;

	rt_app_started_ms = rt_clock_ms();
	rt_process_harden();
	app->signals = rt_process_signals();
	if (app->signals < 0)
		return RT_E_IO;
	err = prepare(app);
	if (err == RT_OK)
		err = rt_store_open(&app->store, app->options.data);
	if (err == RT_OK)
		err = start_shards(app);
	if (err == RT_OK)
		err = rt_ctl_start(&app->ctl, app->gen, app->options.data);
	return err;
}

static void say_ready(const struct app *app)
{
	const struct rt_kv kv[] = {
		KV_INT("pid", getpid()),
		KV_INT("shards", rt_nshards),
		KV_INT("listeners", app->gen->nlisteners),
		KV_Z("data", app->options.data),
		KV_Z("config", app->gen->config_id),
	};

	announce("app", "ready", kv, RT_ARRAY_LEN(kv));
	rt_process_notify("READY=1");
}

/* ---- stop ---- */

static uint32_t count_conns(void)
{
	uint32_t i, n = 0;

	for (i = 0; i < rt_nshards; i++)
		n += rt_conn_count(rt_shards[i]);
	return n;
}

/* Until all connections are gone, the time is over, or the operator asks again. */
static void wait_for_conns(const struct app *app, uint64_t ms)
{
	uint64_t end = rt_clock_ms() + ms;
	int signal;

	while (count_conns() > 0 && rt_clock_ms() < end) {
		signal = rt_process_wait(app->signals, POLL_MS);
		if (signal == SIGTERM || signal == SIGINT)
			return;
	}
}

static void stop_listening(struct rt_shard *shard)
{
	rt_listeners_stop(shard);
	rt_conn_shutdown_all(shard);
}

/* Messages lead to writes and writes to messages: until neither is left. */
static void settle(struct app *app)
{
	bool any;

	do {
		any = rt_shards_drain();
		any = (app->store != NULL && rt_store_drain(app->store)) || any;
	} while (any);
}

/* Connections that are still there (a second signal, or a move caught between shards) end here, and
 * with them sessions. */
static void clear_shards(struct app *app)
{
	uint32_t i;

	settle(app);
	for (i = 0; i < rt_nshards; i++) {
		rt_shard_enter(rt_shards[i]);
		rt_conn_table_free(rt_shards[i]);
	}
	rt_shard_enter(NULL);
	settle(app);
	for (i = 0; i < rt_nshards; i++) {
		rt_shard_enter(rt_shards[i]);
		if (rt_shards[i]->router != NULL)
			rt_router_free(rt_shards[i]);
		if (rt_shards[i]->directory != NULL)
			rt_directory_free(rt_shards[i]);
		rt_xml_pool_free(&rt_shards[i]->xml_pool);
	}
	rt_shard_enter(NULL);
}

/* Copes with every state that start() can leave behind. */
static void stop(struct app *app)
{
	rt_ctl_stop(&app->ctl); /* first: its commands wait for shards */
	if (rt_nshards > 0) {
		order_all(stop_listening);
		wait_for_conns(app, GOODBYE_MS);
		order_all(rt_conn_abort_all);
		wait_for_conns(app, ABORT_MS);
		rt_workers_stop();
		rt_shards_stop();
		clear_shards(app);
	}
	rt_store_close(&app->store);
	rt_listeners_close();
	rt_shards_fini();
	rt_tls_unload();
	rt_secrets_unload();
	if (app->initialised && app->gen->fini != NULL)
		app->gen->fini();
	if (app->signals >= 0)
		close(app->signals);
	rt_arena_pool_trim(0);
}

static void run(struct app *app)
{
	int signal;

	for (;;) {
		signal = rt_process_wait(app->signals, -1);
		if (signal == SIGHUP) {
			rt_process_notify("STATUS=reloading certificates");
			(void)!rt_app_reload(app->gen);
			rt_process_notify("STATUS=");
		} else if (signal == SIGTERM || signal == SIGINT) {
			const struct rt_kv kv[] = {
				KV_Z("signal", signal == SIGTERM ? "TERM" : "INT")};

			announce("app", "stopping", kv, RT_ARRAY_LEN(kv));
			rt_process_notify("STOPPING=1");
			return;
		}
	}
}

static int serve(struct app *app)
{
	enum rt_log_level level = app->options.level;
	int err;

	/* Whatever keeps a server from starting is said at every log level. */
	rt_log_setup(level > RT_LOG_ERROR ? level : RT_LOG_ERROR, app->options.json, STDERR_FILENO);
	err = start(app);
	if (err == RT_OK)
		err = rt_log_queue_start(STDERR_FILENO);
	if (err == RT_OK) {
		rt_log_set_level(level);
		say_ready(app);
		run(app);
	}
	stop(app);
	if (err == RT_OK)
		announce("app", "stopped", NULL, 0);
	else
		announce("app", "not-started", NULL, 0);
	rt_log_queue_stop();
	return err == RT_OK ? 0 : 1;
}

static int check(struct app *app)
{
	int err;

	rt_log_setup(RT_LOG_WARN, app->options.json, STDERR_FILENO);
	err = prepare(app);
	stop(app);
	if (err == RT_OK)
		puts("ok");
	return err == RT_OK ? 0 : 1;
}

static void print_version(const struct rt_gen *gen)
{
	printf("xmppd, compiled by cfgc %s\nruntime ABI %d.%d\nconfiguration %s\n%s\n",
	       gen->cfgc_version, RT_GEN_ABI_MAJOR, RT_GEN_ABI_MINOR, gen->config_id,
	       OpenSSL_version(OPENSSL_VERSION));
}

int rt_app_main(const struct rt_gen *gen, int argc, char **argv)
{
	struct app app = {.gen = gen, .signals = -1};

	rt_app_options_parse(&app.options, gen, argc, argv);
	switch (app.options.mode) {
	case RT_APP_RUN:
		return serve(&app);
	case RT_APP_CHECK:
		return check(&app);
	case RT_APP_CTL:
		return rt_ctl_main(app.options.data, app.options.words, app.options.nwords);
	case RT_APP_MANIFEST:
		fputs(gen->manifest, stdout);
		return 0;
	case RT_APP_VERSION:
		print_version(gen);
		return 0;
	case RT_APP_HELP:
		fputs(rt_app_help, stdout);
		return 0;
	default:
		fprintf(stderr, "xmppd: %s (xmppd --help)\n", app.options.error);
		return 2;
	}
}
