#include "live/needs.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/memory.h"
#include "live/synapses.h"

/* Measured on Debian 12 (docs/live.md): what one costs, in bytes. */
enum {
    CELL_BYTES = 64,               /* state, versions, mailbox, timers; touched pages */
    COLONY_CELL_BYTES = 64,        /* the colony and its subscriptions, shared by all processes */
    SUBSCRIPTION_BYTES = 1100,     /* 464 in the client, 459 in the server, and what indexes them */
    LINK_BYTES = 64 * 1024,        /* both ends, kernel buffers */
    NODE_BYTES = 64 * 1024,        /* sockets of a node */
    CONNECTION_BYTES = 512 * 1024, /* two threads, buffers, the server's end */
    PROCESS_BYTES = 24 << 20,
    OWN_DESCRIPTORS = 64, /* of a process: files, epoll, head-room (an ipc listener without any
                             aborts the process) */
};

static uint32_t cores_here(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (uint32_t)CPU_COUNT(&set) : 1;
}

static uint32_t hosts_with_nodes(const struct plan *plan) {
    uint32_t hosts = 0;
    for (uint32_t h = 0; h < plan->hosts; h++) {
        hosts += plan->colony.host_nodes[h] > 0;
    }
    return hosts;
}

uint32_t needs_workers(const struct plan *plan) {
    int64_t want = plan->live.workers == PLAN_NONE ? cores_here() : plan->live.workers;
    uint32_t least = hosts_with_nodes(plan);
    uint32_t workers = want < least ? least : (uint32_t)want;
    return workers > plan->colony.nodes ? plan->colony.nodes : workers;
}

void needs_share(const struct plan *plan, uint32_t workers, uint32_t *worker_first) {
    uint32_t hosts_left = hosts_with_nodes(plan), workers_left = workers;
    uint32_t nodes_left = plan->colony.nodes, node = 0, worker = 0;
    for (uint32_t h = 0; h < plan->hosts; h++) {
        uint32_t nodes = plan->colony.host_nodes[h];
        if (nodes == 0) {
            continue;
        }
        /* Its share of the workers that are left, so that each host to come has one. */
        uint32_t share = (uint32_t)(((uint64_t)workers_left * nodes + nodes_left / 2) / nodes_left);
        uint32_t most = workers_left - (hosts_left - 1);
        share = share < 1 ? 1 : share > most ? most : share;
        share = share > nodes ? nodes : hosts_left == 1 ? workers_left : share;
        struct split split = split_make(nodes, share);
        for (uint32_t i = 0; i < share; i++) {
            worker_first[worker++] = node + split_first(&split, i);
        }
        node += nodes;
        nodes_left -= nodes;
        workers_left -= share;
        hosts_left--;
    }
    worker_first[worker] = plan->colony.nodes;
}

/* Cells x subscriptions at birth: an upper bound of what edge needs, exact of what origin does. */
static uint64_t subscriptions(const struct plan *plan) {
    uint64_t all = 0;
    for (uint32_t t = 0; t < plan->genome.types; t++) {
        uint64_t own = 0;
        for (uint32_t i = 0; i < plan->genome.type[t].subscriptions; i++) {
            own += plan->genome.type[t].subscription[i].subject != NULL;
        }
        uint64_t cells = plan->colony.type_cells[t];
        uint64_t places = plan->stages.fan_out == FAN_OUT_ORIGIN || cells < plan->colony.nodes
                              ? cells
                              : plan->colony.nodes;
        all += own * places;
    }
    return all;
}

static uint64_t memory_available(void) {
    uint64_t kib = 0;
    char line[128];
    FILE *file = fopen("/proc/meminfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "MemAvailable:", 13) == 0) {
            kib = strtoull(line + 13, NULL, 10);
        }
    }
    if (file) {
        fclose(file);
    }
    return kib * 1024;
}

struct needs needs_count(const struct colony *colony, uint32_t workers,
                         const uint32_t *worker_first, const struct needs_links *links) {
    const struct plan *plan = colony->plan;
    struct needs needs = {.workers = workers, .cores = cores_here()};
    uint64_t nodes = plan->colony.nodes, cells = plan->colony.cells;
    for (uint32_t i = 0; i < workers; i++) {
        uint32_t own = worker_first[i + 1] - worker_first[i];
        uint64_t connections = plan->live.connection_a_node ? own : 1;
        uint64_t descriptors =
            synapses_descriptors(own, links[i].out, links[i].in) + connections + OWN_DESCRIPTORS;
        needs.links += links[i].out;
        needs.connections += connections;
        if (descriptors > needs.descriptors) {
            needs.descriptors = descriptors;
            needs.nodes = own;
            needs.threads = 8 + 2 * connections;
        }
    }
    needs.subscriptions = subscriptions(plan) + needs.connections;
    needs.memory_bytes =
        (workers + 2) * (uint64_t)PROCESS_BYTES + cells * (CELL_BYTES + COLONY_CELL_BYTES) +
        needs.subscriptions * SUBSCRIPTION_BYTES + (needs.links > 0 ? nodes * NODE_BYTES : 0) +
        needs.links * LINK_BYTES + needs.connections * CONNECTION_BYTES;
    needs.memory_available_bytes = memory_available();
    return needs;
}

/* As many descriptors as this process may have. */
static uint64_t raise_descriptors(uint64_t want) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
        return want;
    }
    if (limit.rlim_cur < want && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur;
}

static unsigned long long mib(uint64_t bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
}

int needs_check(const struct plan *plan, struct needs *needs, struct error *error) {
    uint64_t server = needs->connections + OWN_DESCRIPTORS;
    needs->descriptors_allowed =
        raise_descriptors(needs->descriptors > server ? needs->descriptors : server);
    unsigned long long allowed = needs->descriptors_allowed;
    if (needs->descriptors > needs->descriptors_allowed) {
        return error_set(
            error,
            "a worker would need %llu file descriptors (%u nodes; %llu links in all), and may have "
            "%llu: lower colony.nodes or synapses.max_links, raise live.workers, use --scale, or "
            "raise the limit (ulimit -n)",
            (unsigned long long)needs->descriptors, needs->nodes, (unsigned long long)needs->links,
            allowed);
    }
    if (server > needs->descriptors_allowed) {
        return error_set(error,
                         "the nats-server would need %llu connections, and may have %llu file "
                         "descriptors: set live.connections to worker, lower colony.nodes, or "
                         "raise the limit (ulimit -n)",
                         (unsigned long long)needs->connections, allowed);
    }
    bool limited = plan->live.memory_limit_bytes != PLAN_NONE;
    uint64_t limit =
        limited ? (uint64_t)plan->live.memory_limit_bytes : needs->memory_available_bytes;
    if (limit > 0 && needs->memory_bytes > limit) {
        return error_set(error,
                         "it would need about %llu MiB of memory (%u cells, %llu subscriptions, "
                         "%llu links), and %s %llu MiB: lower colony.cells, %suse --scale, or "
                         "strategy edge (one subscription a node)",
                         mib(needs->memory_bytes), plan->colony.cells,
                         (unsigned long long)needs->subscriptions, (unsigned long long)needs->links,
                         limited ? "live.memory_limit is" : "this machine has", mib(limit),
                         limited ? "raise live.memory_limit, " : "");
    }
    return 0;
}
