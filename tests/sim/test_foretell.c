/* What is foretold of events, against what runs then count. Memory is the process's: see
 * tests/cli/test_forecast.sh. */
#include <criterion/criterion.h>

#include "tests/sim/runs.h"

static void expect_near(struct run *run) {
    int64_t foretold = sim_foretell(&run->scenario.plan).events;
    int64_t used = (int64_t)run->tally.events;
    cr_expect_neq(foretold, PLAN_NONE, "%s: nothing foretold", run->scenario.plan.name);
    cr_expect(foretold * 5 >= used * 4 && foretold * 5 <= used * 6, "%s: %lld events, not %lld",
              run->scenario.plan.name, (long long)used, (long long)foretold);
    run_deinit(run);
}

static void expect_untold(struct run *run) {
    cr_expect_eq(sim_foretell(&run->scenario.plan).events, PLAN_NONE);
    run_deinit(run);
}

#define HEAD(cells, nodes, duration)                                                               \
    "name: foretell\nrun: {duration: " duration ", seed: 1}\n"                                     \
    "partitioning: {strategy: flat}\n"                                                             \
    "colony: {cells: " cells ", nodes: " nodes ", domains: 1, types: {a: 50%, b: rest}}\n"

#define STIMULI(rate)                                                                              \
    "workload: {s: {signal: touch, to: {type: a}, rate: " rate ", law: exponential}}\n"

/* A source, a send to one's own node, a send to another: 1 + 1 + 2 events. */
#define CHAIN                                                                                      \
    "genome:\n"                                                                                    \
    "  signals: {touch: {size: 0B}, near: {size: 0B}, far: {size: 0B}}\n"                          \
    "  types:\n"                                                                                   \
    "    a:\n"                                                                                     \
    "      bonds: {there: {type: b, not: same_node}}\n"                                            \
    "      states: {on: {touch: {send: [{signal: near, to: {where: same_node}},"                   \
    " {signal: far, to: there}]}}}\n"                                                              \
    "    b: {states: {on: {}}}\n"

Test(foretell, sends_near_and_far) {
    struct run run;
    run_quiet(&run, HEAD("1000", "10", "1s") CHAIN STIMULI("20k/s"), NULL);
    cr_expect_eq(run.tally.events % 4, 0);
    expect_near(&run);
}

/* Anybody: one in four is on one's own node. */
#define ANYBODY                                                                                    \
    "genome:\n"                                                                                    \
    "  signals: {touch: {size: 0B}, more: {size: 0B}}\n"                                           \
    "  types:\n"                                                                                   \
    "    a: {states: {on: {touch: [{when: {probability: 25%}},"                                    \
    " {send: {signal: more, to: {type: b}}}]}}}\n"                                                 \
    "    b: {states: {on: {more: {send: {signal: touch, to: sender}}}}}\n"

Test(foretell, answers_that_die_out) {
    struct run run;
    run_quiet(&run, HEAD("1000", "4", "1s") ANYBODY STIMULI("5k/s"), NULL);
    expect_near(&run);
}

Test(foretell, blocks) {
    struct run run;
    run_quiet(&run, HEAD("1000", "4", "1s") ANYBODY STIMULI("5k/s"), "colony.placement=blocks",
              NULL);
    expect_near(&run);
}

/* Each cell of type a answers once, then no more. */
#define ONCE                                                                                       \
    "genome:\n"                                                                                    \
    "  signals: {touch: {size: 0B}, more: {size: 0B}}\n"                                           \
    "  types:\n"                                                                                   \
    "    a: {start: fresh, states: {fresh: {touch: {next: spent,"                                  \
    " send: [{signal: more, to: {type: b, not: same_node}},"                                       \
    " {signal: more, to: {type: b, not: same_node}}]}}, spent: {}}}\n"                             \
    "    b: {states: {on: {}}}\n"

Test(foretell, states_that_are_used_up) {
    struct run run;
    run_quiet(&run, HEAD("1000", "4", "1s") ONCE STIMULI("3k/s"), NULL);
    expect_near(&run);
}

#define TIMERS                                                                                     \
    "genome:\n"                                                                                    \
    "  signals: {touch: {size: 0B}, more: {size: 0B}}\n"                                           \
    "  types:\n"                                                                                   \
    "    a:\n"                                                                                     \
    "      timers: {beat: {law: uniform, min: 0s, max: 100ms}}\n"                                  \
    "      states: {on: {timers: {beat: {set_timer: {beat: 100ms},"                                \
    " send: {signal: more, to: {type: b, not: same_node}}}}}}\n"                                   \
    "    b:\n"                                                                                     \
    "      timers: {off: 10s}\n"                                                                   \
    "      states: {on: {more: {set_timer: {off: {law: exponential, mean: 300ms}}}}}\n"

