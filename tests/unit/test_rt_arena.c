/* test_rt_arena.c - arenas and shared bytes of the runtime. */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/rcbuf.h"

START_TEST(test_allocations_are_aligned_and_do_not_overlap)
{
	struct rt_arena a = {0};
	unsigned char *p[300];
	size_t i, k;

	for (i = 0; i < 300; i++) {
		p[i] = rt_arena_alloc(&a, i);
		ck_assert_ptr_nonnull(p[i]);
		ck_assert_uint_eq((uintptr_t)p[i] % 8, 0);
		memset(p[i], (int)(i & 0xff), i);
	}
	for (i = 0; i < 300; i++)
		for (k = 0; k < i; k++)
			ck_assert_uint_eq(p[i][k], i & 0xff);
	rt_arena_fini(&a);
	ck_assert_ptr_null(a.first);
	ck_assert_uint_eq(a.total, 0);
}
END_TEST

START_TEST(test_large_request_leaves_the_newest_block_in_use)
{
	struct rt_arena a = {0};
	char *small = rt_arena_alloc(&a, 16), *large = rt_arena_alloc(&a, 100000), *next;

	memset(large, 'x', 100000);
	next = rt_arena_alloc(&a, 16);
	ck_assert_ptr_eq(next, small + 16);
	ck_assert_uint_ge(a.total, 100000 + RT_ARENA_BLOCK);
	rt_arena_fini(&a);
}
END_TEST

/* Sizes around the point where a request no longer fits a pooled block. */
START_TEST(test_requests_around_the_block_size)
{
	struct rt_arena a = {0};
	size_t size = RT_ARENA_BLOCK - 32 + (size_t)_i;
	char *first = rt_arena_alloc(&a, size), *second = rt_arena_alloc(&a, size);

	memset(first, 1, size);
	memset(second, 2, size);
	ck_assert_int_eq(first[size - 1], 1);
	rt_arena_fini(&a);
}
END_TEST

START_TEST(test_arena_may_live_in_its_own_block)
{
	struct rt_arena a = {0}, *inside;
	int i;

	for (i = 0; i < 3; i++) {
		inside = rt_arena_alloc(&a, sizeof(*inside));
		ck_assert_ptr_nonnull(rt_arena_alloc(&a, 5000));
		*inside = a;
		a = (struct rt_arena){0};
		rt_arena_fini(inside);
	}
}
END_TEST

START_TEST(test_absurd_request_is_refused)
{
	struct rt_arena a = {0};

	ck_assert_ptr_null(rt_arena_alloc(&a, (size_t)1 << 40));
	ck_assert_ptr_null(rt_arena_str(&a, "x", (size_t)1 << 40).p);
	rt_arena_fini(&a);
}
END_TEST

START_TEST(test_str_copies_and_terminates)
{
	struct rt_arena a = {0};
	struct rt_str s = rt_arena_str(&a, "hello world", 5), empty = rt_arena_str(&a, NULL, 0);

	ck_assert(rt_str_is(s, "hello"));
	ck_assert_int_eq(s.p[5], '\0');
	ck_assert_ptr_nonnull(empty.p);
	ck_assert_int_eq(empty.p[0], '\0');
	rt_arena_fini(&a);
}
END_TEST

START_TEST(test_blocks_are_used_again)
{
	struct rt_arena a = {0};
	void *first, *second;

	rt_arena_pool_trim(0);
	first = rt_arena_alloc(&a, 8);
	rt_arena_fini(&a);
	second = rt_arena_alloc(&a, 8);
	ck_assert_ptr_eq(first, second);
	rt_arena_fini(&a);
}
END_TEST

START_TEST(test_rcbuf_goes_with_its_last_reference)
{
	struct rt_rcbuf *a = rt_rcbuf_new("abc", 3), *b = rt_rcbuf_ref(a), *none = NULL;

	ck_assert_uint_eq(a->n, 3);
	rt_rcbuf_unref(&a);
	ck_assert_ptr_null(a);
	ck_assert_int_eq(memcmp(b->data, "abc", 3), 0);
	rt_rcbuf_unref(&b);
	rt_rcbuf_unref(&none);
}
END_TEST

static void *drop_many(void *arg)
{
	struct rt_rcbuf *b = arg, *mine;
	int i;

	for (i = 0; i < 10000; i++) {
		mine = rt_rcbuf_ref(b);
		rt_rcbuf_unref(&mine);
	}
	rt_rcbuf_unref(&b);
	return NULL;
}

START_TEST(test_rcbuf_is_shared_by_threads)
{
	struct rt_rcbuf *b = rt_rcbuf_new(NULL, 64);
	pthread_t threads[4];
	int i;

	for (i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, drop_many, rt_rcbuf_ref(b)), 0);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(atomic_load(&b->refs), 1);
	rt_rcbuf_unref(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rt_arena");
	TCase *tc = tcase_create("arena");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, test_allocations_are_aligned_and_do_not_overlap);
	tcase_add_test(tc, test_large_request_leaves_the_newest_block_in_use);
	tcase_add_loop_test(tc, test_requests_around_the_block_size, 0, 40);
	tcase_add_test(tc, test_arena_may_live_in_its_own_block);
	tcase_add_test(tc, test_absurd_request_is_refused);
	tcase_add_test(tc, test_str_copies_and_terminates);
	tcase_add_test(tc, test_blocks_are_used_again);
	tcase_add_test(tc, test_rcbuf_goes_with_its_last_reference);
	tcase_add_test(tc, test_rcbuf_is_shared_by_threads);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
