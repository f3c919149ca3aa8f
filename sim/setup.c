#include "sim/setup.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/cost.h"
#include "sim/send.h"
#include "sim/spans.h"

static int shift_of(int64_t n) {
    return (n & (n - 1)) == 0 ? __builtin_ctzll((uint64_t)n) : -1;
}

/* The latency of a line by log2 of its reuse, between the profile's points (R17). */
static void host_lines(struct host *h) {
    const struct host_profile *p = h->profile;
    uint32_t last = p->latency_points - 1;
    uint32_t low = cost_log2_256((uint64_t)p->line_latency[0].bytes);
    uint32_t high = cost_log2_256((uint64_t)p->line_latency[last].bytes);
    h->line_low = low;
    h->line_count = high - low + 1;
    h->line_ns = memory_new(h->line_count, sizeof *h->line_ns);
    h->line_first = (uint32_t)p->line_latency[last].ns;
    h->line_ns[0] = (uint32_t)p->line_latency[0].ns;
    for (uint32_t i = 0; i < last; i++) {
        int64_t l0 = cost_log2_256((uint64_t)p->line_latency[i].bytes);
        int64_t l1 = cost_log2_256((uint64_t)p->line_latency[i + 1].bytes);
        int64_t n0 = p->line_latency[i].ns, n1 = p->line_latency[i + 1].ns;
        for (int64_t l = l0; l < l1; l++) {
            h->line_ns[l - low] = (uint32_t)(n0 + (n1 - n0) * (l - l0) / (l1 - l0));
        }
        h->line_ns[l1 - low] = (uint32_t)n1;
    }
    cost_ranges(h);
}

static struct fast fast_make(const struct host *h, int64_t size_bytes,
                             const struct genome_reaction *reaction) {
    const struct host_profile *p = h->profile;
    struct fast fast = {.cost = p->wake_ns + size_bytes * p->copy_ps_per_byte / 1000 +
                                (h->many ? p->transfer_ns : 0),
                        .touch = p->touch_bytes + size_bytes,
                        .lines = (uint32_t)(p->touch_bytes / 64),
                        .next = FAST_STAYS,
                        .plain = true,
                        .adopt = true};
    if (!reaction) {
        return fast;
    }
    fast.plain = !reaction->conditional && reaction->sends == 0 && reaction->publishes == 0 &&
                 reaction->subscribes == 0 && reaction->timers == 0 &&
                 reaction->work.kind == LAW_CONSTANT;
    if (fast.plain) {
        fast.cost += reaction->work.a_ns;
        fast.touch += reaction->touch_bytes;
        fast.lines = (uint32_t)((p->touch_bytes + reaction->touch_bytes) / 64);
        fast.next = reaction->next == GENOME_NONE ? FAST_STAYS : (uint8_t)reaction->next;
        fast.works = reaction->work.a_ns > 0;
        fast.adopt = reaction->adopt;
    }
    return fast;
}

static bool goes_directly(const struct genome_reaction *r) {
    return !r->conditional && r->publishes == 0 && r->subscribes == 0 && r->sends <= 1 &&
           r->timers <= 1 && (r->timers == 0 || !r->timer[0].stop);
}

