/*
 * The rule that no signal is ever written to SQLite: the schema and the whole content of a store
 * are read after a run, and the store's interface is read for what it takes.
 */
#include <criterion/criterion.h>
#include <ctype.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "metrics/store.h"
#include "scenarios/language/scenario.h"
#include "sim/sim.h"

/* Every emission publishes to all: thousands of copies; payloads of a size that nothing else has.
 */
static const char scenario_text[] =
    "name: chatter\n"
    "run: {duration: 1s, sample: 100ms, seed: 1}\n"
    "hosts: {here: {profile: epyc-2}}\n"
    "colony: {cells: 200, nodes: 4, domains: 2, types: {eye: 10%, tissue: rest}}\n"
    "genome:\n"
    "  signals: {stimulus: {size: 777B}, shout: {size: 333B}}\n"
    "  types:\n"
    "    tissue: {subscribe: {all: secret.subject}, states: {sleeping: {}}}\n"
    "    eye:\n"
    "      states:\n"
    "        watching:\n"
    "          stimulus: {work: 1us, publish: {signal: shout, subject: secret.subject}}\n"
    "workload: {knocks: {signal: stimulus, to: {type: eye}, every: 10ms}}\n"
    "partitioning: {strategy: flat}\n";

enum { SAMPLES = 10, SERIES = 10, MOST_FIGURES = 600 };

static char path[64];

struct under_way {
    struct store *store;
    int64_t run;
};

static void on_sample(void *context, const struct tally_sample *sample) {
    struct under_way *u = context;
    struct error error;
    cr_assert_eq(store_sample(u->store, u->run, sample, &error), 0, "%s", error.text);
}

/* Runs the scenario into the store; returns how many copies were sent. */
static int64_t run_into_store(void) {
    struct error error;
    struct scenario scenario;
    const struct scenario_options options = {.messages = stderr};
    cr_assert_eq(scenario_load_text(&scenario, scenario_text, "chatter", &options), 0);
    struct under_way u = {.store = store_open(path, STORE_WRITE, &error)};
    cr_assert_not_null(u.store, "%s", error.text);
    const struct store_run what = {"sim",         "chatter", "", "chatter.yml", "flat",
                                   scenario.text, "00",      1,  "0",           "c"};
    struct figures f = {0};
    struct tally tally;
    cr_assert_eq(store_begin(u.store, &what, &f, &u.run, &error), 0, "%s", error.text);
    const struct sim_options sim_options = {.hooks = {.context = &u, .sample = on_sample},
                                            .bucket_bits = -1};
    struct sim *sim = sim_create(&scenario.plan, &sim_options, &error);
    cr_assert_not_null(sim, "%s", error.text);
    sim_run(sim);
    tally_init(&tally, &scenario.plan);
    sim_tally(sim, &tally);
    int64_t sent = (int64_t)tally.sent;
    figures_from_tally(&f, &tally);
    cr_assert_eq(store_end(u.store, u.run, STORE_OK, &f, &error), 0, "%s", error.text);
    cr_assert_eq(store_close(u.store, &error), 0, "%s", error.text);
    figures_deinit(&f);
    sim_destroy(sim);
    tally_deinit(&tally);
    scenario_deinit(&scenario);
    return sent;
}

/* Words that a column of a signal, a copy or a wake would be called by. */
static const char *const forbidden_columns[] = {
    "signal", "copy",   "copies", "wake", "event",     "payload", "message", "subject",
    "target", "sender", "origin", "cell", "recipient", "hop",     "queue",   "mailbox",
};

static bool has_word(const char *name, const char *word) {
    size_t bytes = strlen(word);
    for (const char *at = name; *at;) {
        size_t part = strcspn(at, "_");
        if (part == bytes && strncasecmp(at, word, bytes) == 0) {
            return true;
        }
        at += part + (at[part] == '_');
    }
    return false;
}

static void check_column(const char *table, const char *column) {
    for (size_t i = 0; i < sizeof forbidden_columns / sizeof *forbidden_columns; i++) {
        cr_expect_not(has_word(column, forbidden_columns[i]), "%s.%s", table, column);
    }
}

