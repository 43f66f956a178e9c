/* term.h - Erlang terms with their places in the source. Immutable once parsed. */
#ifndef CFGC_SYNTAX_TERM_H
#define CFGC_SYNTAX_TERM_H

#include "syntax/source.h"

enum term_kind {
	TERM_ATOM,
	TERM_INT,
	TERM_FLOAT,
	TERM_STRING, /* written in quotes; text is UTF-8. "" and [] are the same value:
			term_is_nil() */
	TERM_BINARY, /* text holds the bytes */
	TERM_BITS,   /* a bitstring whose length is no multiple of 8 */
	TERM_TUPLE,
	TERM_LIST, /* seq.tail is set for an improper list */
	TERM_MAP,  /* seq.items alternate key, value */
	TERM_FUN,  /* fun m:f/a */
	TERM_BAD,  /* stands for what failed to lex or parse; every check accepts it in silence */
};

struct term {
	enum term_kind kind;
	struct span at;      /* the whole term, brackets included */
	struct span used_at; /* where a macro was used that brought it; NO_SPAN otherwise */
	uint8_t nbits;       /* TERM_BITS: bits used of the last byte, 1..7 */
	bool is_big;         /* TERM_INT: does not fit int64_t */
	union {
		struct str text; /* atom, string (UTF-8), binary and bits (bytes), fun "m:f/a" */
		struct {
			int64_t value;     /* meaningful unless is_big */
			struct str digits; /* decimal, with sign; always set */
		} integer;
		double real;
		struct {
			const struct term **items;
			uint32_t n;
			const struct term *tail; /* improper list only */
		} seq;
	};
};

/* One form of the file: a term and its full stop. */
struct form {
	const struct term *term;
	struct span at; /* with the full stop */
};

struct forms {
	VEC(struct form) list;
};

/** A printed name of the kind with its article: "an atom", "a list", for messages. */
const char *term_kind_name(enum term_kind kind);

bool term_is_atom(const struct term *t, const char *name);
/** The empty list, however written: [] or "". */
bool term_is_nil(const struct term *t);
/** A tuple of n elements whose first is the atom name (name NULL: any first element). */
bool term_is_tuple(const struct term *t, uint32_t n, const char *name);
/** Deep equality of values: spans do not count, "ab" equals [97,98]. */
bool term_equal(const struct term *a, const struct term *b);

/** Write one term as the tagged JSON of `cfgc terms`. */
struct strbuf;
void term_to_json(struct strbuf *out, const struct term *t);
/** Write one term in Erlang syntax, on one line. */
void term_print(struct strbuf *out, const struct term *t);

#endif
