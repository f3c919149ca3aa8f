#include "sim/cores.h"

#include <stdlib.h>

#include "base/memory.h"

enum { SATURATED_NS = 1000000 };

void cores_init(struct cores *c, const struct host_profile *profile) {
    memset(c, 0, sizeof *c);
    uint32_t count = (uint32_t)profile->cores;
    c->room = count * 16 + 64;
    c->lists.busy = memory_new(c->room + 1, sizeof *c->lists.busy);
    c->lists.busy[0] = CORE_NONE;
    c->lists.idle = memory_new(count, sizeof *c->lists.idle);
    c->busy_from = memory_new(count, sizeof *c->busy_from);
    for (uint32_t core = count; core > 0; core--) {
        c->lists.idle[c->lists.idlers++] = core - 1;
    }
    c->spin_ns = profile->idle_spin_ns;
    c->sleep_ns = profile->idle_sleep_ns;
    c->spin_max_ns = profile->spin_max_ns;
    c->saturated_until = -1;
    c->first_busy_1ms = -1;
}

void cores_deinit(struct cores *c) {
    free(c->lists.busy);
    free(c->lists.idle);
    free(c->busy_from);
    memset(c, 0, sizeof *c);
}

void cores_saturated(struct cores *c, int64_t until, int64_t r) {
    if (until <= r) {
        return;
    }
    bool goes_on = r <= c->saturated_until;
    c->saturated_from = goes_on ? c->saturated_from : r;
    c->saturated_ns += until - (goes_on ? c->saturated_until : r);
    c->saturated_until = until;
    if (c->first_busy_1ms < 0 && until - c->saturated_from >= SATURATED_NS) {
        c->first_busy_1ms = c->saturated_from + SATURATED_NS;
    }
}
