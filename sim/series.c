#include "sim/series.h"

#include "model/cell.h"
#include "sim/aware.h"
#include "sim/cell_job.h"
#include "sim/chores.h"
#include "sim/send.h"

/* Events at most, before progress is looked at; events ahead whose records, and bonds, are
 * fetched; in flight, at which it is worth it. */
enum { MOST = 1 << 14, RECORD_AHEAD = 16, BOND_AHEAD = 8, FETCH_FROM = 64 };

/* Figures at hand. Windows of busy time: what lies within [from, until) is added up here. */
struct figures {
    int64_t from, until, busy;
    uint64_t started;
    int64_t busy_all;
    uint64_t wakes, delivered;
    /* Latencies of one kind of signal, and emissions of one. */
    uint32_t kind, sent_kind;
    uint64_t *bucket, latencies, latency_sum, sent, emitted;
    int64_t latency_max;
    struct digest digest;
};

enum { NO_KIND = UINT32_MAX };

static void windows_open(const struct sim *s, struct figures *f) {
    f->from = s->milli.low > s->sample.low ? s->milli.low : s->sample.low;
    f->until = s->milli.high < s->sample.high ? s->milli.high : s->sample.high;
}

static void windows_close(struct sim *s, struct host *h, struct figures *f) {
    s->milli.now[h->place] += f->busy;
    s->sample.now[h->place] += f->busy;
    s->sample.now[s->hosts] += (int64_t)f->started;
    f->busy = 0;
    f->started = 0;
}

/* A job that lies not wholly in the windows at hand. */
__attribute__((noinline)) static void windows_leave(struct sim *s, struct host *h,
                                                    struct figures *f, int64_t start, int64_t end) {
    windows_close(s, h, f);
    busy_add(&s->milli, h->place, start, end);
    busy_add(&s->sample, h->place, start, end);
    busy_wake(&s->sample, start, false);
    windows_open(s, f);
}

__attribute__((noinline)) static void latency_kind(struct sim *s, struct figures *f,
                                                   uint32_t kind) {
    if (f->kind != NO_KIND) {
        struct tally_kind *k = &s->tally.kind[f->kind];
        struct histogram *histogram = k->latency[PHASE_BEFORE];
        k->delivered += f->latencies;
        histogram->count += f->latencies;
        histogram->sum += f->latency_sum;
        histogram->max = f->latency_max > histogram->max ? f->latency_max : histogram->max;
    }
    f->latencies = f->latency_sum = 0;
    f->latency_max = 0;
    f->kind = kind;
    f->bucket = kind == NO_KIND ? NULL : s->tally.kind[kind].latency[PHASE_BEFORE]->bucket;
}

__attribute__((noinline)) static void sent_kind(struct sim *s, struct figures *f, uint32_t kind) {
    if (f->sent_kind != NO_KIND) {
        s->tally.kind[f->sent_kind].emissions_targeted += f->emitted;
        s->tally.kind[f->sent_kind].copies += f->emitted;
    }
    f->emitted = 0;
    f->sent_kind = kind;
}

static void figures_open(const struct sim *s, struct figures *f) {
    *f = (struct figures){.kind = NO_KIND, .sent_kind = NO_KIND, .digest = s->tally.digest};
    windows_open(s, f);
}

static void figures_close(struct sim *s, struct host *h, struct figures *f) {
    windows_close(s, h, f);
    latency_kind(s, f, NO_KIND);
    sent_kind(s, f, NO_KIND);
    h->busy_all += f->busy_all;
    s->tally.wakes += f->wakes;
    s->tally.events += f->wakes;
    s->tally.delivered += f->delivered;
    s->tally.sent += f->sent;
    s->tally.copies_local += f->sent;
    s->tally.digest = f->digest;
}

/* The first event, where it is in a lane, or in the bucket with nothing before it; else NULL. */
static inline const struct event *first_event(const struct queue *q, bool *by_lane) {
    const struct event *e = q->lanes.next;
    *by_lane = e->time < q->common_from;
    if (*by_lane) {
        return e;
    }
    e = &q->sorted[q->at];
    if (q->small_count > 0 && event_before(&q->small[q->small_head], e)) {
        return NULL;
    }
    return event_before(e, q->lanes.next) ? e : NULL;
}

