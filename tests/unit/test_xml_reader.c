/* test_xml_reader.c - bytes to events, however they are cut; limits to the
 * byte; what must be refused; who holds what. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/shard.h"
#include "xml/xml_parser.h"
#include "xml/xml_reader.h"
#include "xml/xml_writer.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define HEAD                                                                                       \
	"<stream:stream xmlns='jabber:client' "                                                    \
	"xmlns:stream='http://etherx.jabber.org/streams' "                                         \
	"to='example.org' version='1.0'>"
#define HEAD_EVENT                                                                                 \
	"H stream http://etherx.jabber.org/streams jabber:client to=example.org "                  \
	"version=1.0\n"

/* ---- a peer whose events are written down as text ---- */

struct peer {
	struct rt_xml_reader reader; /* first */
	struct rt_buf log;
	const char *stop_at; /* stop in the callback of the element with this name; ""
				the header */
	bool reset_at_stop;
	size_t most_memory;
	struct rt_stanza *kept; /* the last stanza, when wanted */
	bool keep;
	unsigned stanzas;
};

static struct rt_shard shard;

static struct peer *peer_of(struct rt_xml_reader *r)
{
	return (struct peer *)(void *)r;
}

static void note(struct peer *p, const char *label, struct rt_str s)
{
	if (s.p == NULL)
		return;
	rt_buf_addz(&p->log, label);
	rt_buf_adds(&p->log, s);
}

static void maybe_stop(struct peer *p, struct rt_str name)
{
	if (p->stop_at != NULL && rt_str_eq(name, rt_str_of(p->stop_at))) {
		rt_xml_reader_stop(&p->reader);
		if (p->reset_at_stop)
			rt_xml_reader_reset(&p->reader);
	}
}

static void on_header(struct rt_xml_reader *r, const struct rt_xml_header *h)
{
	struct peer *p = peer_of(r);

	note(p, "H ", h->name);
	note(p, " ", h->ns.n != 0 ? h->ns : RT_STR("-"));
	note(p, " ", h->content_ns.n != 0 ? h->content_ns : RT_STR("-"));
	note(p, " to=", h->to);
	note(p, " from=", h->from);
	note(p, " version=", h->version);
	note(p, " lang=", h->lang);
	note(p, " id=", h->id);
	note(p, " is_subdomain=", h->is_subdomain);
	rt_buf_addz(&p->log, "\n");
	maybe_stop(p, RT_STR(""));
}

static void on_stanza(struct rt_xml_reader *r, struct rt_stanza *st)
{
	struct peer *p = peer_of(r);
	char size[32];

	p->stanzas++;
	snprintf(size, sizeof(size), "S %u ", st->size);
	rt_buf_addz(&p->log, size);
	rt_xml_write_elem(&p->log, st->root, rt_ns_content);
	rt_buf_addz(&p->log, "\n");
	maybe_stop(p, st->root->name);
	if (p->keep) {
		rt_stanza_free(&p->kept);
		p->kept = st;
	} else {
		rt_stanza_free(&st);
	}
}

static void on_end(struct rt_xml_reader *r)
{
	rt_buf_addz(&peer_of(r)->log, "END\n");
}

static void on_error(struct rt_xml_reader *r, enum rt_xml_error error)
{
	static const char *const names[] = {
		[RT_XML_NOT_WELL_FORMED] = "not-well-formed\n",
		[RT_XML_RESTRICTED] = "restricted\n",
		[RT_XML_TOO_BIG] = "too-big\n",
		[RT_XML_TOO_COMPLEX] = "too-complex\n",
		[RT_XML_BAD_ENCODING] = "bad-encoding\n",
		[RT_XML_NOMEM] = "nomem\n",
	};

	rt_buf_addz(&peer_of(r)->log, names[error]);
}

static const struct rt_xml_events events = {on_header, on_stanza, on_end, on_error};

static void peer_init(struct peer *p)
{
	*p = (struct peer){0};
	rt_xml_reader_init(&p->reader, &shard, &events);
	rt_xml_reader_set_limits(&p->reader, 65536, RT_XML_MAX_DEPTH);
}

static void peer_fini(struct peer *p)
{
	rt_xml_reader_fini(&p->reader);
	rt_stanza_free(&p->kept);
	rt_buf_fini(&p->log);
}

/* From memory of exactly this size, so that a byte read beyond it is noticed.
 */
static size_t feed(struct peer *p, const char *data, size_t len)
{
	char *exact = malloc(len != 0 ? len : 1);
	size_t n, memory;

	memcpy(exact, data, len);
	n = rt_xml_reader_feed(&p->reader, exact, len);
	free(exact);
	memory = rt_xml_reader_memory(&p->reader);
	if (memory > p->most_memory)
		p->most_memory = memory;
	return n;
}

static void feedz(struct peer *p, const char *z)
{
	ck_assert_uint_eq(feed(p, z, strlen(z)), strlen(z));
}

/* NUL-terminated, until more is written. */
static const char *log_of(struct peer *p)
{
	rt_buf_add(&p->log, "", 1);
	p->log.end--;
	return p->log.data + p->log.start;
}

static void setup(void)
{
	shard = (struct rt_shard){0};
	ck_assert_int_eq(rt_xml_pool_new(&shard.xml_pool), RT_OK);
}

static void teardown(void)
{
	rt_xml_pool_free(&shard.xml_pool);
	rt_arena_pool_trim(0);
}

/* ---- transcripts ---- */

struct transcript {
	const char *bytes;
	const char *log;
};

