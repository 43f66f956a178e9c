/* test_mod_offline.c - which messages are stored, and that each is handed over once, whatever dies.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/loop.h"
#include "module_fixture.h"
#include "modules/mod_offline.h"
#include "net/conn.h"

#define DELAY                                                                                      \
	"<delay xmlns='urn:xmpp:delay' stamp='" STAMP "' from='localhost'>Offline Storage</delay>"
#define FROM_TO "from='alice@localhost/r' to='bob@localhost'"
#define ERROR(type, code, condition)                                                               \
	"<error code='" code "' type='" type "'><" condition " xmlns='" RT_NS_STANZAS "'/>"

/* The next message, past presence. */
static const char *next_message(struct client *c)
{
	const char *got;

	do
		got = next(c);
	while (strncmp(got, "<presence", 9) == 0);
	return got;
}

#define expect_message(c, xml) ck_assert_str_eq(next_message(c), (xml))

static struct client *come(const char *node, const char *resource, int priority)
{
	struct client *c = bound_to(node, "localhost", resource);
	char xml[128];

	snprintf(xml, sizeof(xml), "<presence><priority>%d</priority></presence>", priority);
	client_send(c, xml);
	return c;
}

/* ---- what is stored ---- */

#define BODY       "<body>x</body>"
#define CHATSTATE  "<composing xmlns='http://jabber.org/protocol/chatstates'/>"
#define MSG(attrs) "<message to='bob@localhost' " attrs ">"

static const struct {
	const char *sent, *stored; /* children as delivered; NULL: not stored */
} cases[] = {
	{MSG("type='chat'") BODY "</message>", BODY DELAY},
	{MSG("") BODY "</message>", BODY DELAY},
	{MSG("type='normal'") BODY "</message>", BODY DELAY},
	{MSG("type='foo'") BODY "</message>", BODY DELAY},
	{MSG("type='chat'") "</message>", DELAY},
	{MSG("type='chat'") CHATSTATE "</message>", NULL},
	{MSG("type='chat'") CHATSTATE "<thread>t</thread></message>", NULL},
	{MSG("type='chat'") BODY CHATSTATE "</message>", BODY CHATSTATE DELAY},
	{MSG("type='chat'") "<x xmlns='jabber:x:event'><id>1</id><composing/></x></message>", NULL},
	{MSG("type='chat'") BODY "<no-store xmlns='urn:xmpp:hints'/></message>", NULL},
	{MSG("type='chat'") "<foo xmlns='urn:foo'/></message>", "<foo xmlns='urn:foo'/>" DELAY},
	{MSG("type='chat'") BODY "<delay xmlns='urn:xmpp:delay' stamp='2000-01-01T00:00:00Z'/>"
				 "</message>",
	 BODY DELAY},
	{MSG("type='groupchat'") BODY "</message>", NULL},
	{MSG("type='headline'") BODY "</message>", NULL},
	{MSG("type='error'") BODY "</message>", NULL},
};

START_TEST(test_what_is_worth_keeping_is_kept)
{
	struct client *a = bound("alice"), *b;
	char expected[512], type[64];

	add_account("bob", "localhost");
	for (size_t i = 0; i < RT_ARRAY_LEN(cases); i++) {
		bool answers = cases[i].stored == NULL &&
			       strstr(cases[i].sent, "headline") == NULL &&
			       strstr(cases[i].sent, "'error'") == NULL;

		client_send(a, cases[i].sent);
		ck_assert_msg((a->nout > 0) == answers, "case %zu", i);
		if (answers)
			ck_assert_msg(strstr(next(a), "<service-unavailable ") != NULL, "case %zu",
				      i);
		b = come("bob", "b", 0);
		type[0] = '\0';
		sscanf(cases[i].sent, "<message to='bob@localhost' %63[^>]", type);
		snprintf(expected, sizeof(expected), "<message " FROM_TO "%s%s>%s</message>",
			 type[0] != '\0' ? " " : "", type,
			 cases[i].stored != NULL ? cases[i].stored : "");
		if (cases[i].stored == NULL)
			expected[0] = '\0';
		ck_assert_msg(strcmp(next_message(b), expected) == 0, "case %zu: %s", i, expected);
		leave(b, "");
	}
}
END_TEST

START_TEST(test_messages_of_nobody_are_refused)
{
	struct client *a = bound("alice");

	client_send(a,
		    "<message to='nobody@localhost' id='1' type='chat'><body>x</body></message>");
	expect(a,
	       "<message from='nobody@localhost' to='alice@localhost/r' type='error' id='1'>"
	       "<body>x</body>" ERROR("cancel", "503", "service-unavailable") "</error></message>");
}
END_TEST

