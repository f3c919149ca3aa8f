/*
 * Bytes that the process will hold at its peak. The parts are those that sim_create and a run
 * allocate; a pool of the engine takes at least a page once it is touched, and where the system
 * gives huge pages on request (base/memory.h asks for them), that page is 2 MiB.
 */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "sim/aware.h"
#include "sim/foretell.h"
#include "sim/state.h"

enum {
    KIB = 1024,
    SMALL_PAGE = 4096,
    HUGE_PAGE = 2048 * KIB,
    PROGRAM_BYTES = 12800 * KIB, /* measured: program, libraries, a scenario read */
    KIND_BYTES = 60 * KIB,       /* measured: its histograms, as far as they are touched */
    SOURCE_BYTES = 40 * KIB,     /* the same */
    HOST_BYTES = 24 * KIB,
    PATTERN_BYTES = 260,          /* of a subject pattern: trie, names, maps, its set */
    TIMER_BYTES = 3 * 32,         /* an event in a chunk, as the ring moves, and in a stream */
    LINK_BYTES = 16 + 4 + 16 + 4, /* beside its record: releases, table, expiry, node's list */
};

/* What this process gets where it asks for huge pages. */
static int64_t page_bytes(void) {
    char text[64] = "";
    FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r");
    if (file) {
        size_t got = fread(text, 1, sizeof text - 1, file);
        text[got] = '\0';
        (void)fclose(file);
    }
    if (prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) > 0) {
        return SMALL_PAGE;
    }
    return strstr(text, "[always]") || strstr(text, "[madvise]") ? HUGE_PAGE : SMALL_PAGE;
}

/* What a pool comes to, once touched. */
static int64_t pool_bytes(int64_t items, int64_t bytes, int64_t page) {
    return items <= 0 ? 0 : (items * bytes + page - 1) / page * page;
}

static int64_t colony_bytes(const struct plan *plan) {
    const struct plan_colony *colony = &plan->colony;
    int64_t cells = colony->cells, bonds = 0;
    for (uint32_t t = 0; t < plan->genome.types; t++) {
        bonds += (int64_t)plan->genome.type[t].bonds * colony->type_cells[t];
    }
    int64_t members = cells * (int64_t)sizeof(uint32_t);
    return cells + members + (bonds > 0 ? members + bonds * (int64_t)sizeof(uint32_t) : 0);
}

/* How many patterns a template comes to. */
static int64_t patterns_of(const struct plan *plan, const char *text) {
    int64_t cells = plan->colony.cells, patterns = 1;
    if (strstr(text, "{cell}")) {
        return cells;
    }
    if (strstr(text, "{node}")) {
        patterns = plan->colony.nodes;
    }
    if (strstr(text, "{domain}")) {
        patterns = foretell_most(patterns, plan->colony.domains);
    }
    return foretell_least(patterns, cells);
}

static int64_t subjects_bytes(const struct plan *plan) {
    int64_t bytes = 0;
    for (uint32_t t = 0; t < plan->genome.types; t++) {
        const struct genome_type *type = &plan->genome.type[t];
        for (uint32_t i = 0; i < type->subscriptions; i++) {
            const char *text = type->subscription[i].subject;
            if (text) {
                bytes += 5 * (int64_t)plan->colony.type_cells[t];
                bool first = foretell_text_is_first(plan, t, i);
                bytes += first ? patterns_of(plan, text) * PATTERN_BYTES : 0;
            }
        }
    }
    return bytes;
}

/* What audiences add: one that several patterns make is a list of its own, and where a cell is in
 * it twice it has a second one, and marks who woke. */
static int64_t audience_bytes(const struct foretell_map *map, const char *subject) {
    struct foretell_audience audience;
    foretell_hear(map, subject, &audience);
    int64_t copies = audience.all / FORETELL_ONE;
    int64_t bytes = audience.nodes * 4 * (int64_t)sizeof(uint32_t);
    if (audience.patterns > 1) {
        bytes += 5 * copies;
    }
    if (audience.twice) {
        bytes += 5 * copies + map->plan->colony.cells / 8;
    }
    foretell_audience_deinit(&audience);
    return bytes;
}

static int64_t audiences_bytes(const struct foretell_map *map) {
    const struct plan *plan = map->plan;
    int64_t bytes = 0;
    for (uint32_t i = 0; i < plan->sources; i++) {
        bytes += plan->source[i].publishes ? audience_bytes(map, plan->source[i].subject) : 0;
    }
    for (uint32_t i = 0; i < plan->faults; i++) {
        bytes += audience_bytes(map, plan->fault[i].onto);
    }
    return bytes;
}

