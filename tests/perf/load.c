/* load.c - XMPP load for measuring servers from outside: many clients on one epoll loop, server CPU
 * from /proc.
 *
 *   load register --port P --users N            in-band registration of u0..uN-1
 *   load login    --port P --users N            log in and out, N times, C at once
 *   load idle     --port P --users N            log in N sessions, hold them, report memory of
 * --pid load chat     --port P --pairs K --messages M --window W K senders, K receivers; W messages
 * of a pair in flight load latency  --port P --pairs K --rate R --seconds S fixed rate over all
 * pairs; percentiles of the way through the server all: --host NAME --tls --pid PID[,PID...]
 * --concurrency C --from FIRST_USER
 *
 * Prints one line of key=value pairs. Exit status 1 when anything went wrong.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum phase {
	P_IDLE,
	P_CONNECT,
	P_FEATURES, /* before TLS or SASL */
	P_PROCEED,
	P_HANDSHAKE,
	P_TLS_FEATURES,
	P_REGISTER,
	P_CHALLENGE,
	P_SUCCESS,
	P_AUTH_FEATURES,
	P_BIND,
	P_SESSION,
	P_PRESENCE,
	P_READY,
	P_CLOSING,
	P_DONE,
};

struct client {
	int fd;
	SSL *ssl;
	enum phase phase;
	unsigned user;
	char *in;
	size_t in_len, in_cap;
	char *out; /* what the socket did not take yet */
	size_t out_len;
	char nonce[32];
	struct client *peer; /* sender -> receiver */
	unsigned sent, received;
	bool wants_write;
};

static const char *mode, *host = "localhost", *pids = "";
static int port;
static bool use_tls;
static unsigned users = 100, pairs = 10, window = 1, messages = 10000, concurrency = 64, first_user;
static double rate = 1000, seconds = 10;

static int ep;
static SSL_CTX *ctx;
static unsigned active, started, finished, total;
static struct client *clients;
static uint64_t *samples;
static size_t nsamples, max_samples;
static unsigned delivered;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const struct client *c, const char *what)
{
	fprintf(stderr, "load: %s (user u%u, phase %d): %.*s\n", what, c ? c->user : 0,
		c ? (int)c->phase : -1, c && c->in ? (int)(c->in_len < 600 ? c->in_len : 600) : 0,
		c && c->in ? c->in : "");
	exit(1);
}

/* CPU of the processes, all threads, ns. */
static uint64_t server_cpu(void)
{
	uint64_t sum = 0;
	char list[256];

	snprintf(list, sizeof(list), "%s", pids);
	for (char *p = strtok(list, ","); p != NULL; p = strtok(NULL, ",")) {
		char path[300];
		DIR *d;

		snprintf(path, sizeof(path), "/proc/%s/task", p);
		d = opendir(path);
		for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
			FILE *f;
			unsigned long long ran;

			if (e->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "/proc/%s/task/%s/schedstat", p, e->d_name);
			f = fopen(path, "r");
			if (f != NULL && fscanf(f, "%llu", &ran) == 1)
				sum += ran;
			if (f != NULL)
				fclose(f);
		}
		if (d != NULL)
			closedir(d);
	}
	return sum;
}

static long server_rss_kib(void)
{
	long sum = 0;
	char list[256];

	snprintf(list, sizeof(list), "%s", pids);
	for (char *p = strtok(list, ","); p != NULL; p = strtok(NULL, ",")) {
		char path[64], line[256];
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/status", p);
		f = fopen(path, "r");
		while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
			long kib;

			if (sscanf(line, "VmRSS: %ld", &kib) == 1)
				sum += kib;
		}
		if (f != NULL)
			fclose(f);
	}
	return sum;
}

static void watch(struct client *c, bool write)
{
	struct epoll_event e = {.events = EPOLLIN | (write ? EPOLLOUT : 0u), .data.ptr = c};

	epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
	c->wants_write = write;
}

static void flush_out(struct client *c)
{
	while (c->out_len != 0) {
		ssize_t n = c->ssl ? SSL_write(c->ssl, c->out, (int)c->out_len)
				   : write(c->fd, c->out, c->out_len);

		if (n <= 0) {
			if (c->ssl ? SSL_get_error(c->ssl, (int)n) == SSL_ERROR_WANT_WRITE ||
					     SSL_get_error(c->ssl, (int)n) == SSL_ERROR_WANT_READ
				   : errno == EAGAIN) {
				if (!c->wants_write)
					watch(c, true);
				return;
			}
			die(c, "write failed");
		}
		memmove(c->out, c->out + n, c->out_len - (size_t)n);
		c->out_len -= (size_t)n;
	}
	if (c->wants_write)
		watch(c, false);
}

