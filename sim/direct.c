#include "sim/direct.h"

#include "model/cell.h"
#include "sim/aware.h"
#include "sim/cell_job.h"
#include "sim/send.h"

/* A wake on its short way. */
struct direct {
    struct sim *s;
    struct host *h;
    struct cell *c;
    const struct fast *fast;
    uint32_t rank, cell, node, source;
    int64_t now, emission;
    uint32_t kind;
    bool timer; /* the cell's own timer, not a copy */
};

static inline void direct_figures(const struct direct *d, int64_t start) {
    struct sim *s = d->s;
    s->tally.wakes++;
    s->tally.type[d->c->type].wakes++;
    busy_wake(&s->sample, start, false);
    uint32_t code = d->timer ? DIGEST_SIGNAL_TIMER + d->kind : d->kind;
    digest_add(&s->tally.digest, start, d->cell, code, 0, d->c->state);
    if (d->timer) {
        return;
    }
    s->tally.delivered++;
    if (d->emission >= s->warm_up) {
        struct tally_kind *k = &s->tally.kind[d->kind];
        k->delivered++;
        histogram_record(k->latency[figures_phase(s, d->emission)], start - d->emission, 1);
    }
}

static inline void direct_send(const struct direct *d, uint32_t target, uint32_t kind,
                               int64_t end) {
    struct sim *s = d->s;
    s->tally.sent++;
    s->tally.copies_local++;
    if (end >= s->warm_up) {
        s->tally.kind[kind].emissions_targeted++;
        s->tally.kind[kind].copies++;
    }
    sim_post_by(s, STREAM_ENDS, end, target + s->offset[d->node], d->rank, kind, 0, EVENT_ARRIVAL,
                (uint64_t)end);
}

__attribute__((always_inline)) static inline bool direct_wake(struct direct *d) {
    d->cell = d->rank - d->s->offset[d->node];
    struct sim *s = d->s;
    struct host *h = d->h;
    struct cell *c = d->c;
    const struct way *way = d->fast->direct;
    const struct genome_reaction *reaction = way->reaction;
    struct cell_event event = {.cell = d->cell,
                               .type = c->type,
                               .state = c->state,
                               .wake = c->wakes,
                               .sender = COLONY_NOBODY};
    int64_t cost = way->cost;
    uint32_t target = COLONY_NOBODY;
    if (reaction->sends > 0) {
        if (reaction->send[0].to == TO_SENDER && !d->timer) {
            event.sender = sim_cell_of(s, d->source);
        }
        target = cell_target(&s->colony, &event, &reaction->send[0], 0);
        if (target != COLONY_NOBODY) {
            if (s->nodes > 1 && colony_node(&s->colony, target) != d->node) {
                return false;
            }
            cost += way->send_ns;
        }
    }
    if (way->draws_work) {
        cost += cell_law(&s->colony, &event, &reaction->work, RNG_WORK, 0);
    }
    struct core_take take = job_take(h, d->now);
    cost = cell_job_cost(h, c, d->now, take.start, cost, way->lines, way->touch, false);
    job_book(s, h, &take, d->now, cost, true);
    cell_takes_job(s, c, d->rank, take.start, cost, 0);
    int64_t bytes = d->timer ? h->profile->envelope_bytes : h->wait_bytes[d->kind];
    cost_wait(s, h, bytes, take.start);
    c->state = way->next == FAST_STAYS ? c->state : way->next;
    direct_figures(d, take.start);
    int64_t end = take.start + cost;
    if (target != COLONY_NOBODY) {
        direct_send(d, target, way->signal, end);
    }
    if (way->sets) {
        const struct genome_set_timer *timer = &reaction->timer[0];
        int64_t after = cell_law(&s->colony, &event, &timer->after, RNG_TIMER, timer->timer);
        timer_set(s, d->rank, d->cell, timer->timer, end, after);
    }
    c->wakes++;
    return true;
}

/* Whether the wake's cause and cell leave the short way open. */
static inline bool direct_fits(const struct sim *s, const struct cell *c, uint64_t what,
                               uint32_t source) {
    return what_flags(what) == 0 && !s->aware->active && !(c->flags & CELL_CHOSEN) &&
           source >= s->first_rank;
}

