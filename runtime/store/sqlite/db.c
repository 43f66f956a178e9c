/* db.c - one connection: opening it as durability asks, and statements with checked results. */
#include "store/sqlite/db.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "core/log.h"
#include "store/sqlite/schema.h"

/* How long SQLite itself waits for a lock that another process holds (a backup, say). ms */
#define LOCK_WAIT_MS 250

/* FULL: the log is synced at every commit. */
#define SETUP_ALL                                                                                  \
	"PRAGMA synchronous = FULL;"                                                               \
	"PRAGMA foreign_keys = ON;"                                                                \
	"PRAGMA trusted_schema = OFF;"                                                             \
	"PRAGMA temp_store = MEMORY;"
/* Deleted messages and keys are overwritten where that costs no extra page. The log is moved into
 * the file every 16 MiB, and cut back to that after a burst. */
#define SETUP_WRITER                                                                               \
	SETUP_ALL                                                                                  \
	"PRAGMA secure_delete = FAST;"                                                             \
	"PRAGMA journal_size_limit = 16777216;"                                                    \
	"PRAGMA wal_autocheckpoint = 4096;"                                                        \
	"PRAGMA cache_size = -8192;"
#define SETUP_READER SETUP_ALL "PRAGMA query_only = ON; PRAGMA cache_size = -4096;"

enum kind { READ, WRITE };

static const struct {
	enum kind kind;
	const char *text;
} queries[RT_NQUERIES] = {
#define Q(name, kind_, text_) [RT_Q_##name] = {kind_, text_},
#include "store/sqlite/queries.def"
#undef Q
};

static int log_failure(struct rt_db *db, const char *path, const char *what)
{
	RT_LOG(ERROR, NULL, "store", what, KV_Z("path", path),
	       KV_Z("reason", db->handle != NULL ? sqlite3_errmsg(db->handle) : "out of memory"));
	return db->handle != NULL ? RT_E_IO : RT_E_NOMEM;
}

/* Keys of accounts are inside: nobody else may read it. SQLite gives its log the same mode. */
static int make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		RT_LOG(ERROR, NULL, "store", "open-failed", KV_Z("path", path), KV_ERRNO(errno));
		return RT_E_IO;
	}
	close(fd);
	return RT_OK;
}

/* The one thing that makes commits cheap, and readers independent of the writer: not every file
 * system can do it. */
static int use_wal(struct rt_db *db, const char *path)
{
	sqlite3_stmt *stmt = NULL;
	bool is_wal = false;

	if (sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode = WAL", -1, &stmt, NULL) !=
		    SQLITE_OK ||
	    sqlite3_step(stmt) != SQLITE_ROW) {
		sqlite3_finalize(stmt);
		return log_failure(db, path, "open-failed");
	}
	is_wal = strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
	sqlite3_finalize(stmt);
	if (is_wal)
		return RT_OK;
	RT_LOG(ERROR, NULL, "store", "no-wal", KV_Z("path", path),
	       KV_Z("help", "the file system cannot share memory between processes: choose a local "
			    "one"));
	return RT_E_IO;
}

static int prepare_all(struct rt_db *db, const char *path, bool writer)
{
	int i;

	for (i = 0; i < RT_NQUERIES; i++) {
		if (queries[i].kind == WRITE && !writer)
			continue;
		if (sqlite3_prepare_v3(db->handle, queries[i].text, -1, SQLITE_PREPARE_PERSISTENT,
				       &db->stmts[i], NULL) != SQLITE_OK)
			return log_failure(db, path, "prepare-failed");
	}
	return RT_OK;
}

int rt_db_open(struct rt_db *db, const char *path, bool writer)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int err = RT_OK;

	*db = (struct rt_db){0};
	if (writer)
		err = make_file(path);
	if (err != RT_OK)
		return err;
	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK)
		return log_failure(db, path, "open-failed");
	sqlite3_busy_timeout(db->handle, LOCK_WAIT_MS);
	/* Plans do not depend on bound values: else some statements were compiled anew at each use.
	 */
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
	/* Before anything else: another program's file must not be changed. */
	if (writer)
		err = rt_db_migrate(db->handle, path);
	if (err == RT_OK && writer)
		err = use_wal(db, path);
	if (err != RT_OK)
		return err;
	if (sqlite3_exec(db->handle, writer ? SETUP_WRITER : SETUP_READER, NULL, NULL, NULL) !=
	    SQLITE_OK)
		return log_failure(db, path, "open-failed");
	return prepare_all(db, path, writer);
}

