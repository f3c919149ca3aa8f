/* Doubling any key of a profile (setting one that is 0) moves some figure, in both engines. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "tests/swarm/swarm.h"

enum { KNOB_SEEDS = 400 };

struct knob {
    const char *name;
    size_t offset;
};

#define KNOB(field)                                                                                \
    { #field, offsetof(struct host_profile, field) }

/* Not in use yet: tick_send_ns, tick_receive_ns, broker_ns, request_ns. */
static const struct knob knobs[] = {
    KNOB(cores),
    KNOB(cache_domains),
    KNOB(memory_from_bytes),
    KNOB(bandwidth_bytes_per_s),
    KNOB(memory_bytes),
    KNOB(wake_ns),
    KNOB(send_ns),
    KNOB(send_scattered_ns),
    KNOB(touch_bytes),
    KNOB(cell_bytes),
    KNOB(envelope_bytes),
    KNOB(prefetch_gain),
    KNOB(transfer_ns),
    KNOB(copy_ps_per_byte),
    KNOB(quantum_ns),
    KNOB(idle_spin_ns),
    KNOB(idle_sleep_ns),
    KNOB(spin_max_ns),
    KNOB(zmq_send_ns),
    KNOB(zmq_receive_ns),
    KNOB(zmq_connect_ns),
    KNOB(link_setup_ns),
    KNOB(link_bytes),
    KNOB(link_ns),
    KNOB(link_idle_ns),
    KNOB(link_credit_ns),
    KNOB(kernel_slots),
    KNOB(nats_publish_ns),
    KNOB(reader_ns),
    KNOB(header_bytes),
    KNOB(server_ingest_ns),
    KNOB(server_match_ns),
    KNOB(server_match_miss_ns),
    KNOB(server_copy_ns),
    KNOB(stall_ns),
    KNOB(stall_max_ns),
    KNOB(reconnect_ns),
    KNOB(ipc_latency_ns),
    KNOB(tcp_latency_ns),
    KNOB(net_latency_ns),
    KNOB(net_bytes_per_s),
    KNOB(death_wait_ns),
    KNOB(deaf_wait_ns),
    KNOB(line_latency),
    KNOB(station_priority_equal),
};
enum { KNOBS = sizeof knobs / sizeof *knobs };

static void turn_number(int64_t *value) {
    if (*value == HOST_NO_LIMIT) {
        *value = 2; /* cores: two; memory: two bytes */
    } else {
        *value = *value == 0 ? 1000 : *value * 2;
    }
}

/* Turns the knob on every host of the plan. */
static void turn(struct plan *plan, const struct knob *knob) {
    for (uint32_t h = 0; h < plan->hosts; h++) {
        struct host_profile *p = &plan->host[h].profile;
        if (knob->offset == offsetof(struct host_profile, line_latency)) {
            for (uint32_t i = 0; i < p->latency_points; i++) {
                turn_number(&p->line_latency[i].ns);
            }
        } else if (knob->offset == offsetof(struct host_profile, station_priority_equal)) {
            p->station_priority_equal = !p->station_priority_equal;
        } else {
            int64_t value;
            memcpy(&value, (const char *)p + knob->offset, sizeof value);
            turn_number(&value);
            memcpy((char *)p + knob->offset, &value, sizeof value);
        }
    }
}

struct moved {
    bool naive, real;
};

/* Turns every knob that has not moved yet on one scenario. False: the engines differ. */
static bool try_seed(uint64_t seed, struct moved moved[KNOBS]) {
    struct swarm_case one;
    if (!swarm_case_init(&one, seed, NULL, 0)) {
        return false;
    }
    struct plan *plan = &one.scenario.plan;
    struct figures naive, real;
    bool alike = true;
    swarm_run_naive(plan, &naive, NULL);
    swarm_run_real(plan, -1, &real);
    for (size_t k = 0; k < KNOBS; k++) {
        if (moved[k].naive && moved[k].real) {
            continue;
        }
        struct host_profile before[8];
        for (uint32_t h = 0; h < plan->hosts && h < 8; h++) {
            before[h] = plan->host[h].profile;
        }
        turn(plan, &knobs[k]);
        struct figures turned_naive, turned_real;
        swarm_run_naive(plan, &turned_naive, NULL);
        swarm_run_real(plan, -1, &turned_real);
        moved[k].naive |= swarm_differences(&naive, &turned_naive, NULL) > 0;
        moved[k].real |= swarm_differences(&real, &turned_real, NULL) > 0;
        if (swarm_differences(&turned_naive, &turned_real, NULL) > 0) {
            printf("seed %" PRIu64 ", %s turned: the engines differ\n", seed, knobs[k].name);
            (void)swarm_differences(&turned_naive, &turned_real, stdout);
            alike = false;
        }
        figures_deinit(&turned_naive);
        figures_deinit(&turned_real);
        for (uint32_t h = 0; h < plan->hosts && h < 8; h++) {
            plan->host[h].profile = before[h];
        }
    }
    figures_deinit(&naive);
    figures_deinit(&real);
    swarm_case_deinit(&one);
    return alike;
}

static size_t still(const struct moved moved[KNOBS], bool say) {
    size_t count = 0;
    for (size_t k = 0; k < KNOBS; k++) {
        if (!moved[k].naive || !moved[k].real) {
            count++;
            if (say) {
                printf("%s moves nothing in %s\n", knobs[k].name,
                       moved[k].naive  ? "the real engine"
                       : moved[k].real ? "the naive engine"
                                       : "either engine");
            }
        }
    }
    return count;
}

int swarm_knobs(void) {
    struct moved moved[KNOBS] = {0};
    bool alike = true;
    uint64_t seed = 1;
    for (; seed <= KNOB_SEEDS && still(moved, false) > 0; seed++) {
        alike = try_seed(seed, moved) && alike;
    }
    size_t left = still(moved, true);
    printf("%zu of %zu keys move a figure, on %" PRIu64 " seeds\n", (size_t)KNOBS - left,
           (size_t)KNOBS, seed - 1);
    return left == 0 && alike ? 0 : 1;
}
