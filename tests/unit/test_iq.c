/* test_iq.c - dispatch of requests, the shape of replies and errors, requests of the server's own
 * (RFC 6120, 8.2.3). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/loop.h"
#include "route/iq.h"
#include "route_fixture.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define ERROR(code, type, condition)                                                               \
	"<error code='" code "' type='" type "'><" condition                                       \
	" xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"

static struct fx_client *rose;

static void setup(void)
{
	fx_start(1, FAKE_STORE_AT_ONCE);
	rose = fx_open("rose@localhost/a");
}

struct exchange {
	const char *request, *reply;
};

static const struct exchange exchanges[] = {
	/* Results: from, to, id, type; the request's other attributes are gone. */
	{"<iq type='get' to='localhost' id='1' xml:lang='de' x='y'><q xmlns='test:echo' "
	 "x='z'/></iq>",
	 "<iq from='localhost' to='rose@localhost/a' id='1' type='result'>"
	 "<echo xmlns='test:echo' own='false' asked='z'/></iq>"},
	{"<iq type='set' to='localhost' id='1'><q xmlns='test:empty'/></iq>",
	 "<iq from='localhost' to='rose@localhost/a' id='1' type='result'/>"},
	/* SZ-06: no `to`, the own bare JID; and somebody else's account (RT-14). */
	{"<iq type='get' id='1'><q xmlns='test:echo'/></iq>",
	 "<iq from='rose@localhost' to='rose@localhost/a' id='1' type='result'>"
	 "<echo xmlns='test:echo' own='true'/></iq>"},
	{"<iq type='get' id='1' to='rose@localhost'><q xmlns='test:echo'/></iq>",
	 "<iq from='rose@localhost' to='rose@localhost/a' id='1' type='result'>"
	 "<echo xmlns='test:echo' own='true'/></iq>"},
	{"<iq type='get' id='1' to='bob@localhost'><q xmlns='test:echo'/></iq>",
	 "<iq from='bob@localhost' to='rose@localhost/a' id='1' type='result'>"
	 "<echo xmlns='test:echo' own='false'/></iq>"},
	{"<iq type='get' id='1' to='vjud.localhost'><q xmlns='anything'/></iq>",
	 "<iq from='vjud.localhost' to='rose@localhost/a' id='1' type='result'>"
	 "<echo xmlns='test:echo' own='false'/></iq>"},
	{"<iq type='get' to='localhost'><q xmlns='test:empty'/></iq>",
	 "<iq from='localhost' to='rose@localhost/a' id='' type='result'/>"},
	/* SZ-11, 12: nobody answers for the namespace. */
	{"<iq type='get' to='localhost' id='1'><q xmlns='x:unknown'/></iq>",
	 "<iq from='localhost' to='rose@localhost/a' type='error' id='1'><q "
	 "xmlns='x:unknown'/>" ERROR("503", "cancel", "service-unavailable")},
	{"<iq type='get' id='1'><q xmlns='x:unknown'/></iq>",
	 "<iq from='rose@localhost' to='rose@localhost/a' type='error' id='1'><q "
	 "xmlns='x:unknown'/>" ERROR("503", "cancel", "service-unavailable")},
	/* SZ-09: malformed ones. */
	{"<iq type='get' id='1' to='localhost'/>",
	 "<iq from='localhost' to='rose@localhost/a' type='error' id='1'>" ERROR("400", "modify",
										 "bad-request")},
	{"<iq type='get' id='1' to='localhost'><a xmlns='b'/><c xmlns='d'/></iq>",
	 "<iq from='localhost' to='rose@localhost/a' type='error' id='1'><a xmlns='b'/><c "
	 "xmlns='d'/>" ERROR("400", "modify", "bad-request")},
	{"<iq type='get' id='1' to='localhost'><query/></iq>",
	 "<iq from='localhost' to='rose@localhost/a' type='error' id='1'><query/>" ERROR(
		 "400", "modify", "bad-request")},
	{"<iq type='get' id='1'>text</iq>",
	 "<iq from='rose@localhost' to='rose@localhost/a' type='error' id='1'>text" ERROR(
		 "400", "modify", "bad-request")},
	/* SZ-10 */
	{"<iq type='foo' id='1' to='localhost'><q xmlns='test:echo'/></iq>",
	 "<iq from='localhost' to='rose@localhost/a' type='error' id='1'><q "
	 "xmlns='test:echo'/>" ERROR("400", "modify", "bad-request")},
	{"<iq id='1' to='localhost'><q xmlns='test:echo'/></iq>",
	 "<iq from='localhost' to='rose@localhost/a' type='error' id='1'><q "
	 "xmlns='test:echo'/>" ERROR("400", "modify", "bad-request")},
	/* Errors of handlers keep the child; also one that had begun a result. */
	{"<iq type='get' to='localhost' id='1'><q xmlns='test:error'/></iq>",
	 "<iq from='localhost' to='rose@localhost/a' id='1' type='error'><q xmlns='test:error'/>"
	 "<error code='405' type='cancel'><not-allowed "
	 "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
	 "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>because</text></error></iq>"},
	{"<iq type='set' to='localhost' id='1'><q xmlns='test:late' a='b'><c/></q></iq>",
	 "<iq from='localhost' to='rose@localhost/a' id='1' type='error'>"
	 "<q xmlns='test:late' a='b'><c/></q>" ERROR("409", "cancel", "conflict")},
	/* A reply that ran out of memory is still one reply. */
	{"<iq type='get' to='localhost' id='1'><q xmlns='test:broken'/></iq>",
	 "<iq from='localhost' to='rose@localhost/a' type='error' id='1'>" ERROR(
		 "500", "wait", "resource-constraint")},
	/* SZ-14: no answers to answers. */
	{"<iq type='result' to='localhost' id='1'><q xmlns='test:echo'/></iq>", ""},
	{"<iq type='error' to='localhost' id='1'><q xmlns='x:unknown'/></iq>", ""},
	{"<iq type='result' id='1'/>", ""},
	{"<iq type='result' to='vjud.localhost' id='1'/>", ""},
};

