/* test_emit.c - names, literals, comments, aligned rows and switches of generated C. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model_fixture.h"

#include "emit/emitter.h"
#include "emit/build.h"
#include "support/file.h"

static struct emitter emitter;
static const struct emit_settings settings = {
	.main_file = "test.cfg", .version = "TEST", .ninputs = 1};

static void setup_emitter(void)
{
	setup();
	emitter = (struct emitter){.arena = arena, .out = {.arena = arena}, .settings = &settings};
}

/* ---- names ---- */

static const struct {
	const char *name, *ident;
} ident_cases[] = {
	{"c2s", "c2s"},
	{"c2s_shaper", "c2s_shaper"},
	{"example.org", "example_org"},
	{"a-b", "a_b"},
	{"9lives", "_9lives"},
	{"", "_"},
	{"a b", "a_x20b"},
	{"*/", "_x2A_x2F"},
	{"\xc3\xbc", "_xC3_xBC"},
	{"int", "int"},
	{"A", "A"},
};

START_TEST(any_name_becomes_an_identifier)
{
	struct str got = ident_from(arena, str_of(ident_cases[_i].name));

	ck_assert_msg(str_eqz(got, ident_cases[_i].ident), "'%s' became '%.*s'",
		      ident_cases[_i].name, STR_ARG(got));
}
END_TEST

START_TEST(equal_identifiers_are_numbered)
{
	ck_assert(str_eqz(ident_unique(&emitter, STR("gen_x")), "gen_x"));
	ck_assert(str_eqz(ident_unique(&emitter, STR("gen_x_2")), "gen_x_2"));
	ck_assert(str_eqz(ident_unique(&emitter, STR("gen_x")), "gen_x_3"));
	ck_assert(str_eqz(ident_unique(&emitter, STR("GEN_X")), "GEN_X"));
}
END_TEST

/* ---- literals ---- */

static const struct {
	const char *text, *literal;
} string_cases[] = {
	{"", "\"\""},
	{"a", "\"a\""},
	{"\"", "\"\\\"\""},
	{"\\", "\"\\\\\""},
	{"a\nb", "\"a\\nb\""},
	{"\t1", "\"\\0111\""}, /* a digit behind an escape stays itself */
	{"\x01", "\"\\001\""},
	{"?\?/", "\"?\\?/\""},
	{"?\?\?", "\"?\\?\\?\""},
	{"%s", "\"%s\""},
	{"\xc3\xbc", "\"\xc3\xbc\""},
	{"\xff", "\"\\377\""},
	{"\xe2\x80\xae", "\"\\342\\200\\256\""}, /* turns the direction of writing */
	{"\xc2\x85", "\"\\302\\205\""},
};

START_TEST(any_text_becomes_a_literal)
{
	struct str got = c_string(arena, str_of(string_cases[_i].text));

	ck_assert_msg(str_eqz(got, string_cases[_i].literal), "case %d: %.*s", _i, STR_ARG(got));
}
END_TEST

static const struct {
	const char *text, *comment;
} comment_cases[] = {
	{"a", "a"},       {"*/", "* /"},       {"/*", "/ *"},     {"*/*/", "* / * /"},
	{"?\?/", "? ?/"}, {"a\nb", "a\\012b"}, {"\xff", "\\377"}, {"**", "**"},
};

START_TEST(any_text_may_stand_in_a_comment)
{
	struct str got = c_comment_text(arena, str_of(comment_cases[_i].text));

	ck_assert_msg(str_eqz(got, comment_cases[_i].comment), "case %d: %.*s", _i, STR_ARG(got));
	ck_assert_ptr_null(memmem(got.p, got.n, "*/", 2));
	ck_assert_ptr_null(memmem(got.p, got.n, "/*", 2));
}
END_TEST

START_TEST(long_literals_have_a_line_for_each_line)
{
	ck_assert(str_eqz(c_string_lines(arena, STR("a\nb\n")), "\t\"a\\n\"\n\t\"b\\n\""));
	ck_assert(str_eqz(c_string_lines(arena, STR("a")), "\t\"a\""));
	ck_assert(str_eqz(c_string_lines(arena, STR("")), "\t\"\""));
}
END_TEST

