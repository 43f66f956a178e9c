/* sasl.h - one SASL exchange, server side, without I/O: decoded data in, what to do next out.
 *
 *   rt_sasl_start ─▶ CHALLENGE ─▶ rt_sasl_respond ─▶ ...
 *                 ─▶ LOOKUP    ─▶ rt_sasl_found   ─▶ CHALLENGE (SCRAM) | CHECK (PLAIN)
 *                                 rt_sasl_checked ─▶ SUCCESS | FAILED
 *
 * LOOKUP and CHECK are the caller's to do, asynchronously: the store for the keys, a worker for
 * PBKDF2. An account that does not exist takes the same way with decoy keys and fails at its end.
 */
#ifndef RT_STREAM_SASL_H
#define RT_STREAM_SASL_H

#include "stream/scram.h"

/* In the order in which they are offered: strongest first. */
#define RT_SASL_MECHANISMS(X)                                                                      \
	X(SCRAM_SHA_256_PLUS, "SCRAM-SHA-256-PLUS")                                                \
	X(SCRAM_SHA_1_PLUS, "SCRAM-SHA-1-PLUS")                                                    \
	X(SCRAM_SHA_256, "SCRAM-SHA-256")                                                          \
	X(SCRAM_SHA_1, "SCRAM-SHA-1")                                                              \
	X(PLAIN, "PLAIN")

enum rt_sasl_mechanism {
#define X(name, text) RT_MECH_##name,
	RT_SASL_MECHANISMS(X)
#undef X
		RT_NMECHS
};

/* RFC 6120, 6.5 */
#define RT_SASL_FAILURES(X)                                                                        \
	X(ABORTED, "aborted")                                                                      \
	X(INCORRECT_ENCODING, "incorrect-encoding")                                                \
	X(INVALID_AUTHZID, "invalid-authzid")                                                      \
	X(INVALID_MECHANISM, "invalid-mechanism")                                                  \
	X(MALFORMED_REQUEST, "malformed-request")                                                  \
	X(NOT_AUTHORIZED, "not-authorized")                                                        \
	X(TEMPORARY_AUTH_FAILURE, "temporary-auth-failure")

enum rt_sasl_failure {
#define X(name, text) RT_SASL_##name,
	RT_SASL_FAILURES(X)
#undef X
};
const char *rt_sasl_failure_name(enum rt_sasl_failure f);

/** What may be offered, as a mask over enum rt_sasl_mechanism. @param configured enum
 * rt_sasl_mechanisms of rt/gen.h */
uint32_t rt_sasl_offer(uint32_t configured, bool can_bind);
/** NUL-terminated. */
const char *rt_sasl_mechanism_name(enum rt_sasl_mechanism m);
/** The offered mechanism of this name (case matters), or -1. */
int rt_sasl_mechanism_find(uint32_t offer, struct rt_str name);

enum rt_sasl_step {
	RT_SASL_FAILED,    /* `failure` says why */
	RT_SASL_CHALLENGE, /* send `out`, which may be empty */
	RT_SASL_SUCCESS, /* `node` is authenticated; `out` is the data that goes with it, if any */
	RT_SASL_LOOKUP,  /* get the keys of `node`, and for -PLUS fill scram.binding */
	RT_SASL_CHECK,   /* does `password` match `credentials`? */
};

struct rt_sasl {
	struct rt_str host;     /* prepared domain; borrowed for as long as the exchange lasts */
	uint32_t iterations;    /* for decoys */
	uint8_t mechanism;      /* enum rt_sasl_mechanism */
	uint8_t failure;        /* enum rt_sasl_failure */
	bool exists;            /* the account does */
	bool started;           /* the initial response has been seen */
	struct rt_str node;     /* prepared; owned */
	struct rt_str password; /* PLAIN; owned, wiped as soon as it is of no more use */
	struct rt_credentials credentials;
	struct rt_scram scram;
};

/** Wipes and frees everything; the struct is zeroed and can start again. */
void rt_sasl_fini(struct rt_sasl *x);

/**
 * @param offer  the mask the client was shown.
 * @param data   decoded initial response; p NULL: none was sent, so an empty challenge asks for it
 * (RFC 4422, 5.1).
 * @param out    appended to.
 */
enum rt_sasl_step rt_sasl_start(struct rt_sasl *x, enum rt_sasl_mechanism m, uint32_t offer,
				struct rt_str data, struct rt_buf *out);
enum rt_sasl_step rt_sasl_respond(struct rt_sasl *x, struct rt_str data, struct rt_buf *out);
/** After LOOKUP. @param err  RT_OK, RT_E_NOTFOUND: no such account; else the store failed. */
enum rt_sasl_step rt_sasl_found(struct rt_sasl *x, int err, const struct rt_credentials *c,
				struct rt_buf *out);
/** After CHECK. */
enum rt_sasl_step rt_sasl_checked(struct rt_sasl *x, int err, bool matches);

#endif
