/* test_listener.c - listening sockets: every shard accepts, ports in use are found out, running out
 * of descriptors. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "net/conn.h"
#include "net/listener.h"

static atomic_int opened[2]; /* per shard */

static int on_open(struct rt_conn *c)
{
	atomic_fetch_add(&opened[c->shard->index], 1);
	return RT_OK;
}

static void ignore(struct rt_conn *c)
{
	(void)c;
}

static const struct rt_conn_kind kind = {
	.name = "test",
	.size = sizeof(struct rt_conn),
	.on_open = on_open,
	.on_secure = ignore,
	.on_moved = ignore,
	.on_timeout = ignore,
	.on_closed = ignore,
};

static void feed(struct rt_conn *c, char *data, size_t len)
{
	rt_conn_write(c, data, len);
}

static const char *const files[] = {"test.cfg"};
static struct rt_listener_spec rows[3];
static struct rt_gen image;

static void make_image(size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		rows[i] =
			(struct rt_listener_spec){.kind = RT_LISTENER_C2S,
						  .family = 4,
						  .addr = {127, 0, 0, 1},
						  .backlog = 100,
						  .acceptors = 5,
						  .feed = feed,
						  .name = "test 127.0.0.1",
						  .at = {.line = (uint32_t)(10 + i), .column = 1}};
	image = (struct rt_gen){.files = files, .nfiles = 1, .listeners = rows, .nlisteners = n};
	rt_listener_register(RT_LISTENER_C2S, &kind);
}

static void make_shards(void)
{
	uint32_t i;

	ck_assert_int_eq(rt_shards_init(2), RT_OK);
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(rt_conn_table_new(rt_shards[i]), RT_OK);
	memset(opened, 0, sizeof(opened));
}

static void free_shards(void)
{
	uint32_t i;

	for (i = 0; i < 2; i++) {
		rt_shard_enter(rt_shards[i]);
		rt_conn_table_free(rt_shards[i]);
	}
	rt_shard_enter(NULL);
	rt_shards_fini();
}

static void on_start(struct rt_shard *shard, struct rt_msg *msg)
{
	(void)msg;
	rt_listeners_start(shard);
}

static void start(void)
{
	static struct rt_msg msgs[2];
	uint32_t i;

	ck_assert_int_eq(rt_shards_start(), RT_OK);
	for (i = 0; i < 2; i++) {
		msgs[i].fn = on_start;
		rt_shard_post(rt_shards[i], &msgs[i]);
	}
}

/* The log of one rt_listeners_open(). */
static char complaint[4096];

