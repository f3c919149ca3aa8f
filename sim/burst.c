#include "sim/burst.h"

#include "sim/aware.h"
#include "sim/cell_job.h"
#include "sim/cursor.h"
#include "sim/direct.h"
#include "sim/run.h"
#include "sim/wake.h"

/* Copies of a loop ahead whose records are fetched: of one alone, and of many in turns. */
enum { AHEAD = 8, AHEAD_OF_MANY = 2, NO_KEY = 1 << 24 };

void run_bucket(struct flow *f, int64_t start) {
    f->latency->bucket[f->index] += f->held;
    f->copies += f->held;
    f->held = 0;
    f->index = histogram_index(start - f->emission);
    f->low = f->emission + histogram_value(f->index);
    f->high = f->emission + histogram_value(f->index + 1);
}

/* The flow of a cursor's copies; false: they cannot go this way, or not in this run. */
static bool run_joins(struct run *r, struct cursor *c) {
    struct sim *s = r->s;
    const struct signal *signal = sim_signal(s, c->signal);
    uint32_t at = 0;
    while (at < r->flows && r->flow[at].signal != c->signal) {
        at++;
    }
    if (r->h != sim_host_of(s, c->source) || !direct_copies(s, r->h, signal) || at == RUN_FLOWS ||
        r->storm != signal->storm) {
        return false;
    }
    if (at == r->flows) {
        struct histogram *latency = direct_latency(s, signal);
        r->flow[r->flows++] = (struct flow){.signal = c->signal,
                                            .emission = signal->emission,
                                            .kind = signal->kind,
                                            .version = signal->version,
                                            .wait_bytes = r->h->wait_bytes[signal->kind],
                                            .latency = latency,
                                            .low = latency ? INT64_MAX : INT64_MIN,
                                            .high = latency ? INT64_MIN : INT64_MAX};
    }
    c->flow = (uint8_t)at;
    c->run = s->runs;
    return true;
}

static void busy_windows(struct run *r) {
    const struct busy_ring *milli = &r->s->milli, *sample = &r->s->sample;
    r->low = milli->low > sample->low ? milli->low : sample->low;
    r->high = milli->high < sample->high ? milli->high : sample->high;
}

static void busy_flush(struct run *r) {
    struct sim *s = r->s;
    s->milli.now[r->h->place] += r->busy;
    s->sample.now[r->h->place] += r->busy;
    s->sample.now[s->hosts] += (int64_t)r->busy_copies;
    s->sample.now[s->hosts + 1] += r->storm ? (int64_t)r->busy_copies : 0;
    r->all_busy += r->busy;
    r->busy = 0;
    r->busy_copies = 0;
}

/* A job that leaves the windows at hand. */
__attribute__((noinline)) static void busy_over(struct run *r, int64_t start, int64_t end) {
    struct sim *s = r->s;
    busy_flush(r);
    busy_wake(&s->sample, start, r->storm);
    busy_add(&s->milli, r->h->place, start, end);
    busy_add(&s->sample, r->h->place, start, end);
    r->all_busy += end - start;
    if (end < s->milli.low || end >= s->milli.high || end < s->sample.low ||
        end >= s->sample.high) {
        busy_move(&s->milli, end);
        busy_move(&s->sample, end);
    }
    busy_windows(r);
}

static void leave_flush(struct run *r) {
    if (r->leave_bytes > 0) {
        r->h->waiting_bytes += r->leave_bytes;
        cost_leave_later(r->h, r->leave_bytes, r->leave_low / MEMORY_WINDOW_NS,
                         r->s->memory_window);
        r->leave_bytes = 0;
    }
}

__attribute__((noinline)) static void leave_move(struct run *r, int64_t start) {
    leave_flush(r);
    r->leave_low = start / MEMORY_WINDOW_NS * MEMORY_WINDOW_NS;
    r->leave_high = r->leave_low + MEMORY_WINDOW_NS;
}

static void run_open(struct run *r, struct sim *s, const struct cursor *c) {
    struct host *h = sim_host_of(s, c->source);
    r->s = s;
    r->h = h;
    r->first = c->time;
    int64_t limit = s->queue.limit < s->chore_at ? s->queue.limit : s->chore_at;
    r->limit = s->end < limit ? s->end + 1 : limit;
    r->room = (uint64_t)s->limit_wakes - s->tally.wakes;
    r->copies = r->key_since = r->busy_copies = r->leap_at = 0;
    r->cells = s->cell;
    r->counted = h->counted;
    r->storm = sim_signal(s, c->signal)->storm;
    r->lists = h->cores.lists;
    r->digest = s->tally.digest;
    r->key = NO_KEY;
    r->touched = h->touched;
    r->reuse = UINT64_MAX;
    r->busy = r->all_busy = r->leave_bytes = 0;
    r->latest_end = -1;
    r->wait_from = (s->memory_window + 1) * MEMORY_WINDOW_NS;
    r->leave_low = r->leave_high = r->held_low = r->held_high = r->longest_wait = 0;
    r->waits = r->wait_sum = r->held = 0;
    r->held_index = r->most_waiting = 0;
    r->flows = 0;
    s->runs++;
    busy_windows(r);
}

