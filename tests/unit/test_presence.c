/* test_presence.c - who sees whose presence: initial, later, directed, probed, ended (RFC 6121, 4).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "route/roster.h"
#include "route_fixture.h"

#define COUNT(a)    ((int)(sizeof(a) / sizeof((a)[0])))
#define DELAY(from) "<delay xmlns='urn:xmpp:delay' stamp='" FX_STAMP "' from='" from "'/>"

/* rose and romeo see each other, rose sees ralf (not the other way round), rita sees rose. */
static void setup_shards(unsigned nshards, enum fake_store_mode mode)
{
	static const char *const names[] = {"rose", "romeo", "ralf", "rita"};

	fx_start(nshards, mode);
	for (int i = 0; i < COUNT(names); i++)
		fake_store_add_account(names[i], "localhost");
	fake_store_add_item("rose", "localhost", "romeo@localhost", NULL, "", RT_SUB_BOTH,
			    RT_ASK_NONE);
	fake_store_add_item("romeo", "localhost", "rose@localhost", NULL, "", RT_SUB_BOTH,
			    RT_ASK_NONE);
	fake_store_add_item("rose", "localhost", "ralf@localhost", NULL, "", RT_SUB_TO,
			    RT_ASK_NONE);
	fake_store_add_item("ralf", "localhost", "rose@localhost", NULL, "", RT_SUB_FROM,
			    RT_ASK_NONE);
	fake_store_add_item("rose", "localhost", "rita@localhost", NULL, "", RT_SUB_FROM,
			    RT_ASK_NONE);
	fake_store_add_item("rita", "localhost", "rose@localhost", NULL, "", RT_SUB_TO,
			    RT_ASK_NONE);
}

static void setup_one(void)
{
	setup_shards(1, FAKE_STORE_AT_ONCE);
}

static void setup_three(void)
{
	setup_shards(3, FAKE_STORE_QUEUED);
}

/* ---- initial and later ---- */

/* PR-01 */
START_TEST(test_initial_presence_is_echoed_and_seen_by_other_resources)
{
	struct fx_client *a = fx_open("rose@localhost/a"), *c = fx_open("rose@localhost/c");

	fx_send(a, "<presence/>");
	fx_expect(a, "<presence from='rose@localhost/a' to='rose@localhost/a'/>");
	fx_send(c, "<presence><priority>1</priority><show>away</show></presence>");
	fx_expect(a, "<presence from='rose@localhost/c' to='rose@localhost/a'>"
		     "<priority>1</priority><show>away</show></presence>");
	fx_expect(c, "<presence from='rose@localhost/c' to='rose@localhost/c'>"
		     "<priority>1</priority><show>away</show></presence>");
	fx_expect(c, "<presence from='rose@localhost/a' to='rose@localhost/c'>" DELAY(
			     "rose@localhost/a") "</presence>");
	fx_expect_nothing(a);
	fx_expect_nothing(c);
	ck_assert_int_eq(c->s.priority, 1);
}
END_TEST

/* PR-02, 06, 07: contacts with from or both, by probe for those with to or both. */
START_TEST(test_presence_goes_to_contacts_and_theirs_comes_back)
{
	struct fx_client *romeo = fx_online("romeo@localhost/b"),
			 *ralf = fx_online("ralf@localhost/r"),
			 *rita = fx_online("rita@localhost/t"), *rose = fx_open("rose@localhost/a");

	fx_send(rose, "<presence id='p'><show>away</show></presence>");
	fx_expect(romeo, "<presence from='rose@localhost/a' to='romeo@localhost/b' id='p'>"
			 "<show>away</show></presence>");
	fx_expect(rita, "<presence from='rose@localhost/a' to='rita@localhost/t' id='p'>"
			"<show>away</show></presence>");
	fx_expect_nothing(ralf);
	ck_assert_uint_eq(rose->nout, 3);
	fx_next(rose); /* the echo; answers to probes in any order */
	for (int i = 0; i < 2; i++) {
		const char *xml = fx_next(rose);

		ck_assert_msg(
			strcmp(xml,
			       "<presence from='romeo@localhost/b' to='rose@localhost/a'>" DELAY(
				       "romeo@localhost/b") "</presence>") == 0 ||
				strcmp(xml, "<presence from='ralf@localhost/r' "
					    "to='rose@localhost/a'>" DELAY(
						    "ralf@localhost/r") "</presence>") == 0,
			"%s", xml);
	}
	fx_send(rose, "<presence><show>dnd</show></presence>");
	fx_expect(romeo, "<presence from='rose@localhost/a' to='romeo@localhost/b'>"
			 "<show>dnd</show></presence>");
	fx_expect_nothing(romeo);
	fx_expect_nothing(ralf);
	fx_next(rose);
	fx_expect_nothing(rose); /* no second probe */
}
END_TEST

