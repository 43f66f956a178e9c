/* mailbox.c - the stack that posters push to, and the wake-up. */
#include "core/mailbox.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

int rt_mailbox_init(struct rt_mailbox *m)
{
	atomic_init(&m->posted, NULL);
	atomic_init(&m->waiting, 0u);
	atomic_init(&m->state, RT_MAILBOX_AWAKE);
	m->taken = NULL;
	m->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return m->wake_fd < 0 ? RT_E_IO : RT_OK;
}

void rt_mailbox_fini(struct rt_mailbox *m)
{
	if (m->wake_fd >= 0)
		close(m->wake_fd);
	m->wake_fd = -1;
	m->taken = NULL;
	atomic_store(&m->posted, NULL);
	atomic_store(&m->waiting, 0u);
}

uint32_t rt_mailbox_post(struct rt_mailbox *m, struct rt_msg *msg)
{
	/* Counted before it can be taken, so that the count never goes below zero. */
	uint32_t before = atomic_fetch_add_explicit(&m->waiting, 1u, memory_order_relaxed);

	/* A stale head that comes back (ABA) is harmless: they are only ever taken all at once. */
	msg->next = atomic_load_explicit(&m->posted, memory_order_relaxed);
	while (!atomic_compare_exchange_weak(&m->posted, &msg->next, msg))
		;
	return before;
}

/* Both are sequentially consistent against rt_mailbox_sleep(): either we see that it sleeps, or it
 * sees our message. */

void rt_mailbox_rouse(struct rt_mailbox *m)
{
	if (atomic_load(&m->state) != RT_MAILBOX_AWAKE &&
	    atomic_exchange(&m->state, RT_MAILBOX_AWAKE) != RT_MAILBOX_AWAKE)
		rt_mailbox_wake(m);
}

bool rt_mailbox_promise(struct rt_mailbox *m)
{
	unsigned asleep = RT_MAILBOX_ASLEEP;

	return atomic_load(&m->state) == RT_MAILBOX_ASLEEP &&
	       atomic_compare_exchange_strong(&m->state, &asleep, RT_MAILBOX_OWED);
}

void rt_mailbox_wake(struct rt_mailbox *m)
{
	uint64_t one = 1;
	ssize_t n;

	do
		n = write(m->wake_fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
	/* EAGAIN: the counter is full, so the receiver is being woken already. */
}

const struct rt_msg *rt_mailbox_peek(struct rt_mailbox *m)
{
	struct rt_msg *newest, *older;

	if (m->taken != NULL || atomic_load_explicit(&m->posted, memory_order_relaxed) == NULL)
		return m->taken;
	newest = atomic_exchange(&m->posted, NULL);
	for (; newest != NULL; newest = older) {
		older = newest->next;
		newest->next = m->taken;
		m->taken = newest;
	}
	return m->taken;
}

struct rt_msg *rt_mailbox_next(struct rt_mailbox *m)
{
	struct rt_msg *msg;

	if (rt_mailbox_peek(m) == NULL)
		return NULL;
	msg = m->taken;
	m->taken = msg->next;
	msg->next = NULL;
	atomic_fetch_sub_explicit(&m->waiting, 1u, memory_order_relaxed);
	return msg;
}

uint32_t rt_mailbox_count(const struct rt_mailbox *m)
{
	return atomic_load_explicit(&m->waiting, memory_order_relaxed);
}

bool rt_mailbox_sleep(struct rt_mailbox *m)
{
	atomic_store(&m->state, RT_MAILBOX_ASLEEP);
	if (m->taken == NULL && atomic_load(&m->posted) == NULL)
		return true;
	atomic_store(&m->state, RT_MAILBOX_AWAKE);
	return false;
}

void rt_mailbox_awake(struct rt_mailbox *m)
{
	if (atomic_load_explicit(&m->state, memory_order_relaxed) != RT_MAILBOX_AWAKE)
		atomic_store(&m->state, RT_MAILBOX_AWAKE);
}

void rt_mailbox_clear(struct rt_mailbox *m)
{
	uint64_t count;
	ssize_t n;

	do
		n = read(m->wake_fd, &count, sizeof(count));
	while (n < 0 && errno == EINTR);
}
