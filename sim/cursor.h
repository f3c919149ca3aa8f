/*
 * Cursors: a burst is one event. A slice's copies are a cursor over its recipients that yields only
 * what falls before the next other event, so that memory does not grow with the fan-out.
 */
#ifndef NERVE_SIM_CURSOR_H
#define NERVE_SIM_CURSOR_H

#include "sim/state.h"

/* Sets a filled cursor going: posts its first copy's event. */
void cursor_start(struct sim *sim, uint32_t place);

/* Its next copy's time has come: that copy, and all behind it that come before anything else. */
void cursor_run(struct sim *sim, const struct event *first);

/* The cursor of a lane moves on by n copies: the lane is the next copy's event then. False: it was
 * the last copy, and there is no cursor any more. */
bool cursor_moves(struct sim *sim, struct event *lane, uint32_t n);

/* Copies to cells that it still stands for. */
uint64_t cursor_left(const struct sim *sim, const struct cursor *cursor);

#endif
