/* masked.c - the printer of terms that hides secrets. */
#include "tools/masked.h"

#include "schema/bind.h"
#include "support/array.h"
#include "support/assert.h"
#include "support/strbuf.h"

#define MASK "\"********\""

static void collect(void *ctx, const char *group, const struct section *s)
{
	struct masked *mk = ctx;
	size_t most = ARRAY_LEN(mk->names) - 1;

	(void)group;
	for (size_t i = 0; i < s->noptions; i++) {
		const struct option *o = &s->options[i];

		if ((o->flags & OPT_SECRET) == 0 || name_in(mk->names, str_of(o->name)))
			continue;
		CFGC_ASSERT(mk->n < most);
		mk->names[mk->n++] = o->name;
	}
}

void masked_init(struct masked *mk)
{
	*mk = (struct masked){0};
	schema_each(collect, mk);
}

bool masked_is_reference(const struct term *t)
{
	return term_is_tuple(t, 2, "env") || term_is_tuple(t, 2, "file");
}

static void print_items(struct strbuf *out, const struct masked *mk, const struct term *t,
			const char *open, const char *close)
{
	strbuf_addz(out, open);
	for (uint32_t i = 0; i < t->seq.n; i++) {
		strbuf_addz(out, i != 0 ? ", " : "");
		masked_print(out, mk, t->seq.items[i]);
	}
	if (t->kind == TERM_LIST && t->seq.tail != NULL) {
		strbuf_addz(out, " | ");
		masked_print(out, mk, t->seq.tail);
	}
	strbuf_addz(out, close);
}

void masked_print(struct strbuf *out, const struct masked *mk, const struct term *t)
{
	if (mk != NULL && t->kind == TERM_TUPLE && t->seq.n == 2 &&
	    t->seq.items[0]->kind == TERM_ATOM && name_in(mk->names, t->seq.items[0]->text) &&
	    !masked_is_reference(t->seq.items[1])) {
		strbuf_addc(out, '{');
		term_print(out, t->seq.items[0]);
		strbuf_addz(out, ", " MASK "}");
	} else if (t->kind == TERM_TUPLE) {
		print_items(out, mk, t, "{", "}");
	} else if (t->kind == TERM_LIST) {
		print_items(out, mk, t, "[", "]");
	} else {
		term_print(out, t);
	}
}

void masked_print_value(struct strbuf *out, const struct masked *mk, const struct value *v)
{
	if ((v->option->flags & OPT_SECRET) != 0 && !masked_is_reference(v->term))
		strbuf_addz(out, MASK);
	else
		masked_print(out, mk, v->term);
}
