/* report.c - what is wrong with a value, in words, and how to put it right. */
#include "schema/report.h"

#include "diag/suggest.h"
#include "schema/address.h"

/* "'max_stanza_size': ", or nothing for a value that belongs to no option. */
static struct str prefix(const struct bind *b)
{
	return b->option != NULL ? arena_printf(b->arena, "'%s': ", b->option) : STR("");
}

static void add_macro_label(struct bind *b, const struct term *t)
{
	if (t->used_at.file != NO_FILE)
		diag_label(b->diags, t->used_at, "through this macro");
}

/* ---- fixes ---- */

static bool is_decimal(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n != 0 && s.n < 19 && (s.p[0] != '0' || s.n == 1);
}

static void fix(struct bind *b, const struct term *t, const struct strbuf *with)
{
	diag_fix(b->diags, t->at, strbuf_str(with));
	diag_help(b->diags, "write %.*s", STR_ARG(strbuf_str(with)));
}

/* "x" where the atom x is meant. */
static bool fix_atom(struct bind *b, const struct type *type, const struct term *t)
{
	struct strbuf with = {.arena = b->arena};
	struct str text = text_of(t);
	bool meant;

	if (!is_text(t) || text.n == 0)
		return false;
	switch (type->kind) {
	case TYPE_BOOL:
		meant = str_eqz(text, "true") || str_eqz(text, "false");
		break;
	case TYPE_CHOICE:
		meant = name_in(type->names, text);
		break;
	case TYPE_LITERAL:
		meant = str_eqz(text, type->text);
		break;
	default:
		meant = atom_is_plain(text);
		break;
	}
	if (!meant)
		return false;
	add_atom(&with, text);
	fix(b, t, &with);
	return true;
}

static bool fix_number(struct bind *b, const struct term *t)
{
	struct strbuf with = {.arena = b->arena};

	if (!is_text(t) || !is_decimal(text_of(t)))
		return false;
	strbuf_add(&with, text_of(t));
	fix(b, t, &with);
	return true;
}

static bool fix_ip(struct bind *b, const struct term *t)
{
	struct strbuf with = {.arena = b->arena};
	struct address a;

	if (!is_text(t) || !address_parse(text_of(t), &a))
		return false;
	address_add_tuple(&with, &a);
	fix(b, t, &with);
	return true;
}

/* One element where a list is expected. */
static bool fix_list(struct bind *b, const struct type *type, const struct term *t)
{
	struct strbuf with = {.arena = b->arena};

	if (is_list(t) || t->kind == TERM_LIST || !value_fits(b, type->of, t))
		return false;
	strbuf_addc(&with, '[');
	term_print(&with, t);
	strbuf_addc(&with, ']');
	fix(b, t, &with);
	return true;
}

/* A string where a binary is expected, or the other way round: reached for the target MongooseIM.
 */
static bool fix_text(struct bind *b, const struct type *type, const struct term *t)
{
	struct strbuf with = {.arena = b->arena};

	if (!is_text(t) || (t->kind == TERM_BINARY) == (type->kind == TYPE_BINARY))
		return false;
	if (type->kind == TYPE_BINARY)
		add_binary(&with, text_of(t));
	else
		add_string(&with, text_of(t));
	fix(b, t, &with);
	return true;
}

static bool fix_value(struct bind *b, const struct type *type, const struct term *t)
{
	if (b->secret)
		return false;
	switch (type->kind) {
	case TYPE_BOOL:
	case TYPE_CHOICE:
	case TYPE_LITERAL:
	case TYPE_ATOM:
	case TYPE_RULE:
	case TYPE_SHAPER:
	case TYPE_MODULE:
		return fix_atom(b, type, t);
	case TYPE_INT:
	case TYPE_NUMBER:
		return fix_number(b, t);
	case TYPE_STRING:
	case TYPE_BINARY:
	case TYPE_PATH:
	case TYPE_HOST:
	case TYPE_SUBDOMAIN:
	case TYPE_REGEXP:
		return fix_text(b, type, t);
	case TYPE_IP:
		return fix_ip(b, t);
	case TYPE_LIST:
		return fix_list(b, type, t);
	case TYPE_ONEOF:
		for (size_t i = 0; type->alts[i] != NULL; i++)
			if (fix_value(b, type->alts[i], t))
				return true;
		return false;
	case TYPE_SECRET:
	case TYPE_TUPLE:
	case TYPE_OPTIONS:
	case TYPE_TERM:
		return false;
	}
	return false;
}

/* ---- reports ---- */

void report_expected(struct bind *b, const struct term *t, const char *expected)
{
	struct str found = found_text(b, t);

	diag_add(b->diags, E0205, t->at, "%.*sexpected %s, found %.*s", STR_ARG(prefix(b)),
		 expected, STR_ARG(found));
	add_macro_label(b, t);
}

void report_type(struct bind *b, const struct type *type, const struct term *t)
{
	struct str expected = type_describe(b->arena, type);

	report_expected(b, t, arena_str(b->arena, expected.p, expected.n).p);
	fix_value(b, type, t);
}

