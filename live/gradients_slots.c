#include <limits.h>
#include <stdlib.h>

#include "base/assert.h"
#include "base/memory.h"
#include "live/gradients_inner.h"
#include "model/plan.h"

/* --- the delivery thread ------------------------------------------------------------ */

static void hear(natsConnection *nats, natsSubscription *subscription, natsMsg *message,
                 void *closure) {
    struct gradients_slot *slot = closure;
    struct gradients *g = slot->gradients;
    (void)nats;
    (void)subscription;
    /* This thread alone writes them. */
    uint64_t handed = atomic_load_explicit(&g->handed, memory_order_relaxed) + 1;
    atomic_store_explicit(&g->handed, handed, memory_order_release);
    if (handed >= atomic_load_explicit(&g->mark_at, memory_order_relaxed)) {
        gradients_pass_marks(g, handed);
    }
    if (!atomic_load_explicit(&g->closing, memory_order_relaxed)) {
        g->setup.heard(g->setup.context, slot->key, natsMsg_GetSubject(message),
                       natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message));
    }
    natsMsg_Destroy(message);
    atomic_store_explicit(&g->left, handed, memory_order_release);
}

/* Under the lock: nothing can be handed out for it any more. */
static natsSubscription *free_slot(struct gradients *g, struct gradients_slot *slot) {
    natsSubscription *subscription = slot->subscription;
    slot->state = SLOT_FREE;
    slot->subscription = NULL;
    slot->next_free = g->free_slot;
    g->free_slot = slot->handle + 1;
    return subscription;
}

static void when_complete(void *closure) {
    struct gradients_slot *slot = closure;
    struct gradients *g = slot->gradients;
    natsSubscription *done = NULL;
    pthread_mutex_lock(&g->lock);
    if (slot->state == SLOT_ENDED) {
        done = free_slot(g, slot);
    } else {
        slot->state = SLOT_OVER;
    }
    pthread_mutex_unlock(&g->lock);
    natsSubscription_Destroy(done);
    /* Last: when none is unfinished, all may be freed. */
    pthread_mutex_lock(&g->lock);
    g->unfinished--;
    if (g->unfinished == 0) {
        pthread_cond_broadcast(&g->changed);
    }
    pthread_mutex_unlock(&g->lock);
}

/* --- subscribing ---------------------------------------------------------------------- */

static struct gradients_slot *take_slot(struct gradients *g) {
    struct gradients_slot *slot = NULL;
    pthread_mutex_lock(&g->lock);
    uint32_t handle = g->free_slot;
    if (handle > 0) {
        slot = gradients_slot(g, handle - 1);
        g->free_slot = slot->next_free;
    }
    pthread_mutex_unlock(&g->lock);
    if (slot) {
        return slot;
    }
    handle = atomic_load(&g->slots);
    if (handle == (uint32_t)GRADIENTS_CHUNK * GRADIENTS_CHUNKS) {
        return NULL;
    }
    struct gradients_slot **chunk = &g->chunk[handle / GRADIENTS_CHUNK];
    if (!*chunk) {
        *chunk = memory_new(GRADIENTS_CHUNK, sizeof **chunk);
    }
    slot = gradients_slot(g, handle);
    slot->gradients = g;
    slot->handle = handle;
    atomic_store(&g->slots, handle + 1); /* whoever counts them finds it made */
    return slot;
}

/* What the library is told of a new subscription; it can fail only where the connection has been
 * closed in this very moment. */
static natsStatus set_up(natsSubscription *subscription, struct gradients_slot *slot,
                         int64_t limit) {
    natsStatus status = natsSubscription_SetOnCompleteCB(subscription, when_complete, slot);
    if (status == NATS_OK) {
        int most = limit == PLAN_NONE || limit > INT_MAX ? -1 : (int)limit;
        (void)natsSubscription_SetPendingLimits(subscription, most, -1);
    }
    return status;
}

int64_t gradients_subscribe(struct gradients *g, uint32_t connection, uint64_t key,
                            const char *pattern, struct error *error) {
    NERVE_ASSERT(connection < g->opened && g->setup.pending_limit != 0);
    if (atomic_load(&g->connection[connection].lost)) {
        return error_set(error, "cannot subscribe to %s: the connection to nats-server is lost",
                         pattern);
    }
    struct gradients_slot *slot = take_slot(g);
    if (!slot) {
        return error_set(error, "more than %u subscriptions in one process: give it fewer cells",
                         (unsigned)GRADIENTS_CHUNK * GRADIENTS_CHUNKS);
    }
    slot->key = key;
    slot->connection = connection;
    slot->dropped = 0;
    natsSubscription *subscription = NULL;
    natsStatus status = natsConnection_Subscribe(&subscription, g->connection[connection].nats,
                                                 pattern, hear, slot);
    bool watched = false;
    pthread_mutex_lock(&g->lock);
    slot->subscription = subscription;
    if (status == NATS_OK) {
        watched = set_up(subscription, slot, g->setup.pending_limit) == NATS_OK;
        /* One that is not watched keeps its slot for good: who knows when it is done with. */
        slot->state = watched ? SLOT_LIVE : SLOT_OVER;
        g->unfinished += watched;
        status = watched ? NATS_OK : NATS_CONNECTION_CLOSED;
    } else {
        free_slot(g, slot);
    }
    pthread_mutex_unlock(&g->lock);
    return status == NATS_OK
               ? (int64_t)slot->handle
               : error_set(error, "cannot subscribe to %s: %s", pattern, gradients_words(status));
}

