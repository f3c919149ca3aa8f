#include "sim/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "sim/sort.h"

/* A bound of address space, not of memory: 2^22 chunks hold 130 million events. */
enum { CHUNKS_MAPPED = 1 << 22, START_BITS = 10, HUGE_BUCKET = 16384 };

static const struct event sentinel = {INT64_MAX, UINT64_MAX, UINT64_MAX, 0};

void queue_init(struct queue *q, int bits) {
    memset(q, 0, sizeof *q);
    q->adapts = bits < 0;
    q->bits = bits < 0 ? START_BITS : bits;
    q->chunk_room = CHUNKS_MAPPED;
    q->chunk = memory_map((size_t)CHUNKS_MAPPED * sizeof *q->chunk);
    q->chunk_made = 1;
    q->sorted_room = 4096;
    q->sorted = memory_new(q->sorted_room + 1, sizeof *q->sorted);
    q->sorted[0] = sentinel;
    q->limit = INT64_MAX;
    q->entity_bits = 32;
}

void queue_deinit(struct queue *q) {
    memory_unmap(q->chunk, (size_t)CHUNKS_MAPPED * sizeof *q->chunk);
    sort_forget();
    free(q->sorted);
    free(q->heap.event);
    free(q->far.event);
    memset(q, 0, sizeof *q);
}

/* Heaps: 4-ary, the least first. */