static int64_t entities_bytes(const struct plan *plan) {
    int64_t nodes = plan->colony.nodes;
    bool edge = plan->stages.fan_out == FAN_OUT_EDGE;
    int64_t stations = STATION_PARTITIONER + (edge ? (int64_t)plan->stages.edge_partitioners : 1);
    int64_t ranks = (int64_t)plan->colony.cells + nodes * stations;
    return ranks * (int64_t)sizeof(struct cell) +
           nodes * (stations * (int64_t)sizeof(struct station) + (int64_t)sizeof(struct node) + 4);
}

/* Versions: a scope each domain; what a cell holds is touched as it learns. */
static int64_t versions_bytes(const struct plan *plan, const struct foretell_flow *flow,
                              int64_t page) {
    bool raises = false;
    for (uint32_t i = 0; i < plan->sources; i++) {
        raises |= plan->source[i].raises != RAISES_NOTHING;
    }
    if (!raises) {
        return 0;
    }
    int64_t held = (int64_t)plan->colony.cells * (int64_t)sizeof(uint32_t);
    int64_t touched = foretell_least(held, flow->learnt * page);
    return plan->colony.domains * (int64_t)(sizeof(struct versions_scope) + 96) + 2 * touched;
}

/* As sim/setup.c has it: whether some timer may be set while it is pending, or stopped. */
static bool timers_numbered(const struct genome *g) {
    for (uint32_t type = 0; type < g->types; type++) {
        const struct genome_type *of = &g->type[type];
        for (uint32_t cell = 0; cell < of->states * g->columns; cell++) {
            for (uint16_t at = g->table[of->first_row * g->columns + cell]; at != GENOME_NONE;
                 at = g->reaction[at].otherwise) {
                const struct genome_reaction *r = &g->reaction[at];
                bool own = r->timers == 1 && !r->timer[0].stop &&
                           cell % g->columns == g->signals + r->timer[0].timer;
                if (r->timers > 0 && !own) {
                    return true;
                }
            }
        }
    }
    return false;
}

static int64_t timers_bytes(const struct plan *plan, const struct foretell_flow *flow) {
    int64_t most = 0;
    for (uint32_t t = 0; t < plan->genome.types; t++) {
        most = foretell_most(most, plan->genome.type[t].timers);
    }
    bool numbered = flow->timers > 0 && timers_numbered(&plan->genome);
    int64_t numbers = numbered ? plan->colony.cells * most * (int64_t)sizeof(uint64_t) : 0;
    return numbers + flow->timers * TIMER_BYTES;
}

/* The pools of the engine, as far as they are touched. */
static int64_t pools_bytes(const struct plan *plan, const struct foretell_flow *flow) {
    int64_t page = page_bytes();
    int64_t nodes = plan->colony.nodes;
    int64_t links = foretell_least(
        flow->far_sends, foretell_least(nodes * plan->synapses.max_links, nodes * (nodes - 1)));
    int64_t under_way = flow->population;
    int64_t bytes = pool_bytes(1 + under_way, (int64_t)sizeof(struct event), page);
    bytes += pool_bytes(flow->waits ? 1 + flow->waiting : flow->waiting, sizeof(struct mail), page);
    bytes += pool_bytes(flow->signals, sizeof(struct signal), page);
    bytes += pool_bytes(flow->published, sizeof(struct cursor), page);
    bytes += pool_bytes(flow->subscribes, sizeof(struct change), page);
    bytes += pool_bytes(links, sizeof(struct link), page);
    return bytes + links * (LINK_BYTES + 8 * plan->synapses.queue_limit) +
           versions_bytes(plan, flow, page);
}

int64_t foretell_memory(const struct plan *plan, const struct foretell_map *map,
                        const struct foretell_flow *flow) {
    int64_t bytes = PROGRAM_BYTES;
    bytes += plan->genome.signals * KIND_BYTES + plan->sources * SOURCE_BYTES;
    bytes += plan->hosts * HOST_BYTES;
    bytes += colony_bytes(plan) + subjects_bytes(plan) + audiences_bytes(map);
    bytes += entities_bytes(plan) + timers_bytes(plan, flow) + pools_bytes(plan, flow);
    return bytes + flow->core_queue * (int64_t)sizeof(int64_t);
}
