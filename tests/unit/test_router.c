/* test_router.c - who gets what: the delivery table of RFC 6121, section 8, component routes,
 * hand-over between shards. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/shard.h"
#include "route/roster.h"
#include "route/routes.h"
#include "route_fixture.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static unsigned nshards = 1;

static void setup(void)
{
	fx_start(nshards, FAKE_STORE_QUEUED);
}

static void setup_three(void)
{
	nshards = 3;
	setup();
}

/* ---- the table ---- */

/* Resources of bob as "name:priority ...", "-" for one without presence. Who got the stanza, as a
 * list of names; the condition of an error to the sender; whether it went to offline storage. */
struct delivery {
	const char *bob, *stanza, *takers, *error;
	bool offline;
};

#define TO_BARE " to='bob@localhost' id='1'"
#define TO_X    " to='bob@localhost/x' id='1'"
#define TO_GONE " to='bob@localhost/gone' id='1'"
#define BODY    "><body>hi</body></message>"

static const struct delivery deliveries[] = {
	/* Messages to the bare JID (8.5.2): RT-01, 02, 03, 05, 08 to 11, 17. */
	{"x:0", "<message type='chat'" TO_BARE BODY, "x", "", false},
	{"x:5 y:1", "<message type='chat'" TO_BARE BODY, "x", "", false},
	{"x:5 y:5", "<message type='chat'" TO_BARE BODY, "xy", "", false},
	{"x:5 y:5", "<message" TO_BARE BODY, "xy", "", false},
	{"x:1 y:5", "<message type='normal'" TO_BARE BODY, "y", "", false},
	{"x:1 y:5", "<message type='foo'" TO_BARE BODY, "y", "", false},
	{"x:-1 y:0", "<message type='chat'" TO_BARE BODY, "y", "", false},
	{"x:- y:0", "<message type='chat'" TO_BARE BODY, "y", "", false},
	{"x:-1 y:-2", "<message type='chat'" TO_BARE BODY, "", "", true},
	{"x:-", "<message type='chat'" TO_BARE BODY, "", "", true},
	{"", "<message type='chat'" TO_BARE BODY, "", "", true},
	{"", "<message" TO_BARE BODY, "", "", true},
	{"x:5 y:1 z:-1", "<message type='headline'" TO_BARE BODY, "xy", "", false},
	{"x:-1", "<message type='headline'" TO_BARE BODY, "", "", false},
	{"", "<message type='headline'" TO_BARE BODY, "", "", false},
	{"x:0", "<message type='groupchat'" TO_BARE BODY, "", "service-unavailable", false},
	{"", "<message type='groupchat'" TO_BARE BODY, "", "service-unavailable", false},
	{"x:0", "<message type='error'" TO_BARE BODY, "", "", false},
	{"", "<message type='error'" TO_BARE BODY, "", "", false},
	/* To a connected resource (8.5.3.1), with whatever priority: RT-04, 17. */
	{"x:-1 y:5", "<message type='chat'" TO_X BODY, "x", "", false},
	{"x:-", "<message type='chat'" TO_X BODY, "x", "", false},
	{"x:0", "<message type='groupchat'" TO_X BODY, "x", "", false},
	{"x:0", "<message type='headline'" TO_X BODY, "x", "", false},
	{"x:0", "<message type='error'" TO_X BODY, "x", "", false},
	/* To one that is not there (8.5.3.2): RT-05, 06. */
	{"x:0 y:0", "<message type='chat'" TO_GONE BODY, "xy", "", false},
	{"", "<message type='chat'" TO_GONE BODY, "", "", true},
	{"x:0", "<message" TO_GONE BODY, "x", "", false},
	{"x:0", "<message type='groupchat'" TO_GONE BODY, "", "service-unavailable", false},
	{"x:0", "<message type='headline'" TO_GONE BODY, "", "", false},
	{"x:0", "<message type='error'" TO_GONE BODY, "", "", false},
	/* iq: RT-12 to 14, SZ-10, 12. */
	{"x:0", "<iq type='get'" TO_X "><q xmlns='a:b'/></iq>", "x", "", false},
	{"x:-", "<iq type='set'" TO_X "><q xmlns='a:b'/></iq>", "x", "", false},
	{"x:0", "<iq type='result'" TO_X "/>", "x", "", false},
	{"x:0", "<iq type='error'" TO_X "/>", "x", "", false},
	{"x:0", "<iq type='foo'" TO_X "><q xmlns='a:b'/></iq>", "", "bad-request", false},
	{"x:0", "<iq" TO_X "><q xmlns='a:b'/></iq>", "", "bad-request", false},
	{"x:0", "<iq type='get'" TO_GONE "><q xmlns='a:b'/></iq>", "", "service-unavailable",
	 false},
	{"x:0", "<iq type='result'" TO_GONE "/>", "", "", false},
	{"x:0", "<iq type='error'" TO_GONE "/>", "", "", false},
	{"x:0", "<iq type='get'" TO_BARE "><q xmlns='a:b'/></iq>", "", "service-unavailable",
	 false},
	{"x:0", "<iq type='result'" TO_BARE "/>", "", "", false},
	{"x:0", "<iq type='foo'" TO_BARE "><q xmlns='a:b'/></iq>", "", "bad-request", false},
	/* XEP-0012: the sender does not see bob's presence. */
	{"x:0", "<iq type='get'" TO_X "><query xmlns='jabber:iq:last'/></iq>", "", "forbidden",
	 false},
	{"x:0", "<iq type='result'" TO_X "><query xmlns='jabber:iq:last'/></iq>", "x", "", false},
	/* Directed presence; RT-15. */
	{"x:- y:0", "<presence" TO_X "/>", "x", "", false},
	{"x:- y:0 z:-1", "<presence" TO_BARE "/>", "yz", "", false},
	{"x:0", "<presence type='unavailable'" TO_X "/>", "x", "", false},
	{"x:0", "<presence" TO_GONE "/>", "", "", false},
	/* Hosts and names below them: RT-16, 20. */
	{"", "<message to='localhost' id='1'" BODY, "", "", false},
	{"", "<presence to='localhost' id='1'/>", "", "", false},
	{"", "<message to='localhost/res' id='1'" BODY, "", "item-not-found", false},
	{"", "<presence to='localhost/res' id='1'/>", "", "item-not-found", false},
	{"", "<iq type='get' to='localhost/res' id='1'><q xmlns='a:b'/></iq>", "", "item-not-found",
	 false},
	{"", "<iq type='result' to='localhost/res' id='1'/>", "", "", false},
	{"", "<iq type='result' to='localhost' id='1'/>", "", "", false},
	{"", "<message to='x@sub.localhost' id='1'" BODY, "", "service-unavailable", false},
	{"", "<message to='x@elsewhere.example' id='1'" BODY, "", "remote-server-not-found", false},
	{"", "<message type='error' to='x@elsewhere.example' id='1'" BODY, "", "", false},
	{"", "<message to='vjud.localhost' id='1'" BODY, "", "", false},
	{"", "<message to='x@vjud.localhost' id='1'" BODY, "", "service-unavailable", false},
	{"", "<iq type='get' to='vjud.localhost/r' id='1'><q xmlns='a:b'/></iq>", "",
	 "service-unavailable", false},
	/* A host without anything that stores messages. */
	{"", "<message to='bob@two.example' id='1'" BODY, "", "service-unavailable", false},
};

