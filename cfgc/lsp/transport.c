/* transport.c - cut a stream of bytes into messages, and put messages on one. */
#include "lsp/transport.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "support/assert.h"

void transport_init(struct transport *t, int in, int out)
{
	*t = (struct transport){.in = in, .out = out};
}

/* ---- reading ---- */

/* @return false at the end of the stream. */
static bool fill(struct transport *t)
{
	ssize_t n;

	if (t->has_ended)
		return false;
	CFGC_ASSERT(t->read == t->filled);
	t->read = t->filled = 0;
	do {
		n = read(t->in, t->buffer, sizeof(t->buffer));
	} while (n < 0 && errno == EINTR);
	t->has_ended = n <= 0;
	t->filled = n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* The next byte, or -1 at the end. */
static int next_byte(struct transport *t)
{
	if (t->read == t->filled && !fill(t))
		return -1;
	return (unsigned char)t->buffer[t->read++];
}

/* One line without its end. @return false when it is too long, or cut off. */
static bool read_line(struct transport *t, char line[TRANSPORT_MAX_HEADER], size_t *left)
{
	size_t n = 0;
	int c;

	while ((c = next_byte(t)) >= 0 && c != '\n') {
		if (n + 1 >= *left)
			return false;
		line[n++] = (char)c;
	}
	if (c < 0)
		return false;
	if (n > 0 && line[n - 1] == '\r')
		n--;
	line[n] = '\0';
	*left -= n + 1;
	return true;
}

static bool is_number(const char *text, size_t *out)
{
	size_t n = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9' || n > SIZE_MAX / 16)
			return false;
		n = n * 10 + (size_t)(*text - '0');
	}
	*out = n;
	return true;
}

/* Of the fields of a header only the length counts; there is one encoding. */
static enum transport_event read_header(struct transport *t, size_t *length)
{
	static const char field[] = "Content-Length:";
	char line[TRANSPORT_MAX_HEADER];
	size_t left = sizeof(line);
	bool has_length = false;

	if (t->read == t->filled && !fill(t))
		return TRANSPORT_END;
	for (;;) {
		const char *value = line + sizeof(field) - 1;

		if (!read_line(t, line, &left))
			return t->has_ended ? TRANSPORT_END : TRANSPORT_BROKEN;
		if (line[0] == '\0')
			return has_length ? TRANSPORT_MESSAGE : TRANSPORT_BROKEN;
		if (strncasecmp(line, field, sizeof(field) - 1) == 0) {
			value += strspn(value, " \t");
			if (has_length || !is_number(value, length))
				return TRANSPORT_BROKEN;
			has_length = true;
		} else if (strchr(line, ':') == NULL) {
			return TRANSPORT_BROKEN;
		}
	}
}

/* Take up to n bytes, into the text or to nowhere. @return false at the end. */
static bool take(struct transport *t, size_t n, struct strbuf *text)
{
	while (n > 0) {
		size_t have = t->filled - t->read;

		if (have == 0) {
			if (!fill(t))
				return false;
			continue;
		}
		if (have > n)
			have = n;
		if (text != NULL)
			strbuf_add(text, (struct str){t->buffer + t->read, have});
		t->read += have;
		n -= have;
	}
	return true;
}

enum transport_event transport_read(struct transport *t, struct arena *a, struct str *body)
{
	struct strbuf text = {.arena = a};
	size_t length = 0;
	enum transport_event event = read_header(t, &length);

	if (event != TRANSPORT_MESSAGE)
		return event;
	if (length > TRANSPORT_MAX_MESSAGE)
		return take(t, length, NULL) ? TRANSPORT_TOO_LONG : TRANSPORT_END;
	if (!take(t, length, &text))
		return TRANSPORT_END;
	strbuf_addc(&text, '\0');
	*body = (struct str){text.p, text.n - 1};
	return TRANSPORT_MESSAGE;
}

bool transport_has_input(struct transport *t)
{
	struct pollfd wait = {.fd = t->in, .events = POLLIN};

	if (t->read != t->filled)
		return true;
	return !t->has_ended && poll(&wait, 1, 0) == 1 && (wait.revents & POLLIN) != 0;
}

/* ---- writing ---- */

static bool write_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		s.p += n;
		s.n -= (size_t)n;
	}
	return true;
}

void transport_write(struct transport *t, struct str body)
{
	char header[64];
	int n = snprintf(header, sizeof(header), "Content-Length: %zu\r\n\r\n", body.n);

	if (t->cannot_write)
		return;
	t->cannot_write =
		!write_all(t->out, (struct str){header, (size_t)n}) || !write_all(t->out, body);
}
