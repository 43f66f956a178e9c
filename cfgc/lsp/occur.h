/* occur.h - where rules, acls, shapers, macros and hosts are defined and used. Private to cfgc/lsp.
 */
#ifndef CFGC_LSP_OCCUR_H
#define CFGC_LSP_OCCUR_H

#include "lsp/analysis.h"
#include "lsp/expect.h"

enum name_kind { NAME_RULE, NAME_SET, NAME_SHAPER, NAME_MACRO, NAME_HOST };

struct occurrence {
	enum name_kind kind;
	struct str name;     /* decoded; of a host: as it is compared */
	struct span at;      /* in the file as it was read */
	struct span written; /* analysis_written(): NO_SPAN where it cannot be edited */
	bool is_definition;
	const struct term *term; /* the name itself */
	const struct term *form; /* of a definition: {acl, Name, Spec} and the like */
	struct str host; /* of a definition in host_config: for this host; n == 0: for all */
};

/* In the order of file and offset, each place once. */
struct occurrences {
	VEC(struct occurrence) list;
};

/** All of them, found when first asked for. */
const struct occurrences *occurrences_of(struct analysis *an);

/** The one that covers a byte, or ends at it; NULL: none. */
const struct occurrence *occurrence_at(struct analysis *an, uint32_t file, uint32_t off);

static inline bool is_same_name(const struct occurrence *a, const struct occurrence *b)
{
	return a->kind == b->kind && str_eq(a->name, b->name);
}

/** "access rule", "acl", ... */
const char *name_kind_text(enum name_kind kind);

/** Whether an atom is written as a macro is: capitals and no small letter. */
bool is_macro_name(struct str name);

/** Allow, deny and the like: values of clauses that are no shapers. */
bool is_verdict(struct str name);

#endif
