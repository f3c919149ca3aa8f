/*
 * A job: a core is claimed, its time is booked, its wait is judged (docs/model.md 2, 6). Inline:
 * part of every wake.
 */
#ifndef NERVE_SIM_JOB_H
#define NERVE_SIM_JOB_H

#include "sim/cost.h"
#include "sim/state.h"

/* A job that waits for a core: into the queue's figures, and the death watch where `alive` says
 * that it is a cell's. */
void job_waited(struct sim *s, struct host *h, int64_t ready, int64_t start, bool cells);

static inline struct core_take job_take(struct host *h, int64_t ready) {
    if (!h->counted) {
        return (struct core_take){0, false, ready};
    }
    return cores_take(&h->cores, ready);
}

static inline void job_busy(struct sim *s, struct host *h, int64_t start, int64_t cost) {
    h->busy_all += cost;
    if (start < s->storm_busy_limit && h->counted) {
        int64_t end = start + cost < s->storm_busy_limit ? start + cost : s->storm_busy_limit;
        s->storm_busy_until += end - start;
    }
    busy_add(&s->milli, h->place, start, start + cost);
    busy_add(&s->sample, h->place, start, start + cost);
}

/* Books a cell's or partitioner's job. */
static inline void job_book(struct sim *s, struct host *h, const struct core_take *take,
                            int64_t ready, int64_t cost, bool cells) {
    if (h->counted) {
        cores_give(&h->cores, take, take->start + cost, ready);
        if (take->waited) {
            job_waited(s, h, ready, take->start, cells);
        }
    }
    job_busy(s, h, take->start, cost);
}

/* A job of a station that goes ahead of cells (or not: the profile says); returns its start.
 * goes_on: the station's own job before ended at `ready` exactly. */
int64_t job_ahead(struct sim *s, struct host *h, int64_t ready, int64_t cost, bool goes_on);

/* Makes room for one more waiting job. */
void job_queued_grow(struct host *host);

/* Forgets the waiting jobs of a host that have started by now. */
static inline void job_queued_drop(struct host *h, int64_t now) {
    while (h->queued_count > 0 && h->queued[h->queued_head] <= now) {
        h->queued_head = (h->queued_head + 1) & (h->queued_room - 1);
        h->queued_count--;
    }
}

/* One more waits, from ready to its start. */
static inline void job_queued(struct host *h, int64_t ready, int64_t start) {
    job_queued_drop(h, ready);
    if (start > ready) {
        if (h->queued_count == h->queued_room) {
            job_queued_grow(h);
        }
        h->queued[(h->queued_head + h->queued_count++) & (h->queued_room - 1)] = start;
    }
}

#endif