/* ---- rows ---- */

START_TEST(columns_are_aligned_when_a_row_closes)
{
	emit_row_open(&emitter, STR("GEN_X"), (struct str){NULL, 0});
	emit_field(&emitter, "a", NO_SPAN, "%d", 1);
	emit_field(&emitter, "longer", NO_SPAN, "%s", "value");
	emit_field_plain(&emitter, "b", "2");
	emit_row_close(&emitter);
	ck_assert_msg(str_eqz(strbuf_str(&emitter.out), "[GEN_X] = {\n"
							"\t.a      = 1,     /* default */\n"
							"\t.longer = value, /* default */\n"
							"\t.b      = 2,\n"
							"},\n"),
		      "%.*s", STR_ARG(strbuf_str(&emitter.out)));
}
END_TEST

START_TEST(switches_go_by_length_then_by_the_last_byte)
{
	const struct text_case cases[] = {
		{.text = STR("ab"), .result = STR("1")},
		{.text = STR("cb"), .result = STR("2")},
		{.text = STR("a'"), .result = STR("3")},
		{.text = STR("abc"), .result = STR("4")},
	};

	emit_text_switch(&emitter, "p", cases, COUNT(cases), "0");
	ck_assert_msg(str_eqz(strbuf_str(&emitter.out), "switch (len) {\n"
							"case 2:\n"
							"\tswitch ((unsigned char)p[1]) {\n"
							"\tcase 0x27:\n"
							"\t\tif (memcmp(p, \"a'\", 2) == 0)\n"
							"\t\t\treturn 3;\n"
							"\t\tbreak;\n"
							"\tcase 'b':\n"
							"\t\tif (memcmp(p, \"ab\", 2) == 0)\n"
							"\t\t\treturn 1;\n"
							"\t\tif (memcmp(p, \"cb\", 2) == 0)\n"
							"\t\t\treturn 2;\n"
							"\t\tbreak;\n"
							"\t}\n"
							"\tbreak;\n"
							"case 3:\n"
							"\tif (memcmp(p, \"abc\", 3) == 0)\n"
							"\t\treturn 4;\n"
							"\tbreak;\n"
							"}\n"
							"return 0;\n"),
		      "%.*s", STR_ARG(strbuf_str(&emitter.out)));
}
END_TEST

/* ---- supported modules ---- */

static void check_support(void *ctx, const char *group, const struct section *s)
{
	static const char *const supported[] = {
#define RT_MODULE(module) #module,
#define RT_IQ(module, scope, ns, fn)
#define RT_HOOK(module, hook, fn)
#define RT_FEATURE(module, ns)
#define RT_SUBDOMAIN_IQ(module, fn)
#include "../../runtime/include/rt/modules.def"
	};
	bool found = false;

	(void)ctx;
	if (strcmp(group, "module") != 0)
		return;
	for (size_t i = 0; i < COUNT(supported); i++)
		found |= strcmp(supported[i], s->name) == 0;
	ck_assert_msg(found == ((s->flags & OPT_UNSUPPORTED) == 0),
		      "the schema and rt/modules.def disagree about %s", s->name);
}

START_TEST(the_schema_supports_the_modules_of_the_runtime)
{
	schema_each(check_support, NULL);
}
END_TEST

/* ---- files ---- */

static struct emission emission_of(const char *text)
{
	struct emission out;
	struct model *m = model_of(text);

	must_be_clean(text);
	emit_model(arena, m, &settings, &out);
	return out;
}

static const struct emitted_file *file_named(const struct emission *e, const char *name)
{
	for (size_t i = 0; i < e->files.n; i++)
		if (strcmp(e->files.at[i].name, name) == 0)
			return &e->files.at[i];
	ck_abort_msg("no file %s", name);
	return NULL;
}

