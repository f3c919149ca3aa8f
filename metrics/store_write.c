#include "metrics/store_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/assert.h"
#include "base/memory.h"
#include "metrics/store_sql.h"

static int begin(struct store *store, const char *doing, struct error *error) {
    return store_sql_run(store, "BEGIN IMMEDIATE", doing, error);
}

/* Commits what went well; takes back what did not, and keeps its error. */
static int end(struct store *store, int result, const char *doing, struct error *error) {
    if (result == 0) {
        result = store_sql_run(store, "COMMIT", doing, error);
    }
    if (result < 0 && !sqlite3_get_autocommit(store->db)) {
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return result;
}

static const char *kind_name(enum figure_kind kind) {
    static const char *const name[] = {
        [FIGURE_NUMBER] = "number", [FIGURE_DECIMAL] = "decimal", [FIGURE_BOOL] = "bool",
        [FIGURE_TEXT] = "text",     [FIGURE_NONE] = "none",       [FIGURE_UNKNOWN] = "unknown",
        [FIGURE_LIST] = "list",
    };
    return name[kind];
}

static bool has_number(enum figure_kind kind) {
    return kind == FIGURE_NUMBER || kind == FIGURE_DECIMAL || kind == FIGURE_BOOL;
}

struct writer {
    struct store *store;
    int64_t run;
    struct error *error;
    sqlite3_stmt *scalar, *percentile, *expectation;
};

static const char *const writing_figures = "writing a run's figures";

static int write_scalar(struct writer *w, int64_t ordinal, const struct figure *figure) {
    sqlite3_bind_int64(w->scalar, 1, w->run);
    sqlite3_bind_int64(w->scalar, 2, ordinal);
    store_sql_bind_text(w->scalar, 3, figure->path);
    store_sql_bind_text(w->scalar, 4, kind_name(figure->kind));
    if (has_number(figure->kind)) {
        sqlite3_bind_int64(w->scalar, 5, figure->number);
    } else {
        sqlite3_bind_null(w->scalar, 5);
    }
    store_sql_bind_text(w->scalar, 6, figure->text);
    return store_sql_step(w->store, w->scalar, writing_figures, w->error);
}

/* "signals.debug.latency_ns.p99" is a percentile: a time by one of those names, or never. */
static const char *percentile_of(const struct figure *figure) {
    static const char *const names[] = {"p50", "p90", "p99", "p999", "max", "mean"};
    const char *last = strrchr(figure->path, '.');
    if (!last || strcmp(figures_table[figure->row].unit, "ns") != 0 ||
        (figure->kind != FIGURE_NUMBER && figure->kind != FIGURE_NONE)) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(last + 1, names[i]) == 0) {
            return last;
        }
    }
    return NULL;
}

static int write_percentile(struct writer *w, int64_t ordinal, const struct figure *figure,
                            const char *last) {
    sqlite3_bind_int64(w->percentile, 1, w->run);
    sqlite3_bind_int64(w->percentile, 2, ordinal);
    sqlite3_bind_text(w->percentile, 3, figure->path, (int)(last - figure->path), SQLITE_TRANSIENT);
    store_sql_bind_text(w->percentile, 4, last + 1);
    if (figure->kind == FIGURE_NUMBER) {
        sqlite3_bind_int64(w->percentile, 5, figure->number);
    } else {
        sqlite3_bind_null(w->percentile, 5);
    }
    return store_sql_step(w->store, w->percentile, writing_figures, w->error);
}

