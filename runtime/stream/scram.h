/* scram.h - the server's side of SCRAM (RFC 5802, RFC 7677) as a pure state machine: messages in,
 * messages out.
 *
 *   client-first ─▶ rt_scram_client_first      who is it? The caller looks the keys up.
 *   server-first ◀─ rt_scram_server_first
 *   client-final ─▶ rt_scram_client_final ─▶ server-final
 *
 * GNU SASL is not used for this: it takes salt and iteration count inside the same step that parses
 * the name, so a look-up that answers later does not fit; the nonce cannot be given, which the test
 * vectors of the RFCs need; and its comparison of proofs stops at the first difference.
 */
#ifndef RT_STREAM_SCRAM_H
#define RT_STREAM_SCRAM_H

#include "core/buf.h"
#include "store/store.h"

#define RT_SCRAM_NONCE_MAX 256u /* bytes a client may choose */
/* Bytes of a client-first-message: the longest names with room to spare, and little enough to be
 * kept for somebody who may never answer. */
#define RT_SCRAM_FIRST_MAX   3072u
#define RT_SCRAM_BINDING_MAX 64u /* bytes of channel binding data */

enum rt_scram_flag {
	RT_SCRAM_NO_BINDING, /* "n": the client cannot bind */
	RT_SCRAM_COULD_BIND, /* "y": it could, but thinks that we cannot */
	RT_SCRAM_BINDING,    /* "p=...": it does */
};

struct rt_scram {
	bool sha256;       /* else SHA-1; set before the first step */
	bool plus;         /* the mechanism is a -PLUS one; set before the first step */
	bool plus_offered; /* -PLUS was in our list: "y" then means that somebody has cut it out */
	uint8_t flag;      /* enum rt_scram_flag */
	uint8_t binding_len;
	unsigned char binding[RT_SCRAM_BINDING_MAX];
	/* From rt_scram_client_first to rt_scram_server_first; point into `names`. authzid is empty
	 * when none was given. */
	struct rt_str authcid, authzid;
	struct rt_str binding_name; /* "tls-exporter"; empty without one */
	char *names;
	/*   |gs2-header|client-first-bare,server-first,client-final-without-proof|     (the part
	 * from `bare` on is what 0          bare          nonce end    RFC 5802 calls AuthMessage)
	 */
	struct rt_buf said;
	uint32_t bare, nonce, nonce_len;
	struct rt_scram_keys keys;
};

/** Wipes keys and frees what was said. */
void rt_scram_fini(struct rt_scram *x);

/**
 * @return RT_OK; RT_E_PROTO: not a client-first-message of this mechanism (malformed-request);
 * RT_E_DENIED: the channel binding flag betrays a downgrade (not-authorized); RT_E_NOMEM.
 */
int rt_scram_client_first(struct rt_scram *x, struct rt_str message) RT_MUST_USE;

/**
 * Append the server-first-message to out. The caller has looked the keys up and, for -PLUS, filled
 * x->binding.
 *
 * @param nonce  our part: printable ASCII without commas.
 */
int rt_scram_server_first(struct rt_scram *x, const struct rt_scram_keys *keys, struct rt_str nonce,
			  struct rt_buf *out) RT_MUST_USE;

/**
 * Check the proof; append the server-final-message ("v=...") to out when it is right.
 *
 * @return RT_OK, RT_E_PROTO (malformed-request), RT_E_DENIED (not-authorized), RT_E_NOMEM.
 */
int rt_scram_client_final(struct rt_scram *x, struct rt_str message,
			  struct rt_buf *out) RT_MUST_USE;

#endif
