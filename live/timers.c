#include "live/timers.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/rng.h"
#include "live/clock.h"

static bool before(const struct timer *a, const struct timer *b) {
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->number < b->number;
}

static uint32_t *number_of(const struct timers *t, uint32_t cell, uint8_t place) {
    return &t->number[(size_t)(cell - t->first_cell) * t->most + place];
}

void timers_init(struct timers *t, const struct colony *colony, uint32_t first_cell,
                 uint32_t end_cell) {
    const struct genome *g = &colony->plan->genome;
    *t = (struct timers){.first_cell = first_cell};
    for (uint32_t type = 0; type < g->types; type++) {
        t->most = g->type[type].timers > t->most ? g->type[type].timers : t->most;
    }
    if (t->most == 0) {
        return;
    }
    t->number_bytes = (size_t)(end_cell - first_cell) * t->most * sizeof *t->number;
    t->number = memory_map(t->number_bytes);
    for (uint32_t cell = first_cell; cell < end_cell; cell++) {
        const struct genome_type *type = &g->type[colony->type[cell]];
        for (uint8_t i = 0; i < type->timers; i++) {
            if (type->timer[i].at_birth) {
                uint64_t bits = rng_draw(colony->plan->run.seed, RNG_BIRTH, cell, i);
                timers_set(t, cell, i, law_value(&type->timer[i].first, bits));
            }
        }
    }
}

void timers_deinit(struct timers *t) {
    memory_unmap(t->number, t->number_bytes);
    free(t->heap);
    *t = (struct timers){0};
}

static void sink(struct timers *t, struct timer timer) {
    size_t place = 0;
    for (;;) {
        size_t child = place * 2 + 1;
        if (child >= t->count) {
            break;
        }
        if (child + 1 < t->count && before(&t->heap[child + 1], &t->heap[child])) {
            child++;
        }
        if (!before(&t->heap[child], &timer)) {
            break;
        }
        t->heap[place] = t->heap[child];
        place = child;
    }
    t->heap[place] = timer;
}

void timers_set(struct timers *t, uint32_t cell, uint8_t timer, int64_t at_ns) {
    if (t->count == t->room) {
        t->room = t->room ? t->room * 2 : 64;
        t->heap = memory_grow(t->heap, t->room, sizeof *t->heap);
    }
    t->last_number = t->last_number == UINT32_MAX ? 1 : t->last_number + 1;
    struct timer set = {at_ns, cell, timer, t->last_number};
    uint32_t *number = number_of(t, cell, timer);
    t->pending += *number == 0;
    *number = set.number;
    size_t place = t->count++;
    while (place > 0 && before(&set, &t->heap[(place - 1) / 2])) {
        t->heap[place] = t->heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    t->heap[place] = set;
}

void timers_stop(struct timers *t, uint32_t cell, uint8_t place) {
    uint32_t *number = number_of(t, cell, place);
    t->pending -= *number != 0;
    *number = 0;
}

int64_t timers_next_ns(const struct timers *t) {
    return t->count > 0 ? t->heap[0].at_ns : CLOCK_NEVER_NS;
}

bool timers_take(struct timers *t, int64_t now_ns, struct timer *timer) {
    while (t->count > 0 && t->heap[0].at_ns <= now_ns) {
        *timer = t->heap[0];
        struct timer last = t->heap[--t->count];
        if (t->count > 0) {
            sink(t, last);
        }
        uint32_t *number = number_of(t, timer->cell, timer->place);
        if (*number == timer->number) {
            *number = 0;
            t->pending--;
            return true;
        }
    }
    return false;
}