static void say(struct client *c, const char *text, size_t len)
{
	if (c->out_len == 0) {
		ssize_t n = c->ssl ? SSL_write(c->ssl, text, (int)len) : write(c->fd, text, len);

		if (n == (ssize_t)len)
			return;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	c->out = realloc(c->out, c->out_len + len);
	memcpy(c->out + c->out_len, text, len);
	c->out_len += len;
	flush_out(c);
}

static void sayz(struct client *c, const char *text)
{
	say(c, text, strlen(text));
}

static void open_stream(struct client *c)
{
	char text[300];

	snprintf(text, sizeof(text),
		 "<?xml version='1.0'?><stream:stream to='%s' version='1.0' xmlns='jabber:client' "
		 "xmlns:stream='http://etherx.jabber.org/streams'>",
		 host);
	sayz(c, text);
}

static void b64(char *out, const void *p, size_t n)
{
	EVP_EncodeBlock((unsigned char *)out, p, (int)n);
}

static void scram_first(struct client *c)
{
	unsigned char r[15];
	char first[128], coded[200], text[400];

	RAND_bytes(r, sizeof(r));
	b64(c->nonce, r, sizeof(r));
	snprintf(first, sizeof(first), "n,,n=u%u,r=%s", c->user, c->nonce);
	b64(coded, first, strlen(first));
	snprintf(text, sizeof(text),
		 "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>%s</auth>",
		 coded);
	sayz(c, text);
}

static void scram_final(struct client *c, const char *challenge, size_t len)
{
	unsigned char text[1024], salt[128], salted[20], ck[20], stored[20], sig[20], proof[20];
	char nonce[200], salt64[100], without[256], message[1600], final[700], coded[1000],
		proof64[40], out[1200];
	unsigned iterations, n = 20;
	int text_len, salt_len;

	text_len = EVP_DecodeBlock(text, (const unsigned char *)challenge, (int)len);
	if (text_len < 0)
		die(c, "challenge is no base64");
	while (len > 0 && challenge[--len] == '=')
		text_len--;
	text[text_len] = '\0';
	if (sscanf((char *)text, "r=%199[^,],s=%99[^,],i=%u", nonce, salt64, &iterations) != 3)
		die(c, "unreadable challenge");
	salt_len = EVP_DecodeBlock(salt, (unsigned char *)salt64, (int)strlen(salt64));
	for (size_t i = strlen(salt64); i > 0 && salt64[i - 1] == '='; i--)
		salt_len--;
	PKCS5_PBKDF2_HMAC_SHA1("secret", 6, salt, salt_len, (int)iterations, 20, salted);
	HMAC(EVP_sha1(), salted, 20, (const unsigned char *)"Client Key", 10, ck, &n);
	SHA1(ck, 20, stored);
	snprintf(without, sizeof(without), "c=biws,r=%s", nonce);
	snprintf(message, sizeof(message), "n=u%u,r=%s,%s,%s", c->user, c->nonce, (char *)text,
		 without);
	HMAC(EVP_sha1(), stored, 20, (unsigned char *)message, strlen(message), sig, &n);
	for (int i = 0; i < 20; i++)
		proof[i] = ck[i] ^ sig[i];
	b64(proof64, proof, 20);
	snprintf(final, sizeof(final), "%s,p=%s", without, proof64);
	b64(coded, final, strlen(final));
	snprintf(out, sizeof(out),
		 "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</response>", coded);
	sayz(c, out);
}

static void send_message(struct client *c)
{
	char text[512];
	int n = snprintf(text, sizeof(text),
			 "<message to='u%u@%s/r' type='chat' id='m%u'><body>t=%llu The quick brown "
			 "fox jumps over "
			 "the lazy dog, twice a day.</body></message>",
			 c->peer->user, host, c->sent, (unsigned long long)now_ns());

	c->sent++;
	say(c, text, (size_t)n);
}

static void start(struct client *c)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
	int one = 1;

	/* Many loopback source addresses: one has too few ports for tens of thousands of
	 * connections. */
	struct sockaddr_in from = {.sin_family = AF_INET};
	from.sin_addr.s_addr = htonl(0x7f000001u + (c->user / 20000u));
	inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	bind(c->fd, (struct sockaddr *)&from, sizeof(from));
	if (connect(c->fd, (struct sockaddr *)&a, sizeof(a)) != 0 && errno != EINPROGRESS)
		die(c, "connect failed");
	epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
	c->phase = P_CONNECT;
	c->wants_write = true;
	active++;
	started++;
}