static void heap_push(struct queue_heap *heap, const struct event *event) {
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

static struct event heap_pop(struct queue_heap *heap) {
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

/* Near: every event of the small array goes before every one of the heap. */

static void small_insert(struct queue *q, const struct event *event) {
    if (q->small_head + q->small_count == QUEUE_SMALL * 2) {
        memmove(q->small, q->small + q->small_head, q->small_count * sizeof *q->small);
        q->small_head = 0;
    }
    struct event *small = q->small + q->small_head;
    uint32_t at = q->small_count++;
    while (at > 0 && event_before(event, &small[at - 1])) {
        small[at] = small[at - 1];
        at--;
    }
    small[at] = *event;
}

void queue_post_near(struct queue *q, const struct event *event) {
    q->landed_near++;
    if (q->heap.count > 0 && !event_before(event, &q->heap.event[0])) {
        heap_push(&q->heap, event);
        q->heaped++;
        return;
    }
    if (q->small_count == QUEUE_SMALL) {
        const struct event *last = &q->small[q->small_head + q->small_count - 1];
        q->heaped++;
        if (!event_before(event, last)) {
            heap_push(&q->heap, event);
            return;
        }
        heap_push(&q->heap, last);
        q->small_count--;
    }
    small_insert(q, event);
}

static void small_refill(struct queue *q) {
    q->small_head = 0;
    while (q->heap.count > 0 && q->small_count < QUEUE_SMALL / 2) {
        q->small[q->small_count++] = heap_pop(&q->heap);
    }
}

/* The ring. */

static uint32_t chunk_new(struct queue *q) {
    uint32_t place = q->chunk_free;
    if (place) {
        q->chunk_free = q->chunk[place].next;
    } else {
        NERVE_ASSERT(q->chunk_made < q->chunk_room);
        place = q->chunk_made++;
    }
    q->chunk[place].next = 0;
    q->chunk[place].count = 0;
    return place;
}

void queue_post_later(struct queue *q, const struct event *event) {
    int64_t number = event->time >> q->bits;
    if (number >= q->ring_from + QUEUE_BUCKETS) {
        heap_push(&q->far, event);
        return;
    }
    uint32_t bucket = (uint32_t)number & (QUEUE_BUCKETS - 1);
    uint32_t tail = q->tail[bucket];
    if (tail == 0 || q->chunk[tail].count == QUEUE_CHUNK) {
        uint32_t fresh = chunk_new(q);
        if (tail == 0) {
            q->head[bucket] = fresh;
            q->used[bucket / 64] |= 1ULL << bucket % 64;
        } else {
            q->chunk[tail].next = fresh;
        }
        q->tail[bucket] = tail = fresh;
    }
    struct queue_chunk *chunk = &q->chunk[tail];
    chunk->event[chunk->count++] = *event;
    q->in_ring++;
}

/* The number of the first used bucket from ring_from on; -1: the ring is empty. */
static int64_t ring_next(const struct queue *q) {
    if (q->in_ring == 0) {
        return -1;
    }
    uint32_t start = (uint32_t)q->ring_from & (QUEUE_BUCKETS - 1);
    for (uint32_t step = 0; step <= QUEUE_BUCKETS / 64; step++) {
        uint32_t word = (start / 64 + step) % (QUEUE_BUCKETS / 64);
        uint64_t bits = q->used[word];
        if (step == 0) {
            bits &= ~0ULL << start % 64;
        } else if (step == QUEUE_BUCKETS / 64) {
            bits &= ~(~0ULL << start % 64);
        }
        if (bits) {
            uint32_t bucket = word * 64 + (uint32_t)__builtin_ctzll(bits);
            return q->ring_from + ((bucket - start) & (QUEUE_BUCKETS - 1));
        }
    }
    NERVE_ASSERT(!"a ring that holds events has a used bucket");
    return -1;
}

static void far_to_ring(struct queue *q) {
    while (q->far.count > 0 && q->far.event[0].time >> q->bits < q->ring_from + QUEUE_BUCKETS) {
        struct event event = heap_pop(&q->far);
        queue_post_later(q, &event);
    }
}

/* Empties a bucket into the sorted array, unsorted, and frees its chunks. */
static void bucket_gather(struct queue *q, uint32_t bucket, struct event **into, uint32_t *room) {
    uint32_t count = 0;
    for (uint32_t place = q->head[bucket]; place;) {
        struct queue_chunk *chunk = &q->chunk[place];
        if (count + chunk->count > *room) {
            *room = (count + chunk->count) * 2;
            *into = memory_grow(*into, *room + 1, sizeof **into);
        }
        memcpy(*into + count, chunk->event, chunk->count * sizeof **into);
        count += chunk->count;
        uint32_t next = chunk->next;
        chunk->next = q->chunk_free;
        q->chunk_free = place;
        place = next;
    }
    q->head[bucket] = q->tail[bucket] = 0;
    q->used[bucket / 64] &= ~(1ULL << bucket % 64);
    q->in_ring -= count;
    q->sorted_count = count;
}

/* Puts everything of the ring into buckets of another width. Nothing is being read. */
static void ring_rebuild(struct queue *q, int bits) {
    uint64_t count = 0;
    struct event *all = memory_new(q->in_ring + 1, sizeof *all);
    for (uint32_t bucket = 0; bucket < QUEUE_BUCKETS; bucket++) {
        if (q->head[bucket]) {
            bucket_gather(q, bucket, &q->sorted, &q->sorted_room);
            memcpy(all + count, q->sorted, q->sorted_count * sizeof *all);
            count += q->sorted_count;
        }
    }
    int64_t from_ns = q->read_until;
    q->bits = bits;
    q->ring_from = from_ns >> bits;
    for (uint64_t i = 0; i < count; i++) {
        queue_post_later(q, &all[i]);
    }
    free(all);
    far_to_ring(q);
    q->sorted_count = q->at = 0;
    q->sorted[0] = sentinel;
    q->changed_at = q->taken;
}

static void ring_adapt(struct queue *q, uint32_t sorted) {
    uint64_t near = q->landed_near;
    uint64_t total = sorted + near;
    q->landed_near = 0;
    if (!q->adapts || q->taken - q->changed_at < q->in_ring / 4 + 1024) {
        return;
    }
    /* The small array alone is the fastest of all: only what spills into the heap counts. */
    bool crowded = q->heaped > total / 4 && q->heaped > 64;
    q->heaped = 0;
    if (crowded || (total > 4096 && total - near > near)) {
        int bits = q->bits - (total > 16384 ? 3 : 1);
        if (q->bits > 0) {
            ring_rebuild(q, bits < 0 ? 0 : bits);
        }
    } else if (total < 1024 && q->bits < QUEUE_MAX_BITS) {
        ring_rebuild(q, q->bits + (total < 128 && q->heaped == 0 ? 2 : 1));
    }
}

/* The ring is empty: it moves to where the far ones begin, wide enough for most of them. */
static void ring_reach_far(struct queue *q) {
    int64_t from = q->far.event[0].time, last = from;
    for (uint32_t i = 0; q->adapts && i < q->far.count; i += q->far.count / 64 + 1) {
        last = q->far.event[i].time > last ? q->far.event[i].time : last;
    }
    while (q->far.count > 4096 && (last - from) >> q->bits > QUEUE_BUCKETS / 2 &&
           q->bits < QUEUE_MAX_BITS) {
        q->bits++;
    }
    q->ring_from = from >> q->bits;
    far_to_ring(q);
}

static bool ring_read_next(struct queue *q) {
    ring_adapt(q, q->sorted_count);
    for (;;) {
        int64_t number = ring_next(q);
        if (number < 0) {
            if (q->far.count == 0) {
                return false;
            }
            ring_reach_far(q);
            continue;
        }
        q->ring_from = number;
        q->read_until = number << q->bits; /* for a rebuild */
        bucket_gather(q, (uint32_t)number & (QUEUE_BUCKETS - 1), &q->sorted, &q->sorted_room);
        if (q->adapts && q->sorted_count > HUGE_BUCKET && q->bits > 3) {
            /* Too many for one bucket: split it at once. */
            for (uint32_t i = 0; i < q->sorted_count; i++) {
                queue_post_later(q, &q->sorted[i]);
            }
            ring_rebuild(q, q->bits - 3);
            continue;
        }
        q->ring_from = number + 1;
        q->read_until = (number + 1) << q->bits;
        far_to_ring(q);
        sort_events(q->sorted, q->sorted_count, number << q->bits, q->bits, q->entity_bits);
        q->sorted[q->sorted_count] = sentinel;
        q->at = 0;
        return true;
    }
}

bool queue_take(struct queue *q, struct event *event) {
    for (;;) {
        if (q->small_count > 0) {
            const struct event *near = &q->small[q->small_head];
            if (event_before(near, &q->sorted[q->at])) {
                *event = *near;
                q->small_head++;
                if (--q->small_count == 0) {
                    small_refill(q);
                }
                q->taken++;
                return true;
            }
        }
        if (q->at < q->sorted_count) {
            *event = q->sorted[q->at++];
            q->taken++;
            return true;
        }
        if (!ring_read_next(q)) {
            return false;
        }
    }
}

void queue_find_limit(struct queue *q) {
    int64_t limit = q->sorted[q->at].time;
    if (q->small_count > 0 && q->small[q->small_head].time < limit) {
        limit = q->small[q->small_head].time;
    }
    if (limit == INT64_MAX) {
        int64_t number = ring_next(q);
        if (number >= 0) {
            limit = number << q->bits;
        } else if (q->far.count > 0) {
            limit = q->far.event[0].time;
        }
    }
    q->limit = limit;
}

void queue_visit(const struct queue *q, void (*visit)(void *, const struct event *),
                 void *context) {
    for (uint32_t i = q->at; i < q->sorted_count; i++) {
        visit(context, &q->sorted[i]);
    }
    for (uint32_t i = 0; i < q->small_count; i++) {
        visit(context, &q->small[q->small_head + i]);
    }
    for (uint32_t i = 0; i < q->heap.count; i++) {
        visit(context, &q->heap.event[i]);
    }
    for (uint32_t bucket = 0; bucket < QUEUE_BUCKETS; bucket++) {
        for (uint32_t place = q->head[bucket]; place; place = q->chunk[place].next) {
            for (uint32_t i = 0; i < q->chunk[place].count; i++) {
                visit(context, &q->chunk[place].event[i]);
            }
        }
    }
    for (uint32_t i = 0; i < q->far.count; i++) {
        visit(context, &q->far.event[i]);
    }
}
