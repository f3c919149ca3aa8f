#include "model/subjects_names.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/assert.h"
#include "base/memory.h"
#include "model/subjects_map.h"

/* The place in the table of a text, or the empty one where it belongs. */
static uint32_t *names_slot(const struct names *names, const char *text, size_t length,
                            uint32_t hash) {
    for (uint32_t at = hash & names->mask;; at = (at + 1) & names->mask) {
        uint32_t *slot = &names->table[at];
        if (*slot == 0) {
            return slot;
        }
        const struct name *n = &names->name[*slot - 1];
        if (n->hash == hash && n->length == length &&
            memcmp(names->text + n->at, text, length) == 0) {
            return slot;
        }
    }
}

uint32_t names_find(const struct names *names, const char *text, size_t length) {
    if (names->count == 0) {
        return SUBJECTS_NONE;
    }
    /* An empty place holds 0: one below it is SUBJECTS_NONE. */
    return *names_slot(names, text, length, (uint32_t)XXH3_64bits(text, length)) - 1;
}

static void names_grow(struct names *names) {
    names->capacity = names->capacity ? names->capacity * 2 : 16;
    NERVE_ASSERT(names->capacity <= UINT32_MAX / 4);
    names->name = memory_grow(names->name, names->capacity, sizeof *names->name);
    free(names->table);
    names->table = memory_new((size_t)names->capacity * 2, sizeof *names->table);
    names->mask = names->capacity * 2 - 1;
    for (uint32_t i = 0; i < names->count; i++) {
        uint32_t at = names->name[i].hash & names->mask;
        while (names->table[at] != 0) {
            at = (at + 1) & names->mask;
        }
        names->table[at] = i + 1;
    }
}

static void names_store(struct names *names, const char *text, size_t length) {
    if (names->text_bytes + length + 1 > names->text_capacity) {
        names->text_capacity = names->text_capacity * 2 + length + 256;
        names->text = memory_grow(names->text, names->text_capacity, 1);
    }
    memcpy(names->text + names->text_bytes, text, length);
    names->text[names->text_bytes + length] = '\0';
    names->text_bytes += length + 1;
}

uint32_t names_number(struct names *names, const char *text, size_t length) {
    NERVE_ASSERT(length < UINT32_MAX);
    if (names->count == names->capacity) {
        names_grow(names);
    }
    uint32_t hash = (uint32_t)XXH3_64bits(text, length);
    uint32_t *slot = names_slot(names, text, length, hash);
    if (*slot == 0) {
        names->name[names->count] =
            (struct name){.at = names->text_bytes, .length = (uint32_t)length, .hash = hash};
        names_store(names, text, length);
        *slot = ++names->count;
    }
    return *slot - 1;
}

const char *names_text(const struct names *names, uint32_t number) {
    NERVE_ASSERT(number < names->count);
    return names->text + names->name[number].at;
}

void names_deinit(struct names *names) {
    free(names->name);
    free(names->table);
    free(names->text);
    *names = (struct names){0};
}
