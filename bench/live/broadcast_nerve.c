/* The loads by live/gradients, as a worker uses them: pending limit 1, but where one subscription
 * takes all that there is. */
#include <stdio.h>

#include "bench/live/broadcast.h"
#include "live/gradients.h"
#include "live/server.h"
#include "model/plan.h"

static void hear_count(void *context, uint64_t key, const char *subject, const void *data,
                       size_t bytes) {
    (void)key;
    (void)subject;
    (void)data;
    (void)bytes;
    broadcast_count(context);
}

static void hear_loop(void *context, uint64_t key, const char *subject, const void *data,
                      size_t bytes) {
    (void)key;
    (void)subject;
    (void)data;
    (void)bytes;
    broadcast_loop(context);
}

static void hear_time(void *context, uint64_t key, const char *subject, const void *data,
                      size_t bytes) {
    (void)key;
    (void)subject;
    (void)bytes;
    broadcast_time(context, data);
}

static void cut(void *context, uint32_t connection, bool slow_consumer) {
    (void)context;
    (void)connection;
    fprintf(stderr, "bench_live: cut off%s\n", slow_consumer ? " as a slow consumer" : "");
}

static int open_gradients(struct broadcast_side *side) {
    enum broadcast_load load = side->board->load;
    struct error error;
    const struct gradients_setup setup = {
        .url = side->board->url,
        .name = "bench",
        .connections = 1,
        .pending_limit = load == BROADCAST_ORIGIN || load == BROADCAST_EDGE ? 1 : PLAN_NONE,
        .write_deadline_ms = 2 * SERVER_WRITE_DEADLINE_MS,
        .context = side,
        .heard = load == BROADCAST_EDGE      ? hear_loop
                 : load == BROADCAST_LATENCY ? hear_time
                                             : hear_count,
        .cut = cut};
    side->library = gradients_open(&setup, &error);
    if (!side->library) {
        fprintf(stderr, "bench_live: %s\n", error.text);
    }
    return side->library ? 0 : -1;
}

static int subscribe(struct broadcast_side *side, uint64_t cell) {
    struct error error;
    int64_t handle = gradients_subscribe(side->library, 0, cell, BROADCAST_SUBJECT, &error);
    return handle < 0 ? -1 : 0;
}

static bool publish(struct broadcast_side *side, const void *data) {
    return gradients_publish(side->library, 0, BROADCAST_SUBJECT, data, BROADCAST_BYTES);
}

static int flush(struct broadcast_side *side) {
    return gradients_flush(side->library, 60000, NULL);
}

const struct broadcast_way broadcast_nerve = {open_gradients, subscribe, publish, flush};
