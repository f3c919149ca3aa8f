/*
 * What the world does and what goes wrong: when each source of a plan emits and at which cell, and
 * which cells a fault chooses. Pure: draws by key, so every driver, and every worker of one, comes
 * to the same answers without asking another. docs/model.md 7, docs/model-readings.md R6 to R9.
 */
#ifndef NERVE_MODEL_WORKLOAD_H
#define NERVE_MODEL_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "model/colony.h"
#include "model/plan.h"

#define WORKLOAD_NEVER_NS INT64_MAX

/* Whether each source that does not publish, and each fault, finds a cell: -1 with the error's text
 * where one does not. */
int workload_check(const struct colony *colony, struct error *error);

/* Where a source stands. */
struct workload_times {
    int64_t next_ns; /* time of the emission that comes; WORKLOAD_NEVER_NS: no more */
    int64_t number;  /* of that emission + 1 */
    int64_t skipped; /* `at` times before `from` */
};

/* Stands before the first emission of the source at that place in the plan. */
void workload_begin(const struct plan *plan, uint32_t place, struct workload_times *times);

/* To the next one. */
void workload_advance(const struct plan *plan, uint32_t place, struct workload_times *times);

/* The cell that the emission at hand goes to, of a source that does not publish; COLONY_NOBODY:
 * none fits. */
uint32_t workload_target(const struct colony *colony, uint32_t place,
                         const struct workload_times *times);

/* The cells that the fault at that place befalls, rising, in a list to be freed with free();
 * returns how many. */
uint32_t workload_chosen(const struct colony *colony, uint32_t place, uint32_t **cells);

/* Whether the fault turns the sends of its cells' wakes that start then (a misroute with `for`). */
static inline bool workload_turns(const struct plan_fault *fault, int64_t start_ns) {
    return fault->for_ns != PLAN_NONE && start_ns >= fault->at_ns &&
           start_ns - fault->at_ns < fault->for_ns;
}

#endif
