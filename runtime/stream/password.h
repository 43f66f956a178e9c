/* password.h - passwords to SCRAM keys and back to a verdict: the slow arithmetic, on workers. */
#ifndef RT_STREAM_PASSWORD_H
#define RT_STREAM_PASSWORD_H

#include "store/store.h"

/* Longer passwords are refused: SASLprep and the copies on the way stay small. Bytes */
#define RT_PASSWORD_MAX 1024u

/**
 * SASLprep, fresh salts, PBKDF2, StoredKey and ServerKey for both hashes.
 *
 * @param iterations  of PBKDF2; option scram_iterations.
 * @return RT_OK; RT_E_INVALID: SASLprep refuses it, or it is empty or too long; RT_E_NOMEM.
 *
 * Thread: a worker, or the one of ctl: it blocks for some ms.
 */
int rt_password_derive(struct rt_str password, uint32_t iterations,
		       struct rt_credentials *out) RT_MUST_USE;
/** Blocking. Constant time in the comparison. */
bool rt_password_matches(struct rt_str password, const struct rt_credentials *c);

/**
 * Credentials of an account that does not exist: no password matches them, but they look like, and
 * cost as much as, real ones, and stay the same for a name until the server restarts, so that
 * nobody learns who has an account.
 *
 * @return RT_OK or RT_E_NOMEM.
 */
int rt_password_decoy(struct rt_str node, struct rt_str host, uint32_t iterations,
		      struct rt_credentials *out) RT_MUST_USE;

typedef void rt_password_derived_fn(struct rt_shard *shard, void *ctx, int err,
				    const struct rt_credentials *c);
/** The same on a worker; done runs on this shard, exactly once: later, but at once when out of
 * memory. The copy of the password is wiped. err also RT_E_LIMIT: too many jobs wait. c is
 * borrowed, NULL unless RT_OK. */
void rt_password_derive_async(struct rt_shard *shard, struct rt_str password, uint32_t iterations,
			      rt_password_derived_fn *done, void *ctx);
typedef void rt_password_checked_fn(struct rt_shard *shard, void *ctx, int err, bool matches);
void rt_password_check_async(struct rt_shard *shard, struct rt_str password,
			     const struct rt_credentials *c, rt_password_checked_fn *done,
			     void *ctx);

#endif
