/* ctl_server.c - the thread that answers ctl requests. */
#include "app/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/log.h"

/* A client that does not finish its request, or does not read its answer, must not block the
 * others. s */
#define PEER_TIMEOUT_S 5

struct rt_ctl {
	const struct rt_gen *gen;
	char path[PATH_MAX]; /* of the socket, to remove it */
	int listen_fd, stop_fd;
	pthread_t thread;
	bool running;
};

int rt_ctl_address(const char *data_dir, struct sockaddr_un *out)
{
	int fd = open(data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return RT_E_IO;
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d/" RT_CTL_SOCKET, fd);
	return fd;
}

static bool send_all(int fd, const char *p, size_t n)
{
	ssize_t sent;

	while (n > 0) {
		sent = send(fd, p, n, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* One line, without its end. @return bytes, or -1 */
static ssize_t read_line(int fd, char *line, size_t size)
{
	size_t n = 0;
	ssize_t got;
	char *end;

	while (n < size) {
		got = recv(fd, line + n, size - n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		n += (size_t)got;
		end = memchr(line, '\n', n);
		if (end != NULL)
			return end - line;
	}
	return -1;
}

static void answer(const struct rt_ctl *ctl, int fd)
{
	struct rt_str words[RT_CTL_WORDS_MAX];
	struct rt_buf out = {0};
	char line[RT_CTL_LINE_MAX], error[256] = "";
	ssize_t len = read_line(fd, line, sizeof(line));
	int n, err = RT_E_INVALID;

	if (len < 0)
		return;
	n = rt_ctl_split(line, (size_t)len, words, RT_CTL_WORDS_MAX);
	if (n <= 0)
		snprintf(error, sizeof(error), "malformed request");
	else
		err = rt_ctl_run(ctl->gen, words, n, &out, error, sizeof(error));
	if (err == RT_OK && out.failed) {
		err = RT_E_NOMEM;
		snprintf(error, sizeof(error), "out of memory");
	}
	if (n > 0)
		RT_LOG(INFO, NULL, "ctl", err == RT_OK ? "done" : "refused",
		       KV_STR("command", words[0]), KV_Z("problem", error));
	if (err == RT_OK) {
		if (send_all(fd, "ok\n", 3) && rt_buf_len(&out) > 0)
			(void)send_all(fd, out.data + out.start, rt_buf_len(&out));
	} else if (send_all(fd, "error ", 6) && send_all(fd, error, strlen(error))) {
		(void)send_all(fd, "\n", 1);
	}
	explicit_bzero(line, sizeof(line)); /* there may be a password in it */
	rt_buf_fini(&out);
}

static void *run_ctl(void *arg)
{
	struct rt_ctl *ctl = arg;
	struct timeval patience = {.tv_sec = PEER_TIMEOUT_S};
	struct pollfd fds[2] = {{.fd = ctl->stop_fd, .events = POLLIN},
				{.fd = ctl->listen_fd, .events = POLLIN}};
	int fd;

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents != 0)
			break;
		if (fds[1].revents == 0)
			continue;
		fd = accept4(ctl->listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0) {
			/* Out of descriptors, most likely: look again in a while, or when it is
			 * time to stop. */
			(void)poll(fds, 1, 100);
			continue;
		}
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		answer(ctl, fd);
		close(fd);
	}
	rt_arena_pool_trim(0);
	return NULL;
}

/* A socket file that is there is left over: who holds the data directory's lock owns the name. */
static int listen_in(struct rt_ctl *ctl, const char *data_dir)
{
	struct sockaddr_un address;
	int dir_fd = rt_ctl_address(data_dir, &address), error;
	bool ok;

	if (dir_fd < 0)
		return RT_E_IO;
	ctl->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ok = ctl->listen_fd >= 0 && (unlink(address.sun_path) == 0 || errno == ENOENT) &&
	     bind(ctl->listen_fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	     chmod(address.sun_path, 0600) == 0 && listen(ctl->listen_fd, 16) == 0;
	error = errno;
	close(dir_fd);
	errno = error;
	return ok ? RT_OK : RT_E_IO;
}

int rt_ctl_start(struct rt_ctl **out, const struct rt_gen *gen, const char *data_dir)
{
	struct rt_ctl *ctl = calloc(1, sizeof(*ctl));
	int err;

	if (ctl == NULL)
		return RT_E_NOMEM;
	ctl->gen = gen;
	ctl->listen_fd = -1;
	ctl->stop_fd = eventfd(0, EFD_CLOEXEC);
	err = ctl->stop_fd < 0 ? RT_E_IO : listen_in(ctl, data_dir);
	if (err == RT_OK && (size_t)snprintf(ctl->path, sizeof(ctl->path), "%s/" RT_CTL_SOCKET,
					     data_dir) >= sizeof(ctl->path))
		ctl->path[0] = '\0';
	if (err == RT_OK && pthread_create(&ctl->thread, NULL, run_ctl, ctl) == 0)
		ctl->running = true;
	if (!ctl->running) {
		RT_LOG(ERROR, NULL, "ctl", "failed", KV_Z("dir", data_dir),
		       KV_Z("socket", RT_CTL_SOCKET), KV_ERRNO(errno));
		rt_ctl_stop(&ctl);
		return RT_E_IO;
	}
	pthread_setname_np(ctl->thread, "ctl");
	*out = ctl;
	return RT_OK;
}

void rt_ctl_stop(struct rt_ctl **ctl)
{
	struct rt_ctl *c = *ctl;
	uint64_t one = 1;

	*ctl = NULL;
	if (c == NULL)
		return;
	if (c->running) {
		RT_ASSERT(write(c->stop_fd, &one, sizeof(one)) == (ssize_t)sizeof(one));
		pthread_join(c->thread, NULL);
		unlink(c->path);
	}
	if (c->listen_fd >= 0)
		close(c->listen_fd);
	if (c->stop_fd >= 0)
		close(c->stop_fd);
	free(c);
}
