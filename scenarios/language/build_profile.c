#include <stddef.h>
#include <string.h>

#include "scenarios/language/build.h"

/* Keys that are whole numbers, and where they go. */
#define SAME(field)                                                                                \
    { #field, offsetof(struct host_profile, field) }
static const struct {
    const char *key;
    size_t offset;
} numbers[] = {
    {"memory", offsetof(struct host_profile, memory_bytes)},
    SAME(cores),
    SAME(cache_domains),
    SAME(memory_from_bytes),
    SAME(bandwidth_bytes_per_s),
    SAME(wake_ns),
    SAME(send_ns),
    SAME(send_scattered_ns),
    SAME(touch_bytes),
    SAME(cell_bytes),
    SAME(envelope_bytes),
    SAME(prefetch_gain),
    SAME(transfer_ns),
    SAME(copy_ps_per_byte),
    SAME(quantum_ns),
    SAME(idle_spin_ns),
    SAME(idle_sleep_ns),
    SAME(spin_max_ns),
    SAME(zmq_send_ns),
    SAME(zmq_receive_ns),
    SAME(zmq_connect_ns),
    SAME(link_setup_ns),
    SAME(link_bytes),
    SAME(link_ns),
    SAME(link_idle_ns),
    SAME(link_credit_ns),
    SAME(kernel_slots),
    SAME(nats_publish_ns),
    SAME(reader_ns),
    SAME(header_bytes),
    SAME(server_ingest_ns),
    SAME(server_match_ns),
    SAME(server_match_miss_ns),
    SAME(server_copy_ns),
    SAME(stall_ns),
    SAME(stall_max_ns),
    SAME(reconnect_ns),
    SAME(ipc_latency_ns),
    SAME(tcp_latency_ns),
    SAME(net_latency_ns),
    SAME(net_bytes_per_s),
    SAME(tick_send_ns),
    SAME(tick_receive_ns),
    SAME(broker_ns),
    SAME(request_ns),
    SAME(death_wait_ns),
    SAME(deaf_wait_ns),
};
#undef SAME

/* The value of a profile's key on a host: what is set there, else the profile's. */
static const struct node *value_of(const struct node *host, const char *key) {
    const struct node *set = build_good(build_good(host, "set"), key);
    return set ? set : build_good(build_good(host, "profile"), key);
}

void build_profile(const struct node *host, struct host_profile *profile) {
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const struct node *node = value_of(host, numbers[i].key);
        int64_t number = !node ? 0 : node->word ? HOST_NO_LIMIT : node->number; /* word: none */
        memcpy((char *)profile + numbers[i].offset, &number, sizeof number);
    }
    const struct node *points = value_of(host, "line_latency_ns");
    for (const struct node *at = points ? points->first : NULL; at; at = at->next) {
        profile->line_latency[profile->latency_points++] =
            (struct host_latency_point){at->first->number, at->last->number};
    }
    const struct node *priority = value_of(host, "station_priority");
    profile->station_priority_equal = priority && strcmp(priority->text, "equal") == 0;
}
