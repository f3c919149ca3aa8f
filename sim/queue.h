/*
 * The queue of events: gives them back in their total order, whatever its buckets' width.
 *
 * A ring of buckets, each 2^bits ns wide, holds what is to come in unsorted chunks; when its turn
 * comes a bucket is sorted and read in order. What is posted into the bucket that is being read
 * goes to `near`: a small sorted array filled from its back, with a heap behind it. What lies
 * beyond the ring goes to a far heap. The width adapts to 1,000 to 4,000 events a bucket and to
 * what lands near; few in flight live in the small array alone.
 *
 * Memory of the caller (queue_init); one thread. Nothing may be posted before the time of the last
 * event taken.
 */
#ifndef NERVE_SIM_QUEUE_H
#define NERVE_SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/event.h"

enum {
    QUEUE_BUCKETS = 4096,
    QUEUE_CHUNK = 31, /* events a chunk: 1 KiB with its header */
    QUEUE_SMALL = 64, /* the small sorted array */
    QUEUE_MAX_BITS = 40,
};

struct queue_chunk {
    uint32_t next, count;
    uint32_t unused[6];
    struct event event[QUEUE_CHUNK];
};

struct queue_heap {
    struct event *event;
    uint32_t count, room;
};

struct queue {
    /* The bucket being read. */
    struct event *sorted; /* one sentinel behind its end */
    uint32_t at, sorted_count, sorted_room;
    int64_t read_until; /* end of that bucket: earlier posts land near */
    /* Near. */
    struct event small[QUEUE_SMALL * 2];
    uint32_t small_head, small_count;
    struct queue_heap heap;
    /* No event in the queue is earlier than this. */
    int64_t limit;
    /* The ring. */
    int bits;
    bool adapts;
    int64_t ring_from; /* bucket number (time >> bits) of the first bucket not read yet */
    uint32_t head[QUEUE_BUCKETS], tail[QUEUE_BUCKETS];
    uint64_t used[QUEUE_BUCKETS / 64];
    uint64_t in_ring;
    struct queue_heap far;
    /* Chunks. */
    struct queue_chunk *chunk; /* a large mapping, touched as it fills; place 0 is none */
    uint32_t chunk_room, chunk_made, chunk_free;
    int entity_bits; /* all entities are below 2^this: where it is known, sorting is faster */
    /* Adapting. */
    uint64_t landed_near, heaped, taken, changed_at;
};

/* bits: the buckets' width as a power of two of ns, or -1 to adapt. */
void queue_init(struct queue *queue, int bits);
void queue_deinit(struct queue *queue);

/* Takes the first event; false: there is none. */
bool queue_take(struct queue *queue, struct event *event);

/* The event that is so many behind the next one in the bucket that is read; NULL: none. */
static inline const struct event *queue_ahead(const struct queue *q, uint32_t behind) {
    return q->at + behind < q->sorted_count ? &q->sorted[q->at + behind] : NULL;
}

/* Works `limit` out anew: the earliest time that the queue can still hold. */
void queue_find_limit(struct queue *queue);

void queue_post_near(struct queue *queue, const struct event *event);
void queue_post_later(struct queue *queue, const struct event *event);

static inline void queue_post(struct queue *q, const struct event *event) {
    if (event->time < q->limit) {
        q->limit = event->time;
    }
    if (event->time < q->read_until) {
        queue_post_near(q, event);
    } else {
        queue_post_later(q, event);
    }
}

/* Visits every event in it, in no order. */
void queue_visit(const struct queue *queue, void (*visit)(void *context, const struct event *event),
                 void *context);

#endif
