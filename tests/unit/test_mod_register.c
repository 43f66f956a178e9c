/* test_mod_register.c - registration before and after authentication, and its rules. */
#include <arpa/inet.h>

#include "core/loop.h"
#include "module_fixture.h"
#include "stream/password.h"
#include "stream/unauth.h"

#define QUERY(children) "<query xmlns='jabber:iq:register'>" children "</query>"
#define USER(name)      "<username>" name "</username>"
#define PASS(text)      "<password>" text "</password>"
#define ERROR(code, type, condition)                                                               \
	"<error code='" code "' type='" type "'><" condition " xmlns='" RT_NS_STANZAS "'/>"
#define INSTRUCTIONS                                                                               \
	"<instructions>Choose a username and password to register with this server"                \
	"</instructions>"

/* ---- a stream that is not authenticated, as the module sees it ---- */

static char *unauth_reply;

void rt_unauth_reply(struct rt_unauth_iq *u)
{
	struct rt_stanza *st = u->st;

	ck_assert_ptr_null(unauth_reply);
	unauth_reply = text_of(st, NULL);
	rt_stanza_free(&st);
}

void rt_unauth_error(struct rt_unauth_iq *u, enum rt_stanza_error error, const char *text)
{
	rt_stanza_make_error(u->st, error, rt_str_of(text), false);
	rt_stanza_strip(u->st, RT_TYPE_ERROR);
	rt_unauth_reply(u);
}

static bool has_reply(void *ctx)
{
	(void)ctx;
	return unauth_reply != NULL;
}

static const char *ask_from(const char *ip, const char *kind, const char *child)
{
	static char last[1024];
	struct sockaddr_in *peer_address;
	struct rt_unauth_iq *u;
	struct rt_stanza *st;
	char xml[1024];

	snprintf(xml, sizeof(xml), "<iq type='%s' id='1'>%s</iq>", kind, child);
	st = rt_xml_parse_stanza(rt_str_of(xml));
	ck_assert_ptr_nonnull(st);
	u = rt_arena_alloc(&st->arena, sizeof(*u));
	*u = (struct rt_unauth_iq){.shard = shard,
				   .st = st,
				   .child = rt_elem_next(st->root, NULL),
				   .is_set = strcmp(kind, "set") == 0};
	peer_address = (struct sockaddr_in *)(void *)&u->peer;
	peer_address->sin_family = AF_INET;
	ck_assert_int_eq(inet_pton(AF_INET, ip, &peer_address->sin_addr), 1);
	if (!rt_mod_register_unauth(u, &opts_mod_register)) {
		rt_stanza_free(&st);
		return "not taken";
	}
	while (unauth_reply == NULL) {
		settle();
		if (unauth_reply == NULL) /* the keys are being derived */
			rt_shard_run_until(shard, has_reply, NULL);
		rt_shard_enter(shard);
	}
	settle();
	snprintf(last, sizeof(last), "%s", unauth_reply);
	free(unauth_reply);
	unauth_reply = NULL;
	return last;
}

/* Each from an address of its own, so that pace does not matter. */
static const char *ask(const char *kind, const char *child)
{
	static int n;
	char ip[32];

	snprintf(ip, sizeof(ip), "198.51.100.%d", ++n % 250 + 1);
	return ask_from(ip, kind, child);
}

static const char ok[] = "<iq id='1' type='result'/>";

static bool logs_in(const char *node, const char *password);

/* ---- before authentication ---- */

START_TEST(test_form_before_authentication)
{
	struct rt_buf out = {0};

	ck_assert_str_eq(
		ask("get", QUERY("")),
		"<iq id='1' type='result'>" QUERY(INSTRUCTIONS "<username/><password/>") "</iq>");
	ck_assert_str_eq(ask("get", "<query xmlns='jabber:iq:auth'/>"), "not taken");
	rt_mod_register_feature(&out, false, &opts_mod_register);
	ck_assert_mem_eq(out.data, "<register xmlns='http://jabber.org/features/iq-register'/>",
			 rt_buf_len(&out));
	rt_buf_fini(&out);
}
END_TEST

