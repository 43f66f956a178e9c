/* peers.h - a whole server on one thread, without database, workers and TLS, and peers that do what
 * a string of bytes says: the harness of fuzz_stream.c and fault_stream.c.
 *
 * The bytes are what the peers write, one after the other. 0xff begins a command:
 *
 *   0xff '0'..'5'  go on with that peer; it connects if it is not there (to listener number % 4)
 *   0xff 'L'       header, PLAIN, header, bind, presence of one of the accounts
 *   0xff 'J'       header and handshake of a component, with the right digest
 *   0xff '.'       what was written so far arrives
 *   0xff 'X' 'H'   the peer closes; it closes its sending half only
 *   0xff 'N' 'R'   it stops reading; it reads again
 *   0xff 'T' 'P'   its time-out fires; it is told of a shutdown
 *   0xff 'Q' 'A'   the store answers later; at once
 *   0xff 'S' 'F'   the store answers now; its next operation fails
 *
 * Checked all the time: what the server says is well-formed, and a peer without an account stays
 * small; in the end: everybody who has gone is forgotten. Link the image of peers.cfg and
 * fake_store.c.
 */
#ifndef TESTS_PEERS_H
#define TESTS_PEERS_H

#include <errno.h>
#include <expat.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "c2s/c2s.h"
#include "component/component.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/worker.h"
#include "fake_store.h"
#include "policy/secret.h"
#include "route/router.h"
#include "stream/password.h"
#include "xml/xml_parser_impl.h"

#define PEERS      6u
#define SHARDS     2u
#define SECRET     "fuzz"
#define STREAMS    "http://etherx.jabber.org/streams"
#define STRANGER   16384u /* bytes of our own memory for one */
#define MOST_TURNS 400u

#define UNUSED __attribute__((unused)) /* not every program needs everything here */

/* > 0: what runs is the test, not the server. Allocations of the test do not fail. */
static unsigned outside;
/* Turns without progress after which what was said has had its effect. */
static int idle_turns = 3;
/* Where the server's log goes: errors only. */
static int log_fd = STDERR_FILENO;

/* A worker that needs no thread. */
int rt_worker_submit(struct rt_job *job)
{
	job->work(job);
	rt_shard_post(job->home, &job->msg);
	return RT_OK;
}

/* ---- peers ---- */

struct peer {
	int fd; /* -1: not connected */
	uint32_t number;
	bool deaf;
	bool half;             /* a '<' ended the last read */
	char id[RT_STREAM_ID]; /* of the last header heard */
	XML_Parser parser;     /* of what the server says; NULL before its first header */
	uint8_t said[8192];
	size_t nsaid;
};

/* Bytes that each of them has heard in this play. */
static size_t heard_bytes[PEERS];

static struct peer peers[PEERS];
static char heard[1u << 16];

static void on_start(void *user, const XML_Char *name, const XML_Char **atts)
{
	struct peer *p = user;

	for (; strcmp(name, STREAMS "\xff"
				    "stream") == 0 &&
	       *atts != NULL;
	     atts += 2)
		if (strcmp(atts[0], "id") == 0 && strlen(atts[1]) == RT_STREAM_ID)
			memcpy(p->id, atts[1], RT_STREAM_ID);
}

static void new_parser(struct peer *p)
{
	if (p->parser != NULL)
		XML_ParserFree(p->parser);
	p->parser = XML_ParserCreateNS("UTF-8", (XML_Char)'\xff') /* what no namespace holds */;
	RT_ASSERT(p->parser != NULL);
	if (XML_SetReparseDeferralEnabled != NULL) /* what is there is parsed now */
		XML_SetReparseDeferralEnabled(p->parser, XML_FALSE);
	XML_SetUserData(p->parser, p);
	XML_SetStartElementHandler(p->parser, on_start);
}

static void parse(struct peer *p, const char *text, size_t n)
{
	if (n == 0)
		return;
	RT_ASSERT(p->parser != NULL); /* the first thing to say is a header */
	if (XML_Parse(p->parser, text, (int)n, 0) == XML_STATUS_OK)
		return;
	fprintf(stderr, "not well-formed: %s in: %.*s\n",
		XML_ErrorString(XML_GetErrorCode(p->parser)), (int)n, text);
	abort();
}

