/*
 * A series: wakes on the short way (direct.h) one after another, straight from a stream or from the
 * bucket that is being read, until something else comes first: what every wake reads and adds to is
 * kept at hand, and goes into the figures behind the last. The results are those of direct.h.
 */
#ifndef NERVE_SIM_SERIES_H
#define NERVE_SIM_SERIES_H

#include "sim/state.h"

/* Runs what can run so from here; returns how many events. Chores that are due must have run. */
uint32_t series_run(struct sim *sim);

#endif
