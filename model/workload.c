#include "model/workload.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"

void workload_begin(const struct plan *plan, uint32_t place, struct workload_times *times) {
    const struct plan_source *source = &plan->source[place];
    *times = (struct workload_times){.next_ns = source->from_ns + source->phase_ns};
    while (times->skipped < source->at_count && source->at[times->skipped] < source->from_ns) {
        times->skipped++;
    }
    workload_advance(plan, place, times);
}

void workload_advance(const struct plan *plan, uint32_t place, struct workload_times *times) {
    const struct plan_source *source = &plan->source[place];
    int64_t k = times->number++;
    if (source->count != PLAN_NONE && k >= source->count) {
        times->next_ns = WORKLOAD_NEVER_NS;
        return;
    }
    if (source->interval_ns > 0) {
        int64_t interval = source->interval_ns;
        if (source->exponential) {
            uint64_t bits = rng_draw(plan->run.seed, RNG_ARRIVAL, place, (uint64_t)k);
            interval = rng_exponential(bits, source->interval_ns);
        }
        times->next_ns += interval;
    } else {
        times->next_ns = times->skipped + k < source->at_count ? source->at[times->skipped + k]
                                                               : WORKLOAD_NEVER_NS;
    }
    int64_t until =
        source->until_ns < plan->run.duration_ns ? source->until_ns : plan->run.duration_ns;
    if (times->next_ns >= until) {
        times->next_ns = WORKLOAD_NEVER_NS;
    }
}

uint32_t workload_target(const struct colony *colony, uint32_t place,
                         const struct workload_times *times) {
    const struct plan *plan = colony->plan;
    uint64_t n = (uint64_t)times->number - 1;
    uint64_t bits = rng_draw(plan->run.seed, RNG_SOURCE_TO, place, n);
    return colony_choose(colony, &plan->source[place].to, COLONY_NOBODY, bits);
}

static struct genome_choice choice_of(const struct plan_fault *fault) {
    return (struct genome_choice){.type =
                                      fault->by_type == PLAN_NO_TYPE ? GENOME_NONE : fault->by_type,
                                  .domain = -1,
                                  .cell = -1};
}

int workload_check(const struct colony *colony, struct error *error) {
    const struct plan *plan = colony->plan;
    for (uint32_t i = 0; i < plan->faults; i++) {
        const struct plan_fault *fault = &plan->fault[i];
        const struct genome_choice choice = choice_of(fault);
        if (fault->by_cell == PLAN_NONE && !colony_fitting(colony, &choice, COLONY_NOBODY)) {
            return error_set(error, "faults.%s.by: no cell of that type is in the colony",
                             fault->name);
        }
    }
    for (uint32_t i = 0; i < plan->sources; i++) {
        const struct plan_source *source = &plan->source[i];
        if (!source->publishes && !colony_fitting(colony, &source->to, COLONY_NOBODY)) {
            return error_set(error, "workload.%s.to: no cell of the colony fits", source->name);
        }
    }
    return 0;
}

/* The cells that fit, rising; their number in *count. */
static uint32_t *fitting(const struct colony *colony, const struct plan_fault *fault,
                         uint32_t *count) {
    const struct genome_choice choice = choice_of(fault);
    uint32_t *list = memory_new(colony_fitting(colony, &choice, COLONY_NOBODY), sizeof *list);
    *count = 0;
    for (uint32_t cell = 0; cell < colony->plan->colony.cells; cell++) {
        if (choice.type == GENOME_NONE || colony->type[cell] == choice.type) {
            list[(*count)++] = cell;
        }
    }
    return list;
}

static int rising(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

uint32_t workload_chosen(const struct colony *colony, uint32_t place, uint32_t **cells) {
    const struct plan_fault *fault = &colony->plan->fault[place];
    if (fault->by_cell != PLAN_NONE) {
        *cells = memory_new(1, sizeof **cells);
        **cells = (uint32_t)fault->by_cell;
        return 1;
    }
    uint32_t left;
    uint32_t *list = fitting(colony, fault, &left);
    uint32_t want =
        fault->by_count == PLAN_NONE || fault->by_count > left ? left : (uint32_t)fault->by_count;
    *cells = memory_new(want, sizeof **cells);
    for (uint32_t k = 0; k < want; k++) {
        uint32_t pick =
            rng_below(rng_draw(colony->plan->run.seed, RNG_FAULT_BY, place, k), left - k);
        (*cells)[k] = list[pick];
        memmove(list + pick, list + pick + 1, (left - k - 1 - pick) * sizeof *list);
    }
    qsort(*cells, want, sizeof **cells, rising);
    free(list);
    return want;
}