START_TEST(test_registration_makes_an_account_once)
{
	ck_assert(!has_account("newbie"));
	ck_assert_str_eq(ask("set", QUERY(USER("NewBie") PASS("secret"))), ok);
	ck_assert(has_account("newbie"));
	ck_assert(logs_in("newbie", "secret"));
	ck_assert(!logs_in("newbie", "other"));
	ck_assert_str_eq(
		ask("set", QUERY(USER("newbie") PASS("x"))),
		"<iq id='1' type='error'>" ERROR("409", "cancel", "conflict") "</error></iq>");
	ck_assert(logs_in("newbie", "secret"));
}
END_TEST

static const struct {
	const char *fields, *error;
} refusals[] = {
	{USER("u") "<password/>", "not-acceptable"},
	{USER("u"), "bad-request"},
	{PASS("p"), "bad-request"},
	{"", "bad-request"},
	{"<x/>", "bad-request"},
	{"<remove/>", "service-unavailable"},
	{"<remove/>" USER("u") PASS("p"), "bad-request"},
	{USER("") PASS("p"), "bad-request"},
	{USER("bad name@x") PASS("p"), "bad-request"},
	{USER("a b") PASS("p"), "bad-request"},
	{USER("u") PASS("\xc2\xad"), "not-acceptable"}, /* SASLprep leaves nothing of it */
};

START_TEST(test_refused_registrations_leave_nothing)
{
	char child[256], part[64];
	const char *got;

	for (size_t i = 0; i < RT_ARRAY_LEN(refusals); i++) {
		snprintf(child, sizeof(child), "<query xmlns='jabber:iq:register'>%s</query>",
			 refusals[i].fields);
		snprintf(part, sizeof(part), "<%s xmlns=", refusals[i].error);
		got = ask("set", child);
		ck_assert_msg(strstr(got, part) != NULL, "%s -> %s", child, got);
		ck_assert_msg(strstr(got, "<query") == NULL, "a password may be echoed: %s", got);
	}
	ck_assert(!has_account("u"));
}
END_TEST

START_TEST(test_access_rule_is_asked_about_the_new_name)
{
	verdict = RT_DENY;
	ck_assert_ptr_nonnull(strstr(ask("set", QUERY(USER("Denied") PASS("p"))), "<forbidden "));
	ck_assert_str_eq(asked, "denied@localhost");
	ck_assert(!has_account("denied"));
}
END_TEST

START_TEST(test_one_registration_at_a_time_per_address)
{
	static const struct rt_ip_rule rules[] = {
		{RT_DENY, 4, {192, 0, 2}, 24, RT_AT(0, 1, 1)},
	};
	int64_t wall = rt_clock_wall_us();

	opts_mod_register.ip_access = rules;
	opts_mod_register.nip_access = 1;
	ck_assert_ptr_nonnull(
		strstr(ask_from("192.0.2.9", "set", QUERY(USER("a") PASS("p"))), "<forbidden "));
	ck_assert_str_eq(ask_from("203.0.113.1", "set", QUERY(USER("a") PASS("p"))), ok);
	ck_assert_ptr_nonnull(strstr(ask_from("203.0.113.1", "set", QUERY(USER("b") PASS("p"))),
				     "<resource-constraint "));
	ck_assert_str_eq(ask_from("203.0.113.2", "set", QUERY(USER("b") PASS("p"))), ok);
	rt_clock_fake(true, 5000000000u + 599000000000u, wall);
	ck_assert_ptr_nonnull(strstr(ask_from("203.0.113.1", "set", QUERY(USER("c") PASS("p"))),
				     "<resource-constraint "));
	rt_clock_fake(true, 5000000000u + 600000000000u, wall);
	/* A refused attempt counts, too. */
	ck_assert_str_eq(
		ask_from("203.0.113.1", "set", QUERY(USER("a") PASS("p"))),
		"<iq id='1' type='error'>" ERROR("409", "cancel", "conflict") "</error></iq>");
	ck_assert_ptr_nonnull(strstr(ask_from("203.0.113.1", "set", QUERY(USER("c") PASS("p"))),
				     "<resource-constraint "));
}
END_TEST

