#include <criterion/criterion.h>

#include "metrics/tally.h"
#include "small_plan.h"

Test(tally, closes_when_every_copy_is_somewhere) {
    struct tally t;
    tally_init(&t, small_plan());
    cr_expect(tally_closes(&t));
    t.sent = 10;
    cr_expect_not(tally_closes(&t));
    t.delivered = 7;
    t.dropped[CAUSE_PENDING] = 1;
    t.dropped[CAUSE_MEMORY] = 1;
    t.in_flight = 1;
    cr_expect(tally_closes(&t));
    t.delivered++;
    cr_expect_not(tally_closes(&t));
    tally_deinit(&t);
}

Test(tally, takes_its_dimensions_from_the_plan) {
    struct tally t;
    tally_init(&t, small_plan());
    cr_expect_eq(t.kinds, 2);
    cr_expect_str_eq(t.kind_name[1], "debug");
    cr_expect_eq(t.kind[0].last_ns, TALLY_NEVER);
    cr_expect_not_null(t.source[0].aware);
    cr_expect_null(t.source[1].aware);
    cr_expect_eq(t.host[0].cores, 4);
    cr_expect_eq(t.host[0].death_at_ns, TALLY_NEVER);
    cr_expect_eq(t.type[1].cells, 0, "whoever fills it counts them");
    cr_expect_not(t.has_overlay);
    tally_deinit(&t);
}

Test(tally, merges_two_workers) {
    struct tally a, b;
    tally_init(&a, small_plan());
    tally_init(&b, small_plan());
    a.sent = 3;
    b.sent = 4;
    a.kind[0].last_ns = 70;
    histogram_record(a.kind[0].latency[PHASE_BEFORE], 10, 1);
    histogram_record(b.kind[0].latency[PHASE_BEFORE], 30, 2);
    b.host[0].death_at_ns = 500;
    b.host[0].death_by_memory = true;
    a.host[0].longest_wait_ns = 9;
    b.host[0].longest_wait_ns = 4;
    b.host[0].first_limit = LIMIT_MEMORY;
    b.has_storm = true;
    b.storm_from_ns = 100;
    b.storm_until_ns = 300;
    tally_message(&a, "ihave", 2);
    tally_message(&b, "graft", 1);
    tally_message(&b, "ihave", 5);
    a.type[0].cells = 4;
    b.type[0].cells = 6;
    a.digest.sum = 1;
    b.digest.sum = 2;
    tally_merge(&a, &b);
    cr_expect_eq(a.sent, 7);
    cr_expect_eq(a.kind[0].last_ns, 70);
    cr_expect_eq(a.kind[0].latency[PHASE_BEFORE]->count, 3);
    cr_expect_eq(a.host[0].death_at_ns, 500);
    cr_expect(a.host[0].death_by_memory);
    cr_expect_eq(a.host[0].longest_wait_ns, 9);
    cr_expect_eq(a.host[0].first_limit, LIMIT_MEMORY);
    cr_expect(a.has_storm && a.storm_from_ns == 100 && a.storm_until_ns == 300);
    cr_expect_eq(a.messages, 2);
    cr_expect_eq(a.message[0].count, 7);
    cr_expect(a.digest.sum == 3);
    cr_expect_eq(a.type[0].cells, 10);
    tally_deinit(&a);
    tally_deinit(&b);
}