void rt_db_close(struct rt_db *db)
{
	int i;

	RT_ASSERT(db->stmt == NULL);
	for (i = 0; i < RT_NQUERIES; i++)
		sqlite3_finalize(db->stmts[i]);
	/* With nothing left open this cannot fail; the last connection moves the log into the
	 * file. */
	sqlite3_close(db->handle);
	*db = (struct rt_db){0};
}

void rt_db_query(struct rt_db *db, enum rt_query q)
{
	RT_ASSERT(db->stmt == NULL && db->stmts[q] != NULL);
	db->stmt = db->stmts[q];
	db->bind = SQLITE_OK;
}

static void note_bind(struct rt_db *db, int code)
{
	if (db->bind == SQLITE_OK)
		db->bind = code;
}

void rt_db_bind_text(struct rt_db *db, int i, struct rt_str text)
{
	note_bind(db, sqlite3_bind_text64(db->stmt, i, text.p, text.n, SQLITE_STATIC, SQLITE_UTF8));
}

void rt_db_bind_blob(struct rt_db *db, int i, const void *p, size_t n)
{
	note_bind(db, sqlite3_bind_blob64(db->stmt, i, p, n, SQLITE_STATIC));
}

void rt_db_bind_int(struct rt_db *db, int i, int64_t value)
{
	note_bind(db, sqlite3_bind_int64(db->stmt, i, value));
}

void rt_db_bind_null(struct rt_db *db, int i)
{
	note_bind(db, sqlite3_bind_null(db->stmt, i));
}

/* Codes that speak of this statement's values rather than of the state of the database. */
static bool is_refusal(int code)
{
	switch (code & 0xff) {
	case SQLITE_TOOBIG:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_MISUSE:
		return true;
	default:
		return false;
	}
}

int rt_db_step(struct rt_db *db)
{
	int code = db->bind != SQLITE_OK ? db->bind : sqlite3_step(db->stmt);

	if (code == SQLITE_ROW)
		return RT_OK;
	if (code == SQLITE_DONE)
		return RT_E_NOTFOUND;
	db->failure = code;
	return is_refusal(code) ? RT_E_INVALID : RT_E_IO;
}

bool rt_db_text(struct rt_db *db, int i, struct rt_arena *a, struct rt_str *out)
{
	const char *p = (const char *)sqlite3_column_text(db->stmt, i);

	*out = (struct rt_str){NULL, 0};
	if (p == NULL)
		return sqlite3_column_type(db->stmt, i) == SQLITE_NULL;
	*out = rt_arena_str(a, p, (size_t)sqlite3_column_bytes(db->stmt, i));
	return out->p != NULL;
}

void rt_db_blob(struct rt_db *db, int i, void *out, size_t n)
{
	const void *p = sqlite3_column_blob(db->stmt, i);

	if (p != NULL && (size_t)sqlite3_column_bytes(db->stmt, i) == n)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

int64_t rt_db_int(struct rt_db *db, int i)
{
	return sqlite3_column_int64(db->stmt, i);
}

size_t rt_db_size(struct rt_db *db, int i)
{
	return (size_t)sqlite3_column_bytes(db->stmt, i);
}

int rt_db_end(struct rt_db *db, int err)
{
	/* Reset repeats the code of a failed step, which is known already. */
	sqlite3_reset(db->stmt);
	sqlite3_clear_bindings(db->stmt);
	db->stmt = NULL;
	return err;
}

int rt_db_exec(struct rt_db *db)
{
	int err = rt_db_step(db);

	return rt_db_end(db, err == RT_E_NOTFOUND ? RT_OK : err);
}

int rt_db_run(struct rt_db *db, enum rt_query q)
{
	rt_db_query(db, q);
	return rt_db_exec(db);
}

int rt_db_changes(const struct rt_db *db)
{
	return sqlite3_changes(db->handle);
}

bool rt_db_in_transaction(const struct rt_db *db)
{
	return sqlite3_get_autocommit(db->handle) == 0;
}

const char *rt_db_failure_text(const struct rt_db *db)
{
	return sqlite3_errstr(db->failure);
}
