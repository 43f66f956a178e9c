/* listener.c - binding the rows of the image, accepting on every shard.
 *
 *   row ──bind──▶ one socket per shard, same address (SO_REUSEPORT)
 *                                     ──accept4──▶ rt_conn_adopt on that shard
 */
#include "net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "core/loop.h"
#include "core/place.h"
#include "net/conn.h"

/* As MongooseIM 3.2: an address that a dying predecessor still holds gets a second. */
#define BIND_TRIES    10u
#define BIND_PAUSE_MS 100u
/* Pause of accepting when the process or the system has no more descriptors or memory. ms */
#define STARVED_PAUSE_MS 100u
#define MAX_KINDS        8u

/* One socket: a row on a shard. */
struct acceptor {
	struct rt_io io;
	const struct rt_listener_spec *spec;
	const struct rt_conn_kind *kind;
	struct rt_shard *shard;
	int fd;
};

/* What one shard accepts with. */
struct ear {
	struct acceptor *acceptors; /* one per row */
	struct rt_timer pause;
	struct rt_shard *shard;
	bool listening;
	bool starved; /* said so in the log, and no accept has succeeded since */
};

static const struct rt_conn_kind *kinds[MAX_KINDS];
static const struct rt_gen *image;
static struct ear *ears; /* one per shard */
static uint32_t nears;
static uint16_t *ports; /* one per row */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

void rt_listener_register(enum rt_listener_kind kind, const struct rt_conn_kind *conn_kind)
{
	RT_ASSERT((unsigned)kind < MAX_KINDS);
	kinds[kind] = conn_kind;
}

static socklen_t make_address(const struct rt_listener_spec *spec, uint16_t port,
			      union address *out)
{
	memset(out, 0, sizeof(*out));
	if (spec->family == 4) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(port);
		memcpy(&out->v4.sin_addr, spec->addr, 4);
		return sizeof(out->v4);
	}
	out->v6.sin6_family = AF_INET6;
	out->v6.sin6_port = htons(port);
	memcpy(&out->v6.sin6_addr, spec->addr, 16);
	return sizeof(out->v6);
}

static bool is_wildcard(const struct rt_listener_spec *spec)
{
	static const uint8_t zero[16];

	return memcmp(spec->addr, zero, spec->family == 4 ? 4 : 16) == 0;
}

/* "::" serves IPv4 as well, as in Erlang on Linux, unless a row of the image wants the IPv4 side of
 * that port itself. */
static bool is_v6_only(const struct rt_listener_spec *spec)
{
	size_t i;

	for (i = 0; i < image->nlisteners; i++)
		if (image->listeners[i].family == 4 && image->listeners[i].port == spec->port)
			return true;
	return false;
}

static const char *address_text(const struct rt_listener_spec *spec, char *out)
{
	const char *text = inet_ntop(spec->family == 4 ? AF_INET : AF_INET6, spec->addr, out,
				     INET6_ADDRSTRLEN);

	return text != NULL ? text : "";
}

static const char *problem_of(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "port in use";
	case EADDRNOTAVAIL:
		return "address not available on this machine";
	case EACCES:
	case EPERM:
		return "permission denied";
	case EAFNOSUPPORT:
		return "address family not supported";
	case EMFILE:
	case ENFILE:
		return "too many open files";
	default:
		return "cannot listen";
	}
}

static void log_failure(const struct rt_listener_spec *spec, int error)
{
	char address[INET6_ADDRSTRLEN], place[RT_PLACE_MAX];

	RT_LOG(ERROR, NULL, "listener", "failed", KV_Z("problem", problem_of(error)),
	       KV_Z("address", address_text(spec, address)), KV_INT("port", spec->port),
	       KV_Z("listener", spec->name), KV_STR("cfg", rt_place(image, spec->at, place)),
	       KV_ERRNO(error));
}

