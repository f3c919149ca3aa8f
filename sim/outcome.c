#include "sim/outcome.h"

#include <stdlib.h>

#include "sim/aware.h"
#include "sim/copies.h"
#include "sim/cursor.h"
#include "sim/deaf.h"
#include "sim/sim.h"
#include "sim/spans.h"
#include "sim/station.h"

/* Copies to cells that an event stands for. */
static void count_event(void *context, const struct event *e) {
    struct sim *s = context;
    switch (what_nature(e->what)) {
    case EVENT_ARRIVAL:
        s->tally.in_flight += event_source(e) >= s->first_rank;
        break;
    case EVENT_LEAVE:
        s->tally.in_flight++;
        break;
    case EVENT_CURSOR: {
        const struct cursor *cursor = pool_at(&s->cursor, (uint32_t)e->body);
        s->tally.in_flight += cursor->active ? 0 : cursor_left(s, cursor);
        break;
    }
    case EVENT_AT_STATION: {
        uint32_t node = sim_node_of(s, event_entity(e));
        uint32_t place = event_entity(e) - s->first_rank - node * s->stride;
        s->tally.in_flight += copies_stand_for(s, sim_station(s, node, place), e->what, e->body);
        break;
    }
    default:
        break;
    }
}

static uint64_t mails(const struct sim *s, uint32_t last, const struct station *st) {
    uint64_t count = 0;
    for (uint32_t at = last; at;) {
        const struct mail *mail = sim_mail(s, at);
        if (st) {
            count += copies_stand_for(s, st, mail->what, mail->body);
        } else {
            count += what_nature(mail->what) == EVENT_ARRIVAL;
        }
        at = mail->next == last ? 0 : mail->next;
    }
    return count;
}

/* Model-readings R40: from what is there, not from what was counted. */
static void count_in_flight(struct sim *s) {
    s->tally.in_flight = 0;
    queue_visit(&s->queue, count_event, s);
    for (uint32_t i = s->lanes.head; i < s->lanes.tail; i++) {
        const struct cursor *cursor = pool_at(&s->cursor, (uint32_t)s->lanes.lane[i].body);
        s->tally.in_flight += cursor_left(s, cursor);
    }
    for (uint32_t node = 0; node < s->nodes; node++) {
        uint32_t end = colony_node_first(&s->colony, node + 1);
        for (uint32_t cell = colony_node_first(&s->colony, node); cell < end; cell++) {
            s->tally.in_flight += mails(s, s->cell[cell + s->offset[node]].mail, NULL);
        }
        for (uint32_t j = 0; j < s->stations; j++) {
            const struct station *st = sim_station(s, node, j);
            s->tally.in_flight += mails(s, st->mail, st) + copies_left_of_job(s, st);
        }
    }
}

/* Which limit was met first, and ties go in this order. */
static enum tally_limit first_limit(const struct host *h) {
    int64_t cores = h->counted && h->cores.first_busy_1ms >= 0 ? h->cores.first_busy_1ms : NEVER_NS;
    int64_t at[] = {h->deaf_first, cores, h->over_at, h->pressure_at};
    static const enum tally_limit limit[] = {LIMIT_SERVER, LIMIT_CORES, LIMIT_MEMORY, LIMIT_CACHE};
    uint32_t best = 0;
    for (uint32_t i = 1; i < 4; i++) {
        best = at[i] < at[best] ? i : best;
    }
    return at[best] == NEVER_NS ? LIMIT_NONE : limit[best];
}

static int64_t share_ppm(uint64_t part, int128 whole) {
    int128 ppm = whole > 0 ? (int128)part * 1000000 / whole : 0;
    return ppm > INT64_MAX ? INT64_MAX : (int64_t)ppm;
}

