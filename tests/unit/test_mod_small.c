/* test_mod_small.c - time, version, commands, address check, ping, last activity, private storage.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "core/loop.h"
#include "module_fixture.h"
#include "net/conn.h"

#define ALICE "from='localhost' to='alice@localhost/r'"
#define OWN   "from='alice@localhost' to='alice@localhost/r'"
#define ERROR(code, type, condition)                                                               \
	"<error code='" code "' type='" type "'><" condition " xmlns='" RT_NS_STANZAS              \
	"'/></error></iq>"

struct exchange {
	const char *request, *reply;
};

/* Each in turn, from alice@localhost/r. */
static void run(struct client *c, const struct exchange *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		client_send(c, e[i].request);
		ck_assert_str_eq(next(c), e[i].reply);
	}
}

#define IQ(kind, to, child) "<iq type='" kind "' " to "id='1'>" child "</iq>"
#define HOST                "to='localhost' "
#define BOB                 "to='bob@localhost' "

START_TEST(test_time_is_utc_and_local_offset)
{
	struct client *c = bound("alice");
	static const struct exchange e[] = {
		{IQ("get", HOST, "<time xmlns='urn:xmpp:time'/>"),
		 "<iq " ALICE " id='1' type='result'><time xmlns='urn:xmpp:time'><tzo>+05:45</tzo>"
		 "<utc>2026-01-31T12:00:00Z</utc></time></iq>"},
		{IQ("set", HOST, "<time xmlns='urn:xmpp:time'/>"),
		 "<iq " ALICE " id='1' type='error'><time xmlns='urn:xmpp:time'/>" ERROR(
			 "405", "cancel", "not-allowed")},
	};

	setenv("TZ", "NPT-5:45", 1);
	tzset();
	run(c, e, RT_ARRAY_LEN(e));
	setenv("TZ", "NST+3:30", 1);
	tzset();
	client_send(c, e[0].request);
	expect_has(c, "<tzo>-03:30</tzo>");
}
END_TEST

START_TEST(test_version_names_this_server)
{
	struct client *c = bound("alice");
	static const struct exchange e[] = {
		{IQ("get", HOST, "<query xmlns='jabber:iq:version'/>"),
		 "<iq " ALICE " id='1' type='result'><query xmlns='jabber:iq:version'>"
		 "<name>cfgc</name><version>9.9</version></query></iq>"},
		{IQ("set", HOST, "<query xmlns='jabber:iq:version'/>"),
		 "<iq " ALICE " id='1' type='error'><query xmlns='jabber:iq:version'/>" ERROR(
			 "405", "cancel", "not-allowed")},
	};

	run(c, e, RT_ARRAY_LEN(e));
	opts_mod_version.os_info = true;
	client_send(c, e[0].request);
	expect_has(c, "</version><os>Linux ");
	opts_mod_version.os_info = false;
}
END_TEST

#define COMMAND(attrs) "<command xmlns='http://jabber.org/protocol/commands'" attrs "/>"

START_TEST(test_commands_are_ping_and_no_other)
{
	struct client *c = bound("alice");
	static const struct exchange e[] = {
		{IQ("set", HOST, COMMAND(" node='ping'")),
		 "<iq " ALICE " id='1' type='result'><command xmlns='http://jabber.org/protocol/"
		 "commands' sessionid='" STAMP "' node='ping' status='completed'>"
		 "<note type='info'>Pong</note></command></iq>"},
		{IQ("set", HOST, COMMAND(" node='ping' action='cancel'")),
		 "<iq " ALICE " id='1' type='error'>" COMMAND(" node='ping' action='cancel'")
			 ERROR("400", "modify", "bad-request")},
		{IQ("set", HOST, COMMAND(" node='nope'")),
		 "<iq " ALICE " id='1' type='error'>" COMMAND(" node='nope'")
			 ERROR("404", "cancel", "item-not-found")},
		{IQ("set", HOST, COMMAND("")), "<iq " ALICE " id='1' type='error'>" COMMAND("")
						       ERROR("404", "cancel", "item-not-found")},
		{IQ("get", HOST, COMMAND(" node='ping'")),
		 "<iq " ALICE " id='1' type='error'>" COMMAND(" node='ping'")
			 ERROR("400", "modify", "bad-request")},
		{IQ("set", "", COMMAND(" node='ping'")),
		 "<iq " OWN " id='1' type='error'>" COMMAND(" node='ping'")
			 ERROR("404", "cancel", "item-not-found")},
	};

	run(c, e, RT_ARRAY_LEN(e));
}
END_TEST