START_TEST(test_limit_refuses_with_the_message)
{
	struct client *a = bound("alice");
	struct client *b;

	add_account("bob", "localhost");
	limit = 1;
	client_send(a, "<message to='bob@localhost' type='chat'><body>1</body></message>");
	expect_nothing(a);
	ck_assert_str_eq(asked, "bob@localhost");
	client_send(a, "<message to='bob@localhost/gone' type='chat'><body>2</body></message>");
	expect(a, "<message from='bob@localhost/gone' to='alice@localhost/r' type='error'>"
		  "<body>2</body>" ERROR(
			  "wait", "500",
			  "resource-constraint") "<text xmlns='" RT_NS_STANZAS
						 "'>The recipient's offline message queue is full, "
						 "the message was discarded."
						 "</text></error></message>");
	limit = RT_LIMIT_INFINITY;
	client_send(a, "<message to='bob@localhost/gone' type='chat'><body>3</body></message>");
	expect_nothing(a);
	b = come("bob", "b", 0);
	expect_message(b, "<message " FROM_TO " type='chat'><body>1</body>" DELAY "</message>");
	expect_message(b, "<message from='alice@localhost/r' to='bob@localhost/gone' type='chat'>"
			  "<body>3</body>" DELAY "</message>");
	expect_message(b, "");
}
END_TEST

static void send_expiring(struct client *a, const char *text, const char *seconds)
{
	char xml[256];

	snprintf(xml, sizeof(xml),
		 "<message to='bob@localhost'><body>%s</body><x xmlns='jabber:x:expire' "
		 "seconds='%s'/></message>",
		 text, seconds);
	client_send(a, xml);
	expect_nothing(a);
}

START_TEST(test_messages_expire)
{
	struct client *a = bound("alice"), *b;
	int64_t noon = rt_clock_wall_us();

	add_account("bob", "localhost");
	send_expiring(a, "short", "10");
	send_expiring(a, "long", "11");
	send_expiring(a, "zero", "0");
	send_expiring(a, "bad", "-5");
	send_expiring(a, "huge", "99999999999999999999");
	client_send(a, "<message to='bob@localhost'><body>old</body>"
		       "<delay xmlns='urn:xmpp:delay' stamp='2026-01-31T11:00:00Z'/>"
		       "<x xmlns='jabber:x:expire' seconds='60'/></message>");
	rt_clock_fake(true, 5000000000u, noon + 10 * 1000000);
	b = come("bob", "b", 0);
	ck_assert_ptr_nonnull(strstr(next_message(b), "long"));
	ck_assert_ptr_nonnull(strstr(next_message(b), "zero"));
	ck_assert_ptr_nonnull(strstr(next_message(b), "bad"));
	ck_assert_ptr_nonnull(strstr(next_message(b), "huge"));
	expect_message(b, "");
}
END_TEST

START_TEST(test_sender_is_told_of_storage_when_asked)
{
	struct client *a = bound("alice");

	add_account("bob", "localhost");
	client_send(a, "<message to='bob@localhost' type='chat' id='m7'><body>x</body>"
		       "<x xmlns='jabber:x:event'><offline/></x></message>");
	expect(a, "<message from='bob@localhost' to='alice@localhost/r' type='chat' id='m7'>"
		  "<x xmlns='jabber:x:event'><id>m7</id><offline/></x></message>");
}
END_TEST

/* ---- who gets it ---- */

static void store_numbered(struct client *a, int first, int n)
{
	char xml[128];

	for (int i = first; i < first + n; i++) {
		snprintf(xml, sizeof(xml),
			 "<message to='bob@localhost'><body>m%04d</body></message>", i);
		send_only(a, xml);
	}
	settle();
	expect_nothing(a);
}

static void expect_numbered(struct client *c, int first, int n)
{
	char body[32];

	for (int i = first; i < first + n; i++) {
		const char *got = next_message(c);

		snprintf(body, sizeof(body), "<body>m%04d</body>", i);
		ck_assert_msg(strstr(got, body) != NULL, "%s not in %s", body, got);
	}
}

START_TEST(test_many_messages_arrive_in_order_over_pages)
{
	struct client *a = bound("alice"), *b;

	add_account("bob", "localhost");
	store_numbered(a, 0, RT_OFFLINE_PAGE_ROWS + 100);
	b = come("bob", "b", 0);
	expect_numbered(b, 0, RT_OFFLINE_PAGE_ROWS + 100);
	expect_message(b, "");
	leave(b, "");
	b = come("bob", "b", 0);
	expect_message(b, ""); /* all deleted */
}
END_TEST

