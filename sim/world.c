#include "sim/world.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim/aware.h"
#include "sim/send.h"
#include "sim/wake.h"

static void source_post(struct sim *s, uint32_t place) {
    const struct plan_source *plan = &s->plan->source[place];
    struct source_state *state = &s->source[place];
    uint32_t rank = s->plan->faults + place;
    state->posted_at = state->times.next_ns;
    while (state->times.next_ns == state->posted_at && state->posted_at != NEVER_NS) {
        uint32_t entity = 0;
        if (plan->publishes) {
            uint32_t first = s->colony.host_first_node[s->plan->gradients.server_host];
            entity = sim_station_rank(s, first < s->nodes ? first : 0, STATION_SERVER);
        } else {
            entity = sim_rank(s, workload_target(&s->colony, place, &state->times));
        }
        sim_post(s, state->posted_at, entity, rank, 0, plan->signal, 0, EVENT_ARRIVAL,
                 (uint64_t)state->posted_at);
        workload_advance(s->plan, place, &state->times);
    }
}

static void source_init(struct sim *s, uint32_t place) {
    const struct plan_source *plan = &s->plan->source[place];
    struct source_state *state = &s->source[place];
    if (plan->publishes) {
        state->subject = subjects_number(s->subjects, plan->subject);
    }
    workload_begin(s->plan, place, &state->times);
    source_post(s, place);
}

void world_emission(struct sim *s, const struct event *event) {
    uint32_t place = event_source(event) - s->plan->faults;
    const struct plan_source *plan = &s->plan->source[place];
    struct source_state *state = &s->source[place];
    if (state->posted_at == event->time) {
        source_post(s, place);
    }
    uint32_t version = 0, rank = event_entity(event);
    uint32_t cell = plan->publishes ? COLONY_NOBODY : sim_cell_of(s, rank);
    uint32_t scope = versions_scope_raised(s->aware, plan, cell);
    if (scope > 0) {
        version = aware_raise(s, scope, place, event->time);
    }
    if (plan->publishes) {
        send_publish_world(s, rank, state->subject, plan->signal, scope, version, place,
                           event->time);
        return;
    }
    struct tally_kind *kind = &s->tally.kind[plan->signal];
    if (event->time >= s->warm_up) {
        kind->emissions_targeted++;
        kind->copies++;
    }
    s->tally.sent++;
    s->tally.copies_local++;
    struct copy copy = {event->what, event->body, event_source(event), event->time};
    if (scope > 0) {
        uint32_t signal = signal_new(s);
        struct signal *of = sim_signal(s, signal);
        of->emission = event->time;
        of->scope = scope;
        of->version = version;
        of->kind = plan->signal;
        copy.what |= FLAG_SIGNAL << 4;
        copy.body = signal;
    }
    wake_arrive(s, rank, event->time, &copy);
}

/* Faults. */

/* Posts the lines of the next moment. */
static void fault_post(struct sim *s, uint32_t place) {
    const struct plan_fault *plan = &s->plan->fault[place];
    struct fault_state *state = &s->fault[place];
    state->posted_at = plan->at_ns + state->next_line * plan->every_ns;
    int64_t until = plan->every_ns > 0 ? state->next_line + 1 : plan->lines;
    until = until < plan->lines ? until : plan->lines;
    for (; state->next_line < until; state->next_line++) {
        for (uint32_t i = 0; i < state->chosen; i++) {
            sim_post(s, state->posted_at, sim_rank(s, state->cell[i]), place, 0, 0, 0, EVENT_FAULT,
                     place);
        }
    }
}

void world_line(struct sim *s, const struct event *event) {
    uint32_t place = event_source(event);
    struct fault_state *state = &s->fault[place];
    if (state->posted_at == event->time && state->next_line < s->plan->fault[place].lines) {
        fault_post(s, place);
    }
}

const struct plan_fault *world_misroute(const struct sim *s, uint32_t cell, const struct cell *c,
                                        int64_t start) {
    if (!(c->flags & CELL_CHOSEN)) {
        return NULL;
    }
    for (uint32_t i = 0; i < s->plan->faults; i++) {
        const struct plan_fault *fault = &s->plan->fault[i];
        if (!workload_turns(fault, start)) {
            continue;
        }
        for (uint32_t k = 0; k < s->fault[i].chosen; k++) {
            if (s->fault[i].cell[k] == cell) {
                return fault;
            }
        }
    }
    return NULL;
}

void world_storm(struct sim *s, int64_t emission) {
    s->tally.has_storm = true;
    if (emission < s->storm_from) {
        s->storm_from = emission;
        s->storm_check_at = emission;
        s->storm_until = s->tally.storm_wakes == 0 ? emission : s->storm_until;
        s->chore_at = emission < s->chore_at ? emission : s->chore_at;
    }
}

int world_init(struct sim *s, struct error *error) {
    const struct plan *plan = s->plan;
    if (workload_check(&s->colony, error) < 0) {
        return -1;
    }
    s->source = memory_new(plan->sources, sizeof *s->source);
    s->fault = memory_new(plan->faults, sizeof *s->fault);
    for (uint32_t i = 0; i < plan->faults; i++) {
        s->fault[i].chosen = workload_chosen(&s->colony, i, &s->fault[i].cell);
        s->fault[i].subject = subjects_number(s->subjects, plan->fault[i].onto);
        if (plan->fault[i].for_ns != PLAN_NONE) {
            for (uint32_t k = 0; k < s->fault[i].chosen; k++) {
                s->cell[sim_rank(s, s->fault[i].cell[k])].flags |= CELL_CHOSEN;
            }
        } else {
            fault_post(s, i);
        }
    }
    for (uint32_t i = 0; i < plan->sources; i++) {
        source_init(s, i);
    }
    return 0;
}

void world_deinit(struct sim *s) {
    for (uint32_t i = 0; s->fault && i < s->plan->faults; i++) {
        free(s->fault[i].cell);
    }
    free(s->fault);
    free(s->source);
}
