/*
 * Which links a colony can open: from each node to each, as the genome's sends and the bonds drawn
 * say. An upper bound, exact for bonds that are drawn at the start.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "live/needs.h"

enum { MANY_NODES = 20000 }; /* beyond, 50 MB of bits are not worth it: any node to any */

struct reach {
    const struct colony *colony;
    uint32_t nodes, words; /* of 64 bits in a row */
    uint64_t *row;         /* by node: the nodes that it sends to */
    uint64_t *of_type;     /* by type: the nodes that have cells of it; last: all */
    bool answers, publishes;
};

static void mark(uint64_t *row, uint32_t node) {
    row[node / 64] |= 1ULL << node % 64;
}

static bool marked(const uint64_t *row, uint32_t node) {
    return row[node / 64] >> node % 64 & 1;
}

static uint64_t *row_of(const struct reach *r, uint32_t node) {
    return r->row + (size_t)node * r->words;
}

static const uint64_t *nodes_of_type(const struct reach *r, uint32_t type) {
    uint32_t types = r->colony->plan->genome.types;
    return r->of_type + (size_t)(type == GENOME_NONE ? types : type) * r->words;
}

/* The nodes from `first` to `last` that have cells of the choice's type. */
static void mark_range(const struct reach *r, uint32_t from, const struct genome_choice *choice,
                       uint32_t first, uint32_t last) {
    const uint64_t *of_type = nodes_of_type(r, choice->type);
    uint64_t *row = row_of(r, from);
    for (uint32_t node = first; node <= last; node++) {
        if (marked(of_type, node)) {
            mark(row, node);
        }
    }
}

static void mark_choice(const struct reach *r, uint32_t cell, const struct genome_choice *choice) {
    const struct colony *c = r->colony;
    uint32_t node = colony_node(c, cell);
    if (choice->cell >= 0) {
        mark(row_of(r, node), colony_node(c, (uint32_t)choice->cell));
    } else if (choice->where == WHERE_SAME_DOMAIN || choice->domain >= 0) {
        uint32_t domain = choice->domain >= 0 ? (uint32_t)choice->domain : colony_domain(c, cell);
        uint32_t last_cell = split_first(&c->domains, domain + 1) - 1;
        mark_range(r, node, choice, colony_node(c, split_first(&c->domains, domain)),
                   colony_node(c, last_cell));
    } else if (choice->where != WHERE_SAME_NODE) {
        mark_range(r, node, choice, 0, r->nodes - 1);
    }
}

/* A send of a type's reaction, for all cells of the type; of those of one node whose choice is the
 * same only the first is looked at. */
static void mark_send(struct reach *r, uint32_t type, const struct genome_send *send) {
    const struct colony *c = r->colony;
    const struct genome_choice *choice = &send->choice;
    bool bonded = false;
    if (send->to == TO_SENDER) {
        r->answers = true;
        return;
    }
    if (send->to == TO_BOND) {
        const struct genome_bond *bond = &c->plan->genome.type[type].bond[send->bond];
        choice = &bond->choice;
        bonded = !bond->each_time;
    }
    uint32_t last_node = UINT32_MAX, last_domain = UINT32_MAX;
    for (uint32_t i = c->first_member[type]; i < c->first_member[type + 1]; i++) {
        uint32_t cell = c->members[i], node = colony_node(c, cell);
        if (bonded) {
            uint32_t partner = colony_bond(c, type, cell, send->bond);
            if (partner != COLONY_NOBODY) {
                mark(row_of(r, node), colony_node(c, partner));
            }
            continue;
        }
        uint32_t domain = colony_domain(c, cell);
        if (send->to != TO_SELF && (node != last_node || domain != last_domain)) {
            mark_choice(r, cell, choice);
        }
        last_node = node;
        last_domain = domain;
    }
}

static void mark_type(struct reach *r, uint32_t type) {
    const struct genome *g = &r->colony->plan->genome;
    const struct genome_type *t = &g->type[type];
    bool *done = memory_new(g->reactions + 1U, sizeof *done);
    for (uint32_t at = t->first_row * g->columns; at < (t->first_row + t->states) * g->columns;
         at++) {
        for (uint16_t k = g->table[at]; k != GENOME_NONE && !done[k];
             k = g->reaction[k].otherwise) {
            done[k] = true;
            r->publishes |= g->reaction[k].publishes > 0;
            for (uint16_t i = 0; i < g->reaction[k].sends; i++) {
                mark_send(r, type, &g->reaction[k].send[i]);
            }
        }
    }
    free(done);
}

/* Whoever may answer a sender sends back to all that send to it; to a publisher: to anybody. */
static void mark_answers(struct reach *r) {
    for (uint32_t from = 0; from < r->nodes; from++) {
        for (uint32_t to = 0; to < r->nodes; to++) {
            if (r->publishes || marked(row_of(r, from), to)) {
                mark(row_of(r, to), from);
            }
        }
    }
}

static void count(const struct reach *r, uint32_t workers, const uint32_t *worker_first,
                  struct needs_links *links) {
    uint64_t most = (uint64_t)r->colony->plan->synapses.max_links;
    for (uint32_t from_worker = 0; from_worker < workers; from_worker++) {
        for (uint32_t from = worker_first[from_worker]; from < worker_first[from_worker + 1];
             from++) {
            uint64_t all = 0;
            for (uint32_t w = 0; w < workers; w++) {
                uint64_t to_worker = 0;
                for (uint32_t to = worker_first[w]; to < worker_first[w + 1]; to++) {
                    to_worker += to != from && marked(row_of(r, from), to);
                }
                all += to_worker;
                links[w].in += to_worker < most ? to_worker : most;
            }
            links[from_worker].out += all < most ? all : most;
        }
    }
}

static void any_to_any(const struct plan *plan, uint32_t workers, const uint32_t *worker_first,
                       struct needs_links *links) {
    uint64_t nodes = plan->colony.nodes, most = (uint64_t)plan->synapses.max_links;
    uint64_t a_node = nodes - 1 < most ? nodes - 1 : most;
    for (uint32_t w = 0; w < workers; w++) {
        uint64_t own = worker_first[w + 1] - worker_first[w];
        links[w].out = own * a_node;
        links[w].in = own * (nodes - 1) < nodes * most ? own * (nodes - 1) : nodes * most;
    }
}

void needs_links(const struct colony *colony, uint32_t workers, const uint32_t *worker_first,
                 struct needs_links *links) {
    const struct plan *plan = colony->plan;
    uint32_t types = plan->genome.types;
    struct reach r = {.colony = colony, .nodes = plan->colony.nodes};
    memset(links, 0, workers * sizeof *links);
    if (r.nodes > MANY_NODES) {
        any_to_any(plan, workers, worker_first, links);
        return;
    }
    r.words = r.nodes / 64 + 1;
    r.row = memory_new((size_t)r.nodes * r.words, sizeof *r.row);
    r.of_type = memory_new((size_t)(types + 1) * r.words, sizeof *r.of_type);
    for (uint32_t cell = 0; cell < plan->colony.cells; cell++) {
        uint32_t node = colony_node(colony, cell);
        mark(r.of_type + (size_t)colony->type[cell] * r.words, node);
        mark(r.of_type + (size_t)types * r.words, node);
    }
    for (uint32_t type = 0; type < types; type++) {
        mark_type(&r, type);
    }
    if (r.answers) {
        mark_answers(&r);
    }
    count(&r, workers, worker_first, links);
    free(r.row);
    free(r.of_type);
}
