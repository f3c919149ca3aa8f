/* Inside the naive engine: what its files share. */
#ifndef NERVE_TESTS_NAIVE_ENGINE_H
#define NERVE_TESTS_NAIVE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "metrics/tally.h"
#include "model/cell.h"
#include "model/colony.h"
#include "model/subjects.h"
#include "tests/naive/naive.h"

/* A growing array; list_add returns a zeroed new element, valid until the next one is added. */
struct list {
    void *data;
    size_t count, room;
};
void *naive_list_add(struct list *list, size_t bytes);
void naive_list_free(struct list *list);
#define LIST_AT(list, type, i) (((type *)(list)->data)[i])

enum { NOT_GRADIENT = -1, NO_SOURCE = -1 };
enum { MEMORY_WINDOW_NS = 100000, BANDWIDTH_WINDOW_NS = 10000, MILLISECOND_NS = 1000000 };

/* The version that a copy carries. */
enum carries { CARRIES_NOTHING, CARRIES_DOMAIN, CARRIES_COLONY };
struct carried {
    enum carries what;
    uint32_t domain;
    uint32_t version;
};

struct recipient {
    uint32_t cell;
    uint8_t slot;
};

/* What one copy of a server is for: origin: one recipient; edge: all of a node. */
struct bundle {
    uint32_t node, patterns;
    const struct recipient *to;
    uint32_t count;
};

struct publication {
    uint8_t signal;
    uint32_t publisher; /* cell, or COLONY_NOBODY */
    uint32_t subject;
    int64_t emission, payload;
    struct carried carried;
    bool storm;
    int source;                  /* workload source that emitted it */
    struct recipient *recipient; /* by node, cell, slot; the publisher too */
    bool *reached;               /* beside the first recipient entry of each cell */
    uint32_t recipients;
    struct bundle *bundle; /* to other nodes */
    uint32_t bundles;
    struct bundle own; /* the publisher's node's */
};

enum item_kind {
    ITEM_COPY,        /* at a cell, or on its way there */
    ITEM_TIMER,       /* at a cell */
    ITEM_FAULT,       /* at a cell */
    ITEM_PUBLICATION, /* at a server */
    ITEM_FROM_SERVER, /* at a reader */
    ITEM_LOOP,        /* at a reader (its own) or a partitioner */
};

/* What waits in a mailbox and becomes a job. */
struct item {
    enum item_kind kind;
    int64_t arrival, payload;
    int64_t accepted_ns; /* station: the work that it stands for */
    /* COPY */
    uint8_t signal;
    uint32_t cell, sender;
    int slot; /* subscription, or NOT_GRADIENT */
    bool by_link, by_loop, storm;
    int64_t emission;
    struct carried carried;
    struct publication *publication; /* also of the stations' items */
    int source;                      /* the source that emitted it, or NO_SOURCE */
    int reflex;                      /* the source that set it off, one hop back */
    int64_t reflex_since;
    /* TIMER, FAULT */
    uint32_t timer, generation, fault;
    /* FROM_SERVER */
    const struct bundle *bundle;
    /* LOOP */
    struct recipient *to;
    uint32_t count;
    bool local; /* of the publisher's own node */
};

enum event_kind {
    EVENT_EMISSION, /* of a source: at the cell, or at the server */
    EVENT_FAULT,
    EVENT_ARRIVAL,
    EVENT_READY,
    EVENT_SLICE,
    EVENT_LEAVE,
    EVENT_TIMER,
    EVENT_SUBSCRIBE,
};

struct event {
    int64_t time;
    uint32_t entity, source; /* ranks */
    uint64_t number;
    enum event_kind kind;
    struct item *item;
    uint64_t ticket; /* READY: void unless the entity's */
    bool over_link;  /* ARRIVAL: leaves the link with it */
    int64_t left_at; /* over_link */
    uint8_t slot;    /* SUBSCRIBE */
    const char *subject;
};

enum entity_kind { ENTITY_NODE, ENTITY_SERVER, ENTITY_READER, ENTITY_PARTITIONER, ENTITY_CELL };

