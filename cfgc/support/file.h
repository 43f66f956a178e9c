/* file.h - whole files in, whole files out. */
#ifndef CFGC_SUPPORT_FILE_H
#define CFGC_SUPPORT_FILE_H

#include "support/arena.h"

/**
 * Read a regular file, a pipe or standard input ("-") whole.
 *
 * @param limit  bytes; a longer file is refused without reading it all.
 * @return 0, or a positive errno: EFBIG past the limit, EISDIR for a directory, else what the
 * system said. Ownership: *out lies in the arena and a NUL follows its last byte.
 */
int file_read(struct arena *a, const char *path, size_t limit, struct str *out);

/**
 * Make `path` hold exactly `bytes`, or leave it as it is: written beside it and renamed over it,
 * never half-written. A file that already holds these bytes is not touched, so that nothing that
 * depends on it is built anew.
 *
 * @param executable  mode 0777 instead of 0666, less the umask.
 * @param changed     set to whether the file was written; may be NULL.
 * @return 0 or a positive errno.
 */
int file_write_atomic(struct arena *a, const char *path, struct str bytes, bool executable,
		      bool *changed);

/**
 * Give an existing regular file new contents, all or nothing; a symbolic link keeps pointing to it.
 *
 * Its mode and owner stay as they are; where the owner cannot be kept, and where the file may not
 * be written, nothing is done.
 *
 * @return 0 or a positive errno.
 */
int file_replace(struct arena *a, const char *path, struct str bytes);

/** Create a directory and its missing parents. An existing one is fine. @return 0 or a positive
 * errno. */
int file_make_dirs(struct arena *a, const char *path);

#endif
