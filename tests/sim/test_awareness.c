/*
 * Versions by hand: when each cell becomes aware, how long it was behind, how old what it knew was.
 */
#include <criterion/criterion.h>

#include "tests/sim/runs.h"

/* Node 0: an eye and motor 1; node 1: motors 2 and 3. One domain. */
static const char eye_and_motors[] =
    "name: eye-and-motors\n"
    "run: {duration: 20ms, seed: 1}\n"
    "colony: {cells: 4, nodes: 2, placement: blocks, types: {eye: 1, motor: 3}}\n"
    "genome:\n"
    "  signals:\n"
    "    stimulus: {size: 0B}\n"
    "    error: {size: 0B, carries: version}\n"
    "    nudge: {size: 0B}\n"
    "  types:\n"
    "    eye: {states: {on: {stimulus: {work: 15us, publish: {signal: error, subject: errors}}}}}\n"
    "    motor:\n"
    "      follows: domain\n"
    "      subscribe: {errors: errors}\n"
    "      states: {on: {error: {work: 10us}, nudge: {work: 1us}}}\n"
    "workload: {touches: {signal: stimulus, to: {type: eye}, at: [10ms], raises: domain}}\n"
    "partitioning: {strategy: edge}\n";

#define COSTS                                                                                      \
    "hosts.here.set.wake_ns=100", "hosts.here.set.nats_publish_ns=700",                            \
        "hosts.here.set.server_ingest_ns=900", "hosts.here.set.server_match_ns=200",               \
        "hosts.here.set.server_match_miss_ns=3000", "hosts.here.set.server_copy_ns=900",           \
        "hosts.here.set.reader_ns=500", "hosts.here.set.send_ns=60",                               \
        "hosts.here.set.ipc_latency_ns=12k"

/*
 * From the stimulus:
 *     eye       wakes at 0, works 100 + 15,000 + 700                            done at 15,800
 *     motor 1   its node's partitioner makes its copy in 60: wakes at 15,860    aware at 25,960
 *     server    gets it at 27,800, takes 900 + 3,000, makes one copy in 900     done at 32,600
 *     reader    of node 1: from 44,600                                          done at 45,100
 *     motor 2   the partitioner's first: wakes at 45,160                        aware at 55,260
 *     motor 3   its second: wakes at 45,220                                     aware at 55,320
 */
enum { MOTOR_1 = 25960, MOTOR_2 = 55260, MOTOR_3 = 55320 };

static void expect_aware(const struct run *run, uint32_t source, uint64_t count, int64_t sum_ns,
                         int64_t max_ns) {
    const struct histogram *aware = run->tally.source[source].aware;
    cr_expect_eq(aware->count, count);
    cr_expect_eq((int64_t)aware->sum, sum_ns, "%ld, not %ld", (long)aware->sum, (long)sum_ns);
    cr_expect_eq(aware->max, max_ns);
}

Test(awareness, three_motors) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, NULL);
    expect_aware(&run, 0, 3, MOTOR_1 + MOTOR_2 + MOTOR_3, MOTOR_3);
    cr_expect_eq(run_number(&run, "aware.touches.reached"), 3);
    cr_expect_eq(run_number(&run, "aware.touches.reachable"), 3);
    /* Each was behind until it knew. */
    cr_expect_eq(run_number(&run, "dissonance.integral_cell_ns"), MOTOR_1 + MOTOR_2 + MOTOR_3);
    cr_expect_eq(run_number(&run, "dissonance.peak_ppm"), 1000000);
    cr_expect_eq(run_number(&run, "dissonance.dissonant_actions"), 0);
    run_deinit(&run);
}

/* A motor that knows at a (of the world at 10 ms) holds what is t old until 10 ms + a (its first
 * version is of time 0), and then what is t - 10 ms old, until 20 ms. Its age peaks as it learns.
 */
Test(awareness, age) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, NULL);
    const int64_t end = 20 * MS, world = 10 * MS, aware[] = {MOTOR_1, MOTOR_2, MOTOR_3};
    int64_t twice = 0, peaks = 0;
    for (int motor = 0; motor < 3; motor++) {
        int64_t knows = world + aware[motor];
        twice += knows * knows;                 /* from 0 to `knows` */
        twice += (end - world) * (end - world); /* from 0 to 10 ms old */
        twice -= aware[motor] * aware[motor];   /* but not so young */
        peaks += knows;
    }
    cr_expect_eq((int64_t)run.tally.age_twice_ns2, twice);
    cr_expect_eq((int64_t)run.tally.age_peaks_ns, peaks);
    cr_expect_eq(run.tally.age_peaks, 3);
    cr_expect_eq(run_number(&run, "dissonance.age_ns.mean"), twice / 2 / (3 * end));
    run_deinit(&run);
}

