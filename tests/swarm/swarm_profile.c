/* Random hosts: every key of a profile, at a random scale. */
#include <inttypes.h>
#include <string.h>

#include "tests/swarm/swarm_maker.h"

/* A key whose value is drawn between two magnitudes; percent: how often it is 0 instead. */
struct drawn_key {
    const char *name;
    int64_t least, most;
    int zero;
};

static const struct drawn_key keys[] = {
    {"cache_domains", 1, 8, 0},
    {"memory_from_bytes", 64, 65536, 0},
    {"bandwidth_bytes_per_s", 1000000, 20000000000, 0},
    {"wake_ns", 1, 2000, 5},
    {"send_ns", 1, 4000, 5},
    {"send_scattered_ns", 1, 1000, 5},
    {"touch_bytes", 1, 4096, 5},
    {"cell_bytes", 1, 4096, 5},
    {"envelope_bytes", 1, 2048, 5},
    {"prefetch_gain", 1, 16, 0},
    {"transfer_ns", 1, 2000, 5},
    {"copy_ps_per_byte", 1, 20000, 5},
    {"quantum_ns", 200, 40000, 0},
    {"idle_spin_ns", 1, 4000, 5},
    {"idle_sleep_ns", 1, 100000, 5},
    {"spin_max_ns", 1, 400000, 5},
    {"zmq_send_ns", 1, 4000, 5},
    {"zmq_receive_ns", 1, 4000, 5},
    {"zmq_connect_ns", 1, 60000, 5},
    {"link_setup_ns", 1, 300000, 5},
    {"link_bytes", 1, 32768, 5},
    {"link_ns", 1, 8000, 5},
    {"link_idle_ns", 1, 70000, 5},
    {"link_credit_ns", 1, 200000, 5},
    {"nats_publish_ns", 1, 4000, 5},
    {"reader_ns", 1, 20000, 5},
    {"header_bytes", 1, 256, 5},
    {"server_ingest_ns", 1, 10000, 5},
    {"server_match_ns", 1, 2000, 5},
    {"server_match_miss_ns", 1, 20000, 5},
    {"server_copy_ns", 1, 4000, 5},
    {"stall_ns", 1000, 200000, 3},
    {"stall_max_ns", 1000, 2000000, 3},
    {"reconnect_ns", 1000, 1000000, 0},
    {"ipc_latency_ns", 1, 50000, 5},
    {"tcp_latency_ns", 1, 50000, 5},
    {"net_latency_ns", 1, 100000, 5},
    {"net_bytes_per_s", 1000000, 2000000000, 0},
    {"death_wait_ns", 1000, 1000000, 0},
    {"deaf_wait_ns", 1000, 200000, 0},
};

static void write_points(struct maker *m) {
    int64_t points = between(m, 1, 5), bytes = magnitude(m, 1, 4096), ns = between(m, 0, 10);
    fprintf(m->f, ", line_latency_ns: [");
    for (int64_t i = 0; i < points; i++) {
        fprintf(m->f, "%s[%" PRId64 ", %" PRId64 "]", i == 0 ? "" : ", ", bytes, ns);
        bytes += bytes / 32 + magnitude(m, 1, 100000);
        ns = chance(m, 90) ? ns + between(m, 0, 100) : between(m, 0, 300);
    }
    fprintf(m->f, "]");
}

/* What all cells of a host hold, and room for a few copies more. */
static void write_memory(struct maker *m) {
    int64_t cell_bytes = magnitude(m, 1, 1024);
    int64_t cells = m->memory_of_cells + cell_bytes * (m->cells / m->hosts + 1);
    int64_t room = magnitude(m, 64, 65536);
    fprintf(m->f, ", cell_bytes: %" PRId64 ", memory: %" PRId64 "B", cell_bytes,
            (chance(m, 20) ? cells * between(m, 90, 99) / 100 : cells) + room);
}

/* Keys that a mood draws otherwise, so that what it is about happens. */
struct mood_key {
    const char *name;
    bool of_flood; /* else of slices */
    int64_t least, most;
};

static const struct mood_key moods[] = {
    {"reader_ns", true, 5000, 200000},   {"stall_ns", true, 500, 20000},
    {"stall_max_ns", true, 500, 100000}, {"reconnect_ns", true, 1000, 200000},
    {"quantum_ns", false, 1, 2000},
};

static const struct mood_key *mood_of(const struct maker *m, const char *name) {
    for (size_t i = 0; i < sizeof moods / sizeof *moods; i++) {
        bool on = moods[i].of_flood ? m->flood : m->slices;
        if (on && strcmp(moods[i].name, name) == 0) {
            return &moods[i];
        }
    }
    return NULL;
}

static void write_keys(struct maker *m) {
    bool edge_of_memory = chance(m, 20);
    int often = (int)between(m, 0, 100);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct drawn_key *key = &keys[i];
        const struct mood_key *mood = mood_of(m, key->name);
        bool asked = mood != NULL ? chance(m, 80) : chance(m, often);
        if (!asked || (edge_of_memory && strcmp(key->name, "cell_bytes") == 0)) {
            continue;
        }
        int64_t value = chance(m, key->zero) ? 0 : magnitude(m, key->least, key->most);
        if (mood != NULL) {
            value = magnitude(m, mood->least, mood->most);
        }
        fprintf(m->f, ", %s: %" PRId64, key->name, value);
    }
    if (edge_of_memory) {
        write_memory(m);
    }
    if (chance(m, 50)) {
        write_points(m);
    }
    if (chance(m, 20)) {
        fprintf(m->f, ", kernel_slots: %" PRId64, between(m, 0, 2));
    }
    if (chance(m, 30)) {
        fprintf(m->f, ", station_priority: equal");
    }
}

void write_profile(struct maker *m) {
    static const char *const profiles[] = {"epyc-2", "epyc-2", "threadripper-64", "beam-epyc-2",
                                           "beam-threadripper-64"};
    fprintf(m->f, "hosts:\n");
    for (uint32_t h = 0; h < m->hosts; h++) {
        fprintf(m->f, "  h%u:\n    profile: %s\n    set: {", h, ONE_OF(m, profiles));
        if (chance(m, 12)) {
            fprintf(m->f, "cores: none");
        } else {
            fprintf(m->f, "cores: %" PRId64, chance(m, 40) ? 1 : between(m, 1, 4));
        }
        write_keys(m);
        fprintf(m->f, "}\n");
    }
}
