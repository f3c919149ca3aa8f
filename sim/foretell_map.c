#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/foretell.h"

enum { ASKERS = 64 /* looked at, evenly over a type's cells */ };

void foretell_map_init(struct foretell_map *map, const struct plan *plan) {
    const struct plan_colony *colony = &plan->colony;
    *map = (struct foretell_map){.plan = plan,
                                 .nodes = split_make(colony->cells, colony->nodes),
                                 .domains = split_make(colony->cells, colony->domains)};
    map->host_first_cell = memory_new((size_t)plan->hosts + 1, sizeof *map->host_first_cell);
    uint32_t node = 0;
    for (uint32_t h = 0; h < plan->hosts; h++) {
        node += colony->host_nodes[h];
        map->host_first_cell[h + 1] = split_first(&map->nodes, node);
    }
    map->type_run = memory_new(plan->genome.types, sizeof *map->type_run);
    uint32_t at = 0;
    for (uint32_t k = 0; k < colony->types_placed; k++) {
        uint16_t type = colony->type_order[k];
        map->type_run[type] = (struct foretell_run){at, at + colony->type_cells[type]};
        at += colony->type_cells[type];
    }
}

void foretell_map_deinit(struct foretell_map *map) {
    free(map->host_first_cell);
    free(map->type_run);
    memset(map, 0, sizeof *map);
}

static struct foretell_run common(struct foretell_run a, struct foretell_run b) {
    struct foretell_run r = {a.low > b.low ? a.low : b.low, a.high < b.high ? a.high : b.high};
    r.high = r.high < r.low ? r.low : r.high;
    return r;
}

int64_t foretell_count(const struct foretell_map *map, uint32_t type, struct foretell_run run) {
    const struct plan_colony *colony = &map->plan->colony;
    if (colony->placement == PLACEMENT_BLOCKS) {
        run = common(run, map->type_run[type]);
        return (int64_t)(run.high - run.low) * FORETELL_ONE;
    }
    return foretell_scale((int64_t)colony->type_cells[type] * FORETELL_ONE, run.high - run.low,
                          colony->cells);
}

static struct foretell_run part_of(const struct split *split, uint32_t cell) {
    uint32_t part = split_part(split, cell);
    return (struct foretell_run){split_first(split, part), split_first(split, part + 1)};
}

static struct foretell_run region(const struct foretell_map *map, enum genome_where where,
                                  uint32_t cell) {
    struct foretell_run all = {0, map->plan->colony.cells};
    if (where == WHERE_SAME_NODE) {
        return part_of(&map->nodes, cell);
    }
    if (where == WHERE_SAME_DOMAIN) {
        return part_of(&map->domains, cell);
    }
    for (uint32_t h = 0; where == WHERE_SAME_HOST && h < map->plan->hosts; h++) {
        struct foretell_run host = {map->host_first_cell[h], map->host_first_cell[h + 1]};
        if (cell >= host.low && cell < host.high) {
            return host;
        }
    }
    return all;
}

/* The run in which a choice's cells lie, seen from nowhere. */
static struct foretell_run fixed_run(const struct foretell_map *map,
                                     const struct genome_choice *choice) {
    struct foretell_run run = {0, map->plan->colony.cells};
    if (choice->domain >= 0) {
        uint32_t domain = (uint32_t)choice->domain;
        run = common(run, (struct foretell_run){split_first(&map->domains, domain),
                                                split_first(&map->domains, domain + 1)});
    }
    if (choice->cell >= 0) {
        run =
            common(run, (struct foretell_run){(uint32_t)choice->cell, (uint32_t)choice->cell + 1});
    }
    return run;
}

/* Those of a type that fit one asker: all, and on its own node. */
struct fitting {
    int64_t all, near;
};

static int64_t without(const struct foretell_map *map, uint32_t type, struct foretell_run run,
                       struct foretell_run gap) {
    return foretell_count(map, type, run) - foretell_count(map, type, common(run, gap));
}

static struct fitting fitting_of(const struct foretell_map *map, const struct genome_choice *choice,
                                 uint32_t type, uint32_t asker, bool one_of_them) {
    struct foretell_run run = fixed_run(map, choice);
    run = common(run, region(map, choice->where, asker));
    bool gap = choice->not_in != WHERE_ANYWHERE;
    struct foretell_run not_in =
        gap ? region(map, choice->not_in, asker) : (struct foretell_run){0, 0};
    struct foretell_run node = common(run, part_of(&map->nodes, asker));
    struct fitting fit = {without(map, type, run, not_in), without(map, type, node, not_in)};
    if (!gap && one_of_them && asker >= run.low && asker < run.high) {
        fit.all = foretell_most(fit.all - FORETELL_ONE, 0);
        fit.near = foretell_most(fit.near - FORETELL_ONE, 0);
    }
    return fit;
}

/* The i-th of n askers of a type. */
static uint32_t asker_cell(const struct foretell_map *map, uint32_t type, uint32_t i, uint32_t n) {
    struct foretell_run run = {0, map->plan->colony.cells};
    if (map->plan->colony.placement == PLACEMENT_BLOCKS) {
        run = map->type_run[type];
    }
    uint64_t size = run.high - run.low;
    return run.low + (uint32_t)(size * (2 * i + 1) / (2 * n));
}

static bool may_be(const struct genome_choice *choice, uint32_t type) {
    return choice->type == GENOME_NONE || choice->type == type;
}

static void choose_from_nowhere(const struct foretell_map *map, const struct genome_choice *choice,
                                struct foretell_partner *out) {
    struct foretell_run run = fixed_run(map, choice);
    uint32_t types = map->plan->genome.types;
    int64_t all = 0;
    for (uint32_t t = 0; t < types; t++) {
        all += may_be(choice, t) ? foretell_count(map, t, run) : 0;
    }
    for (uint32_t t = 0; t < types; t++) {
        int64_t of_type = may_be(choice, t) ? foretell_count(map, t, run) : 0;
        out[t] = (struct foretell_partner){foretell_scale(of_type, FORETELL_SURE, all), 0};
    }
}

void foretell_choose(const struct foretell_map *map, const struct genome_choice *choice,
                     uint32_t asker, struct foretell_partner *out) {
    uint32_t types = map->plan->genome.types;
    memset(out, 0, types * sizeof *out);
    if (asker == GENOME_NONE) {
        choose_from_nowhere(map, choice, out);
        return;
    }
    struct fitting *fit = memory_new(types, sizeof *fit);
    for (uint32_t i = 0; i < ASKERS; i++) {
        uint32_t cell = asker_cell(map, asker, i, ASKERS);
        int64_t all = 0;
        for (uint32_t t = 0; t < types; t++) {
            fit[t] = (struct fitting){0};
            if (may_be(choice, t)) {
                fit[t] = fitting_of(map, choice, t, cell, t == asker);
                all += fit[t].all;
            }
        }
        all = foretell_most(all, FORETELL_ONE); /* less than one: perhaps nobody */
        for (uint32_t t = 0; t < types; t++) {
            int64_t near = foretell_scale(fit[t].near, FORETELL_SURE, all);
            out[t].near_ppb += near / ASKERS;
            out[t].far_ppb += (foretell_scale(fit[t].all, FORETELL_SURE, all) - near) / ASKERS;
        }
    }
    free(fit);
}
