/*
 * The store: figures of runs in one SQLite file, so that they can be found again, replayed and
 * compared. It takes figures, samples and texts, never a signal.
 *
 * Ownership: store_open creates the handle, store_close ends it. One thread a handle; any number
 * of processes may use one file at once (a writer waits up to 10 s for another's batch). Errors:
 * every function that can fail returns -1 with a text that says what to do. Opening a store makes
 * the process ignore SIGXFSZ: a file-size limit is an error here, not a death.
 */
#ifndef NERVE_METRICS_STORE_H
#define NERVE_METRICS_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "metrics/figures.h"
#include "metrics/tally.h"

struct store;

enum store_use {
    STORE_READ,  /* the file must be there; a read-only one will do */
    STORE_WRITE, /* creates the file where there is none */
};

enum store_status {
    STORE_RUNNING,
    STORE_OK,
    STORE_STOPPED,
    STORE_FAILED,
    STORE_INTERRUPTED, /* also: whoever ran it is gone without a word (killed, power) */
};

/* What a run is, known as it begins. */
struct store_run {
    const char *mode; /* "sim", "live" */
    const char *scenario, *title, *file, *strategy;
    const char *text;   /* the resolved scenario, whole: enough to run it again */
    const char *sha256; /* of the text */
    uint64_t seed;
    const char *version, *commit; /* nerve's own */
};

/* A run as a list shows it. Texts are owned; what is not known (yet) is "" or -1. */
struct store_entry {
    int64_t run;
    char *started_at; /* UTC, 2026-01-31 12:00:00 */
    char *mode, *scenario, *file, *strategy, *digest;
    uint64_t seed;
    enum store_status status;
    int64_t cells, wakes, virtual_ns, missed; /* missed: expectations */
    int64_t death_at_ns; /* of the first host that died; -1: all lived, or not known */
};

/* NULL on a failure: no database, not nerve's, newer than this program, not to be written. */
struct store *store_open(const char *path, enum store_use use, struct error *error);

/* Writes what is still held back, checkpoints and closes. The handle is gone, also on -1. */
int store_close(struct store *store, struct error *error);

/* The path, as given. */
const char *store_path(const struct store *store);

/* Begins a run: takes a number of the one series, never given twice, and writes what is known. */
int store_begin(struct store *store, const struct store_run *what, const struct figures *known,
                int64_t *run, struct error *error);

/* Adds a window's sample. Held back and written some hundred windows at a time. */
int store_sample(struct store *store, int64_t run, const struct tally_sample *sample,
                 struct error *error);

/* Ends a run: its figures replace those that it began with. All of it or nothing. The figures
 * `run`, `db` and `status` are the store's own: not taken, and added by store_figures. */
int store_end(struct store *store, int64_t run, enum store_status status,
              const struct figures *figures, struct error *error);

/* All runs, the oldest first. Freed with store_entries_free. */
int store_list(struct store *store, struct store_entry **entries, size_t *count,
               struct error *error);
void store_entries_free(struct store_entry *entries, size_t count);

/* A run's figures, in their order, added to f. -1: no such run, too. */
int store_figures(struct store *store, int64_t run, struct figures *f, struct error *error);

/* A run's resolved scenario; freed with free(). -1: no such run, too. */
int store_text(struct store *store, int64_t run, char **text, struct error *error);

/* "running", "ok", "stopped", "failed", "interrupted". */
const char *store_status_name(enum store_status status);

#endif
