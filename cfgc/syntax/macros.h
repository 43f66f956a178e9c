/* macros.h - {define_macro, 'NAME', Value}: collect the definitions, replace the uses. */
#ifndef CFGC_SYNTAX_MACROS_H
#define CFGC_SYNTAX_MACROS_H

#include "diag/diag.h"
#include "syntax/term.h"

/**
 * Take the definitions out of the forms and replace every use in the rest.
 *
 * A macro's name is an atom with a capital letter and no small one. Lists and tuples are searched
 * at all depths, maps are not. Values are taken as they are: a macro's name in one stays an atom
 * (W0157).
 *
 * Errors: an undefined name (E0151, once per name), a malformed definition (E0152), a macro in the
 * list of hosts (E0153), an improper list (E0154). Source: MongooseIM 3.2,
 * mongoose_config_parser:replace_macros.
 */
void macros_replace(struct arena *a, struct diags *dl, const struct forms *in, struct forms *out);

#endif
