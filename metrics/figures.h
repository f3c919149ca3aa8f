/*
 * Figures: the named results of a run (docs/figures.md), as a list of (path, value). One table
 * declares every path there can be, with unit, meaning and modes; from it come `nerve explain
 * figures`, the reference page and the check of expectations.
 *
 * Ownership: figures_deinit frees. Deterministic order: that of the table.
 */
#ifndef NERVE_METRICS_FIGURES_H
#define NERVE_METRICS_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metrics/tally.h"

enum figure_kind {
    FIGURE_NUMBER,  /* ns, bytes, ppm, counts */
    FIGURE_DECIMAL, /* millionths; shown with six places */
    FIGURE_BOOL,
    FIGURE_TEXT,
    FIGURE_NONE,    /* never happened: the word none */
    FIGURE_UNKNOWN, /* this mode cannot know it: null, "not known" */
    FIGURE_LIST,    /* texts, one a line in `text`; JSON: an array */
};

struct figure {
    char *path; /* "signals.debug.latency_ns.p99" */
    enum figure_kind kind;
    int64_t number;
    char *text; /* FIGURE_TEXT, FIGURE_LIST */
    size_t row; /* its place in figures_table */
};

struct figures {
    size_t count, room;
    struct figure *figure;
};

/* A declared figure. In `path`, KIND, SOURCE, HOST, TYPE, PLACE, PHASE, CAUSE, MESSAGE and
 * EXPECTATION stand for names. */
struct figure_row {
    const char *path;
    const char *unit; /* "ns", "B", "ppm", "1", "decimal", "text", "list", "bool", "any" */
    const char *meaning;
    bool sim, live; /* modes that know it */
};

extern const struct figure_row figures_table[];
extern const size_t figures_table_rows;

/* Adds a figure (its path must be declared: asserted). */
void figures_number(struct figures *f, int64_t number, const char *path, ...)
    __attribute__((format(printf, 3, 4)));
void figures_decimal(struct figures *f, int64_t millionths, const char *path, ...)
    __attribute__((format(printf, 3, 4)));
void figures_bool(struct figures *f, bool value, const char *path, ...)
    __attribute__((format(printf, 3, 4)));
void figures_text(struct figures *f, const char *text, const char *path, ...)
    __attribute__((format(printf, 3, 4)));
/* `lines`: the list's texts, one a line; "": an empty list. */
void figures_list(struct figures *f, const char *lines, const char *path, ...)
    __attribute__((format(printf, 3, 4)));
/* kind: FIGURE_NONE or FIGURE_UNKNOWN. */
void figures_no_value(struct figures *f, enum figure_kind kind, const char *path, ...)
    __attribute__((format(printf, 3, 4)));

/* The figure of a path; NULL: there is none. */
const struct figure *figures_find(const struct figures *f, const char *path);

/* The row that declares a path (whatever its names are); NULL: no row does. */
const struct figure_row *figures_row(const char *path);

/* Writes a figure's value as people read it, without unit: 12, 1.500000, true, none, not known. */
void figures_value_text(const struct figure *figure, char *text, size_t bytes);

/* Everything that a tally says (account ... cells); what a driver does not know of itself
 * (run, db, time, memory, scenario, ...) is added by cli. */
void figures_from_tally(struct figures *f, const struct tally *tally);

/* The JSON object of docs/figures.md, indented, with a newline at its end. Freed with free(). */
char *figures_json(const struct figures *f);

/* Whether a run can have that path: a declared row whose names stand in the lists. */
struct figure_names {
    const struct tally *tally; /* kinds, sources, hosts, types */
    size_t expectations;
    const char *const *expectation;
};
bool figures_possible(const char *path, const struct figure_names *names);

void figures_deinit(struct figures *f);

#endif
