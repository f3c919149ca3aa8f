/*
 * A cell's reaction: an event in, effects out. Pure: it reads the genome, the colony at birth and
 * the event, draws by key, and returns what is to be done; the driver (sim or live) does it.
 * The one implementation of reactions that every driver uses.
 */
#ifndef NERVE_MODEL_CELL_H
#define NERVE_MODEL_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
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

/* Draw k of a purpose in this wake. */
static inline uint64_t cell_draw(const struct colony *colony, const struct cell_event *event,
                                 enum rng_purpose purpose, uint32_t k) {
    return rng_draw(colony->plan->run.seed, (uint32_t)purpose | k << 8, event->cell, event->wake);
}

/* What a law gives in this wake: its work, or a timer's time. */
static inline int64_t cell_law(const struct colony *colony, const struct cell_event *event,
                               const struct law *law, enum rng_purpose purpose, uint32_t k) {
    return law->kind == LAW_CONSTANT ? law->a_ns
                                     : law_value(law, cell_draw(colony, event, purpose, k));
}

/* The cell that the k-th send of a reaction goes to in this wake, or COLONY_NOBODY. */
static inline uint32_t cell_target(const struct colony *colony, const struct cell_event *event,
                                   const struct genome_send *send, uint32_t k) {
    const struct genome_choice *choice = &send->choice;
    switch (send->to) {
    case TO_BOND: {
        const struct genome_bond *bond = &colony->plan->genome.type[event->type].bond[send->bond];
        if (!bond->each_time) {
            return colony_bond(colony, event->type, event->cell, send->bond);
        }
        choice = &bond->choice;
        break;
    }
    case TO_SENDER:
        return event->sender;
    case TO_SELF:
        return event->cell;
    case TO_CHOICE:
        break;
    }
    /* A choice of one cell needs no draw. */
    uint64_t bits = choice->cell >= 0 ? 0 : cell_draw(colony, event, RNG_PARTNER, k);
    return colony_choose(colony, choice, event->cell, bits);
}

/* The case that fits; NULL: none, the cell wakes and does nothing. */
const struct genome_reaction *cell_case(const struct colony *colony,
                                        const struct cell_event *event);

/* What the cell does. Sends to nobody (no sender, no partner that fits) are left out. */
void cell_react(const struct colony *colony, const struct cell_event *event,
                struct cell_outcome *outcome);

#endif