static void fill_deaths(const struct sim *s, struct host *h, struct tally_host *tally) {
    if (h->dead_memory.count > 0) { /* its last window ends with the run */
        struct span *last = &h->dead_memory.span[h->dead_memory.count - 1];
        last->until = last->until < s->end ? last->until : s->end;
    }
    int64_t cores = h->dead.count > 0 ? h->dead.span[0].from : NEVER_NS;
    int64_t memory = h->dead_memory.count > 0 ? h->dead_memory.span[0].from : NEVER_NS;
    tally->death_by_memory = memory < cores;
    int64_t first = memory < cores ? memory : cores;
    tally->death_at_ns = first == NEVER_NS ? TALLY_NEVER : first;
    tally->dead_ns = spans_union(&h->dead, &h->dead_memory);
    tally->death_wait_ns = h->profile->death_wait_ns;
}

static void fill_host(struct sim *s, struct host *h, struct tally_host *tally) {
    tally->cores = h->profile->cores;
    tally->busy_ns = (uint128)(uint64_t)(h->busy_all - h->busy_unmeasured);
    tally->saturated_ns = h->counted ? h->cores.saturated_ns : 0;
    tally->busiest_cores = h->busiest;
    tally->longest_wait_ns = h->longest_wait;
    tally->waiting_peak = h->waiting_peak;
    tally->peak_memory_bytes = h->memory_peak;
    tally->cache_pressure_max_ppm = share_ppm(h->pressure_max, (int128)h->pressure_room);
    tally->bandwidth_max_ppm = share_ppm((uint64_t)h->bandwidth_max, h->bandwidth_capacity);
    fill_deaths(s, h, tally);
    tally->first_limit = first_limit(h);
    tally->deaf_nodes = h->deaf_nodes;
    tally->deaf_longest_ns = h->deaf_longest;
    tally->deaf_total_ns = h->deaf_total;
    tally->deaf_first_ns = h->deaf_first == NEVER_NS ? TALLY_NEVER : h->deaf_first;
    if (h->deaf_longest > 0) {
        uint32_t node = sim_node_of(s, h->deaf_worst);
        uint32_t place = h->deaf_worst - s->first_rank - node * s->stride;
        station_name(sim_station(s, node, place), tally->deaf_worst, sizeof tally->deaf_worst);
    }
}

static void fill_storm(struct sim *s) {
    struct tally *tally = &s->tally;
    if (!tally->has_storm) {
        return;
    }
    tally->storm_from_ns = s->storm_from;
    tally->storm_until_ns = s->storm_until;
    if (tally->storm_wakes > 0) {
        tally->storm_busy_ns = (uint128)(uint64_t)(s->storm_busy_until - s->storm_busy_from);
    }
    tally->storm_cores_peak = ((uint64_t)s->storm_cores + 999999) / 1000000;
}

void outcome_fill(struct sim *s) {
    deaf_finish(s, s->end);
    versions_finish(s->aware, s->end);
    tally_versions(&s->tally, s->aware);
    count_in_flight(s);
    for (uint32_t i = 0; i < s->hosts; i++) {
        fill_host(s, &s->host[i], &s->tally.host[i]);
    }
    fill_storm(s);
    for (uint32_t cell = 0; cell < s->plan->colony.cells; cell++) {
        s->tally.type[s->colony.type[cell]].cells++;
    }
    s->tally.has_digest = true;
    s->tally.virtual_end_ns = s->end;
    s->tally.measured_ns = s->end > s->warm_up ? s->end - s->warm_up : 0;
    s->tally.alive_end = s->plan->colony.cells;
}

void sim_tally(struct sim *s, struct tally *tally) {
    struct tally mine = s->tally;
    s->tally = *tally;
    *tally = mine;
}

void sim_cell(const struct sim *s, uint32_t cell, uint8_t *state, uint32_t *wakes) {
    const struct cell *c = &s->cell[cell + s->offset[colony_node(&s->colony, cell)]];
    *state = c->state;
    *wakes = c->wakes;
}

const struct versions *sim_versions(const struct sim *s) {
    return s->aware;
}

void outcome_release_signals(struct sim *s) {
    for (uint32_t place = 1; place < s->signal.made; place++) {
        free(sim_signal(s, place)->woken);
    }
}
