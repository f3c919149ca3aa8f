/* Sorts the events of one bucket into their total order. */
#ifndef NERVE_SIM_SORT_H
#define NERVE_SIM_SORT_H

#include <stdint.h>

#include "sim/event.h"

enum { SORT_CHUNK_BITS = 5, SORT_CHUNK = 1 << SORT_CHUNK_BITS };

/* Its scratch, kept from bucket to bucket. Zeroed at first; sort_deinit frees it. */
struct sorter {
    uint64_t *key;
    uint32_t room;
};

void sort_deinit(struct sorter *sorter);

/* Reads `count` events from chunks of SORT_CHUNK, all full but the last, and writes them in order.
 * All times lie in [from, from + 2^bits), all entities below 2^entity_bits (1 to 32). Linear where
 * times, and within one moment entities, spread evenly. */
void sort_events(struct sorter *sorter, struct event *into, const struct event *const *chunk,
                 uint32_t count, int64_t from, int bits, int entity_bits);

#endif
