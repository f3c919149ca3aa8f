/*
 * The plan: a whole scenario, resolved and checked, in numbers. It is all that a driver (sim or
 * live) and the model need of a scenario file, and all that decides a run: same plan, same digest.
 * Built by scenarios/language; read only ever after; owned by whoever loaded it (plan_deinit).
 */
#ifndef NERVE_MODEL_PLAN_H
#define NERVE_MODEL_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "model/genome.h"
#include "model/host_profile.h"
#include "model/law.h"

enum {
    PLAN_NONE = -1, /* no limit, no end, not given */
    PLAN_NO_TYPE = 0xffff,
    PLAN_MAX_CELLS = 1000000000,
};

struct plan_run {
    int64_t duration_ns, warm_up_ns, drain_ns, sample_ns;
    uint64_t seed;
    bool stop_on_death;
    int64_t limit_wakes;   /* ends the run as `stopped` */
    int64_t limit_wall_ns; /* PLAN_NONE: none */
};

struct plan_host {
    char *name;
    char *profile_name;
    struct host_profile profile;
};

enum plan_placement { PLACEMENT_SPREAD, PLACEMENT_BLOCKS };

struct plan_colony {
    uint32_t cells, nodes, domains;
    /* Nodes fill hosts, in equal parts, in order: host h holds host_nodes[h] nodes. */
    uint32_t *host_nodes;
    uint32_t *type_cells; /* by type's place in the genome; sums to cells. 0: none of them */
    /* Types in the order of colony.types: the order in which they are placed. */
    uint16_t *type_order;
    uint16_t types_placed;
    enum plan_placement placement;
};

enum plan_raises { RAISES_NOTHING, RAISES_DOMAIN, RAISES_COLONY };

/* The world: one source of workload. Emissions happen at from <= t < until, number < count. */
struct plan_source {
    char *name;
    uint8_t signal;
    bool publishes;
    struct genome_choice to; /* !publishes: a random cell that fits, each time */
    char *subject;           /* publishes: without {..} and wildcards */
    enum plan_raises raises;
    /* Exactly one of: rate/every (interval_ns > 0) or at. */
    bool exponential;    /* law of the arrivals */
    int64_t interval_ns; /* mean; first arrival one interval (and phase) after from */
    int64_t phase_ns;
    int64_t *at; /* times, rising */
    uint32_t at_count;
    int64_t from_ns, until_ns; /* until: duration where not given */
    int64_t count;             /* PLAN_NONE: no limit */
};

enum plan_fault_kind { FAULT_MISROUTE };

struct plan_fault {
    char *name;
    enum plan_fault_kind kind;
    uint8_t signal;
    uint16_t by_type; /* of any type: PLAN_NO_TYPE */
    int64_t by_count; /* PLAN_NONE: all */
    int64_t by_cell;  /* this very cell, or PLAN_NONE */
    char *onto;       /* subject */
    int64_t at_ns;
    int64_t lines, every_ns; /* lines of it ... */
    int64_t for_ns;          /* ... or PLAN_NONE; else: what it sends by synapse for that long */
};

enum plan_scope { SCOPE_COLONY, SCOPE_S_GROUPS };
enum plan_overlay {
    OVERLAY_NONE,
    OVERLAY_FULL_MESH,
    OVERLAY_HYPARVIEW,
    OVERLAY_GRAPH,
    OVERLAY_HUB
};
enum plan_relay {
    RELAY_DIRECT,
    RELAY_FLOOD,
    RELAY_PLUMTREE,
    RELAY_GOSSIP,
    RELAY_PROBABILISTIC,
    RELAY_COUNTER
};
enum plan_fan_out { FAN_OUT_ORIGIN, FAN_OUT_EDGE };
enum plan_carrier { CARRIER_NATS, CARRIER_ZEROMQ, CARRIER_LOG, CARRIER_POLL };

struct plan_stages {
    char *strategy; /* its name */
    enum plan_scope scope;
    enum plan_overlay overlay;
    enum plan_relay relay;
    enum plan_fan_out fan_out;
    enum plan_carrier carrier;
    uint32_t edge_partitioners; /* P, at least 1 */
};

enum plan_ack { ACK_NONE, ACK_CLOSE, ACK_EACH };

struct plan_synapses {
    bool tcp;            /* transport: ipc or tcp */
    int64_t queue_limit; /* at least 1 */
    bool block;          /* on_full: drop or block */
    int64_t idle_close_ns;
    int64_t max_links; /* outgoing, a node */
    enum plan_ack ack; /* live */
};

struct plan_gradients {
    int64_t pending_limit; /* copies; PLAN_NONE: none */
    int64_t max_pending_bytes;
    uint32_t server_host; /* place of the host */
};

/* What sockets alone need; the virtual clock looks at none of it. */
struct plan_live {
    int64_t workers;            /* PLAN_NONE: one a core */
    bool connection_a_node;     /* else one a worker */
    bool within_by_transport;   /* links inside a worker: by synapses.transport, else by inproc */
    int64_t memory_limit_bytes; /* of all workers; PLAN_NONE: none */
    int64_t server_port;        /* PLAN_NONE: any that is free */
};

struct plan {
    char *name, *title;
    struct plan_run run;
    uint32_t hosts, sources, faults;
    struct plan_host *host;
    struct plan_colony colony;
    struct genome genome;
    struct plan_source *source;
    struct plan_fault *fault;
    struct plan_stages stages;
    struct plan_synapses synapses;
    struct plan_gradients gradients;
    struct plan_live live;
};

/* Names of kinds, as files write them: "colony", "none", "direct", "edge", "nats" ... */
const char *plan_scope_name(enum plan_scope scope);
const char *plan_overlay_name(enum plan_overlay overlay);
const char *plan_relay_name(enum plan_relay relay);
const char *plan_fan_out_name(enum plan_fan_out fan_out);
const char *plan_carrier_name(enum plan_carrier carrier);

/* Frees what the plan owns, not the struct. A zeroed plan is fine. */
void plan_deinit(struct plan *plan);

#endif
