#include "model/subjects_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"

static struct recipients *recipients_create(uint64_t copies) {
    NERVE_ASSERT(copies < UINT32_MAX);
    struct recipients *set =
        memory_new(1, sizeof *set + copies * (sizeof *set->cell + sizeof *set->slot));
    set->references = 1;
    set->copies = (uint32_t)copies;
    set->cell = (uint32_t *)(set + 1);
    set->slot = (uint8_t *)(set->cell + copies);
    return set;
}

void recipients_free(struct recipients *set) {
    if (!set) {
        return;
    }
    free(set->shape);
    set->shape = NULL;
    if (!set->borrowed) {
        free(set);
    }
}

void recipients_release(struct recipients *set) {
    if (set && --set->references == 0) {
        recipients_free(set);
    }
}

static uint64_t pair_at(const struct recipients *set, uint32_t place) {
    return recipients_pair(set->cell[place], set->slot[place], false);
}

/* The source whose next pair is the least; the least of the others' in *limit. */
static uint32_t least_source(const uint64_t *head, uint32_t count, uint64_t *limit) {
    uint32_t least = 0;
    *limit = UINT64_MAX;
    for (uint32_t i = 1; i < count; i++) {
        uint64_t other = head[i];
        if (head[i] < head[least]) {
            other = head[least];
            least = i;
        }
        *limit = other < *limit ? other : *limit;
    }
    return least;
}

struct recipients *recipients_merge(struct recipients *const *sets, uint32_t count) {
    uint64_t copies = 0;
    uint32_t *at = memory_new(count, sizeof *at);
    uint64_t *head = memory_new(count, sizeof *head);
    for (uint32_t i = 0; i < count; i++) {
        copies += sets[i]->copies;
        head[i] = sets[i]->copies ? pair_at(sets[i], 0) : UINT64_MAX;
    }
    struct recipients *merged = recipients_create(copies);
    for (uint32_t n = 0; n < merged->copies;) {
        uint64_t limit;
        uint32_t least = least_source(head, count, &limit);
        const struct recipients *from = sets[least];
        uint32_t place = at[least];
        do {
            merged->cell[n] = from->cell[place];
            merged->slot[n++] = from->slot[place++];
        } while (place < from->copies && pair_at(from, place) < limit);
        at[least] = place;
        head[least] = place < from->copies ? pair_at(from, place) : UINT64_MAX;
    }
    free(at);
    free(head);
    return merged;
}

/* The first place from `from` on whose cell is not below `cell`: by doubling steps, so that a near
 * one is found at once. */
static uint32_t place_from(const uint32_t *cells, uint32_t count, uint32_t from, uint32_t cell) {
    uint64_t step = 1;
    uint32_t low = from;
    while (low + step <= count && cells[low + step - 1] < cell) {
        low += (uint32_t)step;
        step *= 2;
    }
    uint32_t high = low + step <= count ? low + (uint32_t)step - 1 : count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (cells[middle] < cell) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void append_run(struct recipients *to, const struct recipients *from, uint32_t first,
                       uint32_t end) {
    if (end > first) {
        memcpy(to->cell + to->copies, from->cell + first, (end - first) * sizeof *to->cell);
        memcpy(to->slot + to->copies, from->slot + first, end - first);
        to->copies += end - first;
    }
}

struct recipients *recipients_edit(const struct recipients *set, const uint64_t *pair,
                                   uint32_t count) {
    uint32_t old_copies = set ? set->copies : 0;
    struct recipients *edited = recipients_create((uint64_t)old_copies + count);
    edited->copies = 0;
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t cell = (uint32_t)(pair[i] >> 9);
        uint8_t slot = (uint8_t)(pair[i] >> 1);
        if (set) {
            uint32_t end = place_from(set->cell, old_copies, at, cell);
            while (end < old_copies && set->cell[end] == cell && set->slot[end] < slot) {
                end++;
            }
            append_run(edited, set, at, end);
            at = end;
            at += at < old_copies && set->cell[at] == cell && set->slot[at] == slot;
        }
        if (pair[i] & 1) {
            edited->cell[edited->copies] = cell;
            edited->slot[edited->copies++] = slot;
        }
    }
    if (set) {
        append_run(edited, set, at, old_copies);
    }
    return edited;
}

