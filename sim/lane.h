/*
 * Lanes: events that come nearly in their order, each kept sorted in a ring that is filled from its
 * back. What leaves cells at the ends of their jobs comes so, and timers of one constant period,
 * but for what wakes' costs differ. No buckets, no sorting; an event that would have to pass too
 * many others is refused.
 *
 * Memory by lanes_init; one thread.
 */
#ifndef NERVE_SIM_LANE_H
#define NERVE_SIM_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/event.h"

enum {
    LANE_REACH = 32, /* how many one may pass */
    LANE_EASY = 4,   /* passing so many is no trouble */
    LANES = 4,
    LANE_ENDS = 0, /* of jobs' ends; the others are each of a period's timers */
    LANE_NONE = LANES,
};

struct lane {
    struct event *event; /* a ring: the first at head & mask, the last before tail & mask */
    uint32_t head, tail, mask;
    uint32_t room; /* while it holds so many at most, it takes more unasked; 0: it is closed */
    int64_t period_ns;
    uint32_t troubles, since; /* of the posts since then */
    uint32_t closed; /* posts that it will yet refuse unseen: its events come in no order */
};

struct lanes {
    struct lane lane[LANES];
    uint32_t made, used;      /* used: that hold events */
    uint32_t first;           /* the one whose first event goes before all others' */
    const struct event *next; /* that event; of none, the time is INT64_MAX */
    struct event taken;
};

void lanes_init(struct lanes *lanes);
void lanes_deinit(struct lanes *lanes);

/* Makes a lane for timers of that period, if there is none yet, and room for one more. */
void lanes_add(struct lanes *lanes, int64_t period_ns);

/* Ways that are taken seldom, out of line. */
void lanes_find_next(struct lanes *lanes);

/* The lane of a period's timers, or LANE_NONE. */
static inline uint32_t lanes_of(const struct lanes *l, int64_t period_ns) {
    for (uint32_t i = LANE_ENDS + 1; i < l->made; i++) {
        if (l->lane[i].period_ns == period_ns) {
            return i;
        }
    }
    return LANE_NONE;
}

/* A place between a lane's head and tail. */
static inline struct event *lane_at(const struct lane *l, uint32_t at) {
    return &l->event[at & l->mask];
}

/* Takes an event that goes before others, or whose place needs thought; false: it refuses. */
bool lanes_insert(struct lanes *lanes, uint32_t lane, struct event event);

/* Takes an event in behind all others of its lane, if it is later; false: it is not, or the lane is
 * empty, full or closed. Word by word: what is read soon after must have been written in the same
 * width. */
static inline bool lane_append(struct lane *l, int64_t time, uint64_t who, uint64_t what,
                               uint64_t body) {
    uint32_t at = l->tail;
    if (at - l->head - 1 >= l->room || time <= lane_at(l, at - 1)->time) {
        return false;
    }
    struct event *place = lane_at(l, at);
    place->time = time;
    place->who = who;
    place->what = what;
    place->body = body;
    l->tail = at + 1;
    return true;
}

/* Drops the first event of all lanes that hold some. */
static inline void lanes_drop(struct lanes *lanes) {
    struct lane *l = &lanes->lane[lanes->first];
    uint32_t head = ++l->head;
    if (lanes->used == 1 && head != l->tail) {
        lanes->next = lane_at(l, head);
    } else {
        lanes->used -= head == l->tail;
        lanes_find_next(lanes);
    }
}

/* Takes the first event of all lanes that hold some; it stays until the next is taken. */
static inline const struct event *lanes_take(struct lanes *lanes) {
    const struct event *first = lanes->next;
    lanes->taken.time = first->time;
    lanes->taken.who = first->who;
    lanes->taken.what = first->what;
    lanes->taken.body = first->body;
    lanes_drop(lanes);
    return &lanes->taken;
}

#endif
