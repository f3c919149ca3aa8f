/*
 * Whose turn it is: a worker is one core, so its cells are worked on by one thread at a time: its
 * own loop, or the NATS library's thread that brings copies. Where both want, each has its turn for
 * at most TURN_SLICE_NS (measured when the other waits), so that neither a storm nor a flood of
 * synapses starves the other. Uncontended: one exchange to take, one to give.
 */
#ifndef NERVE_LIVE_TURN_H
#define NERVE_LIVE_TURN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

enum turn_party { TURN_LOOP = 1, TURN_HEARD = 2 };

#define TURN_SLICE_NS 200000

struct turn {
    _Atomic int holder;     /* 0: nobody */
    _Atomic int waiting[3]; /* by party */
    pthread_mutex_t lock;   /* of those who wait */
    pthread_cond_t free;
    _Atomic int last;         /* who had it last */
    _Atomic int64_t since_ns; /* since when, without the other between */
};

void turn_init(struct turn *turn);
void turn_deinit(struct turn *turn);
void turn_take(struct turn *turn, enum turn_party party);
void turn_give(struct turn *turn, enum turn_party party);

#endif
