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
