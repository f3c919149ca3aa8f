#include "model/colony.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "base/rng.h"

static uint32_t node_size(const struct colony *c, uint32_t node) {
    return c->nodes.small + (node < c->nodes.large);
}

/* Deals one type's cells to the nodes in turn. Rounds in which no node can fill up are laid at
 * once: dealing one by one would give the same. */
static void deal_type(struct colony *c, uint8_t type, uint32_t cells, uint32_t node,
                      uint32_t *filled) {
    uint32_t nodes = c->nodes.parts;
    uint32_t rounds = cells / nodes;
    for (uint32_t i = 0; i < nodes && rounds > 0; i++) {
        uint32_t room = node_size(c, i) - filled[i];
        rounds = room < rounds ? room : rounds;
    }
    for (uint32_t i = 0; i < nodes && rounds > 0; i++) {
        memset(c->type + colony_node_first(c, i) + filled[i], type, rounds);
        filled[i] += rounds;
    }
    for (uint32_t left = cells - rounds * nodes; left > 0;) {
        if (filled[node] < node_size(c, node)) {
            c->type[colony_node_first(c, node) + filled[node]++] = type;
            left--;
        }
        node = node + 1 == nodes ? 0 : node + 1;
    }
}

static void shuffle_node(struct colony *c, uint32_t node) {
    uint64_t seed = c->plan->run.seed;
    uint8_t *type = c->type + colony_node_first(c, node);
    for (uint32_t i = node_size(c, node); i-- > 1;) {
        uint32_t j = rng_below(rng_draw(seed, RNG_SHUFFLE, node, i), (uint64_t)i + 1);
        uint8_t moved = type[i];
        type[i] = type[j];
        type[j] = moved;
    }
}

static void place_spread(struct colony *c) {
    const struct plan_colony *plan = &c->plan->colony;
    uint32_t *filled = memory_new(plan->nodes, sizeof *filled);
    for (uint32_t k = 0; k < plan->types_placed; k++) {
        uint16_t type = plan->type_order[k];
        uint64_t bits = rng_draw(c->plan->run.seed, RNG_PLACEMENT, k, 0);
        deal_type(c, (uint8_t)type, plan->type_cells[type], rng_below(bits, plan->nodes), filled);
    }
    free(filled);
    for (uint32_t node = 0; node < plan->nodes; node++) {
        shuffle_node(c, node);
    }
}

static void place_blocks(struct colony *c) {
    const struct plan_colony *plan = &c->plan->colony;
    uint32_t at = 0;
    for (uint32_t k = 0; k < plan->types_placed; k++) {
        uint16_t type = plan->type_order[k];
        memset(c->type + at, type, plan->type_cells[type]);
        at += plan->type_cells[type];
    }
}

static void list_members(struct colony *c) {
    const struct plan_colony *plan = &c->plan->colony;
    uint32_t types = c->plan->genome.types;
    uint32_t *next = memory_new(types, sizeof *next);
    c->first_member = memory_new((size_t)types + 1, sizeof *c->first_member);
    for (uint32_t t = 0; t < types; t++) {
        next[t] = c->first_member[t];
        c->first_member[t + 1] = next[t] + plan->type_cells[t];
    }
    c->members = memory_new(plan->cells, sizeof *c->members);
    for (uint32_t cell = 0; cell < plan->cells; cell++) {
        c->members[next[c->type[cell]]++] = cell;
    }
    free(next);
}

/* Cells low <= c < high. */
struct run {
    uint32_t low, high;
};

static struct run run_of(const struct colony *c, enum genome_where where, uint32_t cell) {
    if (where == WHERE_SAME_NODE) {
        uint32_t node = colony_node(c, cell);
        return (struct run){colony_node_first(c, node), colony_node_first(c, node + 1)};
    }
    if (where == WHERE_SAME_DOMAIN) {
        uint32_t domain = colony_domain(c, cell);
        return (struct run){split_first(&c->domains, domain), split_first(&c->domains, domain + 1)};
    }
    if (where == WHERE_SAME_HOST) {
        uint32_t host = colony_host_of_node(c, colony_node(c, cell));
        return (struct run){colony_node_first(c, c->host_first_node[host]),
                            colony_node_first(c, c->host_first_node[host + 1])};
    }
    return (struct run){0, c->nodes.items};
}

