/* test_bind.c - from authentication to a session: resources, access, conflicts (RFC 6120, 7). */
#include "c2s/c2s.h"
#include "route/account.h"
#include "xmpp_server.h"

#define IQ(type, id, child) "<iq type='" type "' id='" id "'>" child "</iq>"
#define BIND_WITH(child)    IQ("set", "b", "<bind xmlns='" RT_NS_BIND "'>" child "</bind>")
#define ERROR(code, type, condition)                                                               \
	"<error code='" code "' type='" type "'><" condition " xmlns='" RT_NS_STANZAS "'/></"      \
	"error>"

/* What may be said after authentication, and the answer to it. */
static const struct {
	const char *says, *hears;
	bool ends;
} requests[] = {
	{BIND("desk"), S_BOUND("alice@localhost/desk"), false},
	{BIND("a\xc2\xad"
	      "b \xe2\x85\xa8"),
	 S_BOUND("alice@localhost/ab IX"), false},
	{BIND("&lt;&amp;'"), S_BOUND("alice@localhost/&lt;&amp;*"), false},
	{"<iq type='set'><bind xmlns='" RT_NS_BIND "'><resource>a</resource></bind></iq>",
	 "<iq id='' type='result'><bind xmlns='" RT_NS_BIND
	 "'><jid>alice@localhost/a</jid></bind></iq>",
	 false},
	{"<iq type='set' id='b' to='localhost' from='alice@localhost'><bind xmlns='" RT_NS_BIND
	 "'><resource>a</resource></bind></iq>",
	 S_BOUND("alice@localhost/a"), false},
	{BIND_WITH(""), S_BOUND("alice@localhost/????????????????"), false},
	{BIND("\xee\x80\x80") BIND("ok"),
	 "<iq*type='error'*><bind xmlns='" RT_NS_BIND
	 "'><resource>\xee\x80\x80</resource></bind>" ERROR(
		 "400", "modify", "bad-request") "</iq>" S_BOUND("alice@localhost/ok"),
	 false},
	{BIND("\xc2\xad"), "<iq*type='error'*" ERROR("400", "modify", "bad-request") "</iq>",
	 false},
	/* Before a resource is bound the server answers for itself and the account, and for nobody
	   else. */
	{IQ("get", "1", "<bind xmlns='" RT_NS_BIND "'/>"),
	 "<iq from='localhost' id='1' type='error'>" ERROR("503", "cancel",
							   "service-unavailable") "</iq>",
	 false},
	{IQ("set", "1", "<session xmlns='" RT_NS_SESSION "'/>"),
	 "<iq from='localhost' id='1' type='error'>" ERROR("503", "cancel",
							   "service-unavailable") "</iq>",
	 false},
	{IQ("set", "1", "<query xmlns='jabber:iq:register'/>"),
	 "<iq from='localhost' id='1' type='error'>" ERROR("503", "cancel",
							   "service-unavailable") "</iq>",
	 false},
	{"<iq type='result' id='1'/>" BIND("x"), S_BOUND("alice@localhost/x"), false},
	{"<iq type='get' id='1' to='bob@localhost'><q xmlns='q'/></iq>", S_ERROR("not-authorized"),
	 true},
	{"<message to='bob@localhost'><body>x</body></message>", S_ERROR("not-authorized"), true},
	{"<presence/>", S_ERROR("not-authorized"), true},
	{AUTH(ALICE), S_ERROR("unsupported-stanza-type"), true},
	{"<foo xmlns='bar'/>", S_ERROR("unsupported-stanza-type"), true},
	{"<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>" BIND("x"),
	 "<failed xmlns='urn:xmpp:sm:3'><feature-not-implemented xmlns='" RT_NS_STANZAS
	 "'/></failed>" S_BOUND("alice@localhost/x"),
	 false},
	{"</stream:stream>", "</stream:stream>", true},
	{"<iq></oops>", S_ERROR("xml-not-well-formed"), true},
};

START_TEST(test_bind_request)
{
	struct peer *p = connect_peer(&listener_c2s);
	char pattern[1024], *at;

	authenticate(p, ALICE);
	say(p, requests[_i].says);
	strcpy(pattern, requests[_i].hears);
	/* A generated resource. */
	at = strchr(pattern, '?');
	if (at != NULL)
		memmove(at + 1, at + 16, strlen(at + 16) + 1), *at = '*';
	if (requests[_i].ends)
		hear_end(p, pattern);
	else
		hear(p, pattern);
	hang_up(&p);
}
END_TEST

START_TEST(test_bind_generated_resources_differ)
{
	char seen[2][RT_JID_PART_MAX + 1];

	for (int i = 0; i < 2; i++) {
		struct peer *p = connect_peer(&listener_c2s);
		const struct rt_c2s *c;

		authenticate(p, ALICE);
		say(p, i == 0 ? BIND_WITH("") : BIND_WITH("<resource/>"));
		hear(p, S_BOUND("alice@localhost/*"));
		c = rt_c2s_of(stream_of(p));
		ck_assert_uint_ge(c->session->base.resource.n, 16);
		sprintf(seen[i], "%.*s", RT_STR_ARG(c->session->base.resource));
		hang_up(&p);
	}
	ck_assert_str_ne(seen[0], seen[1]);
}
END_TEST