static void finish(struct client *c)
{
	if (c->ssl != NULL)
		SSL_free(c->ssl);
	close(c->fd);
	free(c->in);
	free(c->out);
	c->in = c->out = NULL;
	c->ssl = NULL;
	c->in_len = c->in_cap = c->out_len = 0;
	c->phase = P_DONE;
	active--;
	finished++;
}

static void consume(struct client *c, size_t n)
{
	memmove(c->in, c->in + n, c->in_len - n);
	c->in_len -= n;
	c->in[c->in_len] = '\0';
}

/* The end of the first `mark` in what has arrived, or 0. */
static size_t past(struct client *c, const char *mark)
{
	char *at = c->in_len != 0 ? strstr(c->in, mark) : NULL;

	return at == NULL ? 0 : (size_t)(at - c->in) + strlen(mark);
}

static void ready(struct client *c);

static void authenticate(struct client *c)
{
	if (!strcmp(mode, "register")) {
		char text[300];

		snprintf(text, sizeof(text),
			 "<iq type='set' id='reg'><query "
			 "xmlns='jabber:iq:register'><username>u%u</username>"
			 "<password>secret</password></query></iq>",
			 c->user);
		sayz(c, text);
		c->phase = P_REGISTER;
		return;
	}
	scram_first(c);
	c->phase = P_CHALLENGE;
}

