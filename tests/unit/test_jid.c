/* test_jid.c - addresses: what is accepted, what it becomes, where parts end. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "xml/jid.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static struct rt_arena arena;

static void setup(void)
{
	arena = (struct rt_arena){0};
}

static void teardown(void)
{
	rt_arena_fini(&arena);
	rt_arena_pool_trim(0);
}

static const char *zero_of(struct rt_str s)
{
	return rt_arena_str(&arena, s.p != NULL ? s.p : "", s.n).p;
}

struct jid_case {
	const char *text;
	const char *node, *domain, *resource; /* domain NULL: refused */
};

static const struct jid_case jid_cases[] = {
	{"a@b/c", "a", "b", "c"},
	{"a@b", "a", "b", ""},
	{"b", "", "b", ""},
	{"b/c", "", "b", "c"},
	{"Alice@EXAMPLE.org/Home", "alice", "example.org", "Home"},
	{"a@b/c/d@e", "a", "b", "c/d@e"},
	{"b/c@d", "", "b", "c@d"},
	{"a@b/ c d", "a", "b", " c d"},
	{"a@b/'\"<>&", "a", "b", "'\"<>&"},
	{"a@[::1]/r", "a", "[::1]", "r"},
	{"a@192.0.2.1", "a", "192.0.2.1", ""},
	{"a_b-c.d!#$%()*+,;=?[]^`{|}~@b_c.example.", "a_b-c.d!#$%()*+,;=?[]^`{|}~", "b_c.example.",
	 ""},
	/* nodeprep folds, resourceprep does not */
	{"STRASSE\xc3\x84@b/\xc3\x84", "strasse\xc3\xa4", "b", "\xc3\x84"},
	{"stra\xc3\x9f"
	 "e@b",
	 "strasse", "b", ""},
	{"a@M\xc3\x9cNCHEN.example", "a", "m\xc3\xbcnchen.example", ""},
	/* NFKC: a composed letter, a ligature, full width */
	{"u\xcc\x88@b/u\xcc\x88", "\xc3\xbc", "b", "\xc3\xbc"},
	{"\xef\xac\x81@b", "fi", "b", ""},
	{"a@\xef\xbd\x82\xef\xbc\x8e\xef\xbd\x83", "a", "b.c", ""},
	/* mapped to nothing: soft hyphen */
	{"a\xc2\xad"
	 "b@c",
	 "ab", "c", ""},
	/* unassigned in Unicode 3.2: let through, as in a query */
	{"\xf0\x9f\x98\x80@b/\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "b", "\xf0\x9f\x98\x80"},
	{"a@b/\xc8\xa1", "a", "b", "\xc8\xa1"},

	{"", NULL, NULL, NULL},
	{"@b", NULL, NULL, NULL}, /* RFC 6122, 2.3: a node is not empty */
	{"a@", NULL, NULL, NULL},
	{"@", NULL, NULL, NULL},
	{"/", NULL, NULL, NULL},
	{"/c", NULL, NULL, NULL},
	{"a@/c", NULL, NULL, NULL},
	{"b/", NULL, NULL, NULL},
	{"a@b/", NULL, NULL, NULL},
	{"a@b@c", NULL, NULL, NULL},
	{"a@@b", NULL, NULL, NULL},
	{"a b@c", NULL, NULL, NULL},
	{"a\"b@c", NULL, NULL, NULL},
	{"a&b@c", NULL, NULL, NULL},
	{"a'b@c", NULL, NULL, NULL},
	{"a:b@c", NULL, NULL, NULL},
	{"a<b@c", NULL, NULL, NULL},
	{"a>b@c", NULL, NULL, NULL},
	{"a\tb@c", NULL, NULL, NULL},
	{"a\x7f@c", NULL, NULL, NULL},
	{"a@b c", NULL, NULL, NULL},
	{"a@b'c", NULL, NULL, NULL},
	{"a@b<c", NULL, NULL, NULL},
	{"a@b\nc", NULL, NULL, NULL},
	{"a@b/c\nd", NULL, NULL, NULL},
	{"a@b/\x7f", NULL, NULL, NULL},
	/* what would become a separator */
	{"a\xef\xbc\xa0"
	 "b@c",
	 NULL, NULL, NULL}, /* full width @ in a node */
	{"a@b\xef\xbc\x8f"
	 "c",
	 NULL, NULL, NULL}, /* full width / in a domain */
	{"a@b\xef\xbc\xa0"
	 "c",
	 NULL, NULL, NULL},
	{"a\xe3\x80\x80"
	 "b@c",
	 NULL, NULL, NULL},                     /* ideographic space */
	{"a@b/\xe2\x80\xa8", NULL, NULL, NULL}, /* line separator */
	{"\xc2\xad@b", NULL, NULL, NULL},       /* nothing left */
	{"a@\xc2\xad", NULL, NULL, NULL},
	{"a@b/\xc2\xad", NULL, NULL, NULL},
	/* right-to-left and left-to-right letters mixed (RFC 3454, 6) */
	{"\xd7\x90"
	 "a\xd7\x90@b",
	 NULL, NULL, NULL},
	/* private use, noncharacter, surrogate, overlong, cut off, stray */
	{"\xee\x80\x80@b", NULL, NULL, NULL},
	{"a@b/\xef\xbf\xbf", NULL, NULL, NULL},
	{"a@b/\xed\xa0\x80", NULL, NULL, NULL},
	{"a@b/\xc0\xaf", NULL, NULL, NULL},
	{"a@b/\xe2\x82", NULL, NULL, NULL},
	{"a\x80@b", NULL, NULL, NULL},
	{"a@b\xff", NULL, NULL, NULL},
	{"a@b/\xf4\x90\x80\x80", NULL, NULL, NULL},
};

START_TEST(test_jid_parse_accepts_and_rejects)
{
	const struct jid_case *c = &jid_cases[_i];
	struct rt_jid jid;
	int err = rt_jid_parse(&arena, rt_str_of(c->text), &jid);

	ck_assert_msg((err == RT_OK) == (c->domain != NULL), "case %d: '%s' gives %d", _i, c->text,
		      err);
	if (err != RT_OK) {
		ck_assert_int_eq(err, RT_E_INVALID);
		ck_assert_uint_eq(jid.node.n + jid.domain.n + jid.resource.n, 0);
		return;
	}
	ck_assert_str_eq(zero_of(jid.node), c->node);
	ck_assert_str_eq(zero_of(jid.domain), c->domain);
	ck_assert_str_eq(zero_of(jid.resource), c->resource);
}
END_TEST

START_TEST(test_jid_preparing_twice_changes_nothing)
{
	const struct jid_case *c = &jid_cases[_i];
	struct rt_jid once, twice;

	if (c->domain == NULL)
		return;
	ck_assert_int_eq(rt_jid_parse(&arena, rt_str_of(c->text), &once), RT_OK);
	ck_assert_int_eq(rt_jid_parse(&arena, rt_jid_text(&arena, &once), &twice), RT_OK);
	ck_assert(rt_jid_eq(&once, &twice));
}
END_TEST

START_TEST(test_jid_refuses_nul)
{
	struct rt_jid jid;

	ck_assert_int_eq(rt_jid_parse(&arena, (struct rt_str){"a\0b@c", 5}, &jid), RT_E_INVALID);
	ck_assert_int_eq(rt_jid_parse(&arena, (struct rt_str){"a@b\0c", 5}, &jid), RT_E_INVALID);
	ck_assert_int_eq(rt_jid_parse(&arena, (struct rt_str){"a@b/\0", 5}, &jid), RT_E_INVALID);
	ck_assert_int_eq(rt_jid_parse(&arena, (struct rt_str){"a@b/\xc3\xa4\0", 7}, &jid),
			 RT_E_INVALID);
}
END_TEST

/* which part, bytes of it, accepted */
static const struct {
	char part;
	size_t n;
	bool ok;
} length_cases[] = {
	{'n', 1023, true},  {'n', 1024, false}, {'d', 1023, true},
	{'d', 1024, false}, {'r', 1023, true},  {'r', 1024, false},
};

START_TEST(test_jid_parts_are_shorter_than_1024_bytes)
{
	char text[RT_JID_MAX + 2], fill[1024];
	struct rt_jid jid;
	int n, len = (int)length_cases[_i].n;

	memset(fill, 'x', sizeof(fill));
	n = snprintf(text, sizeof(text), "%.*s@%.*s/%.*s", length_cases[_i].part == 'n' ? len : 1,
		     fill, length_cases[_i].part == 'd' ? len : 1, fill,
		     length_cases[_i].part == 'r' ? len : 1, fill);
	ck_assert_msg((rt_jid_parse(&arena, (struct rt_str){text, (uint32_t)n}, &jid) == RT_OK) ==
			      length_cases[_i].ok,
		      "case %d", _i);
}
END_TEST

/* U+FDFA becomes 33 bytes: short before preparation, too long after it. */
START_TEST(test_jid_parts_are_shorter_than_1024_bytes_when_prepared)
{
	char text[200];
	struct rt_str out;
	int n = 0;

	while (n < 3 * 60) {
		memcpy(text + n, "\xef\xb7\xba", 3);
		n += 3;
	}
	ck_assert_int_eq(rt_jid_prep_resource(&arena, (struct rt_str){text, (uint32_t)n}, &out),
			 RT_E_INVALID);
	ck_assert_int_eq(rt_jid_prep_resource(&arena, (struct rt_str){text, 30}, &out), RT_OK);
	ck_assert_uint_gt(out.n, 300);
}
END_TEST

START_TEST(test_jid_longest_parses_and_formats)
{
	char text[RT_JID_MAX + 2], out[RT_JID_MAX + 1];
	struct rt_jid jid;

	memset(text, 'x', sizeof(text));
	text[1023] = '@';
	text[2047] = '/';
	ck_assert_int_eq(rt_jid_parse(&arena, (struct rt_str){text, RT_JID_MAX}, &jid), RT_OK);
	ck_assert_uint_eq(rt_jid_format(&jid, out), RT_JID_MAX);
	ck_assert_mem_eq(out, text, RT_JID_MAX);
	ck_assert_int_eq(rt_jid_parse(&arena, (struct rt_str){text, RT_JID_MAX + 1}, &jid),
			 RT_E_INVALID);
}
END_TEST

START_TEST(test_jid_unchanged_input_is_borrowed)
{
	const char *text = "alice@example.org/b\xc3\xa4lcony";
	struct rt_jid jid;

	ck_assert_int_eq(rt_jid_parse(&arena, rt_str_of(text), &jid), RT_OK);
	ck_assert_ptr_eq(jid.node.p, text);
	ck_assert_ptr_eq(jid.domain.p, text + 6);
	ck_assert_ptr_eq(jid.resource.p, text + 18);
	ck_assert_uint_eq(arena.total, 0);
}
END_TEST

START_TEST(test_jid_single_parts_are_never_empty)
{
	struct rt_str empty = {NULL, 0}, out;

	ck_assert_int_eq(rt_jid_prep_node(&arena, empty, &out), RT_E_INVALID);
	ck_assert_int_eq(rt_jid_prep_domain(&arena, empty, &out), RT_E_INVALID);
	ck_assert_int_eq(rt_jid_prep_resource(&arena, empty, &out), RT_E_INVALID);
}
END_TEST

START_TEST(test_jid_compares_bare_and_full)
{
	struct rt_jid a, b, bare;

	ck_assert_int_eq(rt_jid_parse(&arena, RT_STR("a@b/c"), &a), RT_OK);
	ck_assert_int_eq(rt_jid_parse(&arena, RT_STR("A@B/C"), &b), RT_OK);
	ck_assert(rt_jid_bare_eq(&a, &b));
	ck_assert(!rt_jid_eq(&a, &b)); /* resources keep their case */
	bare = rt_jid_bare(&a);
	ck_assert(rt_jid_bare_eq(&a, &bare));
	ck_assert(!rt_jid_eq(&a, &bare));
	ck_assert_str_eq(rt_jid_text(&arena, &bare).p, "a@b");
}
END_TEST

START_TEST(test_jid_copy_shares_nothing)
{
	char text[] = "a@b/c";
	struct rt_jid jid, copy;

	ck_assert_int_eq(rt_jid_parse(&arena, rt_str_of(text), &jid), RT_OK);
	ck_assert_int_eq(rt_jid_copy(&arena, &jid, &copy), RT_OK);
	memset(text, 'z', sizeof(text));
	ck_assert_str_eq(rt_jid_text(&arena, &copy).p, "a@b/c");
	jid = rt_jid_bare(&copy);
	ck_assert_int_eq(rt_jid_copy(&arena, &jid, &copy), RT_OK);
	ck_assert_uint_eq(copy.resource.n, 0);
}
END_TEST

START_TEST(test_jid_hash_tells_where_node_ends)
{
	uint64_t h = rt_jid_hash(RT_STR("alice"), RT_STR("example.org"));

	ck_assert(h == rt_jid_hash(RT_STR("alice"), RT_STR("example.org")));
	ck_assert(h != rt_jid_hash(RT_STR("alicee"), RT_STR("xample.org")));
	ck_assert(h != rt_jid_hash(RT_STR(""), RT_STR("example.org")));
	ck_assert(h != rt_jid_hash(RT_STR("example.org"), RT_STR("alice")));
}
END_TEST

/* Shards are chosen by it: 10,000 users over 8 must be spread evenly (expected 1250, 5 sigma is
 * 165). */
START_TEST(test_jid_hash_spreads)
{
	unsigned count[8] = {0};
	char node[16];

	for (int i = 0; i < 10000; i++) {
		int n = snprintf(node, sizeof(node), "user%d", i);

		count[rt_jid_hash((struct rt_str){node, (uint32_t)n}, RT_STR("example.org")) % 8]++;
	}
	for (int i = 0; i < 8; i++) {
		ck_assert_uint_gt(count[i], 1085);
		ck_assert_uint_lt(count[i], 1415);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("jid");
	TCase *tc = tcase_create("jid");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_jid_parse_accepts_and_rejects, 0, ARRAY_LEN(jid_cases));
	tcase_add_loop_test(tc, test_jid_preparing_twice_changes_nothing, 0, ARRAY_LEN(jid_cases));
	tcase_add_test(tc, test_jid_refuses_nul);
	tcase_add_loop_test(tc, test_jid_parts_are_shorter_than_1024_bytes, 0,
			    ARRAY_LEN(length_cases));
	tcase_add_test(tc, test_jid_parts_are_shorter_than_1024_bytes_when_prepared);
	tcase_add_test(tc, test_jid_longest_parses_and_formats);
	tcase_add_test(tc, test_jid_unchanged_input_is_borrowed);
	tcase_add_test(tc, test_jid_single_parts_are_never_empty);
	tcase_add_test(tc, test_jid_compares_bare_and_full);
	tcase_add_test(tc, test_jid_copy_shares_nothing);
	tcase_add_test(tc, test_jid_hash_tells_where_node_ends);
	tcase_add_test(tc, test_jid_hash_spreads);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
