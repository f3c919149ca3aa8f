#include "sim/stream.h"

#include <string.h>

#include "base/memory.h"

enum { START_ROOM = 128, TROUBLES = 64, POSTS_A_TROUBLE = 16, CLOSED_POSTS = 1 << 20 };

static const struct event none = {INT64_MAX, UINT64_MAX, UINT64_MAX, 0};

static void stream_make(struct streams *streams, int64_t period_ns) {
    struct stream *l = &streams->stream[streams->made++];
    *l = (struct stream){.event = memory_map(START_ROOM * sizeof *l->event),
                         .mask = START_ROOM - 1,
                         .room = START_ROOM - 2,
                         .period_ns = period_ns};
}

void streams_init(struct streams *streams) {
    memset(streams, 0, sizeof *streams);
    streams->next = &none;
    stream_make(streams, 0);
}

void streams_deinit(struct streams *streams) {
    for (uint32_t i = 0; i < streams->made; i++) {
        struct stream *l = &streams->stream[i];
        memory_unmap(l->event, ((size_t)l->mask + 1) * sizeof *l->event);
    }
    memset(streams, 0, sizeof *streams);
}

void streams_add(struct streams *streams, int64_t period_ns) {
    if (streams->made < STREAMS && streams_of(streams, period_ns) == STREAM_NONE) {
        stream_make(streams, period_ns);
    }
}

static void stream_grow(struct stream *l) {
    size_t room = (size_t)l->mask + 1;
    struct event *grown = memory_map(room * 2 * sizeof *grown);
    uint32_t count = l->tail - l->head;
    for (uint32_t i = 0; i < count; i++) {
        grown[i] = *stream_at(l, l->head + i);
    }
    memory_unmap(l->event, room * sizeof *l->event);
    l->event = grown;
    l->head = 0;
    l->tail = count;
    l->mask = (uint32_t)(room * 2 - 1);
    l->room = l->mask - 1;
}

static void stream_trouble(struct stream *l) {
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

void streams_find_next(struct streams *streams) {
    streams->next = &none;
    for (uint32_t i = 0; i < streams->made; i++) {
        const struct stream *l = &streams->stream[i];
        const struct event *first = stream_at(l, l->head);
        if (l->tail != l->head && event_before(first, streams->next)) {
            streams->next = first;
            streams->first = i;
        }
    }
}

bool streams_insert(struct streams *streams, uint32_t stream, struct event event) {
    struct stream *l = &streams->stream[stream];
    if (l->closed > 0) {
        l->closed--;
        l->room = l->closed > 0 ? 0 : l->mask - 1;
        return false;
    }
    if (l->tail - l->head > STREAM_REACH &&
        event_before(&event, stream_at(l, l->tail - STREAM_REACH))) {
        stream_trouble(l);
        return false;
    }
    if (l->tail - l->head == l->mask) {
        stream_grow(l);
        streams_find_next(streams);
    }
    uint32_t at = l->tail++;
    for (; at != l->head && event_before(&event, stream_at(l, at - 1)); at--) {
        *stream_at(l, at) = *stream_at(l, at - 1);
    }
    *stream_at(l, at) = event;
    if (l->tail - at > STREAM_EASY + 1) {
        stream_trouble(l);
    }
    if (at == l->head) {
        streams->used += l->tail - at == 1;
        streams_find_next(streams);
    }
    return true;
}
