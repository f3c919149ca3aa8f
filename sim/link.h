/*
 * Synapses: temporary direct links between nodes, one direction each (docs/model.md 4, zeromq;
 * model-readings R44). Opened on need, closed when idle or pushed out, limited in number; a copy
 * holds one of a link's slots from `leave` until its arrival and the credit's way back.
 */
#ifndef NERVE_SIM_LINK_H
#define NERVE_SIM_LINK_H

#include "sim/state.h"

void link_init(struct sim *sim);
void link_deinit(struct sim *sim);

/* Whether the link is open at that time. */
bool link_is_open(const struct sim *sim, uint32_t from, uint32_t to, int64_t now);

/* A copy leaves its cell. */
void link_leave(struct sim *sim, const struct event *event);

/* Links whose idle time is over by `now` close. */
void link_expire(struct sim *sim, int64_t now);

#endif
