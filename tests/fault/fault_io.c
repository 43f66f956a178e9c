/* fault_io.c - whole conversations over sockets that give and take a byte at a time, that are
 * interrupted and not ready: everybody hears as much as otherwise. And over sockets that fail: the
 * n-th operation of a good run does, for each n.
 */
#include "peers.h"
#include "scripts.h"

enum mode { SMOOTH, TRICKLE, STUTTER };

static enum mode mode;
static unsigned long operations, failing; /* the failing-th one fails; 0: none */

ssize_t __real_recv(int fd, void *p, size_t n, int flags);
ssize_t __real_send(int fd, const void *p, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *p, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *p, size_t n, int flags);

/* @return whether the operation is to fail, with errno */
static bool stumbles(int failure)
{
	operations++;
	if (operations == failing) {
		errno = failure;
		return true;
	}
	if (mode != STUTTER || operations % 3 == 0)
		return false;
	errno = operations % 3 == 1 ? EINTR : EAGAIN;
	return true;
}

static size_t portion(size_t n)
{
	size_t most = mode == SMOOTH ? n : mode == TRICKLE ? 1 : 1 + operations % 50;

	return n < most ? n : most;
}

ssize_t __wrap_recv(int fd, void *p, size_t n, int flags)
{
	if (outside != 0)
		return __real_recv(fd, p, n, flags);
	return stumbles(ECONNRESET) ? -1 : __real_recv(fd, p, portion(n), flags);
}

ssize_t __wrap_send(int fd, const void *p, size_t n, int flags)
{
	if (outside != 0)
		return __real_send(fd, p, n, flags);
	return stumbles(EPIPE) ? -1 : __real_send(fd, p, portion(n), flags);
}

static void run(size_t n, enum mode how, unsigned long which)
{
	start();
	mode = how;
	idle_turns = 12; /* also through two failures, between two shards */
	operations = 0;
	failing = which;
	play(script, n);
	stop();
}

static unsigned long try_script(const char *name, size_t n)
{
	size_t smooth[PEERS];
	unsigned long total, which;

	run(n, SMOOTH, 0);
	total = operations;
	memcpy(smooth, heard_bytes, sizeof(smooth));
	for (int how = TRICKLE; how <= STUTTER; how++) {
		run(n, (enum mode)how, 0);
		for (size_t i = 0; i < PEERS; i++) {
			if (heard_bytes[i] == smooth[i])
				continue;
			fprintf(stderr, "%s, mode %d: peer %zu heard %zu bytes instead of %zu\n",
				name, how, i, heard_bytes[i], smooth[i]);
			abort();
		}
	}
	for (which = 1; which <= total; which++)
		run(n, SMOOTH, which);
	run(n, SMOOTH, 0);
	RT_ASSERT(memcmp(smooth, heard_bytes, sizeof(smooth)) == 0);
	printf("%s: %lu\n", name, total);
	return total;
}

int main(int argc, char **argv)
{
	RT_ASSERT(argc == 2);
	printf("%lu failures survived\n", each_script(argv[1], try_script));
	return 0;
}