static const struct transcript transcripts[] = {
	{"<?xml version='1.0'?>" HEAD
	 "<message to='a@b' type='chat' id='1'><body>hi</body></message>"
	 "</stream:stream>",
	 HEAD_EVENT "S 62 <message to='a@b' type='chat' "
		    "id='1'><body>hi</body></message>\nEND\n"},
	{"\n \t\r\n" HEAD " <presence/>\n\n<iq/> </stream:stream >\n<junk",
	 HEAD_EVENT "S 11 <presence/>\nS 5 <iq/>\nEND\n"},
	{"<?xml version=\"1.0\" encoding='utf-8' ?>\n<stream:stream from='a@b' "
	 "xml:lang='en' id='i' "
	 "xmlns:stream=\"http://etherx.jabber.org/streams\"\n\txmlns = "
	 "'jabber:client' a='>'>"
	 "</stream:stream>",
	 "H stream http://etherx.jabber.org/streams jabber:client from=a@b lang=en "
	 "id=i\nEND\n"},

	/* other namespaces than the usual ones */
	{"<s:stream xmlns:s='http://etherx.jabber.org/streams' "
	 "xmlns='jabber:client'>"
	 "<iq><s:x/></iq></s:stream>",
	 "H stream http://etherx.jabber.org/streams jabber:client\n"
	 "S 15 <iq><x xmlns='http://etherx.jabber.org/streams'/></iq>\nEND\n"},
	{"<stream:stream xmlns='jabber:client' "
	 "xmlns:stream='http://etherx.jabber.org/streams' "
	 "xmlns:e='urn:e'><e:x/><iq e:y='1'/></stream:stream>",
	 "H stream http://etherx.jabber.org/streams jabber:client\n"
	 "S 6 <x xmlns='urn:e'/>\nS 13 <iq xmlns:e='urn:e' e:y='1'/>\nEND\n"},
	{"<stream xmlns='http://etherx.jabber.org/streams'><x/></stream>",
	 "H stream http://etherx.jabber.org/streams "
	 "http://etherx.jabber.org/streams\n"
	 "S 4 <x xmlns='http://etherx.jabber.org/streams'/>\nEND\n"},
	{"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
	 "xmlns:c='jabber:client'>"
	 "<c:iq/></stream:stream>",
	 "H stream http://etherx.jabber.org/streams -\nS 7 <iq/>\nEND\n"},
	{"<stream:stream xmlns='jabber:server' "
	 "xmlns:stream='http://etherx.jabber.org/streams'>",
	 "H stream http://etherx.jabber.org/streams jabber:server\n"},
	{"<stream:stream xmlns='jabber:client' xmlns:stream='urn:wrong'>",
	 "H stream urn:wrong jabber:client\n"},
	{"<stream:stream xmlns='jabber:client' to='x'><iq/>",
	 "H stream - jabber:client\n"}, /* prefix not declared */
	{"<foo>", "H foo - -\n"},
	{"<foo/><iq/>", "H foo - -\nEND\n"},
	{"<stream:stream xmlns='jabber:component:accept' "
	 "xmlns:stream='http://etherx.jabber.org/streams' to='c.example' "
	 "is_subdomain='true'>"
	 "<message xmlns='jabber:component:accept'/><message/><iq "
	 "xmlns='jabber:client'/>"
	 "<x xmlns='jabber:server'/>",
	 "H stream http://etherx.jabber.org/streams jabber:component:accept "
	 "to=c.example "
	 "is_subdomain=true\nS 42 <message/>\nS 10 <message/>\nS 27 <iq/>\n"
	 "S 26 <x xmlns='jabber:server'/>\n"},

	/* what stanzas may be made of */
	{HEAD "<m a='1' b=\"2\"\nc = '>\"&lt;&#x41;&#10;'/>",
	 HEAD_EVENT "S 40 <m a='1' b='2' c='&gt;&quot;&lt;A&#10;'/>\n"},
	{HEAD "<m><![CDATA[<a>&amp;]]]]><![CDATA[>]]>&#x1F600;\xf0\x9f\x98\x80]"
	      "\r\n]></m >",
	 HEAD_EVENT "S 61 "
		    "<m>&lt;a&gt;&amp;amp;]]&gt;\xf0\x9f\x98\x80\xf0\x9f\x98\x80]"
		    "\n]&gt;</m>\n"},
	{HEAD "<message xmlns='jabber:client'><x xmlns=''><y xmlns='n'><z "
	      "xmlns='jabber:client'/>"
	      "</y></x></message>",
	 HEAD_EVENT "S 100 <message><x xmlns=''><y xmlns='n'><z "
		    "xmlns='jabber:client'/></y></x>"
		    "</message>\n"},
	{HEAD "<m xml:lang='de'><p:a xmlns:p='urn:1'><p:b p:c='1' "
	      "xmlns:p='urn:2'/></p:a></m>",
	 HEAD_EVENT "S 78 <m xml:lang='de'><a xmlns='urn:1'><b xmlns='urn:2' "
		    "xmlns:p='urn:2' p:c='1'/>"
		    "</a></m>\n"},
	{HEAD "<stream:error><stream:stream/></stream:error>",
	 HEAD_EVENT "S 45 <error "
		    "xmlns='http://etherx.jabber.org/streams'><stream/></error>\n"},
	{HEAD "<a\xc3\xa4 \xc3\xa4='\xc3\xa4'>\xe2\x82\xac</a\xc3\xa4>",
	 HEAD_EVENT "S 22 <a\xc3\xa4 \xc3\xa4='\xc3\xa4'>\xe2\x82\xac</a\xc3\xa4>\n"},
	{HEAD "<m a='\n\t\r\n'>\r\n\r</m>", HEAD_EVENT "S 19 <m a='   '>\n\n</m>\n"},

	/* no header */
	{"asdf\n", "not-well-formed\n"},
	{" a", "not-well-formed\n"},
	{"</foo>", "not-well-formed\n"},
	{"<>", "not-well-formed\n"},
	{"\xef\xbb\xbf" HEAD, "not-well-formed\n"},
	{"\xff\xfe<\0", "not-well-formed\n"},
	{" <?xml version='1.0'?>" HEAD, "not-well-formed\n"},
	{"<?xml version='1.0'?> <?xml version='1.0'?>" HEAD, "not-well-formed\n"},
	{"<?xml version='1.0' encoding='ISO-8859-1'?>" HEAD, "bad-encoding\n"},
	{"<?xml version='1.0' encoding='UTF-16'?>" HEAD, "bad-encoding\n"},
	{"<?xml?>" HEAD, "restricted\n"},
	{"<?xml ?>" HEAD, "not-well-formed\n"},
	{"<?xmlx version='1.0'?>" HEAD, "restricted\n"},
	{"<?foo bar?>" HEAD, "restricted\n"},
	{"<!-- -->" HEAD, "restricted\n"},
	{"<!DOCTYPE x>" HEAD, "restricted\n"},
	{"<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'>"
	 "<!ENTITY lol1 "
	 "'&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;'>]>" HEAD,
	 "restricted\n"},
	{"<stream:stream xmlns='&foo;'>", "restricted\n"},
	{"<stream:stream xmlns='jabber:client' xmlns:stream=''>", "not-well-formed\n"},
	{"<stream:stream a='1' a='2'>", "not-well-formed\n"},
	{"<foo db:x='1'>", "not-well-formed\n"},

	/* RFC 6120, 11.1 and 11.3 between and inside stanzas */
	{HEAD "<!-- x", HEAD_EVENT "restricted\n"},
	{HEAD "<?x", HEAD_EVENT "restricted\n"},
	{HEAD "<?xml version='1.0'?>" HEAD, HEAD_EVENT "restricted\n"},
	{HEAD "<!DOCTYPE x", HEAD_EVENT "restricted\n"},
	{HEAD "<m><!-- x", HEAD_EVENT "restricted\n"},
	{HEAD "<m><?x", HEAD_EVENT "restricted\n"},
	{HEAD "<m><!ENTITY a 'b'", HEAD_EVENT "restricted\n"},
	{HEAD "<m>&foo;</m>", HEAD_EVENT "restricted\n"},
	{HEAD "<m a='&foo;'/>", HEAD_EVENT "restricted\n"},
	{HEAD "x", HEAD_EVENT "not-well-formed\n"},
	{HEAD " \n&amp;", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<iq/>x", HEAD_EVENT "S 5 <iq/>\nnot-well-formed\n"},
	{HEAD "<![CDATA[x]]>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m><![CDATB[", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<a><b></a>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<a></ab>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<ab></a>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<p:a xmlns:p='n'></a>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<p:a xmlns:p='n' xmlns:q='n'></q:a>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "</stream>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "</message>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "< iq/>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<iq / >", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<iq a=b/>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<iq a />", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<iq a='<'/>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<iq a='1'b='2'/>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<iq a='1' a='2'/>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<iq p:a='1' q:a='2' xmlns:p='n' xmlns:q='n'/>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<p:iq/>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<iq p:a='1'/>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<iq xmlns:xml='n'/>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<iq xmlns:p=''/>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>&#0;</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>&#x1;</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>&#xD800;</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>&#x110000;</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>&</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>&amp</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>]]></m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>\x01</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m a='\x0b'/>", HEAD_EVENT "not-well-formed\n"},
	/* UTF-8 that is none: stray, cut off, overlong, surrogate, beyond the last
	 * plane, noncharacter; and where it would swallow markup (CVE-2022-25235)
	 */
	{HEAD "<m>\x80</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>\xc3</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>\xe2\x82</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>\xf0\x9f\x98</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>\xc0\xaf</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>\xe0\x80\xaf</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>\xed\xa0\x80</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>\xf4\x90\x80\x80</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>\xf8\x88\x80\x80\x80</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>\xef\xbf\xbf</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m>\xfe</m>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<\xc0m/>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m\xe0\x80>/></m\xe0\x80>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m\xdf/></m\xdf>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m a='\xc3'/>'/>", HEAD_EVENT "not-well-formed\n"},
	{HEAD "<m xmlns='a\xff"
	      "b'/>",
	 HEAD_EVENT "not-well-formed\n"},
	/* a name that would pass for an expanded one, had the separator been an
	   ordinary character */
	{HEAD "<m xmlns='n\nx|y z'/>", HEAD_EVENT "S 20 <m xmlns='n x|y z'/>\n"},
	{HEAD "<m xmlns='n&#10;x'/>", HEAD_EVENT "S 20 <m xmlns='n&#10;x'/>\n"},
};

static void feed_cut(struct peer *p, const struct transcript *t, size_t cut)
{
	size_t n = strlen(t->bytes);

	feed(p, t->bytes, cut);
	feed(p, t->bytes + cut, n - cut);
}

START_TEST(test_events_are_those_expected_however_bytes_are_cut)
{
	const struct transcript *t = &transcripts[_i];
	size_t n = strlen(t->bytes);
	struct peer p;

	for (size_t cut = 0; cut <= n; cut++) {
		peer_init(&p);
		feed_cut(&p, t, cut);
		ck_assert_msg(strcmp(log_of(&p), t->log) == 0,
			      "case %d cut at %zu:\n%s\ngives\n%s\nnot\n%s", _i, cut, t->bytes,
			      log_of(&p), t->log);
		peer_fini(&p);
	}
	peer_init(&p);
	for (size_t i = 0; i < n; i++)
		feed(&p, t->bytes + i, 1);
	ck_assert_str_eq(log_of(&p), t->log);
	peer_fini(&p);
}
END_TEST

START_TEST(test_nul_bytes_are_refused_everywhere)
{
	static const char *const before[] = {
		"",        " ",        "<",           "<?",
		"<?xml ",  "<a",       "<a ",         "<a b",
		"<a b='",  HEAD,       HEAD "<",      HEAD "</",
		HEAD "<m", HEAD "<m>", HEAD "<m></m", HEAD "<m><![CDATA["};
	static const char after[] = "\0 version='1.0'?>' ]]>x></m>></m>";

	for (size_t i = 0; i < ARRAY_LEN(before); i++) {
		struct peer p;

		peer_init(&p);
		feed(&p, before[i], strlen(before[i]));
		feed(&p, after, sizeof(after) - 1);
		ck_assert_msg(strstr(log_of(&p), "not-well-formed\n") != NULL ||
				      strstr(log_of(&p), "restricted\n") != NULL,
			      "after '%s': %s", before[i], log_of(&p));
		peer_fini(&p);
	}
}
END_TEST

/* ---- limits ---- */

/* An element of exactly n bytes: its bulk is text, an attribute, a name or
 * children. */
static char *element_of(size_t n, char bulk)
{
	static const char *const open[] = {
		['t'] = "<m>", ['a'] = "<m a='", ['n'] = "<m", ['c'] = "<m>"};
	static const char *const close[] = {
		['t'] = "</m>", ['a'] = "'/>", ['n'] = "/>", ['c'] = "</m>"};
	size_t head = strlen(open[(int)bulk]), tail = strlen(close[(int)bulk]);
	char *text = malloc(n + 1);

	memset(text, 'x', n);
	memcpy(text, open[(int)bulk], head);
	for (size_t i = head; bulk == 'c' && i + 8 <= n - tail; i += 8)
		memcpy(text + i, "<abcd1/>", 8);
	memcpy(text + n - tail, close[(int)bulk], tail);
	text[n] = '\0';
	return text;
}

static const struct {
	char bulk;
	uint32_t max;
} size_cases[] = {
	{'t', 100},  {'a', 100},  {'n', 100},   {'c', 100},   {'t', 8192},
	{'a', 8192}, {'n', 8192}, {'t', 65536}, {'a', 65536}, {'c', 4096},
};

START_TEST(test_max_stanza_is_exact_at_once_and_in_pieces)
{
	uint32_t max = size_cases[_i].max;
	static const size_t chunks[] = {1, 7, 512, 1000000};

	for (size_t c = 0; c < ARRAY_LEN(chunks); c++) {
		for (int extra = 0; extra <= 1; extra++) {
			char *text = element_of(max + (size_t)extra, size_cases[_i].bulk);
			size_t n = strlen(text);
			struct peer p;

			peer_init(&p);
			rt_xml_reader_set_limits(&p.reader, max, RT_XML_MAX_DEPTH);
			feedz(&p, HEAD " ");
			for (size_t at = 0; at < n; at += chunks[c])
				feed(&p, text + at, n - at < chunks[c] ? n - at : chunks[c]);
			ck_assert_uint_eq(p.stanzas, extra == 0);
			ck_assert_msg((strstr(log_of(&p), "too-big\n") != NULL) == (extra == 1),
				      "case %d by %zu, one more %d", _i, chunks[c], extra);
			peer_fini(&p);
			free(text);
		}
	}
}
END_TEST

START_TEST(test_too_big_is_said_before_the_end_is_seen)
{
	char *text = element_of(1000, 't');
	struct peer p;

	peer_init(&p);
	rt_xml_reader_set_limits(&p.reader, 500, RT_XML_MAX_DEPTH);
	feedz(&p, HEAD);
	feed(&p, text, 500);
	ck_assert_str_eq(log_of(&p), HEAD_EVENT);
	feed(&p, text + 500, 1);
	ck_assert_ptr_nonnull(strstr(log_of(&p), "too-big"));
	ck_assert_uint_eq(rt_xml_reader_memory(&p.reader), 0);
	peer_fini(&p);
	free(text);
}
END_TEST

START_TEST(test_several_elements_do_not_add_up)
{
	struct peer p;

	peer_init(&p);
	rt_xml_reader_set_limits(&p.reader, 11, RT_XML_MAX_DEPTH);
	feedz(&p, HEAD);
	for (int i = 0; i < 100; i++)
		feedz(&p, "     <presence/><iq a=''/>  ");
	ck_assert_uint_eq(p.stanzas, 200);
	peer_fini(&p);
}
END_TEST

START_TEST(test_no_limit_means_the_hard_cap)
{
	struct peer p;
	char *text = element_of((2u << 20), 't');

	peer_init(&p);
	rt_xml_reader_set_limits(&p.reader, 0, RT_XML_MAX_DEPTH);
	feedz(&p, HEAD);
	feedz(&p, text);
	ck_assert_uint_eq(p.stanzas, 1);
	ck_assert_uint_eq(p.reader.max_stanza, RT_XML_HARD_CAP);
	peer_fini(&p);
	free(text);
}
END_TEST

START_TEST(test_a_limit_lowered_meanwhile_holds)
{
	struct peer p;

	peer_init(&p);
	feedz(&p, HEAD "<message><body>0123456789");
	rt_xml_reader_set_limits(&p.reader, 10, RT_XML_MAX_DEPTH);
	feedz(&p, "</body></message>");
	ck_assert_ptr_nonnull(strstr(log_of(&p), "too-big"));
	peer_fini(&p);
}
END_TEST

static void feed_nested(struct peer *p, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		feed(p, "<a>", 3);
	for (unsigned i = 0; i < depth; i++)
		feed(p, "</a>", 4);
}

START_TEST(test_depth_is_limited_exactly)
{
	static const unsigned max[] = {1, RT_XML_PREAUTH_DEPTH, RT_XML_MAX_DEPTH};

	for (size_t i = 0; i < ARRAY_LEN(max); i++) {
		for (unsigned extra = 0; extra <= 1; extra++) {
			struct peer p;

			peer_init(&p);
			rt_xml_reader_set_limits(&p.reader, 8192, (uint8_t)max[i]);
			feedz(&p, HEAD);
			feed_nested(&p, max[i] + extra);
			ck_assert_uint_eq(p.stanzas, 1 - extra);
			ck_assert((strstr(log_of(&p), "too-complex\n") != NULL) == (extra == 1));
			peer_fini(&p);
		}
	}
}
END_TEST

static size_t put_attributes(char *out, size_t size, unsigned count)
{
	size_t n = (size_t)snprintf(out, size, "<m");

	for (unsigned i = 0; i < count; i++)
		n += (size_t)snprintf(out + n, size - n, " a%u=''", i);
	return n + (size_t)snprintf(out + n, size - n, "/>");
}

START_TEST(test_attributes_are_limited_exactly)
{
	char text[4096];

	for (unsigned extra = 0; extra <= 1; extra++) {
		struct peer p;

		peer_init(&p);
		feedz(&p, HEAD);
		feed(&p, text, put_attributes(text, sizeof(text), RT_XML_MAX_ATTRS + extra));
		ck_assert_uint_eq(p.stanzas, 1 - extra);
		ck_assert((strstr(log_of(&p), "too-complex\n") != NULL) == (extra == 1));
		peer_fini(&p);
	}
}
END_TEST

/* ---- before authentication ---- */

/* Something that never ends, fed in pieces until it is refused. */
static const struct {
	const char *head, *begin, *more;
	const char *error;
} endless_cases[] = {
	{HEAD, "<message><body>", "text ", "too-big"},
	{HEAD, "<message><body>", "\n", "too-big"},
	{HEAD, "<message><body>", "&lt;", "too-big"},
	{HEAD, "<message a='", "value ", "too-big"},
	{HEAD, "<message a='", ">", "too-big"},
	{HEAD, "<", "name", "too-big"},
	{HEAD, "<m ", "name", "too-big"},
	{HEAD, "<m xmlns:", "prefix", "too-big"},
	{HEAD, "<m xmlns='", "urn:", "too-big"},
	{HEAD, "<m", " ", "too-big"},
	{HEAD, "<m></m", "name", "too-big"},
	{HEAD, "<m><![CDATA[", "]] ", "too-big"},
	{HEAD, "<m>&", "a", "too-big"},
	{HEAD, "<m>", "<abc/>", "too-big"},
	{HEAD, "</stream:stream", " ", "too-big"},
	{HEAD, "<m>", "<a>", "too-complex"},
	{HEAD, "<m>", "<a b='c'>", "too-complex"},
	{HEAD, "<m", " a=''", "too-complex"},
	{HEAD, "<m", " xmlns:a='b'", "too-complex"},
	{"", "<stream:stream a='", "value", "too-big"},
	{"", "<stream:", "name", "too-big"},
	{"", "<?xml version='1.0'", " ", "too-big"},
	{"", "<?xml version='1.0'?>", "    ", "too-big"},
	{"", "<s", " a='b'", "too-complex"},
	{"", "<!DOCTYPE x [", "<!ENTITY a 'b'>", "restricted"},
	/* with a header of its own */
	{"<s:stream xmlns:s='http://etherx.jabber.org/streams' "
	 "xmlns='jabber:client'>",
	 "<message><body>", "text ", "too-big"},
};

START_TEST(test_endless_input_is_refused_in_bounded_memory)
{
	static const size_t at_a_time[] = {1, 100};
	struct rt_buf more = {0};

	for (int i = 0; i < 100; i++)
		rt_buf_addz(&more, endless_cases[_i].more);
	for (size_t c = 0; c < ARRAY_LEN(at_a_time); c++) {
		size_t n = strlen(endless_cases[_i].more) * at_a_time[c], fed = 0;
		struct peer p;

		peer_init(&p);
		rt_xml_reader_set_limits(&p.reader, RT_XML_PREAUTH_MAX, RT_XML_PREAUTH_DEPTH);
		feedz(&p, endless_cases[_i].head);
		feedz(&p, endless_cases[_i].begin);
		while (strstr(log_of(&p), endless_cases[_i].error) == NULL && fed < 100000) {
			feed(&p, more.data, n);
			fed += n;
		}
		ck_assert_msg(fed <= RT_XML_PREAUTH_MAX + n, "case %d: %zu bytes", _i, fed);
		ck_assert_uint_lt(p.most_memory, 16384);
		ck_assert_uint_eq(rt_xml_reader_memory(&p.reader), 0);
		peer_fini(&p);
	}
	rt_buf_fini(&more);
}
END_TEST

/* A header with namespaces of its own is kept, so less is left for what comes
 * behind it. */
START_TEST(test_kept_header_counts_before_authentication)
{
	static const char header[] = "<s:stream xmlns='jabber:client' "
				     "xmlns:s='http://etherx.jabber.org/streams' xmlns:x='";
	struct peer p;

	peer_init(&p);
	rt_xml_reader_set_limits(&p.reader, RT_XML_PREAUTH_MAX, RT_XML_PREAUTH_DEPTH);
	feedz(&p, header);
	for (size_t n = sizeof(header); n < 4000; n++)
		feedz(&p, "u");
	feedz(&p, "'><m>");
	for (int n = 0; n < 4000; n++)
		feedz(&p, "x");
	ck_assert_ptr_null(strstr(log_of(&p), "too-big"));
	for (int n = 0; n < 400; n++)
		feedz(&p, "x");
	ck_assert_ptr_nonnull(strstr(log_of(&p), "too-big"));
	ck_assert_uint_lt(p.most_memory, RT_XML_PREAUTH_MAX + 512);
	peer_fini(&p);
}
END_TEST

/* Markup so dense that its tree is many times its bytes must not get around the
 * limit. */
START_TEST(test_trees_before_authentication_are_small)
{
	struct peer p;
	int i;

	peer_init(&p);
	p.keep = true;
	rt_xml_reader_set_limits(&p.reader, RT_XML_PREAUTH_MAX, RT_XML_PREAUTH_DEPTH);
	feedz(&p, HEAD "<m>");
	for (i = 0; i < 40; i++)
		feedz(&p, "<a/>");
	feedz(&p, "</m>");
	ck_assert_uint_eq(p.stanzas, 1);
	ck_assert_uint_lt(p.kept->arena.total, 16384);
	feedz(&p, "<m>");
	for (i = 0; i < 1000; i++)
		feedz(&p, "<a/>");
	feedz(&p, "</m>");
	ck_assert_uint_eq(p.stanzas, 1);
	ck_assert_ptr_nonnull(strstr(log_of(&p), "too-complex"));
	peer_fini(&p);

	/* afterwards in proportion */
	peer_init(&p);
	p.keep = true;
	feedz(&p, HEAD "<m>");
	for (i = 0; i < 1000; i++)
		feedz(&p, "<item jid='user@example.org' name='User'/>");
	feedz(&p, "</m>");
	ck_assert_uint_eq(p.stanzas, 1);
	feedz(&p, "<m>");
	for (i = 0; i < 16000; i++)
		feedz(&p, "<a/>");
	feedz(&p, "</m>");
	ck_assert_uint_eq(p.stanzas, 1);
	ck_assert_ptr_nonnull(strstr(log_of(&p), "too-complex"));
	peer_fini(&p);
}
END_TEST

START_TEST(test_a_text_of_many_lines_fills_no_more_than_its_bytes)
{
	struct peer p;
	int lines = 0;

	peer_init(&p);
	p.keep = true;
	rt_xml_reader_set_limits(&p.reader, RT_XML_PREAUTH_MAX, RT_XML_PREAUTH_DEPTH);
	feedz(&p, HEAD "<m>");
	for (; lines < 1300; lines++)
		feedz(&p, "a&lt;\n");
	feedz(&p, "</m>");
	ck_assert_uint_eq(p.stanzas, 1);
	ck_assert_uint_eq(rt_elem_get_text(p.kept, p.kept->root).n, 1300 * 3);
	peer_fini(&p);
}
END_TEST

/* ---- who holds what ---- */

START_TEST(test_idle_connections_hold_nothing)
{
	struct peer p;

	peer_init(&p);
	feedz(&p, HEAD);
	ck_assert_uint_eq(rt_xml_reader_memory(&p.reader), 0);
	feedz(&p, "<message><body>x");
	ck_assert_uint_gt(rt_xml_reader_memory(&p.reader), 0);
	ck_assert_uint_lt(rt_xml_reader_memory(&p.reader), 1024);
	rt_xml_reader_rest(&p.reader);
	feedz(&p, "</body></message>  \n");
	ck_assert_uint_eq(rt_xml_reader_memory(&p.reader), 0);
	ck_assert_uint_eq(p.stanzas, 1);
	peer_fini(&p);
}
END_TEST

START_TEST(test_white_space_takes_no_parser)
{
	struct peer p;

	peer_init(&p);
	feedz(&p, HEAD);
	for (int i = 0; i < 1000; i++)
		feedz(&p, " \n");
	ck_assert_uint_eq(rt_xml_pool_stats(shard.xml_pool).created, 0);
	ck_assert_uint_eq(rt_xml_pool_stats(shard.xml_pool).memory, 0);
	peer_fini(&p);
}
END_TEST

START_TEST(test_all_connections_share_one_parser)
{
	enum { PEERS = 100 };
	static struct peer peers[PEERS];
	size_t after_first = 0;

	for (int i = 0; i < PEERS; i++) {
		peer_init(&peers[i]);
		feedz(&peers[i], HEAD);
	}
	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < PEERS; i++)
			feedz(&peers[i], "<message to='a@b'><bo");
		for (int i = 0; i < PEERS; i++)
			feedz(&peers[i], "dy>x</body></message>");
		if (round == 0)
			after_first = rt_xml_pool_stats(shard.xml_pool).memory;
	}
	ck_assert_uint_eq(rt_xml_pool_stats(shard.xml_pool).created, 1);
	ck_assert_uint_eq(rt_xml_pool_stats(shard.xml_pool).memory, after_first);
	ck_assert_uint_lt(after_first, 16384);
	for (int i = 0; i < PEERS; i++) {
		ck_assert_uint_eq(peers[i].stanzas, 100);
		peer_fini(&peers[i]);
	}
}
END_TEST