/* PR-13 */
START_TEST(test_only_the_resource_that_speaks_is_broadcast)
{
	struct fx_client *romeo, *a = fx_online("rose@localhost/a");

	romeo = fx_online("romeo@localhost/b");
	fx_open("rose@localhost/c");
	fx_forget(a);
	fx_send(a, "<presence><show>xa</show></presence>");
	fx_expect(romeo, "<presence from='rose@localhost/a' to='romeo@localhost/b'><show>xa</show>"
			 "</presence>");
	fx_expect_nothing(romeo);
}
END_TEST

struct priority_case {
	const char *text;
	int value; /* 1000: refused */
};

/* PR-04 and RFC 6121, 4.7.2.3 */
static const struct priority_case priorities[] = {
	{"0", 0},
	{"-10", -10},
	{"127", 127},
	{"-128", -128},
	{" 5\n", 5},
	{"+7", 7},
	{"", 0},
	{"007", 7},
	{"128", 1000},
	{"-129", 1000},
	{"200", 1000},
	{"abc", 1000},
	{"1x", 1000},
	{"-", 1000},
	{"1 2", 1000},
	{" ", 1000},
	{"99999999999999999999", 1000},
};

START_TEST(test_priority_is_an_integer_of_one_byte)
{
	const struct priority_case *p = &priorities[_i];
	struct fx_client *rose = fx_open("rose@localhost/a");
	char xml[128];

	snprintf(xml, sizeof(xml), "<presence><priority>%s</priority></presence>", p->text);
	fx_send(rose, xml);
	if (p->value == 1000) {
		ck_assert_ptr_nonnull(strstr(fx_next(rose), "<bad-request "));
		ck_assert(!rose->s.available);
	} else {
		ck_assert_msg(rose->s.priority == p->value, "'%s' is %d", p->text,
			      rose->s.priority);
		ck_assert(rose->s.available);
	}
}
END_TEST

START_TEST(test_unknown_type_is_broadcast_as_it_is)
{
	struct fx_client *romeo = fx_online("romeo@localhost/b"),
			 *rose = fx_open("rose@localhost/a");

	fx_send(rose, "<presence type='foo'/>");
	fx_expect(romeo, "<presence from='rose@localhost/a' to='romeo@localhost/b' type='foo'/>");
	ck_assert(rose->s.available);
}
END_TEST

START_TEST(test_hooks_run_when_messages_can_be_taken)
{
	struct fx_client *rose = fx_open("rose@localhost/a");

	fx_send(rose, "<presence><priority>-1</priority></presence>");
	ck_assert_uint_eq(fx_seen.available, 0);
	fx_send(rose, "<presence/>");
	ck_assert_uint_eq(fx_seen.available, 1);
	fx_send(rose, "<presence><show>away</show></presence>");
	ck_assert_uint_eq(fx_seen.available, 1);
	fx_send(rose, "<presence><priority>-1</priority></presence>");
	fx_send(rose, "<presence/>");
	ck_assert_uint_eq(fx_seen.available, 2);
	fx_send(rose, "<presence type='unavailable'><status>zzz</status></presence>");
	ck_assert_uint_eq(fx_seen.unavailable, 1);
	ck_assert_str_eq(fx_seen.status, "zzz");
	fx_close(rose, "gone");
	ck_assert_uint_eq(fx_seen.unavailable, 1); /* it was over already */
}
END_TEST

