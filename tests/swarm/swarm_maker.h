/* Inside the generator: its dice and what it has decided so far. */
#ifndef NERVE_TESTS_SWARM_MAKER_H
#define NERVE_TESTS_SWARM_MAKER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { MAKER_TYPES = 4, MAKER_HOSTS = 3 };

struct maker_type {
    int64_t cells, bytes;
    uint32_t states, bonds, timers, subscriptions;
};

struct maker {
    FILE *f;
    uint64_t seed, draws;
    int64_t duration_ns;
    int64_t cells, nodes, domains;
    uint32_t hosts, signals, types;
    int64_t signal_bytes[5];
    struct maker_type type[MAKER_TYPES];
    int64_t memory_of_cells; /* of one host, about, beside the profile's cell_bytes */
    bool publishes;          /* reactions do */
    bool broad;              /* most subscriptions hear most publications */
    bool flood;              /* readers are slow, publications many */
    bool slices;             /* loops are cut often */
    bool quiet; /* one host, no faults, no versions; reactions send and set little: series run */
};

/* A whole number from a to b, both included. */
int64_t between(struct maker *m, int64_t a, int64_t b);
/* The same, as many of each power of two. */
int64_t magnitude(struct maker *m, int64_t a, int64_t b);
bool chance(struct maker *m, int percent);
const char *one_of(struct maker *m, const char *const *words, size_t count);
#define ONE_OF(m, words) one_of(m, words, sizeof(words) / sizeof *(words))

/* A law of about that size, as YAML. */
void write_law(struct maker *m, int64_t about_ns);
void write_profile(struct maker *m);
void write_genome(struct maker *m);
void write_workload(struct maker *m);

/* A whole scenario of storms but for its name. */
void swarm_storm(struct maker *m);

#endif
