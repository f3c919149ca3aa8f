/* Sorts the events of one bucket into their total order. */
#ifndef NERVE_SIM_SORT_H
#define NERVE_SIM_SORT_H

#include <stdint.h>

#include "sim/event.h"

/* All times lie in [from, from + 2^bits), all entities below 2^entity_bits. Linear where times, and
 * within one moment entities, spread evenly. In place. */
void sort_events(struct event *event, uint32_t count, int64_t from, int bits, int entity_bits);

/* Frees what this thread's sorting holds. */
void sort_forget(void);

#endif