static uint32_t count_cells(const uint32_t *cell, uint32_t copies) {
    uint32_t same = 0;
    for (uint32_t i = 1; i < copies; i++) {
        same += cell[i] == cell[i - 1];
    }
    return copies - same;
}

static uint32_t count_nodes(const struct colony *colony, const uint32_t *cell, uint32_t cells) {
    uint32_t nodes = 0;
    for (uint32_t at = 0; at < cells; nodes++) {
        uint32_t node = colony_node(colony, cell[at]);
        at = place_from(cell, cells, at, colony_node_first(colony, node + 1));
    }
    return nodes;
}

static void fill_heads(const struct recipients *set, uint32_t *cell, uint8_t *slot) {
    uint32_t heads = 0;
    for (uint32_t i = 0; i < set->copies; i++) {
        if (i == 0 || set->cell[i] != set->cell[i - 1]) {
            cell[heads] = set->cell[i];
            slot[heads++] = set->slot[i];
        }
    }
}

/* Where each node's run of rising cells begins. */
static void fill_first(const struct audience *a, const struct colony *colony, const uint32_t *cell,
                       uint32_t count, uint32_t *first) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < a->nodes; i++) {
        first[i] = at;
        at = place_from(cell, count, at, colony_node_first(colony, a->node[i] + 1));
    }
    first[a->nodes] = count;
}

static void fill_nodes(const struct audience *a, const struct colony *colony, uint32_t *node) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < a->nodes; i++) {
        node[i] = colony_node(colony, a->head_cell[at]);
        at = place_from(a->head_cell, a->cells, at, colony_node_first(colony, node[i] + 1));
    }
}

/* Adds one to each node of the audience in which a part has a cell. */
static void add_pattern(const struct audience *a, const struct colony *colony,
                        const struct recipients *part, uint32_t *patterns) {
    uint32_t place = 0;
    for (uint32_t at = 0; at < part->copies;) {
        uint32_t node = colony_node(colony, part->cell[at]);
        place = place_from(a->node, a->nodes, place, node);
        patterns[place]++;
        at = place_from(part->cell, part->copies, at, colony_node_first(colony, node + 1));
    }
}

const struct audience *recipients_shape(struct recipients *set, const struct colony *colony,
                                        struct recipients *const *parts, uint32_t count) {
    if (set->shape) {
        return set->shape;
    }
    uint32_t cells = count_cells(set->cell, set->copies);
    uint32_t nodes = count_nodes(colony, set->cell, set->copies);
    bool twice = cells < set->copies; /* some cell has several of the pairs */
    size_t words = 4 * (size_t)nodes + 2 + (twice ? cells : 0);
    struct audience *a = memory_new(1, sizeof *a + words * sizeof(uint32_t) + (twice ? cells : 0));
    uint32_t *node = (uint32_t *)(a + 1);
    uint32_t *patterns = node + nodes;
    uint32_t *entry_first = patterns + nodes;
    uint32_t *head_first = entry_first + nodes + 1;
    uint32_t *head_cell = head_first + nodes + 1;
    uint8_t *head_slot = (uint8_t *)(head_cell + cells);
    *a = (struct audience){.copies = set->copies, .cells = cells, .nodes = nodes};
    a->entry_cell = a->head_cell = set->cell;
    a->entry_slot = a->head_slot = set->slot;
    if (twice) {
        fill_heads(set, head_cell, head_slot);
        a->head_cell = head_cell;
        a->head_slot = head_slot;
    }
    a->node = node;
    a->patterns = patterns;
    a->entry_first = a->head_first = entry_first;
    fill_nodes(a, colony, node);
    fill_first(a, colony, a->entry_cell, a->copies, entry_first);
    if (twice) {
        fill_first(a, colony, a->head_cell, a->cells, head_first);
        a->head_first = head_first;
    }
    for (uint32_t i = 0; i < count; i++) {
        add_pattern(a, colony, parts[i], patterns);
    }
    set->shape = a;
    return a;
}
