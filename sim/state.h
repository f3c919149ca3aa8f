/*
 * The state of one simulated run, and how its parts name each other. Private to sim/.
 *
 * Ranks: every entity has one (model-readings R1): faults, sources, then each node's block of
 * `stride` ranks: its stations, then its cells. A cell's record is found by its rank.
 */
#ifndef NERVE_SIM_STATE_H
#define NERVE_SIM_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/histogram.h"
#include "base/wide.h"
#include "metrics/tally.h"
#include "model/cell.h"
#include "model/colony.h"
#include "model/plan.h"
#include "model/subjects.h"
#include "sim/cores.h"
#include "sim/event.h"
#include "sim/lanes.h"
#include "sim/pool.h"
#include "sim/queue.h"
#include "sim/sim.h"

#define NEVER_NS      INT64_MAX
#define NEVER_TOUCHED UINT64_MAX

enum { STATION_NODE, STATION_SERVER, STATION_READER, STATION_PARTITIONER };

enum cell_flag {
    CELL_STARTED = 1, /* the present job has started, whatever free_at - run_ns says (a block) */
    CELL_CHOSEN = 2,  /* by a misroute with `for` */
    CELL_LONG = 4,    /* run_ns did not fit: the start is in sim.long_start */
};

/* A cell's hot record: two a cache line. */
struct cell {
    int64_t free_at;
    uint64_t touched_at; /* the host's bytes touched after its last wake */
    uint32_t mail;       /* the last in its mailbox (a ring); 0: empty, no `ready` pending */
    uint32_t wakes;
    uint32_t run_ns; /* of the present job: it starts at free_at - run_ns */
    uint8_t type, state;
    uint8_t slot; /* of the present job's subscription + 1; 0: not a gradient's copy */
    uint8_t flags;
};

/* What waits in a mailbox, of a cell or a station. */
struct mail {
    uint32_t next, source; /* first word: the pool's */
    int64_t arrived;
    uint64_t what, body;
};

/* A signal under way that more than its emission must be known of. Counted holders. */
struct signal {
    uint32_t free; /* the pool's */
    int64_t emission, stimulus;
    int64_t left_at;         /* by a synapse: its leave */
    uint32_t version, scope; /* scope 0: carries none; 1 + domain; 1 + domains: the colony's */
    uint32_t holders;
    uint32_t target;    /* cell's rank (a targeted one), for `leave` */
    uint32_t publisher; /* cell, or COLONY_NOBODY */
    uint16_t source;    /* 1 + the source that a reflex is measured from; 0: none */
    uint8_t kind;
    bool storm, broadcast;
    uint32_t subject;
    const struct audience *audience;
    uint64_t *woken; /* bits by cell: only where a cell may get two copies */
};

/* A piece of a slice's copies that have not arrived yet: a cursor over its recipients. What each
 * copy of many cursors in turns needs lies in one cache line. */
struct cursor {
    _Alignas(64) uint32_t free; /* the pool's */
    uint32_t signal, source;
    uint32_t at, end; /* next recipient, one past the last: in the audience's entries, heads, or
                         (to readers under edge) nodes */
    uint32_t place;   /* to readers under origin: the node's place that `at` is in */
    uint32_t offset;  /* to cells: rank = cell + offset */
    uint32_t base;    /* dense: cell[i] = base + i */
    uint32_t run;     /* the run of copies in which `flow` is its signal's */
    uint8_t kind, flow;
    bool dense, even;         /* the cells' numbers have no gaps; their slots are one */
    bool to_readers, by_card; /* by_card: to another host */
    bool active, posted;      /* among the lanes; its next copy's event is in the queue */
    int64_t time, step;       /* of the next copy: its departure; until the one behind it */
    uint64_t number;
    const uint32_t *cell; /* to cells: recipients, with their slots */
    const uint8_t *slot;
    int64_t latency_ns;         /* of the wire; none to cells */
    int64_t card_free, card_ns; /* by_card: the card as this piece finds it */
};

/* The cell that its copy `at` is for. */
static inline uint32_t cursor_cell(const struct cursor *c, uint32_t at) {
    return c->dense ? c->base + at : c->cell[at];
}

/* A link's idle close, to be looked at then. */
struct expiry {
    int64_t at;
    uint32_t link;
};

/* A change of a subscription that is under way. */
struct change {
    uint32_t cell; /* first word: the pool's */
    uint8_t slot;
    const char *subject; /* NULL: unsubscribe */
};

/* Copies that a job of a station makes: recipients [next, gap), then [gap_end, end). */
struct copies {
    uint32_t next, gap, gap_end, end;
};

struct station {
    int64_t free_at;
    uint32_t mail, waiting; /* the last in its mailbox (a ring), and how many are in it */
    uint32_t node;
    uint8_t nature; /* STATION_... */
    uint8_t partitioner;
    bool ready_pending;
    bool slicing; /* a `slice` is to come */
    /* The present job, while slices of it are left. */
    struct mail job;
    struct copies copies;
    bool first_slice, stalled, counted; /* counted: its bytes are among the waiting ones */
    int64_t stalled_ns;
    /* reader: what servers' copies in its mailbox weigh; until when its connection is cut */
    int64_t held_bytes, cut_until;
    bool above; /* holds more than 3/4 of what it may */
    /* deafness */
    int64_t accepted_ns; /* and not in a decided slice */
    int64_t slice_start, slice_end;
    int64_t deaf_since; /* -1: it hears */
    bool deaf_ignored;  /* this period began before warm_up */
    int64_t deaf_wait_ns;
};

