#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "tests/naive/naive_engine.h"

void *naive_list_add(struct list *list, size_t bytes) {
    if (list->count == list->room) {
        list->room = list->room == 0 ? 8 : list->room * 2;
        list->data = memory_grow(list->data, list->room, bytes);
    }
    void *element = (char *)list->data + list->count++ * bytes;
    memset(element, 0, bytes);
    return element;
}

void naive_list_free(struct list *list) {
    free(list->data);
    memset(list, 0, sizeof *list);
}

/* The total order: time, entity, source, the source's number. */
static bool before(const struct event *a, const struct event *b) {
    if (a->time != b->time) {
        return a->time < b->time;
    }
    if (a->entity != b->entity) {
        return a->entity < b->entity;
    }
    if (a->source != b->source) {
        return a->source < b->source;
    }
    return a->number < b->number;
}

void naive_heap_push(struct naive *n, const struct event *event) {
    if (n->heap_count == n->heap_room) {
        n->heap_room = n->heap_room == 0 ? 1024 : n->heap_room * 2;
        n->heap = memory_grow(n->heap, n->heap_room, sizeof *n->heap);
    }
    size_t at = n->heap_count++;
    while (at > 0 && before(event, &n->heap[(at - 1) / 2])) {
        n->heap[at] = n->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    n->heap[at] = *event;
}

struct event naive_heap_pop(struct naive *n) {
    NERVE_ASSERT(n->heap_count > 0);
    struct event top = n->heap[0];
    struct event last = n->heap[--n->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= n->heap_count) {
            break;
        }
        if (child + 1 < n->heap_count && before(&n->heap[child + 1], &n->heap[child])) {
            child++;
        }
        if (!before(&n->heap[child], &last)) {
            break;
        }
        n->heap[at] = n->heap[child];
        at = child;
    }
    n->heap[at] = last;
    return top;
}
