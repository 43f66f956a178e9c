/* ctl_commands.c - what an administrator can ask for: the table, and commands about accounts. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "app/app.h"
#include "app/ctl.h"
#include "app/ctl_call.h"
#include "app/ctl_report.h"
#include "core/arena.h"
#include "route/account.h"
#include "xml/jid.h"
#include "store/store.h"
#include "stream/password.h"

/* One request on its way through a command. */
struct request {
	const struct rt_gen *gen;
	const struct rt_str *words; /* the command itself is words[0] */
	struct rt_buf *out;
	char *error;
	size_t error_size;
	struct rt_arena arena;
};

static int refuse(struct request *r, int err, const char *text)
{
	snprintf(r->error, r->error_size, "%s", text);
	return err;
}

/* A store or shard error as a sentence about an account. */
static int refuse_account(struct request *r, int err, const struct rt_account *who)
{
	switch (err) {
	case RT_E_EXISTS:
		snprintf(r->error, r->error_size, "%.*s@%.*s exists already", RT_STR_ARG(who->node),
			 RT_STR_ARG(who->host));
		break;
	case RT_E_NOTFOUND:
		snprintf(r->error, r->error_size, "%.*s@%.*s does not exist", RT_STR_ARG(who->node),
			 RT_STR_ARG(who->host));
		break;
	default:
		snprintf(r->error, r->error_size, "%s", rt_error_text(err));
		break;
	}
	return err;
}

static int take_host(struct request *r, struct rt_str text, struct rt_str *host, int *index)
{
	if (rt_jid_prep_domain(&r->arena, text, host) != RT_OK)
		return refuse(r, RT_E_INVALID, "the host is no domain name");
	*index = r->gen->host_find(host->p, host->n);
	if (*index == RT_HOST_NONE) {
		snprintf(r->error, r->error_size, "%.*s is not served here", RT_STR_ARG(*host));
		return RT_E_NOTFOUND;
	}
	return RT_OK;
}

/* USER HOST, the first two arguments of most commands. */
static int take_account(struct request *r, struct rt_account *who, int *host)
{
	int err = take_host(r, r->words[2], &who->host, host);

	if (err != RT_OK)
		return err;
	if (rt_jid_prep_node(&r->arena, r->words[1], &who->node) != RT_OK)
		return refuse(r, RT_E_INVALID, "the user is no valid local part of an address");
	if (!r->gen->hosts[*host].auth.internal)
		return refuse(r, RT_E_DENIED, "this host keeps no accounts (auth_method)");
	return RT_OK;
}

struct write_call {
	struct rt_ctl_call call;
	struct rt_account who;
	struct rt_credentials keys;
};

static void create_on_shard(struct rt_shard *shard, struct rt_ctl_call *call)
{
	struct write_call *w = RT_CONTAINER_OF(call, struct write_call, call);

	rt_store_account_create(shard, w->who, &w->keys, rt_ctl_call_stored, call);
}

static void update_on_shard(struct rt_shard *shard, struct rt_ctl_call *call)
{
	struct write_call *w = RT_CONTAINER_OF(call, struct write_call, call);

	rt_store_account_update(shard, w->who, &w->keys, rt_ctl_call_stored, call);
}

/* register and change_password: USER HOST PASSWORD. */
static int set_password(struct request *r,
			void (*fn)(struct rt_shard *shard, struct rt_ctl_call *call))
{
	struct write_call w;
	int host, err;

	err = take_account(r, &w.who, &host);
	if (err != RT_OK)
		return err;
	err = rt_password_derive(r->words[3], r->gen->hosts[host].auth.scram_iterations, &w.keys);
	if (err == RT_E_INVALID)
		return refuse(
			r, err,
			"the password is empty, too long, or has characters that SASLprep forbids");
	if (err == RT_OK)
		err = rt_ctl_call(rt_shard_home(w.who.node, w.who.host), &w.call, fn);
	explicit_bzero(&w.keys, sizeof(w.keys));
	return err == RT_OK ? err : refuse_account(r, err, &w.who);
}

static int do_register(struct request *r)
{
	return set_password(r, create_on_shard);
}

static int do_change_password(struct request *r)
{
	return set_password(r, update_on_shard);
}

static int do_unregister(struct request *r)
{
	struct rt_ctl_call call;
	struct rt_account who;
	int host, err;

	err = take_account(r, &who, &host);
	if (err != RT_OK)
		return err;
	rt_ctl_call_init(&call);
	err = rt_account_remove(host, who.node, rt_ctl_call_stored, &call);
	if (err != RT_OK)
		rt_ctl_call_done(&call, err);
	err = rt_ctl_call_wait(&call);
	return err == RT_OK ? err : refuse_account(r, err, &who);
}