START_TEST(test_lang_comes_back_with_a_probe)
{
	struct fx_client *rose, *romeo = fx_open("romeo@localhost/b");

	fx_send(romeo, "<presence xml:lang='pl'><status>hej</status></presence>");
	rose = fx_online("rose@localhost/a");
	fx_send(rose, "<presence type='probe' to='romeo@localhost'/>");
	fx_expect(rose, "<presence from='romeo@localhost/b' to='rose@localhost/a' xml:lang='pl'>"
			"<status>hej</status>" DELAY("romeo@localhost/b") "</presence>");
}
END_TEST

/* ---- unavailable ---- */

/* PR-08 */
START_TEST(test_unavailable_reaches_contacts_and_own_resources)
{
	struct fx_client *a = fx_online("rose@localhost/a"), *c = fx_online("rose@localhost/c"),
			 *romeo = fx_online("romeo@localhost/b");

	fx_forget(a);
	fx_forget(c);
	fx_send(a, "<presence type='unavailable'><status>bye</status></presence>");
	fx_expect(romeo,
		  "<presence from='rose@localhost/a' to='romeo@localhost/b' type='unavailable'>"
		  "<status>bye</status></presence>");
	fx_expect(c, "<presence from='rose@localhost/a' to='rose@localhost/c' type='unavailable'>"
		     "<status>bye</status></presence>");
	fx_expect_nothing(a);
	ck_assert(!a->s.available);
	fx_send(romeo, "<message to='rose@localhost' id='1'/>");
	fx_expect_nothing(a);
	ck_assert_ptr_nonnull(strstr(fx_next(c), "<message"));
}
END_TEST

/* PR-09 */
START_TEST(test_end_of_the_session_is_unavailable)
{
	struct fx_client *rose = fx_online("rose@localhost/a"),
			 *romeo = fx_online("romeo@localhost/b");

	fx_close(rose, "Replaced by new connection");
	fx_expect(romeo,
		  "<presence from='rose@localhost/a' to='romeo@localhost/b' type='unavailable'>"
		  "<status>Replaced by new connection</status></presence>");
	ck_assert_uint_eq(fx_seen.unavailable, 1);
}
END_TEST

START_TEST(test_end_without_presence_tells_nobody)
{
	struct fx_client *romeo = fx_online("romeo@localhost/b"),
			 *rose = fx_open("rose@localhost/a");

	fx_close(rose, "");
	fx_expect_nothing(romeo);
	ck_assert_uint_eq(fx_seen.unavailable, 0);
}
END_TEST

START_TEST(test_session_that_ends_while_its_roster_is_read)
{
	struct fx_client *romeo = fx_online("romeo@localhost/b"),
			 *rose = fx_open("rose@localhost/a");

	fx_send_only(rose, "<presence/>");
	fx_close(rose, "");
	/* Either all of it came before the end, or nothing. */
	ck_assert_uint_eq(romeo->nout % 2, 0);
	ck_assert_ptr_null(rt_user_find(rose->shard, RT_STR("rose"), 0));
}
END_TEST

/* ---- directed ---- */

/* PR-03 */
START_TEST(test_directed_presence_ends_with_the_session)
{
	struct fx_client *ralf = fx_online("ralf@localhost/r"),
			 *romeo = fx_online("romeo@localhost/b");

	fx_send(ralf, "<presence to='romeo@localhost'><status>hi</status></presence>");
	fx_expect(romeo, "<presence from='ralf@localhost/r' to='romeo@localhost/b'>"
			 "<status>hi</status></presence>");
	fx_send(ralf, "<presence to='romeo@localhost/b'/>");
	fx_forget(romeo);
	fx_send(ralf, "<presence><show>away</show></presence>");
	fx_expect_nothing(romeo); /* later presence is for contacts only */
	fx_close(ralf, "");
	fx_expect(romeo,
		  "<presence from='ralf@localhost/r' to='romeo@localhost/b' type='unavailable'/>");
	/* once to the bare JID, once to the full one */
	fx_expect(romeo,
		  "<presence from='ralf@localhost/r' to='romeo@localhost/b' type='unavailable'/>");
	fx_expect_nothing(romeo);
}
END_TEST

