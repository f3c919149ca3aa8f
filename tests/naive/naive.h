/*
 * The naive engine: a second, independent implementation of the host model (what a wake costs,
 * when a host dies) and of docs/model-readings.md, written from those pages alone. One binary heap
 * of events, one event for each copy, figures worked out at the end from lists of what happened.
 * Slow and plain on purpose: the real engine is compared with it in every figure.
 *
 * It shares with the real one only the plan, the colony, a cell's reactions, the subjects, the
 * draws, the histogram and the tally.
 */
#ifndef NERVE_TESTS_NAIVE_H
#define NERVE_TESTS_NAIVE_H

#include <stdint.h>
#include <stdio.h>

#include "metrics/tally.h"
#include "model/plan.h"

/* How often each mechanism of the model was met: for the coverage of random scenarios. */
struct naive_coverage {
    FILE *trace; /* not NULL: a line for each wake as it is decided */
    uint64_t cuts, stalls, stalls_refused, blocks, evictions, idle_closes;
    uint64_t server_slices, reader_slices, partitioner_slices; /* jobs of more than one slice */
    uint64_t ahead_starts;                                     /* stations that went ahead */
    uint64_t match_misses, prefetched, stretched, idle_departures;
    uint64_t deaths_cores, deaths_memory, deaf_periods, adoptions, timers, subscribes;
};

/* Runs the plan to its end (it must be one that colony_init accepts) and fills the tally
 * (tally_init has been called on it), but for `events`. coverage may be NULL. */
void naive_run(const struct plan *plan, struct tally *tally);
void naive_run_covered(const struct plan *plan, struct tally *tally,
                       struct naive_coverage *coverage);

#endif
