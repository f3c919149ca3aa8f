#include "sim/cores.h"

#include <stdlib.h>

#include "base/memory.h"

void cores_init(struct cores *c, const struct host_profile *profile) {
    memset(c, 0, sizeof *c);
    c->count = (uint32_t)profile->cores;
    c->room = c->count * 8 + 64;
    c->slot = memory_new(c->room, sizeof *c->slot);
    c->busy_from = memory_new(c->count, sizeof *c->busy_from);
    for (uint32_t core = 0; core < c->count; core++) {
        c->slot[core] = core;
    }
    c->idle = c->count;
    c->spin_ns = profile->idle_spin_ns;
    c->sleep_ns = profile->idle_sleep_ns;
    c->spin_max_ns = profile->spin_max_ns;
    c->saturated_until = -1;
    c->first_busy_1ms = -1;
}

void cores_deinit(struct cores *c) {
    free(c->slot);
    free(c->busy_from);
    memset(c, 0, sizeof *c);
}

int64_t cores_busy_after(const struct cores *c, int64_t time) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        uint64_t slot = c->slot[c->head + i];
        int64_t from = c->busy_from[slot & ((1U << CORE_BITS) - 1)];
        int64_t free_at = cores_free_at(slot);
        from = from > time ? from : time;
        sum += free_at > from ? free_at - from : 0;
    }
    return sum;
}
