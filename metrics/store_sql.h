/*
 * What the store's files share: the handle, statements, errors. Only metrics/store*.c include it.
 */
#ifndef NERVE_METRICS_STORE_SQL_H
#define NERVE_METRICS_STORE_SQL_H

#include <sqlite3.h>
#include <stdbool.h>

#include "metrics/store.h"

enum { STORE_HELD_SAMPLES = 512, STORE_WAIT_MS = 10000, STORE_SCHEMA_VERSION = 1 };

struct store {
    sqlite3 *db;
    char *path;
    enum store_use use;
    size_t held;
    int64_t held_run;
    struct tally_sample *sample; /* STORE_HELD_SAMPLES of them */
};

/* Fills the error from the last failure of SQLite, as people can act on it; returns -1. */
int store_sql_failed(struct store *store, const char *doing, struct error *error);

/* Runs statements that return nothing. */
int store_sql_run(struct store *store, const char *sql, const char *doing, struct error *error);

/* NULL on a failure. */
sqlite3_stmt *store_sql_prepare(struct store *store, const char *sql, const char *doing,
                                struct error *error);

/* Steps a statement that returns no row, and makes it ready for the next. */
int store_sql_step(struct store *store, sqlite3_stmt *statement, const char *doing,
                   struct error *error);

void store_sql_bind_text(sqlite3_stmt *statement, int column, const char *text);

/* A column's text, "" for NULL; freed with free(). */
char *store_sql_text(sqlite3_stmt *statement, int column);

/* Creates or migrates the tables and views. */
int store_schema_prepare(struct store *store, struct error *error);

/* Who runs: this process, so that another can tell whether it is still there. Freed with free(). */
char *store_process_own(void);
bool store_process_lives(const char *process);

#endif
