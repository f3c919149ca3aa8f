/*
 * The cores of one host: who is idle, who falls free when (docs/model.md 2). Idle ones are a stack,
 * the one that fell idle last on top; busy ones are sorted by when they fall free, filled from the
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
#define CORE_NONE    UINT64_MAX

/* Who is busy (from head to tail, CORE_NONE behind) and who is idle. A core: (free at + 1) <<
 * CORE_BITS | its index; free at + 1 = 0: idle for ever. Apart, so that a burst may keep it in
 * registers. */
struct core_lists {
    uint64_t *busy, *idle;
    uint32_t head, tail, idlers;
};

struct cores {
    struct core_lists lists;
    uint32_t room;      /* of busy */
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
void cores_saturated(struct cores *cores, int64_t until, int64_t r);

static inline int64_t cores_free_at(uint64_t core) {
    return (int64_t)(core >> CORE_BITS) - 1;
}

/* Cores that have fallen free by r are idle: beneath those that fell idle at the same moment, so
 * that the lowest is on top. r never falls. */
static inline void cores_settle(struct core_lists *l, int64_t r) {
    const uint64_t last = (uint64_t)(r + 1) << CORE_BITS | CORE_MASK;
    for (uint64_t core; (core = l->busy[l->head]) <= last; l->head++) {
        uint32_t at = l->idlers++;
        for (; at > 0 && l->idle[at - 1] >> CORE_BITS == core >> CORE_BITS; at--) {
            l->idle[at] = l->idle[at - 1];
        }
        l->idle[at] = core;
    }
}

/* An idle core for a job that is ready at r. */
static inline struct core_take cores_wakes(const struct cores *c, uint64_t core, int64_t r) {
    uint64_t free_at = core >> CORE_BITS;
    int64_t idle_ns = r + 1 - (int64_t)free_at;
    int64_t start = r + (free_at && idle_ns <= c->spin_max_ns ? c->spin_ns : c->sleep_ns);
    return (struct core_take){core, false, idle_ns == 0 ? r : start};
}

/* The core for a job that is ready at r. Inline by force: it is a part of every wake. */
__attribute__((always_inline)) static inline struct core_take
cores_lists_take(const struct cores *c, struct core_lists *l, int64_t r) {
    const uint64_t last = (uint64_t)(r + 1) << CORE_BITS | CORE_MASK, first = l->busy[l->head];
    if (first <= last && l->busy[l->head + 1] > last) {
        l->head++; /* one has fallen free since the last job: it fell idle last */
        return cores_wakes(c, first, r);
    }
    cores_settle(l, r);
    if (l->idlers == 0) {
        uint64_t core = l->busy[l->head++];
        return (struct core_take){core, true, cores_free_at(core)};
    }
    return cores_wakes(c, l->idle[--l->idlers], r);
}

/* The core that was taken at r works and falls free at `end`. */
static inline void cores_lists_give(struct cores *c, struct core_lists *l,
                                    const struct core_take *take, int64_t end, int64_t r) {
    uint64_t core = take->core & CORE_MASK;
    end = end > CORE_LAST_NS ? CORE_LAST_NS : end;
    uint64_t key = (uint64_t)(end + 1) << CORE_BITS | core;
    if (!take->waited) {
        c->busy_from[core] = take->start;
    }
    if (__builtin_expect(l->tail == c->room, 0)) {
        memmove(l->busy, l->busy + l->head, (l->tail - l->head) * sizeof *l->busy);
        l->tail -= l->head;
        l->head = 0;
    }
    uint32_t at = l->tail++;
    for (; at > l->head && l->busy[at - 1] > key; at--) {
        l->busy[at] = l->busy[at - 1];
    }
    l->busy[at] = key;
    l->busy[l->tail] = CORE_NONE;
    if (l->idlers == 0) {
        cores_saturated(c, cores_free_at(l->busy[l->head]), r);
    }
}

__attribute__((always_inline)) static inline struct core_take cores_take(struct cores *c,
                                                                         int64_t r) {
    return cores_lists_take(c, &c->lists, r);
}

static inline void cores_give(struct cores *c, const struct core_take *take, int64_t end,
                              int64_t r) {
    cores_lists_give(c, &c->lists, take, end, r);
}

/* Busy time that decided jobs have after `time`. Only the cores that fall free later are looked at:
 * they stand last. */
static inline int64_t cores_busy_after(const struct cores *c, int64_t time) {
    int64_t sum = 0;
    for (uint32_t i = c->lists.tail; i > c->lists.head; i--) {
        int64_t free_at = cores_free_at(c->lists.busy[i - 1]);
        if (free_at <= time) {
            break;
        }
        int64_t from = c->busy_from[c->lists.busy[i - 1] & CORE_MASK];
        sum += free_at - (from > time ? from : time);
    }
    return sum;
}

#endif
