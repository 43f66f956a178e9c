/* test_conn.c - connections over socket pairs: feeding, holding, writing, limits, closing, moving
 * between shards.
 *
 * The shards run on their own threads; the test is the peer, on the other end of the socket.
 */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "net/conn.h"
#include "rt/vpi.h"

struct test_conn {
	struct rt_conn conn;
	struct rt_msg nudge; /* releases a held connection */
	int fed;
};

/* What the callbacks of the running test have seen. */
static struct {
	atomic_int opened, closed, moved, timeouts, overloads, idle, shutdowns, fed;
	atomic_int reason, shard, left; /* of the last one closed */
	_Atomic uint64_t feed_ns[4];    /* when the first chunks came */
	atomic_int max_len;
} seen;

/* How the running test feeds. */
static void (*feed_fn)(struct test_conn *t, char *data, size_t len);
static struct rt_listener_spec spec;

/* Not needed by these tests, but named by rt/vpi.h. */
void rt_c2s_feed(struct rt_conn *c, char *data, size_t len, uint32_t max_stanza)
{
	struct test_conn *t = (struct test_conn *)c;

	(void)max_stanza;
	if (t->fed < 4)
		atomic_store(&seen.feed_ns[t->fed], rt_clock_ns());
	t->fed++;
	atomic_fetch_add(&seen.fed, 1);
	if ((int)len > atomic_load(&seen.max_len))
		atomic_store(&seen.max_len, (int)len);
	feed_fn(t, data, len);
}

void rt_service_feed(struct rt_conn *c, char *data, size_t len, uint32_t max_stanza)
{
	rt_c2s_feed(c, data, len, max_stanza);
}

static void feed_listener(struct rt_conn *c, char *data, size_t len)
{
	rt_feed_as(c, data, len, &spec);
}

static void on_nudge(struct rt_shard *shard, struct rt_msg *msg)
{
	(void)shard;
	rt_conn_release(&RT_CONTAINER_OF(msg, struct test_conn, nudge)->conn);
}

static int on_open(struct rt_conn *c)
{
	((struct test_conn *)c)->nudge.fn = on_nudge;
	atomic_fetch_add(&seen.opened, 1);
	return RT_OK;
}

static void on_secure(struct rt_conn *c)
{
	(void)c;
}

static void on_moved(struct rt_conn *c)
{
	ck_assert_ptr_eq(c->shard, rt_shard_self());
	ck_assert_ptr_eq(rt_conn_find(c->shard, c->id), c);
	atomic_store(&seen.shard, (int)c->shard->index);
	atomic_fetch_add(&seen.moved, 1);
}

static void on_timeout(struct rt_conn *c)
{
	atomic_fetch_add(&seen.timeouts, 1);
	rt_conn_write(c, "timeout", 7);
	rt_conn_close(c, RT_CLOSE_TIMEOUT);
}

static void on_closed(struct rt_conn *c)
{
	atomic_store(&seen.reason, c->close_reason);
	atomic_store(&seen.left, (int)rt_buf_len(&c->out));
	atomic_fetch_add(&seen.closed, 1);
}

static void on_overload(struct rt_conn *c)
{
	atomic_fetch_add(&seen.overloads, 1);
	rt_conn_write(c, "overload", 8);
}

static void on_idle(struct rt_conn *c)
{
	(void)c;
	atomic_fetch_add(&seen.idle, 1);
}

static void on_shutdown(struct rt_conn *c)
{
	rt_conn_write(c, "goodbye", 7);
	atomic_fetch_add(&seen.shutdowns, 1);
}

static const struct rt_conn_kind kind = {
	.name = "test",
	.size = sizeof(struct test_conn),
	.on_open = on_open,
	.on_secure = on_secure,
	.on_moved = on_moved,
	.on_timeout = on_timeout,
	.on_closed = on_closed,
	.on_overload = on_overload,
	.on_idle = on_idle,
	.on_shutdown = on_shutdown,
};

/* ---- the other end ---- */

