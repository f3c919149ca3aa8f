/* Gradients: who hears what, in which order, and until when. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "model/plan.h"
#include "tests/live/gradients_fixture.h"

enum { MEBI = 1 << 20 };

static struct broker broker;
static struct ear ear;
static struct gradients *gradients;

static void begin(void) {
    ear_init(&ear);
    broker_start(&broker, 64 * MEBI);
    gradients = broker_gradients(&broker, &ear, 1, PLAN_NONE);
}

static void end(void) {
    gradients_close(gradients);
    broker_stop(&broker);
}

TestSuite(gradients, .init = begin, .fini = end);

Test(gradients, copies_come_in_the_order_of_the_connection_over_all_subscriptions) {
    enum { SUBSCRIPTIONS = 7, ROUNDS = 300 };
    for (uint64_t key = 0; key < SUBSCRIPTIONS; key++) {
        char pattern[32];
        snprintf(pattern, sizeof pattern, "domain.%d", (int)key);
        subscribe(gradients, key, pattern);
    }
    flush(gradients);
    for (int64_t i = 0; i < SUBSCRIPTIONS * ROUNDS; i++) {
        char subject[32];
        snprintf(subject, sizeof subject, "domain.%d", (int)(i * 3 % SUBSCRIPTIONS));
        cr_assert(publish_number(gradients, subject, i));
    }
    cr_assert(ear_wait(&ear, SUBSCRIPTIONS * ROUNDS));
    for (int64_t i = 0; i < SUBSCRIPTIONS * ROUNDS; i++) {
        cr_assert_eq(ear.numbers[i], i);
        cr_assert_eq(ear.keys[i], (uint64_t)i * 3 % SUBSCRIPTIONS);
    }
    cr_expect_eq(gradients_read(gradients), SUBSCRIPTIONS * ROUNDS);
    cr_expect_eq(gradients_handed(gradients), SUBSCRIPTIONS * ROUNDS);
    cr_expect_eq(gradients_dropped_all(gradients), 0);
}

Test(gradients, wildcards_match_tokens_and_overlapping_subscriptions_each_get_a_copy) {
    subscribe(gradients, 1, "d.*.pain");
    subscribe(gradients, 2, "d.>");
    subscribe(gradients, 3, "d.7.pain");
    flush(gradients);
    cr_assert(publish_number(gradients, "d.7.pain", 10));
    cr_assert(publish_number(gradients, "d.8.pain", 20));
    cr_assert(publish_number(gradients, "d.8.calm.now", 30));
    cr_assert(publish_number(gradients, "e.8.pain", 40));
    flush(gradients);
    cr_assert(ear_wait(&ear, 6));
    uint64_t heard[4] = {0};
    for (uint64_t i = 0; i < ear.count; i++) {
        heard[ear.keys[i]] += (uint64_t)ear.numbers[i];
    }
    cr_expect_eq(ear.count, 6);
    cr_expect_eq(heard[1], 30);
    cr_expect_eq(heard[2], 60);
    cr_expect_eq(heard[3], 10);
    cr_expect_str_eq(ear.subjects[0], "d.7.pain");
}

static int64_t handles[2];

static void leave_first(void *context, uint64_t key, int64_t number) {
    (void)context;
    if (key == 1 && number == 1) {
        gradients_unsubscribe(gradients, handles[0]);
    }
}

Test(gradients, nothing_comes_after_unsubscribing_from_inside) {
    ear.then = leave_first;
    handles[0] = subscribe(gradients, 1, "s");
    handles[1] = subscribe(gradients, 2, "last");
    flush(gradients);
    for (int64_t i = 1; i <= 100; i++) {
        cr_assert(publish_number(gradients, "s", i));
    }
    cr_assert(publish_number(gradients, "last", 0));
    cr_assert(ear_wait(&ear, 2));
    cr_expect_eq(ear.count, 2);
    cr_expect_eq(ear.keys[0], 1);
    cr_expect_eq(ear.keys[1], 2);
}

/* Waits for what was sent before it to have been handed out. */
static void pass_by(int64_t number) {
    cr_assert(publish_number(gradients, "last", number));
    cr_assert(ear_wait_last(&ear, number));
}

