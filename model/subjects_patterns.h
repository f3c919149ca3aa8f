/*
 * Who subscribes to what: the patterns, each with its set of (cell, slot) pairs, and the slots that
 * were changed since birth. What the subjects are built on.
 *
 * patterns_create subscribes every cell to its type's static subscriptions; 5 bytes a subscription.
 * Changes are noted, and put into a pattern's set when somebody asks for it, so that many of them
 * cost one pass. One thread. Deterministic.
 */
#ifndef NERVE_MODEL_SUBJECTS_PATTERNS_H
#define NERVE_MODEL_SUBJECTS_PATTERNS_H

#include <stddef.h>
#include <stdint.h>

#include "model/colony.h"
#include "model/subjects_map.h"
#include "model/subjects_set.h"
#include "model/subjects_template.h"
#include "model/subjects_trie.h"

struct pattern {
    struct recipients *set; /* NULL: empty */
    uint64_t *note;         /* pairs that changed since, in no order, some several times */
    uint32_t notes, notes_capacity;
    uint32_t changes; /* subscribes and unsubscribes that took effect */
    uint32_t edits;   /* those of them that changed the set */
};

struct patterns {
    const struct colony *colony;
    struct trie trie;
    struct templates *templates; /* not owned */
    struct map filled;           /* template's key -> pattern */
    struct map changed;          /* cell << 8 | slot -> pattern, or PATTERNS_EMPTY */
    struct pattern *pattern;
    uint32_t capacity;
    uint64_t changes; /* of all patterns */
    /* At birth. */
    uint64_t copies;
    uint32_t *cell;
    uint8_t *slot;
    struct recipients *set;
    uint32_t sets;
};

#define PATTERNS_EMPTY (SUBJECTS_NONE - 1)

void patterns_init(struct patterns *patterns, const struct colony *colony,
                   struct templates *templates);
void patterns_deinit(struct patterns *patterns);

/* Puts a template, filled in, into a cell's slot; NULL: empties it. Of an empty slot that stays
 * empty nothing takes effect; a pattern that is there already is subscribed to anew. */
void patterns_change(struct patterns *patterns, uint32_t cell, uint8_t slot,
                     const char *template_text);

/* The pattern that a slot holds now; SUBJECTS_NO_PATTERN: none. */
uint32_t patterns_slot(struct patterns *patterns, uint32_t cell, uint8_t slot);

/* The set of a pattern now; NULL: empty. Not the caller's reference. */
struct recipients *patterns_set(struct patterns *patterns, uint32_t pattern);

#endif