static void start(uint32_t shards, void (*feed)(struct test_conn *t, char *data, size_t len))
{
	uint32_t i;

	memset(&seen, 0, sizeof(seen));
	spec = (struct rt_listener_spec){
		.kind = RT_LISTENER_C2S, .feed = feed_listener, .name = "test"};
	feed_fn = feed;
	rt_log_set_level(RT_LOG_WARN);
	ck_assert_int_eq(rt_shards_init(shards), RT_OK);
	for (i = 0; i < shards; i++)
		ck_assert_int_eq(rt_conn_table_new(rt_shards[i]), RT_OK);
	ck_assert_int_eq(rt_shards_start(), RT_OK);
}

static void stop(void)
{
	uint32_t i;

	rt_shards_stop();
	rt_shards_drain();
	for (i = 0; i < rt_nshards; i++) {
		rt_shard_enter(rt_shards[i]);
		rt_conn_table_free(rt_shards[i]);
	}
	rt_shard_enter(NULL);
	ck_assert_int_eq(atomic_load(&seen.opened), atomic_load(&seen.closed));
	rt_shards_fini();
}

static void wait_for(atomic_int *counter, int n)
{
	uint64_t end = rt_clock_ms() + 20000;

	while (atomic_load(counter) < n) {
		ck_assert_msg(rt_clock_ms() < end, "waited too long");
		sched_yield();
	}
}

struct adoption {
	struct rt_msg msg;
	int fd;
	atomic_int done;
};

static void adopt(struct rt_shard *shard, struct rt_msg *msg)
{
	struct adoption *a = RT_CONTAINER_OF(msg, struct adoption, msg);

	ck_assert_int_eq(rt_conn_adopt(shard, &spec, &kind, a->fd), RT_OK);
	atomic_store(&a->done, 1);
}

static void patience(int fd)
{
	struct timeval t = {.tv_sec = 20};

	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)), 0);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)), 0);
}

static void give_to_shard(int fd)
{
	struct adoption a = {.msg.fn = adopt, .fd = fd};

	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	rt_shard_post(rt_shards[0], &a.msg);
	wait_for(&a.done, 1);
}

/* A connection of shard 0; returns the peer's end. */
static int connect_type(int type)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds), 0);
	patience(fds[1]);
	give_to_shard(fds[0]);
	return fds[1];
}

static int connect_pair(void)
{
	return connect_type(SOCK_STREAM);
}

/* The same over TCP on loopback. */
static int connect_tcp(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int l = socket(AF_INET, SOCK_STREAM, 0), peer = socket(AF_INET, SOCK_STREAM, 0), fd;
	socklen_t len = sizeof(a);

	ck_assert_int_eq(bind(l, (struct sockaddr *)&a, len), 0);
	ck_assert_int_eq(listen(l, 1), 0);
	ck_assert_int_eq(getsockname(l, (struct sockaddr *)&a, &len), 0);
	ck_assert_int_eq(connect(peer, (struct sockaddr *)&a, len), 0);
	fd = accept(l, NULL, NULL);
	ck_assert_int_ge(fd, 0);
	close(l);
	patience(peer);
	give_to_shard(fd);
	return peer;
}

static void say(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);

		ck_assert_msg(sent > 0, "send: %s", strerror(errno));
		text += sent;
		n -= (size_t)sent;
	}
}

/* Exactly n bytes. */
static void hear(int fd, char *out, size_t n)
{
	while (n > 0) {
		ssize_t got = recv(fd, out, n, 0);

		ck_assert_msg(got > 0, "recv: %zd, %s", got, strerror(errno));
		out += got;
		n -= (size_t)got;
	}
}

static void expect(int fd, const char *text)
{
	char got[256] = "";

	hear(fd, got, strlen(text));
	ck_assert_str_eq(got, text);
}

static void expect_end(int fd)
{
	char c;

	ck_assert_int_eq(recv(fd, &c, 1, 0), 0);
}

/* ---- tests ---- */

static void feed_echo(struct test_conn *t, char *data, size_t len)
{
	rt_conn_write(&t->conn, data, len);
}