static void close_storm(struct run *r) {
    struct sim *s = r->s;
    bool first = s->tally.storm_wakes == 0;
    s->tally.storm_wakes += r->copies;
    s->tally.storm_work_ns += r->all_busy;
    if (first || r->latest_end > s->storm_until) {
        figures_storm_lasts(s, r->latest_end);
    } else if (r->counted) {
        s->storm_busy_until += r->all_busy;
    }
}

static void close_flow(struct run *r, struct flow *f) {
    f->copies += f->held;
    if (!f->latency || f->copies == 0) {
        return;
    }
    struct tally_kind *k = &r->s->tally.kind[f->kind];
    int64_t most = f->latest_start - f->emission;
    f->latency->bucket[f->index] += f->held;
    f->latency->count += f->copies;
    f->latency->sum += (uint128)(uint64_t)(r->first - f->emission) * f->copies;
    f->latency->sum += f->starts;
    f->latency->max = most > f->latency->max ? most : f->latency->max;
    k->last_ns = most > k->last_ns ? most : k->last_ns;
    k->delivered += f->copies;
    k->reached += f->copies;
    k->last_hop = 1;
}

/* Puts the reaction of a cell to a signal at hand; false: it does more than cost. */
__attribute__((noinline)) static bool run_reaction(struct run *r, const struct cell *cell,
                                                   uint32_t key) {
    const struct fast *fast = direct_plain(r->s, r->h, cell, key >> 16);
    if (!fast) {
        return false;
    }
    r->s->tally.type[r->key & 255].wakes += r->copies - r->key_since;
    r->key_since = r->copies;
    r->key = key;
    r->fast = fast;
    r->reuse = UINT64_MAX;
    return true;
}

/* cost_fetch of a copy by a loop, where the last one's does not hold. */
__attribute__((noinline)) static void run_fetch(struct run *r, struct cell *c, int64_t start) {
    struct host *h = r->h;
    uint64_t reuse = c->touched_at == NEVER_TOUCHED ? UINT64_MAX : r->touched - c->touched_at;
    h->touched = r->touched;
    int64_t bytes = start >= h->bandwidth_until ? 0 : h->bandwidth_bytes;
    r->fetch = cost_fetch(h, c, r->fast->lines, r->fast->touch, start, true);
    r->far = h->bandwidth_bytes - bytes;
    r->touched = h->touched;
    r->reuse = reuse;
}

static inline int64_t run_cost(struct run *r, struct cell *c, int64_t start) {
    if (r->touched - c->touched_at != r->reuse || start >= r->h->bandwidth_until) {
        run_fetch(r, c, start);
    } else {
        r->touched += (uint64_t)r->fast->touch;
        c->touched_at = r->touched;
        r->h->bandwidth_bytes += r->far;
    }
    int64_t cost = r->fast->cost + r->fetch;
    return cost > 0 ? cost : 1;
}

__attribute__((noinline)) static void held_move(struct run *r, int64_t wait) {
    r->s->tally.buffer[PLACE_CORE_QUEUE].held->bucket[r->held_index] += r->held;
    r->held = 0;
    r->held_index = histogram_index(wait);
    r->held_low = histogram_value(r->held_index);
    r->held_high = histogram_value(r->held_index + 1);
}

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
        held_move(r, wait);
    }
    r->held++;
    r->waits++;
    r->wait_sum += (uint64_t)wait;
    r->longest_wait = wait > r->longest_wait ? wait : r->longest_wait;
}

static void close_waits(struct run *r) {
    struct tally_buffer *queue = &r->s->tally.buffer[PLACE_CORE_QUEUE];
    struct host *h = r->h;
    if (r->waits == 0) {
        return;
    }
    h->longest_wait = r->longest_wait > h->longest_wait ? r->longest_wait : h->longest_wait;
    h->waiting_peak = r->most_waiting > h->waiting_peak ? r->most_waiting : h->waiting_peak;
    queue->peak = r->most_waiting > queue->peak ? r->most_waiting : queue->peak;
    queue->held_sum_ns += r->wait_sum;
    queue->held->bucket[r->held_index] += r->held;
    queue->held->count += r->waits;
    queue->held->sum += r->wait_sum;
    queue->held->max = r->longest_wait > queue->held->max ? r->longest_wait : queue->held->max;
}

