/* unsent.c - what a lost component never got goes back to its senders. */
#include <stdlib.h>

#include "component/component.h"
#include "route/router.h"
#include "xml/xml_writer.h"

#define FIRST_CAP 16u

/* Makes room for one more by forgetting what has left, else by growing. false: out of memory. */
static bool make_room(struct rt_unsent *u, uint64_t left)
{
	uint32_t cap = u->cap == 0 ? FIRST_CAP : u->cap * 2;
	struct rt_unsent_piece *pieces;

	while (u->n != 0 && u->pieces[u->first].at < left) {
		u->first++;
		u->n--;
	}
	if (u->n == 0)
		u->first = 0;
	if (u->first + u->n < u->cap)
		return true;
	if (u->first > u->cap / 2) {
		memmove(u->pieces, u->pieces + u->first, u->n * sizeof(*u->pieces));
		u->first = 0;
		return true;
	}
	pieces = cap > u->cap ? realloc(u->pieces, cap * sizeof(*pieces)) : NULL;
	if (pieces == NULL)
		return false;
	u->pieces = pieces;
	u->cap = cap;
	return true;
}

void rt_unsent_note(struct rt_unsent *u, const struct rt_conn *c, size_t n)
{
	/* Without memory for the note only the bounce is lost. */
	if (make_room(u, c->bytes_out))
		u->pieces[u->first + u->n++] = (struct rt_unsent_piece){
			c->bytes_out + rt_buf_len(&c->out) - n, (uint32_t)n};
}

static void bounce(struct rt_shard *shard, struct rt_str text)
{
	struct rt_stanza *st = rt_xml_parse_stanza(text);

	if (st == NULL)
		return;
	if (st->kind == RT_STANZA_PRESENCE || st->from.domain.n == 0)
		rt_stanza_free(&st); /* nobody waits for an answer to presence */
	else
		rt_route_error(shard, st, RT_SE_SERVICE_UNAVAILABLE, RT_STR(""));
}

void rt_unsent_bounce(struct rt_unsent *u, struct rt_conn *c)
{
	uint64_t left = c->bytes_out, end = left + rt_buf_len(&c->out);

	for (uint32_t i = u->first; i < u->first + u->n; i++) {
		const struct rt_unsent_piece *p = &u->pieces[i];

		if (p->at >= left && p->at + p->n <= end)
			bounce(c->shard,
			       (struct rt_str){c->out.data + c->out.start + (p->at - left), p->n});
	}
	free(u->pieces);
	*u = (struct rt_unsent){0};
}
