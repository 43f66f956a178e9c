/* test_fold.c - patterns that are no more than comparisons, and rules as lists of decisions. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "model_fixture.h"

#include "model/lower.h"

/* ---- patterns ---- */

static const struct {
	const char *regexp;
	enum part_test_kind kind;
	const char *text;
} pattern_cases[] = {
	{"", PART_ANY, ""},
	{"^", PART_ANY, ""},
	{"$", PART_ANY, ""},
	{".*", PART_ANY, ""},
	{"^.*$", PART_ANY, ""},
	{"^(.*)$", PART_ANY, ""},
	{"^$", PART_IS, ""},
	{"^()$", PART_IS, ""},
	{"^bob$", PART_IS, "bob"},
	{"^(bob)$", PART_IS, "bob"},
	{"^bob", PART_STARTS, "bob"},
	{"^bob.*$", PART_STARTS, "bob"},
	{"^(bob.*)$", PART_STARTS, "bob"},
	{"bob$", PART_ENDS, "bob"},
	{"^.*bob$", PART_ENDS, "bob"},
	{"^(.*bob)$", PART_ENDS, "bob"},
	{"^x\\.org$", PART_IS, "x.org"},
	{"^a\\-b\\_c$", PART_IS, "a-b_c"},
	/* More than a comparison. */
	{"bob", PART_MATCHES, "bob"},
	{"^b.b$", PART_MATCHES, "^b.b$"},
	{"^bo+$", PART_MATCHES, "^bo+$"},
	{"^bob?", PART_MATCHES, "^bob?"},
	{"^bob{2}$", PART_MATCHES, "^bob{2}$"},
	{"^bob*", PART_MATCHES, "^bob*"},
	{"^\\.+$", PART_MATCHES, "^\\.+$"},
	{"^a|b$", PART_MATCHES, "^a|b$"},
	{"^(a|b)$", PART_MATCHES, "^(a|b)$"},
	{"^(?i)bob$", PART_MATCHES, "^(?i)bob$"},
	{"(?i)^bob$", PART_MATCHES, "(?i)^bob$"},
	{"^(?:bob)$", PART_MATCHES, "^(?:bob)$"},
	{"^(bob)", PART_MATCHES, "^(bob)"},
	{"^bob\\d$", PART_MATCHES, "^bob\\d$"},
	{"^[b]ob$", PART_MATCHES, "^[b]ob$"},
	{"^.*b.*$", PART_MATCHES, "^.*b.*$"},
	{"^a$b$", PART_MATCHES, "^a$b$"},
	{".*?", PART_MATCHES, ".*?"},
	{"^\\Qa.b\\E$", PART_MATCHES, "^\\Qa.b\\E$"},
};

START_TEST(patterns_fold_to_comparisons)
{
	struct part_test t = pattern_fold(arena, str_of(pattern_cases[_i].regexp));

	ck_assert_msg(t.kind == pattern_cases[_i].kind, "'%s' became kind %d",
		      pattern_cases[_i].regexp, (int)t.kind);
	ck_assert_msg(str_eqz(t.text, pattern_cases[_i].text), "'%s' became '%.*s'",
		      pattern_cases[_i].regexp, STR_ARG(t.text));
}
END_TEST

static bool by_pcre(struct str pattern, struct str subject)
{
	int error;
	PCRE2_SIZE offset;
	pcre2_code *code =
		pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, 0, &error, &offset, NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	bool matches;

	ck_assert_msg(code != NULL, "'%.*s' does not compile", STR_ARG(pattern));
	matches = pcre2_match(code, (PCRE2_SPTR)subject.p, subject.n, 0, 0, data, NULL) >= 0;
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	return matches;
}

static bool by_test(const struct part_test *t, struct str s)
{
	size_t n = t->text.n;

	switch (t->kind) {
	case PART_ANY:
		return true;
	case PART_IS:
		return str_eq(s, t->text);
	case PART_STARTS:
		return s.n >= n && memcmp(s.p, t->text.p, n) == 0;
	case PART_ENDS:
		return s.n >= n && memcmp(s.p + s.n - n, t->text.p, n) == 0;
	case PART_MATCHES:
		return by_pcre(t->text, s);
	}
	return false;
}

