/*
 * Streams: events that come nearly in their order, each kept sorted in a ring that is filled from
 * its back. What leaves cells at the ends of their jobs comes so, and timers of one constant
 * period, but for what wakes' costs differ. No buckets, no sorting; an event that would have to
 * pass too many others is refused.
 *
 * Memory by streams_init; one thread.
 */
#ifndef NERVE_SIM_STREAM_H
#define NERVE_SIM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/event.h"

enum {
    STREAM_REACH = 32, /* how many one may pass */
    STREAM_EASY = 4,   /* passing so many is no trouble */
    STREAMS = 4,
    STREAM_ENDS = 0, /* of jobs' ends; the others are each of a period's timers */
    STREAM_NONE = STREAMS,
};

struct stream {
    struct event *event; /* a ring: the first at head & mask, the last before tail & mask */
    uint32_t head, tail, mask;
    uint32_t room; /* while it holds so many at most, it takes more unasked; 0: it is closed */
    int64_t period_ns;
    uint32_t troubles, since; /* of the posts since then */
    uint32_t closed; /* posts that it will yet refuse unseen: its events come in no order */
};

struct streams {
    struct stream stream[STREAMS];
    uint32_t made, used;      /* used: that hold events */
    uint32_t first;           /* the one whose first event goes before all others' */
    const struct event *next; /* that event; of none, the time is INT64_MAX */
    struct event taken;
};

void streams_init(struct streams *streams);
void streams_deinit(struct streams *streams);

/* Makes a stream for timers of that period, if there is none yet, and room for one more. */
void streams_add(struct streams *streams, int64_t period_ns);

/* Ways that are taken seldom, out of line. */
void streams_find_next(struct streams *streams);

/* The stream of a period's timers, or STREAM_NONE. */
static inline uint32_t streams_of(const struct streams *l, int64_t period_ns) {
    for (uint32_t i = STREAM_ENDS + 1; i < l->made; i++) {
        if (l->stream[i].period_ns == period_ns) {
            return i;
        }
    }
    return STREAM_NONE;
}

/* A place between a stream's head and tail. */
static inline struct event *stream_at(const struct stream *l, uint32_t at) {
    return &l->event[at & l->mask];
}

/* Takes an event that goes before others, or whose place needs thought; false: it refuses. */
bool streams_insert(struct streams *streams, uint32_t stream, struct event event);

/* Takes an event in behind all others of its stream, if it is later; false: it is not, or the
 * stream is empty, full or closed. Word by word: what is read soon after must have been written in
 * the same width. */
static inline bool stream_append(struct stream *l, int64_t time, uint64_t who, uint64_t what,
                                 uint64_t body) {
    uint32_t at = l->tail;
    if (at - l->head - 1 >= l->room || time <= stream_at(l, at - 1)->time) {
        return false;
    }
    struct event *place = stream_at(l, at);
    place->time = time;
    place->who = who;
    place->what = what;
    place->body = body;
    l->tail = at + 1;
    return true;
}

/* Drops the first event of all streams that hold some. */
static inline void streams_drop(struct streams *streams) {
    struct stream *l = &streams->stream[streams->first];
    uint32_t head = ++l->head;
    if (streams->used == 1 && head != l->tail) {
        streams->next = stream_at(l, head);
    } else {
        streams->used -= head == l->tail;
        streams_find_next(streams);
    }
}

/* Takes the first event of all streams that hold some; it stays until the next is taken. */
static inline const struct event *streams_take(struct streams *streams) {
    const struct event *first = streams->next;
    streams->taken.time = first->time;
    streams->taken.who = first->who;
    streams->taken.what = first->what;
    streams->taken.body = first->body;
    streams_drop(streams);
    return &streams->taken;
}

#endif