static struct run run_common(struct run a, struct run b) {
    struct run r = {a.low > b.low ? a.low : b.low, a.high < b.high ? a.high : b.high};
    r.high = r.high < r.low ? r.low : r.high;
    return r;
}

/* The place of the first of `count` rising cells that is not below `cell`. */
static uint32_t first_from(const uint32_t *cells, uint32_t count, uint32_t cell) {
    uint32_t low = 0;
    while (count > 0) {
        uint32_t half = count / 2;
        bool below = cells[low + half] < cell;
        low = below ? low + half + 1 : low;
        count = below ? count - half - 1 : half;
    }
    return low;
}

/* The cells that fit, as places low .. high of a list with one gap in it. Without members the list
 * is all cells. A gap of the asker alone is not looked up: whoever needs it compares cells. */
struct fit {
    const uint32_t *member;
    uint32_t low, high;
    uint32_t gap_low, gap_high;
    bool gap_is_asker;
    uint32_t count;
};

static uint32_t fit_place(const struct fit *fit, uint32_t members, uint32_t cell) {
    return fit->member ? first_from(fit->member, members, cell) : cell;
}

static struct fit fit_find(const struct colony *c, const struct genome_choice *choice,
                           uint32_t asker) {
    struct fit fit = {.high = c->nodes.items};
    struct run all = {0, c->nodes.items};
    struct run run = all;
    bool asked = asker != COLONY_NOBODY;
    if (choice->type != GENOME_NONE) {
        uint32_t first = c->first_member[choice->type];
        fit.high = c->first_member[choice->type + 1] - first;
        fit.member = fit.high < c->nodes.items ? c->members + first : NULL;
    }
    if (asked && choice->where != WHERE_ANYWHERE) {
        run = run_of(c, choice->where, asker);
    }
    if (choice->domain >= 0) {
        uint32_t domain = (uint32_t)choice->domain;
        NERVE_ASSERT(choice->domain < c->domains.parts);
        run = run_common(run, (struct run){split_first(&c->domains, domain),
                                           split_first(&c->domains, domain + 1)});
    }
    if (choice->cell >= 0) {
        NERVE_ASSERT(choice->cell < c->nodes.items);
        run = run_common(run, (struct run){(uint32_t)choice->cell, (uint32_t)choice->cell + 1});
    }
    uint32_t members = fit.high;
    if (run.low > all.low || run.high < all.high) {
        fit.low = fit_place(&fit, members, run.low);
        fit.high = fit_place(&fit, members, run.high);
    }
    if (asked && choice->not_in != WHERE_ANYWHERE) {
        struct run not_in = run_common(run, run_of(c, choice->not_in, asker));
        fit.gap_low = fit_place(&fit, members, not_in.low);
        fit.gap_high = fit_place(&fit, members, not_in.high);
        fit.count = fit.high - fit.low - (fit.gap_high - fit.gap_low);
        return fit;
    }
    fit.gap_is_asker = asked && asker >= run.low && asker < run.high &&
                       (!fit.member || c->type[asker] == choice->type);
    fit.count = fit.high - fit.low - fit.gap_is_asker;
    return fit;
}

static uint32_t fit_cell(const struct fit *fit, uint32_t place) {
    return fit->member ? fit->member[place] : place;
}

uint32_t colony_fitting(const struct colony *colony, const struct genome_choice *choice,
                        uint32_t asker) {
    return fit_find(colony, choice, asker).count;
}

