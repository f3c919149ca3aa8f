#include "sim/run.h"

#include "sim/aware.h"
#include "sim/direct.h"
#include "sim/wake.h"

void run_bucket(struct flow *f, int64_t start) {
    f->latency->bucket[f->index] += f->held;
    f->copies += f->held;
    f->held = 0;
    f->index = histogram_index(start - f->emission);
    f->low = f->emission + histogram_value(f->index);
    f->high = f->emission + histogram_value(f->index + 1);
}

bool run_joins(struct run *r, struct cursor *c) {
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
        r->flow[r->flows++] = (struct flow){.looks = UINT32_MAX, /* like no cell: chosen */
                                            .signal = c->signal,
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
    r->busy_low = milli->low > sample->low ? milli->low : sample->low;
    r->busy_high = milli->high < sample->high ? milli->high : sample->high;
}

static void busy_flush(struct run *r) {
    struct sim *s = r->s;
    int64_t copies = (int64_t)(r->copies - r->busy_since);
    s->milli.now[r->h->place] += r->busy;
    s->sample.now[r->h->place] += r->busy;
    s->sample.now[s->hosts] += copies;
    s->sample.now[s->hosts + 1] += r->storm ? copies : 0;
    r->all_busy += r->busy;
    r->busy = 0;
    r->busy_since = r->copies;
}

/* A job that leaves the windows at hand. */
static void busy_over(struct run *r, int64_t start, int64_t end) {
    struct sim *s = r->s;
    busy_flush(r);
    r->busy_since++; /* without this one */
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

static void leave_move(struct run *r, int64_t start) {
    leave_flush(r);
    r->leave_low = start / MEMORY_WINDOW_NS * MEMORY_WINDOW_NS;
    r->leave_high = r->leave_low + MEMORY_WINDOW_NS;
}

void run_open(struct run *r, struct sim *s, const struct cursor *c) {
    struct host *h = sim_host_of(s, c->source);
    r->s = s;
    r->h = h;
    r->first = c->time;
    int64_t limit = s->queue.limit < s->chore_at ? s->queue.limit : s->chore_at;
    r->limit = s->end < limit ? s->end + 1 : limit;
    r->room = (uint64_t)s->limit_wakes - s->tally.wakes;
    r->copies = r->busy_since = r->leap_at = r->rounds_at = 0;
    r->cells = s->cell;
    r->counted = h->counted;
    const struct cell mask = {.type = UINT8_MAX, .state = UINT8_MAX, .flags = CELL_CHOSEN};
    r->mask = run_looks(&mask);
    r->storm = sim_signal(s, c->signal)->storm;
    r->lists = h->cores.lists;
    r->digest = s->tally.digest;
    r->touched = h->touched;
    r->busy = r->all_busy = r->leave_bytes = 0;
    r->latest_end = -1;
    r->low = INT64_MAX; /* none is at hand */
    r->end = INT64_MIN;
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
    r->s->tally.type[f->type].wakes += f->copies - f->key_since;
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

void run_close(struct run *r) {
    struct sim *s = r->s;
    r->h->touched = r->touched;
    r->h->cores.lists = r->lists;
    s->tally.digest = r->digest;
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

bool run_reaction(struct run *r, struct flow *f, const struct cell *cell) {
    const struct fast *fast = direct_plain(r->s, r->h, cell, f->kind);
    if (!fast || (cell->flags & CELL_CHOSEN)) {
        return false;
    }
    uint64_t copies = f->copies + f->held;
    r->s->tally.type[f->type].wakes += copies - f->key_since;
    f->key_since = copies;
    f->looks = run_looks(cell);
    f->type = cell->type;
    f->next = fast->next == FAST_STAYS ? cell->state : fast->next;
    f->fast = fast;
    f->touch = (uint64_t)fast->touch;
    f->span = 0;
    return true;
}

void run_stretched(struct run *r) {
    for (uint32_t i = 0; i < r->flows; i++) {
        r->flow[i].span = 0;
    }
}

/* cost_fetch of a copy, and for which reuses it holds. */
static void fetch(struct run *r, struct flow *f, struct cell *cell, int64_t start) {
    struct host *h = r->h;
    bool first = cell->touched_at == NEVER_TOUCHED;
    uint64_t reuse = r->touched - cell->touched_at;
    if (start >= h->bandwidth_until) {
        int64_t stretch = h->stretch;
        cost_next_bandwidth_window(h, start);
        if (h->stretch != stretch) {
            run_stretched(r);
        }
    }
    int64_t bytes = h->bandwidth_bytes;
    h->touched = r->touched;
    int64_t cost = f->fast->cost + cost_fetch(h, cell, f->fast->lines, f->fast->touch, start, true);
    f->cost = cost > 0 ? cost : 1;
    bool fits = f->cost <= UINT32_MAX;
    struct cell becomes = {.run_ns = fits ? (uint32_t)f->cost : UINT32_MAX,
                           .type = (uint8_t)f->type,
                           .state = (uint8_t)f->next,
                           .flags = fits ? 0 : CELL_LONG};
    memcpy(&f->becomes, (char *)&becomes + RUN_TAIL, sizeof f->becomes);
    f->far = h->bandwidth_bytes - bytes;
    r->touched = h->touched;
    f->span = 0;
    if (first || !fits) {
        return;
    }
    uint64_t divided = h->domains_shift >= 0 ? reuse >> h->domains_shift
                                             : reuse / (uint64_t)h->profile->cache_domains;
    struct cost_range range = h->line_range[cost_line_at(h, divided)];
    if (reuse >= h->memory_from) {
        range.from = range.from > h->memory_from ? range.from : h->memory_from;
    } else if (range.until > h->memory_from) {
        range.until = h->memory_from;
    }
    /* A cell that was never touched must not look as if it had been. */
    range.until = range.until < r->touched + 1 ? range.until : r->touched + 1;
    f->from = range.from;
    f->span = range.until - range.from;
}

int64_t run_odd(struct run *r, struct flow *f, struct cell *cell, int64_t start) {
    struct host *h = r->h;
    if (r->touched - cell->touched_at - f->from >= f->span || start >= h->bandwidth_until) {
        fetch(r, f, cell, start);
        if (f->cost > UINT32_MAX) {
            r->s->long_start[cell - r->cells] = start;
        }
    } else {
        r->touched += f->touch;
        cell->touched_at = r->touched;
        h->bandwidth_bytes += f->far;
    }
    if (start < r->busy_low || start + f->cost > r->busy_high) {
        busy_over(r, start, start + f->cost);
    } else {
        r->busy += f->cost;
    }
    r->leaving = 0;
    r->low = INT64_MIN;
    r->end = r->wait_from;
    if (start >= r->wait_from) {
        if (start < r->leave_low || start >= r->leave_high) {
            leave_move(r, start);
        }
        r->leave_bytes += f->wait_bytes;
        r->leaving = -1;
        r->low = r->leave_low;
        r->end = r->leave_high;
    }
    r->low = r->busy_low > r->low ? r->busy_low : r->low;
    r->end = h->bandwidth_until < r->end ? h->bandwidth_until : r->end;
    return f->cost;
}

void run_held(struct run *r, int64_t wait) {
    r->s->tally.buffer[PLACE_CORE_QUEUE].held->bucket[r->held_index] += r->held;
    r->held = 0;
    r->held_index = histogram_index(wait);
    r->held_low = histogram_value(r->held_index);
    r->held_high = histogram_value(r->held_index + 1);
}