static int open_and_listen(void)
{
	int fds[2], err;
	ssize_t n;

	ck_assert_int_eq(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
	rt_log_setup(RT_LOG_WARN, false, fds[1]);
	err = rt_listeners_open(&image);
	rt_log_setup(RT_LOG_WARN, false, STDERR_FILENO);
	n = read(fds[0], complaint, sizeof(complaint) - 1);
	complaint[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	close(fds[1]);
	return err;
}

static int new_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int connect_socket(int fd, uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				.sin_port = htons(port)};
	struct timeval patience = {.tv_sec = 20};

	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int connect_to(uint16_t port)
{
	return connect_socket(new_socket(), port);
}

static void expect_echo(int fd)
{
	char c = 0;

	ck_assert_int_eq(send(fd, "e", 1, MSG_NOSIGNAL), 1);
	ck_assert_int_eq(recv(fd, &c, 1, 0), 1);
	ck_assert_int_eq(c, 'e');
}

/* A socket of somebody else on a port of its choice. */
static int occupy(uint16_t *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	socklen_t len = sizeof(a);

	/* Even one that would share the port. */
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)), 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

START_TEST(test_every_shard_accepts_on_every_row)
{
	int fds[100], i;

	make_image(2);
	make_shards();
	ck_assert_int_eq(open_and_listen(), RT_OK);
	ck_assert_ptr_nonnull(strstr(complaint, "listener open kind=c2s")); /* said at any level */
	ck_assert_uint_ne(rt_listener_port(0), 0);
	ck_assert_uint_ne(rt_listener_port(0), rt_listener_port(1));
	start();
	for (i = 0; i < 100; i++) {
		fds[i] = connect_to(rt_listener_port((size_t)i % 2));
		ck_assert_int_ge(fds[i], 0);
	}
	for (i = 0; i < 100; i++) {
		expect_echo(fds[i]);
		close(fds[i]);
	}
	ck_assert_int_eq(atomic_load(&opened[0]) + atomic_load(&opened[1]), 100);
	/* The kernel spreads by a hash: that one of two gets none of 100 does not happen. */
	ck_assert_int_gt(atomic_load(&opened[0]), 0);
	ck_assert_int_gt(atomic_load(&opened[1]), 0);
	rt_shards_stop();
	rt_listeners_close();
	free_shards();
}
END_TEST

START_TEST(test_port_in_use_is_an_error_with_its_place)
{
	uint64_t begin = rt_clock_ms();
	uint16_t port;
	int other = occupy(&port);

	make_image(2);
	rows[1].port = port;
	make_shards();
	ck_assert_int_eq(open_and_listen(), RT_E_IO);
	ck_assert_msg(strstr(complaint, "port in use") != NULL &&
			      strstr(complaint, "cfg=test.cfg:11") != NULL,
		      "%s", complaint);
	ck_assert_uint_ge(rt_clock_ms() - begin, 850); /* a second of patience, as in 3.2 */
	ck_assert_uint_eq(rt_listener_port(0), 0);     /* nothing stays bound */
	close(other);
	free_shards();
}
END_TEST

static void *let_go_soon(void *arg)
{
	struct timespec t = {.tv_nsec = 250000000};

	nanosleep(&t, NULL);
	close(*(int *)arg);
	return NULL;
}

START_TEST(test_port_that_becomes_free_in_time_is_taken)
{
	pthread_t thread;
	uint16_t port;
	int other = occupy(&port);

	make_image(1);
	rows[0].port = port;
	make_shards();
	ck_assert_int_eq(pthread_create(&thread, NULL, let_go_soon, &other), 0);
	ck_assert_int_eq(open_and_listen(), RT_OK);
	ck_assert_uint_eq(rt_listener_port(0), port);
	pthread_join(thread, NULL);
	rt_listeners_close();
	free_shards();
}
END_TEST

START_TEST(test_row_that_repeats_an_earlier_one_fails_without_waiting)
{
	uint64_t begin = rt_clock_ms();
	uint16_t port;

	close(occupy(&port)); /* free, most likely */
	make_image(2);
	rows[0].port = rows[1].port = port;
	memset(rows[1].addr, 0, sizeof(rows[1].addr)); /* 0.0.0.0 beside 127.0.0.1 */
	make_shards();
	ck_assert_int_eq(open_and_listen(), RT_E_IO);
	ck_assert_ptr_nonnull(strstr(complaint, "cfg=test.cfg:11"));
	ck_assert_uint_lt(rt_clock_ms() - begin, 800);
	free_shards();
}
END_TEST

START_TEST(test_foreign_address_is_an_error)
{
	make_image(1);
	rows[0].addr[0] = 192;
	rows[0].addr[1] = 0;
	rows[0].addr[2] = 2; /* RFC 5737 */
	make_shards();
	ck_assert_int_eq(open_and_listen(), RT_E_IO);
	ck_assert_msg(strstr(complaint, "address not available") != NULL, "%s", complaint);
	free_shards();
}
END_TEST

START_TEST(test_v6_wildcard_serves_v4_unless_a_row_wants_it)
{
	int fd;

	make_image(1);
	rows[0].family = 6;
	memset(rows[0].addr, 0, sizeof(rows[0].addr));
	make_shards();
	if (open_and_listen() != RT_OK) { /* no IPv6 here */
		free_shards();
		return;
	}
	start();
	fd = connect_to(rt_listener_port(0));
	ck_assert_int_ge(fd, 0);
	expect_echo(fd);
	close(fd);
	rt_shards_stop();
	rt_listeners_close();
	free_shards();
}
END_TEST

/* The child of the test has few descriptors: connections beyond them wait and are served later,
 * without a busy loop. */
START_TEST(test_running_out_of_descriptors_pauses_and_recovers)
{
	struct rlimit few = {.rlim_cur = 60, .rlim_max = 60};
	struct timespec cpu_before, cpu_after, wait = {.tv_nsec = 300000000};
	int fds[48], n, last;
	uint64_t spent;

	make_image(1);
	make_shards();
	ck_assert_int_eq(open_and_listen(), RT_OK);
	rt_log_setup(RT_LOG_WARN, false, open("/dev/null", O_WRONLY | O_CLOEXEC));
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	start();
	/* Both ends are ours: half of them can be accepted. */
	for (n = 0; n < 48; n++) {
		fds[n] = new_socket();
		if (fds[n] < 0)
			break;
		ck_assert_int_ge(connect_socket(fds[n], rt_listener_port(0)), 0);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu_before);
	nanosleep(&wait, NULL); /* what is measured is the time itself */
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu_after);
	spent = (uint64_t)((cpu_after.tv_sec - cpu_before.tv_sec) * 1000 +
			   (cpu_after.tv_nsec - cpu_before.tv_nsec) / 1000000);
	ck_assert_msg(spent < 100, "%lu ms of CPU while starved", (unsigned long)spent);
	last = fds[--n];
	while (n > 0)
		close(fds[--n]);
	expect_echo(last);
	close(last);
	rt_shards_stop();
	rt_listeners_close();
	free_shards();
}
END_TEST

static void on_stop(struct rt_shard *shard, struct rt_msg *msg)
{
	(void)msg;
	rt_listeners_stop(shard);
}

static bool are_closed(uint16_t port)
{
	int fd = connect_to(port);

	if (fd < 0)
		return errno == ECONNREFUSED;
	close(fd);
	return false;
}

START_TEST(test_stopped_listeners_refuse)
{
	static struct rt_msg msgs[2];
	uint64_t end = rt_clock_ms() + 20000;
	uint32_t i;

	make_image(1);
	make_shards();
	ck_assert_int_eq(open_and_listen(), RT_OK);
	start();
	for (i = 0; i < 2; i++) {
		msgs[i].fn = on_stop;
		rt_shard_post(rt_shards[i], &msgs[i]);
	}
	while (!are_closed(rt_listener_port(0)))
		ck_assert_uint_lt(rt_clock_ms(), end);
	rt_shards_stop();
	rt_listeners_close();
	free_shards();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("listener");
	TCase *tc = tcase_create("listener");
	SRunner *sr;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_every_shard_accepts_on_every_row);
	tcase_add_test(tc, test_port_in_use_is_an_error_with_its_place);
	tcase_add_test(tc, test_port_that_becomes_free_in_time_is_taken);
	tcase_add_test(tc, test_row_that_repeats_an_earlier_one_fails_without_waiting);
	tcase_add_test(tc, test_foreign_address_is_an_error);
	tcase_add_test(tc, test_v6_wildcard_serves_v4_unless_a_row_wants_it);
	tcase_add_test(tc, test_running_out_of_descriptors_pauses_and_recovers);
	tcase_add_test(tc, test_stopped_listeners_refuse);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
