/* test_fix.c - which edits of diagnostics are made together, once, or not at all. */
#include <check.h>
#include <stdlib.h>

#include "support/strbuf.h"
#include "tools/fix.h"

static struct arena *a;
static struct sources sources;
static struct diags dl;
static uint32_t file;

static void setup(void)
{
	a = arena_new();
	sources = (struct sources){.arena = a};
	dl = (struct diags){.arena = a, .sources = &sources};
	file = source_add(&sources, &dl, "x.cfg", STR("abcdef\n"), NO_SPAN);
}

static void teardown(void)
{
	arena_free(&a);
}

static void finding(uint32_t off)
{
	diag_add(&dl, E0203, (struct span){file, off, 1}, "finding at %u", (unsigned)off);
}

static void edit(uint32_t off, uint32_t len, const char *with)
{
	diag_fix(&dl, (struct span){file, off, len}, str_of(with));
}

static void expect(size_t nfixed, const char *line)
{
	struct fix_plan plan;
	struct strbuf diff = {.arena = a};
	struct str wanted = arena_printf(a, "+%s\n", line);

	fix_plan(a, &dl, &plan);
	ck_assert_uint_eq(plan.nfixed, nfixed);
	fix_diff(&diff, &plan);
	ck_assert_ptr_nonnull(memmem(diff.p, diff.n, wanted.p, wanted.n));
	fix_note_left_out(&plan, &dl);
}

START_TEST(of_two_that_overlap_the_first_is_made_and_the_second_gets_a_note)
{
	finding(1);
	edit(1, 3, "X");
	finding(3);
	edit(3, 2, "Y");
	expect(1, "aXef");
	ck_assert_uint_eq(dl.list.at[0]->notes.n, 0);
	ck_assert_uint_eq(dl.list.at[1]->notes.n, 1);
}
END_TEST

START_TEST(the_same_edit_asked_for_twice_is_made_once)
{
	finding(1);
	edit(1, 1, "X");
	finding(2);
	edit(1, 1, "X");
	expect(2, "aXcdef");
}
END_TEST

START_TEST(edits_of_one_finding_are_made_together_or_not_at_all)
{
	finding(0);
	edit(0, 2, "X");
	finding(1);
	edit(1, 1, "Y");
	edit(5, 1, "Z");
	expect(1, "Xcdef");
}
END_TEST

START_TEST(neighbours_do_not_overlap)
{
	finding(0);
	edit(0, 2, "X");
	finding(2);
	edit(2, 2, "Y");
	expect(2, "XYef");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fix");
	TCase *t = tcase_create("fix");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, of_two_that_overlap_the_first_is_made_and_the_second_gets_a_note);
	tcase_add_test(t, the_same_edit_asked_for_twice_is_made_once);
	tcase_add_test(t, edits_of_one_finding_are_made_together_or_not_at_all);
	tcase_add_test(t, neighbours_do_not_overlap);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
