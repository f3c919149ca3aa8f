#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "metrics/store.h"
#include "metrics/store_sql.h"

static const char *const reading = "reading a run";

/* A run that no living process runs is interrupted, whatever the file still says. */
static enum store_status status_of(const char *name, const char *process) {
    for (int i = STORE_RUNNING; i <= STORE_INTERRUPTED; i++) {
        enum store_status status = (enum store_status)i;
        if (strcmp(name, store_status_name(status)) == 0) {
            bool gone = status == STORE_RUNNING && !store_process_lives(process);
            return gone ? STORE_INTERRUPTED : status;
        }
    }
    return STORE_FAILED;
}

static int64_t number_or_none(sqlite3_stmt *statement, int column) {
    return sqlite3_column_type(statement, column) == SQLITE_NULL
               ? -1
               : sqlite3_column_int64(statement, column);
}

static struct store_entry read_entry(sqlite3_stmt *statement) {
    char *status = store_sql_text(statement, 7);
    char *process = store_sql_text(statement, 8);
    char *seed = store_sql_text(statement, 6);
    struct store_entry entry = {
        .run = sqlite3_column_int64(statement, 0),
        .started_at = store_sql_text(statement, 1),
        .mode = store_sql_text(statement, 2),
        .scenario = store_sql_text(statement, 3),
        .file = store_sql_text(statement, 4),
        .strategy = store_sql_text(statement, 5),
        .seed = strtoull(seed, NULL, 10),
        .status = status_of(status, process),
        .digest = store_sql_text(statement, 9),
        .cells = number_or_none(statement, 10),
        .wakes = number_or_none(statement, 11),
        .virtual_ns = number_or_none(statement, 12),
        .missed = number_or_none(statement, 13),
        .death_at_ns = number_or_none(statement, 14),
    };
    free(status);
    free(process);
    free(seed);
    return entry;
}

int store_list(struct store *store, struct store_entry **entries, size_t *count,
               struct error *error) {
    *entries = NULL;
    *count = 0;
    sqlite3_stmt *statement = store_sql_prepare(
        store,
        "SELECT l.run, l.started_at, l.mode, l.scenario, l.file, l.strategy, l.seed, l.status,"
        " r.process, l.digest, l.cells, l.wakes, l.virtual_ns, l.missed, l.death_at_ns"
        " FROM run_list AS l JOIN runs AS r ON r.number = l.run ORDER BY l.run",
        reading, error);
    if (!statement) {
        return -1;
    }
    size_t room = 0;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (*count == room) {
            room = room ? 2 * room : 64;
            *entries = memory_grow(*entries, room, sizeof **entries);
        }
        (*entries)[(*count)++] = read_entry(statement);
    }
    int result = code == SQLITE_DONE ? 0 : store_sql_failed(store, reading, error);
    sqlite3_finalize(statement);
    if (result < 0) {
        store_entries_free(*entries, *count);
        *entries = NULL;
        *count = 0;
    }
    return result;
}

void store_entries_free(struct store_entry *entries, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(entries[i].started_at);
        free(entries[i].mode);
        free(entries[i].scenario);
        free(entries[i].file);
        free(entries[i].strategy);
        free(entries[i].digest);
    }
    free(entries);
}

/* Steps to the one row of a run: 0; none, or a failure: -1. */
static int find_run(struct store *store, sqlite3_stmt *statement, int64_t run,
                    struct error *error) {
    sqlite3_bind_int64(statement, 1, run);
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        return 0;
    }
    if (code != SQLITE_DONE) {
        return store_sql_failed(store, reading, error);
    }
    return error_set(error, "there is no run %" PRId64 " in %s: `nerve runs` lists them", run,
                     store->path);
}

int store_text(struct store *store, int64_t run, char **text, struct error *error) {
    sqlite3_stmt *statement =
        store_sql_prepare(store, "SELECT scenario_text FROM runs WHERE number = ?", reading, error);
    if (!statement) {
        return -1;
    }
    int result = find_run(store, statement, run, error);
    if (result == 0) {
        *text = store_sql_text(statement, 0);
    }
    sqlite3_finalize(statement);
    return result;
}

