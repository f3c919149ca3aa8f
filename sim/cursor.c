#include "sim/cursor.h"

#include "sim/burst.h"
#include "sim/direct.h"
#include "sim/station.h"
#include "sim/wake.h"

/* When the next copy arrives: its departure, through the card where it leaves the host. */
static int64_t arrival(const struct cursor *c) {
    if (!c->by_card) {
        return c->time + c->latency_ns;
    }
    int64_t start = c->time > c->card_free ? c->time : c->card_free;
    return start + c->card_ns + c->latency_ns;
}

/* The event of the next copy. */
static inline void next_event(const struct sim *s, const struct cursor *c, struct event *event) {
    if (!c->to_readers) {
        event->time = c->time;
        event->who = event_who(cursor_cell(c, c->at) + c->offset, c->source);
        event->what =
            event_what(c->number, c->slot[c->at], c->kind, FLAG_SIGNAL | FLAG_LOOP, EVENT_CURSOR);
        return;
    }
    const struct audience *a = sim_signal(s, c->signal)->audience;
    event->time = arrival(c);
    event->who = event_who(sim_station_rank(s, a->node[c->place], STATION_READER), c->source);
    event->what = event_what(c->number, 0, c->kind, FLAG_SIGNAL, EVENT_CURSOR);
}

/* Moves on to the copy behind. */
static inline void advance(const struct sim *s, struct cursor *c) {
    if (c->by_card) {
        c->card_free = arrival(c) - c->latency_ns;
    }
    c->time += c->step;
    c->number++;
    c->at++;
    if (c->to_readers) {
        const struct audience *a = sim_signal(s, c->signal)->audience;
        if (s->plan->stages.fan_out == FAN_OUT_EDGE) {
            c->place = c->at;
        } else {
            while (c->at < c->end && c->at >= a->entry_first[c->place + 1]) {
                c->place++;
            }
        }
    }
}

void cursor_start(struct sim *s, uint32_t place) {
    struct cursor *c = pool_at(&s->cursor, place);
    struct event event = {.body = place};
    next_event(s, c, &event);
    queue_post(&s->queue, &event);
}

/* One copy reaches where it goes. */
static void deliver(struct sim *s, const struct cursor *c, const struct event *event) {
    struct signal *signal = sim_signal(s, c->signal);
    signal->holders++;
    if (c->to_readers) {
        struct event copy = *event;
        copy.what = (event->what & ~15ULL) | EVENT_AT_STATION;
        copy.body = c->signal | (uint64_t)c->at << 32;
        station_arrive(s, &copy);
        return;
    }
    struct copy copy = {(event->what & ~15ULL) | EVENT_ARRIVAL, c->signal, c->source, event->time};
    wake_arrive(s, event_entity(event), event->time, &copy);
}

static void cursor_end(struct sim *s, uint32_t place) {
    struct cursor *c = pool_at(&s->cursor, place);
    signal_release(s, c->signal);
    pool_give(&s->cursor, place);
}

/* Whether its next copy must wait for something else. */
static bool waits(const struct sim *s, int64_t time) {
    return time >= s->queue.limit || time >= s->chore_at || time > s->end ||
           s->tally.wakes >= (uint64_t)s->limit_wakes;
}

/* A cursor by itself, its next copy always an event: to readers, and to cells where there are too
 * many lanes. */
static void alone_run(struct sim *s, const struct event *first) {
    uint32_t place = (uint32_t)first->body;
    struct cursor *c = pool_at(&s->cursor, place);
    struct event event = *first;
    do {
        s->now = event.time;
        deliver(s, c, &event);
        advance(s, c);
        if (c->at == c->end) {
            cursor_end(s, place);
            return;
        }
        next_event(s, c, &event);
    } while (!waits(s, event.time));
    event.body = place;
    queue_post(&s->queue, &event);
}

bool cursor_moves(struct sim *s, struct event *lane, uint32_t n) {
    struct cursor *c = pool_at(&s->cursor, (uint32_t)lane->body);
    c->time += n * c->step;
    c->number += n;
    c->at += n;
    if (c->at == c->end) {
        cursor_end(s, (uint32_t)lane->body);
        return false;
    }
    next_event(s, c, lane);
    return true;
}

/* The front lane's copy, whatever it meets. */
static void lane_delivers(struct sim *s) {
    struct event event = *lanes_front(&s->lanes);
    const struct cursor *c = pool_at(&s->cursor, (uint32_t)event.body);
    s->now = event.time;
    if (!direct_copy(s, c, event.time)) {
        deliver(s, c, &event);
    }
    lanes_settle(&s->lanes, &event, cursor_moves(s, &event, 1));
}

/* Goes on with the lanes from their front's copy on, whose time has come. */
static void lanes_run(struct sim *s) {
    do {
        if (burst_run(s) == 0) {
            lane_delivers(s);
        }
    } while (lanes_count(&s->lanes) > 0 && !waits(s, lanes_front(&s->lanes)->time));
    if (lanes_count(&s->lanes) > 0) {
        const struct event *front = lanes_front(&s->lanes);
        struct cursor *c = pool_at(&s->cursor, (uint32_t)front->body);
        if (!c->posted) {
            c->posted = true;
            queue_post(&s->queue, front);
        }
    }
}

void cursor_run(struct sim *s, const struct event *first) {
    struct cursor *c = pool_at(&s->cursor, (uint32_t)first->body);
    queue_find_limit(&s->queue);
    if (c->to_readers || (!c->active && lanes_count(&s->lanes) == LANES_MOST)) {
        alone_run(s, first);
        return;
    }
    if (!c->active) {
        c->active = true;
        lanes_put(&s->lanes, first);
    }
    c->posted = false;
    lanes_run(s);
}

uint64_t cursor_left(const struct sim *s, const struct cursor *c) {
    const struct audience *a = sim_signal(s, c->signal)->audience;
    if (c->to_readers && s->plan->stages.fan_out == FAN_OUT_EDGE) {
        return a->head_first[c->end] - a->head_first[c->at];
    }
    return c->end - c->at;
}
