#include "model/subjects_patterns.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"

enum { NOTES_AT_LEAST = 1024 }; /* before a pattern that nobody asks for is brought up to date */

static uint32_t pattern_number(struct patterns *p, const char *text, uint32_t cell) {
    uint32_t place = templates_place(p->templates, text);
    /* A text for each cell is not worth remembering: it is asked for as the cell changes a slot. */
    bool remember = !(templates_uses(p->templates, place) & TEMPLATE_USES_CELL);
    uint64_t key = templates_key(p->templates, p->colony, place, cell);
    uint32_t number = remember ? map_get(&p->filled, key) : SUBJECTS_NONE;
    if (number != SUBJECTS_NONE) {
        return number;
    }
    uint32_t known = p->trie.patterns;
    number = trie_pattern(&p->trie, templates_fill(p->templates, p->colony, text, cell));
    if (p->trie.patterns > known && known == p->capacity) {
        p->capacity = p->capacity ? p->capacity * 2 : 16;
        p->pattern = memory_grow(p->pattern, p->capacity, sizeof *p->pattern);
    }
    if (p->trie.patterns > known) {
        p->pattern[number] = (struct pattern){0};
    }
    if (remember) {
        map_put(&p->filled, key, number);
    }
    return number;
}

/* A static subscription of a type, and the pattern that it is on the run of cells at hand. */
struct birth_slot {
    const char *text;
    uint32_t uses;
    uint32_t run; /* for which `pattern` holds */
    uint32_t pattern;
    uint8_t slot;
};

struct birth {
    uint32_t *first; /* types + 1 */
    struct birth_slot *slot;
    uint32_t slots;
    uint64_t *next; /* by pattern: number of pairs, then the place of its next one */
    uint32_t capacity;
};

static void birth_init(struct birth *b, struct patterns *p) {
    const struct genome *g = &p->colony->plan->genome;
    uint32_t most = 0;
    for (uint32_t t = 0; t < g->types; t++) {
        most += g->type[t].subscriptions;
    }
    *b = (struct birth){.first = memory_new((size_t)g->types + 1, sizeof *b->first),
                        .slot = memory_new(most, sizeof *b->slot)};
    for (uint32_t t = 0; t < g->types; t++) {
        for (uint32_t i = 0; i < g->type[t].subscriptions; i++) {
            const char *text = g->type[t].subscription[i].subject;
            if (text) {
                uint32_t uses = templates_uses(p->templates, templates_place(p->templates, text));
                b->slot[b->slots++] = (struct birth_slot){
                    .text = text, .uses = uses, .run = SUBJECTS_NONE, .slot = (uint8_t)i};
            }
        }
        b->first[t + 1] = b->slots;
    }
}

static void birth_deinit(struct birth *b) {
    free(b->first);
    free(b->slot);
    free(b->next);
}

/* The pattern of a slot for a cell; run: number of the run of cells of one node and domain. */
static inline uint32_t birth_pattern(struct birth *b, struct patterns *p, struct birth_slot *slot,
                                     uint32_t cell, uint32_t run) {
    bool still = slot->uses & TEMPLATE_USES_CELL
                     ? false
                     : slot->run == run || (slot->run != SUBJECTS_NONE &&
                                            !(slot->uses & ~(uint32_t)TEMPLATE_USES_TYPE));
    if (!still) {
        slot->pattern = pattern_number(p, slot->text, cell);
        slot->run = run;
        if (slot->pattern >= b->capacity) {
            uint32_t capacity = b->capacity ? b->capacity * 2 : 64;
            b->next = memory_grow(b->next, capacity, sizeof *b->next);
            memset(b->next + b->capacity, 0, (capacity - b->capacity) * sizeof *b->next);
            b->capacity = capacity;
        }
    }
    return slot->pattern;
}

/* Cells from `cell` on that are of one node and domain end here. */
static uint32_t run_end(const struct colony *c, uint32_t cell) {
    uint32_t node = colony_node_first(c, colony_node(c, cell) + 1);
    uint32_t domain = split_first(&c->domains, colony_domain(c, cell) + 1);
    return node < domain ? node : domain;
}

/* Counts the pairs of each pattern, or (fill) writes them where next[pattern] says. Along the
 * cells, and by slot at each cell, so that each pattern's come in order. */
static void birth_walk(struct birth *b, struct patterns *p, bool fill) {
    const struct colony *c = p->colony;
    uint32_t run = 0;
    for (uint32_t cell = 0; cell < c->nodes.items; run++) {
        for (uint32_t end = run_end(c, cell); cell < end; cell++) {
            uint32_t type = c->type[cell];
            for (uint32_t i = b->first[type]; i < b->first[type + 1]; i++) {
                struct birth_slot *slot = &b->slot[i];
                uint32_t pattern = birth_pattern(b, p, slot, cell, run);
                uint64_t place = b->next[pattern]++;
                if (fill) {
                    p->cell[place] = cell;
                    p->slot[place] = slot->slot;
                }
            }
        }
    }
}

static void birth_lay_out(struct birth *b, struct patterns *p) {
    for (uint32_t i = 0; i < p->trie.patterns; i++) {
        uint64_t copies = b->next[i];
        NERVE_ASSERT(copies < UINT32_MAX);
        b->next[i] = p->copies;
        p->copies += copies;
    }
    p->cell = memory_map(p->copies * sizeof *p->cell);
    p->slot = memory_map(p->copies);
    p->sets = p->trie.patterns;
    p->set = memory_new(p->sets, sizeof *p->set);
    for (uint32_t i = 0; i < p->sets; i++) {
        uint64_t end = i + 1 < p->sets ? b->next[i + 1] : p->copies;
        p->set[i] = (struct recipients){.references = 1,
                                        .copies = (uint32_t)(end - b->next[i]),
                                        .borrowed = true,
                                        .cell = p->cell + b->next[i],
                                        .slot = p->slot + b->next[i]};
        p->pattern[i].set = &p->set[i];
    }
}

