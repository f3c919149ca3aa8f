/*
 * Synapses by hand: when each copy leaves, arrives and frees its slot, to the nanosecond. Four
 * nodes of one cell: an eye on node 0, motors on nodes 1 to 3. Costs are epyc-2's; nobody waits for
 * a core.
 */
#include <criterion/criterion.h>

#include "tests/sim/runs.h"

static const char eye_and_motors[] =
    "name: eye-and-motors\n"
    "run: {duration: 20ms, drain: 20ms, seed: 1}\n"
    "colony: {cells: 4, nodes: 4, placement: blocks, types: {eye: 1, motor: 3}}\n"
    "genome:\n"
    "  signals: {a: {size: 0B}, b: {size: 0B}, c: {size: 0B}, pain: {size: 1000B}}\n"
    "  types:\n"
    "    eye:\n"
    "      states:\n"
    "        watching:\n"
    "          a: {send: {signal: pain, to: {type: motor, cell: 1}}}\n"
    "          b: {send: {signal: pain, to: {type: motor, cell: 2}}}\n"
    "          c: {send: {signal: pain, to: {type: motor, cell: 3}}}\n"
    "    motor: {states: {acting: {}}}\n"
    "workload:\n"
    "  a: {signal: a, to: {type: eye}, at: [10ms]}\n"
    "  b: {signal: b, to: {type: eye}, at: [19ms]}\n"
    "  c: {signal: c, to: {type: eye}, at: [19ms]}\n"
    "partitioning: {strategy: flat}\n";

enum { A, B, C }; /* the sources' places */

#define COSTS                                                                                      \
    "hosts.here.set.wake_ns=100", "hosts.here.set.zmq_send_ns=400",                                \
        "hosts.here.set.zmq_connect_ns=30k", "hosts.here.set.link_setup_ns=150k",                  \
        "hosts.here.set.link_ns=400", "hosts.here.set.link_idle_ns=35k",                           \
        "hosts.here.set.link_credit_ns=25k", "hosts.here.set.spin_max_ns=200k",                    \
        "hosts.here.set.ipc_latency_ns=12k", "hosts.here.set.tcp_latency_ns=15k"

#define ONLY_A  "workload.b=~", "workload.c=~"
#define EACH_US "workload.a.at=~", "workload.a.from=10ms", "workload.a.every=1us"

enum {
    WAKE = 100 + 400,            /* wake_ns + zmq_send_ns: an open link */
    OPENING_WAKE = WAKE + 30000, /* + zmq_connect_ns */
    SETUP = 150000,
    WIRE = 12000,
    CREDIT = 25000,
    IDLE = 35000,
    FIRST = OPENING_WAKE + SETUP + WIRE, /* from a stimulus to the motor, over a link that opens */
    COLD = WAKE + IDLE + WIRE,           /* over one that was silent for more than 200 us */
    WARM = WAKE + WIRE,
};

static void expect_heard(struct heard heard, uint64_t count, int64_t sum_ns, int64_t max_ns) {
    cr_expect_eq(heard.count, count, "%lu came through, not %lu", heard.count, count);
    cr_expect_eq(heard.sum_ns, sum_ns, "in all %ld, not %ld", heard.sum_ns, sum_ns);
    cr_expect_eq(heard.max_ns, max_ns, "at most %ld, not %ld", heard.max_ns, max_ns);
}

/*
 * Five EACH_US, stimuli, 1 us apart, one slot, and an eye that waits for it.
 *
 *         stimulus  leaves   has a slot  departs             arrives  frees the slot
 *      0         0   30,500      30,500  180,500 (set up)    192,500         217,500
 *      1     1,000   31,000     217,500  217,500             229,500         254,500
 *      2     2,000  218,000     254,500  254,500             266,500         291,500
 *      3     3,000  255,000     291,500  291,500             303,500         328,500
 *      4     4,000  292,000     328,500  328,500             340,500
 *
 * Copy 2 leaves no sooner than 218,000 since the eye is busy until copy 1 has its slot. From copy 1
 * on, one passes each 37,000 ns: the wire's 12,000 and the 25,000 until its slot is free again.
 */
Test(synapse_times, one_slot_blocks) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, "synapses.on_full=block", EACH_US,
               "workload.a.count=5", NULL);
    expect_heard(run_reflex(&run, A), 5, 192500 + 228500 + 264500 + 300500 + 336500, 336500);
    /* From the end of the eye's wake, and so long the link holds each. */
    int64_t held_ns = 162000 + 198500 + 48500 + 48500 + 48500;
    expect_heard(run_latency(&run, 3), 5, held_ns, 198500);
    cr_expect_eq((int64_t)run.tally.buffer[PLACE_LINK].held_sum_ns, held_ns);
    cr_expect_eq(run_number(&run, "buffers.link.peak"), 2); /* one has the slot, one waits */
    cr_expect_eq(run_number(&run, "account.dropped.all"), 0);
    run_deinit(&run);
}

