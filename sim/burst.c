#include "sim/burst.h"

#include "sim/aware.h"
#include "sim/cell_job.h"
#include "sim/direct.h"
#include "sim/wake.h"

enum { AHEAD = 16 /* copies ahead whose records are fetched */, NO_KEY = 0x10000 };

/* What a run of copies has added: kept at hand in the loop, put into the figures behind it. */
struct added {
    uint32_t wakes;
    int64_t busy, latest_start, latest_end,
        starts; /* starts: sum, each less the first copy's time */
};

static void add_storm(struct sim *s, const struct host *h, const struct added *a) {
    s->sample.now[s->hosts + 1] += a->wakes;
    bool first = s->tally.storm_wakes == 0;
    s->tally.storm_wakes += a->wakes;
    s->tally.storm_work_ns += a->busy;
    if (first || a->latest_end > s->storm_until) {
        figures_storm_lasts(s, a->latest_end);
    } else if (h->counted) {
        s->storm_busy_until += a->busy;
    }
}

static void add_figures(struct sim *s, struct host *h, const struct signal *signal,
                        struct histogram *latency, int64_t first_ns, const struct added *a) {
    h->busy_all += a->busy;
    s->milli.now[h->place] += a->busy;
    s->sample.now[h->place] += a->busy;
    s->sample.now[s->hosts] += a->wakes;
    s->tally.wakes += a->wakes;
    s->tally.delivered += a->wakes;
    s->tally.events += a->wakes;
    if (signal->storm) {
        add_storm(s, h, a);
    }
    if (latency) {
        struct tally_kind *k = &s->tally.kind[signal->kind];
        int64_t most = a->latest_start - signal->emission;
        latency->count += a->wakes;
        latency->sum += (uint128)(uint64_t)(first_ns - signal->emission) * a->wakes;
        latency->sum += (uint64_t)a->starts;
        latency->max = most > latency->max ? most : latency->max;
        k->last_ns = most > k->last_ns ? most : k->last_ns;
        k->delivered += a->wakes;
        k->reached += a->wakes;
        k->last_hop = 1;
    }
}

/* Up to where a job may end so that no window of busy time or of memory is left. */
static int64_t edge_of(struct sim *s, int64_t now) {
    if (now < s->milli.low || now >= s->milli.high || now < s->sample.low ||
        now >= s->sample.high) {
        busy_move(&s->milli, now);
        busy_move(&s->sample, now);
    }
    int64_t edge = (s->memory_window + 1) * MEMORY_WINDOW_NS;
    edge = s->milli.high < edge ? s->milli.high : edge;
    return s->sample.high < edge ? s->sample.high : edge;
}

/* The run's last job goes over the edge: its share of the windows at hand goes where it belongs. */
static void over_edge(struct sim *s, struct host *h, const struct signal *signal, int64_t start,
                      int64_t cost) {
    s->milli.now[h->place] -= cost;
    s->sample.now[h->place] -= cost;
    s->sample.now[s->hosts]--;
    s->sample.now[s->hosts + 1] -= signal->storm;
    busy_add(&s->milli, h->place, start, start + cost);
    busy_wake(&s->sample, start, signal->storm);
    busy_add(&s->sample, h->place, start, start + cost);
    cost_wait(s, h, h->wait_bytes[signal->kind], start);
}

/* The host's memory of lines, at hand; and the last fetch, which is the next one's too where the
 * reuse is the same. */
struct hand {
    uint64_t touched, reuse;
    int64_t fetch, far; /* far: bytes that it added to the window of bandwidth */
};

/* cost_fetch of a copy by a loop. */
static inline int64_t hand_fetch(struct hand *k, struct host *h, struct cell *c,
                                 const struct fast *fast, int64_t start) {
    uint64_t reuse = k->touched - c->touched_at;
    if (reuse != k->reuse || c->touched_at == NEVER_TOUCHED || start >= h->bandwidth_until) {
        h->touched = k->touched;
        int64_t bytes = start >= h->bandwidth_until ? 0 : h->bandwidth_bytes;
        k->fetch = cost_fetch(h, c, fast->lines, fast->touch, start, true);
        k->far = h->bandwidth_bytes - bytes;
        k->touched = h->touched;
        k->reuse = reuse;
        return k->fetch;
    }
    k->touched += (uint64_t)fast->touch;
    c->touched_at = k->touched;
    h->bandwidth_bytes += k->far;
    return k->fetch;
}