static void run_close(struct run *r) {
    struct sim *s = r->s;
    r->h->touched = r->touched;
    r->h->cores.lists = r->lists;
    s->tally.digest = r->digest;
    s->tally.type[r->key & 255].wakes += r->copies - r->key_since;
    s->tally.wakes += r->copies;
    s->tally.delivered += r->copies;
    s->tally.events += r->copies;
    busy_flush(r);
    leave_flush(r);
    close_waits(r);
    r->h->busy_all += r->all_busy;
    if (r->storm) {
        close_storm(r);
    }
    for (uint32_t i = 0; i < r->flows; i++) {
        close_flow(r, &r->flow[i]);
    }
}

static inline void run_adds(struct run *r, struct flow *f, int64_t start, int64_t cost) {
    int64_t end = start + cost;
    if (start < f->low || start >= f->high) {
        run_bucket(f, start);
    }
    f->held++;
    f->starts += (uint64_t)(start - r->first);
    f->latest_start = start > f->latest_start ? start : f->latest_start;
    r->latest_end = end > r->latest_end ? end : r->latest_end;
    if (__builtin_expect(start < r->low || end > r->high, 0)) {
        busy_over(r, start, end);
    } else {
        r->busy += cost;
        r->busy_copies++;
    }
    if (start >= r->wait_from) {
        if (start < r->leave_low || start >= r->leave_high) {
            leave_move(r, start);
        }
        r->leave_bytes += f->wait_bytes;
    }
}

/* A copy at its time; false: it cannot go this way. */
__attribute__((always_inline)) static inline bool run_copy(struct run *r, struct flow *f,
                                                           uint32_t number, uint32_t rank,
                                                           uint32_t slot, int64_t now) {
    struct host *h = r->h;
    struct cell *cell = &r->cells[rank];
    if (cell->free_at > now || cell->mail) {
        return false;
    }
    uint32_t key = cell->type | (uint32_t)cell->state << 8 | f->kind << 16;
    if (key != r->key && !run_reaction(r, cell, key)) {
        return false;
    }
    struct core_take take = {0, false, now};
    if (r->counted) {
        cores_settle(&r->lists, now);
        take = cores_lists_take(&h->cores, &r->lists, now);
    }
    int64_t cost = run_cost(r, cell, take.start);
    if (__builtin_expect(r->touched >= h->pressure_mark, 0)) {
        h->pressure_at = now;
        h->pressure_mark = UINT64_MAX;
    }
    if (r->counted) {
        cores_lists_give(&h->cores, &r->lists, &take, take.start + cost, now);
        if (take.waited) {
            run_waits(r, now, take.start);
        }
    }
    cell_takes_job(r->s, cell, rank, take.start, cost, slot + 1);
    cell->state = r->fast->next == FAST_STAYS ? cell->state : r->fast->next;
    cell->wakes++;
    digest_add(&r->digest, take.start, number, f->kind, f->version, cell->state);
    run_adds(r, f, take.start, cost);
    r->copies++;
    return true;
}

/* The front lane's copies up to where the next lane's, or anything else, comes; false: its next
 * copy cannot go this way. */
static inline bool run_lane(struct run *r, struct cursor *c) {
    struct sim *s = r->s;
    struct flow *f = &r->flow[c->flow];
    const uint32_t begin = c->at, offset = c->offset, last = c->end - 1;
    uint64_t room = r->room - r->copies;
    uint32_t at = begin, end = c->end - at > room ? at + (uint32_t)room : c->end;
    int64_t now = c->time, next = INT64_MAX;
    uint32_t ahead = AHEAD;
    if (lanes_count(&s->lanes) > 1) {
        next = lanes_front(&s->lanes)[1].time;
        ahead = AHEAD_OF_MANY;
    }
    bool fits = true;
    do {
        uint32_t later = at + ahead < last ? at + ahead : last;
        __builtin_prefetch(&r->cells[cursor_cell(c, later) + offset], 1);
        uint32_t number = cursor_cell(c, at);
        fits = run_copy(r, f, number, number + offset, c->slot[at], now);
        at += fits;
        now += c->step;
    } while (fits && at < end && now < next && now < r->limit);
    if (at > begin) {
        s->now = c->time + (at - begin - 1) * c->step;
        cursor_moves(s, c, at - begin);
    }
    return fits;
}

uint64_t burst_run(struct sim *s) {
    struct cursor *cursors = pool_at(&s->cursor, 0), *c = cursors + lanes_front(&s->lanes)->body;
    const struct cell *cell = &s->cell[cursor_cell(c, c->at) + c->offset];
    if (cell->free_at > c->time || cell->mail ||
        (!sim_signal(s, c->signal)->storm && s->storm_busy_limit > c->time)) {
        return 0;
    }
    struct run r;
    run_open(&r, s, c);
    while (c->run == s->runs || run_joins(&r, c)) {
        if (!run_lane(&r, c) || lanes_count(&s->lanes) == 0 ||
            lanes_front(&s->lanes)->time >= r.limit || r.copies == r.room) {
            break;
        }
        c = cursors + lanes_front(&s->lanes)->body;
    }
    if (r.copies > 0) {
        run_close(&r);
    }
    return r.copies;
}
