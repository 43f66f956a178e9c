/* log.h - one line per event to standard error, logfmt or JSON. Thread safe; formats on the
 * caller's stack and never waits for the reader once the queue runs (core/log_queue.h).
 *
 *   RT_LOG(INFO, id, "sasl", "ok", KV_STR("mech", mech), KV_STR("jid", jid));
 *   2026-03-01T10:20:30.123Z info c2s-42 sasl ok mech=SCRAM-SHA-256 jid=alice@example.org
 *
 * Never log passwords, SASL payloads or message bodies: KV_SECRET prints only the length.
 */
#ifndef RT_CORE_LOG_H
#define RT_CORE_LOG_H

#include "core/base.h"

enum rt_log_level { RT_LOG_ERROR = 2, RT_LOG_WARN = 3, RT_LOG_INFO = 4, RT_LOG_DEBUG = 5 };

enum rt_kv_kind { RT_KV_STR, RT_KV_INT, RT_KV_SECRET, RT_KV_ERRNO };

struct rt_kv {
	const char *key;
	enum rt_kv_kind kind;
	struct rt_str text;
	int64_t number;
};

#define KV_STR(key, s)    ((struct rt_kv){(key), RT_KV_STR, (s), 0})
#define KV_Z(key, z)      ((struct rt_kv){(key), RT_KV_STR, rt_str_of(z), 0})
#define KV_INT(key, v)    ((struct rt_kv){(key), RT_KV_INT, {NULL, 0}, (int64_t)(v)})
#define KV_SECRET(key, s) ((struct rt_kv){(key), RT_KV_SECRET, (s), 0})
#define KV_ERRNO(err)     ((struct rt_kv){"error", RT_KV_ERRNO, {NULL, 0}, (err)})

/* Messages above it are not even formatted. Read with rt_log_wants(). */
extern enum rt_log_level rt_log_level;

static inline bool rt_log_wants(enum rt_log_level level)
{
	return level <= __atomic_load_n(&rt_log_level, __ATOMIC_RELAXED);
}

/** Any time, any thread. */
void rt_log_set_level(enum rt_log_level level);
/** Before there are threads. @param json  JSON lines instead of logfmt. */
void rt_log_setup(enum rt_log_level level, bool json, int fd);
/** @param id  "c2s-42" or NULL. */
void rt_log_write(enum rt_log_level level, const char *id, const char *area, const char *event,
		  const struct rt_kv *kv, size_t nkv);

#define RT_LOG(level, id, area, event, ...)                                                        \
	do {                                                                                       \
		if (rt_log_wants(RT_LOG_##level)) {                                                \
			const struct rt_kv kv_[] = {{NULL, 0, {NULL, 0}, 0}, ##__VA_ARGS__};       \
			rt_log_write(RT_LOG_##level, (id), (area), (event), kv_ + 1,               \
				     sizeof(kv_) / sizeof(kv_[0]) - 1);                            \
		}                                                                                  \
	} while (0)

#endif
