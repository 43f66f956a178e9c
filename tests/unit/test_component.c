/* test_component.c - external components: handshake, names, stanzas both ways (XEP-0114). */
#include <openssl/evp.h>

#include "component/component.h"
#include "xmpp_server.h"

#define C_HEADER(to)                                                                               \
	"<stream:stream xmlns='jabber:component:accept' xmlns:stream='" RT_NS_STREAMS "' to='" to  \
	"'>"
#define S_C_HEADER(from)                                                                           \
	"<?xml version='1.0'?><stream:stream xmlns:stream='" RT_NS_STREAMS                         \
	"' xmlns='jabber:component:accept' id='ID' from='" from "'>"
#define S_C_REFUSED                                                                                \
	"<stream:error><not-authorized xmlns='" RT_NS_STREAM_ERRORS                                \
	"'/><text xmlns='" RT_NS_STREAM_ERRORS                                                     \
	"' xml:lang='en'>Invalid Handshake</text></stream:error></stream:stream>"
#define BODY "<body>x</body>"

static struct peer *a;

static void set_up(void)
{
	start_server();
	a = log_in(ALICE, "a");
}

static void tear_down(void)
{
	if (a != NULL)
		hang_up(&a);
	stop_server();
}

static void digest(const struct peer *p, const char *password, bool upper, char *out)
{
	unsigned char md[20];
	char text[64];
	int n = sprintf(text, "%s%s", p->last_id, password);

	EVP_Digest(text, (size_t)n, md, NULL, EVP_sha1(), NULL);
	for (int i = 0; i < 20; i++)
		sprintf(out + 2 * i, upper ? "%02X" : "%02x", md[i]);
}

static struct peer *open_component(const struct rt_listener_spec *l, const char *header,
				   const char *heard)
{
	struct peer *p = connect_peer(l);
	char hex[41], text[128];

	say(p, header);
	hear(p, heard);
	digest(p, "secret", false, hex);
	sprintf(text, "<handshake>%s</handshake>", hex);
	say(p, text);
	return p;
}

static struct peer *join(const char *name)
{
	char header[256], heard[256];
	struct peer *p;

	sprintf(header, C_HEADER("%s"), name);
	sprintf(heard, S_C_HEADER("%s"), name);
	p = open_component(&listener_service, header, heard);
	hear(p, "<handshake/>");
	return p;
}

static const struct {
	const char *says, *hears;
} headers[] = {
	{"<stream:stream xmlns='jabber:client' xmlns:stream='" RT_NS_STREAMS "' to='x.localhost'>",
	 S_C_HEADER("localhost") S_ERROR("invalid-namespace")},
	{"<stream:stream xmlns='jabber:component:accept' xmlns:stream='urn:x' to='x.localhost'>",
	 S_C_HEADER("localhost") S_ERROR("invalid-namespace")},
	{"hello", S_C_HEADER("localhost") S_ERROR("xml-not-well-formed")},
	{C_HEADER(""), S_C_HEADER("localhost") S_ERROR("host-unknown")},
	{"<stream:stream xmlns='jabber:component:accept' xmlns:stream='" RT_NS_STREAMS "'>",
	 S_C_HEADER("localhost") S_ERROR("host-unknown")},
	{C_HEADER("x.localhost") "</stream:stream>", S_C_HEADER("x.localhost") "</stream:stream>"},
	{C_HEADER("x.localhost") "<a></b>",
	 S_C_HEADER("x.localhost") S_ERROR("xml-not-well-formed")},
	{C_HEADER("x.localhost") "<handshake>0000000000000000000000000000000000000000</handshake>",
	 S_C_HEADER("x.localhost") S_C_REFUSED},
	{C_HEADER("x.localhost") "<handshake/>", S_C_HEADER("x.localhost") S_C_REFUSED},
};

START_TEST(test_component_is_refused)
{
	for (int whole = 0; whole < 2; whole++) {
		struct peer *p = connect_peer(&listener_service);

		for (const char *at = headers[_i].says; whole == 0 && *at != '\0'; at++)
			say_bytes(p, at, 1);
		if (whole)
			say(p, headers[_i].says);
		hear_end(p, headers[_i].hears);
		hang_up(&p);
	}
}
END_TEST

