/*
 * The cores of one host: who is idle, who falls free when. One array of (free at, core), sorted;
 * MODEL.md 2. A job takes a core when it is ready, and so knows its start at once; when its cost is
 * known it gives the core its new free time. Between take and give nothing else may happen.
 *
 * Memory by cores_init; one thread; deterministic. Times below 2^52 ns (52 days).
 */
#ifndef NERVE_SIM_CORES_H
#define NERVE_SIM_CORES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "model/host_profile.h"

enum { CORE_BITS = 11 };
#define CORE_LAST_NS ((1LL << 52) - 2)

struct cores {
    int64_t *busy_from; /* by core: since when it has been busy without a break */
    uint64_t *slot; /* (free at + 1) << CORE_BITS | core; free at + 1 = 0: idle for ever */
    uint32_t room, head, count;
    uint32_t idle; /* the first so many were free when last asked */
    int64_t spin_ns, sleep_ns, spin_max_ns;
    /* Saturation: no core idle. */
    int64_t saturated_ns, saturated_until, saturated_from;
    int64_t first_busy_1ms; /* first moment at which none had been idle for 1 ms; -1: never */
};

struct core_take {
    uint32_t place;
    bool waited; /* none was idle */
    int64_t start;
};

void cores_init(struct cores *cores, const struct host_profile *profile);
void cores_deinit(struct cores *cores);

static inline int64_t cores_free_at(uint64_t slot) {
    return (int64_t)(slot >> CORE_BITS) - 1;
}

/* The core for a job that is ready at r; r never falls. */
static inline struct core_take cores_take(struct cores *c, int64_t r) {
    const uint64_t *slot = c->slot + c->head;
    while (c->idle < c->count && cores_free_at(slot[c->idle]) <= r) {
        c->idle++;
    }
    if (c->idle == 0) {
        return (struct core_take){0, true, cores_free_at(slot[0])};
    }
    uint32_t place = c->idle - 1;
    uint64_t free_at = slot[place] >> CORE_BITS;
    while (place > 0 && slot[place - 1] >> CORE_BITS == free_at) {
        place--;
    }
    int64_t idle_ns = r + 1 - (int64_t)free_at;
    int64_t wait = idle_ns == 0 ? 0 : (free_at && idle_ns <= c->spin_max_ns) ? c->spin_ns
                                                                             : c->sleep_ns;
    return (struct core_take){place, false, r + wait};
}

/* The core at that place works from `start` (where it was idle) and falls free at `end`. r: the time
 * of the decision. */
static inline void cores_give(struct cores *c, uint32_t place, int64_t start, int64_t end,
                              int64_t r) {
    uint64_t *slot = c->slot + c->head;
    uint64_t core = slot[place] & ((1U << CORE_BITS) - 1);
    end = end > CORE_LAST_NS ? CORE_LAST_NS : end;
    uint64_t key = (uint64_t)(end + 1) << CORE_BITS | core;
    if (c->idle > 0) {
        c->idle--;
        c->busy_from[core] = start;
        uint32_t at = place;
        while (at + 1 < c->count && slot[at + 1] < key) {
            slot[at] = slot[at + 1];
            at++;
        }
        slot[at] = key;
    } else {
        /* All busy: the first leaves the front, and its place is looked for from the back. */
        if (c->head + c->count == c->room) {
            memmove(c->slot, slot, c->count * sizeof *slot);
            c->head = 0;
        }
        c->head++;
        slot = c->slot + c->head;
        uint32_t at = c->count - 1;
        while (at > 0 && slot[at - 1] > key) {
            slot[at] = slot[at - 1];
            at--;
        }
        slot[at] = key;
    }
    if (c->idle == 0) {
        int64_t until = cores_free_at(c->slot[c->head]);
        if (until > r) {
            int64_t from = r > c->saturated_until ? r : c->saturated_until;
            c->saturated_from = r > c->saturated_until ? r : c->saturated_from;
            c->saturated_ns += until - from;
            c->saturated_until = until;
            if (c->first_busy_1ms < 0 && until - c->saturated_from >= 1000000) {
                c->first_busy_1ms = c->saturated_from + 1000000;
            }
        }
    }
}

/* Busy time that decided jobs have after `time`. Only the cores that fall free later are looked at:
 * they stand last. */
static inline int64_t cores_busy_after(const struct cores *c, int64_t time) {
    int64_t sum = 0;
    for (uint32_t i = c->count; i > 0; i--) {
        uint64_t slot = c->slot[c->head + i - 1];
        int64_t free_at = cores_free_at(slot);
        if (free_at <= time) {
            break;
        }
        int64_t from = c->busy_from[slot & ((1U << CORE_BITS) - 1)];
        sum += free_at - (from > time ? from : time);
    }
    return sum;
}

#endif
