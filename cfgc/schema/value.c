/* value.c - does a term fit a type, and if not, what exactly is wrong with it. */
#include "schema/bind.h"

#include "diag/suggest.h"
#include "schema/report.h"
#include "support/assert.h"

/* ---- fits, without a word ---- */

/* Texts for which MongooseIM 3.2.0, too, takes a string or a binary. */
static bool takes_both(const struct type *type)
{
	return type->kind == TYPE_HOST || type->kind == TYPE_SUBDOMAIN || type->kind == TYPE_SECRET;
}

static bool takes_text(const struct type *type)
{
	return type->kind == TYPE_STRING || type->kind == TYPE_PATH || type->kind == TYPE_REGEXP ||
	       takes_both(type);
}

static bool atom_fits(const struct type *type, const struct term *t)
{
	if (t->kind != TERM_ATOM)
		return false;
	switch (type->kind) {
	case TYPE_BOOL:
		return str_eqz(t->text, "true") || str_eqz(t->text, "false");
	case TYPE_CHOICE:
		return name_in(type->names, t->text);
	case TYPE_LITERAL:
		return str_eqz(t->text, type->text);
	default:
		return true;
	}
}

static bool number_is_below(const struct type *type, const struct term *t)
{
	if (t->kind == TERM_FLOAT)
		return t->real < (double)type->min;
	return t->is_big ? t->integer.digits.p[0] == '-' : t->integer.value < type->min;
}

static bool number_is_above(const struct type *type, const struct term *t)
{
	if (t->kind == TERM_FLOAT)
		return t->real > (double)type->max;
	return t->is_big ? t->integer.digits.p[0] != '-' : t->integer.value > type->max;
}

static bool is_number(const struct type *type, const struct term *t)
{
	return t->kind == TERM_INT || (type->kind == TYPE_NUMBER && t->kind == TERM_FLOAT);
}

/* The kind of text, not yet its length or content. */
static bool text_kind_fits(const struct bind *b, const struct type *type, const struct term *t)
{
	if (type->kind == TYPE_BINARY)
		return t->kind == TERM_BINARY || (b->target == TARGET_XMPPD && is_text(t));
	if (t->kind == TERM_BINARY)
		return takes_both(type) || b->target == TARGET_XMPPD;
	return is_text(t);
}

static bool text_fits(const struct bind *b, const struct type *type, const struct term *t)
{
	return text_kind_fits(b, type, t) && text_of(t).n >= (size_t)type->min &&
	       (type->names == NULL || name_in(type->names, text_of(t)));
}

/* {env, "NAME"}, {file, "PATH"}: resolved when the server starts, which Erlang does not know. */
static bool is_secret_reference(const struct bind *b, const struct term *t)
{
	return b->target == TARGET_XMPPD &&
	       (term_is_tuple(t, 2, "env") || term_is_tuple(t, 2, "file")) &&
	       is_text(t->seq.items[1]) && text_of(t->seq.items[1]).n != 0;
}

static bool is_ip_shaped(const struct term *t)
{
	return t->kind == TERM_TUPLE && (t->seq.n == 4 || t->seq.n == 8);
}

static const struct type *ip_element(const struct term *t)
{
	static const struct type byte = {.kind = TYPE_INT, .max = 255};
	static const struct type group = {.kind = TYPE_INT, .max = 65535};

	return t->seq.n == 4 ? &byte : &group;
}

static size_t tuple_arity(const struct type *type)
{
	size_t n = 0;

	while (type->alts[n] != NULL)
		n++;
	return n;
}