START_TEST(test_component_digest_is_exact)
{
	static const struct {
		const char *password, *format;
		bool upper;
	} cases[] = {
		{"secret", "<handshake>%s</handshake>", true},
		{"Secret", "<handshake>%s</handshake>", false},
		{"", "<handshake>%s</handshake>", false},
		{"secret", "<handshake> %s</handshake>", false},
		{"secret", "<handshake>%s\n</handshake>", false},
	};

	for (size_t i = 0; i < RT_ARRAY_LEN(cases); i++) {
		struct peer *p = connect_peer(&listener_service);
		char hex[41], text[128];

		say(p, C_HEADER("x.localhost"));
		hear(p, S_C_HEADER("x.localhost"));
		digest(p, cases[i].password, cases[i].upper, hex);
		sprintf(text, cases[i].format, hex);
		say(p, text);
		hear_end(p, S_C_REFUSED);
		hang_up(&p);
	}
}
END_TEST

START_TEST(test_component_ignores_what_comes_before_the_handshake)
{
	struct peer *p = open_component(&listener_service,
					C_HEADER("z.localhost") "<message from='z.localhost' "
								"to='alice@localhost/a'>" BODY
								"</message><foo/>",
					S_C_HEADER("z.localhost"));

	hear(p, "<handshake/>");
	hear(a, "");
	hang_up(&p);
}
END_TEST

START_TEST(test_component_talks_both_ways)
{
	struct peer *p = join("echo.localhost");

	say(a, "<message to='node@echo.localhost/res' type='chat' id='1'>" BODY "</message>");
	hear(p, "<message from='alice@localhost/a' to='node@echo.localhost/res' type='chat' "
		"id='1'>" BODY "</message>");
	say(p, "<message xmlns='jabber:component:accept' from='n@echo.localhost/r' "
	       "to='alice@localhost/a' id='2'>" BODY "</message>");
	hear(a,
	     "<message from='n@echo.localhost/r' to='alice@localhost/a' id='2'>" BODY "</message>");
	say(p, "<iq type='get' from='echo.localhost' to='alice@localhost/a' id='3'><q "
	       "xmlns='urn:q'/></iq>");
	hear(a, "<iq from='echo.localhost' to='alice@localhost/a' type='get' id='3'><q "
		"xmlns='urn:q'/></iq>");
	hang_up(&p);
}
END_TEST

START_TEST(test_component_name_is_prepared)
{
	struct peer *p = open_component(&listener_service, C_HEADER("Big.LocalHost"),
					S_C_HEADER("Big.LocalHost"));

	hear(p, "<handshake/>");
	say(a, "<message to='BIG.localhost' id='1'>" BODY "</message>");
	hear(p, "<message from='alice@localhost/a' to='big.localhost' id='1'>*");
	say(p, "<message from='BIG.LOCALhost' to='alice@localhost/a' id='2'>" BODY "</message>");
	hear(a, "<message from='big.localhost' to='alice@localhost/a' id='2'>*");
	hang_up(&p);
}
END_TEST

START_TEST(test_component_of_every_host)
{
	struct peer *p = open_component(
		&listener_service,
		"<stream:stream xmlns='jabber:component:accept' xmlns:stream='" RT_NS_STREAMS
		"' to='conf' is_subdomain='true'>",
		S_C_HEADER("conf"));
	static const char *const names[] = {"conf.localhost", "conf.other.example"};
	char text[256], heard[256];

	hear(p, "<handshake/>");
	for (size_t i = 0; i < 2; i++) {
		sprintf(text, "<message to='%s'/>", names[i]);
		sprintf(heard, "<message from='alice@localhost/a' to='%s'/>", names[i]);
		say(a, text);
		hear(p, heard);
		sprintf(text, "<message from='%s' to='alice@localhost/a'/>", names[i]);
		say(p, text);
		hear(a, text);
	}
	say(p, "<message from='conf' to='alice@localhost/a'/>");
	hear_end(p, S_ERROR("invalid-from"));
	hang_up(&p);
}
END_TEST

