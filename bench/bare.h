/*
 * Bare loops: what the machine can do at most. Each does the arithmetic of one workload (line
 * latency, cores, draws, times) on records like the engine's, with no clock, queue, account,
 * figures or digest: the order of what happens is known from the workload, or near enough. They
 * share no code with the engine on purpose, so that they stand still while it moves.
 *
 * bare_make allocates by the plan (which must outlive it), bare_free frees. One thread.
 */
#ifndef NERVE_BENCH_BARE_H
#define NERVE_BENCH_BARE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "model/plan.h"

enum {
    BARE_CORE_BITS = 11, /* as many as HOST_MAX_CORES needs */
    BARE_CORE_SLOTS = 4096,
    BARE_AHEAD = 12, /* records ahead that are fetched */
    BARE_WINDOW_NS = 10000,
};

/* A cell's record, 32 bytes as the engine's. */
struct bare_cell {
    int64_t free_at;
    uint64_t touched_at;
    uint32_t mail, wakes;
    uint32_t run_ns;
    uint8_t type, state, slot, flags;
};

/* Cores as (free at + 1) << BARE_CORE_BITS | core; 0: idle for ever. */
struct bare_cores {
    uint64_t busy[BARE_CORE_SLOTS]; /* sorted, from head to tail */
    uint64_t idle[HOST_MAX_CORES];  /* a stack: the one that fell idle last is on top */
    uint32_t head, tail, idlers;
    int64_t spin_ns, sleep_ns, spin_max_ns;
};

struct bare {
    const struct plan *plan;
    const struct host_profile *profile;
    struct bare_cell *cell;
    bool counted; /* cores are a number */
    struct bare_cores cores;
    /* Lines. */
    uint64_t touched;
    uint32_t *line_ns; /* by log2 of the reuse in 1/256, from line_low on */
    uint32_t line_low, line_count, line_first;
    int domains_shift, gain_shift;
    uint32_t lines;
    int64_t window, window_until, window_bytes, window_capacity, stretch;
    /* What a wake costs without fetch and sends; a send on the same node. */
    int64_t wake_ns, send_ns;
    int64_t busy_ns; /* costs of all jobs: compared with the engine's, and the loop's visible end */
    uint64_t wakes;
};

struct bare_result {
    uint64_t wakes;
    int64_t cpu_ns, busy_ns;
};

/* How many wakes a loop makes at least. */
typedef struct bare_result bare_loop(const struct plan *plan, uint64_t wakes);

bare_loop bare_storm;           /* A: one partitioner's loop */
bare_loop bare_storm_by_nodes;  /* A64: the nodes' partitioners at once */
bare_loop bare_targeted;        /* B: to a random cell, at once */
bare_loop bare_targeted_queued; /* Bexp: the same on busy cores, with exponential work */
bare_loop bare_reflex;          /* C, C32: to the twin */
bare_loop bare_gradients;       /* D: server, reader, partitioner, the cells of a domain */
bare_loop bare_timers;          /* E: each cell again, one period later */
bare_loop bare_origin;          /* F: server loops, readers, each cell */

struct bare *bare_make(const struct plan *plan);
struct bare_result bare_free(struct bare *bare, int64_t cpu_ns);

/* CPU time of this process. */
int64_t bare_cpu_ns(void);

/* The first cell of a node. */
static inline uint32_t bare_node_first(const struct bare *b, uint32_t node) {
    return (uint32_t)((uint64_t)node * b->plan->colony.cells / b->plan->colony.nodes);
}

struct bare_take {
    uint64_t core;
    bool waited;
    int64_t start;
};

/* A core falls idle: beneath those that fell idle at the same moment, so that the lowest is on
 * top. */
static inline void bare_idle(struct bare_cores *c, uint64_t slot) {
    uint32_t at = c->idlers++;
    for (; at > 0 && c->idle[at - 1] >> BARE_CORE_BITS == slot >> BARE_CORE_BITS; at--) {
        c->idle[at] = c->idle[at - 1];
    }
    c->idle[at] = slot;
}

/* The core that a job takes which is ready at r: the one that fell idle last, else the first to
 * fall free. */
static inline struct bare_take bare_take(struct bare_cores *c, int64_t r) {
    while (c->head < c->tail && (int64_t)(c->busy[c->head] >> BARE_CORE_BITS) - 1 <= r) {
        bare_idle(c, c->busy[c->head++]);
    }
    if (c->idlers == 0) {
        uint64_t slot = c->busy[c->head++];
        return (struct bare_take){slot, true, (int64_t)(slot >> BARE_CORE_BITS) - 1};
    }
    uint64_t slot = c->idle[--c->idlers];
    uint64_t free_at = slot >> BARE_CORE_BITS;
    int64_t idle_ns = r + 1 - (int64_t)free_at;
    int64_t wait = free_at && idle_ns <= c->spin_max_ns ? c->spin_ns : c->sleep_ns;
    return (struct bare_take){slot, false, r + (idle_ns == 0 ? 0 : wait)};
}

