/* test_parser.c - the driver: what is recovered after a mistake, and that nothing makes it stumble.
 *
 * Which texts parse and to what is in tests/syntax/cases.txt.
 */
#include <stdlib.h>

#include "compiler_fixture.h"
#include "syntax/parse.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct fixture f;

static void setup(void)
{
	fixture_init(&f);
}

static void teardown(void)
{
	fixture_fini(&f);
}

static void restart(void)
{
	teardown();
	setup();
}

/* ---- recovery ---- */

struct recovery_case {
	const char *text;
	const char *errors; /* codes by place */
	const char *forms;  /* what is left, printed; ... stands for a broken part */
};

static const struct recovery_case recovery_cases[] = {
	{"", "", ""},
	{"% only a comment", "", ""},
	{"{a b}. {d e}. {f g}. {h,1}.", "E0102 E0102 E0102", "{h,1}."},
	{"{a,1}\n{b,2}. {c,1}.", "E0105", "{a,1}. {b,2}. {c,1}."},
	{"{a, [1,2,]}. {c,1}.", "E0103", "{c,1}."},
	{"{a, \"open}.\n{b,1}.\n{c 1}.", "E0110 E0102", "{b,1}."},
	{"{a, 'open}.\n{b,1}.\n{c 1}.", "E0110 E0102", "{b,1}."},
	{"{a, [1 2,\n{b,1}.\n{c,1}.", "E0102", "{b,1}. {c,1}."},
	{"{hosts, [Foo]}. {b 1}.", "E0106 E0102", "{hosts,[...]}."},
	{"..", "E0101 E0101", ""},
	{"}.{b,1}.", "E0104", "{b,1}."},
	{"}. {b,1}.", "E0104", "{b,1}."},

	/* full stops that are missing, glued, doubled or something else */
	{"a. override_acls\noverride_local. b.", "E0105", "a. override_acls. override_local. b."},
	{"{a,1}.{b,2}.\n{c,3}.", "E0101", "{a,1}. {b,2}. {c,3}."},
	{"{a,1}..\n{b,1}.", "E0101", "{a,1}. {b,1}."},
	{"{a,1},\n{b,2},\n{c,3}.", "E0105", "{a,1}. {b,2}. {c,3}."},
	{"{a,1}", "E0105", ""},
	{"{a,1}. b", "E0105", "{a,1}."},
	{"{a,1};\n{b,2}.", "E0101", "{b,2}."},

	/* brackets */
	{"{a, [1}. {b,1}.", "E0104", "{b,1}."},
	{"{a, [1, 2.\n{b,1}.", "E0104", "{b,1}."},
	{"{a, [\n  {x,1}\n{b,1}.\n{c,1}.", "E0104", "{b,1}. {c,1}."},
	{"{a, 1}}.\n{b,1}.", "E0104", "{b,1}."},
	{"{a, [1", "E0104", ""},

	/* quotes that are missing: reading goes on behind their line */
	{"{a, \"x}.\n{b, \"y\"}.\n{c,1}.", "E0110", "{b,\"y\"}. {c,1}."},
	{"{l, [\n {p, \"x},\n {q, \"y\"}\n]}.\n{b,1}.\n{c 1}.", "E0110 E0102", "{b,1}."},
	{"{a, don't}.\n{b, 'x'}.\n{c,1}.", "E0110", "{b,x}. {c,1}."},
	{"{a, $", "E0110", ""},

	/* several mistakes of words in one form are all reported, a syntax error on top of them is
	   not */
	{"{a, \"\\x4\", 'b\\x{}', 1 2}. {c,1}.", "E0113 E0113", "{c,1}."},
	{"{a, \"\\x4\", ok}. {c,1}.", "E0113", "{a,...,ok}. {c,1}."},
	{"{a, 37#1, 1.0e999}. {c,1}.", "E0111 E0111", "{a,...,...}. {c,1}."},
	{"{a, X, Y}. {c,1}.", "E0106 E0106", "{a,...,...}. {c,1}."},
	{"{a, 1 + 1, X}. {c,1}.", "E0108 E0106", "{a,...,...}. {c,1}."},
	{"{a, X\n{b, 1}.", "E0104", "{b,1}."},
	{"{a, X}\n{b, 1}.", "E0105", "{a,...}. {b,1}."},
};