/* Every text over three letters up to five long: what folds must not change what matches. */
START_TEST(folding_changes_nothing)
{
	static const char letters[] = "bo.";
	struct str pattern = str_of(pattern_cases[_i].regexp);
	struct part_test t = pattern_fold(arena, pattern);

	for (int n = 0; n < 243; n++) {
		char text[5];

		for (int k = 0, x = n; k < 5; k++, x /= 3)
			text[k] = letters[x % 3];
		for (size_t len = 0; len <= 5; len++) {
			struct str s = {text, len};

			ck_assert_msg(by_test(&t, s) == by_pcre(pattern, s), "'%.*s' and '%.*s'",
				      STR_ARG(pattern), STR_ARG(s));
		}
	}
}
END_TEST

static const struct {
	const char *glob, *regexp;
} glob_cases[] = {
	{"*", "^(.*)$"},
	{"te?t*", "^(te.t.*)$"},
	{"a.b", "^(a\\.b)$"},
	{"a|b", "^(a\\|b)$"},
	{"[a-c]x", "^([a-c]x)$"},
	{"[!a]", "^([^a])$"},
	{"[^a]", "^([^a])$"},
	{"{a,b}", "^({a,b})$"},
	{"\\*", "^(\\\\.*)$"},
	{"(x)^$+", "^(\\(x\\)\\^\\$\\+)$"},
	{"", "^()$"},
};

START_TEST(globs_become_regular_expressions)
{
	struct str got = pattern_of_glob(arena, str_of(glob_cases[_i].glob));

	ck_assert_msg(str_eqz(got, glob_cases[_i].regexp), "'%s' became '%.*s'",
		      glob_cases[_i].glob, STR_ARG(got));
}
END_TEST

/* ---- rules ---- */

static void add_decisions(struct strbuf *out, const struct decisions *d)
{
	static const char *const words[] = {[VALUE_DENY] = "deny", [VALUE_ALLOW] = "allow"};

	for (size_t i = 0; i < d->list.n; i++) {
		const struct decision *x = &d->list.at[i];

		strbuf_printf(out, "%s%s,%.*s", i != 0 ? " " : "", words[x->value.kind],
			      STR_ARG(x->set != NULL ? x->set->name : STR("all")));
	}
}

/* "base" or "base / for host a". */
static const char *decisions_of(const struct rule *r)
{
	struct strbuf out = {.arena = arena};

	if (!r->base.is_defined)
		strbuf_addz(&out, "undefined");
	add_decisions(&out, &r->base);
	for (size_t i = 0; i < r->others.n; i++) {
		strbuf_addz(&out, " / ");
		add_decisions(&out, &r->others.at[i].decisions);
	}
	strbuf_addc(&out, '\0');
	return out.p;
}

static const struct rule_case {
	const char *global, *host, *decisions;
} rule_cases[] = {
	{"[{allow, x}]", NULL, "allow,x"},
	{"[]", NULL, ""},
	{NULL, "[{allow, x}]", "undefined / allow,x"},
	{"[{allow, all}, {deny, x}]", NULL, "allow,all"},
	{"[{deny, none}, {allow, x}]", NULL, "allow,x"},
	{"[{deny, missing}, {allow, x}]", NULL, "allow,x"},
	{"[{deny, nobody}, {allow, x}]", NULL, "allow,x"},
	{"[{deny, x}, {allow, x}, {deny, y}]", NULL, "deny,x deny,y"},
	{"[{deny, everybody}, {allow, x}]", NULL, "deny,all"},
	/* Global clauses first; only a trailing {allow, all} moves behind the host's. */
	{"[{deny, x}]", "[{allow, y}]", "deny,x / deny,x allow,y"},
	{"[{deny, x}, {allow, all}]", "[{deny, y}]", "deny,x allow,all / deny,x deny,y allow,all"},
	{"[{allow, all}]", "[{deny, x}]", "allow,all / deny,x allow,all"},
	{"[{deny, x}, {deny, all}]", "[{allow, y}]", "deny,x deny,all / deny,x deny,all"},
	{"[{allow, everybody}]", "[{deny, x}]", "allow,all / allow,all"},
	{"[{allow, all}]", "[]", "allow,all / allow,all"},
	{"[{allow, all}]", "[{deny, all}]", "allow,all / deny,all"},
	{"[]", "[{allow, all}]", " / allow,all"},
	{"[{deny, all}, {deny, x}]", "[{allow, y}]", "deny,all / deny,all"},
	{"[{allow, all}, {deny, x}]", "[{deny, y}]", "allow,all / allow,all"},
};

