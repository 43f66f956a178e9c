/* test_suggest.c - "did you mean": which name is near, which is not, and what is said about it. */
#include <stdlib.h>

#include "compiler_fixture.h"
#include "diag/suggest.h"

struct suggest_case {
	const char *wrong;
	const char *names; /* comma separated */
	const char *near;  /* "" for none */
	const char *help;  /* "" for none */
};

static const struct suggest_case cases[] = {
	/* one edit of each kind */
	{"certfle", "certfile,ciphers,zlib", "certfile", "did you mean 'certfile'?"},
	{"certfiile", "certfile,ciphers,zlib", "certfile", "did you mean 'certfile'?"},
	{"certfyle", "certfile,ciphers,zlib", "certfile", "did you mean 'certfile'?"},
	{"cretfile", "certfile,ciphers,zlib", "certfile", "did you mean 'certfile'?"},
	/* case does not count */
	{"CertFile", "certfile,ciphers", "certfile", "did you mean 'certfile'?"},
	/* up to a third of the letters may differ, at least one */
	{"max_stanza_sise", "max_stanza_size,access", "max_stanza_size",
	 "did you mean 'max_stanza_size'?"},
	{"abcdef", "abxyef", "abxyef", "did you mean 'abxyef'?"},
	{"abcdef", "axyzef", "", "expected 'axyzef'"},
	{"ab", "ac", "ac", "did you mean 'ac'?"},
	{"a", "b", "", "expected 'b'"},
	/* ties are all named, in order */
	{"bat", "cat,rat,hat", "", "near names: 'cat', 'hat', 'rat'"},
	{"bat", "cat,rat,hat,mat,sat", "", "near names: 'cat', 'hat', 'mat'"},
	{"bat", "cat,cat", "cat", "did you mean 'cat'?"},
	/* a nearer name beats a near one */
	{"fastt", "fist,fast,feast", "fast", "did you mean 'fast'?"},
	/* nothing near: short lists are given whole, long ones not at all */
	{"zzzzzz", "one,two,three", "", "expected 'one', 'two' or 'three'"},
	{"zzzzzz", "aa,bb,cc,dd,ee,ff,gg,hh,ii", "", ""},
	{"zzzzzz", "", "", ""},
	{"", "one", "", "expected 'one'"},
};

static struct fixture f;

static void setup(void)
{
	fixture_init(&f);
}

static void teardown(void)
{
	fixture_fini(&f);
}

static struct names split(const char *list)
{
	struct names names = {.arena = f.arena};

	while (*list != '\0') {
		size_t n = strcspn(list, ",");

		vec_push(f.arena, &names.list, arena_str(f.arena, list, n));
		list += n + (list[n] == ',');
	}
	return names;
}

START_TEST(test_near_names_are_suggested)
{
	const struct suggest_case *c = &cases[_i];
	struct names names = split(c->names);
	struct str near = suggest_one(str_of(c->wrong), &names);
	uint32_t file = fixture_add(&f, STR("{wrong, 1}."));
	struct span at = {file, 1, 5};
	const struct diag *d;

	ck_assert_msg(str_eqz(near, c->near), "'%s': got '%.*s'", c->wrong, STR_ARG(near));
	d = diag_add(&f.diags, E0203, at, "unknown");
	suggest_into(&f.diags, at, str_of(c->wrong), &names);
	ck_assert_msg(str_eqz(d->help, c->help), "'%s': got \"%.*s\"", c->wrong, STR_ARG(d->help));
	/* only one certain name may be applied by a machine */
	ck_assert_uint_eq(d->fix.n, near.n != 0);
	if (near.n != 0)
		ck_assert(str_eqz(d->fix.at[0].with, c->near));
}
END_TEST

START_TEST(test_very_long_words_have_no_near_name)
{
	char word[200];
	struct names names = split("a");

	memset(word, 'x', sizeof(word));
	vec_push(f.arena, &names.list, ((struct str){word, sizeof(word) - 1}));
	ck_assert_uint_eq(suggest_one((struct str){word, sizeof(word)}, &names).n, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("suggest");
	TCase *tc = tcase_create("names");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_near_names_are_suggested, 0,
			    (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(tc, test_very_long_words_have_no_near_name);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
