#include "sim/burst.h"

#include "sim/aware.h"
#include "sim/cell_job.h"
#include "sim/wake.h"

enum { AHEAD = 16 }; /* copies ahead whose records are fetched */

/*
 * What a run of copies keeps at hand instead of in the host and the tally; put back by burst_flush.
 * Between two flushes nobody else looks.
 */
struct burst {
    struct sim *s;
    struct host *h;
    struct histogram *latency;
    int64_t busy_low, busy_high; /* the windows of busy time that are at hand */
    int64_t busy, latest_end, latest_start;
    int64_t starts_from, starts; /* the sum of starts, each less starts_from */
    uint64_t in_bucket, wakes, of_type;
    uint32_t bucket;
    uint32_t key; /* type and state that `fast` and `of_type` are of; none at first */
    const struct fast *fast;
};

/* Puts the windows of busy time at hand that a job's start is in. */
static void burst_windows(struct burst *b, int64_t start) {
    struct busy_ring *milli = &b->s->milli, *sample = &b->s->sample;
    if (start < milli->low || start >= milli->high) {
        busy_move(milli, start);
    }
    if (start < sample->low || start >= sample->high) {
        busy_move(sample, start);
    }
    b->busy_low = milli->low > sample->low ? milli->low : sample->low;
    b->busy_high = milli->high < sample->high ? milli->high : sample->high;
}

static inline void flush_type(struct burst *b) {
    if (b->of_type > 0) {
        b->s->tally.type[b->key & 255].wakes += b->of_type;
        b->of_type = 0;
    }
}

static void flush_storm(struct burst *b) {
    struct sim *s = b->s;
    s->sample.now[s->hosts + 1] += (int64_t)b->wakes;
    bool first = s->tally.storm_wakes == 0;
    s->tally.storm_wakes += b->wakes;
    s->tally.storm_work_ns += b->busy;
    if (first || b->latest_end > s->storm_until) {
        figures_storm_lasts(s, b->latest_end);
    } else if (b->h->counted) {
        s->storm_busy_until += b->busy;
    }
}

static void burst_flush(struct burst *b, const struct signal *signal) {
    struct sim *s = b->s;
    struct host *h = b->h;
    if (b->wakes == 0) {
        return;
    }
    h->busy_ns += b->busy;
    h->busy_all += b->busy;
    s->milli.now[h->place] += b->busy;
    s->sample.now[h->place] += b->busy;
    s->sample.now[s->hosts] += (int64_t)b->wakes;
    if (signal->storm) {
        flush_storm(b);
    }
    flush_type(b);
    if (b->latency) {
        struct histogram *latency = b->latency;
        latency->bucket[b->bucket] += b->in_bucket;
        latency->count += b->wakes;
        latency->sum += (uint128)(uint64_t)(b->starts_from - signal->emission) * b->wakes;
        latency->sum += (uint64_t)b->starts;
        int64_t most = b->latest_start - signal->emission;
        latency->max = most > latency->max ? most : latency->max;
        struct tally_kind *k = &s->tally.kind[signal->kind];
        k->last_ns = most > k->last_ns ? most : k->last_ns;
        b->in_bucket = 0;
    }
    b->busy = b->starts = 0;
    b->wakes = 0;
}

/* Whether this cell takes its copy as a burst does: free, and only a cost and a next state. */
static inline bool burst_fits(struct burst *b, const struct cursor *c, const struct cell *cell) {
    if (cell->free_at > c->time || cell->mail) {
        return false;
    }
    uint32_t key = cell->type | (uint32_t)cell->state << 8;
    if (key != b->key) {
        const struct sim *s = b->s;
        const struct fast *fast =
            &b->h->fast[(s->first_row[cell->type] + cell->state) * s->plan->genome.columns +
                        c->kind];
        if (!fast->plain ||
            (s->aware->active && s->aware->follows[cell->type] != FOLLOWS_NOBODY)) {
            return false;
        }
        flush_type(b);
        b->key = key;
        b->fast = fast;
    }
    return true;
}

static inline void burst_latency(struct burst *b, int64_t latency) {
    uint32_t bucket = histogram_index(latency);
    if (bucket != b->bucket) {
        b->latency->bucket[b->bucket] += b->in_bucket;
        b->in_bucket = 0;
        b->bucket = bucket;
    }
    b->in_bucket++;
}

