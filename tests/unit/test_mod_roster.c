/* test_mod_roster.c - rosters: requests, pushes, versions, subscriptions, removal (RFC 6121, 2 and
 * 3; XEP-0237). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/buf.h"
#include "modules/mod_roster.h"
#include "route/account.h"
#include "route_fixture.h"

#define COUNT(a)  ((int)(sizeof(a) / sizeof((a)[0])))
#define GET       "<iq type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>"
#define SET(item) "<iq type='set' id='s'><query xmlns='jabber:iq:roster'>" item "</query></iq>"
#define RESULT    "<iq from='rose@localhost' to='rose@localhost/a' id='s' type='result'/>"
#define ROSTER(items)                                                                              \
	"<iq from='rose@localhost' to='rose@localhost/a' id='g' type='result'>"                    \
	"<query xmlns='jabber:iq:roster'>" items "</query></iq>"
#define EMPTY                                                                                      \
	"<iq from='rose@localhost' to='rose@localhost/a' id='g' type='result'>"                    \
	"<query xmlns='jabber:iq:roster'/></iq>"
/* Pushes as the fixture writes them: type comes before id, since that is how they are made. */
#define PUSH_TO(node, resource, item)                                                              \
	"<iq from='" node "@localhost' to='" node "@localhost/" resource                           \
	"' id='push' type='set'><query xmlns='jabber:iq:roster'>" item "</query></iq>"
#define PUSH(item) PUSH_TO("rose", "a", item)

static struct fx_client *rose;

/* A client that has asked for its roster and sent presence. */
static struct fx_client *ready(const char *jid)
{
	struct fx_client *c = fx_open(jid);

	fx_send(c, GET);
	fx_send(c, "<presence/>");
	fx_forget(c);
	return c;
}

static void setup_one(void)
{
	fx_start(1, FAKE_STORE_AT_ONCE);
	rose = ready("rose@localhost/a");
}

static void setup_three(void)
{
	fx_start(3, FAKE_STORE_QUEUED);
	rose = ready("rose@localhost/a");
}

/* ---- get and set ---- */

/* RO-01 */
START_TEST(test_empty_roster)
{
	fx_send(rose, GET);
	fx_expect(rose, EMPTY);
}
END_TEST

START_TEST(test_items_are_listed_in_order_without_mere_requests)
{
	struct fx_client *c;

	fake_store_add_account("lily", "localhost");
	fake_store_add_item("lily", "localhost", "c@x", "C & co", "<group>A</group><group/>",
			    RT_SUB_BOTH, RT_ASK_NONE);
	fake_store_add_item("lily", "localhost", "a@x", NULL, "", RT_SUB_NONE, RT_ASK_OUT);
	fake_store_add_item("lily", "localhost", "b@x", NULL, NULL, RT_SUB_NONE, RT_ASK_IN);
	fake_store_add_item("lily", "localhost", "d@x/r", "", "", RT_SUB_FROM, RT_ASK_OUT);
	c = fx_open("lily@localhost/l");
	fx_send(c, GET);
	fx_expect(c,
		  "<iq from='lily@localhost' to='lily@localhost/l' id='g' type='result'>"
		  "<query xmlns='jabber:iq:roster'>"
		  "<item ask='subscribe' subscription='none' jid='a@x'/>"
		  "<item subscription='both' name='C &amp; co' "
		  "jid='c@x'><group>A</group><group/></item>"
		  "<item ask='subscribe' subscription='from' name='' jid='d@x/r'/></query></iq>");
}
END_TEST

/* RO-02, and RO-14: pushes go to resources that have asked, from the bare JID, before the result.
 */
START_TEST(test_new_item_is_pushed_to_interested_resources)
{
	struct fx_client *asked = ready("rose@localhost/c"), *not = fx_online("rose@localhost/d");

	fx_forget(rose);
	fx_forget(asked);
	fx_send(rose, SET("<item jid='Romeo@LocalHost' name='R'><group>F</group></item>"));
	fx_expect(rose, PUSH("<item subscription='none' name='R' jid='romeo@localhost'>"
			     "<group>F</group></item>"));
	fx_expect(rose, RESULT);
	fx_expect(asked, PUSH_TO("rose", "c",
				 "<item subscription='none' name='R' jid='romeo@localhost'>"
				 "<group>F</group></item>"));
	fx_expect_nothing(not );
	ck_assert_str_eq(fake_store_item("rose", "localhost", "romeo@localhost"),
			 "romeo@localhost R <group>F</group> - none none");
	fx_send(rose, "<iq type='result' id='push123'/>");
	fx_expect_nothing(rose);
}
END_TEST

