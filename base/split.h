/*
 * n items shared out over k parts in order, the first ones larger by one where it does not divide:
 * cells over nodes, cells over domains, nodes over hosts. Division by multiplication, exact for
 * 32-bit items.
 */
#ifndef NERVE_BASE_SPLIT_H
#define NERVE_BASE_SPLIT_H

#include <stdint.h>

#include "base/wide.h"

struct split {
    uint32_t items, parts;
    uint32_t small;              /* size of a small part; large ones hold one more */
    uint32_t large;              /* how many parts are large */
    uint32_t large_end;          /* items in large parts */
    uint64_t by_large, by_small; /* ceil(2^64 / size) */
};

/* parts >= 1. */
static inline struct split split_make(uint32_t items, uint32_t parts) {
    struct split s = {.items = items, .parts = parts};
    s.small = items / parts;
    s.large = items % parts;
    s.large_end = s.large * (s.small + 1);
    s.by_large = UINT64_MAX / ((uint64_t)s.small + 1) + 1;
    s.by_small = s.small > 0 ? UINT64_MAX / s.small + 1 : 0;
    return s;
}

static inline uint32_t split_divide(uint32_t n, uint64_t by) {
    return by == 0 ? n : (uint32_t)((uint128)n * by >> 64); /* by 0: divisor 1 (2^64 wraps) */
}

/* The part that an item is in. */
static inline uint32_t split_part(const struct split *s, uint32_t item) {
    return item < s->large_end ? split_divide(item, s->by_large)
                               : s->large + split_divide(item - s->large_end, s->by_small);
}

/* The first item of a part; of part `parts`: the number of items. */
static inline uint32_t split_first(const struct split *s, uint32_t part) {
    return part * s->small + (part < s->large ? part : s->large);
}

#endif
