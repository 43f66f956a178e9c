/* test_log_queue.c - a log that nobody reads holds up nobody; what is read comes whole and in
 * order. */
#include "core/log_queue.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINES 20000

static int ends[2];

static void setup(void)
{
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert_int_eq(rt_log_queue_start(ends[1]), RT_OK);
}

static void teardown(void)
{
	rt_log_queue_stop();
	close(ends[0]);
	close(ends[1]);
}

static void put(int i)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "line %06d of a log that is written by many\n", i);

	ck_assert(rt_log_queue_put(line, (size_t)n));
}

START_TEST(test_lines_arrive_whole_and_in_order)
{
	FILE *in = fdopen(dup(ends[0]), "r");
	char line[128];
	int i, got;

	for (i = 0; i < 1000; i++)
		put(i);
	for (i = 0; i < 1000; i++) {
		ck_assert_ptr_nonnull(fgets(line, sizeof(line), in));
		ck_assert_int_eq(sscanf(line, "line %d of a log", &got), 1);
		ck_assert_int_eq(got, i);
	}
	fclose(in);
	ck_assert_uint_eq(rt_log_queue_take_dropped(), 0);
}
END_TEST

START_TEST(test_a_reader_that_stops_costs_lines_not_time)
{
	uint64_t dropped;
	int i;

	for (i = 0; i < LINES; i++) /* some 900 KiB: the pipe and both buffers hold less */
		put(i);
	dropped = rt_log_queue_take_dropped();
	ck_assert_uint_gt(dropped, 0);
	ck_assert_uint_lt(dropped, LINES);
	ck_assert_uint_eq(rt_log_queue_take_dropped(), 0);
	rt_log_queue_stop(); /* ends although nobody reads */
	ck_assert(!rt_log_queue_put("x\n", 2));
}
END_TEST

START_TEST(test_flush_waits_for_the_writer)
{
	char text[4096];

	put(1);
	rt_log_queue_flush(5000);
	ck_assert_int_gt(read(ends[0], text, sizeof(text)), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("log_queue");
	TCase *tc = tcase_create("queue");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_lines_arrive_whole_and_in_order);
	tcase_add_test(tc, test_a_reader_that_stops_costs_lines_not_time);
	tcase_add_test(tc, test_flush_waits_for_the_writer);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
