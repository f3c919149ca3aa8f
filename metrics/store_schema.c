/*
 * The store's tables and views, version by version. A version that has been released never
 * changes; a new one is a new entry of `migrations`. docs/store.md describes what is here.
 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "metrics/store_sql.h"

static const char first_tables[] =
    /* One series of numbers for all that is stored (runs now; comparisons and limits later). */
    "CREATE TABLE records(number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL);"
    "CREATE TABLE runs("
    " number INTEGER PRIMARY KEY REFERENCES records(number),"
    " started_at TEXT NOT NULL, mode TEXT NOT NULL, scenario TEXT NOT NULL, title TEXT NOT NULL,"
    " file TEXT NOT NULL, strategy TEXT NOT NULL, seed TEXT NOT NULL, sha256 TEXT NOT NULL,"
    " scenario_text TEXT NOT NULL, nerve_version TEXT NOT NULL, nerve_commit TEXT NOT NULL,"
    " process TEXT NOT NULL, status TEXT NOT NULL, digest TEXT);"
    "CREATE TABLE scalars("
    " run INTEGER NOT NULL REFERENCES runs(number), ordinal INTEGER NOT NULL, path TEXT NOT NULL,"
    " kind TEXT NOT NULL, number INTEGER, text TEXT, PRIMARY KEY(run, path)) WITHOUT ROWID;"
    "CREATE TABLE percentiles("
    " run INTEGER NOT NULL REFERENCES runs(number), ordinal INTEGER NOT NULL, path TEXT NOT NULL,"
    " p TEXT NOT NULL, value INTEGER, PRIMARY KEY(run, path, p)) WITHOUT ROWID;"
    "CREATE TABLE expectations("
    " run INTEGER NOT NULL REFERENCES runs(number), ordinal INTEGER NOT NULL, name TEXT NOT NULL,"
    " text TEXT NOT NULL, value_kind TEXT NOT NULL, value_number INTEGER, value_text TEXT,"
    " held TEXT NOT NULL, PRIMARY KEY(run, name)) WITHOUT ROWID;"
    "CREATE TABLE series("
    " run INTEGER NOT NULL REFERENCES runs(number), name TEXT NOT NULL, time_ns INTEGER NOT NULL,"
    " value INTEGER NOT NULL, PRIMARY KEY(run, name, time_ns)) WITHOUT ROWID;";

static const char first_views[] =
    "CREATE VIEW run_list AS SELECT number AS run, started_at, mode, scenario, title, file,"
    " strategy, seed, status, digest,"
    " (SELECT number FROM scalars WHERE run = r.number AND path = 'colony.cells') AS cells,"
    " (SELECT number FROM scalars WHERE run = r.number AND path = 'speed.wakes') AS wakes,"
    " (SELECT number FROM scalars WHERE run = r.number AND path = 'time.virtual_ns')"
    "   AS virtual_ns,"
    " (SELECT count(*) FROM expectations WHERE run = r.number AND held = 'false') AS missed,"
    " (SELECT min(number) FROM scalars WHERE run = r.number"
    "   AND path >= 'hosts.' AND path < 'hosts/' AND path LIKE 'hosts.%.death_at_ns')"
    "   AS death_at_ns"
    " FROM runs AS r;"
    "CREATE VIEW figures AS"
    " SELECT run, path, CASE kind"
    "  WHEN 'decimal' THEN number / 1000000.0 WHEN 'number' THEN number"
    "  WHEN 'bool' THEN CASE number WHEN 0 THEN 'false' ELSE 'true' END"
    "  WHEN 'none' THEN 'none' WHEN 'unknown' THEN NULL ELSE text END AS value FROM scalars"
    " UNION ALL SELECT run, path || '.' || p, coalesce(value, 'none') FROM percentiles"
    " UNION ALL SELECT run, 'expect.' || name || '.held', held FROM expectations;"
    "CREATE VIEW latencies AS SELECT run, path,"
    " max(CASE p WHEN 'p50' THEN value END) AS p50, max(CASE p WHEN 'p90' THEN value END) AS p90,"
    " max(CASE p WHEN 'p99' THEN value END) AS p99, max(CASE p WHEN 'p999' THEN value END) AS p999,"
    " max(CASE p WHEN 'max' THEN value END) AS max, max(CASE p WHEN 'mean' THEN value END) AS mean"
    " FROM percentiles GROUP BY run, path;"
    "CREATE VIEW timeline AS SELECT run, time_ns,"
    " max(CASE name WHEN 'wakes' THEN value END) AS wakes,"
    " max(CASE name WHEN 'storm_wakes' THEN value END) AS storm_wakes,"
    " max(CASE name WHEN 'busy_ns' THEN value END) AS busy_ns,"
    " max(CASE name WHEN 'sent' THEN value END) AS sent,"
    " max(CASE name WHEN 'delivered' THEN value END) AS delivered,"
    " max(CASE name WHEN 'dropped' THEN value END) AS dropped,"
    " max(CASE name WHEN 'waiting' THEN value END) AS waiting,"
    " max(CASE name WHEN 'backlog' THEN value END) AS backlog,"
    " max(CASE name WHEN 'behind' THEN value END) AS behind,"
    " max(CASE name WHEN 'memory_bytes' THEN value END) AS memory_bytes"
    " FROM series GROUP BY run, time_ns;"
    "CREATE VIEW expected AS SELECT run, name, text, held, CASE value_kind"
    "  WHEN 'decimal' THEN value_number / 1000000.0 WHEN 'number' THEN value_number"
    "  WHEN 'bool' THEN CASE value_number WHEN 0 THEN 'false' ELSE 'true' END"
    "  WHEN 'none' THEN 'none' WHEN 'unknown' THEN NULL ELSE value_text END AS value"
    " FROM expectations;";

