/* test_session.c - the directory: users, sessions, replacement, limits. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/shard.h"
#include "route_fixture.h"

static const struct rt_str rose = {"rose", 4};

static void setup(void)
{
	fx_start(1, FAKE_STORE_AT_ONCE);
}

static struct rt_session *find(const char *node, const char *resource, int host)
{
	struct rt_jid jid = {rt_str_of(node), {NULL, 0}, rt_str_of(resource)};

	return rt_session_find(rt_shards[0], &jid, host);
}

START_TEST(test_session_is_found_while_open)
{
	struct fx_client *c = fx_open("rose@localhost/a");

	ck_assert_ptr_eq(find("rose", "a", 0), &c->s);
	ck_assert_ptr_null(find("rose", "b", 0));
	ck_assert_ptr_null(find("ros", "a", 0));
	ck_assert_ptr_null(find("rose", "a", 1));
	ck_assert_uint_eq(rt_shards[0]->counters.sessions, 1);
	fx_close(c, "");
	ck_assert_ptr_null(find("rose", "a", 0));
	ck_assert_uint_eq(rt_shards[0]->counters.sessions, 0);
}
END_TEST

START_TEST(test_user_goes_with_the_last_session)
{
	struct fx_client *a = fx_open("rose@localhost/a"), *b = fx_open("rose@localhost/b");

	fx_close(a, "");
	ck_assert_ptr_nonnull(rt_user_find(rt_shards[0], rose, 0));
	fx_close(b, "");
	ck_assert_ptr_null(rt_user_find(rt_shards[0], rose, 0));
}
END_TEST

START_TEST(test_hold_keeps_a_user_without_sessions)
{
	struct rt_user *u = rt_user_hold(rt_shards[0], rose, 0);

	ck_assert_ptr_eq(rt_user_find(rt_shards[0], rose, 0), u);
	ck_assert_ptr_eq(rt_user_hold(rt_shards[0], rose, 0), u);
	rt_user_release(rt_shards[0], u);
	ck_assert_ptr_eq(rt_user_find(rt_shards[0], rose, 0), u);
	rt_user_release(rt_shards[0], u);
	ck_assert_ptr_null(rt_user_find(rt_shards[0], rose, 0));
}
END_TEST

START_TEST(test_close_is_idempotent)
{
	struct fx_client *c = fx_open("rose@localhost/a");

	fx_close(c, "");
	fx_close(c, "");
	ck_assert_uint_eq(rt_shards[0]->counters.sessions, 0);
}
END_TEST

/* BI-09 */
START_TEST(test_same_resource_replaces_the_older_session)
{
	struct fx_client *old = fx_online("rose@localhost/a"), *new = fx_open("rose@localhost/a");

	ck_assert_str_eq(old->ended, "conflict: Replaced by new connection");
	ck_assert_str_eq(new->ended, "");
	ck_assert_ptr_eq(find("rose", "a", 0), &new->s);
	ck_assert_uint_eq(rt_shards[0]->counters.sessions, 1);
	ck_assert_str_eq(fx_seen.status, "Replaced by new connection");
}
END_TEST

/* BI-10 */
START_TEST(test_limit_ends_the_oldest_session)
{
	struct fx_client *c[4];

	fx_session_limit = 3;
	for (int i = 0; i < 4; i++) {
		char jid[32];

		snprintf(jid, sizeof(jid), "rose@localhost/r%d", i);
		c[i] = fx_open(jid);
	}
	ck_assert_str_eq(c[0]->ended, "conflict: Replaced by new connection");
	for (int i = 1; i < 4; i++)
		ck_assert_str_eq(c[i]->ended, "");
	ck_assert_uint_eq(rt_shards[0]->counters.sessions, 3);
}
END_TEST

START_TEST(test_replacing_a_resource_does_not_count_twice)
{
	struct fx_client *a, *b;

	fx_session_limit = 2;
	a = fx_open("rose@localhost/a");
	b = fx_open("rose@localhost/b");
	fx_open("rose@localhost/b");
	ck_assert_str_eq(a->ended, "");
	ck_assert_str_ne(b->ended, "");
}
END_TEST

