/*
 * Age of information of one source and one cell: Poisson updates, exponential work, first come
 * first served (M/M/1). Kaul, Yates and Gruteser 2012: mean age (1/mu)(1 + 1/rho + rho^2/(1-rho));
 * Costa, Codreanu and Ephremides 2016: mean peak 1/lambda + 1/(mu - lambda).
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "tests/sim/runs.h"

static const char watcher[] =
    "name: watcher\n"
    "run: {duration: 200s, warm_up: 1s, sample: 1s, seed: 1}\n"
    "colony: {cells: 1, nodes: 1, types: {watcher: 1}}\n"
    "genome:\n"
    "  signals: {news: {size: 0B, carries: version}}\n"
    "  types:\n"
    "    watcher:\n"
    "      follows: domain\n"
    "      states: {up: {news: {work: {law: exponential, mean: 100us}}}}\n"
    "workload:\n"
    "  world: {signal: news, to: {type: watcher}, rate: 1/s, law: exponential, raises: domain}\n";

static void near(double value, double expected, const char *what, int percent) {
    cr_expect(fabs(value - expected) <= 0.03 * expected, "%s at %d %%: %.1f, exact is %.1f", what,
              percent, value, expected);
}

static void age(int percent) {
    char rate[64];
    (void)snprintf(rate, sizeof rate, "workload.world.rate=%d/s", percent * 100);
    struct run run;
    run_quiet(&run, watcher, rate, NULL);
    double rho = percent / 100.0, work_ns = 100e3;
    near((double)run_number(&run, "dissonance.age_ns.mean"),
         work_ns * (1 + 1 / rho + rho * rho / (1 - rho)), "mean age", percent);
    near((double)run_number(&run, "dissonance.age_ns.peak"), work_ns / rho + work_ns / (1 - rho),
         "peak of the age", percent);
    /* Each update is a stimulus, and the time to aware of it is its stay in the queue. */
    near((double)run_number(&run, "aware.world.mean"), work_ns / (1 - rho), "time to aware",
         percent);
    /* Behind from an update's arrival until the queue is empty: the server's busy share. */
    near((double)run_number(&run, "dissonance.integral_cell_ns"),
         rho * (double)run.tally.measured_ns, "time behind", percent);
    run_deinit(&run);
}

Test(age, first_come_first_served) {
    age(30);
    age(53); /* where the mean age is least */
    age(80);
}
