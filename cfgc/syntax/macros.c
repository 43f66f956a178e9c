/* macros.c - collect macro definitions and replace their uses. */
#include "syntax/macros.h"

#include "diag/suggest.h"
#include "support/strbuf.h"

#define COPY_BUDGET                                                                                \
	4000000u /* terms copied for uses; beyond it values are shared and do not know where they  \
		    are used */

struct macro {
	struct str name;
	const struct term *value;
	struct span defined_at; /* the name in the definition */
	bool used;
	bool warned; /* its value names other macros: said so */
};

struct undefined {
	struct str name;
	struct diag *reported;
	unsigned uses;
};

struct macros {
	struct arena *arena;
	struct diags *dl;
	VEC(struct macro) list;
	VEC(struct undefined) undefined;
	uint32_t copied;
};

static bool is_macro_name(const struct term *t)
{
	bool has_capital = false;

	if (t->kind != TERM_ATOM)
		return false;
	for (size_t i = 0; i < t->text.n; i++) {
		char c = t->text.p[i];

		if (c >= 'a' && c <= 'z')
			return false;
		has_capital = has_capital || (c >= 'A' && c <= 'Z');
	}
	return has_capital;
}

static struct macro *find_macro(struct macros *m, struct str name)
{
	for (size_t i = 0; i < m->list.n; i++)
		if (str_eq(m->list.at[i].name, name))
			return &m->list.at[i];
	return NULL;
}

/* ---- definitions ---- */

static bool is_definition(const struct term *t)
{
	return t->kind == TERM_TUPLE && t->seq.n > 0 &&
	       term_is_atom(t->seq.items[0], "define_macro");
}

static void define(struct macros *m, const struct term *t)
{
	struct macro *known;
	const struct term *name;

	if (t->seq.n != 3) {
		diag_add(m->dl, E0152, t->at,
			 "expected {define_macro, 'NAME', Value}, found %u elements", t->seq.n);
		return;
	}
	name = t->seq.items[1];
	if (name->kind == TERM_BAD)
		return;
	if (!is_macro_name(name)) {
		diag_add(m->dl, E0152, name->at,
			 "a macro's name is an atom in capitals, as in 'NAME'");
		return;
	}
	known = find_macro(m, name->text);
	if (known != NULL) {
		diag_add(m->dl, W0155, name->at,
			 "macro '%.*s' is defined already; this value is ignored",
			 STR_ARG(name->text));
		diag_label(m->dl, known->defined_at, "the first definition counts");
		return;
	}
	vec_push(m->arena, &m->list,
		 ((struct macro){
			 .name = name->text, .value = t->seq.items[2], .defined_at = name->at}));
}

/* ---- uses ---- */

static const struct term *copy_for_use(struct macros *m, const struct term *t, struct span used_at)
{
	struct term *copy;

	if (m->copied++ > COPY_BUDGET)
		return t;
	copy = arena_new_of(m->arena, struct term);
	*copy = *t;
	copy->used_at = used_at;
	if (t->kind != TERM_TUPLE && t->kind != TERM_LIST && t->kind != TERM_MAP)
		return copy;
	copy->seq.items = arena_array_of(m->arena, const struct term *, t->seq.n + 1);
	for (uint32_t i = 0; i < t->seq.n; i++)
		copy->seq.items[i] = copy_for_use(m, t->seq.items[i], used_at);
	return copy;
}

/* The first macro name that a replacement would find in a term, or NULL. */
static const struct term *find_name_in(const struct term *t)
{
	if (is_macro_name(t))
		return t;
	if (t->kind != TERM_TUPLE && t->kind != TERM_LIST)
		return NULL;
	for (uint32_t i = 0; i < t->seq.n; i++) {
		const struct term *found = find_name_in(t->seq.items[i]);

		if (found != NULL)
			return found;
	}
	return NULL;
}

static void warn_unexpanded(struct macros *m, const struct term *value, struct span used_at)
{
	const struct term *name = find_name_in(value);
	struct macro *meant;

	if (name == NULL)
		return;
	meant = find_macro(m, name->text);
	if (meant != NULL)
		meant->used = true; /* not a mistake of its own */
	diag_add(m->dl, W0157, name->at,
		 "'%.*s' stays an atom here: macros are not replaced in values of macros",
		 STR_ARG(name->text));
	diag_label(m->dl, used_at, "the value is used here");
}

static const struct term *use(struct macros *m, struct macro *macro, const struct term *where)
{
	if (!macro->warned)
		warn_unexpanded(m, macro->value, where->at);
	macro->used = macro->warned = true;
	return copy_for_use(m, macro->value, where->at);
}

