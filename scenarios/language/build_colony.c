#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/wide.h"
#include "scenarios/language/build.h"
#include "scenarios/language/suggest.h"

static const uint32_t share_whole = 1000000000;

/* Marks the hosts that a name of `colony.hosts` or `gradients.server_host` means; how many. */
static uint32_t mark_hosts(struct build *build, struct node *name, bool *marked) {
    const struct plan *plan = build->plan;
    struct suggest suggest = suggest_begin(name->text);
    uint32_t hits = 0;
    size_t bytes = strlen(name->text);
    for (uint32_t h = 0; h < plan->hosts; h++) {
        const char *host = plan->host[h].name;
        bool of_many = strncmp(host, name->text, bytes) == 0 && host[bytes] == '_' &&
                       node_child(build_good(build->root, "hosts"), name->text) &&
                       !node_child(build_good(build->root, "hosts"), host);
        suggest_offer(&suggest, host);
        if (strcmp(host, name->text) == 0 || of_many) {
            hits++;
            if (marked[h]) {
                mistakes_value(build->mistakes, name, "`%s` stands here twice", name->text);
            }
            marked[h] = true;
        }
    }
    char text[SUGGEST_TEXT_BYTES];
    const struct node *hosts = build_good(build->root, "hosts");
    for (const struct node *host = hosts ? hosts->first : NULL; host; host = host->next) {
        suggest_offer(&suggest, host->key);
    }
    if (!hits && hosts) {
        mistakes_value(build->mistakes, name, "there is no host `%s`%s", name->text,
                       suggest_text(&suggest, text));
    }
    return hits;
}

/* Which hosts nodes live on; how many. */
static uint32_t choose_hosts(struct build *build, const struct node *colony, bool *holds) {
    struct node *list = build_good(colony, "hosts");
    uint32_t count = 0;
    if (!list) {
        memset(holds, true, build->plan->hosts);
        return build->plan->hosts;
    }
    for (struct node *name = list->kind == NODE_LIST ? list->first : list; name;
         name = name == list ? NULL : name->next) {
        count += name->bad ? 0 : mark_hosts(build, name, holds);
    }
    if (count == 0 && list->kind == NODE_LIST && !list->first) {
        mistakes_value(build->mistakes, list, "no host: one at least");
    }
    return count;
}

static void fill_hosts(struct build *build, struct node *colony) {
    struct plan_colony *to = &build->plan->colony;
    bool *holds = memory_new(build->plan->hosts, sizeof *holds);
    uint32_t count = choose_hosts(build, colony, holds), at = 0;
    to->host_nodes = memory_new(build->plan->hosts, sizeof *to->host_nodes);
    for (uint32_t h = 0; h < build->plan->hosts && count; h++) {
        if (holds[h]) {
            to->host_nodes[h] = to->nodes / count + (at++ < to->nodes % count);
        }
    }
    if (count > to->nodes && to->nodes) {
        struct node *nodes = build_good(colony, "nodes");
        nodes = nodes ? nodes : build_good(colony, "cells_per_node");
        mistakes_value(build->mistakes, nodes, "%u hosts and %u nodes: a host would have none",
                       count, to->nodes);
    }
    free(holds);
}

static uint32_t count_nodes(struct build *build, struct node *colony, uint32_t cells) {
    struct node *nodes = node_child(colony, "nodes");
    struct node *per_node = node_child(colony, "cells_per_node");
    if (!colony || (nodes && nodes->bad) || (per_node && per_node->bad)) {
        return 0;
    }
    if (!nodes && !per_node && colony->spelled) {
        return 0; /* it is all missing */
    }
    if (!nodes && !per_node) {
        mistakes_add(build->mistakes, colony->key_source, colony->key_offset,
                     "colony lacks `nodes` (or `cells_per_node`)");
        return 0;
    }
    if (nodes && per_node) {
        mistakes_key(build->mistakes, per_node,
                     "`nodes` says how many there are already: one of the two");
        return 0;
    }
    if (nodes && cells && nodes->number > cells) {
        mistakes_value(build->mistakes, nodes, "more nodes than cells (%u)", cells);
        return 0;
    }
    return nodes
               ? (uint32_t)nodes->number
               : (uint32_t)((cells + (uint64_t)per_node->number - 1) / (uint64_t)per_node->number);
}