#define SIC "<address xmlns='urn:xmpp:sic:1'/>"
#define SIC_ANSWER                                                                                 \
	" id='1' type='result'><address xmlns='urn:xmpp:sic:1'><ip>198.51.100.7</ip>"              \
	"<port>4711</port></address></iq>"

START_TEST(test_address_is_told_to_its_owner)
{
	struct client *c = bound("alice");
	static const struct exchange e[] = {
		{IQ("get", HOST, SIC), "<iq " ALICE SIC_ANSWER},
		{IQ("get", "", SIC), "<iq " OWN SIC_ANSWER},
		{IQ("set", "", SIC),
		 "<iq " OWN " id='1' type='error'>" SIC ERROR("405", "cancel", "not-allowed")},
		{IQ("get", BOB, SIC), "<iq from='bob@localhost' to='alice@localhost/r' id='1' "
				      "type='error'>" SIC ERROR("403", "auth", "forbidden")},
	};

	run(c, e, RT_ARRAY_LEN(e));
}
END_TEST

#define PING "<ping xmlns='urn:xmpp:ping'/>"

START_TEST(test_pings_are_answered)
{
	struct client *c = bound("alice");
	static const struct exchange e[] = {
		{IQ("get", HOST, PING), "<iq " ALICE " id='1' type='result'/>"},
		{IQ("get", "", PING), "<iq " OWN " id='1' type='result'/>"},
		{IQ("get", BOB, PING),
		 "<iq from='bob@localhost' to='alice@localhost/r' id='1' type='result'/>"},
		{IQ("set", HOST, PING), "<iq " ALICE " id='1' type='error'>" PING ERROR(
						"501", "cancel", "feature-not-implemented")},
		{IQ("get", HOST, "<foo xmlns='urn:xmpp:ping'/>"),
		 "<iq " ALICE " id='1' type='error'><foo xmlns='urn:xmpp:ping'/>" ERROR(
			 "501", "cancel", "feature-not-implemented")},
	};

	run(c, e, RT_ARRAY_LEN(e));
}
END_TEST

/* Sessions of the fixture have no connection, so nothing is ever read from them: always idle. */
static bool has_ended(void *ctx)
{
	return ((struct client *)ctx)->ended[0] != '\0';
}

START_TEST(test_idle_sessions_are_pinged_and_silent_ones_end)
{
	struct client *c, *quiet;
	char id[32], reply[128];
	const char *got;

	opts_mod_ping = (struct rt_mod_ping_opts){
		.send_pings = true, .kill = true, .ping_interval = 1, .ping_req_timeout = 1};
	c = bound("alice");
	for (int i = 0; i < 2; i++) {
		got = wait_next(c);
		ck_assert_ptr_nonnull(strstr(got, "<ping xmlns='urn:xmpp:ping'/>"));
		ck_assert_ptr_nonnull(strstr(got, "from='localhost' to='alice@localhost/r'"));
		ck_assert_int_eq(sscanf(strstr(got, " id='"), " id='%31[^']", id), 1);
		/* An error is an answer, too. */
		snprintf(reply, sizeof(reply), "<iq type='%s' to='localhost' id='%s'/>",
			 i == 0 ? "result" : "error", id);
		client_send(c, reply);
	}
	ck_assert_str_eq(c->ended, "");
	leave(c, "");
	quiet = bound("bob");
	rt_shard_run_until(shard, has_ended, quiet);
	rt_shard_enter(shard);
	ck_assert_uint_eq(quiet->nout, 1);
	ck_assert_ptr_null(quiet->s.user);
	memset(&opts_mod_ping, 0, sizeof(opts_mod_ping));
}
END_TEST

/* A connection whose peer says nothing and takes no notice of being closed. */
static struct rt_conn *silent;

static int on_open(struct rt_conn *c)
{
	silent = c;
	return RT_OK;
}

static void on_closed(struct rt_conn *c)
{
	(void)c;
	silent = NULL;
}

static void feed(struct rt_conn *c, char *data, size_t len)
{
	(void)c;
	(void)data;
	(void)len;
}

static bool silent_is_closing(void *ctx)
{
	(void)ctx;
	return silent->state != RT_CONN_OPEN;
}

