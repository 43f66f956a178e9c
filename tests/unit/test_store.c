/* test_store.c - the store on a real database: what is put comes back, subject by subject. */
#include "core/arena.h"
#include "store_fixture.h"

/* ---- accounts ----------------------------------------------------------------------------------
 */

START_TEST(test_account_keeps_its_keys)
{
	struct rt_credentials one = keys(1), two = keys(2);
	struct credentials_answer r;

	ck_assert_int_eq(get_account("alice").a.err, RT_E_NOTFOUND);
	ck_assert_int_eq(DO(rt_store_account_update(shard, who("alice"), &one, on_done, &a)),
			 RT_E_NOTFOUND);
	ck_assert_int_eq(DO(rt_store_account_create(shard, who("alice"), &one, on_done, &a)),
			 RT_OK);
	r = get_account("alice");
	ck_assert_int_eq(r.a.err, RT_OK);
	ck_assert_mem_eq(&r.c, &one, sizeof(one));

	ck_assert_int_eq(DO(rt_store_account_create(shard, who("alice"), &two, on_done, &a)),
			 RT_E_EXISTS);
	r = get_account("alice");
	ck_assert_mem_eq(&r.c, &one, sizeof(one));

	ck_assert_int_eq(DO(rt_store_account_update(shard, who("alice"), &two, on_done, &a)),
			 RT_OK);
	r = get_account("alice");
	ck_assert_mem_eq(&r.c, &two, sizeof(two));
}
END_TEST

struct names {
	struct answers a;
	char text[256];
};

static void on_names(struct rt_shard *s, void *ctx, int err, const struct rt_str *names, size_t n)
{
	struct names *r = ctx;
	size_t i, at = 0;

	for (i = 0; i < n; i++)
		at += (size_t)snprintf(r->text + at, sizeof(r->text) - at, "%.*s,",
				       RT_STR_ARG(names[i]));
	on_done(s, &r->a, err);
}

static struct names list(const char *host)
{
	struct names r = {.a = {.expected = 1}};

	rt_store_account_list(shard, rt_str_of(host), on_names, &r);
	wait_for(&r.a);
	return r;
}

START_TEST(test_accounts_are_listed_by_host_and_sorted)
{
	struct rt_account elsewhere = {RT_STR("zoe"), RT_STR("other.example")};
	struct rt_credentials c = keys(3);

	create("carol");
	create("alice");
	create("b\xc3\xb6rn");
	ck_assert_int_eq(DO(rt_store_account_create(shard, elsewhere, &c, on_done, &a)), RT_OK);
	ck_assert_str_eq(list(HOST).text, "alice,b\xc3\xb6rn,carol,");
	ck_assert_str_eq(list("other.example").text, "zoe,");
	ck_assert_str_eq(list("none.example").text, "");
	ck_assert_int_eq(DO(rt_store_account_exists(shard, who("alice"), on_done, &a)), RT_OK);
	ck_assert_int_eq(DO(rt_store_account_exists(shard, who("zoe"), on_done, &a)),
			 RT_E_NOTFOUND);
}
END_TEST

/* ---- roster ------------------------------------------------------------------------------------
 */

struct roster {
	struct answers a;
	size_t n;
	char version[64], text[1024];
};

static const char *show(struct rt_str s, char *out, size_t size)
{
	if (s.p == NULL)
		return "-";
	snprintf(out, size, "'%.*s'", RT_STR_ARG(s));
	return out;
}

static void on_roster(struct rt_shard *s, void *ctx, int err, struct rt_str version,
		      const struct rt_roster_row *rows, size_t n)
{
	struct roster *r = ctx;
	char b[4][64];
	size_t i, at = 0;

	r->n = n;
	snprintf(r->version, sizeof(r->version), "%s", show(version, b[0], sizeof(b[0])));
	for (i = 0; i < n; i++)
		at += (size_t)snprintf(r->text + at, sizeof(r->text) - at, "%s %s %s %s %d %d;",
				       show(rows[i].jid, b[0], 64), show(rows[i].name, b[1], 64),
				       show(rows[i].groups, b[2], 64),
				       show(rows[i].request, b[3], 64), rows[i].subscription,
				       rows[i].ask);
	on_done(s, &r->a, err);
}

static struct roster get_roster(const char *node)
{
	struct roster r = {.a = {.expected = 1}};