START_TEST(test_a_parser_fed_unique_names_is_replaced)
{
	struct peer p;
	char text[64];

	peer_init(&p);
	feedz(&p, HEAD);
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "<m a%d='' xmlns:p%d='n'><n%d/></m>", i, i, i);
		feedz(&p, text);
		ck_assert_uint_lt(rt_xml_pool_stats(shard.xml_pool).memory, 100000);
	}
	ck_assert_uint_eq(p.stanzas, 5000);
	ck_assert_uint_gt(rt_xml_pool_stats(shard.xml_pool).created, 2);
	peer_fini(&p);
}
END_TEST

START_TEST(test_a_failed_parser_is_not_used_again)
{
	struct peer a, b;

	peer_init(&a);
	peer_init(&b);
	feedz(&a, HEAD "<m/>");
	feedz(&b, HEAD "<m>&foo;</m>");
	feedz(&a, "<n/>");
	ck_assert_str_eq(log_of(&a), HEAD_EVENT "S 4 <m/>\nS 4 <n/>\n");
	ck_assert_uint_eq(rt_xml_pool_stats(shard.xml_pool).created, 2);
	peer_fini(&a);
	peer_fini(&b);
}
END_TEST

START_TEST(test_prefixes_do_not_leak_to_others)
{
	struct peer a, b, c;

	peer_init(&a);
	peer_init(&b);
	peer_init(&c);
	feedz(&a, "<stream:stream xmlns='jabber:client' "
		  "xmlns:stream='http://etherx.jabber.org/streams' xmlns:p='urn:p'><p:x/>");
	ck_assert_uint_eq(a.stanzas, 1);
	feedz(&b, HEAD "<m xmlns:q='urn:q'><q:x/></m>");
	ck_assert_uint_eq(b.stanzas, 1);
	feedz(&c, HEAD "<q:x/>");
	ck_assert_ptr_nonnull(strstr(log_of(&c), "not-well-formed"));
	feedz(&b, "<p:x/>");
	ck_assert_ptr_nonnull(strstr(log_of(&b), "not-well-formed"));
	feedz(&a, "<p:y/>");
	ck_assert_uint_eq(a.stanzas, 2);
	peer_fini(&a);
	peer_fini(&b);
	peer_fini(&c);
}
END_TEST

