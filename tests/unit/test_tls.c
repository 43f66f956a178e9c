/* test_tls.c - TLS contexts and connections: certificates that do and do not load, handshakes,
 * choice by name, reload. */
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "core/clock.h"
#include "core/log.h"
#include "net/conn.h"
#include "net/tls.h"
#include "test_cert.h"

/* ---- an image around one listener ---- */

static struct rt_tls_spec tls_spec;
static struct rt_listener_spec listeners[1];
static struct rt_domain_cert domain_certs[2];
static const char *const files[] = {"test.cfg"};
static struct rt_gen image;

static void make_image(const char *certfile)
{
	tls_spec = (struct rt_tls_spec){.certfile = certfile, .at = {.line = 7, .column = 1}};
	listeners[0] = (struct rt_listener_spec){
		.kind = RT_LISTENER_C2S, .name = "test", .tls = &tls_spec};
	image = (struct rt_gen){.files = files,
				.nfiles = 1,
				.listeners = listeners,
				.nlisteners = 1,
				.domain_certs = domain_certs};
}

/* What rt_tls_load says to the log when it refuses. */
static char complaint[4096];

static int load_and_listen(void)
{
	int fds[2], err;
	ssize_t n;

	ck_assert_int_eq(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
	rt_log_setup(RT_LOG_WARN, false, fds[1]);
	err = rt_tls_load(&image);
	rt_log_setup(RT_LOG_WARN, false, STDERR_FILENO);
	n = read(fds[0], complaint, sizeof(complaint) - 1);
	complaint[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	close(fds[1]);
	return err;
}

#define EXPECT_COMPLAINT(text)                                                                     \
	ck_assert_msg(strstr(complaint, (text)) != NULL, "no \"%s\" in: %s", (text), complaint)

START_TEST(test_missing_file_is_named_with_its_place)
{
	make_image("/nonexistent/cert.pem");
	ck_assert_int_eq(load_and_listen(), RT_E_INVALID);
	EXPECT_COMPLAINT("/nonexistent/cert.pem");
	EXPECT_COMPLAINT("No such file");
	EXPECT_COMPLAINT("cfg=test.cfg:7");
}
END_TEST

struct bad_file {
	int parts, other_key;
	const char *text, *complaint;
};

static const struct bad_file bad_files[] = {
	{0, 0, "", "holds no certificate"},
	{0, 0, "just text\n", "holds no certificate"},
	{TEST_KEY, 0, NULL, "holds no certificate"},
	{TEST_CERT, 0, NULL, "holds no private key"},
	{TEST_CERT | TEST_KEY, 1, NULL, "does not match"},
};

START_TEST(test_unusable_files_are_refused)
{
	const struct bad_file *c = &bad_files[_i];
	char *path = test_cert_file("a.example", c->parts, c->other_key);

	if (c->text != NULL) {
		FILE *f = fopen(path, "w");

		fputs(c->text, f);
		fclose(f);
	}
	make_image(path);
	ck_assert_int_eq(load_and_listen(), RT_E_INVALID);
	EXPECT_COMPLAINT(c->complaint);
	EXPECT_COMPLAINT(path);
	test_cert_remove(path);
}
END_TEST

START_TEST(test_encrypted_key_is_refused_without_asking)
{
	char *path = test_cert_file("a.example", TEST_CERT, 0);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	FILE *f = fopen(path, "a");

	ck_assert_int_eq(
		PEM_write_PrivateKey(f, key, EVP_aes_128_cbc(), NULL, 0, NULL, (void *)"secret"),
		1);
	fclose(f);
	EVP_PKEY_free(key);
	make_image(path);
	ck_assert_int_eq(load_and_listen(), RT_E_INVALID);
	EXPECT_COMPLAINT("encrypted");
	test_cert_remove(path);
}
END_TEST

START_TEST(test_bad_settings_are_refused)
{
	char *path = test_cert_file("a.example", TEST_CERT | TEST_KEY, 0);

	make_image(path);
	tls_spec.ciphers = "NO-SUCH-CIPHER";
	ck_assert_int_eq(load_and_listen(), RT_E_INVALID);
	EXPECT_COMPLAINT("NO-SUCH-CIPHER");
	make_image(path);
	tls_spec.dhfile = path;
	ck_assert_int_eq(load_and_listen(), RT_E_INVALID);
	EXPECT_COMPLAINT("DH parameters");
	make_image(path);
	tls_spec.cafile = "/nonexistent/ca.pem";
	ck_assert_int_eq(load_and_listen(), RT_E_INVALID);
	EXPECT_COMPLAINT("/nonexistent/ca.pem");
	test_cert_remove(path);
}
END_TEST

START_TEST(test_bad_domain_certificate_is_refused)
{
	char *path = test_cert_file("a.example", TEST_CERT | TEST_KEY, 0);

	make_image(path);
	domain_certs[0] = (struct rt_domain_cert){
		"b.example", "/nonexistent/b.pem", {.line = 3, .column = 1}};
	image.ndomain_certs = 1;
	ck_assert_int_eq(load_and_listen(), RT_E_INVALID);
	EXPECT_COMPLAINT("cfg=test.cfg:3");
	test_cert_remove(path);
}
END_TEST

/* ---- connections ---- */

struct test_conn {
	struct rt_conn conn;
};

static atomic_int closed, secured;
static atomic_int reason;
static unsigned char binding[3][64];
static size_t binding_len[3];
static const char *start_domain; /* of STARTTLS */

static int on_open(struct rt_conn *c)
{
	(void)c;
	return RT_OK;
}

static void on_secure(struct rt_conn *c)
{
	int i;

	for (i = 0; i < 3; i++)
		binding_len[i] = rt_conn_tls_binding(c, (enum rt_tls_binding)i, binding[i],
						     sizeof(binding[i]));
	atomic_fetch_add(&secured, 1);
}

static void on_moved(struct rt_conn *c)
{
	(void)c;
}

static void on_timeout(struct rt_conn *c)
{
	(void)c;
}

static void on_closed(struct rt_conn *c)
{
	atomic_store(&reason, c->close_reason);
	atomic_fetch_add(&closed, 1);
}

static const struct rt_conn_kind kind = {
	.name = "test",
	.size = sizeof(struct test_conn),
	.on_open = on_open,
	.on_secure = on_secure,
	.on_moved = on_moved,
	.on_timeout = on_timeout,
	.on_closed = on_closed,
};

/* Under TLS: echo; "!" closes, "M" moves to the other shard. In clear: whatever comes starts TLS.
 */
static void feed(struct rt_conn *c, char *data, size_t len)
{
	if (!c->secure) {
		rt_conn_write(c, "proceed", 7);
		rt_conn_start_tls(c, rt_str_of(start_domain));
		return;
	}
	rt_conn_write(c, data, len);
	if (memchr(data, '!', len) != NULL)
		rt_conn_close(c, RT_CLOSE_LOCAL);
	else if (memchr(data, 'M', len) != NULL)
		rt_conn_move(c, rt_shards[(c->shard->index + 1) % rt_nshards]);
}

static void start(void)
{
	uint32_t i;

	listeners[0].feed = feed;
	ck_assert_int_eq(load_and_listen(), RT_OK);
	ck_assert_int_eq(rt_shards_init(2), RT_OK);
	for (i = 0; i < rt_nshards; i++)
		ck_assert_int_eq(rt_conn_table_new(rt_shards[i]), RT_OK);
	ck_assert_int_eq(rt_shards_start(), RT_OK);
	atomic_store(&closed, 0);
	atomic_store(&secured, 0);
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
	rt_shards_fini();
	rt_tls_unload();
}

struct adoption {
	struct rt_msg msg;
	int fd;
	atomic_int done;
};

static void adopt(struct rt_shard *shard, struct rt_msg *msg)
{
	struct adoption *a = RT_CONTAINER_OF(msg, struct adoption, msg);

	ck_assert_int_eq(rt_conn_adopt(shard, &listeners[0], &kind, a->fd), RT_OK);
	atomic_store(&a->done, 1);
}

static void wait_for(atomic_int *counter, int n)
{
	uint64_t end = rt_clock_ms() + 20000;

	while (atomic_load(counter) < n) {
		ck_assert_msg(rt_clock_ms() < end, "waited too long");
		sched_yield();
	}
}

static int connect_pair(void)
{
	struct timeval patience = {.tv_sec = 20};
	struct adoption a = {.msg.fn = adopt};
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	setsockopt(fds[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	ck_assert_int_eq(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	a.fd = fds[0];
	rt_shard_post(rt_shards[0], &a.msg);
	wait_for(&a.done, 1);
	return fds[1];
}

struct client {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
};

/* A handshake; returns what SSL_connect says. */
static int client_connect(struct client *c, int fd, const char *sni, int max_version)
{
	c->fd = fd;
	c->ctx = SSL_CTX_new(TLS_client_method());
	if (max_version != 0)
		SSL_CTX_set_max_proto_version(c->ctx, max_version);
	c->ssl = SSL_new(c->ctx);
	SSL_set_fd(c->ssl, fd);
	if (sni != NULL)
		SSL_set_tlsext_host_name(c->ssl, sni);
	ERR_clear_error();
	return SSL_connect(c->ssl);
}

static void client_end(struct client *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	close(c->fd);
}

static void client_hear(struct client *c, char *out, size_t n)
{
	while (n > 0) {
		int got = SSL_read(c->ssl, out, (int)n);

		ck_assert_int_gt(got, 0);
		out += got;
		n -= (size_t)got;
	}
}

static void client_expect(struct client *c, const char *text)
{
	char got[64] = "";

	client_hear(c, got, strlen(text));
	ck_assert_str_eq(got, text);
}

static void expect_name(struct client *c, const char *domain)
{
	X509 *x = SSL_get1_peer_certificate(c->ssl);
	char name[128] = "";

	X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, name, sizeof(name));
	X509_free(x);
	ck_assert_str_eq(name, domain);
}

START_TEST(test_direct_tls_echoes_and_closes_cleanly)
{
	char *path = test_cert_file("a.example", TEST_CERT | TEST_KEY, 0);
	static char sent[200000], got[sizeof(sent)];
	struct client c;
	size_t at;

	for (at = 0; at < sizeof(sent); at++)
		sent[at] = (char)('a' + at % 20);
	make_image(path);
	listeners[0].flags = RT_L_TLS;
	start();
	ck_assert_int_eq(client_connect(&c, connect_pair(), NULL, 0), 1);
	expect_name(&c, "a.example");
	for (at = 0; at < sizeof(sent); at += 20000) {
		ck_assert_int_eq(SSL_write(c.ssl, sent + at, 20000), 20000);
		client_hear(&c, got + at, 20000);
	}
	ck_assert_int_eq(memcmp(sent, got, sizeof(sent)), 0);
	ck_assert_int_eq(SSL_write(c.ssl, "bye!", 4), 4);
	client_expect(&c, "bye!");
	ck_assert_int_eq(SSL_read(c.ssl, got, 1), 0);
	ck_assert_int_eq(SSL_get_error(c.ssl, 0), SSL_ERROR_ZERO_RETURN); /* close_notify */
	client_end(&c);
	wait_for(&closed, 1);
	ck_assert_int_eq(atomic_load(&reason), RT_CLOSE_LOCAL);
	stop();
	test_cert_remove(path);
}
END_TEST

START_TEST(test_move_takes_the_tls_state_along)
{
	char *path = test_cert_file("a.example", TEST_CERT | TEST_KEY, 0);
	struct client c;
	int i;

	make_image(path);
	listeners[0].flags = RT_L_TLS;
	start();
	ck_assert_int_eq(client_connect(&c, connect_pair(), NULL, 0), 1);
	for (i = 0; i < 50; i++) {
		/* Two records in one segment: the second may be inside OpenSSL when the connection
		 * moves. */
		ck_assert_int_eq(SSL_write(c.ssl, "M", 1), 1);
		ck_assert_int_eq(SSL_write(c.ssl, "x", 1), 1);
		client_expect(&c, "Mx");
	}
	client_end(&c);
	wait_for(&closed, 1);
	stop();
	test_cert_remove(path);
}
END_TEST

START_TEST(test_starttls_after_clear_text_discards_what_was_pipelined)
{
	char *path = test_cert_file("a.example", TEST_CERT | TEST_KEY, 0), got[8] = "";
	struct client c;
	int fd;

	make_image(path);
	listeners[0].flags = RT_L_STARTTLS;
	start_domain = "nobody.example";
	start();
	fd = connect_pair();
	ck_assert_int_eq(send(fd, "starttls and injected", 21, 0), 21);
	ck_assert_int_eq(recv(fd, got, 7, MSG_WAITALL), 7);
	ck_assert_str_eq(got, "proceed");
	ck_assert_int_eq(client_connect(&c, fd, NULL, 0), 1);
	ck_assert_int_eq(SSL_write(c.ssl, "clean", 5), 5);
	client_expect(&c, "clean");
	client_end(&c);
	wait_for(&closed, 1);
	stop();
	test_cert_remove(path);
}
END_TEST

struct choice {
	const char *domain, *sni, *expected;
};

static const struct choice choices[] = {
	{"", NULL, "a.example"},
	{"", "b.example", "b.example"},
	{"", "B.Example", "b.example"},
	{"", "unknown.example", "a.example"},
	{"b.example", NULL, "b.example"},
	{"unknown.example", NULL, "a.example"},
	{"b.example", "xn--bcher-kva.example",
	 "b\xc3\xbc"
	 "cher.example"}, /* SNI comes in ASCII */
	{"b.example", "a.example",
	 "b.example"}, /* a name without a row keeps the choice by stream `to` */
};

START_TEST(test_certificate_is_chosen_by_name)
{
	static const char idn[] = "b\xc3\xbc"
				  "cher.example";
	const struct choice *choice = &choices[_i];
	char *a = test_cert_file("a.example", TEST_CERT | TEST_KEY, 0);
	char *b = test_cert_file("b.example", TEST_CERT | TEST_KEY, 0);
	char *i = test_cert_file(idn, TEST_CERT | TEST_KEY, 0), got[8];
	struct client c;
	int fd;

	make_image(a);
	domain_certs[0] = (struct rt_domain_cert){"b.example", b, {0}};
	domain_certs[1] = (struct rt_domain_cert){idn, i, {0}};
	image.ndomain_certs = 2;
	start_domain = choice->domain;
	start();
	fd = connect_pair();
	ck_assert_int_eq(send(fd, "s", 1, 0), 1);
	ck_assert_int_eq(recv(fd, got, 7, MSG_WAITALL), 7);
	ck_assert_int_eq(client_connect(&c, fd, choice->sni, 0), 1);
	expect_name(&c, choice->expected);
	client_end(&c);
	stop();
	test_cert_remove(a);
	test_cert_remove(b);
	test_cert_remove(i);
}
END_TEST

START_TEST(test_protocol_options_remove_versions)
{
	char *path = test_cert_file("a.example", TEST_CERT | TEST_KEY, 0);
	struct client c;

	make_image(path);
	listeners[0].flags = RT_L_TLS;
	tls_spec.flags = RT_TLS_NO_TLSV1_3;
	start();
	ck_assert_int_eq(client_connect(&c, connect_pair(), NULL, 0), 1);
	ck_assert_int_eq(SSL_version(c.ssl), TLS1_2_VERSION);
	client_end(&c);
	stop();
	make_image(path);
	listeners[0].flags = RT_L_TLS;
	tls_spec.flags = RT_TLS_NO_TLSV1_2;
	start();
	ck_assert_int_ne(client_connect(&c, connect_pair(), NULL, TLS1_2_VERSION), 1);
	client_end(&c);
	wait_for(&closed, 1);
	ck_assert_int_eq(atomic_load(&reason), RT_CLOSE_TLS);
	stop();
	test_cert_remove(path);
}
END_TEST

START_TEST(test_clear_text_on_a_tls_port_closes)
{
	char *path = test_cert_file("a.example", TEST_CERT | TEST_KEY, 0), c[64];
	int fd;

	make_image(path);
	listeners[0].flags = RT_L_TLS;
	start();
	fd = connect_pair();
	ck_assert_int_eq(send(fd, "<?xml version='1.0'?>", 21, 0), 21);
	while (recv(fd, c, sizeof(c), 0) > 0) /* an alert, then the end */
		;
	wait_for(&closed, 1);
	ck_assert_int_eq(atomic_load(&secured), 0);
	close(fd);
	stop();
	test_cert_remove(path);
}
END_TEST

/* What the client computes itself, RFC 5929 and RFC 9266. */
START_TEST(test_channel_bindings_are_those_of_the_client)
{
	int version = _i == 0 ? TLS1_2_VERSION : 0;
	char *path = test_cert_file("a.example", TEST_CERT | TEST_KEY, 0), got[2];
	unsigned char expected[64];
	unsigned n = 0;
	struct client c;
	X509 *x;

	make_image(path);
	listeners[0].flags = RT_L_TLS;
	start();
	ck_assert_int_eq(client_connect(&c, connect_pair(), NULL, version), 1);
	ck_assert_int_eq(SSL_write(c.ssl, "x", 1), 1);
	client_hear(&c, got, 1);
	ck_assert_int_eq(atomic_load(&secured), 1);
	if (version != 0) {
		n = (unsigned)SSL_get_finished(c.ssl, expected, sizeof(expected));
		ck_assert_uint_eq(binding_len[RT_TLS_UNIQUE], n);
		ck_assert_int_eq(memcmp(binding[RT_TLS_UNIQUE], expected, n), 0);
	} else {
		ck_assert_uint_eq(binding_len[RT_TLS_UNIQUE], 0);
	}
	ck_assert_int_eq(SSL_export_keying_material(c.ssl, expected, 32, "EXPORTER-Channel-Binding",
						    24, NULL, 0, 1),
			 1);
	ck_assert_uint_eq(binding_len[RT_TLS_EXPORTER], 32);
	ck_assert_int_eq(memcmp(binding[RT_TLS_EXPORTER], expected, 32), 0);
	x = SSL_get1_peer_certificate(c.ssl);
	ck_assert_int_eq(X509_digest(x, EVP_sha256(), expected, &n), 1);
	X509_free(x);
	ck_assert_uint_eq(binding_len[RT_TLS_SERVER_END_POINT], n);
	ck_assert_int_eq(memcmp(binding[RT_TLS_SERVER_END_POINT], expected, n), 0);
	client_end(&c);
	stop();
	test_cert_remove(path);
}
END_TEST

START_TEST(test_reload_changes_new_connections_only_and_failing_changes_none)
{
	char *path = test_cert_file("a.example", TEST_CERT | TEST_KEY, 0);
	char *fresh = test_cert_file("c.example", TEST_CERT | TEST_KEY, 0);
	struct client old, new;

	make_image(path);
	listeners[0].flags = RT_L_TLS;
	start();
	ck_assert_int_eq(client_connect(&old, connect_pair(), NULL, 0), 1);
	ck_assert_int_eq(rename(fresh, path), 0);
	ck_assert_int_eq(load_and_listen(), RT_OK);
	ck_assert_int_eq(client_connect(&new, connect_pair(), NULL, 0), 1);
	expect_name(&new, "c.example");
	client_end(&new);
	ck_assert_int_eq(truncate(path, 0), 0);
	ck_assert_int_eq(load_and_listen(), RT_E_INVALID);
	ck_assert_int_eq(client_connect(&new, connect_pair(), NULL, 0), 1);
	expect_name(&new, "c.example");
	client_end(&new);
	ck_assert_int_eq(SSL_write(old.ssl, "alive", 5), 5);
	client_expect(&old, "alive");
	client_end(&old);
	stop();
	test_cert_remove(path);
	free(fresh);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tls");
	TCase *load = tcase_create("load"), *conn = tcase_create("conn");
	SRunner *sr;
	int failed;

	signal(SIGPIPE, SIG_IGN); /* as the server does */
	tcase_set_timeout(load, 60);
	tcase_set_timeout(conn, 60);
	tcase_add_test(load, test_missing_file_is_named_with_its_place);
	tcase_add_loop_test(load, test_unusable_files_are_refused, 0, RT_ARRAY_LEN(bad_files));
	tcase_add_test(load, test_encrypted_key_is_refused_without_asking);
	tcase_add_test(load, test_bad_settings_are_refused);
	tcase_add_test(load, test_bad_domain_certificate_is_refused);
	suite_add_tcase(s, load);
	tcase_add_test(conn, test_direct_tls_echoes_and_closes_cleanly);
	tcase_add_test(conn, test_move_takes_the_tls_state_along);
	tcase_add_test(conn, test_starttls_after_clear_text_discards_what_was_pipelined);
	tcase_add_loop_test(conn, test_certificate_is_chosen_by_name, 0, RT_ARRAY_LEN(choices));
	tcase_add_test(conn, test_protocol_options_remove_versions);
	tcase_add_test(conn, test_clear_text_on_a_tls_port_closes);
	tcase_add_loop_test(conn, test_channel_bindings_are_those_of_the_client, 0, 2);
	tcase_add_test(conn, test_reload_changes_new_connections_only_and_failing_changes_none);
	suite_add_tcase(s, conn);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
