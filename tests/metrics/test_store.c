#include <criterion/criterion.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "metrics/store.h"
#include "small_plan.h"

static char folder[64], path[96];

static void set_up(void) {
    snprintf(folder, sizeof folder, "/tmp/nerve-store-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/nerve.db", folder);
}

static void clean_up(void) {
    char name[128];
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    rmdir(folder);
}

TestSuite(store, .init = set_up, .fini = clean_up);

static const struct store_run a_run = {
    .mode = "sim",
    .scenario = "small",
    .title = "A small one",
    .file = "small.yml",
    .strategy = "flat",
    .text = "name: small\n",
    .sha256 = "00",
    .seed = UINT64_MAX,
    .version = "0",
    .commit = "c",
};

static struct store *must_open(enum store_use use) {
    struct error error;
    struct store *store = store_open(path, use, &error);
    cr_assert_not_null(store, "%s", error.text);
    return store;
}

static int64_t must_begin(struct store *store) {
    struct error error;
    struct figures known = {0};
    int64_t run = 0;
    figures_text(&known, "small", "scenario.name");
    cr_assert_eq(store_begin(store, &a_run, &known, &run, &error), 0, "%s", error.text);
    figures_deinit(&known);
    return run;
}

static int64_t count(const char *sql) {
    sqlite3 *db;
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK, "%s",
                 sqlite3_errmsg(db));
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return n;
}

static void execute(const char *sql) {
    sqlite3 *db;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void write_file(const char *text) {
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

Test(store, gives_back_what_it_got) {
    struct error error;
    struct tally t;
    struct figures f = {0}, back = {0};
    tally_init(&t, small_plan());
    t.sent = t.delivered = 12;
    t.has_digest = true;
    histogram_record(t.kind[0].latency[PHASE_BEFORE], 1234, 12);
    struct store *store = must_open(STORE_WRITE);
    int64_t run = must_begin(store);
    cr_expect_eq(run, 1);
    figures_number(&f, run, "run");
    figures_text(&f, path, "db");
    figures_text(&f, "stopped", "status");
    figures_text(&f, "A small \"one\"", "scenario.title");
    figures_list(&f, "here.a\nhere.b", "profile.estimated");
    figures_from_tally(&f, &t);
    figures_text(&f, "signals.pain.rmr > 0", "expect.quick.text");
    figures_no_value(&f, FIGURE_NONE, "expect.quick.value");
    figures_bool(&f, false, "expect.quick.held");
    figures_text(&f, "aware.reflexes.p99 < 1ms", "expect.kind.text");
    figures_decimal(&f, 1500000, "expect.kind.value");
    figures_text(&f, "not known", "expect.kind.held");
    for (int i = 0; i < 1300; i++) {
        struct tally_sample sample = {.from_ns = i * 1000, .width_ns = 1000, .wakes = 2};
        cr_assert_eq(store_sample(store, run, &sample, &error), 0);
    }
    cr_assert_eq(store_end(store, run, STORE_STOPPED, &f, &error), 0, "%s", error.text);
    cr_assert_eq(store_close(store, &error), 0, "%s", error.text);

    store = must_open(STORE_READ);
    cr_assert_eq(store_figures(store, run, &back, &error), 0, "%s", error.text);
    char *text = NULL, *wanted = figures_json(&f), *got = figures_json(&back);
    cr_expect_str_eq(got, wanted);
    cr_expect_eq(store_text(store, run, &text, &error), 0);
    cr_expect_str_eq(text, a_run.text);
    struct store_entry *entries;
    size_t entry_count;
    cr_assert_eq(store_list(store, &entries, &entry_count, &error), 0);
    cr_assert_eq(entry_count, 1);
    cr_expect_eq(entries[0].status, STORE_STOPPED);
    cr_expect_eq(entries[0].seed, UINT64_MAX);
    cr_expect_eq(entries[0].missed, 1);
    cr_expect_eq(entries[0].death_at_ns, -1);
    store_entries_free(entries, entry_count);
    store_close(store, &error);
    cr_expect_eq(count("SELECT sum(value) FROM series WHERE name = 'wakes'"), 2600);
    cr_expect_eq(count("SELECT count(*) FROM timeline"), 1300);
    cr_expect_eq(count("SELECT p50 FROM latencies WHERE path = 'signals.pain.latency_ns'"), 1232);
    cr_expect_eq(count("SELECT value FROM figures WHERE path = 'account.sent'"), 12);
    free(text);
    free(wanted);
    free(got);
    figures_deinit(&f);
    figures_deinit(&back);
    tally_deinit(&t);
}

Test(store, leaves_no_log_behind) {
    char wal[128];
    struct error error;
    struct store *store = must_open(STORE_WRITE);
    must_begin(store);
    cr_expect_eq(store_close(store, &error), 0);
    snprintf(wal, sizeof wal, "%s-wal", path);
    cr_expect_neq(access(wal, F_OK), 0, "a copy of the file alone must be whole");
}

Test(store, a_run_whose_process_was_killed_is_interrupted) {
    pid_t child = fork();
    if (child == 0) {
        struct store *store = store_open(path, STORE_WRITE, NULL);
        struct figures known = {0};
        int64_t run;
        if (store && store_begin(store, &a_run, &known, &run, NULL) == 0) {
            kill(getpid(), SIGKILL);
        }
        _exit(1);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status));
    struct error error;
    struct store *store = must_open(STORE_WRITE);
    struct store_entry *entries;
    size_t entry_count;
    int64_t mine = must_begin(store);
    cr_expect_eq(mine, 2);
    cr_assert_eq(store_list(store, &entries, &entry_count, &error), 0);
    cr_assert_eq(entry_count, 2);
    cr_expect_eq(entries[0].status, STORE_INTERRUPTED);
    cr_expect_eq(entries[1].status, STORE_RUNNING, "this process is still there");
    store_entries_free(entries, entry_count);
    store_close(store, &error);
    cr_expect_eq(count("SELECT count(*) FROM runs WHERE status = 'interrupted'"), 1);
}

Test(store, two_processes_write_at_once) {
    enum { WRITERS = 4, RUNS = 5, WINDOWS = 600 };
    pid_t child[WRITERS];
    for (int w = 0; w < WRITERS; w++) {
        child[w] = fork();
        if (child[w] == 0) {
            struct store *store = store_open(path, STORE_WRITE, NULL);
            struct figures known = {0};
            for (int r = 0; store && r < RUNS; r++) {
                int64_t run;
                if (store_begin(store, &a_run, &known, &run, NULL) < 0) {
                    _exit(1);
                }
                for (int i = 0; i < WINDOWS; i++) {
                    struct tally_sample sample = {.from_ns = i, .width_ns = 1, .wakes = 1};
                    if (store_sample(store, run, &sample, NULL) < 0) {
                        _exit(2);
                    }
                }
                if (store_end(store, run, STORE_OK, &known, NULL) < 0) {
                    _exit(3);
                }
            }
            _exit(store && store_close(store, NULL) == 0 ? 0 : 4);
        }
    }
    for (int w = 0; w < WRITERS; w++) {
        int status;
        cr_assert_eq(waitpid(child[w], &status, 0), child[w]);
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "writer %d: %d", w,
                  WEXITSTATUS(status));
    }
    cr_expect_eq(count("SELECT count(*) FROM runs WHERE status = 'ok'"), WRITERS * RUNS);
    cr_expect_eq(count("SELECT max(number) FROM runs"), WRITERS * RUNS);
    cr_expect_eq(count("SELECT sum(value) FROM series WHERE name = 'wakes'"),
                 WRITERS * RUNS * WINDOWS);
}

