/*
 * The swarm: random scenarios, each wholly decided by a seed, on which the real engine is compared
 * with the naive one in every figure.
 */
#ifndef NERVE_TESTS_SWARM_H
#define NERVE_TESTS_SWARM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "metrics/figures.h"
#include "scenarios/language/scenario.h"
#include "tests/naive/naive.h"

/* Seeds with this bit are storms: loops over many cells on many cores. */
#define SWARM_STORMS (1ULL << 30)

/* Writes the random scenario of a seed as YAML. */
void swarm_scenario(uint64_t seed, FILE *yaml);

/* A scenario that was made, read and found whole. */
struct swarm_case {
    uint64_t seed;
    char *text;
    struct scenario scenario;
};

/* Makes it; a draw whose bonds fit nobody is made anew. False: the language refuses what the
 * generator wrote (its mistakes are on standard error). */
bool swarm_case_init(struct swarm_case *one, uint64_t seed, const char *const *set, size_t sets);
void swarm_case_deinit(struct swarm_case *one);

/* The figures of a plan, by either engine. naive's coverage may be NULL. */
void swarm_run_naive(const struct plan *plan, struct figures *figures,
                     struct naive_coverage *coverage);
void swarm_run_real(const struct plan *plan, int bucket_bits, struct figures *figures);

/* Prints the first differing figures on file (NULL: nowhere) and returns how many differ;
 * speed.events is the engine's own. */
size_t swarm_differences(const struct figures *naive, const struct figures *real, FILE *file);

/* --first: finds the first wake after which the engines' digests differ. */
int swarm_first(uint64_t seed);

/* --coverage: which mechanisms the seeds meet. Returns the exit status. */
int swarm_coverage(uint64_t from, uint64_t count);

/* --knobs: whether doubling each profile key moves a figure in both engines. */
int swarm_knobs(void);

#endif
