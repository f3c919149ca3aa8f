/*
 * The short way of a wake: a copy that is nothing but its emission, or a timer, at a cell whose
 * reaction draws, sends at most once on its own node, and sets at most one timer. The results are
 * those of wake.h; only the way is shorter. Targeted traffic and timers get their speed here.
 */
#ifndef NERVE_SIM_DIRECT_H
#define NERVE_SIM_DIRECT_H

#include "sim/wake.h"

/* Runs the wake if it can go the short way; nothing is changed where it cannot. */
bool direct_run(struct sim *sim, struct host *host, struct cell *cell, const struct fast *fast,
                uint32_t rank, int64_t now, const struct copy *copy);

/* The same from the event of an arrival or a timer, where the cell is free. */
bool direct_arrival(struct sim *sim, const struct event *event);

/* Copies of loops. Whether those of this signal may go the short way to cells of that host; the
 * histogram that their latency goes to (NULL: before warm_up); and what a wake there costs, where
 * it only costs and changes the state (NULL: it does more). */
bool direct_copies(const struct sim *sim, const struct host *host, const struct signal *signal);
struct histogram *direct_latency(struct sim *sim, const struct signal *signal);
const struct fast *direct_plain(const struct sim *sim, const struct host *host,
                                const struct cell *cell, uint32_t kind);

/* A copy of a loop at a free cell, by that slot, the short way; false: it cannot. */
bool direct_loop(struct sim *sim, struct host *host, const struct signal *signal, uint32_t rank,
                 uint32_t slot, int64_t now);

/* A cursor's next copy, whose time has come, the same way. */
bool direct_copy(struct sim *sim, const struct cursor *cursor, int64_t now);

#endif
