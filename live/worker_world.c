/*
 * The world, as far as it concerns one worker: each follows every source by its draws, and emits
 * what goes to a cell of its own. A source that publishes belongs to the worker of the server
 * host's first node. Emissions count from when they were due, so a worker that is late shows it.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "live/worker.h"

static bool fault_by_lines(const struct plan_fault *fault) {
    return fault->for_ns == PLAN_NONE;
}

static void init_fault(struct worker *w, uint32_t place) {
    struct worker_fault *fault = &w->fault[place];
    uint32_t *all;
    uint32_t chosen = workload_chosen(w->colony, place, &all);
    fault->cell = memory_new(chosen, sizeof *fault->cell);
    fault->subject = subjects_number(w->subjects, w->plan->fault[place].onto);
    for (uint32_t i = 0; i < chosen; i++) {
        if (worker_owns(w, all[i])) {
            fault->cell[fault->chosen++] = all[i];
            cells_at(&w->cells, all[i])->chosen |= !fault_by_lines(&w->plan->fault[place]);
        }
    }
    free(all);
    /* Whoever is asked first works an audience out: not in the storm. */
    subjects_audience(w->subjects, fault->subject);
}

/* Whether the source's publications are this worker's to make. */
static bool publishes_here(const struct worker *w) {
    uint32_t node = w->colony->host_first_node[w->plan->gradients.server_host];
    node = node < w->plan->colony.nodes ? node : 0;
    return node >= w->first_node && node < w->end_node;
}

void worker_world_init(struct worker *w) {
    w->source = memory_new(w->plan->sources, sizeof *w->source);
    w->fault = memory_new(w->plan->faults, sizeof *w->fault);
    for (uint32_t i = 0; i < w->plan->faults; i++) {
        init_fault(w, i);
    }
    for (uint32_t i = 0; i < w->plan->sources; i++) {
        const struct plan_source *plan = &w->plan->source[i];
        workload_begin(w->plan, i, &w->source[i].times);
        if (plan->publishes) {
            w->source[i].subject = subjects_number(w->subjects, plan->subject);
            subjects_audience(w->subjects, w->source[i].subject);
            if (!publishes_here(w)) {
                w->source[i].times.next_ns = WORKLOAD_NEVER_NS;
            }
        }
    }
}

static void take_log(void *context) {
    worker_take_log(context);
}

/* Raises a version, in the order of all workers; returns it. */
static uint32_t raise(struct worker *w, uint32_t scope, uint32_t source, int64_t at_ns) {
    const struct board_entry entry = {
        .time_ns = at_ns, .kind = ENTRY_RAISE, .scope = scope, .source = source};
    worker_take_log_past(w, board_log(w->board, &entry, take_log, w));
    return w->versions.scope[scope].version;
}

static void emit(struct worker *w, uint32_t place, uint32_t cell, int64_t at_ns) {
    const struct plan_source *source = &w->plan->source[place];
    uint32_t scope = versions_scope_raised(&w->versions, source, cell);
    uint32_t version = scope > 0 ? raise(w, scope, place, at_ns) : 0;
    if (source->publishes) {
        worker_publish_world(w, place, scope, version, at_ns);
        return;
    }
    if (at_ns >= w->plan->run.warm_up_ns) {
        w->tally->kind[source->signal].emissions_targeted++;
        w->tally->kind[source->signal].copies++;
    }
    w->tally->sent++;
    w->tally->copies_local++;
    const struct frame frame = {.emission_ns = at_ns,
                                .stimulus_ns = at_ns,
                                .sender = COLONY_NOBODY,
                                .target = cell,
                                .scope = scope,
                                .version = version,
                                .source = (uint16_t)(1 + place),
                                .kind = source->signal,
                                .flags = FRAME_WORLD};
    const struct arrival arrival = {
        .nature = NATURE_WORLD, .cell = cell, .slot = LOCAL_NO_SLOT, .frame = &frame};
    worker_wake(w, &arrival);
}

/* The source's emissions that are due; those at others' cells are theirs. */
static uint32_t follow_source(struct worker *w, uint32_t place, int64_t now_ns, uint32_t most) {
    struct workload_times *times = &w->source[place].times;
    uint32_t done = 0;
    while (times->next_ns <= now_ns && done < most) {
        int64_t at_ns = times->next_ns;
        uint32_t cell = COLONY_NOBODY;
        if (!w->plan->source[place].publishes) {
            cell = workload_target(w->colony, place, times);
        }
        workload_advance(w->plan, place, times);
        if (cell == COLONY_NOBODY || worker_owns(w, cell)) {
            emit(w, place, cell, at_ns);
            done++;
        }
    }
    return done;
}

static int64_t line_ns(const struct worker *w, uint32_t place) {
    const struct plan_fault *fault = &w->plan->fault[place];
    const struct worker_fault *state = &w->fault[place];
    return fault_by_lines(fault) && state->chosen > 0 && state->next_line < fault->lines
               ? fault->at_ns + state->next_line * fault->every_ns
               : CLOCK_NEVER_NS;
}

static uint32_t follow_fault(struct worker *w, uint32_t place, int64_t now_ns) {
    uint32_t done = 0;
    while (line_ns(w, place) <= now_ns) {
        w->fault[place].next_line++;
        for (uint32_t i = 0; i < w->fault[place].chosen; i++, done++) {
            const struct arrival arrival = {.nature = NATURE_FAULT,
                                            .cell = w->fault[place].cell[i],
                                            .slot = LOCAL_NO_SLOT,
                                            .place = (uint16_t)place};
            worker_wake(w, &arrival);
        }
    }
    return done;
}

uint32_t worker_world(struct worker *w, int64_t now_ns, uint32_t most) {
    uint32_t done = 0;
    for (uint32_t i = 0; i < w->plan->faults; i++) {
        done += follow_fault(w, i, now_ns);
    }
    for (uint32_t i = 0; i < w->plan->sources; i++) {
        done += follow_source(w, i, now_ns, most);
    }
    return done;
}

int64_t worker_world_next_ns(const struct worker *w) {
    int64_t next = CLOCK_NEVER_NS;
    for (uint32_t i = 0; i < w->plan->faults; i++) {
        int64_t line = line_ns(w, i);
        next = line < next ? line : next;
    }
    for (uint32_t i = 0; i < w->plan->sources; i++) {
        next = w->source[i].times.next_ns < next ? w->source[i].times.next_ns : next;
    }
    return next;
}

const struct plan_fault *worker_misroute(const struct worker *w, uint32_t cell, int64_t start_ns) {
    if (!cells_at(&w->cells, cell)->chosen) {
        return NULL;
    }
    for (uint32_t i = 0; i < w->plan->faults; i++) {
        const struct plan_fault *fault = &w->plan->fault[i];
        if (!workload_turns(fault, start_ns)) {
            continue;
        }
        for (uint32_t k = 0; k < w->fault[i].chosen; k++) {
            if (w->fault[i].cell[k] == cell) {
                return fault;
            }
        }
    }
    return NULL;
}