void build_colony(struct build *build) {
    struct plan_colony *to = &build->plan->colony;
    struct node *colony = build_good(build->root, "colony");
    if (colony && colony->kind != NODE_MAP) {
        colony = NULL;
    }
    struct node *domains = build_good(colony, "domains");
    to->cells = (uint32_t)build_number(build, colony, "cells");
    to->nodes = count_nodes(build, colony, to->cells);
    to->domains = (uint32_t)build_number(build, colony, "domains");
    if (domains && to->cells && to->domains > to->cells) {
        mistakes_value(build->mistakes, domains, "more domains than cells (%u)", to->cells);
    }
    to->placement =
        build_is_word(build, colony, "placement", "blocks") ? PLACEMENT_BLOCKS : PLACEMENT_SPREAD;
    fill_hosts(build, colony);
}

struct portion { /* one entry of colony.types */
    struct node *node;
    uint32_t type, cells;
    bool rest;
    uint64_t remainder; /* of its share, in parts per billion of a cell */
};

/* Gives each share its whole cells, and what is left over to the largest remainders. */
static uint64_t share_out(struct portion *portion, size_t portions, uint32_t cells) {
    uint64_t given = 0, parts = 0;
    for (size_t i = 0; i < portions; i++) {
        if (portion[i].node->unit == UNIT_SHARE && !portion[i].rest) {
            uint64_t exact = (uint64_t)portion[i].node->number * cells;
            portion[i].cells = (uint32_t)(exact / share_whole);
            portion[i].remainder = exact % share_whole + 1;
            parts += (uint64_t)portion[i].node->number;
            given += portion[i].cells;
        }
    }
    uint64_t due = (uint64_t)((uint128)parts * cells / share_whole);
    for (; given < due; given++) {
        size_t most = 0;
        for (size_t i = 1; i < portions; i++) {
            if (portion[i].remainder > portion[most].remainder) {
                most = i;
            }
        }
        portion[most].cells++;
        portion[most].remainder = 0;
    }
    return given;
}

/* Whether they are all cells; else says so at colony.types. */
static bool check_sum(struct build *build, struct node *types, struct portion *portion,
                      size_t portions, uint64_t given) {
    uint32_t cells = build->plan->colony.cells;
    uint128 exact = 0; /* in parts per billion of a cell */
    struct portion *rest = NULL;
    for (size_t i = 0; i < portions; i++) {
        bool share = portion[i].node->unit == UNIT_SHARE;
        if (portion[i].rest && rest) {
            mistakes_value(build->mistakes, portion[i].node, "`%s` is the rest already",
                           rest->node->key);
            return false;
        }
        if (portion[i].rest) {
            rest = &portion[i];
        } else {
            exact += (uint128)portion[i].node->number * (share ? cells : share_whole);
        }
    }
    uint128 whole = (uint128)cells * share_whole;
    if (exact > whole || given > cells) {
        mistakes_key(build->mistakes, types, "the types are more than colony.cells (%u)", cells);
        return false;
    }
    if (!rest && (exact != whole || given != cells)) {
        mistakes_key(build->mistakes, types,
                     "the types are %llu of %u cells: let one of them be `rest`",
                     (unsigned long long)given, cells);
        return false;
    }
    if (rest) {
        rest->cells = cells - (uint32_t)given;
    }
    return true;
}

void build_colony_types(struct build *build) {
    struct plan_colony *to = &build->plan->colony;
    struct node *types = build_good(build_good(build->root, "colony"), "types");
    uint32_t genome_types = build->plan->genome.types;
    to->type_cells = memory_new(genome_types, sizeof *to->type_cells);
    if (!types || types->kind != NODE_MAP || !to->cells) {
        return;
    }
    size_t portions = 0;
    bool bad = false;
    struct portion *portion = arena_new(&build->reader->arena, types->count * sizeof *portion);
    to->type_order = memory_new(types->count, sizeof *to->type_order);
    uint64_t given = 0;
    for (struct node *node = types->first; node; node = node->next) {
        struct node name = *node;
        name.text = node->key;
        name.kind = NODE_SCALAR;
        name.source = node->key_source;
        name.offset = node->key_offset;
        int place = node->bad ? -1 : build_find(build, build->types, &name, "type");
        bad = bad || place < 0;
        if (place >= 0) {
            bool rest = node->word != NULL;
            to->type_order[to->types_placed++] = (uint16_t)place;
            portion[portions] =
                (struct portion){.node = node, .type = (uint32_t)place, .rest = rest};
            if (!rest && node->unit == UNIT_COUNT) {
                portion[portions].cells = (uint32_t)node->number;
                given += (uint64_t)node->number;
            }
            portions++;
        }
    }
    if (bad) {
        return;
    }
    given += share_out(portion, portions, to->cells);
    build->counted = check_sum(build, types, portion, portions, given);
    for (size_t i = 0; i < portions; i++) {
        to->type_cells[portion[i].type] = portion[i].cells;
    }
}
