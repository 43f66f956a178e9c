/* expand.h - from a file to the forms that count: templates rendered, includes spliced in, macros
 * replaced.
 *
 *   path ─► bytes ─► [render {{{name}}} from the vars files] ─► forms ─► includes in place ─►
 * macros ─► forms
 *
 * Everything that comes later (override_*, host_config and its append form, options) sees terms
 * only.
 */
#ifndef CFGC_SYNTAX_EXPAND_H
#define CFGC_SYNTAX_EXPAND_H

#include "diag/diag.h"
#include "syntax/fragment.h"
#include "syntax/template.h"
#include "syntax/term.h"

/** Files included by files included by ...: deeper than this is E0005. Levels. */
#define EXPAND_MAX_INCLUDES 16

/** Include directives followed in all, so that files that include each other twice, thrice, ...
 * come to an end (E0005). */
#define EXPAND_MAX_FILES 1000

/* A file that is being read. */
struct include {
	const char *real_path; /* NULL: not a file */
	struct span directive; /* NO_SPAN for the main file */
};

struct expand {
	struct arena *arena;
	struct sources *sources;
	struct diags *diags;
	VEC(const char *) vars_files; /* --vars, in the order given. Empty: do not render */

	/* filled in on the way, zeroed by the caller */
	struct vars vars;
	bool vars_are_read;
	VEC(struct include) includes; /* the files being read, outermost first */
	uint32_t nincluded;
};

/**
 * Read one file as a list of forms and nothing more: rendered if there are vars files, parsed, not
 * expanded.
 *
 * Forms that are broken are reported and left out.
 *
 * @return false if the file (or a vars file) cannot be read at all; reported.
 */
bool expand_read(struct expand *x, const char *path, struct forms *out);

/**
 * Read a file and everything it includes, and replace the macros.
 *
 * The result holds no include_config_file and no define_macro form. A term that a macro brought
 * keeps the place where it was written (term.at) and knows where it was used (term.used_at).
 *
 * @return false if the main file (or a vars file) cannot be read at all; reported. Other mistakes
 * are diagnostics only. Source: MongooseIM 3.2, include_config_file, define_macro, use_macro.
 */
bool expand_file(struct expand *x, const char *path, struct forms *out);

/**
 * Read a file as what would stand inside a frame, and put the terms of `beside` in front of it.
 * Nothing is included.
 *
 * @return the source of the file, NO_FILE if it cannot be read; reported.
 */
uint32_t expand_fragment(struct expand *x, const char *path, const struct fragment_frame *frame,
			 const char *beside, struct forms *out);

#endif
