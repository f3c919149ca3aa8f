/*
 * Synapses: the targeted links of one worker, over ZeroMQ (docs/live.md). A link is one direction
 * between two nodes, opened on need and closed when idle. Each node of the worker has an endpoint
 * that all of this worker's bind to one ROUTER; a node that has links has a ROUTER of its own that
 * connects (CONNECT_ROUTING_ID, ROUTER_MANDATORY 1, LINGER 0, SNDHWM = RCVHWM = queue_limit, small
 * kernel buffers), so that closing a link closes that link alone. IMMEDIATE stays 0: with 1 libzmq
 * forgets the CONNECT_ROUTING_ID. Instead the socket's monitor says when a connection is there, and
 * copies sent before wait here.
 *
 * Ownership: synapses_open allocates, synapses_close frees; setup's texts and pointers must
 * outlive it. Threads: one at a time (the caller's lock is the fence that ZeroMQ asks for when a
 * socket changes threads). Nothing here blocks. Counts into the tally of the setup: synapses.*,
 * maintenance (ack, farewell), buffers.link (held: from left_ns to arrival), nothing else: the
 * account is the caller's, by what the functions and calls below say.
 */
#ifndef NERVE_LIVE_SYNAPSES_H
#define NERVE_LIVE_SYNAPSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "live/frame.h"
#include "metrics/tally.h"
#include "model/plan.h"

struct synapses;

/*
 * What workers must know of each other, in memory that they share (zeroed before any opens, on a
 * cache line's border): the ports of tcp, and by pair of workers the frames that left and that
 * arrived, each written by one side alone with a plain atomic store. A gap that was told of (lost)
 * counts as arrived: left - arrived is what nobody has told of, yet under way or, at the end, lost
 * with a worker that died.
 */
struct synapses_board;

size_t synapses_board_bytes(uint32_t nodes, uint32_t workers);
uint64_t synapses_board_left(const struct synapses_board *board, uint32_t from, uint32_t to);
uint64_t synapses_board_arrived(const struct synapses_board *board, uint32_t from, uint32_t to);

struct synapses_setup {
    const struct plan *plan; /* synapses.*, genome (sizes) */
    const char *name;        /* of the run: ipc endpoints are @NAME-NODE (abstract) */
    uint32_t worker, workers;
    uint32_t first_node, nodes;   /* this worker's */
    const uint32_t *worker_first; /* workers + 1: first node of each worker */
    uint64_t out_links, in_links; /* of these nodes, at most: what descriptors must do for */
    struct synapses_board *board; /* shared */
    int64_t origin_ns;            /* of the run's clock, may be set later: synapses_start */
    struct tally *tally;
    void *context;
    /* A frame has arrived, whole and valid; borrowed for the call. now_ns: the run's clock. */
    void (*arrived)(void *context, const struct frame *frame, int64_t now_ns);
    /* A copy that had to wait (SYNAPSE_WAITS) has left, or is lost; its sender may wait for more.
     * All three may call synapses_send, none may call synapses_turn. */
    void (*left)(void *context, uint32_t sender);
    /* n copies are gone that nobody will tell of otherwise: a gap in a link's sequence numbers
     * (CAUSE_LOST; kind: of the frame behind the gap), or copies that waited for a peer that is no
     * more (CAUSE_UNREACHABLE). */
    void (*lost)(void *context, enum tally_cause cause, uint8_t kind, uint64_t n);
};

/* File descriptors that a worker of so many nodes and links needs, its peers' links to it counted
 * in. */
uint64_t synapses_descriptors(uint32_t nodes, uint64_t out_links, uint64_t in_links);

/* Binds the nodes' endpoints. NULL with the error's text: no more descriptors, port taken ... */
struct synapses *synapses_open(const struct synapses_setup *setup, struct error *error);
void synapses_close(struct synapses *synapses);

/* All workers have opened, and the run's clock begins: times are CLOCK_MONOTONIC - origin_ns. */
void synapses_start(struct synapses *synapses, int64_t origin_ns);

enum synapse_sent {
    SYNAPSE_SENT,
    SYNAPSE_WAITS,       /* held here until its link is open, or has room (on_full: block) */
    SYNAPSE_FULL,        /* on_full: drop: no room (EAGAIN, looked at twice): CAUSE_QUEUE_LIMIT */
    SYNAPSE_NO_LINK,     /* max_links are open and none is idle: CAUSE_LINKS */
    SYNAPSE_UNREACHABLE, /* the peer is no more (EHOSTUNREACH): CAUSE_UNREACHABLE */
};

/* Sends a signal from frame->from_node to frame->to_node, of frame_bytes(size of its kind) bytes.
 * Opens the link where it must. Fills frame->sequence, left_ns and mark. */
enum synapse_sent synapses_send(struct synapses *synapses, struct frame *frame);

/* Takes what is there, at most `most` frames; carries out acknowledgements, waiting copies, idle
 * closing. Returns how many frames it took: `most` means that there may be more. Must be called
 * before waiting on the descriptor, also after sends on another thread. */
uint32_t synapses_turn(struct synapses *synapses, uint32_t most);

/* Readable when synapses_turn has something to do. */
int synapses_descriptor(const struct synapses *synapses);

/* When synapses_turn has something to do by the clock (idle closing ...); CLOCK_NEVER_NS: never. */
int64_t synapses_next_ns(const struct synapses *synapses);

/* Copies that wait here for room in a link. */
uint64_t synapses_waiting(const struct synapses *synapses);

/* Frames that came a second time (or after their gap was told of); not handed to `arrived`. */
uint64_t synapses_duplicates(const struct synapses *synapses);

/* Frames in links from this worker that its peers have not taken yet, now. */
uint64_t synapses_under_way(const struct synapses *synapses);

/* A worker is no more: its nodes' links close, what waits for them is lost (`lost`). */
void synapses_worker_gone(struct synapses *synapses, uint32_t worker);

#endif
