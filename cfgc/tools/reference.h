/* reference.h - the reference of all options, written from the schema. */
#ifndef CFGC_TOOLS_REFERENCE_H
#define CFGC_TOOLS_REFERENCE_H

#include "schema/schema.h"

struct strbuf;

enum reference_form { REFERENCE_TEXT, REFERENCE_JSON, REFERENCE_MARKDOWN };

/**
 * Append every section in the order of schema_each(), or only the sections of a name and the
 * options of that name in all sections.
 *
 * JSON is one array of sections: {"group", "name", "title", "help", "supported", "note",
 * "options": [{"name", "written", "type", "default", "help", "note", "flags": [...]}]}; what a
 * section or option does not have is null.
 *
 * @param name  NULL: all.
 * @return false if nothing is called so; then nothing is appended but what the form needs.
 */
bool reference_print(struct strbuf *out, enum reference_form form, const char *name);

/** Append mongooseim.cfg(5), in mdoc: about the file, then every section. */
void reference_man(struct strbuf *out);

#endif
