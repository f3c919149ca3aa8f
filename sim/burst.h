/*
 * Bursts: copies of loops to cells that are free, of reactions that only cost and change the state,
 * in times that nothing else can cut, as one loop over the hot records. The speed of storms comes
 * from here; the results are those of wake.h, copy by copy.
 */
#ifndef NERVE_SIM_BURST_H
#define NERVE_SIM_BURST_H

#include "sim/state.h"

/* Runs as many of the lanes' next copies as it can; the first one's time has come. Returns how
 * many. */
uint64_t burst_run(struct sim *sim);

#endif
