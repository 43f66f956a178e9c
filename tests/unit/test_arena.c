/* test_arena.c - memory of one compilation: zeroed, aligned, growing in place, exact when it is
 * copied. */
#include <check.h>
#include <stdalign.h>
#include <stdint.h>

#include "support/strbuf.h"

static struct arena *arena;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(&arena);
	ck_assert_ptr_null(arena);
	arena_free(&arena); /* NULL inside is fine */
}

static bool is_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

START_TEST(test_memory_is_zeroed_and_aligned)
{
	static const size_t sizes[] = {0, 1, 7, 16, 100, 4096, 70000, 5000000};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned char *p = arena_alloc(arena, sizes[i]);

		ck_assert_uint_eq((uintptr_t)p % alignof(max_align_t), 0);
		ck_assert(is_zero(p, sizes[i]));
		memset(p, 0xAA, sizes[i]); /* the next one must not see this */
	}
	ck_assert_uint_ge(arena_size(arena), 5074000);
}
END_TEST

START_TEST(test_allocations_do_not_overlap)
{
	char *p[1000];

	for (int i = 0; i < 1000; i++) {
		p[i] = arena_alloc(arena, 100);
		memset(p[i], i & 0x7F, 100);
	}
	for (int i = 0; i < 1000; i++)
		for (int k = 0; k < 100; k++)
			ck_assert_int_eq(p[i][k], i & 0x7F);
}
END_TEST

START_TEST(test_newest_allocation_grows_in_place)
{
	char *p = arena_alloc(arena, 10), *q;

	strcpy(p, "text");
	ck_assert_ptr_eq(arena_resize(arena, p, 10, 1000), p);
	ck_assert_str_eq(p, "text");
	q = arena_alloc(arena, 10);
	ck_assert(q >= p + 1000);
	q = arena_resize(arena, p, 1000, 2000); /* no longer the newest */
	ck_assert_ptr_ne(q, p);
	ck_assert_str_eq(q, "text");
	ck_assert_int_eq(q[1999], 0);
}
END_TEST

START_TEST(test_vec_keeps_its_elements_while_it_grows)
{
	VEC(int) v = {0};

	for (int i = 0; i < 10000; i++) {
		vec_push(arena, &v, i);
		if (i % 100 == 0)
			arena_alloc(arena, 1); /* now it has to move */
	}
	ck_assert_uint_eq(v.n, 10000);
	for (int i = 0; i < 10000; i++)
		ck_assert_int_eq(v.at[i], i);
}
END_TEST

START_TEST(test_strings_are_copied_with_a_nul_behind)
{
	char text[] = "abc";
	struct str s = arena_str(arena, text, 2);

	text[0] = 'x';
	ck_assert_str_eq(s.p, "ab");
	ck_assert_uint_eq(s.n, 2);
	s = arena_printf(arena, "%s=%d", "n", 42);
	ck_assert_str_eq(s.p, "n=42");
	ck_assert_uint_eq(s.n, 4);
}
END_TEST

START_TEST(test_strbuf_collects_text_of_any_length)
{
	struct strbuf b = {.arena = arena};

	for (int i = 0; i < 3000; i++)
		strbuf_printf(&b, "%04d,", i);
	ck_assert_uint_eq(b.n, 15000);
	ck_assert_int_eq(memcmp(b.p + 14995, "2999,", 5), 0);
	strbuf_fill(&b, '-', 3);
	strbuf_addc(&b, '!');
	ck_assert_int_eq(memcmp(b.p + 15000, "---!", 4), 0);
}
END_TEST

struct json_case {
	struct str in;
	const char *out;
};

static const struct json_case json_cases[] = {
	{STR(""), "\"\""},
	{STR("plain"), "\"plain\""},
	{STR("a\"b\\c"), "\"a\\\"b\\\\c\""},
	{STR("\n\r\t\0\x1f"), "\"\\n\\r\\t\\u0000\\u001f\""},
	{STR("\x7f\xc2\x80"), "\"\\u007f\\u0080\""},
	{STR("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
	{STR("\xff"
	     "a\xc3"),
	 "\"\xef\xbf\xbd"
	 "a\xef\xbf\xbd\""},                                               /* no UTF-8 */
	{STR("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* a surrogate */
};

START_TEST(test_json_strings_are_quoted)
{
	const struct json_case *c = &json_cases[_i];
	struct strbuf b = {.arena = arena};

	strbuf_add_json(&b, c->in);
	strbuf_addc(&b, '\0');
	ck_assert_str_eq(b.p, c->out);
}
END_TEST

START_TEST(test_order_of_texts_is_bytewise_and_shorter_first)
{
	ck_assert_int_lt(str_cmp(STR("a"), STR("b")), 0);
	ck_assert_int_lt(str_cmp(STR("a"), STR("aa")), 0);
	ck_assert_int_gt(str_cmp(STR("\xff"), STR("a")), 0);
	ck_assert_int_eq(str_cmp(STR(""), (struct str){NULL, 0}), 0);
	ck_assert(str_eq(STR(""), (struct str){NULL, 0}));
	ck_assert(!str_eq(STR("a"), STR("ab")));
	ck_assert(str_eqz(STR("ab"), "ab"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("arena");
	TCase *tc = tcase_create("memory and text");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_memory_is_zeroed_and_aligned);
	tcase_add_test(tc, test_allocations_do_not_overlap);
	tcase_add_test(tc, test_newest_allocation_grows_in_place);
	tcase_add_test(tc, test_vec_keeps_its_elements_while_it_grows);
	tcase_add_test(tc, test_strings_are_copied_with_a_nul_behind);
	tcase_add_test(tc, test_strbuf_collects_text_of_any_length);
	tcase_add_loop_test(tc, test_json_strings_are_quoted, 0,
			    (int)(sizeof(json_cases) / sizeof(json_cases[0])));
	tcase_add_test(tc, test_order_of_texts_is_bytewise_and_shorter_first);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