static uint32_t choose_among(const struct fit *fit, uint32_t asker, uint64_t bits) {
    if (fit->count == 0) {
        return COLONY_NOBODY;
    }
    uint32_t place = fit->low + rng_below(bits, fit->count);
    if (fit->gap_is_asker) {
        return fit_cell(fit, place + (fit_cell(fit, place) >= asker));
    }
    return fit_cell(fit, place >= fit->gap_low ? place + (fit->gap_high - fit->gap_low) : place);
}

/* The common choices, drawn in a wake. Places from the asker's on stand for their next one. */
static inline uint32_t choose_beside(const uint32_t *member, uint32_t first, uint32_t others,
                                     uint32_t asker, uint64_t bits) {
    uint32_t place = first + rng_below(bits, others);
    uint32_t cell = member ? member[place] : place;
    if (cell < asker) {
        return cell;
    }
    return member ? member[place + 1] : place + 1;
}

static inline uint32_t choose_on_node(const struct colony *c, uint32_t asker, uint64_t bits) {
    uint32_t node = colony_node(c, asker);
    uint32_t others = node_size(c, node) - 1;
    return others == 0 ? COLONY_NOBODY
                       : choose_beside(NULL, colony_node_first(c, node), others, asker, bits);
}

static inline uint32_t choose_of_type(const struct colony *c, uint32_t type, uint32_t asker,
                                      uint64_t bits) {
    const uint32_t *member = c->members + c->first_member[type];
    uint32_t count = c->first_member[type + 1] - c->first_member[type];
    bool one_of_them = c->type[asker] == type;
    if (count <= one_of_them) {
        return COLONY_NOBODY;
    }
    return one_of_them ? choose_beside(member, 0, count - 1, asker, bits)
                       : member[rng_below(bits, count)];
}

static inline bool is_everyone(const struct colony *c, uint32_t type) {
    return c->first_member[type + 1] - c->first_member[type] == c->nodes.items;
}

uint32_t colony_choose(const struct colony *colony, const struct genome_choice *choice,
                       uint32_t asker, uint64_t bits) {
    bool only_where = choice->not_in == WHERE_ANYWHERE && (choice->domain & choice->cell) < 0;
    if (only_where && asker != COLONY_NOBODY) {
        if (choice->where == WHERE_SAME_NODE &&
            (choice->type == GENOME_NONE || is_everyone(colony, choice->type))) {
            return choose_on_node(colony, asker, bits);
        }
        if (choice->where == WHERE_ANYWHERE && choice->type != GENOME_NONE) {
            return choose_of_type(colony, choice->type, asker, bits);
        }
    }
    struct fit fit = fit_find(colony, choice, asker);
    return choose_among(&fit, asker, bits);
}

uint32_t colony_host_of_node(const struct colony *colony, uint32_t node) {
    uint32_t hosts = colony->plan->hosts;
    return hosts == 1 ? 0 : first_from(colony->host_first_node + 1, hosts, node + 1);
}

static const char *where_name(enum genome_where where) {
    static const char *const names[] = {"anywhere", "same_host", "same_domain", "same_node"};
    return names[where];
}

static int bond_error(const struct colony *c, uint32_t type, uint32_t bond, uint32_t cell,
                      struct error *error) {
    const struct genome *g = &c->plan->genome;
    const struct genome_bond *b = &g->type[type].bond[bond];
    const char *wanted = b->choice.type == GENOME_NONE ? "cell" : g->type[b->choice.type].name;
    return error_set(error,
                     "cell %u (%s, node %u, domain %u) finds nobody for its bond `%s`: no other %s "
                     "fits where: %s, not: %s; place more of them (colony.types.%s), change "
                     "colony.nodes or colony.domains, or loosen genome.types.%s.bonds.%s",
                     cell, g->type[type].name, colony_node(c, cell), colony_domain(c, cell),
                     b->name, wanted, where_name(b->choice.where),
                     b->choice.not_in == WHERE_ANYWHERE ? "itself" : where_name(b->choice.not_in),
                     b->choice.type == GENOME_NONE ? g->type[type].name : wanted,
                     g->type[type].name, b->name);
}

