#include "sim/foretell_flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    PASSES = 3,        /* how often the load is set against what came of it */
    MOST_DEPTH = 1024, /* sends behind one another: beyond, they go on without end */
    MOST_STEPS = 1500000,
    LOOK_BACK = 96, /* items that a like one is looked for in */
    MOST_LINES = 100000,
};

int64_t flow_cores(const struct plan *plan) {
    int64_t cores = 0;
    for (uint32_t h = 0; h < plan->hosts; h++) {
        if (plan->host[h].profile.cores == HOST_NO_LIMIT) {
            return 0;
        }
        cores += plan->colony.host_nodes[h] > 0 ? plan->host[h].profile.cores : 0;
    }
    return cores;
}

static bool alike(const struct flow *a, const struct flow *b) {
    return a->type == b->type && a->column == b->column && a->from == b->from &&
           a->flags == b->flags;
}

void flow_push(struct mean_field *f, const struct flow *flow) {
    if (flow->amount <= 0 || flow->at > f->end_ns) {
        return;
    }
    uint32_t place = (uint32_t)(flow->at / f->width_ns);
    place = place < f->now ? f->now : place;
    struct flow_window *w = &f->window[place];
    uint32_t stop = w->count > w->done + LOOK_BACK ? w->count - LOOK_BACK : w->done;
    for (uint32_t i = w->count; i-- > stop;) {
        struct flow *there = &w->item[i];
        if (alike(there, flow)) {
            int64_t amount = foretell_sum(there->amount, flow->amount);
            there->at += foretell_scale(flow->at - there->at, flow->amount, amount);
            there->depth = flow->depth < there->depth ? flow->depth : there->depth;
            there->amount = amount;
            return;
        }
    }
    if (w->count == w->room) {
        w->room = w->room ? w->room * 2 : 8;
        w->item = memory_grow(w->item, w->room, sizeof *w->item);
    }
    w->item[w->count++] = *flow;
}

/* Sends before the run begins, each with its place among all. */
static void lay_sends(struct mean_field *f) {
    const struct genome *g = &f->plan->genome;
    uint32_t sends = 0;
    f->first_send = memory_new((size_t)g->reactions + 1, sizeof *f->first_send);
    for (uint32_t i = 0; i < g->reactions; i++) {
        f->first_send[i] = sends;
        sends += g->reaction[i].sends;
    }
    f->first_send[g->reactions] = sends;
    f->partner = memory_new(sends, sizeof *f->partner);
    f->partner_of = memory_new(sends, sizeof *f->partner_of);
}

static void field_init(struct mean_field *f, const struct plan *plan,
                       const struct foretell_map *map) {
    const struct genome *g = &plan->genome;
    *f = (struct mean_field){.plan = plan, .map = map};
    f->end_ns = plan->run.duration_ns + plan->run.drain_ns;
    f->width_ns = foretell_most(f->end_ns / FORETELL_WINDOWS, 1) + 1;
    foretell_costs_init(&f->costs, plan);
    uint32_t rows = 1, states = 1;
    for (uint32_t t = 0; t < g->types; t++) {
        uint32_t end = g->type[t].first_row + g->type[t].states;
        rows = end > rows ? end : rows;
        states = g->type[t].states > states ? g->type[t].states : states;
        f->timers = g->type[t].timers > f->timers ? g->type[t].timers : f->timers;
    }
    f->type = memory_new(g->types, sizeof *f->type);
    for (uint32_t t = 0; t < g->types; t++) {
        f->type[t].served_ppm = 1000000;
    }
    f->share = memory_new(rows, sizeof *f->share);
    f->moved = memory_new(states, sizeof *f->moved);
    f->timer = memory_new((size_t)g->types * f->timers, sizeof *f->timer);
    lay_sends(f);
}

static void field_deinit(struct mean_field *f) {
    for (uint32_t i = 0; i < f->first_send[f->plan->genome.reactions]; i++) {
        free(f->partner[i]);
    }
    for (uint32_t i = 0; i <= FORETELL_WINDOWS; i++) {
        free(f->window[i].item);
    }
    free(f->first_send);
    free(f->partner);
    free(f->partner_of);
    free(f->type);
    free(f->share);
    free(f->moved);
    free(f->timer);
}

