/*
 * Chores: what must be done as time passes a moment, before the events of that moment. Idle links
 * close, a window of memory begins, a sample ends, figures start (warm_up), the storm may be over.
 */
#ifndef NERVE_SIM_CHORES_H
#define NERVE_SIM_CHORES_H

#include "sim/state.h"

/* Does all chores up to `now` in order of their time, and finds the next one's. */
void chores_run(struct sim *sim, int64_t now);

/* The last windows, once the run has ended at `end`. */
void chores_finish(struct sim *sim, int64_t end);

#endif
