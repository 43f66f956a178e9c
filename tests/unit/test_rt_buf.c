/* test_rt_buf.c - growing byte buffers of the runtime. */
#include <check.h>
#include <stdlib.h>

#include "core/buf.h"

START_TEST(test_appends_keep_order_across_growth)
{
	struct rt_buf b = {0};
	int i;

	for (i = 0; i < 20000; i++) {
		char c = (char)('a' + i % 26);

		rt_buf_add(&b, &c, 1);
	}
	ck_assert_uint_eq(rt_buf_len(&b), 20000);
	for (i = 0; i < 20000; i++)
		ck_assert_int_eq(b.data[b.start + (uint32_t)i], 'a' + i % 26);
	rt_buf_fini(&b);
	ck_assert_ptr_null(b.data);
}
END_TEST

START_TEST(test_empty_appends_need_no_memory)
{
	struct rt_buf b = {0};

	rt_buf_add(&b, NULL, 0);
	rt_buf_addz(&b, "");
	rt_buf_adds(&b, (struct rt_str){NULL, 0});
	ck_assert_ptr_null(b.data);
	ck_assert(!b.failed);
}
END_TEST

START_TEST(test_consume_gives_memory_back_when_empty)
{
	struct rt_buf b = {0};

	rt_buf_addz(&b, "hello");
	rt_buf_consume(&b, 2, false);
	ck_assert_uint_eq(rt_buf_len(&b), 3);
	ck_assert_int_eq(memcmp(b.data + b.start, "llo", 3), 0);
	rt_buf_consume(&b, 3, true);
	ck_assert_ptr_nonnull(b.data);
	ck_assert_uint_eq(b.start, 0);
	rt_buf_addz(&b, "x");
	rt_buf_consume(&b, 1, false);
	ck_assert_ptr_null(b.data);
}
END_TEST

START_TEST(test_queue_of_constant_length_does_not_grow)
{
	struct rt_buf b = {0};
	char chunk[100];
	int i;

	memset(chunk, 'x', sizeof(chunk));
	rt_buf_add(&b, chunk, sizeof(chunk));
	for (i = 0; i < 10000; i++) {
		rt_buf_add(&b, chunk, sizeof(chunk));
		rt_buf_consume(&b, sizeof(chunk), false);
	}
	ck_assert_uint_eq(rt_buf_len(&b), sizeof(chunk));
	ck_assert_uint_le(b.cap, 1024);
	rt_buf_fini(&b);
}
END_TEST

START_TEST(test_reserve_is_as_large_as_asked)
{
	struct rt_buf b = {0};
	char *p = rt_buf_reserve(&b, 3000);

	ck_assert_ptr_nonnull(p);
	memset(p, 'y', 3000);
	b.end += 3000;
	ck_assert_uint_eq(rt_buf_len(&b), 3000);
	rt_buf_fini(&b);
}
END_TEST

START_TEST(test_absurd_length_marks_the_buffer_failed)
{
	struct rt_buf b = {0};

	rt_buf_addz(&b, "kept");
	ck_assert_ptr_null(rt_buf_reserve(&b, (size_t)3 << 30));
	ck_assert(b.failed);
	ck_assert_uint_eq(rt_buf_len(&b), 4);
	rt_buf_fini(&b);
	ck_assert(!b.failed);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rt_buf");
	TCase *tc = tcase_create("buf");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, test_appends_keep_order_across_growth);
	tcase_add_test(tc, test_empty_appends_need_no_memory);
	tcase_add_test(tc, test_consume_gives_memory_back_when_empty);
	tcase_add_test(tc, test_queue_of_constant_length_does_not_grow);
	tcase_add_test(tc, test_reserve_is_as_large_as_asked);
	tcase_add_test(tc, test_absurd_length_marks_the_buffer_failed);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