/* " bytes", " byte" after 1. */
static struct str unit_text(struct bind *b, int64_t n, const char *unit)
{
	size_t len;

	if (unit == NULL)
		return STR("");
	len = strlen(unit);
	if (n == 1 && len > 3 && strcmp(unit + len - 3, "ies") == 0)
		return arena_printf(b->arena, " %.*sy", (int)len - 3, unit);
	if (n == 1 && len > 2 && unit[len - 1] == 's' && unit[len - 2] != 's')
		return arena_printf(b->arena, " %.*s", (int)len - 1, unit);
	return arena_printf(b->arena, " %s", unit);
}

void report_range(struct bind *b, const struct term *t, const char *where, int64_t limit,
		  const char *unit)
{
	struct strbuf number = {.arena = b->arena};

	if (b->secret)
		strbuf_addz(&number, "the value");
	else
		term_print(&number, t);
	diag_add(b->diags, E0206, t->at, "%.*s%.*s is %s of %lld%.*s", STR_ARG(prefix(b)),
		 STR_ARG(strbuf_str(&number)), where, (long long)limit,
		 STR_ARG(unit_text(b, limit, unit)));
	add_macro_label(b, t);
}

void report_empty(struct bind *b, const struct term *t, const char *what)
{
	diag_add(b->diags, E0206, t->at, "%.*s%s", STR_ARG(prefix(b)), what);
	add_macro_label(b, t);
}

/* What report_choice() knows of a type: all its words, and whether they are spelt as the term is.
 */
struct words {
	struct names names;
	const struct alias *aliases;
};

static void gather_words(struct words *w, const struct type *type, bool texts)
{
	bool of_texts = type->kind == TYPE_STRING || type->kind == TYPE_BINARY;

	if (type->kind == TYPE_ONEOF) {
		for (size_t i = 0; type->alts[i] != NULL; i++)
			gather_words(w, type->alts[i], texts);
		return;
	}
	if (of_texts != texts)
		return;
	if (type->kind == TYPE_BOOL) {
		vec_push(w->names.arena, &w->names.list, STR("true"));
		vec_push(w->names.arena, &w->names.list, STR("false"));
	} else if (type->kind == TYPE_LITERAL) {
		vec_push(w->names.arena, &w->names.list, str_of(type->text));
	} else if (type->names != NULL) {
		for (size_t i = 0; type->names[i] != NULL; i++)
			vec_push(w->names.arena, &w->names.list, str_of(type->names[i]));
		if (w->aliases == NULL)
			w->aliases = type->aliases;
	}
}

/* A word as it is spelt in place of a term: in the quotes that the term has. */
static struct str spelt_like(struct bind *b, const struct term *t, struct str word)
{
	struct strbuf out = {.arena = b->arena};

	if (t->kind == TERM_ATOM)
		add_atom(&out, word);
	else if (t->kind == TERM_BINARY)
		add_binary(&out, word);
	else
		add_string(&out, word);
	return strbuf_str(&out);
}

static struct str right_word(struct str wrong, const struct words *w)
{
	for (const struct alias *a = w->aliases; a != NULL && a->wrong != NULL; a++)
		if (str_eqz(wrong, a->wrong))
			return str_of(a->right);
	return suggest_one(wrong, &w->names);
}

bool report_choice(struct bind *b, const struct type *type, const struct term *t)
{
	struct words w = {.names = {.arena = b->arena}};
	struct str expected, right;

	gather_words(&w, type, t->kind != TERM_ATOM);
	if (w.names.list.n == 0)
		return false;
	if (b->secret)
		diag_add(b->diags, E0207, t->at, "%.*sunknown value", STR_ARG(prefix(b)));
	else
		diag_add(b->diags, E0207, t->at, "%.*sunknown value '%.*s'", STR_ARG(prefix(b)),
			 STR_ARG(text_of(t)));
	expected = type_describe(b->arena, type);
	diag_primary(b->diags, "expected %.*s", STR_ARG(expected));
	add_macro_label(b, t);
	right = right_word(text_of(t), &w);
	if (right.n != 0) {
		diag_help(b->diags, "did you mean '%.*s'?", STR_ARG(right));
		diag_fix(b->diags, t->at, spelt_like(b, t, right));
	} else {
		suggest_into(b->diags, t->at, text_of(t), &w.names);
	}
	return true;
}

void report_unsupported_value(struct bind *b, const struct term *t, struct str name)
{
	diag_add(b->diags, E0703, t->at,
		 "%.*s'%.*s' is valid in MongooseIM 3.2, not supported by xmppd yet",
		 STR_ARG(prefix(b)), STR_ARG(name));
	add_macro_label(b, t);
	finish_unsupported(b, NULL);
}

void report_string_for_binary(struct bind *b, const struct term *t)
{
	struct strbuf with = {.arena = b->arena};

	if (b->inside_unsupported != 0)
		return;
	add_binary(&with, text_of(t));
	diag_add(b->diags, W0605, t->at,
		 "%.*sMongooseIM 3.2.0 needs a binary here and does not understand a string",
		 STR_ARG(prefix(b)));
	add_macro_label(b, t);
	if (!b->secret)
		fix(b, t, &with);
}
