/* fuzz_xml.c - streams of any bytes: the same events however they are cut, bounded memory, and
 * stanzas that survive being written and read. */
#include <stdint.h>
#include <stdlib.h>

#include "core/shard.h"
#include "xml/xml_reader.h"
#include "xml/xml_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct peer {
	struct rt_xml_reader reader; /* first */
	struct rt_buf log;
	bool is_done;
};

static struct peer *peer_of(struct rt_xml_reader *r)
{
	return (struct peer *)(void *)r;
}

static void on_header(struct rt_xml_reader *r, const struct rt_xml_header *h)
{
	struct peer *p = peer_of(r);

	RT_ASSERT(!p->is_done);
	rt_buf_addz(&p->log, "H ");
	rt_buf_adds(&p->log, h->name);
	rt_buf_adds(&p->log, h->ns);
	rt_buf_adds(&p->log, h->content_ns);
	rt_buf_adds(&p->log, h->to);
	rt_buf_adds(&p->log, h->lang);
}

static struct rt_str str_of(const struct rt_buf *b)
{
	if (b->data == NULL)
		return (struct rt_str){NULL, 0};
	return (struct rt_str){b->data + b->start, (uint32_t)rt_buf_len(b)};
}

/* Whatever came in goes out as XML that means the same. */
static void check_round_trip(struct rt_stanza *st)
{
	struct rt_buf once = {0}, twice = {0};
	struct rt_stanza *again, *copy;

	rt_xml_write_stanza(&once, st, NULL, NULL);
	again = rt_xml_parse_stanza(str_of(&once));
	RT_ASSERT(again != NULL);
	RT_ASSERT(again->kind == st->kind && again->type == st->type);
	RT_ASSERT(rt_jid_eq(&again->to, &st->to) && rt_jid_eq(&again->from, &st->from));
	rt_xml_cache_children(again);
	rt_xml_write_stanza(&twice, again, NULL, NULL);
	RT_ASSERT(rt_str_eq(str_of(&once), str_of(&twice)));
	rt_buf_fini(&twice);
	copy = rt_stanza_copy(again);
	RT_ASSERT(copy != NULL);
	rt_xml_write_stanza(&twice, copy, NULL, NULL);
	RT_ASSERT(rt_str_eq(str_of(&once), str_of(&twice)));
	rt_stanza_free(&again);
	rt_stanza_free(&copy);
	rt_buf_fini(&once);
	rt_buf_fini(&twice);
}

static void on_stanza(struct rt_xml_reader *r, struct rt_stanza *st)
{
	struct peer *p = peer_of(r);

	RT_ASSERT(!p->is_done);
	RT_ASSERT(st->size <= r->max_stanza && st->arena.total <= 16384);
	check_round_trip(st);
	rt_buf_addz(&p->log, "S ");
	rt_xml_write_elem(&p->log, st->root, rt_ns_content);
	rt_stanza_free(&st);
}

static void on_end(struct rt_xml_reader *r)
{
	RT_ASSERT(!peer_of(r)->is_done);
	peer_of(r)->is_done = true;
	rt_buf_addz(&peer_of(r)->log, "END");
}

static void on_error(struct rt_xml_reader *r, enum rt_xml_error error)
{
	char c = (char)('0' + (int)error);

	RT_ASSERT(!peer_of(r)->is_done);
	peer_of(r)->is_done = true;
	rt_buf_addz(&peer_of(r)->log, "error ");
	rt_buf_add(&peer_of(r)->log, &c, 1);
}

static const struct rt_xml_events events = {on_header, on_stanza, on_end, on_error};

static struct rt_shard shard;

/* Pieces of `piece` bytes; 0: all at once. */
static void run(struct peer *p, const char *data, size_t size, size_t piece)
{
	*p = (struct peer){0};
	rt_xml_reader_init(&p->reader, &shard, &events);
	if (piece == 0)
		piece = size;
	for (size_t at = 0; at < size; at += piece) {
		size_t n = size - at < piece ? size - at : piece;

		RT_ASSERT(rt_xml_reader_feed(&p->reader, data + at, n) == n);
		RT_ASSERT(rt_xml_reader_memory(&p->reader) < 16384);
	}
	rt_xml_reader_fini(&p->reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct peer whole, bytes, pieces;

	if (size == 0)
		return 0;
	if (shard.xml_pool == NULL && rt_xml_pool_new(&shard.xml_pool) != RT_OK)
		abort();
	run(&whole, text + 1, size - 1, 0);
	run(&bytes, text + 1, size - 1, 1);
	run(&pieces, text + 1, size - 1, data[0]);
	RT_ASSERT(rt_str_eq(str_of(&whole.log), str_of(&bytes.log)));
	RT_ASSERT(rt_str_eq(str_of(&whole.log), str_of(&pieces.log)));
	rt_buf_fini(&whole.log);
	rt_buf_fini(&bytes.log);
	rt_buf_fini(&pieces.log);
	return 0;
}
