/*
 * Latencies by phase of the storm: before, during, after (docs/model.md 6). How long a storm lasts
 * is known only once it is over, so what was emitted after its last wake so far is undecided: it
 * waits in a short list, and what had to be taken for `after` is taken back if the storm goes on.
 *
 * Memory of the caller; the tally and the board must outlive it. One thread at a time.
 */
#ifndef NERVE_LIVE_PHASES_H
#define NERVE_LIVE_PHASES_H

#include <stdbool.h>
#include <stdint.h>

#include "live/board.h"

enum { PHASES_UNDECIDED = 1024 };

struct phases {
    struct tally *tally;
    const struct board *board;
    struct phases_record {
        int64_t emission_ns, value_ns;
        uint16_t place; /* of the kind, or of the source */
        bool reflex;    /* of a source */
    } record[PHASES_UNDECIDED];
    uint32_t records;
    /* The storm's begin and end as last looked at: the one only falls, the other only rises, so
     * most copies need not look at what all workers write. */
    int64_t from_ns, until_ns;
    bool after_filled;
    int64_t after_first_ns; /* the earliest emission taken for `after` */
};

void phases_init(struct phases *phases, struct tally *tally, const struct board *board);

/* A latency of a kind of signal, or (reflex) from a source's stimulus. */
void phases_record(struct phases *phases, bool reflex, uint16_t place, int64_t emission_ns,
                   int64_t value_ns);

/* The storm's end is known. */
void phases_settle(struct phases *phases);

#endif