/* What draws need to know of a wake. */
static inline struct cell_event drawing(const struct sim *s, const struct cell *c, uint32_t cell,
                                        uint32_t sender_rank, bool copy) {
    return (struct cell_event){.cell = cell,
                               .type = c->type,
                               .state = c->state,
                               .wake = c->wakes,
                               .sender = copy ? sim_cell_of(s, sender_rank) : COLONY_NOBODY};
}

static bool can_run(const struct sim *s) {
    return s->hosts == 1 && !s->aware->active && !s->host->over && s->storm_from == NEVER_NS;
}

/* A timer's event. */
static inline void set_timer(struct sim *s, const struct way *way, const struct cell *c,
                             uint32_t rank, uint32_t cell, int64_t end) {
    const uint32_t timer = way->timer;
    if (way->after_ns >= 0 && !s->timer_number) {
        const uint64_t what = event_what(s->posts, 0, timer, 0, EVENT_TIMER);
        if (way->lane == LANE_NONE) {
            queue_post_words(&s->queue, end + way->after_ns, event_who(rank, rank), what, s->posts);
        } else {
            queue_post_by(&s->queue, way->lane, end + way->after_ns, event_who(rank, rank), what,
                          s->posts);
        }
        s->posts++;
        return;
    }
    int64_t after = way->after_ns;
    if (after < 0) {
        struct cell_event event = drawing(s, c, cell, rank, false);
        after = cell_law(&s->colony, &event, &way->reaction->timer[0].after, RNG_TIMER, timer);
    }
    timer_set(s, rank, cell, timer, end, after);
}

