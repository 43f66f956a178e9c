/* test_stanza.c - trees of stanzas: building, changing, reading, errors, copies. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "xml/xml_writer.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static struct rt_stanza *st;
static struct rt_buf buf;

static void setup(void)
{
	st = rt_stanza_new("iq", RT_STANZA_IQ);
	ck_assert_ptr_nonnull(st);
	buf = (struct rt_buf){0};
}

static void teardown(void)
{
	rt_stanza_free(&st);
	rt_buf_fini(&buf);
	rt_arena_pool_trim(0);
}

static const char *written(struct rt_stanza *stanza)
{
	rt_buf_fini(&buf);
	rt_xml_write_stanza(&buf, stanza, NULL, NULL);
	rt_buf_add(&buf, "", 1);
	ck_assert(!buf.failed);
	return buf.data + buf.start;
}

static struct rt_stanza *parsed(const char *text)
{
	struct rt_stanza *stanza = rt_xml_parse_stanza(rt_str_of(text));

	ck_assert_msg(stanza != NULL, "%s", text);
	return stanza;
}

static void replace(const char *text)
{
	rt_stanza_free(&st);
	st = parsed(text);
}

static struct rt_jid jid(const char *text)
{
	struct rt_jid out;

	ck_assert_int_eq(rt_jid_parse(&st->arena, rt_str_of(text), &out), RT_OK);
	return out;
}

START_TEST(test_stanza_is_built_in_order)
{
	struct rt_jid to = jid("a@b/c"), from = jid("b");
	struct rt_elem *query;

	rt_stanza_set_id(st, RT_STR("1'"));
	rt_stanza_set_type(st, RT_TYPE_SET);
	rt_stanza_set_to(st, &to);
	rt_stanza_set_from(st, &from);
	query = rt_elem_add(st, st->root, "query", "jabber:iq:roster");
	rt_elem_set(st, rt_elem_add(st, query, "item", NULL), "jid", RT_STR("x&y"));
	rt_elem_text(st, rt_elem_add(st, query, "group", NULL), RT_STR("<friends>"));
	ck_assert_str_eq(written(st), "<iq from='b' to='a@b/c' id='1&apos;' type='set'>"
				      "<query xmlns='jabber:iq:roster'><item jid='x&amp;y'/>"
				      "<group>&lt;friends&gt;</group></query></iq>");
	ck_assert(!st->failed);
}
END_TEST

START_TEST(test_building_accepts_nothing_to_build_on)
{
	rt_elem_set(st, rt_elem_add(st, NULL, "a", NULL), "b", RT_STR("c"));
	rt_elem_text(st, NULL, RT_STR("d"));
	rt_elem_adopt(st, NULL, NULL);
	rt_elem_clear(st, NULL);
	rt_stanza_set_type(NULL, RT_TYPE_GET);
	rt_stanza_set_id(NULL, RT_STR("e"));
	rt_stanza_set_to(NULL, NULL);
	ck_assert_ptr_null(rt_elem_add(NULL, NULL, "a", NULL));
	ck_assert_str_eq(written(st), "<iq/>");
}
END_TEST

START_TEST(test_attributes_are_replaced_and_removed)
{
	struct rt_elem *e = rt_elem_add(st, st->root, "x", "y");

	rt_elem_set(st, e, "a", RT_STR("1"));
	rt_elem_set(st, e, "b", RT_STR("2"));
	rt_elem_set(st, e, "xml:lang", RT_STR("en"));
	rt_elem_set(st, e, "a", RT_STR(""));
	ck_assert_str_eq(written(st), "<iq><x xmlns='y' a='' b='2' xml:lang='en'/></iq>");
	ck_assert_ptr_nonnull(rt_elem_attr(e, "a").p);
	ck_assert(rt_str_is(rt_elem_attr(e, "xml:lang"), "en"));
	ck_assert_ptr_null(rt_elem_attr(e, "lang").p);
	rt_elem_set(st, e, "a", (struct rt_str){NULL, 0});
	rt_elem_set(st, e, "none", (struct rt_str){NULL, 0});
	ck_assert_ptr_null(rt_elem_attr(e, "a").p);
	ck_assert_str_eq(written(st), "<iq><x xmlns='y' b='2' xml:lang='en'/></iq>");
}
END_TEST

START_TEST(test_root_attributes_and_fields_agree)
{
	rt_elem_set(st, st->root, "type", RT_STR("result"));
	rt_elem_set(st, st->root, "id", RT_STR("x"));
	rt_elem_set(st, st->root, "xml:lang", RT_STR("de"));
	ck_assert_int_eq(st->type, RT_TYPE_RESULT);
	ck_assert(rt_str_is(st->id, "x"));
	ck_assert(rt_str_is(st->lang, "de"));
	rt_stanza_set_type(st, RT_TYPE_NONE);
	ck_assert_ptr_null(rt_elem_attr(st->root, "type").p);
	ck_assert_str_eq(written(st), "<iq id='x' xml:lang='de'/>");
	/* a field alone is enough, as for the language that a stream lends its stanzas */
	rt_elem_set(st, st->root, "xml:lang", (struct rt_str){NULL, 0});
	st->lang = RT_STR("pl");
	ck_assert_str_eq(written(st), "<iq id='x' xml:lang='pl'/>");
}
END_TEST

