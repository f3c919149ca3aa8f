/*
 * --scale 1/N: a live run of a smaller colony, on purpose: cells, nodes, domains, counts of types
 * and rates of sources divided by N, each at least 1; payloads, periods and thresholds stay. What
 * was divided is said and stored.
 */
#ifndef NERVE_CLI_SCALE_H
#define NERVE_CLI_SCALE_H

#include <stdint.h>

#include "scenarios/language/scenario.h"

struct scale {
    char **set; /* PATH=VALUE, to be loaded over the scenario */
    size_t sets;
    char *divided; /* what was divided, a line each: "colony.cells: 500000 -> 5000" */
};

/* N of "1/N"; 0: it is nothing of the kind. */
int64_t scale_parse(const char *text);

void scale_make(struct scale *scale, const struct scenario *scenario, int64_t divisor);
void scale_deinit(struct scale *scale);

#endif