/* Reads every value of a table; returns its rows. */
static int64_t read_table(sqlite3 *db, const char *table) {
    char sql[128];
    sqlite3_stmt *rows;
    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", table);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
    int columns = sqlite3_column_count(rows);
    for (int c = 0; c < columns; c++) {
        check_column(table, sqlite3_column_name(rows, c));
    }
    int64_t count = 0;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        count++;
        for (int c = 0; c < columns; c++) {
            const char *name = sqlite3_column_name(rows, c);
            cr_expect_neq(sqlite3_column_type(rows, c), SQLITE_BLOB, "%s.%s", table, name);
            const char *text = (const char *)sqlite3_column_text(rows, c);
            bool is_scenario = strcmp(name, "scenario_text") == 0;
            cr_expect(is_scenario || !text || !strstr(text, "secret.subject"), "%s.%s: %s", table,
                      name, text);
            cr_expect(is_scenario || sqlite3_column_bytes(rows, c) < 256, "%s.%s: %s", table, name,
                      text);
        }
    }
    sqlite3_finalize(rows);
    return count;
}

/* What a table may hold at most, whatever the run sent. */
static int64_t bound_of(const char *table) {
    static const struct {
        const char *table;
        int64_t rows;
    } bounds[] = {
        {"records", 1},
        {"runs", 1},
        {"sqlite_sequence", 1},
        {"scalars", MOST_FIGURES},
        {"percentiles", MOST_FIGURES},
        {"expectations", 0},
        {"series", (SAMPLES + 1) * SERIES},
    };
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        if (strcmp(bounds[i].table, table) == 0) {
            return bounds[i].rows;
        }
    }
    return -1;
}

static void make_path(void) {
    snprintf(path, sizeof path, "/tmp/nerve-no-signal-XXXXXX");
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    close(file);
}

static void remove_store(void) {
    unlink(path);
}

Test(store_holds_no_signal, in_schema_and_content_after_a_run, .init = make_path,
     .fini = remove_store) {
    sqlite3 *db;
    sqlite3_stmt *tables;
    int64_t sent = run_into_store();
    cr_assert_gt(sent, 10 * MOST_FIGURES, "enough copies for a row each to show: %ld", (long)sent);
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table'", -1,
                                    &tables, NULL),
                 SQLITE_OK);
    int seen = 0;
    while (sqlite3_step(tables) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(tables, 0);
        int64_t rows = read_table(db, table), bound = bound_of(table);
        cr_expect_geq(bound, 0, "a table that this test does not know: %s", table);
        cr_expect_leq(rows, bound, "%s has %ld rows", table, (long)rows);
        seen++;
    }
    cr_expect_geq(seen, 6);
    sqlite3_finalize(tables);
    sqlite3_close(db);
}

static char *read_file(const char *name) {
    FILE *file = fopen(name, "r");
    cr_assert_not_null(file, "%s (run from the top folder)", name);
    char *text = NULL;
    size_t room = 0;
    cr_assert_gt(getdelim(&text, &room, '\0', file), 0);
    fclose(file);
    return text;
}

static void remove_comments(char *text) {
    for (char *begin; (begin = strstr(text, "/*")) != NULL;) {
        char *end = strstr(begin, "*/");
        cr_assert_not_null(end);
        memset(begin, ' ', (size_t)(end + 2 - begin));
    }
}

/* Words of a parameter list that would name something in flight. struct tally_sample and struct
 * figures are counts. */
static const char *const forbidden_parameters[] = {"signal",  "copy",    "wake",       "event",
                                                   "message", "payload", "publication"};

Test(store_holds_no_signal, nor_does_its_interface_take_one) {
    char *text = read_file("metrics/store.h");
    remove_comments(text);
    int lists = 0;
    for (const char *open = strchr(text, '('); open; open = strchr(open + 1, '(')) {
        size_t bytes = strcspn(open, ")");
        char list[1024];
        cr_assert_lt(bytes, sizeof list);
        for (size_t i = 0; i < bytes; i++) {
            list[i] = (char)tolower((unsigned char)open[i]);
        }
        list[bytes] = '\0';
        lists++;
        for (size_t i = 0; i < sizeof forbidden_parameters / sizeof *forbidden_parameters; i++) {
            cr_expect_null(strstr(list, forbidden_parameters[i]), "metrics/store.h: %s)", list);
        }
    }
    cr_expect_geq(lists, 10, "the interface was found");
    free(text);
}