struct entity {
    enum entity_kind kind;
    uint32_t rank, node, host; /* host: where it runs */
    uint32_t index;            /* cell, or partitioner */
    int64_t free_at;           /* end of its last job or slice; -1: never had one */
    struct list mailbox;       /* struct item *, from `head` on */
    size_t head;
    bool ready_pending;
    uint64_t ready_ticket;
    /* stations */
    struct item *job; /* with slices to come (or stalled) */
    uint32_t made;    /* copies of it */
    bool begun, stalled;
    int64_t stalled_ns;           /* by this publication */
    int64_t held;                 /* reader: bytes from servers in its mailbox */
    int64_t cut_until;            /* reader; -1 */
    struct list accepted, slices; /* struct accept, struct slice */
};

struct accept {
    int64_t time, amount; /* below 0: dropped by a cut */
};
struct slice {
    int64_t start, end, amount;
};
struct interval {
    int64_t from, to;
};

struct busy {
    struct interval span;
    bool counts; /* its job was ready from warm_up on */
};

struct naive_cell {
    uint8_t type, state;
    uint32_t domain;
    uint32_t wakes;
    uint32_t domain_version, colony_version;
    bool woken;
    uint64_t touched_after;
    uint32_t *timer; /* generation, by place */
    /* its job, decided last */
    int job_slot;
    int64_t job_start;
};

struct naive_host {
    const struct host_profile *profile;
    uint32_t cores;     /* 0: none */
    int64_t *core_free; /* INT64_MIN: idle for ever */
    struct list busy;   /* struct busy: of the cores */
    struct list dead;   /* struct interval: a cell's job waits too long */
    struct list queue;  /* int64_t: starts of jobs that waited for a core */
    size_t queue_front;
    int64_t saturated_from, saturated_until;
    int64_t limit_cores_at, limit_cache_at; /* TALLY_NEVER */
    uint64_t touched;
    int64_t window; /* newest of bandwidth */
    int64_t window_bytes, window_before_bytes;
    int64_t pressure_window;
    int64_t pressure_bytes;
    int64_t card_free;
    /* memory */
    int64_t cells_bytes;
    int64_t waiting_bytes;  /* in mailboxes and stalled */
    struct list starting;   /* struct starting: decided, not started */
    bool over;              /* in the present window */
    struct list over_spans; /* struct interval */
};

struct starting {
    int64_t start, bytes;
};

struct link {
    uint32_t from, to;
    bool open; /* until idle_close after last_arrival */
    int64_t opened_at, last_departure, last_arrival;
    struct list release; /* int64_t: by number of the copy since it opened */
};

/* What is kept for the figures at the end. */
struct latency_record {
    uint8_t signal;
    int reflex; /* NO_SOURCE: a copy's; else that source's reflex, since its emission */
    int64_t emission, latency;
};
struct adoption {
    uint32_t cell;
    enum carries what;
    uint32_t from, to; /* versions */
    int64_t end;
};
struct raise {
    int64_t time;
    uint32_t source;
};

struct naive {
    const struct plan *plan;
    struct tally *tally;
    struct naive_coverage *coverage;
    struct colony colony;
    struct subjects *subjects;
    uint64_t *number; /* counters of sources, by rank */
    uint32_t ranks, first_node_rank;
    struct entity *entity; /* by rank - first_node_rank */
    uint32_t *node_rank;   /* rank of a node's first entity */
    uint32_t *cell_rank;
    uint32_t partitioners;
    struct naive_cell *cell;
    struct naive_host *host;
    struct list links; /* struct link */
    struct list seen;  /* uint32_t: generation of a subject at its last match, by number */
    bool **chosen;     /* by fault, by cell */

    struct event *heap;
    size_t heap_count, heap_room;
    struct list garbage; /* void *: freed at the end */

    int64_t now, end;
    int64_t next_memory_window;
    bool stopped, stopped_by_death;
    uint64_t place_now[PLACES];