static void check_decisions(const struct rule_case *c)
{
	struct strbuf text = {.arena = arena};
	const struct rule *r;
	struct model *m;

	strbuf_addz(&text,
		    HOSTS_A_B "{listen, [{5222, ejabberd_c2s, [{access, r}]}]}. "
			      "{acl, x, {user, \"x\"}}. {acl, y, {user, \"y\"}}. "
			      "{acl, nobody, none}. {acl, everybody, {server_glob, \"*\"}}. ");
	if (c->global != NULL)
		strbuf_printf(&text, "{access, r, %s}. ", c->global);
	if (c->host != NULL)
		strbuf_printf(&text, "{host_config, \"a\", [{access, r, %s}]}. ", c->host);
	strbuf_addc(&text, '\0');
	m = model_of(text.p);
	must_be_clean(text.p);
	r = names_find(&m->rule_names, STR("r"));
	ck_assert_msg(strcmp(decisions_of(r), c->decisions) == 0, "%s / %s: '%s'", c->global,
		      c->host, decisions_of(r));
}

START_TEST(rules_become_decisions)
{
	check_decisions(&rule_cases[_i]);
}
END_TEST

/* Whom a file lets in is no matter of --compat. */
START_TEST(rules_are_joined_alike_in_every_mode)
{
	binding.compat = COMPAT_MONGOOSEIM;
	check_decisions(&rule_cases[_i]);
}
END_TEST

START_TEST(sets_lose_doubles_and_nobodies)
{
	struct model *m = model_of(
		HOSTS_A_B
		"{listen, [{5222, ejabberd_c2s, [{access, r}]}]}. {access, r, [{allow, s}]}. "
		"{acl, s, {user, \"X\"}}. {acl, s, {user, \"x\"}}. {acl, s, none}. "
		"{acl, s, {user_glob, \"x\"}}. {acl, s, {user_regexp, \"^x$\"}}. "
		"{acl, s, {user, \"x\", \"a\"}}. "
		"{host_config, \"a\", [{acl, s, {user, \"x\"}}]}. ");
	const struct set *s = names_find(&m->set_names, STR("s"));

	must_be_clean("sets");
	ck_assert_uint_eq(s->members.n, 7);
	ck_assert_uint_eq(s->folded.n, 3); /* everywhere, at a's domain, in checks for a */
	ck_assert(!s->is_everybody);
}
END_TEST

START_TEST(only_what_is_asked_is_emitted)
{
	struct model *m =
		model_of(HOSTS_A_B "{listen, [{5222, ejabberd_c2s, [{access, r}, {shaper, sh}]}]}. "
				   "{access, r, [{allow, x}]}. {access, other, [{fast, y}]}. "
				   "{access, sh, [{slow, all}, {fast, x}]}. "
				   "{acl, x, {user, \"x\"}}. {acl, y, {user, \"y\"}}. "
				   "{shaper, slow, {maxrate, 1}}. {shaper, fast, {maxrate, 2}}. "
				   "{shaper, off, none}. ");
	const struct set *x = names_find(&m->set_names, STR("x"));
	const struct set *y = names_find(&m->set_names, STR("y"));
	const struct rule *other = names_find(&m->rule_names, STR("other"));

	must_be_clean("asked");
	ck_assert(x->is_asked && !y->is_asked && !other->is_emitted);
	ck_assert(reports(W0504));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fold");
	SRunner *runner = srunner_create(suite);
	TCase *tc = tcase_create("fold");
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, patterns_fold_to_comparisons, 0, COUNT(pattern_cases));
	tcase_add_loop_test(tc, folding_changes_nothing, 0, COUNT(pattern_cases));
	tcase_add_loop_test(tc, globs_become_regular_expressions, 0, COUNT(glob_cases));
	tcase_add_loop_test(tc, rules_become_decisions, 0, COUNT(rule_cases));
	tcase_add_loop_test(tc, rules_are_joined_alike_in_every_mode, 0, COUNT(rule_cases));
	tcase_add_test(tc, sets_lose_doubles_and_nobodies);
	tcase_add_test(tc, only_what_is_asked_is_emitted);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
