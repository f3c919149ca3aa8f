/*
 * The cores of one host: who is idle, who falls free when (MODEL.md 2). Idle ones are a stack, the
 * one that fell idle last on top; busy ones are sorted by when they fall free, filled from the
 * back. A job takes a core when it is ready, and so knows its start at once; when its cost is known
 * it gives the core its new free time. Between take and give nothing else may happen.
 *
 * Memory by cores_init; one thread; deterministic. Times below 2^52 ns (52 days).
 */
#ifndef NERVE_SIM_CORES_H
#define NERVE_SIM_CORES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "model/host_profile.h"

enum { CORE_BITS = 11, CORE_MASK = (1 << CORE_BITS) - 1 };
#define CORE_LAST_NS ((1LL << 52) - 2)

/* A core: (free at + 1) << CORE_BITS | its index; free at + 1 = 0: idle for ever. */
struct cores {
    uint64_t *busy; /* from head to tail */
    uint64_t *idle;
    uint32_t head, tail, room, idlers;
    int64_t *busy_from; /* by core: since when it has been busy without a break */
    int64_t spin_ns, sleep_ns, spin_max_ns;
    /* Saturation: no core idle. */
    int64_t saturated_ns, saturated_until, saturated_from;
    int64_t first_busy_1ms; /* first moment at which none had been idle for 1 ms; -1: never */
};

struct core_take {
    uint64_t core;
    bool waited; /* none was idle */
    int64_t start;
};

void cores_init(struct cores *cores, const struct host_profile *profile);
void cores_deinit(struct cores *cores);

/* No core is idle from r on, until the first falls free. */
void cores_saturated(struct cores *cores, int64_t r);

static inline int64_t cores_free_at(uint64_t core) {
    return (int64_t)(core >> CORE_BITS) - 1;
}

/* A core falls idle: beneath those that fell idle at the same moment, so that the lowest is on
 * top. */
static inline void cores_fall_idle(struct cores *c, uint64_t core) {
    uint32_t at = c->idlers++;
    for (; at > 0 && c->idle[at - 1] >> CORE_BITS == core >> CORE_BITS; at--) {
        c->idle[at] = c->idle[at - 1];
    }
    c->idle[at] = core;
}

/* The core for a job that is ready at r; r never falls. */
static inline struct core_take cores_take(struct cores *c, int64_t r) {
    while (c->head < c->tail && cores_free_at(c->busy[c->head]) <= r) {
        cores_fall_idle(c, c->busy[c->head++]);
    }
    if (c->idlers == 0) {
        uint64_t core = c->busy[c->head++];
        return (struct core_take){core, true, cores_free_at(core)};
    }
    uint64_t core = c->idle[--c->idlers];
    uint64_t free_at = core >> CORE_BITS;
    int64_t idle_ns = r + 1 - (int64_t)free_at;
    int64_t start = r + (free_at && idle_ns <= c->spin_max_ns ? c->spin_ns : c->sleep_ns);
    return (struct core_take){core, false, idle_ns == 0 ? r : start};
}

/* The core that was taken at r works and falls free at `end`. */
static inline void cores_give(struct cores *c, const struct core_take *take, int64_t end,
                              int64_t r) {
    uint64_t core = take->core & CORE_MASK;
    end = end > CORE_LAST_NS ? CORE_LAST_NS : end;
    uint64_t key = (uint64_t)(end + 1) << CORE_BITS | core;
    if (!take->waited) {
        c->busy_from[core] = take->start;
    }
    if (__builtin_expect(c->tail == c->room, 0)) {
        memmove(c->busy, c->busy + c->head, (c->tail - c->head) * sizeof *c->busy);
        c->tail -= c->head;
        c->head = 0;
    }
    uint32_t at = c->tail++;
    for (; at > c->head && c->busy[at - 1] > key; at--) {
        c->busy[at] = c->busy[at - 1];
    }
    c->busy[at] = key;
    if (c->idlers == 0) {
        cores_saturated(c, r);
    }
}

/* Busy time that decided jobs have after `time`. Only the cores that fall free later are looked at:
 * they stand last. */
static inline int64_t cores_busy_after(const struct cores *c, int64_t time) {
    int64_t sum = 0;
    for (uint32_t i = c->tail; i > c->head; i--) {
        int64_t free_at = cores_free_at(c->busy[i - 1]);
        if (free_at <= time) {
            break;
        }
        int64_t from = c->busy_from[c->busy[i - 1] & CORE_MASK];
        sum += free_at - (from > time ? from : time);
    }
    return sum;
}

#endif