	rt_store_roster_get(shard, who(node), on_roster, &r);
	wait_for(&r.a);
	return r;
}

#define NONE ((struct rt_str){NULL, 0})

START_TEST(test_roster_items_come_back_as_they_were_put)
{
	struct rt_roster_row full = {RT_STR("b@x"),
				     RT_STR("Bob"),
				     RT_STR("<group>g</group>"),
				     RT_STR("<status/>"),
				     3,
				     2};
	struct rt_roster_row bare = {RT_STR("a@x"), NONE, NONE, NONE, 0, 1};
	struct rt_roster_row empty = {RT_STR("c@x"), RT_STR(""), RT_STR(""), RT_STR(""), 1, 0};
	struct roster r;

	create("alice");
	r = get_roster("alice");
	ck_assert_int_eq(r.a.err, RT_OK);
	ck_assert_str_eq(r.version, "-");
	ck_assert_uint_eq(r.n, 0);

#define PUT(row, version) DO(rt_store_roster_put(shard, who("alice"), &(row), version, on_done, &a))
	ck_assert_int_eq(PUT(full, RT_STR("v1")), RT_OK);
	ck_assert_int_eq(PUT(bare, NONE), RT_OK);
	ck_assert_int_eq(PUT(empty, NONE), RT_OK);
	r = get_roster("alice");
	ck_assert_str_eq(r.version, "'v1'");
	ck_assert_str_eq(r.text, "'a@x' - - - 0 1;'b@x' 'Bob' '<group>g</group>' '<status/>' 3 2;"
				 "'c@x' '' '' '' 1 0;");

	full.name = NONE;
	full.request = NONE;
	ck_assert_int_eq(PUT(full, RT_STR("v2")), RT_OK);
	ck_assert_int_eq(
		DO(rt_store_roster_delete(shard, who("alice"), RT_STR("a@x"), NONE, on_done, &a)),
		RT_OK);
	ck_assert_int_eq(DO(rt_store_roster_delete(shard, who("alice"), RT_STR("c@x"), RT_STR("v3"),
						   on_done, &a)),
			 RT_OK);
	r = get_roster("alice");
	ck_assert_str_eq(r.version, "'v3'");
	ck_assert_str_eq(r.text, "'b@x' - '<group>g</group>' - 3 2;");
}
END_TEST

START_TEST(test_roster_of_nobody_is_empty_and_refuses_items)
{
	struct rt_roster_row row = {.jid = RT_STR("a@x")};
	struct roster r = get_roster("nobody");

	ck_assert_int_eq(r.a.err, RT_OK);
	ck_assert_uint_eq(r.n, 0);
	ck_assert_int_eq(
		DO(rt_store_roster_put(shard, who("nobody"), &row, RT_STR("v"), on_done, &a)),
		RT_E_NOTFOUND);
	ck_assert_uint_eq(get_roster("nobody").n, 0);
}
END_TEST

/* ---- offline messages --------------------------------------------------------------------------
 */

START_TEST(test_offline_messages_keep_their_order_and_limit)
{
	struct messages m;

	ck_assert_int_eq(put_message("alice", "x", 0, -1), RT_E_NOTFOUND);
	create("alice");
	create("bob");
	ck_assert_int_eq(put_message("alice", "x", 0, 0), RT_E_LIMIT);
	ck_assert_int_eq(put_message("alice", "one", 0, 2), RT_OK);
	ck_assert_int_eq(put_message("bob", "his", 0, 2), RT_OK);
	ck_assert_int_eq(put_message("alice", "two", 0, 2), RT_OK);
	ck_assert_int_eq(put_message("alice", "three", 0, 2), RT_E_LIMIT);
	ck_assert_int_eq(put_message("alice", "four", 0, -1), RT_OK);
	m = get_messages("alice", 0);
	ck_assert_str_eq(m.text, "one,two,four,");
	ck_assert_int_eq(m.stamp, 77);
	ck_assert_str_eq(get_messages("alice", m.first).text, "two,four,");
	ck_assert_str_eq(get_messages("bob", 0).text, "his,");
}
END_TEST

