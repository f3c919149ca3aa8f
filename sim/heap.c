#include "sim/heap.h"

#include "base/memory.h"

void heap_push(struct event_heap *heap, const struct event *event) {
    if (heap->count == heap->room) {
        heap->room = heap->room ? heap->room * 2 : 256;
        heap->event = memory_grow(heap->event, heap->room, sizeof *heap->event);
    }
    uint32_t at = heap->count++;
    while (at > 0) {
        uint32_t up = (at - 1) / 4;
        if (!event_before(event, &heap->event[up])) {
            break;
        }
        heap->event[at] = heap->event[up];
        at = up;
    }
    heap->event[at] = *event;
}

struct event heap_pop(struct event_heap *heap) {
    struct event least = heap->event[0];
    struct event last = heap->event[--heap->count];
    uint32_t at = 0;
    for (;;) {
        uint32_t down = at * 4 + 1;
        if (down >= heap->count) {
            break;
        }
        uint32_t end = down + 4 < heap->count ? down + 4 : heap->count;
        for (uint32_t other = down + 1; other < end; other++) {
            down = event_before(&heap->event[other], &heap->event[down]) ? other : down;
        }
        if (!event_before(&heap->event[down], &last)) {
            break;
        }
        heap->event[at] = heap->event[down];
        at = down;
    }
    heap->event[at] = last;
    return least;
}
