/* tls.h - TLS contexts: one per rt_tls_spec, certificates by SNI or stream `to`, reload without
 * dropping anyone. */
#ifndef RT_NET_TLS_H
#define RT_NET_TLS_H

#include "core/base.h"
#include "rt/gen.h"

struct ssl_st;

/**
 * Load every certificate the image names (listeners and domain_certfile). All problems are logged
 * with file and configuration place: unreadable, no certificate inside, key missing or not
 * matching, bad ciphers or DH file.
 *
 * @return RT_OK or RT_E_INVALID; on a reload that fails the old contexts stay in use. Thread: main,
 * before or beside the shards.
 */
int rt_tls_load(const struct rt_gen *gen) RT_MUST_USE;
void rt_tls_unload(void);

/** A server-side connection for a listener's spec, over fd. domain: preferred certificate without
 * SNI, may be empty. NULL: out of memory. Any thread. */
struct ssl_st *rt_tls_accept(const struct rt_tls_spec *spec, int fd, struct rt_str domain);

#endif
