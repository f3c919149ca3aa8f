/* Gradients: what is lost, exactly, and how the loss of a connection shows. ctest: timeout=240 */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/plan.h"
#include "tests/live/gradients_fixture.h"

enum { MEBI = 1 << 20, KEYS = 4 };

static void note(void *context, uint64_t key, uint64_t dropped) {
    uint64_t *by_key = context;
    cr_assert_lt(key, KEYS);
    by_key[key] += dropped;
}

static void expect_dropped(struct gradients *gradients, uint64_t a, uint64_t b, uint64_t c) {
    uint64_t by_key[KEYS] = {0};
    gradients_dropped(gradients, note, by_key);
    cr_expect_eq(by_key[1], a, "%d of the first", (int)by_key[1]);
    cr_expect_eq(by_key[2], b, "%d of the second", (int)by_key[2]);
    cr_expect_eq(by_key[3], c, "%d of the third", (int)by_key[3]);
    cr_expect_eq(gradients_dropped_all(gradients), a + b + c);
}

/* One copy is in `heard`, which does not return; then so many more come of each. */
static void fill(struct gradients *gradients, struct ear *ear, int a, int b, int c) {
    subscribe(gradients, 1, "a");
    subscribe(gradients, 2, "b");
    subscribe(gradients, 3, "c");
    flush(gradients);
    ear->hold = true;
    cr_assert(publish_number(gradients, "a", 0));
    cr_assert(ear_wait_held(ear));
    const int counts[] = {a, b, c};
    const char *subjects[] = {"a", "b", "c"};
    for (int subject = 0; subject < 3; subject++) {
        for (int i = 0; i < counts[subject]; i++) {
            cr_assert(publish_number(gradients, subjects[subject], i));
        }
    }
    flush(gradients); /* its own copies have been read, then */
}

Test(losses, a_limit_of_one_holds_one_and_drops_the_others_by_key) {
    struct broker broker;
    struct ear ear;
    ear_init(&ear);
    broker_start(&broker, 64 * MEBI);
    struct gradients *gradients = broker_gradients(&broker, &ear, 1, 1);
    struct histogram *histogram = calloc(1, sizeof *histogram);
    struct tally_buffer reader = {.held = histogram};
    fill(gradients, &ear, 9, 5, 1);
    expect_dropped(gradients, 8, 4, 0);
    cr_expect_eq(gradients_held(gradients, 1000, &reader), 3);
    /* One that ends takes its copy with it, and what it dropped stays known. */
    gradients_unsubscribe(gradients, 0);
    expect_dropped(gradients, 8, 4, 0);
    ear_release(&ear);
    cr_assert(ear_wait(&ear, 3));
    flush(gradients);
    while (gradients_held(gradients, 2000, &reader) > 0) {
    }
    cr_expect_eq(ear.keys[1], 2);
    cr_expect_eq(ear.keys[2], 3);
    expect_dropped(gradients, 8, 4, 0);
    cr_expect_eq(gradients_read(gradients), 16);
    cr_expect_eq(reader.peak, 3);
    cr_expect_eq((uint64_t)reader.held_sum_ns, 3 * 1000);
    cr_expect_eq(ear.cuts, 0);
    gradients_close(gradients);
    broker_stop(&broker);
    free(histogram);
}

Test(losses, without_a_limit_all_are_held_and_none_is_dropped) {
    struct broker broker;
    struct ear ear;
    ear_init(&ear);
    broker_start(&broker, 64 * MEBI);
    struct gradients *gradients = broker_gradients(&broker, &ear, 1, PLAN_NONE);
    struct histogram *histogram = calloc(1, sizeof *histogram);
    struct tally_buffer reader = {.held = histogram};
    fill(gradients, &ear, 1000, 500, 200);
    cr_expect_eq(gradients_held(gradients, 1, &reader), 1700);
    ear_release(&ear);
    cr_assert(ear_wait(&ear, 1701));
    while (gradients_held(gradients, 2, &reader) > 0) {
    }
    expect_dropped(gradients, 0, 0, 0);
    cr_expect_eq(reader.peak, 1700);
    /* All 1,700 lay there at the look before; the first had gone already. */
    cr_expect_eq(histogram->count, 1701);
    cr_expect_gt(histogram->max, 0);
    gradients_close(gradients);
    broker_stop(&broker);
    free(histogram);
}

