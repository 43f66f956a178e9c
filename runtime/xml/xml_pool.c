/* xml_pool.c - a shard's parsers, one per usual namespace context, and elements parsed with them
 * for anybody. */
#include <stdlib.h>
#include <sys/random.h>

#include "core/shard.h"
#include "xml/xml_parser_impl.h"
#include "xml/xml_scan.h"
#include "xml/xml_writer.h"

/* Unique names and large elements make a parser grow; beyond this it is replaced. Bytes above what
 * it had at first */
#define GROWTH_MAX 65536u

/* Stored text is our own: it may be a little larger than what came in (declarations, a delay
 * element). */
#define STORED_MAX   (RT_XML_HARD_CAP + (RT_XML_HARD_CAP >> 1))
#define STORED_ATTRS 256u

struct rt_xml_pool {
	unsigned long salt;
	uint64_t created;
	struct {
		struct rt_xml_parser *parser; /* NULL: not needed yet, or replaced */
		size_t base;                  /* its memory when it was new */
	} of[RT_XML_NCONTEXTS];
};

#define OPENING(ns)                                                                                \
	{                                                                                          \
		{"<stream:stream xmlns='" ns "' xmlns:stream='" RT_NS_STREAMS "'>",                \
		 sizeof("<stream:stream xmlns='" ns "' xmlns:stream='" RT_NS_STREAMS "'>") - 1},   \
		{                                                                                  \
			ns, sizeof(ns) - 1                                                         \
		}                                                                                  \
	}

static const struct rt_xml_opening openings[RT_XML_NCONTEXTS] = {
	[RT_XML_CONTEXT_CLIENT] = OPENING(RT_NS_CLIENT),
	[RT_XML_CONTEXT_COMPONENT] = OPENING(RT_NS_COMPONENT),
};

int rt_xml_pool_new(struct rt_xml_pool **out)
{
	struct rt_xml_pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		return RT_E_NOMEM;
	RT_ASSERT(getrandom(&pool->salt, sizeof(pool->salt), 0) == (ssize_t)sizeof(pool->salt));
	pool->salt |= 1; /* zero would let expat choose from the clock */
	*out = pool;
	return RT_OK;
}

void rt_xml_pool_free(struct rt_xml_pool **pool)
{
	if (*pool == NULL)
		return;
	for (unsigned i = 0; i < RT_XML_NCONTEXTS; i++)
		rt_xml_parser_free(&(*pool)->of[i].parser);
	free(*pool);
	*pool = NULL;
}

unsigned long rt_xml_pool_salt(const struct rt_xml_pool *pool)
{
	return pool->salt;
}

struct rt_xml_parser *rt_xml_pool_get(struct rt_xml_pool *pool, enum rt_xml_context context)
{
	if (pool->of[context].parser == NULL) {
		struct rt_xml_parser *p = rt_xml_parser_new(pool, &openings[context]);

		if (p == NULL)
			return NULL;
		pool->of[context].parser = p;
		pool->of[context].base = rt_xml_parser_memory(p);
		pool->created++;
	}
	return pool->of[context].parser;
}

void rt_xml_pool_used(struct rt_xml_pool *pool, enum rt_xml_context context, bool failed)
{
	struct rt_xml_parser **p = &pool->of[context].parser;

	if (failed || rt_xml_parser_memory(*p) > pool->of[context].base + GROWTH_MAX)
		rt_xml_parser_free(p);
}

struct rt_xml_pool_stats rt_xml_pool_stats(const struct rt_xml_pool *pool)
{
	struct rt_xml_pool_stats stats = {.created = pool->created};

	for (unsigned i = 0; i < RT_XML_NCONTEXTS; i++) {
		if (pool->of[i].parser != NULL)
			stats.memory += rt_xml_parser_memory(pool->of[i].parser);
	}
	return stats;
}

/* ---- stored text ---- */

static bool is_one_element(struct rt_str text)
{
	static const struct rt_xml_scan_limits limits = {RT_XML_SCAN_DEPTH, STORED_ATTRS};
	struct rt_xml_scan scan;

	if (text.n == 0 || text.n > STORED_MAX || text.p[0] != '<')
		return false;
	rt_xml_scan_element(&scan);
	return rt_xml_scan(&scan, &limits, text.p, text.n) == RT_XML_SCAN_DONE && scan.at == text.n;
}

static int parse_with(struct rt_xml_pool *pool, struct rt_stanza *st, struct rt_str text,
		      struct rt_elem **out)
{
	struct rt_xml_parser *p = rt_xml_pool_get(pool, RT_XML_CONTEXT_CLIENT);
	enum rt_xml_error error;

	if (p == NULL)
		return RT_E_NOMEM;
	*out = rt_xml_parser_run(p, text.p, text.n, st, SIZE_MAX, &error);
	rt_xml_pool_used(pool, RT_XML_CONTEXT_CLIENT, *out == NULL);
	if (*out != NULL)
		return RT_OK;
	return error == RT_XML_NOMEM ? RT_E_NOMEM : RT_E_INVALID;
}

static int parse(struct rt_stanza *st, struct rt_str text, struct rt_elem **out)
{
	struct rt_shard *shard = rt_shard_self();
	struct rt_xml_pool *pool = NULL;
	int err;

	*out = NULL;
	if (!is_one_element(text))
		return RT_E_INVALID;
	if (shard != NULL && shard->xml_pool != NULL)
		return parse_with(shard->xml_pool, st, text, out);
	/* Start-up code and workers have no shard. */
	err = rt_xml_pool_new(&pool);
	if (err == RT_OK)
		err = parse_with(pool, st, text, out);
	rt_xml_pool_free(&pool);
	return err;
}

struct rt_elem *rt_xml_parse_elem(struct rt_stanza *st, struct rt_str text)
{
	struct rt_elem *e = NULL;

	return st != NULL && parse(st, text, &e) == RT_OK ? e : NULL;
}

int rt_xml_read_stanza(struct rt_str text, struct rt_stanza **out)
{
	struct rt_stanza *st = rt_stanza_new("", RT_STANZA_OTHER);
	int err = st == NULL ? RT_E_NOMEM : parse(st, text, &st->root);

	if (err == RT_OK)
		err = rt_stanza_read_root(st);
	if (err != RT_OK)
		rt_stanza_free(&st);
	*out = st;
	return err;
}

struct rt_stanza *rt_xml_parse_stanza(struct rt_str text)
{
	struct rt_stanza *st;

	return rt_xml_read_stanza(text, &st) == RT_OK ? st : NULL;
}
