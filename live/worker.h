/*
 * One worker: a process that holds whole nodes and is one core of the run. Private to live/: what
 * its files share. The way of one signal through it is docs/live.md's.
 *
 *   worker.c            its life: opens, subscribes, runs its loop, ends
 *   worker_setup.c      its beginning: the process, its cells, its sockets
 *   worker_wake.c       a copy, a timer or a fault's line wakes a cell
 *   worker_send.c       carries out what the cell does: sends, publications, timers
 *   worker_hear.c       copies that NATS brings, and a publisher's own node
 *   worker_subscribe.c  which subscriptions there are, and their changes
 *   worker_world.c      the world's sources and faults, as far as they concern its cells
 *
 * Two threads: the loop, and NATS's delivery. Everything here is touched in a turn (live/turn.h).
 */
#ifndef NERVE_LIVE_WORKER_H
#define NERVE_LIVE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "live/board.h"
#include "live/cells.h"
#include "live/clock.h"
#include "live/frame.h"
#include "live/gradients.h"
#include "live/local.h"
#include "live/phases.h"
#include "live/probe.h"
#include "live/synapses.h"
#include "live/timers.h"
#include "live/turn.h"
#include "model/colony.h"
#include "model/subjects.h"
#include "model/workload.h"

enum nature {                  /* of what wakes a cell */
              NATURE_WORLD,    /* a copy that the world sent to it */
              NATURE_LOCAL,    /* a targeted copy of its own node */
              NATURE_SYNAPSE,  /* a targeted copy over a link */
              NATURE_GRADIENT, /* a copy of a publication */
              NATURE_TIMER,
              NATURE_FAULT,
};

struct arrival {
    enum nature nature;
    uint32_t cell;
    uint8_t slot;   /* GRADIENT: of the subscription; else LOCAL_NO_SLOT */
    uint16_t place; /* TIMER: in its type; FAULT: of the fault */
    bool again;     /* GRADIENT: the publication has woken this cell before */
    const struct frame *frame;
};

struct worker_source {
    struct workload_times times;
    uint32_t subject; /* of one that publishes */
};

struct worker_fault {
    int64_t next_line;
    uint32_t chosen; /* own cells that it befalls */
    uint32_t *cell;
    uint32_t subject;
};

/* A NATS subscription that several cells may stand behind (edge), or one (origin). */
struct worker_subscription {
    int64_t handle; /* of gradients; -1: none */
    uint32_t holders;
};

struct worker {
    const struct plan *plan;
    const struct colony *colony;
    struct subjects *subjects; /* of the whole colony, as far as the log has told */
    struct board *board;
    struct board_slot *slot;
    struct tally *tally;
    const char *name; /* of the run */
    uint32_t place, workers, host;
    uint32_t first_node, end_node, first_cell, end_cell;
    bool origin, dynamic; /* fan-out by origin; some reaction changes subscriptions */
    struct turn turn;
    struct versions versions;
    struct cells cells;
    struct timers timers;
    struct local local;
    struct probe probe;
    struct worker_source *source;
    struct worker_fault *fault;
    struct synapses *synapses;
    struct gradients *gradients;
    uint32_t connections;
    int wake_descriptor; /* an eventfd: the other thread left something for the loop */
    int64_t origin_ns;   /* CLOCK_MONOTONIC at the run's 0 */
    bool running, warm;
    bool over;  /* the run is: no cell wakes any more */
    bool ended; /* and what waited here has been counted */
    uint64_t log_at;

    /* Gradients. */
    uint64_t published; /* sequence of this worker's publications */
    uint32_t senders; /* who number publications in order: workers, or nodes (a connection each) */
    uint64_t *heard;  /* edge: by own node x senders: sequence heard last */
    uint64_t *woken;  /* origin, where a cell may get two copies: by own cell x senders */
    size_t woken_bytes;
    struct worker_subscription *subscription;
    uint32_t subscriptions, subscription_room;
    struct map *subscription_of; /* dynamic: by (cell, slot), or (node, pattern): place there */
    const char **template;       /* dynamic: by own cell x slots: the template in the slot */
    size_t template_bytes;
    uint32_t slots;     /* most of a type */
    uint64_t *expected; /* scratch, by worker */
    int64_t next_ns;    /* when the loop means to go on by itself */
    bool linked;        /* something went to synapses since their last turn */

    struct phases phases;
    int64_t storm_until_ns; /* as this worker's own wakes know it */