START_TEST(test_own_contexts_keep_a_parser_only_when_trusted)
{
	static const char head[] = "<s:stream xmlns:s='http://etherx.jabber.org/streams' "
				   "xmlns='jabber:client' xmlns:p='urn:p'>";
	struct peer p;

	peer_init(&p);
	rt_xml_reader_set_limits(&p.reader, RT_XML_PREAUTH_MAX, RT_XML_PREAUTH_DEPTH);
	feedz(&p, head);
	feedz(&p, "<p:x/>");
	ck_assert_uint_lt(rt_xml_reader_memory(&p.reader), 512);
	rt_xml_reader_set_limits(&p.reader, 65536, RT_XML_MAX_DEPTH);
	feedz(&p, "<p:x/>");
	ck_assert_uint_gt(rt_xml_reader_memory(&p.reader), 4096);
	rt_xml_reader_rest(&p.reader);
	ck_assert_uint_lt(rt_xml_reader_memory(&p.reader), 512);
	feedz(&p, "<p:x/></s:stream>");
	ck_assert_uint_eq(p.stanzas, 3);
	ck_assert_ptr_nonnull(strstr(log_of(&p), "END"));
	ck_assert_uint_eq(rt_xml_pool_stats(shard.xml_pool).created, 0);
	peer_fini(&p);
}
END_TEST

