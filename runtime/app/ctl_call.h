/* ctl_call.h - from the ctl thread into a shard and back: the caller waits, the shard does not.
 * Private to app/. */
#ifndef RT_APP_CTL_CALL_H
#define RT_APP_CTL_CALL_H

#include <pthread.h>

#include "core/shard.h"

/* On the caller's stack; embedded in whatever the call carries. */
struct rt_ctl_call {
	struct rt_msg msg;
	/* On the shard; ends with rt_ctl_call_done(), now or from a later callback there. */
	void (*fn)(struct rt_shard *shard, struct rt_ctl_call *call);
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;
	int err;
};

/** Run fn on the shard and wait for its end. @return what rt_ctl_call_done() was given */
int rt_ctl_call(struct rt_shard *shard, struct rt_ctl_call *call,
		void (*fn)(struct rt_shard *shard, struct rt_ctl_call *call));
/** Only wait: something else will end it. */
void rt_ctl_call_init(struct rt_ctl_call *call);
int rt_ctl_call_wait(struct rt_ctl_call *call);
/** The last touch of the call: it is gone afterwards. */
void rt_ctl_call_done(struct rt_ctl_call *call, int err);
/** The same as a callback of the store; ctx is the call. */
void rt_ctl_call_stored(struct rt_shard *shard, void *ctx, int err);

#endif
