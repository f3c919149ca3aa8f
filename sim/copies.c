#include "sim/copies.h"

#include "sim/station.h"

/* What is left out of [from, end): the part of [gap, gap_end) in it. */
static struct copies copies_make(uint32_t from, uint32_t end, uint32_t gap, uint32_t gap_end) {
    gap = gap < from ? from : gap > end ? end : gap;
    gap_end = gap_end < gap ? gap : gap_end > end ? end : gap_end;
    struct copies copies = {from, gap, gap_end, end};
    if (copies.next == copies.gap) {
        copies.next = copies.gap = copies.gap_end;
    }
    return copies;
}

struct copies copies_of_run(const struct sim *s, const struct signal *signal, uint32_t node,
                            uint32_t partitioner) {
    const struct audience *a = signal->audience;
    uint32_t place = audience_place(a, node);
    if (place == UINT32_MAX) {
        return (struct copies){0, 0, 0, 0};
    }
    uint32_t from = a->head_first[place];
    struct split runs = split_make(a->head_first[place + 1] - from, s->partitioners);
    uint32_t skip =
        signal->publisher == COLONY_NOBODY ? UINT32_MAX : audience_head(a, signal->publisher);
    uint32_t skip_end = skip == UINT32_MAX ? UINT32_MAX : skip + 1;
    return copies_make(from + split_first(&runs, partitioner),
                       from + split_first(&runs, partitioner + 1), skip, skip_end);
}

struct copies copies_of_own(const struct signal *signal, uint32_t node) {
    const struct audience *a = signal->audience;
    uint32_t place = audience_place(a, node);
    if (place == UINT32_MAX) {
        return (struct copies){0, 0, 0, 0};
    }
    uint32_t skip = 0;
    uint32_t skipped = audience_entries_of(a, signal->publisher, &skip);
    if (skipped == 0) {
        skip = UINT32_MAX;
    }
    return copies_make(a->entry_first[place], a->entry_first[place + 1], skip,
                       skipped ? skip + skipped : UINT32_MAX);
}

/* What a server sends: entries (origin) or nodes (edge), without the publisher's own node's. */
static struct copies server_copies(const struct sim *s, const struct signal *signal) {
    const struct audience *a = signal->audience;
    uint32_t node = signal->publisher == COLONY_NOBODY ? UINT32_MAX
                                                       : colony_node(&s->colony, signal->publisher);
    uint32_t place = node == UINT32_MAX ? UINT32_MAX : audience_place(a, node);
    uint32_t end = copies_by_origin(s) ? a->copies : a->nodes;
    if (place == UINT32_MAX) {
        return copies_make(0, end, end, end);
    }
    return copies_by_origin(s)
               ? copies_make(0, end, a->entry_first[place], a->entry_first[place + 1])
               : copies_make(0, end, place, place + 1);
}

struct copies copies_of(const struct sim *s, const struct station *st, uint64_t what,
                        uint64_t body) {
    const struct signal *signal = sim_signal(s, body);
    if (st->nature == STATION_SERVER) {
        return server_copies(s, signal);
    }
    if (st->nature == STATION_PARTITIONER) {
        return copies_of_run(s, signal, st->node, st->partitioner);
    }
    return what_flags(what) & FLAG_LOCAL ? copies_of_own(signal, st->node)
                                         : (struct copies){0, 0, 0, 0};
}

uint64_t copies_stand_for(const struct sim *s, const struct station *st, uint64_t what,
                          uint64_t body) {
    const struct signal *signal = sim_signal(s, body);
    const struct audience *a = signal->audience;
    if (st->nature == STATION_READER && !(what_flags(what) & FLAG_LOCAL)) {
        if (copies_by_origin(s)) {
            return 1;
        }
        uint32_t place = audience_place(a, st->node);
        return a->head_first[place + 1] - a->head_first[place];
    }
    struct copies copies = copies_of(s, st, what, body);
    uint64_t left = copies_left(&copies);
    if (st->nature == STATION_SERVER && !copies_by_origin(s)) {
        left =
            copies.next < copies.gap ? a->head_first[copies.gap] - a->head_first[copies.next] : 0;
        uint32_t second = copies.next < copies.gap ? copies.gap_end : copies.next;
        left += a->head_first[copies.end] - a->head_first[second];
    }
    return left;
}

uint64_t copies_left_of_job(const struct sim *s, const struct station *st) {
    if (!st->slicing) {
        return 0;
    }
    const struct audience *a = sim_signal(s, st->job.body)->audience;
    if (st->nature != STATION_SERVER || copies_by_origin(s)) {
        return copies_left(&st->copies);
    }
    const struct copies *c = &st->copies;
    uint64_t left = a->head_first[c->end] - a->head_first[c->next < c->gap ? c->gap_end : c->next];
    return c->next < c->gap ? left + a->head_first[c->gap] - a->head_first[c->next] : left;
}

uint32_t copies_place(const struct audience *a, bool origin, uint32_t copy) {
    if (!origin) {
        return copy;
    }
    uint32_t low = 0, high = a->nodes;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (a->entry_first[middle] <= copy) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}