/* One step on what has arrived; false: wait for more. */
static bool step(struct client *c)
{
	size_t n;
	char *at;

	if (c->phase < P_READY && (strstr(c->in, "<stream:error") || strstr(c->in, "<failure")))
		die(c, "refused");
	switch (c->phase) {
	case P_FEATURES:
		if ((n = past(c, "</stream:features>")) == 0)
			return false;
		consume(c, n);
		if (use_tls) {
			sayz(c, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
			c->phase = P_PROCEED;
		} else {
			authenticate(c);
		}
		return true;
	case P_PROCEED:
		if ((at = strstr(c->in, "<proceed")) == NULL || strchr(at, '>') == NULL)
			return false;
		consume(c, c->in_len);
		c->ssl = SSL_new(ctx);
		SSL_set_fd(c->ssl, c->fd);
		SSL_set_connect_state(c->ssl);
		c->phase = P_HANDSHAKE;
		return true;
	case P_TLS_FEATURES:
		if ((n = past(c, "</stream:features>")) == 0)
			return false;
		consume(c, n);
		authenticate(c);
		return true;
	case P_REGISTER:
		if (strstr(c->in, "type='result'") || strstr(c->in, "type=\"result\"") ||
		    strstr(c->in, "<conflict")) {
			finish(c);
			return false;
		}
		if (strstr(c->in, "</iq>"))
			die(c, "registration refused");
		return false;
	case P_CHALLENGE:
		if ((n = past(c, "</challenge>")) == 0)
			return false;
		at = strchr(strstr(c->in, "<challenge"), '>') + 1;
		scram_final(c, at, (size_t)(strstr(at, "</challenge>") - at));
		consume(c, n);
		c->phase = P_SUCCESS;
		return true;
	case P_SUCCESS:
		if ((n = past(c, "</success>")) == 0)
			return false;
		consume(c, n);
		open_stream(c);
		c->phase = P_AUTH_FEATURES;
		return true;
	case P_AUTH_FEATURES:
		if ((n = past(c, "</stream:features>")) == 0)
			return false;
		consume(c, n);
		sayz(c, "<iq type='set' id='b'><bind "
			"xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource>"
			"</bind></iq>");
		c->phase = P_BIND;
		return true;
	case P_BIND:
		if ((n = past(c, "</iq>")) == 0)
			return false;
		consume(c, n);
		sayz(c, "<iq type='set' id='s'><session "
			"xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
		c->phase = P_SESSION;
		return true;
	case P_SESSION:
		if ((n = past(c, "</iq>")) == 0 && (n = past(c, "/>")) == 0)
			return false;
		consume(c, n);
		sayz(c, "<presence/>");
		c->phase = P_PRESENCE;
		return true;
	case P_PRESENCE:
		if ((at = strstr(c->in, "<presence")) == NULL ||
		    ((n = past(c, "</presence>")) == 0 && strstr(at, "/>") == NULL))
			return false;
		consume(c, c->in_len);
		c->phase = P_READY;
		ready(c);
		return true;
	case P_READY: {
		bool any = false;

		while ((at = strstr(c->in, "</message>")) != NULL) {
			char *stamp = strstr(c->in, "t=");

			while (stamp != NULL && stamp < at && (stamp[2] < '0' || stamp[2] > '9'))
				stamp = strstr(stamp + 2, "t=");
			if (stamp != NULL && stamp < at) {
				uint64_t sent = strtoull(stamp + 2, NULL, 10);

				if (nsamples < max_samples)
					samples[nsamples++] = now_ns() - sent;
				delivered++;
				c->received++;
				if (!strcmp(mode, "chat") && c->peer->sent < messages / pairs)
					send_message(c->peer);
				any = true;
			}
			consume(c, (size_t)(at - c->in) + 10);
		}
		return any;
	}
	case P_CLOSING:
		if (strstr(c->in, "</stream:stream>"))
			finish(c);
		return false;
	default:
		return false;
	}
}

static void ready(struct client *c)
{
	if (!strcmp(mode, "login")) {
		sayz(c, "</stream:stream>");
		c->phase = P_CLOSING;
	} else {
		finished++;
	}
}

static void on_event(struct client *c, uint32_t events)
{
	char chunk[16384];

	if (c->phase == P_CONNECT && (events & EPOLLOUT)) {
		int err = 0;
		socklen_t n = sizeof(err);

		getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &n);
		if (err != 0)
			die(c, strerror(err));
		watch(c, false);
		open_stream(c);
		c->phase = P_FEATURES;
		return;
	}
	if (c->phase == P_HANDSHAKE) {
		int r = SSL_do_handshake(c->ssl);

		if (r == 1) {
			open_stream(c);
			c->phase = P_TLS_FEATURES;
		} else if (SSL_get_error(c->ssl, r) != SSL_ERROR_WANT_READ) {
			die(c, "handshake failed");
		}
		if (c->phase == P_HANDSHAKE)
			return;
	}
	if (events & EPOLLOUT)
		flush_out(c);
	for (;;) {
		ssize_t n = c->ssl ? SSL_read(c->ssl, chunk, sizeof(chunk))
				   : read(c->fd, chunk, sizeof(chunk));

		if (n <= 0) {
			if (c->ssl ? SSL_get_error(c->ssl, (int)n) == SSL_ERROR_WANT_READ
				   : n < 0 && errno == EAGAIN)
				break;
			if (c->phase == P_CLOSING) {
				finish(c);
				return;
			}
			die(c, "the server closed the connection");
		}
		if (c->in_len + (size_t)n + 1 > c->in_cap) {
			c->in_cap = (c->in_len + (size_t)n + 1) * 2;
			c->in = realloc(c->in, c->in_cap);
		}
		memcpy(c->in + c->in_len, chunk, (size_t)n);
		c->in_len += (size_t)n;
		c->in[c->in_len] = '\0';
		while (c->phase != P_DONE && c->phase != P_HANDSHAKE && step(c))
			;
		if (c->phase == P_DONE)
			return;
		if (c->phase == P_HANDSHAKE) {
			on_event(c, 0);
			return;
		}
		if (c->ssl == NULL && n < (ssize_t)sizeof(chunk))
			break;
	}
	if (c->phase == P_READY && c->in_len == 0 && !strcmp(mode, "idle")) {
		free(c->in);
		c->in = NULL;
		c->in_cap = 0;
	}
}

static void turn(int timeout)
{
	struct epoll_event events[512];
	int n = epoll_wait(ep, events, 512, timeout);

	for (int i = 0; i < n; i++)
		on_event(events[i].data.ptr, events[i].events);
}

/* Bring `total` clients to the end of their beginning. */
static void run_all(void)
{
	uint64_t last = now_ns();
	unsigned seen = 0;

	while (finished < total) {
		unsigned busy = started - finished;

		while (started < total && busy < concurrency) {
			start(&clients[started]);
			busy++;
		}
		turn(1000);
		if (finished != seen) {
			seen = finished;
			last = now_ns();
		} else if (now_ns() - last > 60u * 1000000000ull) {
			die(NULL, "no progress for 60 s");
		}
	}
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double percentile_us(double p)
{
	return nsamples == 0 ? 0 : (double)samples[(size_t)((double)(nsamples - 1) * p)] / 1000;
}

static void parse_args(int argc, char **argv)
{
	mode = argc > 1 ? argv[1] : "";
	for (int i = 2; i < argc; i++) {
		const char *k = argv[i], *v = i + 1 < argc ? argv[i + 1] : "";

		if (!strcmp(k, "--tls")) {
			use_tls = true;
			continue;
		}
		i++;
		if (!strcmp(k, "--port"))
			port = atoi(v);
		else if (!strcmp(k, "--host"))
			host = v;
		else if (!strcmp(k, "--pid"))
			pids = v;
		else if (!strcmp(k, "--users"))
			users = (unsigned)atoi(v);
		else if (!strcmp(k, "--from"))
			first_user = (unsigned)atoi(v);
		else if (!strcmp(k, "--pairs"))
			pairs = (unsigned)atoi(v);
		else if (!strcmp(k, "--window"))
			window = (unsigned)atoi(v);
		else if (!strcmp(k, "--messages"))
			messages = (unsigned)atoi(v);
		else if (!strcmp(k, "--concurrency"))
			concurrency = (unsigned)atoi(v);
		else if (!strcmp(k, "--rate"))
			rate = atof(v);
		else if (!strcmp(k, "--seconds"))
			seconds = atof(v);
		else {
			fprintf(stderr, "load: unknown option %s\n", k);
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	struct rlimit files;
	uint64_t begin, cpu;
	double wall;
	long rss;
	bool talks;

	parse_args(argc, argv);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	ep = epoll_create1(0);
	ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);

	talks = !strcmp(mode, "chat") || !strcmp(mode, "latency");
	total = talks ? 2 * pairs : users;
	clients = calloc(total, sizeof(*clients));
	for (unsigned i = 0; i < total; i++)
		clients[i].user = first_user + i;
	for (unsigned i = 0; talks && i < pairs; i++) {
		clients[2 * i].peer = &clients[2 * i + 1];
		clients[2 * i + 1].peer = &clients[2 * i];
	}
	max_samples = 4000000;
	samples = talks ? malloc(max_samples * sizeof(*samples)) : NULL;

	rss = server_rss_kib();
	begin = now_ns();
	cpu = server_cpu();
	run_all();
	wall = (double)(now_ns() - begin) / 1e9;
	if (!talks) {
		double cpu_s = (double)(server_cpu() - cpu) / 1e9;

		printf("mode=%s n=%u wall_s=%.3f per_s=%.0f cpu_us_each=%.1f rss_kib=%ld "
		       "rss_growth_bytes_each=%.0f\n",
		       mode, total, wall, total / wall, cpu_s * 1e6 / total, server_rss_kib(),
		       (double)(server_rss_kib() - rss) * 1024 / total);
		fflush(stdout);
		if (!strcmp(mode,
			    "idle")) /* hold the sessions until whoever measures closes our input */
			while (getchar() != EOF)
				;
		return 0;
	}

	begin = now_ns();
	cpu = server_cpu();
	if (!strcmp(mode, "chat")) {
		for (unsigned i = 0; i < pairs; i++)
			for (unsigned w = 0; w < window; w++)
				send_message(&clients[2 * i]);
		while (delivered < messages / pairs * pairs) {
			unsigned before = delivered;

			turn(10000);
			if (delivered == before && now_ns() - begin > 120u * 1000000000ull)
				die(NULL, "messages are missing");
		}
	} else {
		uint64_t gap = (uint64_t)(1e9 / rate), next = begin,
			 end = begin + (uint64_t)(seconds * 1e9);
		unsigned sent = 0, k = 0;

		while (now_ns() < end || delivered < sent) {
			uint64_t now = now_ns();

			while (next <= now && next < end) {
				send_message(&clients[2 * (k++ % pairs)]);
				sent++;
				next += gap;
			}
			turn(next > now && next < end && next - now > 1000000
				     ? (int)((next - now) / 1000000)
				     : 0);
			if (now > end + 30u * 1000000000ull)
				die(NULL, "messages are missing");
		}
	}
	wall = (double)(now_ns() - begin) / 1e9;
	cpu = server_cpu() - cpu;
	qsort(samples, nsamples, sizeof(*samples), by_value);
	printf("mode=%s n=%u wall_s=%.3f per_s=%.0f cpu_us_each=%.2f p50_us=%.0f p95_us=%.0f "
	       "p99_us=%.0f max_us=%.0f\n",
	       mode, delivered, wall, delivered / wall, (double)cpu / 1e3 / delivered,
	       percentile_us(.5), percentile_us(.95), percentile_us(.99), percentile_us(1));
	return 0;
}
