/* The host profiles that come with nerve. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/language/keys.h"
#include "tests/language/helpers.h"

static struct host_profile profile_of(const char *name) {
    struct scenario scenario;
    char *messages, set[100];
    snprintf(set, sizeof set, "hosts.here.profile=%s", name);
    cr_assert_eq(load_with(&scenario, small, &messages, set, NULL), 0, "%s", messages);
    struct host_profile profile = scenario.plan.host[0].profile;
    cr_assert_str_eq(scenario.plan.host[0].profile_name, name);
    free(messages);
    scenario_deinit(&scenario);
    return profile;
}

Test(profiles, threadripper_64) {
    struct host_profile p = profile_of("threadripper-64");
    cr_assert(p.cores == 64 && p.cache_domains == 16 && p.latency_points == 4);
    cr_assert(p.line_latency[2].bytes == 38 << 20 && p.line_latency[2].ns == 90);
    cr_assert(p.memory_from_bytes == 16 << 20 && p.bandwidth_bytes_per_s == 95000000000);
    cr_assert(p.memory_bytes == (int64_t)256 << 30 && p.wake_ns == 120 && p.send_ns == 60);
    cr_assert(p.transfer_ns == 150 && p.copy_ps_per_byte == 100 && p.quantum_ns == 10000000);
    cr_assert(p.link_bytes == 24 << 10 && p.link_setup_ns == 150000 && p.kernel_slots == 0);
    cr_assert(p.reconnect_ns == 2000000000 && p.net_bytes_per_s == 1250000000);
    cr_assert(p.death_wait_ns == 5000000 && !p.station_priority_equal);
}

Test(profiles, epyc_2) {
    struct host_profile p = profile_of("epyc-2");
    cr_assert(p.cores == 2 && p.cache_domains == 1 && p.latency_points == 5);
    cr_assert(p.line_latency[4].bytes == 256 << 20 && p.line_latency[4].ns == 249);
    cr_assert(p.memory_from_bytes == 10 << 20 && p.bandwidth_bytes_per_s == 42000000000);
    cr_assert(p.memory_bytes == (int64_t)24 << 30 && p.copy_ps_per_byte == 32);
    cr_assert(p.transfer_ns == 240 && p.prefetch_gain == 8);
}

Test(profiles, beam_extends_them) {
    struct host_profile big = profile_of("beam-threadripper-64"), two = profile_of("beam-epyc-2");
    cr_assert(big.cores == 64 && two.cores == 2 && big.wake_ns == 470 && two.wake_ns == 470);
    cr_assert(big.send_scattered_ns == 480 && two.cell_bytes == 2670 && big.touch_bytes == 1100);
    cr_assert(two.envelope_bytes == 120 && big.transfer_ns == 1700 && two.copy_ps_per_byte == 275);
    cr_assert(big.quantum_ns == 800000 && two.tick_send_ns == 700 && big.tick_receive_ns == 700);
    cr_assert(big.zmq_send_ns == 400 && two.line_latency[0].bytes == 1 << 20);
}

/* A key is listed as estimated where, and only where, the comment behind it says so. */
static void check_comments(const char *name) {
    char path[100], line[300], set[100];
    struct scenario scenario;
    char *messages;
    snprintf(path, sizeof path, "hosts/%s.yml", name);
    snprintf(set, sizeof set, "hosts.here.profile=%s", name);
    cr_assert_eq(load_with(&scenario, small, &messages, set, NULL), 0);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file)) {
        size_t bytes = strcspn(line, ":");
        char key[100], full[120];
        snprintf(key, sizeof key, "%.*s", (int)bytes, line);
        const struct key *row = keys_child(keys_root("profile"), key);
        if (!row || !(row->flags & KEY_REQUIRED) || line[bytes] != ':') {
            continue;
        }
        const char *comment = strstr(line, " # ");
        cr_expect(comment, "%s: %s has no source", path, key);
        bool estimated = comment && strstr(comment, "estimated"), listed = false;
        snprintf(full, sizeof full, "here.%s", key);
        for (size_t i = 0; i < scenario.estimated; i++) {
            listed = listed || strcmp(scenario.estimated_key[i], full) == 0;
        }
        cr_expect_eq(listed, estimated, "%s: %s", path, key);
    }
    fclose(file);
    free(messages);
    scenario_deinit(&scenario);
}

Test(profiles, every_key_has_its_source) {
    check_comments("threadripper-64");
    check_comments("epyc-2");
    check_comments("beam-threadripper-64");
    check_comments("beam-epyc-2");
}

Test(profiles, what_a_host_sets_is_not_estimated) {
    struct scenario scenario;
    char *messages;
    cr_assert_eq(load_with(&scenario, small, &messages, "hosts.here.set.reader_ns=1us", NULL), 0);
    for (size_t i = 0; i < scenario.estimated; i++) {
        cr_assert_str_neq(scenario.estimated_key[i], "here.reader_ns");
    }
    cr_assert_eq(scenario.plan.host[0].profile.reader_ns, 1000);
    free(messages);
    scenario_deinit(&scenario);
}
