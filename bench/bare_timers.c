#include <stdlib.h>

#include "base/memory.h"
#include "base/rng.h"
#include "bench/bare.h"

struct beat {
    int64_t at;
    uint32_t cell;
};

static int beat_compare(const void *a, const void *b) {
    const struct beat *x = a, *y = b;
    if (x->at != y->at) {
        return x->at < y->at ? -1 : 1;
    }
    return x->cell < y->cell ? -1 : x->cell > y->cell;
}

/* By phase, once; a round later the order is the same, but for what a wake's core and memory cost.
 */
struct bare_result bare_timers(const struct plan *plan, uint64_t wakes) {
    struct bare *b = bare_make(plan);
    const uint32_t cells = plan->colony.cells;
    const struct law *first = &plan->genome.type[0].timer[0].first;
    const int64_t period = plan->genome.reaction[0].timer[0].after.a_ns;
    struct beat *beat = memory_new(cells, sizeof *beat);
    for (uint32_t cell = 0; cell < cells; cell++) {
        uint64_t bits = rng_draw(plan->run.seed, RNG_BIRTH, cell, 0);
        beat[cell] = (struct beat){law_value(first, bits), cell};
    }
    qsort(beat, cells, sizeof *beat, beat_compare);
    int64_t begin = bare_cpu_ns();
    while (b->wakes < wakes) {
        for (uint32_t i = 0; i < cells; i++) {
            uint32_t ahead = i + BARE_AHEAD < cells ? i + BARE_AHEAD : 0;
            __builtin_prefetch(&b->cell[beat[ahead].cell], 1);
            beat[i].at = bare_wake(b, &b->cell[beat[i].cell], beat[i].at, 0, false, true) + period;
        }
        b->wakes += cells;
    }
    struct bare_result result = bare_free(b, bare_cpu_ns() - begin);
    free(beat);
    return result;
}