START_TEST(test_negative_priority_gets_nothing_until_it_rises)
{
	struct client *a = bound("alice"), *b;

	add_account("bob", "localhost");
	store_numbered(a, 0, 2);
	b = come("bob", "b", -1);
	expect_message(b, "");
	client_send(b, "<presence/>");
	expect_numbered(b, 0, 2);
	client_send(b, "<presence/>");
	expect_message(b, "");
}
END_TEST

START_TEST(test_two_sessions_at_once_get_each_message_once)
{
	struct client *a = bound("alice"), *one, *two;

	add_account("bob", "localhost");
	store_numbered(a, 0, 200);
	one = bound_to("bob", "localhost", "1");
	two = bound_to("bob", "localhost", "2");
	send_only(one, "<presence/>");
	send_only(two, "<presence/>");
	settle();
	expect_numbered(one, 0, 200);
	expect_message(one, "");
	expect_message(two, "");
}
END_TEST

START_TEST(test_next_session_gets_what_the_first_did_not)
{
	struct client *a = bound("alice"), *one, *two;

	add_account("bob", "localhost");
	store_numbered(a, 0, 5);
	one = come("bob", "1", -1);
	two = come("bob", "2", -1);
	send_only(one, "<presence/>");
	send_only(two, "<presence/>");
	/* The roster is there: the store reads for the first already. */
	rt_session_close(shard, &one->s, RT_STR(""));
	settle();
	expect_message(one, "");
	expect_numbered(two, 0, 5);
	expect_message(two, "");
}
END_TEST

START_TEST(test_messages_stay_when_nobody_is_left)
{
	struct client *a = bound("alice"), *b;

	add_account("bob", "localhost");
	store_numbered(a, 0, 3);
	b = come("bob", "r", -1);
	send_only(b, "<presence/>");
	rt_session_close(shard, &b->s, RT_STR(""));
	settle();
	expect_message(b, "");
	b = come("bob", "b", 0);
	expect_numbered(b, 0, 3);
}
END_TEST

/* The store has answered "nothing there" from before the message came. */
START_TEST(test_message_that_comes_while_the_store_is_read_does_not_stay_behind)
{
	struct client *a = bound("alice"), *b;

	add_account("bob", "localhost");
	b = come("bob", "r", -1);
	send_only(b, "<presence/>");
	send_only(b, "<presence type='unavailable'/>");
	send_only(a, "<message to='bob@localhost'><body>x</body></message>");
	send_only(b, "<presence/>");
	settle();
	expect_message(b, "<message " FROM_TO "><body>x</body>" DELAY "</message>");
}
END_TEST

/* ---- over a connection ---- */

/* A session whose client reads from a socket: what it reads slowly waits in the connection. */
struct link {
	struct rt_conn conn;
	struct rt_session s;
	int far; /* the client's end */
};

static struct link *opening;

static int on_open(struct rt_conn *c)
{
	opening = (struct link *)(void *)c;
	return RT_OK;
}

static void on_closed(struct rt_conn *c)
{
	rt_session_close(c->shard, &((struct link *)(void *)c)->s, RT_STR(""));
}

static void feed(struct rt_conn *c, char *data, size_t len)
{
	(void)c;
	(void)data;
	(void)len;
}

static const struct rt_conn_kind kind = {
	.name = "link", .size = sizeof(struct link), .on_open = on_open, .on_closed = on_closed};
static const struct rt_listener_spec listener = {.feed = feed, .max_queue = 20};

static void deliver_link(struct rt_session *s, struct rt_stanza *st, const struct rt_jid *to)
{
	struct link *l = RT_CONTAINER_OF(s, struct link, s);
	struct rt_buf *out = rt_conn_begin_write(&l->conn);

	if (out == NULL)
		return;
	rt_xml_write_stanza(out, st, to, NULL);
	rt_conn_wrote(&l->conn, true);
}

static void terminate_link(struct rt_session *s, const char *condition, const char *text)
{
	(void)condition;
	(void)text;
	rt_conn_close(&RT_CONTAINER_OF(s, struct link, s)->conn, RT_CLOSE_LOCAL);
}

static const struct rt_session_ops link_ops = {deliver_link, terminate_link, peer};

