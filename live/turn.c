#include "live/turn.h"

#include <stdbool.h>

#include "base/assert.h"
#include "live/clock.h"

static enum turn_party other(enum turn_party party) {
    return party == TURN_LOOP ? TURN_HEARD : TURN_LOOP;
}

void turn_init(struct turn *turn) {
    *turn = (struct turn){0};
    pthread_mutex_init(&turn->lock, NULL);
    pthread_cond_init(&turn->free, NULL);
}

void turn_deinit(struct turn *turn) {
    pthread_cond_destroy(&turn->free);
    pthread_mutex_destroy(&turn->lock);
}

/* Whether a party may have it: nobody holds it, and it has not had it long while the other waits.
 */
static bool may_take(struct turn *turn, enum turn_party party) {
    if (atomic_load(&turn->holder) != 0) {
        return false;
    }
    return turn->last != (int)party || atomic_load(&turn->waiting[other(party)]) == 0 ||
           clock_monotonic_ns() - turn->since_ns < TURN_SLICE_NS;
}

static void take_slowly(struct turn *turn, enum turn_party party) {
    pthread_mutex_lock(&turn->lock);
    atomic_fetch_add(&turn->waiting[party], 1);
    int free = 0;
    while (!may_take(turn, party) ||
           !atomic_compare_exchange_strong(&turn->holder, &free, (int)party)) {
        free = 0;
        pthread_cond_wait(&turn->free, &turn->lock);
    }
    atomic_fetch_sub(&turn->waiting[party], 1);
    if (turn->last != (int)party) {
        turn->last = (int)party;
        turn->since_ns = clock_monotonic_ns();
    }
    pthread_mutex_unlock(&turn->lock);
}

void turn_take(struct turn *turn, enum turn_party party) {
    int free = 0;
    if (atomic_load(&turn->waiting[other(party)]) > 0 ||
        !atomic_compare_exchange_strong(&turn->holder, &free, (int)party)) {
        take_slowly(turn, party);
        return;
    }
    if (turn->last != (int)party) {
        turn->last = (int)party;
        turn->since_ns = clock_monotonic_ns();
    }
}

void turn_give(struct turn *turn, enum turn_party party) {
    NERVE_ASSERT(atomic_load(&turn->holder) == (int)party);
    atomic_store(&turn->holder, 0);
    if (atomic_load(&turn->waiting[TURN_LOOP]) + atomic_load(&turn->waiting[TURN_HEARD]) > 0) {
        pthread_mutex_lock(&turn->lock);
        pthread_cond_broadcast(&turn->free);
        pthread_mutex_unlock(&turn->lock);
    }
}
