/* password.h - passwords to SCRAM keys and back to a verdict: the slow arithmetic, on workers. */
#ifndef RT_STREAM_PASSWORD_H
#define RT_STREAM_PASSWORD_H

#include "store/store.h"

/** SASLprep, fresh salts, PBKDF2, StoredKey and ServerKey for both hashes. Blocking (some ms): worker or ctl thread. @return RT_OK,
 * RT_E_INVALID (SASLprep refuses it, or empty). */
int rt_password_derive(struct rt_str password, uint32_t iterations, struct rt_credentials *out) RT_MUST_USE;
/** Blocking. Constant time in the comparison. */
bool rt_password_matches(struct rt_str password, const struct rt_credentials *c);

typedef void rt_password_derived_fn(struct rt_shard *shard, void *ctx, int err, const struct rt_credentials *c);
/** The same on a worker; done runs on this shard. The copy of the password is wiped. err also RT_E_LIMIT. */
void rt_password_derive_async(struct rt_shard *shard, struct rt_str password, uint32_t iterations,
                              rt_password_derived_fn *done, void *ctx);
typedef void rt_password_checked_fn(struct rt_shard *shard, void *ctx, int err, bool matches);
void rt_password_check_async(struct rt_shard *shard, struct rt_str password, const struct rt_credentials *c,
                             rt_password_checked_fn *done, void *ctx);

#endif
