/*
 * The queue of events: gives them back in their total order, whatever its buckets' width.
 *
 * A ring of buckets, each 2^bits ns wide, holds what is to come in unsorted chunks; when its turn
 * comes a bucket is sorted and read in order. What is posted into the bucket that is being read
 * goes to `near`: a small sorted array filled from its back, with a heap behind it. What lies
 * beyond the ring goes to a far heap. The width adapts to 1,000 to 4,000 events a bucket and to
 * what lands near; few in flight live in the small array alone.
 *
 * Beside all that run streams (stream.h), for events that come nearly in their order. A stream
 * takes what it can; the rest goes the common way. Whatever the way, the order is the same.
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
#include "sim/heap.h"
#include "sim/sort.h"
#include "sim/stream.h"

enum {
    QUEUE_BUCKETS = 4096,
    QUEUE_CHUNK_BYTES = SORT_CHUNK * sizeof(struct event),
    QUEUE_SMALL = 64, /* the small sorted array */
    QUEUE_MAX_BITS = 40,
};

/* A chain of chunks, all full but the last. */
struct queue_bucket {
    struct event *end; /* where the next event goes; at a chunk's border: into a new one */
    uint32_t head, chunks;
};

struct queue {
    /* The bucket being read. */
    struct event *sorted; /* one sentinel behind its end */
    uint32_t at, sorted_count, sorted_room;
    /* Near; what is earlier than ring_from lands here. */
    uint32_t small_head, small_count;
    struct event small[QUEUE_SMALL * 2 + 2];
    struct event_heap heap;
    struct streams streams;
    bool from_stream;    /* the event taken last */
    int64_t common_from; /* nothing outside the streams is earlier than this */
    /* No event in the queue is earlier than this. */
    int64_t limit;
    /* The ring. */
    int bits;
    bool adapts;
    int64_t ring_from; /* bucket number (time >> bits) of the first bucket not read yet */
    struct queue_bucket bucket[QUEUE_BUCKETS];
    uint64_t used[QUEUE_BUCKETS / 64];
    struct event_heap far;
    /* Chunks: a large mapping, touched as it fills; place 0 is none. */
    struct event *chunk;
    uint32_t *next; /* of a chunk in its chain */
    uint32_t chunk_made, chunk_free, chunks_used;
    const struct event **gathered; /* the chunks of the bucket being sorted */
    uint32_t gathered_room;
    struct sorter sorter;
    int entity_bits; /* all entities are below 2^this: where it is known, sorting is faster */
    /* Adapting. */
    uint64_t landed_near, heaped, read, changed_at;
};

/* bits: the buckets' width as a power of two of ns, or -1 to adapt. */
void queue_init(struct queue *queue, int bits);
void queue_deinit(struct queue *queue);

/* Ways that are taken seldom, out of line. queue_read_next: reads the next bucket, unless all in it
 * is later than `until`. */
bool queue_read_next(struct queue *queue, int64_t until);
const struct event *queue_renew_small(struct queue *queue, const struct event *taken);
/* By a stream that cannot simply append it, or else the common way. */
void queue_post_beside(struct queue *queue, uint32_t stream, int64_t time, uint64_t who,
                       uint64_t what, uint64_t body);
void queue_extend(struct queue *queue, uint32_t place_in_ring);
void queue_post_near(struct queue *queue, int64_t time, uint64_t who, uint64_t what, uint64_t body);
void queue_post_far(struct queue *queue, int64_t time, uint64_t who, uint64_t what, uint64_t body);

/* Takes the first event; NULL: there is none. It stays where it is until the next is taken. */
static inline const struct event *queue_take(struct queue *q) {
    while (q->streams.next->time >= q->common_from) {
        const struct event *first = &q->sorted[q->at];
        bool near = q->small_count > 0 && event_before(&q->small[q->small_head], first);
        first = near ? &q->small[q->small_head] : first;
        if (first->time == INT64_MAX) { /* the sentinel: all read */
            if (queue_read_next(q, q->streams.next->time)) {
                continue;
            }
            if (q->streams.next->time == INT64_MAX) {
                return NULL;
            }
            break;
        }
        if (event_before(q->streams.next, first)) {
            q->common_from = first->time;
            break;
        }
        q->from_stream = false;
        if (near) {
            q->small_head++;
            q->small_count--;
            bool renew = q->small_count == 0 || q->small_head > QUEUE_SMALL;
            return renew ? queue_renew_small(q, first) : first;
        }
        q->at++;
        return first;
    }
    q->from_stream = true;
    return streams_take(&q->streams);
}

/* The event that is so many behind the next one, where the last came from: in the bucket that is
 * read, or in the stream; NULL: none. */
static inline const struct event *queue_ahead(const struct queue *q, uint32_t behind) {
    if (q->from_stream) {
        const struct stream *stream = &q->streams.stream[q->streams.first];
        return behind < stream->tail - stream->head ? stream_at(stream, stream->head + behind)
                                                    : NULL;
    }
    return q->at + behind < q->sorted_count ? &q->sorted[q->at + behind] : NULL;
}

/* Works `limit` out anew: the earliest time that the queue can still hold. */
void queue_find_limit(struct queue *queue);

/* Inline, and word by word: an event goes from registers straight to its place. */
static inline void queue_post_words(struct queue *q, int64_t time, uint64_t who, uint64_t what,
                                    uint64_t body) {
    int64_t number = time >> q->bits;
    if (time < q->limit) {
        q->limit = time;
    }
    if (time < q->common_from) {
        q->common_from = time;
    }
    if (number < q->ring_from) {
        queue_post_near(q, time, who, what, body);
    } else if (number >= q->ring_from + QUEUE_BUCKETS) {
        queue_post_far(q, time, who, what, body);
    } else {
        struct queue_bucket *bucket = &q->bucket[number & (QUEUE_BUCKETS - 1)];
        if (((uintptr_t)bucket->end & (QUEUE_CHUNK_BYTES - 1)) == 0) {
            queue_extend(q, number & (QUEUE_BUCKETS - 1));
        }
        struct event *end = bucket->end++;
        end->time = time;
        end->who = who;
        end->what = what;
        end->body = body;
    }
}

static inline void queue_post(struct queue *q, const struct event *event) {
    queue_post_words(q, event->time, event->who, event->what, event->body);
}

/* Posts by a stream, if it takes it. What is appended to a stream is later than what the stream
 * holds: it lowers no limit. */
static inline void queue_post_by(struct queue *q, uint32_t stream, int64_t time, uint64_t who,
                                 uint64_t what, uint64_t body) {
    if (!stream_append(&q->streams.stream[stream], time, who, what, body)) {
        queue_post_beside(q, stream, time, who, what, body);
    }
}

/* Visits every event in it, in no order. */
void queue_visit(const struct queue *queue, void (*visit)(void *context, const struct event *event),
                 void *context);

#endif
