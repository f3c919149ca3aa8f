/*
 * Gradients by hand: a publication's way through the server's loop, readers and partitioners, to
 * the nanosecond; what a subscription and a connection hold at most, and what happens beyond.
 */
#include <criterion/criterion.h>

#include "tests/sim/runs.h"

/* Node 0: a speaker (cell 0) and listener 1; node 1: listeners 2 and 3. */
static const char speaker_and_listeners[] =
    "name: speaker-and-listeners\n"
    "run: {duration: 20ms, drain: 20ms, seed: 1}\n"
    "colony: {cells: 4, nodes: 2, placement: blocks, types: {speaker: 1, listener: 3}}\n"
    "genome:\n"
    "  signals: {go: {size: 0B}, news: {size: 1000B}}\n"
    "  types:\n"
    "    speaker: {states: {on: {go: {publish: {signal: news, subject: a.b}}}}}\n"
    "    listener: {subscribe: {news: a.b}}\n"
    "workload: {go: {signal: go, to: {type: speaker}, at: [10ms, 11ms]}}\n"
    "partitioning: {strategy: flat}\n";

#define COSTS                                                                                      \
    "hosts.here.set.wake_ns=100", "hosts.here.set.nats_publish_ns=700",                            \
        "hosts.here.set.server_ingest_ns=900", "hosts.here.set.server_match_ns=200",               \
        "hosts.here.set.server_match_miss_ns=3000", "hosts.here.set.server_copy_ns=900",           \
        "hosts.here.set.reader_ns=500", "hosts.here.set.send_ns=60",                               \
        "hosts.here.set.ipc_latency_ns=12k"

enum { NEWS = 1, WIRE = 12000, MISS = 900 + 3000, MATCH = 900 + 200, COPY = 900, READER = 500 };

static void expect_latency(const struct run *run, uint64_t count, int64_t sum_ns, int64_t max_ns) {
    struct heard heard = run_latency(run, NEWS);
    cr_expect_eq(heard.count, count, "%lu heard, not %lu", heard.count, count);
    cr_expect_eq(heard.sum_ns, sum_ns, "in all %ld, not %ld", heard.sum_ns, sum_ns);
    cr_expect_eq(heard.max_ns, max_ns, "at most %ld, not %ld", heard.max_ns, max_ns);
}

/*
 * From the end of the speaker's wake (100 + 700 after `go`). The first publication meets an unknown
 * subject; the second costs the server 2,800 less.
 *     listener 1   its node's own reader makes its copy: 60
 *     listener 2   wire, ingest and match, its copy, wire, reader: 12,000 + 3,900 + 900 + 12,000 +
 * 500 listener 3   its copy is the loop's second: 900 later (its reader is long idle)
 */
Test(gradient_times, origin) {
    struct run run;
    run_traced(&run, speaker_and_listeners, COSTS, NULL);
    int64_t second = WIRE + MISS + COPY + WIRE + READER, third = second + COPY, less = 3000 - 200;
    cr_expect_eq(second, 29300);
    expect_latency(&run, 6, 2 * 60 + (second + third) + (second + third - 2 * less), third);
    cr_expect_eq(run_number(&run, "signals.news.last_ns"), 30200);
    cr_expect_eq(run_number(&run, "traffic.copies_between_nodes"), 4);
    cr_expect_eq(run_number(&run, "traffic.bytes_between_nodes"), 4 * 1000);
    run_deinit(&run);
}

/* One copy to node 1, whose partitioner makes two of it at 60 each. */
Test(gradient_times, edge) {
    struct run run;
    run_traced(&run, speaker_and_listeners, COSTS, "partitioning.strategy=edge", NULL);
    int64_t second = WIRE + MISS + COPY + WIRE + READER + 60, third = second + 60,
            less = 3000 - 200;
    expect_latency(&run, 6, 2 * 60 + (second + third) + (second + third - 2 * less), third);
    cr_expect_eq(third, 29420);
    cr_expect_eq(run_number(&run, "traffic.copies_between_nodes"), 2);
    run_deinit(&run);
    /* Two partitioners, a listener each: at once. */
    run_traced(&run, speaker_and_listeners, COSTS, "partitioning.strategy=edge",
               "partitioning.edge.partitioners=2", NULL);
    expect_latency(&run, 6, 2 * 60 + 2 * second + 2 * (second - less), second);
    run_deinit(&run);
}