START_TEST(test_weak_passwords_are_refused)
{
	opts_mod_register.password_strength = 32;
	ck_assert_str_eq(
		ask("set", QUERY(USER("weak") PASS("a"))),
		"<iq id='1' type='error'>" ERROR(
			"406", "modify",
			"not-acceptable") "<text xmlns='" RT_NS_STANZAS
					  "'>The password is too weak</text></error></iq>");
	ck_assert(!has_account("weak"));
	ck_assert_str_eq(ask("set", QUERY(USER("strong") PASS("Long-and-Strong-17"))), ok);
}
END_TEST

START_TEST(test_newcomers_are_welcomed_and_watchers_told)
{
	static const char *const watchers[] = {"watcher@localhost", "not @ jid"};
	struct client *w, *c;

	opts_mod_register.welcome_subject = "Hi & <hello>";
	opts_mod_register.welcome_body = "Be nice.";
	opts_mod_register.registration_watchers = watchers;
	opts_mod_register.nregistration_watchers = 2;
	w = bound("watcher");
	become_available(w);
	ck_assert_str_eq(ask_from("203.0.113.5", "set", QUERY(USER("fresh") PASS("p"))), ok);
	expect(w,
	       "<message from='localhost' to='watcher@localhost' type='chat'><body>"
	       "2026-01-31T12:00:00Z: the account fresh@localhost was registered from the address "
	       "203.0.113.5.</body></message>");
	c = bound("fresh");
	client_send(c, "<presence/>");
	for (int i = 0; i < 2; i++) {
		const char *got = next(c);

		if (strstr(got, "<message") != NULL)
			ck_assert_str_eq(
				got,
				"<message from='localhost' to='fresh@localhost' type='normal'>"
				"<subject>Hi &amp; &lt;hello&gt;</subject><body>Be nice.</body>"
				"<delay xmlns='urn:xmpp:delay' stamp='" STAMP
				"' from='localhost'>Offline Storage</delay></message>");
		else
			ck_assert_ptr_nonnull(strstr(got, "<presence"));
	}
	expect_nothing(c);
}
END_TEST

/* ---- after authentication ---- */

struct check {
	bool done, matches;
};

static void on_checked(struct rt_shard *s, void *ctx, int err, const struct rt_credentials *c)
{
	struct check *check = ctx;
	const char *password = (const char *)(check + 1);

	(void)s;
	check->matches = err == RT_OK && rt_password_matches(rt_str_of(password), c);
	check->done = true;
}

static bool logs_in(const char *node, const char *password)
{
	struct {
		struct check check;
		char password[64];
	} c = {.check = {false, false}};

	strcpy(c.password, password);
	rt_store_account_get(shard, (struct rt_account){rt_str_of(node), RT_STR("localhost")},
			     on_checked, &c.check);
	settle();
	ck_assert(c.check.done);
	return c.check.matches;
}

static const char *request(struct client *c, const char *kind, const char *to, const char *child)
{
	char xml[512];

	snprintf(xml, sizeof(xml), "<iq type='%s'%s%s%s id='1'>%s</iq>", kind,
		 to[0] != '\0' ? " to='" : "", to, to[0] != '\0' ? "'" : "", child);
	client_send(c, xml);
	return c->nout > 0 ? next(c) : wait_next(c);
}

#define OWN "from='alice@localhost' to='alice@localhost/r'"

