/*
 * A host profile in numbers: what a machine's cores, caches, memory, wires and libraries cost.
 * Integers only; names, units and defaults as in docs/model.md 8 and `nerve explain profile`. Data;
 * filled by scenarios/language.
 */
#ifndef NERVE_MODEL_HOST_PROFILE_H
#define NERVE_MODEL_HOST_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

enum { HOST_MAX_CORES = 2048, HOST_MAX_LATENCY_POINTS = 16, HOST_NO_LIMIT = -1 };

struct host_latency_point {
    int64_t bytes;
    int64_t ns;
};

struct host_profile {
    int64_t cores; /* HOST_NO_LIMIT: none, nobody waits */
    int64_t cache_domains;
    uint32_t latency_points; /* at least 1, bytes rising */
    struct host_latency_point line_latency[HOST_MAX_LATENCY_POINTS];
    int64_t memory_from_bytes;
    int64_t bandwidth_bytes_per_s;
    int64_t memory_bytes; /* HOST_NO_LIMIT: none */
    int64_t wake_ns, send_ns, send_scattered_ns;
    int64_t touch_bytes, cell_bytes, envelope_bytes;
    int64_t prefetch_gain, transfer_ns;
    int64_t copy_ps_per_byte;
    int64_t quantum_ns;
    int64_t idle_spin_ns, idle_sleep_ns, spin_max_ns;
    int64_t zmq_send_ns, zmq_receive_ns, zmq_connect_ns, link_setup_ns, link_bytes;
    int64_t link_ns, link_idle_ns, link_credit_ns, kernel_slots;
    int64_t nats_publish_ns, reader_ns, header_bytes;
    int64_t server_ingest_ns, server_match_ns, server_match_miss_ns, server_copy_ns;
    int64_t stall_ns, stall_max_ns, reconnect_ns;
    int64_t ipc_latency_ns, tcp_latency_ns, net_latency_ns, net_bytes_per_s;
    int64_t tick_send_ns, tick_receive_ns;
    int64_t broker_ns, request_ns;
    int64_t death_wait_ns, deaf_wait_ns;
    bool station_priority_equal; /* false: ahead */
};

#endif