START_TEST(test_children_are_found_removed_and_walked)
{
	struct rt_elem *e;
	int n = 0;

	replace("<message>t<a/><b xmlns='n'/>u<a xmlns='n' i='2'/><c/></message>");
	ck_assert_ptr_eq(rt_elem_child(st->root, "a", NULL), rt_elem_next(st->root, NULL));
	e = rt_elem_child(st->root, "a", "n");
	ck_assert(rt_str_is(rt_elem_attr(e, "i"), "2"));
	ck_assert_ptr_null(rt_elem_child(st->root, "aa", NULL));
	ck_assert_ptr_null(rt_elem_child(st->root, "", NULL));
	ck_assert_ptr_null(rt_elem_child(NULL, "a", NULL));
	ck_assert_ptr_null(rt_elem_next(NULL, NULL));
	/* removing while walking */
	for (e = rt_elem_next(st->root, NULL); e != NULL; e = rt_elem_next(st->root, e)) {
		n++;
		if (rt_elem_is(e, "a", NULL))
			rt_elem_remove_child(st->root, e);
	}
	ck_assert_int_eq(n, 4);
	ck_assert_str_eq(written(st), "<message>t<b xmlns='n'/>u<c/></message>");
	rt_elem_remove_child(st->root, rt_elem_child(st->root, "c", NULL));
	rt_elem_add(st, st->root, "d", NULL); /* the end is where it should be */
	ck_assert_str_eq(written(st), "<message>t<b xmlns='n'/>u<d/></message>");
}
END_TEST

START_TEST(test_names_and_namespaces_match_whole)
{
	struct rt_elem *e = rt_elem_add(st, st->root, "query", "jabber:iq:last");

	ck_assert(rt_elem_is(e, "query", "jabber:iq:last"));
	ck_assert(rt_elem_is(e, "query", NULL));
	ck_assert(!rt_elem_is(e, "quer", NULL));
	ck_assert(!rt_elem_is(e, "query1", NULL));
	ck_assert(!rt_elem_is(e, "query", "jabber:iq:las"));
	ck_assert(!rt_elem_is(e, "query", ""));
	ck_assert(!rt_elem_is(NULL, "query", NULL));
	ck_assert(rt_elem_is_content(st->root));
	ck_assert(!rt_elem_is_content(e));
	ck_assert(rt_elem_is_content(rt_elem_add(st, e, "body", "jabber:client")));
}
END_TEST