static struct way way_make(const struct sim *s, const struct host *h, const struct fast *fast,
                           uint32_t type, uint32_t column, const struct genome_reaction *r) {
    const struct host_profile *p = h->profile;
    struct way way = {.reaction = r,
                      .cost = fast->cost,
                      .touch = fast->touch + r->touch_bytes,
                      .lines = (uint32_t)((p->touch_bytes + r->touch_bytes) / 64),
                      .type = (uint8_t)type,
                      .column = (uint16_t)column,
                      .timer = column >= s->plan->genome.signals,
                      .next = r->next == GENOME_NONE ? FAST_STAYS : (uint8_t)r->next,
                      .draws_work = r->work.kind != LAW_CONSTANT,
                      .sends = r->sends > 0,
                      .sets = r->timers > 0};
    way.cost += way.draws_work ? 0 : r->work.a_ns;
    if (way.sends) {
        const struct genome_send *send = &r->send[0];
        way.signal = send->signal;
        way.send_ns = h->send_local[send->signal];
        const struct genome_type *of = &s->plan->genome.type[type];
        if (send->to == TO_BOND && !of->bond[send->bond].each_time) {
            const struct colony *c = &s->colony;
            uint32_t members = c->first_member[type + 1] - c->first_member[type];
            way.bond = c->bond + c->bond_first[type] + (uint64_t)send->bond * members;
        }
    }
    if (way.sets) {
        const struct law *after = &r->timer[0].after;
        way.after_ns = after->kind == LAW_CONSTANT ? after->a_ns : -1;
        way.stream = streams_of(&s->queue.streams, way.after_ns);
        way.sets_timer = r->timer[0].timer;
    }
    return way;
}

static void host_fast(struct sim *s, struct host *h) {
    const struct genome *g = &s->plan->genome;
    uint32_t rows = 0;
    for (uint32_t type = 0; type < g->types; type++) {
        uint32_t end = g->type[type].first_row + g->type[type].states;
        rows = end > rows ? end : rows;
    }
    h->fast = memory_new((size_t)rows * g->columns, sizeof *h->fast);
    h->way = memory_new((size_t)rows * g->columns, sizeof *h->way);
    for (uint32_t type = 0; type < g->types; type++) {
        uint32_t first = g->type[type].first_row * g->columns;
        for (uint32_t at = first; at < first + g->type[type].states * g->columns; at++) {
            uint32_t column = at % g->columns;
            uint16_t place = g->table[at];
            const struct genome_reaction *r = place == GENOME_NONE ? NULL : &g->reaction[place];
            struct fast *fast = &h->fast[at];
            *fast = fast_make(h, column < g->signals ? g->signal[column].size_bytes : 0, r);
            if (r && !fast->plain && goes_directly(r)) {
                h->way[at] = way_make(s, h, fast, type, column, r);
                fast->direct = &h->way[at];
            }
        }
    }
    h->fault = fast_make(h, 0, NULL);
}

static void host_signals(struct sim *s, struct host *h) {
    const struct host_profile *p = h->profile;
    const struct genome *g = &s->plan->genome;
    int64_t **lists[] = {&h->send_local, &h->send_link,     &h->publish, &h->loop_copy,
                         &h->wait_bytes, &h->pending_bytes, &h->card_ns};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        *lists[i] = memory_new(g->signals, sizeof **lists[i]);
    }
    for (uint32_t i = 0; i < g->signals; i++) {
        int64_t size = g->signal[i].size_bytes;
        int64_t copy = size * p->copy_ps_per_byte / 1000;
        h->send_local[i] = p->send_ns + p->send_scattered_ns + copy;
        h->send_link[i] = p->zmq_send_ns + copy;
        h->publish[i] = p->nats_publish_ns + copy;
        h->loop_copy[i] = p->send_ns + copy;
        h->wait_bytes[i] = p->envelope_bytes + size;
        h->pending_bytes[i] = size + p->header_bytes;
        h->card_ns[i] = (int64_t)((int128)size * 1000000000 / p->net_bytes_per_s);
    }
}

static void host_init(struct sim *s, struct host *h, uint32_t place) {
    const struct host_profile *p = &s->plan->host[place].profile;
    h->profile = p;
    h->place = place;
    h->counted = p->cores != HOST_NO_LIMIT;
    h->many = !h->counted || p->cores > 1;
    if (h->counted) {
        cores_init(&h->cores, p);
    }
    h->domains_shift = shift_of(p->cache_domains);
    h->gain_shift = shift_of(p->prefetch_gain);
    host_lines(h);
    host_signals(s, h);
    host_fast(s, h);
    int64_t capacity =
        (int64_t)((int128)p->bandwidth_bytes_per_s * BANDWIDTH_WINDOW_NS / 1000000000);
    h->bandwidth_capacity = capacity > 0 ? capacity : 1;
    h->bandwidth_until = BANDWIDTH_WINDOW_NS;
    h->stretch = 256;
    h->pressure_room = (uint64_t)p->memory_from_bytes * (uint64_t)p->cache_domains;
    h->pressure_mark = h->pressure_room;
    h->pressure_at = NEVER_NS;
    h->leaving_room = 64;
    h->leaving = memory_new(h->leaving_room, sizeof *h->leaving);
    h->leaving_last = -1;
    h->over_at = NEVER_NS;
    h->deaf_first = NEVER_NS;
}