/* ---- stopping and starting anew ---- */

START_TEST(test_stop_leaves_the_rest_alone)
{
	static const char bytes[] = HEAD "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
					 "\x16\x03\x01<garbage&";
	size_t end = sizeof(bytes) - 1 - strlen("\x16\x03\x01<garbage&");

	for (size_t cut = 0; cut < end; cut++) {
		struct peer p;

		peer_init(&p);
		p.stop_at = "starttls";
		ck_assert_uint_eq(feed(&p, bytes, cut), cut);
		ck_assert_uint_eq(feed(&p, bytes + cut, sizeof(bytes) - 1 - cut), end - cut);
		ck_assert_uint_eq(p.stanzas, 1);
		ck_assert_ptr_null(strstr(log_of(&p), "not-well-formed"));
		peer_fini(&p);
	}
}
END_TEST

START_TEST(test_feeding_goes_on_after_a_stop)
{
	static const char bytes[] = HEAD "<a/><b/><c/>";
	struct peer p;
	size_t at;

	peer_init(&p);
	p.stop_at = "";
	at = feed(&p, bytes, sizeof(bytes) - 1);
	ck_assert_uint_eq(at, strlen(HEAD));
	p.stop_at = "b";
	at += feed(&p, bytes + at, sizeof(bytes) - 1 - at);
	ck_assert_uint_eq(at, strlen(HEAD "<a/><b/>"));
	at += feed(&p, bytes + at, sizeof(bytes) - 1 - at);
	ck_assert_uint_eq(at, sizeof(bytes) - 1);
	ck_assert_uint_eq(p.stanzas, 3);
	peer_fini(&p);
}
END_TEST

