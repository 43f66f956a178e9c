/* world_file.c - look up and read what a configuration names, below a root. */
#include "world/world_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int file_root_open(struct file_root *root, const char *dir)
{
	root->fd = AT_FDCWD;
	if (dir == NULL)
		return 0;
	root->fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root->fd < 0 ? errno : 0;
}

void file_root_close(struct file_root *root)
{
	if (root->fd >= 0)
		close(root->fd);
	root->fd = AT_FDCWD;
}

/* Absolute names and links of an image mean files of the image. */
static int open_in_root(int root, const char *path, int flags)
{
	struct open_how how = {.flags = (unsigned)flags, .resolve = RESOLVE_IN_ROOT};
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return fd;
	/* Without openat2() links are followed as they are. */
	while (*path == '/')
		path++;
	return openat(root, *path != '\0' ? path : ".", flags);
}

static int open_path(const struct file_root *root, struct arena *a, struct str path, int flags)
{
	struct str copy = arena_str(a, path.p, path.n);

	if (path.n == 0 || memchr(path.p, '\0', path.n) != NULL) {
		errno = ENOENT;
		return -1;
	}
	return root->fd == AT_FDCWD ? open(copy.p, flags | O_CLOEXEC)
				    : open_in_root(root->fd, copy.p, flags | O_CLOEXEC);
}

/* The descriptor of a regular file, or -1 with errno. The file may have been replaced since it was
 * looked at: neither opening nor reading may wait. */
static int open_to_read(const struct file_root *root, struct arena *a, struct str path)
{
	int fd = open_path(root, a, path, O_RDONLY | O_NONBLOCK | O_NOCTTY), err;
	struct stat st;

	if (fd < 0)
		return -1;
	err = fstat(fd, &st) != 0 ? errno : S_ISREG(st.st_mode) ? 0 : EINVAL;
	if (err == 0)
		return fd;
	close(fd);
	errno = err;
	return -1;
}

static bool means_missing(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG;
}

static enum file_state state_of(mode_t mode)
{
	if (S_ISREG(mode))
		return FILE_THERE;
	return S_ISDIR(mode) ? FILE_IS_FOLDER : FILE_IS_SPECIAL;
}

struct file_answer file_look(const struct file_root *root, struct arena *a, struct str path)
{
	int fd = open_path(root, a, path, O_PATH);
	struct file_answer answer = {0};
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		answer.error = errno;
		answer.state = means_missing(errno) ? FILE_MISSING : FILE_REFUSED;
		if (fd >= 0)
			close(fd);
		return answer;
	}
	close(fd);
	answer.mode = st.st_mode;
	answer.size = st.st_size;
	answer.state = state_of(st.st_mode);
	if (answer.state != FILE_THERE)
		return answer;
	fd = open_to_read(root, a, path);
	if (fd < 0) {
		answer.state = FILE_REFUSED;
		answer.error = errno;
		return answer;
	}
	close(fd);
	return answer;
}

static int read_up_to(int fd, char *p, size_t limit, size_t *n)
{
	for (*n = 0; *n < limit;) {
		ssize_t got = read(fd, p + *n, limit - *n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		if (got == 0)
			return 0;
		*n += (size_t)got;
	}
	return EFBIG;
}

int file_contents(const struct file_root *root, struct arena *a, struct str path, struct str *out)
{
	int fd = open_to_read(root, a, path), err = errno;
	struct stat st;
	size_t room, n;
	char *p;

	if (fd < 0)
		return err;
	if (fstat(fd, &st) != 0 || st.st_size > WORLD_FILE_MAX_BYTES) {
		close(fd);
		return EFBIG;
	}
	/* A byte more than the file has, so that the end is seen; one for the NUL. */
	room = (size_t)st.st_size + 1;
	p = arena_alloc(a, room + 1);
	err = read_up_to(fd, p, room, &n);
	close(fd);
	*out = (struct str){p, n};
	return err;
}
