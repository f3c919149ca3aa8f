#include "bench/bare.h"

/* A publication reaches a node by its server's loop: the moment at which the node's reader has it,
 * the copy being the n-th (from 0) of the loop. */
static int64_t at_partitioner(struct bare *b, int64_t server_start, uint32_t n) {
    const struct host_profile *p = b->profile;
    int64_t leaves =
        server_start + p->server_ingest_ns + p->server_match_ns + (n + 1) * p->server_copy_ns;
    int64_t arrives = leaves + p->ipc_latency_ns;
    return bare_job_ahead(b, arrives, p->reader_ns, false) + p->reader_ns;
}

static int64_t server_loop(struct bare *b, int64_t ready, uint32_t copies) {
    const struct host_profile *p = b->profile;
    int64_t cost = p->server_ingest_ns + p->server_match_ns + copies * p->server_copy_ns;
    return bare_job_ahead(b, ready, cost, false);
}

struct bare_result bare_storm(const struct plan *plan, uint64_t wakes) {
    struct bare *b = bare_make(plan);
    const int64_t step = b->profile->send_ns;
    const uint32_t cells = plan->colony.cells;
    const uint32_t slice = (uint32_t)(b->profile->quantum_ns / step);
    int64_t begin = bare_cpu_ns();
    for (int64_t at = plan->source[0].interval_ns; b->wakes < wakes;
         at += plan->source[0].interval_ns) {
        int64_t ready = at_partitioner(b, server_loop(b, at, 1), 0);
        for (uint32_t from = 0; from < cells; from += slice) {
            uint32_t until = cells - from > slice ? from + slice : cells;
            int64_t now = bare_job(b, ready, (until - from) * step);
            for (uint32_t cell = from; cell < until; cell++) {
                now += step;
                bare_wake(b, &b->cell[cell], now, 0, true, true);
            }
            ready = now;
        }
        b->wakes += cells;
    }
    return bare_free(b, bare_cpu_ns() - begin);
}

struct bare_result bare_storm_by_nodes(const struct plan *plan, uint64_t wakes) {
    struct bare *b = bare_make(plan);
    const struct host_profile *p = b->profile;
    const uint32_t nodes = plan->colony.nodes;
    const uint32_t most = bare_node_first(b, 1) + 1;
    int64_t begin = bare_cpu_ns();
    for (int64_t at = plan->source[0].interval_ns; b->wakes < wakes;
         at += plan->source[0].interval_ns) {
        int64_t server = server_loop(b, at, nodes);
        /* Copies come in rounds of one a node; a node's loop begins `lag` rounds after the one
         * before it, as the server's copies come. */
        const uint32_t lag = (uint32_t)(p->server_copy_ns / p->send_ns);
        uint32_t begun = 0, first = 0;
        int64_t now = 0;
        for (uint32_t round = 0; first < nodes; round++, now += p->send_ns) {
            if (begun < nodes && round >= begun * lag) {
                uint32_t size = bare_node_first(b, begun + 1) - bare_node_first(b, begun);
                int64_t start = bare_job(b, at_partitioner(b, server, begun), size * p->send_ns);
                now = begun == 0 ? start + p->send_ns : now;
                begun++;
            }
            for (uint32_t node = first; node < begun; node++) {
                uint32_t cell = bare_node_first(b, node) + round - node * lag;
                if (cell >= bare_node_first(b, node + 1)) {
                    first = round - node * lag >= most ? node + 1 : first;
                    continue;
                }
                __builtin_prefetch(&b->cell[cell + 2], 1);
                bare_wake(b, &b->cell[cell], now, 0, true, true);
            }
        }
        b->wakes += plan->colony.cells;
    }
    return bare_free(b, bare_cpu_ns() - begin);
}