START_TEST(test_users_change_their_password)
{
	struct client *c = bound("alice");

	ck_assert_str_eq(request(c, "get", "", QUERY("")),
			 "<iq " OWN " id='1' type='result'>" QUERY(
				 INSTRUCTIONS USER("alice") "<password/><registered/>") "</iq>");
	ck_assert_str_eq(request(c, "set", "", QUERY(USER("alice") PASS("new"))),
			 "<iq " OWN " id='1' type='result'/>");
	ck_assert(logs_in("alice", "new"));
	ck_assert_str_eq(request(c, "set", "localhost", QUERY(USER("Alice") PASS("newer"))),
			 "<iq from='localhost' to='alice@localhost/r' id='1' type='result'/>");
	ck_assert(logs_in("alice", "newer"));
	ck_assert_str_eq(request(c, "set", "", QUERY(USER("alice") "<password/>")),
			 "<iq " OWN " id='1' type='error'>" ERROR("400", "modify",
								  "bad-request") "</error></iq>");
	opts_mod_register.password_strength = 99;
	ck_assert_ptr_nonnull(strstr(request(c, "set", "", QUERY(USER("alice") PASS("weak"))),
				     "The password is too weak"));
	verdict = RT_DENY;
	ck_assert_ptr_nonnull(
		strstr(request(c, "set", "", QUERY(USER("alice") PASS("x"))), "<forbidden "));
	ck_assert(logs_in("alice", "newer"));
}
END_TEST

START_TEST(test_users_register_others)
{
	struct client *c = bound("alice");

	ck_assert_ptr_nonnull(
		strstr(request(c, "set", "", QUERY(USER("other") PASS("p"))), "type='result'"));
	ck_assert(logs_in("other", "p"));
	rt_register_forget();
	ck_assert_ptr_nonnull(strstr(request(c, "set", "localhost", QUERY(USER("other") PASS("x"))),
				     "<conflict "));
	ck_assert(logs_in("other", "p"));
}
END_TEST

START_TEST(test_strangers_are_sent_away)
{
	struct client *c = bound_to("eve", "two.example", "r"), *b = bound("bob");

	bound("alice");
	ck_assert_ptr_nonnull(strstr(request(c, "set", "localhost", QUERY(USER("x") PASS("p"))),
				     "<not-allowed "));
	ck_assert_ptr_nonnull(
		strstr(request(b, "set", "alice@localhost", QUERY("<remove/>")), "<forbidden "));
	ck_assert_ptr_nonnull(
		strstr(request(b, "set", "alice@localhost", QUERY(USER("alice") PASS("p"))),
		       "<forbidden "));
	ck_assert(has_account("alice"));
	ck_assert(has_account("bob"));
	ck_assert(!logs_in("alice", "p"));
}
END_TEST

START_TEST(test_cancellation_answers_and_then_ends_all_sessions)
{
	struct client *c = bound("alice"), *second = bound_to("alice", "localhost", "s");

	ck_assert_ptr_nonnull(
		strstr(request(c, "set", "", QUERY("<remove/><username>alice</username>")),
		       "<bad-request "));
	verdict = RT_DENY;
	ck_assert_ptr_nonnull(strstr(request(c, "set", "", QUERY("<remove/>")), "<not-allowed "));
	verdict = RT_ALLOW;
	opts_mod_register.access_given = false; /* then nobody cancels */
	opts_mod_register.access = NULL;
	ck_assert_ptr_nonnull(strstr(request(c, "set", "", QUERY("<remove/>")), "<not-allowed "));
	ck_assert(has_account("alice"));
	opts_mod_register.access_given = true;
	ck_assert_str_eq(request(c, "set", "localhost", QUERY("<remove/>")),
			 "<iq from='localhost' to='alice@localhost/r' id='1' type='result'/>");
	ck_assert_str_eq(c->ended, "conflict: User removed");
	ck_assert_str_eq(second->ended, "conflict: User removed");
	ck_assert(!has_account("alice"));
}
END_TEST

/* ---- the rules by themselves ---- */

static const struct {
	const char *password;
	int bits; /* rounded down */
} strengths[] = {
	{"", 0},      {"1", 3},    {"1234", 13}, {"abcd", 18},
	{"aBcD", 22}, {"aB1", 17}, {"aB1-", 26}, {"\xc3\xa9\xc3\xa9", 14},
	{"a b", 21},
};

