/* names.c - open addressing with linear probing, at most half full; FNV-1a. */
#include "model/names.h"

#include "support/assert.h"

static uint32_t hash(struct str key)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.p[i]) * 16777619u;
	return h;
}

/* The slot of a key, or the free one where it belongs. */
static struct name_slot *slot_of(const struct names_table *t, struct str key)
{
	uint32_t i = hash(key) & (t->cap - 1);

	while (t->slots[i].object != NULL && !str_eq(t->slots[i].key, key))
		i = (i + 1) & (t->cap - 1);
	return &t->slots[i];
}

static void grow(struct arena *a, struct names_table *t)
{
	struct names_table bigger = {.n = t->n, .cap = t->cap == 0 ? 4 : 2 * t->cap};

	bigger.slots = arena_array_of(a, struct name_slot, bigger.cap);
	for (uint32_t i = 0; i < t->cap; i++)
		if (t->slots[i].object != NULL)
			*slot_of(&bigger, t->slots[i].key) = t->slots[i];
	*t = bigger;
}

void *names_find(const struct names_table *t, struct str key)
{
	return t->cap == 0 ? NULL : slot_of(t, key)->object;
}

void names_put(struct arena *a, struct names_table *t, struct str key, void *object)
{
	struct name_slot *slot;

	CFGC_ASSERT(object != NULL);
	if (2 * (t->n + 1) > t->cap)
		grow(a, t);
	slot = slot_of(t, key);
	if (slot->object == NULL)
		t->n++;
	slot->key = key;
	slot->object = object;
}