/* Everything as at the start, but what was learnt of the load. */
static void field_reset(struct mean_field *f) {
    const struct genome *g = &f->plan->genome;
    for (uint32_t i = 0; i <= FORETELL_WINDOWS; i++) {
        f->window[i].count = f->window[i].done = 0;
    }
    for (uint32_t t = 0; t < g->types; t++) {
        const struct genome_type *of = &g->type[t];
        for (uint32_t state = 0; state < of->states; state++) {
            f->share[of->first_row + state] = 0;
        }
        f->share[of->first_row + of->start] = (int64_t)f->plan->colony.type_cells[t] * FORETELL_ONE;
        f->type[t].arrivals = f->type[t].broadcast = 0;
        f->type[t].busy = 0;
    }
    memset(f->timer, 0, (size_t)g->types * f->timers * sizeof *f->timer);
    f->events = f->wakes = f->sends = f->far_sends = f->subscribes = f->learnt = 0;
    f->storm_until = f->published = f->entered = 0;
    f->timers_set = f->timers_most = f->population = f->core_queue = f->mails = 0;
    f->steps = 0;
    f->now = 0;
    f->publishes = f->endless = f->misroutes = f->gives_up = f->readers_wait = false;
}

static void births(struct mean_field *f) {
    for (uint32_t t = 0; t < f->plan->genome.types; t++) {
        const struct genome_type *of = &f->plan->genome.type[t];
        int64_t cells = (int64_t)f->plan->colony.type_cells[t] * FORETELL_ONE;
        for (uint32_t i = 0; i < of->timers && cells > 0; i++) {
            if (of->timer[i].at_birth) {
                flow_set_timer(f, t, i, &of->timer[i].first, 0, cells, true, true);
                f->entered += cells / FORETELL_ONE;
            }
        }
    }
}

/* Emissions to single cells at a time. */
static void emit(struct mean_field *f, const struct plan_source *source,
                 const struct foretell_partner *to, int64_t at, int64_t n) {
    for (uint32_t t = 0; t < f->plan->genome.types; t++) {
        flow_push(f, &(struct flow){
                         .at = at,
                         .amount = foretell_scale(n * FORETELL_ONE, to[t].near_ppb, FORETELL_SURE),
                         .type = (uint16_t)t,
                         .column = source->signal,
                         .from = GENOME_NONE,
                         .flags = flow_fresh(source->raises)});
    }
}

static void source_flows(struct mean_field *f, uint32_t place, int64_t *count) {
    const struct plan_source *source = &f->plan->source[place];
    struct foretell_audience audience = {0};
    struct foretell_partner *to = memory_new(f->plan->genome.types, sizeof *to);
    struct flow_publisher publisher = {.audience = &audience,
                                       .signal = source->signal,
                                       .type = GENOME_NONE,
                                       .servers = 1,
                                       .fresh = flow_fresh(source->raises)};
    if (source->publishes) {
        foretell_hear(f->map, source->subject, &audience);
    } else {
        foretell_choose(f->map, &source->to, GENOME_NONE, to);
    }
    foretell_emissions(f->plan, place, f->width_ns, FORETELL_WINDOWS, count);
    for (uint32_t w = 0; w < FORETELL_WINDOWS; w++) {
        int64_t at = (int64_t)w * f->width_ns + f->width_ns / 2;
        f->entered += count[w];
        if (count[w] > 0 && source->publishes) {
            flow_publish(f, &publisher, at, count[w]);
        } else if (count[w] > 0) {
            emit(f, source, to, at, count[w]);
        }
    }
    foretell_audience_deinit(&audience);
    free(to);
}

/* How many cells a fault is by. */
static int64_t fault_cells(const struct plan_colony *colony, const struct plan_fault *fault) {
    if (fault->by_cell != PLAN_NONE) {
        return 1;
    }
    int64_t cells =
        fault->by_type == PLAN_NO_TYPE ? colony->cells : colony->type_cells[fault->by_type];
    return fault->by_count != PLAN_NONE ? foretell_least(cells, fault->by_count) : cells;
}

