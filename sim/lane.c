#include "sim/lane.h"

#include <string.h>

#include "base/memory.h"

enum { START_ROOM = 128, TROUBLES = 64, POSTS_A_TROUBLE = 16, CLOSED_POSTS = 1 << 20 };

static const struct event none = {INT64_MAX, UINT64_MAX, UINT64_MAX, 0};

static void lane_make(struct lanes *lanes, int64_t period_ns) {
    struct lane *l = &lanes->lane[lanes->made++];
    *l = (struct lane){.event = memory_map(START_ROOM * sizeof *l->event),
                       .mask = START_ROOM - 1,
                       .room = START_ROOM - 2,
                       .period_ns = period_ns};
}

void lanes_init(struct lanes *lanes) {
    memset(lanes, 0, sizeof *lanes);
    lanes->next = &none;
    lane_make(lanes, 0);
}

void lanes_deinit(struct lanes *lanes) {
    for (uint32_t i = 0; i < lanes->made; i++) {
        struct lane *l = &lanes->lane[i];
        memory_unmap(l->event, ((size_t)l->mask + 1) * sizeof *l->event);
    }
    memset(lanes, 0, sizeof *lanes);
}

void lanes_add(struct lanes *lanes, int64_t period_ns) {
    if (lanes->made < LANES && lanes_of(lanes, period_ns) == LANE_NONE) {
        lane_make(lanes, period_ns);
    }
}

static void lane_grow(struct lane *l) {
    size_t room = (size_t)l->mask + 1;
    struct event *grown = memory_map(room * 2 * sizeof *grown);
    uint32_t count = l->tail - l->head;
    for (uint32_t i = 0; i < count; i++) {
        grown[i] = *lane_at(l, l->head + i);
    }
    memory_unmap(l->event, room * sizeof *l->event);
    l->event = grown;
    l->head = 0;
    l->tail = count;
    l->mask = (uint32_t)(room * 2 - 1);
    l->room = l->mask - 1;
}

static void lane_trouble(struct lane *l) {
    if (++l->troubles < TROUBLES) {
        return;
    }
    if (l->tail - l->since < TROUBLES * POSTS_A_TROUBLE) {
        l->closed = CLOSED_POSTS;
        l->room = 0;
    }
    l->troubles = 0;
    l->since = l->tail;
}

void lanes_find_next(struct lanes *lanes) {
    lanes->next = &none;
    for (uint32_t i = 0; i < lanes->made; i++) {
        const struct lane *l = &lanes->lane[i];
        const struct event *first = lane_at(l, l->head);
        if (l->tail != l->head && event_before(first, lanes->next)) {
            lanes->next = first;
            lanes->first = i;
        }
    }
}

bool lanes_insert(struct lanes *lanes, uint32_t lane, struct event event) {
    struct lane *l = &lanes->lane[lane];
    if (l->closed > 0) {
        l->closed--;
        l->room = l->closed > 0 ? 0 : l->mask - 1;
        return false;
    }
    if (l->tail - l->head > LANE_REACH && event_before(&event, lane_at(l, l->tail - LANE_REACH))) {
        lane_trouble(l);
        return false;
    }
    if (l->tail - l->head == l->mask) {
        lane_grow(l);
        lanes_find_next(lanes);
    }
    uint32_t at = l->tail++;
    for (; at != l->head && event_before(&event, lane_at(l, at - 1)); at--) {
        *lane_at(l, at) = *lane_at(l, at - 1);
    }
    *lane_at(l, at) = event;
    if (l->tail - at > LANE_EASY + 1) {
        lane_trouble(l);
    }
    if (at == l->head) {
        lanes->used += l->tail - at == 1;
        lanes_find_next(lanes);
    }
    return true;
}