/* RO-03, RO-16; what is left out is gone, foreign children stay. */
START_TEST(test_set_replaces_name_and_groups)
{
	fx_send(rose, SET("<item jid='x@y' name='One'><group>A</group></item>"));
	fx_forget(rose);
	fx_send(rose,
		SET("<item jid='x@y' name='Two' subscription='both' ask='subscribe'>"
		    "<group>B</group><group>B</group><z xmlns='a:b'>t&amp;t</z><bad/></item>"));
	fx_expect(rose, PUSH("<item subscription='none' name='Two' jid='x@y'>"
			     "<group>B</group><group>B</group><z xmlns='a:b'>t&amp;t</z></item>"));
	fx_expect(rose, RESULT);
	fx_send(rose, SET("<item jid='x@y'/>"));
	fx_expect(rose, PUSH("<item subscription='none' jid='x@y'/>"));
	fx_forget(rose);
	fx_send(rose, GET);
	fx_expect(rose, ROSTER("<item subscription='none' jid='x@y'/>"));
}
END_TEST

struct refusal {
	const char *request, *condition;
};

static const struct refusal refusals[] = {
	{SET("<item jid='a@x'/><item jid='b@x'/>"), "bad-request"}, /* RO-15 */
	{SET(""), "bad-request"},
	{SET("<item/>"), "bad-request"},
	{SET("<other jid='a@x'/>"), "bad-request"},
	{SET("<item jid='@@'/>"), "jid-malformed"},
	/* RO-20 */
	{"<iq type='get' id='g' to='romeo@localhost'><query xmlns='jabber:iq:roster'/></iq>",
	 "forbidden"},
	{"<iq type='set' id='g' to='romeo@localhost'><query xmlns='jabber:iq:roster'>"
	 "<item jid='a@x'/></query></iq>",
	 "forbidden"},
	{"<iq type='get' id='g' to='localhost'><query xmlns='jabber:iq:roster'/></iq>",
	 "service-unavailable"},
};

START_TEST(test_request_is_refused)
{
	char condition[64];

	snprintf(condition, sizeof(condition), "<%s ", refusals[_i].condition);
	fx_send(rose, refusals[_i].request);
	ck_assert_ptr_nonnull(strstr(fx_next(rose), condition));
	fx_expect_nothing(rose);
	fx_send(rose, GET);
	fx_expect(rose, EMPTY);
}
END_TEST

START_TEST(test_removal)
{
	fx_send(rose, SET("<item jid='x@y'/>"));
	fx_forget(rose);
	fx_send(rose, SET("<item jid='x@y' subscription='remove'/>"));
	fx_expect(rose, PUSH("<item subscription='remove' jid='x@y'/>"));
	fx_expect(rose, RESULT);
	ck_assert_str_eq(fake_store_item("rose", "localhost", "x@y"), "");
	fx_send(rose, GET);
	fx_expect(rose, EMPTY);
	fx_send(rose, SET("<item jid='absent@y' subscription='remove'/>"));
	fx_expect(rose, PUSH("<item subscription='remove' jid='absent@y'/>"));
	fx_expect(rose, RESULT);
}
END_TEST

START_TEST(test_result_waits_for_the_commit_and_order_is_kept)
{
	if (rt_nshards == 1) /* a store that answers at once */
		return;
	fx_send_only(rose, SET("<item jid='x@y' name='1'/>"));
	fx_send_only(rose, SET("<item jid='x@y' name='2'/>"));
	fx_send_only(rose, GET);
	rt_shards_drain();
	fx_expect_nothing(rose);
	fx_settle();
	fx_expect(rose, PUSH("<item subscription='none' name='1' jid='x@y'/>"));
	fx_expect(rose, RESULT);
	fx_expect(rose, PUSH("<item subscription='none' name='2' jid='x@y'/>"));
	fx_expect(rose, RESULT);
	fx_expect(rose, ROSTER("<item subscription='none' name='2' jid='x@y'/>"));
}
END_TEST

