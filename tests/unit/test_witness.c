/* test_witness.c - whether anybody is left for a clause, against a look at every short JID. */
#include "model_fixture.h"

#include "model/witness.h"

static const struct set *set_of(const struct model *m, const char *name)
{
	const struct set *s = names_find(&m->set_names, str_of(name));

	ck_assert_msg(s != NULL, "%s", name);
	return s;
}

/* ---- single questions ---- */

static const struct {
	const char *acls;   /* sets x, and those before: a, b */
	const char *before; /* "", "a", "ab" */
	unsigned about;
	int host; /* 0: of host "a" */
	enum witness answer;
	const char *who; /* NULL: any */
} left_cases[] = {
	{"{acl, x, {user, \"u\"}}.", "", 0, 0, WITNESS_FOUND, "u@a"},
	{"{acl, x, {user, \"u\", \"c\"}}.", "", 0, 0, WITNESS_FOUND, "u@c"},
	{"{acl, x, {user, \"u\", \"c\"}}.", "", ABOUT_USERS, HOST_GLOBAL, WITNESS_NOBODY, NULL},
	{"{acl, x, {user, \"u\", \"b\"}}.", "", ABOUT_USERS, 0, WITNESS_NOBODY, NULL},
	{"{acl, x, {user, \"u\", \"b\"}}.", "", ABOUT_USERS, HOST_GLOBAL, WITNESS_FOUND, "u@b"},
	{"{acl, x, {resource, \"r\"}}.", "", 0, 0, WITNESS_FOUND, "someone@a/r"},
	{"{acl, x, {resource, \"r\"}}.", "", ABOUT_BARE, 0, WITNESS_NOBODY, NULL},
	/* Covered by one. */
	{"{acl, x, {user, \"u\"}}. {acl, a, {user_glob, \"u*\"}}.", "a", 0, 0, WITNESS_NOBODY,
	 NULL},
	{"{acl, x, {user_glob, \"u*\"}}. {acl, a, {user, \"u\"}}.", "a", 0, 0, WITNESS_FOUND, NULL},
	{"{acl, x, {user_glob, \"ab*\"}}. {acl, a, {user_glob, \"a*\"}}.", "a", 0, 0,
	 WITNESS_NOBODY, NULL},
	{"{acl, x, {user_glob, \"*ab\"}}. {acl, a, {user_glob, \"*b\"}}.", "a", 0, 0,
	 WITNESS_NOBODY, NULL},
	{"{acl, x, {user_glob, \"a*b\"}}. {acl, a, {user_glob, \"a*\"}}.", "a", 0, 0,
	 WITNESS_NOBODY, NULL},
	{"{acl, x, {user_glob, \"a*\"}}. {acl, a, {user_glob, \"a*b\"}}.", "a", 0, 0, WITNESS_FOUND,
	 NULL},
	{"{acl, x, {user, \"u\", \"a\"}}. {acl, a, {server, \"a\"}}.", "a", 0, 0, WITNESS_NOBODY,
	 NULL},
	{"{acl, x, {user, \"u\"}}. {acl, a, {server, \"b\"}}.", "a", 0, 0, WITNESS_FOUND, "u@a"},
	{"{acl, x, {user, \"u\"}}. {acl, a, {server, \"b\"}}.", "a", 0, 1, WITNESS_NOBODY, NULL},
	/* Covered by several together. */
	{"{acl, x, {user_glob, \"[ab]\"}}. {acl, a, {user, \"a\"}}. {acl, b, {user, \"b\"}}.", "ab",
	 0, 0, WITNESS_NOBODY, NULL},
	{"{acl, x, {user_glob, \"[abc]\"}}. {acl, a, {user, \"a\"}}. {acl, b, {user, \"b\"}}.",
	 "ab", 0, 0, WITNESS_FOUND, "c@a"},
	{"{acl, x, {user_regexp, \"\"}}. {acl, a, {user_regexp, \"^[a-m]\"}}. "
	 "{acl, b, {user_regexp, \"^[^a-m]\"}}.",
	 "ab", ABOUT_NAMED, 0, WITNESS_NOBODY, NULL},
	{"{acl, x, {user_regexp, \"\"}}. {acl, a, {user_regexp, \"^[a-m]\"}}. "
	 "{acl, b, {user_regexp, \"^[^a-m]\"}}.",
	 "ab", 0, 0, WITNESS_FOUND, "a"},
	{"{acl, x, all}. {acl, a, {user_regexp, \"\"}}.", "a", ABOUT_USERS, HOST_GLOBAL,
	 WITNESS_NOBODY, NULL},
	{"{acl, x, all}. {acl, a, {user_regexp, \"\"}}.", "a", 0, 0, WITNESS_FOUND,
	 "someone@example.org"},
	{"{acl, x, all}. {acl, a, {server, \"a\"}}. {acl, b, {server, \"b\"}}.", "ab", ABOUT_USERS,
	 HOST_GLOBAL, WITNESS_NOBODY, NULL},
	{"{acl, x, all}. {acl, a, {server_regexp, \"^[ab]$\"}}.", "a", ABOUT_USERS, HOST_GLOBAL,
	 WITNESS_NOBODY, NULL},
	{"{acl, x, {user, \"u\"}}. {acl, a, {user_regexp, \"\"}}.", "a", 0, HOST_GLOBAL,
	 WITNESS_NOBODY, NULL},
	{"{acl, x, {user, \"u\"}}. {acl, a, {server, \"a\"}}. {acl, b, {server, \"b\"}}.", "ab", 0,
	 HOST_GLOBAL, WITNESS_NOBODY, NULL},
	{"{acl, x, {user_regexp, \"^(ab)+$\"}}. {acl, a, {user_regexp, \"^ab(abab)*$\"}}. "
	 "{acl, b, {user_regexp, \"^(abab)+$\"}}.",
	 "ab", 0, 0, WITNESS_NOBODY, NULL},
	/* Of a host. */
	{"{host_config, \"a\", [{acl, x, {user, \"u\"}}]}.", "", 0, 0, WITNESS_FOUND, "u@a"},
	{"{host_config, \"a\", [{acl, x, {user, \"u\"}}]}.", "", 0, 1, WITNESS_NOBODY, NULL},
	{"{host_config, \"b\", [{acl, x, {user, \"u\"}}]}.", "", ABOUT_USERS, HOST_GLOBAL,
	 WITNESS_FOUND, "u@b"},
	{"{acl, x, {user, \"u\"}}. {host_config, \"a\", [{acl, a, all}]}.", "a", ABOUT_USERS,
	 HOST_GLOBAL, WITNESS_FOUND, "u@b"},
	{"{acl, x, {user, \"u\", \"a\"}}. {host_config, \"a\", [{acl, a, all}]}.", "a", ABOUT_USERS,
	 HOST_GLOBAL, WITNESS_NOBODY, NULL},
	/* What is not regular may be found, but is never said to be covered. */
	{"{acl, x, {user, \"u\"}}. {acl, a, {user_regexp, \"^(.)\\\\1\"}}.", "a", 0, 0,
	 WITNESS_FOUND, "u@a"},
	{"{acl, x, {user, \"uu\"}}. {acl, a, {user_regexp, \"^(.)\\\\1\"}}.", "a", 0, 0,
	 WITNESS_NOBODY, NULL},
	{"{acl, x, {user_regexp, \"^(.)\\\\1\"}}. {acl, a, {user_regexp, \"^(.)\\\\1\"}}.", "a", 0,
	 0, WITNESS_UNKNOWN, NULL},
};