START_TEST(test_directed_unavailable_takes_it_back)
{
	struct fx_client *ralf = fx_online("ralf@localhost/r"),
			 *romeo = fx_online("romeo@localhost/b");

	fx_send(ralf, "<presence to='romeo@localhost/b'/>");
	fx_send(ralf, "<presence to='romeo@localhost/b' type='unavailable'/>");
	fx_next(romeo);
	fx_expect(romeo,
		  "<presence from='ralf@localhost/r' to='romeo@localhost/b' type='unavailable'/>");
	fx_send(ralf, "<presence type='unavailable'/>");
	fx_expect_nothing(romeo);
	ck_assert_uint_eq(ralf->s.ndirected, 0);
}
END_TEST

START_TEST(test_directed_presence_works_before_the_initial_one)
{
	struct fx_client *ralf = fx_open("ralf@localhost/r"),
			 *romeo = fx_online("romeo@localhost/b");

	fx_send(ralf, "<presence to='romeo@localhost/b'/>");
	ck_assert_ptr_nonnull(strstr(fx_next(romeo), "from='ralf@localhost/r'"));
	fx_close(ralf, "");
	fx_expect(romeo,
		  "<presence from='ralf@localhost/r' to='romeo@localhost/b' type='unavailable'/>");
}
END_TEST

START_TEST(test_contact_with_directed_presence_hears_the_end_once)
{
	struct fx_client *rose = fx_online("rose@localhost/a"),
			 *romeo = fx_online("romeo@localhost/b");

	fx_send(rose, "<presence to='romeo@localhost'/>");
	fx_send(rose, "<presence to='romeo@localhost/b'/>");
	fx_forget(romeo);
	fx_close(rose, "");
	ck_assert_uint_eq(romeo->nout, 1);
}
END_TEST

START_TEST(test_contact_told_unavailable_by_name_is_left_out)
{
	struct fx_client *rose = fx_online("rose@localhost/a"),
			 *romeo = fx_online("romeo@localhost/b");

	fx_send(rose, "<presence to='romeo@localhost' type='unavailable'/>");
	fx_forget(romeo);
	fx_send(rose, "<presence><show>away</show></presence>");
	fx_expect_nothing(romeo);
	fx_send(rose, "<presence to='romeo@localhost'/>");
	fx_forget(romeo);
	fx_send(rose, "<presence><show>xa</show></presence>");
	ck_assert_uint_eq(romeo->nout, 1);
}
END_TEST

START_TEST(test_directed_list_is_bounded)
{
	struct fx_client *ralf = fx_online("ralf@localhost/r");
	char xml[96];

	for (unsigned i = 0; i <= RT_DIRECTED_MAX; i++) {
		snprintf(xml, sizeof(xml), "<presence to='u%u@localhost'/>", i);
		fx_send(ralf, xml);
	}
	ck_assert_uint_eq(ralf->s.ndirected, RT_DIRECTED_MAX);
	ck_assert_ptr_nonnull(strstr(fx_next(ralf), "<resource-constraint "));
	fx_expect_nothing(ralf);
}
END_TEST

/* PR-12 */
START_TEST(test_contact_that_answers_with_an_error_is_not_told_again)
{
	struct fx_client *rose = fx_online("rose@localhost/a"),
			 *romeo = fx_online("romeo@localhost/b");

	fx_send(romeo, "<presence to='rose@localhost/a' type='error'/>");
	fx_forget(rose);
	fx_send(rose, "<presence><show>away</show></presence>");
	fx_expect_nothing(romeo);
	fx_close(rose, "");
	fx_expect_nothing(romeo);
}
END_TEST

