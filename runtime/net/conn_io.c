/* conn_io.c - bytes of a connection: reading and feeding, flushing, the steps of TLS, what the
 * socket is watched for. */
#include "net/conn_impl.h"

#include <errno.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "core/clock.h"
#include "core/log.h"
#include "net/tls.h"
#include "rt/vpi.h"

/* So that one busy peer does not keep the others waiting. */
#define READS_PER_TURN 4u
/* Output that leaves before the end of the turn, to bound what one turn can pile up. Bytes */
#define EAGER_FLUSH (256u << 10)
/* Least that is read at once from a shaped connection, so that a tiny rate does not cost a system
 * call per byte. Bytes */
#define SHAPED_READ_MIN 1024u

static bool can_read(const struct rt_conn *c)
{
	return c->state == RT_CONN_OPEN && !c->held && c->read_at_ms == 0 && c->move_to == NULL;
}

static void log_tls_failure(const struct rt_conn *c, const char *event)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());
	char name[RT_CONN_NAME_MAX];

	RT_LOG(INFO, rt_conn_name(c, name), "tls", event,
	       KV_Z("reason", reason != NULL ? reason : "unknown"));
}

/* Whether a failed SSL call only says that the peer has gone. */
static bool is_end_of_tls(int ssl_error)
{
	return ssl_error == SSL_ERROR_ZERO_RETURN || ssl_error == SSL_ERROR_SYSCALL ||
	       (ssl_error == SSL_ERROR_SSL &&
		ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING);
}

static bool is_over_limit(const struct rt_conn *c)
{
	size_t cap = c->read_max != 0 ? RT_CONN_OUT_UNTRUSTED : RT_CONN_OUT_CAP + c->largest;

	return rt_buf_len(&c->out) > cap ||
	       (c->listener->max_queue != 0 && c->queued > c->listener->max_queue);
}

struct rt_buf *rt_conn_begin_write(struct rt_conn *c)
{
	struct rt_conn_table *t;

	if (c->state != RT_CONN_OPEN || c->overloaded || c->peer_gone)
		return NULL;
	t = c->shard->conns;
	if (c->out.data == NULL && t->nspares > 0)
		c->out = t->spares[--t->nspares];
	return &c->out;
}

static void note_size(struct rt_conn *c)
{
	uint32_t len = (uint32_t)rt_buf_len(&c->out);

	if (len - c->noted > c->largest)
		c->largest = len - c->noted;
	c->noted = len;
}

void rt_conn_wrote(struct rt_conn *c, bool stanza)
{
	if (c->state != RT_CONN_OPEN)
		return;
	if (c->out.failed) { /* half a stanza must not leave */
		rt_conn_abort(c, RT_CLOSE_ERROR);
		return;
	}
	if (stanza)
		c->queued++;
	note_size(c);
	if (is_over_limit(c) || rt_buf_len(&c->out) > EAGER_FLUSH) {
		/* A burst in one turn is no overload: only what the socket does not take counts. */
		rt_conn_flush(c);
		c->overloaded = c->state == RT_CONN_OPEN && is_over_limit(c);
	}
	rt_conn_mark_dirty(c);
}

void rt_conn_write(struct rt_conn *c, const void *p, size_t n)
{
	struct rt_buf *out = rt_conn_begin_write(c);

	if (out == NULL)
		return;
	rt_buf_add(out, p, n);
	rt_conn_wrote(c, false);
}

void rt_conn_give_out(struct rt_conn *c)
{
	struct rt_conn_table *t = c->shard->conns;

	if (c->out.data != NULL && c->out.cap <= RT_CONN_SPARE_CAP && t->nspares < RT_CONN_SPARES) {
		c->out.start = c->out.end = 0;
		t->spares[t->nspares++] = c->out;
		c->out = (struct rt_buf){0};
	} else {
		rt_buf_fini(&c->out);
	}
}

/* Plain: bytes taken, 0 when the socket is full, < 0 when it is broken. */
static ssize_t write_plain(struct rt_conn *c)
{
	ssize_t n;

	do
		n = send(c->fd, c->out.data + c->out.start, rt_buf_len(&c->out), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0 || errno == EAGAIN || errno == EWOULDBLOCK)
		return n < 0 ? 0 : n;
	return -1;
}

