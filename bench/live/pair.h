/*
 * Two processes that carry messages to each other for a while, and what a third sees of it: the
 * frame of the benchmarks of links. Memory is shared; nothing else is.
 */
#ifndef NERVE_BENCH_LIVE_PAIR_H
#define NERVE_BENCH_LIVE_PAIR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include "live/synapses.h"

enum { PAIR_NODES = 40, PAIR_WORKERS = 2, PAIR_HALF = PAIR_NODES / PAIR_WORKERS };

enum pair_load {
    PAIR_ONE,       /* the first node of the first process floods one of the second */
    PAIR_MANY,      /* every node floods every other: 1,560 links */
    PAIR_LATENCY,   /* one message every 200 us over one link */
    PAIR_TEMPORARY, /* a link, a message, its acknowledgement, the end of the link; again */
};

struct pair {
    enum pair_load load;
    bool tcp;
    int64_t limit;
    char name[40];
    _Atomic uint32_t ready;
    _Atomic bool stop;
    struct pair_count {
        _Alignas(64) _Atomic uint64_t arrived;
    } count[PAIR_WORKERS];
    struct histogram latency; /* written by the second process, read once it has ended */
    uint32_t port[PAIR_NODES];
    _Alignas(64) char board[1 << 16]; /* of synapses */
};

/* What a process does until pair->stop; says that it is ready and waits for the other. */
typedef int pair_worker(struct pair *pair, uint32_t worker);

struct pair_result {
    double per_cpu_second;  /* the same by the CPU time of both */
    double per_second;      /* messages that arrived, in both, over the window */
    int64_t p50_ns, p99_ns; /* PAIR_LATENCY */
};

/* Forks two workers, measures for a second once all links carry, ends them. -1: one failed. */
int pair_run(pair_worker *worker, enum pair_load load, bool tcp, int64_t limit,
             struct pair_result *result);

/* Both are ready once this returns. */
void pair_meet(struct pair *pair);

static inline bool pair_stops(const struct pair *pair) {
    return atomic_load_explicit(&pair->stop, memory_order_relaxed);
}

static inline void pair_arrived(struct pair *pair, uint32_t worker) {
    uint64_t n = atomic_load_explicit(&pair->count[worker].arrived, memory_order_relaxed);
    atomic_store_explicit(&pair->count[worker].arrived, n + 1, memory_order_relaxed);
}

/* How many links a worker sends over, and which: from its own nodes to others. */
struct pair_link {
    uint32_t from, to;
};
uint32_t pair_links(enum pair_load load, uint32_t worker, struct pair_link *link);

pair_worker pair_synapses; /* bench/live/pair_synapses.c */
pair_worker pair_raw;      /* bench/live/pair_raw.c */

#endif
