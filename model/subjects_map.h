/*
 * A map from 64-bit keys to 32-bit values: open addressing, linear probing, no removal. What the
 * subjects look up by number: edges of the trie, filled-in templates, slots that were changed.
 *
 * A zeroed map is empty; map_deinit frees. One thread. Its order is never walked.
 */
#ifndef NERVE_MODEL_SUBJECTS_MAP_H
#define NERVE_MODEL_SUBJECTS_MAP_H

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

#define SUBJECTS_NONE UINT32_MAX

struct map_entry {
    uint32_t key_low, key_high; /* of key + 1; both 0: empty */
    uint32_t value;
};

struct map {
    uint32_t count;
    uint32_t mask; /* capacity - 1; 0: nothing allocated */
    struct map_entry *entry;
};

static inline uint32_t map_hash(uint64_t key) {
    key *= 0x9e3779b97f4a7c15ULL;
    key ^= key >> 32;
    key *= 0xd6e8feb86659fd93ULL;
    return (uint32_t)(key >> 32);
}

/* The entry of a key, or the empty one where it belongs. The map has one. */
static inline struct map_entry *map_slot(const struct map *map, uint64_t key) {
    uint32_t at = map_hash(key) & map->mask;
    uint64_t stored = key + 1;
    for (;; at = (at + 1) & map->mask) {
        struct map_entry *e = &map->entry[at];
        uint64_t there = (uint64_t)e->key_high << 32 | e->key_low;
        if (there == stored || there == 0) {
            return e;
        }
    }
}

/* The value of a key below 2^64 - 1; SUBJECTS_NONE: it has none. */
static inline uint32_t map_get(const struct map *map, uint64_t key) {
    if (map->count == 0) {
        return SUBJECTS_NONE;
    }
    const struct map_entry *e = map_slot(map, key);
    return e->key_low == 0 && e->key_high == 0 ? SUBJECTS_NONE : e->value;
}

void map_put(struct map *map, uint64_t key, uint32_t value);

static inline void map_deinit(struct map *map) {
    free(map->entry);
    *map = (struct map){0};
}

#endif
