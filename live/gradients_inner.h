/* What the files of live/gradients share, and nobody else sees. */
#ifndef NERVE_LIVE_GRADIENTS_INNER_H
#define NERVE_LIVE_GRADIENTS_INNER_H

#include <nats/nats.h>
#include <pthread.h>
#include <stdatomic.h>

#include "live/gradients.h"

enum {
    GRADIENTS_CHUNK = 4096, /* slots: they never move, the library's callbacks point to them */
    GRADIENTS_CHUNKS = 16384,
    GRADIENTS_MARKS = 256,
};

/*
 * A slot is free again only after the delivery thread has passed the end of its subscription: the
 * library says so (its completion), once, on that thread.
 */
enum slot_state {
    SLOT_FREE,
    SLOT_LIVE,
    SLOT_LEAVING, /* being unsubscribed */
    SLOT_ENDED,   /* unsubscribed; copies of it may still lie in the delivery list */
    SLOT_OVER,    /* the library has closed it itself, with its connection */
};

struct gradients_slot {
    struct gradients *gradients;
    natsSubscription *subscription;
    uint64_t key;
    uint64_t dropped; /* as it was last asked */
    uint32_t handle, connection, next_free;
    uint32_t state; /* enum slot_state; under the lock */
};

struct gradients_connection {
    struct gradients *gradients;
    natsConnection *nats;
    uint64_t client; /* its number at the server; 0: not known */
    uint32_t index;
    atomic_bool lost;
};

/* The subscriptions of one key that have ended and had dropped something. */
struct gradients_ended {
    uint64_t key, dropped;
};

/* A look at the list of what is not handed out yet: when `at` copies have been handed out, the
 * last of those that lay there then has left. */
struct gradients_mark {
    uint64_t at, copies;
    int64_t from_ns, passed_ns;
};

/* How long copies are held; under its own lock, but for mark_at. */
struct gradients_look {
    pthread_mutex_t lock;
    natsStatistics *statistics;
    struct gradients_mark mark[GRADIENTS_MARKS];
    uint32_t newest, unpassed, unrecorded; /* free-running; unrecorded <= unpassed <= newest */
    uint64_t read, handed;                 /* as of the last look */
    uint64_t dropped;                      /* as of the last sum */
    uint64_t gone;                         /* read, and neither handed out nor dropped */
    uint64_t held;
    int64_t looked_ns, changed_ns, next_sum_ns;
    bool drops; /* any at all, ever */
};

struct gradients {
    /* Written by the delivery thread for every copy: a line of its own. */
    _Alignas(64) _Atomic uint64_t handed;
    _Atomic uint64_t left; /* of `heard` */
    /* Read for every copy, written seldom. */
    _Alignas(64) _Atomic uint64_t mark_at; /* the oldest mark that is not passed; UINT64_MAX */
    atomic_bool closing;
    struct gradients_setup setup;

    pthread_mutex_t lock; /* slots' states, the free list, `ended`, the counts below */
    pthread_cond_t changed;
    uint64_t unfinished; /* subscriptions that the delivery thread may still know */
    uint32_t closed;     /* connections that the library is done with */
    uint32_t free_slot;  /* handle + 1; 0: none */
    struct gradients_ended *ended;
    size_t ended_count, ended_room;
    uint64_t ended_dropped;

    uint32_t opened; /* connections that are there */
    struct gradients_connection *connection;
    _Atomic uint32_t slots; /* ever made */
    struct gradients_slot *chunk[GRADIENTS_CHUNKS];
    struct gradients_look look;
};

static inline struct gradients_slot *gradients_slot(const struct gradients *g, uint32_t handle) {
    return &g->chunk[handle / GRADIENTS_CHUNK][handle % GRADIENTS_CHUNK];
}

/* The delivery thread: `handed` copies have been handed out, and that reaches a mark. */
void gradients_pass_marks(struct gradients *g, uint64_t handed);

/* What the library says of a failure, with the connection's own words where it has some. */
const char *gradients_words(natsStatus status);

/* Gives back all slots: nobody is called any more. */
void gradients_free_slots(struct gradients *g);

#endif