START_TEST(test_a_reset_in_a_callback_starts_a_new_stream)
{
	struct peer p;

	peer_init(&p);
	p.stop_at = "auth";
	p.reset_at_stop = true;
	ck_assert_uint_eq(feed(&p, HEAD "<auth/>" HEAD "<x/>", strlen(HEAD "<auth/>" HEAD "<x/>")),
			  strlen(HEAD "<auth/>"));
	p.stop_at = NULL;
	feedz(&p, HEAD "<x/>");
	ck_assert_str_eq(log_of(&p), HEAD_EVENT "S 7 <auth/>\n" HEAD_EVENT "S 4 <x/>\n");
	peer_fini(&p);
}
END_TEST

START_TEST(test_reset_forgets_namespaces_and_halves)
{
	struct peer p;

	peer_init(&p);
	feedz(&p, "<s:stream xmlns:s='http://etherx.jabber.org/streams' "
		  "xmlns='jabber:client'>"
		  "<s:half");
	rt_xml_reader_reset(&p.reader);
	ck_assert_uint_eq(rt_xml_reader_memory(&p.reader), 0);
	feedz(&p, "<?xml version='1.0'?>" HEAD "<s:x/>");
	ck_assert_ptr_nonnull(strstr(log_of(&p), "not-well-formed"));
	peer_fini(&p);
}
END_TEST