START_TEST(test_failed_write_changes_nothing)
{
	fake_store_fail(0, RT_E_FULL);
	fx_send(rose, SET("<item jid='x@y'/>"));
	ck_assert_ptr_nonnull(strstr(fx_next(rose), "<internal-server-error "));
	fx_expect_nothing(rose);
	fx_send(rose, GET);
	fx_expect(rose, EMPTY);

	fx_send(rose, SET("<item jid='x@y'/>"));
	fx_forget(rose);
	fake_store_fail(0, RT_E_FULL);
	fx_send(rose, SET("<item jid='x@y' subscription='remove'/>"));
	ck_assert_ptr_nonnull(strstr(fx_next(rose), "<internal-server-error "));
	fx_send(rose, GET);
	fx_expect(rose, ROSTER("<item subscription='none' jid='x@y'/>"));

	fake_store_fail(0, RT_E_FULL);
	fx_send(rose, "<presence to='x@y' type='subscribe'/>");
	ck_assert_ptr_nonnull(strstr(fx_next(rose), "<internal-server-error "));
	ck_assert_str_eq(fake_store_item("rose", "localhost", "x@y"), "x@y -  - none none");
}
END_TEST

START_TEST(test_waiting_requests_are_bounded)
{
	unsigned refused = 0;

	if (rt_nshards == 1)
		return;
	fx_send_only(rose, SET("<item jid='x@y'/>")); /* its commit holds the turn */
	for (unsigned i = 0; i < RT_ROSTER_WAITING_MAX + 2; i++) {
		fx_send_only(rose, GET);
		if (rose->nout > 0) {
			ck_assert_ptr_nonnull(strstr(fx_next(rose), "<resource-constraint "));
			refused++;
		}
	}
	ck_assert_uint_eq(refused, 2);
	fx_close(rose, ""); /* the answers have nowhere to go */
}
END_TEST

START_TEST(test_big_roster)
{
	char xml[160];

	for (int i = 0; i < 300; i++) {
		snprintf(xml, sizeof(xml), SET("<item jid='u%03d@x' name='n%d'/>"), i, i);
		fx_send(rose, xml);
		fx_forget(rose);
	}
	for (int i = 0; i < 300; i += 2) {
		snprintf(xml, sizeof(xml), SET("<item jid='u%03d@x' subscription='remove'/>"), i);
		fx_send(rose, xml);
		fx_forget(rose);
	}
	ck_assert_uint_eq(rose->s.user->roster->n, 150);
	ck_assert_ptr_null(rt_roster_find(rose->s.user->roster, RT_STR("u010@x")));
	ck_assert_ptr_nonnull(rt_roster_find(rose->s.user->roster, RT_STR("u011@x")));
}
END_TEST

/* ---- versions ---- */

static struct rt_str feature(bool authenticated)
{
	static char text[128];
	struct rt_buf out = {0};

	rt_mod_roster_feature(&out, authenticated, &fx_roster_opts);
	snprintf(text, sizeof(text), "%.*s", (int)rt_buf_len(&out),
		 out.data != NULL ? out.data : "");
	rt_buf_fini(&out);
	return rt_str_of(text);
}

/* RO-13 */
START_TEST(test_without_versioning_ver_is_ignored)
{
	ck_assert_uint_eq(feature(true).n, 0);
	fx_send(rose, "<iq type='get' id='g'><query xmlns='jabber:iq:roster' ver=''/></iq>");
	fx_expect(rose, EMPTY);
}
END_TEST

/* @return the value of ver in the next thing received, "" for none; static. */
static const char *next_version(struct fx_client *c)
{
	static char version[80];
	const char *at = strstr(fx_next(c), " ver='");

	version[0] = '\0';
	if (at != NULL)
		ck_assert_int_eq(sscanf(at, " ver='%79[^']", version), 1);
	return version;
}

