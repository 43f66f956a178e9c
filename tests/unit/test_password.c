/* test_password.c - passwords become keys, and only the right one matches them. */
#include <check.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "core/worker.h"
#include "stream/password.h"

#define ITERATIONS 7u

static struct rt_credentials credentials_of(const char *password)
{
	struct rt_credentials c;

	ck_assert_int_eq(rt_password_derive(rt_str_of(password), ITERATIONS, &c), RT_OK);
	return c;
}

START_TEST(test_password_matches_itself_alone)
{
	struct rt_credentials c = credentials_of("secret");

	ck_assert_uint_eq(c.sha1.iterations, ITERATIONS);
	ck_assert_uint_eq(c.sha256.iterations, ITERATIONS);
	ck_assert(rt_password_matches(RT_STR("secret"), &c));
	ck_assert(!rt_password_matches(RT_STR("Secret"), &c));
	ck_assert(!rt_password_matches(RT_STR("secret "), &c));
	ck_assert(!rt_password_matches(RT_STR("secre"), &c));
	ck_assert(!rt_password_matches(RT_STR(""), &c));
	ck_assert(!rt_password_matches((struct rt_str){"secret\0", 7}, &c));
}
END_TEST

START_TEST(test_password_salts_are_fresh)
{
	struct rt_credentials a = credentials_of("secret"), b = credentials_of("secret");

	ck_assert_int_ne(memcmp(a.sha1.salt, b.sha1.salt, RT_SCRAM_SALT), 0);
	ck_assert_int_ne(memcmp(a.sha256.salt, b.sha256.salt, RT_SCRAM_SALT), 0);
	ck_assert_int_ne(memcmp(a.sha1.salt, a.sha256.salt, RT_SCRAM_SALT), 0);
	ck_assert_int_ne(memcmp(a.sha256.stored_key, b.sha256.stored_key, 32), 0);
}
END_TEST

/* RFC 4013, 3, and what people type. */
static const struct {
	const char *password, *same_as; /* same_as NULL: refused */
} prepared[] = {
	{"I\xc2\xadX", "IX"},
	{"user", "user"},
	{"\xc2\xaa", "a"},
	{"\xe2\x85\xa8", "IX"},
	{"za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87", "zaz\xcc\x87o\xcc\x81\xc5\x82"
					       "c\xcc\x81"},
	{"a\xc2\xa0z", "a z"},
	{"\xf0\x9f\x94\x91 key", "\xf0\x9f\x94\x91 key"},
	{"\x07", NULL},
	{"\xd8\xa7"
	 "1",
	 NULL},
	{"a\nb", NULL},
	{"\xff\xfe", NULL},
	{"\xc2\xad", NULL}, /* mapped to nothing */
	{"", NULL},
};

START_TEST(test_password_is_prepared)
{
	struct rt_credentials c;
	int err = rt_password_derive(rt_str_of(prepared[_i].password), ITERATIONS, &c);

	if (prepared[_i].same_as == NULL) {
		ck_assert_msg(err == RT_E_INVALID, "row %d: %d", _i, err);
		return;
	}
	ck_assert_int_eq(err, RT_OK);
	ck_assert(rt_password_matches(rt_str_of(prepared[_i].password), &c));
	ck_assert(rt_password_matches(rt_str_of(prepared[_i].same_as), &c));
}
END_TEST

START_TEST(test_password_length_is_bounded)
{
	char longest[RT_PASSWORD_MAX + 1];
	struct rt_credentials c;

	memset(longest, 'x', sizeof(longest));
	ck_assert_int_eq(rt_password_derive((struct rt_str){longest, RT_PASSWORD_MAX}, 1, &c),
			 RT_OK);
	ck_assert(rt_password_matches((struct rt_str){longest, RT_PASSWORD_MAX}, &c));
	ck_assert(!rt_password_matches((struct rt_str){longest, RT_PASSWORD_MAX + 1}, &c));
	ck_assert_int_eq(rt_password_derive((struct rt_str){longest, RT_PASSWORD_MAX + 1}, 1, &c),
			 RT_E_INVALID);
}
END_TEST

