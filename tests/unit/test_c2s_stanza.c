/* test_c2s_stanza.c - what a client may send in its session, and what the server makes of it (RFC
 * 6120, 8). */
#include "c2s/c2s.h"
#include "xmpp_server.h"

#define TO_B   "to='bob@localhost/b'"
#define FROM_A "from='alice@localhost/a'"
#define BODY   "<body>x</body>"

static struct peer *a, *b;

static void set_up(void)
{
	start_server();
	a = log_in(ALICE, "a");
	b = log_in("AGJvYgBzZWNyZXQ=", "b");
}

static void tear_down(void)
{
	hang_up(&a);
	hang_up(&b);
	stop_server();
}

static const char *const foreign[] = {
	"bob@localhost",
	"bob@localhost/b",
	"alice@localhost/other",
	"alice@other.example",
	"alice@localhost/A",
	"localhost",
	"@",
	"@@",
	"",
	"a@b@c",
	"alice@localhost/",
};

START_TEST(test_stanza_from_somebody_else_ends_the_stream)
{
	char text[256];

	sprintf(text, "<message from='%s' " TO_B ">" BODY "</message>", foreign[_i]);
	say(a, text);
	hear_end(a, S_ERROR("invalid-from"));
	hear(b, "");
}
END_TEST

static const char *const own[] = {"alice@localhost", "alice@localhost/a", "ALICE@LocalHost",
				  "Alice@LOCALHOST/a"};

START_TEST(test_stanza_from_oneself_is_stamped_with_the_full_jid)
{
	char text[256];

	sprintf(text, "<message from='%s' " TO_B " id='m'>" BODY "</message>", own[_i]);
	say(a, text);
	hear(b, "<message " FROM_A " " TO_B " id='m'>" BODY "</message>");
}
END_TEST

/* Messages of alice, and what bob gets. */
static const struct {
	const char *says, *hears;
} stamped[] = {
	{"<message " TO_B ">" BODY "</message>", "<message " FROM_A " " TO_B ">" BODY "</message>"},
	{"<message xmlns='jabber:client' " TO_B ">" BODY "</message>",
	 "<message " FROM_A " " TO_B ">" BODY "</message>"},
	{"<message " TO_B " type='chat' ext='kept'>" BODY "<y xmlns='urn:y'><z/></y></message>",
	 "<message " FROM_A " " TO_B " type='chat' ext='kept'>" BODY
	 "<y xmlns='urn:y'><z/></y></message>"},
	{"<message " TO_B "><delay xmlns='urn:xmpp:delay' stamp='2000-01-01T00:00:00Z'/>" BODY
	 "<x xmlns='jabber:x:delay'/><delay xmlns='urn:xmpp:delay'/></message>",
	 "<message " FROM_A " " TO_B ">" BODY "</message>"},
	{"<message " TO_B "><x xmlns='urn:other'/><delay xmlns='urn:other'/></message>",
	 "<message " FROM_A " " TO_B "><x xmlns='urn:other'/><delay xmlns='urn:other'/></message>"},
	{"<message " TO_B " xml:lang='de'>" BODY "</message>",
	 "<message " FROM_A " " TO_B " xml:lang='de'>" BODY "</message>"},
	{" \n\t <message to='BOB@localhost/b'>" BODY "</message> ",
	 "<message " FROM_A " " TO_B ">" BODY "</message>"},
};

START_TEST(test_stanza_reaches_its_addressee)
{
	say(a, stamped[_i].says);
	hear(b, stamped[_i].hears);
	hear(a, "");
}
END_TEST

START_TEST(test_stanza_without_a_language_gets_that_of_the_stream)
{
	struct peer *p = connect_peer(&listener_c2s);
	static const char polish[] =
		"<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xml:lang='pl' "
		"xmlns:stream='" RT_NS_STREAMS "'>";

	say(p, polish);
	say(p, AUTH(ALICE));
	say(p, polish);
	say(p, BIND("pl"));
	hear(p, "*</jid></bind></iq>");
	say(p, "<message " TO_B ">" BODY "</message>");
	hear(b, "<message from='alice@localhost/pl' " TO_B " xml:lang='pl'>" BODY "</message>");
	say(p, "<message " TO_B " xml:lang='de'>" BODY "</message>");
	hear(b, "<message from='alice@localhost/pl' " TO_B " xml:lang='de'>" BODY "</message>");
	hang_up(&p);
}
END_TEST

static const struct {
	const char *says, *hears;
} answered[] = {
	{"<message to='@x' id='1'>" BODY "</message>",
	 "<message from='localhost' *type='error'*id='1'>" BODY
	 "<error code='400' type='modify'><jid-malformed *"},
	{"<iq type='get' to='a@b@c' id='1'><q xmlns='urn:q'/></iq>",
	 "<iq from='localhost' *<jid-malformed *"},
	{"<presence to='@x'/>", "<presence from='localhost' *<jid-malformed *"},
	{"<iq type='result' to='@x' id='1'/>", ""},
	{"<message type='error' to='@x' id='1'/>", ""},
	{"<iq type='set' id='s'><session xmlns='" RT_NS_SESSION "'/></iq>",
	 "<iq type='result' id='s'/>"},
	{"<iq type='set' id='s' to='localhost'><session xmlns='" RT_NS_SESSION "'/></iq>",
	 "<iq type='result' from='localhost' id='s'/>"},
	{"<iq type='set' id='s' to='alice@localhost'><session xmlns='" RT_NS_SESSION "'/></iq>",
	 "<iq type='result' from='alice@localhost' id='s'/>"},
	{BIND("other"), "<iq *type='error'*<not-allowed *"},
	{"<enable xmlns='urn:xmpp:sm:3'/>",
	 "<failed xmlns='urn:xmpp:sm:3'><feature-not-implemented xmlns='" RT_NS_STANZAS
	 "'/></failed>"},
	{"<r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='x'/>", ""},
	{"<inactive xmlns='urn:xmpp:csi:0'/><active xmlns='urn:xmpp:csi:0'/>", ""},
};