struct node {
    uint32_t host;
    uint32_t deaf_open;
    int64_t cover_from, cover_until;
    bool was_deaf;
    uint32_t links, link_room;
    uint32_t *link; /* its open outgoing links */
};

struct link {
    uint32_t from, to;
    int64_t opened_at, last_depart, last_arrival;
    uint64_t sent; /* since it opened */
    int64_t *release;
    uint32_t slots;
    bool open, watched; /* watched: an expiry of it is in the heap */
};

/* A reaction on its short way (direct.h), flat. */
struct way {
    const struct genome_reaction *reaction;
    int64_t cost; /* as fast.cost, and constant work */
    int64_t touch;
    uint32_t lines;
    uint8_t type;
    uint16_t column;            /* of the genome's table */
    uint8_t next;               /* or FAST_STAYS */
    bool draws_work;            /* else it is in `cost` */
    bool timer;                 /* it is set off by the cell's own timer, not by a copy */
    bool sends, sets;           /* a signal, a timer: at most one each */
    uint8_t signal, sets_timer; /* which */
    uint32_t stream;            /* of the timer's period, or STREAM_NONE */
    int64_t send_ns, after_ns;  /* after: of the timer; -1: drawn */
    const uint32_t *bond; /* the partner that was drawn at the start, by a cell's place in its type;
                             NULL: another choice */
    /* What its wakes in the present series add (series.h). */
    uint64_t wakes, latencies, latency_sum, sent_warm;
    int64_t latency_max;
    uint64_t *bucket; /* of their latencies */
    bool keeps;       /* it is in the list of those that do */
    struct way *before;
};

/* Per host and (row, column) of the genome's table: what a wake there costs, ready made. */
enum { FAST_STAYS = 255 };

struct fast {
    int64_t cost;  /* all but fetch, receive and sends; constant work in it where plain */
    int64_t touch; /* the profile's, the payload, and the reaction's where plain */
    uint32_t lines;
    bool plain; /* no conditions, no effects, constant work: only a next state */
    bool works, adopt;
    uint8_t next; /* or FAST_STAYS */
    /* The reaction where it has no conditions and at most one send and one timer set, and nothing
     * else: direct.h. Its cost has no work in it. */
    struct way *direct;
};

struct span { /* dead times, merged */
    int64_t from, until;
};

struct spans {
    struct span *span;
    uint32_t count, room;
};

struct host {
    const struct host_profile *profile;
    uint32_t place;
    uint32_t first_node, nodes;
    bool counted; /* cores are a number */
    bool many;    /* c > 1 */
    struct cores cores;
    struct fast *fast; /* by row and column of the genome's table */
    struct way *way;   /* of those of them that have one */
    struct fast fault; /* a fault's wake */
    /* costs by signal: a send on the same node, over a link, a publication, a loop's copy; and a
     * waiting copy's bytes, a copy's bytes at a reader's connection, its time on the card */
    int64_t *send_local, *send_link, *publish, *loop_copy, *wait_bytes, *pending_bytes, *card_ns;
    /* memory of lines */
    uint64_t touched;
    uint32_t *line_ns; /* by log2 in 1/256, from line_low on */
    uint32_t line_low, line_count;
    uint32_t line_first;           /* a first wake's */
    struct cost_range *line_range; /* by the same: for which reuses, domains not divided */
    uint64_t memory_from;          /* such a reuse that goes to memory */
    int domains_shift, gain_shift; /* where a power of two; else -1 */
    int64_t bandwidth_window, bandwidth_until, bandwidth_bytes, bandwidth_capacity, stretch;
    int64_t bandwidth_max;
    uint64_t pressure_from,
        pressure_max; /* bytes touched as the window of 1 ms began; most in one */
    uint64_t pressure_room, pressure_mark; /* 100 %; bytes touched at which it is reached */
    int64_t pressure_at;                   /* when it reached 100 %, or NEVER_NS */
    /* the card */
    int64_t card_free;
    /* memory */
    int64_t memory_fixed, memory_now, memory_peak;
    int64_t waiting_bytes;
    int64_t *leaving; /* ring by window of 100 us: bytes whose job starts in it */
    uint32_t leaving_room;
    int64_t leaving_last; /* the furthest window with any */
    uint32_t open_links;
    bool over, over_counts; /* memory: in this window; in a period that figures count */
    int64_t over_at;        /* the first window over that counts, or NEVER_NS */
    /* waits */
    int64_t longest_wait;
    struct spans dead;
    struct spans dead_memory;
    int64_t *queued; /* ring of the starts of jobs that wait for a core */
    uint32_t queued_head, queued_count, queued_room;
    uint64_t waiting_peak;
    int64_t busy_all;        /* of all jobs decided */
    int64_t busy_unmeasured; /* of those before warm_up */
    uint64_t busiest;
    uint64_t deaf_nodes;
    int64_t deaf_total, deaf_first, deaf_longest, deaf_longest_from;
    uint32_t deaf_worst;  /* station */
    uint32_t *match_seen; /* by subject: generation last seen at a server here */
    uint32_t match_room;
};

