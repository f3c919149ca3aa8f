/*
 * An event of the virtual clock: 32 bytes, ordered by (time, entity, source, number). `what` packs
 * the source's running number above the event's nature, so that three words compare the whole key
 * and the nature never decides (numbers of one source differ).
 */
#ifndef NERVE_SIM_EVENT_H
#define NERVE_SIM_EVENT_H

#include <stdbool.h>
#include <stdint.h>

enum event_nature {
    EVENT_ARRIVAL,    /* a copy at a cell; body: emission, or a signal's place if FLAG_SIGNAL */
    EVENT_READY,      /* a cell falls free and somebody waits */
    EVENT_TIMER,      /* a cell's own; kind: timer's place */
    EVENT_FAULT,      /* a fault's line at a cell; kind: low byte of nothing; body: fault's place */
    EVENT_LEAVE,      /* a copy leaves its cell by a synapse; body: signal */
    EVENT_ADOPTED,    /* a wake that raised a follower's version has ended; body: version */
    EVENT_SUBSCRIBE,  /* a subscription takes effect; body: place of the change */
    EVENT_CURSOR,     /* the next copy of a loop under way; body: cursor */
    EVENT_AT_STATION, /* a publication or a copy of it at a station; body: signal */
    EVENT_STATION_READY,
    EVENT_SLICE, /* a station's long job goes on */
};

enum event_flag {
    FLAG_SIGNAL = 1,  /* body is a signal's place, not an emission */
    FLAG_LOOP = 2,    /* made by a loop: comes in the order of memory */
    FLAG_SYNAPSE = 4, /* came over a link */
    FLAG_LOCAL = 8,   /* at a station: service of the publisher's own node */
};

struct event {
    int64_t time;
    uint64_t who;  /* entity << 32 | source */
    uint64_t what; /* number << 24 | slot << 16 | kind << 8 | flags << 4 | nature */
    uint64_t body;
};

static inline uint64_t event_who(uint32_t entity, uint32_t source) {
    return (uint64_t)entity << 32 | source;
}

static inline uint64_t event_what(uint64_t number, uint32_t slot, uint32_t kind, uint32_t flags,
                                  enum event_nature nature) {
    return number << 24 | (uint64_t)slot << 16 | (uint64_t)kind << 8 | (uint64_t)flags << 4 |
           (uint64_t)nature;
}

static inline uint32_t event_entity(const struct event *e) {
    return (uint32_t)(e->who >> 32);
}

static inline uint32_t event_source(const struct event *e) {
    return (uint32_t)e->who;
}

static inline enum event_nature what_nature(uint64_t what) {
    return (enum event_nature)(what & 15);
}

static inline uint32_t what_flags(uint64_t what) {
    return (uint32_t)(what >> 4 & 15);
}

static inline uint32_t what_kind(uint64_t what) {
    return (uint32_t)(what >> 8 & 255);
}

static inline uint32_t what_slot(uint64_t what) {
    return (uint32_t)(what >> 16 & 255);
}

/* Whether a goes before b: the total order. */
static inline bool event_before(const struct event *a, const struct event *b) {
    if (a->time != b->time) {
        return a->time < b->time;
    }
    if (a->who != b->who) {
        return a->who < b->who;
    }
    return a->what < b->what;
}

#endif
