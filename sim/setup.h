/* Building the hosts, nodes, stations and cells of a run, and taking them apart. */
#ifndef NERVE_SIM_SETUP_H
#define NERVE_SIM_SETUP_H

#include "sim/state.h"

void setup_streams(struct sim *sim);
void setup_hosts(struct sim *sim);
void setup_entities(struct sim *sim);
void setup_timers(struct sim *sim);
void setup_release(struct sim *sim);

#endif