START_TEST(test_bytes_come_in_and_go_out)
{
	int fd;

	start(1, feed_echo);
	fd = connect_pair();
	say(fd, "hello", 5);
	expect(fd, "hello");
	shutdown(fd, SHUT_WR);
	expect_end(fd);
	wait_for(&seen.closed, 1);
	ck_assert_int_eq(atomic_load(&seen.reason), RT_CLOSE_PEER);
	ck_assert_uint_eq(rt_shards[0]->counters.bytes_in, 5);
	ck_assert_uint_eq(rt_shards[0]->counters.bytes_out, 5);
	ck_assert_uint_eq(rt_conn_count(rt_shards[0]), 0);
	close(fd);
	stop();
}
END_TEST

static void feed_three(struct test_conn *t, char *data, size_t len)
{
	(void)data;
	(void)len;
	rt_conn_write(&t->conn, "one", 3);
	rt_conn_write(&t->conn, "two", 3);
	rt_conn_write(&t->conn, "three", 5);
}

START_TEST(test_output_of_one_turn_leaves_in_one_write)
{
	char got[64];
	int fd;

	start(1, feed_three);
	fd = connect_type(SOCK_SEQPACKET); /* keeps writes apart */
	say(fd, "x", 1);
	ck_assert_int_eq(recv(fd, got, sizeof(got), 0), 11);
	close(fd);
	stop();
}
END_TEST

START_TEST(test_half_closed_peer_gets_its_answers)
{
	int fd;

	start(1, feed_echo);
	fd = connect_pair();
	say(fd, "last words", 10);
	shutdown(fd, SHUT_WR);
	expect(fd, "last words");
	expect_end(fd);
	close(fd);
	stop();
}
END_TEST

/* Takes one line at a time, and holds after each until a message releases it. */
static void feed_lines(struct test_conn *t, char *data, size_t len)
{
	char *end = memchr(data, '\n', len);

	ck_assert(!t->conn.held);
	rt_conn_trust(&t->conn); /* answers pile up: the test writes all before it reads */
	if (end == NULL) {
		rt_conn_write(&t->conn, data, len); /* half a line is consumed */
		return;
	}
	rt_conn_write(&t->conn, data, (size_t)(end + 1 - data));
	rt_conn_unread(&t->conn, end + 1, len - (size_t)(end + 1 - data));
	rt_conn_hold(&t->conn);
	rt_shard_post(t->conn.shard, &t->nudge);
}

START_TEST(test_held_input_is_fed_in_order_and_nothing_is_lost)
{
	char sent[20000], got[20000];
	size_t n = 0;
	int fd, i;

	for (i = 0; i < 1500; i++)
		n += (size_t)sprintf(sent + n, "line %d\n", i);
	start(1, feed_lines);
	fd = connect_pair();
	say(fd, sent, n);
	hear(fd, got, n);
	ck_assert_int_eq(memcmp(sent, got, n), 0);
	ck_assert_uint_eq(rt_shards[0]->counters.bytes_in, n); /* fed again is not read again */
	close(fd);
	stop();
}
END_TEST

START_TEST(test_unauthenticated_peer_is_read_in_small_pieces)
{
	char sent[50000], got[50000];
	int fd;

	memset(sent, 'x', sizeof(sent));
	start(1, feed_echo);
	fd = connect_pair();
	say(fd, sent, sizeof(sent));
	hear(fd, got, sizeof(got));
	ck_assert_int_le(atomic_load(&seen.max_len), RT_CONN_READ_UNTRUSTED);
	close(fd);
	stop();
}
END_TEST

static void feed_trust(struct test_conn *t, char *data, size_t len)
{
	rt_conn_trust(&t->conn);
	feed_echo(t, data, len);
}

START_TEST(test_trusted_peer_is_read_in_large_pieces)
{
	static char sent[500000], got[sizeof(sent)];
	size_t at, piece = 50000;
	int fd;

	memset(sent, 'x', sizeof(sent));
	start(1, feed_trust);
	fd = connect_pair();
	for (at = 0; at < sizeof(sent); at += piece) {
		say(fd, sent + at, piece);
		hear(fd, got, piece);
	}
	ck_assert_int_gt(atomic_load(&seen.max_len), RT_CONN_READ_UNTRUSTED);
	close(fd);
	stop();
}
END_TEST

#define FLOOD (2u << 20)

