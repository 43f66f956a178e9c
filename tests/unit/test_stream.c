/* test_stream.c - a client's stream from its first byte to authentication, and all the ways in
 * which it ends.
 *
 * Every conversation is held whole, byte by byte, and cut in two at every place, and must sound the
 * same.
 */
#include "c2s/c2s.h"
#include "xmpp_server.h"

#define TLS_NS "xmlns='" RT_NS_TLS "'"

/* All that the client says, and all that it hears. */
struct conversation {
	const char *name, *says, *hears;
	bool ends; /* the server closes */
};

static const struct conversation conversations[] = {
	{"ST-01 header", HEADER, S_HEADER S_FEATURES, false},
	{"ST-03 garbage", "asdf\n", S_HEADER S_ERROR("xml-not-well-formed"), true},
	{"an HTTP request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	 S_HEADER S_ERROR("xml-not-well-formed"), true},
	{"an end before a beginning", "</stream:stream>", S_HEADER S_ERROR("xml-not-well-formed"),
	 true},
	{"an element for a header", "<iq type='get' id='1'/>",
	 S_HEADER S_ERROR("invalid-namespace"), true},
	{"ST-04 unknown host",
	 "<stream:stream to='x' version='1.0' xmlns='jabber:client' xmlns:stream='" RT_NS_STREAMS
	 "'>",
	 S_HEADER S_ERROR("host-unknown"), true},
	{"ST-07 no version",
	 "<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='" RT_NS_STREAMS "'>",
	 S_HEADER S_ERROR("unsupported-version"), true},
	{"ST-09 capitals",
	 "<stream:stream to='LocalHost' version='1.0' xmlns='jabber:client' "
	 "xmlns:stream='" RT_NS_STREAMS "'>",
	 S_HEADER S_FEATURES, false},
	{"ST-13 another prefix",
	 "<s:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:s='" RT_NS_STREAMS
	 "'></s:stream>",
	 S_HEADER S_FEATURES "</stream:stream>", true},
	{"ST-16 close", HEADER " </stream:stream>", S_HEADER S_FEATURES "</stream:stream>", true},
	{"ST-17 not well-formed", HEADER "<iq></message>",
	 S_HEADER S_FEATURES S_ERROR("xml-not-well-formed"), true},
	{"ST-18 DOCTYPE", "<!DOCTYPE x [<!ENTITY a 'b'>]>" HEADER,
	 S_HEADER S_ERROR("restricted-xml"), true},
	{"an encoding that is not UTF-8",
	 "<?xml version='1.0' encoding='ISO-8859-1'?><stream:stream to='localhost' version='1.0' "
	 "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
	 S_HEADER S_ERROR("unsupported-encoding"), true},
	{"ST-18 comment", HEADER "<!-- x -->", S_HEADER S_FEATURES S_ERROR("restricted-xml"), true},
	{"ST-27 iq", HEADER "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>",
	 S_HEADER S_FEATURES S_ERROR("not-authorized"), true},
	{"ST-28 message", HEADER "<message to='bob@localhost'><body>x</body></message>",
	 S_HEADER S_FEATURES S_ERROR("not-authorized"), true},
	{"ST-28 presence", HEADER "<presence/>", S_HEADER S_FEATURES S_ERROR("not-authorized"),
	 true},
	{"an unknown element", HEADER "<foo xmlns='bar'/>",
	 S_HEADER S_FEATURES S_ERROR("unsupported-stanza-type"), true},
	{"TLS-07 no STARTTLS here", HEADER "<starttls " TLS_NS "/>" AUTH(ALICE),
	 S_HEADER S_FEATURES S_SUCCESS, false},
	{"TLS-19 stream management too early",
	 HEADER "<enable xmlns='urn:xmpp:sm:3'/><r xmlns='urn:xmpp:sm:3'/>",
	 S_HEADER S_FEATURES
	 "<failed xmlns='urn:xmpp:sm:3'><unexpected-request xmlns='" RT_NS_STANZAS "'/></failed>",
	 false},
	{"ST-20 all at once",
	 HEADER AUTH(ALICE) HEADER BIND("p") "<iq type='set' id='s'><session xmlns='" RT_NS_SESSION
					     "'/></iq></stream:stream>",
	 S_HEADER S_FEATURES S_SUCCESS S_HEADER S_BIND S_BOUND(
		 "alice@localhost/p") "<iq type='result' id='s'/></stream:stream>",
	 true},
	{"ST-21 all at once, wrong password", HEADER AUTH("AGFsaWNlAHdyb25n") HEADER BIND("p"),
	 S_HEADER S_FEATURES S_FAILURE("not-authorized") S_ERROR("restricted-xml"), true},
	{"SA-02 wrong, then right",
	 HEADER AUTH("AGFsaWNlAHdyb25n") AUTH("AG5vYm9keQBzZWNyZXQ=") AUTH(ALICE),
	 S_HEADER S_FEATURES S_FAILURE("not-authorized") S_FAILURE("not-authorized") S_SUCCESS,
	 false},
	{"SA-06 unknown mechanisms",
	 HEADER "<auth xmlns='" RT_NS_SASL "' mechanism='DIGEST-MD5'/><auth xmlns='" RT_NS_SASL
		"'>eA==</auth>"
		"<auth xmlns='" RT_NS_SASL "' mechanism='SCRAM-SHA-1-PLUS'/>" AUTH(ALICE),
	 S_HEADER S_FEATURES S_FAILURE("invalid-mechanism") S_FAILURE("invalid-mechanism")
		 S_FAILURE("invalid-mechanism") S_SUCCESS,
	 false},
	{"SA-07 five failures",
	 HEADER AUTH("!") AUTH("eA==") AUTH("=")
		 AUTH("AGFsaWNlAHdyb25n") "<abort xmlns='" RT_NS_SASL "'/>" AUTH(ALICE),
	 S_HEADER S_FEATURES S_FAILURE("incorrect-encoding") S_FAILURE("malformed-request")
		 S_FAILURE("malformed-request") S_FAILURE("not-authorized") S_FAILURE("aborted")
			 S_ERROR_TEXT("policy-violation", "too many failed attempts"),
	 true},
	{"SA-10 no initial response",
	 HEADER AUTH("") "<response xmlns='" RT_NS_SASL "'>" ALICE "</response>",
	 S_HEADER S_FEATURES "<challenge xmlns='" RT_NS_SASL "'/>" S_SUCCESS, false},
	{"SA-08 abort", HEADER AUTH("") "<abort xmlns='" RT_NS_SASL "'/>" AUTH(ALICE),
	 S_HEADER S_FEATURES "<challenge xmlns='" RT_NS_SASL "'/>" S_FAILURE("aborted") S_SUCCESS,
	 false},
	{"a response to nothing", HEADER "<response xmlns='" RT_NS_SASL "'>eA==</response>",
	 S_HEADER S_FEATURES S_FAILURE("malformed-request"), false},
	{"an unknown element of SASL", HEADER "<foo xmlns='" RT_NS_SASL "'/>",
	 S_HEADER S_FEATURES S_ERROR("unsupported-stanza-type"), true},
	{"SA-22 another host after SASL",
	 HEADER AUTH(ALICE) "<stream:stream to='other.example' version='1.0' xmlns='jabber:client' "
			    "xmlns:stream='" RT_NS_STREAMS "'>",
	 S_HEADER S_FEATURES S_SUCCESS S_HEADER S_ERROR("not-authorized"), true},
	{"an element where a restart is due", HEADER AUTH(ALICE) AUTH(ALICE),
	 S_HEADER S_FEATURES S_SUCCESS S_HEADER S_ERROR("invalid-namespace"), true},
	{"registration",
	 HEADER
	 "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>"
	 "<iq type='set' id='s'><query xmlns='jabber:iq:register'><username/></query></iq>" AUTH(
		 ALICE),
	 S_HEADER S_FEATURES
	 "<iq from='localhost' type='result' id='r'><query xmlns='jabber:iq:register'/></iq>"
	 "<iq from='localhost' id='s' type='error'><error code='409' type='cancel'><conflict "
	 "xmlns='" RT_NS_STANZAS "'/></error></iq>" S_SUCCESS,
	 false},
	{"two children are no request",
	 HEADER "<iq type='get' id='r'><query xmlns='jabber:iq:register'/><query "
		"xmlns='jabber:iq:register'/></iq>",
	 S_HEADER S_FEATURES S_ERROR("not-authorized"), true},
	{"too deep", HEADER "<a><b><c><d><e><f><g><h><i>",
	 S_HEADER S_FEATURES S_ERROR_TEXT("policy-violation", "child element too complex"), true},
};

/* Says the first `cut` bytes, then the rest (0: byte by byte), and compares all that came back. */
static void hold(const struct conversation *c, size_t cut)
{
	struct peer *p = connect_peer(&listener_c2s);
	size_t n = strlen(c->says);

	if (cut == 0) {
		for (size_t i = 0; i < n; i++)
			say_bytes(p, c->says + i, 1);
	} else {
		say_bytes(p, c->says, cut);
		say_bytes(p, c->says + cut, n - cut);
	}
	if (c->ends)
		hear_end(p, c->hears);
	else
		hear(p, c->hears);
	ck_assert(!p->closed || c->ends);
	hang_up(&p);
}

START_TEST(test_stream_conversation_whole)
{
	hold(&conversations[_i], strlen(conversations[_i].says));
}
END_TEST

START_TEST(test_stream_conversation_byte_by_byte)
{
	hold(&conversations[_i], 0);
}
END_TEST

START_TEST(test_stream_conversation_cut_anywhere)
{
	for (size_t cut = 1; cut < strlen(conversations[_i].says); cut++)
		hold(&conversations[_i], cut);
}
END_TEST

START_TEST(test_stream_ids_differ_after_every_restart)
{
	struct peer *p = connect_peer(&listener_c2s);
	char first[17];

	say(p, HEADER);
	hear(p, S_HEADER S_FEATURES);
	strcpy(first, p->last_id);
	say(p, AUTH(ALICE) HEADER);
	hear(p, S_SUCCESS S_HEADER S_BIND);
	ck_assert_str_ne(first, p->last_id);
	hang_up(&p);
}
END_TEST

START_TEST(test_stream_that_must_use_tls_does_nothing_else)
{
	static const char *const refused[] = {
		AUTH(ALICE),
		"<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>",
		"<message><body/></message>",
		"<foo xmlns='bar'/>",
	};

	for (size_t i = 0; i < RT_ARRAY_LEN(refused); i++) {
		struct peer *p = connect_peer(&listener_c2s_strict);

		say(p, HEADER);
		hear(p, S_HEADER "<stream:features><starttls " TLS_NS
				 "><required/></starttls></stream:features>");
		say(p, refused[i]);
		hear_end(p, S_ERROR_TEXT("policy-violation", "Use of STARTTLS required"));
		hang_up(&p);
	}
}
END_TEST

START_TEST(test_stream_times_out_in_words)
{
	struct peer *p = connect_peer(&listener_c2s);

	rt_c2s_kind.on_timeout(rt_conn_find(shard, p->id));
	hear_end(p, S_HEADER S_ERROR("connection-timeout"));
	hang_up(&p);
	p = connect_peer(&listener_c2s);
	say(p, HEADER);
	hear(p, S_HEADER S_FEATURES);
	rt_c2s_kind.on_timeout(rt_conn_find(shard, p->id));
	hear_end(p, S_ERROR("connection-timeout"));
	hang_up(&p);
}
END_TEST

START_TEST(test_stream_timer_runs_until_the_session)
{
	struct peer *p = connect_peer(&listener_c2s);

	ck_assert(rt_timer_is_active(&stream_of(p)->conn.timeout));
	authenticate(p, ALICE);
	ck_assert(rt_timer_is_active(&stream_of(p)->conn.timeout));
	say(p, BIND("t"));
	hear(p, S_BOUND("alice@localhost/t"));
	ck_assert(!rt_timer_is_active(&stream_of(p)->conn.timeout));
	ck_assert_ptr_null(stream_of(p)->auth);
	hang_up(&p);
}
END_TEST

START_TEST(test_stream_of_a_stopping_server)
{
	struct peer *silent = connect_peer(&listener_c2s), *open = connect_peer(&listener_c2s),
		    *bound = log_in(ALICE, "x");

	say(open, HEADER);
	hear(open, S_HEADER S_FEATURES);
	rt_conn_shutdown_all(shard);
	hear_end(silent, S_HEADER S_ERROR("system-shutdown"));
	hear_end(open, S_ERROR("system-shutdown"));
	hear_end(bound, S_ERROR("system-shutdown"));
	hang_up(&silent);
	hang_up(&open);
	hang_up(&bound);
}
END_TEST

START_TEST(test_stream_that_cannot_keep_up)
{
	struct peer *p = log_in(ALICE, "x");

	rt_c2s_kind.on_overload(rt_conn_find(shard, p->id));
	hear_end(p, S_ERROR("resource-constraint"));
	hang_up(&p);
}
END_TEST

START_TEST(test_stream_element_size_is_bounded_before_authentication)
{
	struct peer *p = connect_peer(&listener_c2s);
	char big[RT_XML_PREAUTH_MAX + 64];

	memset(big, 'A', sizeof(big));
	say(p, HEADER "<auth xmlns='" RT_NS_SASL "' mechanism='PLAIN'>");
	say_bytes(p, big, sizeof(big));
	hear_end(p, S_HEADER S_FEATURES S_ERROR_TEXT("policy-violation", "child element too big"));
	hang_up(&p);
}
END_TEST

START_TEST(test_stream_holds_little_for_a_stranger)
{
	struct peer *p = connect_peer(&listener_c2s);
	char big[1u << 15];

	/* Much behind an element whose answer takes a while: it stays where it is, in the kernel.
	 */
	memset(big, ' ', sizeof(big));
	answer_later = true;
	say_soon(p, HEADER "<iq type='get' id='1'><q xmlns='jabber:iq:register'/></iq>");
	ck_assert_int_gt(send(p->fd, big, sizeof(big), 0), 0);
	hear(p, S_HEADER S_FEATURES);
	ck_assert_ptr_nonnull(asked);
	ck_assert_uint_le(rt_buf_len(&stream_of(p)->conn.in), RT_CONN_READ_UNTRUSTED);
	ck_assert_uint_le(rt_xml_reader_memory(&stream_of(p)->reader), 16384);
	rt_unauth_error(asked, RT_SE_NOT_ALLOWED, NULL);
	hear(p, "<iq from='localhost' id='1' type='error'>*<not-allowed *</iq>");
	say(p, "</stream:stream>");
	hear_end(p, "</stream:stream>");
	hang_up(&p);
}
END_TEST

START_TEST(test_stream_may_go_while_an_answer_is_awaited)
{
	struct peer *p = connect_peer(&listener_c2s);
	struct rt_unauth_iq *u;

	answer_later = true;
	say(p, HEADER "<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>");
	hear(p, S_HEADER S_FEATURES);
	u = asked;
	ck_assert_ptr_nonnull(u);
	rt_c2s_kind.on_timeout(rt_conn_find(shard, p->id));
	hear_end(p, S_ERROR("connection-timeout"));
	hang_up(&p);
	rt_unauth_error(u, RT_SE_NOT_ALLOWED, NULL);
	/* The same in the middle of a look-up and of a check. */
	for (int turns = 0; turns < 6; turns++) {
		p = connect_peer(&listener_c2s);
		say_soon(p, HEADER AUTH(ALICE));
		run_turns(turns);
		hang_up(&p);
	}
}
END_TEST

START_TEST(test_stream_late_answer_lets_the_rest_go_on)
{
	struct peer *p = connect_peer(&listener_c2s);

	answer_later = true;
	say(p, HEADER);
	hear(p, S_HEADER S_FEATURES);
	say_soon(p, "<iq type='get' id='1'><q xmlns='jabber:iq:register'/></iq>" AUTH(ALICE));
	while (asked == NULL)
		run_turns(1);
	rt_unauth_error(asked, RT_SE_NOT_ALLOWED, NULL);
	hear(p, "<iq from='localhost' id='1' type='error'>*<not-allowed *</iq>" S_SUCCESS);
	hang_up(&p);
}
END_TEST

START_TEST(test_stream_lang_is_kept_unless_too_long)
{
	static const struct {
		const char *attribute, *lang;
	} cases[] = {
		{"", NULL},
		{" xml:lang='pl'", "pl"},
		{" xml:lang=''", NULL},
		{" xml:lang='12345678901234567890123456789012345'",
		 "12345678901234567890123456789012345"},
		{" xml:lang='123456789012345678901234567890123456'", NULL},
	};

	for (size_t i = 0; i < RT_ARRAY_LEN(cases); i++) {
		struct peer *p = connect_peer(&listener_c2s);
		char header[512];

		sprintf(header,
			"<stream:stream to='localhost' version='1.0' xmlns='jabber:client'%s "
			"xmlns:stream='" RT_NS_STREAMS "'>",
			cases[i].attribute);
		say(p, header);
		hear(p, S_HEADER S_FEATURES);
		if (cases[i].lang == NULL)
			ck_assert_ptr_null(stream_of(p)->lang);
		else
			ck_assert_str_eq(stream_of(p)->lang, cases[i].lang);
		hang_up(&p);
	}
}
END_TEST

START_TEST(test_stream_shaper_is_chosen_at_header_and_bind)
{
	struct peer *p = connect_peer(&listener_c2s);

	ck_assert_ptr_null(stream_of(p)->conn.shaper.spec);
	authenticate(p, "AHNsb3cAc2VjcmV0");
	ck_assert_uint_eq(shaper_calls, 1);
	ck_assert_ptr_null(stream_of(p)->conn.shaper.spec);
	say(p, BIND("x"));
	hear(p, S_BOUND("slow@localhost/x"));
	ck_assert_uint_eq(shaper_calls, 2);
	ck_assert_ptr_eq(stream_of(p)->conn.shaper.spec, &slow);
	hang_up(&p);
}
END_TEST

static void set_up(void)
{
	answer_later = false;
	asked = NULL;
	shaper_calls = 0;
	start_server();
}

int main(void)
{
	Suite *s = suite_create("stream");
	TCase *words = tcase_create("conversations"), *tc = tcase_create("stream");
	SRunner *r;
	int failed, n = (int)RT_ARRAY_LEN(conversations);

	tcase_set_timeout(words, 120);
	tcase_add_checked_fixture(words, start_server, stop_server);
	tcase_add_loop_test(words, test_stream_conversation_whole, 0, n);
	tcase_add_loop_test(words, test_stream_conversation_byte_by_byte, 0, n);
	tcase_add_loop_test(words, test_stream_conversation_cut_anywhere, 0, n);
	suite_add_tcase(s, words);
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, stop_server);
	tcase_add_test(tc, test_stream_ids_differ_after_every_restart);
	tcase_add_test(tc, test_stream_that_must_use_tls_does_nothing_else);
	tcase_add_test(tc, test_stream_times_out_in_words);
	tcase_add_test(tc, test_stream_timer_runs_until_the_session);
	tcase_add_test(tc, test_stream_of_a_stopping_server);
	tcase_add_test(tc, test_stream_that_cannot_keep_up);
	tcase_add_test(tc, test_stream_element_size_is_bounded_before_authentication);
	tcase_add_test(tc, test_stream_holds_little_for_a_stranger);
	tcase_add_test(tc, test_stream_may_go_while_an_answer_is_awaited);
	tcase_add_test(tc, test_stream_late_answer_lets_the_rest_go_on);
	tcase_add_test(tc, test_stream_lang_is_kept_unless_too_long);
	tcase_add_test(tc, test_stream_shaper_is_chosen_at_header_and_bind);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
