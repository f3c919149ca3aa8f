/*
 * The pending timers of one worker's cells: a heap by time. A timer that was set anew or stopped is
 * passed over when its old time comes.
 *
 * Memory: timers_init, timers_deinit; one thread at a time.
 */
#ifndef NERVE_LIVE_TIMERS_H
#define NERVE_LIVE_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/colony.h"

struct timer {
    int64_t at_ns;
    uint32_t cell;
    uint8_t place; /* in its type */
    uint32_t number;
};

struct timers {
    struct timer *heap;
    size_t count, room;
    /* By own cell x timers of the type with most: the number of the pending one; 0: none. */
    uint32_t *number;
    size_t number_bytes;
    uint32_t first_cell, most, last_number;
    size_t pending; /* set and neither fired nor stopped */
};

/* Sets the timers at birth of the cells [first_cell, end_cell), as the plan's draws say. */
void timers_init(struct timers *timers, const struct colony *colony, uint32_t first_cell,
                 uint32_t end_cell);
void timers_deinit(struct timers *timers);

void timers_set(struct timers *timers, uint32_t cell, uint8_t place, int64_t at_ns);
void timers_stop(struct timers *timers, uint32_t cell, uint8_t place);

/* When the first one is due; CLOCK_NEVER_NS: none. May be one that was stopped. */
int64_t timers_next_ns(const struct timers *timers);

/* Takes one that is due by now; false: none is. */
bool timers_take(struct timers *timers, int64_t now_ns, struct timer *timer);

#endif
