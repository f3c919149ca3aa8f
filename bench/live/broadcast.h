/*
 * Two processes on one nats-server: the first publishes, and what their subscriptions hear is
 * counted until the last copy. The same loads by live/gradients and by a raw loop of nats.c.
 */
#ifndef NERVE_BENCH_LIVE_BROADCAST_H
#define NERVE_BENCH_LIVE_BROADCAST_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/histogram.h"
#include "live/clock.h"

enum broadcast_load {
    BROADCAST_ORIGIN,  /* one subscription a cell: until the last copy, over a few rounds */
    BROADCAST_EDGE,    /* one a process, and a loop over its cells */
    BROADCAST_PUBLISH, /* as fast as they go, to one subscription of the other process */
    BROADCAST_LATENCY, /* one every 200 us, likewise */
};

enum {
    BROADCAST_SIDES = 2,
    BROADCAST_BYTES = 128,
    BROADCAST_ROUNDS = 200, /* at most; after one that does not count */
    BROADCAST_PUBLICATIONS = 150000,
    BROADCAST_SAMPLES = 5000,
};

/* What both sides and their parent share. */
struct broadcast_board {
    enum broadcast_load load;
    uint64_t cells; /* a side */
    int rounds;     /* of a broadcast, with the one that does not count */
    char url[64];
    sem_t ready, done, end;
    _Atomic int64_t last_ns[BROADCAST_SIDES]; /* when a side's last copy came */
    int64_t took_ns[1 + BROADCAST_ROUNDS];
    int64_t cpu_ns[BROADCAST_SIDES]; /* of the process, once all is subscribed */
    struct histogram latency;        /* written by the second side */
    bool well[BROADCAST_SIDES];
};

/* One process of the two. */
struct broadcast_side {
    struct broadcast_board *board;
    uint32_t place;
    uint64_t heard, wanted; /* at `wanted` the round is over for this side */
    uint64_t *record;       /* of its cells: 8 bytes each */
    void *library;          /* the way's own */
};

/* How it is done. Each -1 or false where it fails. */
struct broadcast_way {
    int (*open)(struct broadcast_side *side);
    int (*subscribe)(struct broadcast_side *side, uint64_t cell);
    bool (*publish)(struct broadcast_side *side, const void *data);
    int (*flush)(struct broadcast_side *side);
};

extern const struct broadcast_way broadcast_nerve, broadcast_raw;

#define BROADCAST_SUBJECT "everywhere"

/* --- what a callback does: the same for both ways, inlined into each ---------------- */

static inline void broadcast_count(struct broadcast_side *side) {
    if (++side->heard == side->wanted) {
        side->heard = 0;
        atomic_store(&side->board->last_ns[side->place], clock_monotonic_ns());
        sem_post(&side->board->done);
    }
}

static inline void broadcast_loop(struct broadcast_side *side) {
    uint64_t cells = side->board->cells, *record = side->record;
    for (uint64_t cell = 0; cell < cells; cell++) {
        record[cell]++;
    }
    __asm__ volatile("" : : "r"(record) : "memory"); /* each round's is made */
    broadcast_count(side);
}

static inline void broadcast_time(struct broadcast_side *side, const void *data) {
    int64_t left_ns = 0;
    memcpy(&left_ns, data, sizeof left_ns);
    int64_t late_ns = clock_monotonic_ns() - left_ns;
    histogram_record(&side->board->latency, late_ns > 0 ? late_ns : 0, 1);
    broadcast_count(side);
}

#endif
