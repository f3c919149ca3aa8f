#include <stdlib.h>

#include "base/assert.h"
#include "base/memory.h"
#include "tests/naive/naive_engine.h"

static void setup_hosts(struct naive *n) {
    n->host = memory_new(n->plan->hosts, sizeof *n->host);
    for (uint32_t h = 0; h < n->plan->hosts; h++) {
        struct naive_host *host = &n->host[h];
        host->profile = &n->plan->host[h].profile;
        host->cores = host->profile->cores == HOST_NO_LIMIT ? 0 : (uint32_t)host->profile->cores;
        host->core_free = memory_new(host->cores + 1, sizeof *host->core_free);
        for (uint32_t k = 0; k < host->cores; k++) {
            host->core_free[k] = INT64_MIN;
        }
        host->window = -1;
        host->pressure_window = -1;
        host->saturated_until = -1;
        host->limit_cores_at = TALLY_NEVER;
        host->limit_cache_at = TALLY_NEVER;
    }
}

static void setup_cell(struct naive *n, uint32_t c, uint32_t host) {
    struct naive_cell *cell = &n->cell[c];
    const struct genome_type *type = &n->plan->genome.type[n->colony.type[c]];
    cell->type = n->colony.type[c];
    cell->state = (uint8_t)type->start;
    cell->domain = colony_domain(&n->colony, c);
    cell->timer = memory_new((size_t)type->timers + 1, sizeof *cell->timer);
    cell->job_slot = NOT_GRADIENT;
    n->host[host].cells_bytes += n->host[host].profile->cell_bytes + type->bytes;
}

static struct entity *add_entity(struct naive *n, enum entity_kind kind, uint32_t node,
                                 uint32_t host, uint32_t index) {
    struct entity *e = &n->entity[n->ranks - n->first_node_rank];
    e->kind = kind;
    e->rank = n->ranks++;
    e->node = node;
    e->host = host;
    e->index = index;
    e->free_at = -1;
    e->cut_until = -1;
    return e;
}

/* R1: faults, sources, then node by node: node, server, reader, partitioners, cells. */
static void setup_entities(struct naive *n) {
    uint32_t nodes = n->plan->colony.nodes, cells = n->plan->colony.cells;
    n->partitioners =
        n->plan->stages.fan_out == FAN_OUT_EDGE ? n->plan->stages.edge_partitioners : 1;
    n->first_node_rank = n->plan->faults + n->plan->sources;
    n->ranks = n->first_node_rank;
    size_t all = (size_t)nodes * (3 + n->partitioners) + cells;
    n->entity = memory_new(all, sizeof *n->entity);
    n->number = memory_new(all + n->first_node_rank, sizeof *n->number);
    n->node_rank = memory_new(nodes, sizeof *n->node_rank);
    n->cell_rank = memory_new(cells, sizeof *n->cell_rank);
    n->cell = memory_new(cells, sizeof *n->cell);
    for (uint32_t node = 0; node < nodes; node++) {
        uint32_t host = colony_host_of_node(&n->colony, node);
        n->node_rank[node] = n->ranks;
        add_entity(n, ENTITY_NODE, node, host, 0);
        add_entity(n, ENTITY_SERVER, node, n->plan->gradients.server_host, 0);
        add_entity(n, ENTITY_READER, node, host, 0);
        for (uint32_t p = 0; p < n->partitioners; p++) {
            add_entity(n, ENTITY_PARTITIONER, node, host, p);
        }
        uint32_t last = colony_node_first(&n->colony, node + 1);
        for (uint32_t c = colony_node_first(&n->colony, node); c < last; c++) {
            n->cell_rank[c] = n->ranks;
            add_entity(n, ENTITY_CELL, node, host, c);
            setup_cell(n, c, host);
        }
    }
    NERVE_ASSERT(n->ranks - n->first_node_rank == all);
}

/* The timers that run from birth. */
static void setup_timers(struct naive *n) {
    for (uint32_t c = 0; c < n->plan->colony.cells; c++) {
        const struct genome_type *type = &n->plan->genome.type[n->cell[c].type];
        struct entity *e = naive_entity_of_cell(n, c);
        for (uint32_t k = 0; k < type->timers; k++) {
            if (!type->timer[k].at_birth) {
                continue;
            }
            struct item *item = naive_new(n, 1, sizeof *item);
            item->kind = ITEM_TIMER;
            item->timer = k;
            int64_t after =
                law_value(&type->timer[k].first, rng_draw(n->plan->run.seed, RNG_BIRTH, c, k));
            naive_post_item(n, after, e, e->rank, EVENT_TIMER, item);
        }
    }
}

static void post_emission(struct naive *n, uint32_t source, int64_t time, uint64_t k) {
    const struct plan_source *s = &n->plan->source[source];
    struct entity *at;
    if (s->publishes) {
        const uint32_t *first = &n->colony.host_first_node[n->plan->gradients.server_host];
        /* A server's host without nodes: the colony's first node's loop. */
        at = naive_station_of(n, first[0] < first[1] ? first[0] : 0, ENTITY_SERVER, 0);
    } else {
        uint64_t bits = rng_draw(n->plan->run.seed, RNG_SOURCE_TO, source, k);
        uint32_t cell = colony_choose(&n->colony, &s->to, COLONY_NOBODY, bits);
        if (cell == COLONY_NOBODY) {
            return;
        }
        at = naive_entity_of_cell(n, cell);
    }
    naive_post_item(n, time, at, n->plan->faults + source, EVENT_EMISSION, NULL);
}