/* SZ-13: and there is no second reply. */
START_TEST(test_request_gets_its_reply)
{
	fx_send(rose, exchanges[_i].request);
	ck_assert_str_eq(fx_next(rose), exchanges[_i].reply);
	fx_expect_nothing(rose);
}
END_TEST

START_TEST(test_handler_may_answer_later)
{
	fx_send(rose, "<iq type='get' to='localhost' id='1'><q xmlns='test:hold'/></iq>");
	fx_expect_nothing(rose);
	ck_assert_ptr_nonnull(fx_seen.held);
	ck_assert(!fx_seen.held->is_set);
	rt_shard_enter(rose->shard);
	rt_iq_error_bare(fx_seen.held, RT_SE_CONFLICT, NULL);
	fx_expect(rose, "<iq from='localhost' to='rose@localhost/a' id='1' type='error'>" ERROR(
				"409", "cancel", "conflict"));
}
END_TEST

START_TEST(test_serialised_result)
{
	fx_send(rose, "<iq type='get' id='1'><q xmlns='test:hold'/></iq>");
	rt_shard_enter(rose->shard);
	rt_iq_result_xml(fx_seen.held, RT_STR("<q xmlns='test:hold'>&lt;</q>"));
	fx_expect(rose, "<iq from='rose@localhost' to='rose@localhost/a' id='1' type='result'>"
			"<q xmlns='test:hold'>&lt;</q></iq>");
}
END_TEST

START_TEST(test_reply_to_an_asker_who_has_gone_is_dropped)
{
	fx_send(rose, "<iq type='get' to='localhost' id='1'><q xmlns='test:hold'/></iq>");
	fx_close(rose, "");
	rt_shard_enter(rose->shard);
	rt_iq_result(fx_seen.held);
	fx_expect_nothing(rose);
}
END_TEST