/* The misrouted lines of a fault: each an event at its cell, and a publication. */
static void fault_flows(struct mean_field *f, const struct plan_fault *fault) {
    const struct plan_colony *colony = &f->plan->colony;
    if (fault->for_ns != PLAN_NONE) {
        f->misroutes = true;
        return;
    }
    int64_t by = fault_cells(colony, fault);
    struct foretell_audience audience;
    struct flow_publisher publisher = {
        .audience = &audience,
        .signal = fault->signal,
        .type = fault->by_type != PLAN_NO_TYPE ? fault->by_type : colony->type_order[0],
        .servers = foretell_least(by, colony->nodes)};
    foretell_hear(f->map, fault->onto, &audience);
    int64_t times = fault->every_ns > 0 ? fault->lines : 1;
    if (times > MOST_LINES) {
        f->gives_up = true;
        times = MOST_LINES;
    }
    for (int64_t i = 0; i < times && fault->at_ns + i * fault->every_ns <= f->end_ns; i++) {
        int64_t n = fault->every_ns > 0 ? by : foretell_scale(by, fault->lines, 1);
        f->events += (uint128)(uint64_t)n * FORETELL_ONE;
        f->wakes += (uint128)(uint64_t)n * FORETELL_ONE;
        flow_publish(f, &publisher, fault->at_ns + i * fault->every_ns, n);
    }
    foretell_audience_deinit(&audience);
}

/* A timer falls due: the share of it that was not superseded fires. */
static int64_t timer_fires(struct mean_field *f, const struct flow *flow) {
    struct flow_timer *t =
        &f->timer[flow->type * f->timers + (flow->column - f->plan->genome.signals)];
    int64_t live = foretell_scale(flow->amount, foretell_least(t->live, t->set), t->set);
    t->set -= flow->amount;
    t->live -= live;
    f->timers_set -= flow->amount;
    return live;
}

static void happen(struct mean_field *f, struct flow flow) {
    if (flow.depth > MOST_DEPTH || flow.amount > INT64_MAX / 65536) {
        f->endless = true;
        f->population = foretell_sum(f->population, flow.amount / FORETELL_ONE);
        return;
    }
    if (flow.column >= f->plan->genome.signals) {
        f->events += (uint64_t)flow.amount;
        flow.amount = timer_fires(f, &flow);
    } else if (!(flow.flags & FLOW_BROADCAST)) {
        f->events += (uint64_t)flow.amount * (flow.flags & FLOW_FAR ? 2 : 1);
    }
    flow_react(f, &flow);
}

/* Works everything off, window by window; returns when it gave up, or the end. */
static int64_t work_off(struct mean_field *f) {
    for (f->now = 0; f->now < FORETELL_WINDOWS; f->now++) {
        struct flow_window *w = &f->window[f->now];
        while (w->done < w->count) {
            struct flow flow = w->item[w->done++];
            happen(f, flow);
            if (++f->steps > MOST_STEPS) {
                return (int64_t)f->now * f->width_ns;
            }
        }
    }
    return f->end_ns;
}

static void run_once(struct mean_field *f) {
    field_reset(f);
    int64_t *count = memory_new(FORETELL_WINDOWS, sizeof *count);
    births(f);
    for (uint32_t i = 0; i < f->plan->sources; i++) {
        source_flows(f, i, count);
    }
    for (uint32_t i = 0; i < f->plan->faults; i++) {
        fault_flows(f, &f->plan->fault[i]);
    }
    free(count);
    int64_t reached = work_off(f);
    if (reached < f->end_ns) {
        f->gives_up = true; /* too fine for it */
    }
}

/* How many times the time there is a type's work would take; in ppm, of one cell, and of cores. */
static int64_t load_ppm(const struct mean_field *f, uint32_t type) {
    int64_t cells = f->plan->colony.type_cells[type];
    uint128 whole = (uint128)(uint64_t)f->end_ns * (uint64_t)cells;
    return whole == 0 ? 0 : (int64_t)(f->type[type].busy / whole);
}

static int64_t cores_load_ppm(const struct mean_field *f) {
    uint128 busy = 0, whole = (uint128)(uint64_t)f->end_ns * (uint64_t)flow_cores(f->plan);
    for (uint32_t t = 0; t < f->plan->genome.types; t++) {
        busy += f->type[t].busy;
    }
    return whole == 0 ? 0 : (int64_t)(busy / whole);
}

