/* What the two ways of running share; only cli/execution*.c include it. */
#ifndef NERVE_CLI_EXECUTION_PARTS_H
#define NERVE_CLI_EXECUTION_PARTS_H

#include "cli/execution.h"
#include "cli/progress.h"
#include "metrics/tally.h"

/* How a run came to its end. */
enum run_end { RUN_OK, RUN_STOPPED, RUN_INTERRUPTED, RUN_FAILED };

/* A run under way. */
struct under_way {
    const struct scenario *scenario;
    const struct execution_options *options;
    struct progress progress;
    struct store *store; /* NULL: nothing is stored (any more) */
    int64_t run;
    bool store_failed;
    struct execution *result;
    int64_t wall_ns, cpu_ns;
};

/* Opens the store and begins the run in it, where it is to be stored. A store that cannot be used
 * ends it here, before the run: -1. */
int execution_begin(struct under_way *u);

/* Nothing has run: the store's run ends as failed. */
void execution_abandon(struct under_way *u);

/* The run has ended: figures from the tally and whatever `more` adds, expectations, the store. */
void execution_end(struct under_way *u, enum run_end end, const struct tally *tally,
                   void (*more)(struct under_way *u, const struct tally *tally, void *context),
                   void *context);

/* For the drivers' hooks; context: the run under way. */
void execution_sample(void *context, const struct tally_sample *sample);
bool execution_progress(void *context, int64_t now_ns, uint64_t wakes);

/* Over sockets. */
void execution_live(struct under_way *u);

#endif
