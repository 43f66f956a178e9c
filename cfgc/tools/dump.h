/* dump.h - the configuration that holds in the end, as terms that say where they come from. */
#ifndef CFGC_TOOLS_DUMP_H
#define CFGC_TOOLS_DUMP_H

#include "model/model.h"

struct strbuf;

/**
 * Append the effective configuration: includes and macros resolved, host_config split by host,
 * defaults filled in, every value followed by a comment with its place or "default".
 *
 * Values of secret options are masked, wherever they stand; {env, Name} and {file, Path} are not
 * secret and stay. The text is a configuration again. What this server leaves out is a comment at
 * the end.
 *
 * @param forms  what m was built from, with the rules, sets and shapers in their order.
 */
void dump_print(struct strbuf *out, const struct model *m, const struct forms *forms);

#endif
