/*
 * The way of a run: events in their order, each to the one that it happens to.
 */
#include "sim/sim.h"

#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "sim/aware.h"
#include "sim/chores.h"
#include "sim/cursor.h"
#include "sim/direct.h"
#include "sim/fetch.h"
#include "sim/figures.h"
#include "sim/link.h"
#include "sim/outcome.h"
#include "sim/send.h"
#include "sim/series.h"
#include "sim/setup.h"
#include "sim/station.h"
#include "sim/wake.h"
#include "sim/world.h"

enum { POOL_PLACES = 1U << 28, CURSOR_PLACES = 1 << 24, LOOK_EVERY = 1 << 15 };

static void sim_times(struct sim *s) {
    const struct plan_run *run = &s->plan->run;
    s->warm_up = run->warm_up_ns;
    s->end = run->duration_ns + run->drain_ns;
    s->storm_from = s->storm_check_at = NEVER_NS;
    s->storm_until = NEVER_NS;
    s->storm_busy_limit = INT64_MIN;
    s->limit_wakes = run->limit_wakes == PLAN_NONE ? INT64_MAX : run->limit_wakes;
    s->chore_at = 0;
    /* The first window of memory begins at 0, like every other before its events. */
    s->memory_window = -1;
}

struct sim *sim_create(const struct plan *plan, const struct sim_options *options,
                       struct error *error) {
    struct sim *s = memory_new(1, sizeof *s);
    s->plan = plan;
    s->seed = plan->run.seed;
    s->options = *options;
    if (colony_init(&s->colony, plan, error) < 0) {
        free(s);
        return NULL;
    }
    tally_init(&s->tally, plan);
    sim_times(s);
    queue_init(&s->queue, options->bucket_bits);
    pool_init(&s->mail, sizeof(struct mail), POOL_PLACES);
    pool_init(&s->signal, sizeof(struct signal), POOL_PLACES);
    pool_init(&s->cursor, sizeof(struct cursor), CURSOR_PLACES);
    pool_init(&s->change, sizeof(struct change), CURSOR_PLACES);
    lanes_init(&s->lanes);
    link_init(s);
    s->subjects = subjects_create(&s->colony);
    setup_streams(s);
    setup_hosts(s);
    setup_entities(s);
    s->queue.entity_bits = 64 - __builtin_clzll(s->cell_bytes / sizeof *s->cell);
    s->aware = memory_new(1, sizeof *s->aware);
    versions_init(s->aware, &s->colony, 0, plan->colony.cells);
    setup_timers(s);
    if (world_init(s, error) < 0) {
        sim_destroy(s);
        return NULL;
    }
    return s;
}

void sim_destroy(struct sim *s) {
    if (!s) {
        return;
    }
    outcome_release_signals(s);
    world_deinit(s);
    if (s->aware) {
        versions_deinit(s->aware);
        free(s->aware);
    }
    link_deinit(s);
    setup_release(s);
    subjects_destroy(s->subjects);
    queue_deinit(&s->queue);
    pool_deinit(&s->mail);
    pool_deinit(&s->signal);
    pool_deinit(&s->cursor);
    pool_deinit(&s->change);
    free(s->lanes.lane);
    colony_deinit(&s->colony);
    tally_deinit(&s->tally);
    free(s);
}

static void arrival(struct sim *s, const struct event *e) {
    if (what_flags(e->what) == 0 && direct_arrival(s, e)) {
        return;
    }
    if (event_source(e) < s->first_rank) {
        world_emission(s, e);
        return;
    }
    if (what_flags(e->what) & FLAG_SYNAPSE) {
        figures_release(s, PLACE_LINK, e->time - sim_signal(s, e->body)->left_at);
    }
    struct copy copy = {e->what, e->body, event_source(e), e->time};
    wake_arrive(s, event_entity(e), e->time, &copy);
}

static void own_event(struct sim *s, const struct event *e) {
    uint32_t rank = event_entity(e);
    if (what_nature(e->what) == EVENT_FAULT) {
        world_line(s, e);
    } else if (s->timer_number && !timer_fires(s, sim_cell_of(s, rank), e)) {
        return;
    } else if (direct_arrival(s, e)) {
        return;
    }
    struct copy copy = {e->what, e->body, event_source(e), e->time};
    wake_arrive(s, rank, e->time, &copy);
}

static void happen(struct sim *s, const struct event *e) {
    switch (what_nature(e->what)) {
    case EVENT_ARRIVAL:
        arrival(s, e);
        break;
    case EVENT_READY:
        wake_ready(s, event_entity(e), e->time);
        break;
    case EVENT_TIMER:
    case EVENT_FAULT:
        own_event(s, e);
        break;
    case EVENT_LEAVE:
        link_leave(s, e);
        break;
    case EVENT_ADOPTED:
        aware_adopted(s, sim_cell_of(s, event_entity(e)), (uint32_t)e->body, e->time);
        break;
    case EVENT_SUBSCRIBE:
        send_change_done(s, e->body);
        break;
    case EVENT_CURSOR:
        cursor_run(s, e);
        break;
    case EVENT_AT_STATION:
        station_arrive(s, e);
        break;
    case EVENT_STATION_READY:
        station_ready(s, e);
        break;
    case EVENT_SLICE:
        station_slice(s, e);
        break;
    }
}

static int64_t wall_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Asks the one outside whether to go on. */
static bool goes_on(struct sim *s, int64_t began_ns) {
    const struct sim_hooks *hooks = &s->options.hooks;
    if (hooks->progress && hooks->progress(hooks->context, s->now, s->tally.wakes)) {
        s->interrupted = true;
    }
    int64_t limit = s->plan->run.limit_wall_ns;
    if (limit != PLAN_NONE && wall_ns() - began_ns > limit) {
        s->stopped = true;
    }
    return !s->interrupted && !s->stopped;
}

/* Events yet to come before another series is tried, and how many they were after the last one that
 * was no use. */
struct series_chance {
    uint32_t wait, step;
};

enum { SERIES_WORTH = 8, SERIES_WAIT = 31 };

/* The next event that is not of a series. */
static inline const struct event *next_event(struct sim *s, struct series_chance *chance) {
    if (chance->wait > 0) {
        chance->wait--;
    } else if (series_run(s) >= SERIES_WORTH) {
        chance->step = 0;
    } else {
        chance->step = chance->step < SERIES_WAIT ? chance->step * 2 + 1 : SERIES_WAIT;
        chance->wait = chance->step;
    }
    return queue_take(&s->queue);
}

enum sim_status sim_run(struct sim *s) {
    int64_t began_ns = wall_ns();
    uint64_t look_at = LOOK_EVERY;
    struct series_chance chance = {0, 0};
    const struct event *event;
    while ((event = next_event(s, &chance)) && event->time <= s->end) {
        fetch_ahead(s);
        s->now = event->time;
        if (s->now >= s->chore_at) {
            chores_run(s, s->now);
            if (s->now > s->end) { /* its memory killed a host */
                break;
            }
        }
        s->tally.events++;
        happen(s, event);
        if (s->tally.wakes >= (uint64_t)s->limit_wakes) {
            s->stopped = true;
            s->end = s->now;
            break;
        }
        if (s->tally.events >= look_at) {
            look_at = s->tally.events + LOOK_EVERY;
            if (!goes_on(s, began_ns)) {
                s->end = s->now;
                break;
            }
        }
    }
    if (event && event->time > s->end) {
        queue_post(&s->queue, event);
    }
    chores_finish(s, s->end);
    outcome_fill(s);
    return s->interrupted ? SIM_INTERRUPTED : s->stopped ? SIM_STOPPED : SIM_OK;
}