/* A loop is cut: a quantum of 1,800 ns makes two copies of 900, a third waits for its next
 * slice, and in between comes nobody, so it leaves when it would have left anyway. */
Test(gradient_times, slices_lose_no_time_when_alone) {
    struct run whole, cut;
    run_traced(&whole, speaker_and_listeners, COSTS, "colony.cells=40", "colony.types.listener=39",
               NULL);
    run_traced(&cut, speaker_and_listeners, COSTS, "colony.cells=40", "colony.types.listener=39",
               "hosts.here.set.quantum_ns=1800", NULL);
    cr_expect_eq(run_latency(&whole, NEWS).sum_ns, run_latency(&cut, NEWS).sum_ns);
    cr_expect_eq(run_latency(&whole, NEWS).max_ns, WIRE + MISS + 20 * COPY + WIRE + READER);
    run_deinit(&whole);
    run_deinit(&cut);
}

/* A listener on node 1, alone, hears what the world publishes at the server of node 0. */
static const char world_and_listener[] =
    "name: world-and-listener\n"
    "run: {duration: 20ms, drain: 20ms, seed: 1}\n"
    "colony: {cells: 2, nodes: 2, placement: blocks, types: {other: 1, listener: 1}}\n"
    "genome:\n"
    "  signals: {chore: {size: 0B}, news: {size: 1000B}}\n"
    "  types:\n"
    "    other: {states: {on: {chore: {work: 100us}}}}\n"
    "    listener: {subscribe: {news: a.b}, states: {on: {news: {work: 50us}}}}\n"
    "workload: {news: {signal: news, publish: {subject: a.b}, at: [10ms]}}\n"
    "partitioning: {strategy: flat}\n";

#define KNOWN "hosts.here.set.server_match_miss_ns=200"

/* From the world's publication: ingest, match and copy, wire, reader; nothing crosses before. */
enum { WAY = 900 + 200 + COPY + WIRE + READER };

/*
 * One copy may wait. Work of 100 + 50,000; copies come 5 us apart and 60 us after the first:
 *     0         starts at once
 *     5,000     waits 45,100
 *     10,000    finds one waiting: dropped
 *     60,000    the second has been at work since 50,100: waits until 100,200
 */
Test(gradient_times, pending_limit) {
    struct run run;
    run_traced(&run, world_and_listener, COSTS, KNOWN,
               "workload.news.at=[10ms, 10005us, 10010us, 10060us]", NULL);
    expect_latency(&run, 3, 3 * WAY + 45100 + 40200, WAY + 45100);
    cr_expect_eq(run_number(&run, "account.dropped.pending"), 1);
    cr_expect_eq((int64_t)run.tally.buffer[PLACE_MAILBOX].held_sum_ns, 45100 + 40200);
    cr_expect_eq(run_number(&run, "buffers.mailbox.peak"), 1);
    run_deinit(&run);
    /* Two may: the third waits until 100,200, the fourth until 150,300. */
    run_traced(&run, world_and_listener, COSTS, KNOWN, "gradients.pending_limit=2",
               "workload.news.at=[10ms, 10005us, 10010us, 10060us]", NULL);
    expect_latency(&run, 4, 4 * WAY + 45100 + 90200 + 90300, WAY + 90300);
    cr_expect_eq(run_number(&run, "account.dropped.pending"), 0);
    run_deinit(&run);
}

/* A copy whose job waits for a core is pending too. One core, taken at 9,990,000 for 100,100 ns;
 * server and reader go ahead and put 2 x (2,000 + 500) on top. The first copy waits for it, the
 * second, 5 us later, finds it waiting. */
Test(gradient_times, waiting_for_a_core_is_pending) {
    struct run run;
    run_traced(&run, world_and_listener, COSTS, KNOWN, "hosts.here.set.cores=1",
               "workload.chores={signal: chore, to: {type: other}, at: [9990us]}",
               "workload.news.at=[10ms, 10005us]", NULL);
    cr_expect_eq(run_number(&run, "account.dropped.pending"), 1);
    /* Its start is fixed when it is ready: by then the first publication's stations have gone
     * ahead, and the second's server, which was at work at 10,005,000 to 10,007,000. */
    int64_t starts = 9990000 + 100100 + 2000 + 500 + 2000;
    expect_latency(&run, 1, starts - 10000000, starts - 10000000);
    run_deinit(&run);
}