/* ---- requests of the server's own ---- */

static unsigned answers;
static char answer_type[16];

static void on_answer(struct rt_shard *shard, void *ctx, struct rt_stanza *reply)
{
	ck_assert_ptr_eq(shard, rt_shards[0]);
	ck_assert_ptr_eq(ctx, &answers);
	answers++;
	strcpy(answer_type, reply == NULL                   ? "none"
			    : reply->type == RT_TYPE_RESULT ? "result"
							    : "error");
}

/* @return the id that the client saw; static. */
static const char *ask(uint32_t timeout_ms)
{
	static char id[32];
	struct rt_stanza *st = rt_stanza_new("iq", RT_STANZA_IQ);
	struct rt_jid from = {{NULL, 0}, RT_STR("localhost"), {NULL, 0}};
	struct rt_jid to = rt_session_jid(&rose->s);
	const char *text;

	rt_shard_enter(rose->shard);
	rt_stanza_set_type(st, RT_TYPE_GET);
	rt_stanza_set_from(st, &from);
	rt_stanza_set_to(st, &to);
	rt_elem_add(st, st->root, "ping", "urn:xmpp:ping");
	rt_iq_request(rose->shard, st, timeout_ms, on_answer, &answers);
	text = strstr(fx_next(rose), " id='");
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(sscanf(text, " id='%31[^']", id), 1);
	return id;
}

START_TEST(test_answer_to_the_server_is_heard_once)
{
	char xml[128];

	answers = 0;
	snprintf(xml, sizeof(xml), "<iq type='%s' to='localhost' id='%s'/>",
		 _i == 0 ? "result" : "error", ask(1000));
	fx_send(rose, xml);
	ck_assert_uint_eq(answers, 1);
	ck_assert_str_eq(answer_type, _i == 0 ? "result" : "error");
	fx_send(rose, xml);
	ck_assert_uint_eq(answers, 1);
	fx_expect_nothing(rose);
}
END_TEST

START_TEST(test_answer_counts_only_from_whom_was_asked)
{
	struct fx_client *other = fx_open("bob@localhost/x");
	char xml[128];

	answers = 0;
	snprintf(xml, sizeof(xml), "<iq type='result' to='localhost' id='%s'/>", ask(1000));
	fx_send(other, xml);
	ck_assert_uint_eq(answers, 0);
	fx_send(rose, "<iq type='result' to='localhost' id='srv0000000000000099'/>");
	ck_assert_uint_eq(answers, 0);
	fx_send(rose, xml);
	ck_assert_uint_eq(answers, 1);
}
END_TEST

static bool has_answer(void *ctx)
{
	(void)ctx;
	return answers > 0;
}

START_TEST(test_answer_that_does_not_come_is_reported)
{
	answers = 0;
	ask(0);
	rt_shard_run_until(rose->shard, has_answer, NULL);
	ck_assert_str_eq(answer_type, "none");
}
END_TEST

START_TEST(test_pending_requests_end_with_the_router)
{
	answers = 0;
	ask(60000);
	fx_stop();
	ck_assert_uint_eq(answers, 1);
	ck_assert_str_eq(answer_type, "none");
	setup(); /* for the teardown */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("iq");
	TCase *tc = tcase_create("iq");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, fx_stop);
	tcase_add_loop_test(tc, test_request_gets_its_reply, 0, COUNT(exchanges));
	tcase_add_test(tc, test_handler_may_answer_later);
	tcase_add_test(tc, test_serialised_result);
	tcase_add_test(tc, test_reply_to_an_asker_who_has_gone_is_dropped);
	tcase_add_loop_test(tc, test_answer_to_the_server_is_heard_once, 0, 2);
	tcase_add_test(tc, test_answer_counts_only_from_whom_was_asked);
	tcase_add_test(tc, test_answer_that_does_not_come_is_reported);
	tcase_add_test(tc, test_pending_requests_end_with_the_router);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