static void on_claimed(struct rt_shard *shard, struct rt_id conn, int err)
{
	(void)shard;
	(void)conn;
	ck_assert_int_eq(err, RT_OK);
}

/* A component that does not want it answers inside the broadcast. */
START_TEST(test_error_from_inside_a_broadcast)
{
	struct rt_str domain = RT_STR("gate.localhost");
	struct fx_client *rose;

	fake_store_add_item("rose", "localhost", "x@gate.localhost", NULL, "", RT_SUB_BOTH,
			    RT_ASK_NONE);
	rose = fx_open("rose@localhost/a");
	rt_shard_enter(rose->shard);
	rt_routes_claim(rose->shard, (struct rt_id){1, 1}, &domain, 1, false, on_claimed);
	fx_settle();
	fx_seen.component_refuses = true;
	fx_send(rose, "<presence/>");
	ck_assert_uint_ge(fx_seen.to_component, 1);
	fx_forget(rose);
	fx_seen.to_component = 0;
	fx_send(rose, "<presence><show>away</show></presence>");
	fx_send(rose, "<presence type='unavailable'/>");
	ck_assert_uint_eq(fx_seen.to_component, 0);
	rt_shard_enter(rose->shard);
	rt_routes_drop(rose->shard, (struct rt_id){1, 1});
	fx_settle();
}
END_TEST

/* ---- invisible ---- */

/* PR-05 */
START_TEST(test_invisible_looks_like_unavailable_and_still_sees)
{
	struct fx_client *rose = fx_online("rose@localhost/a"),
			 *romeo = fx_online("romeo@localhost/b");

	fx_forget(rose);
	fx_send(rose, "<presence type='invisible'/>");
	fx_expect(romeo,
		  "<presence from='rose@localhost/a' to='romeo@localhost/b' type='unavailable'/>");
	fx_expect(rose,
		  "<presence from='rose@localhost/a' to='rose@localhost/a' type='unavailable'/>");
	fx_expect(rose, "<presence from='romeo@localhost/b' to='rose@localhost/a'>" DELAY(
				"romeo@localhost/b") "</presence>");
	fx_expect_nothing(rose);

	fx_send(romeo, "<presence type='probe' to='rose@localhost'/>");
	fx_expect_nothing(romeo);
	fx_send(romeo, "<message to='rose@localhost' id='1'/>");
	ck_assert_ptr_nonnull(strstr(fx_next(rose), "<message"));
	fx_send(rose, "<presence to='romeo@localhost'/>");
	fx_expect(romeo, "<presence from='rose@localhost/a' to='romeo@localhost/b'/>");

	fx_send(rose, "<presence/>");
	fx_expect(romeo, "<presence from='rose@localhost/a' to='romeo@localhost/b'/>");
	fx_send(rose, "<presence type='unavailable'/>");
	fx_expect(romeo,
		  "<presence from='rose@localhost/a' to='romeo@localhost/b' type='unavailable'/>");
	fx_expect_nothing(romeo);
}
END_TEST

START_TEST(test_end_of_an_invisible_session_is_not_shown)
{
	struct fx_client *rose = fx_online("rose@localhost/a"),
			 *romeo = fx_online("romeo@localhost/b");

	fx_send(rose, "<presence type='invisible'/>");
	fx_forget(romeo);
	fx_close(rose, "");
	fx_expect_nothing(romeo);
}
END_TEST

/* ---- probes ---- */

START_TEST(test_probe_by_the_subscribed)
{
	struct fx_client *rose = fx_online("rose@localhost/a");

	fx_online("romeo@localhost/b");
	fx_forget(rose);
	fx_send(rose, "<presence type='probe' to='romeo@localhost/b'/>");
	fx_expect(rose, "<presence from='romeo@localhost/b' to='rose@localhost/a'>" DELAY(
				"romeo@localhost/b") "</presence>");
	fx_send(rose, "<presence type='probe' to='romeo@localhost/nowhere'/>");
	fx_expect_nothing(rose);
}
END_TEST