/* "<?" can be nothing but the declaration of another stream: what clients write comes escaped. */
static void check(struct peer *p, const char *text, size_t n)
{
	const char *end = text + n, *at;

	while ((at = memmem(text, (size_t)(end - text), "<?", 2)) != NULL) {
		parse(p, text, (size_t)(at - text));
		new_parser(p);
		parse(p, at, 2);
		text = at + 2;
	}
	parse(p, text, (size_t)(end - text));
}

static void hear(struct peer *p)
{
	ssize_t n;

	while (p->fd >= 0 && !p->deaf &&
	       (n = recv(p->fd, heard + p->half, sizeof(heard) - 1, 0)) > 0) {
		size_t len = (size_t)n + p->half;

		heard_bytes[p - peers] += (size_t)n;

		if (p->half)
			heard[0] = '<';
		p->half = heard[len - 1] == '<';
		check(p, heard, len - p->half);
	}
}

struct search {
	uint32_t number;
	struct rt_conn *found;
};

static void match_number(struct rt_conn *c, void *ctx)
{
	struct search *s = ctx;

	if (c->number == s->number)
		s->found = c;
}

/* The server's end, wherever it has moved to. */
static struct rt_conn *conn_of(const struct peer *p)
{
	struct search s = {.number = p->number};

	for (uint32_t i = 0; i < SHARDS && s.found == NULL; i++)
		rt_conn_each(rt_shards[i], match_number, &s);
	return p->fd < 0 ? NULL : s.found;
}

static void find_last(struct rt_conn *c, void *ctx)
{
	struct search *s = ctx;

	if (s->found == NULL || c->number > s->found->number)
		s->found = c;
}

static void connect_peer(struct peer *p, uint32_t which)
{
	const struct rt_listener_spec *l = &rt_gen.listeners[which % rt_gen.nlisteners];
	const struct rt_conn_kind *kind =
		l->kind == RT_LISTENER_C2S ? &rt_c2s_kind : &rt_component_kind;
	struct rt_shard *shard = rt_shards[which % SHARDS];
	struct search last = {0};
	int fds[2];

	RT_ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
	rt_shard_enter(shard);
	if (rt_conn_adopt(shard, l, kind, fds[1]) != RT_OK) {
		close(fds[0]);
		return;
	}
	rt_conn_each(shard, find_last, &last);
	*p = (struct peer){.fd = fds[0], .number = last.found->number};
}

static void hang_up(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (p->parser != NULL)
		XML_ParserFree(p->parser);
	*p = (struct peer){.fd = -1};
}

/* ---- the server ---- */

static struct rt_turn_end awake[SHARDS];

static void stay_awake(struct rt_shard *shard, void *ctx)
{
	(void)ctx;
	rt_shard_stay_awake(shard);
}

static void check_stranger(struct rt_conn *c, void *ctx)
{
	const struct rt_stream *s = rt_stream_of(c);
	size_t own = c->kind->size + c->in.cap + c->out.cap + rt_xml_reader_memory(&s->reader);

	(void)ctx;
	if (c->read_max != 0 && c->state == RT_CONN_OPEN && !c->overloaded)
		RT_ASSERT(own <= STRANGER);
}

static void turn(void)
{
	for (uint32_t i = 0; i < SHARDS; i++) {
		rt_shard_enter(rt_shards[i]);
		rt_loop_run_once(rt_shards[i]->loop);
		rt_conn_each(rt_shards[i], check_stranger, NULL);
	}
	outside++;
	for (size_t i = 0; i < PEERS; i++)
		hear(&peers[i]);
	outside--;
}

/* Bytes that the server could read. */
static int under_way(const struct peer *p)
{
	const struct rt_conn *c = conn_of(p);
	int n = 0;

	return c != NULL && ioctl(c->fd, FIONREAD, &n) == 0 ? n : 0;
}

static size_t heard_so_far(void)
{
	size_t n = 0;

	for (size_t i = 0; i < PEERS; i++)
		n += heard_bytes[i];
	return n;
}