static int open_link(void)
{
	int fds[2], small = 4096;

	if (shard->conns == NULL)
		ck_assert_int_eq(rt_conn_table_new(shard), RT_OK);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	ck_assert_int_eq(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
	ck_assert_int_eq(rt_conn_adopt(shard, &listener, &kind, fds[0]), RT_OK);
	rt_conn_trust(&opening->conn);
	opening->s.ops = &link_ops;
	opening->s.conn = opening->conn.id;
	ck_assert_int_eq(rt_session_open(shard, &opening->s, RT_STR("bob"), 0, RT_STR("link")),
			 RT_OK);
	return fds[1];
}

/* What the client has read. */
static struct {
	int fd;
	char *text;
	size_t n, enough; /* bytes after which it stops reading */
	bool closed;
} far;

static bool read_far(void *ctx)
{
	ssize_t n;

	(void)ctx;
	do {
		far.text = realloc(far.text, far.n + 512);
		n = read(far.fd, far.text + far.n, 511);
		if (n > 0)
			far.n += (size_t)n;
	} while (n > 0 && far.n < far.enough);
	far.closed = n == 0;
	far.text[far.n] = '\0';
	return far.n >= far.enough || far.closed || strstr(far.text, "last one") != NULL;
}

static bool no_connections(void *ctx)
{
	(void)ctx;
	return rt_conn_count(shard) == 0;
}

static void send_presence(void)
{
	struct rt_stanza *st = rt_xml_parse_stanza(RT_STR("<presence/>"));
	struct rt_jid from = rt_session_jid(&opening->s);

	rt_stanza_set_from(st, &from);
	rt_route_from_client(shard, &opening->s, st);
}

#define BIG  2000
#define MANY 120

static void store_big(struct client *a)
{
	char *xml = malloc(BIG + 200), *fill = malloc(BIG + 1);

	memset(fill, 'x', BIG);
	fill[BIG] = '\0';
	for (int i = 0; i < MANY; i++) {
		snprintf(xml, BIG + 200,
			 "<message to='bob@localhost'><body>m%04d%s</body></message>", i, fill);
		send_only(a, xml);
	}
	send_only(a, "<message to='bob@localhost'><body>last one</body></message>");
	settle();
	free(xml);
	free(fill);
}

static void count_whole(const char *text, int counts[MANY])
{
	while ((text = strstr(text, "<body>m")) != NULL) {
		int i = atoi(text + 7);
		const char *end = strstr(text, "</message>");

		ck_assert_int_lt(i, MANY);
		if (end == NULL)
			return; /* cut off */
		counts[i]++;
		text = end;
	}
}

/* The client takes some bytes and vanishes; at its next login it gets the rest. Whatever amount it
 * took, nothing is lost; what had left the server is not sent again. */
START_TEST(test_slow_client_that_dies_loses_nothing)
{
	struct client *a = bound("alice");
	int counts[MANY] = {0}, again = 0, i, before;

	add_account("bob", "localhost");
	store_big(a);
	far.fd = open_link();
	far.enough = 60000;
	send_presence();
	rt_shard_run_until(shard, read_far, NULL);
	ck_assert(!far.closed);
	close(far.fd);
	rt_shard_run_until(shard, no_connections, NULL);
	rt_shard_enter(shard);
	settle();
	count_whole(far.text, counts);
	for (before = 0; before < MANY && counts[before] == 1; before++)
		;
	ck_assert_int_gt(before, 20);
	ck_assert_int_lt(before, MANY - 20);

	far.n = 0;
	far.closed = false;
	far.enough = SIZE_MAX;
	far.fd = open_link();
	send_presence();
	rt_shard_run_until(shard, read_far, NULL);
	rt_shard_enter(shard);
	settle();
	count_whole(far.text, counts);
	for (i = 0; i < MANY; i++) {
		/* What the kernel had taken and the client never read is gone: that takes XEP-0198.
		 */
		again += counts[i] > 1;
		ck_assert_msg(counts[i] > 0 || (i >= before && i < before + 10), "m%04d is lost",
			      i);
	}
	ck_assert_int_eq(again, 0);
	close(far.fd);
	rt_shard_run_until(shard, no_connections, NULL);
	rt_shard_enter(shard);
	settle();
	rt_conn_table_free(shard);
	free(far.text);
}
END_TEST

RUN_SUITE("mod_offline", test_what_is_worth_keeping_is_kept, test_messages_of_nobody_are_refused,
	  test_limit_refuses_with_the_message, test_messages_expire,
	  test_sender_is_told_of_storage_when_asked, test_many_messages_arrive_in_order_over_pages,
	  test_negative_priority_gets_nothing_until_it_rises,
	  test_two_sessions_at_once_get_each_message_once,
	  test_next_session_gets_what_the_first_did_not, test_messages_stay_when_nobody_is_left,
	  test_message_that_comes_while_the_store_is_read_does_not_stay_behind,
	  test_slow_client_that_dies_loses_nothing)
