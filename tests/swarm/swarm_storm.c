/* Storms: loops over many cells of few kinds on many cores, side by side, with little between them:
 * what bursts, rounds and leaps are made for, and what ends them in the middle. */
#include <inttypes.h>

#include "tests/swarm/swarm.h"
#include "tests/swarm/swarm_maker.h"

static void write_key(struct maker *m, int percent, const char *key, int64_t least, int64_t most) {
    if (chance(m, percent)) {
        fprintf(m->f, ", %s: %" PRId64, key, magnitude(m, least, most));
    }
}

static void write_storm_hosts(struct maker *m) {
    fprintf(m->f, "hosts:\n");
    for (uint32_t h = 0; h < m->hosts; h++) {
        fprintf(m->f, "  h%u:\n    profile: threadripper-64\n    set: {cores: ", h);
        if (chance(m, 8)) {
            fprintf(m->f, "none");
        } else {
            fprintf(m->f, "%" PRId64, magnitude(m, 1, 64));
        }
        write_key(m, 40, "send_ns", 1, 400);
        write_key(m, 40, "wake_ns", 1, 4000);
        write_key(m, 30, "idle_spin_ns", 1, 2000);
        write_key(m, 20, "idle_sleep_ns", 1, 100000);
        write_key(m, 20, "spin_max_ns", 1, 400000);
        write_key(m, 30, "touch_bytes", 1, 4096);
        write_key(m, 30, "memory_from_bytes", 64, 65536);
        write_key(m, 30, "bandwidth_bytes_per_s", 100000000, 90000000000);
        write_key(m, 30, "quantum_ns", 500, 400000);
        write_key(m, 30, "server_copy_ns", 1, 2000);
        write_key(m, 20, "reader_ns", 1, 2000);
        write_key(m, 20, "death_wait_ns", 1000, 1000000);
        write_key(m, 20, "copy_ps_per_byte", 1, 20000);
        fprintf(m->f, "}\n");
    }
}

static void write_storm_genome(struct maker *m) {
    static const char *const subjects[] = {"all", "all", "d.{domain}", "n.{node}", "t.{type}"};
    fprintf(m->f, "genome:\n  signals:\n");
    for (uint32_t s = 0; s < m->signals; s++) {
        fprintf(m->f, "    s%u: {size: %" PRId64 "B}\n", s, m->signal_bytes[s]);
    }
    fprintf(m->f, "  types:\n");
    for (uint32_t t = 0; t < m->types; t++) {
        fprintf(m->f, "    t%u:\n      bytes: 0B\n      subscribe: {", t);
        int64_t count = between(m, 1, 3);
        for (int64_t i = 0; i < count; i++) {
            fprintf(m->f, "%sx%" PRId64 ": \"%s\"", i == 0 ? "" : ", ", i, ONE_OF(m, subjects));
        }
        fprintf(m->f, "}\n      start: q0\n      states:\n");
        for (uint32_t i = 0; i < m->type[t].states; i++) {
            fprintf(m->f, "        q%u: {", i);
            for (uint32_t s = 0; s < m->signals; s++) {
                fprintf(m->f, "%ss%u: {work: %" PRId64 "ns", s == 0 ? "" : ", ", s,
                        chance(m, 60) ? 0 : magnitude(m, 1, 20000));
                if (chance(m, 40)) {
                    fprintf(m->f, ", next: q%" PRId64,
                            between(m, 0, (int64_t)m->type[t].states - 1));
                }
                fprintf(m->f, "}");
            }
            fprintf(m->f, "}\n");
        }
    }
}

static void write_storms(struct maker *m) {
    static const char *const subjects[] = {"all", "all", "all", "d.0", "n.0", "t.t0", "d.1"};
    fprintf(m->f, "workload:\n");
    int64_t storms = between(m, 1, 4);
    for (int64_t i = 0; i < storms; i++) {
        fprintf(m->f,
                "  storm%" PRId64 ": {signal: s%" PRId64 ", publish: {subject: %s}, every: %" PRId64
                "ns, phase: %" PRId64 "ns}\n",
                i, between(m, 0, m->signals - 1), ONE_OF(m, subjects),
                magnitude(m, m->duration_ns / 16 + 1, m->duration_ns), between(m, 0, 200000));
    }
    if (chance(m, 60)) {
        fprintf(m->f,
                "  touch: {signal: s0, to: {type: t0}, rate: %" PRId64 "/s, law: exponential}\n",
                magnitude(m, 100, 200000));
    }
    if (chance(m, 30)) {
        fprintf(m->f,
                "faults:\n  bug: {kind: misroute, signal: s0, by: {type: t0, count: %" PRId64
                "}, onto: all, at: %" PRId64 "ns, lines: %" PRId64 ", every: %" PRId64 "ns}\n",
                between(m, 1, 3), between(m, 0, m->duration_ns / 2), between(m, 1, 3),
                magnitude(m, 1, m->duration_ns / 4));
    }
}

static void write_storm_run(struct maker *m) {
    fprintf(m->f, "run:\n  duration: %" PRId64 "ns\n  seed: %" PRId64 "\n", m->duration_ns,
            between(m, 0, INT32_MAX));
    if (chance(m, 20)) {
        fprintf(m->f, "  warm_up: %" PRId64 "ns\n", between(m, 0, m->duration_ns / 2));
    }
    if (chance(m, 20)) {
        fprintf(m->f, "  sample: %" PRId64 "ns\n", magnitude(m, 1000000, 10000000));
    }
    if (chance(m, 8)) {
        fprintf(m->f, "  on_death: stop\n");
    }
    fprintf(m->f, "  limits: {wakes: %" PRId64 "}\n",
            chance(m, 15) ? between(m, 1, m->cells * 3) : 40000);
}

void swarm_storm(struct maker *m) {
    m->cells = magnitude(m, 100, 4000);
    m->nodes = chance(m, 30) ? 1 : magnitude(m, 2, 80);
    m->domains = magnitude(m, 1, 8);
    m->hosts = chance(m, 75) || m->nodes < 2 ? 1 : 2;
    m->types = (uint32_t)(chance(m, 60) ? 1 : between(m, 2, 3));
    m->signals = (uint32_t)between(m, 1, 3);
    for (uint32_t s = 0; s < m->signals; s++) {
        m->signal_bytes[s] = chance(m, 50) ? 0 : magnitude(m, 1, 1024);
    }
    for (uint32_t t = 0; t < m->types; t++) {
        m->type[t].states = (uint32_t)(chance(m, 60) ? 1 : between(m, 2, 3));
    }
    m->duration_ns = magnitude(m, 200000, 20000000);
    write_storm_run(m);
    write_storm_hosts(m);
    fprintf(m->f,
            "colony: {cells: %" PRId64 ", nodes: %" PRId64 ", domains: %" PRId64 "%s, types: {",
            m->cells, m->nodes, m->domains, chance(m, 60) ? ", placement: blocks" : "");
    for (uint32_t t = 0; t + 1 < m->types; t++) {
        fprintf(m->f, "t%u: %" PRId64 ", ", t, between(m, 3, m->cells / 4));
    }
    fprintf(m->f, "t%u: rest}}\n", m->types - 1);
    write_storm_genome(m);
    write_storms(m);
    fprintf(m->f, "partitioning:\n  strategy: %s\n  edge: {partitioners: %" PRId64 "}\n",
            chance(m, 80) ? "edge" : "flat", chance(m, 60) ? 1 : between(m, 2, 4));
    fprintf(m->f, "gradients: {pending_limit: %s}\n", chance(m, 50) ? "none" : "1");
}
