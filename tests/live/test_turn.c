#include <criterion/criterion.h>
#include <pthread.h>

#include "live/clock.h"
#include "live/turn.h"

enum { TURNS = 20000 };

static struct turn turn;
static uint64_t counter; /* without a lock of its own: the turn is one */
static _Atomic int done;

struct worker {
    enum turn_party party;
    uint64_t turns, of_other_seen;
};

static void *take_turns(void *context) {
    struct worker *w = context;
    for (uint64_t i = 0; i < TURNS; i++) {
        turn_take(&turn, w->party);
        counter = counter + 1;
        turn_give(&turn, w->party);
    }
    return NULL;
}

Test(turn, excludes) {
    struct worker loop = {.party = TURN_LOOP}, heard = {.party = TURN_HEARD};
    pthread_t threads[2];
    turn_init(&turn);
    pthread_create(&threads[0], NULL, take_turns, &loop);
    pthread_create(&threads[1], NULL, take_turns, &heard);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    cr_expect_eq(counter, 2 * TURNS);
    turn_deinit(&turn);
}

/* Holds each turn for some time, and never waits between two: one that would keep it for ever. */
static void *take_all(void *context) {
    struct worker *w = context;
    while (!done) {
        turn_take(&turn, w->party);
        int64_t until = clock_monotonic_ns() + 20000;
        while (clock_monotonic_ns() < until) {
        }
        w->turns++;
        turn_give(&turn, w->party);
    }
    return NULL;
}

static void *want_some(void *context) {
    struct worker *w = context;
    for (uint64_t i = 0; i < 500; i++) {
        turn_take(&turn, w->party);
        w->turns++;
        turn_give(&turn, w->party);
    }
    done = 1;
    return NULL;
}

/* It ends at all (else the test's time is over): whoever wants a turn gets one, beside another that
 * never lets go by itself. */
static void starve(enum turn_party greedy, enum turn_party modest) {
    struct worker all = {.party = greedy}, some = {.party = modest};
    pthread_t threads[2];
    done = 0;
    turn_init(&turn);
    pthread_create(&threads[0], NULL, take_all, &all);
    pthread_create(&threads[1], NULL, want_some, &some);
    pthread_join(threads[1], NULL);
    pthread_join(threads[0], NULL);
    cr_expect_eq(some.turns, 500);
    turn_deinit(&turn);
}

Test(turn, a_storm_does_not_starve_the_loop, .timeout = 60) {
    starve(TURN_HEARD, TURN_LOOP);
}

Test(turn, the_loop_does_not_starve_a_storm, .timeout = 60) {
    starve(TURN_LOOP, TURN_HEARD);
}

/* Both are greedy: neither has more than a slice and the turn in hand more often than the other. */
static void *take_fairly(void *context) {
    struct worker *w = context;
    while (w->turns < 20000 && !done) {
        turn_take(&turn, w->party);
        int64_t until = clock_monotonic_ns() + 2000;
        while (clock_monotonic_ns() < until) {
        }
        w->turns++;
        turn_give(&turn, w->party);
    }
    done = 1;
    return NULL;
}

Test(turn, two_greedy_ones_share, .timeout = 60) {
    struct worker loop = {.party = TURN_LOOP}, heard = {.party = TURN_HEARD};
    pthread_t threads[2];
    turn_init(&turn);
    pthread_create(&threads[0], NULL, take_fairly, &loop);
    pthread_create(&threads[1], NULL, take_fairly, &heard);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    uint64_t least = loop.turns < heard.turns ? loop.turns : heard.turns;
    cr_expect_gt(least, 100, "%lu and %lu", (unsigned long)loop.turns, (unsigned long)heard.turns);
    turn_deinit(&turn);
}
