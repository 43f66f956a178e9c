/* mod_register.h - in-band registration in three parts: requests
 * (mod_register.c), the work on an account (register_account.c), the rules
 * (register_rules.c).
 */
#ifndef RT_MODULES_MOD_REGISTER_H
#define RT_MODULES_MOD_REGISTER_H

#include <netinet/in.h>

#include "modules/module.h"
#include "stream/unauth.h"

/* ---- rules ---- */

/* A peer's address; IPv4-mapped IPv6 addresses are IPv4. */
struct rt_source {
	uint8_t family; /* 4 or 6; 0: unknown */
	uint8_t addr[16];
};

struct sockaddr_storage;
struct rt_source rt_register_source(const struct sockaddr_storage *peer);
/** From text as rt_session_ops.peer writes it. */
struct rt_source rt_register_source_of(const char *text);
/** out holds INET6_ADDRSTRLEN; "unknown" for family 0. */
void rt_register_source_text(const struct rt_source *source, char *out);

/** Option ip_access: the first rule that matches decides, none allows. */
bool rt_register_ip_allowed(const struct rt_ip_rule *rules, size_t n,
			    const struct rt_source *source);

/* Sources remembered at a time; beyond it the oldest is forgotten. */
#define RT_REGISTER_SOURCES 16384u

/**
 * Option registration_timeout: count an attempt of this source.
 *
 * IPv6 sources are told apart by their /64, the least that a site gets: else
 * one host could have any number of them.
 *
 * @param timeout_s  RT_LIMIT_INFINITY, or <= 0: no limit.
 * @return whether it comes late enough after the one before.
 *
 * Thread: any.
 */
bool rt_register_pace(const struct rt_source *source, int64_t timeout_s, uint64_t now_ms);
/** For tests: forget all sources. */
void rt_register_forget(void);

/** Option password_strength: bits of entropy, by length and the kinds of
 * characters used. */
double rt_register_entropy(struct rt_str password);

/* ---- work on an account ---- */

/* A request under way; lives in the arena of its stanza. */
struct rt_registration {
	struct rt_unauth_iq *u; /* before authentication; else NULL */
	struct rt_iq *iq;       /* after it; else NULL */
	const struct rt_mod_register_opts *opts;
	struct rt_shard *shard;
	struct rt_stanza *st;
	int host;
	struct rt_source source;
	struct rt_str node;     /* prepared */
	struct rt_str password; /* as sent; wiped once it is derived from */
};

/** Reply, without the request's child: it may hold a password. Consumes r. */
void rt_register_refuse(struct rt_registration *r, enum rt_stanza_error error, const char *text);
void rt_register_accept(struct rt_registration *r);

/** Create the account if the rules allow it, and tell those who want to know.
 * Consumes r. */
void rt_register_create(struct rt_registration *r);
/** Give the account a new password. Consumes r. */
void rt_register_change(struct rt_registration *r);

#endif
