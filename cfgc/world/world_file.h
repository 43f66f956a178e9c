/* world_file.h - files that a configuration names: looked up as the server would, read without
 * harm. Private to cfgc/world.
 *
 * A name may lead anywhere: to a pipe that nobody writes to, a device, a disk image. Nothing but a
 * regular file is opened for reading, and only so much of it is read.
 */
#ifndef CFGC_WORLD_WORLD_FILE_H
#define CFGC_WORLD_WORLD_FILE_H

#include <sys/types.h>

#include "support/arena.h"

/* Larger than any chain with its key, and than the bundle of all public CAs. The server refuses a
 * larger one as well. Bytes. */
#define WORLD_FILE_MAX_BYTES (1u << 20)

enum file_state {
	FILE_THERE,      /* a regular file that can be opened */
	FILE_MISSING,    /* no such file, or a name that no file can have */
	FILE_REFUSED,    /* there, but `error` keeps us from it */
	FILE_IS_FOLDER,  /* a directory */
	FILE_IS_SPECIAL, /* a pipe, a socket, a device: not opened */
};

struct file_answer {
	enum file_state state;
	int error;   /* FILE_MISSING, FILE_REFUSED: an errno */
	mode_t mode; /* unless FILE_MISSING */
	off_t size;  /* FILE_THERE; bytes */
};

/* Where paths are looked up: as the server will see them. */
struct file_root {
	int fd; /* AT_FDCWD: as they are. Else a folder that stands for "/" and for the server's own
		   folder; symbolic links do not lead out of it */
};

/**
 * Open --root.
 *
 * @param dir  NULL: none.
 * @return 0 or a positive errno. Ownership: file_root_close().
 */
int file_root_open(struct file_root *root, const char *dir);
void file_root_close(struct file_root *root);

/** What is at a path. Opens nothing but what is a regular file, and closes it again. */
struct file_answer file_look(const struct file_root *root, struct arena *a, struct str path);

/**
 * Read a file that is FILE_THERE.
 *
 * @return 0 or a positive errno; EFBIG past WORLD_FILE_MAX_BYTES. *out lies in the arena, a NUL
 * follows.
 */
int file_contents(const struct file_root *root, struct arena *a, struct str path, struct str *out);

#endif