/* A bound socket, or -1 with errno. shared: others of this process will bind the same address. */
static int bind_socket(const struct rt_listener_spec *spec, uint16_t port, bool shared)
{
	int fd = socket(spec->family == 4 ? AF_INET : AF_INET6,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, v6_only = spec->family == 6 && is_v6_only(spec), error;
	union address address;
	socklen_t len = make_address(spec, port, &address);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    (!shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) == 0) &&
	    (spec->family == 4 ||
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof(v6_only)) == 0) &&
	    bind(fd, &address.any, len) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static uint16_t bound_port(int fd)
{
	union address address;
	socklen_t len = sizeof(address);

	memset(&address, 0, sizeof(address));
	if (getsockname(fd, &address.any, &len) != 0)
		return 0;
	return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

/* Whether an earlier row of this image holds the address: waiting would not help. */
static bool is_taken_by_earlier_row(size_t row)
{
	const struct rt_listener_spec *spec = &image->listeners[row], *other;
	size_t i;

	for (i = 0; i < row; i++) {
		other = &image->listeners[i];
		if (other->port != 0 && other->port == spec->port &&
		    other->family == spec->family &&
		    (is_wildcard(other) || is_wildcard(spec) ||
		     memcmp(other->addr, spec->addr, 16) == 0))
			return true;
	}
	return false;
}

/*
 * With SO_REUSEPORT the kernel lets every process of this user join in, so a second server would
 * silently take half of the connections. A bind without it finds out whether the port is free.
 */
static int probe(size_t row)
{
	const struct rt_listener_spec *spec = &image->listeners[row];
	struct timespec pause = {.tv_nsec = BIND_PAUSE_MS * 1000000l};
	unsigned i;
	int fd;

	if (spec->port == 0)
		return RT_OK;
	for (i = 1;; i++) {
		fd = bind_socket(spec, spec->port, false);
		if (fd >= 0) {
			close(fd);
			return RT_OK;
		}
		if (errno != EADDRINUSE || i == BIND_TRIES || is_taken_by_earlier_row(row)) {
			log_failure(spec, errno);
			return RT_E_IO;
		}
		nanosleep(&pause, NULL);
	}
}

static int open_row(size_t row)
{
	const struct rt_listener_spec *spec = &image->listeners[row];
	uint32_t i;
	int err = probe(row);

	if (err != RT_OK)
		return err;
	ports[row] = spec->port;
	for (i = 0; i < nears; i++) {
		struct acceptor *a = &ears[i].acceptors[row];

		a->fd = bind_socket(spec, ports[row], true);
		if (a->fd < 0 ||
		    listen(a->fd, (int)(spec->backlog != 0 ? spec->backlog : SOMAXCONN)) != 0) {
			log_failure(spec, errno);
			return RT_E_IO;
		}
		if (ports[row] == 0) /* the kernel chose for the first shard; the others join it */
			ports[row] = bound_port(a->fd);
	}
	return RT_OK;
}

static void pause_accepting(struct ear *ear, int error)
{
	size_t i;

	if (!ear->starved) {
		ear->starved = true;
		RT_LOG(ERROR, NULL, "listener", "starved", KV_INT("shard", ear->shard->index),
		       KV_Z("problem", "no descriptor or memory for new connections; trying on"),
		       KV_ERRNO(error));
	}
	for (i = 0; i < image->nlisteners; i++)
		rt_io_set(ear->shard->loop, &ear->acceptors[i].io, 0);
	rt_timer_start(ear->shard->loop, &ear->pause, STARVED_PAUSE_MS);
}

static void on_acceptable(struct rt_io *io, unsigned events)
{
	struct acceptor *a = RT_CONTAINER_OF(io, struct acceptor, io);
	struct ear *ear = &ears[a->shard->index];
	uint32_t n;
	int fd;

	(void)events;
	/* acceptors_num: how many at once, before others of this shard get their turn. */
	for (n = 0; n < a->spec->acceptors || n == 0; n++) {
		fd = accept4(a->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			ear->starved = false;
			if (rt_conn_adopt(a->shard, a->spec, a->kind, fd) != RT_OK)
				RT_LOG(DEBUG, NULL, "listener", "dropped",
				       KV_Z("listener", a->spec->name));
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			   errno == ENOMEM) {
			pause_accepting(ear, errno);
			return;
		} else if (errno != ECONNABORTED && errno != EINTR) {
			return; /* EAGAIN, or an error of the one connection (accept(2)) */
		}
	}
}

static void start_ear(struct ear *ear)
{
	size_t i;

	for (i = 0; i < image->nlisteners; i++)
		rt_io_set(ear->shard->loop, &ear->acceptors[i].io, RT_IO_READ);
}

static void on_pause_over(struct rt_timer *t)
{
	struct ear *ear = RT_CONTAINER_OF(t, struct ear, pause);

	if (ear->listening)
		start_ear(ear);
}

static int new_ears(void)
{
	uint32_t i;
	size_t row;

	nears = rt_nshards;
	ports = calloc(image->nlisteners, sizeof(ports[0]));
	ears = calloc(nears, sizeof(ears[0]));
	if (ports == NULL || ears == NULL)
		return RT_E_NOMEM;
	for (i = 0; i < nears; i++) {
		ears[i].shard = rt_shards[i];
		ears[i].acceptors = calloc(image->nlisteners, sizeof(ears[i].acceptors[0]));
		if (ears[i].acceptors == NULL)
			return RT_E_NOMEM;
		for (row = 0; row < image->nlisteners; row++) {
			struct acceptor *a = &ears[i].acceptors[row];

			a->spec = &image->listeners[row];
			a->kind = kinds[a->spec->kind];
			a->shard = rt_shards[i];
			a->fd = -1;
			RT_ASSERT(a->kind != NULL);
		}
	}
	return RT_OK;
}

static const char *kind_name(enum rt_listener_kind kind)
{
	return kind == RT_LISTENER_C2S ? "c2s" : "service";
}

static void log_open(size_t row)
{
	const struct rt_listener_spec *spec = &image->listeners[row];
	const struct rt_kv kv[] = {KV_Z("kind", kind_name(spec->kind)), KV_INT("port", ports[row]),
				   KV_Z("listener", spec->name)};

	/* Said at every log level: it is what the operator waits for. */
	rt_log_write(RT_LOG_INFO, NULL, "listener", "open", kv, RT_ARRAY_LEN(kv));
}

int rt_listeners_open(const struct rt_gen *gen)
{
	int err = RT_OK;
	size_t row;

	RT_ASSERT(ears == NULL);
	image = gen;
	if (gen->nlisteners == 0)
		return RT_OK;
	if (new_ears() != RT_OK) {
		rt_listeners_close();
		return RT_E_IO;
	}
	for (row = 0; row < gen->nlisteners; row++)
		if (open_row(row) != RT_OK)
			err = RT_E_IO; /* go on: report every one that cannot be had */
	if (err != RT_OK) {
		rt_listeners_close();
		return err;
	}
	for (row = 0; row < gen->nlisteners; row++)
		log_open(row);
	return RT_OK;
}

void rt_listeners_start(struct rt_shard *shard)
{
	struct ear *ear;
	size_t row;

	if (ears == NULL)
		return;
	ear = &ears[shard->index];
	rt_timer_init(&ear->pause, on_pause_over);
	for (row = 0; row < image->nlisteners; row++)
		rt_io_init(&ear->acceptors[row].io, ear->acceptors[row].fd, on_acceptable);
	ear->listening = true;
	start_ear(ear);
}

void rt_listeners_stop(struct rt_shard *shard)
{
	struct ear *ear;
	size_t row;

	if (ears == NULL || !ears[shard->index].listening)
		return;
	ear = &ears[shard->index];
	ear->listening = false;
	rt_timer_stop(shard->loop, &ear->pause);
	for (row = 0; row < image->nlisteners; row++) {
		rt_io_set(shard->loop, &ear->acceptors[row].io, 0);
		/* Refuse from now on, instead of letting peers wait in the queue of a server that
		 * stops. */
		close(ear->acceptors[row].fd);
		ear->acceptors[row].fd = -1;
	}
}

void rt_listeners_close(void)
{
	uint32_t i;
	size_t row;

	for (i = 0; ears != NULL && i < nears; i++) {
		for (row = 0; ears[i].acceptors != NULL && row < image->nlisteners; row++)
			if (ears[i].acceptors[row].fd >= 0)
				close(ears[i].acceptors[row].fd);
		free(ears[i].acceptors);
	}
	free(ears);
	free(ports);
	ears = NULL;
	ports = NULL;
	nears = 0;
}

uint16_t rt_listener_port(size_t row)
{
	return ports != NULL && row < image->nlisteners ? ports[row] : 0;
}
