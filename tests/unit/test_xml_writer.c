/* test_xml_writer.c - what stanzas look like on the wire, and that reading it gives the same stanza
 * again. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/shard.h"
#include "xml/xml_writer.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static struct rt_buf buf;

static void setup(void)
{
	buf = (struct rt_buf){0};
}

static void teardown(void)
{
	rt_buf_fini(&buf);
	rt_arena_pool_trim(0);
}

static const char *content(void)
{
	ck_assert(!buf.failed);
	rt_buf_add(&buf, "", 1);
	buf.end--;
	return buf.data + buf.start;
}

static const char *written(struct rt_stanza *st)
{
	rt_buf_fini(&buf);
	rt_xml_write_stanza(&buf, st, NULL, NULL);
	return content();
}

static struct rt_stanza *parsed(const char *text)
{
	struct rt_stanza *st = rt_xml_parse_stanza(rt_str_of(text));

	ck_assert_msg(st != NULL, "%s", text);
	return st;
}

/* What is read, and how it is written; NULL: the same. */
static const struct {
	const char *in, *out;
} stanza_cases[] = {
	/* the order is that of MongooseIM: from, to, then the rest as it came */
	{"<message to='mike@localhost/one' type='chat' id='1' "
	 "from='mara@localhost/m'><body>hi</body></message>",
	 "<message from='mara@localhost/m' to='mike@localhost/one' type='chat' "
	 "id='1'><body>hi</body></message>"},
	{"<message xml:lang='de' to='mike@localhost/one'><body>hallo</body></message>",
	 "<message to='mike@localhost/one' xml:lang='de'><body>hallo</body></message>"},
	{"<iq id='b' type='result'/>", NULL},
	{"<iq type='error' id='b'/>", NULL},
	{"<iq id=''/>", NULL},
	{"<presence x='1' type='unavailable' y='2'/>", NULL},
	{"<message type='made-up'/>", NULL},
	{"<message to='A@B/C' from='D'/>", "<message from='d' to='a@b/C'/>"},
	{"<message to='a@b/&lt;\"&amp;&apos;'/>", "<message to='a@b/&lt;&quot;&amp;&apos;'/>"},
	/* namespaces */
	{"<iq xmlns='jabber:client'/>", "<iq/>"},
	{"<query xmlns='jabber:iq:roster'/>", NULL},
	{"<x xmlns=''/>", NULL},
	{"<iq><x xmlns=''><y/></x></iq>", NULL},
	{"<iq><query xmlns='n'><item/><item xmlns='m'><item/></item><body "
	 "xmlns='jabber:client'/></query></iq>",
	 NULL},
	{"<iq><p:query xmlns:p='n'><p:item/><item/></p:query></iq>",
	 "<iq><query xmlns='n'><item/><item xmlns='jabber:client'/></query></iq>"},
	{"<iq xmlns:p='n' p:a='1' p:b='2'><x p:c='3'/></iq>",
	 "<iq xmlns:p='n' p:a='1' p:b='2'><x xmlns:p='n' p:c='3'/></iq>"},
	{"<iq xmlns:p='n' xmlns:q='m' q:a='1' p:a='2' q:b='3'/>",
	 "<iq xmlns:q='m' q:a='1' xmlns:p='n' p:a='2' q:b='3'/>"},
	{"<iq xmlns:p='&apos;&lt;&#10;' p:a='1'/>", NULL},
	{"<iq xmlns:p='n' p:to='a@b' p:type='set' p:id='1'/>", NULL},
	{"<iq to='a@b' xmlns:p='n' p:to='c@d'/>", NULL},
	{"<body xml:lang='x' xml:space='preserve'/>", "<body xml:lang='x' xml:space='preserve'/>"},
	{"<x xmlns='&lt;&apos;'/>", NULL},
	/* the one namespace that has no other way to be said */
	{"<iq><xml:x><y/><z xmlns='n'><xml:x><z/></xml:x></z></xml:x></iq>", NULL},
	{"<xml:x><y/></xml:x>", NULL},
	/* text and values */
	{"<m>a&lt;b&gt;c&amp;d'e\"f</m>", NULL},
	{"<m a='&lt;&gt;&amp;&apos;&quot;&#9;&#10;&#13;'/>", NULL},
	{"<m>&#13;\n\t</m>", NULL},
	{"<m>\xf0\x9f\x98\x80 \xc3\xa4</m>", NULL},
	{"<m><![CDATA[<x>]]></m>", "<m>&lt;x&gt;</m>"},
	{"<m>a<b/>c<d>e</d></m>", NULL},
	{"<m></m>", "<m/>"},
	{"<m> </m>", NULL},
};