Test(foretell, timers) {
    struct run run;
    run_quiet(&run, HEAD("400", "4", "1550ms") TIMERS, NULL);
    expect_near(&run);
}

/* One cell of ten that should do three times what it can. */
#define BUSY                                                                                       \
    "genome:\n"                                                                                    \
    "  signals: {touch: {size: 0B}, more: {size: 0B}}\n"                                           \
    "  types:\n"                                                                                   \
    "    a: {states: {on: {touch: {work: 3ms, send: {signal: more, to: {type: b}}}}}}\n"           \
    "    b: {states: {on: {}}}\n"

Test(foretell, cells_that_cannot_follow) {
    struct run run;
    run_quiet(&run, HEAD("10", "2", "2s") BUSY STIMULI("5k/s"), NULL);
    expect_near(&run);
}

/* The world publishes: to one domain of two, by origin. */
#define HEARD                                                                                      \
    "genome:\n"                                                                                    \
    "  signals: {touch: {size: 0B}}\n"                                                             \
    "  types:\n"                                                                                   \
    "    a: {subscribe: {own: \"d.{domain}.*\"}, states: {on: {}}}\n"                              \
    "    b: {states: {on: {}}}\n"                                                                  \
    "workload: {s: {signal: touch, publish: {subject: d.1.x}, every: 10ms}}\n"

Test(foretell, audience_of_a_domain) {
    struct run run;
    run_quiet(&run, HEAD("1000", "10", "1s") HEARD, "colony.domains=2",
              "hosts.here.set.server_copy_ns=100", NULL);
    expect_near(&run);
}

Test(foretell, limit_of_wakes) {
    struct run run;
    struct error error;
    run_quiet(&run, HEAD("1000", "10", "1s") CHAIN STIMULI("20k/s"), NULL);
    run.scenario.plan.run.limit_wakes = 5000;
    struct sim *sim =
        sim_create(&run.scenario.plan, &(struct sim_options){.bucket_bits = -1}, &error);
    cr_assert_eq(sim_run(sim), SIM_STOPPED);
    sim_tally(sim, &run.tally);
    sim_destroy(sim);
    expect_near(&run);
}

Test(foretell, own_scenarios) {
    struct run run;
    run_own(&run, "pain-reflex", "workload.reflexes.rate=2k/s", NULL);
    expect_near(&run);
    run_own(&run, "misrouted-debug", "colony.cells=50k", "run.duration=600ms", NULL);
    expect_near(&run);
    run_own(&run, "misrouted-debug", "colony.cells=50k", "run.duration=600ms",
            "partitioning.strategy=edge", NULL);
    expect_near(&run);
}

/* Nobody can tell. */

#define ENDLESS                                                                                    \
    "genome:\n"                                                                                    \
    "  signals: {touch: {size: 0B}}\n"                                                             \
    "  types:\n"                                                                                   \
    "    a: {states: {on: {touch: {send: {signal: touch, to: {type: a}}}}}}\n"                     \
    "    b: {states: {on: {}}}\n"

Test(foretell, sends_without_end) {
    struct run run;
    run_quiet(&run, HEAD("100", "2", "1us") ENDLESS STIMULI("10M/s"), NULL);
    expect_untold(&run);
}

Test(foretell, reactions_that_publish) {
    struct run run;
    run_own(&run, "gradient-error", "run.duration=300ms", NULL);
    expect_untold(&run);
}

/* The same plan, the same forecast; and more cells take more memory. */
Test(foretell, memory_grows) {
    struct run run;
    run_quiet(&run, HEAD("1000", "10", "10ms") CHAIN STIMULI("20k/s"), NULL);
    int64_t small = sim_foretell(&run.scenario.plan).memory_bytes;
    cr_expect_eq(small, sim_foretell(&run.scenario.plan).memory_bytes);
    run_deinit(&run);
    run_quiet(&run, HEAD("200k", "10", "10ms") CHAIN STIMULI("20k/s"), NULL);
    int64_t large = sim_foretell(&run.scenario.plan).memory_bytes;
    cr_expect(large - small >= 199000LL * (32 + 1 + 4) && large - small <= 199000LL * 60,
              "%lld bytes more", (long long)(large - small));
    run_deinit(&run);
}