/*
 * Two stimuli 1 us apart: the eye's second publication leaves 15,800 after its first and carries
 * version 2, and motor 1, at work on the first until 25,960, takes the second as it comes, at
 * 31,660. The first publication itself hands on what it was caused by: version 1. So each motor
 * knows version 1 as before, and version 2 at
 *     motor 1   15,800 x 2 + 60 + 10,100                                            41,760
 *     node 1    the copy is at the server at 43,600, matched now in 200: done at 45,600, is read
 *               from 57,600 to 58,100; motor 2 at 58,160, motor 3 at 58,220:  68,260 and 68,320
 * each less the 1,000 by which the second stimulus came later.
 */
Test(awareness, two_versions) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, "workload.touches.at=[10ms, 10001us]", NULL);
    expect_aware(&run, 0, 6, MOTOR_1 + MOTOR_2 + MOTOR_3 + 41760 + 68260 + 68320 - 3 * 1000, 67320);
    cr_expect_eq(run_number(&run, "dissonance.integral_cell_ns"), 41760 + 68260 + 68320);
    cr_expect_eq(run_number(&run, "signals.error.stale"), 3); /* version 1 after 2 was made */
    run_deinit(&run);
}

/* A motor that skips a version becomes aware of both at that moment: the first error finds nobody
 * (they listen from their first nudge on), the second brings version 2. */
Test(awareness, a_skipped_version_counts_at_the_next) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, "genome.types.motor.subscribe=~",
               "genome.types.motor.states.on.nudge={subscribe: {errors: errors}}",
               "workload.nudges_1={signal: nudge, to: {cell: 1}, at: [11ms]}",
               "workload.nudges_2={signal: nudge, to: {cell: 2}, at: [11ms]}",
               "workload.nudges_3={signal: nudge, to: {cell: 3}, at: [11ms]}",
               "workload.touches.at=[10ms, 12ms]", NULL);
    int64_t each = MOTOR_1 + MOTOR_2 + MOTOR_3; /* the second meets as new a subject as the first */
    expect_aware(&run, 0, 6, each + each + 3 * 2 * MS, 2 * MS + MOTOR_3);
    cr_expect_eq(run_number(&run, "dissonance.integral_cell_ns"), each + 3 * 2 * MS);
    run_deinit(&run);
}

/* Acting on yesterday's world: a nudge with work, while behind, is a dissonant action; one before
 * the stimulus or after the motor knows is none, and the error that brings it up to date is none.
 */
Test(awareness, dissonant_actions) {
    struct run run;
    run_traced(
        &run, eye_and_motors, COSTS,
        "workload.nudges={signal: nudge, to: {cell: 3}, at: [9ms, 10ms, 10010us, 10040us, 11ms]}",
        NULL);
    /* At 10 ms the stimulus is decided first: the eye's cell comes before the motor's. */
    cr_expect_eq(run_number(&run, "dissonance.dissonant_actions"), 3);
    run_deinit(&run);
    /* Without work or sends it is no action. */
    run_traced(
        &run, eye_and_motors, COSTS, "genome.types.motor.states.on.nudge.work=0us",
        "workload.nudges={signal: nudge, to: {cell: 3}, at: [9ms, 10ms, 10010us, 10040us, 11ms]}",
        NULL);
    cr_expect_eq(run_number(&run, "dissonance.dissonant_actions"), 0);
    run_deinit(&run);
}

/* Motors that do not adopt stay behind to the end: 10 ms each, nobody is reached. */
Test(awareness, without_adopting) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, "genome.types.motor.states.on.error.adopt=false", NULL);
    cr_expect_eq(run_number(&run, "aware.touches.reached"), 0);
    cr_expect(run_none(&run, "aware.touches.max"));
    cr_expect_eq(run_number(&run, "dissonance.integral_cell_ns"), 3 * 10 * MS);
    cr_expect_eq(run_number(&run, "dissonance.dissonant_actions"), 3); /* the errors, worked on */
    run_deinit(&run);
}
