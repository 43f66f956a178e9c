/* conn_table.c - connections of a shard by id: slots with generations. */
#include "net/conn_impl.h"

#include <stdlib.h>

#define FIRST_SLOTS 64u

static int grow_table(struct rt_conn_table *t)
{
	uint32_t n = t->nslots == 0 ? FIRST_SLOTS : t->nslots * 2, i;
	struct rt_conn_slot *slots;

	if (n <= t->nslots)
		return RT_E_LIMIT;
	slots = realloc(t->slots, n * sizeof(*slots));
	if (slots == NULL)
		return RT_E_NOMEM;
	for (i = n - 1; i >= t->nslots && i > 0; i--) {
		slots[i] = (struct rt_conn_slot){.generation = 1, .next_free = t->free_slot};
		t->free_slot = i;
	}
	if (t->nslots == 0)
		slots[0] = (struct rt_conn_slot){0};
	t->slots = slots;
	t->nslots = n;
	return RT_OK;
}

static void set_count(struct rt_conn_table *t, uint32_t count)
{
	__atomic_store_n(&t->count, count, __ATOMIC_RELAXED);
}

int rt_conn_enter(struct rt_shard *shard, struct rt_conn *c)
{
	struct rt_conn_table *t = shard->conns;
	struct rt_conn_slot *slot;
	int err = t->free_slot == 0 ? grow_table(t) : RT_OK;

	if (err != RT_OK)
		return err;
	slot = &t->slots[t->free_slot];
	c->id = (struct rt_id){t->free_slot, slot->generation};
	c->shard = shard;
	t->free_slot = slot->next_free;
	slot->conn = c;
	set_count(t, t->count + 1);
	return RT_OK;
}

void rt_conn_leave(struct rt_conn *c)
{
	struct rt_conn_table *t = c->shard->conns;
	struct rt_conn_slot *slot = &t->slots[c->id.slot];

	RT_ASSERT(slot->conn == c);
	slot->conn = NULL;
	if (++slot->generation == 0)
		slot->generation = 1;
	slot->next_free = t->free_slot;
	t->free_slot = c->id.slot;
	set_count(t, t->count - 1);
}

struct rt_conn *rt_conn_find(struct rt_shard *shard, struct rt_id id)
{
	struct rt_conn_table *t = shard->conns;

	if (id.slot == 0 || id.slot >= t->nslots || t->slots[id.slot].generation != id.generation)
		return NULL;
	return t->slots[id.slot].conn;
}

uint32_t rt_conn_count(const struct rt_shard *shard)
{
	return shard->conns != NULL ? __atomic_load_n(&shard->conns->count, __ATOMIC_RELAXED) : 0;
}

void rt_conn_each(struct rt_shard *shard, void (*fn)(struct rt_conn *c, void *ctx), void *ctx)
{
	struct rt_conn_table *t = shard->conns;
	uint32_t i;

	for (i = 1; t != NULL && i < t->nslots; i++)
		if (t->slots[i].conn != NULL && t->slots[i].conn->state < RT_CONN_FLUSHING)
			fn(t->slots[i].conn, ctx);
}
