/* listener.h - listening sockets: every shard has its own one per row (SO_REUSEPORT), so accepting
 * needs no hand-over. */
#ifndef RT_NET_LISTENER_H
#define RT_NET_LISTENER_H

#include "core/shard.h"
#include "rt/gen.h"

struct rt_conn_kind;

/** Which kind of connection a listener row makes; registered by app before any listener opens. */
void rt_listener_register(enum rt_listener_kind kind, const struct rt_conn_kind *conn_kind);

/**
 * Bind all rows of the image, one socket per shard, before the shards run. Errors are logged with
 * address and configuration place ("port in use", "address not available", "permission denied").
 *
 * @return RT_OK or RT_E_IO; nothing stays bound on failure.
 */
int rt_listeners_open(const struct rt_gen *gen) RT_MUST_USE;
/** Start accepting on a shard; called on its thread. */
void rt_listeners_start(struct rt_shard *shard);
/** Stop accepting; called on the shard's thread. */
void rt_listeners_stop(struct rt_shard *shard);
void rt_listeners_close(void);

/** The port a row really has (for `port` 0), for logs, ctl and tests. */
uint16_t rt_listener_port(size_t row);

#endif