static int draw_bonds_of(struct colony *c, uint32_t type, struct error *error) {
    const struct genome_type *t = &c->plan->genome.type[type];
    uint32_t of_type = c->first_member[type + 1] - c->first_member[type];
    const uint32_t *members = c->members + c->first_member[type];
    for (uint32_t k = 0; k < t->bonds; k++) {
        const struct genome_bond *bond = &t->bond[k];
        uint32_t *partner = c->bond + c->bond_first[type] + (uint64_t)k * of_type;
        for (uint32_t i = 0; i < of_type; i++) {
            struct fit fit = fit_find(c, &bond->choice, members[i]);
            if (fit.count == 0) {
                return bond_error(c, type, k, members[i], error);
            }
            partner[i] = COLONY_NOBODY;
            if (!bond->each_time) {
                uint64_t bits = rng_draw(c->plan->run.seed, RNG_BOND, members[i], k);
                partner[i] = choose_among(&fit, members[i], bits);
            }
        }
    }
    return 0;
}

static int draw_bonds(struct colony *c, struct error *error) {
    const struct genome *g = &c->plan->genome;
    uint64_t bonds = 0;
    c->bond_first = memory_new((size_t)g->types + 1, sizeof *c->bond_first);
    for (uint32_t t = 0; t < g->types; t++) {
        uint32_t of_type = c->first_member[t + 1] - c->first_member[t];
        c->bond_first[t] = bonds;
        bonds += (uint64_t)g->type[t].bonds * of_type;
    }
    c->bond_first[g->types] = bonds;
    if (bonds == 0) {
        return 0;
    }
    c->bond = memory_map(bonds * sizeof *c->bond);
    c->place = memory_map(c->plan->colony.cells * sizeof *c->place);
    for (uint32_t t = 0; t < g->types; t++) {
        for (uint32_t i = c->first_member[t]; i < c->first_member[t + 1]; i++) {
            c->place[c->members[i]] = i - c->first_member[t];
        }
    }
    for (uint32_t t = 0; t < g->types; t++) {
        if (draw_bonds_of(c, t, error)) {
            return -1;
        }
    }
    return 0;
}

int colony_init(struct colony *colony, const struct plan *plan, struct error *error) {
    const struct plan_colony *p = &plan->colony;
    *colony = (struct colony){.plan = plan,
                              .nodes = split_make(p->cells, p->nodes),
                              .domains = split_make(p->cells, p->domains)};
    uint64_t placed = 0;
    for (uint32_t k = 0; k < p->types_placed; k++) {
        placed += p->type_cells[p->type_order[k]];
    }
    NERVE_ASSERT(placed == p->cells);
    colony->host_first_node = memory_new((size_t)plan->hosts + 1, sizeof(uint32_t));
    for (uint32_t h = 0; h < plan->hosts; h++) {
        colony->host_first_node[h + 1] = colony->host_first_node[h] + p->host_nodes[h];
    }
    NERVE_ASSERT(colony->host_first_node[plan->hosts] == p->nodes);
    colony->type = memory_new(p->cells, sizeof *colony->type);
    if (p->placement == PLACEMENT_SPREAD) {
        place_spread(colony);
    } else {
        place_blocks(colony);
    }
    list_members(colony);
    if (draw_bonds(colony, error)) {
        colony_deinit(colony);
        return -1;
    }
    return 0;
}

void colony_deinit(struct colony *colony) {
    free(colony->host_first_node);
    free(colony->type);
    free(colony->members);
    free(colony->first_member);
    if (colony->bond) {
        uint64_t bonds = colony->bond_first[colony->plan->genome.types];
        memory_unmap(colony->bond, bonds * sizeof *colony->bond);
        memory_unmap(colony->place, colony->plan->colony.cells * sizeof *colony->place);
    }
    free(colony->bond_first);
    memset(colony, 0, sizeof *colony);
}