START_TEST(test_password_decoys_are_stable_and_different)
{
	struct rt_credentials a, again, other, elsewhere;

	ck_assert_int_eq(rt_password_decoy(RT_STR("nobody"), RT_STR("a.example"), 4096, &a), RT_OK);
	ck_assert_int_eq(rt_password_decoy(RT_STR("nobody"), RT_STR("a.example"), 4096, &again),
			 RT_OK);
	ck_assert_int_eq(rt_password_decoy(RT_STR("someone"), RT_STR("a.example"), 4096, &other),
			 RT_OK);
	ck_assert_int_eq(rt_password_decoy(RT_STR("nobody"), RT_STR("b.example"), 4096, &elsewhere),
			 RT_OK);
	ck_assert_int_eq(memcmp(&a, &again, sizeof(a)), 0);
	ck_assert_int_ne(memcmp(a.sha1.salt, other.sha1.salt, RT_SCRAM_SALT), 0);
	ck_assert_int_ne(memcmp(a.sha1.salt, elsewhere.sha1.salt, RT_SCRAM_SALT), 0);
	ck_assert_int_ne(memcmp(a.sha1.salt, a.sha256.salt, RT_SCRAM_SALT), 0);
	ck_assert_uint_eq(a.sha256.iterations, 4096);
}
END_TEST

static int answers, last_err;
static bool last_matches;
static struct rt_credentials last_credentials;

static void on_derived(struct rt_shard *shard, void *ctx, int err, const struct rt_credentials *c)
{
	ck_assert_ptr_eq(shard, rt_shard_self());
	ck_assert_ptr_eq(ctx, &answers);
	answers++;
	last_err = err;
	if (c != NULL)
		last_credentials = *c;
}

static void on_checked(struct rt_shard *shard, void *ctx, int err, bool matches)
{
	ck_assert_ptr_eq(shard, rt_shard_self());
	ck_assert_ptr_eq(ctx, &answers);
	answers++;
	last_err = err;
	last_matches = matches;
}

static bool has_answered(void *ctx)
{
	return answers >= *(int *)ctx;
}

static void wait_for(int n)
{
	rt_shard_run_until(rt_shards[0], has_answered, &n);
}

START_TEST(test_password_work_is_done_elsewhere)
{
	char password[] = "secret";

	ck_assert_int_eq(rt_shards_init(1), RT_OK);
	ck_assert_int_eq(rt_workers_start(1), RT_OK);
	answers = 0;
	rt_password_derive_async(rt_shards[0], rt_str_of(password), ITERATIONS, on_derived,
				 &answers);
	memset(password, 'x', sizeof(password) - 1); /* it was copied */
	ck_assert_int_eq(answers, 0);
	wait_for(1);
	ck_assert_int_eq(last_err, RT_OK);
	rt_password_check_async(rt_shards[0], RT_STR("secret"), &last_credentials, on_checked,
				&answers);
	wait_for(2);
	ck_assert(last_err == RT_OK && last_matches);
	rt_password_check_async(rt_shards[0], RT_STR("wrong"), &last_credentials, on_checked,
				&answers);
	wait_for(3);
	ck_assert(last_err == RT_OK && !last_matches);
	rt_password_derive_async(rt_shards[0], RT_STR(""), ITERATIONS, on_derived, &answers);
	wait_for(4);
	ck_assert_int_eq(last_err, RT_E_INVALID);
	rt_workers_stop();
	rt_shards_fini();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("password");
	TCase *tc = tcase_create("password");
	SRunner *r;
	int failed;

	tcase_add_test(tc, test_password_matches_itself_alone);
	tcase_add_test(tc, test_password_salts_are_fresh);
	tcase_add_loop_test(tc, test_password_is_prepared, 0,
			    sizeof(prepared) / sizeof(prepared[0]));
	tcase_add_test(tc, test_password_length_is_bounded);
	tcase_add_test(tc, test_password_decoys_are_stable_and_different);
	tcase_add_test(tc, test_password_work_is_done_elsewhere);
	suite_add_tcase(s, tc);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