/* Longer than a screen: one loop whose state stays at hand, which calls would spill. */
/* NOLINTNEXTLINE(readability-function-size) */
static uint64_t series_until(struct sim *s, int64_t until, uint64_t most) {
    struct queue *q = &s->queue;
    struct host *h = s->host;
    struct cell *cells = s->cell;
    const uint32_t *first_row = s->first_row, *place = s->colony.place;
    const uint32_t columns = s->columns, signals = s->plan->genome.signals;
    const uint32_t first_rank = s->first_rank;
    const int64_t warm_up = s->warm_up;
    const int64_t memory_until = (s->memory_window + 1) * MEMORY_WINDOW_NS;
    const bool counted = h->counted, timers = !s->timer_number, one_node = s->nodes == 1;
    struct core_lists lists = h->cores.lists;
    struct figures f;
    figures_open(s, &f);
    while (f.wakes < most) {
        bool by_lane;
        const struct event *e = first_event(q, &by_lane);
        if (!e || e->time >= until || e->time > s->end) {
            break;
        }
        const int64_t now = e->time, emission = (int64_t)e->body;
        const uint64_t what = e->what;
        const uint32_t rank = event_entity(e), source = event_source(e), kind = what_kind(what);
        const bool timer = (what & 255) == EVENT_TIMER;
        if (((what & 255) != EVENT_ARRIVAL && !(timer && timers)) || source < first_rank) {
            break;
        }
        struct cell *c = &cells[rank];
        if (c->free_at > now || c->mail || (c->flags & CELL_CHOSEN)) {
            break;
        }
        const uint32_t column = kind + (timer ? signals : 0);
        const struct way *way = h->fast[(first_row[c->type] + c->state) * columns + column].direct;
        if (!way) {
            break;
        }
        const uint32_t node = one_node ? 0 : sim_node_of(s, rank), offset = s->offset[node];
        const uint32_t cell = rank - offset;
        uint32_t target = COLONY_NOBODY;
        int64_t cost = way->cost;
        if (way->sends) {
            if (way->bond) {
                target = way->bond[place[cell]];
            } else {
                struct cell_event event = drawing(s, c, cell, source, !timer);
                target = cell_target(&s->colony, &event, &way->reaction->send[0], 0);
            }
            if (target != COLONY_NOBODY) {
                if (!one_node && colony_node(&s->colony, target) != node) {
                    break;
                }
                cost += way->send_ns;
            }
        }
        if (by_lane) {
            lanes_drop(&q->lanes);
        } else {
            q->at++;
            q->from_lane = false;
        }
        if (way->draws_work) {
            struct cell_event event = drawing(s, c, cell, source, false);
            cost += cell_law(&s->colony, &event, &way->reaction->work, RNG_WORK, 0);
        }
        struct core_take take = {0, false, now};
        if (counted) {
            cores_settle(&lists, now);
            take = cores_lists_take(&h->cores, &lists, now);
        }
        const int64_t start = take.start;
        cost = cell_job_cost(h, c, now, start, cost, way->lines, way->touch, false);
        const int64_t end = start + cost;
        if (counted) {
            cores_lists_give(&h->cores, &lists, &take, end, now);
            if (take.waited) {
                job_waited(s, h, now, start, true);
            }
        }
        cell_takes_job(s, c, rank, start, cost, 0);
        if (start >= memory_until) {
            cost_wait(s, h, timer ? h->profile->envelope_bytes : h->wait_bytes[kind], start);
        }
        c->state = way->next == FAST_STAYS ? c->state : way->next;
        f.busy_all += cost;
        if (start >= f.from && end <= f.until) {
            f.busy += cost;
            f.started++;
        } else {
            windows_leave(s, h, &f, start, end);
        }
        f.wakes++;
        s->tally.type[c->type].wakes++;
        const uint32_t code = timer ? DIGEST_SIGNAL_TIMER + kind : kind;
        digest_add(&f.digest, start, cell, code, 0, c->state);
        if (!timer) {
            f.delivered++;
            if (emission >= warm_up) {
                if (kind != f.kind) {
                    latency_kind(s, &f, kind);
                }
                const int64_t latency = start - emission;
                f.latencies++;
                f.latency_sum += (uint64_t)latency;
                f.latency_max = latency > f.latency_max ? latency : f.latency_max;
                f.bucket[histogram_index(latency)]++;
            }
        }
        if (target != COLONY_NOBODY) {
            f.sent++;
            if (end >= warm_up) {
                if (way->signal != f.sent_kind) {
                    sent_kind(s, &f, way->signal);
                }
                f.emitted++;
            }
            sim_post_by(s, LANE_ENDS, end, target + offset, rank, way->signal, 0, EVENT_ARRIVAL,
                        (uint64_t)end);
        }
        if (way->timers) {
            set_timer(s, way, c, rank, cell, end);
        }
        c->wakes++;
        s->now = now;
        if (by_lane) {
            const struct lane *lane = &q->lanes.lane[q->lanes.first];
            if (lane->tail - lane->head > FETCH_FROM) {
                const struct event *ahead = lane_at(lane, lane->head + RECORD_AHEAD);
                __builtin_prefetch(&cells[event_entity(ahead)], 1);
                if (way->bond) {
                    __builtin_prefetch(&place[event_entity(ahead) - offset]);
                    ahead = lane_at(lane, lane->head + BOND_AHEAD);
                    uint32_t other = event_entity(ahead) - offset;
                    if (other < s->plan->colony.cells) {
                        __builtin_prefetch(&way->bond[place[other]]);
                    }
                }
            }
        } else {
            const struct event *ahead = queue_ahead(q, RECORD_AHEAD);
            if (ahead) {
                __builtin_prefetch(&cells[event_entity(ahead)], 1);
            }
        }
    }
    h->cores.lists = lists;
    figures_close(s, h, &f);
    return f.wakes;
}

/* The time of the first event, where a series could take it; else NEVER_NS. */
static int64_t first_time(const struct queue *q) {
    bool by_lane;
    const struct event *first = first_event(q, &by_lane);
    return first ? first->time : NEVER_NS;
}

uint64_t series_run(struct sim *s) {
    uint64_t wakes = 0;
    /* The last before a limit goes the other way, which knows of it. */
    while (can_run(s) && wakes < MOST && s->tally.wakes + 1 < (uint64_t)s->limit_wakes) {
        uint64_t most = (uint64_t)s->limit_wakes - s->tally.wakes - 1;
        uint64_t now = series_until(s, s->chore_at, most < MOST - wakes ? most : MOST - wakes);
        int64_t next_ns = first_time(&s->queue);
        wakes += now;
        if (now == 0 || next_ns < s->chore_at || next_ns > s->end) {
            break;
        }
        s->now = next_ns;
        chores_run(s, next_ns);
    }
    return wakes;
}