bool value_fits(const struct bind *b, const struct type *type, const struct term *t)
{
	if (t->kind == TERM_BAD)
		return true;
	switch (type->kind) {
	case TYPE_BOOL:
	case TYPE_CHOICE:
	case TYPE_LITERAL:
	case TYPE_ATOM:
	case TYPE_RULE:
	case TYPE_SHAPER:
	case TYPE_MODULE:
		return atom_fits(type, t);
	case TYPE_INT:
	case TYPE_NUMBER:
		return is_number(type, t) && !number_is_below(type, t) && !number_is_above(type, t);
	case TYPE_SECRET:
		return is_secret_reference(b, t) || text_fits(b, type, t);
	case TYPE_STRING:
	case TYPE_BINARY:
	case TYPE_PATH:
	case TYPE_HOST:
	case TYPE_SUBDOMAIN:
	case TYPE_REGEXP:
		return text_fits(b, type, t);
	case TYPE_IP:
		if (!is_ip_shaped(t))
			return false;
		for (uint32_t i = 0; i < t->seq.n; i++)
			if (!value_fits(b, ip_element(t), t->seq.items[i]))
				return false;
		return true;
	case TYPE_LIST:
		if (!is_list(t) || list_len(t) < (uint64_t)type->min)
			return false;
		for (uint32_t i = 0; i < list_len(t); i++)
			if (!value_fits(b, type->of, t->seq.items[i]))
				return false;
		return true;
	case TYPE_TUPLE:
		if (t->kind != TERM_TUPLE || t->seq.n != tuple_arity(type))
			return false;
		for (uint32_t i = 0; i < t->seq.n; i++)
			if (!value_fits(b, type->alts[i], t->seq.items[i]))
				return false;
		return true;
	case TYPE_ONEOF:
		for (size_t i = 0; type->alts[i] != NULL; i++)
			if (value_fits(b, type->alts[i], t))
				return true;
		return false;
	case TYPE_OPTIONS:
		return is_list(t);
	case TYPE_TERM:
		return true;
	}
	return false;
}

/* ---- check, with words ---- */

static bool is_left_out(struct bind *b, const struct type *type, const struct term *t,
			struct str name)
{
	if (!reports_unsupported(b) || !name_in(type->unsupported, name))
		return false;
	report_unsupported_value(b, t, name);
	return true;
}

static enum verdict check_name(struct bind *b, const struct type *type, const struct term *t)
{
	if (t->kind != TERM_ATOM) {
		report_type(b, type, t);
		return VALUE_WRONG;
	}
	if (!atom_fits(type, t)) {
		report_choice(b, type, t);
		return VALUE_WRONG;
	}
	return is_left_out(b, type, t, t->text) ? VALUE_LEFT_OUT : VALUE_FITS;
}

static enum verdict check_number(struct bind *b, const struct type *type, const struct term *t)
{
	if (!is_number(type, t)) {
		report_type(b, type, t);
		return VALUE_WRONG;
	}
	if (number_is_below(type, t)) {
		report_range(b, t, "below the minimum", type->min, type->unit);
		return VALUE_WRONG;
	}
	if (number_is_above(type, t)) {
		report_range(b, t, "above the maximum", type->max, type->unit);
		return VALUE_WRONG;
	}
	return VALUE_FITS;
}

static enum verdict check_text(struct bind *b, const struct type *type, const struct term *t)
{
	if (!text_kind_fits(b, type, t)) {
		report_type(b, type, t);
		return VALUE_WRONG;
	}
	if (text_of(t).n < (size_t)type->min) {
		report_empty(b, t, "the text is empty");
		return VALUE_WRONG;
	}
	if (type->names != NULL && !name_in(type->names, text_of(t))) {
		report_choice(b, type, t);
		return VALUE_WRONG;
	}
	if (is_left_out(b, type, t, text_of(t)))
		return VALUE_LEFT_OUT;
	if (type->kind == TYPE_BINARY && t->kind != TERM_BINARY)
		report_string_for_binary(b, t);
	return VALUE_FITS;
}

/* What this target leaves out names files in vain. */
static void note_path(struct bind *b, const struct term *t, enum path_role role)
{
	struct path_use use = {.term = t, .role = role, .option = b->option};

	if (b->target != TARGET_XMPPD || b->inside_unsupported == 0)
		vec_push(b->arena, &b->paths, use);
}

static enum verdict check_path(struct bind *b, const struct type *type, const struct term *t)
{
	enum verdict verdict = check_text(b, type, t);

	if (verdict == VALUE_FITS)
		note_path(b, t, type->role);
	return verdict;
}

