/* schema.c - the tables, version by version. A released step is never edited: append the next one.
 *
 * Everything hangs on an account row and goes with it (ON DELETE CASCADE). Names are prepared JID
 * parts, compared as bytes. application_id marks the file as ours ("xmpd").
 */
#include "store/sqlite/schema.h"

#include <sqlite3.h>

#include "core/log.h"

#define APPLICATION_ID 0x786d7064

static const char *const steps[] = {
	/* 1 */
	"PRAGMA application_id = 0x786d7064;"
	"CREATE TABLE account ("
	" id INTEGER PRIMARY KEY,"
	" host TEXT NOT NULL,"
	" node TEXT NOT NULL,"
	" sha1_iterations INTEGER NOT NULL,"
	" sha1_salt BLOB NOT NULL,"
	" sha1_stored_key BLOB NOT NULL,"
	" sha1_server_key BLOB NOT NULL,"
	" sha256_iterations INTEGER NOT NULL,"
	" sha256_salt BLOB NOT NULL,"
	" sha256_stored_key BLOB NOT NULL,"
	" sha256_server_key BLOB NOT NULL,"
	" UNIQUE (host, node)"
	") STRICT;"

	"CREATE TABLE roster ("
	" account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
	" jid TEXT NOT NULL,"
	" name TEXT,"
	" groups TEXT,"                   /* <group/> and foreign elements, serialised */
	" request TEXT,"                  /* children of a pending subscribe stanza, serialised */
	" subscription INTEGER NOT NULL," /* enum rt_subscription */
	" ask INTEGER NOT NULL,"          /* enum rt_ask */
	" PRIMARY KEY (account, jid)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE roster_version ("
	" account INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,"
	" version TEXT NOT NULL"
	") STRICT;"

	/* AUTOINCREMENT: an id must not come back, or a late deletion up to it takes what is new.
	 */
	"CREATE TABLE offline ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
	" stamp_us INTEGER NOT NULL,"
	" expire_us INTEGER NOT NULL," /* 0: never */
	" stanza TEXT NOT NULL"
	") STRICT;"
	"CREATE INDEX offline_account ON offline (account, id, expire_us);"
	"CREATE INDEX offline_expire ON offline (expire_us) WHERE expire_us > 0;"

	"CREATE TABLE private ("
	" account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
	" ns TEXT NOT NULL,"
	" xml TEXT NOT NULL,"
	" PRIMARY KEY (account, ns)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE vcard ("
	" account INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,"
	" xml TEXT NOT NULL"
	") STRICT;"

	/* Apart from the vCards: a search walks it, and photographs would only be in the way. */
	"CREATE TABLE directory ("
	" account INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,"
	" user TEXT NOT NULL, fn TEXT NOT NULL, last TEXT NOT NULL, first TEXT NOT NULL,"
	" middle TEXT NOT NULL, nick TEXT NOT NULL, bday TEXT NOT NULL, ctry TEXT NOT NULL,"
	" locality TEXT NOT NULL, email TEXT NOT NULL, orgname TEXT NOT NULL, orgunit TEXT NOT "
	"NULL,"
	" f_user TEXT NOT NULL, f_fn TEXT NOT NULL, f_last TEXT NOT NULL, f_first TEXT NOT NULL,"
	" f_middle TEXT NOT NULL, f_nick TEXT NOT NULL, f_bday TEXT NOT NULL, f_ctry TEXT NOT NULL,"
	" f_locality TEXT NOT NULL, f_email TEXT NOT NULL, f_orgname TEXT NOT NULL,"
	" f_orgunit TEXT NOT NULL"
	") STRICT;"

	"CREATE TABLE last ("
	" account INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,"
	" wall_s INTEGER NOT NULL,"
	" status TEXT NOT NULL"
	") STRICT;"

	"PRAGMA user_version = 1;",
};

#define NSTEPS ((int)(sizeof(steps) / sizeof(steps[0])))

int rt_db_schema_version(void)
{
	return NSTEPS;
}

static int log_failure(sqlite3 *handle, const char *path, const char *what)
{
	RT_LOG(ERROR, NULL, "store", what, KV_Z("path", path),
	       KV_Z("reason", sqlite3_errmsg(handle)));
	return RT_E_IO;
}

/* The one number that a statement gives. */
static int get_number(sqlite3 *handle, const char *sql, int *out)
{
	sqlite3_stmt *stmt = NULL;
	int err = RT_E_IO;

	if (sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW) {
		*out = sqlite3_column_int(stmt, 0);
		err = RT_OK;
	}
	sqlite3_finalize(stmt);
	return err;
}

static int run_step(sqlite3 *handle, const char *path, int step)
{
	if (sqlite3_exec(handle, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_exec(handle, steps[step], NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
		return RT_OK;
	log_failure(handle, path, "migration-failed");
	if (!sqlite3_get_autocommit(handle))
		sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
	return RT_E_IO;
}

/* A file with somebody else's tables must not be touched. */
static int check_owner(sqlite3 *handle, const char *path, int version)
{
	int application, objects;

	if (get_number(handle, "PRAGMA application_id", &application) != RT_OK ||
	    get_number(handle, "SELECT count(*) FROM sqlite_schema", &objects) != RT_OK)
		return log_failure(handle, path, "unreadable");
	if (application == APPLICATION_ID || (version == 0 && application == 0 && objects == 0))
		return RT_OK;
	RT_LOG(ERROR, NULL, "store", "foreign-database", KV_Z("path", path),
	       KV_Z("help", "the file belongs to another program: choose another data directory"));
	return RT_E_INVALID;
}

int rt_db_migrate(struct sqlite3 *handle, const char *path)
{
	int version, err;

	if (get_number(handle, "PRAGMA user_version", &version) != RT_OK)
		return log_failure(handle, path, "unreadable");
	err = check_owner(handle, path, version);
	if (err == RT_OK && version > NSTEPS) {
		RT_LOG(ERROR, NULL, "store", "newer-schema", KV_Z("path", path),
		       KV_INT("found", version), KV_INT("known", NSTEPS),
		       KV_Z("help",
			    "a newer xmppd wrote this database: start that one, or restore a "
			    "backup made before the upgrade"));
		return RT_E_INVALID;
	}
	for (; err == RT_OK && version < NSTEPS; version++) {
		err = run_step(handle, path, version);
		if (err == RT_OK)
			RT_LOG(INFO, NULL, "store", "migrated", KV_Z("path", path),
			       KV_INT("schema", version + 1));
	}
	return err;
}