START_TEST(test_bind_resource_length_is_bounded)
{
	struct peer *p = connect_peer(&listener_c2s);
	char resource[RT_JID_PART_MAX + 2], text[2048];

	authenticate(p, ALICE);
	memset(resource, 'r', sizeof(resource));
	sprintf(text, BIND("%.*s"), (int)RT_JID_PART_MAX + 1, resource);
	say(p, text);
	hear(p, "<iq*type='error'*" ERROR("400", "modify", "bad-request") "</iq>");
	sprintf(text, BIND("%.*s"), (int)RT_JID_PART_MAX, resource);
	say(p, text);
	sprintf(text, S_BOUND("alice@localhost/%.*s"), (int)RT_JID_PART_MAX, resource);
	hear(p, text);
	hang_up(&p);
}
END_TEST

START_TEST(test_bind_gives_the_prepared_account)
{
	struct peer *p = connect_peer(&listener_c2s);

	authenticate(p, "AEFMSUNFAHNlY3JldA=="); /* ALICE */
	say(p, BIND("x"));
	hear(p, S_BOUND("alice@localhost/x"));
	hang_up(&p);
}
END_TEST

START_TEST(test_bind_obeys_the_access_rule)
{
	struct peer *p = connect_peer(&listener_c2s);

	authenticate(p, "AGJsb2NrZWQAc2VjcmV0");
	for (int i = 0; i < 2; i++) {
		say(p, BIND("x"));
		hear(p, "<iq*type='error'*><bind *</bind>" ERROR("405", "cancel",
								 "not-allowed") "</iq>");
	}
	ck_assert_uint_eq(shard->counters.sessions, 0);
	say(p, "</stream:stream>");
	hear_end(p, "</stream:stream>");
	hang_up(&p);
}
END_TEST

START_TEST(test_bind_of_a_resource_in_use_replaces_the_older)
{
	struct peer *old = log_in(ALICE, "same"), *new = log_in(ALICE, "same");

	hear_end(old, S_ERROR_TEXT("conflict", "Replaced by new connection"));
	ck_assert_uint_eq(shard->counters.sessions, 1);
	say(new, "<message to='alice@localhost/same'><body>me</body></message>");
	hear(new, "<message *<body>me</body></message>");
	hang_up(&old);
	hang_up(&new);
}
END_TEST

START_TEST(test_bind_is_enough_to_talk)
{
	struct peer *a = log_in(ALICE, "a"), *b = log_in("AGJvYgBzZWNyZXQ=", "b");

	say(a, "<message to='bob@localhost/b' id='m'><body>hi</body></message>");
	hear(b, "<message from='alice@localhost/a' to='bob@localhost/b' "
		"id='m'><body>hi</body></message>");
	hang_up(&a);
	hang_up(&b);
}
END_TEST

START_TEST(test_session_ends_with_the_connection)
{
	struct peer *p = log_in(ALICE, "a");
	struct rt_jid jid = {RT_STR("alice"), RT_STR("localhost"), RT_STR("a")};

	ck_assert_ptr_nonnull(rt_session_find(shard, &jid, 0));
	hang_up(&p);
	ck_assert_ptr_null(rt_session_find(shard, &jid, 0));
	p = log_in(ALICE, "a");
	say(p, "</stream:stream>");
	ck_assert_ptr_null(rt_session_find(shard, &jid, 0));
	hear_end(p, "</stream:stream>");
	hang_up(&p);
}
END_TEST

START_TEST(test_removed_account_takes_its_unbound_connections_along)
{
	struct peer *fresh = connect_peer(&listener_c2s), *p = connect_peer(&listener_c2s),
		    *bob = connect_peer(&listener_c2s);

	say(fresh, HEADER);
	hear(fresh, S_HEADER S_FEATURES);
	authenticate(p, ALICE);
	authenticate(bob, "AGJvYgBzZWNyZXQ=");
	ck_assert_int_eq(rt_account_remove(0, RT_STR("alice"), NULL, NULL), RT_OK);
	hear_end(p, S_ERROR_TEXT("conflict", "User removed"));
	say(bob, BIND("b"));
	hear(bob, S_BOUND("bob@localhost/b"));
	ck_assert(!fresh->closed);
	hang_up(&fresh);
	hang_up(&p);
	hang_up(&bob);
}
END_TEST

START_TEST(test_session_is_small)
{
	/* The figures of an idle session; its user and roster come on top. */
	ck_assert_uint_le(sizeof(struct rt_c2s), 800);
	ck_assert_uint_le(sizeof(struct rt_c2s_session), 200);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("bind");
	TCase *tc = tcase_create("bind");
	SRunner *r;
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, start_server, stop_server);
	tcase_add_loop_test(tc, test_bind_request, 0, (int)RT_ARRAY_LEN(requests));
	tcase_add_test(tc, test_bind_generated_resources_differ);
	tcase_add_test(tc, test_bind_resource_length_is_bounded);
	tcase_add_test(tc, test_bind_gives_the_prepared_account);
	tcase_add_test(tc, test_bind_obeys_the_access_rule);
	tcase_add_test(tc, test_bind_of_a_resource_in_use_replaces_the_older);
	tcase_add_test(tc, test_bind_is_enough_to_talk);
	tcase_add_test(tc, test_session_ends_with_the_connection);
	tcase_add_test(tc, test_removed_account_takes_its_unbound_connections_along);
	tcase_add_test(tc, test_session_is_small);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