/* expect.NAME.text, .value and .held come one after the other; together they are one row. */
static int write_expectation(struct writer *w, int64_t ordinal, const struct figure *three) {
    const char *path = three[0].path;
    const char *name = strchr(path, '.') + 1;
    NERVE_ASSERT(strstr(three[1].path, ".value") && strstr(three[2].path, ".held"));
    char held[32];
    figures_value_text(&three[2], held, sizeof held);
    sqlite3_bind_int64(w->expectation, 1, w->run);
    sqlite3_bind_int64(w->expectation, 2, ordinal);
    sqlite3_bind_text(w->expectation, 3, name, (int)(strrchr(path, '.') - name), SQLITE_TRANSIENT);
    store_sql_bind_text(w->expectation, 4, three[0].text);
    store_sql_bind_text(w->expectation, 5, kind_name(three[1].kind));
    if (has_number(three[1].kind)) {
        sqlite3_bind_int64(w->expectation, 6, three[1].number);
    } else {
        sqlite3_bind_null(w->expectation, 6);
    }
    store_sql_bind_text(w->expectation, 7, three[1].text);
    store_sql_bind_text(w->expectation, 8, held);
    return store_sql_step(w->store, w->expectation, writing_figures, w->error);
}

static bool is_the_stores_own(const char *path) {
    return strcmp(path, "run") == 0 || strcmp(path, "db") == 0 || strcmp(path, "status") == 0;
}

static int write_each(struct writer *w, const struct figures *figures) {
    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *figure = &figures->figure[i];
        const char *last = percentile_of(figure);
        int result = 0;
        if (is_the_stores_own(figure->path)) {
            continue;
        }
        if (strncmp(figure->path, "expect.", 7) == 0) {
            NERVE_ASSERT(i + 2 < figures->count);
            result = write_expectation(w, (int64_t)i, figure);
            i += 2;
        } else if (last) {
            result = write_percentile(w, (int64_t)i, figure, last);
        } else {
            result = write_scalar(w, (int64_t)i, figure);
        }
        if (result < 0) {
            return -1;
        }
    }
    return 0;
}

static int write_figures(struct store *store, int64_t run, const struct figures *figures,
                         struct error *error) {
    struct writer w = {.store = store, .run = run, .error = error};
    w.scalar = store_sql_prepare(store, "INSERT INTO scalars VALUES(?, ?, ?, ?, ?, ?)",
                                 writing_figures, error);
    w.percentile = store_sql_prepare(store, "INSERT INTO percentiles VALUES(?, ?, ?, ?, ?)",
                                     writing_figures, error);
    w.expectation = store_sql_prepare(
        store, "INSERT INTO expectations VALUES(?, ?, ?, ?, ?, ?, ?, ?)", writing_figures, error);
    int result = w.scalar && w.percentile && w.expectation ? write_each(&w, figures) : -1;
    sqlite3_finalize(w.scalar);
    sqlite3_finalize(w.percentile);
    sqlite3_finalize(w.expectation);
    return result;
}

static void write_now(char text[32]) {
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(text, 32, "%Y-%m-%d %H:%M:%S", &utc);
}

static int write_run(struct store *store, const struct store_run *what, int64_t run,
                     struct error *error) {
    const char *doing = "beginning a run";
    sqlite3_stmt *statement = store_sql_prepare(
        store, "INSERT INTO runs VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', NULL)",
        doing, error);
    if (!statement) {
        return -1;
    }
    char now[32], seed[24];
    write_now(now);
    snprintf(seed, sizeof seed, "%" PRIu64, what->seed); /* SQLite's integers end at 2^63 */
    char *process = store_process_own();
    const char *const text[] = {now,        what->mode,     what->scenario, what->title,
                                what->file, what->strategy, seed,           what->sha256,
                                what->text, what->version,  what->commit,   process};
    sqlite3_bind_int64(statement, 1, run);
    for (int i = 0; i < (int)(sizeof text / sizeof *text); i++) {
        store_sql_bind_text(statement, i + 2, text[i]);
    }
    int result = store_sql_step(store, statement, doing, error);
    sqlite3_finalize(statement);
    free(process);
    return result;
}

int store_begin(struct store *store, const struct store_run *what, const struct figures *known,
                int64_t *run, struct error *error) {
    const char *doing = "beginning a run";
    if (begin(store, doing, error) < 0) {
        return -1;
    }
    int result = store_sql_run(store, "INSERT INTO records(kind) VALUES('run')", doing, error);
    *run = sqlite3_last_insert_rowid(store->db);
    if (result == 0) {
        result = write_run(store, what, *run, error);
    }
    if (result == 0) {
        result = write_figures(store, *run, known, error);
    }
    return end(store, result, doing, error);
}

