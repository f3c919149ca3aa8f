/*
 * Memory that must not fail half-way: allocations that end the program with a clear message, and
 * large blocks in huge pages for what is touched at random. Zeroed. Not for input's sizes without
 * a bound of its own.
 */
#ifndef NERVE_BASE_MEMORY_H
#define NERVE_BASE_MEMORY_H

#include <stddef.h>

/* count x bytes, zeroed; freed with free(). Ends the program where the machine has no more. */
void *memory_new(size_t count, size_t bytes);

/* Grows a block made by memory_new; what is new is not zeroed. */
void *memory_grow(void *block, size_t count, size_t bytes);

/* A zeroed mapping in huge pages where the kernel gives them; touched pages alone cost memory. */
void *memory_map(size_t bytes);
void memory_unmap(void *block, size_t bytes);

/* A copy of a text, freed with free(). */
char *memory_text(const char *text);

#endif