START_TEST(test_offline_messages_stay_until_deleted_and_ids_never_return)
{
	struct messages m, n;

	create("alice");
	put_message("alice", "one", 0, -1);
	put_message("alice", "two", 0, -1);
	m = get_messages("alice", 0);
	put_message("alice", "three", 0, -1);
	ck_assert_int_eq(DO(rt_store_offline_delete(shard, who("alice"), m.last, on_done, &a)),
			 RT_OK);
	n = get_messages("alice", 0);
	ck_assert_str_eq(n.text, "three,");
	/* Two sessions that were handed the same messages both delete them. */
	DO(rt_store_offline_delete(shard, who("alice"), n.last, on_done, &a));
	put_message("alice", "four", 0, -1);
	DO(rt_store_offline_delete(shard, who("alice"), n.last, on_done, &a));
	ck_assert_str_eq(get_messages("alice", 0).text, "four,");
}
END_TEST

START_TEST(test_offline_messages_expire)
{
	create("alice");
	rt_clock_fake(true, 1, 1000);
	ck_assert_int_eq(put_message("alice", "short", 2000, 2), RT_OK);
	ck_assert_int_eq(put_message("alice", "long", 9000, 2), RT_OK);
	ck_assert_str_eq(get_messages("alice", 0).text, "short,long,");
	ck_assert_int_eq(put_message("alice", "no", 0, 2), RT_E_LIMIT);
	rt_clock_fake(true, 1, 2000);
	ck_assert_str_eq(get_messages("alice", 0).text, "long,");
	/* An expired message takes no room. */
	ck_assert_int_eq(put_message("alice", "more", 0, 2), RT_OK);
	DO(rt_store_offline_delete(shard, who("alice"), 0, on_done, &a));
	rt_clock_fake(true, 1, 1000);
	ck_assert_str_eq(get_messages("alice", 0).text, "long,more,");
	rt_clock_fake(false, 0, 0);
}
END_TEST

START_TEST(test_offline_messages_come_in_pages)
{
	struct answers a = {.expected = RT_OFFLINE_PAGE_ROWS + 3};
	char *big = malloc(RT_OFFLINE_PAGE_BYTES);
	struct messages m;
	int i;

	create("alice");
	create("bob");
	for (i = 0; i < a.expected; i++)
		rt_store_offline_put(shard, who("alice"), RT_STR("m"), i, 0, -1, on_done, &a);
	wait_for(&a);
	m = get_messages("alice", 0);
	ck_assert_uint_eq(m.n, RT_OFFLINE_PAGE_ROWS);
	m = get_messages("alice", m.last);
	ck_assert_uint_eq(m.n, 3);
	ck_assert_uint_eq(get_messages("alice", m.last).n, 0);

	memset(big, 'x', RT_OFFLINE_PAGE_BYTES);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(
			DO(rt_store_offline_put(shard, who("bob"),
						(struct rt_str){big, RT_OFFLINE_PAGE_BYTES / 2}, 0,
						0, -1, on_done, &a)),
			RT_OK);
	m = get_messages("bob", 0);
	ck_assert_uint_eq(m.n, 2);
	ck_assert_uint_eq(get_messages("bob", m.last).n, 1);
	free(big);
}
END_TEST

/* ---- private XML, last activity, vCards --------------------------------------------------------
 */

struct text {
	struct answers a;
	char text[256];
	int64_t number;
};

static void on_text(struct rt_shard *s, void *ctx, int err, struct rt_str text)
{
	struct text *t = ctx;

	snprintf(t->text, sizeof(t->text), "%.*s", RT_STR_ARG(text));
	on_done(s, &t->a, err);
}

static void on_last(struct rt_shard *s, void *ctx, int err, int64_t wall_s, struct rt_str text)
{
	((struct text *)ctx)->number = wall_s;
	on_text(s, ctx, err, text);
}

#define GET(call)                                                                                  \
	({                                                                                         \
		struct text r = {.a = {.expected = 1}};                                            \
		call;                                                                              \
		wait_for(&r.a);                                                                    \
		r;                                                                                 \
	})

