/* fault_stream.c - whole conversations while memory runs out: each allocation of a good run fails
 * once, alone and with those behind it. The server stays up, what it says is well-formed to the
 * last byte, and nothing of anybody is left; afterwards the same conversation works.
 */
#include <sys/mman.h>

#include "failing.h"
#include "peers.h"
#include "scripts.h"

static bool failing_is_outside(void)
{
	return outside != 0;
}

/* Allocations of a longer time without memory. */
#define FAMINE 20u

/* A message whose reading fails is not taken for one that nobody can read, and thrown away. */
static void check_log(void)
{
	static char text[1u << 16];
	ssize_t n = pread(log_fd, text, sizeof(text), 0);

	RT_ASSERT(n >= 0 && memmem(text, (size_t)n, "unreadable", 10) == NULL);
	RT_ASSERT(ftruncate(log_fd, 0) == 0 && lseek(log_fd, 0, SEEK_SET) == 0);
}

/* @return allocations */
static unsigned long run(size_t n, unsigned long first, unsigned long m)
{
	unsigned long count;

	start();
	failing_at(first, m);
	play(script, n);
	count = failing_count;
	failing_at(0, 0);
	stop();
	check_log();
	return count;
}

static unsigned long fail_each(const char *name, size_t n)
{
	unsigned long total = run(n, 0, 0), first;

	for (first = 1; first <= total; first++) {
		run(n, first, 1);
		run(n, first, FAMINE);
	}
	run(n, 0, 0);
	printf("%s: %lu\n", name, total);
	return 2 * total;
}

int main(int argc, char **argv)
{
	RT_ASSERT(argc == 2 && failing_setup_openssl());
	log_fd = memfd_create("log", MFD_CLOEXEC);
	RT_ASSERT(log_fd >= 0);
	printf("%lu failures survived\n", each_script(argv[1], fail_each));
	return 0;
}
