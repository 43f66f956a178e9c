/* test_app_options.c - the server's command line, the words of ctl requests, and the image check.
 */
#include <check.h>
#include <stdlib.h>

#include "app/abi.h"
#include "app/ctl.h"
#include "app/options.h"
#include "fake_gen.h"

static struct rt_app_options parse(const char *line)
{
	static char text[512], *argv[32];
	struct rt_app_options o;
	int argc = 0;
	char *word;

	strcpy(text, line);
	for (word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	rt_app_options_parse(&o, &rt_gen, argc, argv);
	return o;
}

START_TEST(test_defaults)
{
	struct rt_app_options o = parse("xmppd");

	ck_assert_int_eq(o.mode, RT_APP_RUN);
	ck_assert_str_eq(o.data, "./data");
	ck_assert_uint_eq(o.shards, 0);
	ck_assert_int_eq((int)o.level, rt_gen.loglevel);
	ck_assert(!o.json);
	ck_assert_ptr_null(o.secrets);
}
END_TEST

START_TEST(test_all_options)
{
	struct rt_app_options o = parse(
		"xmppd --data /d --shards 3 --log=json --log-level debug --secrets /s --check");

	ck_assert_int_eq(o.mode, RT_APP_CHECK);
	ck_assert_str_eq(o.data, "/d");
	ck_assert_uint_eq(o.shards, 3);
	ck_assert(o.json);
	ck_assert_int_eq(o.level, RT_LOG_DEBUG);
	ck_assert_str_eq(o.secrets, "/s");
	ck_assert_int_eq(parse("xmppd --manifest").mode, RT_APP_MANIFEST);
	ck_assert_int_eq(parse("xmppd --version").mode, RT_APP_VERSION);
	ck_assert_int_eq(parse("xmppd --help").mode, RT_APP_HELP);
	ck_assert_int_eq((int)parse("xmppd --log-level 0").level, 0);
	ck_assert_int_eq(parse("xmppd --log-level warning").level, RT_LOG_WARN);
}
END_TEST

START_TEST(test_wrong_usage_is_explained)
{
	static const char *const cases[][2] = {
		{"xmppd --shards 0", "--shards takes"},     {"xmppd --shards x", "\"x\""},
		{"xmppd --shards 3x", "--shards takes"},    {"xmppd --shards -1", "--shards takes"},
		{"xmppd --shards 257", "1 to 256"},         {"xmppd --log=xml", "logfmt or json"},
		{"xmppd --log-level loud", "\"loud\""},     {"xmppd --log-level 6", "\"6\""},
		{"xmppd --nonsense", "unknown option"},     {"xmppd --data", "needs a value"},
		{"xmppd extra", "unexpected argument"},     {"xmppd ctl", "needs a command"},
		{"xmppd ctl --nonsense", "unknown option"}, {"xmppd --data= ", "--data needs"},
	};
	struct rt_app_options o = parse(cases[_i][0]);

	ck_assert_int_eq(o.mode, RT_APP_USAGE);
	ck_assert_msg(strstr(o.error, cases[_i][1]) != NULL, "%s: %s", cases[_i][0], o.error);
}
END_TEST

START_TEST(test_ctl_takes_its_words_as_they_are)
{
	struct rt_app_options o = parse("xmppd ctl --data /d register --user h -");

	ck_assert_int_eq(o.mode, RT_APP_CTL);
	ck_assert_str_eq(o.data, "/d");
	ck_assert_int_eq(o.nwords, 4);
	ck_assert_str_eq(o.words[0], "register");
	ck_assert_str_eq(o.words[1], "--user");
	ck_assert_str_eq(o.words[3], "-");
}
END_TEST

struct split_case {
	const char *line;
	int n;
	const char *words[4];
};

static const struct split_case split_cases[] = {
	{"", 0, {NULL}},
	{"  \t ", 0, {NULL}},
	{"stop", 1, {"stop"}},
	{" register  alice\tlocalhost \"a b\"", 4, {"register", "alice", "localhost", "a b"}},
	{"\"\" x", 2, {"", "x"}},
	{"\"q\\\"q\\\\n\\n\"", 1, {"q\"q\\n\n"}},
	{"a\"b", 1, {"a\"b"}},
	{"\"open", RT_E_INVALID, {NULL}},
	{"\"open\\", RT_E_INVALID, {NULL}},
	{"\"bad\\x\"", RT_E_INVALID, {NULL}},
	{"\"a\"b", RT_E_INVALID, {NULL}},
	{"1 2 3 4 5", RT_E_INVALID, {NULL}},
};

START_TEST(test_requests_are_split_into_words)
{
	const struct split_case *c = &split_cases[_i];
	struct rt_str words[4];
	char line[128];
	int n, i;

	strcpy(line, c->line);
	n = rt_ctl_split(line, strlen(line), words, 4);
	ck_assert_msg(n == c->n, "'%s': %d", c->line, n);
	for (i = 0; i < n; i++)
		ck_assert_msg(rt_str_eq(words[i], rt_str_of(c->words[i])), "'%s' word %d: %.*s",
			      c->line, i, RT_STR_ARG(words[i]));
}
END_TEST

START_TEST(test_any_word_survives_the_way)
{
	static const char all[] = "quote\" back\\slash new\nline tab\t nul\0 end \xff\xc3\xa9";
	struct rt_buf line = {0};
	struct rt_str words[2];

	rt_ctl_quote(&line, (struct rt_str){all, sizeof(all) - 1});
	rt_buf_addz(&line, " ");
	rt_ctl_quote(&line, RT_STR(""));
	ck_assert_ptr_null(memchr(line.data, '\n', rt_buf_len(&line)));
	ck_assert_int_eq(rt_ctl_split(line.data, rt_buf_len(&line), words, 2), 2);
	ck_assert(rt_str_eq(words[0], (struct rt_str){all, sizeof(all) - 1}));
	ck_assert_uint_eq(words[1].n, 0);
	rt_buf_fini(&line);
}
END_TEST

START_TEST(test_image_of_this_runtime_passes)
{
	char error[256] = "";

	ck_assert_int_eq(rt_abi_check(&rt_gen, error, sizeof(error)), RT_OK);
	ck_assert_str_eq(error, "");
}
END_TEST

START_TEST(test_other_images_are_refused)
{
	struct rt_gen gen = rt_gen;
	char error[256];

	gen.abi_minor = RT_GEN_ABI_MINOR + 1;
	ck_assert_int_eq(rt_abi_check(&gen, error, sizeof(error)), RT_E_INVALID);
	ck_assert_ptr_nonnull(strstr(error, "run cfgc again"));
	gen = rt_gen;
	gen.listener_size++;
	ck_assert_int_eq(rt_abi_check(&gen, error, sizeof(error)), RT_E_INVALID);
	ck_assert_ptr_nonnull(strstr(error, "rt_listener_spec"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("app_options");
	TCase *tc = tcase_create("options"), *ctl = tcase_create("ctl"), *abi = tcase_create("abi");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, test_defaults);
	tcase_add_test(tc, test_all_options);
	tcase_add_loop_test(tc, test_wrong_usage_is_explained, 0, 14);
	tcase_add_test(tc, test_ctl_takes_its_words_as_they_are);
	suite_add_tcase(s, tc);
	tcase_add_loop_test(ctl, test_requests_are_split_into_words, 0, RT_ARRAY_LEN(split_cases));
	tcase_add_test(ctl, test_any_word_survives_the_way);
	suite_add_tcase(s, ctl);
	tcase_add_test(abi, test_image_of_this_runtime_passes);
	tcase_add_test(abi, test_other_images_are_refused);
	suite_add_tcase(s, abi);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