void setup_hosts(struct sim *s) {
    s->hosts = s->plan->hosts;
    s->host = memory_new(s->hosts, sizeof *s->host);
    for (uint32_t i = 0; i < s->hosts; i++) {
        host_init(s, &s->host[i], i);
        s->host[i].first_node = s->colony.host_first_node[i];
        s->host[i].nodes = s->colony.host_first_node[i + 1] - s->host[i].first_node;
    }
    busy_init(&s->milli, 1000000, s->hosts);
    busy_init(&s->sample, s->plan->run.sample_ns, s->hosts);
}

static void setup_nodes(struct sim *s) {
    const struct colony *colony = &s->colony;
    s->node = memory_new(s->nodes, sizeof *s->node);
    s->offset = memory_new(s->nodes, sizeof *s->offset);
    s->station = memory_new((size_t)s->nodes * s->stations, sizeof *s->station);
    for (uint32_t i = 0; i < s->hosts; i++) {
        struct host *h = &s->host[i];
        for (uint32_t node = h->first_node; node < h->first_node + h->nodes; node++) {
            s->node[node].host = i;
        }
    }
    for (uint32_t node = 0; node < s->nodes; node++) {
        s->offset[node] =
            s->first_rank + node * s->stride + s->stations - colony_node_first(colony, node);
        for (uint32_t j = 0; j < s->stations; j++) {
            struct station *st = sim_station(s, node, j);
            st->node = node;
            st->nature = (uint8_t)(j < STATION_PARTITIONER ? j : STATION_PARTITIONER);
            st->partitioner = (uint8_t)(j - st->nature);
            st->free_at = -1;
            st->deaf_since = -1;
            uint32_t host =
                j == STATION_SERVER ? s->plan->gradients.server_host : s->node[node].host;
            st->deaf_wait_ns = s->host[host].profile->deaf_wait_ns;
        }
    }
}

void setup_entities(struct sim *s) {
    const struct plan *plan = s->plan;
    s->nodes = plan->colony.nodes;
    s->partitioners = plan->stages.fan_out == FAN_OUT_EDGE ? plan->stages.edge_partitioners : 1;
    s->stations = STATION_PARTITIONER + s->partitioners;
    s->first_rank = plan->faults + plan->sources;
    uint32_t largest = s->colony.nodes.small + (s->colony.nodes.large > 0);
    s->stride = s->stations + largest;
    s->stride_by = UINT64_MAX / s->stride + 1;
    setup_nodes(s);
    s->columns = plan->genome.columns;
    s->first_row = memory_new(plan->genome.types, sizeof *s->first_row);
    for (uint32_t type = 0; type < plan->genome.types; type++) {
        s->first_row[type] = plan->genome.type[type].first_row;
    }
    size_t ranks = (size_t)s->first_rank + (size_t)s->nodes * s->stride;
    s->cell_bytes = ranks * sizeof *s->cell;
    s->cell = memory_map(s->cell_bytes);
    s->long_bytes = ranks * sizeof *s->long_start;
    s->long_start = memory_map(s->long_bytes);
    for (uint32_t node = 0; node < s->nodes; node++) {
        struct host *h = &s->host[s->node[node].host];
        uint32_t end = colony_node_first(&s->colony, node + 1);
        for (uint32_t cell = colony_node_first(&s->colony, node); cell < end; cell++) {
            uint32_t type = s->colony.type[cell];
            s->cell[cell + s->offset[node]] =
                (struct cell){.free_at = -1,
                              .touched_at = NEVER_TOUCHED,
                              .type = (uint8_t)type,
                              .state = (uint8_t)plan->genome.type[type].start};
            h->memory_fixed += h->profile->cell_bytes + plan->genome.type[type].bytes;
        }
    }
}