START_TEST(test_private_is_replaced_by_namespace)
{
	struct rt_private_row two[] = {{RT_STR("urn:a"), RT_STR("<a/>")},
				       {RT_STR("urn:b"), RT_STR("<b/>")}};
	struct rt_private_row again = {RT_STR("urn:a"), RT_STR("<a>2</a>")};

#define PRIVATE(ns) GET(rt_store_private_get(shard, who("alice"), RT_STR(ns), on_text, &r))
	ck_assert_int_eq(DO(rt_store_private_put(shard, who("alice"), two, 2, on_done, &a)),
			 RT_E_NOTFOUND);
	create("alice");
	ck_assert_int_eq(PRIVATE("urn:a").a.err, RT_E_NOTFOUND);
	ck_assert_int_eq(DO(rt_store_private_put(shard, who("alice"), two, 2, on_done, &a)), RT_OK);
	ck_assert_int_eq(DO(rt_store_private_put(shard, who("alice"), &again, 1, on_done, &a)),
			 RT_OK);
	ck_assert_str_eq(PRIVATE("urn:a").text, "<a>2</a>");
	ck_assert_str_eq(PRIVATE("urn:b").text, "<b/>");
}
END_TEST

START_TEST(test_last_is_the_latest)
{
	struct text t;

	create("alice");
	ck_assert_int_eq(GET(rt_store_last_get(shard, who("alice"), on_last, &r)).a.err,
			 RT_E_NOTFOUND);
	rt_store_last_put(shard, who("alice"), 100, RT_STR("bye"));
	t = GET(rt_store_last_get(shard, who("alice"), on_last, &r));
	ck_assert_int_eq(t.number, 100);
	ck_assert_str_eq(t.text, "bye");
	rt_store_last_put(shard, who("alice"), 200, NONE);
	t = GET(rt_store_last_get(shard, who("alice"), on_last, &r));
	ck_assert_int_eq(t.number, 200);
	ck_assert_str_eq(t.text, "");
	rt_store_last_put(shard, who("nobody"), 200, NONE);
}
END_TEST

static int put_vcard(struct rt_account account, const char *fn, const char *nick)
{
	struct rt_str fields[RT_NVCARD_FIELDS] = {{NULL, 0}};

	fields[RT_VCARD_USER] = account.node;
	fields[RT_VCARD_FN] = rt_str_of(fn);
	fields[RT_VCARD_NICK] = rt_str_of(nick);
	return DO(rt_store_vcard_put(shard, account, rt_str_of(fn), fields, on_done, &a));
}

static void on_found(struct rt_shard *s, void *ctx, int err, const struct rt_vcard_row *rows,
		     size_t n)
{
	struct text *t = ctx;
	size_t i, at = 0;

	for (i = 0; i < n; i++)
		at += (size_t)snprintf(t->text + at, sizeof(t->text) - at, "%.*s=%.*s,",
				       RT_STR_ARG(rows[i].node),
				       RT_STR_ARG(rows[i].fields[RT_VCARD_FN]));
	on_done(s, &t->a, err);
}

static struct text search(const char *fn, const char *nick, int64_t limit)
{
	struct rt_str patterns[RT_NVCARD_FIELDS] = {{NULL, 0}};

	patterns[RT_VCARD_FN] = rt_str_of(fn);
	patterns[RT_VCARD_NICK] = rt_str_of(nick);
	return GET(rt_store_vcard_search(shard, RT_STR(HOST), patterns, limit, on_found, &r));
}

