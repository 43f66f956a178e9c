/* element.h - one element of an option list: which name it has and how it is written. Private to
 * cfgc/schema. */
#ifndef CFGC_SCHEMA_ELEMENT_H
#define CFGC_SCHEMA_ELEMENT_H

#include "schema/bind.h"

struct element {
	const struct term *term; /* the whole */
	const struct term
		*value;         /* {name, Value}; the atom itself for a bare name; otherwise NULL */
	const struct term *key; /* {{key_name, Key}, Value}, or NULL */
	struct str name;        /* as a row names it: "access", "{validity_period, access}" */
	struct str key_name;
	struct span name_at;
	bool is_absent; /* by its form it is as if it were not there */
};

/** Take an element apart. @return false if it is no option at all, which is reported unless it
 * holds TERM_BAD. */
bool element_open(struct bind *b, const struct term *term, struct element *out);

/** Whether it is written as its row wants it; reports E0204, with a fix where the meaning is
 * certain. For the bare name of a FORM_UNFOLD row, sets the value to `true`. */
bool element_check_form(struct bind *b, const struct option *o, struct element *e);

/* Keys met so far in one list, hashed: a list may name thousands of servers. */
struct seen_keys {
	const struct value **slots;
	uint32_t n, mask; /* mask + 1 slots, a power of two; none while slots is NULL */
};

/** The first value with the same row and key text, or NULL after remembering this one. */
const struct value *seen_before(struct arena *arena, struct seen_keys *seen, const struct value *v);

#endif
