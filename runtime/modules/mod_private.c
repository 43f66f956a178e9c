/* mod_private.c - XEP-0049, Private XML Storage: elements by namespace, for the
 * account itself. */
#include "modules/module.h"
#include "xml/xml_writer.h"

#define NS_PRIVATE "jabber:iq:private"

/* A child without a namespace of its own has inherited that of the query. */
static bool is_storable(const struct rt_elem *e)
{
	return e->ns.n > 0 && !rt_str_is(e->ns, NS_PRIVATE) && !rt_elem_is_content(e);
}

/* ---- set ---- */

static void on_put(struct rt_shard *shard, void *ctx, int err)
{
	struct rt_iq *iq = ctx;

	(void)shard;
	if (err == RT_OK)
		rt_iq_result(iq);
	else
		rt_iq_error(iq, rt_mod_error_of(err), "");
}

/* @return the number of children; 0 also when one of them cannot be stored. */
static size_t count_storable(const struct rt_elem *query, bool *bad)
{
	struct rt_elem *e = NULL;
	size_t n = 0;

	*bad = false;
	while ((e = rt_elem_next(query, e)) != NULL) {
		*bad = *bad || !is_storable(e);
		n++;
	}
	return n;
}

/* All texts in one buffer: rows point into it once it has stopped growing. */
static bool serialise(const struct rt_elem *query, struct rt_private_row *rows, struct rt_buf *out)
{
	struct rt_elem *e = NULL;
	uint32_t at = 0;
	size_t i = 0;

	while ((e = rt_elem_next(query, e)) != NULL) {
		rt_xml_write_elem(out, e, RT_STR(NS_PRIVATE));
		rows[i].ns = e->ns;
		rows[i++].xml.n = (uint32_t)rt_buf_len(out) - at;
		at = (uint32_t)rt_buf_len(out);
	}
	for (at = 0; i > 0 && !out->failed; i--, rows++) {
		rows->xml.p = out->data + out->start + at;
		at += rows->xml.n;
	}
	return !out->failed;
}

static void set(struct rt_iq *iq)
{
	struct rt_private_row *rows;
	struct rt_buf text = {0};
	bool bad;
	size_t n = count_storable(iq->child, &bad);

	if (n == 0) {
		rt_iq_error(iq, RT_SE_BAD_REQUEST, "");
		return;
	}
	if (bad) {
		rt_iq_error(iq, RT_SE_NOT_ACCEPTABLE, "");
		return;
	}
	rows = rt_arena_alloc(&iq->st->arena, n * sizeof(*rows));
	if (rows != NULL && serialise(iq->child, rows, &text))
		rt_store_private_put(iq->shard, rt_mod_account(iq), rows, n, on_put, iq);
	else
		rt_iq_error(iq, RT_SE_RESOURCE_CONSTRAINT, "");
	rt_buf_fini(&text);
}

/* ---- get ---- */

/* Elements asked for, looked up one after the other; in the stanza's arena. */
struct lookup {
	struct rt_iq *iq;
	struct rt_elem *query;        /* of the reply */
	struct rt_elem *asked, *next; /* of the request */
};

static void look_up(struct rt_shard *shard, struct lookup *l);

/* What is not there is answered as it was asked for (XEP-0049, 2.2). */
static void on_text(struct rt_shard *shard, void *ctx, int err, struct rt_str text)
{
	struct lookup *l = ctx;
	struct rt_elem *found = NULL;

	if (err != RT_OK && err != RT_E_NOTFOUND) {
		rt_iq_error(l->iq, rt_mod_error_of(err), "");
		return;
	}
	if (err == RT_OK)
		found = rt_xml_parse_elem(l->iq->st, text);
	rt_elem_adopt(l->iq->st, l->query, found != NULL ? found : l->asked);
	look_up(shard, l);
}

static void look_up(struct rt_shard *shard, struct lookup *l)
{
	l->asked = l->next;
	if (l->asked == NULL) {
		rt_iq_send(l->iq);
		return;
	}
	/* Adopting it breaks its link to the one after it. */
	l->next = rt_elem_next(l->iq->child, l->asked);
	rt_store_private_get(shard, rt_mod_account(l->iq), l->asked->ns, on_text, l);
}

static void get(struct rt_iq *iq)
{
	struct lookup *l = rt_arena_alloc(&iq->st->arena, sizeof(*l));

	if (l == NULL) {
		rt_iq_error(iq, RT_SE_RESOURCE_CONSTRAINT, "");
		return;
	}
	*l = (struct lookup){.iq = iq, .next = rt_elem_next(iq->child, NULL)};
	l->query = rt_iq_reply(iq, "query", NS_PRIVATE);
	look_up(iq->shard, l);
}

void rt_mod_private_iq(struct rt_iq *iq)
{
	struct rt_account asker;

	if (!iq->own_account)
		rt_iq_error(iq,
			    rt_mod_asker(iq, &asker) != RT_HOST_NONE ? RT_SE_FORBIDDEN
								     : RT_SE_NOT_ALLOWED,
			    "");
	else if (iq->is_set)
		set(iq);
	else
		get(iq);
}