static struct fx_client *bobs[4];

static void open_bobs(const char *spec)
{
	char name;
	int n = 0, used;

	for (; *spec != '\0'; spec += strspn(spec, " ")) {
		char jid[32], presence[96], priority[8];

		ck_assert_int_eq(sscanf(spec, "%c:%7s%n", &name, priority, &used), 2);
		spec += used;
		snprintf(jid, sizeof(jid), "bob@localhost/%c", name);
		bobs[n] = fx_open(jid);
		if (strcmp(priority, "-") != 0) {
			snprintf(presence, sizeof(presence),
				 "<presence><priority>%s</priority></presence>", priority);
			fx_send(bobs[n], presence);
		}
		n++;
	}
	for (int i = 0; i < n; i++)
		fx_forget(bobs[i]);
	bobs[n] = NULL;
}

static void takers_of(char out[8])
{
	size_t n = 0;

	for (int i = 0; bobs[i] != NULL; i++) {
		if (bobs[i]->nout == 1)
			out[n++] = bobs[i]->s.resource.p[0];
		ck_assert_uint_le(bobs[i]->nout, 1);
	}
	out[n] = '\0';
}

START_TEST(test_stanza_is_delivered_as_the_table_says)
{
	const struct delivery *d = &deliveries[_i];
	struct fx_client *rose;
	char takers[8], condition[64];
	const char *reply;

	fake_store_add_account("bob", "localhost");
	open_bobs(d->bob);
	rose = fx_open("rose@localhost/a");
	fx_seen.takes_offline = true;
	fx_send(rose, d->stanza);

	takers_of(takers);
	ck_assert_msg(strcmp(takers, d->takers) == 0, "%s, bob is '%s': went to '%s', not '%s'",
		      d->stanza, d->bob, takers, d->takers);
	reply = fx_next(rose);
	if (d->error[0] == '\0') {
		ck_assert_msg(reply[0] == '\0', "%s: unexpected %s", d->stanza, reply);
	} else {
		snprintf(condition, sizeof(condition), "<%s ", d->error);
		ck_assert_msg(strstr(reply, condition) != NULL, "%s: no %s in '%s'", d->stanza,
			      d->error, reply);
		ck_assert_ptr_nonnull(strstr(reply, "type='error'"));
		ck_assert_ptr_nonnull(strstr(reply, "to='rose@localhost/a'"));
		ck_assert_ptr_nonnull(strstr(reply, "id='1'"));
	}
	fx_expect_nothing(rose);
	ck_assert_msg((fx_seen.offline[0] != '\0') == d->offline, "%s: offline '%s'", d->stanza,
		      fx_seen.offline);
}
END_TEST