static void feed_flood(struct test_conn *t, char *data, size_t len)
{
	unsigned i;

	(void)data;
	(void)len;
	rt_conn_trust(&t->conn);
	for (i = 0; i < FLOOD / 4; i++)
		rt_conn_write(&t->conn, &i, 4);
}

START_TEST(test_partial_writes_keep_every_byte)
{
	static unsigned got[FLOOD / 4];
	unsigned i;
	int fd;

	start(1, feed_flood);
	fd = connect_pair();
	say(fd, "x", 1);
	wait_for(&seen.fed, 1);
	hear(fd, (char *)got, sizeof(got));
	for (i = 0; i < FLOOD / 4; i++)
		ck_assert_uint_eq(got[i], i);
	close(fd);
	stop();
}
END_TEST

static char block[65536];

/* Writes one stanza per byte received. */
static void feed_stanzas(struct test_conn *t, char *data, size_t len)
{
	struct rt_buf *out;

	(void)data;
	rt_conn_trust(&t->conn);
	for (; len > 0; len--) {
		out = rt_conn_begin_write(&t->conn);
		if (out == NULL)
			return;
		rt_buf_add(out, block, sizeof(block));
		rt_conn_wrote(&t->conn, true);
	}
}

static size_t drain(int fd, char *tail, size_t ntail)
{
	static char buf[65536];
	size_t total = 0;
	ssize_t n;

	memset(tail, 0, ntail);
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		size_t keep = (size_t)n < ntail ? (size_t)n : ntail;

		memmove(tail, tail + keep, ntail - keep);
		memcpy(tail + ntail - keep, buf + n - keep, keep);
		total += (size_t)n;
	}
	ck_assert_int_eq(n, 0);
	return total;
}

START_TEST(test_queue_beyond_max_fsm_queue_is_an_overload)
{
	char tail[8];
	int fd;

	start(1, feed_stanzas);
	spec.max_queue = 10;
	fd = connect_pair();
	say(fd, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 50);
	wait_for(&seen.overloads, 1);
	ck_assert_uint_lt(drain(fd, tail, sizeof(tail)), 50 * sizeof(block));
	ck_assert_int_eq(memcmp(tail, "overload", 8), 0);
	close(fd);
	wait_for(&seen.closed, 1);
	ck_assert_int_eq(atomic_load(&seen.reason), RT_CLOSE_OVERLOAD);
	ck_assert_int_eq(atomic_load(&seen.overloads), 1);
	stop();
}
END_TEST

static void feed_burst(struct test_conn *t, char *data, size_t len)
{
	int i;

	(void)data;
	(void)len;
	for (i = 0; i < 1000; i++) {
		rt_buf_add(rt_conn_begin_write(&t->conn), "<m/>", 4);
		rt_conn_wrote(&t->conn, true);
	}
}

START_TEST(test_burst_that_the_socket_takes_is_no_overload)
{
	char got[4000];
	int fd;

	start(1, feed_burst);
	spec.max_queue = 10;
	fd = connect_pair();
	say(fd, "x", 1);
	hear(fd, got, sizeof(got));
	ck_assert_int_eq(atomic_load(&seen.overloads), 0);
	close(fd);
	stop();
}
END_TEST

START_TEST(test_output_beyond_the_cap_is_an_overload_without_any_option)
{
	char tail[8];
	int fd, i;

	start(1, feed_stanzas);
	fd = connect_pair();
	for (i = 0; i < 100; i++)
		say(fd, "x", 1);
	wait_for(&seen.overloads, 1);
	ck_assert_uint_le(drain(fd, tail, sizeof(tail)), RT_CONN_OUT_CAP + (1u << 20));
	ck_assert_int_eq(memcmp(tail, "overload", 8), 0);
	close(fd);
	stop();
}
END_TEST

/* "G" is a stanza of twice the cap, anything else one of a block. */
static void feed_sizes(struct test_conn *t, char *data, size_t len)
{
	rt_conn_trust(&t->conn);
	for (; len > 0; len--, data++) {
		struct rt_buf *out = rt_conn_begin_write(&t->conn);
		size_t n = *data == 'G' ? 2 * RT_CONN_OUT_CAP : sizeof(block);

		if (out == NULL)
			return;
		memset(rt_buf_reserve(out, n), 'x', n);
		out->end += (uint32_t)n;
		rt_conn_wrote(&t->conn, true);
	}
}