static enum verdict check_secret(struct bind *b, const struct type *type, const struct term *t)
{
	bool secret = b->secret;
	enum verdict verdict = VALUE_FITS;

	b->secret = true;
	if (!is_secret_reference(b, t))
		verdict = check_text(b, type, t);
	else if (term_is_tuple(t, 2, "file"))
		note_path(b, t->seq.items[1], PATH_SECRET);
	b->secret = secret;
	return verdict;
}

static enum verdict check_ip(struct bind *b, const struct type *type, const struct term *t)
{
	enum verdict verdict = VALUE_FITS;

	if (!is_ip_shaped(t)) {
		report_type(b, type, t);
		return VALUE_WRONG;
	}
	for (uint32_t i = 0; i < t->seq.n; i++) {
		const struct term *element = t->seq.items[i];

		if (value_check(b, ip_element(t), &element, NULL) != VALUE_FITS)
			verdict = VALUE_WRONG;
	}
	return verdict;
}

/* The list without the elements that are not supported yet; those before `from` are kept. */
struct kept {
	const struct term **items;
	uint32_t n;
};

static void keep_from(struct bind *b, struct kept *kept, const struct term *list, uint32_t from)
{
	if (kept->items != NULL)
		return;
	kept->items = arena_array_of(b->arena, const struct term *, list->seq.n);
	for (uint32_t i = 0; i < from; i++)
		kept->items[i] = list->seq.items[i];
	kept->n = from;
}

static enum verdict check_list(struct bind *b, const struct type *type, const struct term **t)
{
	const struct term *list = *t;
	struct kept kept = {0};
	enum verdict verdict = VALUE_FITS;
	struct term *shorter;

	if (!is_list(list)) {
		report_type(b, type, list);
		return VALUE_WRONG;
	}
	if (list_len(list) < (uint64_t)type->min) {
		report_empty(b, list, "the list is empty");
		return VALUE_WRONG;
	}
	for (uint32_t i = 0; i < list_len(list); i++) {
		const struct term *element = list->seq.items[i];
		enum verdict one = value_check(b, type->of, &element, NULL);

		if (one == VALUE_WRONG)
			verdict = VALUE_WRONG;
		if (one == VALUE_LEFT_OUT || element != list->seq.items[i])
			keep_from(b, &kept, list, i);
		if (one == VALUE_FITS && kept.items != NULL)
			kept.items[kept.n++] = element;
	}
	if (verdict != VALUE_FITS || kept.items == NULL)
		return verdict;
	if (kept.n < (uint64_t)type->min)
		return VALUE_LEFT_OUT;
	shorter = arena_new_of(b->arena, struct term);
	*shorter = *list;
	shorter->seq.items = kept.items;
	shorter->seq.n = kept.n;
	*t = shorter;
	return VALUE_FITS;
}

static enum verdict check_tuple(struct bind *b, const struct type *type, const struct term *t)
{
	enum verdict verdict = VALUE_FITS;

	if (t->kind != TERM_TUPLE || t->seq.n != tuple_arity(type)) {
		report_type(b, type, t);
		return VALUE_WRONG;
	}
	for (uint32_t i = 0; i < t->seq.n; i++) {
		const struct term *element = t->seq.items[i];
		enum verdict one = value_check(b, type->alts[i], &element, NULL);

		if (one == VALUE_WRONG || (one == VALUE_LEFT_OUT && verdict == VALUE_FITS))
			verdict = one;
	}
	return verdict;
}

/* Whether what is wrong, if anything, lies inside the term or in its choice of words. */
static bool outside_fits(const struct bind *b, const struct type *type, const struct term *t)
{
	switch (type->kind) {
	case TYPE_INT:
	case TYPE_NUMBER:
		return is_number(type, t);
	case TYPE_SECRET:
		return is_secret_reference(b, t) || text_kind_fits(b, type, t);
	case TYPE_IP:
		return is_ip_shaped(t);
	case TYPE_LIST:
	case TYPE_OPTIONS:
		return is_list(t);
	case TYPE_TUPLE:
		return t->kind == TERM_TUPLE && t->seq.n == tuple_arity(type);
	default:
		return (takes_text(type) || type->kind == TYPE_BINARY) &&
		       text_kind_fits(b, type, t);
	}
}

