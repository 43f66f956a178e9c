/* db.h - one connection to the database file, with all its statements prepared. For one thread.
 *
 *   rt_db_query(db, RT_Q_X) ─▶ rt_db_bind_*() ─▶ rt_db_step() ─▶ rt_db_*() columns ─▶ rt_db_end()
 */
#ifndef RT_STORE_SQLITE_DB_H
#define RT_STORE_SQLITE_DB_H

#include "core/arena.h"
#include "core/base.h"

struct sqlite3;
struct sqlite3_stmt;

enum rt_query {
#define Q(name, kind, text) RT_Q_##name,
#include "store/sqlite/queries.def"
#undef Q
	RT_NQUERIES
};

struct rt_db {
	struct sqlite3 *handle;
	struct sqlite3_stmt *stmts[RT_NQUERIES]; /* NULL: not for this connection */
	struct sqlite3_stmt *stmt;               /* in use, between rt_db_query and rt_db_end */
	int failure; /* SQLite's code of the last RT_E_IO or RT_E_INVALID, for the log */
	int bind;    /* the first failure of a bind, reported by the next step */
};

/**
 * Open the file and set the connection up; the first one also creates and migrates.
 *
 * @param writer  may change data.
 * @return RT_OK, RT_E_INVALID (not ours, or newer), RT_E_IO, RT_E_NOMEM; logged.
 */
int rt_db_open(struct rt_db *db, const char *path, bool writer) RT_MUST_USE;
/** Also after a failed open. */
void rt_db_close(struct rt_db *db);

/** Begin to use a statement; none other may be in use. */
void rt_db_query(struct rt_db *db, enum rt_query q);
/* Parameters count from 1. Texts must stay until rt_db_end. p NULL: SQL NULL. */
void rt_db_bind_text(struct rt_db *db, int i, struct rt_str text);
void rt_db_bind_blob(struct rt_db *db, int i, const void *p, size_t n);
void rt_db_bind_int(struct rt_db *db, int i, int64_t value);
void rt_db_bind_null(struct rt_db *db, int i);

/**
 * @return RT_OK: a row; RT_E_NOTFOUND: no (more) row, the statement is done; RT_E_INVALID: the
 *         values are refused, nothing is changed; RT_E_IO: the database failed, the transaction
 *         may be gone.
 */
int rt_db_step(struct rt_db *db) RT_MUST_USE;
/** Columns of the row, from 0; a copy in the arena. NULL column: p NULL. @return false: no memory
 */
bool rt_db_text(struct rt_db *db, int i, struct rt_arena *a, struct rt_str *out) RT_MUST_USE;
/** Exactly n bytes, or zeroes when the column has another size. */
void rt_db_blob(struct rt_db *db, int i, void *out, size_t n);
int64_t rt_db_int(struct rt_db *db, int i);
/** Bytes of a text column. */
size_t rt_db_size(struct rt_db *db, int i);
/** Done with the statement. @return err, for `return rt_db_end(db, err);` */
int rt_db_end(struct rt_db *db, int err);

/** query, step, end for statements without parameters and rows. */
int rt_db_run(struct rt_db *db, enum rt_query q) RT_MUST_USE;
/** Step a statement that gives no rows, and end it. @return RT_OK or what rt_db_step returns. */
int rt_db_exec(struct rt_db *db) RT_MUST_USE;
/** Rows inserted, changed or deleted by the last statement. */
int rt_db_changes(const struct rt_db *db);
/** Whether a transaction is open. */
bool rt_db_in_transaction(const struct rt_db *db);
/** Text for rt_db.failure. */
const char *rt_db_failure_text(const struct rt_db *db);

#endif