START_TEST(test_single_stanza_beyond_the_cap_is_no_overload)
{
	static char got[2 * RT_CONN_OUT_CAP + 8 * sizeof(block)];
	char many[2 * RT_CONN_OUT_CAP / sizeof(block)], tail[8];
	int fd;

	start(1, feed_sizes);
	fd = connect_pair();
	say(fd, "ssssGssss", 9);
	hear(fd, got, sizeof(got));
	ck_assert_int_eq(atomic_load(&seen.overloads), 0);
	/* What waits beside it is bounded as ever. */
	memset(many, 's', sizeof(many));
	many[0] = 'G';
	say(fd, many, sizeof(many));
	wait_for(&seen.overloads, 1);
	ck_assert_uint_lt(drain(fd, tail, sizeof(tail)), 3 * RT_CONN_OUT_CAP + (1u << 20));
	close(fd);
	stop();
}
END_TEST

/* 100 bytes per byte. */
static void feed_hundredfold(struct test_conn *t, char *data, size_t len)
{
	(void)data;
	for (; len > 0; len--)
		rt_conn_write(&t->conn, block, 100);
}

START_TEST(test_unauthenticated_peer_that_does_not_read_costs_little)
{
	static char much[4096];
	char tail[8];
	size_t got;
	int fd;

	start(1, feed_hundredfold);
	fd = connect_tcp();
	while (atomic_load(&seen.overloads) == 0)
		if (send(fd, much, sizeof(much), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			sched_yield();
	got = drain(fd, tail, sizeof(tail));
	ck_assert_int_eq(memcmp(tail, "overload", 8), 0);
	close(fd);
	ck_assert_uint_gt(got, 0);
	stop();
}
END_TEST

static void feed_bye(struct test_conn *t, char *data, size_t len)
{
	(void)data;
	(void)len;
	rt_conn_write(&t->conn, "bye", 3);
	rt_conn_close(&t->conn, RT_CLOSE_LOCAL);
	rt_conn_write(&t->conn, "too late", 8);
	rt_conn_close(&t->conn, RT_CLOSE_ERROR);
	ck_assert_ptr_null(rt_conn_begin_write(&t->conn));
}

/* A server that closes while input is unread sends a reset, and the peer loses what it had not read
 * yet. */
START_TEST(test_last_words_reach_a_peer_that_is_still_sending)
{
	static char much[1 << 20];
	int fd;

	start(1, feed_bye);
	fd = connect_tcp();
	say(fd, much, sizeof(much));
	expect(fd, "bye");
	expect_end(fd);
	close(fd);
	wait_for(&seen.closed, 1);
	ck_assert_int_eq(atomic_load(&seen.reason), RT_CLOSE_LOCAL);
	ck_assert_int_eq(atomic_load(&seen.fed), 1);
	stop();
}
END_TEST

START_TEST(test_reset_by_the_peer_closes)
{
	struct linger hard = {.l_onoff = 1};
	int fd;

	start(1, feed_echo);
	fd = connect_tcp();
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
	wait_for(&seen.closed, 1);
	ck_assert_int_eq(atomic_load(&seen.reason), RT_CLOSE_PEER);
	stop();
}
END_TEST

START_TEST(test_output_that_never_left_is_there_in_on_closed)
{
	int fd;

	start(1, feed_flood);
	fd = connect_pair();
	say(fd, "x", 1);
	wait_for(&seen.fed, 1);
	close(fd);
	wait_for(&seen.closed, 1);
	ck_assert_int_gt(atomic_load(&seen.left), 0);
	stop();
}
END_TEST

static atomic_int blocked, let_go;

static void block_shard(struct rt_shard *shard, struct rt_msg *msg)
{
	(void)shard;
	(void)msg;
	atomic_store(&blocked, 1);
	while (atomic_load(&let_go) == 0)
		sched_yield();
}

static void write_to_first(struct rt_shard *shard, struct rt_msg *msg)
{
	(void)msg;
	rt_conn_write(rt_conn_find(shard, (struct rt_id){1, 1}), "news", 4);
}

/* What others send to a peer that is known to be gone is not thrown into its dead socket. */
START_TEST(test_output_for_a_peer_that_has_just_gone_stays)
{
	struct rt_msg blocker = {.fn = block_shard}, news = {.fn = write_to_first};
	int fd;

	atomic_store(&let_go, 0);
	atomic_store(&blocked, 0);
	start(1, feed_echo);
	fd = connect_tcp();
	rt_shard_post(rt_shards[0], &blocker);
	wait_for(&blocked, 1); /* its poll is over: it has not seen the end yet */
	close(fd);
	rt_shard_post(rt_shards[0], &news);
	atomic_store(&let_go, 1);
	wait_for(&seen.closed, 1);
	ck_assert_int_eq(atomic_load(&seen.left), 4);
	stop();
}
END_TEST

static void feed_timer(struct test_conn *t, char *data, size_t len)
{
	(void)len;
	rt_conn_set_timeout(&t->conn, data[0] == 'x' ? 0 : 20);
}

START_TEST(test_timeout_fires_once_unless_stopped)
{
	int fd, other;

	start(1, feed_timer);
	fd = connect_pair();
	other = connect_pair();
	say(other, "tx", 2);
	wait_for(&seen.fed, 1);
	say(other, "x", 1);
	wait_for(&seen.fed, 2);
	say(fd, "t", 1);
	expect(fd, "timeout");
	expect_end(fd);
	ck_assert_int_le(atomic_load(&seen.timeouts), 2);
	ck_assert_int_ge(atomic_load(&seen.timeouts), 1);
	close(fd);
	close(other);
	stop();
}
END_TEST

/* "M" moves to the other shard; what follows it travels along. */
static void feed_move(struct test_conn *t, char *data, size_t len)
{
	char *m = memchr(data, 'M', len);
	struct rt_shard *shard = t->conn.shard;

	ck_assert_ptr_eq(shard, rt_shard_self());
	if (m == NULL) {
		rt_conn_write(&t->conn, data, len);
		return;
	}
	rt_conn_write(&t->conn, data, (size_t)(m - data));
	rt_conn_unread(&t->conn, m + 1, len - (size_t)(m + 1 - data));
	rt_conn_set_timeout(&t->conn, 60000);
	rt_conn_move(&t->conn, rt_shards[(shard->index + 1) % rt_nshards]);
}

START_TEST(test_move_takes_unread_bytes_and_output_along)
{
	int fd;

	start(2, feed_move);
	fd = connect_pair();
	say(fd, "beforeMafter", 12);
	expect(fd, "beforeafter");
	ck_assert_int_eq(atomic_load(&seen.moved), 1);
	ck_assert_int_eq(atomic_load(&seen.shard), 1);
	ck_assert_uint_eq(rt_conn_count(rt_shards[0]), 0);
	ck_assert_uint_eq(rt_conn_count(rt_shards[1]), 1);
	say(fd, "more", 4);
	expect(fd, "more");
	close(fd);
	wait_for(&seen.closed, 1);
	stop();
}
END_TEST

START_TEST(test_many_moves_lose_nothing)
{
	char sent[4000], got[2000];
	int fd, i;

	for (i = 0; i < 2000; i++) {
		sent[2 * i] = (char)('a' + i % 26);
		sent[2 * i + 1] = 'M';
	}
	start(2, feed_move);
	fd = connect_pair();
	say(fd, sent, sizeof(sent));
	hear(fd, got, sizeof(got));
	for (i = 0; i < 2000; i++)
		ck_assert_int_eq(got[i], 'a' + i % 26);
	close(fd);
	stop();
}
END_TEST

START_TEST(test_move_to_the_own_shard)
{
	int fd;

	start(1, feed_move);
	fd = connect_pair();
	say(fd, "aMb", 3);
	expect(fd, "ab");
	ck_assert_int_eq(atomic_load(&seen.moved), 1);
	close(fd);
	stop();
}
END_TEST

START_TEST(test_connection_on_the_move_is_not_lost_at_the_end)
{
	int fds[20], i;

	start(2, feed_move);
	for (i = 0; i < 20; i++) {
		fds[i] = connect_pair();
		say(fds[i], "MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM", 32);
	}
	stop(); /* whatever is in flight: each one is closed once, nothing leaks */
	for (i = 0; i < 20; i++)
		close(fds[i]);
}
END_TEST

/* Each chunk comes in its own read: the socket keeps them apart. */
START_TEST(test_shaper_delays_the_next_read)
{
	static const struct rt_shaper_spec slow = {.name = "slow", .bytes_per_s = 2000};
	uint64_t first, third;
	char data[2000];
	int fd;

	memset(data, 'x', sizeof(data));
	start(1, feed_echo);
	spec.shaper = &slow;
	fd = connect_type(SOCK_SEQPACKET);
	say(fd, data, 2000); /* the whole bucket */
	say(fd, data, 200);
	say(fd, "y", 1);
	wait_for(&seen.fed, 3);
	first = atomic_load(&seen.feed_ns[0]);
	third = atomic_load(&seen.feed_ns[2]);
	ck_assert_msg(third - first > 95 * UINT64_C(1000000), "%lu ns",
		      (unsigned long)(third - first));
	close(fd);
	stop();
}
END_TEST

static void feed_nothing(struct test_conn *t, char *data, size_t len)
{
	(void)t;
	(void)data;
	(void)len;
}

START_TEST(test_idle_is_told_at_once_or_after_hibernate_after)
{
	int fd;

	start(1, feed_nothing);
	fd = connect_pair();
	say(fd, "x", 1);
	wait_for(&seen.idle, 1);
	close(fd);
	stop();
	start(1, feed_echo);
	spec.hibernate_after = 30;
	fd = connect_pair();
	say(fd, "x", 1);
	expect(fd, "x");
	wait_for(&seen.idle, 1);
	close(fd);
	stop();
}
END_TEST

static void shut_down(struct rt_shard *shard, struct rt_msg *msg)
{
	(void)msg;
	rt_conn_shutdown_all(shard);
}

START_TEST(test_shutdown_says_goodbye_to_everybody)
{
	struct rt_msg msg = {.fn = shut_down};
	int fds[10], i;

	start(1, feed_echo);
	for (i = 0; i < 10; i++)
		fds[i] = connect_pair();
	rt_shard_post(rt_shards[0], &msg);
	for (i = 0; i < 10; i++) {
		expect(fds[i], "goodbye");
		expect_end(fds[i]);
		close(fds[i]);
	}
	wait_for(&seen.closed, 10);
	ck_assert_int_eq(atomic_load(&seen.shutdowns), 10);
	stop();
}
END_TEST

/* A shard that does not run cannot work off its mailbox: whoever feeds it has to wait. */
static struct rt_msg flood[RT_SHARD_BACKLOG_HIGH + 1];

static void no_work(struct rt_shard *shard, struct rt_msg *msg)
{
	(void)shard;
	(void)msg;
}

static void feed_other_shard(struct test_conn *t, char *data, size_t len)
{
	size_t i;

	if (t->fed == 1) {
		for (i = 0; i < RT_ARRAY_LEN(flood); i++) {
			flood[i].fn = no_work;
			rt_shard_post(rt_shards[1], &flood[i]);
		}
	}
	rt_conn_write(&t->conn, data, len);
}

START_TEST(test_reading_pauses_while_another_shard_lags_behind)
{
	struct rt_msg blocker = {.fn = block_shard};
	struct timeval soon = {.tv_usec = 50000};
	char c;
	int fd;

	atomic_store(&let_go, 0);
	start(2, feed_other_shard);
	rt_shard_post(rt_shards[1], &blocker);
	fd = connect_pair();
	say(fd, "a", 1);
	expect(fd, "a");
	say(fd, "b", 1);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
	ck_assert_int_eq(recv(fd, &c, 1, 0), -1); /* not read */
	atomic_store(&let_go, 1);
	patience(fd);
	expect(fd, "b");
	close(fd);
	stop();
}
END_TEST

START_TEST(test_ids_of_gone_connections_find_nobody)
{
	struct rt_id first = {1, 1};
	int fd, i;

	start(1, feed_echo);
	for (i = 0; i < 3; i++) {
		fd = connect_pair();
		close(fd);
		wait_for(&seen.closed, i + 1);
	}
	rt_shards_stop();
	ck_assert_ptr_null(rt_conn_find(rt_shards[0], first));
	ck_assert_ptr_null(rt_conn_find(rt_shards[0], (struct rt_id){0, 0}));
	ck_assert_ptr_null(rt_conn_find(rt_shards[0], (struct rt_id){99999, 1}));
	stop();
}
END_TEST

START_TEST(test_many_connections_grow_the_table)
{
	int fds[200], i;
	char c;

	start(1, feed_echo);
	for (i = 0; i < 200; i++)
		fds[i] = connect_pair();
	ck_assert_uint_eq(rt_conn_count(rt_shards[0]), 200);
	for (i = 199; i >= 0; i--) {
		c = (char)i;
		say(fds[i], &c, 1);
		hear(fds[i], &c, 1);
		ck_assert_int_eq(c, (char)i);
		close(fds[i]);
	}
	wait_for(&seen.closed, 200);
	ck_assert_uint_eq(rt_conn_count(rt_shards[0]), 0);
	stop();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("conn");
	TCase *bytes = tcase_create("bytes"), *limits = tcase_create("limits"),
	      *life = tcase_create("life"), *moves = tcase_create("moves");
	SRunner *sr;
	int failed;

	tcase_set_timeout(bytes, 60);
	tcase_set_timeout(limits, 60);
	tcase_set_timeout(life, 60);
	tcase_set_timeout(moves, 60);
	tcase_add_test(bytes, test_bytes_come_in_and_go_out);
	tcase_add_test(bytes, test_output_of_one_turn_leaves_in_one_write);
	tcase_add_test(bytes, test_half_closed_peer_gets_its_answers);
	tcase_add_test(bytes, test_held_input_is_fed_in_order_and_nothing_is_lost);
	tcase_add_test(bytes, test_unauthenticated_peer_is_read_in_small_pieces);
	tcase_add_test(bytes, test_trusted_peer_is_read_in_large_pieces);
	tcase_add_test(bytes, test_partial_writes_keep_every_byte);
	suite_add_tcase(s, bytes);
	tcase_add_test(limits, test_queue_beyond_max_fsm_queue_is_an_overload);
	tcase_add_test(limits, test_burst_that_the_socket_takes_is_no_overload);
	tcase_add_test(limits, test_output_beyond_the_cap_is_an_overload_without_any_option);
	tcase_add_test(limits, test_single_stanza_beyond_the_cap_is_no_overload);
	tcase_add_test(limits, test_unauthenticated_peer_that_does_not_read_costs_little);
	tcase_add_test(limits, test_shaper_delays_the_next_read);
	tcase_add_test(limits, test_reading_pauses_while_another_shard_lags_behind);
	suite_add_tcase(s, limits);
	tcase_add_test(life, test_last_words_reach_a_peer_that_is_still_sending);
	tcase_add_test(life, test_reset_by_the_peer_closes);
	tcase_add_test(life, test_output_that_never_left_is_there_in_on_closed);
	tcase_add_test(life, test_output_for_a_peer_that_has_just_gone_stays);
	tcase_add_test(life, test_timeout_fires_once_unless_stopped);
	tcase_add_test(life, test_idle_is_told_at_once_or_after_hibernate_after);
	tcase_add_test(life, test_shutdown_says_goodbye_to_everybody);
	tcase_add_test(life, test_ids_of_gone_connections_find_nobody);
	tcase_add_test(life, test_many_connections_grow_the_table);
	suite_add_tcase(s, life);
	tcase_add_test(moves, test_move_takes_unread_bytes_and_output_along);
	tcase_add_test(moves, test_many_moves_lose_nothing);
	tcase_add_test(moves, test_move_to_the_own_shard);
	tcase_add_test(moves, test_connection_on_the_move_is_not_lost_at_the_end);
	suite_add_tcase(s, moves);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
