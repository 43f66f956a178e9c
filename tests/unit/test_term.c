/* test_term.c - values: literals, Erlang's order and equality, both printed forms. */
#include <stdlib.h>

#include "compiler_fixture.h"
#include "syntax/bigint.h"
#include "syntax/term_order.h"

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

static const struct term *term_of(const char *text)
{
	const struct term *t = parse_term_text(&f.sources, &f.diags, "test", text);

	ck_assert_msg(t != NULL, "%s", text);
	return t;
}

/* ---- JSON ---- */

struct json_case {
	const char *text, *json;
};

static const struct json_case json_cases[] = {
	{"'a \\\"'", "{\"t\":\"atom\",\"v\":\"a \\\"\"}"},
	{"-16#FF", "{\"t\":\"int\",\"v\":\"-255\"}"},
	{"340282366920938463463374607431768211456",
	 "{\"t\":\"int\",\"v\":\"340282366920938463463374607431768211456\"}"},
	{"1.5", "{\"t\":\"float\",\"v\":\"1.5\",\"bits\":\"3ff8000000000000\"}"},
	{"-0.0", "{\"t\":\"float\",\"v\":\"-0.0\",\"bits\":\"8000000000000000\"}"},
	{"\"ab\"", "{\"t\":\"str\",\"v\":\"ab\"}"},
	{"[97,98]", "{\"t\":\"str\",\"v\":\"ab\"}"},
	{"\"\"", "{\"t\":\"list\",\"v\":[]}"},
	{"\"\\0\"", "{\"t\":\"list\",\"v\":[{\"t\":\"int\",\"v\":\"0\"}]}"},
	{"[97|b]", "{\"t\":\"ilist\",\"v\":[{\"t\":\"int\",\"v\":\"97\"}],\"tail\":{\"t\":\"atom\","
		   "\"v\":\"b\"}}"},
	{"{}", "{\"t\":\"tuple\",\"v\":[]}"},
	{"<<\"hi\">>", "{\"t\":\"bin\",\"v\":\"6869\"}"},
	{"<<5:3>>", "{\"t\":\"bits\",\"v\":\"a0\",\"n\":3}"},
	{"#{b => 1, a => 2}",
	 "{\"t\":\"map\",\"v\":[[{\"t\":\"atom\",\"v\":\"a\"},{\"t\":\"int\",\"v\":\"2\"}],"
	 "[{\"t\":\"atom\",\"v\":\"b\"},{\"t\":\"int\",\"v\":\"1\"}]]}"},
	{"fun m:'f g'/2", "{\"t\":\"fun\",\"v\":\"m:f g/2\"}"},
};

START_TEST(test_json_form_is_tagged)
{
	const struct json_case *c = &json_cases[_i];
	struct strbuf out = {.arena = f.arena};

	term_to_json(&out, term_of(c->text));
	strbuf_addc(&out, '\0');
	ck_assert_str_eq(out.p, c->json);
}
END_TEST

/* ---- floats ---- */

/* As float_to_list(F, [short]) of OTP 25 prints them. */
static const char *const floats[] = {
	"0.0",
	"1.0",
	"-1.5",
	"0.1",
	"0.001",
	"0.0001",
	"1.0e-5",
	"1.23e-4",
	"12345.678",
	"1.0e4",
	"1.0e5",
	"1.0e6",
	"1.0e7",
	"1.23e10",
	"1.0e22",
	"1.0e23",
	"5.0e-324",
	"1.7976931348623157e308",
	"9007199254740991.0",
	"9.007199254740992e15",
	"123456789.125",
};

START_TEST(test_floats_print_in_their_shortest_form)
{
	struct strbuf out = {.arena = f.arena};

	term_print(&out, term_of(floats[_i]));
	strbuf_addc(&out, '\0');
	ck_assert_str_eq(out.p, floats[_i]);
}
END_TEST

/* ---- order ---- */