static int do_users(struct request *r)
{
	struct rt_str host;
	int index, err;

	err = take_host(r, r->words[1], &host, &index);
	if (err != RT_OK)
		return err;
	err = rt_ctl_report_users(host, r->out);
	return err == RT_OK ? err : refuse(r, err, rt_error_text(err));
}

static int do_sessions(struct request *r)
{
	rt_ctl_report_sessions(r->out);
	return RT_OK;
}

static int do_kick(struct request *r)
{
	struct rt_jid jid;
	int host, err;

	if (rt_jid_parse(&r->arena, r->words[1], &jid) != RT_OK || jid.node.n == 0 ||
	    jid.resource.n == 0)
		return refuse(r, RT_E_INVALID, "kick takes a full address: user@host/resource");
	host = r->gen->host_find(jid.domain.p, jid.domain.n);
	err = host == RT_HOST_NONE ? RT_E_NOTFOUND : rt_ctl_kick(&jid, host);
	return err == RT_OK ? err : refuse(r, err, "there is no such session");
}

static int do_stats(struct request *r)
{
	rt_ctl_report_stats(r->gen, r->out);
	return RT_OK;
}

/* The main thread waits for signals anyway. */
static int do_stop(struct request *r)
{
	return kill(getpid(), SIGTERM) == 0 ? RT_OK
					    : refuse(r, RT_E_IO, "cannot signal the server");
}

static int do_reload(struct request *r)
{
	return rt_app_reload(r->gen) == RT_OK
		       ? RT_OK
		       : refuse(r, RT_E_INVALID,
				"certificates not reloaded, the old ones stay in use; see the log");
}

struct command {
	const char *name;
	int nargs;
	int (*fn)(struct request *r);
	const char *usage, *help;
};

static const struct command commands[] = {
	{"register", 3, do_register, "register USER HOST PASSWORD",
	 "create an account (PASSWORD -: read a line)"},
	{"unregister", 2, do_unregister, "unregister USER HOST",
	 "remove an account and all that is kept about it"},
	{"change_password", 3, do_change_password, "change_password USER HOST PASSWORD",
	 "give an account another one"},
	{"users", 1, do_users, "users HOST", "list accounts, one a line"},
	{"sessions", 0, do_sessions, "sessions", "list sessions: address, peer, priority"},
	{"kick", 1, do_kick, "kick JID", "end the session user@host/resource"},
	{"stats", 0, do_stats, "stats", "counters and listeners, as JSON"},
	{"status", 0, do_stats, "status", "the same"},
	{"reload", 0, do_reload, "reload", "read certificates anew"},
	{"stop", 0, do_stop, "stop", "end the server, as SIGTERM does"},
};

static const struct command *find_command(struct rt_str name)
{
	size_t i;

	for (i = 0; i < RT_ARRAY_LEN(commands); i++)
		if (rt_str_eq(rt_str_of(commands[i].name), name))
			return &commands[i];
	return NULL;
}

const char *rt_ctl_check_usage(const struct rt_str *words, int nwords)
{
	static _Thread_local char text[128];
	const struct command *c = find_command(words[0]);

	if (c == NULL)
		snprintf(text, sizeof(text), "unknown command \"%.*s\"; xmppd ctl help lists them",
			 RT_STR_ARG(words[0]));
	else if (c->nargs != nwords - 1)
		snprintf(text, sizeof(text), "usage: xmppd ctl %s", c->usage);
	else
		return NULL;
	return text;
}

void rt_ctl_help(struct rt_buf *out)
{
	char line[160];
	size_t i;

	rt_buf_addz(out, "usage: xmppd ctl [--data DIR] COMMAND [ARGUMENT...]\n\n");
	for (i = 0; i < RT_ARRAY_LEN(commands); i++) {
		snprintf(line, sizeof(line), "  %-36s %s\n", commands[i].usage, commands[i].help);
		rt_buf_addz(out, line);
	}
}

int rt_ctl_run(const struct rt_gen *gen, const struct rt_str *words, int nwords, struct rt_buf *out,
	       char *error, size_t size)
{
	struct request r = {
		.gen = gen, .words = words, .out = out, .error = error, .error_size = size};
	const char *wrong = rt_ctl_check_usage(words, nwords);
	int err;

	if (wrong != NULL)
		return refuse(&r, RT_E_INVALID, wrong);
	err = find_command(words[0])->fn(&r);
	rt_arena_fini(&r.arena);
	return err;
}