/* R6. */
static void setup_source(struct naive *n, uint32_t source) {
    const struct plan_source *s = &n->plan->source[source];
    int64_t until = s->until_ns;
    if (until < 0 || until > n->plan->run.duration_ns) {
        until = n->plan->run.duration_ns;
    }
    uint64_t most = s->count < 0 ? UINT64_MAX : (uint64_t)s->count;
    uint64_t k = 0;
    if (s->at_count > 0) {
        for (uint32_t i = 0; i < s->at_count && k < most; i++) {
            if (s->at[i] >= s->from_ns && s->at[i] < until) {
                post_emission(n, source, s->at[i], k++);
            }
        }
        return;
    }
    struct law law = {.kind = s->exponential ? LAW_EXPONENTIAL : LAW_CONSTANT,
                      .a_ns = s->interval_ns};
    int64_t time = s->from_ns + s->phase_ns;
    for (; k < most; k++) {
        time += law_value(&law, rng_draw(n->plan->run.seed, RNG_ARRIVAL, source, k));
        if (time >= until) {
            break;
        }
        post_emission(n, source, time, k);
    }
}

/* R9: the cells that a fault chooses, marked. */
static void choose_cells(struct naive *n, uint32_t fault) {
    const struct plan_fault *f = &n->plan->fault[fault];
    uint32_t cells = n->plan->colony.cells, left = 0;
    n->chosen[fault] = naive_new(n, cells, sizeof(bool));
    if (f->by_cell >= 0) {
        n->chosen[fault][f->by_cell] = true;
        return;
    }
    uint32_t *candidate = naive_new(n, cells, sizeof *candidate);
    for (uint32_t c = 0; c < cells; c++) {
        if (f->by_type == PLAN_NO_TYPE || f->by_type == n->cell[c].type) {
            candidate[left++] = c;
        }
    }
    if (f->by_count < 0) {
        for (uint32_t i = 0; i < left; i++) {
            n->chosen[fault][candidate[i]] = true;
        }
        return;
    }
    for (uint64_t k = 0; k < (uint64_t)f->by_count && left > 0; k++) {
        uint32_t at = rng_below(rng_draw(n->plan->run.seed, RNG_FAULT_BY, fault, k), left);
        n->chosen[fault][candidate[at]] = true;
        left--;
        for (uint32_t i = at; i < left; i++) {
            candidate[i] = candidate[i + 1];
        }
    }
}

static void setup_fault(struct naive *n, uint32_t fault) {
    const struct plan_fault *f = &n->plan->fault[fault];
    choose_cells(n, fault);
    for (int64_t line = 0; f->for_ns < 0 && line < f->lines; line++) {
        for (uint32_t c = 0; c < n->plan->colony.cells; c++) {
            if (n->chosen[fault][c]) {
                struct item *item = naive_new(n, 1, sizeof *item);
                item->kind = ITEM_FAULT;
                item->fault = fault;
                naive_post_item(n, f->at_ns + line * f->every_ns, naive_entity_of_cell(n, c), fault,
                                EVENT_FAULT, item);
            }
        }
    }
}

void naive_setup(struct naive *n) {
    struct error error;
    int failed = colony_init(&n->colony, n->plan, &error);
    NERVE_ASSERT(failed == 0);
    n->subjects = subjects_create(&n->colony);
    n->end = n->plan->run.duration_ns + n->plan->run.drain_ns;
    n->storm_from = n->storm_until = TALLY_NEVER;
    n->domain_raises = memory_new(n->plan->colony.domains, sizeof *n->domain_raises);
    n->chosen = memory_new(n->plan->faults + 1, sizeof *n->chosen);
    setup_hosts(n);
    setup_entities(n);
    setup_timers(n);
    for (uint32_t i = 0; i < n->plan->faults; i++) {
        setup_fault(n, i);
    }
    for (uint32_t i = 0; i < n->plan->sources; i++) {
        setup_source(n, i);
    }
}

void naive_free(struct naive *n) {
    for (uint32_t h = 0; h < n->plan->hosts; h++) {
        struct naive_host *host = &n->host[h];
        free(host->core_free);
        naive_list_free(&host->busy);
        naive_list_free(&host->dead);
        naive_list_free(&host->queue);
        naive_list_free(&host->starting);
        naive_list_free(&host->over_spans);
    }
    for (uint32_t i = 0; i < n->ranks - n->first_node_rank; i++) {
        naive_list_free(&n->entity[i].mailbox);
        naive_list_free(&n->entity[i].accepted);
        naive_list_free(&n->entity[i].slices);
    }
    for (uint32_t c = 0; c < n->plan->colony.cells; c++) {
        free(n->cell[c].timer);
    }
    for (size_t i = 0; i < n->links.count; i++) {
        naive_list_free(&LIST_AT(&n->links, struct link, i).release);
    }
    for (uint32_t d = 0; d < n->plan->colony.domains; d++) {
        naive_list_free(&n->domain_raises[d]);
    }
    for (size_t i = 0; i < n->garbage.count; i++) {
        free(LIST_AT(&n->garbage, void *, i));
    }
    naive_list_free(&n->garbage);
    naive_list_free(&n->links);
    naive_list_free(&n->seen);
    naive_list_free(&n->colony_raises);
    naive_list_free(&n->adoptions);
    naive_list_free(&n->latencies);
    free(n->domain_raises);
    free(n->chosen);
    free(n->host);
    free(n->entity);
    free(n->number);
    free(n->node_rank);
    free(n->cell_rank);
    free(n->cell);
    free(n->heap);
    subjects_destroy(n->subjects);
    colony_deinit(&n->colony);
}