START_TEST(those_who_are_left)
{
	struct model *m = model_of(arena_printf(arena, HOSTS_A_B "%s", left_cases[_i].acls).p);
	struct witnesses *w = witnesses_new(arena);
	struct asked asked = {.m = m, .host = left_cases[_i].host, .about = left_cases[_i].about};
	const struct set *before[2] = {NULL, NULL};
	struct jid who;
	enum witness got;

	must_be_clean(left_cases[_i].acls);
	for (size_t i = 0; i < strlen(left_cases[_i].before); i++)
		before[i] = set_of(m, i == 0 ? "a" : "b");
	got = witness_left(w, &asked, set_of(m, "x"), before, strlen(left_cases[_i].before), &who);
	ck_assert_msg(got == left_cases[_i].answer, "%d for: %s", (int)got, left_cases[_i].acls);
	if (got == WITNESS_FOUND && left_cases[_i].who != NULL)
		ck_assert_msg(str_eqz(jid_text(arena, &who), left_cases[_i].who), "'%.*s' for: %s",
			      STR_ARG(jid_text(arena, &who)), left_cases[_i].acls);
}
END_TEST

/* ---- against every short JID ---- */

static const char *const specs[] = {
	"{user, \"a\"}",
	"{user, \"ab\"}",
	"{user, \"b\", \"a\"}",
	"{user, \"a\", \"c\"}",
	"{server, \"a\"}",
	"{server, \"b\"}",
	"{server_glob, \"?\"}",
	"{server_glob, \"[bc]\"}",
	"{user_glob, \"a*\"}",
	"{user_glob, \"*b\"}",
	"{user_glob, \"a*b\"}",
	"{user_glob, \"?\"}",
	"{user_glob, \"[!a]*\"}",
	"{user_glob, \"*\", \"b\"}",
	"{user_regexp, \"\"}",
	"{user_regexp, \"b\"}",
	"{user_regexp, \"^[ab]$|^$\"}",
	"{user_regexp, \"^(a|ab)b?$\"}",
	"{user_regexp, \"^a{2,3}$\", \"a\"}",
	"{user_regexp, \"(ab)+$\"}",
	"{node_glob, \"a*\", \"?\"}",
	"{node_regexp, \"[^b]\", \"[ab]\"}",
	"{resource, \"r\"}",
	"{resource_glob, \"r*\"}",
	"all",
};

