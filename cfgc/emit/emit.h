/* emit.h - a model to the C of a server: texts in memory first, then files, all or none.
 *
 *   model ──emit_model()──▶ struct emission ──emission_write()──▶ folder
 *
 * The same model and version give the same bytes on every machine: no time, host, user, absolute
 * path, address or environment gets into them.
 */
#ifndef CFGC_EMIT_EMIT_H
#define CFGC_EMIT_EMIT_H

#include <stdint.h>

#include "support/arena.h"

struct model;

struct emit_settings {
	const char *main_file; /* as given on the command line */
	const char *version;   /* of cfgc */
	uint32_t ninputs;      /* sources that were read, the first of the list; later ones are the
				  schema's own */
};

struct emitted_file {
	const char *name; /* "access.h", without folder */
	struct str text;
};

struct emission {
	VEC(struct emitted_file) files; /* server.c, its parts, manifest.json */
	struct str manifest;
	struct str secrets; /* what stands in the file of stored secrets; n == 0: there are none */
	struct str config_id;
};

/** Write the C of a model into memory. The model must be free of errors. */
void emit_model(struct arena *a, struct model *m, const struct emit_settings *settings,
		struct emission *out);

/**
 * Put the files into a folder, which is made when it is not there. Files that have the right bytes
 * already are not touched.
 *
 * @param failed  set to the file that could not be written.
 * @return 0 or a positive errno.
 */
int emission_write(struct arena *a, const struct emission *out, const char *dir,
		   const char **failed);

/** Write the stored secrets, readable by their owner alone; remove the file when there are none.
 * @return as above. */
int secrets_write(struct arena *a, const struct emission *out, const char *path);

#endif
