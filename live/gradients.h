/*
 * Gradients: one worker's share of the broadcasts, over NATS Core (docs/live.md): its connections,
 * its subscriptions, publications. SendAsap, no reconnect buffer, a write deadline, delivery by one
 * thread a process (the global delivery pool).
 *
 * Order: that one thread takes copies from one list, in the order in which they were read. So the
 * copies of a connection are handed out in its order, whatever subscriptions they are for; the
 * copies of several connections are interleaved, each connection's in order.
 *
 * A publication from inside `heard` goes into the socket at once, on the library's thread, and
 * comes back (echo) after `heard` has returned. While the socket is full it blocks there, at most
 * for the write deadline (then the connection is cut): nothing is handed out meanwhile, the socket
 * is read on (another thread does that), and what a subscription cannot hold is dropped.
 *
 * A connection that is lost does not come back. What had been read by then is still handed out,
 * and what was dropped stays known: copies read = handed out + dropped + those that came for a
 * subscription that had ended.
 *
 * A connection costs a descriptor, two threads and 25 KiB, a subscription 490 B.
 *
 * Ownership: gradients_open allocates, gradients_close frees; the setup's texts are copied.
 * Threads: subscribe, unsubscribe and publish from one thread at a time (the caller's lock), also
 * from inside `heard`; `heard` is called on the library's thread, without any lock of this module
 * held. The figures (dropped, held, read) may be asked for on any one thread beside those; they
 * wait for a publication that blocks.
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
    const char *url;           /* nats://127.0.0.1:PORT */
    const char *name;          /* of the client, as the server's log shows it */
    const char *server_log;    /* its path: tells who was cut as a slow consumer. NULL: not known */
    uint32_t connections;      /* 1, or one for each of the worker's nodes */
    int64_t pending_limit;     /* copies a subscription may hold; PLAN_NONE: no limit */
    int64_t write_deadline_ms; /* longer than the server's own (live/server.h) */
    void *context;
    /* A copy for the subscription of that key. Subject and data are borrowed for the call. */
    void (*heard)(void *context, uint64_t key, const char *subject, const void *data, size_t bytes);
    /* The connection was lost: the server is gone, or has cut it as a slow consumer (the server
     * tells its log, not the client). Once a connection, any thread, `heard` may still be called
     * for what had been read. */
    void (*cut)(void *context, uint32_t connection, bool slow_consumer);
};

/* NULL with the error's text. */
struct gradients *gradients_open(const struct gradients_setup *setup, struct error *error);

/* Unsubscribes and closes; neither `heard` nor `cut` is called any more once it returns. Not from
 * inside them, nor with a lock held that they wait for. */
void gradients_close(struct gradients *gradients);

/* Subscribes; key is handed to `heard`. The handle, or -1 with the error's text. Handles are dense
 * from 0 and reused once nothing of the ended subscription can be handed out. */
int64_t gradients_subscribe(struct gradients *gradients, uint32_t connection, uint64_t key,
                            const char *pattern, struct error *error);

/* From inside `heard` nothing more comes for it; from elsewhere the copy that is being handed out
 * just now still may. */
void gradients_unsubscribe(struct gradients *gradients, int64_t handle);

/* Publishes; returns false where the library refuses it (cut off, deadline): CAUSE_PUBLISH. */
bool gradients_publish(struct gradients *gradients, uint32_t connection, const char *subject,
                       const void *data, size_t bytes);

/* Waits until the server has taken in all that was sent on all connections (a ping each). Copies
 * for us that it sent before have been read then, and handed out or not. */
int gradients_flush(struct gradients *gradients, int64_t timeout_ms, struct error *error);

/* Copies dropped past the pending limit so far, exact, by key: visits each subscription (the ended
 * ones too) that dropped any. The visitor must not call back in. */
void gradients_dropped(struct gradients *gradients,
                       void (*visit)(void *context, uint64_t key, uint64_t dropped), void *context);
uint64_t gradients_dropped_all(struct gradients *gradients);

/* Copies that the library has read and not handed out yet, on all connections; cheap. Marks for
 * buffers.reader: call it often; what it measured of holding times is recorded into the buffer
 * (a copy that came and went between two calls was held for 0). NULL: the count alone. */
uint64_t gradients_held(struct gradients *gradients, int64_t now_ns, struct tally_buffer *reader);

/* Messages read from the server so far, on all connections (dropped ones counted in), and handed
 * out so far. */
uint64_t gradients_read(struct gradients *gradients);
uint64_t gradients_handed(const struct gradients *gradients);

#endif
