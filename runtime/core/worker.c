/* worker.c - a small pool of threads behind one queue. Not on the message path, so a mutex is fine
 * here. */
#include "core/worker.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
	pthread_mutex_t lock;
	pthread_cond_t work; /* queue is not empty, or ending */
	struct rt_job *first, *last;
	unsigned queued;
	bool ending;
	pthread_t *threads;
	unsigned nthreads;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER};

/* The oldest job, or NULL when the pool ends and nothing is left. */
static struct rt_job *wait_for_job(void)
{
	struct rt_job *job;

	pthread_mutex_lock(&pool.lock);
	while (pool.first == NULL && !pool.ending)
		pthread_cond_wait(&pool.work, &pool.lock);
	job = pool.first;
	if (job != NULL) {
		pool.first = job->next;
		if (pool.first == NULL)
			pool.last = NULL;
		pool.queued--;
	}
	pthread_mutex_unlock(&pool.lock);
	return job;
}

static void *run_worker(void *arg)
{
	struct rt_job *job;

	(void)arg;
	while ((job = wait_for_job()) != NULL) {
		job->work(job);
		rt_shard_post(job->home, &job->msg);
	}
	return NULL;
}

int rt_workers_start(unsigned nthreads)
{
	char name[32];

	RT_ASSERT(nthreads > 0 && pool.threads == NULL);
	pool.threads = calloc(nthreads, sizeof(pool.threads[0]));
	if (pool.threads == NULL)
		return RT_E_NOMEM;
	pool.ending = false;
	for (pool.nthreads = 0; pool.nthreads < nthreads; pool.nthreads++) {
		if (pthread_create(&pool.threads[pool.nthreads], NULL, run_worker, NULL) != 0) {
			rt_workers_stop();
			return RT_E_IO;
		}
		snprintf(name, sizeof(name), "worker-%u", pool.nthreads);
		pthread_setname_np(pool.threads[pool.nthreads], name);
	}
	return RT_OK;
}

void rt_workers_stop(void)
{
	pthread_mutex_lock(&pool.lock);
	pool.ending = true;
	pthread_cond_broadcast(&pool.work);
	pthread_mutex_unlock(&pool.lock);
	while (pool.nthreads > 0)
		pthread_join(pool.threads[--pool.nthreads], NULL);
	free(pool.threads);
	pool.threads = NULL;
}

int rt_worker_submit(struct rt_job *job)
{
	int err = RT_OK;

	job->next = NULL;
	pthread_mutex_lock(&pool.lock);
	if (pool.queued >= RT_WORKER_QUEUE || pool.ending || pool.nthreads == 0) {
		err = RT_E_LIMIT;
	} else {
		if (pool.last == NULL)
			pool.first = job;
		else
			pool.last->next = job;
		pool.last = job;
		pool.queued++;
		pthread_cond_signal(&pool.work);
	}
	pthread_mutex_unlock(&pool.lock);
	return err;
}
