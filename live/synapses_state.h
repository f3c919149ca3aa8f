/* The inside of synapses, shared by live/synapses*.c alone. */
#ifndef NERVE_LIVE_SYNAPSES_STATE_H
#define NERVE_LIVE_SYNAPSES_STATE_H

#include <stdatomic.h>
#include <zmq.h>

#include "live/clock.h"
#include "live/synapses.h"

enum {
    SYNAPSE_ID_BYTES = 9,
    SYNAPSE_ENDPOINT_BYTES = 108, /* as long as a socket's name may be */
    SYNAPSE_CHUNK = 1024,
};

#define SYNAPSE_SETUP_NS    5000000000LL /* a peer that has not come by then is unreachable */
#define SYNAPSE_FAREWELL_NS 5000000000LL /* one that has not answered: the link closes */
#define SYNAPSE_SILENCE_NS  100000000LL  /* without acknowledgements, so long before it closes */
#define SYNAPSE_RETRY_NS    1000000LL

/* One counter on a line of its own: each has one writer and one reader. */
struct synapse_counter {
    _Alignas(64) _Atomic uint64_t n;
};

struct synapses_board {
    _Alignas(64) _Atomic uint32_t workers;
    struct synapse_counter counter[]; /* left, arrived of each pair; then a port a node */
};

static inline struct synapse_counter *counter_left(struct synapses_board *b, uint32_t workers,
                                                   uint32_t from, uint32_t to) {
    return &b->counter[2 * ((size_t)from * workers + to)];
}

static inline struct synapse_counter *counter_arrived(struct synapses_board *b, uint32_t workers,
                                                      uint32_t from, uint32_t to) {
    return counter_left(b, workers, from, to) + 1;
}

static inline _Atomic uint32_t *node_port(struct synapses_board *b, uint32_t workers,
                                          uint32_t node) {
    return (_Atomic uint32_t *)(void *)&b->counter[2 * (size_t)workers * workers] + node;
}

/* By its one writer. */
static inline void counter_add(struct synapse_counter *counter, uint64_t n) {
    uint64_t now = atomic_load_explicit(&counter->n, memory_order_relaxed);
    atomic_store_explicit(&counter->n, now + n, memory_order_release);
}

static inline uint64_t counter_read(const struct synapse_counter *counter) {
    return atomic_load_explicit(&counter->n, memory_order_acquire);
}

/* An acknowledgement: of one frame, or of a farewell. It goes back over the connection. */
struct synapse_ack {
    uint16_t mark;
    uint16_t flags; /* FRAME_ACK or FRAME_FAREWELL */
    uint32_t unused;
    uint64_t sequence;
};

/* A copy that waits. */
struct synapse_copy {
    struct synapse_copy *next;
    struct frame frame;
};

enum synapse_state {
    LINK_CLOSED,
    LINK_WANTING,    /* waits for another link of its node to close */
    LINK_CONNECTING, /* until the monitor says that the connection is there */
    LINK_OPEN,
    LINK_FAREWELL, /* closes once the farewell is answered; copies wait for the next opening */
    LINK_GONE,     /* the peer is no more */
};

struct synapse_link {
    uint32_t index, node, to; /* node: this worker's, from 0; to: of all */
    uint32_t generation;      /* of its connection: a routing id is never used twice */
    uint8_t state;            /* enum synapse_state */
    bool queued;              /* in the node's list of links that have something to send */
    bool farewell_due;        /* its farewell has not left yet */
    uint8_t id[SYNAPSE_ID_BYTES];
    uint32_t to_worker;
    uint64_t sequence;              /* of the last frame that left */
    uint64_t acked;                 /* ack each: the last that is acknowledged */
    int64_t used_ns;                /* when a frame last left */
    int64_t until_ns;               /* connecting, farewell: the limit; closed: no attempt before */
    int64_t timer_ns;               /* its entry in the heap that counts; CLOCK_NEVER_NS: none */
    struct synapse_copy *first;     /* that wait */
    struct synapse_copy *last;      /* where first is not NULL */
    struct synapse_link *next;      /* in the list that it is queued in */
    struct synapse_link *next_want; /* in the node's list of those that want a place */
    uint32_t place;                 /* among the node's open ones */
    struct synapse_counter *left;
};

struct synapse_node {
    void *router, *monitor; /* NULL until its first link */
    struct synapse_link **open;
    uint32_t opens, open_room;
    uint32_t farewells, wants;
    struct synapse_link *queue, **queue_end;
    struct synapse_link *want, **want_end;
    uint32_t queued; /* links in the queue */
    bool dirty, blocked, news;
};

/* What arrives from a node for one of this worker's. */
struct synapse_record {
    uint64_t key;  /* 0: free */
    uint64_t next; /* sequence expected */
    struct synapse_counter *arrived, *left;
};

/* Where a link is found. */
struct synapse_pair {
    uint64_t key; /* 0: free */
    struct synapse_link *link;
};

struct synapse_timer {
    int64_t at_ns;
    struct synapse_link *link;
};

