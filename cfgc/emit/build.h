/* build.h - what `cfgc emit` and `cfgc build` leave on the disk: all of it, or nothing. */
#ifndef CFGC_EMIT_BUILD_H
#define CFGC_EMIT_BUILD_H

#include "diag/diag.h"
#include "emit/emit.h"

/** Write the C, manifest.json and (mode 0600) the stored secrets into a folder. Reports what fails.
 */
bool build_folder(struct arena *a, struct diags *dl, const struct emission *emission,
		  const char *dir);

/**
 * Link a server: the binary, manifest.json beside it, and its stored secrets in "<output>.secrets".
 *
 * @param dir      where the C goes; NULL: into a folder that is removed again.
 * @param runtime  as in struct link_job.
 * @return false after a diagnostic; an old binary is as it was then.
 */
bool build_server(struct arena *a, struct diags *dl, const struct emission *emission,
		  const char *dir, const char *runtime, const char *output);

#endif
