/* A random world: sources of all forms, and misroutes of both. */
#include <inttypes.h>

#include "tests/swarm/swarm_maker.h"

static const char *const subjects[] = {"a", "a.b", "d.0", "d.1.x", "n.0.a", "t.t0", "a.0.b", "c.3"};

static const char *subject(struct maker *m) {
    return m->broad && chance(m, 80) ? subjects[between(m, 0, 1)] : ONE_OF(m, subjects);
}

static void write_to(struct maker *m) {
    switch (between(m, 0, 3)) {
    case 0:
        fprintf(m->f, "{domain: %" PRId64 "}", between(m, 0, m->domains - 1));
        break;
    case 1:
        fprintf(m->f, "{cell: %" PRId64 "}", between(m, 0, m->cells - 1));
        break;
    default:
        fprintf(m->f, "{type: t%" PRId64 "}", between(m, 0, m->types - 1));
        break;
    }
}

/* When: about so many emissions. */
static void write_times(struct maker *m, int64_t emissions) {
    int64_t interval = m->duration_ns / emissions;
    interval = interval < 1 ? 1 : interval;
    switch (between(m, 0, 3)) {
    case 0:
        fprintf(m->f, "    every: %" PRId64 "ns\n", interval);
        if (chance(m, 50)) {
            fprintf(m->f, "    phase: %" PRId64 "ns\n", between(m, 0, interval));
        }
        break;
    case 1:
        fprintf(m->f, "    at: [");
        int64_t at = between(m, 0, interval);
        for (int64_t i = 0; i < emissions && i < 12; i++) {
            fprintf(m->f, "%s%" PRId64 "ns", i == 0 ? "" : ", ", at);
            at += 1 + between(m, 0, interval * 2);
        }
        fprintf(m->f, "]\n");
        break;
    default:
        fprintf(m->f, "    rate: %" PRId64 "/s\n", 1000000000 / interval + 1);
        fprintf(m->f, "    law: %s\n", chance(m, 70) ? "exponential" : "periodic");
        break;
    }
}

static void write_source(struct maker *m, int64_t s) {
    fprintf(m->f, "  w%" PRId64 ":\n    signal: s%" PRId64 "\n", s, between(m, 0, m->signals - 1));
    bool publishes = s > 0 && chance(m, m->flood ? 75 : 40);
    if (publishes) {
        fprintf(m->f, "    publish: {subject: %s}\n", subject(m));
    } else {
        fprintf(m->f, "    to: ");
        write_to(m);
        fprintf(m->f, "\n");
    }
    write_times(m, publishes ? magnitude(m, m->flood ? 20 : 1, m->flood ? 500 : 40)
                             : magnitude(m, 5, 600));
    if (chance(m, 20)) {
        fprintf(m->f, "    from: %" PRId64 "ns\n", between(m, 0, m->duration_ns / 2));
    }
    if (chance(m, 20)) {
        fprintf(m->f, "    until: %" PRId64 "ns\n",
                between(m, m->duration_ns / 2 + 1, m->duration_ns + 1000));
    }
    if (chance(m, 20)) {
        fprintf(m->f, "    count: %" PRId64 "\n", between(m, 1, 50));
    }
    static const char *const of_all[] = {"nothing", "colony", "domain", "domain"};
    const char *raises = publishes ? one_of(m, of_all, 2) : ONE_OF(m, of_all);
    fprintf(m->f, "    raises: %s\n", m->quiet ? "nothing" : raises);
}

static void write_fault(struct maker *m, int64_t f) {
    fprintf(m->f, "  f%" PRId64 ":\n    kind: misroute\n    signal: s%" PRId64 "\n", f,
            between(m, 0, m->signals - 1));
    if (chance(m, 15)) {
        fprintf(m->f, "    by: {cell: %" PRId64 "}\n", between(m, 0, m->cells - 1));
    } else {
        int64_t t = between(m, 0, m->types - 1);
        fprintf(m->f, "    by: {type: t%" PRId64 ", count: ", t);
        if (m->type[t].cells <= 12 && chance(m, 20)) {
            fprintf(m->f, "all}\n");
        } else {
            int64_t most = m->type[t].cells < 4 ? m->type[t].cells : 4;
            fprintf(m->f, "%" PRId64 "}\n", between(m, 1, most));
        }
    }
    fprintf(m->f, "    onto: %s\n    at: %" PRId64 "ns\n", ONE_OF(m, subjects),
            between(m, 0, m->duration_ns));
    if (chance(m, 35)) {
        fprintf(m->f, "    for: %" PRId64 "ns\n", magnitude(m, 1000, m->duration_ns));
    } else if (chance(m, 60)) {
        fprintf(m->f, "    lines: %" PRId64 "\n    every: %" PRId64 "ns\n", between(m, 1, 4),
                chance(m, 20) ? 0 : magnitude(m, 1, m->duration_ns / 4));
    }
}

void write_workload(struct maker *m) {
    int64_t sources = between(m, m->flood ? 2 : 1, 4),
            faults = chance(m, 60) && !m->quiet ? between(m, 1, 2) : 0;
    fprintf(m->f, "workload:\n");
    for (int64_t s = 0; s < sources; s++) {
        write_source(m, s);
    }
    if (faults > 0) {
        fprintf(m->f, "faults:\n");
    }
    for (int64_t f = 0; f < faults; f++) {
        write_fault(m, f);
    }
}