START_TEST(test_after_an_error_nothing_happens)
{
	struct peer p;

	peer_init(&p);
	feedz(&p, HEAD "x" HEAD "<iq/>");
	feedz(&p, "<iq/></stream:stream>");
	ck_assert_str_eq(log_of(&p), HEAD_EVENT "not-well-formed\n");
	peer_fini(&p);
}
END_TEST

START_TEST(test_stanzas_come_with_their_fields)
{
	struct peer p;

	peer_init(&p);
	p.keep = true;
	feedz(&p, HEAD "<message to='Bob@B/r' from='@' type='chat' id='1' "
		       "xml:lang='en' a='b'/>");
	ck_assert_ptr_nonnull(p.kept);
	ck_assert_int_eq(p.kept->kind, RT_STANZA_MESSAGE);
	ck_assert_int_eq(p.kept->type, RT_TYPE_CHAT);
	ck_assert(rt_str_is(p.kept->to.node, "bob"));
	ck_assert(rt_str_is(p.kept->to.resource, "r"));
	ck_assert(p.kept->bad_from && !p.kept->bad_to);
	ck_assert(rt_str_is(p.kept->id, "1"));
	ck_assert(rt_str_is(p.kept->lang, "en"));
	ck_assert(rt_str_is(p.kept->type_text, "chat"));
	feedz(&p, "<iq xmlns='urn:other' type='get'/>");
	ck_assert_int_eq(p.kept->kind, RT_STANZA_OTHER);
	feedz(&p, "<iq lang='x'/>");
	ck_assert_ptr_null(p.kept->lang.p);
	ck_assert_ptr_null(p.kept->id.p);
	ck_assert_int_eq(p.kept->type, RT_TYPE_NONE);
	peer_fini(&p);
}
END_TEST