/* Longer than a screen: one loop whose state stays in registers, which calls would spill. */
/* NOLINTNEXTLINE(readability-function-size) */
uint32_t burst_run(struct sim *s, struct cursor *cursor) {
    const struct signal *signal = sim_signal(s, cursor->signal);
    struct host *h = sim_host_of(s, cursor->source);
    if (!direct_copies(s, h, signal) || (!signal->storm && s->storm_busy_limit > cursor->time)) {
        return 0;
    }
    struct histogram *latency = direct_latency(s, signal);
    uint64_t no_bucket = 0, *bucket = latency ? latency->bucket : NULL;
    const uint32_t *list = cursor->cell;
    const uint8_t *slot = cursor->slot;
    struct cell *cells = s->cell + cursor->offset;
    struct digest digest = s->tally.digest;
    const int64_t edge = edge_of(s, cursor->time), step = cursor->step, first = cursor->time;
    const int64_t emission = signal->emission;
    const uint32_t kind = signal->kind, version = signal->version, begin = cursor->at;
    const bool counted = h->counted;
    int64_t limit = s->queue.limit < s->chore_at ? s->queue.limit : s->chore_at;
    limit = s->end < limit ? s->end + 1 : limit;
    uint64_t room = (uint64_t)s->limit_wakes - s->tally.wakes;
    uint32_t at = begin, key = NO_KEY, key_since = begin;
    uint32_t stop = cursor->end - at > room ? at + (uint32_t)room : cursor->end;
    uint32_t last = cursor->end - 1;
    const bool scattered = list[last] - list[begin] != last - begin; /* else memory's own order */
    const struct fast *fast = NULL;
    int64_t over_start = -1, over_cost = 0;
    struct added a = {.latest_end = -1};
    struct hand k = {.touched = h->touched, .reuse = UINT64_MAX};
    struct core_lists lists = h->cores.lists;
    for (int64_t now = first; at < stop && now < limit; now += step) {
        uint32_t number = list[at];
        struct cell *c = &cells[number];
        if (scattered) {
            __builtin_prefetch(&cells[list[at + AHEAD < last ? at + AHEAD : last]], 1);
        }
        if (c->free_at > now || c->mail) {
            break;
        }
        uint32_t wants = c->type | (uint32_t)c->state << 8;
        if (wants != key) {
            const struct fast *other = direct_plain(s, h, c, kind);
            if (!other) {
                break;
            }
            s->tally.type[key & 255].wakes += at - key_since;
            key_since = at;
            key = wants;
            fast = other;
            k.reuse = UINT64_MAX;
        }
        struct core_take take = {0, false, now};
        if (counted) {
            cores_settle(&lists, now);
            if (lists.idlers == 0) {
                break;
            }
            take = cores_lists_take(&h->cores, &lists, now);
        }
        int64_t cost = fast->cost + hand_fetch(&k, h, c, fast, take.start);
        cost = cost > 0 ? cost : 1;
        if (__builtin_expect(k.touched >= h->pressure_mark, 0)) {
            h->pressure_at = now;
            h->pressure_mark = UINT64_MAX;
        }
        int64_t end = take.start + cost;
        if (counted) {
            cores_lists_give(&h->cores, &lists, &take, end, now);
        }
        cell_takes_job(s, c, number + cursor->offset, take.start, cost, slot[at] + 1U);
        c->state = fast->next == FAST_STAYS ? c->state : fast->next;
        c->wakes++;
        digest_add(&digest, take.start, number, kind, version, c->state);
        ++*(bucket ? &bucket[histogram_index(take.start - emission)] : &no_bucket);
        at++;
        a.busy += cost;
        a.starts += take.start - first;
        a.latest_start = take.start > a.latest_start ? take.start : a.latest_start;
        a.latest_end = end > a.latest_end ? end : a.latest_end;
        if (end > edge) {
            over_start = take.start;
            over_cost = cost;
            break;
        }
    }
    h->touched = k.touched;
    h->cores.lists = lists;
    a.wakes = at - begin;
    if (a.wakes == 0) {
        return 0;
    }
    s->tally.digest = digest;
    s->tally.type[key & 255].wakes += at - key_since;
    add_figures(s, h, signal, latency, first, &a);
    if (over_start >= 0) {
        over_edge(s, h, signal, over_start, over_cost);
    }
    cursor->at = at;
    cursor->time += a.wakes * step;
    cursor->number += a.wakes;
    s->now = cursor->time - step;
    return a.wakes;
}
