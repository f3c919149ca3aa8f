#include <stdlib.h>

#include "base/assert.h"
#include "base/memory.h"
#include "live/synapses_state.h"

static uint32_t hash(uint64_t key) {
    return (uint32_t)((key * 0x9e3779b97f4a7c15ULL) >> 32);
}

/* Never 0, the mark of a free place. */
static uint64_t pair(uint32_t a, uint32_t b) {
    return ((uint64_t)a << 32 | b) + 1;
}

uint32_t synapse_worker_of(const struct synapses *s, uint32_t node) {
    const uint32_t *first = s->setup.worker_first;
    uint32_t low = 0, high = s->setup.workers;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (first[middle] <= node) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

struct synapse_link *synapse_at(const struct synapses *s, uint32_t index) {
    return index < s->links ? &s->chunk[index / SYNAPSE_CHUNK][index % SYNAPSE_CHUNK] : NULL;
}

static struct synapse_link *link_make(struct synapses *s, uint32_t node, uint32_t to) {
    if (s->links == s->chunks * SYNAPSE_CHUNK) {
        s->chunk = memory_grow(s->chunk, s->chunks + 1, sizeof *s->chunk);
        s->chunk[s->chunks++] = memory_new(SYNAPSE_CHUNK, sizeof **s->chunk);
    }
    uint32_t index = s->links++;
    struct synapse_link *link = synapse_at(s, index);
    link->index = index;
    link->node = node;
    link->to = to;
    link->to_worker = synapse_worker_of(s, to);
    link->timer_ns = CLOCK_NEVER_NS;
    link->left = counter_left(s->setup.board, s->setup.workers, s->setup.worker, link->to_worker);
    return link;
}

/* Where a pair is, or would be. */
static uint32_t pair_place(const struct synapses *s, uint64_t key) {
    uint32_t mask = s->pair_room - 1, at = hash(key) & mask;
    while (s->pair[at].key != key && s->pair[at].key != 0) {
        at = (at + 1) & mask;
    }
    return at;
}

static void pairs_grow(struct synapses *s) {
    struct synapse_pair *old = s->pair;
    uint32_t room = s->pair_room;
    s->pair_room = room ? room * 2 : 256;
    s->pair = memory_new(s->pair_room, sizeof *s->pair);
    for (uint32_t i = 0; i < room; i++) {
        if (old[i].key) {
            s->pair[pair_place(s, old[i].key)] = old[i];
        }
    }
    free(old);
}

struct synapse_link *synapse_find(struct synapses *s, uint32_t node, uint32_t to) {
    uint64_t key = pair(node, to);
    uint32_t at = pair_place(s, key);
    if (s->pair[at].key == key) {
        return s->pair[at].link;
    }
    if (s->links * 2 >= s->pair_room) {
        pairs_grow(s);
        at = pair_place(s, key);
    }
    struct synapse_link *link = link_make(s, node, to);
    s->pair[at] = (struct synapse_pair){key, link};
    return link;
}

static uint32_t record_place(const struct synapses *s, uint64_t key) {
    uint32_t mask = s->record_room - 1, at = hash(key) & mask;
    while (s->record[at].key != key && s->record[at].key != 0) {
        at = (at + 1) & mask;
    }
    return at;
}

static void records_grow(struct synapses *s) {
    struct synapse_record *old = s->record;
    uint32_t room = s->record_room;
    s->record_room = room ? room * 2 : 256;
    s->record = memory_new(s->record_room, sizeof *s->record);
    for (uint32_t i = 0; i < room; i++) {
        if (old[i].key) {
            s->record[record_place(s, old[i].key)] = old[i];
        }
    }
    free(old);
}

struct synapse_record *synapse_record_find(struct synapses *s, uint32_t from, uint32_t to) {
    uint64_t key = pair(from, to);
    uint32_t at = record_place(s, key);
    if (s->record[at].key == key) {
        return &s->record[at];
    }
    if (s->records * 2 >= s->record_room) {
        records_grow(s);
        at = record_place(s, key);
    }
    s->records++;
    uint32_t worker = synapse_worker_of(s, from), here = s->setup.worker;
    s->record[at] = (struct synapse_record){
        .key = key,
        .next = 1,
        .arrived = counter_arrived(s->setup.board, s->setup.workers, worker, here),
        .left = counter_left(s->setup.board, s->setup.workers, worker, here)};
    return &s->record[at];
}

struct synapse_copy *synapse_copy_take(struct synapses *s) {
    if (!s->free_copy) {
        struct synapse_copy *chunk = memory_new(SYNAPSE_CHUNK, sizeof *chunk);
        s->copy_chunk = memory_grow(s->copy_chunk, s->copy_chunks + 1, sizeof *s->copy_chunk);
        s->copy_chunk[s->copy_chunks++] = chunk;
        for (uint32_t i = 0; i < SYNAPSE_CHUNK; i++) {
            synapse_copy_give(s, &chunk[SYNAPSE_CHUNK - 1 - i]);
        }
    }
    struct synapse_copy *copy = s->free_copy;
    s->free_copy = copy->next;
    return copy;
}

void synapse_copy_give(struct synapses *s, struct synapse_copy *copy) {
    copy->next = s->free_copy;
    s->free_copy = copy;
}

/* A heap by time; entries that a later synapse_timer_set has replaced stay in it and are passed
 * over. */
void synapse_timer_set(struct synapses *s, struct synapse_link *link, int64_t at_ns) {
    link->timer_ns = at_ns;
    if (at_ns == CLOCK_NEVER_NS) {
        return;
    }
    if (s->timers == s->timer_room) {
        s->timer_room = s->timer_room ? s->timer_room * 2 : 256;
        s->timer = memory_grow(s->timer, s->timer_room, sizeof *s->timer);
    }
    uint32_t at = s->timers++;
    for (; at > 0 && s->timer[(at - 1) / 2].at_ns > at_ns; at = (at - 1) / 2) {
        s->timer[at] = s->timer[(at - 1) / 2];
    }
    s->timer[at] = (struct synapse_timer){at_ns, link};
}

static struct synapse_timer timer_pop(struct synapses *s) {
    struct synapse_timer first = s->timer[0], last = s->timer[--s->timers];
    uint32_t at = 0;
    for (uint32_t down = 1; down < s->timers; down = at * 2 + 1) {
        down += down + 1 < s->timers && s->timer[down + 1].at_ns < s->timer[down].at_ns;
        if (s->timer[down].at_ns >= last.at_ns) {
            break;
        }
        s->timer[at] = s->timer[down];
        at = down;
    }
    s->timer[at] = last;
    return first;
}

struct synapse_link *synapse_timer_due(struct synapses *s, int64_t now_ns) {
    while (s->timers > 0 && s->timer[0].at_ns <= now_ns) {
        struct synapse_timer timer = timer_pop(s);
        if (timer.at_ns == timer.link->timer_ns) {
            timer.link->timer_ns = CLOCK_NEVER_NS;
            return timer.link;
        }
    }
    return NULL;
}

void synapse_table_init(struct synapses *s) {
    pairs_grow(s);
    records_grow(s);
}

void synapse_table_free(struct synapses *s) {
    for (uint32_t i = 0; i < s->chunks; i++) {
        free(s->chunk[i]);
    }
    for (uint32_t i = 0; i < s->copy_chunks; i++) {
        free(s->copy_chunk[i]);
    }
    free(s->chunk);
    free(s->copy_chunk);
    free(s->pair);
    free(s->record);
    free(s->timer);
}
