#include "sim/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "sim/queue_width.h"

/* A bound of address space, not of memory: 2^22 chunks hold 130 million events. */
enum { CHUNKS_MAPPED = 1 << 22, START_BITS = 10, HUGE_BUCKET = 16384 };

static const struct event sentinel = {INT64_MAX, UINT64_MAX, UINT64_MAX, 0};

static void sorted_make(struct queue *q, uint32_t room) {
    free(q->sorted);
    q->sorted_room = room;
    q->sorted = memory_new(room + 1, sizeof *q->sorted);
}

void queue_init(struct queue *q, int bits) {
    memset(q, 0, sizeof *q);
    q->adapts = bits < 0;
    q->bits = bits < 0 ? START_BITS : bits;
    q->chunk = memory_map((size_t)CHUNKS_MAPPED * QUEUE_CHUNK_BYTES);
    q->next = memory_map(CHUNKS_MAPPED * sizeof *q->next);
    q->chunk_made = 1;
    sorted_make(q, 4096);
    q->sorted[0] = sentinel;
    q->limit = INT64_MAX;
    q->entity_bits = 32;
    q->common_from = INT64_MAX;
    streams_init(&q->streams);
}

void queue_deinit(struct queue *q) {
    memory_unmap(q->chunk, (size_t)CHUNKS_MAPPED * QUEUE_CHUNK_BYTES);
    memory_unmap(q->next, CHUNKS_MAPPED * sizeof *q->next);
    free(q->sorted);
    free(q->gathered);
    free(q->heap.event);
    free(q->far.event);
    sort_deinit(&q->sorter);
    streams_deinit(&q->streams);
    memset(q, 0, sizeof *q);
}

void queue_post_beside(struct queue *q, uint32_t stream, int64_t time, uint64_t who, uint64_t what,
                       uint64_t body) {
    if (!streams_insert(&q->streams, stream, (struct event){time, who, what, body})) {
        queue_post_words(q, time, who, what, body);
    } else if (time < q->limit) {
        q->limit = time;
    }
}

/* Near: every event of the small array goes before every one of the heap. */

/* Makes room for an event in the full small array, or takes it into the heap: true. By value and
 * out of line, so that the event stays in registers where there is room. */
__attribute__((noinline)) static bool near_spill(struct queue *q, struct event event) {
    if (q->heap.count > 0 && !event_before(&event, &q->heap.event[0])) {
        heap_push(&q->heap, &event);
        q->heaped++;
        return true;
    }
    if (q->small_count < QUEUE_SMALL) {
        return false;
    }
    const struct event *last = &q->small[q->small_head + q->small_count - 1];
    bool spills = !event_before(&event, last);
    heap_push(&q->heap, spills ? &event : last);
    q->heaped++;
    q->small_count -= !spills;
    return spills;
}

void queue_post_near(struct queue *q, int64_t time, uint64_t who, uint64_t what, uint64_t body) {
    const struct event event = {time, who, what, body};
    q->landed_near++;
    if ((q->heap.count > 0 || q->small_count == QUEUE_SMALL) && near_spill(q, event)) {
        return;
    }
    struct event *small = q->small + q->small_head;
    uint32_t at = q->small_count++;
    for (; at > 0 && event_before(&event, &small[at - 1]); at--) {
        small[at] = small[at - 1];
    }
    small[at] = event;
}

/* The one just taken lies before all places written here and by the next posts. */
const struct event *queue_renew_small(struct queue *q, const struct event *taken) {
    if (q->small_head > QUEUE_SMALL) {
        memmove(q->small, q->small + q->small_head, q->small_count * sizeof *q->small);
        q->small_head = 0;
    }
    if (q->small_count == 0) {
        while (q->heap.count > 0 && q->small_count < QUEUE_SMALL / 2) {
            q->small[q->small_head + q->small_count++] = heap_pop(&q->heap);
        }
    }
    return taken;
}

/* The ring. */

void queue_extend(struct queue *q, uint32_t place_in_ring) {
    struct queue_bucket *bucket = &q->bucket[place_in_ring];
    uint32_t place = q->chunk_free;
    if (place) {
        q->chunk_free = q->next[place];
    } else {
        NERVE_ASSERT(q->chunk_made < CHUNKS_MAPPED);
        place = q->chunk_made++;
    }
    q->next[place] = 0;
    if (bucket->head) {
        q->next[(size_t)(bucket->end - q->chunk) / SORT_CHUNK - 1] = place;
    } else {
        bucket->head = place;
        q->used[place_in_ring / 64] |= 1ULL << place_in_ring % 64;
    }
    bucket->end = q->chunk + (size_t)place * SORT_CHUNK;
    bucket->chunks++;
    q->chunks_used++;
}

