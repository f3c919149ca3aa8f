/*
 * Memory of one load: everything that a reader makes on its way from texts to a plan, freed at
 * once. One thread.
 */
#ifndef NERVE_LANGUAGE_ARENA_H
#define NERVE_LANGUAGE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *block;
};

/* Zeroed; lives until arena_deinit. A zeroed arena is ready. */
void *arena_new(struct arena *arena, size_t bytes);
char *arena_text(struct arena *arena, const char *text, size_t bytes);
char *arena_print(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void arena_deinit(struct arena *arena);

#endif
