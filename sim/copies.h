/*
 * Which copies a job of a station makes: a server's for other nodes, a partitioner's run, a
 * reader's own entries (model-readings R20 to R23). Pure: places in a publication's audience.
 */
#ifndef NERVE_SIM_COPIES_H
#define NERVE_SIM_COPIES_H

#include "sim/state.h"

static inline bool copies_by_origin(const struct sim *s) {
    return s->plan->stages.fan_out == FAN_OUT_ORIGIN;
}

static inline uint32_t copies_left(const struct copies *c) {
    return c->next < c->gap ? c->gap - c->next + (c->end - c->gap_end) : c->end - c->next;
}

/* The run of a partitioner among its node's heads, without the publisher. */
struct copies copies_of_run(const struct sim *sim, const struct signal *signal, uint32_t node,
                            uint32_t partitioner);

/* The entries of the publisher's own node, without the publisher's. */
struct copies copies_of_own(const struct signal *signal, uint32_t node);

/* The copies that the job of this mail makes one by one; none for a reader's single copy. */
struct copies copies_of(const struct sim *sim, const struct station *station, uint64_t what,
                        uint64_t body);

/* The node's place in the audience of a server's copy: its own under edge, its entry's under
 * origin. */
uint32_t copies_place(const struct audience *audience, bool origin, uint32_t copy);

/* Copies to cells that a publication at a station stands for (body of its event or mail), the
 * present job's remaining ones apart. */
uint64_t copies_stand_for(const struct sim *sim, const struct station *station, uint64_t what,
                          uint64_t body);
uint64_t copies_left_of_job(const struct sim *sim, const struct station *station);

#endif