/* RO-12, with and without store_current_id */
START_TEST(test_versions)
{
	char first[80], second[80], xml[256];
	struct fx_client *again;

	fx_roster_opts.versioning = true;
	fx_roster_opts.store_current_id = _i == 1;
	ck_assert_uint_eq(feature(false).n, 0);
	ck_assert(rt_str_is(feature(true), "<ver xmlns='urn:xmpp:features:rosterver'/>"));
	fx_send(rose, GET);
	fx_expect(rose, EMPTY);
	fx_send(rose, "<iq type='get' id='g'><query xmlns='jabber:iq:roster' ver=''/></iq>");
	strcpy(first, next_version(rose));
	ck_assert_str_ne(first, "");

	snprintf(xml, sizeof(xml),
		 "<iq type='get' id='g'><query xmlns='jabber:iq:roster' ver='%s'/></iq>", first);
	fx_send(rose, xml);
	fx_expect(rose, "<iq from='rose@localhost' to='rose@localhost/a' id='g' type='result'/>");

	fx_send(rose, SET("<item jid='x@y'/>"));
	strcpy(second, next_version(rose));
	ck_assert_str_ne(second, "");
	ck_assert_str_ne(second, first);
	fx_forget(rose);
	fx_send(rose, xml); /* the old one */
	ck_assert_str_eq(next_version(rose), second);

	/* It outlives the roster in memory. */
	fx_close(rose, "");
	again = fx_open("rose@localhost/a");
	snprintf(xml, sizeof(xml),
		 "<iq type='get' id='g'><query xmlns='jabber:iq:roster' ver='%s'/></iq>", second);
	fx_send(again, xml);
	fx_expect(again, "<iq from='rose@localhost' to='rose@localhost/a' id='g' type='result'/>");
}
END_TEST

/* ---- subscriptions between two accounts ---- */

/* RO-05, both directions */
START_TEST(test_subscription_flow)
{
	struct fx_client *romeo = ready("romeo@localhost/b");

	fx_send(rose,
		"<presence to='romeo@localhost' type='subscribe' id='s1'><status>please</status>"
		"<x xmlns='foo'/></presence>");
	fx_expect(rose, PUSH("<item ask='subscribe' subscription='none' jid='romeo@localhost'/>"));
	fx_expect(romeo,
		  "<presence from='rose@localhost' to='romeo@localhost/b' type='subscribe' id='s1'>"
		  "<status>please</status><x xmlns='foo'/></presence>");
	fx_expect_nothing(romeo);

	fx_send(romeo, "<presence to='rose@localhost' type='subscribed'/>");
	fx_expect(romeo, PUSH_TO("romeo", "b", "<item subscription='from' jid='rose@localhost'/>"));
	fx_expect(rose, PUSH("<item subscription='to' jid='romeo@localhost'/>"));
	fx_expect(rose,
		  "<presence from='romeo@localhost' to='rose@localhost/a' type='subscribed'/>");
	fx_expect(rose, "<presence from='romeo@localhost/b' to='rose@localhost/a'/>");

	fx_send(romeo, "<presence to='rose@localhost' type='subscribe'/>");
	fx_expect(romeo,
		  PUSH_TO("romeo", "b",
			  "<item ask='subscribe' subscription='from' jid='rose@localhost'/>"));
	fx_expect(rose, PUSH("<item subscription='to' jid='romeo@localhost'/>"));
	fx_expect(rose,
		  "<presence from='romeo@localhost' to='rose@localhost/a' type='subscribe'/>");

	fx_send(rose, "<presence to='romeo@localhost' type='subscribed'/>");
	fx_expect(rose, PUSH("<item subscription='both' jid='romeo@localhost'/>"));
	fx_expect(romeo, PUSH_TO("romeo", "b", "<item subscription='both' jid='rose@localhost'/>"));
	fx_expect(romeo,
		  "<presence from='rose@localhost' to='romeo@localhost/b' type='subscribed'/>");
	fx_expect(romeo, "<presence from='rose@localhost/a' to='romeo@localhost/b'/>");
	fx_expect_nothing(rose);
	fx_expect_nothing(romeo);

	/* Again: answered by the servers alone. */
	fx_send(rose, "<presence to='romeo@localhost' type='subscribe'/>");
	fx_send(rose, "<presence to='romeo@localhost' type='subscribed'/>");
	fx_expect_nothing(rose);
	fx_expect_nothing(romeo);
	ck_assert_str_eq(fake_store_item("rose", "localhost", "romeo@localhost"),
			 "romeo@localhost -  - both none");
	ck_assert_str_eq(fake_store_item("romeo", "localhost", "rose@localhost"),
			 "rose@localhost -  - both none");
}
END_TEST

static struct fx_client *friends(void)
{
	struct fx_client *romeo = ready("romeo@localhost/b");

	fx_send(rose, "<presence to='romeo@localhost' type='subscribe'/>");
	fx_send(romeo, "<presence to='rose@localhost' type='subscribed'/>");
	fx_send(romeo, "<presence to='rose@localhost' type='subscribe'/>");
	fx_send(rose, "<presence to='romeo@localhost' type='subscribed'/>");
	fx_forget(rose);
	fx_forget(romeo);
	return romeo;
}

