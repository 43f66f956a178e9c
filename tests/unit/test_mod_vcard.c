/* test_mod_vcard.c - vCards, and the directory that searches them. */
#include "core/loop.h"
#include "module_fixture.h"

#define ERROR(code, type, condition)                                                               \
	"<error code='" code "' type='" type "'><" condition " xmlns='" RT_NS_STANZAS              \
	"'/></error></iq>"
#define OWN            "from='alice@localhost' to='alice@localhost/r'"
#define CARD(children) "<vCard xmlns='vcard-temp'>" children "</vCard>"
#define EMPTY          "<vCard xmlns='vcard-temp'/>"
#define MINE                                                                                       \
	CARD("<FN>Alice A</FN><N><FAMILY>A</FAMILY><GIVEN>Alice</GIVEN></N><PHOTO><TYPE>x</TYPE>"  \
	     "<BINVAL>AA==</BINVAL></PHOTO><X xmlns='urn:x'>&lt;</X>")

START_TEST(test_cards_are_set_by_their_owner_and_seen_by_all)
{
	struct client *a = bound("alice"), *b = bound("bob");

	client_send(a, "<iq type='get' id='1'>" EMPTY "</iq>");
	expect(a,
	       "<iq " OWN " id='1' type='error'>" EMPTY ERROR("404", "cancel", "item-not-found"));
	client_send(a, "<iq type='set' id='1'>" MINE "</iq>");
	expect(a, "<iq " OWN " id='1' type='result'/>");
	client_send(a, "<iq type='get' id='1'>" EMPTY "</iq>");
	expect(a, "<iq " OWN " id='1' type='result'>" MINE "</iq>");
	client_send(b, "<iq type='get' to='alice@localhost' id='1'>" EMPTY "</iq>");
	expect(b, "<iq from='alice@localhost' to='bob@localhost/r' id='1' type='result'>" MINE
		  "</iq>");
	client_send(b, "<iq type='set' to='alice@localhost' id='1'>" EMPTY "</iq>");
	expect(b,
	       "<iq from='alice@localhost' to='bob@localhost/r' id='1' type='error'>" EMPTY ERROR(
		       "405", "cancel", "not-allowed"));
	client_send(b, "<iq type='get' to='nobody@localhost' id='1'>" EMPTY "</iq>");
	expect_has(b, ERROR("404", "cancel", "item-not-found"));
	client_send(a, "<iq type='set' to='alice@localhost' id='1'>" CARD("<FN>New</FN>") "</iq>");
	expect(a, "<iq " OWN " id='1' type='result'/>");
	client_send(a, "<iq type='get' id='1'>" EMPTY "</iq>");
	expect(a, "<iq " OWN " id='1' type='result'>" CARD("<FN>New</FN>") "</iq>");
	client_send(a, "<iq type='get' id='1'><other xmlns='vcard-temp'/></iq>");
	expect_has(a, ERROR("400", "modify", "bad-request"));
}
END_TEST

START_TEST(test_host_and_directory_have_cards)
{
	struct client *a = bound("alice");

	client_send(a, "<iq type='get' to='localhost' id='1'>" EMPTY "</iq>");
	expect_has(a,
		   CARD("<FN>cfgc</FN><DESC>XMPP server, compiled from its configuration</DESC>"));
	client_send(a, "<iq type='set' to='localhost' id='1'>" EMPTY "</iq>");
	expect_has(a, EMPTY ERROR("405", "cancel", "not-allowed"));
	client_send(a, "<iq type='get' to='vjud.localhost' id='1'>" EMPTY "</iq>");
	expect_has(a, "<FN>cfgc/vcard</FN>");
}
END_TEST

/* ---- searching ----------------------------------------------------------------------------------
 */

static void give_card(const char *node, const char *card)
{
	struct client *c = bound(node);
	char xml[512];

	snprintf(xml, sizeof(xml), "<iq type='set' id='1'>%s</iq>", card);
	client_send(c, xml);
	expect_has(c, "type='result'");
	leave(c, "");
}

