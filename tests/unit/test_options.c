/* test_options.c - the command line: what is understood, and what is refused instead of ignored. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define MOST_WORDS 10

static struct arena *arena;
static struct options options;

static void setup(void)
{
	arena = arena_new();
}

static void teardown(void)
{
	arena_free(&arena);
}

static enum options_result parse(const char *words)
{
	char *copy = arena_alloc(arena, strlen(words) + 1), *argv[MOST_WORDS], *state = NULL;
	int argc = 0;

	strcpy(copy, words);
	for (char *word = strtok_r(copy, " ", &state); word != NULL;
	     word = strtok_r(NULL, " ", &state))
		argv[argc++] = word;
	return options_parse(arena, &options, argc, argv);
}

START_TEST(test_a_file_alone_is_built)
{
	ck_assert_int_eq(parse("cfgc a.cfg"), OPTIONS_RUN);
	ck_assert_int_eq(options.command, COMMAND_BUILD);
	ck_assert_str_eq(options.file, "a.cfg");
	ck_assert_ptr_null(options.output); /* ./xmppd */
	ck_assert_int_eq(options.target, TARGET_XMPPD);
	ck_assert_uint_eq(options.max_errors, 50);
	ck_assert(!options.werror && !options.allow_unsupported);
	ck_assert_ptr_null(options.dir);
}
END_TEST

START_TEST(test_commands_and_options_come_in_any_order)
{
	ck_assert_int_eq(parse("cfgc --werror check --vars=a --vars b a.cfg --max-errors 0"),
			 OPTIONS_RUN);
	ck_assert_int_eq(options.command, COMMAND_CHECK);
	ck_assert(options.werror);
	ck_assert_uint_eq(options.vars.n, 2);
	ck_assert_str_eq(options.vars.at[1], "b");
	ck_assert_uint_eq(options.max_errors, 0);

	ck_assert_int_eq(parse("cfgc -oout -d dir a.cfg"), OPTIONS_RUN);
	ck_assert_str_eq(options.output, "out");
	ck_assert_str_eq(options.dir, "dir");
	ck_assert_int_eq(
		parse("cfgc check --target=mongooseim-3.2 --diagnostics=json --color=never a"),
		OPTIONS_RUN);
	ck_assert_int_eq(options.target, TARGET_MONGOOSEIM_3_2);
	ck_assert_int_eq(options.diagnostics, DIAGNOSTICS_JSON);
	ck_assert_int_eq(options.colour, COLOUR_NEVER);
}
END_TEST

START_TEST(test_names_that_look_like_options_or_commands_can_be_files)
{
	ck_assert_int_eq(parse("cfgc terms -- --werror"), OPTIONS_RUN);
	ck_assert_str_eq(options.file, "--werror");
	ck_assert_int_eq(parse("cfgc check check"), OPTIONS_RUN);
	ck_assert_str_eq(options.file, "check");
	ck_assert_int_eq(parse("cfgc terms -"), OPTIONS_RUN);
	ck_assert_str_eq(options.file, "-");
}
END_TEST

START_TEST(test_operands_are_subjects_and_files)
{
	ck_assert_int_eq(parse("cfgc can a@b c.cfg --rule=r"), OPTIONS_RUN);
	ck_assert_str_eq(options.subject, "a@b");
	ck_assert_str_eq(options.file, "c.cfg");
	ck_assert_uint_eq(options.files.n, 1);
	ck_assert_int_eq(parse("cfgc fmt a b - c"), OPTIONS_RUN);
	ck_assert_ptr_null(options.subject);
	ck_assert_uint_eq(options.files.n, 4);
	ck_assert_str_eq(options.files.at[3], "c");
	ck_assert_int_eq(parse("cfgc options"), OPTIONS_RUN);
	ck_assert_ptr_null(options.subject);
	ck_assert_ptr_null(options.file);
}
END_TEST

static const char *const refused[] = {
	"cfgc",
	"cfgc check",
	"cfgc a b",
	"cfgc emit a b -d d",
	"cfgc can a@b --rule=r",
	"cfgc can a@b c.cfg d.cfg --rule=r",
	"cfgc can a@b c.cfg",
	"cfgc can a@b c.cfg --rule=r --listener=5222",
	"cfgc options a b",
	"cfgc options --json --markdown",
	"cfgc fmt - a -",
	"cfgc --nosuch a",
	"cfgc -x a",
	"cfgc a -o",
	"cfgc a --werror=yes",
	"cfgc a --max-errors=many",
	"cfgc a --max-errors=-1",
	"cfgc a --max-errors=99999999999",
	"cfgc check a --target=ejabberd",
	"cfgc a --color=blue",
	/* what would have no effect */
	"cfgc emit a",
	"cfgc check a -o out",
	"cfgc check a -d dir",
	"cfgc terms a --allow-unsupported",
	"cfgc check a --expand",
	"cfgc a --target=mongooseim-3.2",
};

START_TEST(test_mistakes_are_refused)
{
	ck_assert_msg(parse(refused[_i]) == OPTIONS_BAD, "%s", refused[_i]);
}
END_TEST

START_TEST(test_help_and_version_answer_at_once)
{
	ck_assert_int_eq(parse("cfgc --help"), OPTIONS_DONE);
	ck_assert_int_eq(parse("cfgc check -h"), OPTIONS_DONE);
	ck_assert_int_eq(parse("cfgc --version"), OPTIONS_DONE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("options");
	TCase *tc = tcase_create("command line");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_a_file_alone_is_built);
	tcase_add_test(tc, test_commands_and_options_come_in_any_order);
	tcase_add_test(tc, test_names_that_look_like_options_or_commands_can_be_files);
	tcase_add_test(tc, test_operands_are_subjects_and_files);
	tcase_add_loop_test(tc, test_mistakes_are_refused, 0, (int)COUNT(refused));
	tcase_add_test(tc, test_help_and_version_answer_at_once);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