/* RO-06 */
START_TEST(test_decline)
{
	struct fx_client *romeo = ready("romeo@localhost/b");

	fx_send(rose, "<presence to='romeo@localhost' type='subscribe'/>");
	fx_forget(rose);
	fx_send(romeo, "<presence to='rose@localhost' type='unsubscribed'/>");
	fx_expect(rose, PUSH("<item subscription='none' jid='romeo@localhost'/>"));
	fx_expect(rose,
		  "<presence from='romeo@localhost' to='rose@localhost/a' type='unsubscribed'/>");
	fx_forget(romeo);
	fx_send(romeo, GET);
	ck_assert_ptr_nonnull(strstr(fx_next(romeo), "<query xmlns='jabber:iq:roster'/>"));
	ck_assert_str_eq(fake_store_item("romeo", "localhost", "rose@localhost"), "");
}
END_TEST

/* RO-08 */
START_TEST(test_unsubscribe)
{
	struct fx_client *romeo = friends();

	fx_send(rose, "<presence to='romeo@localhost' type='unsubscribe'/>");
	fx_expect(rose, PUSH("<item subscription='from' jid='romeo@localhost'/>"));
	fx_expect(rose,
		  "<presence from='romeo@localhost/b' to='rose@localhost/a' type='unavailable'/>");
	fx_expect_nothing(rose);
	fx_expect(romeo, PUSH_TO("romeo", "b", "<item subscription='to' jid='rose@localhost'/>"));
	fx_expect(romeo,
		  "<presence from='rose@localhost' to='romeo@localhost/b' type='unsubscribe'/>");
	fx_expect_nothing(romeo);

	fx_send(rose, "<presence to='romeo@localhost' type='unsubscribed'/>");
	fx_expect(rose, PUSH("<item subscription='none' jid='romeo@localhost'/>"));
	fx_expect_nothing(rose);
	ck_assert_uint_eq(romeo->nout, 3); /* push, unsubscribed, unavailable */
	ck_assert_str_eq(fake_store_item("romeo", "localhost", "rose@localhost"),
			 "rose@localhost -  - none none");
}
END_TEST

/* RO-04, RO-10 */
START_TEST(test_removal_of_a_friend)
{
	struct fx_client *romeo = friends();
	bool unsubscribe = false, unsubscribed = false, unavailable = false;

	fx_send(rose, SET("<item jid='romeo@localhost' subscription='remove'/>"));
	fx_expect(rose, PUSH("<item subscription='remove' jid='romeo@localhost'/>"));
	while (romeo->nout > 0) {
		const char *xml = fx_next(romeo);

		unsubscribe |= strstr(xml, "type='unsubscribe'") != NULL;
		unsubscribed |= strstr(xml, "type='unsubscribed'") != NULL;
		unavailable |= strstr(xml, "type='unavailable'") != NULL;
	}
	ck_assert(unsubscribe && unsubscribed && unavailable);
	ck_assert_str_eq(fake_store_item("romeo", "localhost", "rose@localhost"),
			 "rose@localhost -  - none none");
	fx_send(romeo, SET("<item jid='rose@localhost' subscription='remove'/>"));
	ck_assert_str_eq(fake_store_item("romeo", "localhost", "rose@localhost"), "");
	ck_assert_str_eq(fake_store_item("rose", "localhost", "romeo@localhost"), "");
}
END_TEST

START_TEST(test_removal_takes_back_a_request)
{
	struct fx_client *romeo = ready("romeo@localhost/b");

	fx_send(rose, "<presence to='romeo@localhost' type='subscribe'/>");
	fx_forget(romeo);
	fx_send(rose, SET("<item jid='romeo@localhost' subscription='remove'/>"));
	ck_assert_str_eq(fake_store_item("romeo", "localhost", "rose@localhost"), "");
	ck_assert_ptr_nonnull(strstr(fx_next(romeo), "type='unsubscribe'"));
}
END_TEST

