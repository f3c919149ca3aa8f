/*
 * Scenarios as texts, run whole, for tests that say what must come of them.
 *
 * `quiet` is a host on which nothing costs anything (a job's least, 1 ns, apart), with cores for
 * everybody: a test sets the few costs that it is about, and every nanosecond that it expects is
 * spelled out. A caller's mistake (a bad scenario, a figure that is not there) fails the test.
 */
#ifndef NERVE_TESTS_SIM_RUNS_H
#define NERVE_TESTS_SIM_RUNS_H

#include <stdint.h>

#include "metrics/figures.h"
#include "scenarios/language/scenario.h"
#include "sim/sim.h"

#define US 1000LL
#define MS 1000000LL

struct run {
    struct scenario scenario;
    struct tally tally;
    struct figures figures;
};

/* The section `hosts` with one host, `here`. */
extern const char quiet[];

/* Runs quiet + text on the real engine; then "PATH=VALUE" texts of --set, and NULL. */
void run_quiet(struct run *run, const char *text, ...) __attribute__((sentinel));

/* The same on both engines, which must agree in every figure. For small scenarios. */
void run_traced(struct run *run, const char *text, ...) __attribute__((sentinel));

/* Runs one of nerve's own scenarios, with sets as above. */
void run_own(struct run *run, const char *name, ...) __attribute__((sentinel));

/* As run_quiet, with hooks and a width of buckets. */
void run_with(struct run *run, const struct sim_options *options, const char *text,
              const char *const *set, size_t sets);

void run_deinit(struct run *run);

/* A figure that is a number (a decimal: in millionths). */
int64_t run_number(const struct run *run, const char *path);

/* Whether a figure is there and is the word none. */
bool run_none(const struct run *run, const char *path);

/* The text of a figure that is one. */
const char *run_words(const struct run *run, const char *path);

/* What a source set off by synapse, over all phases: how many wakes, and their latencies. */
struct heard {
    uint64_t count;
    int64_t sum_ns, max_ns;
};
struct heard run_reflex(const struct run *run, uint32_t source);

/* The latencies of a kind of signal (its place in the genome), over all phases. */
struct heard run_latency(const struct run *run, uint32_t kind);

/* The figures of a plan's run by the real engine. bits: of the buckets. */
void run_plan_digest(const struct plan *plan, int bits, char text[DIGEST_TEXT_BYTES]);

#endif
