/* A plan without a scenario file: two kinds, two sources, one host, two types. Static; nothing to
 * free. */
#ifndef NERVE_TESTS_METRICS_SMALL_PLAN_H
#define NERVE_TESTS_METRICS_SMALL_PLAN_H

#include "model/plan.h"

const struct plan *small_plan(void);

#endif