/* What a type comes to, of all that it should do. True: it is less than was reckoned with. */
static bool learn_load(struct mean_field *f) {
    bool less = false;
    int64_t cores = cores_load_ppm(f);
    for (uint32_t t = 0; t < f->plan->genome.types; t++) {
        int64_t load = foretell_most(load_ppm(f, t), cores);
        int64_t served = load > 1000000 ? foretell_scale(1000000, 1000000, load) : 1000000;
        less |= served != f->type[t].served_ppm;
        f->type[t].served_ppm = served;
    }
    return less;
}

static int64_t whole(uint128 millionths) {
    uint128 n = millionths / FORETELL_ONE;
    return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

/* What waits: one `ready` each for those that come to it; the others pile up, the first of each
 * cell in the queue for cores. Copies that go round without end are all that there are. */
static void conclude_waits(struct mean_field *f, struct foretell_flow *out) {
    int64_t cores = cores_load_ppm(f);
    for (uint32_t t = 0; t < f->plan->genome.types && !f->endless; t++) {
        const struct flow_type *type = &f->type[t];
        int64_t waits = foretell_least(load_ppm(f, t), type->served_ppm);
        int64_t ready = foretell_scale(type->arrivals, waits, 1000000);
        int64_t left =
            foretell_scale(type->arrivals / FORETELL_ONE, 1000000 - type->served_ppm, 1000000);
        int64_t cells = f->plan->colony.type_cells[t];
        int64_t queued = cores > 1000000 ? foretell_least(left, cells) : 0;
        f->events += (uint64_t)ready;
        out->waits |= ready >= FORETELL_ONE;
        out->core_queue += queued;
        out->waiting += left - queued;
    }
    out->core_queue += f->core_queue;
    out->waiting += f->mails;
    out->waits |= f->readers_wait;
    if (f->endless) {
        /* If they multiply, time is what bounds them: nobody knows. */
        int64_t cells = f->plan->colony.cells, all = foretell_least(f->population, f->entered);
        bool queues = flow_cores(f->plan) > 0 && all > flow_cores(f->plan);
        out->population = all;
        out->core_queue = queues ? foretell_least(all, cells) : 0;
        out->signals = queues ? all : 0;
        out->waiting = foretell_scale(all, all, cells + all);
        out->waits = true;
    }
}

/* A run that its number of wakes ends has come to that share. */
static void conclude_limit(struct foretell_flow *out, int64_t limit) {
    if (limit == PLAN_NONE || out->wakes <= limit) {
        return;
    }
    int64_t *parts[] = {&out->events,  &out->far_sends, &out->waiting,    &out->core_queue,
                        &out->signals, &out->published, &out->subscribes, &out->learnt};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        *parts[i] = foretell_scale(*parts[i], limit, out->wakes);
    }
    out->wakes = limit;
}

/* Rounds up from a half: what will hardly happen does not. */
static int64_t some(uint128 millionths) {
    return whole(millionths + FORETELL_ONE / 2);
}

void foretell_flow_run(const struct plan *plan, const struct foretell_map *map,
                       struct foretell_flow *out) {
    struct mean_field *f = memory_new(1, sizeof *f);
    *out = (struct foretell_flow){0};
    field_init(f, plan, map);
    for (int pass = 0; pass < PASSES; pass++) {
        run_once(f);
        if (f->endless || !learn_load(f)) {
            break;
        }
    }
    conclude_waits(f, out);
    out->known = !f->publishes && !f->endless && !f->misroutes && !f->gives_up &&
                 !(f->published > 0 && f->subscribes > 0);
    out->events = whole(f->events);
    out->wakes = whole(f->wakes);
    out->far_sends = some(f->far_sends);
    out->subscribes = some(f->subscribes);
    out->learnt = some(f->learnt);
    out->published = f->published + f->publishes;
    out->signals += some(f->sends) > 0 || f->learnt > 0 || out->published > 0;
    out->timers = f->timers_most / FORETELL_ONE;
    conclude_limit(out, plan->run.limit_wakes);
    field_deinit(f);
    free(f);
}
