/*
 * The mistakes of one load: collected, then said in the order of the files, each with its place,
 * line and caret. At one place only the first is kept, so that what follows from it, or what many
 * types inherit, is said once. One thread.
 */
#ifndef NERVE_LANGUAGE_MISTAKES_H
#define NERVE_LANGUAGE_MISTAKES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "scenarios/language/tree.h"

enum { MISTAKES_SAID = 20 };

struct mistake {
    const struct source *source;
    size_t offset;
    const char *text;
};

struct mistakes {
    struct arena *arena;
    uint32_t count, room;
    struct mistake *mistake;
};

void mistakes_add(struct mistakes *mistakes, const struct source *source, size_t offset,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Of a node's value, or of its key; the node is bad from then on, and a bad node adds nothing. */
void mistakes_value(struct mistakes *mistakes, struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void mistakes_key(struct mistakes *mistakes, struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sorts them and says the first MISTAKES_SAID (file NULL: none). Returns how many there are. */
int mistakes_say(struct mistakes *mistakes, FILE *file);
void mistakes_deinit(struct mistakes *mistakes);

#endif
