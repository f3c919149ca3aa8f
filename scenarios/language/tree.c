#include "scenarios/language/tree.h"

#include <string.h>

struct node *node_new(struct arena *arena, enum node_kind kind, const struct source *source,
                      size_t offset) {
    struct node *node = arena_new(arena, sizeof *node);
    node->kind = kind;
    node->source = node->key_source = source;
    node->offset = node->key_offset = offset;
    return node;
}

void node_append(struct node *parent, struct node *child) {
    child->next = NULL;
    if (parent->last) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
    parent->count++;
}

static struct node **link_to(struct node *parent, const struct node *child) {
    struct node **at = &parent->first;
    while (*at != child) {
        at = &(*at)->next;
    }
    return at;
}

static void find_last(struct node *parent) {
    parent->last = parent->first;
    while (parent->last && parent->last->next) {
        parent->last = parent->last->next;
    }
}

void node_remove(struct node *parent, struct node *child) {
    *link_to(parent, child) = child->next;
    parent->count--;
    find_last(parent);
}

void node_replace(struct node *parent, struct node *child, struct node *by) {
    by->next = child->next;
    *link_to(parent, child) = by;
    find_last(parent);
}

struct node *node_child(const struct node *parent, const char *key) {
    if (!parent || parent->kind != NODE_MAP) {
        return NULL;
    }
    for (struct node *child = parent->first; child; child = child->next) {
        if (strcmp(child->key, key) == 0) {
            return child;
        }
    }
    return NULL;
}

uint32_t node_place(const struct node *parent, const struct node *child) {
    uint32_t place = 0;
    for (const struct node *at = parent->first; at != child; at = at->next) {
        place++;
    }
    return place;
}

struct node *node_copy(struct arena *arena, const struct node *node, int64_t *budget) {
    if (--*budget < 0) {
        return NULL;
    }
    struct node *copy = arena_new(arena, sizeof *copy);
    *copy = *node;
    copy->first = copy->last = copy->next = NULL;
    copy->count = 0;
    for (const struct node *child = node->first; child; child = child->next) {
        struct node *of_child = node_copy(arena, child, budget);
        if (!of_child) {
            return NULL;
        }
        node_append(copy, of_child);
    }
    return copy;
}

void source_place(const struct source *source, size_t offset, uint32_t *line, uint32_t *column) {
    *line = *column = 1;
    for (size_t i = 0; i < offset && i < source->bytes; i++) {
        if (source->text[i] == '\n') {
            (*line)++;
            *column = 1;
        } else if (((unsigned char)source->text[i] & 0xc0) != 0x80) {
            (*column)++;
        }
    }
}
