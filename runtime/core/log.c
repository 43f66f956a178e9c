/* log.c - lines of the log: escaping and masking; whole lines go to the queue, or out at once where
 * none runs. */
#include "core/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log_queue.h"

/* A line is never longer; what does not fit is cut, the end of the line is not. */
#define LINE_MAX_BYTES RT_LOG_LINE_MAX

enum rt_log_level rt_log_level = RT_LOG_INFO;

static struct {
	bool json;
	int fd;
} sink = {.fd = STDERR_FILENO};

struct line {
	char text[LINE_MAX_BYTES];
	size_t n;
	bool cut; /* something did not fit: nothing more is added */
};

/* Room for closing quotes, brackets and the newline is always left. */
#define RESERVED 8u

static void put(struct line *l, const char *p, size_t n)
{
	if (l->cut || n > sizeof(l->text) - RESERVED - l->n) {
		l->cut = true;
		return;
	}
	memcpy(l->text + l->n, p, n);
	l->n += n;
}

static void putz(struct line *l, const char *z)
{
	put(l, z, strlen(z));
}

__attribute__((format(printf, 2, 3))) static void putf(struct line *l, const char *format, ...)
{
	char text[64];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n > 0)
		put(l, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

/* Length of the well-formed UTF-8 sequence at p, 0 when there is none (RFC 3629, 4). */
static size_t utf8_length(const unsigned char *p, size_t n)
{
	size_t len, i;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (len > n)
		return 0;
	for (i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

/* Control bytes, quotes and broken UTF-8 must not be able to forge or break a line. JSON knows no
 * \x. */
static void put_escaped(struct line *l, struct rt_str s, bool json)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i, len;

	for (i = 0; i < s.n && !l->cut; i += len) {
		len = utf8_length(p + i, s.n - i);
		if (len == 0) {
			len = 1;
			putf(l, json ? "\\ufffd" : "\\x%02x", p[i]);
		} else if (p[i] == '"' || p[i] == '\\') {
			putf(l, "\\%c", p[i]);
		} else if (p[i] == '\n') {
			putz(l, "\\n");
		} else if (p[i] == '\r') {
			putz(l, "\\r");
		} else if (p[i] == '\t') {
			putz(l, "\\t");
		} else if (p[i] < 0x20 || p[i] == 0x7f) {
			putf(l, json ? "\\u%04x" : "\\x%02x", p[i]);
		} else {
			put(l, (const char *)p + i, len);
		}
	}
}

static bool wants_quotes(struct rt_str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '=' || s.p[i] == '"' ||
		    s.p[i] == '\\' || (unsigned char)s.p[i] >= 0x7f)
			return true;
	return s.n == 0;
}

static void put_text(struct line *l, struct rt_str s, bool json)
{
	bool quoted = json || wants_quotes(s);

	if (quoted)
		putz(l, "\"");
	put_escaped(l, s, json);
	if (quoted && l->cut) {
		l->text[l->n++] = '"'; /* from the reserve: the line stays well-formed */
	} else if (quoted) {
		putz(l, "\"");
	}
}

static void put_value(struct line *l, const struct rt_kv *kv, bool json)
{
	char text[128];

	switch (kv->kind) {
	case RT_KV_STR:
		put_text(l, kv->text, json);
		break;
	case RT_KV_INT:
		putf(l, "%" PRId64, kv->number);
		break;
	case RT_KV_SECRET:
		snprintf(text, sizeof(text), "<%u-bytes>", kv->text.n);
		put_text(l, rt_str_of(text), json);
		break;
	case RT_KV_ERRNO:
		put_text(l, rt_str_of(strerror_r((int)kv->number, text, sizeof(text))), json);
		break;
	}
}

static const char *level_name(enum rt_log_level level)
{
	switch (level) {
	case RT_LOG_ERROR:
		return "error";
	case RT_LOG_WARN:
		return "warn";
	case RT_LOG_INFO:
		return "info";
	default:
		return "debug";
	}
}

/* A pair goes in whole or, when its key does not fit, not at all. */
static void put_pairs(struct line *l, const struct rt_kv *kv, size_t nkv, bool json)
{
	size_t i, mark;

	for (i = 0; i < nkv && !l->cut; i++) {
		mark = l->n;
		if (json) {
			putz(l, ",");
			put_text(l, rt_str_of(kv[i].key), true);
			putz(l, ":");
		} else {
			putf(l, " %s=", kv[i].key);
		}
		if (!l->cut && kv[i].kind == RT_KV_INT && sizeof(l->text) - RESERVED - l->n < 20)
			l->cut = true;
		if (l->cut) {
			l->n = mark;
			break;
		}
		put_value(l, &kv[i], json);
	}
}

/* After lines were lost and there is room again. */
static void tell_dropped(void)
{
	uint64_t lines = rt_log_queue_take_dropped();

	if (lines != 0)
		RT_LOG(ERROR, NULL, "log", "dropped", KV_INT("lines", lines));
}

static void put_member(struct line *l, const char *key, const char *value)
{
	put_text(l, rt_str_of(key), true);
	putz(l, ":");
	put_text(l, rt_str_of(value), true);
}

void rt_log_write(enum rt_log_level level, const char *id, const char *area, const char *event,
		  const struct rt_kv *kv, size_t nkv)
{
	int saved = errno;
	struct line l;
	char stamp[32];
	size_t done = 0;
	ssize_t n;

	l.n = 0;
	l.cut = false;
	rt_clock_stamp(stamp, sizeof(stamp), rt_clock_wall_us(), 3);
	if (sink.json) {
		putz(&l, "{");
		put_member(&l, "time", stamp);
		putz(&l, ",");
		put_member(&l, "level", level_name(level));
		if (id != NULL) {
			putz(&l, ",");
			put_member(&l, "id", id);
		}
		putz(&l, ",");
		put_member(&l, "area", area);
		putz(&l, ",");
		put_member(&l, "event", event);
		put_pairs(&l, kv, nkv, true);
		l.text[l.n++] = '}';
	} else {
		putf(&l, "%s %s ", stamp, level_name(level));
		putz(&l, id != NULL ? id : "-");
		putz(&l, " ");
		putz(&l, area);
		putz(&l, " ");
		putz(&l, event);
		put_pairs(&l, kv, nkv, false);
	}
	l.text[l.n++] = '\n';
	if (rt_log_queue_put(l.text, l.n))
		done = l.n;
	/* A log that cannot be written is no reason to stop: the line is lost. */
	while (done < l.n) {
		n = write(sink.fd, l.text + done, l.n - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			break;
	}
	tell_dropped();
	errno = saved;
}

void rt_log_set_level(enum rt_log_level level)
{
	__atomic_store_n(&rt_log_level, level, __ATOMIC_RELAXED);
}

void rt_log_setup(enum rt_log_level level, bool json, int fd)
{
	rt_log_set_level(level);
	sink.json = json;
	sink.fd = fd;
}
