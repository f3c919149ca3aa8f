#include "sim/series.h"

#include <string.h>

#include "model/cell.h"
#include "sim/aware.h"
#include "sim/cell_job.h"
#include "sim/chores.h"
#include "sim/fetch.h"
#include "sim/mail.h"
#include "sim/send.h"

/* Wakes at most, before progress is looked at; events in a stream from which on it is worth
 * fetching what those ahead will touch. */
enum { MOST = 1 << 14, FETCH_FROM = 64 };

#define NO_KEY UINT64_MAX

/* What wakes add: what lies within the windows [from, until) of busy time, all busy time, and what
 * their ways have been keeping. */
struct account {
    int64_t from, until, busy, started;
    int64_t busy_all;
    uint64_t sent, joined; /* joined: copies that found their cell busy */
    struct digest digest;
    struct way *last; /* way that has kept something */
};

static void windows_open(const struct sim *s, struct account *a) {
    a->from = s->milli.low > s->sample.low ? s->milli.low : s->sample.low;
    a->until = s->milli.high < s->sample.high ? s->milli.high : s->sample.high;
}

static void windows_close(struct sim *s, struct host *h, struct account *a) {
    s->milli.now[h->place] += a->busy;
    s->sample.now[h->place] += a->busy;
    s->sample.now[s->hosts] += a->started;
    a->busy = a->started = 0;
}

/* A job that lies not wholly in the windows at hand. */
__attribute__((noinline)) static void windows_leave(struct sim *s, struct host *h,
                                                    struct account *a, int64_t start, int64_t end) {
    windows_close(s, h, a);
    busy_add(&s->milli, h->place, start, end);
    busy_add(&s->sample, h->place, start, end);
    busy_wake(&s->sample, start, false);
    windows_open(s, a);
}

/* The way begins to keep what its wakes add. */
static void way_open(const struct sim *s, struct account *a, struct way *way) {
    way->keeps = true;
    way->before = a->last;
    a->last = way;
    if (!way->timer) {
        way->bucket = s->tally.kind[way->column].latency[PHASE_BEFORE]->bucket;
    }
}

static void way_close(struct sim *s, struct way *way) {
    s->tally.wakes += way->wakes;
    s->tally.events += way->wakes;
    s->tally.type[way->type].wakes += way->wakes;
    if (!way->timer) {
        struct tally_kind *k = &s->tally.kind[way->column];
        struct histogram *latency = k->latency[PHASE_BEFORE];
        s->tally.delivered += way->wakes;
        k->delivered += way->latencies;
        latency->count += way->latencies;
        latency->sum += way->latency_sum;
        latency->max = way->latency_max > latency->max ? way->latency_max : latency->max;
    }
    if (way->sends) {
        s->tally.kind[way->signal].emissions_targeted += way->sent_warm;
        s->tally.kind[way->signal].copies += way->sent_warm;
    }
    way->wakes = way->latencies = way->latency_sum = way->sent_warm = 0;
    way->latency_max = 0;
    way->keeps = false;
}

static void account_close(struct sim *s, struct host *h, struct account *a) {
    windows_close(s, h, a);
    for (struct way *way = a->last; way; way = way->before) {
        way_close(s, way);
    }
    h->busy_all += a->busy_all;
    s->tally.events += a->joined;
    s->tally.sent += a->sent;
    s->tally.copies_local += a->sent;
    s->tally.digest = a->digest;
}

/* The first event, where it is in a stream, or in the bucket with nothing before it; else NULL. */
static inline const struct event *first_event(const struct queue *q, bool *by_stream) {
    const struct event *e = q->streams.next;
    *by_stream = e->time < q->common_from;
    if (*by_stream) {
        return e;
    }
    e = &q->sorted[q->at];
    if (q->small_count > 0 && event_before(&q->small[q->small_head], e)) {
        return NULL;
    }
    return event_before(e, q->streams.next) ? e : NULL;
}

