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

/* Fetches ahead, by force: gcc takes a function that only fetches for one that does nothing. A
 * publication's audience, for its server; what a server's copy for one node will touch there, for
 * its reader; the first cells of a run, for its partitioner. */
__attribute__((always_inline)) static inline void
copies_fetch_audience(const struct audience *audience) {
    __builtin_prefetch(audience->node);
    __builtin_prefetch(audience->head_first);
    __builtin_prefetch(audience->patterns);
}

__attribute__((always_inline)) static inline void
copies_fetch_node(const struct sim *s, const struct audience *a, uint32_t place) {
    const char *reader = (const char *)sim_station(s, a->node[place], STATION_READER);
    for (size_t at = 0; at < 2 * sizeof(struct station); at += 64) {
        __builtin_prefetch(reader + at, 1);
    }
    __builtin_prefetch(&a->head_cell[a->head_first[place]]);
    __builtin_prefetch(&a->head_slot[a->head_first[place]]);
}

__attribute__((always_inline)) static inline void copies_fetch_cells(const struct sim *s,
                                                                     const struct audience *a,
                                                                     uint32_t node,
                                                                     const struct copies *run) {
    const struct cell *cell = &s->cell[a->head_cell[run->next] + s->offset[node]];
    for (uint32_t i = 0; i < 8; i++) {
        __builtin_prefetch(cell + (size_t)2 * i, 1);
    }
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