void queue_post_far(struct queue *q, int64_t time, uint64_t who, uint64_t what, uint64_t body) {
    const struct event event = {time, who, what, body};
    heap_push(&q->far, &event);
}

static uint32_t bucket_count(const struct queue *q, const struct queue_bucket *bucket) {
    if (!bucket->head) {
        return 0;
    }
    uint32_t last = (uint32_t)((size_t)(bucket->end - q->chunk - 1) % SORT_CHUNK) + 1;
    return (bucket->chunks - 1) * SORT_CHUNK + last;
}

/* The number of the first used bucket from ring_from on; -1: the ring is empty. */
static int64_t ring_next(const struct queue *q) {
    if (q->chunks_used == 0) {
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

static bool ring_reaches(const struct queue *q, int64_t time) {
    return time >> q->bits < q->ring_from + QUEUE_BUCKETS;
}

/* Of a sample of the far ones, how many the ring reaches. */
static uint32_t far_in_reach(const struct queue *q) {
    uint32_t reached = 0;
    for (uint32_t i = 0; i < QUEUE_FAR_SAMPLE; i++) {
        reached +=
            ring_reaches(q, q->far.event[(uint64_t)i * q->far.count / QUEUE_FAR_SAMPLE].time);
    }
    return reached;
}

static void far_to_ring(struct queue *q) {
    if (q->far.count > QUEUE_FAR_MANY && ring_reaches(q, q->far.event[0].time) &&
        far_in_reach(q) > QUEUE_FAR_SAMPLE / 2) {
        /* All in one pass: what stays far goes back to places that were read. */
        uint32_t count = q->far.count;
        q->far.count = 0;
        for (uint32_t i = 0; i < count; i++) {
            queue_post(q, &q->far.event[i]);
        }
    }
    while (q->far.count > 0 && ring_reaches(q, q->far.event[0].time)) {
        struct event event = heap_pop(&q->far);
        queue_post(q, &event);
    }
}

/* Frees a bucket's chain; what it holds can still be read until the next post. */
static struct queue_bucket bucket_free(struct queue *q, uint32_t number) {
    struct queue_bucket bucket = q->bucket[number];
    if (bucket.head) {
        q->next[(size_t)(bucket.end - q->chunk - 1) / SORT_CHUNK] = q->chunk_free;
        q->chunk_free = bucket.head;
        q->chunks_used -= bucket.chunks;
        q->used[number / 64] &= ~(1ULL << number % 64);
        q->bucket[number] = (struct queue_bucket){0};
    }
    return bucket;
}

/* Puts everything of the ring into buckets of another width, from a time on. Nothing is being
 * read. */
static void ring_rebuild(struct queue *q, int bits, int64_t from_ns) {
    struct queue_bucket *old = memory_new(QUEUE_BUCKETS, sizeof *old);
    memcpy(old, q->bucket, sizeof q->bucket);
    memset(q->bucket, 0, sizeof q->bucket);
    memset(q->used, 0, sizeof q->used);
    q->chunks_used = 0;
    q->bits = bits;
    q->ring_from = from_ns >> bits;
    for (uint32_t i = 0; i < QUEUE_BUCKETS; i++) {
        uint32_t left = bucket_count(q, &old[i]);
        for (uint32_t place = old[i].head, next; place; place = next) {
            const struct event *event = q->chunk + (size_t)place * SORT_CHUNK;
            uint32_t count = left < SORT_CHUNK ? left : SORT_CHUNK;
            for (uint32_t k = 0; k < count; k++) {
                queue_post(q, &event[k]);
            }
            left -= count;
            next = q->next[place];
            q->next[place] = q->chunk_free;
            q->chunk_free = place;
        }
    }
    free(old);
    far_to_ring(q);
    q->changed_at = q->read;
}

/* A bucket has been read: whether another width suits better. */
static void ring_adapt(struct queue *q) {
    uint64_t near = q->landed_near, waiting = q->chunks_used * (SORT_CHUNK / 4);
    q->landed_near = 0;
    q->read += q->sorted_count + near;
    if (!q->adapts || (q->read > 0 && q->read - q->changed_at < waiting + 1024)) {
        return;
    }
    int bits = queue_ring_bits(q, q->sorted_count, near);
    q->heaped = 0;
    bits = bits < 0 ? 0 : bits > QUEUE_MAX_BITS ? QUEUE_MAX_BITS : bits;
    if (bits != q->bits) {
        ring_rebuild(q, bits, q->ring_from << q->bits);
    }
}

/* Sorts a bucket and empties it. */
static void bucket_read(struct queue *q, int64_t number) {
    uint32_t place = number & (QUEUE_BUCKETS - 1);
    uint32_t count = bucket_count(q, &q->bucket[place]);
    struct queue_bucket bucket = bucket_free(q, place);
    if (bucket.chunks > q->gathered_room) {
        q->gathered_room = bucket.chunks * 2;
        q->gathered = memory_grow(q->gathered, q->gathered_room, sizeof *q->gathered);
    }
    for (uint32_t i = 0, at = bucket.head; i < bucket.chunks; i++, at = q->next[at]) {
        q->gathered[i] = q->chunk + (size_t)at * SORT_CHUNK;
    }
    if (count > q->sorted_room) {
        sorted_make(q, count * 2);
    }
    sort_events(&q->sorter, q->sorted, q->gathered, count, number << q->bits, q->bits,
                q->entity_bits);
    q->sorted[count] = sentinel;
    q->sorted_count = count;
    q->at = 0;
}

/* Nothing is in the ring before bucket `number` (-1: nothing at all), nor beyond it before `until`:
 * the ring moves up to there. */
static bool ring_skip(struct queue *q, int64_t number, int64_t until) {
    q->common_from = INT64_MAX;
    if (until == INT64_MAX) {
        return false;
    }
    int64_t from = until >> q->bits;
    q->ring_from = from > q->ring_from ? from : q->ring_from;
    far_to_ring(q);
    number = number < 0 ? ring_next(q) : number;
    if (number < 0 || number > q->ring_from + QUEUE_BUCKETS / 2) {
        number = q->ring_from + QUEUE_BUCKETS / 2; /* then it moves on */
    }
    q->common_from = number << q->bits;
    return false;
}

bool queue_read_next(struct queue *q, int64_t until) {
    if (q->sorted_count > 0 || q->landed_near > 0 || q->read == 0) {
        ring_adapt(q);
    }
    q->at = q->sorted_count = 0;
    q->sorted[0] = sentinel;
    for (;;) {
        int64_t number = ring_next(q);
        if (number < 0) {
            if (q->far.count == 0 || q->far.event[0].time > until) {
                return ring_skip(q, number, until);
            }
            /* The ring is empty: it moves to where the far ones begin. */
            int64_t from = q->far.event[0].time;
            q->bits =
                q->adapts && q->far.count > QUEUE_FAR_MANY ? queue_far_bits(q, from) : q->bits;
            q->ring_from = from >> q->bits;
            far_to_ring(q);
            continue;
        }
        if (number << q->bits > until) {
            return ring_skip(q, number, until);
        }
        q->ring_from = number;
        const struct queue_bucket *bucket = &q->bucket[number & (QUEUE_BUCKETS - 1)];
        if (q->adapts && bucket_count(q, bucket) > HUGE_BUCKET && q->bits > 3) {
            ring_rebuild(q, q->bits - 3, number << q->bits);
            continue;
        }
        bucket_read(q, number);
        q->ring_from = number + 1;
        far_to_ring(q);
        return true;
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
    q->limit = q->streams.next->time < limit ? q->streams.next->time : limit;
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
    for (uint32_t i = 0; i < q->streams.made; i++) {
        const struct stream *stream = &q->streams.stream[i];
        for (uint32_t at = stream->head; at != stream->tail; at++) {
            visit(context, stream_at(stream, at));
        }
    }
    for (uint32_t bucket = 0; bucket < QUEUE_BUCKETS; bucket++) {
        uint32_t left = bucket_count(q, &q->bucket[bucket]);
        for (uint32_t place = q->bucket[bucket].head; place; place = q->next[place]) {
            for (uint32_t i = 0; i < SORT_CHUNK && left > 0; i++, left--) {
                visit(context, &q->chunk[(size_t)place * SORT_CHUNK + i]);
            }
        }
    }
    for (uint32_t i = 0; i < q->far.count; i++) {
        visit(context, &q->far.event[i]);
    }
}