/* PR-10: nothing leaks, and a wrong belief is put right. */
START_TEST(test_probe_by_a_stranger)
{
	struct fx_client *ralf, *romeo = fx_online("romeo@localhost/b");

	fake_store_add_item("ralf", "localhost", "romeo@localhost", NULL, "", RT_SUB_TO,
			    RT_ASK_NONE);
	ralf = fx_open("ralf@localhost/r");
	fx_send(ralf, "<presence/>");
	fx_next(ralf);
	fx_expect(ralf,
		  "<presence from='romeo@localhost' to='ralf@localhost/r' type='unsubscribed'/>");
	fx_expect_nothing(ralf);
	ck_assert_str_eq(fake_store_item("ralf", "localhost", "romeo@localhost"),
			 "romeo@localhost -  - none none");
	fx_expect_nothing(romeo);
}
END_TEST

START_TEST(test_probe_of_somebody_absent_reads_nothing)
{
	struct fx_client *ralf = fx_online("ralf@localhost/r");
	unsigned calls = fake_store_calls();

	fx_send(ralf, "<presence type='probe' to='rita@localhost'/>");
	fx_send(ralf, "<presence type='probe' to='nobody@localhost'/>");
	fx_expect_nothing(ralf);
	ck_assert_uint_eq(fake_store_calls(), calls);
}
END_TEST

/* ---- requests waiting, and other state ---- */

/* RO-07 */
START_TEST(test_waiting_request_comes_with_each_initial_presence)
{
	struct fx_client *rita;

	fake_store_add_item("rita", "localhost", "ann@localhost", NULL, NULL, RT_SUB_NONE,
			    RT_ASK_IN);
	rita = fx_open("rita@localhost/t");
	fx_send(rita, "<presence><priority>-1</priority></presence>");
	fx_next(rita);
	fx_expect_nothing(rita);
	fx_send(rita, "<presence/>");
	fx_next(rita);
	fx_expect_nothing(rita); /* raised, not initial */
	fx_send(rita, "<presence type='unavailable'/>");
	for (int i = 0; i < 2; i++) {
		fx_send(rita, "<presence/>");
		fx_expect(rita,
			  "<presence from='ann@localhost' to='rita@localhost' type='subscribe'/>");
		fx_expect(rita, "<presence from='rita@localhost/t' to='rita@localhost/t'/>");
		fx_send(rita, "<presence><show>away</show></presence>");
		fx_next(rita);
		fx_expect_nothing(rita);
		fx_send(rita, "<presence type='unavailable'/>");
	}
}
END_TEST

START_TEST(test_presence_to_oneself_that_means_nothing)
{
	static const char *const ignored[] = {
		"<presence type='error'/>",
		"<presence type='probe'/>",
		"<presence type='subscribe'/>",
		"<presence type='subscribed'/>",
		"<presence type='unsubscribe'/>",
		"<presence type='unsubscribed'/>",
		"<presence type='subscribe' to='rose@localhost'/>",
		"<presence type='subscribe' to='rose@localhost/other'/>",
	};
	struct fx_client *rose = fx_online("rose@localhost/a");

	for (int i = 0; i < COUNT(ignored); i++)
		fx_send(rose, ignored[i]);
	fx_expect_nothing(rose);
	ck_assert_str_eq(fake_store_item("rose", "localhost", "rose@localhost"), "");
}
END_TEST

START_TEST(test_roster_that_cannot_be_read)
{
	struct fx_client *rose = fx_open("rose@localhost/a");

	fake_store_fail(0, RT_E_FULL);
	fx_send(rose, "<presence/>");
	ck_assert_ptr_nonnull(strstr(fx_next(rose), "<internal-server-error "));
	ck_assert(!rose->s.available);
	fx_send(rose, "<presence/>");
	fx_expect(rose, "<presence from='rose@localhost/a' to='rose@localhost/a'/>");
}
END_TEST

