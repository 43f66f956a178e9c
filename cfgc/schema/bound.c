/* bound.c - defaults of options, and access to bound values by name. */
#include "schema/bind.h"

#include "support/assert.h"
#include "syntax/parser.h"

/* ---- defaults ---- */

/* Default texts repeat ("false", "infinity"), so each is parsed once. Open addressing, power of two
 * slots. */
struct schema_cache {
	struct cached {
		const char *text;
		const struct term *term;
	} * slots;
	uint32_t n, mask;
};

static struct cached *slot_of(const struct schema_cache *cache, const char *text)
{
	uint32_t i = 2166136261u; /* FNV-1a */

	for (const char *p = text; *p != '\0'; p++)
		i = (i ^ (unsigned char)*p) * 16777619u;
	for (i &= cache->mask; cache->slots[i].text != NULL; i = (i + 1) & cache->mask)
		if (strcmp(cache->slots[i].text, text) == 0)
			break;
	return &cache->slots[i];
}

static void grow(struct bind *b, struct schema_cache *cache)
{
	struct schema_cache old = *cache;

	cache->mask = old.slots == NULL ? 127 : old.mask * 2 + 1;
	cache->slots = arena_array_of(b->arena, struct cached, (size_t)cache->mask + 1);
	for (uint32_t i = 0; old.slots != NULL && i <= old.mask; i++)
		if (old.slots[i].text != NULL)
			*slot_of(cache, old.slots[i].text) = old.slots[i];
}

const struct term *default_term(struct bind *b, const struct option *o)
{
	struct cached *slot;

	if (o->dflt == NULL)
		return NULL;
	if (b->cache == NULL)
		b->cache = arena_new_of(b->arena, struct schema_cache);
	if (b->cache->slots == NULL || b->cache->n * 2 > b->cache->mask)
		grow(b, b->cache);
	slot = slot_of(b->cache, o->dflt);
	if (slot->text == NULL) {
		/* Not into b->diags: a list that is full of errors stops the parser. */
		struct diags own = {.arena = b->arena, .sources = b->sources};

		slot->text = o->dflt;
		slot->term = parse_term_text(b->sources, &own, "default", o->dflt);
		CFGC_ASSERT(slot->term != NULL);
		b->cache->n++;
	}
	return slot->term;
}

/* The section of a nested list, if the type takes one. */
static const struct section *nested_section(const struct type *type)
{
	if (type->kind == TYPE_OPTIONS)
		return type->section;
	for (size_t i = 0; type->kind == TYPE_ONEOF && type->alts[i] != NULL; i++)
		if (type->alts[i]->kind == TYPE_OPTIONS)
			return type->alts[i]->section;
	return NULL;
}

void fill_defaults(struct bind *b, struct bound *bound)
{
	for (size_t i = 0; i < bound->section->noptions; i++) {
		struct value *v = &bound->values[i];
		const struct section *nested;

		if (v->given)
			continue;
		v->term = default_term(b, v->option);
		nested = v->term != NULL && is_list(v->term) ? nested_section(v->option->type)
							     : NULL;
		v->sub = nested != NULL ? schema_defaults(b, nested) : NULL;
	}
}

/* ---- access ---- */

const struct value *bound_value(const struct bound *b, const char *name)
{
	for (size_t i = 0; i < b->section->noptions; i++)
		if (strcmp(b->section->options[i].name, name) == 0)
			return &b->values[i];
	CFGC_ASSERT(false && "the name of an option of this section");
	return NULL;
}

bool bound_flag(const struct bound *b, const char *name)
{
	const struct value *v = bound_value(b, name);

	if (v->option->form == FORM_FLAG)
		return v->given;
	return v->term != NULL && term_is_atom(v->term, "true");
}

int64_t bound_int(const struct bound *b, const char *name, int64_t if_absent)
{
	const struct value *v = bound_value(b, name);

	if (v->term == NULL || v->term->kind != TERM_INT || v->term->is_big)
		return if_absent;
	return v->term->integer.value;
}

struct str bound_text(const struct bound *b, const char *name)
{
	const struct value *v = bound_value(b, name);

	return v->term != NULL ? text_of(v->term) : (struct str){NULL, 0};
}

const struct bound *bound_sub(const struct bound *b, const char *name)
{
	return bound_value(b, name)->sub;
}