static void populate(void)
{
	give_card("ann",
		  CARD("<FN>Ann Other</FN><N><FAMILY>Other</FAMILY><GIVEN>Ann</GIVEN>"
		       "<MIDDLE>M</MIDDLE></N><NICKNAME>Nick1</NICKNAME><BDAY>1970-01-01</BDAY>"
		       "<ADR><CTRY>PL</CTRY><LOCALITY>Krak\xc3\xb3w</LOCALITY></ADR>"
		       "<EMAIL><USERID>ann@x.example</USERID></EMAIL><ORG><ORGNAME>Org</ORGNAME>"
		       "<ORGUNIT>Unit</ORGUNIT></ORG>"));
	give_card("ben",
		  CARD("<FN>Ben</FN><NICKNAME>nick2</NICKNAME><EMAIL>ben@x.example</EMAIL>"));
	give_card("cat", CARD("<FN>Cat</FN><NICKNAME>nick3</NICKNAME>"));
}

/* Search by fields as XML, with a result set management element. */
static const char *search(struct client *c, const char *fields, const char *set)
{
	char xml[1024];

	snprintf(xml, sizeof(xml),
		 "<iq type='set' to='vjud.localhost' id='1'><query xmlns='jabber:iq:search'>"
		 "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
		 "<value>jabber:iq:search</value></field>%s</x>%s</query></iq>",
		 fields, set);
	client_send(c, xml);
	return next(c);
}

#define FIELD(var, value) "<field var='" var "'><value>" value "</value></field>"
#define SET(children)     "<set xmlns='http://jabber.org/protocol/rsm'>" children "</set>"

/* The users found, "ann,ben," in order. */
static const char *found(const char *reply)
{
	static char out[128];
	size_t at = 0;

	out[0] = '\0';
	while ((reply = strstr(reply, "<item><field var='jid'><value>")) != NULL) {
		reply += strlen("<item><field var='jid'><value>");
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%.*s,",
				       (int)strcspn(reply, "@"), reply);
	}
	return out;
}

START_TEST(test_form_names_the_fields)
{
	struct client *c = bound("alice");
	const char *got;

	client_send(c, "<iq type='get' to='vjud.localhost' id='1'><query xmlns='jabber:iq:search'/>"
		       "</iq>");
	got = next(c);
#define X(name, var)                                                                               \
	ck_assert_msg(strstr(got, " var='" var "'/>") != NULL, "no field %s in %s", var, got);
	RT_VCARD_FIELDS(X)
#undef X
	ck_assert_ptr_nonnull(strstr(got, "<x xmlns='jabber:x:data' type='form'>"
					  "<title>Search for users in vjud.localhost</title>"));
}
END_TEST

START_TEST(test_result_shows_all_fields)
{
	struct client *c;

	populate();
	c = bound("alice");
	ck_assert_ptr_nonnull(strstr(
		search(c, FIELD("nick", "nick1"), ""),
		"<item>" FIELD("jid", "ann@localhost") FIELD("fn", "Ann Other") FIELD(
			"last", "Other") FIELD("first", "Ann") FIELD("middle", "M")
			FIELD("nick", "Nick1") FIELD("bday", "1970-01-01") FIELD(
				"ctry", "PL") FIELD("locality",
						    "Krak\xc3\xb3w") FIELD("email", "ann@x.example")
				FIELD("orgname", "Org") FIELD("orgunit", "Unit") "</item></x>" SET(
					"<first "
					"index='0'>ann@localhost</first><last>ann@localhost</last>"
					"<count>1</count>") "</query></iq>"));
	ck_assert_str_eq(found(search(c, FIELD("email", "ben*"), "")), "ben,");
}
END_TEST

START_TEST(test_search_matches_words_and_prefixes)
{
	struct client *c;

	populate();
	c = bound("alice");
	ck_assert_str_eq(found(search(c, FIELD("nick", "NICK1"), "")), "ann,");
	ck_assert_str_eq(found(search(c, FIELD("nick", "nick"), "")), "");
	ck_assert_str_eq(found(search(c, FIELD("nick", "nick*"), "")), "ann,ben,cat,");
	ck_assert_str_eq(found(search(c, FIELD("nick", "nick*") FIELD("user", "b*"), "")), "ben,");
	ck_assert_str_eq(found(search(c, FIELD("locality", "KRAK\xc3\x93W"), "")), "ann,");
	ck_assert_str_eq(found(search(c, FIELD("user", "cat"), "")), "cat,");
	ck_assert_str_eq(found(search(c, FIELD("nick", ""), "")), "");
	ck_assert_str_eq(found(search(c, "", "")), "");
	ck_assert_str_eq(found(search(c, FIELD("unknown", "x"), "")), "");
	opts_mod_vcard.matches = 2;
	ck_assert_str_eq(found(search(c, FIELD("nick", "nick*"), "")), "ann,ben,");
	opts_mod_vcard.matches = RT_LIMIT_INFINITY;
	ck_assert_str_eq(found(search(c, FIELD("nick", "nick*"), "")), "ann,ben,cat,");
}
END_TEST