START_TEST(test_vcards_are_found_by_folded_fields_and_prefixes)
{
	struct rt_account elsewhere = {RT_STR("ann"), RT_STR("other.example")};
	struct rt_credentials c = keys(1);

	create("ann");
	create("bea");
	create("cia");
	DO(rt_store_account_create(shard, elsewhere, &c, on_done, &a));
	ck_assert_int_eq(put_vcard(who("ann"),
				   "Ann Stra\xc3\x9f"
				   "e",
				   "Annie"),
			 RT_OK);
	ck_assert_int_eq(put_vcard(who("bea"), "Bea 100%", "ann_x"), RT_OK);
	ck_assert_int_eq(put_vcard(who("cia"), "\xc3\x84nne", ""), RT_OK);
	ck_assert_int_eq(put_vcard(elsewhere, "Ann Elsewhere", "Annie"), RT_OK);
	ck_assert_int_eq(put_vcard(who("dan"), "Dan", ""), RT_E_NOTFOUND);

	ck_assert_str_eq(search("ANN STRASSE", "", -1).text, "ann=Ann Stra\xc3\x9f"
							     "e,");
	ck_assert_str_eq(search("ann", "", -1).text, "");
	ck_assert_str_eq(search("ann*", "", -1).text, "ann=Ann Stra\xc3\x9f"
						      "e,");
	ck_assert_str_eq(search("\xc3\xa4*", "", -1).text, "cia=\xc3\x84nne,");
	ck_assert_str_eq(search("", "ANN*", -1).text, "ann=Ann Stra\xc3\x9f"
						      "e,bea=Bea 100%,");
	ck_assert_str_eq(search("", "ANN*", 1).text, "ann=Ann Stra\xc3\x9f"
						     "e,");
	ck_assert_str_eq(search("bea*", "ANN*", -1).text, "bea=Bea 100%,");
	ck_assert_str_eq(search("%", "", -1).text, "");
	ck_assert_str_eq(search("b_a*", "", -1).text, "");
	ck_assert_str_eq(search("*", "", 2).text, "ann=Ann Stra\xc3\x9f"
						  "e,bea=Bea 100%,");

	ck_assert_int_eq(put_vcard(who("ann"), "Other", ""), RT_OK);
	ck_assert_str_eq(search("ann*", "", -1).text, "");
	ck_assert_str_eq(GET(rt_store_vcard_get(shard, who("ann"), on_text, &r)).text, "Other");
	ck_assert_int_eq(GET(rt_store_vcard_get(shard, who("dan"), on_text, &r)).a.err,
			 RT_E_NOTFOUND);
}
END_TEST

START_TEST(test_removal_takes_everything)
{
	struct rt_private_row row = {RT_STR("urn:a"), RT_STR("<a/>")};
	struct rt_roster_row item = {.jid = RT_STR("b@x")};

	create("alice");
	DO(rt_store_private_put(shard, who("alice"), &row, 1, on_done, &a));
	DO(rt_store_roster_put(shard, who("alice"), &item, RT_STR("v"), on_done, &a));
	put_message("alice", "m", 0, -1);
	put_vcard(who("alice"), "Alice", "al");
	rt_store_last_put(shard, who("alice"), 1, NONE);
	ck_assert_int_eq(DO(rt_store_account_remove(shard, who("alice"), on_done, &a)), RT_OK);
	ck_assert_int_eq(DO(rt_store_account_remove(shard, who("alice"), on_done, &a)),
			 RT_E_NOTFOUND);
	create("alice"); /* the name comes back: the data must not */
	ck_assert_int_eq(PRIVATE("urn:a").a.err, RT_E_NOTFOUND);
	ck_assert_uint_eq(get_roster("alice").n, 0);
	ck_assert_str_eq(get_roster("alice").version, "-");
	ck_assert_uint_eq(get_messages("alice", 0).n, 0);
	ck_assert_str_eq(search("alice", "", -1).text, "");
	ck_assert_int_eq(GET(rt_store_vcard_get(shard, who("alice"), on_text, &r)).a.err,
			 RT_E_NOTFOUND);
	ck_assert_int_eq(GET(rt_store_last_get(shard, who("alice"), on_last, &r)).a.err,
			 RT_E_NOTFOUND);
}
END_TEST

static Suite *suite(void)
{
	const struct {
		const char *name;
		const TTest *tests[8];
	} cases[] = {
		{"accounts",
		 {test_account_keeps_its_keys, test_accounts_are_listed_by_host_and_sorted,
		  test_removal_takes_everything}},
		{"roster",
		 {test_roster_items_come_back_as_they_were_put,
		  test_roster_of_nobody_is_empty_and_refuses_items}},
		{"offline",
		 {test_offline_messages_keep_their_order_and_limit,
		  test_offline_messages_stay_until_deleted_and_ids_never_return,
		  test_offline_messages_expire, test_offline_messages_come_in_pages}},
		{"others",
		 {test_private_is_replaced_by_namespace, test_last_is_the_latest,
		  test_vcards_are_found_by_folded_fields_and_prefixes}},
	};
	Suite *s = suite_create("store");
	size_t i, j;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		TCase *tc = tcase_create(cases[i].name);

		tcase_set_timeout(tc, 60);
		tcase_add_checked_fixture(tc, setup, teardown);
		for (j = 0; j < 8 && cases[i].tests[j] != NULL; j++)
			tcase_add_test(tc, cases[i].tests[j]);
		suite_add_tcase(s, tc);
	}
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite());
	int failed;

	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