/* RO-07; the whole request comes back, at each initial presence until there is an answer. */
START_TEST(test_request_to_an_account_that_is_away)
{
	struct fx_client *rita;
	static const char request[] =
		"<presence from='rose@localhost' to='rita@localhost' type='subscribe'>"
		"<status>hello</status><nick xmlns='n:n'>Rose</nick></presence>";

	fake_store_add_account("rita", "localhost");
	fx_send(rose, "<presence to='rita@localhost' type='subscribe'><status>hello</status>"
		      "<nick xmlns='n:n'>Rose</nick></presence>");
	for (int i = 0; i < 2; i++) {
		rita = fx_open("rita@localhost/t");
		fx_send(rita, GET);
		ck_assert_ptr_nonnull(strstr(fx_next(rita), "<query xmlns='jabber:iq:roster'/>"));
		fx_send(rita, "<presence/>");
		fx_expect(rita, request);
		if (i == 0)
			fx_close(rita, "");
	}
	fx_send(rita, "<presence to='rose@localhost' type='subscribed'/>");
	fx_close(rita, "");
	rita = fx_open("rita@localhost/t");
	fx_send(rita, "<presence/>");
	fx_expect(rita, "<presence from='rita@localhost/t' to='rita@localhost/t'/>");
	fx_expect_nothing(rita);
}
END_TEST

/* RO-09 */
START_TEST(test_subscription_keeps_name_and_groups)
{
	struct fx_client *romeo = ready("romeo@localhost/b");

	fx_send(rose, SET("<item jid='romeo@localhost' name='R'><group>G</group></item>"));
	fx_forget(rose);
	fx_send(rose, "<presence to='romeo@localhost' type='subscribe'/>");
	fx_expect(rose,
		  PUSH("<item ask='subscribe' subscription='none' name='R' jid='romeo@localhost'>"
		       "<group>G</group></item>"));
	fx_send(romeo, "<presence to='rose@localhost' type='subscribed'/>");
	fx_expect(rose, PUSH("<item subscription='to' name='R' jid='romeo@localhost'>"
			     "<group>G</group></item>"));
}
END_TEST

START_TEST(test_item_of_the_user_outlives_a_denied_request)
{
	struct fx_client *romeo = ready("romeo@localhost/b");

	fx_send(rose, SET("<item jid='romeo@localhost' name='R'/>"));
	fx_send(romeo, "<presence to='rose@localhost' type='subscribe'/>");
	fx_forget(rose);
	fx_send(rose, GET);
	fx_expect(rose, ROSTER("<item subscription='none' name='R' jid='romeo@localhost'/>"));
	fx_send(rose, "<presence to='romeo@localhost' type='unsubscribed'/>");
	fx_expect_nothing(rose);
	fx_send(rose, GET);
	fx_expect(rose, ROSTER("<item subscription='none' name='R' jid='romeo@localhost'/>"));
}
END_TEST

/* RO-18 */
START_TEST(test_subscription_to_a_full_jid_is_to_the_bare_one)
{
	struct fx_client *romeo = ready("romeo@localhost/b");

	fx_send(rose, "<presence to='romeo@localhost/b' type='subscribe'/>");
	fx_expect(rose, PUSH("<item ask='subscribe' subscription='none' jid='romeo@localhost'/>"));
	fx_expect(romeo,
		  "<presence from='rose@localhost' to='romeo@localhost/b' type='subscribe'/>");
	ck_assert_str_eq(fake_store_item("romeo", "localhost", "rose@localhost"),
			 "rose@localhost - -  none in");
}
END_TEST

/* RO-19 */
START_TEST(test_subscription_to_nobody)
{
	fx_send(rose, "<presence to='nobody@localhost' type='subscribe'/>");
	fx_expect(rose, PUSH("<item ask='subscribe' subscription='none' jid='nobody@localhost'/>"));
	fx_expect_nothing(rose);
	ck_assert_str_eq(fake_store_item("nobody", "localhost", "rose@localhost"), "");
	ck_assert_ptr_null(rt_user_find(rt_shard_home(RT_STR("nobody"), RT_STR("localhost")),
					RT_STR("nobody"), 0));
}
END_TEST

START_TEST(test_approval_nobody_asked_for_goes_nowhere)
{
	struct fx_client *romeo = ready("romeo@localhost/b");

	fx_send(rose, "<presence to='romeo@localhost' type='subscribed'/>");
	fx_send(rose, "<presence to='romeo@localhost' type='unsubscribed'/>");
	fx_expect_nothing(rose);
	fx_expect_nothing(romeo);
	ck_assert_str_eq(fake_store_item("rose", "localhost", "romeo@localhost"), "");
}
END_TEST