START_TEST(test_text_is_joined)
{
	struct rt_elem *e = rt_elem_add(st, st->root, "x", NULL);

	ck_assert_ptr_nonnull(rt_elem_get_text(st, e).p);
	ck_assert_uint_eq(rt_elem_get_text(st, e).n, 0);
	rt_elem_text(st, e, RT_STR("one"));
	ck_assert_ptr_eq(rt_elem_get_text(st, e).p, e->first->text.p);
	rt_elem_add(st, e, "y", NULL);
	rt_elem_text(st, e, RT_STR(" two"));
	ck_assert(rt_str_is(rt_elem_get_text(st, e), "one two"));
	ck_assert_uint_eq(rt_elem_get_text(st, NULL).n, 0);
}
END_TEST

START_TEST(test_adopted_children_belong)
{
	struct rt_stanza *other = parsed("<message><body>hi</body></message>");
	struct rt_elem *wrap = rt_elem_add(st, st->root, "forwarded", "urn:xmpp:forward:0");

	rt_elem_adopt(st, wrap, other->root);
	ck_assert_str_eq(written(st), "<iq><forwarded xmlns='urn:xmpp:forward:0'>"
				      "<message xmlns='jabber:client'><body>hi</body></message>"
				      "</forwarded></iq>");
	ck_assert_ptr_null(rt_elem_next(wrap, other->root));
	rt_stanza_free(&other);
	rt_elem_clear(st, st->root);
	ck_assert_str_eq(written(st), "<iq/>");
}
END_TEST

static const struct {
	enum rt_stanza_kind kind;
	const char *text; /* NULL: absent */
	enum rt_stanza_type type;
} type_cases[] = {
	{RT_STANZA_IQ, "get", RT_TYPE_GET},
	{RT_STANZA_IQ, "set", RT_TYPE_SET},
	{RT_STANZA_IQ, "result", RT_TYPE_RESULT},
	{RT_STANZA_IQ, "error", RT_TYPE_ERROR},
	{RT_STANZA_IQ, "chat", RT_TYPE_UNKNOWN},
	{RT_STANZA_IQ, NULL, RT_TYPE_NONE},
	{RT_STANZA_IQ, "", RT_TYPE_UNKNOWN},
	{RT_STANZA_IQ, "Get", RT_TYPE_UNKNOWN},
	{RT_STANZA_IQ, "gets", RT_TYPE_UNKNOWN},
	{RT_STANZA_MESSAGE, "chat", RT_TYPE_CHAT},
	{RT_STANZA_MESSAGE, "normal", RT_TYPE_NORMAL},
	{RT_STANZA_MESSAGE, "groupchat", RT_TYPE_GROUPCHAT},
	{RT_STANZA_MESSAGE, "headline", RT_TYPE_HEADLINE},
	{RT_STANZA_MESSAGE, "error", RT_TYPE_ERROR},
	{RT_STANZA_MESSAGE, "get", RT_TYPE_UNKNOWN},
	{RT_STANZA_MESSAGE, "foo", RT_TYPE_UNKNOWN},
	{RT_STANZA_MESSAGE, "unavailable", RT_TYPE_UNKNOWN},
	{RT_STANZA_PRESENCE, "unavailable", RT_TYPE_UNAVAILABLE},
	{RT_STANZA_PRESENCE, "subscribe", RT_TYPE_SUBSCRIBE},
	{RT_STANZA_PRESENCE, "subscribed", RT_TYPE_SUBSCRIBED},
	{RT_STANZA_PRESENCE, "unsubscribe", RT_TYPE_UNSUBSCRIBE},
	{RT_STANZA_PRESENCE, "unsubscribed", RT_TYPE_UNSUBSCRIBED},
	{RT_STANZA_PRESENCE, "probe", RT_TYPE_PROBE},
	{RT_STANZA_PRESENCE, "invisible", RT_TYPE_INVISIBLE},
	{RT_STANZA_PRESENCE, "error", RT_TYPE_ERROR},
	{RT_STANZA_PRESENCE, "available", RT_TYPE_UNKNOWN},
	{RT_STANZA_OTHER, "chat", RT_TYPE_CHAT},
	{RT_STANZA_OTHER, "result", RT_TYPE_RESULT},
	{RT_STANZA_OTHER, "foo", RT_TYPE_UNKNOWN},
};