START_TEST(an_emission_has_all_files)
{
	static const char *const names[] = {"hosts.h",     "shapers.h", "access.h",     "modules.h",
					    "listeners.h", "server.c",  "manifest.json"};
	struct emission e = emission_of(HOSTS_A_B);

	ck_assert_uint_eq(e.files.n, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++) {
		struct str text = file_named(&e, names[i])->text;

		ck_assert(text.n != 0 && text.p[text.n - 1] == '\n');
		ck_assert_ptr_null(memmem(text.p, text.n, "\n\n\n", 3));
		ck_assert_ptr_null(memchr(text.p, '@', text.n)); /* no hole is left */
	}
}
END_TEST

START_TEST(stored_secrets_are_for_their_owner_alone)
{
	struct emission e = emission_of(
		HOSTS_A_B "{listen, [{8888, ejabberd_service, [{password, \"tops3cret\"}]}]}.");
	char dir[] = "/tmp/test_emit.XXXXXX";
	const char *path;
	struct stat st;
	struct str text;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = arena_printf(arena, "%s/s", dir).p;
	ck_assert_int_eq(secrets_write(arena, &e, path), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(file_read(arena, path, 1000, &text), 0);
	ck_assert(str_eqz(text, "listener_0_password\ttops3cret\n"));
	restart();
	e = emission_of(HOSTS_A_B);
	ck_assert_int_eq(secrets_write(arena, &e, arena_printf(arena, "%s/s", dir).p), 0);
	ck_assert_int_ne(access(arena_printf(arena, "%s/s", dir).p, F_OK), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(a_server_needs_runtime_and_compiler)
{
	struct emission e = emission_of(HOSTS_A_B);
	char dir[] = "/tmp/test_emit.XXXXXX";
	const char *output, *runtime;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	output = arena_printf(arena, "%s/xmppd", dir).p;
	ck_assert(!build_server(arena, &diags, &e, NULL, arena_printf(arena, "%s/none", dir).p,
				output));
	ck_assert(reports(E0011));

	/* A runtime that is empty: the compiler is missing first, then it fails. */
	diags.list.n = 0;
	runtime = arena_printf(arena, "%s/rt", dir).p;
	ck_assert_int_eq(file_make_dirs(arena, runtime), 0);
	ck_assert_int_eq(file_write_atomic(arena, arena_printf(arena, "%s/libcfgc_rt.a", runtime).p,
					   STR("!<arch>\n"), false, NULL),
			 0);
	ck_assert_int_eq(file_write_atomic(arena, arena_printf(arena, "%s/link.flags", runtime).p,
					   STR("-lm\n"), false, NULL),
			 0);
	setenv("CC", "/no/such/compiler -m64", 1);
	ck_assert(!build_server(arena, &diags, &e, NULL, runtime, output));
	ck_assert(reports(E0012));
	diags.list.n = 0;
	setenv("CC", "false", 1);
	ck_assert(!build_server(arena, &diags, &e, NULL, runtime, output));
	ck_assert(reports(E0013));

	/* Nothing is left behind. */
	ck_assert_int_eq(unlink(arena_printf(arena, "%s/libcfgc_rt.a", runtime).p), 0);
	ck_assert_int_eq(unlink(arena_printf(arena, "%s/link.flags", runtime).p), 0);
	ck_assert_int_eq(rmdir(runtime), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("emit");
	SRunner *runner = srunner_create(suite);
	TCase *tc = tcase_create("emit");
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup_emitter, teardown);
	tcase_add_loop_test(tc, any_name_becomes_an_identifier, 0, COUNT(ident_cases));
	tcase_add_test(tc, equal_identifiers_are_numbered);
	tcase_add_loop_test(tc, any_text_becomes_a_literal, 0, COUNT(string_cases));
	tcase_add_loop_test(tc, any_text_may_stand_in_a_comment, 0, COUNT(comment_cases));
	tcase_add_test(tc, long_literals_have_a_line_for_each_line);
	tcase_add_test(tc, columns_are_aligned_when_a_row_closes);
	tcase_add_test(tc, switches_go_by_length_then_by_the_last_byte);
	tcase_add_test(tc, the_schema_supports_the_modules_of_the_runtime);
	tcase_add_test(tc, an_emission_has_all_files);
	tcase_add_test(tc, stored_secrets_are_for_their_owner_alone);
	tcase_add_test(tc, a_server_needs_runtime_and_compiler);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
