/* describe.c - types and terms in words, for messages and the reference. */
#include "schema/bind.h"

#define LONGEST_QUOTED 40 /* bytes of a value that a message repeats */

bool atom_is_plain(struct str name)
{
	if (name.n == 0 || name.p[0] < 'a' || name.p[0] > 'z')
		return false;
	for (size_t i = 1; i < name.n; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '@'))
			return false;
	}
	/* The words of the language that look like names; `maybe` is one only when it is enabled.
	 */
	return !name_in((const char *const[]){"after", "and",    "andalso", "band", "begin",
					      "bnot",  "bor",    "bsl",     "bsr",  "bxor",
					      "case",  "catch",  "cond",    "div",  "end",
					      "fun",   "if",     "let",     "not",  "of",
					      "or",    "orelse", "receive", "rem",  "try",
					      "when",  "xor",    NULL},
			name);
}

static void add_quoted(struct strbuf *out, char quote, struct str text)
{
	strbuf_addc(out, quote);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == quote || text.p[i] == '\\')
			strbuf_addc(out, '\\');
		strbuf_addc(out, text.p[i]);
	}
	strbuf_addc(out, quote);
}

void add_atom(struct strbuf *out, struct str name)
{
	if (atom_is_plain(name))
		strbuf_add(out, name);
	else
		add_quoted(out, '\'', name);
}

void add_string(struct strbuf *out, struct str text)
{
	add_quoted(out, '"', text);
}

void add_binary(struct strbuf *out, struct str text)
{
	bool ascii = true;

	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= 0x80)
			ascii = false;
	strbuf_addz(out, "<<");
	add_quoted(out, '"', text);
	strbuf_addz(out, ascii ? ">>" : "/utf8>>");
}

static void add_names(struct strbuf *out, const char *const *names,
		      void (*add)(struct strbuf *out, struct str name))
{
	for (size_t i = 0; names[i] != NULL; i++) {
		if (i != 0)
			strbuf_addz(out, names[i + 1] == NULL ? " or " : ", ");
		add(out, str_of(names[i]));
	}
}

static void add_range(struct strbuf *out, const struct type *type, const char *noun)
{
	bool integer = type->kind == TYPE_INT;

	if (type->min == 1 && type->max >= UINT32_MAX)
		strbuf_printf(out, "a positive %s", noun);
	else if (type->min == INT64_MIN && type->max == INT64_MAX)
		strbuf_printf(out, "%s %s", integer ? "an" : "a", noun);
	else if (type->max >= UINT32_MAX)
		strbuf_printf(out, "%s %s of at least %lld", integer ? "an" : "a", noun,
			      (long long)type->min);
	else
		strbuf_printf(out, "%s %s from %lld to %lld", integer ? "an" : "a", noun,
			      (long long)type->min, (long long)type->max);
	if (type->unit != NULL)
		strbuf_printf(out, " (%s)", type->unit);
}

static void describe(struct strbuf *out, const struct type *type);

static void add_alternatives(struct strbuf *out, const struct type *type)
{
	for (size_t i = 0; type->alts[i] != NULL; i++) {
		if (i != 0)
			strbuf_addz(out, type->alts[i + 1] == NULL ? " or " : ", ");
		describe(out, type->alts[i]);
	}
}

static void add_tuple(struct strbuf *out, const struct type *type)
{
	strbuf_addz(out, "a tuple {");
	for (size_t i = 0; type->alts[i] != NULL; i++) {
		if (i != 0)
			strbuf_addz(out, ", ");
		describe(out, type->alts[i]);
	}
	strbuf_addc(out, '}');
}