    struct list *domain_raises; /* struct raise, by domain */
    struct list colony_raises;
    struct list adoptions;
    struct list latencies;
    int64_t storm_from, storm_until; /* TALLY_NEVER */
};

/* naive_heap.c */
void naive_heap_push(struct naive *n, const struct event *event);
struct event naive_heap_pop(struct naive *n);

/* naive.c */
void *naive_new(struct naive *n, size_t count, size_t bytes);
struct entity *naive_entity_of(struct naive *n, uint32_t rank);
struct entity *naive_entity_of_cell(struct naive *n, uint32_t cell);
struct entity *naive_station_of(struct naive *n, uint32_t node, enum entity_kind kind,
                                uint32_t index);
/* Posts an event of source (a rank) with its next number. */
void naive_post(struct naive *n, uint32_t source, struct event event);
void naive_post_item(struct naive *n, int64_t time, const struct entity *at, uint32_t source,
                     enum event_kind kind, struct item *item);
bool naive_measured(const struct naive *n, int64_t time);

/* naive_setup.c */
void naive_setup(struct naive *n);
void naive_free(struct naive *n);

/* naive_mailbox.c */
void naive_arrive(struct naive *n, struct entity *e, struct item *item);
void naive_ready(struct naive *n, struct entity *e);
void naive_post_ready(struct naive *n, struct entity *e);
bool naive_mailbox_empty(const struct entity *e);
uint32_t naive_item_weight(const struct item *item); /* copies to cells that it stands for */
void naive_drop(struct naive *n, enum tally_cause cause, uint64_t copies);
/* It is decided: it waits in memory until its start. */
void naive_starts(struct naive *n, const struct entity *e, const struct item *item, int64_t start);

/* naive_host.c */
struct claim {
    int64_t ready, start, wait;
    uint32_t core;
    bool ahead; /* no core of its own: the core's time is taken at its end */
};
struct claim naive_claim_core(struct naive *n, const struct entity *e);
void naive_take_core(struct naive *n, const struct entity *e, const struct claim *claim,
                     int64_t cost);
int64_t naive_line_latency(const struct host_profile *p, int64_t reuse);
int64_t naive_fetch_cost(struct naive *n, struct naive_cell *cell, uint32_t host, int64_t start,
                         int64_t touch, int64_t payload, bool by_loop);
int64_t naive_copying_ns(const struct host_profile *p, int64_t bytes);
void naive_memory_look(struct naive *n, int64_t until);
/* Wire between two hosts, leaving at `time`; claims the card. */
int64_t naive_wire(struct naive *n, uint32_t from_host, uint32_t to_host, int64_t time,
                   int64_t bytes, int64_t same_host_latency);

/* naive_cell.c */
void naive_wake(struct naive *n, struct entity *e, struct item *item);

/* naive_link.c */
bool naive_link_is_open(struct naive *n, uint32_t from, uint32_t to, int64_t time);
bool naive_link_open_at(const struct naive *n, const struct link *link, int64_t time);
void naive_leave(struct naive *n, struct entity *sender, struct item *copy);

/* naive_nats.c */
struct publishing {
    uint8_t signal;
    uint32_t publisher;
    uint32_t subject;
    int64_t emission;
    struct carried carried;
    bool storm;
    int source;
};
struct publication *naive_publication_make(struct naive *n, const struct publishing *what);
void naive_publish(struct naive *n, const struct publishing *what);
/* The first of a recipient's entries. */
uint32_t naive_publication_entry(const struct publication *publication, uint32_t cell);
void naive_station_job(struct naive *n, struct entity *e, struct item *item);
void naive_station_slice(struct naive *n, struct entity *e);
int64_t naive_station_work(struct naive *n, const struct entity *e, const struct item *item);

/* naive_figures.c, naive_deaf.c, naive_versions.c */
void naive_figures_finish(struct naive *n);
void naive_deaf_finish(struct naive *n);
void naive_versions_finish(struct naive *n);
/* Sorts intervals by beginning and joins those that touch or overlap; returns their measure. */
int64_t naive_intervals_union(struct list *intervals);

#endif
