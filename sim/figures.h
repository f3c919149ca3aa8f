/*
 * What a wake adds to the figures: digest, latency by phase, the storm, what is held. Inline where
 * every wake passes.
 */
#ifndef NERVE_SIM_FIGURES_H
#define NERVE_SIM_FIGURES_H

#include "sim/cost.h"
#include "sim/state.h"

/* A place's held copy leaves it. */
static inline void figures_held(struct sim *s, enum tally_place place, int64_t held_ns) {
    struct tally_buffer *buffer = &s->tally.buffer[place];
    buffer->held_sum_ns += (uint128)(uint64_t)held_ns;
    histogram_record(buffer->held, held_ns, 1);
}

static inline void figures_hold(struct sim *s, enum tally_place place) {
    uint64_t now = ++s->buffer_now[place];
    struct tally_buffer *buffer = &s->tally.buffer[place];
    buffer->peak = now > buffer->peak ? now : buffer->peak;
}

static inline void figures_release(struct sim *s, enum tally_place place, int64_t held_ns) {
    s->buffer_now[place]--;
    figures_held(s, place, held_ns);
}

/* n copies to cells of a signal are gone, by that cause. */
static inline void figures_drop(struct sim *s, enum tally_cause cause, uint64_t n) {
    s->tally.dropped[cause] += n;
}

static inline enum tally_phase figures_phase(struct sim *s, int64_t emission) {
    if (emission < s->storm_from) {
        return PHASE_BEFORE;
    }
    if (emission <= s->storm_until) {
        return PHASE_DURING;
    }
    s->after_filled = true;
    return PHASE_AFTER;
}

/* A wake of the storm ends later than all before: what was taken for `after` so far is `during`. */
void figures_storm_goes_on(struct sim *s);

/* The storm lasts until `end` at least: the busy time up to there, of all that is decided. */
static inline void figures_storm_lasts(struct sim *s, int64_t end) {
    if (s->after_filled || s->storm_cores_later > 0) {
        figures_storm_goes_on(s);
    }
    s->storm_until = s->storm_busy_limit = end;
    s->storm_busy_until = 0;
    for (uint32_t i = 0; i < s->hosts; i++) {
        if (s->host[i].counted) {
            s->storm_busy_until += s->host[i].busy_all;
            s->storm_busy_until -= cores_busy_after(&s->host[i].cores, end);
        }
    }
}

static inline void figures_storm_wake(struct sim *s, int64_t cost, int64_t end) {
    s->tally.storm_wakes++;
    s->tally.storm_work_ns += cost;
    if (end > s->storm_until || s->tally.storm_wakes == 1) {
        figures_storm_lasts(s, end);
    }
}

#endif
