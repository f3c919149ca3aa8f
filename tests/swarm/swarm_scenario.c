/* A random scenario: the whole, and how many of what. */
#include <inttypes.h>

#include "base/rng.h"
#include "tests/swarm/swarm.h"
#include "tests/swarm/swarm_maker.h"

enum { PURPOSE_SWARM = 0xf0 };

static uint64_t bits(struct maker *m) {
    return rng_draw(m->seed, PURPOSE_SWARM, 0, m->draws++);
}

int64_t between(struct maker *m, int64_t a, int64_t b) {
    return a + (int64_t)(bits(m) % (uint64_t)(b - a + 1));
}

int64_t magnitude(struct maker *m, int64_t a, int64_t b) {
    int64_t octaves = 0;
    int64_t least = a < 1 ? 1 : a;
    while (least << (octaves + 1) <= b) {
        octaves++;
    }
    int64_t low = least << between(m, 0, octaves);
    int64_t value = low + between(m, 0, low - 1);
    return value < b ? value : b;
}

bool chance(struct maker *m, int percent) {
    return between(m, 0, 99) < percent;
}

const char *one_of(struct maker *m, const char *const *words, size_t count) {
    return words[between(m, 0, (int64_t)count - 1)];
}

void write_law(struct maker *m, int64_t about_ns) {
    int64_t ns = about_ns < 1 ? 0 : magnitude(m, about_ns / 4 + 1, about_ns * 2 + 1);
    switch (between(m, 0, 3)) {
    case 0:
        fprintf(m->f, "{law: exponential, mean: %" PRId64 "ns}", ns);
        break;
    case 1:
        fprintf(m->f, "{law: uniform, min: %" PRId64 "ns, max: %" PRId64 "ns}", ns / 2,
                ns / 2 + between(m, 0, ns));
        break;
    default:
        fprintf(m->f, "%" PRId64 "ns", ns);
        break;
    }
}

static void write_run(struct maker *m) {
    m->duration_ns = magnitude(m, 1000000, 60000000);
    fprintf(m->f, "run:\n  duration: %" PRId64 "ns\n", m->duration_ns);
    if (chance(m, 20)) {
        fprintf(m->f, "  warm_up: %" PRId64 "ns\n", between(m, 0, m->duration_ns / 2));
    }
    if (chance(m, 60)) {
        fprintf(m->f, "  drain: %" PRId64 "ns\n", magnitude(m, 1000, m->duration_ns * 4));
    }
    if (chance(m, 8)) {
        fprintf(m->f, "  on_death: stop\n");
    }
    fprintf(m->f, "  seed: %" PRId64 "\n", between(m, 0, INT32_MAX));
    int64_t most = 600000 / m->cells;
    most = most > 20000 ? 20000 : most;
    fprintf(m->f, "  limits: {wakes: %" PRId64 "}\n", chance(m, 10) ? between(m, 1, 500) : most);
}

static void write_colony(struct maker *m) {
    fprintf(m->f, "colony:\n  cells: %" PRId64 "\n  nodes: %" PRId64 "\n  domains: %" PRId64 "\n",
            m->cells, m->nodes, m->domains);
    if (chance(m, 25)) {
        fprintf(m->f, "  placement: blocks\n");
    }
    fprintf(m->f, "  types: {");
    for (uint32_t t = 0; t + 1 < m->types; t++) {
        fprintf(m->f, "t%u: %" PRId64 ", ", t, m->type[t].cells);
    }
    fprintf(m->f, "t%u: rest}\n", m->types - 1);
}

