/* test_clock.c - time stamps (XEP-0082) and the fake clock. */
#include <check.h>
#include <stdlib.h>

#include "core/clock.h"

struct stamp_case {
	const char *text;
	bool ok;
	int64_t us;
};

static const struct stamp_case stamp_cases[] = {
	{"1970-01-01T00:00:00Z", true, 0},
	{"1969-07-21T02:56:15Z", true, INT64_C(-14159025000000)}, /* XEP-0082, example 1 */
	{"1969-07-20T21:56:15-05:00", true, INT64_C(-14159025000000)},
	{"2026-03-01T10:20:30.123456Z", true, INT64_C(1772360430123456)},
	{"2026-03-01T10:20:30.1Z", true, INT64_C(1772360430100000)},
	{"2026-03-01T10:20:30.1234567899Z", true, INT64_C(1772360430123456)},
	{"2024-02-29T00:00:00+00:00", true, INT64_C(1709164800000000)},
	{"2023-02-29T00:00:00Z", false, 0},
	{"2100-02-29T00:00:00Z", false, 0},
	{"2016-12-31T23:59:60Z", true, INT64_C(1483228800000000)}, /* leap second */
	{"2026-13-01T00:00:00Z", false, 0},
	{"2026-00-01T00:00:00Z", false, 0},
	{"2026-01-01T24:00:00Z", false, 0},
	{"2026-01-01T00:00:00", false, 0},
	{"2026-01-01T00:00:00.Z", false, 0},
	{"2026-01-01T00:00:00Zx", false, 0},
	{"2026-01-01 00:00:00Z", false, 0},
	{"2026-01-01T00:00:00+24:00", false, 0},
	{"20260101T00:00:00", false, 0},
	{"", false, 0},
};

START_TEST(test_stamps_are_parsed_or_refused)
{
	const struct stamp_case *c = &stamp_cases[_i];
	int64_t us = 0;

	ck_assert_msg(rt_clock_parse_stamp(rt_str_of(c->text), &us) == c->ok, "'%s'", c->text);
	if (c->ok)
		ck_assert_msg(us == c->us, "'%s': %lld", c->text, (long long)us);
}
END_TEST

START_TEST(test_stamps_come_back_as_written)
{
	char text[32];
	int64_t us;

	rt_clock_stamp(text, sizeof(text), INT64_C(1772360430123456), 6);
	ck_assert_str_eq(text, "2026-03-01T10:20:30.123456Z");
	ck_assert(rt_clock_parse_stamp(rt_str_of(text), &us));
	ck_assert(us == INT64_C(1772360430123456));
	rt_clock_stamp(text, sizeof(text), INT64_C(1772360430123456), 3);
	ck_assert_str_eq(text, "2026-03-01T10:20:30.123Z");
	ck_assert_uint_eq(rt_clock_stamp(text, sizeof(text), INT64_C(1772360430999999), 0), 20);
	ck_assert_str_eq(text, "2026-03-01T10:20:30Z");
	rt_clock_stamp(text, sizeof(text), -1, 6);
	ck_assert_str_eq(text, "1969-12-31T23:59:59.999999Z");
	rt_clock_stamp(text, sizeof(text), INT64_MAX, 0); /* no year of four digits */
	ck_assert_str_eq(text, "1970-01-01T00:00:00Z");
}
END_TEST

START_TEST(test_fake_clock_stands_still)
{
	uint64_t before = rt_clock_ns();

	rt_clock_fake(true, 5000000, 42);
	ck_assert_uint_eq(rt_clock_ms(), 5);
	ck_assert_int_eq(rt_clock_wall_us(), 42);
	rt_clock_fake(false, 0, 0);
	ck_assert_uint_ge(rt_clock_ns(), before);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("clock");
	TCase *tc = tcase_create("clock");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, test_stamps_are_parsed_or_refused, 0,
			    sizeof(stamp_cases) / sizeof(stamp_cases[0]));
	tcase_add_test(tc, test_stamps_come_back_as_written);
	tcase_add_test(tc, test_fake_clock_stands_still);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
