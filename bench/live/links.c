/* Links: nerve's synapses beside the raw loop of libzmq. */
#include "bench/live/bench_live.h"
#include "bench/live/pair.h"

/* a: the queue limit; b: the load, and 8 where the transport is tcp. */
enum { TCP = 8 };

static int run_pair(const struct live_workload *workload, pair_worker *worker, double *figure) {
    enum pair_load load = (enum pair_load)(workload->b % TCP);
    struct pair_result result;
    if (pair_run(worker, load, workload->b >= TCP, workload->a, &result) < 0) {
        return -1;
    }
    if (load == PAIR_LATENCY) {
        figure[0] = (double)result.p50_ns / 1000;
        figure[1] = (double)result.p99_ns / 1000;
    } else {
        figure[0] = result.per_second;
    }
    return 0;
}

static int run(const struct live_workload *workload, struct live_turn *turn) {
    bool raw_first = turn->number % 2 == 1;
    if (raw_first && run_pair(workload, pair_raw, turn->raw) < 0) {
        return -1;
    }
    if (run_pair(workload, pair_synapses, turn->nerve) < 0) {
        return -1;
    }
    return raw_first ? 0 : run_pair(workload, pair_raw, turn->raw);
}

#define RATE                                                                                       \
    {                                                                                              \
        { "", "messages/s", false, 0.8 }                                                           \
    }
#define LATENCY                                                                                    \
    {                                                                                              \
        {"p50", "us", true, 1.25}, {                                                               \
            "p99", "us", true, 0                                                                   \
        }                                                                                          \
    }

static const struct live_workload workloads[] = {
    {"link_1", RATE, 1, 1, PAIR_ONE, run},
    {"link_16", RATE, 1, 16, PAIR_ONE, run},
    {"link_1000", RATE, 1, 1000, PAIR_ONE, run},
    {"links_1", RATE, 1, 1, PAIR_MANY, run},
    {"links_16", RATE, 1, 16, PAIR_MANY, run},
    {"links_1000", RATE, 1, 1000, PAIR_MANY, run},
    {"tcp_link_16", RATE, 1, 16, PAIR_ONE + TCP, run},
    {"tcp_links_16", RATE, 1, 16, PAIR_MANY + TCP, run},
    {"link_latency", LATENCY, 2, 16, PAIR_LATENCY, run},
    {"tcp_link_latency", LATENCY, 2, 16, PAIR_LATENCY + TCP, run},
    {"temporary_links", {{"", "links/s", false, 0.8}}, 1, 16, PAIR_TEMPORARY, run},
};

const struct live_list live_links = {workloads, sizeof workloads / sizeof *workloads};
