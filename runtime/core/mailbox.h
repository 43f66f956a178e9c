/* mailbox.h - messages to one shard from any thread: lock-free to post, taken out in batches.
 *
 *   posters ──push (one compare-and-swap)──▶ stack of new ones
 *                                            stack ──taken whole, turned round──▶ receiver's queue
 *
 * Posting never allocates and never blocks. Only a receiver that says that it sleeps needs rousing,
 * so a busy shard is never disturbed by a system call of its peers.
 */
#ifndef RT_CORE_MAILBOX_H
#define RT_CORE_MAILBOX_H

#include <stdatomic.h>

#include "core/shard.h"

enum rt_mailbox_state {
	RT_MAILBOX_AWAKE,  /* the receiver looks for messages before it sleeps */
	RT_MAILBOX_ASLEEP, /* it is in its poll call, or will be at once */
	RT_MAILBOX_OWED,   /* the same, but somebody has promised to see to the messages */
};

struct rt_mailbox {
	/* Posters' side; a cache line of its own. */
	_Alignas(64) _Atomic(struct rt_msg *) posted; /* newest first */
	atomic_uint waiting;                          /* posted and not yet taken by next() */
	atomic_uint state;                            /* enum rt_mailbox_state */
	int wake_fd;
	/* Receiver's side. */
	_Alignas(64) struct rt_msg *taken; /* oldest first */
};

int rt_mailbox_init(struct rt_mailbox *m) RT_MUST_USE;
/** Messages still inside are not touched: the owner has drained it. */
void rt_mailbox_fini(struct rt_mailbox *m);

/** Any thread. @return messages waiting before this one. */
uint32_t rt_mailbox_post(struct rt_mailbox *m, struct rt_msg *msg);
/** After posting: wake the receiver if it sleeps, whatever others have promised. */
void rt_mailbox_rouse(struct rt_mailbox *m);
/** After posting, instead of that. @return true: the receiver sleeps, and the caller has promised
 * to see to it soon that the messages are taken, by rt_mailbox_wake() or as the receiver. */
bool rt_mailbox_promise(struct rt_mailbox *m);
/** Make wake_fd readable. */
void rt_mailbox_wake(struct rt_mailbox *m);
/** Receiver only: the oldest message, or NULL. In the order posted, for each poster. */
struct rt_msg *rt_mailbox_next(struct rt_mailbox *m);
/** Receiver only: what rt_mailbox_next() would return. */
const struct rt_msg *rt_mailbox_peek(struct rt_mailbox *m);
uint32_t rt_mailbox_count(const struct rt_mailbox *m);

/** Receiver only: about to sleep on wake_fd. @return false: there are messages, it must not. */
bool rt_mailbox_sleep(struct rt_mailbox *m);
/** Receiver only: it is awake and will look for messages itself. */
void rt_mailbox_awake(struct rt_mailbox *m);
/** Receiver only: wake_fd is readable; make it unreadable again. */
void rt_mailbox_clear(struct rt_mailbox *m);

#endif