static void report_undefined(struct macros *m, const struct term *t)
{
	struct undefined u = {.name = t->text, .uses = 1};
	struct names legal = {.arena = m->arena};

	for (size_t i = 0; i < m->undefined.n; i++) {
		struct undefined *known = &m->undefined.at[i];

		if (!str_eq(known->name, t->text))
			continue;
		m->dl->last = known->reported;
		if (known->uses++ < 3)
			diag_label(m->dl, t->at, "and here");
		return;
	}
	u.reported = diag_add(m->dl, E0151, t->at, "macro '%.*s' is not defined", STR_ARG(t->text));
	vec_push(m->arena, &m->undefined, u);
	diag_note(m->dl, "an atom in capitals is the name of a macro, wherever it stands");
	for (size_t i = 0; i < m->list.n; i++)
		vec_push(m->arena, &legal.list,
			 arena_printf(m->arena, "'%.*s'", STR_ARG(m->list.at[i].name)));
	if (legal.list.n != 0) {
		struct str quoted = arena_printf(m->arena, "'%.*s'", STR_ARG(t->text));
		struct str near = suggest_one(quoted, &legal);

		if (near.n != 0) {
			find_macro(m, (struct str){near.p + 1, near.n - 2})->used = true;
			diag_help(m->dl, "did you mean %.*s?", STR_ARG(near));
			diag_fix(m->dl, t->at, near);
		}
	}
}

/* What is wrong already is not reported again by those who read the value. */
static const struct term *bad(struct macros *m, const struct term *t)
{
	struct term *copy = arena_new_of(m->arena, struct term);

	*copy = (struct term){.kind = TERM_BAD, .at = t->at};
	return copy;
}

/* [a | b], where [a, b] was probably meant. */
static const struct term *tail_as_element(struct macros *m, const struct term *t)
{
	struct term *copy = arena_new_of(m->arena, struct term);

	*copy = *t;
	copy->seq.items = arena_array_of(m->arena, const struct term *, t->seq.n + 1);
	memcpy(copy->seq.items, t->seq.items, sizeof(*t->seq.items) * t->seq.n);
	copy->seq.items[copy->seq.n++] = t->seq.tail;
	copy->seq.tail = NULL;
	return copy;
}

static const struct term *replace(struct macros *m, const struct term *t);

/* {use_macro, Key, Default}: any atom is a key, and nothing inside the result is replaced. */
static const struct term *replace_use_macro(struct macros *m, const struct term *t)
{
	const struct term *key = t->seq.items[1];
	struct macro *macro = key->kind == TERM_ATOM ? find_macro(m, key->text) : NULL;

	if (macro != NULL)
		return use(m, macro, t);
	warn_unexpanded(m, t->seq.items[2], t->at);
	return t->seq.items[2];
}

static const struct term *replace_items(struct macros *m, const struct term *t)
{
	struct term *copy = NULL;

	for (uint32_t i = 0; i < t->seq.n; i++) {
		const struct term *item = replace(m, t->seq.items[i]);

		if (item == t->seq.items[i])
			continue;
		if (copy == NULL) {
			copy = arena_new_of(m->arena, struct term);
			*copy = *t;
			copy->seq.items = arena_array_of(m->arena, const struct term *, t->seq.n);
			memcpy(copy->seq.items, t->seq.items, sizeof(*t->seq.items) * t->seq.n);
		}
		copy->seq.items[i] = item;
	}
	return copy != NULL ? copy : t;
}

static const struct term *replace(struct macros *m, const struct term *t)
{
	if (is_macro_name(t)) {
		struct macro *macro = find_macro(m, t->text);

		if (macro != NULL)
			return use(m, macro, t);
		report_undefined(m, t);
		return bad(m, t);
	}
	if (term_is_tuple(t, 3, "use_macro"))
		return replace_use_macro(m, t);
	if (t->kind != TERM_TUPLE && t->kind != TERM_LIST)
		return t;
	if (t->kind == TERM_LIST && t->seq.tail != NULL) {
		diag_add(m->dl, E0154, t->seq.tail->at, "the tail of this list is %s, not a list",
			 term_kind_name(t->seq.tail->kind));
		diag_help(m->dl, "write ',' for '|' if it is an element");
		t = tail_as_element(m, t);
	}
	return replace_items(m, t);
}

/* The hosts are looked for before macros are replaced. Here they are replaced nonetheless, so that
 * this stays one mistake. */
static void check_hosts(struct macros *m, const struct term *t)
{
	const struct term *name;

	if (!term_is_tuple(t, 2, "hosts") && !term_is_tuple(t, 2, "host"))
		return;
	name = find_name_in(t->seq.items[1]);
	if (name == NULL)
		return;
	diag_add(m->dl, E0153, name->at, "macros are not replaced in '%.*s'",
		 STR_ARG(t->seq.items[0]->text));
	diag_help(m->dl, "write the host names as strings");
}

void macros_replace(struct arena *a, struct diags *dl, const struct forms *in, struct forms *out)
{
	struct macros m = {.arena = a, .dl = dl};

	for (size_t i = 0; i < in->list.n; i++)
		if (is_definition(in->list.at[i].term))
			define(&m, in->list.at[i].term);
	for (size_t i = 0; i < in->list.n; i++) {
		struct form f = in->list.at[i];

		if (is_definition(f.term))
			continue;
		check_hosts(&m, f.term);
		f.term = replace(&m, f.term);
		vec_push(a, &out->list, f);
	}
	for (size_t i = 0; i < m.list.n; i++)
		if (!m.list.at[i].used)
			diag_add(dl, W0156, m.list.at[i].defined_at, "macro '%.*s' is never used",
				 STR_ARG(m.list.at[i].name));
}
