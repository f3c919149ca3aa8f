/*
 * A pool of equal items in one large mapping: places instead of pointers (32 bits, 0 is none),
 * addresses that never move, pages that cost memory only once touched. An item's first word links
 * the free ones.
 */
#ifndef NERVE_SIM_POOL_H
#define NERVE_SIM_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/assert.h"
#include "base/memory.h"

struct pool {
    char *base;
    size_t item;
    uint32_t room, made, free;
};

static inline void pool_init(struct pool *p, size_t item, uint32_t room) {
    *p = (struct pool){memory_map(item * room), item, room, 1, 0};
}

static inline void pool_deinit(struct pool *p) {
    memory_unmap(p->base, p->item * p->room);
    p->base = NULL;
}

static inline void *pool_at(const struct pool *p, uint32_t place) {
    return p->base + p->item * place;
}

/* A place; what is in it is not cleared. */
static inline uint32_t pool_take(struct pool *p) {
    uint32_t place = p->free;
    if (place) {
        p->free = *(uint32_t *)pool_at(p, place);
        return place;
    }
    NERVE_ASSERT(p->made < p->room);
    return p->made++;
}

static inline void pool_give(struct pool *p, uint32_t place) {
    *(uint32_t *)pool_at(p, place) = p->free;
    p->free = place;
}

#endif
