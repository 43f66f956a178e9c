/* test_shaper.c - the token bucket against vectors recorded from MongooseIM 3.2, and the matchers
 * of access rules. */
#include <check.h>
#include <stdlib.h>

#include "policy/shaper.h"
#include "rt/vpi.h"

#define MS UINT64_C(1000000)

static const struct rt_shaper_spec thousand = {.name = "normal", .bytes_per_s = 1000};

struct charge {
	uint64_t at_ms;
	size_t size;
	uint64_t delay_ms;
};

/* One bucket of 1000 bytes/s, made at 0. */
static const struct charge vectors[] = {
	{0, 400, 0},     {0, 600, 0},       {0, 100, 100},   {50, 100, 150},
	{100, 100, 200}, {200, 5000, 5100}, {200, 10, 5110}, {9000, 10, 0},
};

START_TEST(test_shaper_agrees_with_the_recorded_vectors)
{
	const uint64_t start = 77 * 1000 * MS; /* the origin of time does not matter */
	struct rt_shaper s;
	size_t i;

	rt_shaper_init(&s, &thousand, start);
	for (i = 0; i < RT_ARRAY_LEN(vectors); i++) {
		uint64_t delay =
			rt_shaper_charge(&s, vectors[i].size, start + vectors[i].at_ms * MS);

		ck_assert_msg(delay == vectors[i].delay_ms, "vector %zu: %lu ms", i,
			      (unsigned long)delay);
	}
	ck_assert_int_eq(s.tokens, 990);
}
END_TEST

START_TEST(test_shaper_refills_at_the_configured_rate)
{
	struct rt_shaper s;

	rt_shaper_init(&s, &thousand, 0);
	ck_assert_uint_eq(rt_shaper_charge(&s, 1000, 0), 0);
	ck_assert_uint_eq(rt_shaper_charge(&s, 250, 250 * MS), 0);
	ck_assert_uint_eq(rt_shaper_charge(&s, 250, 400 * MS), 100);
}
END_TEST

START_TEST(test_shaper_waits_below_a_millisecond_count_as_debt)
{
	static const struct rt_shaper_spec fast = {.name = "fast", .bytes_per_s = 50000};
	struct rt_shaper s;
	uint64_t total = 0;
	int i;

	rt_shaper_init(&s, &fast, 0);
	ck_assert_uint_eq(rt_shaper_charge(&s, 50000, 0), 0);
	for (i = 0; i < 100; i++)
		total = rt_shaper_charge(&s, 10, 0); /* 0.2 ms each */
	ck_assert_uint_eq(total, 20);
}
END_TEST

START_TEST(test_shaper_survives_absurd_sizes_and_times)
{
	static const struct rt_shaper_spec slow = {.name = "slow", .bytes_per_s = 1};
	struct rt_shaper s;

	rt_shaper_init(&s, &slow, 0);
	ck_assert_uint_gt(rt_shaper_charge(&s, SIZE_MAX, 0), 0);
	(void)rt_shaper_charge(&s, SIZE_MAX, 0);
	(void)rt_shaper_charge(&s, 1, INT64_MAX / 2);
}
END_TEST

START_TEST(test_no_spec_is_no_limit)
{
	struct rt_shaper s;

	rt_shaper_init(&s, NULL, 0);
	ck_assert_uint_eq(rt_shaper_charge(&s, 1 << 30, 0), 0);
}
END_TEST

static const struct rt_acl_user users[] = {
	{"ann", NULL}, {"ann", "other.example"}, {"bob", "a"},
	{"bob", "b"},  {"bobby", NULL},          {"zoe", "a"},
};

struct user_case {
	const char *node, *domain;
	int16_t host, domain_host;
	bool found;
};

static const struct user_case user_cases[] = {
	{"ann", "a", 0, 0, true},
	{"ann", "b", 0, 1,
	 false}, /* no domain in the spec: the domain must be the host asked for */
	{"ann", "b", RT_HOST_GLOBAL, 1, true},
	{"ann", "x", RT_HOST_GLOBAL, RT_HOST_NONE, false},
	{"ann", "other.example", 0, RT_HOST_NONE, true},
	{"bob", "a", 0, 0, true},
	{"bob", "b", 0, 1, true},
	{"bob", "c", 0, RT_HOST_NONE, false},
	{"bobb", "a", 0, 0, false},
	{"bobby", "a", 0, 0, true},
	{"bobbyx", "a", 0, 0, false},
	{"zoe", "a", 0, 0, true},
	{"zzz", "a", 0, 0, false},
	{"", "a", 0, 0, false},
};

START_TEST(test_users_are_found_in_a_sorted_table)
{
	const struct user_case *c = &user_cases[_i];
	struct rt_access_ctx who = {
		.node = c->node,
		.domain = c->domain,
		.node_len = (uint16_t)strlen(c->node),
		.domain_len = (uint16_t)strlen(c->domain),
		.host = c->host,
		.domain_host = c->domain_host,
	};

	ck_assert_msg(rt_acl_has_user(&who, users, RT_ARRAY_LEN(users)) == c->found, "%s@%s",
		      c->node, c->domain);
	ck_assert(!rt_acl_has_user(&who, users, 0));
}
END_TEST

START_TEST(test_regexps_search_unanchored)
{
	char error[256];
	struct rt_regexp *r = rt_regexp_new("^[a-z]+\\d$", error, sizeof(error));
	struct rt_regexp *any = rt_regexp_new("ann", error, sizeof(error));

	ck_assert_ptr_nonnull(r);
	ck_assert(rt_regexp_matches(r, "bob1", 4));
	ck_assert(!rt_regexp_matches(r, "bob", 3));
	ck_assert(rt_regexp_matches(any, "joanna", 6));
	ck_assert(!rt_regexp_matches(any, NULL, 0));
	rt_regexp_free(r);
	rt_regexp_free(any);
}
END_TEST

START_TEST(test_bad_regexp_says_where)
{
	char error[256];

	ck_assert_ptr_null(rt_regexp_new("a(b", error, sizeof(error)));
	ck_assert_ptr_nonnull(strstr(error, "a(b"));
	ck_assert_ptr_nonnull(strstr(error, "at byte 3"));
}
END_TEST

START_TEST(test_catastrophic_regexp_is_no_match)
{
	char error[256], subject[64];
	struct rt_regexp *r = rt_regexp_new("^(a+)+$", error, sizeof(error));

	memset(subject, 'a', sizeof(subject));
	subject[sizeof(subject) - 1] = '!';
	ck_assert(!rt_regexp_matches(r, subject, sizeof(subject)));
	rt_regexp_free(r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("shaper");
	TCase *tc = tcase_create("shaper"), *access = tcase_create("access");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, test_shaper_agrees_with_the_recorded_vectors);
	tcase_add_test(tc, test_shaper_refills_at_the_configured_rate);
	tcase_add_test(tc, test_shaper_waits_below_a_millisecond_count_as_debt);
	tcase_add_test(tc, test_shaper_survives_absurd_sizes_and_times);
	tcase_add_test(tc, test_no_spec_is_no_limit);
	suite_add_tcase(s, tc);
	tcase_add_loop_test(access, test_users_are_found_in_a_sorted_table, 0,
			    RT_ARRAY_LEN(user_cases));
	tcase_add_test(access, test_regexps_search_unanchored);
	tcase_add_test(access, test_bad_regexp_says_where);
	tcase_add_test(access, test_catastrophic_regexp_is_no_match);
	suite_add_tcase(s, access);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
