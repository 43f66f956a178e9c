/* bind.h - what the parts of the schema share while terms are bound. Private to cfgc/schema. */
#ifndef CFGC_SCHEMA_BIND_H
#define CFGC_SCHEMA_BIND_H

#include "schema/schema.h"
#include "support/strbuf.h"

enum verdict {
	VALUE_FITS,
	VALUE_WRONG,    /* reported, unless it holds TERM_BAD */
	VALUE_LEFT_OUT, /* reported: xmppd does not support it yet */
};

/** Whether a term is of a type in every respect but nested options and `check`. Reports nothing. */
bool value_fits(const struct bind *b, const struct type *type, const struct term *t);

/**
 * Check a term and report what is wrong with it.
 *
 * @param t    replaced when a list had elements that were left out.
 * @param sub  set to the nested options when the type is TYPE_OPTIONS, or a TYPE_ONEOF that chose
 * it.
 */
enum verdict value_check(struct bind *b, const struct type *type, const struct term **t,
			 struct bound **sub);

/** Bind an option list inside another: schema_bind() with the state of the outer one kept. */
struct bound *bind_nested(struct bind *b, const struct section *section, const struct term *list,
			  struct span owner_at);

/** The parsed default of an option, or NULL. */
const struct term *default_term(struct bind *b, const struct option *o);
/** Fill in what was not given. */
void fill_defaults(struct bind *b, struct bound *bound);

/** Whether unsupported things are to be reported now. */
static inline bool reports_unsupported(const struct bind *b)
{
	return b->target == TARGET_XMPPD && b->inside_unsupported == 0;
}

/** Close a diagnostic E07 that was just added: warn only, if the command line allows it. */
void finish_unsupported(struct bind *b, const char *note);

/* Texts of messages (describe.c). */

/** "the atom 'x'", "a string of 12 bytes": what a term is, for "found ...". */
struct str found_text(const struct bind *b, const struct term *t);
/** Whether atoms of this name need no quotes. */
bool atom_is_plain(struct str name);
/** Write an atom as it stands in a file, a string in its quotes, a binary with <<>>. */
void add_atom(struct strbuf *out, struct str name);
void add_string(struct strbuf *out, struct str text);
void add_binary(struct strbuf *out, struct str text);

static inline bool name_in(const char *const *names, struct str name)
{
	for (; names != NULL && *names != NULL; names++)
		if (str_eqz(name, *names))
			return true;
	return false;
}

/* A string or a binary, or the empty list as the empty string. */
static inline bool is_text(const struct term *t)
{
	return t->kind == TERM_STRING || t->kind == TERM_BINARY || term_is_nil(t);
}

static inline struct str text_of(const struct term *t)
{
	return t->kind == TERM_STRING || t->kind == TERM_BINARY || t->kind == TERM_ATOM
		       ? t->text
		       : (struct str){"", 0};
}

static inline bool is_list(const struct term *t)
{
	return term_is_nil(t) || (t->kind == TERM_LIST && t->seq.tail == NULL);
}

/* Elements of a list, "" being the empty one. */
static inline uint32_t list_len(const struct term *t)
{
	return t->kind == TERM_LIST ? t->seq.n : 0;
}

#endif