    /* In a loop over a node's cells the clock is read once in MOMENT_WAKES wakes that do nothing
     * that takes time: it costs as much as such a wake. */
    int64_t moment_ns;
    uint32_t moment_left;

    uint64_t buffer_now[PLACES];
    char *message; /* room for the largest */
};

static inline int64_t worker_now(const struct worker *w) {
    return clock_monotonic_ns() - w->origin_ns;
}

enum { MOMENT_WAKES = 16 };

static inline int64_t worker_moment(struct worker *w) {
    if (w->moment_left == 0) {
        w->moment_ns = worker_now(w);
        return w->moment_ns;
    }
    w->moment_left--;
    return w->moment_ns;
}

static inline bool worker_owns(const struct worker *w, uint32_t cell) {
    return cell >= w->first_cell && cell < w->end_cell;
}

/* The process: never returns. colony and subjects are the coordinator's, as forked. */
struct worker_birth {
    const struct plan *plan;
    const struct colony *colony;
    struct subjects *subjects;
    struct board *board;
    const char *name;
    uint32_t place;
    int core; /* to be pinned to; -1: none */
    pid_t coordinator;
};
_Noreturn void worker_main(const struct worker_birth *birth);

/* Whether the run is over, amid a turn that takes long. */
static inline void worker_look(struct worker *w) {
    w->over = w->over || atomic_load_explicit(&w->board->phase, memory_order_relaxed) >= BOARD_END;
}

/* Takes in what the log says: up to its end as it is now, or up to an entry. */
void worker_take_log(struct worker *w);
void worker_take_log_to(struct worker *w, uint64_t end);
/* Waits for that entry, and takes it in. */
void worker_take_log_past(struct worker *w, uint64_t number);

/* worker_setup.c */
void worker_become(const struct worker_birth *birth);
void worker_init(struct worker *w, const struct worker_birth *birth);
int worker_open(struct worker *w, struct error *error);

/* worker_wake.c */
void worker_wake(struct worker *w, const struct arrival *arrival);
/* Goes on with what waits in this worker; at most `most` items. Returns how many it did. */
uint32_t worker_local(struct worker *w, uint32_t most);

/* worker_send.c */
struct sender {
    uint32_t cell, node;
    int64_t end_ns;          /* of the wake */
    uint32_t scope, version; /* that its cause carried */
    int64_t stimulus_ns;
    uint16_t source;
    bool storm;
    const struct plan_fault *misroute; /* that turns its sends; NULL: none */
};
void worker_effects(struct worker *w, const struct sender *sender,
                    const struct cell_outcome *outcome);
void worker_publish(struct worker *w, const struct sender *sender, uint32_t subject, uint8_t kind,
                    bool misrouted);
void worker_publish_world(struct worker *w, uint32_t source, uint32_t scope, uint32_t version,
                          int64_t emission_ns);
/* A copy is held at a place, and leaves it. */
void worker_hold(struct worker *w, enum tally_place place);
void worker_release(struct worker *w, enum tally_place place, int64_t held_ns);

/* worker_hear.c */
void worker_heard(void *context, uint64_t key, const char *subject, const void *data, size_t bytes);
void worker_serve_own_node(struct worker *w, const struct frame *frame,
                           const struct audience *audience);
/* Copies of the audience that its publisher's own node serves itself (the publisher's own left
 * out). */
uint32_t worker_own_copies(const struct worker *w, const struct audience *audience,
                           uint32_t publisher, uint32_t node);
#define WORKER_PROBE_KEY (1ULL << 63)

struct worker_beat { /* what a probe's gradient carries */
    int64_t due_ns, left_ns;
};

/* worker_subscribe.c */
int worker_subscribe_all(struct worker *w, struct error *error);
/* A cell of this worker changes a slot; template NULL: empties it. */
void worker_change(struct worker *w, uint32_t cell, uint8_t slot, const char *template_text,
                   int64_t now_ns);
/* How many copies of a publication the publisher counted for this node (edge) or cell (origin),
 * which it did when it knew of the log's entries below `position`; `now` of them are there now. */
uint32_t worker_expected(struct worker *w, const char *subject, uint32_t first_cell,
                         uint32_t end_cell, uint8_t slot, uint64_t position, uint32_t now);

/* worker_world.c */
void worker_world_init(struct worker *w);
uint32_t worker_world(struct worker *w, int64_t now_ns, uint32_t most);
int64_t worker_world_next_ns(const struct worker *w);
const struct plan_fault *worker_misroute(const struct worker *w, uint32_t cell, int64_t start_ns);

#endif