static ssize_t write_tls(struct rt_conn *c)
{
	int n;

	ERR_clear_error();
	n = SSL_write(c->ssl, c->out.data + c->out.start, (int)rt_buf_len(&c->out));
	if (n > 0)
		return n;
	/* Without renegotiation a write never waits for input. */
	return SSL_get_error(c->ssl, n) == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

/* The peer takes nothing any more. What it has sent may still be read in clear; under TLS that is
 * over, too. */
static void lose_peer(struct rt_conn *c)
{
	c->peer_gone = c->broken = true;
	if (c->state == RT_CONN_OPEN && !c->secure)
		c->give_up_ms = rt_clock_ms() + RT_CONN_SEND_TIMEOUT_MS;
	else
		rt_conn_abort(c, RT_CLOSE_PEER);
}

void rt_conn_flush(struct rt_conn *c)
{
	bool progress = false;
	ssize_t n;

	if (c->broken)
		return;
	while (rt_buf_len(&c->out) != 0 && !c->blocked) {
		n = c->secure ? write_tls(c) : write_plain(c);
		if (n < 0) {
			lose_peer(c);
			return;
		}
		if (n == 0) {
			c->blocked = true;
			break;
		}
		progress = true;
		c->bytes_out += (uint64_t)n;
		c->shard->counters.bytes_out += (uint64_t)n;
		rt_buf_consume(&c->out, (size_t)n, true);
	}
	c->noted = (uint32_t)rt_buf_len(&c->out);
	if (c->noted == 0) {
		c->queued = c->largest = 0;
		if (c->state == RT_CONN_OPEN && !c->peer_gone)
			c->give_up_ms = 0;
		if (c->listener->hibernate_after == 0)
			rt_conn_give_out(c);
		else if (progress && c->state == RT_CONN_OPEN)
			c->idle_at_ms = rt_clock_ms() + c->listener->hibernate_after;
	} else if (c->state == RT_CONN_OPEN && (progress || c->give_up_ms == 0)) {
		c->give_up_ms = rt_clock_ms() + RT_CONN_SEND_TIMEOUT_MS;
	}
}

void rt_conn_rest(struct rt_conn *c)
{
	if (rt_buf_len(&c->out) == 0)
		rt_conn_give_out(c);
	if (c->state == RT_CONN_OPEN && c->kind->on_idle != NULL)
		c->kind->on_idle(c);
}

/*
 * End of input. Answers to what came just before it leave first, at the end of this turn: there may
 * be a reader behind a half-closed socket. Anything else would only be lost in a socket that nobody
 * reads, and stays for kind->on_closed.
 */
static void end_of_input(struct rt_conn *c)
{
	if (c->fed) {
		c->read_at_ms = rt_clock_ms();
		return;
	}
	c->peer_gone = true;
	if (c->secure) {
		ERR_clear_error();
		(void)SSL_shutdown(c->ssl);
	}
	rt_conn_abort(c, RT_CLOSE_PEER);
}

/* @return bytes, or 0: nothing now, or the connection has been ended */
static size_t read_plain(struct rt_conn *c, char *p, size_t max)
{
	ssize_t n;

	do
		n = recv(c->fd, p, max, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return (size_t)n;
	if (n == 0)
		end_of_input(c);
	else if (errno == ECONNRESET || errno == EPIPE)
		rt_conn_abort(c, RT_CLOSE_PEER);
	else if (errno != EAGAIN && errno != EWOULDBLOCK)
		rt_conn_abort(c, RT_CLOSE_ERROR);
	return 0;
}

static size_t read_tls(struct rt_conn *c, char *p, size_t max)
{
	int n, error;

	c->wants_room = false;
	ERR_clear_error();
	n = SSL_read(c->ssl, p, (int)max);
	if (n > 0)
		return (size_t)n;
	error = SSL_get_error(c->ssl, n);
	if (error == SSL_ERROR_WANT_WRITE) {
		c->wants_room = true; /* the answer to a key update */
	} else if (error == SSL_ERROR_ZERO_RETURN) {
		end_of_input(c);
	} else if (is_end_of_tls(error)) {
		rt_conn_abort(c, RT_CLOSE_PEER);
	} else if (error != SSL_ERROR_WANT_READ) {
		log_tls_failure(c, "broken");
		rt_conn_abort(c, RT_CLOSE_TLS);
	}
	return 0;
}

static void feed(struct rt_conn *c, char *data, size_t len)
{
	c->shard->congested = NULL;
	c->fed = true;
	c->reading = true;
	c->listener->feed(c, data, len);
	c->reading = false;
	if (c->shard->congested != NULL && c->state == RT_CONN_OPEN) {
		/* Some shard cannot keep up with what comes from here. */
		c->lags = c->shard->congested;
		if (c->read_at_ms == 0)
			c->read_at_ms = rt_clock_ms();
	}
	if (c->listener->hibernate_after != 0 && c->state == RT_CONN_OPEN)
		c->idle_at_ms = rt_clock_ms() + c->listener->hibernate_after;
}

static void feed_held(struct rt_conn *c)
{
	struct rt_buf in = c->in;

	c->in = (struct rt_buf){0}; /* unread bytes go into a new one */
	c->refeed = true;
	feed(c, in.data + in.start, rt_buf_len(&in));
	c->refeed = false;
	rt_buf_fini(&in);
}

/* A shaped connection gets no more at once than its bucket holds: what has been read is handled at
 * once, so a larger read would go past the rate. Bytes */
static size_t most_of_one_read(const struct rt_conn *c)
{
	size_t max = c->read_max != 0 ? c->read_max : RT_READ_BUFFER;

	if (c->shaper.spec == NULL || c->shaper.spec->bytes_per_s >= max)
		return max;
	return c->shaper.spec->bytes_per_s > SHAPED_READ_MIN ? c->shaper.spec->bytes_per_s
							     : SHAPED_READ_MIN;
}

/* One read. @return whether there may be more right now */
static bool read_once(struct rt_conn *c)
{
	size_t max = most_of_one_read(c), n;
	char *p = c->shard->read_buffer;

	n = c->secure ? read_tls(c, p, max) : read_plain(c, p, max);
	if (n == 0)
		return false;
	c->bytes_in += n;
	c->shard->counters.bytes_in += n;
	feed(c, p, n);
	/* A short read has emptied the kernel's buffer: the next one would only say EAGAIN. */
	return c->secure ? c->state == RT_CONN_OPEN && SSL_has_pending(c->ssl) == 1 : n == max;
}

void rt_conn_pump(struct rt_conn *c)
{
	bool more = true;
	unsigned n;

	c->fed = false;
	for (n = 0; n < READS_PER_TURN && more && can_read(c); n++) {
		if (rt_buf_len(&c->in) != 0)
			feed_held(c);
		else
			more = read_once(c);
	}
	/* Bytes that no event will announce: unread ones, and those inside OpenSSL. */
	if (can_read(c) && (rt_buf_len(&c->in) != 0 || (c->secure && more)))
		c->read_at_ms = rt_clock_ms();
	if (c->listener->hibernate_after == 0 && c->kind->on_idle != NULL && can_read(c))
		c->kind->on_idle(c);
	if (c->state >= RT_CONN_FLUSHING)
		return; /* it is dirty: the end of the turn goes on */
	rt_conn_watch(c);
	rt_conn_arm(c);
}

void rt_conn_unread(struct rt_conn *c, const char *data, size_t n)
{
	RT_ASSERT(c->reading);
	if (n == 0 || c->state >= RT_CONN_FLUSHING)
		return;
	rt_buf_add(&c->in, data, n);
	if (c->in.failed)
		rt_conn_abort(c, RT_CLOSE_ERROR);
}

void rt_conn_discard_input(struct rt_conn *c)
{
	rt_buf_fini(&c->in);
}

void rt_conn_charge_shaper(struct rt_conn *c, const struct rt_shaper_spec *fixed, size_t len)
{
	uint64_t now_ns, delay, at;

	(void)fixed; /* rt_conn_adopt() has given it to the bucket */
	if (c->refeed || c->shaper.spec == NULL)
		return;
	now_ns = rt_clock_ns();
	delay = rt_shaper_charge(&c->shaper, len, now_ns);
	if (delay == 0)
		return;
	at = now_ns / 1000000u + delay;
	if (at > c->read_at_ms)
		c->read_at_ms = at;
}

static bool make_ssl(struct rt_conn *c, struct rt_str domain)
{
	c->ssl = rt_tls_accept(c->listener->tls, c->fd, domain);
	if (c->ssl != NULL)
		return true;
	rt_conn_abort(c, RT_CLOSE_ERROR);
	return false;
}

void rt_conn_start_tls(struct rt_conn *c, struct rt_str domain)
{
	if (c->state != RT_CONN_OPEN || c->secure)
		return;
	RT_ASSERT(c->listener->tls != NULL);
	c->state = RT_CONN_HANDSHAKE;
	c->held = false;
	c->lags = NULL;
	c->read_at_ms = 0;
	c->give_up_ms = rt_clock_ms() + RT_CONN_HANDSHAKE_TIMEOUT_MS;
	rt_buf_fini(&c->in);
	/* Without a domain OpenSSL's share of the memory is not needed before the first byte. */
	if (domain.n != 0 && !make_ssl(c, domain))
		return;
	rt_conn_mark_dirty(c);
}

static void step_handshake(struct rt_conn *c)
{
	int n, error;

	if (c->ssl == NULL && !make_ssl(c, (struct rt_str){NULL, 0}))
		return;
	c->wants_room = false;
	ERR_clear_error();
	n = SSL_accept(c->ssl);
	if (n == 1) {
		c->secure = true;
		c->state = RT_CONN_OPEN;
		c->give_up_ms = 0;
		c->kind->on_secure(c);
		rt_conn_pump(c); /* the client's first bytes may have come with the last ones of the
				    handshake */
		return;
	}
	error = SSL_get_error(c->ssl, n);
	if (error == SSL_ERROR_WANT_WRITE) {
		c->wants_room = true;
	} else if (error != SSL_ERROR_WANT_READ) {
		log_tls_failure(c, "handshake-failed");
		rt_conn_abort(c, is_end_of_tls(error) ? RT_CLOSE_PEER : RT_CLOSE_TLS);
	}
	rt_conn_watch(c);
}

void rt_conn_finish(struct rt_conn *c)
{
	if (c->secure) {
		ERR_clear_error();
		(void)SSL_shutdown(
			c->ssl); /* close_notify; if the socket is full the FIN must do */
	}
	if (c->peer_gone || shutdown(c->fd, SHUT_WR) != 0) {
		rt_conn_abort(c, RT_CLOSE_LOCAL);
		return;
	}
	c->state = RT_CONN_LINGERING;
	c->give_up_ms = rt_clock_ms() + RT_CONN_LINGER_TIMEOUT_MS;
}

/* Closing a socket with unread input makes the kernel send a reset, which may destroy our last
 * bytes on their way. */
static void linger(struct rt_conn *c)
{
	unsigned i;
	ssize_t n;

	for (i = 0; i < READS_PER_TURN; i++) {
		n = recv(c->fd, c->shard->read_buffer, RT_READ_BUFFER, 0);
		if (n > 0 || (n < 0 && errno == EINTR))
			continue;
		if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
			rt_conn_abort(c, RT_CLOSE_LOCAL);
		return;
	}
}

void rt_conn_watch(struct rt_conn *c)
{
	unsigned events = 0;

	switch (c->state) {
	case RT_CONN_OPEN:
		if (can_read(c))
			events |= RT_IO_READ;
		if (c->blocked || c->wants_room)
			events |= RT_IO_WRITE;
		break;
	case RT_CONN_HANDSHAKE:
		if (rt_buf_len(&c->out) == 0)
			events |= RT_IO_READ;
		if (c->blocked || c->wants_room)
			events |= RT_IO_WRITE;
		break;
	case RT_CONN_FLUSHING:
		events |= RT_IO_WRITE;
		break;
	case RT_CONN_LINGERING:
		events |= RT_IO_READ;
		break;
	default:
		break;
	}
	rt_io_set(c->shard->loop, &c->io, events);
}

void rt_conn_on_io(struct rt_io *io, unsigned events)
{
	struct rt_conn *c = RT_CONTAINER_OF(io, struct rt_conn, io);

	if ((events & RT_IO_WRITE) != 0) {
		c->blocked = false;
		rt_conn_mark_dirty(
			c); /* flushed at the end of the turn, with what this turn adds */
	}
	switch (c->state) {
	case RT_CONN_OPEN:
		if ((events & RT_IO_READ) != 0 || c->wants_room)
			rt_conn_pump(c);
		break;
	case RT_CONN_HANDSHAKE:
		if (rt_buf_len(&c->out) == 0)
			step_handshake(c);
		break;
	case RT_CONN_LINGERING:
		linger(c);
		break;
	default:
		break;
	}
}