START_TEST(test_stanzas_are_written_as_expected)
{
	struct rt_stanza *st = parsed(stanza_cases[_i].in);
	const char *out = stanza_cases[_i].out != NULL ? stanza_cases[_i].out : stanza_cases[_i].in;

	ck_assert_str_eq(written(st), out);
	rt_stanza_free(&st);
	/* and so again, for good */
	st = parsed(out);
	ck_assert_str_eq(written(st), out);
	rt_xml_cache_children(st);
	ck_assert_str_eq(written(st), out);
	rt_stanza_free(&st);
}
END_TEST

START_TEST(test_addresses_may_be_overridden)
{
	struct rt_stanza *st =
		parsed("<message from='a@b' to='c@d' id='1'><body>x</body></message>");
	struct rt_jid to, from, none = {{NULL, 0}, {NULL, 0}, {NULL, 0}};

	ck_assert_int_eq(rt_jid_parse(&st->arena, RT_STR("e@f/g'"), &to), RT_OK);
	ck_assert_int_eq(rt_jid_parse(&st->arena, RT_STR("h"), &from), RT_OK);
	rt_xml_cache_children(st);
	rt_xml_write_stanza(&buf, st, &to, &from);
	ck_assert_str_eq(content(),
			 "<message from='h' to='e@f/g&apos;' id='1'><body>x</body></message>");
	rt_buf_fini(&buf);
	rt_xml_write_stanza(&buf, st, &none, &none);
	ck_assert_str_eq(content(), "<message id='1'><body>x</body></message>");
	rt_stanza_free(&st);
}
END_TEST

START_TEST(test_writing_appends)
{
	struct rt_stanza *st = parsed("<a><b xmlns='n'/></a>");

	rt_buf_addz(&buf, "1");
	rt_xml_write_stanza(&buf, st, NULL, NULL);
	rt_buf_addz(&buf, "2");
	rt_xml_write_elem(&buf, rt_elem_next(st->root, NULL), RT_STR("n"));
	rt_xml_write_elem(&buf, rt_elem_next(st->root, NULL), RT_STR("m"));
	rt_xml_write_text(&buf, RT_STR("<'"));
	rt_xml_write_attr_value(&buf, RT_STR("<'"));
	ck_assert_str_eq(content(), "1<a><b xmlns='n'/></a>2<b/><b xmlns='n'/>&lt;'&lt;&apos;");
	rt_stanza_free(&st);
}
END_TEST

/* Every length around the buffer's steps, with escapes at the edge. */
START_TEST(test_text_of_any_length_is_whole)
{
	char text[1200];

	memset(text, '&', sizeof(text));
	for (uint32_t n = 0; n < sizeof(text); n++) {
		rt_buf_fini(&buf);
		rt_xml_write_text(&buf, (struct rt_str){text, n});
		if (rt_buf_len(&buf) != n * 5)
			ck_abort_msg("%u bytes", n);
	}
	memset(text, 'x', sizeof(text));
	for (uint32_t n = 0; n < sizeof(text); n++) {
		rt_buf_fini(&buf);
		rt_xml_write_text(&buf, (struct rt_str){text, n});
		if (rt_buf_len(&buf) != n || (n != 0 && memcmp(buf.data, text, n) != 0))
			ck_abort_msg("%u bytes", n);
	}
}
END_TEST

START_TEST(test_control_characters_never_get_out)
{
	char all[32];

	for (int i = 0; i < 32; i++)
		all[i] = (char)i;
	rt_xml_write_text(&buf, (struct rt_str){all, sizeof(all)});
	for (uint32_t i = 0; i < rt_buf_len(&buf); i++) {
		unsigned char c = (unsigned char)buf.data[buf.start + i];

		ck_assert(c >= 0x20 || c == '\t' || c == '\n');
	}
	rt_buf_fini(&buf);
	rt_xml_write_attr_value(&buf, (struct rt_str){all, sizeof(all)});
	for (uint32_t i = 0; i < rt_buf_len(&buf); i++)
		ck_assert_uint_ge((unsigned char)buf.data[buf.start + i], 0x20);
}
END_TEST

