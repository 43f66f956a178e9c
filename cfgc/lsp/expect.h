/* expect.h - what the schema expects at a place, found by stepping inwards bracket by bracket.
 *
 *   EXPECT_ELEMENT(top)  ─ into {listen, ..} at 1 ─►  list of EXPECT_LISTENER  ─ into [..] ─►  ...
 *
 * The same steps serve terms that parsed, and brackets around a cursor in text that does not.
 * Private to cfgc/lsp.
 */
#ifndef CFGC_LSP_EXPECT_H
#define CFGC_LSP_EXPECT_H

#include "schema/schema.h"

enum expect_kind {
	EXPECT_ANY,     /* the schema does not say */
	EXPECT_ELEMENT, /* an option of `section`: a form of the file, an element of a list */
	EXPECT_OPTION,  /* the name that such an element begins with */
	EXPECT_ADDED,   /* the same in {add, Name} */
	EXPECT_VALUE,   /* a value of `type` */
	/* Tuples that name the section of their options. */
	EXPECT_LISTENER,
	EXPECT_MODULE,
	EXPECT_SERVICE,
	EXPECT_ROUTE,
	EXPECT_POOL,
	EXPECT_NAME, /* the name of one: a section of `group` */
	/* Access control. */
	EXPECT_SPEC,         /* whom an acl describes */
	EXPECT_SPEC_KIND,    /* its first word */
	EXPECT_CLAUSE,       /* {Value, Acl} */
	EXPECT_CLAUSE_VALUE, /* allow, deny, a shaper, a number */
	/* Names, where they are defined and where they are used. */
	EXPECT_RULE_NAME,
	EXPECT_SET_NAME,
	EXPECT_SHAPER_NAME,
	EXPECT_MACRO_NAME,
	EXPECT_HOST_NAME,
	EXPECT_SET,
	EXPECT_HOST,
};

struct expect {
	enum expect_kind kind;
	bool is_list;        /* of what the rest says */
	bool in_host_config; /* only what may be set per host */
	const struct section *section;
	const struct option *option; /* whose value, or part of a value, it is; NULL: none */
	const struct type *type;     /* EXPECT_VALUE */
	enum schema_group group;     /* EXPECT_NAME */
};

#define SHAPE_ITEMS 5

/* A tuple or list as far as one must know it to step inside. */
struct shape {
	bool is_list;
	struct str atoms[SHAPE_ITEMS]; /* its first elements that are atoms; n == 0: another */
	struct str key_atoms[2];       /* the atoms of the first element, when that is a tuple */
};

/** What a form of the file may be. */
struct expect expect_form(void);

/** What is expected as element `index` (0-based) of a tuple or list that stands where `outer` was
 * expected. */
struct expect expect_inside(const struct expect *outer, const struct shape *shape, uint32_t index);

/** The shape of a tuple or list. */
struct shape shape_of(const struct term *t);

/** The section that a name of a group stands for, or NULL. */
const struct section *section_named(enum schema_group group, struct str name);

/** What stands in a file for a section: the last part of its name. */
const char *section_written(const struct section *s);

#endif
