#include "model/subjects_map.h"

#include "base/assert.h"

static void map_grow(struct map *map) {
    struct map old = *map;
    uint32_t capacity = old.entry ? (old.mask + 1) * 2 : 16;
    NERVE_ASSERT(capacity > old.mask);
    map->mask = capacity - 1;
    map->entry = memory_new(capacity, sizeof *map->entry);
    for (uint32_t i = 0; old.entry && i <= old.mask; i++) {
        uint64_t stored = (uint64_t)old.entry[i].key_high << 32 | old.entry[i].key_low;
        if (stored != 0) {
            *map_slot(map, stored - 1) = old.entry[i];
        }
    }
    free(old.entry);
}

void map_put(struct map *map, uint64_t key, uint32_t value) {
    if (!map->entry || map->count >= map->mask - map->mask / 4) {
        map_grow(map);
    }
    struct map_entry *e = map_slot(map, key);
    if (e->key_low == 0 && e->key_high == 0) {
        map->count++;
        e->key_low = (uint32_t)(key + 1);
        e->key_high = (uint32_t)((key + 1) >> 32);
    }
    e->value = value;
}
