/*
 * A scenario as a tree of nodes that know where they were written, and (once checked) what they
 * mean. Nodes live in the load's arena; a node belongs to one parent.
 */
#ifndef NERVE_LANGUAGE_TREE_H
#define NERVE_LANGUAGE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/units.h"
#include "scenarios/language/arena.h"

struct key; /* keys.h */

/* A text that nodes come from: a file, or a --set. */
struct source {
    const char *name; /* in messages */
    const char *text;
    size_t bytes;
    const char *directory;       /* of the file, for relative names; "" for none */
    bool is_set;                 /* one line, said without its number */
    bool whole;                  /* a mistake of it is of the whole file: no line is shown */
    bool own_only;               /* names in it are looked for among nerve's own alone */
    uint32_t order;              /* in which it was read: mistakes are said in that order */
    const struct source *parent; /* who extends or names it, and where it says so */
    size_t parent_offset;
    bool named; /* a profile or strategy: named, not extended */
};

enum node_kind { NODE_SCALAR, NODE_MAP, NODE_LIST };

struct node {
    enum node_kind kind;
    bool plain;      /* scalar without quotes */
    bool gone;       /* `~`: takes away */
    bool hit;        /* what it takes away was there */
    bool bad;        /* a mistake has been said of it: nothing more is */
    bool spelled;    /* not written by anyone: a default, spelled out */
    const char *key; /* in its parent map */
    const struct source *key_source;
    size_t key_offset;
    const struct source *source;
    size_t offset;
    const char *text; /* scalar */
    /* What it means, once checked. */
    const struct key *row;
    const char *word; /* one of the row's words (none, edge ...), or NULL */
    enum unit unit;
    int64_t number;
    /* Map or list. */
    uint32_t count;
    struct node *first, *last, *next;
};

struct node *node_new(struct arena *arena, enum node_kind kind, const struct source *source,
                      size_t offset);
void node_append(struct node *parent, struct node *child);
/* Takes a child out. */
void node_remove(struct node *parent, struct node *child);
/* Puts `by` in the place of a child. */
void node_replace(struct node *parent, struct node *child, struct node *by);
/* The child of that key; NULL where there is none, or parent is none or no map. */
struct node *node_child(const struct node *parent, const char *key);
/* The child's place among its siblings. */
uint32_t node_place(const struct node *parent, const struct node *child);
/* A deep copy; *budget counts down by its nodes and it stops (NULL) where that reaches 0. */
struct node *node_copy(struct arena *arena, const struct node *node, int64_t *budget);

/* Line and column, from 1, of a place; column counts code points. */
void source_place(const struct source *source, size_t offset, uint32_t *line, uint32_t *column);

#endif