/* Books the job's core and its busy time. */
static inline void burst_book(struct burst *b, const struct signal *signal,
                              const struct core_take *take, int64_t now, int64_t cost) {
    struct sim *s = b->s;
    struct host *h = b->h;
    int64_t end = take->start + cost;
    if (h->counted) {
        cores_give(&h->cores, take, end, now);
        if (__builtin_expect(take->waited, 0)) {
            job_waited(s, h, now, take->start, true);
        }
    }
    if (__builtin_expect(take->start < b->busy_low || end > b->busy_high, 0)) {
        burst_flush(b, signal);
        burst_windows(b, take->start);
        if (end > b->busy_high) { /* over the edge of a window: counted piece by piece */
            busy_add(&s->milli, h->place, take->start, end);
            busy_add(&s->sample, h->place, take->start, end);
            burst_windows(b, take->start);
            s->milli.now[h->place] -= cost;
            s->sample.now[h->place] -= cost;
        }
    }
    b->busy += cost;
    b->latest_end = end > b->latest_end ? end : b->latest_end;
    if (!signal->storm && take->start < s->storm_busy_limit && h->counted) {
        int64_t until = end < s->storm_busy_limit ? end : s->storm_busy_limit;
        s->storm_busy_until += until - take->start;
    }
}

uint32_t burst_run(struct sim *s, struct cursor *cursor) {
    struct cursor c = *cursor;
    const struct signal *signal = sim_signal(s, c.signal);
    struct host *h = sim_host_of(s, c.source);
    if (h->over || signal->woken || (signal->scope && s->aware->active)) {
        return 0;
    }
    struct burst b = {.s = s, .h = h, .key = UINT32_MAX, .starts_from = c.time, .latest_end = -1};
    if (signal->emission >= s->warm_up) {
        enum tally_phase phase = signal->storm ? PHASE_DURING : figures_phase(s, signal->emission);
        b.latency = s->tally.kind[c.kind].latency[phase];
    }
    struct cell *cells = s->cell + c.offset;
    struct digest digest = s->tally.digest;
    int64_t wait_bytes = h->wait_bytes[c.kind];
    int64_t next_window = (s->memory_window + 1) * MEMORY_WINDOW_NS;
    uint32_t begun = c.at;
    uint64_t room = (uint64_t)s->limit_wakes - s->tally.wakes;
    uint32_t stop = c.end - c.at > room ? c.at + (uint32_t)room : c.end;
    int64_t limit = s->queue.limit < s->chore_at ? s->queue.limit : s->chore_at;
    burst_windows(&b, c.time);
    while (c.at < stop && (c.time < limit || c.at == begun) && c.time <= s->end) {
        uint32_t number = c.cell[c.at];
        struct cell *cell = &cells[number];
        if (!burst_fits(&b, &c, cell)) {
            break;
        }
        if (c.at + AHEAD < c.end) {
            __builtin_prefetch(&cells[c.cell[c.at + AHEAD]], 1);
        }
        const struct fast *fast = b.fast;
        struct core_take take = job_take(h, c.time);
        int64_t cost = cell_job_cost(h, cell, c.time, take.start, fast->cost, fast->lines,
                                     fast->touch, true);
        burst_book(&b, signal, &take, c.time, cost);
        cell_takes_job(s, cell, number + c.offset, take.start, cost, c.slot[c.at] + 1U);
        if (take.start >= next_window) {
            cost_wait(s, h, wait_bytes, take.start);
        }
        cell->state = fast->next == FAST_STAYS ? cell->state : fast->next;
        cell->wakes++;
        digest_add(&digest, take.start, number, c.kind, signal->version, cell->state);
        b.wakes++;
        b.of_type++;
        if (b.latency) {
            burst_latency(&b, take.start - signal->emission);
            b.starts += take.start - b.starts_from;
            b.latest_start = take.start > b.latest_start ? take.start : b.latest_start;
        }
        c.at++;
        c.time += c.step;
    }
    uint32_t n = c.at - begun;
    s->now = n > 0 ? c.time - c.step : s->now;
    burst_flush(&b, signal);
    flush_type(&b);
    s->tally.digest = digest;
    s->tally.wakes += n;
    s->tally.delivered += n;
    s->tally.events += n;
    if (b.latency && n > 0) {
        struct tally_kind *k = &s->tally.kind[c.kind];
        k->delivered += n;
        k->reached += n;
        k->last_hop = 1;
    }
    cursor->at = c.at;
    cursor->time = c.time;
    cursor->number += n;
    return n;
}