/* It falls free at `end`: its place is looked for from the back. */
static inline void bare_give(struct bare_cores *c, uint64_t core, int64_t end) {
    uint64_t key = (uint64_t)(end + 1) << BARE_CORE_BITS | (core & (HOST_MAX_CORES - 1));
    if (c->tail == BARE_CORE_SLOTS) {
        memmove(c->busy, c->busy + c->head, (c->tail - c->head) * sizeof *c->busy);
        c->tail -= c->head;
        c->head = 0;
    }
    uint32_t at = c->tail++;
    for (; at > c->head && c->busy[at - 1] > key; at--) {
        c->busy[at] = c->busy[at - 1];
    }
    c->busy[at] = key;
}

extern const uint8_t bare_log2[256]; /* floor(256 log2(1 + i/256)) */

static inline uint32_t bare_log2_256(uint64_t x) {
    uint32_t lead = 63U - (uint32_t)__builtin_clzll(x);
    uint64_t next = lead >= 8 ? x >> (lead - 8) : x << (8 - lead);
    return 256 * lead + bare_log2[next & 255];
}

static inline uint32_t bare_line_ns(const struct bare *b, uint64_t reuse) {
    if (reuse == 0) {
        return b->line_ns[0];
    }
    uint32_t at = bare_log2_256(reuse);
    at = at > b->line_low ? at - b->line_low : 0;
    return b->line_ns[at < b->line_count ? at : b->line_count - 1];
}

static inline void bare_next_window(struct bare *b, int64_t start) {
    int64_t window = start / BARE_WINDOW_NS;
    int64_t before = window == b->window + 1 ? b->window_bytes : 0;
    int64_t stretch = 256 * before / b->window_capacity;
    b->stretch = stretch > 256 ? stretch : 256;
    b->window_bytes = 0;
    b->window = window;
    b->window_until = (window + 1) * BARE_WINDOW_NS;
}

/* What a cell's lines cost at that start. */
static inline int64_t bare_fetch(struct bare *b, struct bare_cell *c, int64_t start, bool by_loop) {
    bool first = c->touched_at == UINT64_MAX;
    uint64_t reuse = (b->touched - c->touched_at) >> b->domains_shift;
    uint32_t line = first ? b->line_first : bare_line_ns(b, reuse);
    b->touched += (uint64_t)b->profile->touch_bytes;
    c->touched_at = b->touched;
    if (start >= b->window_until) {
        bare_next_window(b, start);
    }
    if (first || reuse >= (uint64_t)b->profile->memory_from_bytes) {
        b->window_bytes += (int64_t)b->lines * 64;
    }
    uint64_t fetch = ((uint64_t)b->lines * line * (uint64_t)b->stretch) >> 8;
    return (int64_t)(by_loop ? fetch >> b->gain_shift : fetch);
}

/* One wake of a copy that arrives at `now` (or when the cell falls free, if that is later).
 * `extra`: its work and sends. counted: b->counted, where the caller knows it. Returns its end. */
static inline int64_t bare_wake(struct bare *b, struct bare_cell *c, int64_t now, int64_t extra,
                                bool by_loop, bool counted) {
    int64_t ready = c->free_at > now ? c->free_at : now;
    struct bare_take take = {0, false, ready};
    if (counted) {
        take = bare_take(&b->cores, ready);
    }
    int64_t cost = b->wake_ns + extra + bare_fetch(b, c, take.start, by_loop);
    int64_t end = take.start + cost;
    if (counted) {
        bare_give(&b->cores, take.core, end);
    }
    c->free_at = end;
    c->run_ns = (uint32_t)cost;
    c->wakes++;
    b->busy_ns += cost;
    return end;
}

/* A job of a partitioner: takes a core as a cell's does. Returns its start. */
static inline int64_t bare_job(struct bare *b, int64_t ready, int64_t cost) {
    struct bare_take take = bare_take(&b->cores, ready);
    bare_give(&b->cores, take.core, take.start + cost);
    b->busy_ns += cost;
    return take.start;
}

/* A job of a server or reader: goes ahead of cells, on the core that falls free first. */
static inline int64_t bare_job_ahead(struct bare *b, int64_t ready, int64_t cost, bool goes_on) {
    struct bare_take take = bare_take(&b->cores, ready);
    bare_give(&b->cores, take.core, take.start + cost);
    b->busy_ns += cost;
    if (!take.waited) {
        return take.start;
    }
    return goes_on ? ready : ready + b->profile->idle_spin_ns;
}

#endif