START_TEST(test_known_namespaces_are_not_copied)
{
	struct peer p;
	const struct rt_elem *e;
	const char *roster;

	peer_init(&p);
	p.keep = true;
	feedz(&p, HEAD "<iq><query xmlns='jabber:iq:roster'><item/></query></iq>");
	ck_assert_ptr_eq(p.kept->root->ns.p, rt_ns_content.p);
	e = rt_elem_next(p.kept->root, NULL);
	roster = e->ns.p;
	ck_assert_ptr_eq(rt_elem_next(e, NULL)->ns.p, roster);
	feedz(&p, "<iq><query xmlns='jabber:iq:roster'/></iq>");
	ck_assert_ptr_eq(rt_elem_next(p.kept->root, NULL)->ns.p, roster);
	peer_fini(&p);
}
END_TEST

/* 4 MiB in one attribute, byte by byte: linear, or this takes hours
 * (CVE-2023-52425). */
START_TEST(test_a_huge_token_in_small_reads_costs_its_bytes_only)
{
	enum { SIZE = 4 << 20 };
	struct peer p;
	char *text = element_of(SIZE, 'a');

	peer_init(&p);
	rt_xml_reader_set_limits(&p.reader, 0, RT_XML_MAX_DEPTH);
	feedz(&p, HEAD);
	for (size_t i = 0; i < SIZE; i++)
		rt_xml_reader_feed(&p.reader, text + i, 1);
	ck_assert_uint_eq(p.stanzas, 1);
	peer_fini(&p);
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("xml_reader");
	TCase *tc = tcase_create("events"), *limits = tcase_create("limits"),
	      *pool = tcase_create("pool"), *stops = tcase_create("stops");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_events_are_those_expected_however_bytes_are_cut, 0,
			    ARRAY_LEN(transcripts));
	tcase_add_test(tc, test_nul_bytes_are_refused_everywhere);
	tcase_add_test(tc, test_stanzas_come_with_their_fields);
	tcase_add_test(tc, test_known_namespaces_are_not_copied);
	suite_add_tcase(s, tc);

	tcase_add_checked_fixture(limits, setup, teardown);
	tcase_set_timeout(limits, 60);
	tcase_add_loop_test(limits, test_max_stanza_is_exact_at_once_and_in_pieces, 0,
			    ARRAY_LEN(size_cases));
	tcase_add_test(limits, test_too_big_is_said_before_the_end_is_seen);
	tcase_add_test(limits, test_several_elements_do_not_add_up);
	tcase_add_test(limits, test_no_limit_means_the_hard_cap);
	tcase_add_test(limits, test_a_limit_lowered_meanwhile_holds);
	tcase_add_test(limits, test_depth_is_limited_exactly);
	tcase_add_test(limits, test_attributes_are_limited_exactly);
	tcase_add_loop_test(limits, test_endless_input_is_refused_in_bounded_memory, 0,
			    ARRAY_LEN(endless_cases));
	tcase_add_test(limits, test_kept_header_counts_before_authentication);
	tcase_add_test(limits, test_trees_before_authentication_are_small);
	tcase_add_test(limits, test_a_text_of_many_lines_fills_no_more_than_its_bytes);
	tcase_add_test(limits, test_a_huge_token_in_small_reads_costs_its_bytes_only);
	suite_add_tcase(s, limits);

	tcase_add_checked_fixture(pool, setup, teardown);
	tcase_add_test(pool, test_idle_connections_hold_nothing);
	tcase_add_test(pool, test_white_space_takes_no_parser);
	tcase_add_test(pool, test_all_connections_share_one_parser);
	tcase_add_test(pool, test_a_parser_fed_unique_names_is_replaced);
	tcase_add_test(pool, test_a_failed_parser_is_not_used_again);
	tcase_add_test(pool, test_prefixes_do_not_leak_to_others);
	tcase_add_test(pool, test_own_contexts_keep_a_parser_only_when_trusted);
	suite_add_tcase(s, pool);

	tcase_add_checked_fixture(stops, setup, teardown);
	tcase_add_test(stops, test_stop_leaves_the_rest_alone);
	tcase_add_test(stops, test_feeding_goes_on_after_a_stop);
	tcase_add_test(stops, test_a_reset_in_a_callback_starts_a_new_stream);
	tcase_add_test(stops, test_reset_forgets_namespaces_and_halves);
	tcase_add_test(stops, test_after_an_error_nothing_happens);
	suite_add_tcase(s, stops);

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