START_TEST(test_types_are_those_of_the_kind)
{
	struct rt_str text = {NULL, 0};
	enum rt_stanza_type type;

	if (type_cases[_i].text != NULL)
		text = rt_str_of(type_cases[_i].text);
	type = rt_stanza_type_parse(type_cases[_i].kind, text);
	ck_assert_msg(type == type_cases[_i].type, "case %d '%s': %d", _i, type_cases[_i].text,
		      (int)type);
	if (type > RT_TYPE_UNKNOWN)
		ck_assert(rt_str_eq(rt_stanza_type_text(type), text));
}
END_TEST

START_TEST(test_addresses_that_are_no_jids_are_told)
{
	replace("<message to='@x' from='a@b' type='foo'/>");
	ck_assert(st->bad_to);
	ck_assert(!st->bad_from);
	ck_assert_uint_eq(st->to.domain.n, 0);
	ck_assert(rt_str_is(rt_elem_attr(st->root, "to"), "@x"));
	ck_assert_int_eq(st->type, RT_TYPE_UNKNOWN);
	ck_assert_str_eq(written(st), "<message from='a@b' type='foo'/>");
	replace("<message to='' from='a@b/' />");
	ck_assert(st->bad_to);
	ck_assert(st->bad_from);
	replace("<message/>");
	ck_assert(!st->bad_to);
	ck_assert(!st->bad_from);
}
END_TEST

/* RFC 6120, 8.3.3, as the defined conditions are with MongooseIM's codes. */
static const struct {
	enum rt_stanza_error error;
	const char *xml;
} error_cases[] = {
#define X(name, condition, type, code)                                                             \
	{RT_SE_##name, "<error code='" #code "' type='" type "'><" condition                       \
		       " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"},
	RT_STANZA_ERRORS(X)
#undef X
};

START_TEST(test_every_error_has_condition_type_and_code)
{
	char expected[512];

	replace("<iq type='get' id='1' to='a@b' from='c@d/e'><q xmlns='n'/></iq>");
	rt_stanza_make_error(st, error_cases[_i].error, (struct rt_str){NULL, 0}, true);
	snprintf(expected, sizeof(expected),
		 "<iq from='a@b' to='c@d/e' type='error' id='1'><q xmlns='n'/>%s</iq>",
		 error_cases[_i].xml);
	ck_assert_str_eq(written(st), expected);
}
END_TEST

START_TEST(test_error_may_drop_children_and_carry_text)
{
	replace("<message to='a@b' from='c@d/e' id='1'><body>x</body></message>");
	rt_xml_cache_children(st);
	rt_stanza_make_error(st, RT_SE_NOT_ACCEPTABLE, RT_STR("too <weak>"), false);
	ck_assert_str_eq(written(st),
			 "<message from='a@b' to='c@d/e' type='error' id='1'>"
			 "<error code='406' type='modify'>"
			 "<not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
			 "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>too &lt;weak&gt;</text>"
			 "</error></message>");
	ck_assert_int_eq(st->type, RT_TYPE_ERROR);
}
END_TEST

START_TEST(test_error_to_a_malformed_address_has_no_from)
{
	replace("<message to='@x' from='c@d/e' id='1'/>");
	rt_stanza_make_error(st, RT_SE_JID_MALFORMED, (struct rt_str){NULL, 0}, true);
	ck_assert_ptr_nonnull(strstr(written(st), "<message to='c@d/e' type='error' id='1'>"));
	ck_assert(st->bad_from);
	ck_assert(!st->bad_to);
}
END_TEST

/* RFC 6120, 8.3.1 and 8.2.3: no error answers an error or a result */
static const struct {
	const char *xml;
	bool wants;
} wants_cases[] = {
	{"<iq type='get'/>", true},
	{"<iq type='set'/>", true},
	{"<iq type='result'/>", false},
	{"<iq type='error'/>", false},
	{"<iq type='foo'/>", true},
	{"<message/>", true},
	{"<message type='error'/>", false},
	{"<message type='result'/>", true},
	{"<presence/>", true},
	{"<presence type='error'/>", false},
};