START_TEST(test_roster_is_in_memory_only_while_it_is_needed)
{
	struct fx_client *rose = fx_open("rose@localhost/a");

	ck_assert_ptr_null(rose->s.user->roster);
	fx_send(rose, "<presence/>");
	ck_assert_ptr_nonnull(rose->s.user->roster);
	fx_send(rose, "<presence type='unavailable'/>");
	ck_assert_ptr_null(rose->s.user->roster);
}
END_TEST

/* A host without mod_roster. */
START_TEST(test_host_without_rosters_has_presence_of_own_resources)
{
	struct fx_client *a = fx_open("ann@two.example/a"), *b = fx_open("ann@two.example/b"),
			 *rose = fx_online("rose@localhost/a");
	unsigned calls = fake_store_calls();

	fx_send(a, "<presence/>");
	fx_send(b, "<presence/>");
	ck_assert_uint_eq(a->nout, 2);
	ck_assert_uint_eq(b->nout, 2);
	fx_forget(b);
	fx_send(a, "<presence type='unavailable'/>");
	ck_assert_uint_eq(b->nout, 1);
	fx_send(a, "<presence to='rose@localhost' type='subscribe'/>");
	fx_expect(rose,
		  "<presence from='ann@two.example' to='rose@localhost/a' type='subscribe'/>");
	ck_assert_uint_eq(fake_store_calls(), calls + 1); /* rose's side only */
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_test(tc, test_initial_presence_is_echoed_and_seen_by_other_resources);
	tcase_add_test(tc, test_presence_goes_to_contacts_and_theirs_comes_back);
	tcase_add_test(tc, test_only_the_resource_that_speaks_is_broadcast);
	tcase_add_loop_test(tc, test_priority_is_an_integer_of_one_byte, 0, COUNT(priorities));
	tcase_add_test(tc, test_unknown_type_is_broadcast_as_it_is);
	tcase_add_test(tc, test_hooks_run_when_messages_can_be_taken);
	tcase_add_test(tc, test_lang_comes_back_with_a_probe);
	tcase_add_test(tc, test_unavailable_reaches_contacts_and_own_resources);
	tcase_add_test(tc, test_end_of_the_session_is_unavailable);
	tcase_add_test(tc, test_end_without_presence_tells_nobody);
	tcase_add_test(tc, test_session_that_ends_while_its_roster_is_read);
	tcase_add_test(tc, test_directed_presence_ends_with_the_session);
	tcase_add_test(tc, test_directed_unavailable_takes_it_back);
	tcase_add_test(tc, test_directed_presence_works_before_the_initial_one);
	tcase_add_test(tc, test_contact_with_directed_presence_hears_the_end_once);
	tcase_add_test(tc, test_contact_told_unavailable_by_name_is_left_out);
	tcase_add_test(tc, test_directed_list_is_bounded);
	tcase_add_test(tc, test_contact_that_answers_with_an_error_is_not_told_again);
	tcase_add_test(tc, test_error_from_inside_a_broadcast);
	tcase_add_test(tc, test_invisible_looks_like_unavailable_and_still_sees);
	tcase_add_test(tc, test_end_of_an_invisible_session_is_not_shown);
	tcase_add_test(tc, test_probe_by_the_subscribed);
	tcase_add_test(tc, test_probe_by_a_stranger);
	tcase_add_test(tc, test_probe_of_somebody_absent_reads_nothing);
	tcase_add_test(tc, test_waiting_request_comes_with_each_initial_presence);
	tcase_add_test(tc, test_presence_to_oneself_that_means_nothing);
	tcase_add_test(tc, test_roster_that_cannot_be_read);
	tcase_add_test(tc, test_roster_is_in_memory_only_while_it_is_needed);
	tcase_add_test(tc, test_host_without_rosters_has_presence_of_own_resources);
}

int main(void)
{
	Suite *s = suite_create("presence");
	TCase *one = tcase_create("one_shard"), *three = tcase_create("three_shards");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(one, setup_one, fx_stop);
	add_tests(one);
	suite_add_tcase(s, one);
	tcase_add_checked_fixture(three, setup_three, fx_stop);
	add_tests(three);
	suite_add_tcase(s, three);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