static uint32_t seed;

static uint32_t any(uint32_t n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void add_set(struct strbuf *out, const char *name)
{
	for (uint32_t n = 1 + any(3); n != 0; n--) {
		const char *spec = specs[any(COUNT(specs))];

		if (any(5) == 0)
			strbuf_printf(out, "{host_config, \"%s\", [{acl, %s, %s}]}. ",
				      any(2) ? "a" : "b", name, spec);
		else
			strbuf_printf(out, "{acl, %s, %s}. ", name, spec);
	}
}

static bool fits(const struct asked *k, const struct jid *who, int *host)
{
	const struct host *own = names_find(&k->m->host_names, who->domain);

	*host = k->host;
	if ((k->about & ABOUT_NAMED) != 0 && who->node.n == 0)
		return false;
	if ((k->about & ABOUT_BARE) != 0 && who->resource.n != 0)
		return false;
	if ((k->about & ABOUT_USERS) == 0)
		return true;
	if (own == NULL || (k->host != HOST_GLOBAL && own->index != k->host))
		return false;
	*host = own->index;
	return true;
}

static const char *const short_nodes[] = {"",    "a",   "b",   "x",   "aa",  "ab",  "ba",  "bb",
					  "xb",  "ax",  "xx",  "aaa", "aab", "aba", "abb", "baa",
					  "bab", "bba", "bbb", "axb", "xab", "abab"};
static const char *const short_domains[] = {"a", "b", "c", "xx"};
static const char *const short_resources[] = {"", "r", "rx", "x"};

/* A JID that fits and that `wanted` says yes to, looked for in every short one. */
typedef bool (*wanted_fn)(void *ctx, const struct jid *who, int host);

static bool look_for(const struct asked *k, wanted_fn wanted, void *ctx, struct jid *who)
{
	size_t n = COUNT(short_nodes), d = COUNT(short_domains), r = COUNT(short_resources);
	int host;

	for (size_t i = 0; i < n * d * r; i++) {
		*who = (struct jid){str_of(short_nodes[i % n]), str_of(short_domains[i / n % d]),
				    str_of(short_resources[i / n / d])};
		if (fits(k, who, &host) && wanted(ctx, who, host))
			return true;
	}
	return false;
}

struct left {
	const struct model *m;
	const struct set *set, *before[2];
};

static bool is_left(void *ctx, const struct jid *who, int host)
{
	const struct left *l = ctx;

	return member_for(l->m, l->set, who, host) != NULL &&
	       member_for(l->m, l->before[0], who, host) == NULL &&
	       member_for(l->m, l->before[1], who, host) == NULL;
}

START_TEST(sets_agree_with_a_look_at_every_short_jid)
{
	int found = 0, nobody = 0;

	for (seed = (uint32_t)_i * 1000; seed < (uint32_t)_i * 1000 + 150; seed++) {
		uint32_t again = seed;
		struct strbuf text;
		struct left l;
		struct asked asked;
		struct jid who;
		enum witness got;
		int host;
		bool is;

		restart();
		text = (struct strbuf){.arena = arena};
		strbuf_addz(&text, HOSTS_A_B);
		add_set(&text, "x");
		add_set(&text, "y");
		add_set(&text, "z");
		strbuf_addc(&text, '\0');
		l.m = model_of(text.p);
		must_be_clean(text.p);
		l.set = set_of(l.m, "x");
		l.before[0] = set_of(l.m, "y");
		l.before[1] = set_of(l.m, "z");
		asked = (struct asked){l.m, (int)any(3) - 1, any(8)};
		got = witness_left(witnesses_new(arena), &asked, l.set, l.before, 2, &who);
		if (got == WITNESS_FOUND) {
			found++;
			ck_assert(fits(&asked, &who, &host));
			ck_assert_msg(is_left(&l, &who, host), "%s", text.p);
		} else {
			nobody++;
			is = look_for(&asked, is_left, &l, &who);
			ck_assert_msg(!is, "'%.*s' is left in check %d about %u: %s",
				      STR_ARG(jid_text(arena, &who)), asked.host, asked.about,
				      text.p);
			ck_assert_msg(got == WITNESS_NOBODY, "unknown in check %d about %u: %s",
				      asked.host, asked.about, text.p);
		}
		seed = again;
	}
	ck_assert_int_gt(found, 10);
	ck_assert_int_gt(nobody, 10);
}
END_TEST

/* ---- two rules ---- */

static const struct rule *rule_of(const struct model *m, const char *name)
{
	return names_find(&m->rule_names, str_of(name));
}

struct pair {
	struct witness_side one, other;
};

static bool is_between(void *ctx, const struct jid *who, int host)
{
	const struct pair *p = ctx;
	const struct decision *one = decision_for(p->one.m, p->one.decisions, who, host);
	const struct decision *other = decision_for(p->other.m, p->other.decisions, who, host);

	return one != NULL && one->value.kind == VALUE_ALLOW &&
	       (other == NULL || other->value.kind != VALUE_ALLOW);
}

static void add_rule(struct strbuf *out, const char *name)
{
	static const char *const clauses[] = {"{allow, x}", "{deny, x}", "{allow, y}", "{deny, y}",
					      "{allow, all}"};

	strbuf_printf(out, "{access, %s, [", name);
	for (uint32_t i = 0, n = 1 + any(3); i < n; i++)
		strbuf_printf(out, "%s%s", i != 0 ? ", " : "", clauses[any(COUNT(clauses))]);
	strbuf_addz(out, "]}. ");
}

START_TEST(rules_agree_with_a_look_at_every_short_jid)
{
	int found = 0, nobody = 0;

	for (seed = (uint32_t)_i * 1000; seed < (uint32_t)_i * 1000 + 150; seed++) {
		uint32_t again = seed;
		struct strbuf text;
		const struct model *m;
		struct pair pair;
		struct asked asked;
		struct jid who;
		enum witness got;
		int host;

		restart();
		text = (struct strbuf){.arena = arena};
		strbuf_addz(&text, HOSTS_A_B "{listen, [{1, ejabberd_c2s, [{access, r}]}, "
					     "{2, ejabberd_c2s, [{access, s}]}]}. ");
		add_set(&text, "x");
		add_set(&text, "y");
		add_rule(&text, "r");
		add_rule(&text, "s");
		strbuf_addc(&text, '\0');
		m = model_of(text.p);
		must_be_clean(text.p);
		asked = (struct asked){m, (int)any(3) - 1, any(2) ? ABOUT_USERS : 0};
		pair.one = (struct witness_side){.m = m,
						 .decisions = &rule_of(m, "r")->base,
						 .host = asked.host,
						 .about = asked.about};
		pair.other = pair.one;
		pair.other.decisions = &rule_of(m, "s")->base;
		got = witness_between(witnesses_new(arena), &pair.one, &pair.other, &who);
		if (got == WITNESS_FOUND) {
			found++;
			ck_assert(fits(&asked, &who, &host));
			ck_assert_msg(is_between(&pair, &who, host), "%s", text.p);
		} else {
			nobody++;
			ck_assert_msg(!look_for(&asked, is_between, &pair, &who),
				      "'%.*s' in check %d about %u: %s",
				      STR_ARG(jid_text(arena, &who)), asked.host, asked.about,
				      text.p);
			ck_assert_msg(got == WITNESS_NOBODY, "unknown in check %d about %u: %s",
				      asked.host, asked.about, text.p);
		}
		seed = again;
	}
	ck_assert_int_gt(found, 10);
	ck_assert_int_gt(nobody, 10);
}
END_TEST

static enum witness between(const struct model *one, const char *rule, const struct model *other,
			    unsigned about, struct jid *who)
{
	struct witness_side a = {.m = one, .host = HOST_GLOBAL, .about = about}, b = a;
	const struct rule *r = rule_of(one, rule), *s = rule_of(other, rule);

	b.m = other;
	a.everybody = r == NULL;
	b.everybody = s == NULL;
	a.decisions = r != NULL ? &r->base : NULL;
	b.decisions = s != NULL ? &s->base : NULL;
	return witness_between(witnesses_new(arena), &a, &b, who);
}

START_TEST(two_models_are_compared)
{
	static const char rule[] = "{listen, [{1, ejabberd_c2s, [{access, c2s}]}]}. ";
	const struct model *old =
		model_of(arena_printf(arena,
				      HOSTS_A_B "%s {acl, x, {user, \"u\"}}. "
						"{access, c2s, [{deny, x}, {allow, all}]}.",
				      rule)
				 .p);
	const struct model *new =
		model_of(arena_printf(arena,
				      "{hosts, [\"b\", \"c\"]}. {sm_backend, {mnesia, []}}. "
				      "{auth_method, internal}. %s {acl, x, {user, \"u\", \"b\"}}. "
				      "{access, c2s, [{deny, x}, {allow, all}]}.",
				      rule)
				 .p);
	const struct model *none = model_of(HOSTS_A_B);
	struct jid who;

	/* The host b is served by both, and u is denied there by both. */
	ck_assert_int_eq(between(old, "c2s", new, ABOUT_USERS, &who), WITNESS_FOUND);
	ck_assert(str_eqz(who.domain, "a"));
	ck_assert_int_eq(between(new, "c2s", old, ABOUT_USERS, &who), WITNESS_FOUND);
	ck_assert(str_eqz(who.domain, "c"));
	ck_assert_int_eq(between(old, "c2s", old, ABOUT_USERS, &who), WITNESS_NOBODY);
	/* Without a rule everybody is let in. */
	ck_assert_int_eq(between(none, "c2s", old, ABOUT_USERS, &who), WITNESS_FOUND);
	ck_assert(str_eqz(who.node, "u"));
	ck_assert_int_eq(between(old, "c2s", none, ABOUT_USERS, &who), WITNESS_NOBODY);
}
END_TEST

/* Thousands of names, all of them taken, without a look at each pair. */
START_TEST(large_sets_are_quick)
{
	struct strbuf text = {.arena = arena};
	struct asked asked;
	const struct set *before[1];
	struct jid who;
	struct model *m;

	strbuf_addz(&text, HOSTS_A_B);
	for (int i = 0; i < 2000; i++)
		strbuf_printf(&text, "{acl, x, {user, \"u%d\"}}. {acl, y, {user, \"u%d\"}}. ", i,
			      i);
	strbuf_addz(&text, "{acl, x, {user, \"last\"}}. ");
	strbuf_addc(&text, '\0');
	m = model_of(text.p);
	asked = (struct asked){m, 0, 0};
	before[0] = set_of(m, "x");
	ck_assert_int_eq(
		witness_left(witnesses_new(arena), &asked, set_of(m, "y"), before, 1, &who),
		WITNESS_NOBODY);
	before[0] = set_of(m, "y");
	ck_assert_int_eq(
		witness_left(witnesses_new(arena), &asked, set_of(m, "x"), before, 1, &who),
		WITNESS_FOUND);
	ck_assert(str_eqz(who.node, "last"));
	ck_assert_int_eq(witness_left(witnesses_new(arena), &asked, NULL, before, 1, &who),
			 WITNESS_FOUND);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("witness");
	TCase *tc = tcase_create("witness");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, those_who_are_left, 0, (int)COUNT(left_cases));
	tcase_add_loop_test(tc, sets_agree_with_a_look_at_every_short_jid, 0, 4);
	tcase_add_loop_test(tc, rules_agree_with_a_look_at_every_short_jid, 0, 4);
	tcase_add_test(tc, two_models_are_compared);
	tcase_add_test(tc, large_sets_are_quick);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
