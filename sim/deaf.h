/* Deafness of stations and nodes (docs/model.md 6, model-readings R43). */
#ifndef NERVE_SIM_DEAF_H
#define NERVE_SIM_DEAF_H

#include "sim/state.h"

/* The station has accepted more work at `now`. */
void deaf_accept(struct sim *sim, struct station *station, int64_t now, int64_t work_ns);

/* A slice is decided: of the accepted work, `planned`; it runs in [start, end). */
void deaf_slice(struct sim *sim, struct station *station, int64_t now, int64_t planned_ns,
                int64_t start, int64_t end);

/* Accepted work is dropped. */
void deaf_forget(struct sim *sim, struct station *station, int64_t now, int64_t work_ns);

/* Figures start at `now`: what is deaf already does not count. */
void deaf_warm(struct sim *sim, int64_t now);

/* The end of the run ends every period. */
void deaf_finish(struct sim *sim, int64_t end);

#endif
