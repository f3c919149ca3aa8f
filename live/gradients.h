/*
 * Gradients: one worker's share of the broadcasts, over NATS Core (docs/live.md): its connections,
 * its subscriptions, publications. SendAsap, no reconnect buffer, a write deadline, delivery by one
 * thread a worker (the global delivery pool), so that copies come in the order of the connection.
 *
 * Ownership: gradients_open allocates, gradients_close frees. Threads: subscribe, unsubscribe and
 * publish from one thread at a time (the caller's lock), also from inside `heard`; `heard` is
 * called on the library's thread, without any lock of this module held.
 */
#ifndef NERVE_LIVE_GRADIENTS_H
#define NERVE_LIVE_GRADIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "metrics/tally.h"

struct gradients;

struct gradients_setup {
    const char *url;       /* nats://127.0.0.1:PORT */
    const char *name;      /* of the client, as the server's log shows it */
    uint32_t connections;  /* 1, or one for each of the worker's nodes */
    int64_t pending_limit; /* copies a subscription may hold; PLAN_NONE: no limit */
    int64_t write_deadline_ms;
    void *context;
    /* A copy for the subscription of that key. Subject and data are borrowed for the call. */
    void (*heard)(void *context, uint64_t key, const char *subject, const void *data, size_t bytes);
    /* The connection was lost: the server is gone, or has cut it as a slow consumer (known where
     * the library says so). Any thread. It does not come back. */
    void (*cut)(void *context, uint32_t connection, bool slow_consumer);
};

/* NULL with the error's text. */
struct gradients *gradients_open(const struct gradients_setup *setup, struct error *error);

/* Unsubscribes and closes; `heard` is not called any more once it returns. */
void gradients_close(struct gradients *gradients);

/* Subscribes; key is handed to `heard`. The handle, or -1 with the error's text. Handles are dense
 * from 0 and reused. */
int64_t gradients_subscribe(struct gradients *gradients, uint32_t connection, uint64_t key,
                            const char *pattern, struct error *error);
void gradients_unsubscribe(struct gradients *gradients, int64_t handle);

/* Publishes; returns false where the library refuses it (cut off, deadline): CAUSE_PUBLISH. */
bool gradients_publish(struct gradients *gradients, uint32_t connection, const char *subject,
                       const void *data, size_t bytes);

/* Waits until the server has taken in all that was sent on all connections (a ping each). */
int gradients_flush(struct gradients *gradients, int64_t timeout_ms, struct error *error);

/* Copies dropped past the pending limit so far, exact, by key: visits each subscription (the ended
 * ones too) that dropped any. */
void gradients_dropped(struct gradients *gradients,
                       void (*visit)(void *context, uint64_t key, uint64_t dropped), void *context);
uint64_t gradients_dropped_all(struct gradients *gradients);

/* Copies that the library has read and not handed out yet, on all connections; cheap. Marks for
 * buffers.reader: call it often; what it measured of holding times is recorded into the buffer. */
uint64_t gradients_held(struct gradients *gradients, int64_t now_ns, struct tally_buffer *reader);

/* Messages read from the server so far, on all connections (dropped ones counted in). */
uint64_t gradients_read(struct gradients *gradients);

#endif
