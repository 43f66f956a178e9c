/* fix.h - apply the edits that diagnostics carry: to the files themselves, or as a unified diff. */
#ifndef CFGC_TOOLS_FIX_H
#define CFGC_TOOLS_FIX_H

#include "diag/diag.h"

struct strbuf;

/* One edit of a file as it was read: bytes [off, off + len) become `with`, in the file's own
 * encoding. */
struct fix_edit {
	uint32_t file; /* of sources: the file as it was read, first one of its name */
	uint32_t off, len;
	struct str with;
	size_t finding; /* in plan->findings */
};

struct fix_finding {
	struct diag *diag;
	const char *why_not; /* NULL: it is fixed */
};

/* What is going to be changed. */
struct fix_plan {
	struct arena *arena;
	const struct sources *sources;
	const char **real_paths; /* by file of sources; NULL: no file */
	uint32_t *same;          /* by file of sources: the first one that is the same file */
	VEC(struct fix_finding) findings;
	VEC(struct fix_edit) edits; /* by file and offset, none overlapping */
	size_t nfixed;              /* findings */
};

/**
 * Collect the edits of all diagnostics.
 *
 * The edits of one diagnostic are made together or not at all. Of two that overlap the later one is
 * left out, and so is one with a character that
 * the file's encoding lacks. The same edit asked for twice is made once.
 */
void fix_plan(struct arena *a, struct diags *dl, struct fix_plan *plan);

/** The same without those that change what MongooseIM 3.2.0 does; they are findings left out. */
void fix_plan_safe(struct arena *a, struct diags *dl, struct fix_plan *plan);

/** UTF-8 as ISO 8859-1. @return false if it holds a character that has no place there. */
bool latin1_of_utf8(struct arena *a, struct str text, struct str *out);

/** Give each diagnostic in dl that is one of those left out a note that says why. */
void fix_note_left_out(const struct fix_plan *plan, struct diags *dl);

/** The changes as a unified diff with three lines of context. */
void fix_diff(struct strbuf *out, const struct fix_plan *plan);

/**
 * Write the changed files, each one whole or not at all. A file that is no longer what was read is
 * not touched.
 *
 * @return the number of files written; what failed is reported in dl (E0007).
 */
size_t fix_write(const struct fix_plan *plan, struct diags *dl);

#endif