static void describe(struct strbuf *out, const struct type *type)
{
	if (type->text != NULL && type->kind != TYPE_LITERAL) {
		strbuf_addz(out, type->text);
		return;
	}
	switch (type->kind) {
	case TYPE_BOOL:
		strbuf_addz(out, "true or false");
		break;
	case TYPE_INT:
		add_range(out, type, "integer");
		break;
	case TYPE_NUMBER:
		add_range(out, type, "number");
		break;
	case TYPE_CHOICE:
		add_names(out, type->names, add_atom);
		break;
	case TYPE_ATOM:
		strbuf_addz(out, "an atom");
		break;
	case TYPE_STRING:
		if (type->names != NULL)
			add_names(out, type->names, add_string);
		else
			strbuf_addz(out, "a string");
		break;
	case TYPE_BINARY:
		if (type->names != NULL)
			add_names(out, type->names, add_binary);
		else
			strbuf_addz(out, "a binary (<<\"...\">>)");
		break;
	case TYPE_PATH:
		strbuf_addz(out, "a file name (string)");
		break;
	case TYPE_SECRET:
		strbuf_addz(out, "a string, {env, \"NAME\"} or {file, \"PATH\"}");
		break;
	case TYPE_HOST:
		strbuf_addz(out, "a domain (string)");
		break;
	case TYPE_SUBDOMAIN:
		strbuf_addz(out, "a domain (string), @HOST@ standing for the virtual host");
		break;
	case TYPE_IP:
		strbuf_addz(out, "an IP address as a tuple of 4 or 8 numbers");
		break;
	case TYPE_RULE:
		strbuf_addz(out, "the name of an access rule (atom)");
		break;
	case TYPE_SHAPER:
		strbuf_addz(out, "the name of a shaper (atom)");
		break;
	case TYPE_MODULE:
		strbuf_addz(out, "the name of a module (atom)");
		break;
	case TYPE_REGEXP:
		strbuf_addz(out, "a regular expression (string)");
		break;
	case TYPE_LIST:
		strbuf_addz(out, "a list; each element ");
		describe(out, type->of);
		break;
	case TYPE_TUPLE:
		add_tuple(out, type);
		break;
	case TYPE_ONEOF:
		add_alternatives(out, type);
		break;
	case TYPE_LITERAL:
		add_atom(out, str_of(type->text));
		break;
	case TYPE_OPTIONS:
		strbuf_printf(out, "a list of options for %s", type->section->title);
		break;
	case TYPE_TERM:
		strbuf_addz(out, "a term");
		break;
	}
}

struct str type_describe(struct arena *a, const struct type *type)
{
	struct strbuf out = {.arena = a};

	describe(&out, type);
	return strbuf_str(&out);
}

struct str option_describe(struct arena *a, const struct option *o)
{
	struct strbuf out = {.arena = a};
	const struct type *type = o->type;

	switch (o->form) {
	case FORM_FLAG:
		strbuf_addz(&out, o->name);
		break;
	case FORM_PAIR:
	case FORM_UNFOLD:
		strbuf_printf(&out, "{%s, ", o->name);
		describe(&out, type);
		strbuf_addc(&out, '}');
		break;
	case FORM_KEYED:
		strbuf_printf(&out, "{{%s, ", o->name);
		describe(&out, o->key);
		strbuf_addz(&out, "}, ");
		describe(&out, type);
		strbuf_addc(&out, '}');
		break;
	case FORM_TUPLE:
		while (type->kind == TYPE_ONEOF)
			type = type->alts[0];
		strbuf_printf(&out, "{%s", o->name);
		for (size_t i = 0; type->alts[i] != NULL; i++) {
			strbuf_addz(&out, ", ");
			describe(&out, type->alts[i]);
		}
		strbuf_addc(&out, '}');
		break;
	}
	return strbuf_str(&out);
}

struct str found_text(const struct bind *b, const struct term *t)
{
	struct strbuf out = {.arena = b->arena};
	bool is_short =
		(t->kind != TERM_STRING && t->kind != TERM_BINARY && t->kind != TERM_ATOM) ||
		t->text.n <= LONGEST_QUOTED;

	switch (t->kind) {
	case TERM_ATOM:
		if (b->secret || !is_short)
			break;
		strbuf_printf(&out, "the atom '%.*s'", STR_ARG(t->text));
		return strbuf_str(&out);
	case TERM_STRING:
	case TERM_BINARY:
		if (b->secret || !is_short) {
			strbuf_printf(&out, "%s of %zu bytes", term_kind_name(t->kind), t->text.n);
			return strbuf_str(&out);
		}
		strbuf_addz(&out, t->kind == TERM_STRING ? "the string " : "the binary ");
		term_print(&out, t);
		return strbuf_str(&out);
	case TERM_INT:
	case TERM_FLOAT:
		if (b->secret || (t->kind == TERM_INT && t->integer.digits.n > LONGEST_QUOTED))
			break;
		strbuf_addz(&out, "the number ");
		term_print(&out, t);
		return strbuf_str(&out);
	case TERM_TUPLE:
		strbuf_printf(&out, "a tuple of %u", t->seq.n);
		return strbuf_str(&out);
	case TERM_LIST:
		if (t->seq.tail == NULL)
			break;
		return STR("a list that does not end with []");
	case TERM_BITS:
	case TERM_MAP:
	case TERM_FUN:
	case TERM_BAD:
		break;
	}
	strbuf_addz(&out, term_kind_name(t->kind));
	return strbuf_str(&out);
}
