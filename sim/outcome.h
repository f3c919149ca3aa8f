/* The tally as a run leaves it. */
#ifndef NERVE_SIM_OUTCOME_H
#define NERVE_SIM_OUTCOME_H

#include "sim/state.h"

void outcome_fill(struct sim *sim);

/* Frees what signals still under way hold. */
void outcome_release_signals(struct sim *sim);

#endif
