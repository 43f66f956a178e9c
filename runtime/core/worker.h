/* worker.h - threads for what blocks: password hashing, certificate loading. Results come back as
 * mailbox messages. */
#ifndef RT_CORE_WORKER_H
#define RT_CORE_WORKER_H

#include "core/shard.h"

struct rt_job {
	struct rt_msg msg; /* msg.fn runs on `home` when the work is done, and owns the job */
	void (*work)(struct rt_job *job); /* on a worker thread */
	struct rt_shard *home;
	struct rt_job *next;
};

int rt_workers_start(unsigned nthreads) RT_MUST_USE;
/** Waits for running jobs; queued ones are still done. */
void rt_workers_stop(void);
/** Never blocks. @return RT_E_LIMIT when RT_WORKER_QUEUE jobs wait: the caller answers with a
 * temporary failure. */
int rt_worker_submit(struct rt_job *job) RT_MUST_USE;
#define RT_WORKER_QUEUE 4096u

#endif
