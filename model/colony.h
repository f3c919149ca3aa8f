/*
 * The colony at birth: which cell is of which type, and who lives where. Cells are numbered node by
 * node; nodes fill hosts, cells fill nodes, domains divide the cells, each in order, so that a
 * node, a domain or a host is a run of cells. Placement and bonds are drawn as docs/model.md 7
 * says.
 *
 * Ownership: colony_init allocates, colony_deinit frees; the plan must outlive it. Read only after
 * init: any number of threads. Deterministic.
 */
#ifndef NERVE_MODEL_COLONY_H
#define NERVE_MODEL_COLONY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/split.h"
#include "model/plan.h"

#define COLONY_NOBODY UINT32_MAX

struct colony {
    const struct plan *plan;
    struct split nodes;        /* cells over nodes */
    struct split domains;      /* cells over domains */
    uint32_t *host_first_node; /* hosts + 1 */
    uint8_t *type;             /* by cell */
    uint32_t *members;         /* cells by type, in order */
    uint32_t *first_member;    /* types + 1 */
    /* bond[bond_first[type] + k * cells of the type + place among them]: partner of bond k;
     * COLONY_NOBODY where it is drawn each time. NULL: nobody has a bond. */
    uint32_t *bond;
    uint64_t *bond_first;
    uint32_t *place; /* by cell: place among its type's; NULL: nobody has a bond */
};

/* Places the types and draws the bonds. -1 where a bond fits nobody: the error names the cell. */
int colony_init(struct colony *colony, const struct plan *plan, struct error *error);
void colony_deinit(struct colony *colony);

static inline uint32_t colony_node(const struct colony *c, uint32_t cell) {
    return split_part(&c->nodes, cell);
}

static inline uint32_t colony_node_first(const struct colony *c, uint32_t node) {
    return split_first(&c->nodes, node);
}

static inline uint32_t colony_domain(const struct colony *c, uint32_t cell) {
    return c->domains.parts == 1 ? 0 : split_part(&c->domains, cell);
}

uint32_t colony_host_of_node(const struct colony *colony, uint32_t node);

/* How many cells fit a choice, seen from `asker` (COLONY_NOBODY: from nowhere, so that where and
 * not_in mean nothing). The asker itself never fits. */
uint32_t colony_fitting(const struct colony *colony, const struct genome_choice *choice,
                        uint32_t asker);

/* The one of those that fit, in order of cell, that these bits choose: rng_below(bits, fitting).
 * COLONY_NOBODY where none fits. */
uint32_t colony_choose(const struct colony *colony, const struct genome_choice *choice,
                       uint32_t asker, uint64_t bits);

/* The partner of a cell's bond that was drawn at the start. */
static inline uint32_t colony_bond(const struct colony *c, uint32_t type, uint32_t cell,
                                   uint32_t bond) {
    uint32_t of_type = c->first_member[type + 1] - c->first_member[type];
    return c->bond[c->bond_first[type] + (uint64_t)bond * of_type + c->place[cell]];
}

#endif
