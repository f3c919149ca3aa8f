#include "sim/sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { BIN_BITS = 12, CROWDED = 48 };

static int compare(const void *a, const void *b) {
    return event_before(a, b) ? -1 : event_before(b, a);
}

static void sort_few(struct event *event, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        if (!event_before(&event[i], &event[i - 1])) {
            continue;
        }
        struct event moved = event[i];
        uint32_t at = i;
        do {
            event[at] = event[at - 1];
            at--;
        } while (at > 0 && event_before(&moved, &event[at - 1]));
        event[at] = moved;
    }
}

static bool in_order(const struct event *event, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        if (event_before(&event[i], &event[i - 1])) {
            return false;
        }
    }
    return true;
}

/* Scratch for the scatter; one a thread, since sims on different threads are independent. */
static _Thread_local struct event *scratch;
static _Thread_local uint32_t scratch_room;

/* The bin of an event: the high bits of (time, entity), so that bins are in order. */
static inline uint64_t bin_of(const struct event *event, int64_t from, int more, int shift) {
    uint64_t time = (uint64_t)(event->time - from);
    return more > 0 ? time << more | event->who >> 32 >> shift : time >> shift;
}

void sort_forget(void) {
    free(scratch);
    scratch = NULL;
    scratch_room = 0;
}

void sort_events(struct event *event, uint32_t count, int64_t from, int bits, int entity_bits) {
    if (count <= 24) {
        sort_few(event, count);
        return;
    }
    if (in_order(event, count)) {
        return;
    }
    if (count > scratch_room) {
        scratch_room = count * 2;
        scratch = memory_grow(scratch, scratch_room, sizeof *scratch);
    }
    int bin_bits = 32 - __builtin_clz(count);
    bin_bits = bin_bits > BIN_BITS ? BIN_BITS : bin_bits;
    /* Bits of the entity that go into the bin, where the time has fewer than there are bins. */
    int more = bin_bits > bits ? bin_bits - bits : 0;
    more = more > entity_bits ? entity_bits : more;
    int shift = more > 0 ? entity_bits - more : bits > bin_bits ? bits - bin_bits : 0;
    uint32_t bins = 1U << (more > 0 ? bits + more : bits - shift);
    uint32_t start[(1 << BIN_BITS) + 1];
    memset(start, 0, (bins + 1) * sizeof *start);
    for (uint32_t i = 0; i < count; i++) {
        start[bin_of(&event[i], from, more, shift) + 1]++;
    }
    for (uint32_t i = 0; i < bins; i++) {
        start[i + 1] += start[i];
    }
    memcpy(scratch, event, count * sizeof *event);
    for (uint32_t i = 0; i < count; i++) {
        event[start[bin_of(&scratch[i], from, more, shift)]++] = scratch[i];
    }
    /* start[bin] is now the end of the bin. */
    for (uint32_t bin = 0, begin = 0; bin < bins; bin++) {
        if (start[bin] - begin > CROWDED && !in_order(event + begin, start[bin] - begin)) {
            qsort(event + begin, start[bin] - begin, sizeof *event, compare);
        }
        begin = start[bin];
    }
    sort_few(event, count);
}
