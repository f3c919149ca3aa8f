/*
 * Lanes: the cursors to cells that are under way, sorted by the time of their next copy, apart from
 * the queue. While the events of the queue are later, their copies come from here without it.
 * Filled from the back: among loops of one pace the lane whose copy has come is the last one again.
 *
 * A lane is the event of its next copy (body: the cursor). Memory by itself; one thread.
 */
#ifndef NERVE_SIM_LANES_H
#define NERVE_SIM_LANES_H

#include <string.h>

#include "base/memory.h"
#include "sim/event.h"

enum { LANES_MOST = 1024 };

struct lanes {
    struct event *lane;
    uint32_t head, tail;
};

static inline uint32_t lanes_count(const struct lanes *l) {
    return l->tail - l->head;
}

static inline struct event *lanes_front(const struct lanes *l) {
    return &l->lane[l->head];
}

static inline void lanes_put(struct lanes *l, const struct event *event) {
    if (__builtin_expect(l->tail == 2 * LANES_MOST, 0)) {
        l->tail -= l->head;
        memmove(l->lane, l->lane + l->head, l->tail * sizeof *l->lane);
        l->head = 0;
    }
    struct event *lane = l->lane;
    uint32_t at = l->tail++;
    for (; at > l->head && event_before(event, &lane[at - 1]); at--) {
        lane[at] = lane[at - 1];
    }
    lane[at] = *event;
}

/* The front's next copy is that one: it stays, or goes to its place among the others; or it has
 * none. */
static inline void lanes_settle(struct lanes *l, const struct event *event, bool more) {
    struct event *front = lanes_front(l);
    if (!more || (l->tail - l->head > 1 && event_before(front + 1, event))) {
        l->head++;
        if (more) {
            lanes_put(l, event);
        }
    } else {
        *front = *event;
    }
}

static inline void lanes_init(struct lanes *l) {
    *l = (struct lanes){memory_new(2 * LANES_MOST, sizeof *l->lane), 0, 0};
}

#endif
