/*
 * Templates of subjects: `{domain}`, `{node}`, `{cell}`, `{type}`, `{host}` filled in for a cell.
 * A template's address stands for its text; what a text comes to is remembered under a key that
 * holds only what it depends on, by whoever fills it in.
 *
 * A zeroed struct is empty; templates_deinit frees. One thread. Deterministic.
 */
#ifndef NERVE_MODEL_SUBJECTS_TEMPLATE_H
#define NERVE_MODEL_SUBJECTS_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#include "model/colony.h"
#include "model/subjects_map.h"

enum template_use {
    TEMPLATE_USES_TYPE = 1,
    TEMPLATE_USES_DOMAIN = 2,
    TEMPLATE_USES_NODE = 4,
    TEMPLATE_USES_HOST = 8,
    TEMPLATE_USES_CELL = 16,
};

struct templates {
    struct map number; /* address -> place */
    uint32_t capacity;
    uint32_t *uses; /* by place: a sum of template_use */
    char *text;     /* the one filled in last */
    size_t text_capacity;
};

/* The place of a template, and what it uses. */
uint32_t templates_place(struct templates *templates, const char *text);

static inline uint32_t templates_uses(const struct templates *t, uint32_t place) {
    return t->uses[place];
}

/* Equal for two cells exactly where the template filled in is the same text by what it uses. */
uint64_t templates_key(const struct templates *templates, const struct colony *colony,
                       uint32_t place, uint32_t cell);

/* The text for a cell. Valid until the next one. */
const char *templates_fill(struct templates *templates, const struct colony *colony,
                           const char *text, uint32_t cell);

void templates_deinit(struct templates *templates);

#endif
