/* The same loads by nats.c alone: its own defaults, but for what the loads are about (SendAsap, one
 * delivery thread) and for its handler of errors, which prints. */
#include <nats/nats.h>

#include "bench/live/broadcast.h"

static void hear_count(natsConnection *nats, natsSubscription *subscription, natsMsg *message,
                       void *closure) {
    (void)nats;
    (void)subscription;
    broadcast_count(closure);
    natsMsg_Destroy(message);
}

static void hear_loop(natsConnection *nats, natsSubscription *subscription, natsMsg *message,
                      void *closure) {
    (void)nats;
    (void)subscription;
    broadcast_loop(closure);
    natsMsg_Destroy(message);
}

static void hear_time(natsConnection *nats, natsSubscription *subscription, natsMsg *message,
                      void *closure) {
    (void)nats;
    (void)subscription;
    broadcast_time(closure, natsMsg_GetData(message));
    natsMsg_Destroy(message);
}

static int open_raw(struct broadcast_side *side) {
    natsOptions *options = NULL;
    natsConnection *nats = NULL;
    if (nats_SetMessageDeliveryPoolSize(1) != NATS_OK || natsOptions_Create(&options) != NATS_OK) {
        return -1;
    }
    natsOptions_SetURL(options, side->board->url);
    natsOptions_SetSendAsap(options, true);
    natsOptions_UseGlobalMessageDelivery(options, true);
    natsOptions_SetErrorHandler(options, NULL, NULL);
    natsStatus status = natsConnection_Connect(&nats, options);
    natsOptions_Destroy(options);
    side->library = nats;
    return status == NATS_OK ? 0 : -1;
}

static int subscribe(struct broadcast_side *side, uint64_t cell) {
    enum broadcast_load load = side->board->load;
    natsMsgHandler handler = load == BROADCAST_EDGE      ? hear_loop
                             : load == BROADCAST_LATENCY ? hear_time
                                                         : hear_count;
    natsSubscription *subscription = NULL; /* it lives as long as the connection */
    (void)cell;
    natsStatus status =
        natsConnection_Subscribe(&subscription, side->library, BROADCAST_SUBJECT, handler, side);
    if (status == NATS_OK && (load == BROADCAST_PUBLISH || load == BROADCAST_LATENCY)) {
        status = natsSubscription_SetPendingLimits(subscription, -1, -1);
    }
    return status == NATS_OK ? 0 : -1;
}

static bool publish(struct broadcast_side *side, const void *data) {
    return natsConnection_Publish(side->library, BROADCAST_SUBJECT, data, BROADCAST_BYTES) ==
           NATS_OK;
}

static int flush(struct broadcast_side *side) {
    return natsConnection_FlushTimeout(side->library, 60000) == NATS_OK ? 0 : -1;
}

const struct broadcast_way broadcast_raw = {open_raw, subscribe, publish, flush};
