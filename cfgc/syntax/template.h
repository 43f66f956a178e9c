/* template.h - a release template's {{{name}}} placeholders and the vars files that fill them in.
 */
#ifndef CFGC_SYNTAX_TEMPLATE_H
#define CFGC_SYNTAX_TEMPLATE_H

#include "diag/diag.h"
#include "syntax/term.h"

struct variable {
	struct str name, text; /* the text that goes in */
	struct span at;        /* of the value, in its vars file */
};

struct vars {
	VEC(struct variable) list;
};

/**
 * Add the variables of one file of {name, Value}. terms; a name that is known already gets the new
 * value.
 *
 * Values: a string or binary goes in as it is, an atom or number as it is printed.
 *
 * @return false if the file cannot be read; reported. Terms of another shape are E0143 and left
 * out.
 */
bool vars_read(struct vars *vars, struct sources *ss, struct diags *dl, const char *path);

/**
 * Fill in the placeholders of a file: {{{name}}} and {{&name}} with the text, {{name}} with its
 * HTML escapes, as Mustache.
 *
 * A name without value is E0141 (not in a line that is a comment), and its placeholder stays.
 * Sections and the like are E0142.
 *
 * @return the index of the filled-in source, whose spans lead back to the placeholders; `file` if
 * it has none.
 */
uint32_t template_render(struct sources *ss, struct diags *dl, uint32_t file,
			 const struct vars *vars);

/** The length in bytes of {{{name}}} or {{name}} at the start of text, 0 if there is none. Blanks
 * around name are fine. */
uint32_t placeholder_length(struct str text, struct str *name);

#endif