bool direct_run(struct sim *s, struct host *h, struct cell *c, const struct fast *fast,
                uint32_t rank, int64_t now, const struct copy *copy) {
    if (!direct_fits(s, c, copy->what, copy->source)) {
        return false;
    }
    struct direct d = {.s = s,
                       .h = h,
                       .c = c,
                       .fast = fast,
                       .rank = rank,
                       .node = sim_node_of(s, rank),
                       .source = copy->source,
                       .now = now,
                       .emission = (int64_t)copy->body,
                       .kind = what_kind(copy->what),
                       .timer = what_nature(copy->what) == EVENT_TIMER};
    return direct_wake(&d);
}

bool direct_arrival(struct sim *s, const struct event *e) {
    struct direct d = {.s = s, .rank = event_entity(e), .now = e->time};
    d.c = &s->cell[d.rank];
    d.source = event_source(e);
    if (d.c->free_at > d.now || d.c->mail || !direct_fits(s, d.c, e->what, d.source)) {
        return false;
    }
    d.node = sim_node_of(s, d.rank);
    d.h = s->hosts == 1 ? s->host : &s->host[s->node[d.node].host];
    d.timer = what_nature(e->what) == EVENT_TIMER;
    d.kind = what_kind(e->what);
    d.emission = (int64_t)e->body;
    uint32_t column = d.kind + (d.timer ? s->plan->genome.signals : 0U);
    d.fast = &d.h->fast[(s->first_row[d.c->type] + d.c->state) * s->columns + column];
    return d.fast->direct && (!d.h->over || d.timer) && direct_wake(&d);
}

bool direct_copies(const struct sim *s, const struct host *h, const struct signal *signal) {
    return !h->over && !signal->woken && !(signal->scope && s->aware->active);
}

struct histogram *direct_latency(struct sim *s, const struct signal *signal) {
    if (signal->emission < s->warm_up) {
        return NULL;
    }
    enum tally_phase phase = signal->storm ? PHASE_DURING : figures_phase(s, signal->emission);
    return s->tally.kind[signal->kind].latency[phase];
}

const struct fast *direct_plain(const struct sim *s, const struct host *h, const struct cell *c,
                                uint32_t kind) {
    const struct fast *fast =
        &h->fast[(s->first_row[c->type] + c->state) * s->plan->genome.columns + kind];
    bool follows = s->aware->active && s->aware->follows[c->type] != FOLLOWS_NOBODY;
    return fast->plain && !follows ? fast : NULL;
}

static void copy_figures(struct sim *s, const struct signal *signal, int64_t start, int64_t cost) {
    s->tally.wakes++;
    s->tally.delivered++;
    busy_wake(&s->sample, start, signal->storm);
    if (signal->storm) {
        figures_storm_wake(s, cost, start + cost);
    }
    struct histogram *histogram = direct_latency(s, signal);
    if (histogram) {
        struct tally_kind *k = &s->tally.kind[signal->kind];
        int64_t latency = start - signal->emission;
        histogram_record(histogram, latency, 1);
        k->delivered++;
        k->reached++;
        k->last_hop = 1;
        k->last_ns = latency > k->last_ns ? latency : k->last_ns;
    }
}

bool direct_loop(struct sim *s, struct host *h, const struct signal *signal, uint32_t rank,
                 uint32_t slot, int64_t now) {
    struct cell *c = &s->cell[rank];
    const uint32_t kind = signal->kind;
    const struct fast *fast = direct_copies(s, h, signal) ? direct_plain(s, h, c, kind) : NULL;
    if (!fast) {
        return false;
    }
    struct core_take take = job_take(h, now);
    int64_t cost = cell_job_cost(h, c, now, take.start, fast->cost, fast->lines, fast->touch, true);
    job_book(s, h, &take, now, cost, true);
    cell_takes_job(s, c, rank, take.start, cost, slot + 1U);
    cost_wait(s, h, h->wait_bytes[kind], take.start);
    c->state = fast->next == FAST_STAYS ? c->state : fast->next;
    c->wakes++;
    digest_add(&s->tally.digest, take.start, sim_cell_of(s, rank), kind, signal->version, c->state);
    s->tally.type[c->type].wakes++;
    copy_figures(s, signal, take.start, cost);
    return true;
}

bool direct_copy(struct sim *s, const struct cursor *cursor, int64_t now) {
    uint32_t rank = cursor_cell(cursor, cursor->at) + cursor->offset;
    const struct cell *c = &s->cell[rank];
    if (c->free_at > now || c->mail) {
        return false;
    }
    return direct_loop(s, sim_host_of(s, cursor->source), sim_signal(s, cursor->signal), rank,
                       cursor->slot[cursor->at], now);
}
