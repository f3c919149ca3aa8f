#include "model/cell.h"

#include "base/assert.h"
#include "base/rng.h"

static bool case_fits(const struct colony *colony, const struct cell_event *event,
                      const struct genome_reaction *r) {
    if (r->when_newer && !event->newer) {
        return false;
    }
    if (r->when_from != GENOME_NONE &&
        (event->sender == COLONY_NOBODY || colony->type[event->sender] != r->when_from)) {
        return false;
    }
    return !r->when_probability ||
           rng_below(cell_draw(colony, event, RNG_WHEN, r->place), 1000000000) < r->probability_ppb;
}

const struct genome_reaction *cell_case(const struct colony *colony,
                                        const struct cell_event *event) {
    const struct genome *g = &colony->plan->genome;
    const struct genome_reaction *r = genome_first(g, event->type, event->state, event->column);
    while (r && r->conditional && !case_fits(colony, event, r)) {
        r = r->otherwise == GENOME_NONE ? NULL : &g->reaction[r->otherwise];
    }
    return r;
}

/* Adds the sends, and the publications that take the place of misrouted ones. */
static struct effect *add_sends(const struct colony *colony, const struct cell_event *event,
                                const struct genome_reaction *r, struct effect *e) {
    for (uint32_t k = 0; k < r->sends; k++) {
        const struct genome_send *send = &r->send[k];
        if (send->signal == event->misrouted) {
            e->kind = EFFECT_PUBLISH;
            e->signal = send->signal;
            e->subject = NULL;
            e++;
            continue;
        }
        uint32_t target = cell_target(colony, event, send, k);
        if (target != COLONY_NOBODY) {
            e->kind = EFFECT_SEND;
            e->signal = send->signal;
            e->target = target;
            e++;
        }
    }
    return e;
}

static struct effect *add_subjects(const struct genome_reaction *r, struct effect *e) {
    for (uint32_t k = 0; k < r->publishes; k++, e++) {
        e->kind = EFFECT_PUBLISH;
        e->signal = r->publish[k].signal;
        e->subject = r->publish[k].subject;
    }
    for (uint32_t k = 0; k < r->subscribes; k++, e++) {
        e->kind = r->subscribe[k].subject ? EFFECT_SUBSCRIBE : EFFECT_UNSUBSCRIBE;
        e->slot = r->subscribe[k].slot;
        e->subject = r->subscribe[k].subject;
    }
    return e;
}

static struct effect *add_timers(const struct colony *colony, const struct cell_event *event,
                                 const struct genome_reaction *r, struct effect *e) {
    for (uint32_t k = 0; k < r->timers; k++, e++) {
        const struct genome_set_timer *timer = &r->timer[k];
        e->slot = timer->timer;
        if (timer->stop) {
            e->kind = EFFECT_STOP_TIMER;
        } else {
            e->kind = EFFECT_SET_TIMER;
            e->after_ns = cell_law(colony, event, &timer->after, RNG_TIMER, timer->timer);
        }
    }
    return e;
}

void cell_react(const struct colony *colony, const struct cell_event *event,
                struct cell_outcome *outcome) {
    const struct genome_reaction *r = cell_case(colony, event);
    outcome->effects = 0;
    if (!r) {
        outcome->work_ns = 0;
        outcome->touch_bytes = 0;
        outcome->state = event->state;
        outcome->adopt = true;
        return;
    }
    outcome->work_ns = cell_law(colony, event, &r->work, RNG_WORK, 0);
    outcome->touch_bytes = r->touch_bytes;
    outcome->state = r->next == GENOME_NONE ? event->state : (uint8_t)r->next;
    outcome->adopt = r->adopt;
    uint32_t most = (uint32_t)r->sends + r->publishes + r->subscribes + r->timers;
    if (most > 0) {
        NERVE_ASSERT(most <= CELL_MAX_EFFECTS);
        struct effect *e = add_sends(colony, event, r, outcome->effect);
        e = add_subjects(r, e);
        e = add_timers(colony, event, r, e);
        outcome->effects = (uint32_t)(e - outcome->effect);
    }
}
