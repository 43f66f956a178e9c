/* log_queue.c - two buffers: one is filled by everybody, the other written by the log's own thread.
 */
#include "core/log_queue.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

/* How often the writer looks up from a reader that takes nothing, to see whether it should end. ms
 */
#define PATIENCE_MS 100

struct lines {
	char text[RT_LOG_QUEUE_BYTES];
	size_t n;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t filled, written;
	pthread_t thread;
	bool running, ending;
	int fd;
	struct lines buffers[2];
	struct lines *filling;
	bool writing;                 /* the other buffer is on its way out */
	atomic_uint_fast64_t dropped; /* since it was last taken */
} queue = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.filled = PTHREAD_COND_INITIALIZER,
	.written = PTHREAD_COND_INITIALIZER,
};

static struct timespec in_ms(unsigned ms)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += ms / 1000u;
	t.tv_nsec += (long)(ms % 1000u) * 1000000l;
	if (t.tv_nsec >= 1000000000l) {
		t.tv_nsec -= 1000000000l;
		t.tv_sec++;
	}
	return t;
}

/* Whole lines, at most RT_LOG_LINE_MAX bytes of them: what a writable pipe takes without blocking.
 */
static size_t next_piece(const struct lines *l, size_t at)
{
	size_t n = l->n - at;

	if (n <= RT_LOG_LINE_MAX)
		return n;
	n = RT_LOG_LINE_MAX;
	while (n > 1 && l->text[at + n - 1] != '\n')
		n--;
	return n;
}

/* @return false when the process ends and the reader takes nothing any more */
static bool wait_for_reader(void)
{
	struct pollfd p = {.fd = queue.fd, .events = POLLOUT};
	unsigned waited = 0;
	bool ending;

	while (poll(&p, 1, PATIENCE_MS) == 0) {
		pthread_mutex_lock(&queue.lock);
		ending = queue.ending;
		pthread_mutex_unlock(&queue.lock);
		waited = ending ? waited + PATIENCE_MS : 0;
		if (waited >= RT_LOG_FLUSH_MS)
			return false;
	}
	return true;
}

static void write_out(const struct lines *l)
{
	size_t at = 0, piece;
	ssize_t n;

	while (at < l->n && wait_for_reader()) {
		piece = next_piece(l, at);
		n = write(queue.fd, l->text + at, piece);
		if (n > 0)
			at += (size_t)n;
		else if (errno != EINTR && errno != EAGAIN)
			return; /* a log that cannot be written is no reason to stop */
	}
}

static void *run(void *arg)
{
	struct lines *full;

	(void)arg;
	pthread_mutex_lock(&queue.lock);
	for (;;) {
		while (queue.filling->n == 0 && !queue.ending)
			pthread_cond_wait(&queue.filled, &queue.lock);
		if (queue.filling->n == 0)
			break;
		full = queue.filling;
		queue.filling = full == &queue.buffers[0] ? &queue.buffers[1] : &queue.buffers[0];
		queue.filling->n = 0;
		queue.writing = true;
		pthread_mutex_unlock(&queue.lock);
		write_out(full);
		pthread_mutex_lock(&queue.lock);
		queue.writing = false;
		pthread_cond_broadcast(&queue.written);
	}
	pthread_mutex_unlock(&queue.lock);
	return NULL;
}

int rt_log_queue_start(int fd)
{
	queue.fd = fd;
	queue.ending = false;
	queue.filling = &queue.buffers[0];
	if (pthread_create(&queue.thread, NULL, run, NULL) != 0)
		return RT_E_NOMEM;
	pthread_setname_np(queue.thread, "log");
	pthread_mutex_lock(&queue.lock);
	queue.running = true;
	pthread_mutex_unlock(&queue.lock);
	return RT_OK;
}

void rt_log_queue_stop(void)
{
	bool running;

	pthread_mutex_lock(&queue.lock);
	running = queue.running;
	queue.running = false;
	queue.ending = true;
	pthread_cond_signal(&queue.filled);
	pthread_mutex_unlock(&queue.lock);
	if (running)
		pthread_join(queue.thread, NULL);
}

bool rt_log_queue_put(const char *line, size_t n)
{
	struct lines *l;
	bool was_empty;

	RT_ASSERT(n <= RT_LOG_LINE_MAX);
	pthread_mutex_lock(&queue.lock);
	if (!queue.running) {
		pthread_mutex_unlock(&queue.lock);
		return false;
	}
	l = queue.filling;
	was_empty = l->n == 0;
	if (sizeof(l->text) - l->n >= n) {
		memcpy(l->text + l->n, line, n);
		l->n += n;
	} else {
		atomic_fetch_add_explicit(&queue.dropped, 1u, memory_order_relaxed);
	}
	if (was_empty)
		pthread_cond_signal(&queue.filled);
	pthread_mutex_unlock(&queue.lock);
	return true;
}

uint64_t rt_log_queue_take_dropped(void)
{
	if (atomic_load_explicit(&queue.dropped, memory_order_relaxed) == 0)
		return 0;
	return atomic_exchange_explicit(&queue.dropped, 0u, memory_order_relaxed);
}

void rt_log_queue_flush(unsigned ms)
{
	struct timespec end = in_ms(ms);

	pthread_mutex_lock(&queue.lock);
	while (queue.running && (queue.writing || queue.filling->n != 0))
		if (pthread_cond_timedwait(&queue.written, &queue.lock, &end) != 0)
			break;
	pthread_mutex_unlock(&queue.lock);
}
