/* schema.h - the tables, and the way from older versions of them to the present one. */
#ifndef RT_STORE_SQLITE_SCHEMA_H
#define RT_STORE_SQLITE_SCHEMA_H

#include "core/base.h"

struct sqlite3;

/**
 * Bring the database to the present version, step by step, each step in a transaction.
 *
 * @param path  for the log.
 * @return RT_OK; RT_E_INVALID: newer than this server, or another program's file; RT_E_IO. Logged.
 */
int rt_db_migrate(struct sqlite3 *handle, const char *path) RT_MUST_USE;

/** The version that rt_db_migrate brings about. */
int rt_db_schema_version(void);

#endif
