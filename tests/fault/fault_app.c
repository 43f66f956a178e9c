/* fault_app.c - a server that starts and stops while memory runs out: each allocation of a good
 * life fails once. It runs or it says that it does not; it never crashes or hangs, and what it has
 * left behind does not keep the next one from starting.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "app/app.h"
#include "core/log.h"
#include "failing.h"

static bool failing_is_outside(void)
{
	return false;
}

static char dir[] = "/tmp/fault-app-XXXXXX";

/* The order to stop is there before the server is, so that it is the first thing it does.
 * @return its exit status */
static int live(unsigned long first)
{
	static char *argv[] = {"xmppd", "--data", dir, "--shards=2", NULL};
	const struct timespec now = {0};
	sigset_t term;
	int status;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	RT_ASSERT(sigprocmask(SIG_BLOCK, &term, NULL) == 0 && kill(getpid(), SIGTERM) == 0);
	failing_at(first, 1);
	status = rt_app_main(&rt_gen, 4, argv);
	failing_first = 0;
	(void)sigtimedwait(&term, NULL, &now); /* one that never ran has not taken it */
	return status;
}

int main(void)
{
	unsigned long total, first, refused = 0;
	char command[64];

	/* What fails is said in many ways; none of them is of interest here. */
	RT_ASSERT(freopen("/dev/null", "w", stderr) != NULL);
	setenv("FUZZ_SECRET", "fuzz", 1);
	RT_ASSERT(failing_setup_openssl() && failing_setup_sqlite() && mkdtemp(dir) != NULL);
	RT_ASSERT(live(0) == 0); /* makes the database */
	RT_ASSERT(live(0) == 0);
	total = failing_count;
	for (first = 1; first <= total; first++) {
		int status = live(first);

		RT_ASSERT(status == 0 || status == 1);
		refused += status == 1;
	}
	RT_ASSERT(refused > 0 && live(0) == 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	RT_ASSERT(system(command) == 0);
	printf("%lu failures survived, %lu of them refused to start\n", total, refused);
	return 0;
}
