/*
 * The story of the misrouted line, at full size: what the host model's trial said of it, with what
 * the line may do in the same window to the reflex that everybody came for.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/sim/runs.h"

#define LINE_NS   (200 * MS) /* when the compiler publishes it */
#define EVERYBODY 499999     /* who hears it: 500,000 less its publisher */
#define NO_WORK   "genome.types.cell.always.any.work=0us"
#define EDGE      "partitioning.strategy=edge"

static void within(int64_t value, int64_t least, int64_t most, const char *what) {
    cr_expect(value >= least && value <= most, "%s: %ld is not in %ld .. %ld", what, (long)value,
              (long)least, (long)most);
}

/* Holds of every strategy and work. */
static void everybody_wakes(const struct run *run) {
    cr_expect(tally_closes(&run->tally));
    /* Nothing of the line is lost; of what goes by synapse, what finds its one slot taken is. */
    cr_expect_eq(run_number(run, "account.dropped.all"),
                 run_number(run, "account.dropped.queue_limit"));
    cr_expect_eq(run_number(run, "signals.debug.reachable"), EVERYBODY);
    cr_expect_eq(run_number(run, "signals.debug.reached"), EVERYBODY);
    cr_expect_eq(run_number(run, "signals.debug.duplicates"), 0);
    cr_expect_eq(run_number(run, "signals.debug.emissions.broadcast"), 1);
    cr_expect_eq(run_number(run, "storm.wakes"), EVERYBODY);
    /* What the reflex pays in the same window is known. */
    cr_expect_geq(run_number(run, "phases.during.stimulus.latency_ns.p50"), 0);
    cr_expect_gt(run_number(run, "phases.during.stimulus.latency_ns.p99"), 0);
    cr_expect_gt(run_number(run, "phases.during.pain.latency_ns.p50"), 0);
    cr_expect_gt(run_number(run, "phases.during.pain.latency_ns.p99"), 0);
    cr_expect_gt(run_number(run, "reflex.reflexes.during.latency_ns.p99"), 0);
}

/* 499,000 copies, made one by one at 900 ns: the server is deaf for as long as it makes them. */
static void server_is_deaf(const struct run *run) {
    within(run_number(run, "hosts.karyon.deaf.longest_ns"), 430 * MS, 470 * MS, "deaf for");
    cr_expect_eq(run_number(run, "hosts.karyon.deaf.nodes"), 1);
    cr_expect_eq(strncmp(run_words(run, "hosts.karyon.deaf.worst"), "server of node ", 15), 0);
    cr_expect_str_eq(run_words(run, "hosts.karyon.first_limit"), "server");
}

Test(storm_story, flat_without_work_lives_deaf_on_few_cores) {
    struct run run;
    run_own(&run, "misrouted-debug", NO_WORK, NULL);
    everybody_wakes(&run);
    cr_expect(run_none(&run, "hosts.karyon.death_at_ns"));
    cr_expect_eq(run_number(&run, "hosts.karyon.dead_ns"), 0);
    cr_expect_lt(run_number(&run, "hosts.karyon.margin_ppm"), 50000);
    server_is_deaf(&run);
    cr_expect_lt(run_number(&run, "storm.cores.mean"), 12 * 1000000);
    within(run_number(&run, "signals.debug.last_ns"), 440 * MS, 460 * MS, "last wake");
    cr_expect_lt(run_number(&run, "phases.during.stimulus.latency_ns.p50"), 2 * US);
    cr_expect_lt(run_number(&run, "phases.during.pain.latency_ns.p99"), 1 * MS);
    run_deinit(&run);
}

Test(storm_story, flat_with_work_dies) {
    struct run run;
    run_own(&run, "misrouted-debug", NULL);
    everybody_wakes(&run);
    server_is_deaf(&run);
    within(run_number(&run, "hosts.karyon.death_at_ns"), LINE_NS, LINE_NS + 100 * MS, "dies at");
    cr_expect_str_eq(run_words(&run, "hosts.karyon.death_by"), "cores");
    within(run_number(&run, "hosts.karyon.dead_ns"), 625 * MS, 637 * MS, "dead for");
    within(run_number(&run, "signals.debug.last_ns"), 645 * MS * 99 / 100, 645 * MS * 101 / 100,
           "last wake");
    cr_expect_gt(run_number(&run, "storm.cores.mean"), 63 * 1000000);
    cr_expect_gt(run_number(&run, "phases.during.stimulus.latency_ns.p50"), 50 * MS);
    cr_expect_gt(run_number(&run, "phases.during.pain.latency_ns.p99"), 50 * MS);
    run_deinit(&run);
}

/* Lines that went where they should, by synapse to the log keeper's node: all that compilers sent
 * but for what found no slot. No compiler lives on that node (checked by the run without a fault),
 * and none is under way at the end. */
static int64_t targeted_lines(const struct run *run) {
    int64_t sent = run_number(run, "signals.debug.emissions.targeted");
    int64_t lost =
        run_number(run, "signals.debug.copies") - run_number(run, "signals.debug.delivered");
    within(sent, 150, 250, "200 builds a second, a line each");
    within(lost, 0, 10, "lines lost");
    return sent - lost;
}

Test(storm_story, without_the_fault_every_line_goes_by_synapse) {
    struct run run;
    run_own(&run, "misrouted-debug", EDGE, "faults.bug=~", NULL);
    cr_expect_eq(run_number(&run, "signals.debug.copies_between_nodes"), targeted_lines(&run));
    cr_expect_eq(run_number(&run, "signals.debug.emissions.broadcast"), 0);
    cr_expect_eq(run_number(&run, "account.dropped.all"), 0);
    cr_expect(run_none(&run, "storm.from_ns"));
    cr_expect(run_none(&run, "phases.during.pain.latency_ns.p50"));
    run_deinit(&run);
}

Test(storm_story, edge_makes_a_copy_a_node) {
    struct run run;
    run_own(&run, "misrouted-debug", EDGE, NULL);
    everybody_wakes(&run);
    cr_expect_eq(run_number(&run, "signals.debug.copies_between_nodes"),
                 499 + targeted_lines(&run));
    cr_expect_eq(run_number(&run, "hosts.karyon.deaf.nodes"), 0);
    within(run_number(&run, "hosts.karyon.death_at_ns"), LINE_NS, LINE_NS + 10 * MS, "dies at");
    within(run_number(&run, "signals.debug.last_ns"), 625 * MS, 640 * MS, "last wake");
    run_deinit(&run);
}

Test(storm_story, edge_without_work_is_ten_times_sooner) {
    struct run flat, edge;
    run_own(&flat, "misrouted-debug", NO_WORK, NULL);
    run_own(&edge, "misrouted-debug", EDGE, NO_WORK, NULL);
    everybody_wakes(&edge);
    cr_expect_eq(run_number(&edge, "signals.debug.copies_between_nodes"),
                 499 + targeted_lines(&edge));
    cr_expect_eq(run_number(&flat, "signals.debug.copies_between_nodes"),
                 499000 + targeted_lines(&flat));
    int64_t flat_ns = run_number(&flat, "signals.debug.last_ns");
    int64_t edge_ns = run_number(&edge, "signals.debug.last_ns");
    cr_expect_leq(edge_ns * 10, flat_ns, "edge %ld ns, flat %ld ns", (long)edge_ns, (long)flat_ns);
    cr_expect(run_none(&edge, "hosts.karyon.death_at_ns"));
    cr_expect_eq(run_number(&edge, "hosts.karyon.deaf.nodes"), 0);
    run_deinit(&flat);
    run_deinit(&edge);
}
