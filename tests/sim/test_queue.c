/*
 * The queue of events against a sorted list: whatever is posted and taken in whatever order, under
 * every width of buckets, events come out in the total order.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "sim/queue.h"

/* The reference: a heap that knows nothing but the key. */
struct list {
    struct event *event;
    uint32_t count, room;
};

static void list_post(struct list *list, const struct event *event) {
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 1024;
        list->event = memory_grow(list->event, list->room, sizeof *list->event);
    }
    uint32_t at = list->count++;
    for (; at > 0 && event_before(event, &list->event[(at - 1) / 2]); at = (at - 1) / 2) {
        list->event[at] = list->event[(at - 1) / 2];
    }
    list->event[at] = *event;
}

static struct event list_take(struct list *list) {
    struct event least = list->event[0], last = list->event[--list->count];
    uint32_t at = 0;
    for (uint32_t down = 1; down < list->count; down = 2 * at + 1) {
        down += down + 1 < list->count && event_before(&list->event[down + 1], &list->event[down]);
        if (!event_before(&list->event[down], &last)) {
            break;
        }
        list->event[at] = list->event[down];
        at = down;
    }
    list->event[at] = last;
    return least;
}

/* How far after the last event taken the next one is posted. */
enum spread {
    EQUAL,  /* now, or one of a few near times: many alike */
    NARROW, /* within 1 us */
    MIXED,  /* from 1 ns to minutes: every power of two alike */
    FAR,    /* seconds to hours */
    SPREADS,
};

struct pair {
    struct queue queue;
    struct list list;
    uint64_t seed, posted, drawn;
    int64_t now;
    enum spread spread;
    uint32_t streams; /* so many posts go by them, but for a share */
};

static uint64_t draw(struct pair *p) {
    return rng_draw(p->seed, 0xff, 0, p->drawn++);
}

static int64_t later(struct pair *p) {
    uint64_t bits = draw(p);
    switch (p->spread) {
    case EQUAL:
        return (int64_t)rng_below(bits, 3) * 100;
    case NARROW:
        return (int64_t)rng_below(bits, 1000);
    case MIXED:
        return (int64_t)(draw(p) >> (28 + rng_below(bits, 36)));
    default:
        return (int64_t)rng_below(bits, 4000) * 1000000000 + (int64_t)rng_below(draw(p), 3);
    }
}

static void post(struct pair *p) {
    uint32_t entity = rng_below(draw(p), 1000), source = rng_below(draw(p), 1000);
    struct event event = {
        .time = p->now + later(p),
        .who = event_who(entity, source),
        .what = event_what(p->posted, 0, 0, 0, EVENT_ARRIVAL), /* its number: posted first, first */
        .body = p->posted,
    };
    p->posted++;
    list_post(&p->list, &event);
    uint32_t by = p->streams ? rng_below(draw(p), p->streams + 1) : 0;
    if (by > 0) {
        queue_post_by(&p->queue, by - 1, event.time, event.who, event.what, event.body);
    } else {
        queue_post(&p->queue, &event);
    }
}

static void take(struct pair *p) {
    struct event expected = list_take(&p->list);
    const struct event *taken = queue_take(&p->queue);
    cr_assert(taken);
    struct event event = *taken;
    cr_assert(memcmp(&event, &expected, sizeof event) == 0,
              "seed %lu: event %lu at %ld, not %lu at %ld", (unsigned long)p->seed,
              (unsigned long)event.body, (long)event.time, (unsigned long)expected.body,
              (long)expected.time);
    p->now = event.time;
    queue_find_limit(&p->queue);
    cr_assert(p->list.count == 0 || p->queue.limit <= p->list.event[0].time);
}

static void count(void *context, const struct event *event) {
    (void)event;
    ++*(uint32_t *)context;
}

static void start(struct pair *p, int bits, uint64_t seed, uint32_t streams) {
    memset(p, 0, sizeof *p);
    p->seed = seed;
    p->streams = streams;
    queue_init(&p->queue, bits);
    for (uint32_t i = 1; i < streams; i++) {
        streams_add(&p->queue.streams, i);
    }
}

static void finish(struct pair *p) {
    while (p->list.count > 0) {
        take(p);
    }
    cr_assert(!queue_take(&p->queue));
    queue_deinit(&p->queue);
    free(p->list.event);
}