/* Busy time, and wakes by their start, in windows of one width; kept from `first` on, because a
 * job's start may lie far ahead. A row: busy time of each host, wakes, the
 * storm's wakes, and of each host the busy time that is not measured (before warm_up). */
struct busy_ring {
    int64_t width, low, high; /* the window that is at hand: [low, high) */
    int64_t *now;             /* its row */
    int64_t *row;
    uint32_t room, hosts, stride;
    int64_t first, last; /* numbers of the first window kept and the last one touched */
};

struct versions; /* model/versions.h */

struct sim {
    const struct plan *plan;
    struct sim_options options;
    struct colony colony;
    struct subjects *subjects;
    struct queue queue;
    uint64_t seed;

    uint32_t first_rank, stride, stations, partitioners;
    uint64_t stride_by;
    uint32_t nodes, hosts;
    uint32_t *offset;    /* by node: rank = cell + offset */
    uint32_t *first_row; /* by type: of the genome's table */
    uint32_t columns;    /* of that table */
    struct cell *cell;   /* by rank */
    size_t cell_bytes;
    struct station *station; /* node x stations */
    struct node *node;
    struct host *host;
    int64_t *long_start; /* by cell, mapped, touched where needed */
    size_t long_bytes;
    uint64_t posts;

    struct pool mail, signal, cursor, link;
    struct lanes lanes;
    uint32_t runs; /* of copies, begun so far */
    uint32_t *link_table;
    uint32_t link_table_room;
    struct expiry *expiry; /* a heap, the earliest first */
    uint32_t expiries, expiry_room;
    struct pool change;
    uint64_t *timer_number; /* by cell x timers of the genome: the pending one's number + 1 */
    size_t timer_bytes;
    uint32_t timers;

    struct source_state *source;
    struct fault_state *fault;

    struct versions *aware;
    uint32_t readers_above; /* readers that hold more than 3/4 */

    /* Time: what must be done before events of a later moment. */
    int64_t chore_at;
    int64_t memory_window; /* number of the present one */
    int64_t now, warm_up, end;
    bool warm;
    struct busy_ring milli, sample;

    /* figures */
    struct tally tally;
    uint64_t buffer_now[PLACES];
    bool after_filled; /* some latency[PHASE_AFTER] has records */
    int64_t storm_from, storm_until, storm_check_at;
    int64_t storm_cores,
        storm_cores_later; /* busy ns of the busiest window; of those after until */
    /* Busy time of counted cores before the storm, and to its end as far as it is known; of jobs
     * decided later, what starts before storm_busy_limit counts. */
    int64_t storm_busy_from, storm_busy_until, storm_busy_limit;
    uint64_t sampled_sent, sampled_delivered, sampled_dropped;
    int64_t limit_wakes;
    bool stopped, interrupted;
};

/* Ranks, cells and nodes. */

static inline uint32_t sim_node_of(const struct sim *s, uint32_t rank) {
    return s->nodes == 1 ? 0 : split_divide(rank - s->first_rank, s->stride_by);
}

static inline uint32_t sim_rank(const struct sim *s, uint32_t cell) {
    return cell + s->offset[s->nodes == 1 ? 0 : colony_node(&s->colony, cell)];
}

static inline uint32_t sim_station_rank(const struct sim *s, uint32_t node, uint32_t station) {
    return s->first_rank + node * s->stride + station;
}

static inline struct station *sim_station(const struct sim *s, uint32_t node, uint32_t station) {
    return &s->station[(size_t)node * s->stations + station];
}

static inline uint32_t sim_cell_of(const struct sim *s, uint32_t rank) {
    return rank - s->offset[sim_node_of(s, rank)];
}

static inline struct signal *sim_signal(const struct sim *s, uint64_t place) {
    return pool_at(&s->signal, (uint32_t)place);
}

static inline struct mail *sim_mail(const struct sim *s, uint32_t place) {
    return pool_at(&s->mail, place);
}

static inline void sim_post(struct sim *s, int64_t time, uint32_t entity, uint32_t source,
                            uint32_t slot, uint32_t kind, uint32_t flags, enum event_nature nature,
                            uint64_t body) {
    queue_post_words(&s->queue, time, event_who(entity, source),
                     event_what(s->posts++, slot, kind, flags, nature), body);
}

/* The same by a stream: what comes nearly in order. */
static inline void sim_post_by(struct sim *s, uint32_t stream, int64_t time, uint32_t entity,
                               uint32_t source, uint32_t kind, uint32_t flags,
                               enum event_nature nature, uint64_t body) {
    queue_post_by(&s->queue, stream, time, event_who(entity, source),
                  event_what(s->posts++, 0, kind, flags, nature), body);
}

#endif