static const struct {
	const char *set, *found, *part; /* part of the reply */
} pages[] = {
	{SET("<max>2</max>"), "ann,ben,",
	 "<first index='0'>ann@localhost</first><last>ben@localhost"
	 "</last><count>3</count>"},
	{SET("<max>2</max><after>ben@localhost</after>"), "cat,",
	 "<first index='2'>cat@localhost</first><last>cat@localhost</last><count>3</count>"},
	{SET("<max>2</max><after>cat@localhost</after>"), "", SET("<count>3</count>")},
	{SET("<max>2</max><before/>"), "ben,cat,", "<first index='1'>"},
	{SET("<max>1</max><before>cat@localhost</before>"), "ben,", "<first index='1'>"},
	{SET("<max>5</max><before>cat@localhost</before>"), "ann,ben,", "<first index='0'>"},
	{SET("<max>1</max><index>1</index>"), "ben,", "<first index='1'>"},
	{SET("<index>9</index>"), "", SET("<count>3</count>")},
	{SET("<max>0</max>"), "", SET("<count>3</count>")},
	{SET("<max>18446744073709551617</max>"), "", "<bad-request "},
	{SET("<max>x</max>"), "", "<bad-request "},
	{SET("<after>zoe@localhost</after>"), "", "<item-not-found "},
	{SET("<before>ann@elsewhere</before>"), "", "<item-not-found "},
};

START_TEST(test_results_come_in_pages)
{
	struct client *c;
	const char *got;

	populate();
	c = bound("alice");
	for (size_t i = 0; i < RT_ARRAY_LEN(pages); i++) {
		got = search(c, FIELD("nick", "nick*"), pages[i].set);
		ck_assert_msg(strcmp(found(got), pages[i].found) == 0, "case %zu: %s", i, got);
		ck_assert_msg(strstr(got, pages[i].part) != NULL, "case %zu: %s", i, got);
	}
}
END_TEST

START_TEST(test_directory_refuses_what_it_does_not_know)
{
	struct client *c = bound("alice");

	client_send(c, "<iq type='set' to='vjud.localhost' id='1'><query xmlns='jabber:iq:search'/>"
		       "</iq>");
	expect_has(c, "<query xmlns='jabber:iq:search'/>" ERROR("400", "modify", "bad-request"));
	client_send(c, "<iq type='set' to='vjud.localhost' id='1'><query xmlns='jabber:iq:search'>"
		       "<x xmlns='jabber:x:data' type='cancel'/></query></iq>");
	expect_has(c, ERROR("400", "modify", "bad-request"));
	client_send(c,
		    "<iq type='get' to='vjud.localhost' id='1'><query xmlns='jabber:iq:version'/>"
		    "</iq>");
	expect_has(c, ERROR("503", "cancel", "service-unavailable"));
	client_send(c,
		    "<iq type='get' to='x@vjud.localhost' id='1'><query xmlns='jabber:iq:search'/>"
		    "</iq>");
	expect_has(c, ERROR("503", "cancel", "service-unavailable"));
	client_send(c, "<iq type='get' to='vjud.localhost' id='1'><query "
		       "xmlns='http://jabber.org/protocol/disco#items'/></iq>");
	expect_has(c, "type='result'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
}
END_TEST

RUN_SUITE("mod_vcard", test_cards_are_set_by_their_owner_and_seen_by_all,
	  test_host_and_directory_have_cards, test_form_names_the_fields,
	  test_result_shows_all_fields, test_search_matches_words_and_prefixes,
	  test_results_come_in_pages, test_directory_refuses_what_it_does_not_know)
