/*
 * The world: sources of workload and faults. Each posts its events of one moment together, as soon
 * as the ones of the moment before begin to happen.
 */
#ifndef NERVE_SIM_WORLD_H
#define NERVE_SIM_WORLD_H

#include "model/workload.h"
#include "sim/state.h"

struct source_state {
    struct workload_times times; /* of the emission not posted yet */
    int64_t posted_at;           /* time of the ones posted last */
    uint32_t subject;
};

struct fault_state {
    int64_t posted_at, next_line;
    uint32_t chosen;
    uint32_t *cell; /* numbers, rising */
    uint32_t subject;
};

/* -1 where a source or fault fits no cell. */
int world_init(struct sim *sim, struct error *error);
void world_deinit(struct sim *sim);

/* An emission of a source, at a cell or (publishing) at a server. */
void world_emission(struct sim *sim, const struct event *event);

/* A fault's line at a cell: posts the next lines; the wake is wake.h's. */
void world_line(struct sim *sim, const struct event *event);

/* The fault that turns the sends of this cell's wake, or NULL. */
const struct plan_fault *world_misroute(const struct sim *sim, uint32_t cell, const struct cell *c,
                                        int64_t start);

/* A misrouted copy is emitted at `emission`: the storm's begin, if it is the first. */
void world_storm(struct sim *sim, int64_t emission);

#endif
