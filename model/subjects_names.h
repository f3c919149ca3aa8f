/*
 * Texts and their numbers, given in order from 0: the tokens of patterns, the subjects.
 *
 * A zeroed struct is empty; names_deinit frees. One thread. Deterministic.
 */
#ifndef NERVE_MODEL_SUBJECTS_NAMES_H
#define NERVE_MODEL_SUBJECTS_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct name {
    uint64_t at; /* in text */
    uint32_t length;
    uint32_t hash;
};

struct names {
    uint32_t count, capacity;
    uint32_t mask; /* of the table */
    struct name *name;
    uint32_t *table; /* numbers + 1; 0: empty */
    char *text;
    size_t text_bytes, text_capacity;
};

/* The number of a text of that length; SUBJECTS_NONE: it has none. */
uint32_t names_find(const struct names *names, const char *text, size_t length);

/* The same; a new text gets the next number. */
uint32_t names_number(struct names *names, const char *text, size_t length);

/* The text of a number, ended by a 0. Valid until the next new text. */
const char *names_text(const struct names *names, uint32_t number);

void names_deinit(struct names *names);

#endif
