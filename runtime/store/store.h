/* store.h - everything that outlives the process, by subject, asynchronous. Backends sit below (store/sqlite/).
 *
 * Every call names the shard that asks; its callback runs there, later, exactly once, with RT_OK or an error (RT_E_FULL: database not
 * writable, retried and given up). Writes are acknowledged after their commit (group commit on the store's own thread). Calls of one shard about
 * one account take effect in the order they were made. Strings are copied on the way in and borrowed by the callback on the way out.
 */
#ifndef RT_STORE_STORE_H
#define RT_STORE_STORE_H

#include "core/shard.h"

struct rt_store;

/** Open (create, migrate) the database in a directory, take its lock, start the threads. Errors are logged. Main thread. */
int rt_store_open(struct rt_store **out, const char *data_dir) RT_MUST_USE;
/** Finish what was queued, commit, close. Main thread, after the shards have stopped. */
void rt_store_close(struct rt_store **store);

/* Whom a call is about. host is the prepared domain. */
struct rt_account {
	struct rt_str node, host;
};

typedef void rt_store_done_fn(struct rt_shard *shard, void *ctx, int err);

/* ---- accounts: StoredKey and ServerKey only, never a password --------------------------------------------------------- */

#define RT_SCRAM_SALT 16u
struct rt_scram_keys {
	uint8_t salt[RT_SCRAM_SALT];
	uint32_t iterations;
	uint8_t stored_key[32], server_key[32]; /* 20 bytes used for SHA-1 */
};
struct rt_credentials {
	struct rt_scram_keys sha1, sha256;
};

/** err RT_E_NOTFOUND: no such account. */
typedef void rt_store_credentials_fn(struct rt_shard *shard, void *ctx, int err, const struct rt_credentials *c);
void rt_store_account_get(struct rt_shard *shard, struct rt_account who, rt_store_credentials_fn *done, void *ctx);
/** RT_E_EXISTS when it is there. */
void rt_store_account_create(struct rt_shard *shard, struct rt_account who, const struct rt_credentials *c,
                             rt_store_done_fn *done, void *ctx);
/** RT_E_NOTFOUND when it is not. */
void rt_store_account_update(struct rt_shard *shard, struct rt_account who, const struct rt_credentials *c,
                             rt_store_done_fn *done, void *ctx);
/** Removes the account and everything kept about it, in one transaction. */
void rt_store_account_remove(struct rt_shard *shard, struct rt_account who, rt_store_done_fn *done, void *ctx);
/** RT_OK or RT_E_NOTFOUND. */
void rt_store_account_exists(struct rt_shard *shard, struct rt_account who, rt_store_done_fn *done, void *ctx);
/** Names of a host's accounts, sorted; one call with n names. */
typedef void rt_store_names_fn(struct rt_shard *shard, void *ctx, int err, const struct rt_str *names, size_t n);
void rt_store_account_list(struct rt_shard *shard, struct rt_str host, rt_store_names_fn *done, void *ctx);

/* ---- roster ---------------------------------------------------------------------------------------------------------- */

struct rt_roster_row {
	struct rt_str jid, name, groups, request; /* p NULL: none; an empty text is kept apart from none */
	uint8_t subscription, ask;
};
typedef void rt_store_roster_fn(struct rt_shard *shard, void *ctx, int err, struct rt_str version,
                                const struct rt_roster_row *rows, size_t n);
void rt_store_roster_get(struct rt_shard *shard, struct rt_account who, rt_store_roster_fn *done, void *ctx);
/** Insert or replace one item and the version (p NULL: leave it). done may be NULL. */
void rt_store_roster_put(struct rt_shard *shard, struct rt_account who, const struct rt_roster_row *row,
                         struct rt_str version, rt_store_done_fn *done, void *ctx);
void rt_store_roster_delete(struct rt_shard *shard, struct rt_account who, struct rt_str jid, struct rt_str version,
                            rt_store_done_fn *done, void *ctx);

