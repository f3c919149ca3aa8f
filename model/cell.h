/*
 * A cell's reaction: an event in, effects out. Pure: it reads the genome, the colony at birth and
 * the event, draws by key, and returns what is to be done; the driver (sim or live) does it.
 * The one implementation of reactions that every driver uses.
 */
#ifndef NERVE_MODEL_CELL_H
#define NERVE_MODEL_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "model/colony.h"
#include "model/genome.h"

enum { CELL_MAX_EFFECTS = 64 }; /* of one reaction; the language refuses more */

struct cell_event {
    uint32_t cell;
    uint8_t type, state;
    uint32_t column; /* of the genome's table: a signal's place, or signals + timer's place */
    uint32_t wake;   /* number of this wake of the cell, from 0: n of its draws */
    uint32_t sender; /* cell, or COLONY_NOBODY */
    bool newer;      /* the copy carries a version newer than the cell holds of that scope */
    int misrouted;   /* a signal that goes by fault to a subject instead of by synapse, or -1 */
};

enum effect_kind {
    EFFECT_SEND,
    EFFECT_PUBLISH,
    EFFECT_SUBSCRIBE,
    EFFECT_UNSUBSCRIBE,
    EFFECT_SET_TIMER,
    EFFECT_STOP_TIMER
};

struct effect {
    enum effect_kind kind;
    uint8_t signal;      /* SEND, PUBLISH */
    uint8_t slot;        /* subscription's slot, or timer's place */
    uint32_t target;     /* SEND: cell */
    const char *subject; /* PUBLISH, SUBSCRIBE: a template; PUBLISH: NULL: the fault's subject */
    int64_t after_ns;    /* SET_TIMER */
};

struct cell_outcome {
    int64_t work_ns, touch_bytes;
    uint8_t state; /* after the wake */
    bool adopt;
    uint32_t effects;
    struct effect effect[CELL_MAX_EFFECTS]; /* in the order in which they are carried out */
};

/* The case that fits; NULL: none, the cell wakes and does nothing. */
const struct genome_reaction *cell_case(const struct colony *colony,
                                        const struct cell_event *event);

/* What the cell does. Sends to nobody (no sender, no partner that fits) are left out. */
void cell_react(const struct colony *colony, const struct cell_event *event,
                struct cell_outcome *outcome);

#endif
