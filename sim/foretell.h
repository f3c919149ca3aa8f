/*
 * What a run will need, foretold from its plan alone: private to sim/foretell*.c.
 *
 * Events: the mean field. Copies flow as amounts (millionths of a copy) from the sources along the
 * reactions' sends; each type's cells are shares in states; timers are amounts that fall due. No
 * cell, no draw, no colony is made: it costs the same for a thousand cells and a billion.
 * Integers only; memory of the caller; one thread.
 */
#ifndef NERVE_SIM_FORETELL_H
#define NERVE_SIM_FORETELL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/split.h"
#include "base/wide.h"
#include "model/plan.h"

enum { FORETELL_ONE = 1000000 /* a copy, a cell */, FORETELL_SURE = 1000000000 /* ppb */ };

/* Cells low <= c < high. */
struct foretell_run {
    uint32_t low, high;
};

/* Where cells are, as far as the plan says: which run of cells a type fills (blocks), or that it is
 * spread evenly. */
struct foretell_map {
    const struct plan *plan;
    struct split nodes, domains;
    uint32_t *host_first_cell;     /* hosts + 1 */
    struct foretell_run *type_run; /* blocks: by type */
};

void foretell_map_init(struct foretell_map *map, const struct plan *plan);
void foretell_map_deinit(struct foretell_map *map);

/* How many cells of a type are in a run, expected, in millionths. */
int64_t foretell_count(const struct foretell_map *map, uint32_t type, struct foretell_run run);

/* By type: the chance, in ppb, that the chosen cell is one of it on the asker's node, and on
 * another. Sums to less than all where perhaps nobody fits. */
struct foretell_partner {
    int64_t near_ppb, far_ppb;
};

/* asker: a type, or GENOME_NONE: from nowhere (all is near). out: one by type. */
void foretell_choose(const struct foretell_map *map, const struct genome_choice *choice,
                     uint32_t asker, struct foretell_partner *out);

/* Who hears a subject, by the subscriptions at birth. */
struct foretell_audience {
    int64_t *copies;  /* by type: to cells, in millionths */
    int64_t all;      /* their sum */
    int64_t nodes;    /* with any recipient */
    int64_t patterns; /* that match */
    bool twice;       /* some cell has several subscriptions that match */
};

void foretell_hear(const struct foretell_map *map, const char *subject,
                   struct foretell_audience *audience);
/* Whether no slot before it, of this type or one before, has the same template. */
bool foretell_text_is_first(const struct plan *plan, uint32_t type, uint32_t slot);
void foretell_audience_deinit(struct foretell_audience *audience);

/* When the source at that place emits: counts by window of `width_ns` (windows of them; times
 * beyond are left out). The very draws of the run where they are not too many, else the mean. */
void foretell_emissions(const struct plan *plan, uint32_t place, int64_t width_ns, uint32_t windows,
                        int64_t *count);

/* What a job takes, in the mean of the plan's hosts. */
struct foretell_costs {
    int64_t wake_ns, line_ns, touch_bytes, gain, copy_ps, send_near_ns, send_far_ns, receive_ns;
    int64_t publish_ns;
};
void foretell_costs_init(struct foretell_costs *costs, const struct plan *plan);
int64_t foretell_law_mean(const struct law *law);

/* The flow of a run; whole numbers. */
struct foretell_flow {
    bool known; /* false: nobody can tell the events */
    int64_t events, wakes;
    int64_t far_sends;  /* copies that leave by a synapse */
    int64_t waiting;    /* mails that pile up where cells or cores cannot follow */
    bool waits;         /* now and then a copy waits in a mailbox */
    int64_t core_queue; /* jobs that wait for a core, at most */
    int64_t timers;     /* most that are pending at once */
    int64_t population; /* copies that go round without end */
    int64_t signals;    /* copies that need a record, at once */
    int64_t published, subscribes;
    int64_t learnt; /* times that a cell learns of a version */
};
void foretell_flow_run(const struct plan *plan, const struct foretell_map *map,
                       struct foretell_flow *out);

int64_t foretell_memory(const struct plan *plan, const struct foretell_map *map,
                        const struct foretell_flow *flow);

/* Where numbers end: sums of a few such are still ones. */
#define FORETELL_MOST (INT64_MAX / 4)

/* a x b / c, none of them below 0 but a; at most FORETELL_MOST. c = 0: 0. */
static inline int64_t foretell_scale(int64_t a, int64_t b, int64_t c) {
    int128 scaled = c == 0 ? 0 : (int128)a * b / c;
    return scaled > FORETELL_MOST ? FORETELL_MOST : (int64_t)scaled;
}

/* a + b of numbers up to FORETELL_MOST; at most that. */
static inline int64_t foretell_sum(int64_t a, int64_t b) {
    return a + b > FORETELL_MOST ? FORETELL_MOST : a + b;
}

static inline int64_t foretell_least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static inline int64_t foretell_most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

#endif
