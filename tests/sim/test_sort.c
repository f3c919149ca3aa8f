/* Sorting a bucket, against qsort: all sizes, widths and distributions. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "sim/sort.h"

enum { MOST = 40000 };

static int order(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

/* The total order, word by word: time, entity, source, number. */
static int compare(const void *one, const void *other) {
    const struct event *a = one, *b = other;
    int by_time = order((uint64_t)a->time, (uint64_t)b->time);
    int by_entity = order(event_entity(a), event_entity(b));
    int by_source = order(event_source(a), event_source(b));
    int by_number = order(a->what >> 24, b->what >> 24);
    return by_time ? by_time : by_entity ? by_entity : by_source ? by_source : by_number;
}

enum shape { SPREAD, CLUSTERED, ONE_MOMENT, ONE_KEY, RISING, FALLING, SHAPES };

static uint64_t draw(uint64_t seed, uint32_t n, uint32_t what) {
    return rng_draw(seed, 0xff, what, n);
}

static int64_t offset(enum shape shape, uint64_t seed, uint32_t i, uint32_t count, int bits) {
    uint64_t width = (uint64_t)1 << bits;
    switch (shape) {
    case SPREAD:
        return (int64_t)(draw(seed, i, 0) >> 1 & (width - 1));
    case CLUSTERED: /* most in a hundredth of the width, some anywhere */
        return (int64_t)((draw(seed, i, 0) >> 1) % (i % 8 ? width / 100 + 1 : width));
    case RISING:
        return (int64_t)((width - 1) / count * i);
    case FALLING:
        return (int64_t)((width - 1) / count * (count - 1 - i));
    default:
        return (int64_t)(width - 1);
    }
}

static void sort_one(enum shape shape, uint32_t count, int bits, int entity_bits, uint64_t seed) {
    static struct event unsorted[MOST], sorted[MOST], expected[MOST];
    static const struct event *chunk[MOST / SORT_CHUNK + 1];
    static struct sorter sorter;
    const int64_t from = (int64_t)7 << bits;
    uint64_t entities = (uint64_t)1 << entity_bits;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t entity = shape == ONE_KEY ? 0 : rng_below(draw(seed, i, 1), entities);
        uint32_t source = shape == ONE_KEY ? 0 : rng_below(draw(seed, i, 2), 4);
        uint64_t number = count - i; /* of one source, the last one posted goes first here */
        unsorted[i] = (struct event){.time = from + offset(shape, seed, i, count, bits),
                                     .who = event_who(entity, source),
                                     .what = event_what(number, 0, 0, 0, EVENT_ARRIVAL),
                                     .body = i};
    }
    for (uint32_t i = 0; i * SORT_CHUNK < count; i++) {
        chunk[i] = &unsorted[i * SORT_CHUNK];
    }
    memcpy(expected, unsorted, count * sizeof *unsorted);
    qsort(expected, count, sizeof *expected, compare);
    sort_events(&sorter, sorted, chunk, count, from, bits, entity_bits);
    cr_assert(memcmp(sorted, expected, count * sizeof *sorted) == 0,
              "shape %d, %u events, %d bits, %d bits of entities", (int)shape, count, bits,
              entity_bits);
}

Test(sort, every_shape_and_width) {
    const uint32_t counts[] = {0, 1, 2, 3, 23, 24, 25, 47, 48, 49, 100, 1000, 4096, 16385, MOST};
    const int bits[] = {0, 1, 3, 7, 11, 12, 13, 20, 30, 40};
    const int entity_bits[] = {1, 7, 19, 31};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        for (size_t b = 0; b < sizeof bits / sizeof *bits; b++) {
            for (int shape = 0; shape < SHAPES; shape++) {
                if (counts[c] > 5000 && b % 3 != (size_t)shape % 3) {
                    continue; /* the large ones: a third of them */
                }
                sort_one((enum shape)shape, counts[c], bits[b],
                         entity_bits[(b + (size_t)shape) % 4], b + c);
            }
        }
    }
}

Test(sort, random_sizes) {
    for (uint32_t i = 0; i < 2000; i++) {
        uint32_t count = 1 + rng_below(draw(5, i, 0), 300);
        int bits = (int)rng_below(draw(5, i, 1), 41);
        sort_one((enum shape)(i % SHAPES), count, bits, 1 + (int)rng_below(draw(5, i, 2), 31), i);
    }
}
