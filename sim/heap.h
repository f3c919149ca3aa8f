/*
 * A heap of events, the least first; 4-ary. Zeroed at first; memory grows as it fills, the owner
 * frees `event`.
 */
#ifndef NERVE_SIM_HEAP_H
#define NERVE_SIM_HEAP_H

#include <stdint.h>

#include "sim/event.h"

struct event_heap {
    struct event *event; /* the least at 0 */
    uint32_t count, room;
};

void heap_push(struct event_heap *heap, const struct event *event);

/* Takes the least of a heap that holds some. */
struct event heap_pop(struct event_heap *heap);

#endif