Test(losses, a_killed_server_cuts_and_what_was_read_still_comes) {
    struct broker broker;
    struct ear ear;
    ear_init(&ear);
    broker_start(&broker, 64 * MEBI);
    struct gradients *gradients = broker_gradients(&broker, &ear, 1, 3);
    fill(gradients, &ear, 10, 10, 2);
    kill(broker.server.pid, SIGKILL);
    cr_assert(ear_wait_cut(&ear));
    cr_expect_eq(ear.cut_connection, 0);
    cr_expect(!ear.cut_slow);
    /* Exact after the end, too. */
    expect_dropped(gradients, 7, 7, 0);
    cr_expect(!publish_number(gradients, "a", 1));
    struct error error = {""};
    cr_expect_eq(gradients_subscribe(gradients, 0, 1, "d", &error), -1);
    cr_expect_str_eq(error.text, "cannot subscribe to d: the connection to nats-server is lost");
    cr_expect_eq(gradients_flush(gradients, 1000, &error), -1);
    cr_expect_str_eq(error.text, "the connection to nats-server is lost");
    ear_release(&ear);
    cr_assert(ear_wait(&ear, 9));
    cr_expect_eq(gradients_read(gradients), 9 + 14);
    char fate[256];
    cr_assert(process_ends(broker.server.pid));
    server_fate(&broker.server, fate, sizeof fate);
    cr_expect_str_eq(fate, "killed by signal 9");
    gradients_unsubscribe(gradients, 1);
    expect_dropped(gradients, 7, 7, 0);
    gradients_close(gradients);
    cr_expect_eq(ear.cuts, 1);
    broker_stop(&broker);
}

Test(losses, a_server_that_ends_orderly_cuts_each_connection) {
    struct broker broker;
    struct ear ear;
    ear_init(&ear);
    broker_start(&broker, 64 * MEBI);
    struct gradients *gradients = broker_gradients(&broker, &ear, 3, 1);
    server_stop(&broker.server);
    cr_assert(ear_wait_cut(&ear));
    gradients_close(gradients);
    cr_expect_leq(ear.cuts, 3); /* those that are told while it closes are not */
    broker_stop(&broker);
}

/* A process that subscribes, is stopped, and then tells how it was cut. */
static void be_slow(int url_pipe, int tell) {
    struct ear ear;
    ear_init(&ear);
    struct broker broker = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (read(url_pipe, &broker.server, sizeof broker.server) != (ssize_t)sizeof broker.server) {
        _exit(1);
    }
    struct gradients *gradients = broker_gradients(&broker, &ear, 1, PLAN_NONE);
    subscribe(gradients, 1, "flood");
    flush(gradients);
    (void)!write(tell, "r", 1);
    bool cut = ear_wait_cut(&ear);
    char how = (char)(!cut ? 'n' : ear.cut_slow ? 's' : 'c');
    (void)!write(tell, &how, 1);
    gradients_close(gradients);
    _exit(0);
}

static char told(int tell) {
    struct pollfd polled = {.fd = tell, .events = POLLIN};
    char what = '?';
    if (poll(&polled, 1, PATIENCE_MS) > 0) {
        (void)!read(tell, &what, 1);
    }
    return what;
}

Test(losses, a_slow_consumer_that_the_server_cuts_knows_it) {
    int url_pipe[2], tell[2];
    cr_assert(pipe(url_pipe) == 0 && pipe(tell) == 0);
    pid_t slow = fork();
    if (slow == 0) {
        be_slow(url_pipe[0], tell[1]);
    }
    struct broker broker;
    struct ear ear;
    ear_init(&ear);
    broker_start(&broker, MEBI);
    (void)!write(url_pipe[1], &broker.server, sizeof broker.server);
    cr_assert_eq(told(tell[0]), 'r');
    kill(slow, SIGSTOP);
    struct gradients *gradients = broker_gradients(&broker, &ear, 1, 1);
    /* More than the kernel's buffers and the server's together hold. */
    static char block[64 << 10];
    for (int i = 0; i < 400; i++) {
        cr_assert(gradients_publish(gradients, 0, "flood", block, sizeof block));
    }
    flush(gradients);
    kill(slow, SIGCONT);
    cr_expect_eq(told(tell[0]), 's');
    waitpid(slow, NULL, 0);
    cr_expect_eq(ear.cuts, 0);
    gradients_close(gradients);
    broker_stop(&broker);
}

Test(losses, a_hundred_thousand_subscriptions_hear_one_broadcast_each) {
    enum { MANY = 100000 };
    struct broker broker;
    struct ear ear;
    ear_init(&ear);
    broker_start(&broker, 64 * MEBI);
    struct gradients *gradients = broker_gradients(&broker, &ear, 1, 1);
    struct error error = {""};
    for (int64_t i = 0; i < MANY; i++) {
        cr_assert_eq(gradients_subscribe(gradients, 0, (uint64_t)i, "everywhere", &error), i);
    }
    flush(gradients);
    cr_assert(publish_number(gradients, "everywhere", 5));
    cr_assert(ear_wait(&ear, MANY));
    flush(gradients);
    cr_expect_eq(gradients_read(gradients), MANY);
    cr_expect_eq(gradients_dropped_all(gradients), 0);
    gradients_close(gradients);
    broker_stop(&broker);
}
