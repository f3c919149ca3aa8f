/*
 * What leaves a wake: sends on the same node, over links, publications, subscriptions, timers
 * (docs/model.md 3 and 4).
 */
#ifndef NERVE_SIM_SEND_H
#define NERVE_SIM_SEND_H

#include "sim/state.h"

/* The wake that sends: who, when it ends, and what its cause hands on. */
struct sender {
    uint32_t rank, cell, node, wake;
    struct host *host;
    int64_t now, end;
    uint32_t scope, version; /* of its cause; scope 0: none */
    int64_t stimulus;        /* emission of the source's copy that woke it */
    uint16_t source;         /* 1 + that source; 0: none */
    bool storm;
    const struct plan_fault *misroute; /* the one that turns its sends, or NULL */
};

/* The cost of the effects that cost: sends and publications. */
int64_t send_cost(struct sim *sim, const struct sender *sender, const struct cell_outcome *outcome);

/* Posts what they set off, in the order of the effects. */
void send_effects(struct sim *sim, const struct sender *sender, const struct cell_outcome *outcome);

/* A publication by a cell's wake (`sender`), or by nobody at a server (sender NULL). */
void send_publish(struct sim *sim, const struct sender *sender, uint32_t subject, uint32_t kind,
                  bool storm);

/* A publishing source's emission, at the server of its event. */
void send_publish_world(struct sim *sim, uint32_t station_rank, uint32_t subject, uint32_t kind,
                        uint32_t scope, uint32_t version, uint32_t source, int64_t now);

/* A subscription changes at the wake's end; and is done then (body of its event). */
void send_change(struct sim *sim, const struct sender *sender, const struct effect *effect);
void send_change_done(struct sim *sim, uint64_t place);

/* A cell's own timers: set (anew), stopped; and whether an event of one still stands. */
void timer_set(struct sim *sim, uint32_t rank, uint32_t cell, uint32_t timer, int64_t now,
               int64_t after);
void timer_stop(struct sim *sim, uint32_t cell, uint32_t timer);
bool timer_fires(struct sim *sim, uint32_t cell, const struct event *event);

/* Departure over a wire: the time of arrival (ipc, or the card and the net). */
int64_t send_wire(struct host *from, const struct host *to, uint32_t kind, int64_t depart,
                  int64_t same_host_ns);

#endif
