/*
 * How far a run is, on standard error: one line that is written over on a terminal, a line every
 * 5 s elsewhere. And whoever wants to stop it: Ctrl-C (SIGINT, SIGTERM) asks once, politely; the
 * second one ends the program on the spot. One run at a time in a process.
 */
#ifndef NERVE_CLI_PROGRESS_H
#define NERVE_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/plan.h"

struct progress {
    int64_t end_ns; /* of the run's clock */
    int64_t begin_wall_ns, said_wall_ns;
    bool terminal, shown;
};

/* Begins to listen for Ctrl-C. */
void progress_begin(struct progress *progress, const struct plan *plan);

/* Says how far it is, now and then; true: Ctrl-C has asked for an end. */
bool progress_look(struct progress *progress, int64_t now_ns, uint64_t wakes);

/* Takes the line away and stops listening. */
void progress_end(struct progress *progress);

/* The wall's clock, from some moment on. */
int64_t progress_wall_ns(void);

/* CPU time of this process. */
int64_t progress_cpu_ns(void);

#endif