/* fetch_ahead for a series: those ahead are likely to go the same way. */
__attribute__((always_inline)) static inline void
series_fetch(const struct sim *s, bool by_stream, const struct way *way, uint32_t offset) {
    if (!by_stream) {
        fetch_ahead(s);
        return;
    }
    const struct stream *stream = &s->queue.streams.stream[s->queue.streams.first];
    if (stream->tail - stream->head <= FETCH_FROM) {
        return;
    }
    uint32_t rank = event_entity(stream_at(stream, stream->head + FETCH_RECORD));
    __builtin_prefetch(&s->cell[rank], 1);
    if (way->bond) {
        __builtin_prefetch(&s->colony.place[rank - offset]);
        uint32_t cell = event_entity(stream_at(stream, stream->head + FETCH_MAIL)) - offset;
        if (cell < s->plan->colony.cells) {
            __builtin_prefetch(&way->bond[s->colony.place[cell]]);
        }
    }
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

/* Type, state, slot and flags of a cell in one, and what wakes it: wakes that are alike in these
 * go the same way. */
static inline uint64_t key_of(const struct cell *c, uint64_t what) {
    uint32_t traits;
    memcpy(&traits, &c->type, sizeof traits);
    return (what & 0xffff) << 32 | traits;
}

/* The way of a wake, or NULL: it cannot be in a series. */
static struct way *way_of(struct sim *s, struct account *a, const struct cell *c, uint64_t what) {
    bool timer = what_nature(what) == EVENT_TIMER;
    bool copy = what_nature(what) == EVENT_ARRIVAL;
    if (what_flags(what) != 0 || !(copy || (timer && !s->timer_number)) ||
        (c->flags & CELL_CHOSEN)) {
        return NULL;
    }
    uint32_t column = what_kind(what) + (timer ? s->plan->genome.signals : 0U);
    struct way *way =
        s->host->fast[(s->first_row[c->type] + c->state) * s->columns + column].direct;
    if (way && !way->keeps) {
        way_open(s, a, way);
    }
    return way;
}

static inline void drop_first(struct queue *q, bool by_stream) {
    if (by_stream) {
        streams_drop(&q->streams);
    } else {
        q->at++;
        q->from_stream = false;
    }
}

static inline void set_timer(struct sim *s, const struct way *way, const struct cell *c,
                             uint32_t rank, uint32_t cell, int64_t end) {
    if (way->stream != STREAM_NONE && !s->timer_number) {
        const uint64_t number = s->posts++;
        queue_post_by(&s->queue, way->stream, end + way->after_ns, event_who(rank, rank),
                      event_what(number, 0, way->sets_timer, 0, EVENT_TIMER), number);
        return;
    }
    int64_t after = way->after_ns;
    if (after < 0) {
        struct cell_event event = drawing(s, c, cell, rank, false);
        const struct law *law = &way->reaction->timer[0].after;
        after = cell_law(&s->colony, &event, law, RNG_TIMER, way->sets_timer);
    }
    timer_set(s, rank, cell, way->sets_timer, end, after);
}

/* Longer than a screen: one loop whose state stays at hand, which calls would spill. */
/* NOLINTNEXTLINE(readability-function-size) */
static uint32_t series_until(struct sim *s, int64_t until, uint32_t most) {
    struct queue *q = &s->queue;
    struct host *h = s->host;
    const uint32_t first_rank = s->first_rank;
    const int64_t warm_up = s->warm_up;
    const int64_t memory_until = (s->memory_window + 1) * MEMORY_WINDOW_NS;
    const bool counted = h->counted, one_node = s->nodes == 1;
    uint32_t wakes = 0, offset = s->offset[0];
    uint64_t key = NO_KEY;
    struct way *way = NULL;
    struct core_lists lists = h->cores.lists;
    struct account a = {.digest = s->tally.digest};
    windows_open(s, &a);
    while (wakes < most) {
        bool by_stream;
        const struct event *e = first_event(q, &by_stream);
        if (!e || e->time >= until) {
            break;
        }
        const int64_t now = e->time;
        const uint32_t rank = event_entity(e);
        struct cell *c = &s->cell[rank];
        uint64_t what = e->what;
        uint32_t source = event_source(e);
        int64_t emission = (int64_t)e->body;
        const bool ready = (what & 255) == EVENT_READY;
        if (ready && c->free_at == now) {
            const struct mail *mail = mail_head(s, c);
            what = mail->what;
            source = mail->source;
            emission = (int64_t)mail->body;
        }
        if (key_of(c, what) != key) {
            way = way_of(s, &a, c, what);
            if (!way) {
                break;
            }
            key = key_of(c, what);
        }
        if (source < first_rank) {
            break;
        }
        if (!ready && (c->free_at > now || c->mail)) {
            struct copy copy = {what, (uint64_t)emission, source, now};
            drop_first(q, by_stream);
            series_fetch(s, by_stream, way, offset);
            wake_arrive(s, rank, now, &copy);
            a.joined++;
            continue;
        }
        if (!one_node) {
            offset = s->offset[sim_node_of(s, rank)];
        }
        const uint32_t cell = rank - offset;
        uint32_t target = COLONY_NOBODY;
        int64_t cost = way->cost;
        if (way->sends) {
            if (way->bond) {
                target = way->bond[s->colony.place[cell]];
            } else {
                struct cell_event event = drawing(s, c, cell, source, !way->timer);
                target = cell_target(&s->colony, &event, &way->reaction->send[0], 0);
            }
            if (target != COLONY_NOBODY) {
                if (!one_node && colony_node(&s->colony, target) != sim_node_of(s, rank)) {
                    break;
                }
                cost += way->send_ns;
            }
        }
        drop_first(q, by_stream);
        series_fetch(s, by_stream, way, offset);
        struct copy taken;
        const bool more = ready && mail_take(s, h, c, now, &taken);
        if (way->draws_work) {
            struct cell_event event = drawing(s, c, cell, source, false);
            cost += cell_law(&s->colony, &event, &way->reaction->work, RNG_WORK, 0);
        }
        struct core_take take = {0, false, now};
        if (counted) {
            take = cores_lists_take(&h->cores, &lists, now);
        }
        const int64_t start = take.start;
        cost = cell_job_cost(h, c, now, start, cost, way->lines, way->touch, false);
        const int64_t end = start + cost;
        if (counted) {
            cores_lists_give(&h->cores, &lists, &take, end, now);
            if (take.waited) {
                job_waited(s, h, now, start, true);
                until = s->end < until ? s->end + 1 : until;
            }
        }
        cell_takes_job(s, c, rank, start, cost, 0);
        if (start >= memory_until) {
            int64_t bytes = way->timer ? h->profile->envelope_bytes : h->wait_bytes[way->column];
            cost_wait(s, h, bytes, start);
        }
        c->state = way->next == FAST_STAYS ? c->state : way->next;
        a.busy_all += cost;
        if (start >= a.from && end <= a.until) {
            a.busy += cost;
            a.started++;
        } else {
            windows_leave(s, h, &a, start, end);
        }
        way->wakes++;
        const uint32_t kind = what_kind(what);
        digest_add(&a.digest, start, cell, way->timer ? DIGEST_SIGNAL_TIMER + kind : kind, 0,
                   c->state);
        if (!way->timer && emission >= warm_up) {
            const int64_t latency = start - emission;
            way->latencies++;
            way->latency_sum += (uint64_t)latency;
            way->latency_max = latency > way->latency_max ? latency : way->latency_max;
            way->bucket[histogram_index(latency)]++;
        }
        if (target != COLONY_NOBODY) {
            a.sent++;
            way->sent_warm += end >= warm_up;
            sim_post_by(s, STREAM_ENDS, end, target + offset, rank, way->signal, 0, EVENT_ARRIVAL,
                        (uint64_t)end);
        }
        if (way->sets) {
            set_timer(s, way, c, rank, cell, end);
        }
        c->wakes++;
        if (more) {
            sim_post_by(s, STREAM_ENDS, c->free_at, rank, rank, 0, 0, EVENT_READY, 0);
        }
        s->now = now;
        wakes++;
    }
    h->cores.lists = lists;
    account_close(s, h, &a);
    return wakes;
}

/* Whether nothing is afoot that series know nothing of. */
static bool series_can(const struct sim *s) {
    return s->hosts == 1 && !s->aware->active && !s->host->over && s->storm_from == NEVER_NS;
}

/* The time of the first event, where a series could take it; else NEVER_NS. */
static int64_t first_time(const struct queue *q) {
    bool by_stream;
    const struct event *first = first_event(q, &by_stream);
    return first ? first->time : NEVER_NS;
}

uint32_t series_run(struct sim *s) {
    uint32_t wakes = 0;
    /* The last before a limit of wakes goes the other way, which knows of it. */
    while (series_can(s) && wakes < MOST) {
        uint64_t left = (uint64_t)s->limit_wakes - s->tally.wakes - 1;
        int64_t until = s->end < s->chore_at ? s->end + 1 : s->chore_at;
        uint32_t most = MOST - wakes < left ? MOST - wakes : (uint32_t)left;
        uint32_t now = series_until(s, until, most);
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