/* BI-11 */
START_TEST(test_limit_is_100_without_a_rule_and_none_for_infinity)
{
	struct fx_client *first = NULL;

	fx_session_limit = _i == 0 ? RT_LIMIT_NONE : RT_LIMIT_INFINITY;
	for (int i = 0; i < 101; i++) {
		char jid[32];
		struct fx_client *c;

		snprintf(jid, sizeof(jid), "rose@localhost/r%d", i);
		c = fx_open(jid);
		if (i == 0)
			first = c;
		if (i == 99)
			ck_assert_str_eq(first->ended, "");
	}
	ck_assert_int_eq(first->ended[0] != '\0', _i == 0);
	ck_assert_uint_eq(rt_shards[0]->counters.sessions, _i == 0 ? 100 : 101);
}
END_TEST

START_TEST(test_limit_of_zero_refuses)
{
	struct fx_client *c;

	fx_session_limit = 0;
	ck_assert_int_eq(fx_try_open("rose@localhost/a", &c), RT_E_LIMIT);
	ck_assert_ptr_null(rt_user_find(rt_shards[0], rose, 0));
}
END_TEST

START_TEST(test_same_name_on_two_hosts_is_two_users)
{
	struct fx_client *one = fx_open("rose@localhost/a"), *two = fx_open("rose@two.example/a");

	ck_assert_ptr_ne(one->s.user, two->s.user);
	ck_assert_ptr_eq(find("rose", "a", 1), &two->s);
	ck_assert_str_eq(one->ended, "");
}
END_TEST

static void count(struct rt_user *u, void *ctx)
{
	(void)u;
	++*(unsigned *)ctx;
}

START_TEST(test_directory_grows)
{
	struct rt_user *users[1000];
	unsigned n = 0;
	char node[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(node, sizeof(node), "user%d", i);
		users[i] = rt_user_hold(rt_shards[0], rt_str_of(node), 0);
	}
	rt_directory_each(rt_shards[0], count, &n);
	ck_assert_uint_eq(n, 1000);
	for (int i = 0; i < 1000; i++) {
		snprintf(node, sizeof(node), "user%d", i);
		ck_assert_ptr_eq(rt_user_find(rt_shards[0], rt_str_of(node), 0), users[i]);
		rt_user_release(rt_shards[0], users[i]);
	}
	n = 0;
	rt_directory_each(rt_shards[0], count, &n);
	ck_assert_uint_eq(n, 0);
}
END_TEST

START_TEST(test_session_knows_its_address)
{
	struct fx_client *c = fx_open("rose@localhost/a b");
	struct rt_jid jid = rt_session_jid(&c->s);
	char text[RT_JID_MAX + 1];

	rt_jid_format(&jid, text);
	ck_assert_str_eq(text, "rose@localhost/a b");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("session");
	TCase *tc = tcase_create("directory");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, fx_stop);
	tcase_add_test(tc, test_session_is_found_while_open);
	tcase_add_test(tc, test_user_goes_with_the_last_session);
	tcase_add_test(tc, test_hold_keeps_a_user_without_sessions);
	tcase_add_test(tc, test_close_is_idempotent);
	tcase_add_test(tc, test_same_resource_replaces_the_older_session);
	tcase_add_test(tc, test_limit_ends_the_oldest_session);
	tcase_add_test(tc, test_replacing_a_resource_does_not_count_twice);
	tcase_add_loop_test(tc, test_limit_is_100_without_a_rule_and_none_for_infinity, 0, 2);
	tcase_add_test(tc, test_limit_of_zero_refuses);
	tcase_add_test(tc, test_same_name_on_two_hosts_is_two_users);
	tcase_add_test(tc, test_directory_grows);
	tcase_add_test(tc, test_session_knows_its_address);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
