/* test_header.c - which stream headers are accepted, and which fault is named first. */
#include <check.h>
#include <ctype.h>
#include <stdlib.h>

#include "fake_gen.h"
#include "stream/header.h"

static const struct rt_header_rules c2s = {RT_NS_CLIENT, true};
static const struct rt_header_rules component = {RT_NS_COMPONENT, false};

#define FINE (-1)
static const struct {
	const struct rt_header_rules *rules;
	const char *name, *ns, *content, *to, *version;
	int error; /* enum rt_stream_error, or FINE */
} headers[] = {
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", "1.0", FINE},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "LOCALHOST", "1.0", FINE},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", "1.7", FINE},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", "1.12", FINE},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", "01.0", FINE},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", NULL,
	 RT_STREAM_UNSUPPORTED_VERSION},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", "",
	 RT_STREAM_UNSUPPORTED_VERSION},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", "1",
	 RT_STREAM_UNSUPPORTED_VERSION},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", "1.",
	 RT_STREAM_UNSUPPORTED_VERSION},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", "1.x",
	 RT_STREAM_UNSUPPORTED_VERSION},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", "0.9",
	 RT_STREAM_UNSUPPORTED_VERSION},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", "2.0",
	 RT_STREAM_UNSUPPORTED_VERSION},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", "11.0",
	 RT_STREAM_UNSUPPORTED_VERSION},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "unknown.example", "1.0",
	 RT_STREAM_HOST_UNKNOWN},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, NULL, "1.0", RT_STREAM_HOST_UNKNOWN},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "", "1.0", RT_STREAM_HOST_UNKNOWN},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "unknown.example", "0.9",
	 RT_STREAM_HOST_UNKNOWN},
	{&c2s, "stream", "urn:x", RT_NS_CLIENT, "localhost", "1.0", RT_STREAM_INVALID_NAMESPACE},
	{&c2s, "stream", "", RT_NS_CLIENT, "localhost", "1.0", RT_STREAM_INVALID_NAMESPACE},
	{&c2s, "stream", "urn:x", RT_NS_CLIENT, "unknown.example", "0.9",
	 RT_STREAM_INVALID_NAMESPACE},
	{&c2s, "foo", RT_NS_STREAMS, RT_NS_CLIENT, "localhost", "1.0", RT_STREAM_BAD_FORMAT},
	{&c2s, "foo", "", "", NULL, NULL, RT_STREAM_INVALID_NAMESPACE},
	{&c2s, "stream", RT_NS_STREAMS, "jabber:server", "localhost", "1.0",
	 RT_STREAM_INVALID_NAMESPACE},
	{&c2s, "stream", RT_NS_STREAMS, RT_NS_COMPONENT, "localhost", "1.0",
	 RT_STREAM_INVALID_NAMESPACE},
	{&c2s, "stream", RT_NS_STREAMS, "", "localhost", "1.0", RT_STREAM_INVALID_NAMESPACE},
	{&component, "stream", RT_NS_STREAMS, RT_NS_COMPONENT, "echo.localhost", NULL, FINE},
	{&component, "stream", RT_NS_STREAMS, RT_NS_COMPONENT, "echo.localhost", "0.9", FINE},
	{&component, "stream", RT_NS_STREAMS, RT_NS_CLIENT, "echo.localhost", NULL,
	 RT_STREAM_INVALID_NAMESPACE},
	{&component, "foo", RT_NS_STREAMS, RT_NS_COMPONENT, "echo.localhost", NULL,
	 RT_STREAM_BAD_FORMAT},
};

static struct rt_str text(const char *z)
{
	return z == NULL ? (struct rt_str){NULL, 0} : rt_str_of(z);
}

START_TEST(test_header_is_checked_in_order)
{
	struct rt_xml_header h = {.name = text(headers[_i].name),
				  .ns = text(headers[_i].ns),
				  .content_ns = text(headers[_i].content),
				  .to = text(headers[_i].to),
				  .version = text(headers[_i].version)};
	enum rt_stream_error error = RT_STREAM_SYSTEM_SHUTDOWN;
	int host, err = rt_header_check(headers[_i].rules, &h, RT_HOST_NONE, &host, &error);

	if (headers[_i].error == FINE) {
		ck_assert_int_eq(err, RT_OK);
		ck_assert_int_eq(host, headers[_i].rules->names_host ? 0 : RT_HOST_NONE);
	} else {
		ck_assert_int_eq(err, RT_E_PROTO);
		ck_assert_str_eq(
			rt_stream_error_condition(error),
			rt_stream_error_condition((enum rt_stream_error)headers[_i].error));
	}
}
END_TEST

START_TEST(test_header_must_name_the_authenticated_host_again)
{
	static const struct {
		const char *to;
		int authenticated, err;
	} cases[] = {
		{"localhost", 0, RT_OK},      {"LocalHost", 0, RT_OK},
		{"localhost", 1, RT_E_PROTO}, {"other.example", 0, RT_E_PROTO},
		{NULL, 0, RT_E_PROTO},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rt_xml_header h = {.name = RT_STR("stream"),
					  .ns = RT_STR(RT_NS_STREAMS),
					  .content_ns = RT_STR(RT_NS_CLIENT),
					  .to = text(cases[i].to),
					  .version = RT_STR("1.0")};
		enum rt_stream_error error = RT_STREAM_SYSTEM_SHUTDOWN;
		int host;

		ck_assert_int_eq(rt_header_check(&c2s, &h, cases[i].authenticated, &host, &error),
				 cases[i].err);
		if (cases[i].err != RT_OK)
			ck_assert_int_eq(error, RT_STREAM_NOT_AUTHORIZED);
	}
}
END_TEST

START_TEST(test_stream_ids_are_hexadecimal_and_differ)
{
	char a[RT_STREAM_ID], b[RT_STREAM_ID];

	rt_stream_id_make(a);
	rt_stream_id_make(b);
	ck_assert_int_ne(memcmp(a, b, sizeof(a)), 0);
	for (size_t i = 0; i < sizeof(a); i++)
		ck_assert(isdigit((unsigned char)a[i]) || (a[i] >= 'A' && a[i] <= 'F'));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("header");
	TCase *tc = tcase_create("header");
	SRunner *r;
	int failed;

	tcase_add_loop_test(tc, test_header_is_checked_in_order, 0,
			    sizeof(headers) / sizeof(headers[0]));
	tcase_add_test(tc, test_header_must_name_the_authenticated_host_again);
	tcase_add_test(tc, test_stream_ids_are_hexadecimal_and_differ);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
