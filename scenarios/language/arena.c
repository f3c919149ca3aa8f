#include "scenarios/language/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"

enum { BLOCK_BYTES = 64 << 10 };

struct arena_block {
    struct arena_block *next;
    size_t used, bytes;
    alignas(max_align_t) char data[];
};

void *arena_new(struct arena *arena, size_t bytes) {
    size_t aligned = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_block *block = arena->block;
    if (!block || block->bytes - block->used < aligned) {
        size_t room = aligned > BLOCK_BYTES ? aligned : BLOCK_BYTES;
        block = memory_new(1, sizeof *block + room);
        block->bytes = room;
        block->next = arena->block;
        arena->block = block;
    }
    void *at = block->data + block->used;
    block->used += aligned;
    return at;
}

char *arena_text(struct arena *arena, const char *text, size_t bytes) {
    char *copy = arena_new(arena, bytes + 1);
    memcpy(copy, text, bytes);
    return copy;
}

char *arena_print(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *printed = NULL;
    int length = vasprintf(&printed, format, args);
    va_end(args);
    NERVE_ASSERT(length >= 0);
    char *text = arena_text(arena, printed, (size_t)length);
    free(printed);
    return text;
}

void arena_deinit(struct arena *arena) {
    while (arena->block) {
        struct arena_block *next = arena->block->next;
        free(arena->block);
        arena->block = next;
    }
}
