/* ctl_client.c - `xmppd ctl`: send the words, print the answer. */
#include "app/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Longer than any command takes; a server that is stuck is not waited for without end. s */
#define SERVER_TIMEOUT_S 120

static int connect_to(const char *data_dir)
{
	struct timeval patience = {.tv_sec = SERVER_TIMEOUT_S};
	struct sockaddr_un address;
	int dir_fd = rt_ctl_address(data_dir, &address), fd = -1;

	if (dir_fd >= 0)
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		int error = errno;

		close(fd);
		errno = error;
		fd = -1;
	}
	if (fd < 0) {
		fprintf(stderr, "xmppd ctl: no server to talk to at %s/" RT_CTL_SOCKET ": %s\n",
			data_dir, strerrordesc_np(errno));
	} else {
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	}
	if (dir_fd >= 0)
		close(dir_fd);
	return fd;
}

/* The argument "-" of a password: a line from standard input, so that no process list shows it. */
static char *read_password(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n = getline(&line, &size, stdin);

	if (n < 0) {
		free(line);
		return NULL;
	}
	if (n > 0 && line[n - 1] == '\n')
		line[n - 1] = '\0';
	return line;
}

static bool takes_password(const char *command)
{
	return strcmp(command, "register") == 0 || strcmp(command, "change_password") == 0;
}

static bool write_request(int fd, char **words, int nwords)
{
	struct rt_buf out = {0};
	ssize_t n;
	bool ok = true;
	int i;

	for (i = 0; i < nwords; i++) {
		char *typed = i == 3 && takes_password(words[0]) && strcmp(words[i], "-") == 0
				      ? read_password()
				      : NULL;

		if (i > 0)
			rt_buf_addz(&out, " ");
		rt_ctl_quote(&out, rt_str_of(typed != NULL ? typed : words[i]));
		if (typed != NULL)
			explicit_bzero(typed, strlen(typed));
		free(typed);
	}
	rt_buf_addz(&out, "\n");
	while (ok && rt_buf_len(&out) > 0) {
		n = send(fd, out.data + out.start, rt_buf_len(&out), MSG_NOSIGNAL);
		if (n > 0)
			rt_buf_consume(&out, (size_t)n, true);
		else
			ok = n < 0 && errno == EINTR;
	}
	ok = ok && !out.failed;
	if (out.data != NULL)
		explicit_bzero(out.data, out.cap);
	rt_buf_fini(&out);
	return ok;
}

/* Everything until the server closes. */
static bool read_answer(int fd, struct rt_buf *in)
{
	char *at;
	ssize_t n;

	for (;;) {
		at = rt_buf_reserve(in, 4096);
		if (at == NULL)
			return false;
		n = recv(fd, at, 4096, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		in->end += (uint32_t)n;
	}
}

static int print_answer(const struct rt_buf *in)
{
	const char *p = in->data + in->start;
	size_t n = rt_buf_len(in);

	if (n >= 3 && memcmp(p, "ok\n", 3) == 0) {
		fwrite(p + 3, 1, n - 3, stdout);
		return fflush(stdout) == 0 ? 0 : 1;
	}
	if (n >= 6 && memcmp(p, "error ", 6) == 0)
		fprintf(stderr, "xmppd ctl: %.*s", (int)(n - 6), p + 6);
	else
		fprintf(stderr, "xmppd ctl: the server ended the connection without an answer\n");
	return 1;
}

static int talk(int fd, char **words, int nwords)
{
	struct rt_buf in = {0};
	int status = 3;

	if (!write_request(fd, words, nwords) || !read_answer(fd, &in))
		fprintf(stderr, "xmppd ctl: the server does not answer: %s\n",
			strerrordesc_np(errno));
	else
		status = print_answer(&in);
	rt_buf_fini(&in);
	return status;
}

int rt_ctl_main(const char *data_dir, char **words, int nwords)
{
	struct rt_str texts[RT_CTL_WORDS_MAX];
	struct rt_buf help = {0};
	const char *wrong;
	int i, fd, status;

	if (nwords > RT_CTL_WORDS_MAX)
		nwords = RT_CTL_WORDS_MAX;
	for (i = 0; i < nwords; i++)
		texts[i] = rt_str_of(words[i]);
	if (strcmp(words[0], "help") == 0) {
		rt_ctl_help(&help);
		fwrite(help.data, 1, rt_buf_len(&help), stdout);
		rt_buf_fini(&help);
		return 0;
	}
	wrong = rt_ctl_check_usage(texts, nwords);
	if (wrong != NULL) {
		fprintf(stderr, "xmppd ctl: %s\n", wrong);
		return 2;
	}
	fd = connect_to(data_dir);
	if (fd < 0)
		return 3;
	status = talk(fd, words, nwords);
	close(fd);
	return status;
}
