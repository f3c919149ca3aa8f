/*
 * A cell and what reaches it: arrival, mailbox, `ready`, the wake itself (docs/model.md 1 to 3),
 * and what the wake sends. The one place where a simulated cell's record changes.
 */
#ifndef NERVE_SIM_WAKE_H
#define NERVE_SIM_WAKE_H

#include "sim/state.h"

/* What reaches a cell: a copy, its own timer, or a fault's line. */
struct copy {
    uint64_t what, body;
    uint32_t source;
    int64_t arrived;
};

/* It arrives: wakes the cell, joins its mailbox, or is dropped. */
void wake_arrive(struct sim *sim, uint32_t rank, int64_t now, const struct copy *copy);

/* The cell is free at `now` and this is its job. */
void wake_run(struct sim *sim, struct host *host, uint32_t rank, int64_t now,
              const struct copy *copy);

/* The cell falls free: the head of its mailbox becomes its job. */
void wake_ready(struct sim *sim, uint32_t rank, int64_t now);

/* Signals: a place with one holder, cleared; and one holder less. */
uint32_t signal_new(struct sim *sim);
void signal_release(struct sim *sim, uint32_t place);

static inline struct host *sim_host_of(const struct sim *s, uint32_t rank) {
    return s->hosts == 1 ? s->host : &s->host[s->node[sim_node_of(s, rank)].host];
}

#endif