/* ---- details ---- */

START_TEST(test_message_keeps_its_bare_address)
{
	struct fx_client *bob = fx_online("bob@localhost/x"), *rose = fx_open("rose@localhost/a");

	fx_send(rose, "<message to='bob@localhost' type='chat' id='1'><body>hi</body></message>");
	fx_expect(bob, "<message from='rose@localhost/a' to='bob@localhost' type='chat' id='1'>"
		       "<body>hi</body></message>");
}
END_TEST

/* SZ-07, RT-18 */
START_TEST(test_message_without_to_goes_to_the_own_account)
{
	struct fx_client *rose = fx_online("rose@localhost/a");

	fx_send(rose, "<message id='1'><body>x</body></message>");
	fx_expect(rose, "<message from='rose@localhost/a' to='rose@localhost' id='1'>"
			"<body>x</body></message>");
}
END_TEST

/* RT-07: with nobody to store it. */
START_TEST(test_undeliverable_message_comes_back_with_its_content)
{
	struct fx_client *rose = fx_open("rose@localhost/a");

	fx_send(rose,
		"<message to='nobody@localhost' type='chat' id='1'><body>hi</body></message>");
	fx_expect(rose,
		  "<message from='nobody@localhost' to='rose@localhost/a' type='error' id='1'>"
		  "<body>hi</body><error code='503' type='cancel'><service-unavailable "
		  "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
}
END_TEST

/* RT-12 */
START_TEST(test_iq_between_resources_and_its_answer)
{
	struct fx_client *bob = fx_open("bob@localhost/x"), *rose = fx_open("rose@localhost/a");

	fx_send(rose, "<iq type='get' to='bob@localhost/x' id='q'><query xmlns='a:b'/></iq>");
	fx_expect(bob, "<iq from='rose@localhost/a' to='bob@localhost/x' type='get' id='q'>"
		       "<query xmlns='a:b'/></iq>");
	fx_send(bob, "<iq type='result' to='rose@localhost/a' id='q'><query xmlns='a:b'/></iq>");
	ck_assert_ptr_nonnull(strstr(fx_next(rose), "type='result'"));
}
END_TEST

START_TEST(test_last_activity_reaches_a_resource_that_shows_its_presence)
{
	struct fx_client *bob, *rose;

	fake_store_add_account("bob", "localhost");
	fake_store_add_item("bob", "localhost", "rose@localhost", NULL, "", RT_SUB_FROM,
			    RT_ASK_NONE);
	bob = fx_open("bob@localhost/x");
	rose = fx_open("rose@localhost/a");
	fx_send(rose,
		"<iq type='get' to='bob@localhost/x' id='q'><query xmlns='jabber:iq:last'/></iq>");
	ck_assert_ptr_nonnull(strstr(fx_next(bob), "jabber:iq:last"));
	fx_expect_nothing(rose);
}
END_TEST

/* SZ-24 */
START_TEST(test_order_between_two_clients_is_kept)
{
	struct fx_client *bob = fx_online("bob@localhost/x"), *rose = fx_open("rose@localhost/a");
	char xml[128];

	for (int i = 0; i < 40; i++) {
		snprintf(xml, sizeof(xml), "<message to='bob@localhost%s' id='m%d'/>",
			 i % 2 == 0 ? "" : "/x", i);
		fx_send_only(rose, xml);
	}
	fx_settle();
	for (int i = 0; i < 40; i++) {
		snprintf(xml, sizeof(xml), "id='m%d'", i);
		ck_assert_ptr_nonnull(strstr(fx_next(bob), xml));
	}
}
END_TEST

/* RFC 6120, 10.1: the presence waits for a roster that is not in memory yet, and the message for
 * the presence. */
START_TEST(test_message_does_not_overtake_the_presence_before_it)
{
	struct fx_client *bob = fx_open("bob@localhost/x"), *rose = fx_open("rose@localhost/a");

	fx_send_only(rose, "<presence to='bob@localhost/x'/>");
	fx_send_only(rose, "<message to='bob@localhost/x' id='m'/>");
	fx_send_only(rose, "<iq to='bob@localhost/x' id='q' type='get'><a xmlns='urn:a'/></iq>");
	fx_settle();
	fx_expect(bob, "<presence from='rose@localhost/a' to='bob@localhost/x'/>");
	fx_expect(bob, "<message from='rose@localhost/a' to='bob@localhost/x' id='m'/>");
	ck_assert_ptr_nonnull(strstr(fx_next(bob), "id='q'"));
}
END_TEST

START_TEST(test_message_that_waits_outlives_its_session)
{
	struct fx_client *bob = fx_open("bob@localhost/x"), *rose = fx_open("rose@localhost/a");

	fx_send_only(rose, "<presence to='bob@localhost/x'/>");
	fx_send_only(rose, "<message to='bob@localhost/x' id='m'/>");
	fx_close(rose, "");
	fx_settle();
	while (bob->nout > 1)
		fx_next(bob);
	fx_expect(bob, "<message from='rose@localhost/a' to='bob@localhost/x' id='m'/>");
}
END_TEST

/* ---- components ---- */

static int claimed;
static struct rt_id claimed_by;

static void on_claimed(struct rt_shard *shard, struct rt_id conn, int err)
{
	ck_assert_ptr_eq(shard, rt_shard_self());
	claimed = err;
	claimed_by = conn;
}

static int claim(unsigned shard, uint32_t conn, const char *domain, const char *second, bool hidden)
{
	struct rt_str domains[2] = {rt_str_of(domain), rt_str_of(second == NULL ? "" : second)};

	claimed = 1;
	rt_shard_enter(rt_shards[shard]);
	rt_routes_claim(rt_shards[shard], (struct rt_id){conn, 7}, domains, second == NULL ? 1 : 2,
			hidden, on_claimed);
	fx_settle();
	ck_assert_uint_eq(claimed_by.slot, conn);
	return claimed;
}

static void drop(unsigned shard, uint32_t conn)
{
	rt_shard_enter(rt_shards[shard]);
	rt_routes_drop(rt_shards[shard], (struct rt_id){conn, 7});
	fx_settle();
}

START_TEST(test_component_gets_stanzas_for_its_domain)
{
	struct fx_client *rose = fx_open("rose@localhost/a");

	ck_assert_int_eq(claim(nshards - 1, 5, "echo.localhost", NULL, false), RT_OK);
	fx_send(rose, "<message to='who@echo.localhost/r' id='1'/>");
	ck_assert_uint_eq(fx_seen.to_component, 1);
	ck_assert_uint_eq(fx_seen.component_conn.slot, 5);
	ck_assert_ptr_nonnull(strstr(fx_seen.component, "to='who@echo.localhost/r'"));
	fx_expect_nothing(rose);

	drop(nshards - 1, 5);
	fx_send(rose, "<message to='who@echo.localhost/r' id='2'/>");
	ck_assert_uint_eq(fx_seen.to_component, 1);
	ck_assert_ptr_nonnull(strstr(fx_next(rose), "<service-unavailable "));
}
END_TEST

START_TEST(test_claim_is_all_or_nothing)
{
	int host;

	ck_assert_int_eq(claim(0, 1, "a.example", "b.example", false), RT_OK);
	ck_assert_int_eq(claim(nshards - 1, 2, "c.example", "b.example", false), RT_E_EXISTS);
	for (unsigned i = 0; i < nshards; i++) {
		ck_assert_int_eq(rt_domain_lookup(rt_shards[i], RT_STR("b.example"), &host),
				 RT_DOMAIN_COMPONENT);
		ck_assert_int_eq(rt_domain_lookup(rt_shards[i], RT_STR("c.example"), &host),
				 RT_DOMAIN_OTHER);
	}
	drop(0, 1);
	ck_assert_int_eq(claim(nshards - 1, 2, "c.example", "b.example", false), RT_OK);
	drop(nshards - 1, 2);
}
END_TEST

START_TEST(test_hosts_and_services_cannot_be_claimed)
{
	ck_assert_int_eq(claim(0, 1, "localhost", NULL, false), RT_E_EXISTS);
	ck_assert_int_eq(claim(0, 1, "vjud.localhost", NULL, false), RT_E_EXISTS);
	ck_assert_int_eq(claim(0, 1, "x.example", "two.example", false), RT_E_EXISTS);
}
END_TEST

START_TEST(test_domain_named_twice_in_a_claim_counts_once)
{
	struct fx_client *rose = fx_open("rose@localhost/a");

	ck_assert_int_eq(claim(0, 1, "a.example", "a.example", false), RT_OK);
	fx_send(rose, "<message to='a.example' id='1'/>");
	ck_assert_uint_eq(fx_seen.to_component, 1);
	drop(0, 1);
	fx_send(rose, "<message to='a.example' id='2'/>");
	ck_assert_uint_eq(fx_seen.to_component, 1);
}
END_TEST

START_TEST(test_connection_lost_while_claiming_leaves_nothing)
{
	struct rt_str domain = RT_STR("a.example");
	unsigned last = nshards - 1;
	int host;

	claimed = 1;
	rt_shard_enter(rt_shards[last]);
	rt_routes_claim(rt_shards[last], (struct rt_id){1, 7}, &domain, 1, false, on_claimed);
	rt_routes_drop(rt_shards[last], (struct rt_id){1, 7});
	fx_settle();
	ck_assert_int_eq(claimed, 1); /* never told: nobody is there */
	for (unsigned i = 0; i < nshards; i++)
		ck_assert_int_eq(rt_domain_lookup(rt_shards[i], domain, &host), RT_DOMAIN_OTHER);
}
END_TEST

START_TEST(test_claim_that_waits_while_the_owner_leaves_holds_everywhere)
{
	struct rt_str domain = RT_STR("a.example");
	unsigned last = nshards - 1;
	int host;

	ck_assert_int_eq(claim(0, 1, "a.example", NULL, false), RT_OK);
	rt_shard_enter(rt_shards[last]);
	rt_routes_claim(rt_shards[last], (struct rt_id){2, 7}, &domain, 1, false, on_claimed);
	drop(0, 1);
	ck_assert_int_eq(claimed, RT_OK);
	for (unsigned i = 0; i < nshards; i++) {
		ck_assert_int_eq(rt_domain_lookup(rt_shards[i], domain, &host),
				 RT_DOMAIN_COMPONENT);
		ck_assert_uint_eq(rt_domain_find(rt_shards[i]->router, domain)->conn.slot, 2);
	}
	drop(last, 2);
}
END_TEST

static void append(void *ctx, struct rt_str domain)
{
	char *list = ctx;

	snprintf(list + strlen(list), 128 - strlen(list), "%.*s ", RT_STR_ARG(domain));
}

START_TEST(test_components_are_listed_by_host_sorted_and_hidden_ones_apart)
{
	char list[128] = "";

	claim(0, 1, "z.localhost", "a.localhost", false);
	claim(0, 2, "m.localhost", NULL, true);
	claim(0, 3, "x.elsewhere.example", "b.two.example", false);
	rt_routes_each(rt_shards[nshards - 1], 0, false, append, list);
	ck_assert_str_eq(list, "a.localhost z.localhost ");
	list[0] = '\0';
	rt_routes_each(rt_shards[nshards - 1], 0, true, append, list);
	ck_assert_str_eq(list, "a.localhost m.localhost z.localhost ");
	list[0] = '\0';
	rt_routes_each(rt_shards[0], 1, true, append, list);
	ck_assert_str_eq(list, "b.two.example ");
	for (uint32_t conn = 1; conn <= 3; conn++)
		drop(0, conn);
}
END_TEST

START_TEST(test_many_components)
{
	char domain[32];
	int host;

	for (uint32_t i = 0; i < 100; i++) {
		snprintf(domain, sizeof(domain), "c%u.localhost", i);
		ck_assert_int_eq(claim(i % nshards, i, domain, NULL, false), RT_OK);
	}
	for (uint32_t i = 0; i < 100; i++) {
		snprintf(domain, sizeof(domain), "c%u.localhost", i);
		ck_assert_int_eq(rt_domain_lookup(rt_shards[nshards - 1], rt_str_of(domain), &host),
				 RT_DOMAIN_COMPONENT);
		ck_assert_int_eq(host, 0);
		drop(i % nshards, i);
	}
}
END_TEST

START_TEST(test_lookup_names_kind_and_host)
{
	int host;

	ck_assert_int_eq(rt_domain_lookup(rt_shards[0], RT_STR("localhost"), &host),
			 RT_DOMAIN_HOST);
	ck_assert_int_eq(host, 0);
	ck_assert_int_eq(rt_domain_lookup(rt_shards[0], RT_STR("vjud.localhost"), &host),
			 RT_DOMAIN_SERVICE);
	ck_assert_int_eq(host, 0);
	ck_assert_int_eq(rt_domain_lookup(rt_shards[0], RT_STR("a.b.two.example"), &host),
			 RT_DOMAIN_OTHER);
	ck_assert_int_eq(host, 1);
	ck_assert_int_eq(rt_domain_lookup(rt_shards[0], RT_STR("notlocalhost"), &host),
			 RT_DOMAIN_OTHER);
	ck_assert_int_eq(host, RT_HOST_NONE);
	ck_assert_int_eq(rt_domain_lookup(rt_shards[0], RT_STR(".localhost"), &host),
			 RT_DOMAIN_OTHER);
	ck_assert_int_eq(host, RT_HOST_NONE);
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, test_stanza_is_delivered_as_the_table_says, 0, COUNT(deliveries));
	tcase_add_test(tc, test_message_keeps_its_bare_address);
	tcase_add_test(tc, test_message_without_to_goes_to_the_own_account);
	tcase_add_test(tc, test_undeliverable_message_comes_back_with_its_content);
	tcase_add_test(tc, test_iq_between_resources_and_its_answer);
	tcase_add_test(tc, test_last_activity_reaches_a_resource_that_shows_its_presence);
	tcase_add_test(tc, test_order_between_two_clients_is_kept);
	tcase_add_test(tc, test_message_does_not_overtake_the_presence_before_it);
	tcase_add_test(tc, test_message_that_waits_outlives_its_session);
	tcase_add_test(tc, test_component_gets_stanzas_for_its_domain);
	tcase_add_test(tc, test_claim_is_all_or_nothing);
	tcase_add_test(tc, test_hosts_and_services_cannot_be_claimed);
	tcase_add_test(tc, test_domain_named_twice_in_a_claim_counts_once);
	tcase_add_test(tc, test_connection_lost_while_claiming_leaves_nothing);
	tcase_add_test(tc, test_claim_that_waits_while_the_owner_leaves_holds_everywhere);
	tcase_add_test(tc, test_components_are_listed_by_host_sorted_and_hidden_ones_apart);
	tcase_add_test(tc, test_many_components);
	tcase_add_test(tc, test_lookup_names_kind_and_host);
}

int main(void)
{
	Suite *s = suite_create("router");
	TCase *one = tcase_create("one_shard"), *three = tcase_create("three_shards");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(one, setup, fx_stop);
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