/* Whether some timer may be set while it is pending, or stopped: then its number must be known. */
static bool timers_need_numbers(const struct genome *g) {
    for (uint32_t type = 0; type < g->types; type++) {
        const struct genome_type *of = &g->type[type];
        for (uint32_t cell = 0; cell < of->states * g->columns; cell++) {
            uint32_t column = cell % g->columns;
            for (uint16_t at = g->table[of->first_row * g->columns + cell]; at != GENOME_NONE;
                 at = g->reaction[at].otherwise) {
                const struct genome_reaction *reaction = &g->reaction[at];
                for (uint32_t i = 0; i < reaction->timers; i++) {
                    uint32_t own = g->signals + reaction->timer[i].timer;
                    if (reaction->timer[i].stop || column != own || reaction->timers > 1) {
                        return true;
                    }
                }
            }
        }
    }
    return false;
}

/* A stream for each constant period. */
void setup_streams(struct sim *s) {
    const struct genome *g = &s->plan->genome;
    for (uint32_t i = 0; i < g->reactions; i++) {
        const struct genome_reaction *reaction = &g->reaction[i];
        for (uint32_t k = 0; k < reaction->timers; k++) {
            const struct law *after = &reaction->timer[k].after;
            if (!reaction->timer[k].stop && after->kind == LAW_CONSTANT) {
                streams_add(&s->queue.streams, after->a_ns);
            }
        }
    }
}

void setup_timers(struct sim *s) {
    const struct genome *g = &s->plan->genome;
    for (uint32_t type = 0; type < g->types; type++) {
        s->timers = g->type[type].timers > s->timers ? g->type[type].timers : s->timers;
    }
    if (s->timers == 0) {
        return;
    }
    if (timers_need_numbers(g)) {
        s->timer_bytes = (size_t)s->plan->colony.cells * s->timers * sizeof *s->timer_number;
        s->timer_number = memory_map(s->timer_bytes);
    }
    for (uint32_t cell = 0; cell < s->plan->colony.cells; cell++) {
        const struct genome_type *type = &g->type[s->colony.type[cell]];
        for (uint32_t i = 0; i < type->timers; i++) {
            if (type->timer[i].at_birth) {
                uint64_t bits = rng_draw(s->seed, RNG_BIRTH, cell, i);
                timer_set(s, sim_rank(s, cell), cell, i, 0, law_value(&type->timer[i].first, bits));
            }
        }
    }
}

static void host_release(struct host *h) {
    if (h->counted) {
        cores_deinit(&h->cores);
    }
    free(h->line_ns);
    free(h->line_range);
    free(h->fast);
    free(h->way);
    free(h->send_local);
    free(h->send_link);
    free(h->publish);
    free(h->loop_copy);
    free(h->wait_bytes);
    free(h->pending_bytes);
    free(h->card_ns);
    free(h->leaving);
    free(h->queued);
    free(h->match_seen);
    spans_deinit(&h->dead);
    spans_deinit(&h->dead_memory);
}

void setup_release(struct sim *s) {
    for (uint32_t i = 0; s->host && i < s->hosts; i++) {
        host_release(&s->host[i]);
    }
    for (uint32_t i = 0; s->node && i < s->nodes; i++) {
        free(s->node[i].link);
    }
    free(s->host);
    free(s->node);
    free(s->offset);
    free(s->first_row);
    free(s->station);
    memory_unmap(s->cell, s->cell_bytes);
    memory_unmap(s->long_start, s->long_bytes);
    memory_unmap(s->timer_number, s->timer_bytes);
    busy_deinit(&s->milli);
    busy_deinit(&s->sample);
}
