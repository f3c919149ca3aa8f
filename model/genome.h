/*
 * The genome, compiled: what each type of cell does on each signal, in dense tables, so that one
 * load finds the reaction. Built once from the scenario (scenarios/language), never changed, shared
 * by every driver and thread. All places (type, state, signal, ...) are those of the resolved
 * file's maps, from 0.
 */
#ifndef NERVE_MODEL_GENOME_H
#define NERVE_MODEL_GENOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/law.h"

enum {
    GENOME_MAX_SIGNALS = 200, /* signals and the timers of one type share one byte */
    GENOME_MAX_TIMERS = 50,
    GENOME_MAX_TYPES = 200,
    GENOME_MAX_STATES = 250,
    GENOME_MAX_SUBSCRIPTIONS = 250, /* slots of one type */
    GENOME_NONE = 0xffff,           /* no state, no reaction, no type, no bond */
};

struct genome_signal {
    char *name;
    int64_t size_bytes;
    bool carries_version;
};

enum genome_follows { FOLLOWS_NOBODY, FOLLOWS_DOMAIN, FOLLOWS_COLONY };

/* Where a partner may live, seen from the cell that looks for it. */
enum genome_where { WHERE_ANYWHERE, WHERE_SAME_HOST, WHERE_SAME_DOMAIN, WHERE_SAME_NODE };

/* The cells that fit: of a type, in a place, not in another, of one domain, or one cell. */
struct genome_choice {
    uint16_t type;            /* GENOME_NONE: any */
    enum genome_where where;  /* default WHERE_ANYWHERE */
    enum genome_where not_in; /* WHERE_ANYWHERE: nothing is excluded but itself */
    int64_t domain;           /* -1: any */
    int64_t cell;             /* -1: any; else this very cell */
};

struct genome_bond {
    char *name;
    struct genome_choice choice;
    bool each_time; /* drawn anew at each send; else once, at the start */
};

/* A named place for a subscription. A type's static ones come first, in the order of its map;
 * names that only reactions use follow (subject NULL). */
struct genome_subscription {
    char *name;
    char *subject; /* a template; NULL: nothing at birth */
};

struct genome_timer {
    char *name;
    bool at_birth; /* `first` is its law at birth */
    struct law first;
};

enum genome_to { TO_BOND, TO_SENDER, TO_SELF, TO_CHOICE };

struct genome_send {
    uint8_t signal;
    enum genome_to to;
    uint16_t bond; /* TO_BOND: its place in the type */
    struct genome_choice choice;
};

struct genome_publish {
    uint8_t signal;
    char *subject; /* a template without wildcards */
};

struct genome_subscribe { /* under `subscribe` (subject set) or `unsubscribe` (NULL) */
    uint8_t slot;
    char *subject;
};

struct genome_set_timer { /* `stop`: under stop_timer */
    uint8_t timer;
    bool stop;
    struct law after;
};

/* One case of a reaction. Arrays are owned by the genome. */
struct genome_reaction {
    /* when: all must hold. */
    bool when_newer;
    bool when_probability;
    uint64_t probability_ppb; /* 0 .. 1,000,000,000: holds where rng_below(bits, 1e9) is below */
    uint16_t when_from;       /* the sender's type, or GENOME_NONE */
    bool conditional;         /* any of the above */
    uint16_t otherwise;       /* the next case of the list, or GENOME_NONE */
    uint8_t place;            /* of this case in its list: k of its probability's draw */

    bool adopt; /* default true */
    struct law work;
    int64_t touch_bytes;
    uint16_t next; /* state, or GENOME_NONE: stays */

    uint16_t sends, publishes, subscribes, timers; /* counts */
    struct genome_send *send;
    struct genome_publish *publish;
    struct genome_subscribe *subscribe; /* unsubscribes after subscribes, in order */
    struct genome_set_timer *timer;     /* stops after sets, in order */
};

struct genome_type {
    char *name;
    int64_t bytes; /* beside the profile's cell_bytes */
    enum genome_follows follows;
    uint16_t start; /* state */
    uint16_t states, subscriptions, bonds, timers;
    char **state; /* names */
    struct genome_subscription *subscription;
    struct genome_bond *bond;
    struct genome_timer *timer;
    uint32_t first_row; /* row of its state 0 in the table */
};

struct genome {
    uint16_t signals, types;
    struct genome_signal *signal;
    struct genome_type *type;
    /* table[(type.first_row + state) * columns + c]: the first case of what a cell does there, or
     * GENOME_NONE. Column c: a signal's place, or `signals` + the timer's place in its type.
     * Look-ups through `any` and `always` are resolved here. */
    uint32_t columns;
    uint16_t *table;
    uint32_t reactions;
    struct genome_reaction *reaction;
};

/* The first case for a cell of that type, in that state, on that column; NULL: it wakes and does
 * nothing. */
static inline const struct genome_reaction *genome_first(const struct genome *g, uint32_t type,
                                                         uint32_t state, uint32_t column) {
    uint16_t at = g->table[(g->type[type].first_row + state) * g->columns + column];
    return at == GENOME_NONE ? NULL : &g->reaction[at];
}

/* Frees everything that the genome owns. */
void genome_deinit(struct genome *genome);

#endif
