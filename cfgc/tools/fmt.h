/* fmt.h - lay out a configuration: indentation, spaces and blank lines, and nothing else. */
#ifndef CFGC_TOOLS_FMT_H
#define CFGC_TOOLS_FMT_H

#include "diag/diag.h"

struct strbuf;
struct options;

/**
 * Append sources->files[file], which must have parsed without an error, in the one layout:
 *
 *   - lines stay where the author broke them, but every term begins one; a line is indented two
 *     columns deeper than the line whose bracket it stands in
 *   - one space behind a comma and on both sides of =>, none inside brackets, none before , and .
 *   - comments keep their words; those behind code on consecutive lines stand in one column
 *   - at most two empty lines between terms and one inside; no blanks at the end of a line
 *
 * The terms are the same, and laying out the result changes nothing.
 */
void fmt_source(struct strbuf *out, const struct sources *sources, uint32_t file);

/**
 * cfgc fmt: lay out each of o->files in place; standard input goes to standard output. With
 * o->check the names of files that would change are printed, with o->diff the changes, and nothing
 * is written.
 *
 * A file with errors in its syntax is reported and left alone; the others are not.
 *
 * @return false if o->check or o->diff found a difference.
 */
bool fmt_run(struct arena *a, struct diags *dl, struct sources *sources, const struct options *o);

#endif