START_TEST(test_muted_contact_hears_again_after_a_new_subscription)
{
	struct fx_client *romeo = friends();

	fx_send(rose, "<presence to='romeo@localhost' type='unavailable'/>");
	fx_send(rose, "<presence to='romeo@localhost' type='unsubscribed'/>");
	fx_send(romeo, "<presence to='rose@localhost' type='subscribe'/>");
	fx_send(rose, "<presence to='romeo@localhost' type='subscribed'/>");
	fx_forget(romeo);
	fx_send(rose, "<presence><show>away</show></presence>");
	ck_assert_uint_eq(romeo->nout, 1);
}
END_TEST

/* ---- the whole table, over the wire ---- */

static const struct {
	uint8_t subscription, ask;
} states[] = {
	{RT_SUB_NONE, RT_ASK_NONE}, {RT_SUB_NONE, RT_ASK_OUT}, {RT_SUB_NONE, RT_ASK_IN},
	{RT_SUB_NONE, RT_ASK_BOTH}, {RT_SUB_TO, RT_ASK_NONE},  {RT_SUB_TO, RT_ASK_IN},
	{RT_SUB_FROM, RT_ASK_NONE}, {RT_SUB_FROM, RT_ASK_OUT}, {RT_SUB_BOTH, RT_ASK_NONE},
};
static const char *const event_types[] = {"subscribe", "subscribed", "unsubscribe", "unsubscribed"};

static void on_claimed(struct rt_shard *shard, struct rt_id conn, int err)
{
	(void)shard;
	(void)conn;
	ck_assert_int_eq(err, RT_OK);
}

/* Everything lily received of this kind. */
static unsigned count_of(struct fx_client *c, const char *what)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->nout; i++)
		n += strstr(c->out[i], what) != NULL;
	return n;
}

/* RO-17: the contact is behind a component, which sees what is routed and answered. */
START_TEST(test_every_transition)
{
	static const char *const subscriptions[] = {"none", "to", "from", "both"};
	static const char *const asks[] = {"none", "out", "in", "both"};
	unsigned state = (unsigned)_i / RT_NROSTER_EVENTS, event = (unsigned)_i % RT_NROSTER_EVENTS;
	bool in = event >= RT_IN_SUBSCRIBE;
	const char *type = event_types[event % 4];
	struct rt_str domain = RT_STR("comp.example");
	struct rt_roster_change want =
		rt_roster_step(states[state].subscription, states[state].ask, event);
	char xml[160], stored[64];
	struct fx_client *lily;

	fake_store_add_account("lily", "localhost");
	if (state > 0)
		fake_store_add_item("lily", "localhost", "x@comp.example", NULL, "",
				    states[state].subscription, states[state].ask);
	lily = fx_open("lily@localhost/l");
	fx_send(lily, GET);
	fx_send(lily, "<presence/>");
	rt_shard_enter(rt_shards[0]);
	rt_routes_claim(rt_shards[0], (struct rt_id){1, 1}, &domain, 1, false, on_claimed);
	fx_settle();
	fx_forget(lily);

	if (in) {
		snprintf(xml, sizeof(xml),
			 "<presence from='x@comp.example/r' to='lily@localhost/l' type='%s'/>",
			 type);
		fx_route(xml);
	} else {
		snprintf(xml, sizeof(xml), "<presence to='x@comp.example/r' type='%s'/>", type);
		fx_send(lily, xml);
	}

	snprintf(stored, sizeof(stored), "%s %s", subscriptions[want.subscription], asks[want.ask]);
	if (state == 0 && !want.changed)
		ck_assert_str_eq(fake_store_item("lily", "localhost", "x@comp.example"), "");
	else
		ck_assert_ptr_nonnull(
			strstr(fake_store_item("lily", "localhost", "x@comp.example"), stored));
	ck_assert_uint_eq(count_of(lily, "jabber:iq:roster"), want.push);
	ck_assert_uint_eq(count_of(lily, "<presence from='x@comp.example' to='lily@localhost/l'"),
			  in && want.deliver);
	if (!in && want.deliver) {
		/* Presence may have followed. */
		ck_assert_uint_ge(fx_seen.to_component, 1);
	} else if (in && want.auto_reply != 0) {
		ck_assert_uint_ge(fx_seen.to_component, 1);
	} else {
		ck_assert_uint_eq(fx_seen.to_component, 0);
	}
	rt_shard_enter(rt_shards[0]);
	rt_routes_drop(rt_shards[0], (struct rt_id){1, 1});
	fx_settle();
}
END_TEST

/* ---- the end of an account ---- */