START_TEST(test_session_of_a_silent_peer_ends_before_its_connection)
{
	static const struct rt_conn_kind kind = {.name = "silent",
						 .size = sizeof(struct rt_conn),
						 .on_open = on_open,
						 .on_closed = on_closed};
	static const struct rt_listener_spec listener = {.feed = feed};
	struct client c = {.s.ops = &client_ops};
	int fds[2];

	opts_mod_ping = (struct rt_mod_ping_opts){
		.send_pings = true, .kill = true, .ping_interval = 1, .ping_req_timeout = 1};
	ck_assert_int_eq(rt_conn_table_new(shard), RT_OK);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	ck_assert_int_eq(rt_conn_adopt(shard, &listener, &kind, fds[0]), RT_OK);
	c.s.conn = silent->id;
	ck_assert_int_eq(rt_session_open(shard, &c.s, RT_STR("bob"), 0, RT_STR("r")), RT_OK);
	rt_shard_run_until(shard, silent_is_closing, NULL);
	rt_shard_enter(shard);
	ck_assert_ptr_nonnull(silent);
	ck_assert_ptr_null(c.s.user);
	rt_conn_table_free(shard);
	close(fds[1]);
	forget(&c);
	memset(&opts_mod_ping, 0, sizeof(opts_mod_ping));
}
END_TEST

START_TEST(test_a_session_may_end_while_its_ping_is_out)
{
	struct client *c;

	opts_mod_ping = (struct rt_mod_ping_opts){
		.send_pings = true, .ping_interval = 1, .ping_req_timeout = 1};
	c = bound("alice");
	wait_next(c);
	leave(c, "");
	memset(&opts_mod_ping, 0, sizeof(opts_mod_ping)); /* the rest is the sanitizer's */
}
END_TEST

/* ---- last activity ------------------------------------------------------------------------------
 */

#define LAST  "<query xmlns='jabber:iq:last'/>"
#define CAROL "to='carol@localhost' "
#define FORBIDDEN(who)                                                                             \
	"<iq from='" who                                                                           \
	"' to='alice@localhost/r' id='1' type='error'>" LAST ERROR("403", "auth", "forbidden")

START_TEST(test_last_activity_of_accounts)
{
	struct client *c = bound("alice"), *bob;
	int64_t noon = rt_clock_wall_us();

	add_account("carol", "localhost");
	add_account("bob", "localhost");
	add_contact("bob", "alice@localhost", RT_SUB_FROM);
	add_contact("carol", "alice@localhost", RT_SUB_TO); /* the wrong way round */

	client_send(c, IQ("get", BOB, LAST));
	expect(c, "<iq from='bob@localhost' to='alice@localhost/r' id='1' type='error'>" LAST ERROR(
			  "503", "cancel", "service-unavailable"));
	bob = bound("bob");
	become_available(bob);
	client_send(c, IQ("get", BOB, LAST));
	expect(c, "<iq from='bob@localhost' to='alice@localhost/r' id='1' type='result'>"
		  "<query xmlns='jabber:iq:last' seconds='0'/></iq>");
	client_send(bob,
		    "<presence type='unavailable'><status>gone &amp; away</status></presence>");
	rt_clock_fake(true, 5000000000u, noon + 90 * 1000000);
	client_send(c, IQ("get", BOB, LAST));
	expect(c, "<iq from='bob@localhost' to='alice@localhost/r' id='1' type='result'>"
		  "<query xmlns='jabber:iq:last' seconds='90'>gone &amp; away</query></iq>");

	client_send(c, IQ("get", CAROL, LAST));
	expect(c, FORBIDDEN("carol@localhost"));
	client_send(c, IQ("get", "to='nobody@localhost' ", LAST));
	expect(c, FORBIDDEN("nobody@localhost"));
	client_send(c, IQ("set", "", LAST));
	expect(c, "<iq " OWN " id='1' type='error'>" LAST ERROR("405", "cancel", "not-allowed"));
}
END_TEST

START_TEST(test_last_activity_is_kept_when_the_connection_goes)
{
	struct client *c = bound("alice"), *other = bound_to("alice", "localhost", "s");

	become_available(other);
	leave(other, "Replaced");
	client_send(c, IQ("get", "", LAST));
	expect(c, "<iq " OWN " id='1' type='result'><query xmlns='jabber:iq:last' seconds='0'>"
		  "Replaced</query></iq>");
}
END_TEST