START_TEST(test_component_cannot_take_a_name_that_is_taken)
{
	static const char *const names[] = {"localhost", "other.example", "echo.localhost"};
	struct peer *first = join("echo.localhost");
	char header[256], heard[256];

	for (size_t i = 0; i < RT_ARRAY_LEN(names); i++) {
		struct peer *p;

		sprintf(header, C_HEADER("%s"), names[i]);
		sprintf(heard, S_C_HEADER("%s"), names[i]);
		p = open_component(&listener_service, header, heard);
		hear_end(p, S_ERROR("conflict"));
		hang_up(&p);
	}
	say(a, "<message to='echo.localhost'/>");
	hear(first, "<message *");
	hang_up(&first);
	first = join("echo.localhost");
	hang_up(&first);
}
END_TEST

START_TEST(test_component_all_names_or_none)
{
	struct peer *first = join("conf.other.example");
	struct peer *p = open_component(
		&listener_service,
		"<stream:stream xmlns='jabber:component:accept' xmlns:stream='" RT_NS_STREAMS
		"' to='conf' is_subdomain='true'>",
		S_C_HEADER("conf"));

	hear_end(p, S_ERROR("conflict"));
	hang_up(&p);
	say(a, "<message to='conf.localhost' id='1'/>");
	hear(a, "<message from='conf.localhost' *<service-unavailable *");
	p = join("conf.localhost");
	hang_up(&p);
	hang_up(&first);
}
END_TEST

/* What a component says, what it hears, what alice hears. */
static const struct {
	const char *says, *hears, *alice;
	bool ends;
} stanzas[] = {
	{"<message from='bob@localhost' to='alice@localhost/a'/>", S_ERROR("invalid-from"), "",
	 true},
	{"<message from='sub.echo.localhost' to='alice@localhost/a'/>", S_ERROR("invalid-from"), "",
	 true},
	{"<message from='@@' to='alice@localhost/a'/>", S_ERROR("invalid-from"), "", true},
	{"<message type='error' from='other.example' to='alice@localhost/a'/>",
	 S_ERROR("invalid-from"), "", true},
	{"<message to='alice@localhost/a' id='1'/>",
	 "<message *type='error'*id='1'><error code='400' type='modify'><bad-request *", "", false},
	{"<message from='echo.localhost' id='1'/>",
	 "<message *type='error'*id='1'><error code='400' type='modify'><bad-request *", "", false},
	{"<message from='echo.localhost' to='@@' id='1'>" BODY "</message>",
	 "<message *type='error'*id='1'>" BODY "<error code='400' type='modify'><bad-request *", "",
	 false},
	{"<message type='error' from='echo.localhost' id='1'/>", "", "", false},
	{"<iq type='result' from='echo.localhost' to='@@' id='1'/>", "", "", false},
	{"<foo from='echo.localhost' to='alice@localhost/a'/>", S_ERROR("unsupported-stanza-type"),
	 "", true},
	{"<handshake/>", S_ERROR("unsupported-stanza-type"), "", true},
	{"<a></b>", S_ERROR("xml-not-well-formed"), "", true},
	{"</stream:stream>", "</stream:stream>", "", true},
	{"<message from='x@echo.localhost/y' to='alice@localhost/a'/>", "",
	 "<message from='x@echo.localhost/y' to='alice@localhost/a'/>", false},
	{"<message from='echo.localhost' to='nobody@localhost' id='1'/>",
	 "<message from='nobody@localhost' to='echo.localhost' type='error' "
	 "id='1'>*<service-unavailable *",
	 "", false},
};

START_TEST(test_component_stanza)
{
	struct peer *p = join("echo.localhost");

	say(p, stanzas[_i].says);
	if (stanzas[_i].ends)
		hear_end(p, stanzas[_i].hears);
	else
		hear(p, stanzas[_i].hears);
	hear(a, stanzas[_i].alice);
	hang_up(&p);
}
END_TEST

START_TEST(test_component_without_check_may_be_anybody)
{
	struct peer *p = open_component(&listener_service_free, C_HEADER("free.localhost"),
					S_C_HEADER("free.localhost"));

	hear(p, "<handshake/>");
	say(p, "<message from='bob@localhost/fake' to='alice@localhost/a'/>");
	hear(a, "<message from='bob@localhost/fake' to='alice@localhost/a'/>");
	say(p, "<message to='alice@localhost/a' id='1'/>");
	hear(p, "<message *<bad-request *");
	hang_up(&p);
}
END_TEST

