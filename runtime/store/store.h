/* store.h - everything that outlives the process, by subject, asynchronous. The backend sits below
 * (store/sqlite/).
 *
 *   shard ──call──▶ queue ──▶ writer (one transaction for all that wait) ──commit──▶ callback on
 * the └──▶ readers, while the account has no write under way ──▶   same shard
 *
 * Every call names the shard that asks; its callback runs there, later, exactly once. The one
 * exception: when there is no memory for the request itself, it runs at once with RT_E_NOMEM.
 *
 * err is RT_OK, what the call names, or one of
 *   RT_E_FULL   the database could not be read or written: tried again for some seconds, given up
 *   RT_E_LIMIT  too much is waiting (RT_STORE_QUEUE): answer with a temporary failure
 *   RT_E_NOMEM
 *   RT_E_INVALID  the database refuses these values
 * and then nothing has been changed.
 *
 * A write is acknowledged after its commit, which survives SIGKILL and loss of power. Calls about
 * one account take effect in the order in which they were made, whichever shard made them. Texts
 * are copied on the way in, and borrowed by the callback on the way out. A callback of a write may
 * be NULL: nobody waits for it.
 */
#ifndef RT_STORE_STORE_H
#define RT_STORE_STORE_H

#include "core/shard.h"

struct rt_store;

/* What may wait at a time, reads and writes each, with all texts: some 200,000 small requests.
 * Bytes */
#define RT_STORE_QUEUE (64u << 20)

/**
 * Open (create, migrate) the database DIR/xmppd.sqlite and start the threads.
 *
 * @param data_dir  made with mode 0700 when it does not exist.
 * @return RT_OK; RT_E_EXISTS: another process has it; RT_E_INVALID: not a database of this server,
 *         or one of a newer version; RT_E_IO, RT_E_NOMEM. The reason is logged.
 *
 * Thread: main.
 */
int rt_store_open(struct rt_store **out, const char *data_dir) RT_MUST_USE;
/**
 * Wait until nothing is queued and every result has been posted.
 *
 * @return whether there was anything. At the end of the process, once the shards' threads have
 *         stopped: do more = rt_store_drain(s); while ((rt_shards_drain() || more));
 *
 * Thread: main, not a shard while others need it.
 */
bool rt_store_drain(struct rt_store *store);
/** Finish what was queued, commit, close; nulls *store. The shards still exist. Thread: main. */
void rt_store_close(struct rt_store **store);

/* Whom a call is about, in prepared form. */
struct rt_account {
	struct rt_str node, host;
};

typedef void rt_store_done_fn(struct rt_shard *shard, void *ctx, int err);

/* ---- accounts: StoredKey and ServerKey only, never a password ---- */

#define RT_SCRAM_SALT 16u
struct rt_scram_keys {
	uint8_t salt[RT_SCRAM_SALT];
	uint32_t iterations;
	uint8_t stored_key[32], server_key[32]; /* 20 bytes used for SHA-1 */
};
struct rt_credentials {
	struct rt_scram_keys sha1, sha256;
};

/** err RT_E_NOTFOUND: no such account. c is NULL unless RT_OK. */
typedef void rt_store_credentials_fn(struct rt_shard *shard, void *ctx, int err,
				     const struct rt_credentials *c);
void rt_store_account_get(struct rt_shard *shard, struct rt_account who,
			  rt_store_credentials_fn *done, void *ctx);
/** RT_E_EXISTS when it is there. */
void rt_store_account_create(struct rt_shard *shard, struct rt_account who,
			     const struct rt_credentials *c, rt_store_done_fn *done, void *ctx);
/** RT_E_NOTFOUND when it is not. */
void rt_store_account_update(struct rt_shard *shard, struct rt_account who,
			     const struct rt_credentials *c, rt_store_done_fn *done, void *ctx);
/** Removes the account and everything kept about it, in one transaction. RT_E_NOTFOUND. */
void rt_store_account_remove(struct rt_shard *shard, struct rt_account who, rt_store_done_fn *done,
			     void *ctx);
/** RT_OK or RT_E_NOTFOUND. */
void rt_store_account_exists(struct rt_shard *shard, struct rt_account who, rt_store_done_fn *done,
			     void *ctx);
/** Names of a host's accounts, sorted by bytes; one call with n names. */
typedef void rt_store_names_fn(struct rt_shard *shard, void *ctx, int err,
			       const struct rt_str *names, size_t n);
void rt_store_account_list(struct rt_shard *shard, struct rt_str host, rt_store_names_fn *done,
			   void *ctx);

/* ---- roster ---- */

struct rt_roster_row {
	/* p NULL: none; an empty text is kept apart from none */
	struct rt_str jid, name, groups, request;
	uint8_t subscription, ask;
};
/** An account that does not exist has an empty roster; version p NULL: none. */
typedef void rt_store_roster_fn(struct rt_shard *shard, void *ctx, int err, struct rt_str version,
				const struct rt_roster_row *rows, size_t n);
void rt_store_roster_get(struct rt_shard *shard, struct rt_account who, rt_store_roster_fn *done,
			 void *ctx);
/** Insert or replace one item and the version (p NULL: leave it). RT_E_NOTFOUND: no account. */
void rt_store_roster_put(struct rt_shard *shard, struct rt_account who,
			 const struct rt_roster_row *row, struct rt_str version,
			 rt_store_done_fn *done, void *ctx);