/*
 * A slow consumer. A reader takes 100 us a copy, copies come each 10 us, 1,000 bytes and a header
 * of 64 each; three may wait. The copy at 40 us is one too many: it and the three are dropped, and
 * so is what comes for 200 us, until 240 us (what comes then gets through). The one at work goes
 * on.
 */
Test(gradient_times, slow_consumer) {
    struct run run;
    run_traced(&run, world_and_listener, COSTS, KNOWN, "hosts.here.set.reader_ns=100k",
               "hosts.here.set.header_bytes=64", "hosts.here.set.reconnect_ns=200k",
               "gradients.max_pending_bytes=3192B", "workload.news.at=~", "workload.news.from=10ms",
               "workload.news.every=10us", "workload.news.count=25", NULL);
    int64_t way = 2000 + WIRE + 100000; /* of the 1st and the 25th */
    expect_latency(&run, 2, 2 * way, way);
    cr_expect_eq(run_number(&run, "account.dropped.slow_consumer"), 23);
    cr_expect_eq(run_number(&run, "buffers.reader.peak"), 3);
    /* They are held until the cut: for 30, 20 and 10 us. */
    cr_expect_eq((int64_t)run.tally.buffer[PLACE_READER].held_sum_ns, 60000);
    run_deinit(&run);
    /* A byte less, and the third has no place: cut at 30 us, until 230 us. The 24th is at work then
     * and the 25th waits for it. */
    run_traced(&run, world_and_listener, COSTS, KNOWN, "hosts.here.set.reader_ns=100k",
               "hosts.here.set.header_bytes=64", "hosts.here.set.reconnect_ns=200k",
               "gradients.max_pending_bytes=3191B", "workload.news.at=~", "workload.news.from=10ms",
               "workload.news.every=10us", "workload.news.count=25", NULL);
    cr_expect_eq(run_number(&run, "account.dropped.slow_consumer"), 22);
    expect_latency(&run, 3, 3 * way + 90000, way + 90000);
    run_deinit(&run);
}

/*
 * What a stall saves. Eight may wait (8,512 bytes; 3/4 is six), the wire costs nothing: copy k
 * reaches the reader 2 us after it was made, and the reader does it from 2 + 100 k to 102 + 100 k.
 *     at 72    seven wait (1 to 7)
 *     8        ready at 80, finds seven and waits 100: there at 182, beside six (2 to 7)
 *     9        ready at 182, just before that: finds six, and goes: there at 184, the eighth
 *     10       ready at 184, finds seven (8 waits, 9 is not there yet): there at 286, the eighth
 *     11       ready at 286, finds seven: there at 388, the eighth
 * Nothing is dropped; copy k is heard 102 + 100 k - 10 k us after it was made.
 */
Test(gradient_times, stalls_save_a_slow_consumer) {
    struct run run;
    run_traced(&run, world_and_listener, COSTS, KNOWN, "hosts.here.set.reader_ns=100k",
               "hosts.here.set.header_bytes=64", "hosts.here.set.reconnect_ns=200k",
               "hosts.here.set.ipc_latency_ns=0", "hosts.here.set.stall_ns=100k",
               "hosts.here.set.stall_max_ns=100k", "gradients.max_pending_bytes=8512B",
               "workload.news.at=~", "workload.news.from=10ms", "workload.news.every=10us",
               "workload.news.count=12", NULL);
    cr_expect_eq(run_number(&run, "account.dropped.all"), 0);
    expect_latency(&run, 12, 12 * 102000 + 66 * 90000, 102000 + 11 * 90000);
    cr_expect_eq(run_number(&run, "buffers.reader.peak"), 8);
    run_deinit(&run);
    /* Without: the tenth is one too many, and cuts for 200 us. */
    run_traced(&run, world_and_listener, COSTS, KNOWN, "hosts.here.set.reader_ns=100k",
               "hosts.here.set.header_bytes=64", "hosts.here.set.reconnect_ns=200k",
               "hosts.here.set.ipc_latency_ns=0", "gradients.max_pending_bytes=8512B",
               "workload.news.at=~", "workload.news.from=10ms", "workload.news.every=10us",
               "workload.news.count=12", NULL);
    cr_expect_eq(run_number(&run, "account.dropped.slow_consumer"), 11);
    run_deinit(&run);
}
