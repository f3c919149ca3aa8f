/*
 * The mean field at work: private to sim/foretell_flow.c, foretell_react.c and foretell_stations.c.
 * Time is cut into windows; in each, what falls due is an amount by type, column of the genome and
 * where it came from. A window's amounts are worked off in rounds: sends take no time.
 */
#ifndef NERVE_SIM_FORETELL_FLOW_H
#define NERVE_SIM_FORETELL_FLOW_H

#include "sim/foretell.h"

enum { FORETELL_WINDOWS = 1024 };

enum flow_flag {
    FLOW_FAR = 1,       /* its sender is on another node */
    FLOW_BROADCAST = 2, /* one copy a cell, by a loop: its events are the stations' */
    FLOW_OF_DOMAIN = 4, /* carries a version that a source has just raised: a domain's */
    FLOW_OF_COLONY = 8, /* the same, the colony's */
    FLOW_FRESH = FLOW_OF_DOMAIN | FLOW_OF_COLONY,
};

/* Copies, or timers that fire: amount in millionths. */
struct flow {
    int64_t at, amount;
    uint16_t type, column;
    uint16_t from;  /* the sender's type, or GENOME_NONE */
    uint16_t depth; /* sends since a source or a timer */
    uint8_t flags;
};

struct flow_window {
    struct flow *item;
    uint32_t count, room, done;
};

/* One type: what it has had to do, and how much of that it comes to. */
struct flow_type {
    int64_t arrivals;  /* millionths */
    int64_t broadcast; /* of these */
    uint128 busy;      /* ns x millionths */
    int64_t served_ppm;
};

struct flow_timer {
    int64_t set;  /* due some time, the superseded ones too */
    int64_t live; /* of these: not superseded */
};

struct mean_field {
    const struct plan *plan;
    const struct foretell_map *map;
    struct foretell_costs costs;
    int64_t width_ns, end_ns;
    struct flow_window window[FORETELL_WINDOWS + 1];
    uint32_t now; /* window */
    uint64_t steps;
    struct flow_type *type;
    int64_t *share;           /* by row of the genome's table: cells in it, millionths */
    int64_t *moved;           /* by state, scratch */
    struct flow_timer *timer; /* by type x most timers */
    uint32_t timers;          /* most of a type */
    int64_t timers_set, timers_most;
    uint32_t *first_send;              /* by reaction: place of its sends' partners */
    struct foretell_partner **partner; /* by send: by type; NULL: not looked up yet */
    uint16_t *partner_of;              /* by send: the asking type */
    int64_t follower_raises;           /* bits of enum plan_raises that some source raises */
    uint128 events, wakes, sends, far_sends, subscribes, learnt; /* millionths */
    int64_t population;                                          /* of copies without end */
    int64_t entered;           /* emissions, and timers at birth */
    int64_t core_queue, mails; /* of storms, whole */
    int64_t storm_until;       /* when the cores have done what publications set off */
    int64_t published;
    bool publishes, endless, misroutes, gives_up, readers_wait;
};

/* Puts an amount where it falls due; after the end it never happens. */
void flow_push(struct mean_field *f, const struct flow *flow);

/* The cells of a type that it happens to react. */
void flow_react(struct mean_field *f, const struct flow *flow);

/* A timer is set in so many cells; `of_birth`: for the first time. */
void flow_set_timer(struct mean_field *f, uint32_t type, uint32_t timer, const struct law *law,
                    int64_t at, int64_t amount, bool own, bool of_birth);

/* Publications of one source or fault: by how many servers, and until when they have work. */
struct flow_publisher {
    const struct foretell_audience *audience;
    uint32_t signal;
    uint32_t type; /* of the publishing cells, or GENOME_NONE: the world */
    int64_t servers;
    int64_t free_at; /* of each server; 0 at first */
    uint8_t fresh;   /* flags that copies carry */
};

/* n publications at a time, spread over the servers: copies to cells, and the stations' events.
 * What the servers cannot make before the end is left out. */
void flow_publish(struct mean_field *f, struct flow_publisher *publisher, int64_t at, int64_t n);

/* What a wake by a copy costs, its own sends' included. r: its reaction, or NULL. */
int64_t flow_cost(const struct mean_field *f, const struct flow *flow,
                  const struct genome_reaction *r);

/* Whether cells of the type learn of a version from it. r: their reaction, or NULL. */
bool flow_adopts(const struct mean_field *f, const struct flow *flow,
                 const struct genome_reaction *r);

/* The flags of what a source emits. */
static inline uint8_t flow_fresh(enum plan_raises raises) {
    return raises == RAISES_DOMAIN ? FLOW_OF_DOMAIN : raises == RAISES_COLONY ? FLOW_OF_COLONY : 0;
}

/* Cores of all hosts; 0: no limit. */
int64_t flow_cores(const struct plan *plan);

#endif
