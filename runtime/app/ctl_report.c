/* ctl_report.c - asking every shard, one after the other, on its own thread. */
#include "app/ctl_report.h"

#include <inttypes.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "app/app.h"
#include "app/ctl_call.h"
#include "core/clock.h"
#include "net/conn.h"
#include "net/listener.h"
#include "route/session.h"
#include "store/store.h"

struct report_call {
	struct rt_ctl_call call;
	struct rt_buf *out;
	struct rt_str host;
	const struct rt_jid *jid;
	int host_index;
	struct rt_counters counters;
	uint64_t conns, backlog;
};

__attribute__((format(printf, 2, 3))) static void addf(struct rt_buf *out, const char *format, ...)
{
	char text[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n > 0)
		rt_buf_add(out, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* ---- users ---- */

static void on_names(struct rt_shard *shard, void *ctx, int err, const struct rt_str *names,
		     size_t n)
{
	struct report_call *c = ctx;
	size_t i;

	(void)shard;
	for (i = 0; err == RT_OK && i < n; i++) {
		rt_buf_adds(c->out, names[i]);
		rt_buf_addz(c->out, "\n");
	}
	rt_ctl_call_done(&c->call, err);
}

static void list_on_shard(struct rt_shard *shard, struct rt_ctl_call *call)
{
	struct report_call *c = RT_CONTAINER_OF(call, struct report_call, call);

	rt_store_account_list(shard, c->host, on_names, c);
}

int rt_ctl_report_users(struct rt_str host, struct rt_buf *out)
{
	struct report_call c = {.out = out, .host = host};

	return rt_ctl_call(rt_shards[0], &c.call, list_on_shard);
}

/* ---- sessions ---- */

static void add_session(struct rt_buf *out, struct rt_session *s)
{
	char jid_text[RT_JID_MAX + 1], peer[INET6_ADDRSTRLEN] = "";
	struct rt_jid jid = rt_session_jid(s);
	uint16_t port = 0;

	rt_buf_add(out, jid_text, rt_jid_format(&jid, jid_text));
	if (s->ops->peer != NULL)
		s->ops->peer(s, peer, &port);
	addf(out, "\t%s %u\t", peer, port);
	if (s->available)
		addf(out, "%d\n", s->priority);
	else
		rt_buf_addz(out, "-\n");
}

static void add_user(struct rt_user *u, void *ctx)
{
	struct rt_session *s;

	for (s = u->sessions; s != NULL; s = s->next)
		add_session(ctx, s);
}

static void sessions_on_shard(struct rt_shard *shard, struct rt_ctl_call *call)
{
	struct report_call *c = RT_CONTAINER_OF(call, struct report_call, call);

	rt_directory_each(shard, add_user, c->out);
	rt_ctl_call_done(call, RT_OK);
}

void rt_ctl_report_sessions(struct rt_buf *out)
{
	uint32_t i;

	for (i = 0; i < rt_nshards; i++) {
		struct report_call c = {.out = out};

		(void)rt_ctl_call(rt_shards[i], &c.call, sessions_on_shard);
	}
}

static void kick_on_shard(struct rt_shard *shard, struct rt_ctl_call *call)
{
	struct report_call *c = RT_CONTAINER_OF(call, struct report_call, call);
	struct rt_session *s = rt_session_find(shard, c->jid, c->host_index);

	if (s != NULL) {
		rt_session_close(shard, s, RT_STR("Kicked by administrator"));
		s->ops->terminate(s, "policy-violation", "Kicked by administrator");
	}
	rt_ctl_call_done(call, s != NULL ? RT_OK : RT_E_NOTFOUND);
}

int rt_ctl_kick(const struct rt_jid *full, int host)
{
	struct report_call c = {.jid = full, .host_index = host};

	return rt_ctl_call(rt_shard_home(full->node, full->domain), &c.call, kick_on_shard);
}

/* ---- stats ---- */

static void count_on_shard(struct rt_shard *shard, struct rt_ctl_call *call)
{
	struct report_call *c = RT_CONTAINER_OF(call, struct report_call, call);

	c->counters = shard->counters;
	c->conns = rt_conn_count(shard);
	c->backlog = rt_shard_backlog(shard);
	rt_ctl_call_done(call, RT_OK);
}

static void add_json_string(struct rt_buf *out, const char *text)
{
	rt_buf_addz(out, "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			rt_buf_addz(out, "\\");
		if ((unsigned char)*text < 0x20)
			addf(out, "\\u%04x", (unsigned)*text);
		else
			rt_buf_add(out, text, 1);
	}
	rt_buf_addz(out, "\"");
}

static void add_listeners(struct rt_buf *out, const struct rt_gen *gen)
{
	size_t i;

	rt_buf_addz(out, "\"listeners\":[");
	for (i = 0; i < gen->nlisteners; i++) {
		rt_buf_addz(out, i > 0 ? ",{\"name\":" : "{\"name\":");
		add_json_string(out, gen->listeners[i].name);
		addf(out, ",\"port\":%u}", rt_listener_port(i));
	}
	rt_buf_addz(out, "]");
}

static void add_hosts(struct rt_buf *out, const struct rt_gen *gen)
{
	size_t i;

	rt_buf_addz(out, "\"hosts\":[");
	for (i = 0; i < gen->nhosts; i++) {
		if (i > 0)
			rt_buf_addz(out, ",");
		add_json_string(out, gen->hosts[i].name);
	}
	rt_buf_addz(out, "]");
}

void rt_ctl_report_stats(const struct rt_gen *gen, struct rt_buf *out)
{
	struct mallinfo2 heap = mallinfo2(); /* over all of malloc's arenas */
	struct rt_counters sum = {0};
	uint64_t conns = 0, backlog = 0;
	uint32_t i;

	for (i = 0; i < rt_nshards; i++) {
		struct report_call c = {.out = out};

		(void)rt_ctl_call(rt_shards[i], &c.call, count_on_shard);
		conns += c.conns;
		backlog += c.backlog;
#define ADD(field) sum.field += c.counters.field
		ADD(conns_accepted);
		ADD(conns_closed);
		ADD(stanzas_in);
		ADD(stanzas_out);
		ADD(bytes_in);
		ADD(bytes_out);
		ADD(logins);
		ADD(login_failures);
		ADD(messages_routed);
		ADD(sessions);
#undef ADD
	}
	rt_buf_addz(out, "{\"config\":");
	add_json_string(out, gen->config_id);
	rt_buf_addz(out, ",\"cfgc\":");
	add_json_string(out, gen->cfgc_version);
	addf(out, ",\"pid\":%d,\"uptime_s\":%" PRIu64 ",\"shards\":%u,", (int)getpid(),
	     (rt_clock_ms() - rt_app_started_ms) / 1000u, rt_nshards);
	add_hosts(out, gen);
	rt_buf_addz(out, ",");
	add_listeners(out, gen);
	addf(out, ",\"connections\":%" PRIu64 ",\"sessions\":%" PRIu64 ",\"backlog\":%" PRIu64,
	     conns, sum.sessions, backlog);
	addf(out, ",\"heap_bytes\":%zu", heap.uordblks + heap.hblkhd);
	addf(out, ",\"conns_accepted\":%" PRIu64 ",\"conns_closed\":%" PRIu64, sum.conns_accepted,
	     sum.conns_closed);
	addf(out, ",\"logins\":%" PRIu64 ",\"login_failures\":%" PRIu64, sum.logins,
	     sum.login_failures);
	addf(out, ",\"stanzas_in\":%" PRIu64 ",\"stanzas_out\":%" PRIu64, sum.stanzas_in,
	     sum.stanzas_out);
	addf(out, ",\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64, sum.bytes_in, sum.bytes_out);
	addf(out, ",\"messages_routed\":%" PRIu64 "}\n", sum.messages_routed);
}
