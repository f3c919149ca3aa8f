#include "base/rng.h"
#include "bench/bare.h"

/* Publications that have been published and are still on their way to their domain. */
enum { ON_THE_WAY = 64 };

struct publication {
    uint32_t domain;
    int64_t at_reader;
};

/* What the copy of a publication does once it is at the reader of its domain's node. */
static void domain_wakes(struct bare *b, const struct publication *publication) {
    const struct host_profile *p = b->profile;
    uint32_t size = b->plan->colony.cells / b->plan->colony.domains;
    int64_t ready = publication->at_reader;
    ready = bare_job_ahead(b, ready, p->reader_ns, false) + p->reader_ns;
    int64_t now = bare_job(b, ready, size * p->send_ns);
    struct bare_cell *cell = &b->cell[publication->domain * size];
    for (uint32_t i = 0; i < size; i++) {
        now += p->send_ns;
        bare_wake(b, &cell[i], now, 0, true, true);
    }
    b->wakes += size;
}

struct bare_result bare_gradients(const struct plan *plan, uint64_t wakes) {
    struct bare *b = bare_make(plan);
    const struct host_profile *p = b->profile;
    const struct plan_source *source = &plan->source[0];
    const uint32_t publishers =
        plan->colony.domains; /* publisher k is cell k, and serves domain k */
    const uint64_t seed = plan->run.seed;
    struct publication way[ON_THE_WAY];
    uint32_t from = 0, until = 0;
    int64_t begin = bare_cpu_ns();
    int64_t now = 0;
    for (uint64_t n = 0; b->wakes < wakes; n++) {
        int64_t interval = rng_exponential(rng_draw(seed, RNG_ARRIVAL, 0, n), source->interval_ns);
        now += interval;
        while (from != until &&
               (way[from % ON_THE_WAY].at_reader <= now || until - from == ON_THE_WAY)) {
            domain_wakes(b, &way[from++ % ON_THE_WAY]);
        }
        uint32_t cell = rng_below(rng_draw(seed, RNG_SOURCE_TO, 0, n), publishers);
        int64_t end = bare_wake(b, &b->cell[cell], now, p->nats_publish_ns, false, true);
        int64_t cost = p->server_ingest_ns + p->server_match_ns + p->server_copy_ns;
        int64_t start = bare_job_ahead(b, end + p->ipc_latency_ns, cost, false);
        struct publication *last = &way[until++ % ON_THE_WAY];
        *last = (struct publication){cell, start + cost + p->ipc_latency_ns};
        __builtin_prefetch(&b->cell[cell * (plan->colony.cells / publishers)], 1);
        b->wakes++;
    }
    return bare_free(b, bare_cpu_ns() - begin);
}

/* All publishers' loops side by side, cell by cell; each copy through its node's reader. */
struct bare_result bare_origin(const struct plan *plan, uint64_t wakes) {
    struct bare *b = bare_make(plan);
    const struct host_profile *p = b->profile;
    const struct plan_fault *fault = &plan->fault[0];
    const uint32_t publishers = plan->colony.type_cells[fault->by_type];
    const uint32_t slice = (uint32_t)(p->quantum_ns / p->server_copy_ns);
    int64_t begin = bare_cpu_ns();
    for (int64_t at = fault->at_ns; b->wakes < wakes; at += fault->every_ns) {
        int64_t now = at + p->server_ingest_ns + p->server_match_ns + p->ipc_latency_ns;
        for (uint32_t node = 0; node < plan->colony.nodes; node++) {
            uint32_t end = bare_node_first(b, node + 1);
            int64_t reader_free = 0;
            for (uint32_t cell = bare_node_first(b, node); cell < end; cell++) {
                now += p->server_copy_ns;
                for (uint32_t i = 0; i < publishers; i++) {
                    if (cell % slice == 0) {
                        bare_job_ahead(b, now, slice * p->server_copy_ns, true);
                    }
                    bool goes_on = reader_free >= now;
                    int64_t ready = goes_on ? reader_free : now;
                    reader_free = bare_job_ahead(b, ready, p->reader_ns, goes_on) + p->reader_ns;
                    bare_wake(b, &b->cell[cell], reader_free, 0, true, true);
                }
            }
        }
        b->wakes += (uint64_t)plan->colony.cells * publishers;
    }
    return bare_free(b, bare_cpu_ns() - begin);
}