START_TEST(test_mistake_never_hides_the_next_form)
{
	const struct recovery_case *c = &recovery_cases[_i];
	struct forms forms = fixture_parse(&f, str_of(c->text));
	const char *errors = fixture_codes(&f, DIAG_ERROR), *printed = fixture_print(&f, &forms);

	ck_assert_msg(strcmp(errors, c->errors) == 0, "%s\nerrors: %s\nwanted: %s", c->text, errors,
		      c->errors);
	ck_assert_msg(strcmp(printed, c->forms) == 0, "%s\nforms: %s\nwanted: %s", c->text, printed,
		      c->forms);
}
END_TEST

START_TEST(test_unclosed_brackets_are_one_error_and_no_overflow)
{
	struct strbuf text = {.arena = f.arena};
	struct forms forms;

	strbuf_fill(&text, '{', 5000);
	forms = fixture_parse(&f, strbuf_str(&text));
	ck_assert_str_eq(fixture_codes(&f, DIAG_ERROR), "E0104");
	ck_assert_uint_eq(forms.list.n, 0);
}
END_TEST

START_TEST(test_depth_is_limited)
{
	struct strbuf text = {.arena = f.arena};
	struct forms forms;

	strbuf_fill(&text, '[', PARSE_MAX_DEPTH);
	strbuf_fill(&text, ']', PARSE_MAX_DEPTH);
	strbuf_addz(&text, ".\n");
	strbuf_fill(&text, '[', PARSE_MAX_DEPTH + 1);
	strbuf_fill(&text, ']', PARSE_MAX_DEPTH + 1);
	strbuf_addz(&text, ".\n{b,1}.");
	forms = fixture_parse(&f, strbuf_str(&text));
	ck_assert_str_eq(fixture_codes(&f, DIAG_ERROR), "E0107");
	ck_assert_uint_eq(forms.list.n, 2);
}
END_TEST

START_TEST(test_parser_stops_behind_the_limit_of_errors)
{
	struct strbuf text = {.arena = f.arena};

	for (int i = 0; i < 1000; i++)
		strbuf_addz(&text, "{a 1}.\n");
	f.diags.max_errors = 50;
	fixture_parse(&f, strbuf_str(&text));
	ck_assert_uint_eq(f.diags.list.n, 50);
	ck_assert_uint_eq(f.diags.nerrors, 51);
}
END_TEST

/* ---- what the messages know ---- */

struct message_case {
	const char *text;
	const char *message; /* of the first error */
	uint32_t line, column;
	const char *label; /* text of any label, NULL: not looked at */
};

static const struct message_case message_cases[] = {
	/* the set of tokens that would have done is exact */
	{"{a b}.", "expected ',' or '}' before 'b'", 1, 4, "',' is missing here"},
	{"[a b].", "expected ',' or ']' before 'b'", 1, 4, NULL},
	{"[a|b c].", "expected ']' before 'c'", 1, 6, NULL},
	{"#{a b}.", "expected '=>' before 'b'", 1, 5, NULL},
	{"#{a => b c}.", "expected ',' or '}' before 'c'", 1, 10, NULL},
	{"<<1 2>>.", "expected ',' or '>>' before '2'", 1, 5, NULL},
	{"(a b).", "expected ')' before 'b'", 1, 4, NULL},
	{"{a => 1}.", "'=>' is not allowed here; expected ',' or '}'", 1, 4, NULL},
	{"[a | ].", "']' is not allowed here; expected a term", 1, 6, NULL},
	{"[a | b, c].", "',' is not allowed here; expected ']'", 1, 7, NULL},
	{"=> a.", "'=>' is not allowed here; expected a term", 1, 1, NULL},
	{"{a,\n 1\n b}.", "expected ',' or '}' before 'b'", 3, 2, "',' is missing here"},

	{"[1,2,].", "',' before ']' has no element behind it", 1, 6,
	 "Erlang allows no trailing comma"},
	{"{a,,b}.", "',' has no element before it", 1, 4, "expected a term"},
	{"{a, [1}.", "'}' does not close '['", 1, 7, "opened here"},
	{"{a,1}}.", "'}' closes nothing", 1, 6, NULL},
	{"{a, [1.", "the term ends here, but a '[' is still open", 1, 7,
	 "this '[' is never closed"},
	{"{a, [1,\n{b,1}.", "the term ends here, but a '[' is still open", 2, 6,
	 "a new form seems to start here"},
	{"{a, [1", "the file ends, but a '[' is still open", 1, 6, "this '[' is never closed"},
	{"{a,1}\n", "the last term of the file has no '.' at its end", 1, 5, NULL},
	{"{a,1}\n{b,2}.", "the term before '{' has no '.' at its end", 2, 1,
	 "'.' is missing after this"},
	{"{a,1},\n{b,2}.", "a term ends with '.', not with ','", 2, 1, "write '.' instead"},
	{"{a, or}.", "'or' is a reserved word of Erlang", 1, 5, NULL},
	{"{a, Foo}.", "'Foo' is a variable; a name starts with a lower-case letter", 1, 5, NULL},
	{"{a,\n Foo}.", "'Foo' is a variable; a name starts with a lower-case letter", 2, 2,
	 "in the form that starts here"},
	{"{a, 1+2}.", "'1+2' is an expression; only constants are allowed", 1, 5, NULL},
	{"{a, f(x)}.", "'f(x)' is an expression; only constants are allowed", 1, 5, NULL},
	{"{a, \"x}.\n{b, \"y\"}.\n", "this string is never closed", 2, 7,
	 "the quote that is missing may be this one's"},
	{"{a, \"x\ny\" z}.", "expected ',' or '}' before 'z'", 2, 4,
	 "is the closing quote of this line missing?"},
	{"{ip, 127.0.0.1}.", "'.' is not allowed inside a term", 1, 11, NULL},
	{"{a,\"\xc3\xa4\" b}.", "expected ',' or '}' before 'b'", 1, 8,
	 NULL}, /* columns are characters */
	{"<<a>>.", "a binary is built from integers, strings and binaries, not from an atom", 1, 3,
	 NULL},
};