START_TEST(test_errors_never_answer_errors_or_results)
{
	replace(wants_cases[_i].xml);
	ck_assert_msg(rt_stanza_wants_error(st) == wants_cases[_i].wants, "%s",
		      wants_cases[_i].xml);
}
END_TEST

START_TEST(test_copy_is_equal_and_shares_nothing)
{
	static const char xml[] =
		"<message from='a@b/c' to='d@e' xml:lang='pl' type='chat' id='7' x='y'>one"
		"<body>two</body><z xmlns='urn:unknown:z' xmlns:p='urn:p' p:q='r'><z/></z>"
		"<forwarded xmlns='urn:xmpp:forward:0'><body xmlns='jabber:client'/></forwarded>"
		"</message>";
	struct rt_stanza *copy;

	replace(xml);
	copy = rt_stanza_copy(st);
	ck_assert_ptr_nonnull(copy);
	ck_assert_int_eq(copy->kind, RT_STANZA_MESSAGE);
	ck_assert_int_eq(copy->type, RT_TYPE_CHAT);
	rt_elem_clear(st, st->root);
	rt_stanza_free(&st);
	st = copy;
	ck_assert_str_eq(written(st), xml);
	ck_assert(
		rt_elem_is_content(rt_elem_next(rt_elem_child(st->root, "forwarded", NULL), NULL)));
}
END_TEST

START_TEST(test_every_change_forgets_the_cached_children)
{
	struct rt_elem *a = rt_elem_add(st, st->root, "a", NULL);

	rt_xml_cache_children(st);
	ck_assert(rt_str_is(st->children, "<a/>"));
	rt_elem_set(st, a, "b", RT_STR("c"));
	ck_assert_str_eq(written(st), "<iq><a b='c'/></iq>");
	rt_xml_cache_children(st);
	rt_elem_text(st, a, RT_STR("d"));
	ck_assert_str_eq(written(st), "<iq><a b='c'>d</a></iq>");
	rt_xml_cache_children(st);
	rt_elem_add(st, a, "e", NULL);
	ck_assert_str_eq(written(st), "<iq><a b='c'>d<e/></a></iq>");
	rt_xml_cache_children(st);
	rt_elem_clear(st, st->root);
	ck_assert_str_eq(written(st), "<iq/>");
	rt_xml_cache_children(st);
	ck_assert_str_eq(written(st), "<iq/>");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stanza");
	TCase *tc = tcase_create("stanza");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_stanza_is_built_in_order);
	tcase_add_test(tc, test_building_accepts_nothing_to_build_on);
	tcase_add_test(tc, test_attributes_are_replaced_and_removed);
	tcase_add_test(tc, test_root_attributes_and_fields_agree);
	tcase_add_test(tc, test_children_are_found_removed_and_walked);
	tcase_add_test(tc, test_names_and_namespaces_match_whole);
	tcase_add_test(tc, test_text_is_joined);
	tcase_add_test(tc, test_adopted_children_belong);
	tcase_add_loop_test(tc, test_types_are_those_of_the_kind, 0, ARRAY_LEN(type_cases));
	tcase_add_test(tc, test_addresses_that_are_no_jids_are_told);
	tcase_add_loop_test(tc, test_every_error_has_condition_type_and_code, 0,
			    ARRAY_LEN(error_cases));
	tcase_add_test(tc, test_error_may_drop_children_and_carry_text);
	tcase_add_test(tc, test_error_to_a_malformed_address_has_no_from);
	tcase_add_loop_test(tc, test_errors_never_answer_errors_or_results, 0,
			    ARRAY_LEN(wants_cases));
	tcase_add_test(tc, test_copy_is_equal_and_shares_nothing);
	tcase_add_test(tc, test_every_change_forgets_the_cached_children);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
