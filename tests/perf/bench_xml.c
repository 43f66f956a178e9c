/* bench_xml.c - nanoseconds for reading and writing a typical chat message; printed, never
 * asserted. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/shard.h"
#include "xml/xml_parser.h"
#include "xml/xml_reader.h"
#include "xml/xml_scan.h"
#include "xml/xml_writer.h"

#define ROUNDS 300000

static const char head[] = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
			   "xmlns:stream='http://etherx.jabber.org/streams' to='example.org' "
			   "version='1.0'>";

static const struct {
	const char *name, *xml;
} samples[] = {
	{"bare chat",
	 "<message to='juliet@example.org/balcony' type='chat' id='m42'><body>Art thou not "
	 "Romeo, and a Montague?</body></message>"},
	{"client chat",
	 "<message xml:lang='en' to='juliet@example.org' id='6e2f0a5b-7c1d' type='chat'>"
	 "<body>Art thou not Romeo, and a Montague?</body>"
	 "<active xmlns='http://jabber.org/protocol/chatstates'/>"
	 "<request xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0' "
	 "id='6e2f0a5b-7c1d'/></message>"},
	{"ping", "<iq type='get' id='p1' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>"},
	{"presence", "<presence><show>away</show><priority>5</priority><c "
		     "xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://x.example' "
		     "ver='QgayPKawpkPSDYmwT/WM94uAlu0='/></presence>"},
};

static struct rt_buf out;
static bool writes;

static void on_header(struct rt_xml_reader *r, const struct rt_xml_header *h)
{
	(void)r;
	(void)h;
}

static void on_stanza(struct rt_xml_reader *r, struct rt_stanza *st)
{
	(void)r;
	if (writes) {
		out.start = out.end = 0;
		rt_xml_write_stanza(&out, st, NULL, NULL);
	}
	rt_stanza_free(&st);
}

static void on_end(struct rt_xml_reader *r)
{
	(void)r;
}

static void on_error(struct rt_xml_reader *r, enum rt_xml_error error)
{
	(void)r;
	fprintf(stderr, "error %d\n", (int)error);
	exit(1);
}

static const struct rt_xml_events events = {on_header, on_stanza, on_end, on_error};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double time_scan(const char *xml, size_t n)
{
	const struct rt_xml_scan_limits limits = {RT_XML_MAX_DEPTH, RT_XML_MAX_ATTRS};
	double began = now_ns();

	for (int i = 0; i < ROUNDS; i++) {
		struct rt_xml_scan scan;

		rt_xml_scan_element(&scan);
		if (rt_xml_scan(&scan, &limits, xml, n) != RT_XML_SCAN_DONE)
			exit(1);
	}
	return (now_ns() - began) / ROUNDS;
}

static double time_feed(struct rt_xml_reader *r, const char *xml, size_t n, bool with_writing)
{
	double began = now_ns();

	writes = with_writing;
	for (int i = 0; i < ROUNDS; i++)
		rt_xml_reader_feed(r, xml, n);
	return (now_ns() - began) / ROUNDS;
}

int main(void)
{
	struct rt_shard shard = {0};
	struct rt_xml_reader r;

	if (rt_xml_pool_new(&shard.xml_pool) != RT_OK)
		return 1;
	rt_xml_reader_init(&r, &shard, &events);
	rt_xml_reader_set_limits(&r, 65536, RT_XML_MAX_DEPTH);
	rt_xml_reader_feed(&r, head, sizeof(head) - 1);
	printf("%-12s %6s %8s %8s %8s\n", "stanza", "bytes", "scan ns", "read ns", "+write");
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const char *xml = samples[i].xml;
		size_t n = strlen(xml);
		double scan, reading;

		time_feed(&r, xml, n, true); /* warm */
		scan = time_scan(xml, n);
		reading = time_feed(&r, xml, n, false);
		printf("%-12s %6zu %8.0f %8.0f %8.0f\n", samples[i].name, n, scan, reading,
		       time_feed(&r, xml, n, true));
	}
	printf("parser %zu bytes, made %lu\n", rt_xml_pool_stats(shard.xml_pool).memory,
	       (unsigned long)rt_xml_pool_stats(shard.xml_pool).created);
	rt_xml_reader_fini(&r);
	rt_xml_pool_free(&shard.xml_pool);
	rt_buf_fini(&out);
	rt_arena_pool_trim(0);
	return 0;
}
