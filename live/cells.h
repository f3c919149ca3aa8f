/*
 * The cells of one worker: each a state and the number of its wakes, driven by the very reactions
 * of model/cell.h and versions of model/versions.h. No clock, no socket: given the same arrivals in
 * the same order it comes to the same states as any other driver of the model.
 *
 * Memory: cells_init, cells_deinit; one thread at a time. Deterministic.
 */
#ifndef NERVE_LIVE_CELLS_H
#define NERVE_LIVE_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/cell.h"
#include "model/versions.h"

struct cells {
    const struct colony *colony;
    struct versions *versions;
    uint32_t first_cell, end_cell;
    struct cell_state {
        uint32_t wakes;
        uint8_t state;
        bool chosen; /* by a misroute with `for` */
    } * cell;
    size_t bytes;
};

/* What wakes a cell. */
struct cell_arrival {
    uint32_t cell, column; /* as struct cell_event has it */
    uint32_t sender;
    uint32_t scope, version; /* that the copy carries; scope 0: none */
    int misrouted;           /* as struct cell_event has it */
};

/* What came of it, beside the effects. */
struct cell_woken {
    bool newer;   /* the copy's version was newer */
    bool adopted; /* a follower took it: versions_adopted must come at the wake's end */
    bool acts;    /* it works or sends */
};

void cells_init(struct cells *cells, struct versions *versions, uint32_t first_cell,
                uint32_t end_cell);
void cells_deinit(struct cells *cells);

/* The cell reacts: its state, its number of wakes and the version that it holds change; what it
 * does is in the outcome, for the driver to carry out. */
struct cell_woken cells_react(struct cells *cells, const struct cell_arrival *arrival,
                              struct cell_outcome *outcome);

/* A fault's wake: no reaction, its state stays. */
void cells_fault(struct cells *cells, uint32_t cell);

static inline struct cell_state *cells_at(const struct cells *cells, uint32_t cell) {
    return &cells->cell[cell - cells->first_cell];
}

#endif
