/* ctl_call.c - waiting for a shard. */
#include "app/ctl_call.h"

void rt_ctl_call_init(struct rt_ctl_call *call)
{
	pthread_mutex_init(&call->lock, NULL);
	pthread_cond_init(&call->changed, NULL);
	call->done = false;
}

int rt_ctl_call_wait(struct rt_ctl_call *call)
{
	pthread_mutex_lock(&call->lock);
	while (!call->done)
		pthread_cond_wait(&call->changed, &call->lock);
	pthread_mutex_unlock(&call->lock);
	pthread_mutex_destroy(&call->lock);
	pthread_cond_destroy(&call->changed);
	return call->err;
}

void rt_ctl_call_done(struct rt_ctl_call *call, int err)
{
	pthread_mutex_lock(&call->lock);
	call->err = err;
	call->done = true;
	/* Under the lock: the waiter destroys both as soon as it has it. */
	pthread_cond_signal(&call->changed);
	pthread_mutex_unlock(&call->lock);
}

void rt_ctl_call_stored(struct rt_shard *shard, void *ctx, int err)
{
	(void)shard;
	rt_ctl_call_done(ctx, err);
}

static void on_message(struct rt_shard *shard, struct rt_msg *msg)
{
	struct rt_ctl_call *call = RT_CONTAINER_OF(msg, struct rt_ctl_call, msg);

	call->fn(shard, call);
}

int rt_ctl_call(struct rt_shard *shard, struct rt_ctl_call *call,
		void (*fn)(struct rt_shard *shard, struct rt_ctl_call *call))
{
	rt_ctl_call_init(call);
	call->fn = fn;
	call->msg.fn = on_message;
	rt_shard_post(shard, &call->msg);
	return rt_ctl_call_wait(call);
}
