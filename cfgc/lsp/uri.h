/* uri.h - file URIs and paths (RFC 8089). Private to cfgc/lsp. */
#ifndef CFGC_LSP_URI_H
#define CFGC_LSP_URI_H

#include "support/strbuf.h"

/** The path of a file URI, NUL-terminated in the arena; NULL for any other URI, and for a path with
 * a NUL. */
const char *uri_path(struct arena *a, struct str uri);
/** "file:///..." of an absolute path. */
struct str uri_of_path(struct arena *a, const char *path);

/** One name for one file: without symbolic links where it exists, otherwise absolute. */
const char *path_canonical(struct arena *a, const char *path);

#endif