/* What was said gets there and has its effect, unless the server does not listen. */
static void arrive(struct peer *p)
{
	outside++;
	if (p->fd >= 0 && p->nsaid != 0)
		(void)!send(p->fd, p->said, p->nsaid, MSG_NOSIGNAL); /* a full socket loses it */
	outside--;
	p->nsaid = 0;
	for (int turns = 0; turns < idle_turns; turns++) {
		int left = under_way(p);
		size_t heard_before = heard_so_far();

		turn();
		if (under_way(p) < left || heard_so_far() != heard_before)
			turns = -1;
	}
}

static void say(struct peer *p, const void *text, size_t n)
{
	if (p->nsaid + n > sizeof(p->said))
		arrive(p);
	if (p->fd < 0 || n > sizeof(p->said))
		return;
	memcpy(p->said + p->nsaid, text, n);
	p->nsaid += n;
}

static void sayz(struct peer *p, const char *text)
{
	say(p, text, strlen(text));
}

#define CLIENT_HEADER                                                                              \
	"<?xml version='1.0'?><stream:stream to='localhost' version='1.0' "                        \
	"xmlns='jabber:client' xmlns:stream='" STREAMS "'>"

static void log_in(struct peer *p, size_t who)
{
	static const char *const tokens[] = {"AGFsaWNlAHM=", "AGJvYgBz", "AGNhcm9sAHM="};
	char text[512];

	snprintf(text, sizeof(text),
		 CLIENT_HEADER "<auth xmlns='" RT_NS_SASL
			       "' mechanism='PLAIN'>%s</auth>" CLIENT_HEADER
			       "<iq type='set' id='b'><bind xmlns='" RT_NS_BIND "'><resource>%zu"
			       "</resource></bind></iq><presence/>",
		 tokens[who % RT_ARRAY_LEN(tokens)], who);
	sayz(p, text);
	arrive(p);
}

static void join(struct peer *p)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[EVP_MAX_MD_SIZE];
	char text[RT_STREAM_ID + sizeof(SECRET)], hex[41] = "";

	sayz(p, "<stream:stream xmlns='" RT_NS_COMPONENT "' xmlns:stream='" STREAMS
		"' to='c.localhost'>");
	arrive(p);
	for (int turns = 0; turns < 8 * idle_turns && p->fd >= 0 && p->id[0] == '\0'; turns++)
		turn();
	memcpy(text, p->id, RT_STREAM_ID);
	memcpy(text + RT_STREAM_ID, SECRET, sizeof(SECRET) - 1);
	outside++;
	RT_ASSERT(EVP_Digest(text, sizeof(text) - 1, digest, NULL, EVP_sha1(), NULL) == 1);
	outside--;
	for (size_t i = 0; i < 20; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	sayz(p, "<handshake>");
	sayz(p, hex);
	sayz(p, "</handshake>");
	arrive(p);
}

static void fire(struct peer *p, bool shutdown)
{
	struct rt_conn *c = conn_of(p);

	if (c == NULL || c->moving)
		return;
	rt_shard_enter(c->shard);
	if (!shutdown) {
		c->kind->on_timeout(c);
		return;
	}
	c->kind->on_shutdown(c);
	rt_conn_close(c, RT_CLOSE_LOCAL);
}

static void add_account(const char *node)
{
	struct rt_credentials c;

	RT_ASSERT(rt_password_derive(RT_STR("s"), 1, &c) == RT_OK);
	rt_shard_enter(rt_shards[0]);
	rt_store_account_create(rt_shards[0],
				(struct rt_account){rt_str_of(node), RT_STR("localhost")}, &c, NULL,
				NULL);
}

static void start(void)
{
	outside++;
	rt_log_setup(RT_LOG_ERROR, false, log_fd);
	setenv("FUZZ_SECRET", SECRET, 1);
	RT_ASSERT(rt_secrets_load(&rt_gen, "") == RT_OK);
	RT_ASSERT(rt_shards_init(SHARDS) == RT_OK);
	for (uint32_t i = 0; i < SHARDS; i++) {
		struct rt_shard *s = rt_shards[i];

		RT_ASSERT(rt_xml_pool_new(&s->xml_pool) == RT_OK);
		RT_ASSERT(rt_directory_new(s) == RT_OK && rt_router_new(s) == RT_OK);
		RT_ASSERT(rt_conn_table_new(s) == RT_OK);
		awake[i] = (struct rt_turn_end){.fn = stay_awake};
		rt_shard_on_turn_end(s, &awake[i]);
	}
	rt_c2s_setup();
	rt_component_setup();
	for (size_t i = 0; i < PEERS; i++)
		peers[i].fd = -1;
	outside--;
}

