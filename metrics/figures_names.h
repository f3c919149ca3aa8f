/* Names of the tally's kinds of things, as figures' paths write them. Static texts. */
#ifndef NERVE_METRICS_FIGURES_NAMES_H
#define NERVE_METRICS_FIGURES_NAMES_H

#include "metrics/tally.h"

extern const char *const figures_cause_name[CAUSES]; /* "queue_limit", ... */
extern const char *const figures_phase_name[PHASES]; /* "before", ... */
extern const char *const figures_place_name[PLACES]; /* "mailbox", ... */

/* "server", "cores", "memory", "cache"; NULL: LIMIT_NONE. */
const char *figures_limit_name(enum tally_limit limit);

#endif
