/* test_mod_disco.c - discovery of the host, its services, and accounts. */
#include "core/loop.h"
#include "module_fixture.h"

#define INFO  "http://jabber.org/protocol/disco#info"
#define ITEMS "http://jabber.org/protocol/disco#items"
#define ERROR(code, type, condition)                                                               \
	"<error code='" code "' type='" type "'><" condition " xmlns='" RT_NS_STANZAS              \
	"'/></error></iq>"
#define FORM_TYPE                                                                                  \
	"<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/network/serverinfo"         \
	"</value></field>"
#define F(var) "<feature var='" var "'/>"

static void ask(struct client *c, const char *kind, const char *to, const char *ns,
		const char *attrs)
{
	char xml[512];

	snprintf(xml, sizeof(xml), "<iq type='%s' id='1'%s%s%s><query xmlns='%s'%s/></iq>", kind,
		 to[0] != '\0' ? " to='" : "", to, to[0] != '\0' ? "'" : "", ns, attrs);
	client_send(c, xml);
}

START_TEST(test_host_tells_what_it_is_and_can)
{
	static const char *const values[] = {"mailto:abuse@localhost", "xmpp:abuse@localhost"};
	static const char *const vcard_only[] = {"mod_vcard"};
	static const char *const here[] = {"mod_muc", "mod_disco"};
	static const struct rt_serverinfo_field info[] = {
		{"abuse-addresses", values, 2, NULL, 0},
		{"feedback-addresses", values, 1, vcard_only, 1},
		{"sales-addresses", values, 1, here, 2},
	};
	struct client *c = bound("alice");

	opts_mod_disco.server_info = info;
	opts_mod_disco.nserver_info = 3;
	ask(c, "get", "localhost", INFO, "");
	expect(c,
	       "<iq from='localhost' to='alice@localhost/r' id='1' type='result'>"
	       "<query xmlns='" INFO "'><identity category='server' type='im' name='cfgc'/>"
	       "<x xmlns='jabber:x:data' type='result'>" FORM_TYPE
	       "<field var='abuse-addresses'><value>mailto:abuse@localhost</value>"
	       "<value>xmpp:abuse@localhost</value></field>"
	       "<field var='sales-addresses'><value>mailto:abuse@localhost</value></field></x>" F(
		       "http://jabber.org/protocol/commands") F(INFO) F(ITEMS) F("iq")
		       F("jabber:iq:last") F("jabber:iq:register") F("jabber:iq:version")
			       F("msgoffline") F("presence") F("presence-invisible")
				       F("urn:xmpp:ping") F("urn:xmpp:sic:1") F("urn:xmpp:time")
					       F("vcard-temp") "</query></iq>");
	ask(c, "get", "vjud.localhost", INFO, "");
	expect(c,
	       "<iq from='vjud.localhost' to='alice@localhost/r' id='1' type='result'>"
	       "<query xmlns='" INFO
	       "'><identity category='directory' type='user' name='vCard User Search'/>" F(INFO) F(
		       "jabber:iq:search")
		       F("vcard-temp") "<x xmlns='jabber:x:data' type='result'>" FORM_TYPE "<field "
				       "var='abuse-addresses'><value>mailto:abuse@localhost</value>"
				       "<value>xmpp:abuse@localhost</value></field>"
				       "<field "
				       "var='feedback-addresses'><value>mailto:abuse@localhost</"
				       "value></field></x>"
				       "</query></iq>");
	memset(&opts_mod_disco, 0, sizeof(opts_mod_disco));
}
END_TEST

START_TEST(test_unknown_nodes_and_sets_are_refused)
{
	static const char *const namespaces[] = {INFO, ITEMS};
	struct client *c = bound("alice");
	char expected[512];

	for (int i = 0; i < 2; i++) {
		ask(c, "get", "localhost", namespaces[i], " node='nope'");
		snprintf(expected, sizeof(expected),
			 "<iq from='localhost' to='alice@localhost/r' id='1' type='error'>"
			 "<query xmlns='%s' node='nope'/>" ERROR("404", "cancel", "item-not-found"),
			 namespaces[i]);
		expect(c, expected);
		ask(c, "set", "localhost", namespaces[i], "");
		expect_has(c, ERROR("405", "cancel", "not-allowed"));
		ask(c, "set", "", namespaces[i], "");
		expect_has(c, ERROR("405", "cancel", "not-allowed"));
		ask(c, "set", "vjud.localhost", namespaces[i], "");
		expect_has(c, ERROR("405", "cancel", "not-allowed"));
	}
}
END_TEST

static int claimed = 1;

static void on_claimed(struct rt_shard *s, struct rt_id conn, int err)
{
	(void)s;
	(void)conn;
	claimed = err;
}

static char to_component[2048];

static void on_component(struct rt_shard *s, struct rt_id conn, struct rt_stanza *st)
{
	char *text = text_of(st, NULL);

	(void)s;
	(void)conn;
	snprintf(to_component, sizeof(to_component), "%s", text);
	free(text);
	rt_stanza_free(&st);
}

static void join(const char *domain, unsigned slot, bool hidden)
{
	struct rt_str name = rt_str_of(domain);

	rt_router_set_component_deliver(on_component);
	rt_routes_claim(shard, (struct rt_id){slot, 1}, &name, 1, hidden, on_claimed);
	settle();
	ck_assert_int_eq(claimed, RT_OK);
}

