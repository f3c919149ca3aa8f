/*
 * The probe: what a targeted signal and a gradient of this worker's would have to wait, measured a
 * thousand times a second (docs/model.md 6 defines death and deafness by it). A beat is due at each
 * millisecond of the run's clock. It is served when the worker's loop comes to it: the difference
 * is what a signal in the worker's queue waits. Each beat also publishes a gradient to itself over
 * the worker's own connection; what comes back late was heard late.
 *
 * A late beat counts from when it was due, so a worker that stood still loses nothing. Records into
 * the tally's host; the probes' own traffic is counted as maintenance `probe`.
 */
#ifndef NERVE_LIVE_PROBE_H
#define NERVE_LIVE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "metrics/tally.h"

#define PROBE_PERIOD_NS 1000000

/* A stretch of time, its records merged where they meet. */
struct probe_span {
    int64_t from_ns, until_ns;              /* the last one; from -1: none yet */
    int64_t total_ns, first_ns, longest_ns; /* first -1: none */
};

struct probe {
    int64_t due_ns; /* of the next beat */
    int64_t warm_up_ns, death_wait_ns, deaf_wait_ns;
    int64_t longest_wait_ns;
    struct probe_span dead, deaf;
    uint32_t connections, connection; /* which one the next gradient goes over */
    int64_t unheard_ns; /* when the oldest gradient that has not come back was due; -1: none */
    uint64_t published, heard;
};

void probe_init(struct probe *probe, int64_t warm_up_ns, int64_t death_wait_ns,
                int64_t deaf_wait_ns, uint32_t connections);

/* Serves the beats that are due; true: a gradient is to be published, over *connection, with *due
 * in it. At most one is under way. */
bool probe_beat(struct probe *probe, int64_t now_ns, int64_t *due_ns, uint32_t *connection);

/* A gradient has come back (due: what was in it). */
void probe_heard(struct probe *probe, int64_t due_ns, int64_t now_ns);

/* The end of the run, or of the connection: what has not come back is deaf until now. */
void probe_finish(struct probe *probe, int64_t now_ns, struct tally_host *host);

#endif