static bool has_label(const struct diag *d, const char *text)
{
	for (size_t i = 0; i < d->labels.n; i++)
		if (str_eqz(d->labels.at[i].text, text))
			return true;
	return false;
}

START_TEST(test_message_says_what_and_where)
{
	const struct message_case *c = &message_cases[_i];
	const struct diag *d;
	struct position pos;

	fixture_parse(&f, str_of(c->text));
	diag_sort(&f.diags);
	ck_assert_msg(f.diags.list.n != 0, "%s", c->text);
	d = f.diags.list.at[0];
	pos = source_position(&f.sources, 0, d->labels.at[0].at.off);
	ck_assert_msg(str_eqz(d->message, c->message), "%s\ngot: %.*s", c->text,
		      STR_ARG(d->message));
	ck_assert_msg(pos.line == c->line && pos.column == c->column, "%s\nat %u:%u", c->text,
		      pos.line, pos.column);
	ck_assert_msg(c->label == NULL || has_label(d, c->label), "%s\nno label '%s'", c->text,
		      c->label);
}
END_TEST

/* A fix that is offered makes the text parse. */
START_TEST(test_fixes_repair_the_text)
{
	static const struct {
		const char *text, *terms;
	} fixes[] = {
		{"{a b}.", "{a,b}."},
		{"{a,}.", "{a}."},
		{"[a,,b].", "[a,b]."},
		{"{a,1}\n{b,2}.", "{a,1}. {b,2}."},
		{"{a,1},\n{b,2},{c,3}.",
		 "{a,1}. {b,2}."}, /* the rest: "{b,2}.{c,3}." has the next mistake */
		{"{a,1}", "{a,1}."},
		{"{a,1}.{b,2}.", "{a,1}. {b,2}."},
		{"{a,1}..", "{a,1}."},
		{"{a, or}.", "{a,'or'}."},
		{"{a,\xc2\xa0"
		 "b}.",
		 "{a,b}."},
	};

	for (size_t i = 0; i < COUNT(fixes); i++) {
		struct str text = str_of(fixes[i].text);
		struct strbuf fixed;
		struct forms forms;
		const struct diag *d;
		const char *printed;

		restart();
		fixture_parse(&f, text);
		ck_assert_msg(f.diags.list.n == 1, "%s", fixes[i].text);
		d = f.diags.list.at[0];
		ck_assert_msg(d->fix.n != 0, "%s", fixes[i].text);
		fixed = (struct strbuf){.arena = f.arena};
		for (size_t k = 0, at = 0; k <= d->fix.n; k++) {
			struct span edit = k < d->fix.n ? d->fix.at[k].at
							: (struct span){0, (uint32_t)text.n, 0};

			strbuf_add(&fixed, (struct str){text.p + at, edit.off - at});
			if (k < d->fix.n)
				strbuf_add(&fixed, d->fix.at[k].with);
			at = edit.off + edit.len;
		}
		text = arena_str(f.arena, fixed.p, fixed.n);
		f.diags.list.n = 0;
		forms = fixture_parse(&f, text);
		printed = fixture_print(&f, &forms);
		ck_assert_msg(strncmp(printed, fixes[i].terms, strlen(fixes[i].terms)) == 0,
			      "%s -> %.*s: %s", fixes[i].text, STR_ARG(text), printed);
	}
}
END_TEST

/* ---- placeholders ---- */