START_TEST(test_component_hears_only_those_who_may_send)
{
	struct peer *p = join("echo.localhost");

	hang_up(&a);
	/* The listener of clients has the same rule, so blocked speaks through a component of its
	 * own. */
	a = open_component(&listener_service_free, C_HEADER("free.localhost"),
			   S_C_HEADER("free.localhost"));
	hear(a, "<handshake/>");
	say(a, "<message from='blocked@free.localhost' to='echo.localhost' id='1'/>");
	hear(a, "<message from='echo.localhost' to='blocked@free.localhost' type='error' "
		"id='1'><error code='405' "
		"type='cancel'><not-allowed *");
	say(a, "<message from='blocked@free.localhost' to='echo.localhost' type='error' id='2'/>");
	hear(a, "");
	say(a, "<message from='other@free.localhost' to='echo.localhost' id='3'/>");
	hear(p, "<message from='other@free.localhost' to='echo.localhost' id='3'/>");
	hang_up(&p);
}
END_TEST

START_TEST(test_component_that_is_gone)
{
	struct peer *p = join("echo.localhost");

	hang_up(&p);
	say(a, "<message to='echo.localhost' id='1'/>");
	hear(a, "<message from='echo.localhost' to='alice@localhost/a' type='error' id='1'><error "
		"code='503' "
		"type='cancel'><service-unavailable *");
}
END_TEST

START_TEST(test_component_gives_back_what_it_never_got)
{
	struct peer *p = join("echo.localhost");
	struct rt_conn *c = rt_conn_find(shard, p->id);
	static char fill[60000], text[61000];
	int n = 0;

	memset(fill, 'x', sizeof(fill) - 1);
	/* Until the socket takes no more, then three that stay behind. */
	while (rt_buf_len(&c->out) == 0) {
		sprintf(text, "<message to='echo.localhost' id='n%d'><body>%s</body></message>",
			n++, fill);
		say(a, text);
	}
	say(a, "<iq type='get' to='echo.localhost' id='late1'><q xmlns='urn:q'/></iq>"
	       "<presence to='echo.localhost'/>"
	       "<message to='echo.localhost' id='late2'/>");
	ck_assert_uint_gt(rt_buf_len(&c->out), 0);
	hang_up(&p);
	hear(a, "*<iq from='echo.localhost' to='alice@localhost/a' type='error' "
		"id='late1'>*<service-unavailable *"
		"<message from='echo.localhost' to='alice@localhost/a' type='error' "
		"id='late2'>*<service-unavailable *");
	ck_assert_ptr_null(strstr(a->text, "<presence"));
}
END_TEST

START_TEST(test_component_times_out_before_the_handshake)
{
	struct peer *p = connect_peer(&listener_service);

	say(p, C_HEADER("x.localhost"));
	hear(p, S_C_HEADER("x.localhost"));
	ck_assert(rt_timer_is_active(&stream_of(p)->conn.timeout));
	rt_component_kind.on_timeout(rt_conn_find(shard, p->id));
	hear_end(p, S_ERROR("connection-timeout"));
	hang_up(&p);
	p = join("x.localhost");
	ck_assert(!rt_timer_is_active(&stream_of(p)->conn.timeout));
	rt_conn_shutdown_all(shard);
	hear_end(p, S_ERROR("system-shutdown"));
	hang_up(&p);
}
END_TEST

#define N(rows) (int)RT_ARRAY_LEN(rows)

int main(void)
{
	Suite *s = suite_create("component");
	TCase *tc = tcase_create("component");
	SRunner *r;
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, test_component_is_refused, 0, N(headers));
	tcase_add_test(tc, test_component_digest_is_exact);
	tcase_add_test(tc, test_component_ignores_what_comes_before_the_handshake);
	tcase_add_test(tc, test_component_talks_both_ways);
	tcase_add_test(tc, test_component_name_is_prepared);
	tcase_add_test(tc, test_component_of_every_host);
	tcase_add_test(tc, test_component_cannot_take_a_name_that_is_taken);
	tcase_add_test(tc, test_component_all_names_or_none);
	tcase_add_loop_test(tc, test_component_stanza, 0, N(stanzas));
	tcase_add_test(tc, test_component_without_check_may_be_anybody);
	tcase_add_test(tc, test_component_hears_only_those_who_may_send);
	tcase_add_test(tc, test_component_that_is_gone);
	tcase_add_test(tc, test_component_gives_back_what_it_never_got);
	tcase_add_test(tc, test_component_times_out_before_the_handshake);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