/* What a limit lets through: limit / (latency + credit). The fourth, eighth and twelfth copy after
 * the first come 37,000 ns apart at a limit of 4; at a limit of 1 each one does. */
Test(synapse_times, throughput_is_limit_over_round_trip) {
    const char *stimuli = "workload.a.count=13";
    const int64_t trip = WIRE + CREDIT, stimulus = 12000;
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, EACH_US, stimuli, "synapses.on_full=block",
               NULL);
    cr_expect_eq(run_reflex(&run, A).max_ns, FIRST + 12 * trip - stimulus);
    run_deinit(&run);
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, EACH_US, stimuli, "synapses.on_full=block",
               "synapses.queue_limit=4", NULL);
    cr_expect_eq(run_reflex(&run, A).max_ns, FIRST + 3 * trip - stimulus);
    run_deinit(&run);
    /* The kernel's slots count like the library's. */
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, EACH_US, stimuli, "synapses.on_full=block",
               "synapses.queue_limit=3", "hosts.here.set.kernel_slots=1", NULL);
    cr_expect_eq(run_reflex(&run, A).max_ns, FIRST + 3 * trip - stimulus);
    run_deinit(&run);
}

/* The same five with `drop`: the first takes the slot for 187,000 ns, the others find none. */
Test(synapse_times, one_slot_drops) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, "synapses.on_full=drop", EACH_US,
               "workload.a.count=5", NULL);
    expect_heard(run_reflex(&run, A), 1, FIRST, FIRST);
    cr_expect_eq(run_number(&run, "account.dropped.queue_limit"), 4);
    run_deinit(&run);
}

/* The slot is free 217,500 ns after the first stimulus: a copy that leaves then has it (it departs
 * 37,000 ns after the one before, so the link is warm), one that leaves 1 ns before has none. */
Test(synapse_times, slot_is_free_at_the_very_time) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, "synapses.on_full=drop",
               "workload.a.at=[10ms, 10217000ns]", NULL);
    expect_heard(run_reflex(&run, A), 2, FIRST + WARM, FIRST);
    run_deinit(&run);
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, "synapses.on_full=drop",
               "workload.a.at=[10ms, 10216999ns]", NULL);
    expect_heard(run_reflex(&run, A), 1, FIRST, FIRST);
    run_deinit(&run);
}

/* After more than 200 us of silence a departure takes 35,000 ns longer. The first departs at
 * 10,180,500; the second leaves at 10,380,500 (warm) or 10,380,501 (cold). */
Test(synapse_times, silence_cools_a_link) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, "workload.a.at=[10ms, 10380us]", NULL);
    expect_heard(run_reflex(&run, A), 2, FIRST + WARM, FIRST);
    run_deinit(&run);
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, "workload.a.at=[10ms, 10380001ns]", NULL);
    expect_heard(run_reflex(&run, A), 2, FIRST + COLD, FIRST);
    run_deinit(&run);
}

/* The first copy arrives at 10,192,500: with idle_close 1 ms the link is open until 11,192,500,
 * and at that very time it is closed. */
Test(synapse_times, a_silent_link_closes) {
    struct run run;
    /* Decided and left in time. */
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, "synapses.idle_close=1ms",
               "workload.a.at=[10ms, 11191999ns]", NULL);
    expect_heard(run_reflex(&run, A), 2, FIRST + COLD, FIRST);
    cr_expect_eq(run_number(&run, "synapses.opened"), 1);
    run_deinit(&run);
    /* Open as the wake is decided (so it pays no connect), closed as the copy leaves. */
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, "synapses.idle_close=1ms",
               "workload.a.at=[10ms, 11192us]", NULL);
    expect_heard(run_reflex(&run, A), 2, FIRST + WAKE + SETUP + WIRE, FIRST);
    cr_expect_eq(run_number(&run, "synapses.opened"), 2);
    run_deinit(&run);
    /* Closed as the wake is decided. */
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, "synapses.idle_close=1ms",
               "workload.a.at=[10ms, 11192500ns]", NULL);
    expect_heard(run_reflex(&run, A), 2, 2 * FIRST, FIRST);
    cr_expect_eq(run_number(&run, "synapses.opened"), 2);
    cr_expect_eq(run_number(&run, "synapses.closed"), 2); /* the run goes on for 27 ms */
    cr_expect_eq(run_number(&run, "synapses.open_end"), 0);
    run_deinit(&run);
}

