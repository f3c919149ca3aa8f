/*
 * A set of recipients: (cell, slot) pairs in order, never changed once it is whole, shared by who
 * holds a reference. A pattern's own subscribers are one; an audience looks at one, the pattern's
 * own where a single pattern matches, else a merged one.
 *
 * NULL is the empty set for all functions here but those that make one. One thread.
 */
#ifndef NERVE_MODEL_SUBJECTS_SET_H
#define NERVE_MODEL_SUBJECTS_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "model/colony.h"
#include "model/subjects.h"

struct recipients {
    uint32_t references;
    uint32_t copies; /* pairs */
    bool borrowed;   /* struct and pairs lie in memory of someone else, who outlives it */
    uint32_t *cell;
    uint8_t *slot;
    struct audience *shape; /* NULL: not looked at yet */
};

/* Gives a reference back; the last one frees. */
void recipients_release(struct recipients *set);

/* Frees what a set owns whatever its references: at the end of everything. */
void recipients_free(struct recipients *set);

/* The pairs of all sets (no pair is in two), in order. One reference. */
struct recipients *recipients_merge(struct recipients *const *sets, uint32_t count);

/* What recipients_edit is told of a pair: bits of cell, slot, and whether it is in afterwards. */
static inline uint64_t recipients_pair(uint32_t cell, uint8_t slot, bool in) {
    return (uint64_t)cell << 9 | (uint64_t)slot << 1 | in;
}

/* The set with pairs (rising, none twice) put in or taken out. One reference; the old set stays. */
struct recipients *recipients_edit(const struct recipients *set, const uint64_t *pair,
                                   uint32_t count);

/*
 * The set (not NULL) as an audience, whose arrays live as long as the set; worked out once. `parts`
 * are the sets of single patterns that it was merged from, which tell a node's number of patterns.
 */
const struct audience *recipients_shape(struct recipients *set, const struct colony *colony,
                                        struct recipients *const *parts, uint32_t count);

#endif