START_TEST(test_entropy_grows_with_length_and_kinds)
{
	for (size_t i = 0; i < RT_ARRAY_LEN(strengths); i++)
		ck_assert_msg((int)rt_register_entropy(rt_str_of(strengths[i].password)) ==
				      strengths[i].bits,
			      "%s: %f", strengths[i].password,
			      rt_register_entropy(rt_str_of(strengths[i].password)));
}
END_TEST

static const struct rt_ip_rule ip_rules[] = {
	{RT_ALLOW, 4, {10, 1, 2, 3}, 32, RT_AT(0, 1, 1)},
	{RT_DENY, 4, {10, 0x80}, 9, RT_AT(0, 2, 1)},
	{RT_DENY, 6, {0x20, 0x01, 0x0d, 0xb8}, 32, RT_AT(0, 3, 1)},
	{RT_DENY, 6, {0}, 128, RT_AT(0, 4, 1)},
};

static const struct {
	const char *ip;
	bool allowed;
} sources[] = {
	{"10.1.2.3", true},    {"10.128.0.0", false},        {"10.255.255.255", false},
	{"10.127.9.9", true},  {"192.0.2.1", true},          {"2001:db8::1", false},
	{"2001:db9::1", true}, {"::ffff:10.200.1.1", false}, {"::", false},
	{"::1", true},
};

START_TEST(test_first_matching_address_rule_decides)
{
	for (size_t i = 0; i < RT_ARRAY_LEN(sources); i++) {
		struct rt_source s = rt_register_source_of(sources[i].ip);

		ck_assert_msg(rt_register_ip_allowed(ip_rules, RT_ARRAY_LEN(ip_rules), &s) ==
				      sources[i].allowed,
			      "%s", sources[i].ip);
	}
	{
		static const struct rt_ip_rule all = {RT_DENY, 4, {0}, 0, RT_AT(0, 1, 1)};
		struct rt_source four = rt_register_source_of("1.2.3.4");
		struct rt_source six = rt_register_source_of("2001:db8::1");

		ck_assert(!rt_register_ip_allowed(&all, 1, &four));
		ck_assert(rt_register_ip_allowed(&all, 1, &six));
	}
}
END_TEST

START_TEST(test_sources_remembered_are_bounded_and_ipv6_sites_count_once)
{
	struct rt_source s = rt_register_source_of("2001:db8:0:1::1");
	char text[64];

	ck_assert(rt_register_pace(&s, 600, 1000));
	s = rt_register_source_of("2001:db8:0:1:ffff::9");
	ck_assert(!rt_register_pace(&s, 600, 2000));
	ck_assert(rt_register_pace(&s, 0, 2000));
	ck_assert(rt_register_pace(&s, RT_LIMIT_INFINITY, 2000));
	for (unsigned i = 0; i < 2 * RT_REGISTER_SOURCES; i++) {
		snprintf(text, sizeof(text), "2001:db8:%x:%x::1", i >> 8, i & 0xff);
		s = rt_register_source_of(text);
		rt_register_pace(&s, 600, 3000 + i);
	}
	ck_assert(!rt_register_pace(&s, 600, 90000)); /* the latest is among them */
	s = rt_register_source_of("2001:db8:0:1::1"); /* the oldest made room */
	ck_assert(rt_register_pace(&s, 600, 90000));
}
END_TEST

RUN_SUITE("mod_register", test_form_before_authentication, test_registration_makes_an_account_once,
	  test_refused_registrations_leave_nothing, test_access_rule_is_asked_about_the_new_name,
	  test_one_registration_at_a_time_per_address, test_weak_passwords_are_refused,
	  test_newcomers_are_welcomed_and_watchers_told, test_users_change_their_password,
	  test_users_register_others, test_strangers_are_sent_away,
	  test_cancellation_answers_and_then_ends_all_sessions,
	  test_entropy_grows_with_length_and_kinds, test_first_matching_address_rule_decides,
	  test_sources_remembered_are_bounded_and_ipv6_sites_count_once)
