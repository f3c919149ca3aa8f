/* The events of a publication's way: server, readers, partitioners, and the copies to cells. */
#include "sim/foretell_flow.h"

enum { MANY_LOOPS = 16 };

/* Slices behind the first of a loop of n copies (millionths). */
static int64_t more_slices(const struct host_profile *p, int64_t copies, int64_t copy_ns) {
    int64_t each = foretell_most(p->quantum_ns / foretell_most(copy_ns, 1), 1);
    return copies <= each * FORETELL_ONE ? 0 : copies / each - FORETELL_ONE;
}

/* Copies of so many servers at once to readers. One event each at the reader, where the queue comes
 * between two of one server; one more for each that waits, since readers are slower. */
static int64_t to_readers(const struct host_profile *p, int64_t copies, int64_t servers) {
    int64_t step = foretell_most(p->server_copy_ns, 1);
    int64_t lag = foretell_most(p->reader_ns, 1);
    int64_t events = servers > 1 || lag <= step ? copies : foretell_scale(copies, step, lag);
    events += lag * servers > step ? copies : 0;
    return events + more_slices(p, copies, step);
}

static int64_t origin_events(const struct host_profile *p, const struct foretell_audience *a,
                             int64_t own, int64_t loop_ns, int64_t servers) {
    int64_t remote = a->all - own;
    int64_t events = to_readers(p, remote, servers) + remote;
    if (own > 0) {
        events += FORETELL_ONE + own + more_slices(p, own, loop_ns);
    }
    return events;
}

static int64_t edge_events(const struct plan *plan, const struct host_profile *p,
                           const struct foretell_audience *a, bool own, int64_t loop_ns) {
    if (a->nodes == 0) {
        return 0;
    }
    int64_t each = a->all / a->nodes;
    int64_t parts =
        foretell_least(plan->stages.edge_partitioners, foretell_most(each / FORETELL_ONE, 1));
    int64_t node = parts * (FORETELL_ONE + more_slices(p, each / parts, loop_ns)) + each;
    return to_readers(p, (a->nodes - own) * FORETELL_ONE, 1) + node * a->nodes;
}

/* The share, in ppm, that the servers can make before the end. */
static int64_t made_ppm(const struct mean_field *f, const struct host_profile *p,
                        struct flow_publisher *publisher, int64_t at, int64_t n) {
    bool origin = f->plan->stages.fan_out == FAN_OUT_ORIGIN;
    int64_t copies = origin ? publisher->audience->all / FORETELL_ONE : publisher->audience->nodes;
    int64_t each_ns = p->server_ingest_ns + p->server_match_ns + copies * p->server_copy_ns;
    int64_t from = foretell_most(at, publisher->free_at);
    int64_t needs = foretell_scale(each_ns, n, publisher->servers);
    int64_t has = foretell_most(f->end_ns - from, 0);
    publisher->free_at = from + foretell_least(needs, has);
    return needs > has ? foretell_scale(1000000, has, needs) : 1000000;
}

/* A storm that the cores cannot follow: their time for one copy to all, beyond what it takes to
 * make them. */
static int64_t storm_ns(const struct mean_field *f, const struct flow_publisher *publisher,
                        int64_t step_ns) {
    const struct genome *g = &f->plan->genome;
    int64_t cores = flow_cores(f->plan), work = 0;
    for (uint32_t t = 0; t < g->types; t++) {
        struct flow flow = {
            .type = (uint16_t)t, .column = (uint16_t)publisher->signal, .flags = FLOW_BROADCAST};
        int64_t cost = flow_cost(f, &flow, genome_first(g, t, g->type[t].start, flow.column));
        int64_t left = cores > 0 ? cost / cores - step_ns : 0;
        work +=
            foretell_scale(publisher->audience->copies[t], foretell_most(left, 0), FORETELL_ONE);
    }
    return work;
}

/* How many of n copies a cell does not refuse because as many as may are waiting there; in ppm. */
static int64_t kept_ppm(struct mean_field *f, const struct flow_publisher *publisher, int64_t at,
                        int64_t n, int64_t step_ns, int64_t made) {
    const struct plan *plan = f->plan;
    int64_t storm = storm_ns(f, publisher, step_ns), limit = plan->gradients.pending_limit;
    int64_t all = foretell_scale(publisher->audience->all, made, 1000000) / FORETELL_ONE;
    if (storm == 0 || all == 0) {
        return 1000000;
    }
    int64_t behind = foretell_most(f->storm_until - at, 0);
    int64_t held = limit == PLAN_NONE ? FORETELL_MOST : foretell_scale(limit, storm, 1);
    int64_t room = foretell_most(held - behind, 0);
    int64_t more = foretell_least(foretell_scale(storm, n, 1), room);
    f->storm_until = foretell_sum(foretell_most(f->storm_until, at), more);
    int64_t deep = (behind + more) / storm; /* copies a cell */
    f->core_queue = foretell_most(f->core_queue, deep > 0 ? all : foretell_scale(all, more, storm));
    f->mails = foretell_most(f->mails, foretell_scale(all, foretell_most(deep - 1, 0), 1));
    return foretell_scale(1000000, more, foretell_scale(storm, n, 1));
}