/* Grows to `most` waiting, shrinks to nothing, and again, one of the spreads after the other. */
static void waves_by(int bits, uint64_t seed, uint32_t most, uint32_t rounds, uint32_t spreads,
                     uint32_t streams) {
    static struct pair p;
    start(&p, bits, seed, streams);
    for (uint32_t round = 0; round < rounds; round++) {
        p.spread = (enum spread)(round % spreads);
        uint32_t posts_of_8 = 5; /* of eight steps so many post, until it is full */
        for (uint32_t step = 0; step < most * 6; step++) {
            posts_of_8 = p.list.count >= most ? 3 : p.list.count == 0 ? 5 : posts_of_8;
            if (p.list.count == 0 || rng_below(draw(&p), 8) < posts_of_8) {
                post(&p);
            } else {
                take(&p);
            }
        }
        uint32_t visited = 0;
        queue_visit(&p.queue, count, &visited);
        cr_assert_eq(visited, p.list.count);
    }
    finish(&p);
}

static void waves(int bits, uint64_t seed, uint32_t most, uint32_t rounds, uint32_t spreads) {
    waves_by(bits, seed, most, rounds, spreads, 0);
}

static const int widths[] = {-1, 0, 1, 4, 10, 20, 30, 40};
enum { WIDTHS = sizeof widths / sizeof *widths };

Test(queue, few_in_flight) {
    for (int i = 0; i < WIDTHS; i++) {
        waves(widths[i], 1, 5, 40, SPREADS);
        waves(widths[i], 2, 70, 20, SPREADS);
    }
}

/* All of them in the bucket that is being read: the small array is full, the heap behind it in use.
 */
Test(queue, crowded_near) {
    for (int i = 0; i < WIDTHS; i++) {
        waves(widths[i], 4, 150, 100, EQUAL + 1);
        waves(widths[i], 5, 150, 100, NARROW + 1);
        waves(widths[i], 6, 1000, 20, NARROW + 1);
    }
}

Test(queue, many_in_flight) {
    for (int i = 0; i < WIDTHS; i++) {
        waves(widths[i], 3, 5000, 8, SPREADS);
    }
}

/* More in one moment, and in one bucket, than a bucket should hold: it is split, or is one moment.
 */
static void huge_bucket(int bits, enum spread spread) {
    static struct pair p;
    start(&p, bits, 7, 0);
    p.spread = spread;
    for (int i = 0; i < 60000; i++) {
        post(&p);
    }
    for (int i = 0; i < 30000; i++) {
        take(&p);
        if (i % 3 == 0) {
            post(&p);
        }
    }
    finish(&p);
}

Test(queue, huge_buckets) {
    for (int i = 0; i < WIDTHS; i++) {
        huge_bucket(widths[i], EQUAL);
        huge_bucket(widths[i], NARROW);
        huge_bucket(widths[i], MIXED);
    }
}

/* What lies far beyond the ring comes back in order, with what is posted near in between. */
Test(queue, far_away) {
    for (int i = 0; i < WIDTHS; i++) {
        static struct pair p;
        start(&p, widths[i], 11, 0);
        for (int round = 0; round < 2000; round++) {
            p.spread = FAR;
            post(&p);
            p.spread = round % 2 ? NARROW : EQUAL;
            post(&p);
            take(&p);
        }
        finish(&p);
    }
}

/* An empty queue starts again, at once and long after. */
Test(queue, empty_and_again) {
    for (int i = 0; i < WIDTHS; i++) {
        static struct pair p;
        start(&p, widths[i], 13, 0);
        for (int round = 0; round < 3000; round++) {
            p.spread = (enum spread)(round % SPREADS);
            post(&p);
            take(&p);
        }
        finish(&p);
    }
}

/* Streams beside the queue: whatever they take or refuse, and however far they run ahead of the
 * buckets, the order is the same. */
Test(queue, streams) {
    for (int i = 0; i < WIDTHS; i++) {
        for (uint32_t streams = 1; streams <= STREAMS; streams++) {
            waves_by(widths[i], 10 + streams, 20, 20, SPREADS, streams);
            waves_by(widths[i], 20 + streams, 2000, 4, SPREADS, streams);
        }
    }
}

/* In order: a stream takes all, and the buckets move along behind it. */
Test(queue, a_stream_runs_alone) {
    for (int i = 0; i < WIDTHS; i++) {
        static struct pair p;
        start(&p, widths[i], 8, 1);
        for (uint32_t step = 0; step < 200000; step++) {
            struct event event = {.time = p.now + 1000, .what = event_what(step, 0, 0, 0, 0)};
            list_post(&p.list, &event);
            if (step % 1000 == 500) {
                queue_post(&p.queue, &event);
            } else {
                queue_post_by(&p.queue, STREAM_ENDS, event.time, event.who, event.what, event.body);
            }
            if (step >= 10) {
                take(&p);
            }
        }
        finish(&p);
    }
}