/* Each is smaller than the next. */
static const char *const ascending[] = {
	"-100000000000000000000",
	"-9223372036854775809",
	"-5",
	"-1.5",
	"0",
	"1",
	"1.5",
	"2",
	"9223372036854775808",
	"100000000000000000000",
	"a",
	"aa",
	"b",
	"'\xc3\xa4'",
	"'\xe2\x82\xac'",
	"fun a:b/1",
	"{}",
	"{z}",
	"{a,a}",
	"{a,b}",
	"#{}",
	"#{z => 1}",
	"#{a => 1, b => 1}",
	"#{a => 1, b => 2}",
	"[]",
	"[1|a]",
	"[1]",
	"[1,1]",
	"[97,98|c]",
	"\"ab\"",
	"[97,98,0]",
	"[b]",
	"<<>>",
	"<<0:1>>",
	"<<0>>",
	"<<0,1:1>>",
	"<<1>>",
	"<<\"a\">>",
};

START_TEST(test_terms_sort_as_in_erlang)
{
	for (size_t i = 0; i < COUNT(ascending); i++)
		for (size_t k = 0; k < COUNT(ascending); k++) {
			int c = term_compare(term_of(ascending[i]), term_of(ascending[k]));
			int wanted = (i > k) - (i < k);

			ck_assert_msg((c > 0) - (c < 0) == wanted, "%s against %s: %d",
				      ascending[i], ascending[k], c);
		}
}
END_TEST

struct pair {
	const char *a, *b;
	bool equal;
};

static const struct pair pairs[] = {
	{"\"ab\"", "[97,98]", true},
	{"\"\"", "[]", true},
	{"[a|[b]]", "[a,b]", true},
	{"[$a|\"b\"]", "\"ab\"", true},
	{"[97,98|c]", "[97|[98|c]]", true},
	{"[a|b]", "[a,b]", false},
	{"16#10", "16", true},
	{"1", "1.0", false}, /* =:=, as keys are compared */
	{"0.0", "-0.0", true},
	{"<<\"ab\">>", "<<97,98>>", true},
	{"<<\"ab\">>", "\"ab\"", false},
	{"<<1:4>>", "<<1:5>>", false},
	{"#{a => 1, b => 2}", "#{b => 2, a => 1}", true},
	{"#{a => 1}", "#{a => 1.0}", false},
	{"'a'", "a", true},
	{"{a,[1]}", "{a,[1]}", true},
	{"{a,[1]}", "{a,[1],b}", false},
};

START_TEST(test_equality_is_of_values)
{
	const struct pair *p = &pairs[_i];

	ck_assert_msg(term_equal(term_of(p->a), term_of(p->b)) == p->equal, "%s and %s", p->a,
		      p->b);
	ck_assert_msg(term_equal(term_of(p->b), term_of(p->a)) == p->equal, "%s and %s", p->b,
		      p->a);
}
END_TEST

START_TEST(test_integers_compare_with_floats_by_value)
{
	ck_assert_int_eq(term_compare(term_of("1"), term_of("1.0")), 0);
	ck_assert_int_lt(term_compare(term_of("1"), term_of("1.5")), 0);
	ck_assert_int_gt(term_compare(term_of("100000000000000000000"), term_of("1.0e19")), 0);
	ck_assert_int_lt(term_compare_keys(term_of("1"), term_of("1.0")), 0);
}
END_TEST

/* ---- shapes ---- */

START_TEST(test_shapes_are_recognised)
{
	ck_assert(term_is_nil(term_of("[]")));
	ck_assert(term_is_nil(term_of("\"\"")));
	ck_assert(!term_is_nil(term_of("{}")));
	ck_assert(!term_is_nil(term_of("<<>>")));
	ck_assert(term_is_atom(term_of("abc"), "abc"));
	ck_assert(!term_is_atom(term_of("abc"), "ab"));
	ck_assert(!term_is_atom(term_of("\"abc\""), "abc"));
	ck_assert(term_is_tuple(term_of("{a,b}"), 2, "a"));
	ck_assert(term_is_tuple(term_of("{\"x\",b}"), 2, NULL));
	ck_assert(!term_is_tuple(term_of("{a,b}"), 3, "a"));
	ck_assert(!term_is_tuple(term_of("[a,b]"), 2, "a"));
}
END_TEST

