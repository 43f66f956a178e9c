/* element.c - one element of an option list: which name it has and how it is written. */
#include "schema/element.h"

#include "schema/trap.h"

/* ---- taking apart ---- */

static void open_key(struct bind *b, const struct term *pair, struct element *out)
{
	struct strbuf name = {.arena = b->arena};

	out->key = pair->seq.items[1];
	out->key_name = pair->seq.items[0]->text;
	strbuf_printf(&name, "{%.*s, ", STR_ARG(out->key_name));
	term_print(&name, out->key);
	strbuf_addc(&name, '}');
	out->name = strbuf_str(&name);
	out->name_at = pair->at;
}

bool element_open(struct bind *b, const struct term *term, struct element *out)
{
	const struct term *first =
		term->kind == TERM_TUPLE && term->seq.n != 0 ? term->seq.items[0] : NULL;

	*out = (struct element){.term = term};
	if (term->kind == TERM_BAD || (first != NULL && first->kind == TERM_BAD))
		return false;
	if (term->kind == TERM_ATOM) {
		out->value = term;
		out->name = term->text;
		out->name_at = term->at;
		return true;
	}
	if (first != NULL && term->seq.n == 2)
		out->value = term->seq.items[1];
	if (first != NULL && first->kind == TERM_ATOM) {
		out->name = first->text;
		out->name_at = first->at;
		return true;
	}
	if (first != NULL && term_is_tuple(first, 2, NULL) &&
	    first->seq.items[0]->kind == TERM_ATOM) {
		open_key(b, first, out);
		return true;
	}
	diag_add(b->diags, E0204, first != NULL ? first->at : term->at,
		 "expected an option, as a name or {name, Value}, found %.*s",
		 STR_ARG(found_text(b, first != NULL ? first : term)));
	if (first != NULL && is_text(first))
		diag_help(b->diags, "write the name without quotes");
	return false;
}

/* ---- form ---- */

static void report_form(struct bind *b, const struct option *o, const struct element *e,
			const char *what)
{
	diag_add(b->diags, E0204, e->term->at, "'%s' %s", o->name, what);
}

/* `{flag, true}` or `{flag, false}`. @return whether the flag is set. */
static bool take_pair(struct bind *b, const struct option *o, struct element *e, bool is_true)
{
	trap_report(b, W0544, e->term->at,
		    "MongooseIM 3.2.0 ignores this pair: '%s' is a flag, written without a value",
		    o->name);
	if (is_true) {
		diag_help(b->diags, "write %s", o->name);
		if (!does_as_mongooseim(b))
			diag_fix_unsafe(b->diags, e->term->at, str_of(o->name));
	} else {
		diag_help(b->diags, "leave it out: without its name the flag is off");
	}
	e->is_absent = !is_true || does_as_mongooseim(b);
	return !e->is_absent;
}

static bool check_flag(struct bind *b, const struct option *o, struct element *e)
{
	if (e->term->kind == TERM_ATOM)
		return true;
	if (e->value != NULL && (term_is_atom(e->value, "true") || term_is_atom(e->value, "false")))
		return take_pair(b, o, e, term_is_atom(e->value, "true"));
	report_form(b, o, e, "is a flag: it is written as a bare name, without a value");
	diag_note(b->diags, "MongooseIM 3.2.0 ignores the pair, so the flag is off");
	diag_help(b->diags, "leave it out to keep the flag off, or write %s to set it", o->name);
	return false;
}

static bool check_pair(struct bind *b, const struct option *o, const struct element *e)
{
	if (e->term->kind != TERM_ATOM && e->value != NULL)
		return true;
	if (e->term->kind == TERM_ATOM)
		report_form(b, o, e, "needs a value");
	else
		report_form(b, o, e, "takes exactly one value");
	diag_help(b->diags, "write %.*s", STR_ARG(option_describe(b->arena, o)));
	/* A bare name means `true` to a reader, which is a value only if the option knows it. */
	if (e->term->kind == TERM_ATOM && o->type->kind == TYPE_BOOL)
		diag_fix(b->diags, e->term->at, arena_printf(b->arena, "{%s, true}", o->name));
	return false;
}

/* Whether a FORM_TUPLE row may have n elements behind its name. */
static bool takes_values(const struct type *type, uint32_t n)
{
	uint32_t arity = 0;

	while (type->alts[arity] != NULL) {
		if (type->kind == TYPE_ONEOF && takes_values(type->alts[arity], n))
			return true;
		arity++;
	}
	return type->kind == TYPE_TUPLE && arity == n;
}

bool element_check_form(struct bind *b, const struct option *o, struct element *e)
{
	static const struct term yes = {.kind = TERM_ATOM,
					.at = {NO_FILE, 0, 0},
					.used_at = {NO_FILE, 0, 0},
					.text = {"true", 4}};

	switch (o->form) {
	case FORM_FLAG:
		return check_flag(b, o, e);
	case FORM_PAIR:
		return check_pair(b, o, e);
	case FORM_UNFOLD:
		if (e->term->kind == TERM_ATOM) {
			struct term *value = arena_new_of(b->arena, struct term);

			*value = yes;
			value->at = e->term->at;
			value->used_at = e->term->used_at;
			e->value = value;
			return true;
		}
		return check_pair(b, o, e);
	case FORM_KEYED:
		if (e->key != NULL && e->value != NULL)
			return true;
		report_form(b, o, e, "needs a key and a value");
		diag_help(b->diags, "write %.*s", STR_ARG(option_describe(b->arena, o)));
		return false;
	case FORM_TUPLE:
		if (e->term->kind == TERM_TUPLE && takes_values(o->type, e->term->seq.n - 1))
			return true;
		report_form(b, o, e, "has the wrong number of values");
		diag_help(b->diags, "write %.*s", STR_ARG(option_describe(b->arena, o)));
		return false;
	}
	return false;
}

/* ---- keys met so far ---- */

static uint32_t hash_of(const struct value *v)
{
	struct str key = text_of(v->key);
	uint32_t h = 2166136261u ^ (uint32_t)((uintptr_t)v->option >> 4); /* FNV-1a */

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.p[i]) * 16777619u;
	return h;
}

static const struct value **slot_of(const struct seen_keys *seen, const struct value *v)
{
	uint32_t i = hash_of(v) & seen->mask;

	while (seen->slots[i] != NULL && (seen->slots[i]->option != v->option ||
					  !str_eq(text_of(seen->slots[i]->key), text_of(v->key))))
		i = (i + 1) & seen->mask;
	return &seen->slots[i];
}

static void grow(struct arena *arena, struct seen_keys *seen)
{
	struct seen_keys bigger = {.n = seen->n,
				   .mask = seen->slots == NULL ? 15 : seen->mask * 2 + 1};

	bigger.slots = arena_array_of(arena, const struct value *, (size_t)bigger.mask + 1);
	for (uint32_t i = 0; seen->slots != NULL && i <= seen->mask; i++)
		if (seen->slots[i] != NULL)
			*slot_of(&bigger, seen->slots[i]) = seen->slots[i];
	*seen = bigger;
}

const struct value *seen_before(struct arena *arena, struct seen_keys *seen, const struct value *v)
{
	const struct value **slot;
	struct value *copy;

	if (seen->slots == NULL || seen->n * 2 > seen->mask)
		grow(arena, seen);
	slot = slot_of(seen, v);
	if (*slot != NULL)
		return *slot;
	copy = arena_new_of(arena, struct value);
	*copy = *v;
	*slot = copy;
	seen->n++;
	return NULL;
}