/* Copies to wakes that a burst cannot make. */
static int64_t loose_copies(const struct mean_field *f, const struct flow_publisher *publisher) {
    const struct genome *g = &f->plan->genome;
    int64_t copies = 0;
    for (uint32_t t = 0; t < g->types; t++) {
        const struct genome_reaction *r = genome_first(g, t, g->type[t].start, publisher->signal);
        bool plain = !r || (!r->conditional && r->sends == 0 && r->subscribes == 0 &&
                            r->timers == 0 && r->work.kind == LAW_CONSTANT);
        copies += plain && !publisher->fresh ? 0 : publisher->audience->copies[t];
    }
    return copies;
}

/* Whether it hangs on what comes between how many events the copies of loops are: the engine counts
 * a copy that a partitioner makes one by one only where the queue interrupts it. It does where many
 * loops go on at once, or a burst makes them while cores are idle; a copy refused is none. */
static bool loops_unsure(const struct mean_field *f, const struct flow_publisher *publisher,
                         int64_t loops, int64_t step_ns, int64_t kept) {
    if (f->plan->stages.fan_out == FAN_OUT_ORIGIN) {
        return false;
    }
    bool crowded = loops < MANY_LOOPS && storm_ns(f, publisher, step_ns) > 0;
    return crowded || kept < 1000000 || loose_copies(f, publisher) > publisher->audience->all / 10;
}

/* The events that n publications are to the stations, each. */
static int64_t station_events(const struct mean_field *f, const struct flow_publisher *publisher,
                              int64_t n, int64_t loop_ns, int64_t kept) {
    const struct plan *plan = f->plan;
    const struct foretell_audience *audience = publisher->audience;
    const struct host_profile *p = &plan->host[plan->gradients.server_host].profile;
    bool from_cell = publisher->type != GENOME_NONE;
    if (plan->stages.fan_out == FAN_OUT_ORIGIN) {
        int64_t own = from_cell ? audience->all / plan->colony.nodes : 0;
        return origin_events(p, audience, own, loop_ns, foretell_least(n, publisher->servers));
    }
    bool own = from_cell && audience->nodes == plan->colony.nodes;
    /* A copy that is refused in a loop is no event. */
    return edge_events(plan, p, audience, own, loop_ns) -
           foretell_scale(audience->all, 1000000 - kept, 1000000);
}

void flow_publish(struct mean_field *f, struct flow_publisher *publisher, int64_t at, int64_t n) {
    const struct plan *plan = f->plan;
    const struct foretell_audience *audience = publisher->audience;
    const struct host_profile *p = &plan->host[plan->gradients.server_host].profile;
    bool origin = plan->stages.fan_out == FAN_OUT_ORIGIN;
    int64_t bytes = plan->genome.signal[publisher->signal].size_bytes;
    int64_t loop_ns = p->send_ns + bytes * p->copy_ps_per_byte / 1000;
    int64_t loops = foretell_most(audience->nodes, 1) * plan->stages.edge_partitioners;
    int64_t servers = foretell_most(foretell_least(n, publisher->servers), 1);
    int64_t made = made_ppm(f, p, publisher, at, n);
    int64_t step_ns = origin ? p->server_copy_ns / servers : loop_ns / loops;
    int64_t kept = kept_ppm(f, publisher, at, n, step_ns, made);
    f->gives_up |= loops_unsure(f, publisher, loops, step_ns, kept);
    int64_t events = station_events(f, publisher, n, loop_ns, kept);
    events = foretell_scale(events, made, 1000000) + FORETELL_ONE;
    f->events += (uint128)(uint64_t)n * (uint64_t)events;
    f->published += audience->all > 0 ? n : 0;
    f->readers_wait |= p->reader_ns * servers > p->server_copy_ns && audience->all > FORETELL_ONE;
    for (uint32_t t = 0; t < plan->genome.types; t++) {
        int64_t copies = foretell_scale(foretell_scale(audience->copies[t], n, 1), made, 1000000);
        flow_push(f,
                  &(struct flow){.at = at,
                                 .amount = foretell_scale(copies, kept, 1000000),
                                 .type = (uint16_t)t,
                                 .column = (uint16_t)publisher->signal,
                                 .from = (uint16_t)publisher->type,
                                 .flags = (uint8_t)(FLOW_BROADCAST | FLOW_FAR | publisher->fresh)});
    }
}