static int removed;

static void on_removed(struct rt_shard *shard, void *ctx, int err)
{
	(void)shard;
	(void)ctx;
	removed = err;
}

/* RO-11, BI-14: whether anybody is online or not. */
START_TEST(test_account_removed)
{
	struct fx_client *romeo = friends(), *silent = fx_open("rose@localhost/c");
	bool online = _i == 0;

	if (!online) {
		fx_close(rose, "");
		fx_close(silent, "");
		fx_forget(romeo);
	}
	removed = 1;
	ck_assert_int_eq(rt_account_remove(0, RT_STR("rose"), on_removed, NULL), RT_OK);
	fx_settle();
	ck_assert_int_eq(removed, RT_OK);
	ck_assert(!fake_store_has_account("rose", "localhost"));
	if (online) {
		ck_assert_str_eq(rose->ended, "conflict: User removed");
		ck_assert_str_eq(silent->ended, "conflict: User removed");
		fx_expect(romeo, "<presence from='rose@localhost/a' to='romeo@localhost/b' "
				 "type='unavailable'/>");
	}
	ck_assert_uint_eq(count_of(romeo, "type='unsubscribe'"), 1);
	ck_assert_uint_eq(count_of(romeo, "type='unsubscribed'"), 1);
	ck_assert_str_eq(fake_store_item("romeo", "localhost", "rose@localhost"),
			 "rose@localhost -  - none none");
	ck_assert_str_eq(fake_store_item("rose", "localhost", "romeo@localhost"), "");
	ck_assert_uint_eq(fx_seen.removed, 1);
	ck_assert_ptr_null(rt_user_find(rose->shard, RT_STR("rose"), 0));
}
END_TEST

START_TEST(test_account_that_cannot_be_removed_lives_on)
{
	fake_store_fail(0, RT_E_FULL);
	ck_assert_int_eq(rt_account_remove(0, RT_STR("rose"), on_removed, NULL), RT_OK);
	fx_settle();
	ck_assert_int_eq(removed, RT_E_FULL);
	ck_assert_str_eq(rose->ended, "");
	ck_assert_int_eq(rt_account_remove(0, RT_STR("nobody"), on_removed, NULL), RT_OK);
	fx_settle();
	ck_assert_int_eq(removed, RT_E_NOTFOUND);
	ck_assert_uint_eq(fx_seen.removed, 0);
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_test(tc, test_empty_roster);
	tcase_add_test(tc, test_items_are_listed_in_order_without_mere_requests);
	tcase_add_test(tc, test_new_item_is_pushed_to_interested_resources);
	tcase_add_test(tc, test_set_replaces_name_and_groups);
	tcase_add_loop_test(tc, test_request_is_refused, 0, COUNT(refusals));
	tcase_add_test(tc, test_removal);
	tcase_add_test(tc, test_result_waits_for_the_commit_and_order_is_kept);
	tcase_add_test(tc, test_failed_write_changes_nothing);
	tcase_add_test(tc, test_waiting_requests_are_bounded);
	tcase_add_test(tc, test_big_roster);
	tcase_add_test(tc, test_without_versioning_ver_is_ignored);
	tcase_add_loop_test(tc, test_versions, 0, 2);
	tcase_add_test(tc, test_subscription_flow);
	tcase_add_test(tc, test_decline);
	tcase_add_test(tc, test_unsubscribe);
	tcase_add_test(tc, test_removal_of_a_friend);
	tcase_add_test(tc, test_removal_takes_back_a_request);
	tcase_add_test(tc, test_request_to_an_account_that_is_away);
	tcase_add_test(tc, test_subscription_keeps_name_and_groups);
	tcase_add_test(tc, test_item_of_the_user_outlives_a_denied_request);
	tcase_add_test(tc, test_subscription_to_a_full_jid_is_to_the_bare_one);
	tcase_add_test(tc, test_subscription_to_nobody);
	tcase_add_test(tc, test_approval_nobody_asked_for_goes_nowhere);
	tcase_add_test(tc, test_muted_contact_hears_again_after_a_new_subscription);
	tcase_add_loop_test(tc, test_every_transition, 0, COUNT(states) * RT_NROSTER_EVENTS);
	tcase_add_loop_test(tc, test_account_removed, 0, 2);
	tcase_add_test(tc, test_account_that_cannot_be_removed_lives_on);
}

int main(void)
{
	Suite *s = suite_create("mod_roster");
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
