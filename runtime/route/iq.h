/* iq.h - requests to hosts and accounts: dispatch by namespace through generated switches, and the
 * replies.
 *
 * A handler (rt_iq_fn) gets a struct rt_iq that lives in the stanza's arena: it may keep it across
 * asynchronous work and must end it with exactly one reply call. The session of the asker is not
 * kept: find it again by iq->st->origin when needed.
 */
#ifndef RT_ROUTE_IQ_H
#define RT_ROUTE_IQ_H

#include "core/shard.h"
#include "rt/gen.h"
#include "xml/stanza.h"

enum rt_iq_scope { RT_IQ_HOST, RT_IQ_ACCOUNT, RT_IQ_SUBDOMAIN };

struct rt_iq {
	struct rt_shard *shard;
	struct rt_stanza *st;  /* owned by whoever holds the iq */
	struct rt_elem *child; /* the one payload element */
	const void *opts;      /* of the module */
	int host;              /* rt_gen.hosts index */
	uint8_t scope;         /* enum rt_iq_scope */
	bool is_set;
	bool own_account; /* ACCOUNT: the asker is the account itself */
	bool started;     /* rt_iq_reply was called */
};

/** Dispatch an iq get/set that has arrived at a host, an account or a service domain. Takes st.
 * Malformed (not exactly one child, no namespace) -> bad-request; no handler ->
 * service-unavailable. */
void rt_iq_dispatch(struct rt_shard *shard, struct rt_stanza *st, enum rt_iq_scope scope, int host);

/** The reply with nothing in it. Consumes iq. */
void rt_iq_result(struct rt_iq *iq);
/** Start a reply: the request turned round, emptied; returns an element added under the root to be
 * filled (NULL: out of memory; still end with rt_iq_send). The request's child stays readable until
 * rt_iq_send. */
struct rt_elem *rt_iq_reply(struct rt_iq *iq, const char *name, const char *ns);
void rt_iq_send(struct rt_iq *iq);
/** A result whose content is already serialised; copied. Consumes iq. */
void rt_iq_result_xml(struct rt_iq *iq, struct rt_str children);
/** An error with the request's child echoed before it. text may be empty. Consumes iq. */
void rt_iq_error(struct rt_iq *iq, enum rt_stanza_error error, const char *text);
/** The same without the child. */
void rt_iq_error_bare(struct rt_iq *iq, enum rt_stanza_error error, const char *text);

/* ---- requests of the server's own ---- */

/** reply is borrowed (result or error); NULL: none came in time. */
typedef void rt_iq_answer_fn(struct rt_shard *shard, void *ctx, struct rt_stanza *reply);
/**
 * Send an iq get or set from a host (bare domain) to a full JID homed on this shard, and hear once
 * of its answer. Takes st; sets its id. The answer counts only from the JID that was asked. Pending
 * ones end with NULL when the router goes.
 */
void rt_iq_request(struct rt_shard *shard, struct rt_stanza *st, uint32_t timeout_ms,
		   rt_iq_answer_fn *done, void *ctx);
/** For the router: an iq result or error has arrived at a host. Takes st. */
void rt_iq_answered(struct rt_shard *shard, struct rt_stanza *st);

#endif