void patterns_init(struct patterns *patterns, const struct colony *colony,
                   struct templates *templates) {
    *patterns = (struct patterns){.colony = colony, .templates = templates};
    struct birth b;
    birth_init(&b, patterns);
    birth_walk(&b, patterns, false);
    birth_lay_out(&b, patterns);
    birth_walk(&b, patterns, true);
    birth_deinit(&b);
}

void patterns_deinit(struct patterns *patterns) {
    for (uint32_t i = 0; i < patterns->trie.patterns; i++) {
        recipients_release(patterns->pattern[i].set);
        free(patterns->pattern[i].note);
    }
    free(patterns->pattern);
    free(patterns->set);
    memory_unmap(patterns->cell, patterns->copies * sizeof *patterns->cell);
    memory_unmap(patterns->slot, patterns->copies);
    map_deinit(&patterns->filled);
    map_deinit(&patterns->changed);
    trie_deinit(&patterns->trie);
    *patterns = (struct patterns){0};
}

static uint64_t slot_key(uint32_t cell, uint8_t slot) {
    return (uint64_t)cell << 8 | slot;
}

/* What a slot holds now: a pattern, or PATTERNS_EMPTY. */
static uint32_t slot_pattern(struct patterns *p, uint32_t cell, uint8_t slot) {
    uint32_t changed = map_get(&p->changed, slot_key(cell, slot));
    if (changed != SUBJECTS_NONE) {
        return changed;
    }
    const struct genome_type *type = &p->colony->plan->genome.type[p->colony->type[cell]];
    NERVE_ASSERT(slot < type->subscriptions);
    const char *text = type->subscription[slot].subject;
    return text ? pattern_number(p, text, cell) : PATTERNS_EMPTY;
}

static int compare_pairs(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sorts the notes, leaves each pair once, and says of each whether it is in now. */
static uint32_t settle_notes(struct patterns *p, uint32_t number) {
    struct pattern *pattern = &p->pattern[number];
    bool sorted = true;
    for (uint32_t i = 1; i < pattern->notes && sorted; i++) {
        sorted = pattern->note[i - 1] <= pattern->note[i];
    }
    if (!sorted) {
        qsort(pattern->note, pattern->notes, sizeof *pattern->note, compare_pairs);
    }
    uint32_t pairs = 0;
    for (uint32_t i = 0; i < pattern->notes; i++) {
        uint64_t pair = pattern->note[i];
        if (i > 0 && pair == pattern->note[i - 1]) {
            continue;
        }
        /* Writes at or before the place that was read last: the next comparison looks at i. */
        pattern->note[pairs++] = pair;
    }
    for (uint32_t i = 0; i < pairs; i++) {
        uint64_t key = pattern->note[i] >> 1; /* cell << 8 | slot */
        pattern->note[i] |= map_get(&p->changed, key) == number;
    }
    return pairs;
}

static void pattern_settle(struct patterns *p, uint32_t number) {
    struct pattern *pattern = &p->pattern[number];
    uint32_t pairs = settle_notes(p, number);
    struct recipients *edited = recipients_edit(pattern->set, pattern->note, pairs);
    recipients_release(pattern->set);
    pattern->set = edited;
    free(pattern->note);
    pattern->note = NULL;
    pattern->notes = pattern->notes_capacity = 0;
}

static void pattern_note(struct patterns *p, uint32_t number, uint32_t cell, uint8_t slot) {
    struct pattern *pattern = &p->pattern[number];
    if (pattern->notes == pattern->notes_capacity) {
        pattern->notes_capacity = pattern->notes_capacity ? pattern->notes_capacity * 2 : 4;
        pattern->note = memory_grow(pattern->note, pattern->notes_capacity, sizeof *pattern->note);
    }
    pattern->note[pattern->notes++] = recipients_pair(cell, slot, false);
    pattern->changes++;
    pattern->edits++;
    p->changes++;
    uint32_t copies = pattern->set ? pattern->set->copies : 0;
    if (pattern->notes >= NOTES_AT_LEAST + copies / 2) {
        pattern_settle(p, number);
    }
}

void patterns_change(struct patterns *patterns, uint32_t cell, uint8_t slot,
                     const char *template_text) {
    NERVE_ASSERT(cell < patterns->colony->nodes.items);
    uint32_t old = slot_pattern(patterns, cell, slot);
    uint32_t new = template_text ? pattern_number(patterns, template_text, cell) : PATTERNS_EMPTY;
    if (new == old) {
        if (new != PATTERNS_EMPTY) {
            patterns->pattern[new].changes++;
            patterns->changes++;
        }
        return;
    }
    map_put(&patterns->changed, slot_key(cell, slot), new);
    if (old != PATTERNS_EMPTY) {
        pattern_note(patterns, old, cell, slot);
    }
    if (new != PATTERNS_EMPTY) {
        pattern_note(patterns, new, cell, slot);
    }
}

uint32_t patterns_slot(struct patterns *patterns, uint32_t cell, uint8_t slot) {
    uint32_t pattern = slot_pattern(patterns, cell, slot);
    return pattern == PATTERNS_EMPTY ? UINT32_MAX : pattern;
}

struct recipients *patterns_set(struct patterns *patterns, uint32_t pattern) {
    if (patterns->pattern[pattern].notes > 0) {
        pattern_settle(patterns, pattern);
    }
    return patterns->pattern[pattern].set;
}