static void write_nerve(struct maker *m) {
    static const char *const strategies[] = {"flat", "edge"};
    fprintf(m->f, "partitioning:\n  strategy: %s\n", ONE_OF(m, strategies));
    if (chance(m, 15)) {
        static const char *const fan_outs[] = {"origin", "edge"};
        fprintf(m->f, "  fan_out: %s\n", ONE_OF(m, fan_outs));
    }
    if (chance(m, 60)) {
        fprintf(m->f, "  edge: {partitioners: %" PRId64 "}\n", between(m, 1, 4));
    }
    static const char *const transports[] = {"ipc", "tcp"};
    static const char *const on_full[] = {"drop", "block", "block"};
    fprintf(m->f, "synapses:\n  transport: %s\n  on_full: %s\n", ONE_OF(m, transports),
            ONE_OF(m, on_full));
    fprintf(m->f, "  queue_limit: %" PRId64 "\n", between(m, 1, 3));
    fprintf(m->f, "  idle_close: %" PRId64 "ns\n", magnitude(m, 1000, 20000000));
    if (chance(m, 50)) {
        fprintf(m->f, "  max_links: %" PRId64 "\n", between(m, 1, 4));
    }
    fprintf(m->f, "gradients:\n");
    if (chance(m, 35)) {
        fprintf(m->f, "  pending_limit: none\n");
    } else {
        fprintf(m->f, "  pending_limit: %" PRId64 "\n", between(m, 1, 3));
    }
    if (m->flood || chance(m, 40)) {
        int64_t one = m->signal_bytes[between(m, 0, m->signals - 1)] + between(m, 1, 200);
        fprintf(m->f, "  max_pending_bytes: %" PRId64 "B\n",
                one * magnitude(m, 2, m->flood ? 60 : 10));
    }
    fprintf(m->f, "  server_host: h%" PRId64 "\n", between(m, 0, m->hosts - 1));
}

/* How many of what: a type may have few cells or most. */
static void decide(struct maker *m) {
    m->cells = magnitude(m, 5, 300);
    m->nodes = between(m, 1, m->cells < 12 ? m->cells : 12);
    m->domains = between(m, 1, m->cells < 6 ? m->cells : 6);
    m->hosts = (uint32_t)between(m, 1, m->nodes < MAKER_HOSTS ? m->nodes : MAKER_HOSTS);
    m->quiet = m->seed % 4 == 3;
    m->hosts = m->quiet ? 1 : m->hosts;
    m->types = (uint32_t)between(m, 1, MAKER_TYPES);
    m->signals = (uint32_t)between(m, 1, 5);
    for (uint32_t s = 0; s < m->signals; s++) {
        m->signal_bytes[s] = chance(m, 10) ? 0 : magnitude(m, 1, 4096);
    }
    int64_t left = m->cells;
    for (uint32_t t = 0; t < m->types; t++) {
        struct maker_type *type = &m->type[t];
        int64_t others = m->types - 1 - t; /* one for each of those that follow */
        int64_t fair = (left - others) / (others + 1);
        type->cells = others == 0 ? left : between(m, 1, fair < 1 ? 1 : fair);
        left -= type->cells;
        type->bytes = chance(m, 30) ? 0 : magnitude(m, 1, 4096);
        type->states = (uint32_t)between(m, 1, 3);
        type->bonds = (uint32_t)between(m, 0, 2);
        type->timers = (uint32_t)between(m, 0, 2);
        type->subscriptions = (uint32_t)between(m, 0, 3);
        m->memory_of_cells += type->cells * type->bytes / m->hosts;
    }
    m->publishes = chance(m, 50);
    m->flood = chance(m, 40);
    m->broad = chance(m, m->flood ? 85 : 45);
    m->slices = chance(m, m->flood ? 70 : 30);
}

void swarm_scenario(uint64_t seed, FILE *yaml) {
    struct maker m = {.f = yaml, .seed = seed};
    fprintf(m.f, "name: swarm-%" PRIu64 "\n", seed);
    if (seed & SWARM_STORMS) {
        swarm_storm(&m);
        return;
    }
    decide(&m);
    write_run(&m);
    write_profile(&m);
    write_colony(&m);
    write_genome(&m);
    write_workload(&m);
    write_nerve(&m);
}