/* ---- offline messages ------------------------------------------------------------------------------------------------ */

/**
 * Keep one message (whole stanza as text) for an account.
 *
 * @param limit  most messages kept for the account; < 0: no limit. RT_E_LIMIT when full, RT_E_NOTFOUND when the account does not exist.
 * @param expire_us  wall time after which it is not delivered; 0: never.
 */
void rt_store_offline_put(struct rt_shard *shard, struct rt_account who, struct rt_str stanza, int64_t stamp_us,
                          int64_t expire_us, int64_t limit, rt_store_done_fn *done, void *ctx);
struct rt_offline_row {
	int64_t id, stamp_us;
	struct rt_str stanza;
};
typedef void rt_store_offline_fn(struct rt_shard *shard, void *ctx, int err, const struct rt_offline_row *rows, size_t n);
/** The unexpired messages in order of arrival. They stay until rt_store_offline_delete: nothing is lost when the session dies before
 * they were written to it. */
void rt_store_offline_get(struct rt_shard *shard, struct rt_account who, rt_store_offline_fn *done, void *ctx);
/** Delete those with id <= last_id (and all expired ones). */
void rt_store_offline_delete(struct rt_shard *shard, struct rt_account who, int64_t last_id, rt_store_done_fn *done, void *ctx);

/* ---- private XML, vCard, last activity ---------------------------------------------------------------------------------- */

typedef void rt_store_text_fn(struct rt_shard *shard, void *ctx, int err, struct rt_str text);
/** RT_E_NOTFOUND when nothing is stored under the namespace and element name. */
void rt_store_private_get(struct rt_shard *shard, struct rt_account who, struct rt_str ns, rt_store_text_fn *done, void *ctx);
void rt_store_private_put(struct rt_shard *shard, struct rt_account who, struct rt_str ns, struct rt_str xml,
                          rt_store_done_fn *done, void *ctx);

void rt_store_vcard_get(struct rt_shard *shard, struct rt_account who, rt_store_text_fn *done, void *ctx);
/** The twelve fields of the user directory (XEP-0055), as entered; compared case-folded. */
#define RT_VCARD_FIELDS(X)                                                                         \
	X(USER, "user") X(FN, "fn") X(LAST, "last") X(FIRST, "first") X(MIDDLE, "middle") X(NICK, "nick") \
	X(BDAY, "bday") X(CTRY, "ctry") X(LOCALITY, "locality") X(EMAIL, "email") X(ORGNAME, "orgname") \
	X(ORGUNIT, "orgunit")
enum rt_vcard_field {
#define X(name, text) RT_VCARD_##name,
	RT_VCARD_FIELDS(X)
#undef X
	RT_NVCARD_FIELDS
};
void rt_store_vcard_put(struct rt_shard *shard, struct rt_account who, struct rt_str xml,
                        const struct rt_str fields[RT_NVCARD_FIELDS], rt_store_done_fn *done, void *ctx);
struct rt_vcard_row {
	struct rt_str node;
	struct rt_str fields[RT_NVCARD_FIELDS];
};
typedef void rt_store_search_fn(struct rt_shard *shard, void *ctx, int err, const struct rt_vcard_row *rows, size_t n);
/** vCards of a host that match all non-empty patterns; a trailing `*` matches by prefix. Sorted by node, at most limit (< 0: all). */
void rt_store_vcard_search(struct rt_shard *shard, struct rt_str host, const struct rt_str patterns[RT_NVCARD_FIELDS],
                           int64_t limit, rt_store_search_fn *done, void *ctx);

/** When and with which status the account was last here. RT_E_NOTFOUND: never. */
typedef void rt_store_last_fn(struct rt_shard *shard, void *ctx, int err, int64_t wall_s, struct rt_str status);
void rt_store_last_get(struct rt_shard *shard, struct rt_account who, rt_store_last_fn *done, void *ctx);
void rt_store_last_put(struct rt_shard *shard, struct rt_account who, int64_t wall_s, struct rt_str status);

#endif
