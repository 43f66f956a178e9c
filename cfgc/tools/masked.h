/* masked.h - terms written out without the secrets in them. */
#ifndef CFGC_TOOLS_MASKED_H
#define CFGC_TOOLS_MASKED_H

#include "schema/schema.h"

struct strbuf;

/* The names of all options whose values are secret. */
struct masked {
	const char *names[64]; /* NULL-terminated */
	size_t n;
};

/** Collect the names from the schema. */
void masked_init(struct masked *mk);

/** {env, Name} or {file, Path}: says where a secret is, and is none itself. */
bool masked_is_reference(const struct term *t);

/** Write one term on one line. {Name, Value} of a secret name is masked at any depth, since pools
 * keep their options in plain terms. mk NULL: nothing in it is secret. */
void masked_print(struct strbuf *out, const struct masked *mk, const struct term *t);

/** The same for a bound value (v->term is not NULL); that of a secret option is masked as a whole.
 */
void masked_print_value(struct strbuf *out, const struct masked *mk, const struct value *v);

#endif
