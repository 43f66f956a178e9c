/* suites.h - what the linked TLS library makes of a cipher string. Private to cfgc/world. */
#ifndef CFGC_WORLD_SUITES_H
#define CFGC_WORLD_SUITES_H

#include <openssl/ssl.h>

#include "world/tour.h"

#define TLS_NVERSIONS 4

/* From the oldest to the newest. */
extern const struct tls_version_info {
	unsigned bit; /* enum tls_version */
	int number;   /* TLS1_VERSION... */
	const char *name;
} tls_versions[TLS_NVERSIONS];

/* Of one cipher string and set of versions. */
struct suites {
	bool taken; /* the library takes the string; else nothing else is set */
	struct {
		VEC(const SSL_CIPHER *) list; /* most wanted first */
	} by_version[TLS_NVERSIONS];
};

/**
 * The suites that a server with this cipher string can agree on with some client.
 *
 * As in the server, the security level of the library holds for TLS 1.2 and 1.3; older clients are
 * let in without one. The same question is answered from memory.
 *
 * @param ciphers  n == 0: the library's own choice.
 */
const struct suites *suites_of(struct tour *t, struct str ciphers, unsigned versions);

/** Whether a server with a key of one of these kinds can use a suite. */
bool suite_fits(const SSL_CIPHER *suite, unsigned key_kinds);

/** Whether one word of a cipher string names a suite that the library has. */
bool suite_word_is_known(struct tour *t, struct str word);

/** Names the weakness of a suite: "RC4", "no encryption"; NULL: none. */
const char *suite_weakness(const SSL_CIPHER *suite);

#endif
