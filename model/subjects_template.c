#include "model/subjects_template.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"

enum { TEMPLATE_MAX_PLACES = 1 << 24 };

/* What a name in braces stands for; the text goes on after it. */
static enum template_use placeholder(const char **text) {
    static const struct {
        const char *name;
        enum template_use use;
    } names[] = {{"{type}", TEMPLATE_USES_TYPE},
                 {"{domain}", TEMPLATE_USES_DOMAIN},
                 {"{node}", TEMPLATE_USES_NODE},
                 {"{host}", TEMPLATE_USES_HOST},
                 {"{cell}", TEMPLATE_USES_CELL}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i].name);
        if (strncmp(*text, names[i].name, length) == 0) {
            *text += length;
            return names[i].use;
        }
    }
    NERVE_ASSERT(false && "a template has no other names in braces");
    return 0;
}

static uint32_t uses_of(const char *text) {
    uint32_t uses = 0;
    for (const char *at = strchr(text, '{'); at; at = strchr(at, '{')) {
        uses |= (uint32_t)placeholder(&at);
    }
    return uses;
}

uint32_t templates_place(struct templates *templates, const char *text) {
    uint32_t place = map_get(&templates->number, (uintptr_t)text);
    if (place != SUBJECTS_NONE) {
        return place;
    }
    place = templates->number.count;
    NERVE_ASSERT(place < TEMPLATE_MAX_PLACES);
    if (place == templates->capacity) {
        templates->capacity = templates->capacity ? templates->capacity * 2 : 16;
        templates->uses =
            memory_grow(templates->uses, templates->capacity, sizeof *templates->uses);
    }
    templates->uses[place] = uses_of(text);
    map_put(&templates->number, (uintptr_t)text, place);
    return place;
}

uint64_t templates_key(const struct templates *templates, const struct colony *colony,
                       uint32_t place, uint32_t cell) {
    uint32_t uses = templates->uses[place];
    uint64_t key = (uint64_t)place << 40;
    if (uses == 0) {
        return key;
    }
    if (uses & TEMPLATE_USES_CELL) {
        return key | cell; /* a cell has but one of everything else */
    }
    uint32_t run = 0;
    if (uses & (TEMPLATE_USES_NODE | TEMPLATE_USES_HOST)) {
        uint32_t node = colony_node(colony, cell);
        run = uses & TEMPLATE_USES_NODE ? node : colony_host_of_node(colony, node);
    }
    if (uses & TEMPLATE_USES_DOMAIN) {
        /* Both rise along the cells, so no two pairs of them have one sum. */
        run += colony_domain(colony, cell);
    }
    uint32_t type = uses & TEMPLATE_USES_TYPE ? colony->type[cell] : 0;
    return key | (uint64_t)type << 32 | run;
}

static void text_put(struct templates *templates, size_t *length, const char *text, size_t bytes) {
    if (*length + bytes + 1 > templates->text_capacity) {
        templates->text_capacity = (*length + bytes + 1) * 2;
        templates->text = memory_grow(templates->text, templates->text_capacity, 1);
    }
    memcpy(templates->text + *length, text, bytes);
    *length += bytes;
    templates->text[*length] = '\0';
}

static void text_put_number(struct templates *templates, size_t *length, uint32_t number) {
    char digits[10];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text_put(templates, length, digits + first, sizeof digits - first);
}

static void text_put_use(struct templates *templates, const struct colony *colony, size_t *length,
                         enum template_use use, uint32_t cell) {
    const char *name = NULL;
    switch (use) {
    case TEMPLATE_USES_CELL:
        text_put_number(templates, length, cell);
        return;
    case TEMPLATE_USES_NODE:
        text_put_number(templates, length, colony_node(colony, cell));
        return;
    case TEMPLATE_USES_DOMAIN:
        text_put_number(templates, length, colony_domain(colony, cell));
        return;
    case TEMPLATE_USES_TYPE:
        name = colony->plan->genome.type[colony->type[cell]].name;
        break;
    case TEMPLATE_USES_HOST:
        name = colony->plan->host[colony_host_of_node(colony, colony_node(colony, cell))].name;
        break;
    }
    text_put(templates, length, name, strlen(name));
}

const char *templates_fill(struct templates *templates, const struct colony *colony,
                           const char *text, uint32_t cell) {
    size_t length = 0;
    for (const char *at = text;;) {
        size_t plain = strcspn(at, "{");
        text_put(templates, &length, at, plain);
        at += plain;
        if (*at == '\0') {
            return templates->text;
        }
        enum template_use use = placeholder(&at);
        text_put_use(templates, colony, &length, use, cell);
    }
}

void templates_deinit(struct templates *templates) {
    map_deinit(&templates->number);
    free(templates->uses);
    free(templates->text);
    *templates = (struct templates){0};
}