static void add_value(struct figures *f, const char *kind, int64_t number, const char *text,
                      const char *path) {
    if (strcmp(kind, "number") == 0) {
        figures_number(f, number, "%s", path);
    } else if (strcmp(kind, "decimal") == 0) {
        figures_decimal(f, number, "%s", path);
    } else if (strcmp(kind, "bool") == 0) {
        figures_bool(f, number != 0, "%s", path);
    } else if (strcmp(kind, "text") == 0) {
        figures_text(f, text, "%s", path);
    } else if (strcmp(kind, "list") == 0) {
        figures_list(f, text, "%s", path);
    } else {
        bool none = strcmp(kind, "none") == 0;
        figures_no_value(f, none ? FIGURE_NONE : FIGURE_UNKNOWN, "%s", path);
    }
}

static const char *held_kind(const char *held) {
    if (strcmp(held, "true") == 0 || strcmp(held, "false") == 0) {
        return "bool";
    }
    return strcmp(held, "none") == 0 ? "none" : "text";
}

/* Columns: what, path, kind, number, text, held. */
static void add_row(struct figures *f, sqlite3_stmt *row) {
    char *what = store_sql_text(row, 0);
    char *path = store_sql_text(row, 1);
    char *kind = store_sql_text(row, 2);
    char *text = store_sql_text(row, 4);
    char *held = store_sql_text(row, 5);
    char *expected = store_sql_text(row, 6);
    int64_t number = sqlite3_column_int64(row, 3);
    /* A figure that this program does not know (another version wrote it) is left out. */
    if (strcmp(what, "expectation") == 0) {
        char name[256];
        snprintf(name, sizeof name, "expect.%s", path);
        figures_text(f, expected, "%s.text", name);
        strncat(name, ".value", sizeof name - strlen(name) - 1);
        add_value(f, kind, number, text, name);
        name[strlen(name) - strlen(".value")] = '\0';
        strncat(name, ".held", sizeof name - strlen(name) - 1);
        add_value(f, held_kind(held), strcmp(held, "true") == 0, held, name);
    } else if (figures_row(path)) {
        add_value(f, kind, number, text, path);
    }
    free(what);
    free(path);
    free(kind);
    free(text);
    free(held);
    free(expected);
}

static int add_figures(struct store *store, int64_t run, struct figures *f, struct error *error) {
    sqlite3_stmt *rows = store_sql_prepare(
        store,
        "SELECT 'scalar', path, kind, number, text, '', '', ordinal FROM scalars WHERE run = ?1"
        " UNION ALL SELECT 'percentile', path || '.' || p,"
        "  CASE WHEN value IS NULL THEN 'none' ELSE 'number' END, value, '', '', '', ordinal"
        "  FROM percentiles WHERE run = ?1"
        " UNION ALL SELECT 'expectation', name, value_kind, value_number, value_text, held, text,"
        "  ordinal FROM expectations WHERE run = ?1 ORDER BY 8",
        reading, error);
    if (!rows) {
        return -1;
    }
    sqlite3_bind_int64(rows, 1, run);
    int code;
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        add_row(f, rows);
    }
    int result = code == SQLITE_DONE ? 0 : store_sql_failed(store, reading, error);
    sqlite3_finalize(rows);
    return result;
}

int store_figures(struct store *store, int64_t run, struct figures *f, struct error *error) {
    sqlite3_stmt *statement = store_sql_prepare(
        store, "SELECT status, process FROM runs WHERE number = ?", reading, error);
    if (!statement) {
        return -1;
    }
    int result = find_run(store, statement, run, error);
    if (result == 0) {
        char *status = store_sql_text(statement, 0);
        char *process = store_sql_text(statement, 1);
        figures_number(f, run, "run");
        figures_text(f, store->path, "db");
        figures_text(f, store_status_name(status_of(status, process)), "status");
        free(status);
        free(process);
    }
    sqlite3_finalize(statement);
    return result < 0 ? -1 : add_figures(store, run, f, error);
}
