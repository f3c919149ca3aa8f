#include "metrics/store_sql.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"

int store_sql_failed(struct store *store, const char *doing, struct error *error) {
    int code = sqlite3_extended_errcode(store->db);
    int cause = sqlite3_system_errno(store->db);
    const char *path = store->path;
    switch (code & 0xff) {
    case SQLITE_NOTADB:
        return error_set(error,
                         "%s is not a store of nerve (no SQLite database): name another "
                         "file with --db",
                         path);
    case SQLITE_CORRUPT:
        return error_set(error, "%s is damaged: move it away, or name another file with --db",
                         path);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return error_set(error,
                         "%s cannot be written (read-only): change its rights, or name "
                         "another file with --db",
                         path);
    case SQLITE_CANTOPEN:
        return error_set(error, "%s cannot be opened (%s): name another file with --db", path,
                         cause ? strerror(cause) : "it, or its folder, cannot be read and written");
    case SQLITE_FULL:
        return error_set(error,
                         "the disk is full while %s in %s: make room, or name a file on "
                         "another disk with --db",
                         doing, path);
    case SQLITE_IOERR:
        return error_set(error,
                         "%s cannot be read or written while %s (%s): see to the disk, or "
                         "name another file with --db",
                         path, doing, cause ? strerror(cause) : sqlite3_errmsg(store->db));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(error,
                         "another program has kept %s locked for %d s while %s: wait for "
                         "it, or name another file with --db",
                         path, STORE_WAIT_MS / 1000, doing);
    default:
        return error_set(error, "%s failed while %s: %s", path, doing, sqlite3_errmsg(store->db));
    }
}

int store_sql_run(struct store *store, const char *sql, const char *doing, struct error *error) {
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        return store_sql_failed(store, doing, error);
    }
    return 0;
}

sqlite3_stmt *store_sql_prepare(struct store *store, const char *sql, const char *doing,
                                struct error *error) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK) {
        store_sql_failed(store, doing, error);
        return NULL;
    }
    return statement;
}

int store_sql_step(struct store *store, sqlite3_stmt *statement, const char *doing,
                   struct error *error) {
    int code = sqlite3_step(statement);
    int result = code == SQLITE_DONE ? 0 : store_sql_failed(store, doing, error);
    sqlite3_reset(statement);
    return result;
}

void store_sql_bind_text(sqlite3_stmt *statement, int column, const char *text) {
    if (text) {
        sqlite3_bind_text(statement, column, text, -1, SQLITE_TRANSIENT);
    } else {
        sqlite3_bind_null(statement, column);
    }
}

char *store_sql_text(sqlite3_stmt *statement, int column) {
    const unsigned char *text = sqlite3_column_text(statement, column);
    return memory_text(text ? (const char *)text : "");
}
