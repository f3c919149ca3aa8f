/*
 * Copies in flight as a ring of targets, in the order in which they were sent: that is nearly the
 * order in which they arrive.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "base/rng.h"
#include "bench/bare.h"

struct flight {
    uint32_t cell;
    int64_t at;
};

struct ring {
    struct flight *flight;
    uint32_t count, next;
};

/* As the workload's source emits them. */
static struct ring ring_make(const struct plan *plan) {
    struct ring ring = {.count = (uint32_t)plan->source[0].count};
    ring.flight = memory_new(ring.count, sizeof *ring.flight);
    for (uint32_t i = 0; i < ring.count; i++) {
        uint64_t bits = rng_draw(plan->run.seed, RNG_SOURCE_TO, 0, i);
        ring.flight[i] = (struct flight){rng_below(bits, plan->colony.cells), i + 1};
    }
    return ring;
}

/* The next one, with the record of one behind it fetched. */
static inline struct flight *ring_next(struct ring *ring, const struct bare *b) {
    uint32_t at = ring->next;
    uint32_t ahead = at + BARE_AHEAD < ring->count ? at + BARE_AHEAD : 0;
    __builtin_prefetch(&b->cell[ring->flight[ahead].cell], 1);
    ring->next = at + 1 < ring->count ? at + 1 : 0;
    return &ring->flight[at];
}

/* Another cell, at random. */
static inline uint32_t partner(const struct plan *plan, uint32_t cell, uint32_t wake) {
    uint64_t bits = rng_draw(plan->run.seed, RNG_PARTNER, cell, wake);
    uint32_t target = rng_below(bits, plan->colony.cells - 1);
    return target + (target >= cell);
}

static inline struct bare_result targeted(const struct plan *plan, uint64_t wakes, bool counted,
                                          bool exponential) {
    struct bare *b = bare_make(plan);
    struct ring ring = ring_make(plan);
    const struct law work = plan->genome.reaction[0].work;
    int64_t begin = bare_cpu_ns();
    for (; b->wakes < wakes; b->wakes++) {
        struct flight *f = ring_next(&ring, b);
        struct bare_cell *c = &b->cell[f->cell];
        int64_t work_ns = work.a_ns;
        if (exponential) {
            work_ns =
                rng_exponential(rng_draw(plan->run.seed, RNG_WORK, f->cell, c->wakes), work.a_ns);
        }
        uint32_t target = partner(plan, f->cell, c->wakes);
        int64_t end = bare_wake(b, c, f->at, work_ns + b->send_ns, false, counted);
        *f = (struct flight){target, end};
    }
    struct bare_result result = bare_free(b, bare_cpu_ns() - begin);
    free(ring.flight);
    return result;
}

struct bare_result bare_targeted(const struct plan *plan, uint64_t wakes) {
    return targeted(plan, wakes, false, false);
}

struct bare_result bare_targeted_queued(const struct plan *plan, uint64_t wakes) {
    return targeted(plan, wakes, true, true);
}

struct bare_result bare_reflex(const struct plan *plan, uint64_t wakes) {
    struct bare *b = bare_make(plan);
    struct ring ring = ring_make(plan);
    uint32_t *twin = memory_new(plan->colony.cells, sizeof *twin);
    for (uint32_t cell = 0; cell < plan->colony.cells; cell++) {
        twin[cell] = cell ^ 1;
    }
    int64_t begin = bare_cpu_ns();
    for (; b->wakes < wakes; b->wakes++) {
        struct flight *f = ring_next(&ring, b);
        int64_t end = bare_wake(b, &b->cell[f->cell], f->at, b->send_ns, false, true);
        *f = (struct flight){twin[f->cell], end};
    }
    struct bare_result result = bare_free(b, bare_cpu_ns() - begin);
    free(twin);
    free(ring.flight);
    return result;
}
