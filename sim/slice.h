/*
 * Jobs of stations and their slices (docs/model.md 2, model-readings R16): cores, stalls, and the
 * cursors that a slice's copies become.
 */
#ifndef NERVE_SIM_SLICE_H
#define NERVE_SIM_SLICE_H

#include "sim/state.h"

/* Whether a mail weighs on a reader's connection: it came from a server. */
static inline bool slice_weighs(const struct station *station, uint64_t what) {
    return station->nature == STATION_READER && !(what_flags(what) & FLAG_LOCAL);
}

/* The mail becomes the station's job at `now`. counted: its bytes wait already. */
void slice_begin(struct sim *sim, struct station *station, struct host *host, int64_t now,
                 const struct mail *mail, bool counted);

/* A slice of the present job becomes ready. */
void slice_run(struct sim *sim, struct station *station, struct host *host, int64_t now);

/* The work that a mail is, as it is accepted. */
int64_t slice_work(const struct sim *sim, const struct host *host, const struct station *station,
                   uint64_t what, uint64_t body);

#endif
