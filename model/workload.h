/*
 * What the world does and what goes wrong: when each source of a plan emits and at which cell, and
 * which cells a fault chooses. Pure: draws by key, so every driver, and every worker of one, comes
 * to the same answers without asking another. docs/model.md 7, docs/model-readings.md R6 to R9.
 */
#ifndef NERVE_MODEL_WORKLOAD_H
#define NERVE_MODEL_WORKLOAD_H

#include <stdint.h>

#include "model/colony.h"
#include "model/plan.h"

#define WORKLOAD_NEVER_NS INT64_MAX

/* Where a source stands. */
struct workload_times {
    int64_t next_ns; /* time of the emission that comes; WORKLOAD_NEVER_NS: no more */
    int64_t number;  /* of that emission + 1 */
    int64_t skipped; /* `at` times before `from` */
};

/* Stands before the source's first emission. source: its place in the plan. */
void workload_begin(const struct plan *plan, uint32_t source, struct workload_times *times);

/* To the next one. */
void workload_advance(const struct plan *plan, uint32_t source, struct workload_times *times);

/* The cell that the emission at hand goes to, of a source that does not publish; COLONY_NOBODY:
 * none fits. */
uint32_t workload_target(const struct colony *colony, uint32_t source,
                         const struct workload_times *times);

/* The cells that a fault befalls, rising, in a list to be freed with free(); returns how many. */
uint32_t workload_chosen(const struct colony *colony, uint32_t fault, uint32_t **cells);

#endif
