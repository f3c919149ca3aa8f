#include "sim/sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { BIN_BITS = 12, FEW = 24, CROWDED = 48, FETCH = 4 /* chunks ahead */ };

/* A key: as much of (time, entity) as fits above the event's place among the bucket's events. */
struct form {
    int64_t from;
    int time_drop, entity_drop, entity_bits, place_bits, key_bits;
};

static struct form form_of(uint32_t count, int64_t from, int bits, int entity_bits) {
    struct form f = {.from = from, .place_bits = 32 - __builtin_clz(count)};
    int room = 64 - f.place_bits;
    f.time_drop = bits > room ? bits - room : 0;
    room -= bits - f.time_drop;
    f.entity_bits = entity_bits < room ? entity_bits : room;
    f.entity_drop = entity_bits - f.entity_bits;
    f.key_bits = bits - f.time_drop + f.entity_bits;
    return f;
}

static inline uint64_t key_of(const struct form *f, const struct event *event, uint32_t place) {
    uint64_t time = (uint64_t)(event->time - f->from) >> f->time_drop;
    uint64_t key = time << f->entity_bits | event->who >> 32 >> f->entity_drop;
    return key << f->place_bits | place;
}

static int compare_keys(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int compare_events(const void *a, const void *b) {
    return event_before(a, b) ? -1 : event_before(b, a);
}

static void keys_sort_few(uint64_t *key, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        uint64_t moved = key[i];
        uint32_t at = i;
        for (; at > 0 && key[at - 1] > moved; at--) {
            key[at] = key[at - 1];
        }
        key[at] = moved;
    }
}

static void keys_make(const struct form *f, uint64_t *key, const struct event *const *chunk,
                      uint32_t count) {
    struct form form = *f;
    for (uint32_t i = 0; i < count; i += SORT_CHUNK) {
        uint32_t end = count - i < SORT_CHUNK ? count - i : SORT_CHUNK;
        const struct event *event = chunk[i / SORT_CHUNK];
        uint32_t ahead = i + SORT_CHUNK * FETCH < count ? i / SORT_CHUNK + FETCH : i / SORT_CHUNK;
        for (uint32_t k = 0; k < end; k++) {
            __builtin_prefetch(&chunk[ahead][k]);
            key[i + k] = key_of(&form, &event[k], i + k);
        }
    }
}

/* From `key` into `ordered`, by their high bits, then in order. */
static void keys_sort(const struct form *f, const uint64_t *key, uint64_t *ordered,
                      uint32_t count) {
    int bin_bits = 32 - __builtin_clz(count);
    bin_bits = bin_bits > BIN_BITS ? BIN_BITS : bin_bits;
    bin_bits = bin_bits > f->key_bits ? f->key_bits : bin_bits;
    int shift = f->key_bits + f->place_bits - bin_bits;
    uint32_t bins = 1U << bin_bits;
    uint32_t start[(1 << BIN_BITS) + 1];
    memset(start, 0, (bins + 1) * sizeof *start);
    for (uint32_t i = 0; i < count; i++) {
        start[(key[i] >> shift) + 1]++;
    }
    uint32_t most = 0;
    for (uint32_t i = 0; i < bins; i++) {
        most = start[i + 1] > most ? start[i + 1] : most;
        start[i + 1] += start[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        ordered[start[key[i] >> shift]++] = key[i];
    }
    /* start[bin] is now the end of the bin. */
    for (uint32_t bin = 0, begin = 0; most > CROWDED && bin < bins; bin++) {
        if (start[bin] - begin > CROWDED) {
            qsort(ordered + begin, start[bin] - begin, sizeof *ordered, compare_keys);
        }
        begin = start[bin];
    }
    keys_sort_few(ordered, count);
}

/* Events of one key, by their whole order. */
static void sort_ties(const struct form *f, const uint64_t *key, struct event *event,
                      uint32_t count) {
    for (uint32_t i = 0, end; i < count; i = end) {
        end = i + 1;
        while (end < count && key[end] >> f->place_bits == key[i] >> f->place_bits) {
            end++;
        }
        if (end > i + 1) {
            qsort(event + i, end - i, sizeof *event, compare_events);
        }
    }
}

void sort_events(struct sorter *sorter, struct event *into, const struct event *const *chunk,
                 uint32_t count, int64_t from, int bits, int entity_bits) {
    if (count == 0) {
        return;
    }
    if (count > sorter->room) {
        free(sorter->key);
        sorter->room = count * 2;
        sorter->key = memory_new((size_t)sorter->room * 2, sizeof *sorter->key);
    }
    struct form f = form_of(count, from, bits, entity_bits);
    uint64_t *key = sorter->key, *ordered = key;
    keys_make(&f, key, chunk, count);
    if (count <= FEW) {
        keys_sort_few(key, count);
    } else {
        ordered = key + sorter->room;
        keys_sort(&f, key, ordered, count);
    }
    uint64_t mask = (1ULL << f.place_bits) - 1, before = ~ordered[0];
    bool ties = false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = (uint32_t)(ordered[i] & mask);
        into[i] = chunk[place >> SORT_CHUNK_BITS][place & (SORT_CHUNK - 1)];
        ties |= (ordered[i] ^ before) <= mask;
        before = ordered[i];
    }
    if (ties) {
        sort_ties(&f, ordered, into, count);
    }
}

void sort_deinit(struct sorter *sorter) {
    free(sorter->key);
    *sorter = (struct sorter){0};
}
