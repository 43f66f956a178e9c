/* file.c - read a file whole; replace a file atomically. */
#include "support/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(struct arena *a, int fd, size_t limit, size_t guess, struct str *out)
{
	size_t cap = guess + 1, n = 0;
	char *p = arena_alloc(a, cap);

	for (;;) {
		ssize_t got;

		if (n + 1 == cap) { /* keep a byte for the NUL */
			p = arena_resize(a, p, cap, cap * 2);
			cap *= 2;
		}
		got = read(fd, p + n, cap - n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		if (got == 0)
			break;
		n += (size_t)got;
		if (n > limit)
			return EFBIG;
	}
	p[n] = '\0';
	*out = (struct str){p, n};
	return 0;
}

static int read_fd(struct arena *a, int fd, size_t limit, struct str *out)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (S_ISREG(st.st_mode) && (uintmax_t)st.st_size > limit)
		return EFBIG;
	return read_all(a, fd, limit, S_ISREG(st.st_mode) ? (size_t)st.st_size + 1 : 65536, out);
}

int file_read(struct arena *a, const char *path, size_t limit, struct str *out)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int err;

	if (fd < 0)
		return errno;
	err = read_fd(a, fd, limit, out);
	if (!is_stdin)
		close(fd);
	return err;
}

static bool holds_already(struct arena *a, const char *path, struct str bytes)
{
	struct str now;

	return file_read(a, path, bytes.n, &now) == 0 && str_eq(now, bytes);
}

static int write_all(int fd, struct str bytes)
{
	for (size_t at = 0; at < bytes.n;) {
		ssize_t put = write(fd, bytes.p + at, bytes.n - at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return errno;
		at += (size_t)put;
	}
	return 0;
}

static mode_t current_umask(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return mask;
}

/* Written beside `path` and renamed over it. owner: whose the file is to be, NULL for the caller.
 */
static int write_beside(struct arena *a, const char *path, struct str bytes, mode_t mode,
			const struct stat *owner)
{
	/* The template is overwritten by mkstemp(); the arena's copy is ours to change. */
	char *temporary = arena_alloc(a, strlen(path) + sizeof(".XXXXXX"));
	int fd, err;

	sprintf(temporary, "%s.XXXXXX", path);
	fd = mkstemp(temporary);
	if (fd < 0)
		return errno;
	err = write_all(fd, bytes);
	if (err == 0 && owner != NULL &&
	    (owner->st_uid != geteuid() || owner->st_gid != getegid()) &&
	    fchown(fd, owner->st_uid, owner->st_gid) != 0)
		err = errno;
	if (err == 0 && fchmod(fd, mode) != 0)
		err = errno;
	if (close(fd) != 0 && err == 0)
		err = errno;
	if (err == 0 && rename(temporary, path) != 0)
		err = errno;
	if (err != 0)
		unlink(temporary);
	return err;
}

int file_write_atomic(struct arena *a, const char *path, struct str bytes, bool executable,
		      bool *changed)
{
	int err;

	if (changed != NULL)
		*changed = false;
	if (holds_already(a, path, bytes))
		return 0;
	err = write_beside(a, path, bytes, (executable ? 0777u : 0666u) & ~current_umask(), NULL);
	if (err == 0 && changed != NULL)
		*changed = true;
	return err;
}

int file_replace(struct arena *a, const char *path, struct str bytes)
{
	char *target = realpath(path, NULL);
	struct stat st;
	int err;

	if (target == NULL)
		return errno;
	if (stat(target, &st) != 0)
		err = errno;
	else if (!S_ISREG(st.st_mode))
		err = EINVAL;
	else if (access(target, W_OK) != 0)
		err = errno;
	else
		err = write_beside(a, target, bytes, st.st_mode & 07777, &st);
	free(target);
	return err;
}

int file_make_dirs(struct arena *a, const char *path)
{
	char *copy = arena_alloc(a, strlen(path) + 1);
	struct stat st;

	strcpy(copy, path);
	for (char *slash = copy + 1; *copy != '\0' && *slash != '\0'; slash++) {
		if (*slash != '/')
			continue;
		*slash = '\0';
		if (mkdir(copy, 0777) != 0 && errno != EEXIST)
			return errno;
		*slash = '/';
	}
	if (mkdir(copy, 0777) != 0 && errno != EEXIST)
		return errno;
	if (stat(copy, &st) != 0)
		return errno;
	return S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
}
