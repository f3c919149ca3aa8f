#include "metrics/store.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/memory.h"
#include "metrics/store_sql.h"
#include "metrics/store_write.h"

const char *store_status_name(enum store_status status) {
    static const char *const name[] = {
        [STORE_RUNNING] = "running",         [STORE_OK] = "ok",
        [STORE_STOPPED] = "stopped",         [STORE_FAILED] = "failed",
        [STORE_INTERRUPTED] = "interrupted",
    };
    return name[status];
}

const char *store_path(const struct store *store) {
    return store->path;
}

/* Two programs that make one store at the same moment get in each other's way here, and SQLite
 * does not wait by itself for this switch. */
static int use_wal(struct store *store, struct error *error) {
    const struct timespec pause = {.tv_nsec = 10000000};
    for (int waited_ms = 0;; waited_ms += 10) {
        int code = sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if (code == SQLITE_OK) {
            return 0;
        }
        if ((code & 0xff) != SQLITE_BUSY || waited_ms >= STORE_WAIT_MS) {
            return store_sql_failed(store, "opening it", error);
        }
        nanosleep(&pause, NULL);
    }
}

/* Runs whose process is gone were interrupted. A store that cannot be written shows it all the
 * same (store_read.c), so a failure here does no harm. */
static void mark_interrupted(struct store *store) {
    sqlite3_stmt *find = store_sql_prepare(
        store, "SELECT number, process FROM runs WHERE status = 'running'", "looking", NULL);
    sqlite3_stmt *mark = store_sql_prepare(
        store, "UPDATE runs SET status = 'interrupted' WHERE number = ? AND status = 'running'",
        "marking", NULL);
    while (find && mark && sqlite3_step(find) == SQLITE_ROW) {
        char *process = store_sql_text(find, 1);
        if (!store_process_lives(process)) {
            sqlite3_bind_int64(mark, 1, sqlite3_column_int64(find, 0));
            store_sql_step(store, mark, "marking", NULL);
        }
        free(process);
    }
    sqlite3_finalize(find);
    sqlite3_finalize(mark);
}

static void destroy(struct store *store) {
    sqlite3_close(store->db);
    free(store->path);
    free(store->sample);
    free(store);
}

/* A store in a folder that cannot be written: SQLite wants to make its -shm there, unless it is
 * told that nobody writes. */
static int open_unwritable(struct store *store, struct error *error) {
    sqlite3_close(store->db);
    store->db = NULL;
    char *uri = memory_new(3 * strlen(store->path) + 32, 1);
    char *at = stpcpy(uri, "file:");
    for (const char *c = store->path; *c; c++) {
        at += strchr("%?#", *c) ? sprintf(at, "%%%02X", (unsigned)*c) : sprintf(at, "%c", *c);
    }
    strcpy(at, "?immutable=1");
    int code = sqlite3_open_v2(uri, &store->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    free(uri);
    return code == SQLITE_OK ? 0 : store_sql_failed(store, "opening it", error);
}

static int open_file(struct store *store, struct error *error) {
    bool writes = store->use == STORE_WRITE;
    if (!writes && access(store->path, F_OK) != 0) {
        return error_set(error,
                         "there is no store %s here: `nerve run SCENARIO` makes one, or name "
                         "another with --db",
                         store->path);
    }
    int flags = SQLITE_OPEN_READWRITE | (writes ? SQLITE_OPEN_CREATE : 0);
    if (sqlite3_open_v2(store->path, &store->db, flags, NULL) != SQLITE_OK) {
        NERVE_ASSERT(store->db); /* NULL only where there is no memory at all */
        return store_sql_failed(store, "opening it", error);
    }
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, STORE_WAIT_MS);
    if (!writes) {
        int code = sqlite3_exec(store->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
        bool shut = code == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY;
        return shut ? open_unwritable(store, error) : 0;
    }
    if (use_wal(store, error) < 0) {
        return -1;
    }
    return store_sql_run(store, "PRAGMA synchronous = NORMAL", "opening it", error);
}

struct store *store_open(const char *path, enum store_use use, struct error *error) {
    signal(SIGXFSZ, SIG_IGN);
    struct store *store = memory_new(1, sizeof *store);
    store->path = memory_text(path);
    store->use = use;
    store->sample = memory_new(STORE_HELD_SAMPLES, sizeof *store->sample);
    if (open_file(store, error) < 0 || store_schema_prepare(store, error) < 0) {
        destroy(store);
        return NULL;
    }
    mark_interrupted(store);
    return store;
}

int store_close(struct store *store, struct error *error) {
    int result = store_write_held(store, error);
    if (store->use == STORE_WRITE) {
        /* A .db copied without its -wal loses rows: leave nothing there. Whoever else is at it
         * does so in turn, so a busy one is no error. */
        int code = sqlite3_exec(store->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
        if (result == 0 && code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY &&
            (code & 0xff) != SQLITE_LOCKED) {
            result = store_sql_failed(store, "closing it", error);
        }
    }
    destroy(store);
    return result;
}
