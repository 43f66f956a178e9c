/* test_secret.c - where secrets come from, and when they are refused. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "policy/secret.h"

static char dir[] = "/tmp/test_secret_XXXXXX";
static char path[64];
static const char *const files[] = {"test.cfg"};
static struct rt_secret secrets[3];
static struct rt_listener_spec rows[3];
static struct rt_gen image;
static char complaint[4096];

static void setup(void)
{
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/image.secrets", dir);
}

static void teardown(void)
{
	unlink(path);
	rmdir(dir);
}

static void write_file(const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	ck_assert_int_eq(chmod(path, mode), 0);
}

static int load(void)
{
	int fds[2], err;
	ssize_t n;

	ck_assert_int_eq(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
	rt_log_setup(RT_LOG_WARN, false, fds[1]);
	err = rt_secrets_load(&image, path);
	rt_log_setup(RT_LOG_WARN, false, STDERR_FILENO);
	n = read(fds[0], complaint, sizeof(complaint) - 1);
	complaint[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	close(fds[1]);
	return err;
}

static void make_image(size_t n, enum rt_secret_kind kind, const char *ref)
{
	size_t i;

	for (i = 0; i < n; i++) {
		secrets[i] =
			(struct rt_secret){kind, ref, {.line = (uint32_t)(20 + i), .column = 1}};
		rows[i] = (struct rt_listener_spec){.kind = RT_LISTENER_SERVICE,
						    .password = &secrets[i]};
	}
	image = (struct rt_gen){.files = files, .nfiles = 1, .listeners = rows, .nlisteners = n};
}

static void expect_value(size_t i, const char *text)
{
	struct rt_str value = rt_secret_value(&secrets[i]);

	ck_assert_msg(rt_str_eq(value, rt_str_of(text)), "%.*s", RT_STR_ARG(value));
}

START_TEST(test_stored_secrets_are_found_by_their_name)
{
	write_file("listener-1\tsecret\nlistener-10\tother\twith tab\nlast\tno newline", 0600);
	make_image(3, RT_SECRET_STORED, "listener-1");
	secrets[1].ref = "listener-10";
	secrets[2].ref = "last";
	ck_assert_int_eq(load(), RT_OK);
	expect_value(0, "secret");
	expect_value(1, "other\twith tab");
	expect_value(2, "no newline");
	rt_secrets_unload();
}
END_TEST

START_TEST(test_missing_entry_is_named_with_its_place)
{
	write_file("a\tb\n", 0600);
	make_image(1, RT_SECRET_STORED, "listener-1");
	ck_assert_int_eq(load(), RT_E_INVALID);
	ck_assert_msg(strstr(complaint, "listener-1") != NULL &&
			      strstr(complaint, "cfg=test.cfg:20") != NULL,
		      "%s", complaint);
}
END_TEST

START_TEST(test_file_that_others_may_read_is_refused)
{
	static const mode_t modes[] = {0640, 0604, 0620, 0601};

	write_file("listener-1\tsecret\n", modes[_i]);
	make_image(1, RT_SECRET_STORED, "listener-1");
	ck_assert_int_eq(load(), RT_E_INVALID);
	ck_assert_ptr_nonnull(strstr(complaint, "chmod 600"));
	ck_assert_ptr_null(strstr(complaint, "secret\n"));
}
END_TEST

START_TEST(test_missing_file_is_said_once)
{
	make_image(3, RT_SECRET_STORED, "listener-1");
	ck_assert_int_eq(load(), RT_E_INVALID);
	ck_assert_ptr_eq(strchr(complaint, '\n'), complaint + strlen(complaint) - 1);
	ck_assert_ptr_nonnull(strstr(complaint, "No such file"));
}
END_TEST

START_TEST(test_environment)
{
	setenv("TEST_SECRET", "from the environment", 1);
	unsetenv("TEST_NO_SECRET");
	make_image(1, RT_SECRET_ENV, "TEST_SECRET");
	ck_assert_int_eq(load(), RT_OK);
	expect_value(0, "from the environment");
	rt_secrets_unload();
	make_image(1, RT_SECRET_ENV, "TEST_NO_SECRET");
	ck_assert_int_eq(load(), RT_E_INVALID);
	ck_assert_ptr_nonnull(strstr(complaint, "TEST_NO_SECRET"));
	setenv("TEST_SECRET", "", 1);
	make_image(1, RT_SECRET_ENV, "TEST_SECRET");
	ck_assert_int_eq(load(), RT_E_INVALID);
	ck_assert_ptr_nonnull(strstr(complaint, "is empty"));
}
END_TEST

START_TEST(test_file_gives_its_first_line)
{
	write_file("first\r\nsecond\n", 0644); /* as container secrets are mounted */
	make_image(1, RT_SECRET_FILE, path);
	ck_assert_int_eq(load(), RT_OK);
	expect_value(0, "first");
	rt_secrets_unload();
	write_file("\nsecond\n", 0600);
	ck_assert_int_eq(load(), RT_E_INVALID);
	make_image(1, RT_SECRET_FILE, "/nonexistent/secret");
	ck_assert_int_eq(load(), RT_E_INVALID);
	ck_assert_ptr_nonnull(strstr(complaint, "/nonexistent/secret"));
}
END_TEST

START_TEST(test_image_without_secrets_needs_no_file)
{
	make_image(1, RT_SECRET_STORED, "x");
	rows[0].password = NULL;
	ck_assert_int_eq(load(), RT_OK);
	rt_secrets_unload();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("secret");
	TCase *tc = tcase_create("secret");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_stored_secrets_are_found_by_their_name);
	tcase_add_test(tc, test_missing_entry_is_named_with_its_place);
	tcase_add_loop_test(tc, test_file_that_others_may_read_is_refused, 0, 4);
	tcase_add_test(tc, test_missing_file_is_said_once);
	tcase_add_test(tc, test_environment);
	tcase_add_test(tc, test_file_gives_its_first_line);
	tcase_add_test(tc, test_image_without_secrets_needs_no_file);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
