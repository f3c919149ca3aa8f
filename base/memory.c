#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

_Noreturn static void memory_exhausted(size_t count, size_t bytes) {
    fprintf(stderr,
            "nerve: no memory for %zu x %zu bytes: give this machine more, or the colony fewer "
            "cells (colony.cells)\n",
            count, bytes);
    exit(1);
}

void *memory_new(size_t count, size_t bytes) {
    void *block = calloc(count ? count : 1, bytes ? bytes : 1);
    if (!block) {
        memory_exhausted(count, bytes);
    }
    return block;
}

void *memory_grow(void *block, size_t count, size_t bytes) {
    if (bytes && count > SIZE_MAX / bytes) {
        memory_exhausted(count, bytes);
    }
    size_t size = count * bytes;
    void *grown = realloc(block, size > 0 ? size : 1);
    if (!grown) {
        memory_exhausted(count, bytes);
    }
    return grown;
}

enum { HUGE_PAGE = 2 << 20 };

void *memory_map(size_t bytes) {
    /* Only what begins at a huge page's border is given huge pages: map more, and give back what
     * lies before and behind. */
    size_t spare = bytes >= HUGE_PAGE ? HUGE_PAGE : 0;
    size_t length = (bytes ? bytes : 1) + spare;
    char *block = mmap(NULL, length, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block == MAP_FAILED) {
        memory_exhausted(1, bytes);
    }
    if (spare == 0) {
        return block;
    }
    size_t before = (HUGE_PAGE - (uintptr_t)block % HUGE_PAGE) % HUGE_PAGE;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t kept = (bytes + page - 1) / page * page;
    if (before > 0) {
        munmap(block, before);
    }
    size_t behind = (length + page - 1) / page * page - before - kept;
    if (behind > 0) {
        munmap(block + before + kept, behind);
    }
    madvise(block + before, bytes, MADV_HUGEPAGE);
    return block + before;
}

void memory_unmap(void *block, size_t bytes) {
    if (block) {
        munmap(block, bytes ? bytes : 1);
    }
}

char *memory_text(const char *text) {
    size_t bytes = strlen(text) + 1;
    char *copy = memory_new(1, bytes);
    memcpy(copy, text, bytes);
    return copy;
}
