/*
 * A run of copies of loops over the lanes of one host: what it has at hand and what it has added so
 * far, until it is put into the figures. Private to burst.c and leap.c.
 */
#ifndef NERVE_SIM_RUN_H
#define NERVE_SIM_RUN_H

#include "sim/state.h"

enum { RUN_FLOWS = 16 };

/* What the copies of one signal add: alike for all cursors of it. */
struct flow {
    int64_t emission;
    uint32_t signal, kind, version;
    /* Latency: the bucket at hand, for starts in [low, high), and how many fell into it. */
    struct histogram *latency; /* NULL: before warm_up */
    int64_t low, high;
    uint32_t index;
    uint64_t held;
    uint64_t copies, starts; /* starts: sum, each less the run's first copy's time */
    int64_t latest_start;
    int64_t wait_bytes;
};

struct run {
    struct sim *s;
    struct host *h;
    int64_t first, limit;  /* the first copy's time; all come before limit */
    uint64_t copies, room; /* room: most copies */
    struct cell *cells;
    bool counted, storm;
    struct core_lists lists;
    struct digest digest;
    /* The reaction at hand, by type, state and signal; wakes of that type since then. */
    uint32_t key;
    const struct fast *fast;
    uint64_t key_since;
    /* The host's memory of lines; and the last fetch, which is the next one's too where the reuse
     * is the same. far: bytes that it added to the window of bandwidth. */
    uint64_t touched, reuse;
    int64_t fetch, far;
    /* Busy time, not yet counted, of jobs in [low, high): the windows at hand. */
    int64_t low, high, busy, all_busy;
    uint64_t busy_copies;
    int64_t latest_end;
    /* Memory of what waits: starts from wait_from on; those in [leave_low, leave_high) not yet
     * counted. */
    int64_t wait_from, leave_low, leave_high, leave_bytes;
    /* Waits for a core, not yet counted; those in [held_low, held_high) are of one bucket. */
    uint64_t waits, wait_sum, held;
    int64_t longest_wait, held_low, held_high;
    uint32_t held_index, most_waiting;
    uint64_t leap_at; /* copies after which a leap is tried */
    uint32_t flows;
    struct flow flow[RUN_FLOWS];
};

/* Puts the bucket of a start at hand. */
void run_bucket(struct flow *flow, int64_t start);

/* Copies of a cursor's loop that keep the pace of its host's cores, many at once; its next copy's
 * time is now, nothing else comes before until. Returns how many. */
uint32_t run_leap(struct run *run, struct cursor *cursor, int64_t until);

#endif
