/* fault_xml.c - reading and writing stanzas while memory runs out: each
 * allocation of a good run fails once. Nothing crashes or leaks
 * (AddressSanitizer decides), and what is told is either everything or that
 * memory ran out. */
#include <stdio.h>
#include <stdlib.h>

#include "core/shard.h"
#include "failing.h"
#include "xml/xml_reader.h"
#include "xml/xml_writer.h"

static bool failing_is_outside(void)
{
	return false;
}

/* ---- a peer ---- */

struct peer {
	struct rt_xml_reader reader; /* first */
	unsigned headers, stanzas, ends;
	bool out_of_memory;
};

static struct peer *peer_of(struct rt_xml_reader *r)
{
	return (struct peer *)(void *)r;
}

static void on_header(struct rt_xml_reader *r, const struct rt_xml_header *h)
{
	RT_ASSERT(rt_str_is(h->name, "stream") && rt_str_is(h->to, "example.org"));
	peer_of(r)->headers++;
}

/* A stanza that was read is whole; its copy, its error and its text are whole
 * or say that they are not. */
static void on_stanza(struct rt_xml_reader *r, struct rt_stanza *st)
{
	struct rt_stanza *copy = rt_stanza_copy(st);
	struct rt_buf out = {0};

	RT_ASSERT(st->to.domain.n != 0 && !st->bad_to && !st->failed);
	rt_xml_cache_children(st);
	rt_xml_write_stanza(&out, st, NULL, NULL);
	if (!out.failed) {
		struct rt_str text = {out.data + out.start, (uint32_t)rt_buf_len(&out)};
		struct rt_stanza *again = rt_xml_parse_stanza(text);

		RT_ASSERT(again == NULL || rt_jid_eq(&again->to, &st->to));
		rt_stanza_free(&again);
	}
	rt_buf_fini(&out);
	if (copy != NULL) {
		RT_ASSERT(rt_jid_eq(&copy->to, &st->to));
		rt_stanza_make_error(copy, RT_SE_CONFLICT, RT_STR("text"), true);
		RT_ASSERT(copy->failed || rt_elem_child(copy->root, "error", NULL) != NULL);
	}
	rt_stanza_free(&copy);
	rt_stanza_free(&st);
	peer_of(r)->stanzas++;
}

static void on_end(struct rt_xml_reader *r)
{
	peer_of(r)->ends++;
}

static void on_error(struct rt_xml_reader *r, enum rt_xml_error error)
{
	RT_ASSERT(error == RT_XML_NOMEM && failing_first != 0);
	peer_of(r)->out_of_memory = true;
}

static const struct rt_xml_events events = {on_header, on_stanza, on_end, on_error};

/* ---- runs ---- */

#define STREAMS "http://etherx.jabber.org/streams"
#define STANZAS                                                                                    \
	"<message to='Bob@example.org/r\xc3\xa4' type='chat' p:a='1' "                             \
	"xmlns:p='urn:p'>"                                                                         \
	"<body xml:lang='en'>a&lt;\nb</body><x xmlns='urn:unknown'><y "                            \
	"xmlns='urn:other'/></x>"                                                                  \
	"</message><iq to='b' type='get' id='1'><query "                                           \
	"xmlns='jabber:iq:roster'/></iq>"

static const char *const conversations[] = {
	"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
	"xmlns:stream='" STREAMS "' "
	"to='example.org'>" STANZAS "</stream:stream>",
	"<stream:stream xmlns='jabber:component:accept' xmlns:stream='" STREAMS "' "
	"to='example.org'>" STANZAS "</stream:stream>",
	"<s:stream xmlns='jabber:client' xmlns:s='" STREAMS "' to='example.org'>" STANZAS
	"</s:stream>",
};

static void feed(struct peer *p, const char *text, size_t piece)
{
	size_t n = strlen(text);

	for (size_t at = 0; at < n; at += piece) {
		size_t len = n - at < piece ? n - at : piece;

		RT_ASSERT(rt_xml_reader_feed(&p->reader, text + at, len) == len);
	}
}

/* @return whether everything was told */
static bool run(const char *text, size_t piece)
{
	struct rt_shard shard = {0};
	struct peer p = {.headers = 0};
	bool whole;

	rt_arena_pool_trim(0); /* blocks kept from before would hide allocations */
	failing_count = 0;
	if (rt_xml_pool_new(&shard.xml_pool) != RT_OK)
		return false;
	rt_xml_reader_init(&p.reader, &shard, &events);
	rt_xml_reader_set_limits(&p.reader, 65536, RT_XML_MAX_DEPTH);
	feed(&p, text, piece);
	whole = p.headers == 1 && p.stanzas == 2 && p.ends == 1;
	RT_ASSERT(whole != p.out_of_memory);
	rt_xml_reader_fini(&p.reader);
	/* The pool has survived: with memory back it serves the next one. */
	failing_first = 0;
	rt_xml_reader_init(&p.reader, &shard, &events);
	p.headers = p.stanzas = p.ends = 0;
	rt_xml_reader_set_limits(&p.reader, 65536, RT_XML_MAX_DEPTH);
	feed(&p, text, strlen(text));
	RT_ASSERT(p.headers == 1 && p.stanzas == 2 && p.ends == 1);
	rt_xml_reader_fini(&p.reader);
	rt_xml_pool_free(&shard.xml_pool);
	return whole;
}

int main(void)
{
	static const size_t pieces[] = {1, 100, 100000};
	unsigned long runs = 0;

	for (size_t c = 0; c < sizeof(conversations) / sizeof(conversations[0]); c++) {
		for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
			unsigned long total, told = 0;

			failing_first = 0;
			RT_ASSERT(run(conversations[c], pieces[i]));
			total = failing_count;
			for (unsigned long k = 1; k <= total; k++, runs++) {
				failing_first = failing_last = k;
				told += run(conversations[c], pieces[i]);
			}
			RT_ASSERT(told < total); /* some failures must have been felt */
		}
	}
	rt_arena_pool_trim(0);
	printf("%lu failures survived\n", runs);
	return 0;
}
