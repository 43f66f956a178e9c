/* log_queue.h - lines of the log on their way out: a bounded buffer and the thread that writes it.
 *
 * A shard must not wait for whoever reads standard error. While the queue runs, putting a line is a
 * copy under a short lock; when the reader is slower than the log, lines are dropped and counted,
 * and the count is logged.
 */
#ifndef RT_CORE_LOG_QUEUE_H
#define RT_CORE_LOG_QUEUE_H

#include "core/base.h"

/* Bytes that may wait. */
#define RT_LOG_QUEUE_BYTES (256u << 10)
/* The longest line, newline included: a pipe takes so much in one piece (PIPE_BUF). Bytes */
#define RT_LOG_LINE_MAX 4096u

/** Start the thread; fd is borrowed. Without it lines are written by whoever logs them. Main
 * thread. */
int rt_log_queue_start(int fd) RT_MUST_USE;
/** Write what waits, for at most RT_LOG_FLUSH_MS, and end the thread. Main thread; idempotent. */
void rt_log_queue_stop(void);
#define RT_LOG_FLUSH_MS 1000u

/** Queue one whole line. @return false when no queue runs: the caller writes it itself. Any thread.
 */
bool rt_log_queue_put(const char *line, size_t n);

/** Lines lost since the last call; the caller logs the number. Any thread. */
uint64_t rt_log_queue_take_dropped(void);

/** Wait until what was queued so far is written, at most ms; for a process about to abort. Any
 * thread. */
void rt_log_queue_flush(unsigned ms);

#endif
