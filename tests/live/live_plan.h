/* A small live scenario as a text, and plans of it, for tests that need one. */
#ifndef NERVE_TESTS_LIVE_LIVE_PLAN_H
#define NERVE_TESTS_LIVE_LIVE_PLAN_H

#include "model/colony.h"
#include "scenarios/language/scenario.h"

struct live_plan {
    struct scenario scenario;
    struct colony colony;
};

/* A text must be right, with sets ("PATH=VALUE") up to NULL; else the test fails. */
void live_plan_load(struct live_plan *plan, const char *text, ...) __attribute__((sentinel));
void live_plan_deinit(struct live_plan *plan);

/* Eyes with a bond to a motor each, tissue; a source, a misroute; 200 cells on 10 nodes. */
extern const char live_plan_reflex[];

#endif