START_TEST(test_stanza_is_answered_by_the_connection)
{
	say(a, answered[_i].says);
	hear(a, answered[_i].hears);
	/* It lives on. */
	say(a, "<message " TO_B ">" BODY "</message>");
	hear(b, "<message " FROM_A " " TO_B ">" BODY "</message>");
}
END_TEST

static const struct {
	const char *says, *hears;
} fatal[] = {
	{"<foo xmlns='jabber:client'/>", S_ERROR("unsupported-stanza-type")},
	{"<foo xmlns='bar'/>", S_ERROR("unsupported-stanza-type")},
	{"<message xmlns='bar'/>", S_ERROR("unsupported-stanza-type")},
	{AUTH(ALICE), S_ERROR("unsupported-stanza-type")},
	{"<starttls xmlns='" RT_NS_TLS "'/>", S_ERROR("unsupported-stanza-type")},
	{"</stream:stream>", "</stream:stream>"},
	{"text", S_ERROR("xml-not-well-formed")},
	{"<!-- x -->", S_ERROR("restricted-xml")},
	{"<?x?>", S_ERROR("restricted-xml")},
	{"<message><body>&lol;</body></message>", S_ERROR("restricted-xml")},
	{"<message><body>&#1;</body></message>", S_ERROR("xml-not-well-formed")},
	{"<message><body>\xc3\x28</body></message>", S_ERROR("xml-not-well-formed")},
	{"<message a='1' a='2'/>", S_ERROR("xml-not-well-formed")},
	{"<message><q:x/></message>", S_ERROR("xml-not-well-formed")},
};

START_TEST(test_stanza_ends_the_stream)
{
	say(a, fatal[_i].says);
	hear_end(a, fatal[_i].hears);
	ck_assert_uint_eq(shard->counters.sessions, 1);
}
END_TEST

START_TEST(test_stanza_size_is_exact_however_it_comes)
{
	static const char frame[] = "<message " TO_B "><body>%.*s</body></message>";
	char fill[512], text[1024];
	int room;

	memset(fill, 'x', sizeof(fill));
	room = 300 - (int)sprintf(text, frame, 0, fill);
	for (int over = 0; over < 2; over++) {
		for (size_t step = 1; step <= 512; step *= 8) {
			struct peer *p = connect_peer(&listener_c2s_small);
			size_t n;

			authenticate(p, ALICE);
			say(p, BIND("small"));
			hear(p, S_BOUND("alice@localhost/small"));
			n = (size_t)sprintf(text, frame, room + over, fill);
			for (size_t at = 0; at < n; at += step)
				say_bytes(p, text + at, n - at < step ? n - at : step);
			if (over) {
				hear_end(p,
					 S_ERROR_TEXT("policy-violation", "child element too big"));
				hear(b, "");
			} else {
				hear(b, "<message *</message>");
			}
			hang_up(&p);
		}
	}
}
END_TEST

START_TEST(test_stanza_order_is_kept)
{
	static char expected[1u << 15];
	size_t n = 0;

	for (int i = 0; i < 200; i++) {
		char text[128];

		sprintf(text, "<message " TO_B " id='%d'/>", i);
		say_soon(a, text);
		n += (size_t)sprintf(expected + n, "<message " FROM_A " " TO_B " id='%d'/>", i);
	}
	hear(b, expected);
}
END_TEST

START_TEST(test_stanzas_are_counted)
{
	uint64_t in = shard->counters.stanzas_in, out = shard->counters.stanzas_out;

	say(a, "<message " TO_B "/><message " TO_B "/>");
	hear(b, "<message *<message *");
	ck_assert_uint_eq(shard->counters.stanzas_in, in + 2);
	ck_assert_uint_eq(shard->counters.stanzas_out, out + 2);
	ck_assert_uint_eq(shard->counters.logins, 2);
	ck_assert_uint_eq(shard->counters.login_failures, 0);
}
END_TEST

START_TEST(test_idle_session_holds_no_parser)
{
	say(a, "<message " TO_B "/>");
	hear(b, "<message *");
	ck_assert_uint_eq(rt_xml_reader_memory(&stream_of(a)->reader), 0);
	ck_assert_ptr_null(stream_of(a)->conn.in.data);
	ck_assert_ptr_null(stream_of(a)->conn.out.data);
}
END_TEST

#define N(rows) (int)RT_ARRAY_LEN(rows)

int main(void)
{
	Suite *s = suite_create("c2s_stanza");
	TCase *tc = tcase_create("c2s_stanza");
	SRunner *r;
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, test_stanza_from_somebody_else_ends_the_stream, 0, N(foreign));
	tcase_add_loop_test(tc, test_stanza_from_oneself_is_stamped_with_the_full_jid, 0, N(own));
	tcase_add_loop_test(tc, test_stanza_reaches_its_addressee, 0, N(stamped));
	tcase_add_test(tc, test_stanza_without_a_language_gets_that_of_the_stream);
	tcase_add_loop_test(tc, test_stanza_is_answered_by_the_connection, 0, N(answered));
	tcase_add_loop_test(tc, test_stanza_ends_the_stream, 0, N(fatal));
	tcase_add_test(tc, test_stanza_size_is_exact_however_it_comes);
	tcase_add_test(tc, test_stanza_order_is_kept);
	tcase_add_test(tc, test_stanzas_are_counted);
	tcase_add_test(tc, test_idle_session_holds_no_parser);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