/** RT_OK also when there is no such item. RT_E_NOTFOUND: no account. */
void rt_store_roster_delete(struct rt_shard *shard, struct rt_account who, struct rt_str jid,
			    struct rt_str version, rt_store_done_fn *done, void *ctx);

/* ---- offline messages ---- */

/**
 * Keep one message (whole stanza as text) for an account.
 *
 * @param stamp_us   wall time of its arrival, us.
 * @param expire_us  wall time from which it is not delivered any more, us; 0: never.
 * @param limit      most unexpired messages kept for the account; < 0: no limit. RT_E_LIMIT when
 *                   full, RT_E_NOTFOUND when the account does not exist.
 */
void rt_store_offline_put(struct rt_shard *shard, struct rt_account who, struct rt_str stanza,
			  int64_t stamp_us, int64_t expire_us, int64_t limit,
			  rt_store_done_fn *done, void *ctx);
struct rt_offline_row {
	int64_t id; /* grows with arrival, never used again */
	int64_t stamp_us;
	struct rt_str stanza;
};
/* What one call hands out: so many messages, or those that fill so many bytes (one at least). */
#define RT_OFFLINE_PAGE_ROWS  512u
#define RT_OFFLINE_PAGE_BYTES (1u << 20)

typedef void rt_store_offline_fn(struct rt_shard *shard, void *ctx, int err,
				 const struct rt_offline_row *rows, size_t n);
/** The oldest unexpired messages with an id above `after` (0: all), in order of arrival, a page of
 * them; n 0: no more. They stay until rt_store_offline_delete: nothing is lost when the session
 * dies before they were written to it. */
void rt_store_offline_get(struct rt_shard *shard, struct rt_account who, int64_t after,
			  rt_store_offline_fn *done, void *ctx);
/** Delete the account's messages with id <= last_id, and everybody's expired ones. */
void rt_store_offline_delete(struct rt_shard *shard, struct rt_account who, int64_t last_id,
			     rt_store_done_fn *done, void *ctx);

/* ---- private XML, vCard, last activity ---- */

typedef void rt_store_text_fn(struct rt_shard *shard, void *ctx, int err, struct rt_str text);
/** RT_E_NOTFOUND when nothing is stored under the namespace. */
void rt_store_private_get(struct rt_shard *shard, struct rt_account who, struct rt_str ns,
			  rt_store_text_fn *done, void *ctx);

struct rt_private_row {
	struct rt_str ns, xml;
};
/** Insert or replace n elements, all or none. RT_E_NOTFOUND: no account. */
void rt_store_private_put(struct rt_shard *shard, struct rt_account who,
			  const struct rt_private_row *rows, size_t n, rt_store_done_fn *done,
			  void *ctx);

/** RT_E_NOTFOUND: none, or no account. */
void rt_store_vcard_get(struct rt_shard *shard, struct rt_account who, rt_store_text_fn *done,
			void *ctx);
/** The twelve fields of the user directory (XEP-0055), as entered; compared case-folded. */
#define RT_VCARD_FIELDS(X)                                                                         \
	X(USER, "user")                                                                            \
	X(FN, "fn")                                                                                \
	X(LAST, "last")                                                                            \
	X(FIRST, "first")                                                                          \
	X(MIDDLE, "middle")                                                                        \
	X(NICK, "nick")                                                                            \
	X(BDAY, "bday")                                                                            \
	X(CTRY, "ctry")                                                                            \
	X(LOCALITY, "locality")                                                                    \
	X(EMAIL, "email")                                                                          \
	X(ORGNAME, "orgname")                                                                      \
	X(ORGUNIT, "orgunit")
enum rt_vcard_field {
#define X(name, text) RT_VCARD_##name,
	RT_VCARD_FIELDS(X)
#undef X
		RT_NVCARD_FIELDS
};
/* Longer fields are cut, at a character, when they are kept for the directory. Bytes */
#define RT_VCARD_FIELD_MAX 512u

/** RT_E_NOTFOUND: no account. */
void rt_store_vcard_put(struct rt_shard *shard, struct rt_account who, struct rt_str xml,
			const struct rt_str fields[RT_NVCARD_FIELDS], rt_store_done_fn *done,
			void *ctx);
struct rt_vcard_row {
	struct rt_str node;
	struct rt_str fields[RT_NVCARD_FIELDS];
};
typedef void rt_store_search_fn(struct rt_shard *shard, void *ctx, int err,
				const struct rt_vcard_row *rows, size_t n);
/** vCards of a host that match all non-empty patterns; a trailing `*` matches by prefix. Sorted by
 * node, at most limit (< 0: all). */
void rt_store_vcard_search(struct rt_shard *shard, struct rt_str host,
			   const struct rt_str patterns[RT_NVCARD_FIELDS], int64_t limit,
			   rt_store_search_fn *done, void *ctx);

/** When and with which status the account was last here. RT_E_NOTFOUND: never. */
typedef void rt_store_last_fn(struct rt_shard *shard, void *ctx, int err, int64_t wall_s,
			      struct rt_str status);
void rt_store_last_get(struct rt_shard *shard, struct rt_account who, rt_store_last_fn *done,
		       void *ctx);
/** Nobody waits for it. */
void rt_store_last_put(struct rt_shard *shard, struct rt_account who, int64_t wall_s,
		       struct rt_str status);

#endif
