/*
 * A run of copies of loops over the lanes of one host: what it has at hand and what it has added so
 * far, until it is put into the figures. Inline: one copy. Private to bursts.
 */
#ifndef NERVE_SIM_RUN_H
#define NERVE_SIM_RUN_H

#include <stddef.h>

#include "sim/cell_job.h"

enum { RUN_FLOWS = 16 };

/* What the copies of one signal meet and add: alike for all cursors of it. */
struct flow {
    /* The last job's cost, which is that of all whose reuse lies in the range (less than span from
     * its beginning on). far: bytes of the window of bandwidth. */
    uint64_t from, span, touch;
    int64_t cost, far, wait_bytes;
    /* The reaction at hand: what such a cell looks like before (its type, its state, not chosen),
     * and its record's end behind it, but for the slot. */
    uint32_t looks, type, next;
    uint32_t kind;
    uint64_t becomes;
    uint32_t version;
    /* Latency: how many starts fell into the bucket at hand, that of [low, high). */
    uint32_t held;
    int64_t low, high;
    uint64_t starts; /* sum, each less the run's first copy's time */
    int64_t latest_start, emission;
    const struct fast *fast;
    struct histogram *latency;  /* NULL: before warm_up */
    uint64_t copies, key_since; /* copies: but the held ones; since which the reaction is at hand */
    uint32_t index, signal;
};

/* The end of a cell's record from run_ns on; and its looks: type, state, slot, flags. */
enum {
    RUN_TAIL = offsetof(struct cell, run_ns),
    RUN_LOOKS = offsetof(struct cell, type),
};

static inline uint32_t run_looks(const struct cell *cell) {
    uint32_t looks = 0;
    memcpy(&looks, (const char *)cell + RUN_LOOKS, sizeof looks);
    return looks;
}

struct run {
    struct sim *s;
    struct host *h;
    int64_t first, limit;  /* the first copy's time; all come before limit */
    uint64_t copies, room; /* room: most copies */
    struct cell *cells;
    bool counted, storm;
    struct core_lists lists;
    struct digest digest;
    uint32_t mask;    /* which bits of a cell's looks count */
    uint64_t touched; /* the host's memory of lines */
    /* The windows at hand: for starts in [low, end), as far as busy time does not go over. */
    int64_t low, end;
    /* Busy time: the windows in which it is not yet counted; since which copy. */
    int64_t busy_low, busy_high, busy, all_busy;
    uint64_t busy_since;
    int64_t latest_end;
    /* Memory of what waits: starts from wait_from on. The window in which it is not yet counted;
     * leaving: all bits where starts in [low, end) are such, else none. */
    int64_t wait_from, leave_low, leave_high, leave_bytes, leaving;
    /* Waits for a core, not yet counted; those in [held_low, held_high) are of one bucket. */
    uint64_t waits, wait_sum, held;
    int64_t longest_wait, held_low, held_high;
    uint32_t held_index, most_waiting;
    uint64_t leap_at, rounds_at; /* copies after which a leap, and rounds, are tried (again) */
    uint32_t flows;
    struct flow flow[RUN_FLOWS];
};

/* A run begins at a cursor's next copy; and ends, with at least one copy made. */
void run_open(struct run *run, struct sim *sim, const struct cursor *cursor);
void run_close(struct run *run);

/* Finds the flow of a cursor's copies; false: they cannot go this way, or not in this run. */
bool run_joins(struct run *run, struct cursor *cursor);

/* Copies of many lanes of one pace in turns; false: none, they are not of that kind, or something
 * comes too soon. */
bool run_rounds(struct run *run);

/* Copies of one loop that keep the pace of its host's cores, many at once: from copy `at`, whose
 * time is now, up to `most` copies, before `until`. Returns how many. */
uint32_t run_leap(struct run *run, const struct cursor *cursor, uint32_t at, uint32_t most,
                  int64_t now, int64_t until);