struct synapses {
    struct synapses_setup setup;
    int64_t origin_ns;
    uint32_t all_nodes;
    uint32_t limit, max_links;
    enum plan_ack ack;
    bool block;
    int64_t idle_ns;
    void *zmq, *receiver;
    bool receiver_news; /* it may have something: it was not found empty since its last edge */
    int epoll;
    struct synapse_node *node;

    struct synapse_pair *pair; /* open addressing */
    uint32_t pair_room, links;
    struct synapse_link **chunk;
    uint32_t chunks;

    struct synapse_record *record;
    uint32_t record_room, records;

    struct synapse_copy *free_copy;
    struct synapse_copy **copy_chunk;
    uint32_t copy_chunks;
    uint64_t waiting;

    struct synapse_timer *timer;
    uint32_t timers, timer_room;
    int64_t retry_ns; /* look at nodes whose copies wait; CLOCK_NEVER_NS: none waits */

    uint32_t *news; /* a ring of nodes whose links may have room again */
    uint32_t news_head, newses;
    int64_t budget;    /* what is left for looking at links that may have none */
    uint32_t *dirtied; /* while they are gone through */
    uint32_t *dirty;   /* nodes whose socket may have taken a command in that nobody looked at */
    uint32_t dirties;
    uint32_t *blocked; /* nodes whose links have something to send */
    uint32_t blockeds;
    bool *worker_gone;
    unsigned char *scratch;
    size_t *kind_bytes;
    uint32_t kinds;
    uint64_t duplicates, sends, sends_before;
    uint64_t *ack_count;                  /* of the tally; NULL before the first */
    zmq_msg_t id, body, ack_id, ack_body; /* reused */
    int buffer_bytes;                     /* of a connection, in the kernel */
};

static inline int64_t synapses_now(const struct synapses *s) {
    return clock_monotonic_ns() - s->origin_ns;
}

/* live/synapses.c */

void synapses_option(void *socket, int option, int value);
/* Limits and buffers of a socket that has links. */
void synapses_socket_options(const struct synapses *s, void *socket);

/* live/synapses_table.c: links, records, copies, timers: where things are found. */

/* The link of a pair, made where there was none. */
struct synapse_link *synapse_find(struct synapses *s, uint32_t node, uint32_t to);
struct synapse_link *synapse_at(const struct synapses *s, uint32_t index);
struct synapse_record *synapse_record_find(struct synapses *s, uint32_t from, uint32_t to);
uint32_t synapse_worker_of(const struct synapses *s, uint32_t node);
struct synapse_copy *synapse_copy_take(struct synapses *s);
void synapse_copy_give(struct synapses *s, struct synapse_copy *copy);
void synapse_timer_set(struct synapses *s, struct synapse_link *link, int64_t at_ns);
/* A link whose time has come, or NULL. */
struct synapse_link *synapse_timer_due(struct synapses *s, int64_t now_ns);
void synapse_table_init(struct synapses *s);
void synapse_table_free(struct synapses *s);

/* live/synapses_link.c: a link's life. */

/* Opens a closed link, or queues it for a place. SYNAPSE_WAITS, SYNAPSE_NO_LINK or
 * SYNAPSE_UNREACHABLE. */
enum synapse_sent synapse_open(struct synapses *s, struct synapse_link *link, int64_t now_ns);
void synapse_close(struct synapses *s, struct synapse_link *link, int64_t now_ns);
/* The peer is no more, or has not come: what waits is lost. */
void synapse_fail(struct synapses *s, struct synapse_link *link, enum synapse_state state,
                  int64_t now_ns);
/* The socket wakes the descriptor. what: 0 the receiver, 1 + 2 x node its router, + 1 its monitor.
 */
bool synapses_watch(struct synapses *s, void *socket, uint32_t what);
/* Reads what the node's monitor says: connections that are there, or lost. */
void synapse_watch(struct synapses *s, uint32_t node, int64_t now_ns);
/* Its time has come: idle, or a limit is over. */
void synapse_timed(struct synapses *s, struct synapse_link *link, int64_t now_ns);
void synapse_inner_endpoint(uint32_t node, char text[SYNAPSE_ENDPOINT_BYTES]);
void synapse_endpoint(const struct synapses *s, uint32_t node, char text[SYNAPSE_ENDPOINT_BYTES]);

/* live/synapses_send.c */

/* Has something to send: waiting copies, a farewell. */
void synapse_queue(struct synapses *s, struct synapse_link *link);
/* Its links may have room again. */
void synapse_node_news(struct synapses *s, uint32_t node);
/* Sends what waits where there is news, as far as the budget goes; idle: all of it. */
void synapses_flush(struct synapses *s, bool idle);
void synapse_node_dirty(struct synapses *s, uint32_t node);
/* All nodes that wait for room: an edge may have been missed. */
void synapses_retry(struct synapses *s);
/* Takes acknowledgements in. */
void synapse_node_acks(struct synapses *s, uint32_t node);
void synapses_peak(struct synapses *s);

/* live/synapses_receive.c */

uint32_t synapses_receive(struct synapses *s, uint32_t most);

#endif
