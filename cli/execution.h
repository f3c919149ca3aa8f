/*
 * One run from beginning to end: store opened, colony set up, run under the virtual clock or over
 * sockets, samples stored, figures made, expectations held against them, everything stored and
 * closed.
 */
#ifndef NERVE_CLI_EXECUTION_H
#define NERVE_CLI_EXECUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/command.h"
#include "metrics/figures.h"
#include "metrics/store.h"
#include "scenarios/language/scenario.h"

/* What came of it. figures_deinit on the figures. */
struct execution {
    struct figures figures; /* all of them, where `ran` */
    bool ran;               /* false: nothing to show; a message has been said */
    enum exit_code code;
};

struct execution_options {
    const char *db; /* the store's path; NULL: nothing is stored */
    bool live;      /* over real sockets */
    /* Of a live run that was scaled down: by how much, and what that divided, a line each. */
    int64_t divisor;
    const char *divided;
};

/* Runs a scenario. Messages go to standard error. */
struct execution execution_run(const struct scenario *scenario,
                               const struct execution_options *options);

/* Adds the figures that are known as a run begins: nerve ... colony, profile. */
void execution_known(struct figures *figures, const struct scenario *scenario,
                     const struct execution_options *options);

/* Evaluates the expectations on the figures and adds expect.*; returns how many were missed.
 * whole: false where the run was interrupted, so that nothing can be said. */
int execution_expect(struct figures *figures, const struct scenario *scenario, bool whole);

/* Whether a run of it can have that figure: for scenario_options.figure. */
bool execution_possible(void *context, const struct scenario *scenario, const char *path);

#endif