/* One link a node: the one to node 1 can be closed for another once its slot is free, 217,500 ns
 * after its stimulus. The copy to node 2 leaves 30,500 after its own. */
Test(synapse_times, max_links_closes_what_holds_nothing) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, "workload.c=~", "synapses.max_links=1",
               "workload.b.at=[10186999ns]", NULL);
    cr_expect_eq(run_reflex(&run, B).count, 0);
    cr_expect_eq(run_number(&run, "account.dropped.links"), 1);
    cr_expect_eq(run_number(&run, "synapses.rejected"), 1);
    cr_expect_eq(run_number(&run, "synapses.opened"), 1);
    run_deinit(&run);
    run_traced(&run, eye_and_motors, COSTS, "workload.c=~", "synapses.max_links=1",
               "workload.b.at=[10187us]", NULL);
    expect_heard(run_reflex(&run, B), 1, FIRST, FIRST);
    cr_expect_eq(run_number(&run, "account.dropped.all"), 0);
    cr_expect_eq(run_number(&run, "synapses.opened"), 2);
    cr_expect_eq(run_number(&run, "synapses.closed"), 1);
    cr_expect_eq(run_number(&run, "synapses.peak"), 1);
    run_deinit(&run);
}

/* Two links a node: the one whose last copy arrived longest ago goes.
 *     10 ms to node 1 opens; 11 ms to node 2 opens; 12 ms to node 1 is there (but cold);
 *     13 ms to node 3 closes the one to node 2; 13.1 ms to node 1 is there (it arrives at
 * 13,147,500, the copy to node 3 at 13,192,500); 14 ms to node 2 closes the one to node 1; 14.5 ms
 * to node 3 is there. */
Test(synapse_times, max_links_closes_the_longest_silent) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, "synapses.max_links=2",
               "workload.a.at=[10ms, 12ms, 13100us]", "workload.b.at=[11ms, 14ms]",
               "workload.c.at=[13ms, 14500us]", NULL);
    expect_heard(run_reflex(&run, A), 3, FIRST + COLD + COLD, FIRST);
    expect_heard(run_reflex(&run, B), 2, FIRST + FIRST, FIRST);
    expect_heard(run_reflex(&run, C), 2, FIRST + COLD, FIRST);
    cr_expect_eq(run_number(&run, "synapses.opened"), 4);
    cr_expect_eq(run_number(&run, "synapses.closed"), 2);
    cr_expect_eq(run_number(&run, "synapses.peak"), 2);
    run_deinit(&run);
}

/* tcp has a wire of its own; each of 1,000 bytes costs the eye 1 ns at 1,000 ps. */
Test(synapse_times, transport_and_bytes) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, ONLY_A, "synapses.transport=tcp",
               "hosts.here.set.copy_ps_per_byte=1000", NULL);
    expect_heard(run_reflex(&run, A), 1, OPENING_WAKE + 1000 + SETUP + 15000,
                 OPENING_WAKE + 1000 + SETUP + 15000);
    run_deinit(&run);
}

/* Nodes 2 and 3 on a second host: 1,000 bytes at 1 GB/s hold the card for 1,000 ns, the second copy
 * departs 500 ns (its wake) and a connect after the first and so finds it free. */
Test(synapse_times, another_host_is_behind_a_card) {
    struct run run;
    run_traced(&run, eye_and_motors, COSTS, "hosts.here.count=2", "workload.a=~",
               "hosts.here.set.net_latency_ns=25k", "hosts.here.set.net_bytes_per_s=1G",
               "workload.b.at=[10ms]", "workload.c.at=[10ms]", NULL);
    int64_t alone = OPENING_WAKE + SETUP + 1000 + 25000;
    expect_heard(run_reflex(&run, 0), 1, alone, alone);
    expect_heard(run_reflex(&run, 1), 1, OPENING_WAKE + alone, OPENING_WAKE + alone);
    cr_expect_eq(run_number(&run, "traffic.copies_between_hosts"), 2);
    run_deinit(&run);
    /* With nothing to pay before it, the second stands behind the first for 500 of its 1,000 ns. */
    run_traced(&run, eye_and_motors, COSTS, "hosts.here.count=2", "workload.a=~",
               "hosts.here.set.net_latency_ns=25k", "hosts.here.set.net_bytes_per_s=1G",
               "hosts.here.set.zmq_connect_ns=0", "workload.b.at=[10ms]", "workload.c.at=[10ms]",
               NULL);
    alone = WAKE + SETUP + 1000 + 25000;
    expect_heard(run_reflex(&run, 0), 1, alone, alone);
    expect_heard(run_reflex(&run, 1), 1, WAKE + alone + 500, WAKE + alone + 500);
    run_deinit(&run);
}