START_TEST(test_placeholders_are_terms_for_erlang_and_errors_in_a_configuration)
{
	static const char text[] = "{hosts, {{{hosts}}} }.\n{{{more}}}\n{b, [{{{x}}} {y}]}.\n"
				   "{c, \"{{{dir}}}/a\", {{hosts}}}.\n{d,1}.\n{e 1}.\n";
	struct forms forms = {0};
	uint32_t file;

	forms = fixture_parse(&f, STR("{hosts, {{{hosts}}} }."));
	ck_assert_str_eq(fixture_codes(&f, DIAG_ERROR), "");
	ck_assert_uint_eq(forms.list.n, 1);

	restart();
	forms = (struct forms){0};
	file = fixture_add(&f, str_of(text));
	parse_config(&f.sources, &f.diags, file, &forms);
	ck_assert_str_eq(fixture_codes(&f, DIAG_ERROR), "E0112 E0112 E0112 E0112 E0102");
	ck_assert_str_eq(fixture_print(&f, &forms), "{hosts,...}. {c,\"{{{dir}}}/a\",...}. {d,1}.");
	ck_assert(has_label(f.diags.list.at[0], "and here")); /* the second use of the name */
}
END_TEST

/* ---- endurance ---- */

static const char sample[] =
	"{hosts, [\"localhost\", <<\"b\">>]}.\n% comment\n{listen, [\n  {5222, ejabberd_c2s, "
	"[{access, 'c2s'}, $a, -1.5e3]},\n  #{a => [b|c]}]}.\n{x, fun m:f/1, \"a\" \"b\\n\"}.\n";

static void check_spans(const struct str text)
{
	for (size_t i = 0; i < f.diags.list.n; i++) {
		const struct diag *d = f.diags.list.at[i];

		for (size_t k = 0; k < d->labels.n; k++)
			ck_assert_uint_le(d->labels.at[k].at.off + d->labels.at[k].at.len, text.n);
	}
}

START_TEST(test_every_prefix_parses_or_is_reported)
{
	for (size_t n = 0; n < sizeof(sample); n++) {
		struct str text = {sample, n};

		restart();
		fixture_parse(&f, text);
		check_spans(text);
		ck_assert_uint_le(f.diags.nerrors, 1); /* one cut, one mistake */
	}
}
END_TEST

/* Without any one byte, or with one more: at most a few messages, and none far from the place. */
START_TEST(test_one_wrong_byte_is_few_errors)
{
	static const char bytes[] = "{}[](),.\"'%#<>|:;a1A ";

	for (size_t at = 0; at < sizeof(sample) - 1; at++)
		for (size_t k = 0; k < sizeof(bytes); k++) {
			struct strbuf text;

			restart();
			text = (struct strbuf){.arena = f.arena};
			strbuf_add(&text, (struct str){sample, at});
			if (bytes[k] != '\0')
				strbuf_addc(&text, bytes[k]);
			strbuf_addz(&text, sample + at + (bytes[k] == '\0'));
			fixture_parse(&f, strbuf_str(&text));
			check_spans(strbuf_str(&text));
			ck_assert_msg(f.diags.nerrors <= 3, "%u errors for %.*s", f.diags.nerrors,
				      (int)text.n, text.p);
		}
}
END_TEST

START_TEST(test_one_term_can_be_parsed_from_text)
{
	const struct term *t = parse_term_text(&f.sources, &f.diags, "default", "{a, [1]}");

	ck_assert_ptr_nonnull(t);
	ck_assert(term_is_tuple(t, 2, "a"));
	ck_assert_ptr_null(parse_term_text(&f.sources, &f.diags, "default", "{a"));
	ck_assert_ptr_null(parse_term_text(&f.sources, &f.diags, "default", "a. b"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("parser");
	TCase *tc = tcase_create("recovery");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_mistake_never_hides_the_next_form, 0,
			    (int)COUNT(recovery_cases));
	tcase_add_test(tc, test_unclosed_brackets_are_one_error_and_no_overflow);
	tcase_add_test(tc, test_depth_is_limited);
	tcase_add_test(tc, test_parser_stops_behind_the_limit_of_errors);
	tcase_add_loop_test(tc, test_message_says_what_and_where, 0, (int)COUNT(message_cases));
	tcase_add_test(tc, test_fixes_repair_the_text);
	tcase_add_test(tc, test_placeholders_are_terms_for_erlang_and_errors_in_a_configuration);
	tcase_add_test(tc, test_every_prefix_parses_or_is_reported);
	tcase_add_test(tc, test_one_wrong_byte_is_few_errors);
	tcase_add_test(tc, test_one_term_can_be_parsed_from_text);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