/* What brings a store of version i to version i + 1: texts to run, up to a NULL. */
static const char *const to_version_1[] = {first_tables, first_views, NULL};
static const char *const *const migrations[STORE_SCHEMA_VERSION] = {to_version_1};

static int read_number(struct store *store, const char *sql, int64_t *number, struct error *error) {
    const char *doing = "looking at its version";
    sqlite3_stmt *statement = store_sql_prepare(store, sql, doing, error);
    if (!statement) {
        return -1;
    }
    int result = 0;
    if (sqlite3_step(statement) == SQLITE_ROW) {
        *number = sqlite3_column_int64(statement, 0);
    } else {
        result = store_sql_failed(store, doing, error);
    }
    sqlite3_finalize(statement);
    return result;
}

/* The file's version; -1 with an error where this program cannot use it. */
static int read_version(struct store *store, int64_t *version, struct error *error) {
    int64_t tables = 0, named = 0;
    if (read_number(store, "PRAGMA user_version", version, error) < 0 ||
        read_number(store, "SELECT count(*) FROM sqlite_schema", &tables, error) < 0 ||
        read_number(store,
                    "SELECT count(*) FROM sqlite_schema WHERE name IN ('records', 'runs',"
                    " 'scalars')",
                    &named, error) < 0) {
        return -1;
    }
    if (*version > STORE_SCHEMA_VERSION && named == 3) {
        return error_set(error,
                         "%s was written by a newer nerve (schema %lld, this one knows %d): use "
                         "that, or name another file with --db",
                         store->path, (long long)*version, STORE_SCHEMA_VERSION);
    }
    if (tables > 0 && (*version == 0 || named != 3)) {
        return error_set(error,
                         "%s is an SQLite database, but not a store of nerve: name another file "
                         "with --db",
                         store->path);
    }
    return 0;
}

static int migrate(struct store *store, struct error *error) {
    const char *doing = "making its tables";
    if (store_sql_run(store, "BEGIN IMMEDIATE", doing, error) < 0) {
        return -1;
    }
    int64_t version = 0; /* again, now that nobody else can change it */
    if (read_version(store, &version, error) < 0) {
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return -1;
    }
    for (; version < STORE_SCHEMA_VERSION; version++) {
        for (const char *const *sql = migrations[version]; *sql; sql++) {
            if (store_sql_run(store, *sql, doing, error) < 0) {
                sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
                return -1;
            }
        }
    }
    char *set = sqlite3_mprintf("PRAGMA user_version = %d; COMMIT", STORE_SCHEMA_VERSION);
    NERVE_ASSERT(set);
    int result = store_sql_run(store, set, doing, error);
    sqlite3_free(set);
    if (result < 0) {
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return result;
}

int store_schema_prepare(struct store *store, struct error *error) {
    int64_t version = 0;
    /* As it is at one moment: another process may be making its tables. */
    if (store_sql_run(store, "BEGIN", "opening it", error) < 0) {
        return -1;
    }
    int known = read_version(store, &version, error);
    sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
    if (known < 0) {
        return -1;
    }
    if (version == STORE_SCHEMA_VERSION) {
        return 0;
    }
    if (version == 0 && store->use == STORE_READ) {
        return error_set(error, "%s is empty, no run is stored in it: name another with --db",
                         store->path);
    }
    return migrate(store, error);
}
