/* test_lexer.c - tokens: kinds, lengths, the twins of broken ones; the scanner always gets on and
 * always ends. */
#include <stdlib.h>

#include "compiler_fixture.h"
#include "syntax/lexer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MOST     12

struct expected {
	uint8_t kind;
	uint32_t len;
};

struct lexer_case {
	struct str text;
	struct expected tokens[MOST]; /* up to TOK_EOF */
};

static const struct lexer_case cases[] = {
	{STR(""), {{TOK_EOF, 0}}},
	{STR(" \t\r\n\f% comment\n% end"), {{TOK_EOF, 0}}},
	{STR("{}[]()"),
	 {{TOK_LBRACE, 1},
	  {TOK_RBRACE, 1},
	  {TOK_LBRACK, 1},
	  {TOK_RBRACK, 1},
	  {TOK_LPAREN, 1},
	  {TOK_RPAREN, 1}}},
	{STR("<<>>"), {{TOK_LBIN, 2}, {TOK_RBIN, 2}}},
	{STR("<<<"), {{TOK_LBIN, 2}, {TOK_COMPARE, 1}}},
	{STR("=<<"),
	 {{TOK_COMPARE, 2}, {TOK_COMPARE, 1}}}, /* as in Erlang: {a,=<<"x">>} is an error */
	{STR("=> := || <- ++"),
	 {{TOK_ARROW, 2}, {TOK_ASSIGN, 2}, {TOK_BARBAR, 2}, {TOK_LARROW, 2}, {TOK_LISTOP, 2}}},

	/* a full stop needs white space, a comment or the end behind it */
	{STR("a."), {{TOK_ATOM, 1}, {TOK_DOT, 1}}},
	{STR("a.% c"), {{TOK_ATOM, 1}, {TOK_DOT, 1}}},
	{STR("a.\xc2\xa0"), {{TOK_ATOM, 1}, {TOK_DOT, 1}, {TOK_ODD_SPACE, 2}}},
	{STR("a.b"), {{TOK_ATOM, 1}, {TOK_STRAYDOT, 1}, {TOK_ATOM, 1}}},
	{STR(".."), {{TOK_STRAYDOT, 1}, {TOK_DOT, 1}}},

	/* numbers */
	{STR("1 12"), {{TOK_INT, 1}, {TOK_INT, 2}}},
	{STR("1.5"), {{TOK_FLOAT, 3}}},
	{STR("1. 5"), {{TOK_INT, 1}, {TOK_DOT, 1}, {TOK_INT, 1}}},
	{STR("1.5e-3"), {{TOK_FLOAT, 6}}},
	{STR("1.5e"), {{TOK_BAD_FLOAT, 4}}},
	{STR("1e3"), {{TOK_INT, 1}, {TOK_ATOM, 2}}},
	{STR("16#fF"), {{TOK_INT, 5}}},
	{STR("2#12"), {{TOK_INT, 3}, {TOK_INT, 1}}}, /* the 2 is no digit of base 2 */
	{STR("2#2"), {{TOK_BAD_INT, 2}, {TOK_INT, 1}}},
	{STR("16#"), {{TOK_BAD_INT, 3}}},
	{STR("37#1"), {{TOK_BAD_INT, 4}}},
	{STR("1_000"), {{TOK_INT, 5}}},
	{STR("1__0"), {{TOK_INT, 1}, {TOK_VARIABLE, 3}}},
	{STR("-1"), {{TOK_MINUS, 1}, {TOK_INT, 1}}},

	/* words */
	{STR("ab@C_9 Ab _"), {{TOK_ATOM, 6}, {TOK_VARIABLE, 2}, {TOK_VARIABLE, 1}}},
	{STR("or orelse order"), {{TOK_ADDOP, 2}, {TOK_ORELSE, 6}, {TOK_ATOM, 5}}},
	{STR("fun end not"), {{TOK_FUN, 3}, {TOK_RESERVED, 3}, {TOK_PREFIX, 3}}},
	{STR("\xc3\xa4\xc3\x84"), {{TOK_ATOM, 4}}},     /* a word may hold any Latin-1 letter */
	{STR("\xc3\x84\xc3\xa4"), {{TOK_VARIABLE, 4}}}, /* a capital one at its start: variable */
	{STR("\xc3\x97\xc3\xb7"), {{TOK_OTHER, 2}, {TOK_OTHER, 2}}}, /* the two signs among them */
	{STR("\xc5\x82x"), {{TOK_BAD_CODE, 2}, {TOK_ATOM, 1}}},

	/* literals and their twins */
	{STR("'a b' ''"), {{TOK_ATOM, 5}, {TOK_ATOM, 2}}},
	{STR("'it\\'s'"), {{TOK_ATOM, 7}}},
	{STR("'open"), {{TOK_BAD_ATOM, 5}}},
	{STR("\"a\" \"\""), {{TOK_STRING, 3}, {TOK_STRING, 2}}},
	{STR("\"a\nb\""), {{TOK_STRING, 5}}},
	{STR("\"\\\"\""), {{TOK_STRING, 4}}},
	{STR("\"open\\"), {{TOK_BAD_STRING, 6}}},
	{STR("\"\\^\"x\""), {{TOK_STRING, 6}}}, /* \^" is one escape */
	{STR("$a$\\n$\\^a"), {{TOK_CHAR, 2}, {TOK_CHAR, 3}, {TOK_CHAR, 4}}},
	{STR("$\\101$\\x41$\\x{41}"), {{TOK_CHAR, 5}, {TOK_CHAR, 5}, {TOK_CHAR, 7}}},
	{STR("$. "), {{TOK_CHAR, 2}}},
	{STR("$"), {{TOK_BAD_CHAR, 1}}},
	{STR("$\\"), {{TOK_BAD_CHAR, 2}}},

	/* characters of their own */
	{STR("a\0b"), {{TOK_ATOM, 1}, {TOK_ODD_SPACE, 1}, {TOK_ATOM, 1}}},
	{STR("?@`~"), {{TOK_OTHER, 1}, {TOK_OTHER, 1}, {TOK_OTHER, 1}, {TOK_OTHER, 1}}},
	{STR("\xe2\x82\xac\xe2\x82\xac"), {{TOK_BAD_CODE, 6}}},
	{STR("\xef\xbb\xbf"
	     "a"),
	 {{TOK_ATOM, 1}}}, /* a byte order mark at the start was reported before */
	{STR("% \xef\xbf\xbe"), {{TOK_BAD_CODE, 3}}}, /* a noncharacter ends even a comment */
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

START_TEST(test_text_is_cut_into_tokens)
{
	const struct lexer_case *c = &cases[_i];
	struct lexer lx;

	lexer_init(&lx, &f.sources, fixture_add(&f, c->text));
	for (size_t i = 0; i < MOST; i++) {
		struct token t = lexer_next(&lx);

		ck_assert_msg(t.kind == c->tokens[i].kind && t.at.len == c->tokens[i].len,
			      "'%.*s', token %zu: kind %u of %u bytes, expected %u of %u",
			      STR_ARG(c->text), i, t.kind, t.at.len, c->tokens[i].kind,
			      c->tokens[i].len);
		if (t.kind == TOK_EOF)
			break;
	}
	ck_assert_uint_eq(lexer_next(&lx).kind, TOK_EOF); /* and again */
}
END_TEST

START_TEST(test_every_pair_of_bytes_ends)
{
	for (int i = 0; i < 128; i++)
		for (int k = 0; k < 128; k++) {
			char text[2] = {(char)i, (char)k};
			struct lexer lx;
			uint32_t end = 0;
			struct token t;

			lexer_init(&lx, &f.sources, fixture_add(&f, (struct str){text, 2}));
			while ((t = lexer_next(&lx)).kind != TOK_EOF) {
				ck_assert_uint_ge(t.at.off, end);
				ck_assert_uint_gt(t.at.len, 0);
				end = t.at.off + t.at.len;
			}
			ck_assert_uint_le(end, 2);
		}
}
END_TEST

START_TEST(test_seek_goes_on_from_a_place)
{
	struct lexer lx;

	lexer_init(&lx, &f.sources, fixture_add(&f, STR("one two three")));
	lexer_seek(&lx, 4);
	ck_assert_uint_eq(lexer_next(&lx).at.off, 4);
	lexer_seek(&lx, 13);
	ck_assert_uint_eq(lexer_next(&lx).kind, TOK_EOF);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lexer");
	TCase *tc = tcase_create("tokens");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_text_is_cut_into_tokens, 0, (int)COUNT(cases));
	tcase_add_test(tc, test_every_pair_of_bytes_ends);
	tcase_add_test(tc, test_seek_goes_on_from_a_place);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
