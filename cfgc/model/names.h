/* names.h - a hash table from texts to objects, in an arena. Never iterated: order comes from
 * elsewhere. */
#ifndef CFGC_MODEL_NAMES_H
#define CFGC_MODEL_NAMES_H

#include <stdint.h>

#include "support/arena.h"

struct name_slot {
	struct str key;
	void *object; /* NULL: the slot is free */
};

/* Zero is the empty table. */
struct names_table {
	struct name_slot *slots;
	uint32_t n, cap; /* cap is a power of 2 */
};

/** The object of a key, or NULL. */
void *names_find(const struct names_table *t, struct str key);
/** Add or replace. key is borrowed for the life of the table; object is not NULL. */
void names_put(struct arena *a, struct names_table *t, struct str key, void *object);

#endif
