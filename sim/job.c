#include "sim/job.h"

#include <stdlib.h>

#include "base/memory.h"
#include "sim/figures.h"
#include "sim/spans.h"

void job_queued_grow(struct host *h) {
    uint32_t room = h->queued_room ? h->queued_room * 2 : 64;
    int64_t *grown = memory_new(room, sizeof *grown);
    for (uint32_t i = 0; i < h->queued_count; i++) {
        grown[i] = h->queued[(h->queued_head + i) & (h->queued_room - 1)];
    }
    free(h->queued);
    h->queued = grown;
    h->queued_head = 0;
    h->queued_room = room;
}

void job_waited(struct sim *s, struct host *h, int64_t ready, int64_t start, bool cells) {
    int64_t wait = start - ready;
    job_queued(h, ready, start);
    h->waiting_peak = h->queued_count > h->waiting_peak ? h->queued_count : h->waiting_peak;
    uint64_t all = h->queued_count;
    for (uint32_t i = 0; s->hosts > 1 && i < s->hosts; i++) {
        if (i != h->place) {
            job_queued_drop(&s->host[i], ready);
            all += s->host[i].queued_count;
        }
    }
    struct tally_buffer *queue = &s->tally.buffer[PLACE_CORE_QUEUE];
    queue->peak = all > queue->peak ? all : queue->peak;
    figures_held(s, PLACE_CORE_QUEUE, wait);
    if (!cells) {
        return;
    }
    h->longest_wait = wait > h->longest_wait ? wait : h->longest_wait;
    int64_t patience = h->profile->death_wait_ns;
    if (wait > patience) {
        spans_add(&h->dead, ready + patience, start);
        if (s->plan->run.stop_on_death && s->warm && ready + patience < s->end) {
            s->end = ready + patience;
        }
    }
}

int64_t job_ahead(struct sim *s, struct host *h, int64_t ready, int64_t cost, bool goes_on) {
    if (!h->counted) {
        job_busy(s, h, ready, cost);
        return ready;
    }
    struct core_take take = cores_take(&h->cores, ready);
    if (!take.waited) {
        cores_give(&h->cores, &take, take.start + cost, ready);
        job_busy(s, h, take.start, cost);
        return take.start;
    }
    /* No core is idle: the first to fall free falls free later by this job. */
    cores_give(&h->cores, &take, take.start + cost, ready);
    job_busy(s, h, take.start, cost);
    if (h->profile->station_priority_equal) {
        job_waited(s, h, ready, take.start, false);
        return take.start;
    }
    return goes_on ? ready : ready + h->profile->idle_spin_ns;
}