static void expect_refusal(enum store_use use, const char *words) {
    struct error error = {.text = ""};
    cr_expect_null(store_open(path, use, &error));
    cr_expect_not_null(strstr(error.text, words), "%s", error.text);
    cr_expect_not_null(strstr(error.text, "--db"), "what to do: %s", error.text);
}

Test(store, refuses_what_is_not_its_own) {
    write_file("This is a letter, and not a database at all, however long one makes it to be, "
               "so that it holds more than the hundred bytes of a header.\n");
    expect_refusal(STORE_WRITE, "not a store of nerve");
    unlink(path);
    execute("CREATE TABLE letters(text)");
    expect_refusal(STORE_WRITE, "an SQLite database, but not a store of nerve");
    expect_refusal(STORE_READ, "an SQLite database, but not a store of nerve");
}

Test(store, refuses_a_newer_one) {
    struct error error;
    store_close(must_open(STORE_WRITE), &error);
    execute("PRAGMA user_version = 99");
    expect_refusal(STORE_WRITE, "written by a newer nerve (schema 99, this one knows 1)");
    expect_refusal(STORE_READ, "newer nerve");
}

Test(store, says_when_there_is_none) {
    expect_refusal(STORE_READ, "there is no store");
    write_file("");
    expect_refusal(STORE_READ, "is empty");
    unlink(path);
    snprintf(path, sizeof path, "%s/none/nerve.db", folder);
    expect_refusal(STORE_WRITE, "cannot be opened");
}

Test(store, says_when_a_run_is_not_there) {
    struct error error;
    struct figures f = {0};
    char *text;
    struct store *store = must_open(STORE_WRITE);
    cr_expect_eq(store_figures(store, 7, &f, &error), -1);
    cr_expect_not_null(strstr(error.text, "there is no run 7"));
    cr_expect_eq(store_text(store, 7, &text, &error), -1);
    store_close(store, &error);
}

/* A file-size limit stands for a full disk: SQLite sees the same short write. */
Test(store, a_full_disk_is_an_error_and_loses_nothing_that_was_written) {
    pid_t child = fork();
    if (child == 0) {
        struct error error = {.text = ""};
        struct store *store = store_open(path, STORE_WRITE, &error);
        struct figures known = {0};
        int64_t run;
        if (!store || store_begin(store, &a_run, &known, &run, &error) < 0) {
            _exit(1);
        }
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){200000, 200000});
        int result = 0;
        for (int i = 0; i < 100000 && result == 0; i++) {
            struct tally_sample sample = {.from_ns = i, .width_ns = 1, .wakes = 1};
            result = store_sample(store, run, &sample, &error);
        }
        _exit(result < 0 && strstr(error.text, "--db") ? 0 : 2);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%d", status);
    cr_expect_eq(count("SELECT count(*) FROM runs"), 1);
    cr_expect_eq(count("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
                 1);
}