Test(gradients, handles_are_dense_and_used_again) {
    subscribe(gradients, EAR_LAST, "last");
    ear.last = -1;
    int64_t first = subscribe(gradients, 1, "a"), second = subscribe(gradients, 2, "b");
    cr_expect_eq(first, 1);
    cr_expect_eq(second, 2);
    gradients_unsubscribe(gradients, first);
    flush(gradients);
    pass_by(0); /* the delivery thread has passed its end */
    cr_expect_eq(subscribe(gradients, 3, "c"), first);
    flush(gradients);
    publish_number(gradients, "a", 1);
    publish_number(gradients, "c", 2);
    pass_by(3);
    cr_expect_eq(ear.count, 1);
    cr_expect_eq(ear.keys[0], 3);
    cr_expect_eq(ear.numbers[0], 2);
}

static void answer(void *context, uint64_t key, int64_t number) {
    (void)context;
    (void)key;
    if (number < 1000) {
        publish_number(gradients, "ball", number + 1);
    }
}

Test(gradients, a_publication_from_inside_comes_back) {
    ear.then = answer;
    subscribe(gradients, 1, "ball");
    flush(gradients);
    cr_assert(publish_number(gradients, "ball", 1));
    cr_assert(ear_wait(&ear, 1000));
    for (int64_t i = 0; i < 1000; i++) {
        cr_assert_eq(ear.numbers[i], i + 1);
    }
}

Test(gradients, a_pattern_that_is_none_is_refused) {
    struct error error = {""};
    cr_expect_eq(gradients_subscribe(gradients, 0, 1, "a..b", &error), -1);
    cr_expect_str_eq(error.text, "cannot subscribe to a..b: Invalid Subject");
    cr_expect_eq(subscribe(gradients, 1, "a"), 0);
}

Test(gradients, churn_leaves_nothing_behind) {
    subscribe(gradients, EAR_LAST, "last");
    ear.last = -1;
    int64_t highest = 0;
    for (int64_t i = 0; i < 5000; i++) {
        int64_t handle = subscribe(gradients, 1, "churn");
        highest = handle > highest ? handle : highest;
        publish_number(gradients, "churn", i);
        gradients_unsubscribe(gradients, handle);
        if (i % 10 == 9) {
            flush(gradients);
            pass_by(i);
        }
    }
    cr_expect_leq(highest, 10);
    /* What came for subscriptions that had ended is held by nobody. */
    struct tally_buffer reader = {0};
    int64_t now_ns = 1;
    while (gradients_held(gradients, now_ns++, &reader) > 0) {
    }
    pass_by(0);
    flush(gradients);
    cr_expect_eq(gradients_held(gradients, now_ns, &reader), 0);
}

Test(gradients, each_connection_of_many_works) {
    gradients_close(gradients);
    gradients = broker_gradients(&broker, &ear, 8, PLAN_NONE);
    struct error error = {""};
    for (uint32_t i = 0; i < 8; i++) {
        cr_assert_geq(gradients_subscribe(gradients, i, i, "all", &error), 0);
    }
    flush(gradients);
    for (uint32_t i = 0; i < 8; i++) {
        cr_assert(gradients_publish(gradients, i, "all", &(int64_t){i}, sizeof(int64_t)));
    }
    cr_assert(ear_wait(&ear, 64));
    flush(gradients);
    cr_expect_eq(gradients_read(gradients), 64);
}

Test(gradients, a_server_that_is_not_there_is_named) {
    struct error error = {""};
    struct gradients_setup setup = {.url = "nats://127.0.0.1:1",
                                    .name = "test",
                                    .connections = 2,
                                    .pending_limit = 1,
                                    .write_deadline_ms = 1000,
                                    .heard = ear_heard,
                                    .cut = ear_cut};
    cr_expect_null(gradients_open(&setup, &error));
    cr_expect_str_eq(error.text, "cannot connect to nats-server at nats://127.0.0.1:1 (connection "
                                 "1 of 2): No server available for connection");
}