/* Under the lock. */
static void remember_dropped(struct gradients *g, const struct gradients_slot *slot) {
    if (slot->dropped == 0) {
        return;
    }
    if (g->ended_count == g->ended_room) {
        g->ended_room = g->ended_room ? 2 * g->ended_room : 64;
        g->ended = memory_grow(g->ended, g->ended_room, sizeof *g->ended);
    }
    g->ended[g->ended_count++] = (struct gradients_ended){slot->key, slot->dropped};
    g->ended_dropped += slot->dropped;
}

/* Under the lock: as the library knows it, or knew it last. */
static uint64_t ask_dropped(struct gradients_slot *slot) {
    int64_t dropped = 0;
    if (natsSubscription_GetDropped(slot->subscription, &dropped) == NATS_OK) {
        slot->dropped = (uint64_t)dropped;
    }
    return slot->dropped;
}

void gradients_unsubscribe(struct gradients *g, int64_t handle) {
    NERVE_ASSERT(handle >= 0 && handle < (int64_t)atomic_load(&g->slots));
    struct gradients_slot *slot = gradients_slot(g, (uint32_t)handle);
    natsSubscription *done = NULL;
    pthread_mutex_lock(&g->lock);
    NERVE_ASSERT(slot->state == SLOT_LIVE || slot->state == SLOT_OVER);
    /* Without a limit nothing is dropped any more, so the count that is asked now is the last. */
    (void)natsSubscription_SetPendingLimits(slot->subscription, -1, -1);
    (void)ask_dropped(slot);
    remember_dropped(g, slot);
    slot->dropped = 0;
    bool over = slot->state == SLOT_OVER;
    slot->state = over ? SLOT_OVER : SLOT_LEAVING;
    natsSubscription *subscription = slot->subscription;
    pthread_mutex_unlock(&g->lock);

    if (!over) {
        /* The end of it may come at any time from here on. */
        (void)natsSubscription_Unsubscribe(subscription);
    }
    pthread_mutex_lock(&g->lock);
    if (slot->state == SLOT_LEAVING) {
        slot->state = SLOT_ENDED;
    } else {
        done = free_slot(g, slot);
    }
    pthread_mutex_unlock(&g->lock);
    natsSubscription_Destroy(done);
}

void gradients_free_slots(struct gradients *g) {
    uint32_t slots = atomic_load(&g->slots);
    for (uint32_t handle = 0; handle < slots; handle++) {
        natsSubscription_Destroy(gradients_slot(g, handle)->subscription);
    }
    for (uint32_t first = 0; first < slots; first += GRADIENTS_CHUNK) {
        free(g->chunk[first / GRADIENTS_CHUNK]);
    }
}

/* --- what they dropped ------------------------------------------------------------------ */

static void ignore(void *context, uint64_t key, uint64_t dropped) {
    (void)context;
    (void)key;
    (void)dropped;
}

/* A chunk at a time, so that nobody waits long for the lock. */
static uint64_t visit_dropped(struct gradients *g,
                              void (*visit)(void *context, uint64_t key, uint64_t dropped),
                              void *context) {
    uint64_t all = 0;
    pthread_mutex_lock(&g->lock);
    uint32_t slots = atomic_load(&g->slots);
    for (uint32_t handle = 0; handle < slots; handle++) {
        struct gradients_slot *slot = gradients_slot(g, handle);
        bool counts = slot->state == SLOT_LIVE || slot->state == SLOT_OVER;
        uint64_t dropped = counts ? ask_dropped(slot) : 0;
        if (dropped > 0) {
            visit(context, slot->key, dropped);
            all += dropped;
        }
        if (handle % GRADIENTS_CHUNK == GRADIENTS_CHUNK - 1) {
            pthread_mutex_unlock(&g->lock);
            pthread_mutex_lock(&g->lock);
        }
    }
    for (size_t i = 0; i < g->ended_count; i++) {
        visit(context, g->ended[i].key, g->ended[i].dropped);
    }
    all += g->ended_dropped;
    pthread_mutex_unlock(&g->lock);
    return all;
}

void gradients_dropped(struct gradients *g,
                       void (*visit)(void *context, uint64_t key, uint64_t dropped),
                       void *context) {
    (void)visit_dropped(g, visit, context);
}

uint64_t gradients_dropped_all(struct gradients *g) {
    return visit_dropped(g, ignore, NULL);
}