/* The alternative that a term was probably meant to be, for the sake of a precise message. */
static const struct type *nearest_alternative(const struct bind *b, const struct type *type,
					      const struct term *t)
{
	const struct type *found = NULL;

	for (size_t i = 0; type->alts[i] != NULL; i++) {
		const struct type *alt = type->alts[i];

		if (alt->kind == TYPE_ONEOF)
			alt = nearest_alternative(b, alt, t);
		if (alt == NULL || !outside_fits(b, alt, t))
			continue;
		if (found == NULL)
			found = alt;
		if (alt->kind == TYPE_TUPLE && value_fits(b, alt->alts[0], t->seq.items[0]))
			return alt;
	}
	return found;
}

static enum verdict check_oneof(struct bind *b, const struct type *type, const struct term **t,
				struct bound **sub)
{
	const struct type *near;

	for (size_t i = 0; type->alts[i] != NULL; i++)
		if (value_fits(b, type->alts[i], *t))
			return value_check(b, type->alts[i], t, sub);
	near = nearest_alternative(b, type, *t);
	if (near != NULL)
		return value_check(b, near, t, sub);
	if ((*t)->kind == TERM_ATOM && report_choice(b, type, *t))
		return VALUE_WRONG;
	report_type(b, type, *t);
	return VALUE_WRONG;
}

static enum verdict check_options(struct bind *b, const struct type *type, const struct term *t,
				  struct bound **sub)
{
	struct bound *bound;

	if (!is_list(t)) {
		report_type(b, type, t);
		return VALUE_WRONG;
	}
	bound = bind_nested(b, type->section, t, t->at);
	if (sub != NULL)
		*sub = bound;
	return VALUE_FITS;
}

static enum verdict check_by_kind(struct bind *b, const struct type *type, const struct term **t,
				  struct bound **sub)
{
	switch (type->kind) {
	case TYPE_BOOL:
	case TYPE_CHOICE:
	case TYPE_LITERAL:
	case TYPE_ATOM:
	case TYPE_RULE:
	case TYPE_SHAPER:
	case TYPE_MODULE:
		return check_name(b, type, *t);
	case TYPE_INT:
	case TYPE_NUMBER:
		return check_number(b, type, *t);
	case TYPE_SECRET:
		return check_secret(b, type, *t);
	case TYPE_PATH:
		return check_path(b, type, *t);
	case TYPE_STRING:
	case TYPE_BINARY:
	case TYPE_HOST:
	case TYPE_SUBDOMAIN:
	case TYPE_REGEXP:
		return check_text(b, type, *t);
	case TYPE_IP:
		return check_ip(b, type, *t);
	case TYPE_LIST:
		return check_list(b, type, t);
	case TYPE_TUPLE:
		return check_tuple(b, type, *t);
	case TYPE_ONEOF:
		return check_oneof(b, type, t, sub);
	case TYPE_OPTIONS:
		return check_options(b, type, *t, sub);
	case TYPE_TERM:
		return VALUE_FITS;
	}
	CFGC_ASSERT(false && "a type kind without a check");
	return VALUE_WRONG;
}

enum verdict value_check(struct bind *b, const struct type *type, const struct term **t,
			 struct bound **sub)
{
	enum verdict verdict;

	if ((*t)->kind == TERM_BAD)
		return VALUE_WRONG;
	verdict = check_by_kind(b, type, t, sub);
	if (verdict == VALUE_FITS && type->check != NULL && !type->check(b, *t))
		verdict = VALUE_WRONG;
	return verdict;
}

bool schema_check_value(struct bind *b, const struct type *type, const struct term *t,
			const char *option_name)
{
	const char *outer = b->option;
	bool fits;

	b->option = option_name;
	fits = value_check(b, type, &t, NULL) == VALUE_FITS;
	b->option = outer;
	return fits;
}
