/*
 * Subjects: who hears a publication. A trie of the patterns that cells subscribe to (`*` one token,
 * `>` one or more, last only), and for each subject published so far its audience, cached. A
 * subscribe or unsubscribe drops exactly the audiences of the subjects that its pattern matches.
 *
 * Ownership: subjects_create allocates; an audience belongs to the subjects and lives until
 * released by everyone who holds it. One thread. Deterministic.
 */
#ifndef NERVE_MODEL_SUBJECTS_H
#define NERVE_MODEL_SUBJECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/colony.h"

struct subjects;

/*
 * Who hears a subject: its recipients by node and cell. Entries: one for each matching subscription
 * of each cell (origin fan-out), in order of cell, then slot. Heads: one for each cell, with its
 * first matching slot (edge fan-out). Where no cell matches twice both are the same arrays.
 */
struct audience {
    uint32_t copies, cells, nodes; /* entries, heads, nodes with any */
    const uint32_t *entry_cell;
    const uint8_t *entry_slot;
    const uint32_t *head_cell;
    const uint8_t *head_slot;
    const uint32_t *node;        /* nodes, rising */
    const uint32_t *entry_first; /* by place of the node: its first entry; nodes + 1 of them */
    const uint32_t *head_first;  /* the same of heads */
    const uint32_t *patterns;    /* by place of the node: distinct patterns of it that match */
    uint32_t generation;         /* rises each time that the subject's audience may have changed */
    uint32_t holders;
};

/* Subscribes every cell to its type's static subscriptions. */
struct subjects *subjects_create(const struct colony *colony);
void subjects_destroy(struct subjects *subjects);

/* The number of a subject (no wildcards); interned. */
uint32_t subjects_number(struct subjects *subjects, const char *subject);
uint32_t subjects_count(const struct subjects *subjects);

/* The number of a template ({domain} {node} {cell} {type} {host}) filled in for a cell. The
 * template's address stands for its text: it must be one of the genome's. */
uint32_t subjects_fill(struct subjects *subjects, const char *template_text, uint32_t cell);

/* A subject's text. Valid until the next new subject. */
const char *subjects_text(const struct subjects *subjects, uint32_t subject);

/* A template's text, filled in for a cell. Valid until the next one. */
const char *subjects_fill_text(struct subjects *subjects, const char *template_text, uint32_t cell);

/* The patterns that anybody has subscribed to so far, numbered from 0, and who holds one now:
 * (cell, slot) pairs in order, valid until the next change. Returns how many. */
uint32_t subjects_patterns(const struct subjects *subjects);
uint32_t subjects_holders(struct subjects *subjects, uint32_t pattern, const uint32_t **cell,
                          const uint8_t **slot);

/* The pattern in a cell's slot, or SUBJECTS_NO_PATTERN. */
#define SUBJECTS_NO_PATTERN UINT32_MAX
uint32_t subjects_slot(struct subjects *subjects, uint32_t cell, uint8_t slot);

/* The audience of a subject now. Valid until the next change of subscriptions, unless held. */
const struct audience *subjects_audience(struct subjects *subjects, uint32_t subject);
void subjects_hold(struct subjects *subjects, const struct audience *audience);
void subjects_release(struct subjects *subjects, const struct audience *audience);

/* The place in `node` of a node; UINT32_MAX: it has no recipient. */
uint32_t audience_place(const struct audience *audience, uint32_t node);

/* The place in the heads of a cell; UINT32_MAX: it is none of the recipients. */
uint32_t audience_head(const struct audience *audience, uint32_t cell);

/* How many entries a cell has (its subscriptions that match), and the place of the first. */
uint32_t audience_entries_of(const struct audience *audience, uint32_t cell, uint32_t *first);

/* Rises when a subscribe or unsubscribe that matches the subject takes effect; starts at 1. */
uint32_t subjects_generation(struct subjects *subjects, uint32_t subject);

/* Puts a template, filled in, into a cell's slot (what was there is given up), or empties it. What
 * is there already is subscribed to anew (generations rise); emptying an empty slot does nothing.
 */
void subjects_subscribe(struct subjects *subjects, uint32_t cell, uint8_t slot,
                        const char *template_text);
void subjects_unsubscribe(struct subjects *subjects, uint32_t cell, uint8_t slot);

/* Whether a pattern matches a subject, token by token: the meaning that the trie must have. */
bool subject_matches(const char *pattern, const char *subject);

/* NULL where a text is a well-formed subject (a pattern, where wildcards is true); else what is
 * wrong with it: "an empty token", "white space", "`>` is not last" ... */
const char *subject_mistake(const char *text, bool wildcards);

#endif