START_TEST(test_integers_know_whether_they_fit)
{
	const struct term *t = term_of("9223372036854775807");

	ck_assert(!t->is_big);
	ck_assert_int_eq(t->integer.value, INT64_MAX);
	t = term_of("-9223372036854775808");
	ck_assert(!t->is_big);
	ck_assert_int_eq(t->integer.value, INT64_MIN);
	ck_assert(term_of("9223372036854775808")->is_big);
	ck_assert(term_of("-9223372036854775809")->is_big);
	ck_assert_int_eq(term_of("$a")->integer.value, 'a');
}
END_TEST

START_TEST(test_bigint_reads_every_base)
{
	static const struct {
		const char *digits;
		unsigned base;
		const char *decimal;
	} cases[] = {
		{"0", 2, "0"},
		{"0000", 16, "0"},
		{"ff_FF", 16, "65535"},
		{"zz", 36, "1295"},
		{"100000000000000000000000000000000", 16,
		 "340282366920938463463374607431768211456"},
		{"0_0_7", 10, "7"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str got = bigint_to_decimal(f.arena, str_of(cases[i].digits), cases[i].base);

		ck_assert_msg(str_eqz(got, cases[i].decimal), "%s: %.*s", cases[i].digits,
			      STR_ARG(got));
	}
}
END_TEST

START_TEST(test_bigint_low_bytes_are_twos_complement)
{
	unsigned char out[10];

	bigint_low_bytes(f.arena, STR("18446744073709551617"), out, 10); /* 2^64 + 1 */
	ck_assert_int_eq(memcmp(out, "\1\0\0\0\0\0\0\0\1\0", 10), 0);
	bigint_low_bytes(f.arena, STR("-18446744073709551617"), out, 10);
	ck_assert_int_eq(memcmp(out, "\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff", 10), 0);
	bigint_low_bytes(f.arena, STR("258"), out, 1);
	ck_assert_int_eq(out[0], 2);
}
END_TEST

/* ---- round trip ---- */

static const char *const round_trips[] = {
	"{listen,[{5222,ejabberd_c2s,[{access,c2s},starttls]}]}",
	"['a b','','or',a@b,'\xc3\xa4','A','1a']",
	"[\"\\\"\\\\ \\n\\t\",\"\xe2\x82\xac\",\"\\x{1}\"]",
	"[<<>>,<<\"text\">>,<<0,255>>,<<1,5:3>>]",
	"#{1=>a,\"k\"=>#{}}",
	"[a|b]",
	"[-1,100000000000000000000,1.5e100,-0.0]",
	"fun 'a b':c/3",
};

START_TEST(test_printed_terms_read_back)
{
	const struct term *t = term_of(round_trips[_i]);
	struct strbuf out = {.arena = f.arena};

	term_print(&out, t);
	strbuf_addc(&out, '\0');
	ck_assert_msg(term_equal(t, term_of(out.p)), "%s", out.p);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("term");
	TCase *tc = tcase_create("values");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_json_form_is_tagged, 0, (int)COUNT(json_cases));
	tcase_add_loop_test(tc, test_floats_print_in_their_shortest_form, 0, (int)COUNT(floats));
	tcase_add_test(tc, test_terms_sort_as_in_erlang);
	tcase_add_loop_test(tc, test_equality_is_of_values, 0, (int)COUNT(pairs));
	tcase_add_test(tc, test_integers_compare_with_floats_by_value);
	tcase_add_test(tc, test_shapes_are_recognised);
	tcase_add_test(tc, test_integers_know_whether_they_fit);
	tcase_add_test(tc, test_bigint_reads_every_base);
	tcase_add_test(tc, test_bigint_low_bytes_are_twos_complement);
	tcase_add_loop_test(tc, test_printed_terms_read_back, 0, (int)COUNT(round_trips));
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
