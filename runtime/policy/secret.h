/* secret.h - passwords of the configuration, resolved once at start and never part of the binary.
 *
 *   rt_secret (const, generated) ──rt_secrets_load()──▶ value in memory ◀── rt_secret_value()
 *
 * Loaded before the shards start, constant until the process ends: any thread may read.
 */
#ifndef RT_POLICY_SECRET_H
#define RT_POLICY_SECRET_H

#include "core/base.h"
#include "rt/gen.h"

/**
 * Resolve every secret the image names.
 *
 * STORED: from the secrets file, lines of "ref<TAB>value"; the file must belong to the user or root
 * and be readable by nobody else. ENV: the environment variable. FILE: the first line of the file,
 * without its line end.
 *
 * @param stored_path  NUL-terminated; the secrets file, opened only when a STORED secret exists.
 * @return RT_OK, RT_E_INVALID or RT_E_NOMEM; every problem is logged with its configuration place.
 * Main thread.
 */
int rt_secrets_load(const struct rt_gen *gen, const char *stored_path) RT_MUST_USE;
/** Wipe and forget all values. */
void rt_secrets_unload(void);

/** The value; it was loaded, or this asserts. Borrowed until rt_secrets_unload. */
struct rt_str rt_secret_value(const struct rt_secret *secret);

#endif