START_TEST(test_last_activity_of_the_host_is_its_uptime)
{
	struct client *c = bound("alice");
	unsigned long seconds;
	const char *got;

	rt_clock_fake(false, 0, 0);
	rt_clock_fake(true, rt_clock_ns() + 7000000000u, rt_clock_wall_us());
	client_send(c, IQ("get", HOST, LAST));
	got = next(c);
	ck_assert_int_eq(sscanf(strstr(got, "seconds='"), "seconds='%lu'", &seconds), 1);
	ck_assert_uint_ge(seconds, 7);
	ck_assert_uint_lt(seconds, 60);
	client_send(c, IQ("set", HOST, LAST));
	expect_has(c, "<not-allowed ");
}
END_TEST

/* ---- private storage ----------------------------------------------------------------------------
 */

#define PRIVATE(children) "<query xmlns='jabber:iq:private'>" children "</query>"
#define RESULT            "<iq " OWN " id='1' type='result'"

START_TEST(test_private_elements_are_kept_by_namespace)
{
	struct client *c = bound("alice");
	static const struct exchange e[] = {
		{IQ("get", "", PRIVATE("<a xmlns='urn:a'/>")),
		 RESULT ">" PRIVATE("<a xmlns='urn:a'/>") "</iq>"},
		{IQ("set", "",
		    PRIVATE("<a xmlns='urn:a' x='&lt;'>1<n/>&amp;</a><b xmlns='urn:b'/>")),
		 RESULT "/>"},
		{IQ("get", "",
		    PRIVATE("<other xmlns='urn:a'/><c xmlns='urn:c'/><b xmlns='urn:b'/>")),
		 RESULT ">" PRIVATE("<a xmlns='urn:a' x='&lt;'>1<n/>&amp;</a><c xmlns='urn:c'/>"
				    "<b xmlns='urn:b'/>") "</iq>"},
		{IQ("set", "", PRIVATE("<a xmlns='urn:a'>2</a>")), RESULT "/>"},
		{IQ("get", "", PRIVATE("<a xmlns='urn:a'/>")),
		 RESULT ">" PRIVATE("<a xmlns='urn:a'>2</a>") "</iq>"},
		{IQ("get", "", "<query xmlns='jabber:iq:private'/>"),
		 RESULT "><query xmlns='jabber:iq:private'/></iq>"},
	};

	run(c, e, RT_ARRAY_LEN(e));
}
END_TEST

START_TEST(test_private_storage_refuses_what_it_cannot_keep)
{
	struct client *c = bound("alice");
	static const struct exchange e[] = {
		{IQ("set", "", PRIVATE("<a xmlns='urn:a'/><x/>")),
		 "<iq " OWN " id='1' type='error'>" PRIVATE("<a xmlns='urn:a'/><x/>")
			 ERROR("406", "modify", "not-acceptable")},
		{IQ("get", "", PRIVATE("<a xmlns='urn:a'/>")), /* nothing of it was stored */
		 RESULT ">" PRIVATE("<a xmlns='urn:a'/>") "</iq>"},
		{IQ("set", "", "<query xmlns='jabber:iq:private'/>"),
		 "<iq " OWN " id='1' type='error'><query xmlns='jabber:iq:private'/>" ERROR(
			 "400", "modify", "bad-request")},
		{IQ("get", BOB, PRIVATE("<a xmlns='urn:a'/>")),
		 "<iq from='bob@localhost' to='alice@localhost/r' id='1' type='error'>" PRIVATE(
			 "<a xmlns='urn:a'/>") ERROR("403", "auth", "forbidden")},
		{IQ("set", BOB, PRIVATE("<a xmlns='urn:a'/>")),
		 "<iq from='bob@localhost' to='alice@localhost/r' id='1' type='error'>" PRIVATE(
			 "<a xmlns='urn:a'/>") ERROR("403", "auth", "forbidden")},
	};

	run(c, e, RT_ARRAY_LEN(e));
}
END_TEST

RUN_SUITE("mod_small", test_time_is_utc_and_local_offset, test_version_names_this_server,
	  test_commands_are_ping_and_no_other, test_address_is_told_to_its_owner,
	  test_pings_are_answered, test_idle_sessions_are_pinged_and_silent_ones_end,
	  test_session_of_a_silent_peer_ends_before_its_connection,
	  test_a_session_may_end_while_its_ping_is_out, test_last_activity_of_accounts,
	  test_last_activity_is_kept_when_the_connection_goes,
	  test_last_activity_of_the_host_is_its_uptime, test_private_elements_are_kept_by_namespace,
	  test_private_storage_refuses_what_it_cannot_keep)