START_TEST(test_cache_larger_than_a_block_is_whole)
{
	struct rt_stanza *st = rt_stanza_new("message", RT_STANZA_MESSAGE);
	struct rt_elem *body = rt_elem_add(st, st->root, "body", NULL);
	size_t n;

	for (int i = 0; i < 1000; i++)
		rt_elem_text(st, body, RT_STR("some & text\n"));
	n = strlen(written(st));
	ck_assert_uint_eq(n, strlen("<message><body></body></message>") + 16 * 1000);
	rt_xml_cache_children(st);
	ck_assert_uint_eq(st->children.n, strlen("<body></body>") + 16 * 1000);
	ck_assert_uint_eq(strlen(written(st)), n);
	rt_stanza_free(&st);
}
END_TEST

START_TEST(test_only_single_elements_are_parsed)
{
	static const char *const wrong[] = {
		"",
		"x",
		"<a>",
		"<a/><b/>",
		"<a/> ",
		" <a/>",
		"<a></b>",
		"<a",
		"<a/>x",
		"</a>",
		"<!-- -->",
		"<?xml?>",
		"<a>&x;</a>",
		"<p:a/>",
		"<a>\xff</a>",
		"<a b='1' b='2'/>",
		"<!DOCTYPE a><a/>",
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct rt_stanza *st = rt_xml_parse_stanza(rt_str_of(wrong[i]));

		ck_assert_msg(st == NULL, "'%s'", wrong[i]);
	}
	ck_assert_ptr_null(rt_xml_parse_stanza((struct rt_str){NULL, 0}));
}
END_TEST

START_TEST(test_stored_elements_join_a_stanza)
{
	struct rt_stanza *st = rt_stanza_new("iq", RT_STANZA_IQ);
	struct rt_elem *e =
		rt_xml_parse_elem(st, RT_STR("<vCard xmlns='vcard-temp'><FN>x</FN></vCard>"));

	ck_assert_ptr_nonnull(e);
	rt_elem_adopt(st, st->root, e);
	ck_assert_ptr_null(rt_xml_parse_elem(st, RT_STR("<vCard>")));
	ck_assert_str_eq(written(st), "<iq><vCard xmlns='vcard-temp'><FN>x</FN></vCard></iq>");
	rt_stanza_free(&st);
}
END_TEST

/* As deep and as wide as a stream allows, with what storing adds to it. */
START_TEST(test_what_a_stream_lets_in_can_be_stored_and_read)
{
	struct rt_stanza *st = rt_stanza_new("message", RT_STANZA_MESSAGE);
	struct rt_elem *e = st->root;
	static char names[64][16];

	for (int i = 1; i < 70; i++)
		e = rt_elem_add(st, e, "a", NULL);
	for (int i = 0; i < 64; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		rt_elem_set(st, e, names[i], RT_STR("v"));
	}
	written(st);
	rt_stanza_free(&st);
	st = rt_xml_parse_stanza((struct rt_str){buf.data + buf.start, (uint32_t)rt_buf_len(&buf)});
	ck_assert_ptr_nonnull(st);
	e = st->root;
	while (rt_elem_next(e, NULL) != NULL)
		e = rt_elem_next(e, NULL);
	ck_assert(rt_str_is(rt_elem_attr(e, "n63"), "v"));
	rt_stanza_free(&st);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("xml_writer");
	TCase *tc = tcase_create("writer");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_stanzas_are_written_as_expected, 0, ARRAY_LEN(stanza_cases));
	tcase_add_test(tc, test_addresses_may_be_overridden);
	tcase_add_test(tc, test_writing_appends);
	tcase_add_test(tc, test_text_of_any_length_is_whole);
	tcase_add_test(tc, test_control_characters_never_get_out);
	tcase_add_test(tc, test_cache_larger_than_a_block_is_whole);
	tcase_add_test(tc, test_only_single_elements_are_parsed);
	tcase_add_test(tc, test_stored_elements_join_a_stanza);
	tcase_add_test(tc, test_what_a_stream_lets_in_can_be_stored_and_read);
	suite_add_tcase(s, tc);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