static int write_sample(struct store *store, sqlite3_stmt *statement, int64_t run,
                        const struct tally_sample *s, struct error *error) {
    const struct {
        const char *name;
        int64_t value;
    } values[] = {
        {"wakes", (int64_t)s->wakes},
        {"storm_wakes", (int64_t)s->storm_wakes},
        {"busy_ns", s->busy_ns},
        {"sent", (int64_t)s->sent},
        {"delivered", (int64_t)s->delivered},
        {"dropped", (int64_t)s->dropped},
        {"waiting", (int64_t)s->waiting},
        {"backlog", (int64_t)s->backlog},
        {"behind", (int64_t)s->behind},
        {"memory_bytes", s->memory_bytes},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        sqlite3_bind_int64(statement, 1, run);
        sqlite3_bind_text(statement, 2, values[i].name, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 3, s->from_ns);
        sqlite3_bind_int64(statement, 4, values[i].value);
        if (store_sql_step(store, statement, "writing samples", error) < 0) {
            return -1;
        }
    }
    return 0;
}

int store_write_held(struct store *store, struct error *error) {
    const char *doing = "writing samples";
    size_t held = store->held;
    store->held = 0;
    if (held == 0) {
        return 0;
    }
    if (begin(store, doing, error) < 0) {
        return -1;
    }
    sqlite3_stmt *statement =
        store_sql_prepare(store, "INSERT INTO series VALUES(?, ?, ?, ?)", doing, error);
    int result = statement ? 0 : -1;
    for (size_t i = 0; i < held && result == 0; i++) {
        result = write_sample(store, statement, store->held_run, &store->sample[i], error);
    }
    sqlite3_finalize(statement);
    return end(store, result, doing, error);
}

int store_sample(struct store *store, int64_t run, const struct tally_sample *sample,
                 struct error *error) {
    if (store->held > 0 && (store->held == STORE_HELD_SAMPLES || store->held_run != run) &&
        store_write_held(store, error) < 0) {
        return -1;
    }
    store->held_run = run;
    store->sample[store->held++] = *sample;
    return 0;
}

static int write_end(struct store *store, int64_t run, enum store_status status,
                     const struct figures *figures, struct error *error) {
    static const char *const removals[] = {"DELETE FROM scalars WHERE run = ?",
                                           "DELETE FROM percentiles WHERE run = ?",
                                           "DELETE FROM expectations WHERE run = ?"};
    for (size_t i = 0; i < sizeof removals / sizeof *removals; i++) {
        sqlite3_stmt *remove = store_sql_prepare(store, removals[i], writing_figures, error);
        if (!remove) {
            return -1;
        }
        sqlite3_bind_int64(remove, 1, run);
        int result = store_sql_step(store, remove, writing_figures, error);
        sqlite3_finalize(remove);
        if (result < 0) {
            return -1;
        }
    }
    if (write_figures(store, run, figures, error) < 0) {
        return -1;
    }
    sqlite3_stmt *update = store_sql_prepare(
        store, "UPDATE runs SET status = ?, digest = ? WHERE number = ?", writing_figures, error);
    if (!update) {
        return -1;
    }
    const struct figure *digest = figures_find(figures, "digest");
    store_sql_bind_text(update, 1, store_status_name(status));
    store_sql_bind_text(update, 2, digest ? digest->text : NULL);
    sqlite3_bind_int64(update, 3, run);
    int result = store_sql_step(store, update, writing_figures, error);
    sqlite3_finalize(update);
    return result;
}

int store_end(struct store *store, int64_t run, enum store_status status,
              const struct figures *figures, struct error *error) {
    if (store_write_held(store, error) < 0 || begin(store, writing_figures, error) < 0) {
        return -1;
    }
    return end(store, write_end(store, run, status, figures, error), writing_figures, error);
}
