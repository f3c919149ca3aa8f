/*
 * The board: memory that a run's processes share, mapped before the first of them is forked. What
 * each must know of the others (phase, origin of the clock, versions raised, subscriptions changed,
 * where the storm stands), and what each has counted, so that a worker's figures outlive it. It
 * carries figures and states, never a signal.
 *
 * Every word has one writer, or is atomic. Pointers in it (names, templates) are those of the
 * process that mapped it, the same in all that it forked.
 */
#ifndef NERVE_LIVE_BOARD_H
#define NERVE_LIVE_BOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "live/synapses.h"
#include "metrics/tally.h"
#include "model/plan.h"

enum board_phase {
    BOARD_OPEN,      /* workers open sockets */
    BOARD_SUBSCRIBE, /* all have; they subscribe their cells */
    BOARD_RUN,       /* the clock runs */
    BOARD_END,       /* no more wakes: what still arrives is counted as in flight */
    BOARD_CLOSE,     /* sockets close, workers end */
};

enum board_state { /* of a worker: how far it has come */
                   STATE_STARTING,
                   STATE_OPEN,
                   STATE_READY,
                   STATE_RUNNING,
                   STATE_ENDED,
                   STATE_CLOSED,
                   STATE_FAILED, /* `error` says why */
                   STATE_GONE,   /* the coordinator saw it die */
};

/* What one worker tells, written by it alone. */
struct board_slot {
    _Atomic int state;
    pid_t pid;                    /* this and the next two by the coordinator, before it forks */
    uint64_t out_links, in_links; /* of its nodes, at most */
    char error[512];
    char warning[256];
    _Atomic uint64_t subscribed; /* subscriptions made so far */
    _Atomic int64_t now_ns;      /* when it last looked at the clock */
    /* The log's entries up to here are taken in. */
    _Atomic uint64_t log_at;
    /* Copies that are on their way to no other worker: in queues of its own. */
    _Atomic uint64_t waiting;
    _Atomic uint64_t behind;             /* interested cells behind */
    _Atomic uint64_t in_library;         /* copies read from NATS and not handed out */
    _Atomic uint64_t dropped_by_library; /* copies that NATS's client dropped, at most */
    _Atomic bool cut;                    /* its connection was lost */
    _Atomic bool cut_slow;               /* because it was too slow */
    _Atomic bool dead;                   /* a beat of its probe waited longer than death_wait */
    _Atomic bool idle;                   /* no source will emit, no timer is set, nothing waits */
    struct tally tally;                  /* its arrays lie in the board too */
} __attribute__((aligned(128)));

/* What happened to the colony that all workers must know, in one order. */
enum board_entry_kind { ENTRY_RAISE, ENTRY_SUBSCRIBE };

struct board_entry {
    _Atomic uint64_t ready; /* its number + 1, once it is whole */
    int64_t time_ns;
    enum board_entry_kind kind;
    uint32_t scope, source;  /* RAISE */
    uint32_t cell, slot;     /* SUBSCRIBE */
    const char *old_subject; /* templates; NULL: nothing */
    const char *new_subject;
};

enum { BOARD_LOG = 1 << 16 }; /* entries kept: as far as a worker may be behind another */

struct board {
    size_t bytes;
    uint32_t workers, nodes;
    _Atomic int phase;
    _Atomic int64_t origin_ns;      /* CLOCK_MONOTONIC at 0 of the run */
    _Atomic int64_t end_ns;         /* when the run ended, by its clock */
    _Atomic int64_t storm_from_ns;  /* INT64_MAX: no storm yet */
    _Atomic int64_t storm_until_ns; /* -1: no wake of it yet */
    char server_url[64], server_log[256];
    uint32_t *worker_first; /* workers + 1: first node of each */
    _Atomic uint64_t log_next;
    struct board_entry *log; /* BOARD_LOG of them */
    struct board_slot *slot; /* by worker */
    /* [from * workers + to]: copies to cells of publications that `from` sent and `to` must hear;
     * those that `to` has heard (woken, dropped or counted in flight). */
    _Atomic uint64_t *published, *heard;
    struct synapses_board *synapses;
};

/* -1: no memory. The tallies are initialised. worker_first: copied. */
int board_map(struct board **out, const struct plan *plan, uint32_t workers,
              const uint32_t *worker_first, struct error *error);
void board_unmap(struct board *board);

/* Adds an entry (its kind's fields filled) and returns its number. NULL entries never are: it waits
 * while a worker is a whole log behind; `turn` is called meanwhile, to take entries in. */
uint64_t board_log(struct board *board, const struct board_entry *entry,
                   void (*turn)(void *context), void *context);

/* The entry of that number; NULL: it is not there yet. */
const struct board_entry *board_entry(const struct board *board, uint64_t number);

/* A misrouted copy is emitted: the storm's begin, if it is the first. */
void board_storm_from(struct board *board, int64_t emission_ns);
/* A wake of the storm has ended. */
void board_storm_until(struct board *board, int64_t end_ns);

#endif