#define ITEM(jid) "<item jid='" jid "'/>"
#define ITEMS_OF(to)                                                                               \
	"<iq from='localhost' to='" to "' id='1' type='result'><query xmlns='" ITEMS "'>"

START_TEST(test_items_are_services_of_this_host)
{
	static const char *const extra[] = {"extra.example", "echo.localhost"};
	struct client *c = bound("alice");

	join("hid.localhost", 1, true);
	join("echo.localhost", 2, false);
	join("elsewhere.example", 3, false);
	ask(c, "get", "localhost", ITEMS, "");
	expect(c, ITEMS_OF("alice@localhost/r") ITEM("echo.localhost")
			  ITEM("vjud.localhost") "</query></iq>");

	/* What is hidden from users is not from components. */
	route("<iq type='get' id='1' from='echo.localhost' to='localhost'><query xmlns='" ITEMS
	      "'/></iq>");
	ck_assert_str_eq(to_component,
			 ITEMS_OF("echo.localhost") ITEM("echo.localhost") ITEM("hid.localhost")
				 ITEM("vjud.localhost") "</query></iq>");

	opts_mod_disco = (struct rt_mod_disco_opts){
		.users_can_see_hidden_services = true, .extra_domains = extra, .nextra_domains = 2};
	opts_mod_adhoc.report_commands_node = true;
	ask(c, "get", "localhost", ITEMS, "");
	expect(c,
	       ITEMS_OF("alice@localhost/r") ITEM("echo.localhost") ITEM("extra.example")
		       ITEM("hid.localhost")
			       ITEM("vjud.localhost") "<item jid='localhost' "
						      "node='http://jabber.org/protocol/commands' "
						      "name='Ad-Hoc Commands'/></query></iq>");
	memset(&opts_mod_disco, 0, sizeof(opts_mod_disco));
	opts_mod_adhoc.report_commands_node = false;
	for (unsigned slot = 1; slot <= 3; slot++)
		rt_routes_drop(shard, (struct rt_id){slot, 1});
	settle();
}
END_TEST

START_TEST(test_commands_are_found_by_their_node)
{
	struct client *c = bound("alice");

	ask(c, "get", "localhost", ITEMS, " node='http://jabber.org/protocol/commands'");
	expect(c, "<iq from='localhost' to='alice@localhost/r' id='1' type='result'>"
		  "<query xmlns='" ITEMS "' node='http://jabber.org/protocol/commands'>"
		  "<item jid='localhost' node='ping' name='Ping'/></query></iq>");
	ask(c, "get", "localhost", INFO, " node='http://jabber.org/protocol/commands'");
	expect_has(c,
		   "<identity category='automation' type='command-list' name='Commands'/></query>");
	ask(c, "get", "localhost", INFO, " node='ping'");
	expect_has(c, "<identity category='automation' type='command-node' name='Ping'/>" F(
			      "http://jabber.org/protocol/commands") "</query>");
}
END_TEST

#define ACCOUNT_INFO                                                                               \
	"<query xmlns='" INFO "'><identity category='account' type='registered'/>" F(              \
		"http://jabber.org/protocol/commands") F("msgoffline") "</query></iq>"

START_TEST(test_accounts_answer_whom_they_share_presence_with)
{
	struct client *c = bound("alice"), *bob = bound("bob"), *second;

	add_contact("bob", "alice@localhost", RT_SUB_BOTH);
	add_contact("alice", "carol@localhost", RT_SUB_BOTH); /* that roster does not count */
	ask(c, "get", "", INFO, "");
	expect(c, "<iq from='alice@localhost' to='alice@localhost/r' id='1' "
		  "type='result'>" ACCOUNT_INFO);
	ask(c, "get", "bob@localhost", INFO, "");
	expect(c, "<iq from='bob@localhost' to='alice@localhost/r' id='1' "
		  "type='result'>" ACCOUNT_INFO);
	ask(c, "get", "carol@localhost", INFO, "");
	expect_has(c, ERROR("503", "cancel", "service-unavailable"));
	ask(c, "get", "nobody@localhost", ITEMS, "");
	expect_has(c, ERROR("503", "cancel", "service-unavailable"));

	become_available(bob);
	second = bound_to("bob", "localhost", "s");
	ask(c, "get", "bob@localhost", ITEMS, "");
	expect(c, "<iq from='bob@localhost' to='alice@localhost/r' id='1' type='result'>"
		  "<query xmlns='" ITEMS "'><item jid='bob@localhost/r'/></query></iq>");
	become_available(second);
	ask(c, "get", "bob@localhost", ITEMS, "");
	expect_has(c, "<item jid='bob@localhost/s'/><item jid='bob@localhost/r'/></query>");

	ask(c, "get", "", INFO, " node='x'");
	expect_has(c, ERROR("404", "cancel", "item-not-found"));
	ask(c, "get", "bob@localhost", INFO, " node='x'");
	expect_has(c, ERROR("405", "cancel", "not-allowed"));
}
END_TEST

RUN_SUITE("mod_disco", test_host_tells_what_it_is_and_can, test_unknown_nodes_and_sets_are_refused,
	  test_items_are_services_of_this_host, test_commands_are_found_by_their_node,
	  test_accounts_answer_whom_they_share_presence_with)
