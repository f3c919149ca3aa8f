/*
 * A cell takes a job: memory, cost, core and record. Inline: what wake.h does one by one and
 * burst.h in a loop.
 */
#ifndef NERVE_SIM_CELL_JOB_H
#define NERVE_SIM_CELL_JOB_H

#include "sim/figures.h"
#include "sim/job.h"

/* slot: of the subscription + 1 that the copy came by; 0: by none. */
static inline void cell_takes_job(struct sim *s, struct cell *c, uint32_t rank, int64_t start,
                                  int64_t cost, uint32_t slot) {
    c->free_at = start + cost;
    c->slot = (uint8_t)slot;
    c->flags &= CELL_CHOSEN;
    if (__builtin_expect(cost > UINT32_MAX, 0)) {
        c->flags |= CELL_LONG;
        s->long_start[rank] = start;
        c->run_ns = UINT32_MAX;
    } else {
        c->run_ns = (uint32_t)cost;
    }
}

/* The cost of a job whose core is taken, with its memory; at least 1 ns. */
static inline int64_t cell_job_cost(struct host *h, struct cell *c, int64_t now, int64_t start,
                                    int64_t cost, uint32_t lines, int64_t touch, bool by_loop) {
    cost += cost_fetch(h, c, lines, touch, start, by_loop);
    if (__builtin_expect(h->touched >= h->pressure_mark, 0)) {
        h->pressure_at = now;
        h->pressure_mark = UINT64_MAX;
    }
    return cost > 0 ? cost : 1;
}

#endif