/* Ways that are taken seldom. Puts the reaction of a cell at hand (false: it does more
 * than cost); run_job where the range or the windows at hand do not hold; puts at hand the bucket
 * of a start, the bucket of a wait. */
bool run_reaction(struct run *run, struct flow *flow, const struct cell *cell);
int64_t run_odd(struct run *run, struct flow *flow, struct cell *cell, int64_t start);
void run_bucket(struct flow *flow, int64_t start);
void run_held(struct run *run, int64_t wait);

/* The host's lines are stretched otherwise: no cost at hand holds. */
void run_stretched(struct run *run);

/* job_waited, where the run counts later. */
static inline void run_waits(struct run *r, int64_t now, int64_t start) {
    struct host *h = r->h;
    int64_t wait = start - now;
    if (r->s->hosts > 1 || wait > h->profile->death_wait_ns) {
        job_waited(r->s, h, now, start, true);
        r->limit = r->s->end < r->limit ? r->s->end + 1 : r->limit;
        return;
    }
    job_queued(h, now, start);
    r->most_waiting = h->queued_count > r->most_waiting ? h->queued_count : r->most_waiting;
    if (wait < r->held_low || wait >= r->held_high) {
        run_held(r, wait);
    }
    r->held++;
    r->waits++;
    r->wait_sum += (uint64_t)wait;
    r->longest_wait = wait > r->longest_wait ? wait : r->longest_wait;
}

/* What the start of a flow's copy adds, its job apart. */
static inline void run_adds(struct run *r, struct flow *f, int64_t start, int64_t end) {
    if (start < f->low || start >= f->high) {
        run_bucket(f, start);
    }
    f->held++;
    f->starts += (uint64_t)(start - r->first);
    f->latest_start = start > f->latest_start ? start : f->latest_start;
    r->latest_end = end > r->latest_end ? end : r->latest_end;
    r->copies++;
}

/* The cost of a copy's job that starts then; its memory and its busy time. */
static inline int64_t run_job(struct run *r, struct flow *f, struct cell *cell, int64_t start) {
    uint64_t touched = r->touched;
    int64_t cost = f->cost;
    if (__builtin_expect(touched - cell->touched_at - f->from >= f->span || start < r->low ||
                             start >= r->end || start + cost > r->busy_high,
                         0)) {
        return run_odd(r, f, cell, start);
    }
    touched += f->touch;
    r->touched = touched;
    cell->touched_at = touched;
    r->h->bandwidth_bytes += f->far;
    r->busy += cost;
    r->leave_bytes += f->wait_bytes & r->leaving;
    return cost;
}

/* A copy at its time; false: it cannot go this way. slot: of its subscription + 1. */
__attribute__((always_inline)) static inline bool run_copy(struct run *r, struct flow *f,
                                                           uint32_t number, uint32_t offset,
                                                           uint8_t slot, int64_t now) {
    struct host *h = r->h;
    struct cell *cell = &r->cells[number + offset];
    if (cell->free_at > now || cell->mail) {
        return false;
    }
    if (((run_looks(cell) ^ f->looks) & r->mask) && !run_reaction(r, f, cell)) {
        return false;
    }
    struct core_take take = {0, false, now};
    if (r->counted) {
        take = cores_lists_take(&h->cores, &r->lists, now);
    }
    int64_t start = take.start, cost = run_job(r, f, cell, start), end = start + cost;
    if (__builtin_expect(r->touched >= h->pressure_mark, 0)) {
        h->pressure_at = now;
        h->pressure_mark = UINT64_MAX;
    }
    if (r->counted) {
        cores_lists_give(&h->cores, &r->lists, &take, end, now);
        if (take.waited) {
            run_waits(r, now, start);
        }
    }
    cell->free_at = end;
    cell->wakes++;
    memcpy((char *)cell + RUN_TAIL, &f->becomes, sizeof f->becomes);
    cell->slot = slot;
    digest_add(&r->digest, start, number, f->kind, f->version, f->next);
    run_adds(r, f, start, end);
    return true;
}

#endif
