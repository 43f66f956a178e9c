/* tls_context.h - one SSL_CTX from files: a certificate chain with its key, and the settings of a
 * listener. Private to net/. */
#ifndef RT_NET_TLS_CONTEXT_H
#define RT_NET_TLS_CONTEXT_H

#include <openssl/ssl.h>

#include "rt/gen.h"

/**
 * A server context. All problems are logged with file and configuration place.
 *
 * @param spec      protocol flags, ciphers, DH parameters, trust store.
 * @param certfile  the chain and key; spec->certfile or that of a domain.
 * @param at        who named certfile.
 * @return NULL when something is wrong.
 */
SSL_CTX *rt_tls_context_new(const struct rt_gen *gen, const struct rt_tls_spec *spec,
			    const char *certfile, struct rt_at at);

#endif
