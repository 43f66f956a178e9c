/* test_expand.c - templates, includes and macros: what comes out, and what is said about what
 * cannot. */
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler_fixture.h"
#include "support/file.h"
#include "syntax/expand.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct fixture f;
static struct expand x;
static char folder[64];

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void setup(void)
{
	fixture_init(&f);
	x = (struct expand){.arena = f.arena, .sources = &f.sources, .diags = &f.diags};
	strcpy(folder, "expand-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void teardown(void)
{
	ck_assert_int_eq(chdir(".."), 0);
	nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	fixture_fini(&f);
}

static void write_file(const char *name, const char *text)
{
	ck_assert_int_eq(file_write_atomic(f.arena, name, str_of(text), false, NULL), 0);
}

static const char *expand(const char *text)
{
	struct forms forms = {0};

	write_file("main.cfg", text);
	ck_assert(expand_file(&x, "main.cfg", &forms));
	return fixture_print(&f, &forms);
}

/* ---- macros ---- */

struct macro_case {
	const char *text, *forms, *errors, *warnings;
};

static const struct macro_case macro_cases[] = {
	{"{x, 'M'}. {define_macro, 'M', 7}.", "{x,7}.", "", ""}, /* order does not matter */
	{"{define_macro, 'M', 1}. {define_macro, 'M', 2}. {x, 'M'}.", "{x,1}.", "", "W0155"},
	{"{define_macro, 'M', 'N'}. {define_macro, 'N', 1}. {x, 'M'}.", "{x,'N'}.", "", "W0157"},
	{"{x, {use_macro, 'Q', 5}}.", "{x,5}.", "", ""},
	{"{define_macro, 'Q', 6}. {x, {use_macro, 'Q', 5}}.", "{x,6}.", "", ""},
	{"{x, {use_macro, small, 5}}.", "{x,5}.", "", ""},
	{"{x, {use_macro, 'Q', 'R'}}.", "{x,'R'}.", "", "W0157"},
	{"{define_macro, 'A', {loglevel,5}}. 'A'.", "{loglevel,5}.", "", ""},
	{"{define_macro, 'A', 1}. {'A', ['A', {b, [{'A'}]}]}.", "{1,[1,{b,[{1}]}]}.", "", ""},
	{"{define_macro, 'A', 1}. {x, #{'A' => 'A'}}.", "{x,#{'A'=>'A'}}.", "", "W0156"},
	{"{define_macro, 'X_1', 1}. {x, 'X_1', '_', \"X_1\", <<\"X_1\">>, '1'}.",
	 "{x,1,'_',\"X_1\",<<\"X_1\">>,'1'}.", "", ""},
	{"{x, 'Q'}.", "{x,...}.", "E0151", ""},
	{"{define_macro, 'QQ', 1}. {x, 'Q'}.", "{x,...}.", "E0151", ""}, /* meant, so used */
	{"{x, ['Q', 'Q', 'R', 'Q']}.", "{x,[...,...,...,...]}.", "E0151 E0151", ""},
	{"{define_macro, small, 1}.", "", "E0152", ""},
	{"{define_macro, \"M\", 1}.", "", "E0152", ""},
	{"{define_macro, 'M'}. {define_macro, 'M', 1, 2}.", "", "E0152 E0152", ""},
	{"{define_macro, 'M', 1}. {hosts, ['M', \"b\"]}. {x, 'M'}.", "{hosts,[1,\"b\"]}. {x,1}.",
	 "E0153", ""},
	{"{define_macro, 'M', 1}. {host, {use_macro, 'M', \"a\"}}. {x, 'M'}.", "{host,1}. {x,1}.",
	 "E0153", ""},
	{"{x, [a|b]}.", "{x,[a,b]}.", "E0154", ""},
	{"{x, {[{y, [1|c]}]}}.", "{x,{[{y,[1,c]}]}}.", "E0154", ""},
	{"override_global. {host_config, \"h\", [{{add, modules}, [a]}]}.",
	 "override_global. {host_config,\"h\",[{{add,modules},[a]}]}.", "", ""},
};

START_TEST(test_macros_are_replaced)
{
	const struct macro_case *c = &macro_cases[_i];
	const char *forms = expand(c->text);

	ck_assert_msg(strcmp(forms, c->forms) == 0, "%s\ngot %s", c->text, forms);
	ck_assert_msg(strcmp(fixture_codes(&f, DIAG_ERROR), c->errors) == 0, "%s\n%s", c->text,
		      fixture_text(&f));
	ck_assert_msg(strcmp(fixture_codes(&f, DIAG_WARNING), c->warnings) == 0, "%s\n%s", c->text,
		      fixture_text(&f));
}
END_TEST

START_TEST(test_value_of_a_macro_knows_where_it_is_used)
{
	struct forms forms = {0};
	const struct term *value, *part;

	write_file("main.cfg", "{define_macro, 'M', {a, [b]}}.\n{x, 'M'}.\n{y, 'M'}.\n{z, c}.\n");
	ck_assert(expand_file(&x, "main.cfg", &forms));
	value = forms.list.at[0].term->seq.items[1];
	part = value->seq.items[1]->seq.items[0];
	ck_assert(str_eqz(source_text(&f.sources, value->at), "{a, [b]}"));
	ck_assert_uint_eq(source_position(&f.sources, value->used_at.file, value->used_at.off).line,
			  2);
	ck_assert(str_eqz(source_text(&f.sources, part->at), "b"));
	ck_assert_uint_eq(source_position(&f.sources, part->used_at.file, part->used_at.off).line,
			  2);
	value = forms.list.at[1].term->seq.items[1];
	ck_assert_uint_eq(source_position(&f.sources, value->used_at.file, value->used_at.off).line,
			  3);
	ck_assert_uint_eq(forms.list.at[2].term->seq.items[1]->used_at.file, NO_FILE);
}
END_TEST

START_TEST(test_undefined_macro_suggests_a_defined_one)
{
	expand("{define_macro, 'PORT', 1}. {x, 'PROT'}. {y, 'PORT'}.");
	ck_assert_ptr_nonnull(strstr(fixture_text(&f), "help: did you mean 'PORT'?"));
}
END_TEST

/* ---- includes ---- */

struct include_case {
	const char *main_file, *included, *forms, *errors, *warnings;
};

static const struct include_case include_cases[] = {
	/* in place of the directive, with macros that work in both directions */
	{"{a, 'M'}. {include_config_file, \"inc.cfg\"}. {c, 1}. {define_macro, 'N', n}.",
	 "{b, 'N'}. {define_macro, 'M', m}.", "{a,m}. {b,n}. {c,1}.", "", ""},
	{"{include_config_file, <<\"inc.cfg\">>}.", "{b, 1}.", "{b,1}.", "", ""},
	{"{include_config_file, \"inc.cfg\"}. {include_config_file, \"inc.cfg\"}.", "{b, 1}.",
	 "{b,1}. {b,1}.", "", ""},
	{"{include_config_file, \"inc.cfg\", [{disallow, [b, {k, 1}]}]}.",
	 "{b, 1}. b. {c, 2}. {{k, 1}, 3}. {d}.", "{c,2}. {d}.", "", "W0008 W0008 W0008"},
	{"{include_config_file, \"inc.cfg\", [{allow_only, [b]}]}.", "{b, 1}. {c, 2}. {b}.",
	 "{b,1}. {b}.", "", "W0008"},
	{"{include_config_file, \"inc.cfg\", [{allow_only, [b, c]}, {disallow, [b]}]}.",
	 "{b, 1}. {c, 2}.", "{c,2}.", "", "W0008"},
	{"{include_config_file, \"inc.cfg\", [{allow_only, all}, {disallow, \"\"}]}.", "{b, 1}.",
	 "{b,1}.", "", ""},
	{"{include_config_file, \"inc.cfg\", [{allow_only, []}]}.", "{b, 1}.", "", "", "W0008"},
	{"{include_config_file, \"inc.cfg\", [{allow, [b]}, x]}.", "{b, 1}.", "{b,1}.", "",
	 "W0009 W0009"},
	{"{include_config_file, \"inc.cfg\", [{disallow, b}]}.", "{b, 1}.", "{b,1}.", "E0006", ""},
	{"{include_config_file, \"inc.cfg\", x}.", "{b, 1}.", "{b,1}.", "E0006", ""},
	/* mistakes in the included file are its own; the others' forms stay */
	{"{a, 1}. {include_config_file, \"inc.cfg\"}. {c 1}.", "{b 1}. {b, 2}.", "{a,1}. {b,2}.",
	 "E0102 E0102", ""},
	{"{include_config_file, \"nosuch.cfg\"}. {a, 1}.", "", "{a,1}.", "E0001", ""},
	{"{include_config_file, \".\"}. {a, 1}.", "", "{a,1}.", "E0001", ""},
	{"{include_config_file}. {include_config_file, \"a\", [], b}.", "", "", "E0006 E0006", ""},
	{"{include_config_file, 'FILE'}. {define_macro, 'FILE', \"inc.cfg\"}.", "", "", "E0006",
	 "W0156"},
	{"{include_config_file, \"\"}. {include_config_file, \"a\\0b\"}.", "", "", "E0006 E0006",
	 ""},
	/* itself, directly and by a detour */
	{"{include_config_file, \"main.cfg\"}. {a, 1}.", "", "{a,1}.", "E0004", ""},
	{"{include_config_file, \"inc.cfg\"}. {a, 1}.",
	 "{include_config_file, \"./main.cfg\"}. {b, 1}.", "{b,1}. {a,1}.", "E0004", ""},
};

START_TEST(test_files_are_included)
{
	const struct include_case *c = &include_cases[_i];
	const char *forms;

	write_file("inc.cfg", c->included);
	forms = expand(c->main_file);
	ck_assert_msg(strcmp(forms, c->forms) == 0, "%s\ngot %s", c->main_file, forms);
	ck_assert_msg(strcmp(fixture_codes(&f, DIAG_ERROR), c->errors) == 0, "%s\n%s", c->main_file,
		      fixture_text(&f));
	ck_assert_msg(strcmp(fixture_codes(&f, DIAG_WARNING), c->warnings) == 0, "%s\n%s",
		      c->main_file, fixture_text(&f));
}
END_TEST

START_TEST(test_cycle_shows_its_chain)
{
	const char *text;

	write_file("b.cfg", "{b, 1}.\n{include_config_file, \"c.cfg\"}.\n");
	write_file("c.cfg", "{include_config_file, \"b.cfg\"}.\n");
	expand("\n{include_config_file, \"b.cfg\"}.\n");
	text = fixture_text(&f);
	ck_assert_str_eq(fixture_codes(&f, DIAG_ERROR), "E0004");
	ck_assert_ptr_nonnull(strstr(text, "--> c.cfg:1:1"));
	ck_assert_ptr_nonnull(strstr(text, "::: b.cfg:2:1"));
	ck_assert_ptr_nonnull(strstr(text, "note: included from main.cfg:2"));
}
END_TEST

START_TEST(test_paths_are_relative_to_the_working_directory)
{
	ck_assert_int_eq(mkdir("sub", 0777), 0);
	write_file("sub/inc.cfg", "{include_config_file, \"deeper.cfg\"}.");
	write_file("deeper.cfg", "{here, 1}.");
	write_file("sub/deeper.cfg", "{not_here, 1}.");
	ck_assert_str_eq(expand("{include_config_file, \"sub/inc.cfg\"}."), "{here,1}.");
}
END_TEST

START_TEST(test_depth_of_includes_is_limited)
{
	for (int i = 0; i < EXPAND_MAX_INCLUDES + 5; i++) {
		struct str name = arena_printf(f.arena, "%d.cfg", i);

		write_file(name.p,
			   arena_printf(f.arena, "{include_config_file, \"%d.cfg\"}.", i + 1).p);
	}
	expand("{include_config_file, \"0.cfg\"}.");
	ck_assert_str_eq(fixture_codes(&f, DIAG_ERROR), "E0005");
}
END_TEST

/* Each file includes the next one ten times: 10^15 files without the limit. */
START_TEST(test_number_of_includes_is_limited)
{
	struct strbuf text = {.arena = f.arena};

	for (int i = 0; i < 15; i++) {
		text.n = 0;
		for (int k = 0; k < 10; k++)
			strbuf_printf(&text, "{include_config_file, \"%d.cfg\"}.\n", i + 1);
		strbuf_addc(&text, '\0');
		write_file(arena_printf(f.arena, "%d.cfg", i).p, text.p);
	}
	write_file("15.cfg", "a.");
	f.diags.max_errors = 5;
	expand("{include_config_file, \"0.cfg\"}.");
	ck_assert_int_eq(f.diags.list.at[0]->code, E0005);
	ck_assert_uint_lt(f.sources.files.n, EXPAND_MAX_FILES + 10);
}
END_TEST

START_TEST(test_very_large_files_are_refused)
{
	struct forms forms = {0};

	write_file("main.cfg", "");
	ck_assert_int_eq(truncate("main.cfg", (off_t)SOURCE_MAX_BYTES + 1), 0);
	ck_assert(!expand_file(&x, "main.cfg", &forms));
	ck_assert_str_eq(fixture_codes(&f, DIAG_ERROR), "E0003");
}
END_TEST

START_TEST(test_missing_main_file_is_reported)
{
	struct forms forms = {0};

	ck_assert(!expand_file(&x, "nosuch.cfg", &forms));
	ck_assert_str_eq(fixture_codes(&f, DIAG_ERROR), "E0001");
	ck_assert_uint_eq(f.diags.list.at[0]->labels.n, 0);
}
END_TEST

/* ---- templates ---- */

static void use_vars(const char *text)
{
	const char *name = arena_printf(f.arena, "vars%zu.config", x.vars_files.n).p;

	write_file(name, text);
	vec_push(f.arena, &x.vars_files, name);
}

struct template_case {
	const char *vars, *text, *forms, *errors;
};

static const struct template_case template_cases[] = {
	{"{hosts, \"[\\\"a\\\", \\\"b\\\"]\"}.", "{hosts, {{{hosts}}} }.", "{hosts,[\"a\",\"b\"]}.",
	 ""},
	{"{n, 5}. {a, x@y}. {f, 1.5}. {b, <<\"bin\">>}.", "{{{{n}}}, {{{a}}}, {{{ f }}}, {{&b}}}.",
	 "{5,x@y,1.5,bin}.", ""},
	{"{opt, \"{zlib, 1},\"}. {tail, \"{last, 1}.\"}.",
	 "{l, [{{{opt}}} {x, 1}]}.\n{{{tail}}}\n{b, 2}.", "{l,[{zlib,1},{x,1}]}. {last,1}. {b,2}.",
	 ""},
	{"{none, \"\"}.", "{{{none}}}{a, {{{none}}} 1}.{{{none}}}", "{a,1}.", ""},
	{"{h, \"\\\"<&>\\\"\"}.", "{raw, {{{h}}}}.", "{raw,\"<&>\"}.", ""},
	{"{h, \"<&>\"}.", "{escaped, \"{{h}}\"}.", "{escaped,\"&lt;&amp;&gt;\"}.", ""},
	{"{off, \"%% \"}.", "{{{off}}}{a, 1}.\n{b, 1}.", "{b,1}.", ""},
	{"{x, 1}.", "{a, {{{y}}}}. {b, 2}.", "{a,...}. {b,2}.", "E0141"},
	{"{x, 1}.", "% {{{y}}} in a comment\n{b, {{{x}}}}.", "{b,1}.", ""},
	{"{x, 1}.", "{a, \"{{#x}}\"}. {b, 2}.", "{a,\"\"}. {b,2}.", "E0142"},
	{"{x, 1}.", "{ {s2s_addr, \"a\"}, {{1,2,3,4}, 5269} }.",
	 "{{s2s_addr,\"a\"},{{1,2,3,4},5269}}.", ""},
	{"{x, {1}}. y. {\"z\", 1}.", "{a, 1}.", "{a,1}.", "E0143 E0143 E0143"},
	/* a mistake that a value brings is shown at the placeholder */
	{"{x, \"{b 1}\"}.", "{a, {{{x}}}}. {c, 1}.", "{c,1}.", "E0102"},
	{"{x, \"{b, Foo}\"}.", "{a, {{{x}}}}.", "{a,{b,...}}.", "E0106"},
};

START_TEST(test_templates_are_filled_in)
{
	const struct template_case *c = &template_cases[_i];
	const char *forms;

	use_vars(c->vars);
	forms = expand(c->text);
	ck_assert_msg(strcmp(forms, c->forms) == 0, "%s\ngot %s\n%s", c->text, forms,
		      fixture_text(&f));
	ck_assert_msg(strcmp(fixture_codes(&f, DIAG_ERROR), c->errors) == 0, "%s\n%s", c->text,
		      fixture_text(&f));
}
END_TEST

START_TEST(test_later_vars_files_win)
{
	use_vars("{a, 1}. {b, 1}. {a, 2}.");
	use_vars("{b, 3}. {c, 4}.");
	ck_assert_str_eq(expand("[{{{a}}}, {{{b}}}, {{{c}}}]."), "[2,3,4].");
}
END_TEST

START_TEST(test_places_lead_back_to_the_template_and_its_values)
{
	struct forms forms = {0};
	const struct term *t;

	use_vars("{tls,\n  \"{certfile, a}, {x y},\"}.\n{pad, \"a long text\"}.");
	write_file("main.cfg",
		   "{p, \"{{{pad}}}\", here}.\n{listen, [ {{{tls}}} {b, 1}]}.\n{c, 2}.\n");
	ck_assert(expand_file(&x, "main.cfg", &forms));
	/* behind a placeholder on the same line: the column in the template */
	t = forms.list.at[0].term->seq.items[2];
	ck_assert_uint_eq(source_position(&f.sources, t->at.file, t->at.off).column, 18);
	ck_assert_ptr_nonnull(strstr(fixture_text(&f), "   --> main.cfg:2:12\n"
						       "    |\n"
						       "  2 | {listen, [ {{{tls}}} {b, 1}]}.\n"
						       "    |            ^^^^^^^^^\n"));
	ck_assert_ptr_nonnull(strstr(fixture_text(&f), "::: vars0.config:2:3\n"));
	/* no machine may edit what came out of a placeholder */
	ck_assert_uint_eq(f.diags.list.at[0]->fix.n, 0);
	t = forms.list.at[1].term;
	ck_assert_uint_eq(source_position(&f.sources, t->at.file, t->at.off).line, 3);
}
END_TEST

START_TEST(test_latin1_templates_keep_their_places)
{
	struct forms forms = {0};
	const struct term *t;

	use_vars("{v, \"\xc3\xa4\xe2\x82\xac\"}.");
	write_file("main.cfg", "% coding: latin-1\n{\"\xe4{{{v}}}\xf6\", x}.\n");
	ck_assert(expand_file(&x, "main.cfg", &forms));
	t = forms.list.at[0].term;
	ck_assert(str_eqz(t->seq.items[0]->text, "\xc3\xa4\xc3\xa4\xe2\x82\xac\xc3\xb6"));
	ck_assert_uint_eq(source_position(&f.sources, t->at.file, t->seq.items[1]->at.off).column,
			  15);
}
END_TEST

START_TEST(test_missing_vars_file_is_reported)
{
	struct forms forms = {0};

	write_file("main.cfg", "a.");
	vec_push(f.arena, &x.vars_files, "nosuch.config");
	ck_assert(!expand_file(&x, "main.cfg", &forms));
	ck_assert_str_eq(fixture_codes(&f, DIAG_ERROR), "E0001");
}
END_TEST

START_TEST(test_reading_without_expanding_keeps_the_terms_as_erlang_sees_them)
{
	struct forms forms = {0};

	write_file("main.cfg",
		   "{include_config_file, \"nosuch.cfg\"}. {x, 'M'}. {hosts, {{{hosts}}} }.");
	ck_assert(expand_read(&x, "main.cfg", &forms));
	ck_assert_str_eq(fixture_print(&f, &forms),
			 "{include_config_file,\"nosuch.cfg\"}. {x,'M'}. {hosts,{{{hosts}}}}.");
	ck_assert_uint_eq(f.diags.list.n, 0);
}
END_TEST

/* ---- files ---- */

START_TEST(test_files_are_replaced_only_when_they_change)
{
	struct str text;
	bool changed;

	ck_assert_int_eq(file_write_atomic(f.arena, "out", STR("one"), false, &changed), 0);
	ck_assert(changed);
	ck_assert_int_eq(file_write_atomic(f.arena, "out", STR("one"), false, &changed), 0);
	ck_assert(!changed);
	ck_assert_int_eq(file_write_atomic(f.arena, "out", STR("two"), false, &changed), 0);
	ck_assert(changed);
	ck_assert_int_eq(file_read(f.arena, "out", 100, &text), 0);
	ck_assert(str_eqz(text, "two"));
	ck_assert_int_eq(file_read(f.arena, "out", 2, &text), EFBIG);
	ck_assert_int_eq(file_read(f.arena, "nosuch", 2, &text), ENOENT);
	ck_assert_int_eq(file_write_atomic(f.arena, "no/such/out", STR("x"), false, NULL), ENOENT);
	ck_assert_int_eq(file_make_dirs(f.arena, "no/such"), 0);
	ck_assert_int_eq(file_make_dirs(f.arena, "no/such"), 0);
	ck_assert_int_eq(file_write_atomic(f.arena, "no/such/out", STR("x"), false, NULL), 0);
	ck_assert_int_eq(file_make_dirs(f.arena, "out"), ENOTDIR);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("expand");
	TCase *tc = tcase_create("forms");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_macros_are_replaced, 0, (int)COUNT(macro_cases));
	tcase_add_test(tc, test_value_of_a_macro_knows_where_it_is_used);
	tcase_add_test(tc, test_undefined_macro_suggests_a_defined_one);
	tcase_add_loop_test(tc, test_files_are_included, 0, (int)COUNT(include_cases));
	tcase_add_test(tc, test_cycle_shows_its_chain);
	tcase_add_test(tc, test_paths_are_relative_to_the_working_directory);
	tcase_add_test(tc, test_depth_of_includes_is_limited);
	tcase_add_test(tc, test_number_of_includes_is_limited);
	tcase_add_test(tc, test_very_large_files_are_refused);
	tcase_add_test(tc, test_missing_main_file_is_reported);
	tcase_add_loop_test(tc, test_templates_are_filled_in, 0, (int)COUNT(template_cases));
	tcase_add_test(tc, test_later_vars_files_win);
	tcase_add_test(tc, test_places_lead_back_to_the_template_and_its_values);
	tcase_add_test(tc, test_latin1_templates_keep_their_places);
	tcase_add_test(tc, test_missing_vars_file_is_reported);
	tcase_add_test(tc, test_reading_without_expanding_keeps_the_terms_as_erlang_sees_them);
	tcase_add_test(tc, test_files_are_replaced_only_when_they_change);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
