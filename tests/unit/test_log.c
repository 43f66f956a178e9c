/* test_log.c - lines of the log: form, escaping, masking, cutting. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"

static char text[16384];

/* One log call through a pipe, the clock standing still. */
#define LOGGED(json, ...)                                                                          \
	do {                                                                                       \
		int fds_[2];                                                                       \
		ssize_t n_;                                                                        \
		ck_assert_int_eq(pipe2(fds_, O_NONBLOCK), 0);                                      \
		rt_log_setup(RT_LOG_INFO, (json), fds_[1]);                                        \
		rt_clock_fake(true, 0, INT64_C(1772360430123456));                                 \
		RT_LOG(__VA_ARGS__);                                                               \
		rt_clock_fake(false, 0, 0);                                                        \
		rt_log_setup(RT_LOG_INFO, false, STDERR_FILENO);                                   \
		n_ = read(fds_[0], text, sizeof(text) - 1);                                        \
		text[n_ > 0 ? n_ : 0] = '\0';                                                      \
		close(fds_[0]);                                                                    \
		close(fds_[1]);                                                                    \
	} while (0)

START_TEST(test_logfmt_line)
{
	LOGGED(false, INFO, "c2s-42", "sasl", "ok", KV_Z("mech", "SCRAM-SHA-256"), KV_INT("n", -3));
	ck_assert_str_eq(text,
			 "2026-03-01T10:20:30.123Z info c2s-42 sasl ok mech=SCRAM-SHA-256 n=-3\n");
	LOGGED(false, ERROR, NULL, "app", "stopped");
	ck_assert_str_eq(text, "2026-03-01T10:20:30.123Z error - app stopped\n");
}
END_TEST

START_TEST(test_json_line)
{
	LOGGED(true, WARN, "c2s-42", "sasl", "failed", KV_Z("why", "a \"b\"\n"), KV_INT("n", 7));
	ck_assert_str_eq(
		text,
		"{\"time\":\"2026-03-01T10:20:30.123Z\",\"level\":\"warn\",\"id\":\"c2s-42\","
		"\"area\":\"sasl\",\"event\":\"failed\",\"why\":\"a \\\"b\\\"\\n\",\"n\":7}\n");
	LOGGED(true, INFO, NULL, "app", "ready");
	ck_assert_ptr_null(strstr(text, "\"id\""));
}
END_TEST

struct value_case {
	struct rt_str value;
	const char *logfmt, *json;
};

static const struct value_case value_cases[] = {
	{{"plain", 5}, "v=plain\n", "\"v\":\"plain\"}\n"},
	{{"", 0}, "v=\"\"\n", "\"v\":\"\"}\n"},
	{{"a b", 3}, "v=\"a b\"\n", "\"v\":\"a b\"}\n"},
	{{"a=b", 3}, "v=\"a=b\"\n", "\"v\":\"a=b\"}\n"},
	{{"a\"b\\", 4}, "v=\"a\\\"b\\\\\"\n", "\"v\":\"a\\\"b\\\\\"}\n"},
	{{"x\ny\r\t", 5}, "v=\"x\\ny\\r\\t\"\n", "\"v\":\"x\\ny\\r\\t\"}\n"},
	{{"\0\x1b[31m", 6}, "v=\"\\x00\\x1b[31m\"\n", "\"v\":\"\\u0000\\u001b[31m\"}\n"},
	{{"\xc3\xa9", 2}, "v=\"\xc3\xa9\"\n", "\"v\":\"\xc3\xa9\"}\n"},
	{{"\xff\xc3", 2}, "v=\"\\xff\\xc3\"\n", "\"v\":\"\\ufffd\\ufffd\"}\n"},
	{{"\xed\xa0\x80", 3}, "v=\"\\xed\\xa0\\x80\"\n", "\"v\":\"\\ufffd\\ufffd\\ufffd\"}\n"},
	{{"\xf0\x9f\x98\x80", 4}, "v=\"\xf0\x9f\x98\x80\"\n", "\"v\":\"\xf0\x9f\x98\x80\"}\n"},
};

START_TEST(test_no_value_can_break_a_line)
{
	const struct value_case *c = &value_cases[_i];

	LOGGED(false, INFO, "i", "a", "e", KV_STR("v", c->value));
	ck_assert_msg(strstr(text, c->logfmt) != NULL, "case %d: %s", _i, text);
	ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
	LOGGED(true, INFO, "i", "a", "e", KV_STR("v", c->value));
	ck_assert_msg(strstr(text, c->json) != NULL, "case %d: %s", _i, text);
}
END_TEST

START_TEST(test_secrets_show_only_their_length)
{
	LOGGED(false, INFO, NULL, "a", "e", KV_SECRET("password", RT_STR("hunter2")));
	ck_assert_ptr_null(strstr(text, "hunter2"));
	ck_assert_ptr_nonnull(strstr(text, "password=<7-bytes>"));
}
END_TEST

START_TEST(test_errno_is_text_and_survives_the_call)
{
	errno = EPIPE;
	LOGGED(false, INFO, NULL, "a", "e", KV_ERRNO(ENOENT));
	ck_assert_ptr_nonnull(strstr(text, "error=\"No such file or directory\""));
}
END_TEST

START_TEST(test_messages_above_the_level_are_not_written)
{
	LOGGED(false, DEBUG, NULL, "a", "e", KV_INT("n", 1));
	ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(test_overlong_lines_are_cut_but_stay_whole)
{
	static char big[8000];
	int json;

	memset(big, 'x', sizeof(big));
	for (json = 0; json < 2; json++) {
		LOGGED(json, INFO, NULL, "a", "e",
		       KV_STR("v", ((struct rt_str){big, (uint32_t)sizeof(big)})),
		       KV_INT("after", 1));
		ck_assert_uint_le(strlen(text), 4096);
		ck_assert_int_eq(text[strlen(text) - 1], '\n');
		ck_assert_ptr_null(strstr(text, "after"));
		if (json)
			ck_assert_str_eq(text + strlen(text) - 4, "x\"}\n");
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("log");
	TCase *tc = tcase_create("log");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, test_logfmt_line);
	tcase_add_test(tc, test_json_line);
	tcase_add_loop_test(tc, test_no_value_can_break_a_line, 0,
			    sizeof(value_cases) / sizeof(value_cases[0]));
	tcase_add_test(tc, test_secrets_show_only_their_length);
	tcase_add_test(tc, test_errno_is_text_and_survives_the_call);
	tcase_add_test(tc, test_messages_above_the_level_are_not_written);
	tcase_add_test(tc, test_overlong_lines_are_cut_but_stay_whole);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
