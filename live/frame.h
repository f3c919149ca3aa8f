/*
 * What travels live: one signal's head, at the front of every ZeroMQ frame and NATS payload. The
 * rest of the signal's size is filler, so that a message weighs what the scenario says (a signal
 * smaller than its head weighs as much as the head). Host byte order: all workers are on this
 * machine. What arrives is checked with frame_valid before anything in it is believed.
 */
#ifndef NERVE_LIVE_FRAME_H
#define NERVE_LIVE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_MARK = 0x6e76 }; /* "nv" */

enum frame_flag {
    FRAME_STORM = 1,    /* of a storm */
    FRAME_WORLD = 2,    /* published by the world, not by a cell */
    FRAME_ACK = 4,      /* synapses: the sender waits for an acknowledgement of this one */
    FRAME_FAREWELL = 8, /* synapses: no signal; asks for an acknowledgement before closing */
};

/* Times are of the run's clock (live/clock.h): 0 is its beginning. */
struct frame {
    int64_t emission_ns; /* the end of the wake that sent it */
    int64_t left_ns;     /* it went into the socket */
    int64_t stimulus_ns; /* of the reflex that it belongs to */
    uint64_t sequence;   /* synapses: of (from node, to node), from 1; gradients: of the worker */
    uint32_t sender;     /* cell, or COLONY_NOBODY */
    uint32_t target;     /* cell; of a publication: COLONY_NOBODY */
    uint32_t from_node,
        to_node; /* to_node of a publication: how much of the board's log its publisher knew */
    uint32_t scope, version; /* scope 0: carries none; as model/versions.h counts scopes */
    uint16_t source;         /* 1 + the source that a reflex is measured from; 0: none */
    uint16_t mark;           /* FRAME_MARK */
    uint16_t worker;         /* that sent it */
    uint8_t kind, flags;
};

_Static_assert(sizeof(struct frame) == 64, "one cache line, and a run's smallest message");

/* How many bytes a signal of that size weighs as a message. */
static inline size_t frame_bytes(int64_t size_bytes) {
    return size_bytes > (int64_t)sizeof(struct frame) ? (size_t)size_bytes : sizeof(struct frame);
}

/* Whether what arrived begins with a frame of ours. */
static inline bool frame_valid(const struct frame *frame, size_t bytes, uint32_t kinds) {
    return bytes >= sizeof *frame && frame->mark == FRAME_MARK && frame->kind < kinds;
}

#endif
