#include <criterion/criterion.h>

#include "live/probe.h"

#define MS INT64_C(1000000)

static struct probe probe;
static struct tally_host host;

/* Death after 5 ms, deafness after 2 ms; one connection. */
static void begin(int64_t warm_up_ns) {
    probe_init(&probe, warm_up_ns, 5 * MS, 2 * MS, 1);
    host = (struct tally_host){0};
}

/* The loop comes to the probe at that time; its gradient is back after `way_ns`. */
static bool beat(int64_t now_ns, int64_t way_ns) {
    int64_t due_ns;
    uint32_t connection;
    if (!probe_beat(&probe, now_ns, &due_ns, &connection)) {
        return false;
    }
    probe_heard(&probe, due_ns, now_ns + way_ns);
    return true;
}

Test(probe, says_nothing_of_beats_in_time) {
    begin(0);
    for (int64_t i = 1; i <= 100; i++) {
        cr_expect(beat(i * MS, MS / 10));
        cr_expect_not(beat(i * MS + MS / 2, 0), "one a millisecond");
    }
    probe_finish(&probe, 100 * MS + MS / 2, &host);
    cr_expect_eq(probe.published, 100);
    cr_expect_eq(probe.heard, 100);
    cr_expect_eq(host.longest_wait_ns, 0);
    cr_expect_eq(host.death_at_ns, TALLY_NEVER);
    cr_expect_eq(host.dead_ns, 0);
    cr_expect_eq(host.deaf_first_ns, TALLY_NEVER);
    cr_expect_eq(host.deaf_total_ns, 0);
}

Test(probe, a_late_beat_counts_from_when_it_was_due) {
    begin(0);
    beat(1 * MS, 0);
    beat(402 * MS, 0); /* due at 2 ms */
    probe_finish(&probe, 402 * MS, &host);
    cr_expect_eq(host.longest_wait_ns, 400 * MS);
    cr_expect_eq(host.death_at_ns, 7 * MS);
    cr_expect_eq(host.dead_ns, 395 * MS);
    cr_expect_eq(host.deaf_first_ns, 4 * MS, "its gradient was due then, too");
    cr_expect_eq(host.deaf_longest_ns, 398 * MS);
    cr_expect_eq(host.deaf_total_ns, 398 * MS);
    cr_expect_eq(probe.due_ns, 403 * MS, "what was due meanwhile was served with it");
}

Test(probe, is_due_from_each_millisecond_on) {
    begin(0);
    beat(3 * MS + MS / 2, 0); /* due at 1, 2 and 3 ms */
    cr_expect_eq(probe.due_ns, 4 * MS);
    cr_expect_eq(probe.longest_wait_ns, 2 * MS + MS / 2);
}

Test(probe, spans_that_meet_are_one) {
    begin(0);
    beat(21 * MS, 0);  /* due at 1: dead 6 .. 21 */
    beat(31 * MS, 0);  /* due at 22: dead 27 .. 31 */
    beat(500 * MS, 0); /* due at 32: dead 37 .. 500 */
    beat(501 * MS, 0); /* in time */
    beat(508 * MS, 0); /* due at 502: dead 507 .. 508 */
    probe_finish(&probe, 508 * MS, &host);
    cr_expect_eq(host.death_at_ns, 6 * MS);
    cr_expect_eq(host.dead_ns, (15 + 4 + 463 + 1) * MS);
    cr_expect_eq(probe.dead.longest_ns, 463 * MS);

    begin(0);
    int64_t due_ns;
    uint32_t connection;
    cr_assert(probe_beat(&probe, 1 * MS, &due_ns, &connection));
    probe_heard(&probe, due_ns, 10 * MS);                         /* deaf 3 .. 10 */
    cr_assert(probe_beat(&probe, 10 * MS, &due_ns, &connection)); /* due at 2 */
    probe_heard(&probe, due_ns, 20 * MS);                         /* deaf 4 .. 20: meets it */
    probe_finish(&probe, 20 * MS, &host);
    cr_expect_eq(host.deaf_first_ns, 3 * MS);
    cr_expect_eq(host.deaf_total_ns, 17 * MS);
    cr_expect_eq(host.deaf_longest_ns, 17 * MS);
}

Test(probe, one_gradient_is_under_way_at_a_time) {
    begin(0);
    int64_t due_ns;
    uint32_t connection;
    cr_assert(probe_beat(&probe, 1 * MS, &due_ns, &connection));
    cr_expect_eq(due_ns, 1 * MS);
    for (int64_t i = 2; i <= 50; i++) {
        cr_expect_not(probe_beat(&probe, i * MS, &due_ns, &connection));
    }
    cr_expect_eq(probe.published, 1);
    cr_expect_eq(probe.longest_wait_ns, 0, "the loop itself was in time");
    probe_heard(&probe, 1 * MS, 50 * MS + MS / 2);
    cr_expect(probe_beat(&probe, 51 * MS, &due_ns, &connection));
    probe_finish(&probe, 52 * MS, &host);
    cr_expect_eq(host.deaf_first_ns, 3 * MS);
    cr_expect_eq(host.deaf_longest_ns, 47 * MS + MS / 2);
    cr_expect_eq(host.dead_ns, 0);
}

Test(probe, what_never_comes_back_is_deaf_to_the_end) {
    begin(0);
    int64_t due_ns;
    uint32_t connection;
    cr_assert(probe_beat(&probe, 1 * MS, &due_ns, &connection));
    probe_finish(&probe, 100 * MS, &host);
    cr_expect_eq(host.deaf_first_ns, 3 * MS);
    cr_expect_eq(host.deaf_total_ns, 97 * MS);
    cr_expect_eq(host.longest_wait_ns, 98 * MS, "nor did the loop come to the beat due at 2 ms");
    cr_expect_eq(host.dead_ns, 93 * MS);
}

Test(probe, connections_take_turns) {
    probe_init(&probe, 0, 5 * MS, 2 * MS, 3);
    for (uint32_t i = 0; i < 9; i++) {
        int64_t due_ns;
        uint32_t connection = 9;
        cr_assert(probe_beat(&probe, (int64_t)(i + 1) * MS, &due_ns, &connection));
        cr_expect_eq(connection, i % 3);
        probe_heard(&probe, due_ns, due_ns);
    }
}

Test(probe, nothing_counts_before_warm_up) {
    begin(50 * MS);
    beat(40 * MS, 9 * MS); /* due at 1 ms */
    beat(49 * MS, 100 * MS);
    probe_finish(&probe, 49 * MS, &host);
    cr_expect_eq(host.longest_wait_ns, 0);
    cr_expect_eq(host.death_at_ns, TALLY_NEVER);
    cr_expect_eq(host.deaf_first_ns, TALLY_NEVER);
    beat(70 * MS, 3 * MS); /* due at 50 ms */
    probe_finish(&probe, 70 * MS, &host);
    cr_expect_eq(host.longest_wait_ns, 20 * MS);
    cr_expect_eq(host.death_at_ns, 55 * MS);
    cr_expect_eq(host.deaf_first_ns, 52 * MS);
}