/* So that the next play finds nothing that this one has left in pools. */
UNUSED static void stop(void)
{
	for (uint32_t i = 0; i < SHARDS; i++) {
		rt_shard_enter(rt_shards[i]);
		rt_conn_table_free(rt_shards[i]);
		rt_router_free(rt_shards[i]);
		rt_directory_free(rt_shards[i]);
		rt_xml_pool_free(&rt_shards[i]->xml_pool);
	}
	rt_shard_enter(NULL);
	rt_shards_fini();
	rt_secrets_unload();
	fake_store_reset(FAKE_STORE_AT_ONCE);
	rt_arena_pool_trim(0);
}

static void forget_nobody(struct rt_user *u, void *ctx)
{
	(void)ctx;
	fprintf(stderr, "still there: %.*s\n", RT_STR_ARG(u->node));
	abort();
}

static bool anybody_left(void)
{
	return rt_conn_count(rt_shards[0]) != 0 || rt_conn_count(rt_shards[1]) != 0;
}

/* Everybody leaves, and nothing of them stays. */
static void finish(void)
{
	unsigned turns = 0;

	for (size_t i = 0; i < PEERS; i++) {
		arrive(&peers[i]);
		hang_up(&peers[i]);
	}
	while ((fake_store_run() || anybody_left()) && turns++ < MOST_TURNS)
		turn();
	RT_ASSERT(!anybody_left());
	for (turns = 0; turns < 4 || fake_store_run(); turns++)
		turn();
	for (uint32_t i = 0; i < SHARDS; i++) {
		rt_directory_each(rt_shards[i], forget_nobody, NULL);
		RT_ASSERT(rt_shards[i]->counters.sessions == 0);
	}
}

static struct peer *obey(struct peer *p, uint8_t command)
{
	if (command >= '0' && command < '0' + PEERS) {
		arrive(p);
		p = &peers[command - '0'];
		if (p->fd < 0)
			connect_peer(p, (uint32_t)(command - '0'));
		return p;
	}
	if (command != 0xff)
		arrive(p);
	switch (command) {
	case 'L':
		log_in(p, (size_t)(p - peers));
		break;
	case 'J':
		join(p);
		break;
	case 'X':
		hang_up(p);
		turn();
		break;
	case 'H':
		if (p->fd >= 0)
			shutdown(p->fd, SHUT_WR);
		turn();
		break;
	case 'N':
	case 'R':
		p->deaf = command == 'N';
		break;
	case 'T':
	case 'P':
		fire(p, command == 'P');
		break;
	case 'Q':
	case 'A':
		fake_store_run();
		fake_store_set_mode(command == 'Q' ? FAKE_STORE_QUEUED : FAKE_STORE_AT_ONCE);
		break;
	case 'S':
		fake_store_run();
		break;
	case 'F':
		fake_store_fail(0, RT_E_FULL);
		break;
	case 0xff:
		say(p, &command, 1);
		break;
	default: /* '.' */
		break;
	}
	return p;
}

/** One life of the server, from the first connection to the last; nothing is left of it. */
static void play(const uint8_t *data, size_t size)
{
	struct peer *p = &peers[0];

	if (rt_shards == NULL)
		start();
	outside++;
	rt_clock_fake(true, 1000000000u, 1769860800000000);
	fake_store_reset(FAKE_STORE_AT_ONCE);
	add_account("alice");
	add_account("bob");
	add_account("carol");
	outside--;
	memset(heard_bytes, 0, sizeof(heard_bytes));
	connect_peer(p, 0);
	for (size_t i = 0; i < size; i++) {
		if (data[i] != 0xff)
			say(p, &data[i], 1);
		else if (++i < size)
			p = obey(p, data[i]);
	}
	finish();
}

#endif
