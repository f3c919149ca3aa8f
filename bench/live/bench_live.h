/*
 * What bench_live runs: each workload does nerve's way and the raw loop of the library beside it,
 * one after the other in the same turn; the program takes the medians over turns. A workload may
 * have several figures (p50 and p99 of one run).
 */
#ifndef NERVE_BENCH_LIVE_H
#define NERVE_BENCH_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LIVE_FIGURES = 4 };

/* One turn's figures, in the order of the workload's. */
struct live_turn {
    int number; /* odd turns may run the raw loop first */
    double nerve[LIVE_FIGURES], raw[LIVE_FIGURES];
};

struct live_figure {
    const char *name; /* "" where the workload has one alone; else it is shown as WORKLOAD.NAME */
    const char *unit; /* "messages/s", "us" */
    bool lower;       /* lower is better */
    double bar;       /* what nerve / raw must reach (lower: may not pass); 0: none */
};

struct live_workload {
    const char *name;
    struct live_figure figure[LIVE_FIGURES];
    int figures;
    int64_t a, b; /* the run's own: a queue limit, a number of subscriptions ... */
    /* Fills the turn. -1: it has said why on standard error. */
    int (*run)(const struct live_workload *workload, struct live_turn *turn);
};

struct live_list {
    const struct live_workload *workload;
    size_t count;
};

extern const struct live_list live_links;      /* bench/live/links.c */
extern const struct live_list live_broadcasts; /* bench/live/broadcast.c */

#endif
